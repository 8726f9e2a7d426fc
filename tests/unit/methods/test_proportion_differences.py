"""Intervals of differences: published examples, other libraries, and what the intervals promise."""

import itertools

import numpy as np
import pytest
from statsmodels.stats.proportion import confint_proportions_2indep

from pipeline.methods import proportion_differences as p


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


@pytest.mark.parametrize(
    ("counts", "published"),
    [((56, 70, 48, 80), (0.0528, 0.3382)), ((9, 10, 3, 10), (0.17, 0.8406)), ((5, 56, 0, 29), (-0.0326, 0.1933))],
)
def test_published_score_intervals(counts, published):
    """Newcombe (1998), Table II, method 6."""
    assert p.miettinen_nurminen(*counts) == pytest.approx(published, abs=5e-5)


@pytest.mark.parametrize("counts", itertools.product((0, 1, 4), (4, 7), (0, 2, 4), (4, 9)))
def test_score_interval_holds_the_difference_and_mirrors(counts):
    e1, n1, e2, n2 = counts
    low, high = p.miettinen_nurminen(e1, n1, e2, n2)
    assert -1 <= low <= e1 / n1 - e2 / n2 <= high <= 1
    assert low < high
    assert p.miettinen_nurminen(e2, n2, e1, n1) == pytest.approx((-high, -low), abs=1e-9)


def test_restricted_share_is_where_the_likelihood_is_largest():
    def likelihood(second: np.ndarray, delta: float) -> np.ndarray:
        return 7 * np.log(second + delta) + 27 * np.log(1 - second - delta) + np.log(second) + 33 * np.log(1 - second)

    for delta in (-0.3, 0.0, 0.2):
        grid = np.linspace(max(0, -delta), min(1, 1 - delta), 100_001)[1:-1]
        best = grid[likelihood(grid, delta).argmax()]
        assert p.restricted_share(7, 34, 1, 34, delta) == pytest.approx(best, abs=2e-5)


def test_score_interval_covers_as_promised():
    from scipy.stats import binom

    n1, n2, p1, p2 = 20, 25, 0.5, 0.3
    weights = np.outer(binom.pmf(range(n1 + 1), n1, p1), binom.pmf(range(n2 + 1), n2, p2))
    ends = {(a, b): p.miettinen_nurminen(a, n1, b, n2) for a in range(n1 + 1) for b in range(n2 + 1)}
    covered = sum(weights[a, b] for (a, b), (low, high) in ends.items() if low <= p1 - p2 <= high)
    assert covered == pytest.approx(0.95, abs=0.015)
