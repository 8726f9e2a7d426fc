"""SPSS files (``.sav``, ``.zsav``): variable labels, value labels, user-missing values and ranges, dates.

What Stata files have in common with them belongs in ``labelled.py``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import polars as pl

from pipeline.ingest.export import Export
from pipeline.ingest.labelled import LabelledFile, Values, as_dates, as_durations, as_numbers, as_texts
from schemas.sources import Format

EPOCH = -12_219_379_200
"""14 October 1582, from which SPSS counts seconds, in seconds since 1970."""

DAY = 86_400
DAYS = ("DATE", "ADATE", "EDATE", "JDATE", "SDATE", "QYR", "MOYR", "WKYR")
MOMENTS = ("DATETIME", "YMDHMS")
LENGTHS = ("TIME", "DTIME", "MTIME")
"""Display formats by what the seconds stand for; weekdays and months (WKDAY, MONTH) stay numbers."""


def read(path: Path, declared: Format | None = None) -> Export:
    """An SPSS file; rows are case numbers from 1.

    ``missing`` has the user-missing codes, and the values within user-missing ranges, that occur; they stay cells.
    System-missing values are null.

    Raises
    ------
    ProblemsFoundError
        When it is no SPSS file, breaks off, or has texts in another encoding than it says.
    """
    return SpssFile(path, declared or Format()).export()


@dataclass(frozen=True)
class SpssFile(LabelledFile):
    """One SPSS file."""

    begins: ClassVar[bytes] = rb"[$]FL"
    parser: ClassVar[str] = "read_sav"

    def cells(self, name: str, values: Values) -> pl.Series:
        """As ``LabelledFile`` says."""
        if self.about.readstat_variable_types[name] == "string":
            return as_texts(values)
        shown = re.sub(r"[\d.]", "", self.about.original_variable_types[name] or "")
        if shown in DAYS:
            return as_dates([None if one is None else one // DAY for one in values], DAY, EPOCH)
        if shown in MOMENTS:
            return as_dates(values, 1, EPOCH)
        return as_durations(values, 1) if shown in LENGTHS else as_numbers(values)

    def missing(self) -> dict[str, frozenset[str]]:
        """As ``LabelledFile`` says."""
        ranges = {name: declared for name, declared in self.about.missing_ranges.items() if declared}
        found: dict[str, set[Any]] = {name: set() for name in ranges}
        for _, values in self.parts(list(ranges)) if ranges else ():
            for name, of in values.items():
                found[name] |= {one for one in set(of) - {None} if _is_within(one, ranges[name])}
        return {name: frozenset(self.cells(name, sorted(of)).drop_nulls()) for name, of in found.items() if of}


def _is_within(value: Any, ranges: list[dict[str, Any]]) -> bool:
    return any(bounds["lo"] <= value <= bounds["hi"] for bounds in ranges)
