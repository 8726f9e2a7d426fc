import numpy as np
import pytest
from scipy.optimize import linprog

from pipeline.methods.proportional_odds import COLLINEAR, ONE_ANSWER, SEPARATED, Fit, Unfit, fit

CUTS = (-1.5, -0.5, 0.5, 1.5)


def simulated(n, services, effect=0.4, spread=0.6, seed=1):
    rng = np.random.default_rng(seed)
    service, wave = rng.integers(0, services, n), rng.integers(0, 2, n)
    eta = effect * wave + rng.normal(0, spread, services)[service]
    return np.searchsorted(CUTS, eta + rng.logistic(size=n)) + 1, wave, service


def fitted(*arguments, **named) -> Fit:
    found = fit(*arguments, **named)
    assert isinstance(found, Fit), found
    return found


def test_coefficient_thresholds_and_effects_of_a_simulation_are_found():
    rng = np.random.default_rng(3)
    service, wave = np.repeat([0, 1, 2], 8000), rng.integers(0, 2, 24000)
    eta = 0.5 * wave + np.array([0.0, -0.7, 1.2])[service]
    codes = np.searchsorted(CUTS, eta + rng.logistic(size=24000))
    found = fitted(codes, wave, groups=service)
    # Four standard errors: about 1 in 16,000 by chance, and the seed is fixed.
    assert abs(found.coefficients[0] - 0.5) < 4 * found.se()[0]
    assert (abs(found.thresholds - CUTS) < 4 * np.sqrt(np.diag(found.covariance)[:4])).all()
    assert (abs(found.effects - [0, -0.7, 1.2])[1:] < 4 * np.sqrt(found.effect_variances[1:])).all()
    assert found.reference == 0
    assert found.gradient < 1e-6


def test_a_positive_coefficient_means_higher_codes():
    assert fitted([1, 2, 2, 3, 1, 1, 2, 3, 2, 3, 3, 1], [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1]).coefficients[0] > 0


@pytest.mark.parametrize("unit", [1e-7, 1e6])
def test_the_unit_of_a_column_does_not_matter(unit):
    codes, wave, service = simulated(300, 3)
    days = np.random.default_rng(6).normal(200, 30, 300)
    found, other = (fitted(codes, np.column_stack([wave, days * one]), service) for one in (1, unit))
    assert other.coefficients * [1, unit] == pytest.approx(found.coefficients, rel=1e-6)
    assert other.se(robust=True) * [1, unit] == pytest.approx(found.se(robust=True), rel=1e-6)


def test_groups_are_the_same_as_dummies():
    codes, wave, service = simulated(400, 5)
    dummies = (service[:, None] == np.arange(1, 5)).astype(float)
    dense = fitted(codes, np.column_stack([wave, dummies]), service)
    found = fitted(codes, wave, service, service)
    assert found.coefficients[0] == pytest.approx(dense.coefficients[0], abs=1e-10)
    assert found.effects[1:] == pytest.approx(dense.coefficients[1:], abs=1e-9)
    assert np.sqrt(found.effect_variances[1:]) == pytest.approx(dense.se()[1:], abs=1e-9)
    assert found.se(robust=True)[0] == pytest.approx(dense.se(robust=True)[0], abs=1e-9)
    assert found.log_likelihood == pytest.approx(dense.log_likelihood, abs=1e-9)


def test_weights_count_as_so_many_rows():
    codes, wave, service = simulated(120, 3)
    times = np.random.default_rng(2).integers(0, 4, 120)
    weighted = fitted(codes, wave, service, service, weights=times)
    repeated = fitted(*(np.repeat(one, times) for one in (codes, wave, service, service)))
    assert weighted.coefficients == pytest.approx(repeated.coefficients, abs=1e-10)
    assert weighted.robust == pytest.approx(repeated.robust, abs=1e-10)
    assert weighted.n == times.sum()


def test_many_rows_are_counted_together_without_a_difference():
    codes, wave, service = simulated(2600, 4)
    # A second column, different in every row, keeps the rows apart; orthogonal noise of size 0 changes nothing.
    together = fitted(codes, wave, service, service)
    halves = [np.concatenate([one, one]) for one in (codes, wave, service)]
    twice = fitted(halves[0], halves[1], halves[2], halves[2])
    assert together.coefficients == pytest.approx(twice.coefficients, abs=1e-10)
    assert together.log_likelihood * 2 == pytest.approx(twice.log_likelihood, rel=1e-12)
    few = fitted(codes[:1500], wave[:1500], groups=service[:1500])
    shuffled = np.random.default_rng(0).permutation(1500)
    again = fitted(codes[shuffled], wave[shuffled], groups=service[shuffled])
    assert few.coefficients == pytest.approx(again.coefficients, abs=1e-10)


