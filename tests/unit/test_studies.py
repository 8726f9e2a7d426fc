"""Study files that can't be used as they are: file, line, and the nearest valid spelling."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.problems import Problem, ProblemsFoundError
from pipeline.studies import instruments, load_study, study_codes, study_folders
from pipeline.yaml_models import load
from schemas.instrument import Instrument
from tests.unit.coded_folder import change, write_coded

DEMONSTRATION = Path(__file__).parents[2] / "raw" / "demo-riverbend"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the demonstration study: its file, and empty data files."""
    copy = tmp_path / "demo-riverbend"
    copy.mkdir()
    for path in DEMONSTRATION.iterdir():
        (copy / path.name).touch()
    shutil.copy(DEMONSTRATION / "study.yml", copy)
    return copy


def test_the_studies_of_the_repository_are_valid() -> None:
    folders = study_folders(DEMONSTRATION.parent)
    assert {folder.name for folder in folders} >= {"ahs-pilot", "demo-riverbend"}
    assert [load_study(folder).study for folder in folders] == [folder.name for folder in folders]


def test_shared_material_is_no_study(tmp_path: Path) -> None:
    for name in ("_shared", "b", "a", "without"):
        (tmp_path / name).mkdir()
        if name != "without":
            (tmp_path / name / "study.yml").touch()
    assert [folder.name for folder in study_folders(tmp_path)] == ["a", "b"]


WRONG = {
    "unknown key": ("\nfictional:", "\nfictonal:", "unknown key 'fictonal'", "Did you mean 'fictional'?"),
    "unknown key inside a list": ("link: respondent", "linked: respondent", "unknown key 'linked'", "'link'"),
    "unknown key of analyses": ("dose_model:", "dosemodel:", "unknown key 'dosemodel'", "'dose_model'"),
    "unknown wave": ("wave: autumn, data_status", "wave: autum, data_status", "unknown wave 'autum'", "'autumn'"),
    "unknown instrument": (
        "instrument: client-feedback, wave: autumn, data",
        "instrument: client-feedbak, wave: autumn, data",
        "unknown instrument 'client-feedbak'",
        "'client-feedback'",
    ),
    "unknown service": (
        "link: respondent}",
        "link: respondent, service: aldr}",
        "unknown service 'aldr'",
        "Did you mean 'alder'?",
    ),
    "unknown service of the model": (
        "{reference: alder}",
        "{reference: elder}",
        "unknown service 'elder'",
        "Did you mean 'alder'?",
    ),
    "unknown answer": (
        "category: strongly-agree",
        "category: strongly-agreed",
        "unknown answer 'strongly-agreed'",
        "'strongly-agree'",
    ),
    "missing file": (
        "file: groups.csv",
        "file: group.csv",
        "file 'group.csv' is not in the folder",
        "Did you mean 'groups.csv'?",
    ),
    "overlapping waves": (
        "start: 2024-10-01",
        "start: 2024-04-15",
        "waves 'spring' and 'autumn' of clinician-ratings overlap",
        "Correct their dates.",
    ),
    "another folder": (
        "study: demo-riverbend",
        "study: demo-river",
        "study is 'demo-river' but its folder is 'demo-riverbend'",
        "Rename one of them.",
    ),
    "wave that ends first": (
        "start: 2024-03-01, end: 2024-04-30",
        "start: 2024-05-01, end: 2024-04-30",
        "ends (2024-04-30) before it starts (2024-05-01)",
        "Correct it.",
    ),
    "reserved service": ("id: alder", "id: all", "reserved name: all", "Correct it."),
    "service twice": ("id: birch", "id: alder", "service id used twice: alder", "Correct it."),
    "demonstration in a real study": (
        "fictional: true",
        "fictional: false",
        "demonstration data belong in fictional studies only",
        "Correct it.",
    ),
}


WHERE = {
    "overlapping waves": "clinician_ratings_autumn.csv",
    "reserved service": "services:",
    "service twice": "services:",
    "demonstration in a real study": "tables:",
}
"""What stands in the line that is named, where that is not the line that was changed."""


