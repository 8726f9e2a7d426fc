"""A new study's folder: it loads, explains itself, and refuses what can't be made."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.missing_parts import missing_parts
from pipeline.scaffold.folder import Wish, new_study
from pipeline.scaffold.services import WrongUseError
from pipeline.store import Project
from pipeline.studies import instruments, load_study
from pipeline.validation import read_table
from tests.unit.new_study_folders import made, written

OPTIONAL = re.compile(r"^(\s*)#(?=\S)", re.MULTILINE)


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
