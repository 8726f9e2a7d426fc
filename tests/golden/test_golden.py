"""Every answer computed elsewhere is ours too, to the digits that its file asks for."""

import importlib.util
import sys
from pathlib import Path

import pytest

_SPEC = importlib.util.spec_from_file_location("golden_comparison", Path(__file__).parent / "comparison.py")
assert _SPEC is not None
assert _SPEC.loader is not None
comparison = importlib.util.module_from_spec(_SPEC)
sys.modules[_SPEC.name] = comparison
_SPEC.loader.exec_module(comparison)


@pytest.mark.parametrize("family", comparison.families())
def test_our_answers_are_those_of_independent_software(family: str) -> None:
    rows = list(comparison.compared(family))
    differ = [f"{r.case} {r.quantity}: {r.ours} here, {r.elsewhere} in {r.source}" for r in rows if not r.agrees]
    assert rows
    assert not differ, "\n".join(differ)


def test_there_are_answers_to_compare_with() -> None:
    assert comparison.families()


def test_an_answer_that_differs_or_has_no_counterpart_does_not_agree() -> None:
    row = comparison.Compared("f", "c", "q", 1.0, 1.0 + 1e-5, 1e-6, "R")
    assert not row.agrees
    assert comparison.Compared("f", "c", "q", float("nan"), 1.0, 1.0, "R").agrees is False
    assert comparison.Compared("f", "c", "q", float("inf"), float("inf"), 0.0, "R").agrees