@pytest.mark.parametrize("kind", WRONG)
def test_what_is_wrong_is_named_with_line_and_nearest_spelling(kind: str, folder: Path) -> None:
    old, new, rule, remedy = WRONG[kind]
    path = folder / "study.yml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    found = [p for p in problems(lambda: load_study(folder)) if rule in p.rule]
    assert found, problems(lambda: load_study(folder))
    assert found[0].file == "demo-riverbend/study.yml"
    assert remedy in found[0].remedy
    assert found[0].row is not None
    lines = path.read_text(encoding="utf-8").splitlines()
    # A table may go on over the next line, and is then named by the line that it begins on.
    around = "\n".join(lines[found[0].row - 1 : found[0].row + 1])
    assert WHERE.get(kind, new.strip().split("\n")[0]) in around


def test_all_problems_are_told_at_once(folder: Path) -> None:
    path = folder / "study.yml"
    text = (
        path.read_text(encoding="utf-8")
        .replace("groups.csv", "group.csv")
        .replace("dose_model: {reference: alder", "dose_model: {reference: x")
    )
    path.write_text(text, encoding="utf-8")
    assert len(problems(lambda: load_study(folder))) == 2


def test_data_files_may_be_missing_before_they_are_made(folder: Path) -> None:
    (folder / "sessions.csv").unlink()
    assert [p.rule for p in problems(lambda: load_study(folder))] == ["file 'sessions.csv' is not in the folder"]
    assert load_study(folder, files=False).study == "demo-riverbend"


@pytest.mark.parametrize(
    ("content", "row"),
    [(b"study: [a\ntitle: b\n", 2), (b"study: a\n  title: b\n", 2), (b"study: 'a\n", 2), (b"study: \xe9\n", None)],
    ids=["bracket", "indentation", "quotation mark", "latin-1"],
)
def test_what_is_no_yaml(content: bytes, row: int | None, folder: Path) -> None:
    (folder / "study.yml").write_bytes(content)
    (found,) = problems(lambda: load_study(folder))
    assert found.file.endswith("study.yml")
    assert found.row == row
    assert found.remedy


@pytest.mark.parametrize(
    "content", ["", "# nothing\n", "- a\n- b\n", "text\n"], ids=["empty", "comment", "list", "text"]
)
def test_a_file_that_declares_nothing(content: str, folder: Path) -> None:
    (folder / "study.yml").write_text(content, encoding="utf-8")
    assert {"'study' is missing", "'title' is missing"} <= {p.rule for p in problems(lambda: load_study(folder))}


def test_an_instrument_is_named_as_its_file(tmp_path: Path) -> None:
    source = next(iter(sorted((Path(__file__).parents[2] / "schemas" / "instruments").glob("*.yml"))))
    shutil.copy(source, tmp_path / "other-name.yml")
    (found,) = problems(lambda: instruments(tmp_path))
    assert found.file == "other-name.yml"
    assert source.stem in found.rule


def test_an_instrument_with_an_unknown_key(tmp_path: Path) -> None:
    path = tmp_path / "x.yml"
    path.write_text("instrument: x\ntitel: X\n", encoding="utf-8")
    found = problems(lambda: load(path, Instrument))
    assert any(p.row == 2 and p.rule == "unknown key 'titel'" and "'title'" in p.remedy for p in found)


def problems(call: Callable[[], object]) -> list[Problem]:
    with pytest.raises(ProblemsFoundError) as caught:
        call()
    return list(caught.value.problems)


def test_reconstructed_rows_that_nothing_rebuilds_are_refused(tmp_path: Path) -> None:
    pilot = tmp_path / "ahs-pilot"
    shutil.copytree(DEMONSTRATION.parent / "ahs-pilot", pilot)
    text = (pilot / "study.yml").read_text(encoding="utf-8")
    entry = "    - {file: rsa_2018.reconstructed.csv, instrument: rsa-life-goals-published, wave: rsa-2018}\n"
    assert text.count(entry) == 1
    (pilot / "study.yml").write_text(text.replace(entry, ""), encoding="utf-8")
    (found,) = problems(lambda: load_study(pilot))
    assert found.rule == "nothing rebuilds 'rsa_2018.reconstructed.csv'"
    (pilot / "study.yml").write_text(text.replace("\nclaims: claims.csv\n", "\n"), encoding="utf-8")
    assert (
        len(problems(lambda: load_study(pilot)))
        == len(load_study(DEMONSTRATION.parent / "ahs-pilot").tables.surveys) + 1
    )


