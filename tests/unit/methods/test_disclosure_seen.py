"""Tables found by one attack serve the next, and only where they fit."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.methods.disclosure_audit import attack
from pipeline.methods.disclosure_seen import SeenTables
from pipeline.methods.disclosure_table import linked_table
from tests.unit.methods.disclosure_tables import cell, two_way


def test_a_table_fits_only_where_all_that_it_changes_is_withheld() -> None:
    seen = SeenTables()
    seen.add(np.array([0, 2, 3]), np.array([1.0, -1.0, 0.0]))
    seen.add(np.array([0, 1]), np.array([0.0, 0.0]))
    [(cells, difference)] = seen.fitting(np.array([True, False, True, False]))
    assert (cells.tolist(), difference.tolist()) == ([0, 2], [1.0, -1.0])
    assert not list(seen.fitting(np.array([True, True, False, True])))


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_an_attack_that_remembers_finds_the_same_bounds(data: st.DataObject) -> None:
    counts = data.draw(st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=3, max_size=3))
    results = two_way(counts)
    table = linked_table(results.cells.sort_values("cell_id", ignore_index=True), results.relations)
    inner = [table.ids.index(cell(f"s{i}", f"c{j}")) for i in range(3) for j in range(3)]
    seen = SeenTables()
    for _ in range(3):
        hidden = data.draw(st.lists(st.sampled_from(inner), min_size=2, max_size=9, unique=True))
        unknown = np.isin(np.arange(len(table.ids)), hidden)
        enough = np.full(len(table.ids), 4.0)
        early = attack(table, unknown, unknown, enough, seen)
        with_memory, without = attack(table, unknown, unknown, seen=seen), attack(table, unknown, unknown)
        np.testing.assert_array_equal(with_memory.low, without.low)
        np.testing.assert_array_equal(with_memory.high, without.high)
        reached, narrow = early.reached(enough)[unknown], early.too_narrow(enough)[unknown]
        assert (reached == without.reached(enough)[unknown]).all()
        assert (narrow == without.too_narrow(enough)[unknown]).all()


def test_the_same_attack_again_needs_no_programme(monkeypatch) -> None:
    results = two_way([[2, 9, 12], [8, 10, 20], [30, 31, 32]])
    table = linked_table(results.cells.sort_values("cell_id", ignore_index=True), results.relations)
    unknown = np.isin(table.ids, [cell(s, c) for s in ("s0", "s1") for c in ("c0", "c1")])
    seen = SeenTables()
    first = attack(table, unknown, unknown, seen=seen)
    monkeypatch.setattr("scipy.optimize.milp", None)
    again = attack(table, unknown, unknown, seen=seen)
    np.testing.assert_array_equal(first.high, again.high)
    np.testing.assert_array_equal(first.low, again.low)
