"""Guesses about an export; nothing of it is given on but what must be categories."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pandas as pd
import pyreadstat

from pipeline.scaffold.cells import answers_recode
from pipeline.scaffold.opening import open_export
from pipeline.studies import instruments, load_study
from pipeline.validation import read_table
from schemas.instrument import Special
from tests.unit.ingest.platform_files import write_sheet
from tests.unit.new_study_folders import LOG, entry, made, written


def test_a_log_of_contacts_is_guessed(tmp_path: Path) -> None:
    export = written(tmp_path / "contacts.csv", LOG)
    folder = made(tmp_path, services="", exports=(str(export),))
    columns: dict[str, object] = entry(folder, "sessions")["columns"]  # type: ignore[assignment]
    assert columns["session"] == "Contact ID"
    assert columns["client"] == "Client ID"
    assert columns["service"] == "Clinic"
    assert columns["date"] == {"from": "Contact Date", "dates": "day/month/year"}
    assert columns["minutes"] == {"from": "Duration", "unit": "hours:minutes"}
    assert columns["mode"] == {
        "from": "Mode",
        "recode": {"Face to face": "in person", "Phone": "telephone", "Pigeon": "FILL IN"},
    }
    assert columns["attended"] == {"from": "Attendance", "recode": {"Attended": "true", "DNA": "false"}}
    study = load_study(folder, files=False)
    assert [one.name for one in study.services] == ["North Clinic", "St Mary's"]


def test_the_guess_is_read_once_its_open_places_are_filled_in(tmp_path: Path) -> None:
    export = written(tmp_path / "contacts.csv", LOG)
    folder = made(tmp_path, services="", exports=(str(export),))
    path = folder / "study.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("Pigeon: FILL IN", "Pigeon: text"), encoding="utf-8")
    written(folder / "contacts.csv", LOG[:40])
    sessions = read_table(folder, load_study(folder), "sessions")
    assert len(sessions) == 39
    assert set(sessions["minutes"]) == {45}
    assert sessions["date"].max() == date(2027, 3, 28)


def test_no_id_date_name_or_text_of_an_export_gets_into_the_folder(tmp_path: Path) -> None:
    export = written(tmp_path / "contacts.csv", LOG)
    folder = made(tmp_path, services="", exports=(str(export),))
    texts = "\n".join(path.read_text(encoding="utf-8") for path in folder.iterdir())
    telling = {cell for row in LOG[1:] for cell in (row[0], row[1], row[2], row[4], row[8])}
    assert not [cell for cell in telling if cell in texts]
    assert "sister" not in texts  # a word of one row only
    assert not (folder / "contacts.csv").exists()


def test_answers_of_another_wording_are_guessed_and_marked(tmp_path: Path) -> None:
    scale = ["Never", "Some of the time", "most of the Time.", "All of the time"]
    rows = [["Response ID", "Site", *[f"WB_{n}" for n in range(1, 6)], "Comment"]]
    rows += [[f"r{n}", "North Clinic", *[scale[(n + k) % 4] for k in range(5)], f"text {n}"] for n in range(40)]
    export = written(tmp_path / "wellbeing.csv", rows)
    folder = made(tmp_path, instruments="who-5", exports=(f"who-5={export}",))
    found = entry(folder, "surveys")
    assert [found["columns"][f"q{n}"] for n in range(1, 6)] == [f"WB_{n}" for n in range(1, 6)]  # type: ignore[index]
    assert found["columns"]["respondent"] == "Response ID"  # type: ignore[index]
    assert found["answers"] == {"Never": "FILL IN", "most of the Time.": "most"}
    assert "WB_1  # FILL IN: right?" in (folder / "study.yml").read_text(encoding="utf-8")


def test_codes_that_start_elsewhere_are_not_taken_for_ours(tmp_path: Path) -> None:
    rows = [["id", "service", *[f"q{n}" for n in range(1, 6)]]]
    rows += [[f"r{n}", "North Clinic", *[str((n + k) % 6 + 1) for k in range(5)]] for n in range(40)]
    export = written(tmp_path / "codes.csv", rows)
    folder = made(tmp_path, instruments="who-5", exports=(str(export),))
    answers = entry(folder, "surveys")["answers"]
    assert {str(k): v for k, v in answers.items()} == {  # type: ignore[attr-defined]
        "1": "at-no-time",
        "2": "some",
        "3": "less-than-half",
        "4": "more-than-half",
        "5": "most",
        "6": "all-the-time",
    }


def test_an_spss_file_is_guessed_by_its_labels(tmp_path: Path) -> None:
    labels = {option.code: option.label for option in instruments()["client-feedback"].options}
    items = instruments()["client-feedback"].items
    frame = pd.DataFrame({"PSEUDONYM": [f"r{n}" for n in range(20)], "SITE": ["north-clinic"] * 20})
    for place in range(len(items)):
        frame[f"V{place}"] = [n % 3 for n in range(20)]
    path = tmp_path / "feedback.sav"
    names = ["Pseudonym", "Site", *[item.label for item in items]]
    values = {f"V{place}": labels for place in range(len(items))}
    pyreadstat.write_sav(frame, str(path), column_labels=names, variable_value_labels=values)
    folder = made(tmp_path, instruments="client-feedback", exports=(str(path),))
    columns: dict[str, str] = entry(folder, "surveys")["columns"]  # type: ignore[assignment]
    assert [columns[item.id] for item in items] == [f"V{place}" for place in range(len(items))]
    (folder / "feedback.sav").write_bytes(path.read_bytes())
    assert len(read_table(folder, load_study(folder), "surveys")) == 20 * len(items)


def test_a_workbook_and_windows_text_are_opened(tmp_path: Path) -> None:
    book = write_sheet(tmp_path / "log.xlsx", LOG)
    assert entry(made(tmp_path, exports=(str(book),)), "sessions")["file"] == "log.xlsx"
    text = tmp_path / "log.csv"
    rows = [[cell.replace("St Mary's", "Étoile") for cell in row] for row in LOG]
    text.write_text("\n".join(",".join(row) for row in rows), encoding="cp1252")
    folder = made(tmp_path, study="windows", services="", exports=(str(text),))
    assert entry(folder, "sessions")["format"] == {"encoding": "windows-1252"}
    assert "etoile" in load_study(folder, files=False).service_ids()


def test_every_label_of_a_file_that_the_instrument_does_not_know_is_proposed(tmp_path: Path) -> None:
    instrument = instruments()["program-integration"]
    labels = {option.code: option.label for option in instrument.options}
    labels |= {
        7: "Do not know",
        8: "Does not apply",
        9: "No answer",
        10: "Refused",
        11: "See comment",
        12: "Left out",
    }
    frame = pd.DataFrame({"respondent": [f"r{n}" for n in range(20)], "service": ["North Clinic"] * 20})
    names = [item.id.replace("-", "_") for item in instrument.items]
    frame = frame.assign(**{name: [float(1 + n % 4) for n in range(20)] for name in names})
    frame.loc[:1, names[0]] = [7.0, 12.0]  # once each
    values = dict.fromkeys(names, labels)
    path = tmp_path / "staff.sav"
    pyreadstat.write_sav(frame, str(path), variable_value_labels=values, missing_ranges={names[0]: [12]})
    folder = made(tmp_path, instruments="program-integration", exports=(str(path),))
    assert entry(folder, "surveys")["answers"] == {
        "Do not know": "dont-know",
        "Does not apply": "not-applicable",
        "No answer": None,
        "Refused": None,
        "See comment": "FILL IN",
        "Left out": None,
    }
    shutil.copy(path, folder)
    text = (folder / "study.yml").read_text(encoding="utf-8").replace("See comment: FILL IN", "See comment: null")
    (folder / "study.yml").write_text(text, encoding="utf-8")
    answers = read_table(folder, load_study(folder), "surveys")
    first = answers.filter(item=instrument.items[0].id, respondent="main:r0")
    assert first["label"].to_list() == ["dont-know"]


def test_a_special_answer_that_the_instrument_lacks_is_left_open(tmp_path: Path) -> None:
    words = ["Don't know", "No answer", "Rather not say", "Never"]
    export = written(tmp_path / "who.csv", [["q1"], *[[words[n % 4]] for n in range(20)]])
    cells = open_export(export, lambda _: 0.0).cells
    plain = instruments()["who-5"].model_copy(update={"special": ()})
    expected = {"Don't know": "FILL IN", "Never": "FILL IN", "No answer": None, "Rather not say": None}
    assert answers_recode(cells, ["q1"], plain) == expected
    specials = (Special(id="prefer-not-to-say", label="-"), Special(id="dont-know", label="D/K"))
    expected |= {"Don't know": "dont-know", "Rather not say": "prefer-not-to-say"}
    assert answers_recode(cells, ["q1"], plain.model_copy(update={"special": specials})) == expected


def test_columns_named_after_an_instrument_are_its_items(tmp_path: Path) -> None:
    rows = [["pid", "site", *[f"UCLA{n}" for n in range(1, 4)]]]
    rows += [[f"r{n}", "North Clinic", *[str(1 + (n + k) % 3) for k in range(3)]] for n in range(20)]
    export = written(tmp_path / "survey.csv", rows)
    columns: dict[str, str] = entry(made(tmp_path, instruments="ucla-3", exports=(str(export),)), "surveys")[
        "columns"
    ]  # type: ignore[assignment]
    assert [columns[f"q{n}"] for n in range(1, 4)] == ["UCLA1", "UCLA2", "UCLA3"]


def test_an_indicator_of_activities_needs_a_column_that_tells_them(tmp_path: Path) -> None:
    log = made(tmp_path, exports=(str(written(tmp_path / "contacts.csv", LOG)),))
    assert "what is done in contacts" not in (log / "study.yml").read_text(encoding="utf-8")
    own = made(tmp_path, study="own", tables="sessions")
    assert "what is done in contacts" in (own / "study.yml").read_text(encoding="utf-8")
