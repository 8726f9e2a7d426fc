"""Exports of REDCap with their data dictionary."""

import gzip
from pathlib import Path

import pytest

from pipeline.ingest.export import ROW
from pipeline.ingest.redcap import box, read, read_dictionary
from pipeline.problems import ProblemsFoundError
from schemas.sources import Format
from tests.unit.ingest.platform_files import REDCAP_RAW, redcap_dictionary, redcap_labels, redcap_raw, write_rows

WITH_DICTIONARY = Format(type="redcap", dictionary="dictionary.csv")
ALONE = Format(type="redcap")


def _problems(path: Path, declared: Format = ALONE) -> list[tuple[int | None, str, str]]:
    with pytest.raises(ProblemsFoundError) as caught:
        _ = read(path, declared).frame
    return [(one.row, one.column, one.rule) for one in caught.value.problems]


def test_raw_codes_stay_cells_and_have_their_labels(tmp_path: Path) -> None:
    redcap_dictionary(tmp_path)
    export = read(redcap_raw(tmp_path), WITH_DICTIONARY)
    assert export.frame[ROW].to_list() == [2, 3, 4, 5]
    assert export.frame["hope"].to_list() == ["2", "-9", None, "0"]
    assert export.answers["hope"] == {"0": "Not at all", "1": "A little", "2": "A lot", "-9": "Don't know"}
    assert export.answers["trained"] == {"1": "Yes", "0": "No"}
    assert export.answers["told"] == {"1": "True", "0": "False"}
    assert export.answers["check_complete"] == {"0": "Incomplete", "1": "Unverified", "2": "Complete"}
    assert not {"score", "pain", "comment", "support___1"} & set(export.answers)


def test_questions_are_without_html_and_boxes_say_what_they_stand_for(tmp_path: Path) -> None:
    redcap_dictionary(tmp_path)
    questions = read(redcap_raw(tmp_path), WITH_DICTIONARY).questions
    assert questions["hope"] == "I feel more hopeful today."
    assert questions["support___2"] == "Which support? Tick all. (choice=Group, weekly)"
    assert questions["support___grp_b"] == "Which support? Tick all. (choice=Group B)"
    assert questions["support____9"] == "Which support? Tick all. (choice=Don't know)"
    assert questions["check_timestamp"] == "Survey Timestamp"
    assert questions["redcap_event_name"] == "Event Name"


def test_identifiers_have_a_question_but_no_cells(tmp_path: Path) -> None:
    redcap_dictionary(tmp_path)
    export = read(redcap_raw(tmp_path), WITH_DICTIONARY)
    assert set(export.questions) - set(export.frame.columns) == {"full_name", "phone"}
    assert "Other" not in str(export.frame.to_dicts())


def test_without_a_dictionary_columns_and_cells_are_as_written(tmp_path: Path) -> None:
    frame = read(redcap_raw(tmp_path), ALONE).frame
    assert frame.columns == [ROW, *REDCAP_RAW[0]]
    assert frame["comment"].to_list() == ["Kind people,\nas ever", None, None, None]


@pytest.mark.parametrize(
    ("code", "column"),
    [
        ("1", "race___1"),
        ("-9", "race____9"),
        ("GRP-B", "race___grp_b"),
        ("1.5", "race___1_5"),
        ("a b/c", "race___abc"),
    ],
)
def test_column_of_a_box(code: str, column: str) -> None:
    assert box("race", code) == column


def test_carried_columns_hold_for_all_rows_of_a_record(tmp_path: Path) -> None:
    frame = read(redcap_raw(tmp_path), Format(type="redcap", carry=("site", "support___1"))).frame
    assert frame["site"].to_list() == ["1", "1", "1", "2"]
    assert frame["support___1"].to_list() == ["1", "1", "1", "0"]


def test_a_record_with_two_values_of_a_carried_column_is_told_by_its_rows(tmp_path: Path) -> None:
    rows = [list(row) for row in REDCAP_RAW]
    rows[3][rows[0].index("site")] = "2"
    path = write_rows(tmp_path / "export.csv", rows)
    with pytest.raises(ProblemsFoundError) as caught:
        read(path, Format(type="redcap", carry=("site",)))
    (problem,) = caught.value.problems
    assert (problem.row, problem.column, problem.value) == (4, "site", "2")
    assert "differs from row 2 of the same record" in problem.rule
    assert "2" not in problem.remedy


