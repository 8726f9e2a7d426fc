"""Exports of Qualtrics with three or two rows of headings, and the survey file."""

import json
from pathlib import Path

import pytest

from pipeline.ingest.export import ROW
from pipeline.ingest.qualtrics import read, read_survey
from pipeline.problems import ProblemsFoundError
from schemas.sources import Format
from tests.unit.ingest.platform_files import (
    QUALTRICS_CODES,
    QUALTRICS_NAMES,
    limesurvey,
    qualtrics,
    qualtrics_legacy,
    qualtrics_survey,
    redcap_raw,
    write_rows,
)

ALONE = Format(type="qualtrics")
PERSONAL = {
    "IPAddress",
    "RecipientLastName",
    "RecipientFirstName",
    "RecipientEmail",
    "LocationLatitude",
    "LocationLongitude",
}


def _rule(path: Path, declared: Format = ALONE) -> str:
    with pytest.raises(ProblemsFoundError) as caught:
        _ = read(path, declared).frame
    (problem,) = caught.value.problems
    assert problem.remedy
    assert not problem.value
    return f"{problem.rule}. {problem.remedy}"


@pytest.mark.parametrize(("name", "first"), [("a.csv", 4), ("a.tsv", 4), ("a.xlsx", 3)])
def test_answers_begin_after_the_headings(name: str, first: int, tmp_path: Path) -> None:
    frame = read(qualtrics(tmp_path, name), ALONE).frame
    assert frame[ROW].to_list() == [first, first + 1]
    assert frame["Q1"].to_list() == ["5", None]
    assert frame["Q2_3"].to_list() == ["-99", None]
    assert frame["Q5_4_TEXT"].to_list() == ['Drop-in,\n"the shed"', None]
    assert frame["Finished"].to_list() == ["1", "0"]
    assert set(QUALTRICS_NAMES) - set(frame.columns) == PERSONAL


def test_questions_are_the_second_row(tmp_path: Path) -> None:
    questions = read(qualtrics(tmp_path), ALONE).questions
    assert questions["Q1"] == "How hopeful are you, today?"
    assert questions["Q2_1"] == "Rate the support: - It helped"
    assert set(questions) >= PERSONAL


def test_status_and_finished_have_labels(tmp_path: Path) -> None:
    answers = read(qualtrics(tmp_path), ALONE).answers
    assert answers["Status"]["1"] == "Survey Preview"
    assert answers["Finished"] == {"1": "True", "0": "False"}
    assert set(answers) == {"Status", "Finished"}


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_codes_have_labels_by_the_survey_file(name: str, tmp_path: Path) -> None:
    survey = qualtrics_survey(tmp_path)
    answers = read(qualtrics(tmp_path, name), Format(type="qualtrics", dictionary=survey.name)).answers
    assert answers["Q1"] == {"0": "Not at all", "5": "A lot", "-9": "Don't know"}
    assert answers["Q2_1"] == answers["Q2_3"] == {"1": "Disagree", "2": "Agree"}
    assert set(answers) == {"Status", "Finished", "Q1", "Q2_1", "Q2_3"}, "boxes to tick and texts have no codes"


def test_a_matrix_with_names_of_its_own_for_the_rows(tmp_path: Path) -> None:
    survey = qualtrics_survey(tmp_path)
    text = json.loads(survey.read_text())
    text["SurveyElements"][2]["Payload"]["ChoiceDataExportTags"] = {"1": "helped", "2": False, "3": "Q2_time"}
    survey.write_text(json.dumps(text))
    names = ["ResponseId", "Q2_helped", "Q2_time", "Q2_4"]
    path = write_rows(tmp_path / "a.csv", [names, ["Response ID", "a", "b", "c"], ["R_2YPOQ602ER1jkf1", 1, 2, 3]])
    answers = read(path, Format(type="qualtrics", dictionary=survey.name)).answers
    assert set(answers) == {"Q2_helped", "Q2_time"}


def test_the_old_platform(tmp_path: Path) -> None:
    export = read(qualtrics_legacy(tmp_path), ALONE)
    assert export.frame.columns == [ROW, "V1", "V2", "V4", "V7", "V8", "V9", "V10", "Q1"]
    assert export.frame.rows()[0][:3] == (3, "R_2YPOQ602ER1jkf1", "Default Response Set")
    assert export.answers["V7"]["1"] == "Survey Preview"


def test_one_row_of_headings_is_told(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.csv", [QUALTRICS_NAMES, *QUALTRICS_CODES])
    assert "has one row of headings" in _rule(path)
    assert "type: csv" in _rule(path)


def test_files_of_another_kind_are_told(tmp_path: Path) -> None:
    assert "looks like an export of REDCap, not of Qualtrics" in _rule(redcap_raw(tmp_path))
    assert "type: limesurvey" in _rule(limesurvey(tmp_path))
    plain = write_rows(tmp_path / "plain.csv", [["respondent", "hope"], ["c01", "3"], ["c02", "4"]])
    assert "does not look like an export of Qualtrics" in _rule(plain)
    path = qualtrics(tmp_path)
    assert "is not a survey file" in _rule(path, Format(dictionary="plain.csv"))


def test_other_json_is_no_survey_file(tmp_path: Path) -> None:
    path = tmp_path / "a.qsf"
    path.write_text("[1, 2]")
    with pytest.raises(ProblemsFoundError):
        read_survey(path)


def test_only_headings(tmp_path: Path) -> None:
    path = qualtrics(tmp_path)
    lines = path.read_bytes().split(b"2025-03-03 09:00:00")[0]
    path.write_bytes(lines)
    frame = read(path, ALONE).frame
    assert frame.height == 0
    assert "Q1" in frame.columns
