"""Inverse distribution functions against SciPy's distributions and hand calculation; streams and ids."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from pipeline.methods.simulate_draws import (
    geometric,
    logistic,
    normal,
    pick,
    pseudonyms,
    stream,
    triangular,
    zero_truncated,
    zero_truncated_cdf,
)
from schemas.simulation import Spread

GRID = (np.arange(20_000) + 0.5) / 20_000


@pytest.mark.parametrize(("mean", "dispersion"), [(1.05, 0.3), (4.0, 0.7), (9.0, 2.5), (30.0, 0.01)])
def test_zero_truncated_negative_binomial_is_scipys(mean: float, dispersion: float) -> None:
    cdf = zero_truncated_cdf(mean, dispersion)
    counts = np.arange(1, len(cdf) + 1)
    mass = np.diff(cdf, prepend=0)
    assert cdf[-1] == pytest.approx(1, abs=1e-10)
    assert (counts * mass).sum() == pytest.approx(mean, rel=1e-8)
    # SciPy's untruncated distribution with the same ratio of the first two probabilities
    size = 1 / dispersion
    odds = mass[1] / mass[0] * 2 / (1 + size)
    untruncated = stats.nbinom(size, 1 - odds)
    assert np.allclose(mass, untruncated.pmf(counts) / (1 - untruncated.pmf(0)), atol=1e-9)


def test_zero_truncated_draws_follow_the_distribution() -> None:
    drawn = zero_truncated(GRID, 5.0, 0.7)
    assert drawn.min() == 1
    assert drawn.mean() == pytest.approx(5, abs=0.01)


def test_zero_truncated_refuses_a_mean_that_it_can_not_have() -> None:
    with pytest.raises(ValueError, match="mean > 1"):
        zero_truncated(GRID, 1.0, 0.5)


def test_geometric_has_its_mean_and_its_share_of_zeros() -> None:
    drawn = geometric(GRID, 0.25)
    assert drawn.mean() == pytest.approx(1 / 3, abs=0.002)
    assert (drawn == 0).mean() == pytest.approx(0.75, abs=0.001)
    assert geometric(GRID, 0.0).max() == 0


def test_normal_and_logistic_are_scipys() -> None:
    assert np.allclose(normal(GRID), stats.norm.ppf(GRID))
    assert np.allclose(logistic(GRID), stats.logistic.ppf(GRID))
    ends = np.array([0.0, 1 - 2.0**-53])
    assert np.isfinite(normal(ends)).all()
    assert np.isfinite(logistic(ends)).all()


def test_triangular_is_scipys_before_rounding_and_keeps_its_ends() -> None:
    spread = Spread(low=100, usual=400, high=1200)
    exact = stats.triang(c=300 / 1100, loc=100, scale=1100).ppf(GRID)
    assert np.abs(triangular(GRID, spread) - exact).max() <= 0.5 + 1e-9
    stepped = triangular(GRID, Spread(low=15, usual=50, high=120, step=5))
    assert set(stepped % 5) == {0}
    assert (stepped.min(), stepped.max()) == (15, 120)
    assert set(triangular(GRID, Spread(low=7, usual=7, high=7))) == {7}


def test_pick_gives_the_shares_and_never_one_of_nothing() -> None:
    chosen = pick(np.append(GRID, 0.0), [0.0, 0.2, 0.8])
    assert np.bincount(chosen, minlength=3).tolist() == [0, 4001, 16_000]


def test_a_stream_has_its_own_numbers_for_each_seed_and_name() -> None:
    first = stream(1, "sessions", "north").random(4)
    assert np.array_equal(first, stream(1, "sessions", "north").random(4))
    assert not np.array_equal(first, stream(1, "sessions", "south").random(4))
    assert not np.array_equal(first, stream(2, "sessions", "north").random(4))
    # PCG64 itself, whose numbers NumPy promises to keep
    raw = stream(1, "sessions", "north").bit_generator.random_raw(4)  # type: ignore[attr-defined]
    assert np.array_equal(first, (raw >> np.uint64(11)) * 2.0**-53)


def test_pseudonyms_are_unique_and_stay_when_more_are_drawn() -> None:
    many = pseudonyms(5, "c", 20_000)
    assert len(set(many)) == 20_000
    assert many[:50] == pseudonyms(5, "c", 50)
    assert {len(one) for one in many} == {len("c-0f3a9")}
    assert pseudonyms(5, "c", 0) == []
    assert len(set(pseudonyms(5, "c", 50_000))) == 50_000
