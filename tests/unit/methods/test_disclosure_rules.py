"""What is sensitive by itself: complements, whole categories, sums, events."""

import numpy as np
import pytest

from pipeline.methods.disclosure import Gated, gate
from pipeline.methods.results import Ledger, Results
from schemas.study import Disclosure
from tests.unit.methods.disclosure_tables import CONTEXT, FIVE, cell, reasons, share, two_way, withheld


def test_everyone_in_one_category_is_withheld_and_can_be_anything() -> None:
    gated = gate(two_way([[0, 20, 0], [25, 35, 45], [50, 60, 70]]), FIVE)
    assert reasons(gated)[cell("s0", "c1")] == "attribute disclosure"
    row = gated.decisions.set_index("cell_id").loc[cell("s0", "c1")]
    assert row["high"] - row["low"] >= 4
    assert gated.passed


def test_zero_counts_alone_are_safe() -> None:
    assert gate(two_way([[0, 20, 30], [25, 35, 45], [50, 60, 70]]), FIVE).decisions.empty


def test_all_but_few_in_one_category_is_withheld() -> None:
    gated = gate(two_way([[48, 1, 1], [25, 35, 45], [50, 60, 70]]), FIVE)
    assert reasons(gated)[cell("s0", "c0")] == "complement"


def test_a_complement_counts_without_any_declared_sum() -> None:
    ledger = Ledger(CONTEXT)
    part, total = (ledger.cell(v, service="all", category=c, unit="client") for v, c in ((48, "one"), (50, "")))
    share(ledger, part, total, 48, 50, "all", "one")
    gated = gate(ledger.results(), FIVE)
    assert reasons(gated) == {part: "complement"}
    assert gated.decisions[["low", "high"]].to_numpy().tolist() == [[0, 50]]
    assert gated.estimates["suppressed"].tolist() == [True]


def collapsed(counts: dict[str, int]) -> tuple[Results, dict[str, str]]:
    """One item of one service with `improved` = quite-a-bit + a-lot, and the share that improved."""
    ledger = Ledger(CONTEXT)
    full = counts | {
        "improved": counts["quite-a-bit"] + counts["a-lot"],
        "answered": sum(counts.values()),
    }
    ids = {c: ledger.cell(v, service="all", item="hope", category=c, unit="client") for c, v in full.items()}
    ledger.sum_of(ids["answered"], [ids[c] for c in counts], "category")
    ledger.sum_of(ids["improved"], [ids["quite-a-bit"], ids["a-lot"]], "category")
    for category in (*counts, "improved"):
        share(ledger, ids[category], ids["answered"], full[category], full["answered"], "all", category)
    return ledger.results(), ids


def test_a_collapsed_category_does_not_give_its_options_away() -> None:
    results, ids = collapsed({"worse": 8, "unchanged": 21, "quite-a-bit": 30, "a-lot": 2})
    gated = gate(results, FIVE)
    hidden = reasons(gated)
    assert hidden.pop(ids["a-lot"]) == "minimum cell"
    # 32 improved less 30 would be 2, and 61 answered less the three others too.
    assert len({ids["quite-a-bit"], ids["improved"]} & set(hidden)) >= 1
    assert intervals_are_wide(gated, ids["a-lot"], 4)
    linked = results.links.loc[results.links["cell_id"].isin(gated.decisions["cell_id"]), "estimate_id"]
    assert set(withheld(gated)) == set(linked)


def intervals_are_wide(gated: Gated, one: str, width: float) -> bool:
    row = gated.decisions.set_index("cell_id").loc[one]
    return bool(row["high"] - row["low"] >= width)


def test_a_collapsed_category_is_a_category_but_no_population() -> None:
    # All who improved did so quite a bit: that says nothing of the 40 who answered.
    results, _ = collapsed({"worse": 10, "unchanged": 10, "quite-a-bit": 20, "a-lot": 0})
    assert gate(results, FIVE).decisions.empty
    # 38 of 40 improved: that says that 2 did not.
    results, ids = collapsed({"worse": 1, "unchanged": 1, "quite-a-bit": 19, "a-lot": 19})
    assert reasons(gate(results, FIVE))[ids["improved"]] == "complement"
    results, ids = collapsed({"worse": 0, "unchanged": 0, "quite-a-bit": 19, "a-lot": 19})
    assert reasons(gate(results, FIVE))[ids["improved"]] == "attribute disclosure"


def sums(rows: dict[str, tuple[float, float, float]], unit: str = "session") -> tuple[Results, dict[str, str]]:
    """Sessions by service, (sum, persons, largest), with the total and each mean."""
    ledger = Ledger(CONTEXT)
    values = np.array(list(rows.values()))
    full = rows | {"all": (values[:, 0].sum(), values[:, 1].sum(), values[:, 2].max())}
    ids = {
        s: ledger.cell(v, service=s, quantity="sum", item="sessions", unit=unit, contributors=n, largest=m)
        for s, (v, n, m) in full.items()
    }
    ledger.sum_of(ids["all"], [ids[s] for s in rows], "service")
    for service, (v, n, _) in full.items():
        ledger.estimate("mean", v / n, service=service, n=n, item="sessions", cells=[(ids[service], "input")])
    return ledger.results(), ids


def test_a_sum_that_one_person_dominates_is_withheld_with_another() -> None:
    results, ids = sums({"a": (100, 10, 85), "b": (100, 10, 30), "c": (120, 10, 30)})
    gated = gate(results, FIVE)
    assert reasons(gated) == {ids["a"]: "dominance", ids["b"]: "complementary"}
    row = gated.decisions.set_index("cell_id").loc[ids["a"]]
    assert (row["low"], row["high"], row["required"]) == (0, 200, pytest.approx(40))
    assert gate(results, Disclosure(dominance=0.9)).decisions.empty


def test_a_sum_over_few_persons_is_withheld_whatever_its_size() -> None:
    results, ids = sums({"a": (100, 4, 30), "b": (100, 10, 30), "c": (120, 12, 30)})
    assert reasons(gate(results, FIVE))[ids["a"]] == "minimum denominator"
    stricter = reasons(gate(results, Disclosure(minimum_denominator=11)))
    assert stricter[ids["a"]] == stricter[ids["b"]] == "minimum denominator"


def test_events_are_judged_by_the_persons_behind_them() -> None:
    def one(value: float, persons: float, unit: str) -> list[str]:
        ledger = Ledger(CONTEXT)
        ledger.cell(value, service="all", unit=unit, contributors=persons)
        return gate(ledger.results(), FIVE).decisions["reason"].tolist()

    assert one(3, 20, "session") == []
    assert one(3, 20, "contacts") == []
    assert one(300, 2, "session") == ["minimum cell"]
    assert one(3, 20, "client") == ["minimum cell"]
