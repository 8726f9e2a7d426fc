"""The attack: bounds agree with enumeration, integers bite where the relaxation does not, limits are admitted."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.methods import disclosure_audit
from pipeline.methods.disclosure_audit import attack
from pipeline.methods.disclosure_table import LinkedTable, linked_table
from pipeline.methods.results import Ledger, Results
from tests.unit.methods.disclosure_tables import CONTEXT, cell, intervals, two_way


def table_of(results: Results) -> LinkedTable:
    return linked_table(results.cells.sort_values("cell_id", ignore_index=True), results.relations)


def attacked(results: Results, withheld: list[str], enough: float | None = None) -> dict[str, tuple[float, float]]:
    table = table_of(results)
    unknown = np.isin(table.ids, withheld)
    width = None if enough is None else np.full(len(table.ids), enough)
    bounds = attack(table, unknown, unknown, enough=width)
    return {c: (bounds.low[table.ids.index(c)], bounds.high[table.ids.index(c)]) for c in withheld}


def packing() -> tuple[Results, str]:
    """Twice: three persons' answers a, b, c, of which any two exclude each other; `w` is the sum of all six."""
    ledger = Ledger(CONTEXT)

    def one(name: str, value: int) -> str:
        return ledger.cell(value, service="all", category=name, unit="client")

    inner = []
    for copy in "12":
        a, b, c = (one(n + copy, v) for n, v in (("a", 1), ("b", 0), ("c", 0)))
        for x, y, name, rest in ((a, b, "x", 0), (b, c, "y", 1), (a, c, "z", 0)):
            ledger.sum_of(one(f"t{name}{copy}", 1), [x, y, one(f"{name}{copy}", rest)], "pair")
        inner += [a, b, c]
    total = one("w", 2)
    ledger.sum_of(total, inner, "sum")
    return ledger.results(), total


def test_bounds_of_a_known_two_by_two_block() -> None:
    # Withheld block 2, 9 / 8, 10: its rows sum to 11 and 18, its columns to 10 and 19.
    results = two_way([[2, 9, 12], [8, 10, 20], [30, 31, 32]])
    block = [cell(s, c) for s in ("s0", "s1") for c in ("c0", "c1")]
    assert attacked(results, block) == {
        block[0]: (0, 10),
        block[1]: (1, 11),
        block[2]: (0, 10),
        block[3]: (8, 18),
    }


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_bounds_agree_with_enumeration(data: st.DataObject) -> None:
    counts = data.draw(st.lists(st.lists(st.integers(0, 5), min_size=3, max_size=3), min_size=2, max_size=3))
    results = two_way(counts)
    inner = [cell(f"s{i}", f"c{j}") for i in range(len(counts)) for j in range(3)]
    withheld = data.draw(st.lists(st.sampled_from(inner), min_size=1, max_size=6, unique=True))
    assert attacked(results, sorted(withheld)) == intervals(results, sorted(withheld))


def test_whole_numbers_bound_closer_than_the_relaxation() -> None:
    # The relaxation allows w = 6 / 2 = 3; of whole numbers at most one of each three is 1.
    results, total = packing()
    known = set(results.cells["cell_id"][results.cells["category"].str.startswith("t")])
    withheld = [c for c in results.cells["cell_id"] if c not in known]
    assert attacked(results, withheld)[total] == (0, 2)


def test_out_of_time_gives_the_relaxed_bound_and_no_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disclosure_audit, "TIME_LIMIT", 0.0)
    results, total = packing()
    table = table_of(results)
    unknown = ~np.isin(table.ids, [c for c in table.ids if "category=t" in c])
    bounds = attack(table, unknown, unknown)
    at = table.ids.index(total)
    wanted = np.full(len(table.ids), 3.0)
    assert bounds.high[at] >= 3
    assert not bounds.too_narrow(wanted)[at]
    assert not bounds.reached(wanted)[at]


def test_nothing_bounds_a_total_whose_parts_are_withheld_too() -> None:
    results = two_way([[2, 9], [8, 10]])
    everything = sorted(results.cells["cell_id"])
    assert set(attacked(results, everything).values()) == {(0, np.inf)}


def test_a_cell_in_no_sum_is_not_bounded() -> None:
    ledger = Ledger(CONTEXT)
    alone = ledger.cell(3, service="all", unit="client")
    assert attacked(ledger.results(), [alone]) == {alone: (0, np.inf)}


def test_sums_need_not_be_whole_or_positive() -> None:
    ledger = Ledger(CONTEXT)
    parts = [
        ledger.cell(v, service=s, quantity="sum", unit="score", contributors=9) for s, v in (("a", -1.5), ("b", 2.25))
    ]
    total = ledger.cell(0.75, service="all", quantity="sum", unit="score", contributors=18)
    ledger.sum_of(total, parts, "service")
    assert attacked(ledger.results(), parts) == dict.fromkeys(parts, (-np.inf, np.inf))
    ledger = Ledger(CONTEXT)
    parts = [
        ledger.cell(v, service=s, quantity="sum", unit="fte", contributors=9) for s, v in (("a", 1.5), ("b", 2.25))
    ]
    ledger.sum_of(ledger.cell(3.75, service="all", quantity="sum", unit="fte", contributors=18), parts, "service")
    assert attacked(ledger.results(), parts) == dict.fromkeys(parts, (0, 3.75))


def test_enough_stops_early_but_never_claims_too_much() -> None:
    results = two_way([[2, 9, 12], [8, 10, 20], [30, 31, 32]])
    block = [cell(s, c) for s in ("s0", "s1") for c in ("c0", "c1")]
    exact, early = attacked(results, block), attacked(results, block, enough=4)
    assert all(early[c][0] <= exact[c][0] and early[c][1] >= exact[c][1] for c in block)
