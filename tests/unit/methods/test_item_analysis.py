"""Items beside their scale, by hand."""

import numpy as np
import pytest

from pipeline.methods.item_analysis import item_rest, mean_correlation

SCORES = np.array([[1, 1, 1], [2, 3, 2], [3, 4, 2], [4, 4, 4]], dtype=float)


def test_item_rest_correlation_by_hand():
    """Item 1 is 1, 2, 3, 4, the others' sum 2, 5, 6, 8: covariance 9.5, squares 5 and 18.75."""
    assert item_rest(SCORES)[0] == pytest.approx(9.5 / np.sqrt(5 * 18.75))


def test_mean_correlation_by_hand():
    pairs = [np.corrcoef(SCORES[:, i], SCORES[:, j])[0, 1] for i, j in ((0, 1), (0, 2), (1, 2))]
    assert mean_correlation(SCORES) == pytest.approx(sum(pairs) / 3)


def test_an_item_without_variation_has_no_correlation():
    flat = np.column_stack([SCORES, np.ones(4)])
    assert mean_correlation(flat) is None
    assert item_rest(flat)[3] is None
    assert item_rest(flat)[0] == pytest.approx(item_rest(SCORES)[0])


def test_one_item_has_no_others():
    assert mean_correlation(SCORES[:, :1]) is None
    assert item_rest(SCORES[:, :1]) == [None]
