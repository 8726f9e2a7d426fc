"""Rubin's rules: by hand, at their limits, and what is refused."""

from math import inf, sqrt

import pytest
from scipy.stats import norm, t

from pipeline.methods.rubin import pool


def test_two_data_sets_by_hand():
    pooled = pool([0.2, 0.4], [0.01, 0.03], 50)
    assert (pooled.value, pooled.within, pooled.between) == pytest.approx((0.3, 0.02, 0.02))
    assert pooled.total == pytest.approx(0.02 + 1.5 * 0.02)
    assert pooled.increase == pytest.approx(1.5)
    assert (pooled.number, pooled.chance) == (2, pytest.approx(0.1))
    share, observed = 0.6, 51 / 53 * 50 * 0.4
    assert pooled.df == pytest.approx(1 / (share**2 + 1 / observed))
    assert pooled.missing_information == pytest.approx((1.5 + 2 / (pooled.df + 3)) / 2.5)


def test_interval_and_p_are_those_of_t():
    pooled = pool([0.2, 0.4, 0.3], [0.01, 0.03, 0.02], 50)
    assert pooled.interval(0.9) == pytest.approx(t.interval(0.9, pooled.df, pooled.value, sqrt(pooled.total)))
    assert pooled.p() == pytest.approx(2 * t.sf(pooled.value / pooled.se, pooled.df))


def test_nothing_missing_is_the_complete_analysis():
    pooled = pool([0.1] * 20, [0.04] * 20, 30)
    assert (pooled.value, pooled.se) == pytest.approx((0.1, 0.2))
    assert (pooled.between, pooled.missing_information, pooled.increase) == (0, 0, 0)
    assert pooled.df == pytest.approx(31 / 33 * 30)
    assert pool([0.1] * 2, [0.04] * 2).interval() == pytest.approx(norm.interval(0.95, 0.1, 0.2))


def test_nothing_but_missing_information():
    pooled = pool([0.0, 1.0], [0.0, 0.0], 30)
    assert (pooled.missing_information, pooled.increase, pooled.df) == (1, inf, 0)
    assert pooled.interval() == (-inf, inf)
    assert pooled.p() == 1


def test_no_error_at_all():
    assert pool([0.0, 0.0], [0.0, 0.0], 9).p() == 1
    assert pool([0.5, 0.5], [0.0, 0.0], 9).p() == 0


@pytest.mark.parametrize(("values", "variances"), [([1.0], [1.0]), ([1.0, 2.0], [1.0]), ([1.0, 2.0], [1.0, -1.0])])
def test_refused(values, variances):
    with pytest.raises(ValueError, match="two or more"):
        pool(values, variances)
