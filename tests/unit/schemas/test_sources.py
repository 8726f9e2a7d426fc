"""What the study file may say of an export."""

from datetime import datetime
from typing import Any

import pytest
from pydantic import ValidationError

from schemas.sources import BY_ENDING, Column, Format, Source, Stack, date_format

FILE = {"file": "log.csv"}


@pytest.mark.parametrize(
    ("declared", "cell"),
    [
        ("day/month/year", "31/03/2024"),
        ("day.month.yy", "31.03.24"),
        ("month-day-year", "03-31-2024"),
        ("day mon year", "31 Mar 2024"),
        ("year-month-dayThour:minute:second", "2024-03-31T17:05:09"),
        ("yearmonthday", None),
    ],
)
def test_date_formats_are_those_of_python(declared: str, cell: str | None) -> None:
    if cell is None:
        with pytest.raises(ValueError, match="unknown part of a date: yearmonthday"):
            date_format(declared)
    else:
        assert datetime.strptime(cell, date_format(declared)).date().isoformat() == "2024-03-31"


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        ("dd/mm/yyyy", "unknown part of a date: dd"),
        ("%d/%m/%Y", "unknown part of a date: d"),
        ("day/month", "a date has day, month and year"),
        ("DD/MM/YYYY", "a date has day, month and year"),
        ("day/day/month/year", "stands twice"),
        ("day/month/year/yy", "stands twice"),
    ],
)
def test_date_formats_that_are_none(declared: str, words: str) -> None:
    for model in (Format, lambda **of: Column.model_validate({"from": "a"} | of)):
        with pytest.raises(ValidationError, match=words):
            model(dates=declared)


def test_cells_are_texts_however_yaml_reads_them() -> None:
    column = Column.model_validate({"from": "Q", "recode": {2: True, True: 2, 1.5: None}, "missing": -9})
    assert column.recode == {"2": "true", "true": "2", "1.5": None}
    assert column.missing == ("-9",)
    day = datetime(2024, 3, 31).date()
    assert Source.model_validate(FILE | {"where": {"wave": [day, 2]}}).where == {"wave": ("2024-03-31", "2")}


def test_short_forms() -> None:
    source = Source.model_validate(FILE | {"columns": {"a": "A", "b": ["B", "C"], "c": {"value": False}}})
    assert [source.columns[name].from_ for name in "abc"] == [("A",), ("B", "C"), ()]
    assert source.columns["c"].value == "false"


@pytest.mark.parametrize(
    ("model", "content", "words"),
    [
        (Column, {}, "say either `from`"),
        (Column, {"from": "a", "value": "b"}, "say either `from`"),
        (Column, {"from": []}, "say either `from`"),
        (Column, {"from": "a", "unit": "days"}, "'seconds', 'minutes'"),
        (Column, {"from": "a", "recode": {1: "x", "1": "y"}}, "name it once"),
        (Column, {"from": "a", "recode": {"Yes": "x", "yes": "y"}}, "stands for two things"),
        (Column, {"from": "a", "recode": ["x"]}, "valid dictionary"),
        (Stack, {"into": "a"}, "say either `columns`"),
        (Stack, {"into": "a", "columns": {"b": "c"}, "split": "d"}, "say either `columns`"),
        (Source, {}, "say either `file` or `query`"),
        (Source, FILE | {"query": "SELECT 1", "connection": "DB"}, "say either `file` or `query`"),
        (Source, {"query": "SELECT 1"}, "belong together"),
        (Source, FILE | {"connection": "DB"}, "belong together"),
        (Source, FILE | {"on_invalid": "drop"}, "'stop' or 'quarantine'"),
        (Format, {"header": 0}, "greater than or equal to 1"),
        (Format, {"separator": ";"}, "'comma', 'semicolon'"),
        (Format, {"encoding": "ascii"}, "'utf-8', 'windows-1252'"),
    ],
)
def test_what_is_refused(model: Any, content: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        model.model_validate(content)


def test_columns_that_are_ticked_may_differ_in_case_only() -> None:
    assert set(Stack.model_validate({"into": "a", "columns": {"b": "x", "B": "y"}}).columns) == {"b", "B"}


def test_the_same_meaning_in_two_cases_is_no_contradiction() -> None:
    assert Column.model_validate({"from": "a", "recode": {"Yes": "x", "yes": "x"}}).recode == {"Yes": "x", "yes": "x"}


def test_endings_are_in_lower_case_with_a_point() -> None:
    assert all(ending == ending.lower() and ending.startswith(".") for ending in BY_ENDING)
