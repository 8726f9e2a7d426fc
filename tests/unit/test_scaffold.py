"""A new study's folder: it loads, explains itself, and gives nothing on of an export but what must be categories."""

from __future__ import annotations

import csv
import re
from datetime import date
from pathlib import Path

import pytest
import yaml

from pipeline.missing_parts import missing_parts
from pipeline.problems import ProblemsFoundError
from pipeline.scaffold.folder import Wish, folder_texts, new_study, write_folder
from pipeline.scaffold.services import WrongUseError
from pipeline.store import Project
from pipeline.studies import instruments, load_study
from pipeline.validation import read_table
from schemas.study import Study
from tests.unit.ingest.platform_files import write_sheet

DAY = date(2027, 2, 3)
OPTIONAL = re.compile(r"^(\s*)#(?=\S)", re.MULTILINE)


def made(tmp_path: Path, **wish: object) -> Path:
    asked = Wish(**{"study": "my-study", "services": "North Clinic, South Clinic", "today": DAY} | wish)  # type: ignore[arg-type]
    return write_folder(tmp_path / "raw" / asked.study, folder_texts(tmp_path / "raw", asked))


def written(path: Path, rows: list[list[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)
    return path


def optional_parts(text: str) -> list[str]:
    """Lines that are to be used together: one that is marked, and those below it that are marked and go deeper."""
    parts: list[list[str]] = []
    depth = -1
    for line in text.splitlines():
        marked = OPTIONAL.match(line)
        if marked and 0 <= depth < len(marked[1]):
            parts[-1].append(line)
        else:
            depth = len(marked[1]) if marked else -1
            parts += [[line]] if marked else []
    return ["\n".join(lines) for lines in parts]


@pytest.mark.parametrize("name", sorted(instruments()))
def test_each_instrument_makes_a_folder_that_is_valid_but_for_what_is_still_to_do(tmp_path: Path, name: str) -> None:
    folder = made(tmp_path, instruments=name, waves="spring,autumn", tables="sessions,response")
    study = load_study(folder)
    assert [table.wave for table in study.tables.surveys] == ["spring", "autumn"]
    for table in ("surveys", "sessions", "response"):
        assert read_table(folder, study, table).is_empty()
    assert any(part.blocks for part in missing_parts(folder))


@pytest.mark.parametrize("name", ["who-5", "program-integration", "clinician-ratings", "friends-and-family"])
def test_a_filled_template_is_read(tmp_path: Path, name: str) -> None:
    folder = made(tmp_path, instruments=name)
    study, instrument = load_study(folder), instruments()[name]
    file = folder / study.tables.surveys[0].file
    header = file.read_text(encoding="utf-8").strip().split(",")
    row = {"respondent": "p1", "subject": "s1", "service": "North Clinic"}
    cells = [row.get(column, instrument.options[0].label) for column in header]
    written(file, [header, cells])
    answers = read_table(folder, study, "surveys")
    assert len(answers) == len(instrument.items)
    assert set(answers["service"]) == {"north-clinic"}


def test_every_record_table_has_a_template_that_is_read(tmp_path: Path) -> None:
    tables = ("sessions", "groups", "doses", "response", "workforce", "headcount")
    folder = made(tmp_path, tables=",".join(tables))
    study = load_study(folder)
    assert all(read_table(folder, study, table).is_empty() for table in tables)


@pytest.mark.parametrize(
    "wish",
    [
        {"instruments": "who-5,client-feedback", "waves": "spring,autumn", "tables": "sessions,response,workforce"},
        {"instruments": "program-integration", "services": "A,B,C"},
        {"tables": "sessions"},
        {"services": ",".join(f"Clinic {number}" for number in range(12)), "instruments": "k10"},
    ],
)
def test_optional_parts_are_right_one_by_one_and_all_together(tmp_path: Path, wish: dict[str, str]) -> None:
    folder = made(tmp_path, **wish)
    path = folder / "study.yml"
    text = path.read_text(encoding="utf-8")
    plain = load_study(folder).model_dump(exclude_unset=True)
    for block in optional_parts(text):
        used = OPTIONAL.sub(r"\1", block)
        path.write_text(text.replace(block, used, 1), encoding="utf-8")
        assert load_study(folder, files=False).model_dump(exclude_unset=True) != plain, used
    path.write_text(OPTIONAL.sub(r"\1", text), encoding="utf-8")
    everything = load_study(folder, files=False)
    assert everything.tables.headcount
    assert everything.claims == "claims.csv"


def test_the_templates_of_all_optional_tables_are_in_the_readme(tmp_path: Path) -> None:
    folder = made(tmp_path, tables="sessions")
    readme = (folder / "README.md").read_text(encoding="utf-8")
    for header in re.findall(r"`(\w+)\.csv`: `([\w,]+)`", readme):
        (folder / f"{header[0]}.csv").write_text(header[1] + "\n", encoding="utf-8")
    path = folder / "study.yml"
    path.write_text(OPTIONAL.sub(r"\1", path.read_text(encoding="utf-8")), encoding="utf-8")
    study = load_study(folder)
    assert read_table(folder, study, "groups").is_empty()
    assert read_table(folder, study, "headcount").is_empty()


def test_the_readme_tells_each_column_and_each_answer(tmp_path: Path) -> None:
    folder = made(tmp_path, instruments="who-5", tables="sessions,response")
    readme = (folder / "README.md").read_text(encoding="utf-8")
    for path in folder.glob("*.csv"):
        for column in path.read_text(encoding="utf-8").strip().split(","):
            assert f"`{column}`" in readme or path.name == "claims.csv"
    assert "| `5` | `all-the-time` | All of the time |" in readme
    assert "one of: `in person`, `telephone`, `video`, `text`" in readme
    assert "Pseudonyms first" in readme


def test_many_services_stand_in_a_file_and_keep_their_ids(tmp_path: Path) -> None:
    given = written(tmp_path / "sites.csv", [["name", "id"], *[[f"Clinic {n}", f"c-{n}"] for n in range(30)]])
    folder = made(tmp_path, services=str(given), tables="sessions")
    study = load_study(folder)
    assert study.service_ids() == [f"c-{n}" for n in range(30)]
    assert study.services_file == "services.csv"


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        ({"instruments": "who5"}, "Did you mean 'who-5'?"),
        ({"tables": "session"}, "Did you mean 'sessions'?"),
        ({"tables": "surveys"}, "--instruments"),
        ({"study": "My Study"}, "Such as: my-study"),
        ({"study": "release"}, "reserved"),
        ({"services": "nowhere.csv"}, "no file 'nowhere.csv'"),
        ({"exports": ("nowhere.csv",)}, "no file 'nowhere.csv'"),
    ],
)
def test_wrong_names_are_refused_with_the_nearest(tmp_path: Path, wish: dict[str, str], told: str) -> None:
    with pytest.raises(WrongUseError, match=re.escape(told)):
        made(tmp_path, **wish)
    assert not (tmp_path / "raw").exists()


