"""Texts to typed values, cell by cell where need be: what can't be typed is named with row and column.

Allowed values and keys belong in ``validation.py``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.ingest.export import ROW
from pipeline.problems import Problem

BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}

_WORDS = {
    pl.Int64: ("not a whole number", "Write digits only, without unit or thousands separator."),
    pl.Float64: ("not a number", "Write digits and a decimal point, without unit."),
    pl.Boolean: ("neither true nor false", "Write true or false."),
}
ISO = "%Y-%m-%d"
_ISO_TIME = r"^(\d{4}-\d\d-\d\d)[ T]\d\d:\d\d"
_PARTED = re.compile(r"^(\d{1,2})[./-](\d{1,2})[./-]\d{2,4}\b")
_ZEROS = r"^([+-]?\d+)\.0+$"
_FIRST_YEAR = 1000
"""Years before it are those that were written with two digits."""


def cast(
    path: Path, texts: pl.DataFrame, columns: Mapping[str, Any], dates: Mapping[str, str] | None = None
) -> tuple[pl.DataFrame, list[Problem]]:
    """The typed frame (columns in the order of ``columns``), and a problem for each cell that has no such type.

    ``columns`` are the columns of a Pandera schema; a cell that can't be typed is null in the frame. ``dates`` has
    the declared date format (as Python writes it) by column; year-month-day is understood beside it.
    """
    typed, problems = [], []
    for name, column in columns.items():
        dtype = column.dtype.type
        declared = (dates or {}).get(name, "")
        series = _series(texts, name, dtype, declared)
        typed.append(series)
        if series.null_count() > texts[name].null_count():
            lost = texts.filter(texts[name].is_not_null() & series.is_null()).select(ROW, name)
            problems += [_problem(path, row, name, value, dtype, declared) for row, value in lost.iter_rows()]
            problems += _other_order(path, texts, lost, name, declared) if dtype == pl.Date else []
    return pl.DataFrame(typed), problems


def _series(texts: pl.DataFrame, name: str, dtype: Any, declared: str) -> pl.Series:
    if dtype == pl.Boolean and texts[name].is_in(["true", "false"]).all(ignore_nulls=False):
        return texts[name] == "true"
    series = _with_long_years(texts.select(_typed(name, dtype)).to_series())
    if series.null_count() == texts[name].null_count() or dtype not in (pl.Date, pl.Int64):
        return series
    if dtype == pl.Int64:  # as programs write whole numbers in a column that has empty cells
        left = pl.col(name).str.extract(_ZEROS, 1).cast(pl.Int64, strict=False)
    else:
        left = pl.col(name).str.extract(_ISO_TIME, 1).str.to_date(ISO, strict=False)
        left = pl.coalesce(left, _declared(name, declared)) if declared else left
    return _with_long_years(series.zip_with(series.is_not_null(), texts.select(left.alias(name)).to_series()))


def _declared(name: str, declared: str) -> pl.Expr:
    day = pl.col(name).str.to_datetime(declared, strict=False).dt.date()
    return pl.when(day.dt.year() >= _FIRST_YEAR).then(day)


def _with_long_years(series: pl.Series) -> pl.Series:
    if series.dtype != pl.Date or (series.dt.year().min() or _FIRST_YEAR) >= _FIRST_YEAR:  # type: ignore[operator]
        return series
    return series.zip_with(series.dt.year() >= _FIRST_YEAR, pl.Series([None], dtype=pl.Date))


def _typed(name: str, dtype: Any) -> pl.Expr:
    if dtype == pl.Date:
        return pl.col(name).str.to_date(ISO, strict=False)
    if dtype == pl.Boolean:
        return pl.col(name).str.to_lowercase().replace_strict(BOOLEANS, default=None, return_dtype=pl.Boolean)
    if dtype == pl.String:
        return pl.col(name)
    return pl.col(name).cast(dtype, strict=False)


def _problem(path: Path, row: int, name: str, value: str, dtype: Any, declared: str) -> Problem:
    kind = type(dtype) if isinstance(dtype, pl.DataType) else dtype
    rule, remedy = _date_words(value, declared) if kind == pl.Date else _WORDS.get(kind, ("", ""))
    return Problem(path.name, row, name, value, rule, remedy)


def _other_order(path: Path, texts: pl.DataFrame, lost: pl.DataFrame, name: str, declared: str) -> list[Problem]:
    """A problem of the whole file where more dates say that day and month stand the other way round.

    Days up to the 12th would be read wrongly without any other sign.
    """
    swapped = declared.translate(str.maketrans("dm", "md"))
    against = lost.select(_declared(name, swapped).is_not_null().sum()).item() if swapped != declared else 0
    if not against or texts.select((_declared(name, declared).dt.day() > 12).sum()).item() >= against:
        return []
    rule = "day and month stand the other way round than declared"
    return [Problem(path.name, None, name, "", rule, "Correct `dates` in the study file.")]


def _date_words(value: str, declared: str) -> tuple[str, str]:
    parted = _PARTED.match(value)
    if declared:
        remedy = "Correct the cell, or say in the study file how dates are written (dates: day/month/year)."
        return "no such day, or not written as declared", remedy
    if not parted:
        return "not a date of the calendar", "Write it as year-month-day, such as 2024-03-31."
    both = all(int(part) <= 12 for part in parted.groups())
    rule = "day and month can't be told apart" if both else "not written as year-month-day"
    return rule, "Say in the study file how dates are written, such as format: {dates: day/month/year}."
