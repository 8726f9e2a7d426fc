"""The workbook of released tables, opened again by openpyxl."""

import io
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from pipeline.release_tables import ReleasedTable, released_tables
from pipeline.store import Project
from pipeline.workbook import LONGEST_NAME, sheet_names, workbook, write_tables
from pipeline.workbook_sheet import put


@pytest.fixture(scope="module")
def book(made_project: Project, tmp_path_factory: pytest.TempPathFactory) -> Any:
    copy = tmp_path_factory.mktemp("book") / "tables.xlsx"
    copy.write_bytes((made_project.release / "tables.xlsx").read_bytes())
    return openpyxl.load_workbook(copy)


@pytest.fixture(scope="module")
def estimates(made_project: Project) -> pd.DataFrame:
    return pd.read_parquet(made_project.release / "estimates.parquet").set_index("estimate_id")


def head_row(sheet: Any) -> int:
    return int(sheet.freeze_panes[1:]) - 1 if sheet.freeze_panes[1:].isdigit() else int(sheet.freeze_panes[2:]) - 1


def test_each_number_stands_with_its_estimate_id_in_the_same_row(book: Any, estimates: pd.DataFrame) -> None:
    met = set()
    for sheet in book.worksheets[1:]:
        heads = [cell.value for cell in sheet[head_row(sheet)]]
        places = {head: at for at, head in enumerate(heads) if head}
        for row in sheet.iter_rows(min_row=head_row(sheet) + 1, values_only=True):
            for head, at in places.items():
                if head.startswith("estimate_id: ") and row[at]:
                    shown = row[places[head.removeprefix("estimate_id: ")]]
                    value, met = estimates.loc[row[at], "value"], met | {row[at]}
                    assert shown == pytest.approx(value) if pd.notna(value) else isinstance(shown, str), row[at]
    assert met == set(estimates.index)


def test_headings_are_frozen_and_filtered_and_the_ids_are_folded_away(book: Any) -> None:
    for sheet in book.worksheets[1:]:
        assert sheet.freeze_panes
        assert sheet.auto_filter.ref
        ids = [cell.column_letter for cell in sheet[head_row(sheet)] if str(cell.value).startswith("estimate_id: ")]
        folded = sheet.column_dimensions[ids[0]]
        assert folded.hidden
        assert folded.outlineLevel == 1


def test_title_and_data_status_stand_on_each_sheet_and_the_contents_lead_to_it(book: Any) -> None:
    contents = book.worksheets[0]
    links = {cell.value: cell.hyperlink.location or cell.hyperlink.target for cell in contents["A"] if cell.hyperlink}
    for sheet in book.worksheets[1:]:
        assert sheet["A1"].value
        assert "data:" in sheet["A2"].value
        assert links[sheet.title].endswith(f"'{sheet.title}'!A1")


def test_shares_are_shown_as_percent_and_counts_as_whole_numbers(book: Any) -> None:
    (sheet,) = [one for one in book.worksheets if one.title.startswith("harbour feedback")]
    top = head_row(sheet)
    formats = {cell.value: sheet.cell(row=top + 1, column=cell.column).number_format for cell in sheet[top]}
    assert formats["Strongly agree"] == "0%"
    assert formats["n"] == "0"


def test_the_same_release_gives_the_same_bytes(project: Project) -> None:
    before = (project.release / "tables.xlsx").read_bytes()
    path, tables = write_tables(project)
    assert path.read_bytes() == before
    assert tables == len(openpyxl.load_workbook(path).sheetnames) - 1
    assert {entry.date_time[0] for entry in zipfile.ZipFile(path).infolist()} == {1980}


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-2", "@SUM(A1)", '=HYPERLINK("http://x")', "\ttab"])
def test_a_text_that_looks_like_a_formula_stays_a_text(text: str) -> None:
    made = openpyxl.Workbook()
    put(made.active, 1, 1, text)
    stream = io.BytesIO()
    made.save(stream)
    cell = openpyxl.load_workbook(stream).active["A1"]
    assert (cell.value, cell.data_type, bool(cell.quotePrefix)) == (text, "s", True)
    assert b"<f>" not in zipfile.ZipFile(stream).read("xl/worksheets/sheet1.xml")


def test_characters_that_a_spreadsheet_cannot_hold_and_texts_too_long_for_it() -> None:
    made = openpyxl.Workbook()
    assert put(made.active, 1, 1, "a\x0bb").value == "ab"
    assert len(put(made.active, 1, 2, "x" * 40000).value) == 32767


def test_a_name_in_the_release_that_looks_like_a_formula(made_project: Project, tmp_path: Path) -> None:
    labels = pd.read_csv(made_project.release / "labels.csv", keep_default_na=False)
    frame = pd.read_parquet(made_project.release / "estimates.parquet")
    wild = list(released_tables(frame, labels.assign(label="=cmd|' /C calc'!A1")))
    (tmp_path / "w.xlsx").write_bytes(workbook(wild))
    made = openpyxl.load_workbook(tmp_path / "w.xlsx")
    assert not [cell for sheet in made for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def named(study: str, family: str, part: str) -> ReleasedTable:
    return ReleasedTable(study, family, part, "", "", [], [], [], [])


def test_names_of_sheets_fit_and_differ() -> None:
    assert sheet_names([named("ahs-pilot", "feedback", "")]) == ["ahs-pilot feedback"]
    long = "a-study-with-quite-a-long-name-of-its-own"
    tables = [named(f"{long}-{end}", "response_rates", part) for end in "xy" for part in ("one", "two")]
    tables += [named("S", "feedback", ""), named("s", "feedback", ""), named("a[b]:c", "feed/back", "x?")]
    names = sheet_names(tables)
    assert len({name.lower() for name in names}) == len(tables)
    assert all(0 < len(name) <= LONGEST_NAME for name in names)
    assert not [name for name in names if set(name) & set("[]:*?/\\'")]