def test_a_folder_that_is_there_is_left_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = made(tmp_path)
    (folder / "study.yml").write_text("mine", encoding="utf-8")
    project = Project(tmp_path, tmp_path / "outputs")
    assert new_study(project, Wish("my-study")) == 2
    assert new_study(project, Wish("my_study")) == 2
    assert "nothing was changed" in capsys.readouterr().out
    assert (folder / "study.yml").read_text(encoding="utf-8") == "mine"


def test_it_says_which_line_keeps_the_data_out_of_the_repository(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = Project(tmp_path, tmp_path / "outputs")
    assert new_study(project, Wish("open-study")) == 0
    assert "CAUTION" in capsys.readouterr().out
    (tmp_path / ".gitignore").write_text("raw/*\n", encoding="utf-8")
    assert new_study(project, Wish("my-study")) == 0
    assert "The line raw/* of .gitignore keeps" in " ".join(capsys.readouterr().out.split())


LOG = [
    ["Contact ID", "Client ID", "Client Name", "Clinic", "Contact Date", "Duration", "Mode", "Attendance", "Notes"],
    *[
        [
            f"k-{n:03}",
            f"p-{n % 7}",
            f"Person Number{n % 7}",
            ["North Clinic", "St Mary's"][n % 2],
            f"{n % 28 + 1:02}/03/2027",
            "00:45",
            "at her sister's" if n == 40 else ["Face to face", "Phone", "Pigeon"][n % 3],
            ["Attended", "DNA"][n % 4 == 0],
            f"He told me about his mother {n}",
        ]
        for n in range(60)
    ],
]


def entry(folder: Path, table: str) -> dict[str, object]:
    content = yaml.safe_load((folder / "study.yml").read_text(encoding="utf-8"))
    found: dict[str, object] = content["tables"][table][0]
    return found


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
    pyreadstat = pytest.importorskip("pyreadstat")
    import pandas as pd

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


def test_an_export_that_holds_nothing_known_is_refused_and_one_that_is_named_is_not(tmp_path: Path) -> None:
    export = written(tmp_path / "odd.csv", [["x", "y"], ["1", "2"]])
    with pytest.raises(WrongUseError, match=r"Say what it holds, such as --from sessions=odd\.csv"):
        made(tmp_path, exports=(str(export),))
    columns: dict[str, str] = entry(made(tmp_path, exports=(f"sessions={export}",)), "sessions")["columns"]  # type: ignore[assignment]
    assert columns["client"] == "FILL IN"


def test_an_empty_export_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("", encoding="utf-8")
    with pytest.raises(ProblemsFoundError, match="empty"):
        made(tmp_path, exports=(str(tmp_path / "empty.csv"),))


def test_two_exports_of_a_survey_take_the_waves_in_order(tmp_path: Path) -> None:
    header = ["respondent", "service", *[item.id for item in instruments()["ucla-3"].items]]
    files = [str(written(tmp_path / name, [header])) for name in ("one.csv", "two.csv")]
    with pytest.raises(WrongUseError, match="Name a wave for each"):
        made(tmp_path, instruments="ucla-3", exports=tuple(files))
    study: Study = load_study(
        made(tmp_path, instruments="ucla-3", waves="before,after", exports=tuple(files)), files=False
    )
    assert [(one.wave, one.file) for one in study.tables.surveys] == [("before", "one.csv"), ("after", "two.csv")]
