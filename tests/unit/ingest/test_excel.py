"""Workbooks as openpyxl writes them, and as LibreOffice saved them (folder workbooks)."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import polars as pl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.ingest import excel
from pipeline.ingest.export import ROW
from pipeline.problems import Problem, ProblemsFoundError
from schemas.sources import Format

WORKBOOKS = Path(__file__).parent / "workbooks"
CONTACTS = {
    ROW: [4, 5, 6, 8],
    "Contact": ["c-1", "c-2", "c-3", "c-4"],
    "Service": ["alder", "alder", "birch", "birch"],
    "Day": ["2025-03-31", "2025-04-01", None, None],
    "Start": ["2025-03-31 14:05:00", "2025-04-01", "2025-04-02 09:30:00", None],
    "Length": ["30:05:00", "00:50:00", None, None],
    "Share": ["0.25", "1", "0.1", None],
    "Minutes": ["45", "30.5", None, None],
    "Phone": ["007", "3.0", "12", None],
    "Late": ["22.5", "61", "text", None],
}
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes rows as an ``.xlsx`` file; ``more`` does what rows can't say."""

    def made(*rows: list[object], more: Callable[[Worksheet], object] = lambda sheet: None) -> Path:
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        more(book.active)
        book.save(tmp_path / "book.xlsx")
        return tmp_path / "book.xlsx"

    return made


@pytest.mark.parametrize("ending", ["xlsx", "xls", "ods"])
def test_a_sheet_saved_by_libreoffice(ending: str) -> None:
    export = excel.read(WORKBOOKS / f"contacts.{ending}", Format(sheet="Contacts", header=3))
    assert export.frame.equals(pl.DataFrame(CONTACTS))
    assert export.frame.equals(export.frame), "the rows can be had more than once"


@pytest.mark.parametrize("ending", ["xlsx", "xls", "ods"])
def test_cells_with_errors_are_told_and_an_empty_result_is_empty(ending: str) -> None:
    found = _problems(WORKBOOKS / f"contacts.{ending}", sheet="Broken")
    assert [(p.row, p.column, p.value) for p in found] == [(2, "ratio", "#DIV/0!"), (3, "found", "#N/A")]


@pytest.mark.parametrize("ending", ["xlsx", "xls", "ods"])
def test_several_sheets_are_listed_without_the_empty_one(ending: str) -> None:
    (found,) = _problems(WORKBOOKS / f"contacts.{ending}")
    assert found.rule == "the workbook has several sheets: 'Contacts', 'Broken'"
    assert "format: {sheet: Contacts}" in found.remedy


def test_a_misspelt_sheet_names_the_nearest() -> None:
    (found,) = _problems(WORKBOOKS / "contacts.xlsx", sheet="contact")
    assert (found.rule, found.remedy) == ("there is no sheet 'contact'", "Did you mean 'Contacts'?")


def test_the_one_sheet_that_is_filled_and_not_hidden_needs_no_name(write: Write) -> None:
    def add(sheet: Worksheet) -> None:
        sheet.parent.create_sheet("Empty")
        sheet.parent.create_sheet("Lists").append(["a", "b"])
        sheet.parent["Lists"].sheet_state = "hidden"

    assert excel.read(write(["id"], [1], more=add)).frame["id"].to_list() == ["1"]


def test_numbers_truth_values_and_times(write: Write) -> None:
    values = [3.0, 0.1, 1e15, 1e-7, -0.0, 12345678901, True, dt.time(9, 30), dt.timedelta(hours=26), "1.0"]
    frame = excel.read(write(["cell"], *([value] for value in values))).frame
    expected = ["3", "0.1", "1000000000000000", "1e-07", "0", "12345678901", "true", "09:30:00", "26:00:00", "1.0"]
    assert frame["cell"].to_list() == expected


def test_a_fraction_of_a_second_does_not_make_a_time_of_another_minute(write: Write) -> None:
    frame = excel.read(write(["at"], [dt.datetime(2025, 3, 31, 23, 59, 59, 700_000)])).frame
    assert frame["at"].to_list() == ["2025-03-31 23:59:59"]


