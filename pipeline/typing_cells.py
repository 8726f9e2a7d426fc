"""Texts to typed values, cell by cell where need be: what can't be typed is named with row and column.

Allowed values and keys belong in ``validation.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.ingest.csv import ROW
from pipeline.problems import Problem

BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}

_WORDS = {
    pl.Int64: ("not a whole number", "Write digits only, without unit or thousands separator."),
    pl.Float64: ("not a number", "Write digits and a decimal point, without unit."),
    pl.Date: ("not a date of the calendar", "Write it as year-month-day, such as 2024-03-31."),
    pl.Boolean: ("neither true nor false", "Write true or false."),
}


def cast(path: Path, texts: pl.DataFrame, columns: Mapping[str, Any]) -> tuple[pl.DataFrame, list[Problem]]:
    """The typed frame (columns in the order of ``columns``), and a problem for each cell that has no such type.

    ``columns`` are the columns of a Pandera schema; a cell that can't be typed is null in the frame.
    """
    typed, problems = [], []
    for name, column in columns.items():
        dtype = column.dtype.type
        series = texts.select(_typed(name, dtype)).to_series()
        typed.append(series)
        rule, remedy = _WORDS.get(type(dtype) if isinstance(dtype, pl.DataType) else dtype, ("", ""))
        lost = texts.filter(texts[name].is_not_null() & series.is_null()).select(ROW, name)
        problems += [Problem(path.name, row, name, value, rule, remedy) for row, value in lost.iter_rows()]
    return pl.DataFrame(typed), problems


def _typed(name: str, dtype: Any) -> pl.Expr:
    if dtype == pl.Date:
        return pl.col(name).str.to_date("%Y-%m-%d", strict=False)
    if dtype == pl.Boolean:
        return pl.col(name).str.to_lowercase().replace_strict(BOOLEANS, default=None, return_dtype=pl.Boolean)
    if dtype == pl.String:
        return pl.col(name)
    return pl.col(name).cast(dtype, strict=False)