@pytest.fixture
def coded(tmp_path: Path) -> Path:
    """A study with coded documents, and a codebook."""
    return write_coded(tmp_path / "raw")


def declare(folder: Path, text: str) -> None:
    path = folder / "study.yml"
    path.write_text(f"{path.read_text(encoding='utf-8')}{text}\n", encoding="utf-8")


def test_a_coded_study_names_what_exists(coded: Path) -> None:
    declare(coded, "outcomes: [{code: hope, estimates: [quay/*]}]")
    assert load_study(coded).outcomes[0].code == "hope"


def test_an_outcome_has_a_code_of_the_codebook(coded: Path) -> None:
    declare(coded, "outcomes:\n- {code: hope, estimates: [quay/*]}\n- {code: hpoe, estimates: [quay/*]}")
    (found,) = problems(lambda: load_study(coded))
    assert (found.rule, found.column) == ("unknown code 'hpoe'", "outcomes.1.code")
    assert found.remedy == "Did you mean 'hope'?"
    assert "hpoe" in (coded / "study.yml").read_text(encoding="utf-8").splitlines()[(found.row or 0) - 1]


def test_a_vignette_is_part_of_a_declared_document(coded: Path) -> None:
    change(coded / "study.yml", "part_of: report", "part_of: reprot")
    (found,) = problems(lambda: load_study(coded))
    assert (found.rule, found.remedy) == ("unknown document 'reprot'", "Did you mean 'report'?")


@pytest.mark.parametrize(("table", "needed"), [("segments", "sections"), ("codings", "segments")])
def test_a_coded_table_needs_the_one_above(table: str, needed: str, coded: Path) -> None:
    entry = f"  {needed}:\n  - data_status: observed\n    file: {needed}.csv\n"
    change(coded / "study.yml", entry, "")
    found = problems(lambda: load_study(coded))
    assert [(p.rule, p.column) for p in found] == [(f"{table} without {needed}", f"tables.{table}")]
    assert needed in found[0].remedy


def test_without_a_codebook_no_code_is_known(coded: Path) -> None:
    assert study_codes(coded.parent) == ["trust", "hope"]
    (coded.parent / "_shared" / "codebook.csv").unlink()
    assert study_codes(coded.parent) == []
    declare(coded, "outcomes: [{code: hope, estimates: [quay/*]}]")
    assert [p.rule for p in problems(lambda: load_study(coded))] == ["unknown code 'hope'"]


DRIVERS = {
    "instrument": ("instrument: program-integration\n      wave", "instrument: program-integratin\n      wave"),
    "wave": ("wave: spring\n      outcome", "wave: sprin\n      outcome"),
    "outcome": ("outcome: success", "outcome: sucess"),
    "factor": ("factors: [role-clarity", "factors: [role-clarty"),
    "part of the outcome": ("factors: [role-clarity", "factors: [turned-to"),
}
TOLD = {
    "instrument": (
        "unknown instrument 'program-integratin'", "'program-integration'", "analyses.drivers.0.instrument",
    ),
    "wave": ("unknown wave 'sprin'", "'spring'", "analyses.drivers.0.wave"),
    "outcome": ("unknown item or subscale 'sucess'", "'success'", "analyses.drivers.0.outcome"),
    "factor": ("unknown item 'role-clarty'", "'role-clarity'", "analyses.drivers.0.factors.0"),
    "part of the outcome": (
        "'turned-to' is part of the outcome 'success'", "Take it out", "analyses.drivers.0.factors.0",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", DRIVERS)
def test_drivers_name_what_exists(kind: str, tmp_path: Path) -> None:
    survey = tmp_path / "demo-program-survey"
    survey.mkdir()
    for path in (DEMONSTRATION.parent / "demo-program-survey").iterdir():
        (survey / path.name).touch()
    shutil.copy(DEMONSTRATION.parent / "demo-program-survey" / "study.yml", survey)
    assert load_study(survey).analyses.drivers[0].outcome == "success"
    change(survey / "study.yml", *DRIVERS[kind])
    rule, remedy, column = TOLD[kind]
    found = [p for p in problems(lambda: load_study(survey)) if p.rule == rule]
    assert [(p.column, p.row is not None) for p in found] == [(column, True)]
    assert remedy in found[0].remedy
