"""Texts to typed values."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipeline.ingest.csv import ROW
from pipeline.typing_cells import cast
from schemas.sessions import Sessions
from schemas.workforce import Workforce

COLUMNS = {**Sessions.to_schema().columns, **Workforce.to_schema().columns}


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        ("minutes", "40", 40),
        ("minutes", "-3", -3),
        ("fte", "0.75", 0.75),
        ("fte", "1", 1.0),
        ("date", "2024-02-29", date(2024, 2, 29)),
        ("attended", "TRUE", True),
        ("attended", "yes", True),
        ("attended", "1", True),
        ("attended", "No", False),
        ("attended", "0", False),
        ("client", "007", "007"),
        ("minutes", None, None),
    ],
)
def test_what_can_be_typed(column: str, text: str | None, value: object) -> None:
    frame, problems = one(column, text)
    assert frame[column].to_list() == [value]
    assert problems == []


@pytest.mark.parametrize(
    ("column", "text", "rule"),
    [
        ("minutes", "forty", "not a whole number"),
        ("minutes", "40.5", "not a whole number"),
        ("minutes", "1,000", "not a whole number"),
        ("minutes", "99999999999999999999", "not a whole number"),
        ("fte", "half", "not a number"),
        ("fte", "0,5", "not a number"),
        ("date", "2024-02-30", "not a date of the calendar"),
        ("date", "31/03/2024", "not written as year-month-day"),
        ("date", "03/04/2024", "day and month can't be told apart"),
        ("attended", "perhaps", "neither true nor false"),
    ],
)
def test_what_can_not_be_typed(column: str, text: str, rule: str) -> None:
    frame, problems = one(column, text)
    assert frame[column].to_list() == [None]
    assert [(p.file, p.row, p.column, p.value, p.rule) for p in problems] == [("f.csv", 9, column, text, rule)]
    assert problems[0].remedy


def test_columns_come_in_the_order_of_the_schema() -> None:
    texts = pl.DataFrame({ROW: [2], "minutes": ["1"], "client": ["c"]})
    frame, _ = cast(Path("f.csv"), texts, {name: COLUMNS[name] for name in ("client", "minutes")})
    assert frame.columns == ["client", "minutes"]


def one(column: str, text: str | None) -> tuple[pl.DataFrame, list]:
    texts = pl.DataFrame({ROW: [9], column: [text]}, schema={ROW: pl.Int64, column: pl.String})
    return cast(Path("f.csv"), texts, {column: COLUMNS[column]})
