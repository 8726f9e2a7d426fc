"""Workbooks with several sheets or titles, exports that can't be read, and the waves that exports take."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import openpyxl
import pandas as pd
import pyreadstat
import pytest

from pipeline.missing_parts import missing_parts
from pipeline.scaffold.folder import Wish, new_study
from pipeline.scaffold.services import WrongUseError
from pipeline.store import Project
from pipeline.studies import instruments, load_study
from pipeline.validation import read_table
from schemas.study import Study
from tests.unit.new_study_folders import DAY, LOG, entry, made, written


def test_an_export_that_holds_nothing_known_is_refused_and_one_that_is_named_is_not(tmp_path: Path) -> None:
    export = written(tmp_path / "odd.csv", [["x", "y"], ["1", "2"]])
    with pytest.raises(
        WrongUseError, match=rf"Say what it holds, such as --from sessions={re.escape(str(export))} or"
    ):
        made(tmp_path, exports=(str(export),))
    columns: dict[str, str] = entry(made(tmp_path, exports=(f"sessions={export}",)), "sessions")["columns"]  # type: ignore[assignment]
    assert columns["client"] == "FILL IN"


def test_a_file_to_name_is_printed_so_that_it_can_be_typed(tmp_path: Path) -> None:
    export = written(tmp_path / "Kontakte 2025.csv", [["x", "y"], ["1", "2"]])
    with pytest.raises(WrongUseError) as told:
        made(tmp_path, exports=(str(export),))
    words = shlex.split(str(told.value).partition("--from ")[2])
    assert words[0] == f"sessions={export}"


def test_an_export_that_cannot_be_read_has_its_place_and_the_others_are_guessed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "groups_2027.xlsx").write_text("", encoding="utf-8")
    log = written(tmp_path / "contacts.csv", LOG)
    project = Project(tmp_path, tmp_path / "outputs")
    wish = Wish("mine", exports=(str(log), str(tmp_path / "groups_2027.xlsx")), today=DAY)
    assert new_study(project, wish) == 0
    assert "groups_2027.xlsx: the file is empty" in " ".join(capsys.readouterr().out.split())
    folder = tmp_path / "raw" / "mine"
    assert entry(folder, "sessions")["columns"]["client"] == "Client ID"  # type: ignore[index]
    empty = entry(folder, "groups")
    assert (empty["file"], set(empty["columns"].values())) == ("groups_2027.xlsx", {"FILL IN"})  # type: ignore[attr-defined]
    load_study(folder, files=False)
    lines = [part.text for part in missing_parts(folder)]
    assert any("the file is empty" in line for line in lines)
    assert any("only its name was looked at" in line.lower() for line in lines)


def test_an_export_that_cannot_be_read_takes_no_wave_from_one_that_can(tmp_path: Path) -> None:
    columns = ["respondent", "service", *[item.id for item in instruments()["ucla-3"].items]]
    good = written(tmp_path / "survey.csv", [columns])
    (tmp_path / "broken.xlsx").write_text("<html>", encoding="utf-8")
    folder = made(tmp_path, instruments="ucla-3", exports=(str(tmp_path / "broken.xlsx"), str(good)))
    assert entry(folder, "surveys")["file"] == "survey.csv"
    assert entry(folder, "sessions")["file"] == "broken.xlsx"
    (tmp_path / "raw" / "my-study").rename(tmp_path / "raw" / "first")
    folder = made(tmp_path, exports=(f"ucla-3={tmp_path / 'broken.xlsx'}",))
    assert entry(folder, "surveys")["file"] == "broken.xlsx"
    assert "is this what it holds?" not in (folder / "study.yml").read_text(encoding="utf-8")


def workbook(path: Path, sheets: dict[str, list[list[str]]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


NOTES = [["Topic", "Note"], *[[f"Topic {n}", f"Note {n}"] for n in range(9)]]
TITLED = [["Contacts of peer workers"], ["Made on", "2027-04-01"], [], *LOG]


def test_the_sheet_and_the_row_of_names_of_a_workbook_are_found(tmp_path: Path) -> None:
    book = workbook(tmp_path / "log.xlsx", {"Read me": NOTES, "Contacts 2027": TITLED[:40], "Codes": NOTES})
    folder = made(tmp_path, services="", exports=(str(book),))
    found = entry(folder, "sessions")
    assert found["format"] == {"sheet": "Contacts 2027", "header": 4}
    assert found["columns"]["client"] == "Client ID"  # type: ignore[index]
    path = folder / "study.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("Pigeon: FILL IN", "Pigeon: text"), encoding="utf-8")
    shutil.copy(book, folder)
    assert len(read_table(folder, load_study(folder), "sessions")) == 36


def test_one_sheet_with_merged_titles_needs_its_header_only(tmp_path: Path) -> None:
    book = workbook(tmp_path / "log.xlsx", {"Sheet1": TITLED})
    opened = openpyxl.load_workbook(book)
    opened.active.merge_cells("A1:F1")
    opened.save(book)
    assert entry(made(tmp_path, exports=(str(book),)), "sessions")["format"] == {"header": 4}


def test_the_sheet_that_holds_the_named_instrument_is_taken(tmp_path: Path) -> None:
    options = [option.label for option in instruments()["who-5"].options]
    answers = [[f"r{n}", "North Clinic", *[options[(n + k) % 6] for k in range(5)]] for n in range(30)]
    survey = [["Code", "Site", *[f"WB {k}" for k in range(1, 6)]], *answers]
    book = workbook(tmp_path / "all.xlsx", {"Log": LOG, "Survey": [["Wellbeing"], *survey]})
    found = entry(made(tmp_path, instruments="who-5", exports=(f"who-5={book}",)), "surveys")
    assert found["format"] == {"sheet": "Survey", "header": 2}
    assert [found["columns"][f"q{n}"] for n in range(1, 6)] == [f"WB {n}" for n in range(1, 6)]  # type: ignore[index]
    log = entry(made(tmp_path, study="log", exports=(f"sessions={book}",)), "sessions")
    assert log["format"] == {"sheet": "Log"}


def test_what_is_seen_of_a_workbook_that_is_refused_is_guessed(tmp_path: Path) -> None:
    rows = [[*row, "" if place else "=1/0"] for place, row in enumerate(TITLED)]
    rows[3][-1] = ""  # a column without a name
    rows[9][-1] = "note"
    folder = made(tmp_path, exports=(str(workbook(tmp_path / "log.xlsx", {"A": NOTES, "B": rows})),))
    found = entry(folder, "sessions")
    assert found["format"] == {"sheet": "B", "header": 4}
    assert found["columns"]["client"] == "Client ID"  # type: ignore[index]
    text = (folder / "study.yml").read_text(encoding="utf-8")
    assert "# FILL IN: it could not be read. log.xlsx" in text
    assert "has no name" in text


def test_two_exports_of_a_survey_take_the_waves_in_order(tmp_path: Path) -> None:
    header = ["respondent", "service", *[item.id for item in instruments()["ucla-3"].items]]
    files = [str(written(tmp_path / name, [header])) for name in ("one.csv", "two.csv")]
    with pytest.raises(WrongUseError, match="Name a wave for each"):
        made(tmp_path, instruments="ucla-3", exports=tuple(files))
    study: Study = load_study(
        made(tmp_path, instruments="ucla-3", waves="before,after", exports=tuple(files)), files=False
    )
    assert [(one.wave, one.file) for one in study.tables.surveys] == [("before", "one.csv"), ("after", "two.csv")]
    text = (tmp_path / "raw" / "my-study" / "study.yml").read_text(encoding="utf-8")
    assert text.count("# FILL IN: is it this one?") == 2


@pytest.mark.parametrize(
    ("names", "taken"),
    [
        (["followup_autumn.sav"], {"spring": "ucla_3_spring.csv", "autumn": "followup_autumn.sav"}),
        (["UclaAutumn2027.sav", "first.sav"], {"spring": "first.sav", "autumn": "UclaAutumn2027.sav"}),
        (["autumn_1.sav", "autumn_2.sav"], {"spring": "autumn_2.sav", "autumn": "autumn_1.sav"}),
    ],
)
def test_an_export_takes_the_wave_that_its_name_holds(
    tmp_path: Path, names: list[str], taken: dict[str, str]
) -> None:
    columns = ["respondent", "service", *[item.id for item in instruments()["ucla-3"].items]]
    files = tuple(str(tmp_path / name) for name in names)
    for file in files:
        pyreadstat.write_sav(pd.DataFrame({column: ["1", "2"] for column in columns}), file)
    folder = made(tmp_path, instruments="ucla-3", waves="spring,autumn", exports=files)
    study = load_study(folder, files=False)
    assert {one.wave: one.file for one in study.tables.surveys} == taken
    templates = {file for file in taken.values() if file.endswith(".csv")}
    assert {path.name for path in folder.glob("ucla*.csv")} == templates
    guesses = [file for file in taken.values() if not file.endswith(".csv") and not file.lower().count("autumn")]
    guesses += [taken["spring"]] if "autumn" in taken["spring"] else []
    text = (folder / "study.yml").read_text(encoding="utf-8")
    assert text.count("# FILL IN: is it this one?") == len(guesses)
    assert f"### {taken['spring']}, {taken['autumn']}" in (folder / "README.md").read_text(encoding="utf-8")
