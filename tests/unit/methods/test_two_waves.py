"""Partly the same persons: both limits are known intervals, and coverage and level are kept in a simulation."""

import numpy as np
import pytest

from pipeline.methods.proportion_differences import newcombe_independent, newcombe_paired
from pipeline.methods.two_waves import TwoWaves


def drawn(rng: np.random.Generator, pairs: int, after: int, before: int, shares: list[float]) -> TwoWaves:
    """Pairs from the table of ``shares`` (kept, gained, lost, never), and persons of one wave only."""
    kept, gained, lost, never = rng.multinomial(pairs, shares).tolist()
    now, then = rng.binomial(after, shares[0] + shares[1]), rng.binomial(before, shares[0] + shares[2])
    sizes = kept + gained + now, pairs + after, kept + lost + then, pairs + before
    return TwoWaves(*map(int, sizes), kept, gained, lost, never)


def test_without_pairs_it_is_the_interval_of_different_persons():
    counts = TwoWaves(20, 26, 7, 20)
    assert counts.interval(0.9) == pytest.approx(newcombe_independent(20, 26, 7, 20, 0.9))
    assert counts.correlation() == 0
    assert counts.variance() == pytest.approx(20 * 6 / 26**3 + 7 * 13 / 20**3)


def test_with_pairs_only_it_is_the_interval_of_the_same_persons():
    counts = TwoWaves(29, 46, 23, 46, 20, 9, 3, 14)
    assert counts.interval() == pytest.approx(newcombe_paired(20, 9, 3, 14))
    assert counts.variance() == pytest.approx((9 + 3) / 46**2 - (9 - 3) ** 2 / 46**3)


def test_persons_who_answer_alike_make_the_interval_narrower():
    alike, unlike = TwoWaves(20, 40, 14, 30, 8, 2, 1, 9), TwoWaves(20, 40, 14, 30, 2, 8, 7, 3)
    assert np.diff(alike.interval()) < np.diff(unlike.interval())
    assert alike.p() < unlike.p()
    assert alike.difference == unlike.difference


def test_all_alike_is_no_difference():
    for counts in (TwoWaves(5, 5, 7, 7, 3, 0, 0, 0), TwoWaves(0, 4, 0, 4, 0, 0, 0, 4)):
        assert (counts.difference, counts.p(), counts.variance()) == (0, 1, 0)
        low, high = counts.interval()
        assert low < 0 < high


def test_everybody_changed():
    counts = TwoWaves(6, 6, 0, 6, 0, 6, 0, 0)
    assert counts.difference == 1
    assert counts.p() < 0.001
    assert counts.interval()[1] == 1


def test_interval_and_test_keep_their_promise_in_a_simulation():
    rng = np.random.default_rng(8)
    shares = [0.4, 0.12, 0.12, 0.36]
    draws = [drawn(rng, 40, 30, 20, shares) for _ in range(3000)]
    # 3,000 draws: a standard error of 0.4 points.
    assert np.mean([low <= 0 <= high for low, high in (one.interval() for one in draws)]) == pytest.approx(
        0.95, abs=0.015
    )
    assert np.mean([one.p() <= 0.05 for one in draws]) == pytest.approx(0.05, abs=0.015)


def test_variance_is_that_of_the_difference_over_many_draws():
    rng = np.random.default_rng(9)
    draws = [drawn(rng, 60, 30, 45, [0.3, 0.25, 0.1, 0.35]) for _ in range(3000)]
    observed = np.var([one.difference for one in draws])
    assert np.mean([one.variance() for one in draws]) == pytest.approx(observed, rel=0.1)


def test_counts_add_up():
    assert TwoWaves(1, 2, 1, 3, 1) + TwoWaves(2, 4, 0, 1, 0, 1) == TwoWaves(3, 6, 1, 4, 1, 1)
