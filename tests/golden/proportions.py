"""Our intervals, tests and adjusted p of the cases that ``r/proportions.R`` computes."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

from pipeline.methods.adjustment import ADJUSTMENTS
from pipeline.methods.change import DIFFERENCES, TESTS
from pipeline.methods.proportion_differences import newcombe_paired, tango
from pipeline.methods.proportion_tests import mcnemar_exact, mcnemar_mid_p
from pipeline.methods.proportions import INTERVALS

SETS = (
    (0.01, 0.04, 0.03, 0.005, 0.6),
    (0.04, 0.04, 0.04),
    (1, 1, 0.2),
    (0.001,),
    tuple(0.001 + i * (0.5 - 0.001) / 31 for i in range(32)),
)


def ours() -> Iterator[tuple[str, str, float]]:
    """The quantity that each row of the answers names, for the counts in its case."""
    with Path(__file__).with_suffix(".csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            yield row["case"], row["quantity"], _value(row["case"], row["quantity"])


def _value(case: str, quantity: str) -> float:
    if case.startswith("p set"):
        return _adjusted(case, quantity)
    level = float(case.rpartition(" at ")[2]) if " at " in case else 0.95
    counts = [int(number) for number in re.findall(r"\d+", case.partition(" at ")[0].partition(" (")[0])]
    name, _, end = quantity.rpartition(" ")
    if end in ("low", "high"):
        return _interval(name, counts, level)[end == "high"]
    if quantity.startswith("mcnemar"):
        return {"mcnemar exact": mcnemar_exact, "mcnemar mid-p": mcnemar_mid_p}[quantity](counts[1], counts[2])
    return TESTS[quantity][0](*counts)


def _interval(name: str, counts: list[int], level: float) -> tuple[float, float]:
    if name in INTERVALS:
        return INTERVALS[name][0](*counts, level)
    if name in DIFFERENCES:
        return DIFFERENCES[name][0](*counts, level)
    return newcombe_paired(*counts, level) if name == "newcombe paired" else tango(*counts[1:3], sum(counts), level)


def _adjusted(case: str, quantity: str) -> float:
    method, place = quantity.split()
    adjust = ADJUSTMENTS[{"holm": "holm", "BH": "benjamini-hochberg"}[method]][0]
    value = adjust(SETS[int(case.rsplit(maxsplit=1)[-1]) - 1])[int(place) - 1]
    assert value is not None
    return value
