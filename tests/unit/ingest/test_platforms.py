"""Headings and rows of platforms' exports."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.ingest.platforms import BATCH, distinct, export, heading, kind_of, named_by, plain, rows_of
from pipeline.problems import ProblemsFoundError
from schemas.sources import Format
from tests.unit.ingest.platform_files import (
    GOOGLE,
    LIME_CODES,
    LIME_TEXTS,
    MICROSOFT,
    QUALTRICS_NAMES,
    REDCAP_RAW,
    write_rows,
)


def test_white_space_of_any_kind_in_a_heading_is_one_space() -> None:
    assert heading(" How\xa0did\r\nit \u200bgo?\t ") == "How did it go?"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<p>I feel <b>mo</b>re</p><p>hopeful&nbsp;&amp; well</p>", "I feel more hopeful & well"),
        ("one<br/>two<script>three()</script><!-- four -->", "one two"),
        ("younger than < 18 or > 65", "younger than < 18 or > 65"),
    ],
)
def test_texts_without_html(text: str, expected: str) -> None:
    assert plain(text) == expected


@given(st.lists(st.sampled_from(["a", "a (2)", "a (3)", "b", ""])))
def test_names_are_told_apart(names: list[str]) -> None:
    found = distinct(names)
    filled = [name for name in found if name]
    assert len(filled) == len(set(filled)) == sum(bool(name) for name in names)
    firsts = {name: names.index(name) for name in names}
    assert all(found[place] == name for name, place in firsts.items())


def test_labels_become_names_only_where_that_is_certain() -> None:
    labels = {"a": "Alpha", "b": "Beta", "c": "Same", "d": "Same", "e": "“Quoted”", "f": "a"}
    headings = ["Alpha", "Beta", "Beta", "Same", "Quoted", "other"]
    assert named_by(headings, labels) == ["a", "Beta", "Beta", "Same", "e", "other"]
    assert named_by(["a", "Alpha"], labels) == ["a", "Alpha"], "a name that is there already"


def test_platforms_are_known_by_their_headings() -> None:
    tops = {
        "redcap": REDCAP_RAW[0],
        "qualtrics": QUALTRICS_NAMES,
        "limesurvey": LIME_CODES,
        "microsoft-forms": [heading(str(one)) for one in MICROSOFT[0]],
        "google-forms": GOOGLE[0],
        "": ["respondent", "service", "hope"],
    }
    assert {kind_of([top]) for top in tops.values()} == set(tops)
    assert all(kind_of([top]) == kind for kind, top in tops.items())
    assert kind_of([LIME_TEXTS]) == "limesurvey"


def test_many_rows_come_in_batches(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.csv", [["id", "x"], *([number, ""] for number in range(BATCH + 1))])
    found = export(path, rows_of(path, Format()), ["id", "x"])
    assert [frame.height for frame in found.batches()] == [BATCH, 1]
    assert found.frame["#row"].to_list() == list(range(2, BATCH + 3))


def test_the_separator_is_what_stands_behind_the_first_heading(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('"id; of the person",a;b;c\n1,2\n')
    assert [row for _, row in rows_of(path, Format())()] == [["id; of the person", "a;b;c"], ["1", "2"]]


def test_cells_under_no_heading_are_told(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.csv", [["id", "x", ""], ["1", "2", ""], ["3", "4", "5"]])
    with pytest.raises(ProblemsFoundError) as caught:
        _ = export(path, rows_of(path, Format()), ["id", "x", ""]).frame
    assert [one.row for one in caught.value.problems] == [3]


def test_a_column_without_a_name_is_told(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.csv", [["id", "", "x"], ["1", "2", "3"]])
    with pytest.raises(ProblemsFoundError, match="a column has no name"):
        export(path, rows_of(path, Format()), ["id", "", "x"])
