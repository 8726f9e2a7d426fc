"""Alpha and item correlations: by hand, by other libraries, recovered, and where they don't exist."""

import numpy as np
import pytest
from scipy.stats import f, spearmanr

from pipeline.methods import reliability
from tests.unit.methods.result_checks import CONTEXT, answers, check, instrument, one, pick, surveys


def scale(matrix, **keys):
    items = [f"i{place}" for place in range(np.shape(matrix)[1])]
    return surveys(
        answers({i: list(column) for i, column in zip(items, zip(*matrix, strict=True), strict=True)}, **keys)
    )


def items(n, reverse=()):
    return instrument([f"i{place}" for place in range(n)], reverse)


def test_alpha_by_hand():
    """Variances written out from the deviations: item means 2.5, 3 and 2.25, mean sum 7.75."""
    matrix = [[1, 1, 1], [2, 3, 2], [3, 4, 2], [4, 4, 4]]
    sums = [3, 7, 9, 12]
    total = sum((s - 7.75) ** 2 for s in sums) / 3
    parts = 5 / 3 + 2 + (1.25**2 + 0.25**2 * 2 + 1.75**2) / 3
    row = one(check(reliability.alpha(scale(matrix), items(3), CONTEXT)), statistic="alpha")
    assert row.value == pytest.approx(1.5 * (1 - parts / total))
    assert (row.n, row.missing, row.service) == (4, 0, "all")


def test_feldt_interval_is_the_anova_of_persons_by_items():
    """1 - alpha is the F ratio of residual to persons, so the interval follows from F quantiles (Feldt 1965)."""
    rng = np.random.default_rng(16)
    scores = rng.integers(1, 5, (30, 6)) + rng.integers(0, 3, (30, 1))
    grand, persons, columns = scores.mean(), scores.mean(axis=1), scores.mean(axis=0)
    between = 6 * ((persons - grand) ** 2).sum() / 29
    residual = ((scores - persons[:, None] - columns + grand) ** 2).sum() / (29 * 5)
    value = reliability.cronbach(scores.astype(float))
    assert value == pytest.approx(1 - residual / between)
    expected = (1 - (1 - value) * f.ppf(0.975, 29, 145), 1 - (1 - value) * f.ppf(0.025, 29, 145))
    assert reliability.feldt(value, 30, 6) == pytest.approx(expected)


def test_alpha_is_recovered_from_parallel_items():
    """Items of equal loading: alpha = k r / (1 + (k - 1) r) (Spearman and Brown 1910)."""
    rng = np.random.default_rng(17)
    scores = rng.normal(size=(4000, 1)) + rng.normal(size=(4000, 5))
    truth = 5 * 0.5 / (1 + 4 * 0.5)
    value = reliability.cronbach(scores)
    assert value == pytest.approx(truth, abs=0.01)
    low, high = reliability.feldt(value, 4000, 5)
    assert low < truth < high


def test_reverse_items_are_turned_round():
    matrix = np.array([[1, 1, 4], [2, 3, 3], [3, 4, 2], [4, 4, 1], [2, 2, 2]])
    straight = np.column_stack([matrix[:, :2], 5 - matrix[:, 2]])
    turned = one(reliability.alpha(scale(matrix.tolist()), items(3, ["i2"]), CONTEXT), statistic="alpha")
    plain = one(reliability.alpha(scale(straight.tolist()), items(3), CONTEXT), statistic="alpha")
    assert turned.value == pytest.approx(plain.value)
    rows = pick(reliability.correlations(scale(matrix.tolist()), items(3, ["i2"]), CONTEXT), term="i2")
    assert (rows["value"] > 0).all()


def test_incomplete_and_special_answers_are_left_out_and_counted():
    matrix = [[1, 1], [2, 3], [3, 4], [4, 4], [None, 2], ["n-a", 3]]
    row = one(check(reliability.alpha(scale(matrix), items(2), CONTEXT)), statistic="alpha")
    assert (row.n, row.missing) == (4, 2)


@pytest.mark.parametrize(
    ("matrix", "n_items", "reason"),
    [
        ([[1, 2], [2, 3]], 2, "too few rows"),
        ([[1], [2], [3], [4]], 1, "too few items"),
        ([[2, 3]] * 6, 2, "no variation"),
        ([[None, 2]] * 6, 2, "no rows"),
    ],
)
def test_no_alpha_has_a_reason(matrix, n_items, reason):
    row = one(check(reliability.alpha(scale(matrix), items(n_items), CONTEXT)), statistic="alpha")
    assert np.isnan(row.value)
    assert row.reason == reason


def test_no_rows_at_all():
    results = check(reliability.alpha(surveys([]), items(2), CONTEXT))
    assert results.estimates["reason"].tolist() == ["no rows"]
    assert check(reliability.correlations(surveys([]), items(2), CONTEXT)).estimates.empty


def test_correlations_agree_with_scipy():
    rng = np.random.default_rng(18)
    matrix = np.clip(rng.integers(1, 5, (40, 3)) + rng.integers(-1, 2, (40, 1)), 1, 4)
    results = check(reliability.correlations(scale(matrix.tolist()), items(3), CONTEXT))
    assert len(results.estimates) == 3
    row = one(results, item="i0", term="i2")
    theirs = spearmanr(matrix[:, 0], matrix[:, 2])
    assert (row.value, row.p) == pytest.approx((theirs.statistic, theirs.pvalue))


def test_correlation_interval_covers_in_a_simulation():
    """Bivariate normal with r = 0.6: Spearman's is 6 / pi * asin(r / 2)."""
    rng = np.random.default_rng(19)
    truth, inside = 6 / np.pi * np.arcsin(0.3), []
    for _ in range(500):
        pairs = rng.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], 60)
        _, low, high, _ = reliability.spearman(pairs)
        inside.append(low <= truth <= high)
    assert np.mean(inside) == pytest.approx(0.95, abs=0.03)


def test_correlations_use_all_who_answered_both():
    matrix = [[1, 1, 4], [2, 3, 3], [3, 4, None], [4, 4, 1], [2, 2, 2]]
    results = check(reliability.correlations(scale(matrix), items(3), CONTEXT))
    assert one(results, item="i0", term="i1").n == 5
    assert (one(results, item="i0", term="i2").n, one(results, item="i0", term="i2").missing) == (4, 1)


def test_perfect_constant_and_few():
    same = one(reliability.correlations(scale([[1, 1], [2, 2], [3, 3], [4, 4]]), items(2), CONTEXT))
    assert (same.value, same.p) == (pytest.approx(1), 0)
    flat = one(reliability.correlations(scale([[1, 2], [2, 2], [3, 2], [4, 2]]), items(2), CONTEXT))
    assert flat.reason == "no variation"
    few = one(reliability.correlations(scale([[1, 2], [2, 2]]), items(2), CONTEXT))
    assert few.reason == "too few rows"


def test_each_wave_has_its_own_alpha():
    rows = answers({"i0": [1, 2, 3], "i1": [1, 2, 4]}) + answers({"i0": [3, 2, 4], "i1": [3, 3, 4]}, wave="w2")
    results = check(reliability.alpha(surveys(rows), items(2), CONTEXT))
    assert results.estimates["wave"].tolist() == ["w1", "w2"]