def test_blank_rows_and_columns_without_anything_are_left_out(write: Write) -> None:
    def style(sheet: Worksheet) -> None:
        sheet["H40"].number_format = "0%"

    frame = excel.read(
        write(["id", None, "b"], [1, None, "x"], [], [" ", None, ""], [2, None, None], more=style)
    ).frame
    assert frame.rows() == [(2, "1", "x"), (5, "2", None)]
    assert frame.columns == [ROW, "id", "b"]


def test_a_header_without_rows(write: Write) -> None:
    frame = excel.read(write(["a", "b"])).frame
    assert frame.schema == {ROW: pl.Int64, "a": pl.String, "b": pl.String}
    assert frame.height == 0


def test_many_rows_come_in_batches(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excel, "BATCH", 2)
    export = excel.read(write(["id"], *([i] for i in range(5))))
    assert [batch.height for batch in export.batches()] == [2, 2, 1]
    assert export.frame[ROW].to_list() == [2, 3, 4, 5, 6]


def test_a_title_above_the_header_is_told_with_the_row_to_declare(write: Write) -> None:
    (found,) = _problems(write(["All contacts"], [], ["id", "day", "minutes"], [1, "x", 3]))
    assert (found.row, found.rule) == (1, "columns B, C have no name")
    assert "format: {header: 3}" in found.remedy


def test_names_that_stand_twice_or_nowhere_are_told_by_their_places(write: Write) -> None:
    found = _problems(write([None, "a", "a", None], [None, 1, 2, 3]))
    assert [(p.row, p.column, p.rule) for p in found] == [
        (1, "", "columns 2, 3 have the same name"),
        (1, "D", "a column has no name"),
    ]


def test_a_header_below_the_last_row_is_told(write: Write) -> None:
    (found,) = _problems(write(["id"], [1]), header=9)
    assert found.rule == "row 9 has no names of columns, nor has any row below it"


def test_cells_merged_across_columns_are_told_unless_they_stand_above_the_header(write: Write) -> None:
    def merge(sheet: Worksheet) -> None:
        sheet.merge_cells("A1:B1")
        sheet.merge_cells("A4:B4")

    path = write(["Title"], ["id", "b"], [1, 2], ["Group two", None], more=merge)
    (found,) = _problems(path, header=2)
    assert (found.row, found.rule) == (4, "cells are merged across columns A to B")


def test_a_formula_that_was_never_computed_is_not_an_empty_cell(write: Write) -> None:
    (found,) = _problems(write(["id", "total"], [1, "=A2*2"]))
    assert (found.row, found.column, found.rule) == (2, "total", "a formula without a stored value")


def test_an_error_above_the_header_is_no_matter(write: Write) -> None:
    frame = excel.read(write(["=A1+1"], ["id"], [1]), Format(header=2)).frame
    assert frame.rows() == [(3, "1")]


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "the file is empty"),
        (b"id,day\n1,2\n", "a text file, not a workbook"),
        (b"\xef\xbb\xbf\n<html><table></table></html>", "a web page, not a workbook"),
        (b"PK\x03\x04 and nothing", "not readable as a workbook"),
        (b"\xd0\xcf\x11\xe0 and nothing", "not readable as a workbook"),
        (b"\x00\x01\x02", "not readable as a workbook"),
    ],
)
def test_what_is_no_workbook_is_told(content: bytes, rule: str, tmp_path: Path) -> None:
    path = tmp_path / "export.xlsx"
    path.write_bytes(content)
    (found,) = _problems(path)
    assert (found.file, found.rule) == ("export.xlsx", rule)
    assert found.remedy


def test_a_sheet_that_breaks_off_is_told(write: Write, tmp_path: Path) -> None:
    source, path = write(["id"], [1]), tmp_path / "broken.xlsx"
    with ZipFile(source) as old, ZipFile(path, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, content[: len(content) // 2] if "sheet1.xml" in name else content)
    (found,) = _problems(path)
    assert found.rule == "not readable as a workbook"


def test_a_password_is_told() -> None:
    (found,) = _problems(WORKBOOKS / "protected.xlsx")
    assert found.rule == "the workbook is protected by a password"


def _problems(path: Path, **declared: object) -> list[Problem]:
    with pytest.raises(ProblemsFoundError) as caught:
        excel.read(path, Format.model_validate(declared))
    return list(caught.value.problems)
