"""Who answered both waves, by service, category and denominator; and cells that hold for all of them."""

import pytest

from pipeline.methods.answers import Answers
from pipeline.methods.overlap import Overlap
from pipeline.methods.pairs import counted_once
from pipeline.methods.results import Ledger
from pipeline.methods.two_waves import TwoWaves
from schemas.analyses import Rounds
from tests.unit.methods.result_checks import CONTEXT, answers, check, instrument, surveys

ROUNDS = Rounds(id="r", instrument="scale", reference="w1", wave="w2", category="high", linked="partly")


def rated_twice():
    """c1 is rated twice at the earlier wave, once without an answer; c2 has two answers there; c3 none."""
    rows = [("k1", "c1", "w1", "east", "hope", 4, "o4"), ("k2", "c1", "w1", "east", "hope", None, "")]
    rows += [(f"k{n}", "c2", "w1", "east", "hope", n, f"o{n}") for n in (3, 4)]
    rows += [(f"k{n}", "c3", "w1", "east", "hope", None, "") for n in (1, 2)]
    rows += [("k1", f"c{n}", "w2", "east", "hope", 4, "o4") for n in (1, 2, 3)]
    return surveys(rows)


def counted(frame, denominator="answered", category="high"):
    ledger = Ledger(CONTEXT)
    found = Answers.of(frame, instrument(["hope"]), ledger)
    for wave in ("w1", "w2"):
        found.declare(wave)
    overlap = Overlap.of(frame, found, ROUNDS, category, denominator)
    overlap.declare()
    return overlap, ledger


def test_whoever_has_a_single_answer_is_counted_by_it_over_either_denominator():
    frame = rated_twice()
    before = frame.filter(frame["wave"] == "w1")
    assert counted_once(before, instrument(["hope"]), "answered")["subject"].to_list() == ["c1"]
    asked = counted_once(before, instrument(["hope"]), "asked")
    assert asked.select("subject", "response").rows() == [("c1", 4), ("c3", None)]


@pytest.mark.parametrize(
    ("denominator", "expected"),
    [("answered", TwoWaves(3, 3, 3, 3, kept=1)), ("asked", TwoWaves(3, 3, 3, 6, kept=1, gained=1))],
)
def test_both_denominators_by_hand(denominator, expected):
    overlap, ledger = counted(rated_twice(), denominator)
    assert overlap.counts("all", "hope") == overlap.counts("east", "hope") == expected
    check(ledger.results())


def test_a_move_between_services_is_the_same_person_at_all_only():
    rows = answers({"hope": [4, 1]}, "w1") + answers({"hope": [4]}, "w2", "west")
    overlap, ledger = counted(surveys(rows + answers({"hope": [4]}, "w2", start=1)))
    assert overlap.counts("all", "hope") == TwoWaves(2, 2, 1, 2, kept=1, gained=1)
    assert overlap.counts("east", "hope") == TwoWaves(1, 1, 1, 2, gained=1)
    assert overlap.counts("west", "hope") == TwoWaves(1, 1, 0, 0)
    check(ledger.results())


def test_who_is_in_the_category_both_times_is_one_cell_for_both_denominators():
    frame = rated_twice()
    kept = {counted(frame, name)[0].cells("all", "hope")[5][0] for name in ("answered", "asked")}
    lost = {counted(frame, name)[0].cells("all", "hope")[7][0] for name in ("answered", "asked")}
    assert (len(kept), len(lost)) == (1, 2)


def test_without_single_services_only_the_pooled_table_is_added():
    ledger = Ledger(CONTEXT)
    frame = surveys(answers({"hope": [4, 1]}, "w1") + answers({"hope": [4, 4]}, "w2"))
    overlap = Overlap.of(frame, Answers.of(frame, instrument(["hope"]), ledger), ROUNDS)
    overlap.declare(["hope"], by_service=False)
    cells = check(ledger.results()).cells
    assert set(cells.loc[cells["group"] != "", "service"]) == {"all"}
