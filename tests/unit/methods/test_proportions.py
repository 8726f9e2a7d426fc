"""Intervals of one proportion: published examples, other libraries, and what the intervals promise."""

import numpy as np
import pytest
from scipy.stats import beta, binom, binomtest
from statsmodels.stats.proportion import proportion_confint

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


def test_impossible_counts_are_refused():
    for events, n in ((1, 0), (3, 2), (-1, 4)):
        with pytest.raises(ValueError, match="not a proportion"):
            p.wilson(events, n)


def test_wilson_agrees_with_statsmodels_for_many_sizes():
    for n in (1, 2, 5, 80):
        for events in range(n + 1):
            assert p.wilson(events, n) == pytest.approx(proportion_confint(events, n, method="wilson"), abs=1e-12)


@pytest.mark.parametrize(("events", "n"), [(0, 12), (12, 12), (3, 17), (1, 2)])
def test_jeffreys_has_equal_tails_but_at_the_ends(events, n):
    low, high = p.jeffreys(events, n, 0.9)
    shape = beta(events + 0.5, n - events + 0.5)
    assert shape.cdf(low) == pytest.approx(0.05 if events else 0)
    assert shape.sf(high) == pytest.approx(0.05 if events < n else 0)
    if 0 < events < n:
        assert (low, high) == pytest.approx(proportion_confint(events, n, 0.1, method="jeffreys"))


@pytest.mark.parametrize("name", p.INTERVALS)
def test_every_interval_holds_the_share_and_mirrors(name):
    interval, method = p.INTERVALS[name]
    assert "19" in method or "20" in method
    for events in range(10):
        low, high = interval(events, 9, 0.5)
        assert 0 <= low <= events / 9 <= high <= 1
        assert interval(9 - events, 9, 0.5) == pytest.approx((1 - high, 1 - low))
