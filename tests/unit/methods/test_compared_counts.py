"""Different, the same and partly the same persons: one comparison's counts, and cells shared with other families."""

import pytest

from pipeline.methods.answers import Answers
from pipeline.methods.change import rounds as compared
from pipeline.methods.compared_counts import counted
from pipeline.methods.results import Ledger, Results
from pipeline.methods.two_waves import TwoWaves
from schemas.analyses import Rounds
from tests.unit.methods.result_checks import CONTEXT, answers, check, instrument, surveys

FRAME = surveys(answers({"hope": [4, 1, 1, None, 3]}, "w1") + answers({"hope": [4, 3, None, 4, 1, 4]}, "w2"))


def made(linked, category="high", denominator="answered"):
    ledger = Ledger(CONTEXT)
    found = Answers.of(FRAME, instrument(["hope"]), ledger)
    for wave in ("w1", "w2"):
        found.declare(wave)
    keys = {"id": "r", "instrument": "scale", "reference": "w1", "wave": "w2", "category": "high"}
    return counted(FRAME, found, Rounds(**keys, linked=linked), category, denominator, ["hope"]), ledger


@pytest.mark.parametrize(
    ("linked", "denominator", "expected"),
    [
        (False, "answered", TwoWaves(4, 5, 2, 4)),
        (False, "asked", TwoWaves(4, 6, 2, 5)),
        (True, "answered", TwoWaves(2, 3, 2, 3, kept=1, gained=1, lost=1)),
        (True, "asked", TwoWaves(3, 5, 2, 5, kept=1, gained=2, lost=1, never=1)),
        ("partly", "answered", TwoWaves(4, 5, 2, 4, kept=1, gained=1, lost=1)),
        ("partly", "asked", TwoWaves(4, 6, 2, 5, kept=1, gained=2, lost=1, never=1)),
    ],
)
def test_counts_by_hand(linked, denominator, expected):
    counts, ledger = made(linked, denominator=denominator)
    assert counts.counts("all", "hope") == expected
    ids = {cell for cell, _ in counts.cells("all", "hope")}
    assert ids <= set(check(ledger.results()).cells["cell_id"])


def test_single_services_of_partly_linked_rounds_count_as_different_persons():
    counts, _ = made("partly")
    assert counts.counts("east", "hope") == TwoWaves(4, 5, 2, 4)
    assert len(counts.cells("east", "hope")) == 4


def test_as_declared_the_cells_are_those_of_the_comparison():
    keys = {"id": "r", "instrument": "scale", "reference": "w1", "wave": "w2", "category": "high"}
    for linked in (False, True, "partly"):
        counts, _ = made(linked)
        results = compared(FRAME, instrument(["hope"]), Rounds(**keys, linked=linked), CONTEXT)
        assert {cell for cell, _ in counts.cells("all", "hope")} <= set(results.cells["cell_id"])


def test_numbers_that_are_the_same_by_definition_are_one_cell():
    def cells(category, denominator):
        return [cell for cell, _ in made(True, category, denominator)[0].cells("all", "hope")]

    answered, asked, other = cells("high", "answered"), cells("high", "asked"), cells("o4", "answered")
    assert [one == two for one, two in zip(answered, asked, strict=True)] == [False, True, False, False, False]
    assert [one == two for one, two in zip(answered, other, strict=True)] == [True, False, False, False, False]


@pytest.mark.parametrize("linked", [False, True, "partly"])
def test_the_cells_of_all_choices_together_add_up(linked):
    choices = [(category, denominator) for category in ("high", "o4") for denominator in ("answered", "asked")]
    check(Results.concat(made(linked, *choice)[1].results() for choice in choices))
