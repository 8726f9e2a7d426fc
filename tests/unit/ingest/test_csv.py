"""Raw files, read strictly."""

import gzip
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.ingest.csv import ROW, read, read_text
from pipeline.problems import Problem, ProblemsFoundError
from schemas.sources import Format


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file.csv"


def test_cells_are_texts_and_empty_ones_null(path: Path) -> None:
    path.write_text('a,b\n 1 ,"x, ""y"""\n,ü\n', encoding="utf-8")
    expected = pl.DataFrame({ROW: [2, 3], "a": ["1", None], "b": ['x, "y"', "ü"]})
    assert read_text(path).equals(expected)


def test_rows_are_numbered_as_a_spreadsheet_does(path: Path) -> None:
    path.write_text('a,b\n\n1,"two\nlines"\n\n3,4\n', encoding="utf-8")
    assert read_text(path)[ROW].to_list() == [3, 5]


@pytest.mark.parametrize("ends", ["\r\n", "\r", "\n"], ids=["windows", "old mac", "unix"])
def test_line_ends_and_a_byte_order_mark_of_any_system(ends: str, path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbf" + ends.join(["a,b", "1,2", ""]).encode())
    frame = read_text(path)
    assert frame.columns == [ROW, "a", "b"]
    assert frame.rows() == [(2, "1", "2")]


def test_a_header_without_rows(path: Path) -> None:
    path.write_text("a,b\n", encoding="utf-8")
    frame = read_text(path)
    assert frame.height == 0
    assert frame.schema == {ROW: pl.Int64, "a": pl.String, "b": pl.String}


def test_a_column_may_be_called_row(path: Path) -> None:
    path.write_text("row,b\n9,2\n", encoding="utf-8")
    frame = read_text(path)
    assert frame["row"].to_list() == ["9"]
    assert frame[ROW].to_list() == [2]


@pytest.mark.parametrize(
    ("content", "row", "rule"),
    [
        (b"", None, "the file is empty"),
        (b" \n\n", None, "the file is empty"),
        ("a,b\nc,d\né,f\n".encode("latin-1"), 3, "not UTF-8 text"),
        ("a,b\nc,d\n".encode("utf-16"), 1, "not UTF-8 text"),
        (b'a,b\n"c,d\n', None, "not readable as CSV"),
        (b"a;b,c\nd;e,f\n", 1, "the columns may be separated by comma or semicolon"),
        (b"a,\nc,d\n", 1, "a column has no name"),
        (b"a,b\nc\n", 2, "the row has 1 cells but the header has 2"),
        (b"a,b\nc,d\n\ne,f,g\n", 4, "the row has 3 cells but the header has 2"),
    ],
)
def test_what_can_not_be_read_is_told_with_its_row(content: bytes, row: int | None, rule: str, path: Path) -> None:
    path.write_bytes(content)
    (found,) = _problems(path)
    assert (found.file, found.row, found.value) == ("file.csv", row, "")
    assert rule in found.rule
    assert found.remedy


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_the_separator_is_found_from_the_header(sign: str, path: Path) -> None:
    path.write_text(f'a{sign}b\n1{sign}"x{sign}y"\n', encoding="utf-8")
    assert read_text(path).rows() == [(2, "1", f"x{sign}y")]


def test_a_sign_that_stands_in_the_texts_of_some_rows_only_parts_no_columns(path: Path) -> None:
    path.write_text("sites, all;b\nx;y\nz;w\n", encoding="utf-8")
    assert read_text(path).columns == [ROW, "sites, all", "b"]


@pytest.mark.parametrize(
    ("name", "python"), [("windows-1252", "cp1252"), ("utf-16", "utf-16"), ("latin-1", "latin-1")]
)
def test_a_declared_encoding(name: str, python: str, path: Path) -> None:
    path.write_bytes("id,site\n1,Zürich\n".encode(python))
    assert read(path, Format(encoding=name)).frame["site"].to_list() == ["Zürich"]


def test_the_row_that_names_the_columns_may_stand_further_down(path: Path) -> None:
    path.write_text("Export of 1 May\n\nid,site\n1,north\n", encoding="utf-8")
    assert read(path, Format(header=3)).frame.rows() == [(4, "1", "north")]


def test_a_compressed_file(tmp_path: Path) -> None:
    path = tmp_path / "file.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n1,2\n"))
    assert read_text(path).rows() == [(2, "1", "2")]
    path.write_bytes(path.read_bytes()[:-9])
    assert "not readable" in _problems(path)[0].rule


DIRTY = st.lists(st.sampled_from([*"ab \t.é", '"', ",", "\n", "\r\n", "x,y\n"]), max_size=60).map("".join)


@given(DIRTY)
@settings(max_examples=200, deadline=None)
@example(body=",a,")
def test_the_quick_reader_gives_what_the_strict_one_gives(body: str) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "file.csv"
        path.write_text(f"one,two\n1,2\n3,4\n{body}", encoding="utf-8", newline="")
        with patch("pipeline.ingest.csv.FAST_FROM", 1 << 40):
            strict = _outcome(path)
        with patch("pipeline.ingest.csv.FAST_FROM", 0), patch("pipeline.ingest.csv.BATCH", 2):
            assert _outcome(path) == strict


def _outcome(path: Path) -> object:
    try:
        return read_text(path).rows()
    except ProblemsFoundError as error:
        return error.problems


def test_a_name_that_stands_twice_is_told_by_its_places(path: Path) -> None:
    path.write_text("a,b,a,b,a\n1,2,3,4,5\n", encoding="utf-8")
    found = _problems(path)
    assert [(p.rule, p.value) for p in found] == [
        ("columns 1, 3, 5 have the same name", "a"),
        ("columns 2, 4 have the same name", "b"),
    ]
    assert {p.column for p in found} == {""}, "without a header these would be answers"


def test_every_ragged_row_is_told(path: Path) -> None:
    path.write_text("a,b\n1\n1,2\n1,2,3\n", encoding="utf-8")
    assert [p.row for p in _problems(path)] == [2, 4]


def _problems(path: Path) -> list[Problem]:
    with pytest.raises(ProblemsFoundError) as caught:
        read_text(path)
    return list(caught.value.problems)
