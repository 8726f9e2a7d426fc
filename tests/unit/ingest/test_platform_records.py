"""What becomes of platforms' exports with the entries of a study file, and the entries that the page shows."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.ingest.mapping import Wanted, to_record
from pipeline.ingest.reading import read
from schemas.study import SurveyTable, Table
from tests.unit.ingest import platform_files

PAGE = Path(__file__).parents[3] / "docs" / "exports.md"
ENTRIES = [
    (table, entry)
    for block in PAGE.read_text(encoding="utf-8").split("```yaml\n")[1:]
    for table, entries in yaml.safe_load(block.split("```")[0]).items()
    for entry in entries
]


def _record(path: Path, entry: dict[str, Any], columns: tuple[str, ...]) -> list[tuple[Any, ...]]:
    source = Table.model_validate({"file": path.name, "data_status": "observed"} | entry)
    export = read(path, source.format)
    found = [to_record(texts, Wanted(columns), source, export) for texts in export.batches()]
    return [row for frame in found for row in frame.select(columns).rows()]


@pytest.mark.parametrize(("table", "entry"), ENTRIES, ids=[f"{table}-{n}" for n, (table, _) in enumerate(ENTRIES)])
def test_entries_on_the_page_are_valid(table: str, entry: dict[str, Any]) -> None:
    (SurveyTable if table == "surveys" else Table).model_validate(entry)


def test_events_of_redcap_with_labels_and_the_site_of_the_record(tmp_path: Path) -> None:
    platform_files.redcap_dictionary(tmp_path)
    entry = {
        "format": {"type": "redcap", "dictionary": "dictionary.csv", "carry": ["site"]},
        "where": {"redcap_event_name": ["start_arm_1", "end_arm_1"], "redcap_repeat_instrument": ""},
        "columns": {"respondent": "record_id", "service": "site", "hope": "hope"},
    }
    assert _record(platform_files.redcap_raw(tmp_path), entry, ("respondent", "service", "hope")) == [
        ("N-1", "North Clinic", "A lot"),
        ("N-1", "North Clinic", "Don't know"),
        ("S-2", "South Clinic", "Not at all"),
    ]


def test_boxes_of_redcap_become_rows(tmp_path: Path) -> None:
    boxes = {"support___1": "one-to-one", "support___2": "group", "support___grp_b": "group-b"}
    entry = {
        "format": {"type": "redcap"},
        "stack": {"into": "activity", "columns": boxes},
        "columns": {"client": "record_id"},
    }
    rows = _record(platform_files.redcap_raw(tmp_path), entry, ("client", "activity"))
    assert rows == [("N-1", "one-to-one"), ("S-2", "group"), ("S-2", "group-b")]


def test_finished_responses_of_qualtrics_that_are_no_previews(tmp_path: Path) -> None:
    platform_files.qualtrics_survey(tmp_path)
    entry = {
        "format": {"type": "qualtrics", "dictionary": "survey.qsf"},
        "where": {"Status": ["0", "IP Address"], "Finished": ["1", True]},
        "missing": -99,
        "columns": {"respondent": "ExternalReference", "hope": "Q1", "helped": "Q2_1", "timely": "Q2_3"},
    }
    rows = _record(platform_files.qualtrics(tmp_path), entry, ("respondent", "hope", "helped", "timely"))
    assert rows == [("c01", "A lot", "Agree", None)]


def test_finished_responses_of_limesurvey_and_their_boxes(tmp_path: Path) -> None:
    entry = {
        "format": {"type": "limesurvey"},
        "filled": "submitdate",
        "stack": {"into": "activity", "columns": {"Q3[A]": "walks", "Q3[B]": "gym"}, "ticked": ["Y", "Yes"]},
        "columns": {"client": "token"},
    }
    assert _record(platform_files.limesurvey(tmp_path), entry, ("client", "activity")) == [("c01", "walks")]


def test_several_answers_of_microsoft_forms_become_rows(tmp_path: Path) -> None:
    entry = {
        "format": {"type": "microsoft-forms"},
        "stack": {"into": "activity", "split": "Which support did you use?"},
        "columns": {"session": "ID"},
    }
    rows = _record(platform_files.microsoft_forms(tmp_path), entry, ("session", "activity"))
    assert rows == [("1", "Walks"), ("1", "Gym, with a friend"), ("2", "Walks")]


def test_google_forms(tmp_path: Path) -> None:
    entry = {
        "format": {"type": "google-forms"},
        "columns": {"when": "Timestamp", "hope": "How do you feel? [Hopeful]", "comment": "Comment (2)"},
    }
    rows = _record(platform_files.google_forms(tmp_path), entry, ("when", "hope", "comment"))
    assert rows == [("2025-03-03 09:04:00", "A lot", None), ("2025-03-03 12:30:10", "A little", "None")]
