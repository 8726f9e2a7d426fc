"""Published examples, other libraries, and what the intervals promise."""

import itertools

import numpy as np
import pytest
from scipy.stats import binom, binomtest, false_discovery_control
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from pipeline.methods import proportions as p


def test_published_intervals_of_13_of_16():
    assert p.wilson(13, 16) == pytest.approx((0.5699, 0.9341), abs=5e-5)
    assert p.clopper_pearson(13, 16) == pytest.approx((0.5435, 0.9595), abs=5e-5)
    assert p.mid_p(13, 16) == pytest.approx((0.5699, 0.9500), abs=5e-5)


@pytest.mark.parametrize(("events", "n", "level"), [(0, 7, 0.95), (7, 7, 0.9), (1, 30, 0.99), (15, 53, 0.95)])
def test_single_intervals_agree_with_scipy(events, n, level):
    test = binomtest(events, n)
    for ours, name in ((p.wilson, "wilson"), (p.clopper_pearson, "exact")):
        theirs = test.proportion_ci(level, method=name)
        assert ours(events, n, level) == pytest.approx((theirs.low, theirs.high), abs=1e-10)


@pytest.mark.parametrize(("events", "n"), [(0, 12), (12, 12), (3, 17), (9, 10)])
def test_mid_p_limits_have_the_promised_tails(events, n):
    low, high = p.mid_p(events, n)
    if events:
        assert binom.sf(events, n, low) + binom.pmf(events, n, low) / 2 == pytest.approx(0.025)
    else:
        assert low == 0
    if events < n:
        assert binom.cdf(events, n, high) - binom.pmf(events, n, high) / 2 == pytest.approx(0.025)
    else:
        assert high == 1


def test_intervals_cover_as_promised():
    """Exact coverage at p = 0.3, n = 40: sums over all outcomes, no simulation."""
    n, truth = 40, 0.3
    weights = binom.pmf(np.arange(n + 1), n, truth)
    covers = {
        f: sum(w for x, w in enumerate(weights) if f(x, n)[0] <= truth <= f(x, n)[1])
        for f in (p.wilson, p.clopper_pearson)
    }
    assert covers[p.wilson] == pytest.approx(0.95, abs=0.02)
    assert covers[p.clopper_pearson] >= 0.95


def test_published_independent_difference():
    assert p.newcombe_independent(7, 34, 1, 34) == pytest.approx((0.0189, 0.3404), abs=5e-5)


@pytest.mark.parametrize("counts", [(7, 34, 1, 34), (0, 10, 0, 12), (10, 10, 0, 12), (27, 53, 14, 30)])
def test_independent_difference_agrees_with_statsmodels(counts):
    theirs = confint_proportions_2indep(*counts, method="newcomb", compare="diff")
    assert p.newcombe_independent(*counts) == pytest.approx(theirs, abs=1e-9)


def test_published_paired_difference():
    """Airway hyper-responsiveness of 21 children, in Fagerland, Lydersen and Laake (2014)."""
    assert p.newcombe_paired(1, 1, 7, 12) == pytest.approx((-0.507, -0.026), abs=5e-4)
    assert p.tango(1, 7, 21) == pytest.approx((-0.517, -0.026), abs=5e-4)


def test_paired_interval_mirrors_when_the_readings_swap():
    low, high = p.newcombe_paired(20, 9, 3, 14)
    assert p.newcombe_paired(20, 3, 9, 14) == pytest.approx((-high, -low))
    assert p.tango(3, 9, 46) == pytest.approx(tuple(-end for end in reversed(p.tango(9, 3, 46))))


@pytest.mark.parametrize("table", itertools.product((0, 2, 11), repeat=4))
def test_paired_intervals_hold_the_difference(table):
    if sum(table):
        a, b, c, d = table
        for low, high in (p.newcombe_paired(a, b, c, d), p.tango(b, c, sum(table))):
            assert -1 <= low <= (b - c) / sum(table) <= high <= 1


def test_paired_interval_covers_in_a_simulation():
    rng = np.random.default_rng(5)
    truth = np.array([0.35, 0.25, 0.10, 0.30])
    tables = rng.multinomial(60, truth, size=2000)
    for interval in (lambda t: p.newcombe_paired(*t), lambda t: p.tango(t[1], t[2], 60)):
        inside = [low <= 0.15 <= high for low, high in map(interval, tables.tolist())]
        assert np.mean(inside) == pytest.approx(0.95, abs=0.02)


def test_fisher_on_the_tea_tasting_table():
    assert p.fisher(3, 4, 1, 4) == pytest.approx(34 / 70)
    assert p.fisher(0, 5, 0, 8) == 1


@pytest.mark.parametrize(("b", "c"), [(0, 0), (1, 7), (5, 5), (12, 2)])
def test_exact_paired_tests_agree_with_the_binomial(b, c):
    theirs = binomtest(b, b + c).pvalue if b + c else 1
    assert p.mcnemar_exact(b, c) == p.sign_test(c, b) == pytest.approx(theirs)


def test_holm_agrees_with_statsmodels_and_passes_gaps_over():
    values = [0.01, 0.04, 0.03, 0.005, 0.6]
    assert p.holm(values) == pytest.approx(multipletests(values, method="holm")[1])
    assert p.holm([0.01, None, 0.04]) == [0.02, None, 0.04]
    assert p.holm([]) == []
    assert max(p.holm(values)) >= max(false_discovery_control(values))


def test_impossible_counts_are_refused():
    for events, n in ((1, 0), (3, 2), (-1, 4)):
        with pytest.raises(ValueError, match="not a proportion"):
            p.wilson(events, n)


def test_wilson_agrees_with_statsmodels_for_many_sizes():
    for n in (1, 2, 5, 80):
        for events in range(n + 1):
            assert p.wilson(events, n) == pytest.approx(proportion_confint(events, n, method="wilson"), abs=1e-12)
