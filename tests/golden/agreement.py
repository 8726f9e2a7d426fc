"""Our alpha and kappas of the values, tables and counts in ``data/agreement_*.csv``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from pipeline.methods.kappa import Fleiss, cohen, weights
from pipeline.methods.krippendorff import Coincidences, krippendorff

DATA = Path(__file__).parent / "data"
Answer = tuple[str, str, float]


def ours() -> Iterator[Answer]:
    """Each answer: case, quantity, value."""
    for case in ("observers", "three", "two"):
        values = _read(case)
        for metric in ("nominal", "ordinal", "interval", "ratio"):
            if case == "observers":
                yield case, f"published {metric}", krippendorff(values, metric)
            if (case, metric) != ("two", "ratio"):
                yield case, f"alpha {metric}", Coincidences.of(values, metric).alpha()
    for path in sorted(DATA.glob("agreement_table_*.csv")):
        yield from _kappas(path.stem.removeprefix("agreement_table_"), np.loadtxt(path, delimiter=","))
    for path in sorted(DATA.glob("agreement_fleiss_*.csv")):
        counts = np.loadtxt(path, delimiter=",")
        yield path.stem.removeprefix("agreement_fleiss_"), "fleiss", Fleiss(counts).value()


def _kappas(case: str, table: np.ndarray) -> Iterator[Answer]:
    for kind, weight in (("kappa", None), *((one, weights(len(table), one)) for one in ("linear", "quadratic"))):
        value, error = cohen(table, weight)
        for by in ("", " of psych") if kind != "linear" else ("",):
            yield case, f"{kind}{by}", value
            if not (by and kind == "quadratic" and len(table) > 2):
                yield case, f"{kind} se{by}", error


def _read(case: str) -> np.ndarray:
    return np.loadtxt(DATA / f"agreement_{case}.csv", delimiter=",")
