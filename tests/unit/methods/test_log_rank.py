"""The log-rank test: by hand, its level, and groups that can't be compared."""

import numpy as np
import pytest

from pipeline.methods.log_rank import log_rank


def test_by_hand():
    """Four posts ending one by one, groups in turn: expected 1/2 + 1/3 + 1/2 + 0 in the first."""
    found = log_rank(np.array([1, 2, 3, 4]), np.ones(4, dtype=bool), np.array([0, 1, 0, 1]), 2)
    assert found.expected == pytest.approx([1 / 2 + 1 / 3 + 1 / 2, 4 - 4 / 3])
    variance = 1 / 4 + 2 / 9 + 1 / 4
    assert found.chi_square == pytest.approx((2 - 4 / 3) ** 2 / variance)
    assert found.observed.tolist() == [2, 2]


def test_its_level_holds_where_groups_are_alike():
    rng = np.random.default_rng(3)
    tests = []
    for _ in range(400):
        days, group = rng.exponential(100, 60), rng.integers(0, 3, 60)
        tests.append(log_rank(np.minimum(days, 150), days <= 150, group, 3).p)
    share = np.mean(np.array(tests) < 0.05)
    assert 0.02 < share < 0.085  # 0.05, three binomial standard errors to each side


def test_a_group_in_post_only_after_all_ends_is_compared_with_nobody():
    days, ended = np.array([5, 6, 1, 2]), np.array([True, True, False, False])
    found = log_rank(days, ended, np.array([0, 0, 1, 1]), 2)
    assert found.chi_square is None
    assert found.expected.tolist() == [2, 0]


@pytest.mark.parametrize("number", [0, 1])
def test_nothing_to_compare(number):
    days = np.arange(1.0, 1 + 3 * number)
    found = log_rank(days, np.ones(len(days), dtype=bool), np.zeros(len(days), dtype=int), number)
    assert (found.chi_square, found.p, found.degrees) == (None, None, 0)


def test_nobody_left():
    found = log_rank(np.array([3.0, 4.0]), np.zeros(2, dtype=bool), np.array([0, 1]), 2)
    assert found.p is None
    assert found.observed.sum() == found.expected.sum() == 0
