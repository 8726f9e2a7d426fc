"""Exports of LimeSurvey with each kind of heading, and the survey structure."""

from pathlib import Path

import pytest

from pipeline.ingest.export import ROW
from pipeline.ingest.limesurvey import read, read_structure
from pipeline.problems import ProblemsFoundError
from schemas.sources import Format
from tests.unit.ingest.platform_files import (
    LIME_CODES,
    LIME_TEXTS,
    limesurvey,
    limesurvey_structure,
    qualtrics,
    write_rows,
)

ALONE = Format(type="limesurvey")
WITH_STRUCTURE = Format(type="limesurvey", dictionary="survey.lss")
READ = [name for name in LIME_CODES if name != "ipaddr"]


def _rule(path: Path, declared: Format = ALONE) -> str:
    with pytest.raises(ProblemsFoundError) as caught:
        _ = read(path, declared).frame
    return caught.value.problems[0].rule


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_codes_as_headings(separator: str, tmp_path: Path) -> None:
    frame = read(limesurvey(tmp_path, separator=separator), ALONE).frame
    assert frame.columns == [ROW, *READ]
    assert frame[ROW].to_list() == [2, 3]
    assert frame["Q3[other]"].to_list() == ["Shed; tools", None]
    assert frame["Q4"].to_list() == ["-oth-", None]
    assert frame["submitdate"].to_list() == ["2025-03-03 09:04:00", None]


def test_a_workbook(tmp_path: Path) -> None:
    frame = read(limesurvey(tmp_path, name="results.xlsx"), ALONE).frame
    assert frame.columns == [ROW, *READ]
    assert frame["Q2[SQ001]"].to_list() == ["A1", None]


def test_headings_of_code_and_text_are_taken_apart(tmp_path: Path) -> None:
    export = read(limesurvey(tmp_path, "code and text"), ALONE)
    assert export.frame.columns == [ROW, *READ]
    assert export.questions["Q2[SQ002]"] == "How do you feel? [Less alone, now]"
    assert export.questions["submitdate"] == "Date submitted"


def test_full_texts_alone_keep_the_questions_and_name_the_platforms_own_columns(tmp_path: Path) -> None:
    columns = read(limesurvey(tmp_path, "full"), ALONE).frame.columns
    assert columns[:7] == [ROW, "id", "submitdate", "lastpage", "startlanguage", "seed", "token"]
    assert "How do you feel? [Hopeful]" in columns
    assert "IP address" not in columns
    assert "ipaddr" not in columns


@pytest.mark.parametrize("own_tables", [False, True], ids=["LimeSurvey 3", "later"])
def test_full_texts_become_codes_by_the_structure_where_that_is_certain(own_tables: bool, tmp_path: Path) -> None:
    limesurvey_structure(tmp_path, own_tables)
    columns = read(limesurvey(tmp_path, "full"), WITH_STRUCTURE).frame.columns
    assert columns[1:-2] == READ[:-2]
    assert columns[-2:] == ["Support [At home][Needed]", "Support [At home][Received]"], "two scales of one text"


@pytest.mark.parametrize("own_tables", [False, True], ids=["LimeSurvey 3", "later"])
@pytest.mark.parametrize("headings", ["code", "underscores"])
def test_codes_have_labels_by_the_structure(headings: str, own_tables: bool, tmp_path: Path) -> None:
    limesurvey_structure(tmp_path, own_tables)
    export = read(limesurvey(tmp_path, headings), WITH_STRUCTURE)
    answers = list(export.answers.items())
    assert [labels for _, labels in answers] == [
        {"Y": "Yes", "N": "No"},
        {"A1": "Not at all", "A3": "A lot"},
        {"A1": "Not at all", "A3": "A lot"},
        {"N": "North", "-oth-": "Other"},
        {"1": "Much", "2": "Little"},
        {"1": "All", "2": "None"},
    ]
    arrays = "Q2[SQ001]" if headings == "code" else "Q2_SQ001"
    assert answers[1][0] == arrays
    assert export.questions[arrays] == "How do you feel? [Hopeful]"
    assert export.questions["Q1"] == "Were you heard?"


def test_texts_are_in_the_surveys_own_language(tmp_path: Path) -> None:
    survey = read_structure(limesurvey_structure(tmp_path, own_tables=True))
    assert survey["Q5"].text == "Support"
    assert survey["Q3"].parts == {"A": "Walks", "B": "Gym"}


def test_old_question_codes_may_have_underscores(tmp_path: Path) -> None:
    structure = limesurvey_structure(tmp_path, own_tables=False)
    structure.write_text(structure.read_text().replace("<title>Q1</title>", "<title>heard_1</title>"))
    path = write_rows(tmp_path / "a.csv", [["id", "submitdate", "heard_1"], ["1", "", "Y"]])
    assert read(path, WITH_STRUCTURE).answers == {"heard_1": {"Y": "Yes", "N": "No"}}


def test_rows_and_columns_of_an_array_of_texts(tmp_path: Path) -> None:
    part = "<row><qid>{0}</qid><parent_qid>1</parent_qid><title>{1}</title><question>{2}</question>{3}</row>"
    parts = part.format(2, "R1", "Monday", "<scale_id>0</scale_id>") + part.format(
        3, "C1", "Start", "<scale_id>1</scale_id>"
    )
    (tmp_path / "survey.lss").write_text(
        "<document><LimeSurveyDocType>Survey</LimeSurveyDocType><questions><rows>"
        "<row><qid>1</qid><title>Q9</title><type>;</type><question>Times</question></row></rows></questions>"
        f"<subquestions><rows>{parts}</rows></subquestions></document>"
    )
    path = write_rows(tmp_path / "a.csv", [["id", "submitdate", "Times [Monday][Start]"], ["1", "", "9"]])
    export = read(path, WITH_STRUCTURE)
    assert export.frame.columns == [ROW, "id", "submitdate", "Q9[R1_C1]"]
    assert export.questions["Q9[R1_C1]"] == "Times [Monday][Start]"


def test_a_survey_without_responses(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.csv", [LIME_CODES, [""] * len(LIME_CODES)])
    assert read(path, ALONE).frame.height == 0


def test_question_texts_that_stand_twice_are_counted(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.csv", [[*LIME_TEXTS[:2], "Why?", "Why?", "Why?"], ["1", "", "a", "b", "c"]])
    frame = read(path, ALONE).frame
    assert frame.select("Why?", "Why? (2)", "Why? (3)").rows() == [("a", "b", "c")]


def test_files_of_another_kind_are_told(tmp_path: Path) -> None:
    assert "looks like an export of Qualtrics, not of LimeSurvey" in _rule(qualtrics(tmp_path))
    path = limesurvey(tmp_path)
    bomb = '<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><document>&b;</document>'
    for content in ("<document/>", "no xml", bomb):
        (tmp_path / "survey.lss").write_text(content)
        assert "is not a survey structure" in _rule(path, WITH_STRUCTURE)
