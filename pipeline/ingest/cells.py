"""How typed values of a file are written as cells: numbers without needless decimals, dates as year-month-day.

Which values a file holds belongs in its reader; turning cells into the types of a record in ``typing_cells.py``.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl

from pipeline.ingest.export import ROW
from pipeline.problems import Problem, ProblemsFoundError, file_problem

EXACT = 2**53
"""Whole numbers below it have all their digits in a floating-point number; larger ones are written as 1e+16."""

_NESTED = "a cell holds several values"
_BYTES = "the column holds bytes, not text"


def text(value: object) -> str | None:
    """One value of a spreadsheet as a cell; nothing and blanks are null.

    Fractions of a second are cut off, a time of day stands only beside a date or alone, and a duration is
    ``hours:minutes:seconds`` (``30:05:00``).
    """
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < EXACT else repr(value)
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}".removesuffix(" 00:00:00")
    if isinstance(value, dt.time):
        return f"{value:%H:%M:%S}"
    return _duration(value) if isinstance(value, dt.timedelta) else str(value)


def _duration(value: dt.timedelta) -> str:
    seconds = abs(value) // dt.timedelta(seconds=1)
    sign = "-" if value < dt.timedelta() and seconds else ""
    return f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def texts(frame: pl.DataFrame) -> pl.DataFrame:
    """A typed frame as cells; ``ROW``, where it has one, stays a number.

    The types are those that ``refuse_nested`` lets through. Dates and times as ``text`` says; one with a time zone
    is written as that zone's clock shows it.
    """
    return frame.select(_cell(name, dtype) for name, dtype in frame.schema.items())


def refuse_nested(path: Path, schema: pl.Schema) -> None:
    """Let only columns through that have one value a cell.

    Raises
    ------
    ProblemsFoundError
        With a problem for each column of lists, structures, bytes or objects.
    """
    problems = [
        _refusal(path, name, dtype) for name, dtype in schema.items() if dtype.is_nested() or _is_bytes(dtype)
    ]
    if problems:
        raise ProblemsFoundError(problems)


def _is_bytes(dtype: pl.DataType) -> bool:
    return dtype in (pl.Binary, pl.Object)


def _refusal(path: Path, name: str, dtype: pl.DataType) -> Problem:
    rule = _BYTES if _is_bytes(dtype) else f"{_NESTED} ({dtype.base_type()})"
    return file_problem(path, rule, "Write it as text or as columns of its own.", column=name)


def _cell(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if name == ROW:
        return column.cast(pl.Int64)
    if dtype.is_float():
        return _number(column)
    if dtype.is_decimal():
        return column.cast(pl.String).str.replace(r"\.0+$|(\.\d*[1-9])0+$", "$1")
    if dtype.is_temporal() and dtype != pl.Date:
        return _time(column, dtype)
    stripped = column.cast(pl.String).str.strip_chars()
    return pl.when(stripped != "").then(stripped).alias(name)


def _time(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if dtype == pl.Duration:
        return _hours(column)
    if dtype == pl.Time:
        return column.dt.to_string("%H:%M:%S")
    return column.dt.to_string("%Y-%m-%d %H:%M:%S").str.strip_suffix(" 00:00:00")


def _number(column: pl.Expr) -> pl.Expr:
    known = column.fill_nan(None)
    is_whole = (known == known.floor()) & (known.abs() < EXACT)
    whole = known.cast(pl.Int64, strict=False).cast(pl.String)
    return pl.when(is_whole).then(whole).otherwise(known.cast(pl.String)).name.keep()


def _hours(column: pl.Expr) -> pl.Expr:
    total = column.dt.total_seconds()
    seconds = total.abs()
    parts = [part.cast(pl.String).str.zfill(2) for part in (seconds // 3600, seconds // 60 % 60, seconds % 60)]
    sign = pl.when(total < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    return (sign + pl.concat_str(parts, separator=":")).name.keep()
