"""The gate as a whole: what is withheld around a small cell, and what the audit says of it."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pipeline.methods import disclosure, disclosure_audit
from pipeline.methods.disclosure import gate
from pipeline.methods.disclosure_audit import Bounds
from pipeline.methods.disclosure_seen import SeenTables
from pipeline.methods.disclosure_table import Bools, LinkedTable
from pipeline.methods.results import Context, Ledger, Results
from schemas.cells import Cells, Links, Relations
from schemas.study import Disclosure
from tests.unit.methods.disclosure_tables import FIVE, LARGE, cell, intervals, reasons, two_way


def test_nothing_is_withheld_where_all_cells_are_large() -> None:
    results = two_way(LARGE)
    gated = gate(results, FIVE)
    assert gated.passed
    assert gated.decisions.empty
    assert gated.counts[["cells", "estimates"]].to_numpy().sum() == 0
    assert set(gated.counts["study"]) == {"demo"}
    pd.testing.assert_frame_equal(gated.estimates, results.estimates)


def test_a_small_cell_draws_a_block_and_the_bounds_are_those_of_enumeration() -> None:
    results = two_way([[2, 7, 14], [6, 8, 13], [12, 14, 9]])
    gated = gate(results, FIVE)
    found = reasons(gated)
    assert found[cell("s0", "c0")] == "minimum cell"
    assert sorted(found.values()) == ["complementary"] * 3 + ["minimum cell"]
    bounds = intervals(results, gated.decisions["cell_id"].tolist())
    assert [tuple(row) for row in gated.decisions[["low", "high"]].to_numpy()] == list(bounds.values())
    assert gated.passed
    assert set(gated.decisions["protected"]) == {"yes"}


def test_a_table_in_which_every_count_is_small_is_withheld_whole() -> None:
    gated = gate(two_way([[1, 0], [0, 1]]), FIVE)
    assert gated.passed
    assert gated.estimates["suppressed"].all()
    assert (gated.decisions["high"] == np.inf).any()


def test_the_test_tables_fit_the_schemas() -> None:
    results = two_way(LARGE)
    assert len(Cells.validate(results.cells)) == 16
    assert len(Links.validate(results.links)) == 24
    assert len(Relations.validate(results.relations)) == 24


def test_counts_add_up_to_what_was_withheld() -> None:
    gated = gate(two_way([[2, 19, 26], [12, 17, 28], [30, 31, 9]]), FIVE)
    assert gated.counts["cells"].sum() == len(gated.decisions)
    assert gated.counts["estimates"].sum() == gated.estimates["suppressed"].sum()
    assert list(gated.counts.columns) == ["study", "reason", "cells", "estimates"]


def test_the_order_of_the_rows_changes_nothing() -> None:
    results = two_way([[2, 19, 26, 7], [12, 17, 3, 28], [30, 1, 9, 9], [6, 6, 6, 6]])
    frames = (results.cells, results.links, results.relations)
    shuffled = Results(results.estimates, *(f.sample(frac=1, random_state=3) for f in frames))
    first, second = gate(results, FIVE), gate(shuffled, FIVE)
    pd.testing.assert_frame_equal(first.decisions, second.decisions)
    pd.testing.assert_frame_equal(first.estimates, second.estimates)


def test_an_empty_study_passes() -> None:
    empty = Ledger(Context("demo", "observed")).results()
    gated = gate(empty, FIVE)
    assert gated.passed
    assert gated.estimates.empty
    assert gated.counts.empty
    assert len(gate(empty, Disclosure(minimum_cell=None, reason="public")).counts) == 1


def test_sums_that_do_not_hold_are_refused() -> None:
    results = two_way(LARGE)
    wrong = results.cells.assign(value=results.cells["value"].where(results.cells["category"] != "c0", 21.0))
    with pytest.raises(ValueError, match="declared sum does not hold"):
        gate(Results(results.estimates, wrong, results.links, results.relations), FIVE)


def test_links_and_relations_to_unknown_cells_are_refused() -> None:
    results = two_way(LARGE)
    part = results.cells[results.cells["category"] != "c0"]
    with pytest.raises(ValueError, match="relation names a cell that is not there"):
        gate(Results(results.estimates, part, results.links, results.relations), FIVE)
    with pytest.raises(ValueError, match="link names a cell that is not there"):
        gate(Results(results.estimates, part, results.links, results.relations.iloc[:0]), FIVE)


def test_the_audit_does_not_trust_the_choice_of_further_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disclosure, "protect", lambda what, _: what.primary() | what.table.virtual)
    gated = gate(two_way([[2, 19, 26], [12, 17, 28], [30, 31, 9]]), FIVE)
    assert not gated.passed
    assert gated.decisions[["low", "high", "protected"]].to_numpy().tolist() == [[2, 2, "no"]]


def test_bounds_that_no_table_is_known_to_reach_are_not_called_a_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    def unfinished(table: LinkedTable, unknown: Bools, wanted: Bools, seen: SeenTables) -> Bounds:
        found = disclosure_audit.attack(table, unknown, wanted, seen=seen)
        return replace(found, seen_low=table.value, seen_high=table.value)

    monkeypatch.setattr(disclosure, "attack", unfinished)
    gated = gate(two_way([[2, 19, 26], [12, 17, 28], [30, 31, 9]]), FIVE)
    assert gated.decisions.set_index("cell_id").loc[cell("s0", "c0"), "protected"] == "not proven"
    assert gated.passed
