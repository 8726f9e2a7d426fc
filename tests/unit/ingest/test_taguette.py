"""Exports of Taguette."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from pipeline.ingest.csv import ROW
from pipeline.ingest.taguette import plain_text, read_tables, texts
from pipeline.problems import Problem, ProblemsFoundError
from tests.unit.ingest.qda_files import (
    DOCUMENT,
    TAGUETTE_CODEBOOK,
    WORDS,
    taguette_project,
    taguette_table,
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return taguette_project(tmp_path / "2025-03-01_Peers.sqlite3")


def test_the_words_that_were_highlighted_come_out(project: Path) -> None:
    text = texts(project)["interview-a"]
    rows = read_tables(project)["segments"].select("start", "end").iter_rows()
    assert [text[int(start) : int(end)] for start, end in rows] == ["Nobody had written", "were kind"]


def test_the_text_is_what_stands_between_the_tags(project: Path) -> None:
    assert texts(project) == {"interview-a": WORDS}
    assert plain_text(DOCUMENT) == WORDS


def test_each_tag_of_a_highlight_is_a_coding_of_one_coder(project: Path) -> None:
    frames = read_tables(project)
    first, second = frames["segments"]["segment"]
    assert frames["codings"].select("segment", "coder", "code").rows() == [
        (first, "coder-1", "role-clarity"),
        (second, "coder-1", "role-clarity"),
        (second, "coder-1", "warmth"),
    ]


def test_tags_are_the_codebook_whether_used_or_not(project: Path) -> None:
    book = read_tables(project)["codebook"].select("code", "label", "definition").rows()
    assert book == [
        ("role-clarity", "role.clarity", "How clear the role is"),
        ("warmth", "warmth", None),
        ("unused", "unused", None),
    ]


def test_a_highlight_without_a_tag_is_told(project: Path) -> None:
    assert read_tables(project)["skipped"].drop(ROW).rows() == [
        ("Interview Á.html", "highlights without a tag", "0", "1 highlights carry no tag")
    ]


def test_reading_leaves_nothing_beside_the_file(project: Path) -> None:
    before = project.read_bytes()
    read_tables(project)
    assert [one.name for one in project.parent.iterdir()] == [project.name]
    assert project.read_bytes() == before


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_highlights_as_a_table_have_codes_but_no_places(ending: str, tmp_path: Path) -> None:
    path = taguette_table(tmp_path / f"all_tags{ending}", "highlights")
    frames = read_tables(path)
    assert frames["segments"].select("document", "segment", "start", "end", "summary").rows() == [
        ("interview-a", "interview-a-highlight-7", None, None, None),
        ("interview-a", "interview-a-highlight-9", None, None, None),
        ("interview-b", "interview-b-highlight-2", None, None, None),
    ]
    assert frames["codings"]["code"].to_list() == ["role-clarity", "role-clarity", "warmth", "warmth"]
    assert frames["sections"].select("document", "start", "end").rows() == [
        ("interview-a", None, None),
        ("interview-b", None, None),
    ]
    assert texts(path) == {}
    assert "welcome" not in str([frame.to_dict(as_series=False) for frame in frames.values()]), (
        "a participant's words"
    )


@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".qdc"])
def test_a_codebook_in_each_form(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"codebook{ending}"
    if ending == ".qdc":
        path.write_text(TAGUETTE_CODEBOOK, encoding="utf-8")
    else:
        taguette_table(path, "codebook")
    frames = read_tables(path)
    assert frames["codebook"]["code"].to_list() == ["role-clarity", "warmth", "unused"]
    assert all(frame.is_empty() for name, frame in frames.items() if name != "codebook")


def test_all_columns_are_texts_with_row_numbers(project: Path) -> None:
    for frame in read_tables(project).values():
        assert frame.columns[0] == ROW
        assert set(frame.drop(ROW).dtypes) == {pl.String}


WRONG: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "no database": ("a.sqlite3", lambda path: path.write_bytes(b"x" * 5000), "not a project of Taguette"),
    "another database": ("a.sqlite3", lambda path: path.write_bytes(b""), "not a project of Taguette"),
    "several projects": ("a.sqlite3", lambda path: taguette_project(path, projects=2), "several projects"),
    "another table": ("a.csv", lambda path: path.write_text("a,b\n1,2\n", encoding="utf-8"), "no highlights"),
    "only a header": ("a.csv", lambda path: path.write_text("x\n", encoding="utf-8"), "no highlights"),
    "no workbook": ("a.xlsx", lambda path: path.write_bytes(b"PK"), "not readable as an Excel file"),
    "a cell is empty": (
        "a.csv",
        lambda path: path.write_text("id,document,tag,content\n1,a,,b\n", encoding="utf-8"),
        "without id, document or tag",
    ),
}


@pytest.mark.parametrize(("name", "make", "rule"), WRONG.values(), ids=WRONG)
def test_what_can_not_be_read_is_told(name: str, make: Callable[[Path], object], rule: str, tmp_path: Path) -> None:
    make(tmp_path / name)
    (found,) = _problems(tmp_path / name)
    assert rule in found.rule
    assert found.remedy


def test_highlights_that_are_not_where_the_file_says_are_told(tmp_path: Path) -> None:
    found = _problems(taguette_project(tmp_path / "a.sqlite3", shift=4))
    assert [(one.row, one.column) for one in found] == [(1, "start"), (2, "start"), (3, "start")]
    assert all("is not where the file says" in one.rule for one in found)


def _problems(path: Path) -> list[Problem]:
    with pytest.raises(ProblemsFoundError) as caught:
        read_tables(path)
    return list(caught.value.problems)
