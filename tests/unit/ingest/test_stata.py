"""Stata files as pandas and pyreadstat write them."""

from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyreadstat
import pytest

from pipeline.ingest import labelled, stata
from pipeline.ingest.export import ROW
from pipeline.problems import ProblemsFoundError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "wave.dta"


@pytest.mark.parametrize("version", [114, 117, 118])
def test_labels_and_texts_as_pandas_writes_them(version: int, path: Path) -> None:
    hope = pd.Categorical.from_codes([0, 1, -1], ["Not at all", "Very much"], ordered=True)
    frame = pd.DataFrame({"hope": hope, "said": ["Müll ", "", "b" * 200], "n": np.array([1, 2, 3], dtype="int8")})
    labels = {"hope": "How hopeful?", "said": ""}
    frame.to_stata(path, version=version, write_index=False, variable_labels=labels)
    export = stata.read(path)
    expected = {ROW: [1, 2, 3], "hope": ["0", "1", None], "said": ["Müll", None, "b" * 200], "n": ["1", "2", "3"]}
    assert export.frame.equals(pl.DataFrame(expected))
    assert export.questions == {"hope": "How hopeful?"}
    assert export.answers == {"hope": {"0": "Not at all", "1": "Very much"}}
    assert export.missing == {}


def test_long_texts_are_whole(path: Path) -> None:
    long = pd.DataFrame({"said": ["é" * 3000, ""]})
    long.to_stata(path, version=118, write_index=False, convert_strl=["said"])
    assert stata.read(path).frame["said"].to_list() == ["é" * 3000, None]


def test_extended_missing_values_stay_cells_with_their_labels(path: Path) -> None:
    frame = pd.DataFrame({"hope": [1, "a", "z", None], "all": ["b", "b", "b", "b"], "none": [1.5, 2.5, 3.5, None]})
    pyreadstat.write_dta(
        frame,
        path,
        missing_user_values={"hope": ["a", "c", "z"], "all": ["b"]},
        variable_value_labels={"hope": {1: "Yes", "a": "Skipped", "c": "Not asked"}},
    )
    export = stata.read(path)
    assert export.frame["hope"].to_list() == ["1", ".a", ".z", None]
    assert export.frame["all"].to_list() == [".b"] * 4
    assert export.frame["none"].to_list() == ["1.5", "2.5", "3.5", None]
    assert export.answers == {"hope": {"1": "Yes", ".a": "Skipped", ".c": "Not asked"}}
    assert export.missing == {"hope": {".a", ".z"}, "all": {".b"}}


def test_single_precision_has_the_decimals_that_were_typed(path: Path) -> None:
    single = np.array([0.1, 3.14, 1e6], dtype="float32")
    pd.DataFrame({"f": single, "d": [0.1, 1e15, 1 / 3]}).to_stata(path, write_index=False)
    frame = stata.read(path).frame
    assert frame["f"].to_list() == ["0.1", "3.14", "1000000"]
    assert frame["d"].to_list() == ["0.1", "1000000000000000", "0.3333333333333333"]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("td", ["2025-03-31", "1959-12-20"]),
        ("tc", ["2025-03-31 14:05:07", "1959-12-20 23:00:00"]),
        ("tw", ["2025w13", "1959w51"]),
        ("tm", ["2025m3", "1959m12"]),
        ("tq", ["2025q1", "1959q4"]),
        ("th", ["2025h1", "1959h2"]),
        ("ty", ["2025", "1959"]),
    ],
)
def test_dates_by_their_formats(kind: str, expected: list[str], path: Path) -> None:
    moments = pd.to_datetime(["2025-03-31 14:05:07", "1959-12-20 23:00:00"])
    pd.DataFrame({"at": moments}).to_stata(path, convert_dates={"at": kind}, write_index=False)
    assert stata.read(path).frame["at"].to_list() == expected


def test_a_time_of_day_and_a_moment_are_told_by_what_their_format_shows(path: Path) -> None:
    hours = 1000 * 3600 * 24 * 20_000 + 34_200_000.0
    formats = {"time": "%tcHH:MM:SS", "moment": "%tcDDmonCCYY_HH:MM", "number": "%12.0g"}
    pyreadstat.write_dta(pd.DataFrame({name: [hours, None] for name in formats}), path, variable_format=formats)
    expected = (1, "09:30:00", "2014-10-04 09:30:00", "1728034200000")
    assert stata.read(path).frame.rows() == [expected, (2, None, None, None)]


def test_rows_come_in_batches_and_missing_values_of_all_are_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labelled, "BATCH", 2)
    frame = pd.DataFrame({"x": [1, 2, 3, 4, "k"]})
    pyreadstat.write_dta(frame, path, missing_user_values={"x": ["k"]})
    export = stata.read(path)
    assert [batch.rows() for batch in export.batches()] == [[(1, "1"), (2, "2")], [(3, "3"), (4, "4")], [(5, ".k")]]
    assert export.missing == {"x": {".k"}}


def test_what_is_no_stata_file_is_told(path: Path) -> None:
    path.write_text("id,hope\n1,2\n", encoding="utf-8")
    with pytest.raises(ProblemsFoundError) as caught:
        stata.read(path)
    assert [p.rule for p in caught.value.problems] == ["not readable as .dta"]
