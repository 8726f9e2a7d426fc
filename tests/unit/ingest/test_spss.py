"""SPSS files as pyreadstat writes them."""

import datetime as dt
from pathlib import Path

import pandas as pd
import polars as pl
import pyreadstat
import pytest

from pipeline.ingest import labelled, spss
from pipeline.ingest.export import ROW, Export
from pipeline.problems import Problem, ProblemsFoundError
from schemas.sources import Format

LABELS = {
    "hope": {1.0: "Not at all", 5.0: "Very much ", -9.0: "Skipped", 8.0: "Don't know"},
    "why": {"zz": "Refused"},
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "wave.sav"


def _read(path: Path, columns: dict[str, object], **how: object) -> Export:
    pyreadstat.write_sav(pd.DataFrame(columns), path, **how)
    return spss.read(path)


def _cells(export: Export, column: str) -> list[str | None]:
    return export.frame[column].to_list()


@pytest.mark.parametrize("name", ["wave.sav", "wave.zsav"])
def test_labels_are_told_and_codes_stay_cells(name: str, tmp_path: Path) -> None:
    export = _read(
        tmp_path / name,
        {"hope": [1.0, -9.0, 8.0, None], "why": ["because ", "zz", "", "ü"]},
        column_labels={"hope": "How hopeful are you?", "why": " "},
        variable_value_labels=LABELS,
        compress=name.endswith(".zsav"),
    )
    expected = {ROW: [1, 2, 3, 4], "hope": ["1", "-9", "8", None], "why": ["because", "zz", None, "ü"]}
    assert export.frame.equals(pl.DataFrame(expected))
    assert export.questions == {"hope": "How hopeful are you?"}
    assert export.answers == {
        "hope": {"1": "Not at all", "5": "Very much", "-9": "Skipped", "8": "Don't know"},
        "why": {"zz": "Refused"},
    }
    assert export.missing == {}


def test_missing_are_the_codes_and_values_in_ranges_that_occur(path: Path) -> None:
    export = _read(
        path,
        {"code": [1.0, -9.0, 8.0], "range": [97.5, 99.0, 3.0], "open": [-1.0, -7.0, 0.0], "text": ["zz ", "a", ""]},
        missing_ranges={
            "code": [-9.0, -8.0, 8.0],
            "range": [{"lo": 97, "hi": 99}, 5.0],
            "open": [{"lo": float("-inf"), "hi": -1}],
            "text": ["zz", "no"],
        },
    )
    assert export.missing == {
        "code": {"-9", "8"},
        "range": {"97.5", "99"},
        "open": {"-1", "-7"},
        "text": {"zz"},
    }
    assert _cells(export, "range") == ["97.5", "99", "3"], "missing codes stay cells"


def test_numbers_have_no_needless_decimals(path: Path) -> None:
    values = [0.1, 1e15, 1 / 3, 3.0, -0.0, 1e300, None]
    expected = ["0.1", "1000000000000000", "0.3333333333333333", "3", "0", "1e+300", None]
    assert _cells(_read(path, {"x": values}), "x") == expected


def test_dates_times_and_durations_by_their_formats(path: Path) -> None:
    second = 24 * 3600 * 161_001.0  # 2023-08-04, in seconds since 14 October 1582
    columns = {
        name: [second, second + 3661.9999999, None] for name in ("day", "european", "month", "moment", "plain")
    }
    columns["length"] = [59.9, 108_300.0, -60.0]
    formats = {"day": "DATE11", "european": "EDATE10", "month": "MOYR8", "moment": "DATETIME20", "length": "DTIME12"}
    frame = _read(path, columns, variable_format=formats).frame
    assert frame["day"].to_list() == frame["european"].to_list() == frame["month"].to_list()
    assert frame["day"].to_list() == ["2023-08-04", "2023-08-04", None]
    assert frame["moment"].to_list() == ["2023-08-04", "2023-08-04 01:01:02", None]
    assert frame["length"].to_list() == ["00:00:59", "30:05:00", "-00:01:00"]
    assert frame["plain"].to_list()[0] == "13910486400"


def test_dates_as_pandas_writes_them(path: Path) -> None:
    columns = {
        "day": [dt.date(1900, 1, 1), dt.date(2025, 12, 31)],
        "at": pd.to_datetime(["2025-03-31 14:05:07", "1582-10-15 00:00:00"]),
        "time": [dt.time(9, 30), dt.time(23, 59, 59)],
    }
    expected = [(1, "1900-01-01", "2025-03-31 14:05:07", "09:30:00"), (2, "2025-12-31", "1582-10-15", "23:59:59")]
    assert _read(path, columns).frame.rows() == expected


def test_a_date_beyond_the_calendar_stays_a_number(path: Path) -> None:
    assert _cells(_read(path, {"at": [6.3e12]}, variable_format={"at": "DATETIME20"}), "at") == ["6300000000000"]


def test_long_texts_are_whole(path: Path) -> None:
    texts = ["é" * 1000, "b" * 300 + " end", ""]
    assert _cells(_read(path, {"said": texts}), "said") == [*texts[:2], None]


@pytest.mark.parametrize("rows", [0, 1, 3, 4, 7])
def test_rows_come_in_batches_and_are_numbered_through(
    rows: int, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(labelled, "BATCH", 3)
    numbers = pd.Series(range(rows), dtype=float)
    columns = {"x": numbers, "y": -(numbers == 5).astype(float)}
    export = _read(path, columns, missing_ranges={"y": [-1.0]})
    batches = list(export.batches())
    assert [batch.height for batch in batches] == {0: [0], 1: [1], 3: [3], 4: [3, 1], 7: [3, 3, 1]}[rows]
    assert export.frame[ROW].to_list() == list(range(1, rows + 1))
    assert export.frame.schema == {ROW: pl.Int64, "x": pl.String, "y": pl.String}
    assert export.missing == ({"y": {"-1"}} if rows == 7 else {})


def test_texts_in_another_encoding_than_the_file_says(path: Path) -> None:
    pyreadstat.write_sav(pd.DataFrame({"said": ["Müll"]}), path)
    path.write_bytes(path.read_bytes().replace("Müll".encode(), "Müll ".encode("cp1252")))
    (found,) = _problems(path)
    assert found.rule == "texts are not in the encoding that the file says"
    assert _cells(spss.read(path, Format(encoding="windows-1252")), "said") == ["Müll"]
    assert _cells(spss.read(path, Format(encoding="latin-1")), "said") == ["Müll"]


def test_what_is_no_spss_file_is_told(path: Path) -> None:
    path.write_text("id,hope\n1,2\n", encoding="utf-8")
    (found,) = _problems(path)
    assert (found.file, found.rule) == ("wave.sav", "not readable as .sav")


def test_a_file_that_breaks_off_is_told(path: Path) -> None:
    pyreadstat.write_sav(pd.DataFrame({"x": [1.0] * 1000}), path)
    path.write_bytes(path.read_bytes()[:-800])
    (found,) = _problems(path)
    assert found.rule == "the file breaks off"


def _problems(path: Path) -> list[Problem]:
    with pytest.raises(ProblemsFoundError) as caught:
        _ = spss.read(path).frame
    return list(caught.value.problems)
