import numpy as np

from pipeline.methods.ordered_rows import Rows, indexed


def test_labels_become_places_in_ascending_order():
    for labels in (np.array([7, 3, 7, 10**12]), np.array(["b", "a", "b", "z"]), np.array([-1, -5, -1, 4])):
        names, place = indexed(labels)
        assert list(place) == [1, 0, 1, 2]
        assert list(names) == sorted(set(labels.tolist()))


def test_equal_rows_are_one_row_with_their_weight():
    rng = np.random.default_rng(1)
    codes, column, group = (rng.integers(0, k, 5000) for k in (4, 2, 3))
    rows = Rows.of(codes, column, group, group, None)
    fewer = rows.compressed()
    assert len(fewer.y) == 24
    assert fewer.w.sum() == 5000
    chosen = (fewer.y == 2) & (fewer.x[:, 0] == 1) & (fewer.g == 0)
    assert fewer.w[chosen].sum() == ((codes == 2) & (column == 1) & (group == 0)).sum()


def test_rows_that_are_all_different_stay_as_they_are():
    rows = Rows.of(np.tile([1, 2], 1500), np.arange(3000.0), None, None, None)
    assert rows.compressed() is rows


def test_groups_at_one_end_go_until_none_is_left():
    # Without the group of 3s the highest answer is 2, and then group 1 is all at the top.
    rows = Rows.of([1, 2, 1, 2, 2, 3, 3], np.zeros(7), None, [0, 0, 0, 1, 1, 2, 2], None)
    assert list(rows.kept) == [0]
    assert list(rows.categories) == [1, 2]
