"""What is still to do in a study's folder, told in the order in which a person would do it."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from pipeline.missing_parts import missing_parts, print_missing_parts
from pipeline.scaffold.folder import Wish, planned, texts_of, write_folder

RAW = Path(__file__).parents[2] / "raw"
SHIPPED = sorted(path.parent for path in RAW.glob("*/study.yml"))

STUDY = """\
study: clinics
title: Two clinics
period: {start: 2027-01-01, end: 2027-12-31}
source_family: clinics
services:
  - {id: north, name: North Clinic}
  - {id: south, name: South Clinic}
waves:
  - {id: spring, label: Spring, start: 2027-03-01, end: 2027-03-31}
tables:
  surveys:
    - {file: spring.csv, instrument: ucla-3, wave: spring, data_status: observed}
  response:
    - {file: response.csv, data_status: observed}
disclosure: {minimum_cell: 5}
questions:
  - {id: lonely, question: Are clients lonely?, instruments: [ucla-3]}
"""
ANSWERS = "respondent,service,q1,q2,q3\np1,north,1,2,3\np2,South Clinic,1,1,1\n"
RESPONSE = "instrument,service,wave,eligible,invited,answered\nucla-3,north,spring,9,9,5\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A study to which nothing is left to do."""
    path = tmp_path / "clinics"
    path.mkdir()
    for name, text in {"study.yml": STUDY, "spring.csv": ANSWERS, "response.csv": RESPONSE}.items():
        (path / name).write_text(text, encoding="utf-8")
    return path


def told(folder: Path) -> list[str]:
    return [part.text for part in missing_parts(folder)]


def change(folder: Path, old: str, new: str, file: str = "study.yml") -> None:
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize("shipped", SHIPPED, ids=lambda path: path.name)
def test_nothing_is_left_to_do_in_the_studies_that_are_shipped(shipped: Path) -> None:
    assert told(shipped) == []


def test_nothing_is_left_to_do_in_a_complete_study(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(folder) == []
    assert print_missing_parts(folder)
    assert capsys.readouterr().out == ""


def test_an_untouched_template_does_not_look_valid(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wish = Wish("mine", "A, B", "ucla-3", "spring,autumn", "sessions", today=date(2027, 1, 1))
    made = write_folder(tmp_path / "mine", texts_of(planned(tmp_path, wish)))
    assert not print_missing_parts(made)
    lines = told(made)
    assert lines[0] == "study.yml, line 13: FILL IN title"
    assert "sessions.csv has a header and no rows yet." in lines
    assert lines.index("study.yml, line 23: FILL IN summary") < lines.index(
        "sessions.csv has a header and no rows yet."
    )
    assert "pseudonyms" in lines[-1] or any("pseudonyms" in line for line in lines)
    assert " 1. study.yml, line 13: FILL IN title" in capsys.readouterr().out


def test_the_template_of_a_programme_survey_names_its_open_places(tmp_path: Path) -> None:
    made = tmp_path / "program-survey"
    shutil.copytree(RAW / "_shared" / "templates" / "program-survey", made)
    lines = told(made)
    assert lines[0].startswith("study.yml, line 5: FILL IN study (the name of the folder")
    assert "program_survey.csv has a header and no rows yet." in lines


def test_open_places_are_told_of_a_study_file_that_is_broken(folder: Path) -> None:
    change(folder, "title: Two clinics", "title: FILL IN\nodd: 1")
    assert told(folder) == ["study.yml, line 2: FILL IN title"]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("disclosure: {minimum_cell: 5}\n", "", "nothing under disclosure"),
        (", instruments: [ucla-3]", "", "Question 'lonely' has no indicators, no instruments and no answered_by"),
        ("instruments: [ucla-3]", "instruments: [who-5]", "'who-5', but no table under surveys has its answers"),
        ("instruments: [ucla-3]", "instruments: [ucla3]", "no such instrument. Did you mean 'ucla-3'?"),
        (STUDY[STUDY.index("questions:") :], "", "has no questions"),
        ("  response:\n    - {file: response.csv, data_status: observed}\n", "", "No table says how many were asked"),
        ("South Clinic}", "South Clinic}\n  - {id: east, name: East}", "No row of any file names the service east"),
        ("file: spring.csv", "file: other.csv", "other.csv is not in the folder yet"),
    ],
)
def test_each_gap_is_told(folder: Path, old: str, new: str, line: str) -> None:
    change(folder, old, new)
    assert [text for text in told(folder) if line in text], told(folder)


def test_a_wave_without_survey_and_one_without_a_row_of_response(folder: Path) -> None:
    autumn = "  - {id: autumn, label: Autumn, start: 2027-10-01, end: 2027-10-31}\ntables:"
    change(folder, "tables:", autumn)
    assert told(folder) == ["Wave 'autumn' has no survey under tables."]
    change(
        folder,
        "  response:",
        "    - {file: autumn.csv, instrument: ucla-3, wave: autumn, data_status: observed}\n  response:",
    )
    (folder / "autumn.csv").write_text(ANSWERS, encoding="utf-8")
    assert told(folder) == [
        "ucla-3 has 2 waves, and nothing under analyses.rounds compares them.",
        "response.csv has no row for ucla-3, wave 'autumn'.",
    ]


def test_a_comparison_and_its_links_have_to_fit(folder: Path) -> None:
    change(folder, "tables:", "  - {id: autumn, label: Autumn, start: 2027-10-01, end: 2027-10-31}\ntables:")
    change(
        folder,
        "  response:",
        "    - {file: spring.csv, instrument: ucla-3, wave: autumn, data_status: observed}\n  response:",
    )
    rounds = "{id: r, instrument: ucla-3, reference: spring, wave: autumn, category: often, linked: true}"
    change(folder, "disclosure:", f"analyses:\n  rounds:\n    - {rounds}\ndisclosure:")
    assert any("says linked: true, but a survey of ucla-3 says link: none" in text for text in told(folder))
    change(
        folder,
        "data_status: observed}\n    - {file: spring",
        "data_status: observed, link: respondent}\n    - {file: spring",
    )
    change(folder, "wave: autumn, data_status: observed}", "wave: autumn, data_status: observed, link: respondent}")
    change(folder, "linked: true", "linked: false")
    assert any("linked: true is more precise" in text for text in told(folder))


def test_ids_that_look_like_names_stand_in_the_way_and_are_not_printed(folder: Path) -> None:
    rows = ["respondent,service,q1,q2,q3", "Mary Miller,north,1,2,3", "John Smith,south,1,1,1"]
    (folder / "spring.csv").write_text("\n".join(rows), encoding="utf-8")
    parts = missing_parts(folder)
    assert [part.blocks for part in parts] == [True]
    assert "spring.csv: respondent looks like names" in parts[0].text
    assert "Mary" not in parts[0].text


def test_other_formats_are_only_looked_for(folder: Path) -> None:
    change(folder, "file: spring.csv", "file: spring.xlsx")
    (folder / "spring.xlsx").write_bytes(b"not looked into")
    assert told(folder) == []


def test_findings_are_missed_once_there_are_rows(folder: Path) -> None:
    change(folder, "disclosure:", "findings: findings.yml\ndisclosure:")
    (folder / "findings.yml").write_text("# none yet\n", encoding="utf-8")
    assert told(folder) == ["findings.yml has no finding yet: write what the study concludes, once it has been run."]
    (folder / "spring.csv").write_text(ANSWERS.splitlines()[0] + "\n", encoding="utf-8")
    assert "findings.yml" not in " ".join(told(folder))
