"""Stata files (``.dta``): variable labels, value labels, extended missing values, dates.

What SPSS files have in common with them belongs in ``labelled.py``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import polars as pl

from pipeline.ingest.export import Export
from pipeline.ingest.labelled import LabelledFile, Values, as_dates, as_durations, as_numbers, as_texts
from schemas.sources import Format

EPOCH = -315_619_200
"""1 January 1960, from which Stata counts, in seconds since 1970."""

DAY = 86_400
PER_YEAR = {"w": 52, "m": 12, "q": 4, "h": 2}
"""Weeks, months, quarters and halves of a year as Stata counts them."""


def read(path: Path, declared: Format | None = None) -> Export:
    """A Stata file; rows are observation numbers from 1.

    Extended missing values are the cells ``.a`` to ``.z``, with their labels; ``missing`` has those that occur. The
    system-missing value is null. Weeks, months, quarters and halves of a year are written as Stata shows them
    (``2025m3``). ``%tC`` is read as ``%tc``: leap seconds are not taken off.

    Raises
    ------
    ProblemsFoundError
        When it is no Stata file, breaks off, or has texts in another encoding than it says.
    """
    return StataFile(path, declared or Format()).export()


@dataclass(frozen=True)
class StataFile(LabelledFile):
    """One Stata file."""

    begins: ClassVar[bytes] = rb"<stata_dta>|[\x66-\x73]"
    parser: ClassVar[str] = "read_dta"

    def cells(self, name: str, values: Values) -> pl.Series:
        """As ``LabelledFile`` says."""
        stored = self.about.readstat_variable_types[name]
        if stored.startswith("string"):
            return as_texts(values)
        # pyreadstat gives extended missing values as letters among the numbers.
        numbers = [None if isinstance(one, str) else one for one in values]
        codes = pl.Series([f".{one}" if isinstance(one, str) else None for one in values], dtype=pl.String)
        return codes.fill_null(_shown(numbers, self.about.original_variable_types[name], stored))

    def missing(self) -> dict[str, frozenset[str]]:
        """As ``LabelledFile`` says."""
        types = self.about.readstat_variable_types
        numeric = [name for name, stored in types.items() if not stored.startswith("string")]
        found: dict[str, set[str]] = {name: set() for name in numeric}
        for _, values in self.parts(numeric) if numeric else ():
            for name, of in values.items():
                found[name] |= {f".{one}" for one in of if isinstance(one, str)}
        return {name: frozenset(of) for name, of in found.items() if of}


def _shown(numbers: Values, display: str, stored: str) -> pl.Series:
    """Numbers as their display format says: days, milliseconds, weeks ... since 1960, or just numbers."""
    kind = re.match(r"%-?t?(?P<unit>[dcCwmqh])(?P<parts>.*)", display) if re.match(r"%-?(t|d)", display) else None
    if kind is None:
        return as_numbers(numbers, pl.Float32 if stored == "float" else pl.Float64)
    unit = kind["unit"]
    if unit in PER_YEAR:
        return _periods(numbers, unit)
    if unit == "d":
        return as_dates([None if one is None else one // 1 for one in numbers], DAY, EPOCH)
    if re.search("[Hh]", kind["parts"]) and not re.search("[CcYyJjDdNnW]|[Mm]on", kind["parts"]):
        return as_durations([None if one is None else one % (DAY * 1000) for one in numbers], 0.001)
    return as_dates(numbers, 0.001, EPOCH)


def _periods(numbers: Values, unit: str) -> pl.Series:
    parts = PER_YEAR[unit]
    written = [None if n is None else f"{1960 + int(n // parts)}{unit}{int(n % parts) + 1}" for n in numbers]
    return pl.Series(written, dtype=pl.String)
