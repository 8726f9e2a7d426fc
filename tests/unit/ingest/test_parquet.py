"""Parquet files as Polars writes them."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from pipeline.ingest import parquet
from pipeline.ingest.export import ROW
from pipeline.problems import Problem, ProblemsFoundError

NIGHT = dt.datetime(2025, 3, 31, 23, 59, 59, 700_000)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "contacts.parquet"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pl.Series([1, 2**62, None]), ["1", str(2**62), None]),
        (pl.Series([3.0, 0.1, float("nan"), 1e15, -0.0]), ["3", "0.1", None, "1000000000000000", "0"]),
        (pl.Series([0.1, 2.5, 4.0], dtype=pl.Float32), ["0.1", "2.5", "4"]),
        (pl.Series([Decimal("3.00"), Decimal("3.10"), Decimal("100.00"), None]), ["3", "3.1", "100", None]),
        (pl.Series([True, False, None]), ["true", "false", None]),
        (pl.Series([" a ", "", "  ", "ü"]), ["a", None, None, "ü"]),
        (pl.Series(["x", None, "y"], dtype=pl.Categorical), ["x", None, "y"]),
        (pl.Series(["x", None], dtype=pl.Enum(["x", "y"])), ["x", None]),
        (pl.Series([dt.date(2025, 3, 31), None]), ["2025-03-31", None]),
        (pl.Series([dt.datetime(2025, 3, 31), NIGHT]), ["2025-03-31", "2025-03-31 23:59:59"]),
        (pl.Series([NIGHT], dtype=pl.Datetime("ms")), ["2025-03-31 23:59:59"]),
        (pl.Series([NIGHT]).dt.replace_time_zone("Pacific/Auckland"), ["2025-03-31 23:59:59"]),
        (pl.Series([dt.time(9, 30), None]), ["09:30:00", None]),
        (pl.Series([dt.timedelta(hours=30, minutes=5), -dt.timedelta(seconds=61)]), ["30:05:00", "-00:01:01"]),
        (pl.Series([None, None]), [None, None]),
    ],
    ids=lambda value: str(value.dtype) if isinstance(value, pl.Series) else "",
)
def test_types_become_cells(values: pl.Series, expected: list[str | None], path: Path) -> None:
    values.alias("cell").to_frame().write_parquet(path)
    frame = parquet.read(path).frame
    assert frame.schema == {ROW: pl.Int64, "cell": pl.String}
    assert frame.rows() == list(enumerate(expected, start=1))


def test_typed_batches_keep_the_types_and_number_the_rows(path: Path) -> None:
    pl.DataFrame({"n": range(7), "day": [dt.date(2025, 1, 1)] * 7}).write_parquet(path, row_group_size=4)
    batches = list(parquet.typed_batches(path, rows=3))
    assert [batch[ROW].to_list() for batch in batches] == [[1, 2, 3], [4, 5, 6], [7]]
    assert {tuple(batch.schema.items()) for batch in batches} == {
        ((ROW, pl.Int64()), ("n", pl.Int64()), ("day", pl.Date()))
    }


def test_a_file_without_rows(path: Path) -> None:
    pl.DataFrame(schema={"id": pl.String, "n": pl.Float64}).write_parquet(path)
    assert parquet.read(path).frame.schema == {ROW: pl.Int64, "id": pl.String, "n": pl.String}
    assert [batch.height for batch in parquet.typed_batches(path)] == [0]


def test_a_name_with_a_star_is_one_file(tmp_path: Path) -> None:
    for name in ("a*.parquet", "ab.parquet"):
        pl.DataFrame({"id": [name]}).write_parquet(tmp_path / name)
    assert parquet.read(tmp_path / "a*.parquet").frame["id"].to_list() == ["a*.parquet"]


def test_columns_with_several_values_a_cell_are_refused_by_name(path: Path) -> None:
    pl.DataFrame({"id": [1], "tags": [["a"]], "site": [{"x": 1}], "photo": [b"x"]}).write_parquet(path)
    assert [(p.column, p.rule) for p in _problems(path)] == [
        ("tags", "a cell holds several values (List)"),
        ("site", "a cell holds several values (Struct)"),
        ("photo", "the column holds bytes, not text"),
    ]


def test_a_column_named_as_the_row_numbers_are_is_refused(path: Path) -> None:
    pl.DataFrame({ROW: [1]}).write_parquet(path)
    assert [p.column for p in _problems(path)] == [ROW]


@pytest.mark.parametrize("kept", [0, 5, 40, -30])
def test_what_is_no_parquet_file_is_told(kept: int, path: Path) -> None:
    pl.DataFrame({"id": range(100)}).write_parquet(path)
    path.write_bytes(path.read_bytes()[:kept])
    (found,) = _problems(path)
    assert (found.file, found.rule) == ("contacts.parquet", "not readable as Parquet")


def _problems(path: Path) -> list[Problem]:
    with pytest.raises(ProblemsFoundError) as caught:
        parquet.read(path)
    return list(caught.value.problems)
