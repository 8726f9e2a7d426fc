"""Variance between effects: agreement of its estimators, its interval in a simulation, and effects that are alike."""

import numpy as np
import pytest

from pipeline.methods.heterogeneity import (
    ESTIMATORS,
    NotConvergedError,
    between,
    dersimonian_laird,
    i2,
    i2_at,
    paule_mandel,
    reml,
    tau2_interval,
    weighted,
)

ALIKE = ([0.5, 0.5, 0.5, 0.5], [0.1, 0.2, 0.1, 0.3])


def restricted_likelihood(tau2, effects, variances, design):
    """Harville's restricted log-likelihood in full matrices, up to a constant."""
    total = np.diag(np.asarray(variances) + tau2)
    precision = np.linalg.inv(total)
    information = design.T @ precision @ design
    rest = effects - design @ np.linalg.solve(information, design.T @ precision @ effects)
    return -0.5 * (np.linalg.slogdet(total)[1] + np.linalg.slogdet(information)[1] + rest @ precision @ rest)


def test_restricted_likelihood_is_highest_at_its_estimate():
    rng = np.random.default_rng(7)
    variances = rng.uniform(0.02, 0.4, 9)
    effects = rng.normal(0, np.sqrt(0.3 + variances))
    design = np.column_stack([np.ones(9), rng.normal(size=9)])
    for x in (np.ones((9, 1)), design):
        tau2 = reml(effects, variances, x)
        top = restricted_likelihood(tau2, effects, variances, x)
        grid = np.linspace(0, 5, 2000)
        assert tau2 > 0
        assert all(restricted_likelihood(one, effects, variances, x) <= top + 1e-12 for one in grid)


def test_all_estimators_are_one_where_variances_are_equal():
    effects = [0.1, 0.9, -0.4, 1.5, 0.2]
    expected = np.var(effects, ddof=1) - 0.05
    for estimator in ESTIMATORS:
        assert between(effects, [0.05] * 5, estimator) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_effects_more_alike_than_chance_leave_no_variance(estimator):
    assert between(*ALIKE, estimator) == 0
    assert between([0.4, 0.5, 0.6], [0.1, 0.1, 0.1], estimator) == 0
    assert between([0.4], [0.1], estimator) == 0


def test_likelihood_without_an_end_gives_no_number(monkeypatch):
    monkeypatch.setattr("pipeline.methods.heterogeneity._TURNS", 1)
    with pytest.raises(NotConvergedError):
        reml([0.1, 3.0, 1.0], [0.1, 0.5, 0.3])


@pytest.mark.parametrize(
    ("effects", "variances"),
    [([1.0], [0.0]), ([1.0, 2.0], [0.1, -0.1]), ([1.0], [0.1, 0.2]), ([np.nan], [0.1]), ([], [])],
)
def test_an_effect_without_a_variance_is_refused(effects, variances):
    with pytest.raises(ValueError, match="variance above 0"):
        weighted(effects, variances)


def test_ends_of_the_interval_are_where_q_is_a_quantile():
    from scipy.stats import chi2

    effects, variances = [0.2, 1.4, 0.9, -0.3, 0.7], [0.05, 0.2, 0.1, 0.15, 0.08]
    low, high = tau2_interval(effects, variances, 0.9)
    assert weighted(effects, variances, low).q == pytest.approx(chi2.ppf(0.95, 4))
    assert weighted(effects, variances, high).q == pytest.approx(chi2.ppf(0.05, 4))
    assert low < paule_mandel(effects, variances) < high


def test_the_interval_covers_the_variance():
    """Exact for normal effects: 1,000 runs, standard error 0.7 points."""
    rng = np.random.default_rng(21)
    inside = 0
    for _ in range(1000):
        variances = rng.uniform(0.05, 0.3, 6)
        found = tau2_interval(rng.normal(1, np.sqrt(0.2 + variances)), variances)
        inside += found is not None and found[0] <= 0.2 <= found[1]
    assert inside / 1000 == pytest.approx(0.95, abs=0.02)


def test_no_interval_where_effects_are_too_much_alike():
    assert tau2_interval(*ALIKE) is None
    assert tau2_interval([0.5], [0.1]) is None


def test_i2_of_q_is_that_of_the_moment_estimate():
    effects, variances = [0.2, 1.4, 0.9, -0.3, 0.7], [0.05, 0.2, 0.1, 0.15, 0.08]
    q = weighted(effects, variances).q
    assert i2_at(dersimonian_laird(effects, variances), variances) == pytest.approx(i2(q, 4))
    assert (i2(3.9, 4), i2(0, 4)) == (0, 0)