@pytest.mark.parametrize(
    ("carry", "rule"),
    [("sight", "not in the export"), ("phone", "marked as an identifier")],
)
def test_a_carried_column_that_is_not_read_is_told(carry: str, rule: str, tmp_path: Path) -> None:
    redcap_dictionary(tmp_path)
    ((row, column, found),) = _problems(redcap_raw(tmp_path), WITH_DICTIONARY.model_copy(update={"carry": (carry,)}))
    assert (row, column) == (1, carry)
    assert rule in found


def test_carrying_needs_the_record_first(tmp_path: Path) -> None:
    redcap_dictionary(tmp_path)
    path = write_rows(tmp_path / "export.csv", [["site", "record_id"], ["1", "N-1"]])
    assert "first column" in _problems(path, WITH_DICTIONARY.model_copy(update={"carry": ("site",)}))[0][2]


def test_labels_in_headings_become_field_names_where_that_is_certain(tmp_path: Path) -> None:
    redcap_dictionary(tmp_path)
    frame = read(redcap_labels(tmp_path), WITH_DICTIONARY).frame
    assert frame.columns == [
        ROW,
        "record_id",
        "redcap_event_name",
        "site",
        "support___1",
        "support____9",
        "Complete?",
        "hope",
        "Comment",
        "Complete? (2)",
        "Comment (2)",
    ]
    assert frame["hope"].to_list() == ["A lot"]


def test_labels_in_headings_without_a_dictionary(tmp_path: Path) -> None:
    frame = read(redcap_labels(tmp_path), ALONE).frame
    assert frame["Comment"].to_list() == ["Kind"]
    assert frame["Comment (2)"].to_list() == ["First visit"]


def test_a_heading_that_may_be_an_identifiers_is_not_read(tmp_path: Path) -> None:
    redcap_dictionary(tmp_path)
    path = write_rows(tmp_path / "export.csv", [["Record ID", "Full name", "Full name"], ["1", "Ann", "Ben"]])
    export = read(path, WITH_DICTIONARY)
    assert export.frame.columns == [ROW, "record_id"]
    assert set(export.questions) == {"record_id", "Full name", "Full name (2)"}


def test_a_dictionary_as_programs_get_it(tmp_path: Path) -> None:
    headings = [
        "field_name",
        "form_name",
        "field_type",
        "field_label",
        "select_choices_or_calculations",
        "identifier",
    ]
    path = write_rows(tmp_path / "api.csv", [headings, ["q", "f", "radio", "Q", "A, Aye| b, Bee ", ""]])
    assert read_dictionary(path)["q"].answers == {"A": "Aye", "b": "Bee"}


def test_semicolons_and_gzip(tmp_path: Path) -> None:
    plain = write_rows(tmp_path / "semicolon.csv", [["record_id", "a, or b"], ["1", "x;y"]], ";")
    packed = tmp_path / "export.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    for path in (plain, packed):
        assert read(path, ALONE).frame.rows() == [(2, "1", "x;y")]


def test_files_of_another_kind_are_told(tmp_path: Path) -> None:
    assert "is a data dictionary" in _problems(redcap_dictionary(tmp_path))[0][2]
    headless = write_rows(tmp_path / "x_DATA_NOHDRS_2025.csv", REDCAP_RAW[1:])
    headless.write_text(headless.read_text().replace("N-1", "1"))
    assert "answers where the names" in _problems(headless)[0][2]
    path = redcap_raw(tmp_path)
    assert "no such file" in _problems(path, Format(dictionary="lost.csv"))[0][2]
    assert "is not a data dictionary" in _problems(path, Format(dictionary=path.name))[0][2]
    other = write_rows(tmp_path / "other.csv", [["pid", "q1"], ["1", "2"]])
    assert "none of the columns" in _problems(other, WITH_DICTIONARY)[0][2]


def test_a_row_that_was_cut_is_told(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "export.csv", [["record_id", "a"], ["1", "2"], ["3"], ["4", "5", "6"]])
    assert [row for row, _, _ in _problems(path)] == [3, 4]