def test_one_column_that_differs_in_every_row_is_not_counted_together():
    codes, wave, service = simulated(3000, 3)
    noise = np.random.default_rng(4).normal(size=3000)
    found = fitted(codes, np.column_stack([wave, noise]), service)
    assert abs(found.coefficients[1]) < 4 * found.se()[1]
    assert found.robust is not None


def test_a_code_that_nobody_gave_has_no_threshold():
    codes, wave, _ = simulated(200, 2)
    kept = codes != 3
    found = fitted(codes[kept], wave[kept])
    assert list(found.categories) == [1, 2, 4, 5]
    assert len(found.thresholds) == 3


def test_labels_of_groups_and_clusters_may_be_words():
    codes, wave, service = simulated(200, 3)
    names = np.array(["west", "east", "north"])[service]
    found = fitted(codes, wave, names, names)
    assert list(found.groups) == ["east", "north", "west"]
    assert list(found.cluster_names) == ["east", "north", "west"]
    assert found.coefficients == pytest.approx(fitted(codes, wave, groups=service).coefficients, abs=1e-10)


@pytest.mark.parametrize(
    ("codes", "design", "reason"),
    [
        (np.repeat([1, 2], 10), np.repeat([0, 1], 10), SEPARATED),
        (np.r_[np.ones(13), np.full(4, 2), np.full(3, 3)].astype(int), np.repeat([0, 1], 10), SEPARATED),
        (np.ones(20, dtype=int), np.repeat([0, 1], 10), ONE_ANSWER),
        (np.array([], dtype=int), np.zeros((0, 1)), ONE_ANSWER),
        (np.array([2]), np.array([[1.0]]), ONE_ANSWER),
        (np.tile([1, 2, 3, 4], 5), np.ones(20), COLLINEAR),
        (np.tile([1, 2, 3, 4], 5), np.repeat([[0, 0], [1, 2]], 10, axis=0), COLLINEAR),
    ],
)
def test_what_cannot_be_fitted_says_why(codes, design, reason):
    assert fit(codes, design) == Unfit(reason)


def is_separated(codes, design):
    """By linear programming: is there a direction in which no row's probability falls and some row's grows?"""
    cuts, rows = codes.max(), []
    for code, row in zip(codes, design, strict=True):
        for at, sign in ((code, 1), (code - 1, -1)):
            if 0 <= at < cuts:
                rows.append(np.concatenate([sign * np.eye(cuts)[at], -sign * row]))
    away = np.array(rows)
    bounds = [(-1, 1)] * away.shape[1]
    return linprog(-away.sum(axis=0), A_ub=-away, b_ub=np.zeros(len(away)), bounds=bounds).fun < -1e-7


def test_there_is_a_fit_where_there_is_a_maximum_and_only_there():
    rng, seen = np.random.default_rng(11), {SEPARATED: 0, "fit": 0}
    for number in range(200):
        n, terms = rng.integers(4, 25), rng.integers(1, 4)
        design = rng.integers(0, 2, (n, terms)) if number % 2 else rng.normal(size=(n, terms)).round(1)
        codes = np.unique(rng.integers(0, rng.integers(2, 6), n), return_inverse=True)[1]
        if codes.max() == 0 or np.linalg.matrix_rank(np.column_stack([np.ones(n), design])) <= terms:
            continue
        found = fit(codes, design)
        assert isinstance(found, Unfit) == is_separated(codes, design)
        seen["fit" if isinstance(found, Fit) else found.reason] += 1
    assert min(seen.values()) > 10


def test_a_group_of_highest_answers_only_has_no_effect_and_no_influence():
    codes, wave, service = simulated(200, 3)
    more = [np.r_[one, extra] for one, extra in ((codes, [5] * 6), (wave, [0, 1] * 3), (service, [7] * 6))]
    found = fitted(more[0], more[1], more[2], more[2])
    assert np.isnan(found.effects[3])
    assert found.clusters == 3
    assert found.n == 200
    assert found.coefficients == pytest.approx(fitted(codes, wave, groups=service).coefficients, abs=1e-12)


def test_where_the_first_group_has_no_effect_the_next_is_the_reference():
    codes, wave, service = simulated(200, 3)
    found = fitted(np.r_[[1] * 5, codes], np.r_[[0, 1, 0, 1, 1], wave], groups=np.r_[[0] * 5, service + 1])
    assert found.reference == 1
    assert np.isnan(found.effects[0])
    assert found.effects[1] == 0


def test_one_cluster_gives_no_robust_errors():
    codes, wave, _ = simulated(60, 2)
    found = fitted(codes, wave, np.zeros(60))
    assert found.robust is None
    assert np.isnan(found.se(robust=True)).all()
