"""The ``peerscope`` command as people type it, each in a process of its own."""

import csv
import shutil
from pathlib import Path
from typing import Any

import pytest

from pipeline.store import Project

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def real(tmp_path: Path) -> Project:
    """A copy of the raw files of this repository."""
    shutil.copytree(REPOSITORY / "raw", tmp_path / "real" / "raw")
    return Project(tmp_path / "real", tmp_path / "real" / "outputs")


def test_help_lists_the_commands(bare: Project, peerscope: Any) -> None:
    result = peerscope(bare, "--help")
    assert result.returncode == 0
    for command in ("run", "validate", "reconstruct", "simulate", "claims", "render", "ui", "doctor"):
        assert f" {command} " in result.stdout


@pytest.mark.parametrize(
    "arguments",
    [("run", "--study", "harbor"), ("simulate", "harbor")],
    ids=" ".join,
)
def test_an_unknown_study_is_wrong_use(arguments: tuple[str, ...], bare: Project, peerscope: Any) -> None:
    result = peerscope(bare, *arguments)
    assert result.returncode == 2
    assert "There is no study 'harbor' in raw/. Did you mean 'harbour'?" in result.stderr
    assert not bare.outputs.exists()


def test_an_unknown_report_is_wrong_use(bare: Project, peerscope: Any) -> None:
    result = peerscope(bare, "render", "annual")
    assert result.returncode == 2
    assert "There is no 'annual'" in result.stdout


def test_validate_with_good_files(bare: Project, peerscope: Any) -> None:
    result = peerscope(bare, "validate")
    assert result.returncode == 0, result.stdout
    assert "valid  mini-river: sessions (400 rows), surveys (" in result.stdout
    assert "valid  harbour: surveys (100 rows), claims (1 rows)" in result.stdout
    assert not [path for path in bare.outputs.rglob("*") if path.is_file()]


def test_validate_with_problems_and_after_the_mend(bare: Project, peerscope: Any) -> None:
    path = bare.raw / "harbour" / "staff.csv"
    good = path.read_bytes()
    path.write_bytes(good.replace(b"h-03,Strongly agree", b"h-03,Mostly"))
    report = bare.restricted("harbour", "problems.csv")
    result = peerscope(bare, "validate", "harbour")
    assert result.returncode == 1
    assert "1 problem(s)  harbour" in result.stdout
    assert "outputs/restricted/harbour/problems.csv" in result.stdout
    with report.open(encoding="utf-8", newline="") as stream:
        (problem,) = csv.DictReader(stream)
    assert (problem["file"], problem["row"], problem["column"], problem["value"]) == (
        "staff.csv",
        "5",
        "hope",
        "Mostly",
    )
    assert "Strongly disagree | Disagree | Neither | Agree | Strongly agree | N/A | D/K" in problem["remedy"]
    path.write_bytes(good)
    assert peerscope(bare, "validate", "harbour").returncode == 0
    assert not report.exists()


def test_claims_of_a_study_prints_each_claim(project: Project, peerscope: Any) -> None:
    result = peerscope(project, "claims", "harbour")
    assert result.returncode == 0
    assert "65" in result.stdout
    assert "1  agrees" in result.stdout
    assert "1  claims, 0 otherwise than expected" in result.stdout


def test_claims_prints_the_scorecard_of_all_studies(project: Project, peerscope: Any) -> None:
    result = peerscope(project, "claims")
    assert result.returncode == 0
    header, _, harbour, *rest = result.stdout.splitlines()
    assert "unexpected" in header
    assert [part.strip() for part in harbour.split("│") if part.strip()] == ["harbour", "1", "1", "0"]
    assert rest[-1] == "Every claim of a study: peerscope claims <study>"
    assert "hope" not in result.stdout, "what simply agrees is counted, not listed"


def test_claims_before_the_first_run(bare: Project, peerscope: Any) -> None:
    result = peerscope(bare, "claims")
    assert result.returncode == 1
    assert "peerscope run" in result.stdout


def test_a_study_without_claims_says_so(project: Project, peerscope: Any) -> None:
    result = peerscope(project, "claims", "mini-river")
    assert result.returncode == 0
    assert "'mini-river' has no claims" in result.stdout


def test_a_claim_that_comes_out_otherwise_ends_the_run_with_1(project: Project, peerscope: Any) -> None:
    path = project.raw / "harbour" / "claims.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("=,65,", "=,75,"), encoding="utf-8")
    result = peerscope(project, "run")
    assert result.returncode == 1
    assert "harbour: hope came out otherwise than expected" in result.stdout
    again = peerscope(project, "run")
    assert again.returncode == 1, "it still comes out otherwise"
    assert "Nothing to do" in again.stdout
    card = peerscope(project, "claims", "harbour")
    assert card.returncode == 1
    assert "(expected: agrees)" in card.stdout


def test_reconstruct_gives_the_same_bytes(real: Project, peerscope: Any) -> None:
    _rebuilds(real, "ahs-pilot", "reconstruct", "*.reconstructed.csv", peerscope)


def test_simulate_gives_the_same_bytes(real: Project, peerscope: Any) -> None:
    _rebuilds(real, "demo-riverbend", "simulate", "*.csv", peerscope)


def _rebuilds(real: Project, study: str, command: str, files: str, peerscope: Any) -> None:
    """What is there is unchanged; what is missing or changed comes back to the same bytes."""
    folder = real.raw / study
    before = {path.name: path.read_bytes() for path in folder.glob(files)}
    missing, changed, *_ = sorted(before)
    (folder / missing).unlink()
    (folder / changed).write_bytes(b"x" + before[changed])
    result = peerscope(real, command, study)
    assert result.returncode == 0, result.stderr
    words = dict(reversed(line.split(maxsplit=1)) for line in result.stdout.splitlines())
    rebuilt = {name: "written" if name in (missing, changed) else "unchanged" for name in before}
    assert words == {f"raw/{study}/{name}": word for name, word in rebuilt.items()}
    assert {path.name: path.read_bytes() for path in folder.glob(files)} == before


def test_a_reconstructed_file_that_was_edited_is_told(real: Project, peerscope: Any) -> None:
    path = real.raw / "ahs-pilot" / "client_feedback.reconstructed.csv"
    assert peerscope(real, "validate", "ahs-pilot").returncode == 0
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"Yes, definitely"', "No", 1), encoding="utf-8")
    result = peerscope(real, "validate", "ahs-pilot")
    assert result.returncode == 1
    assert "not what claims.csv gives" in result.stdout
    assert "peerscope reconstruct ahs-pilot" in result.stdout


@pytest.mark.parametrize("command", ["reconstruct", "simulate"])
def test_collected_data_are_never_made(command: str, bare: Project, peerscope: Any) -> None:
    before = {p: p.read_bytes() for p in bare.raw.rglob("*") if p.is_file()}
    result = peerscope(bare, command, "harbour")
    assert result.returncode == 1
    assert f"nothing to {command}" in result.stderr
    assert {p: p.read_bytes() for p in bare.raw.rglob("*") if p.is_file()} == before


def test_doctor_tells_engine_versions_and_studies(bare: Project, peerscope: Any) -> None:
    result = peerscope(bare, "doctor")
    assert result.returncode == 0, result.stdout
    for word in ("Python", "polars", "Reports by", "harbour: Harbour staff survey", "mini-river"):
        assert word in result.stdout
    study = bare.raw / "harbour" / "study.yml"
    study.write_text("study: harbour\n", encoding="utf-8")
    broken = peerscope(bare, "doctor")
    assert broken.returncode == 1
    assert "harbour is broken" in broken.stdout


def test_a_pattern_that_fits_nothing(project: Project, peerscope: Any) -> None:
    result = peerscope(project, "run", "--select", "repotrs/*")
    assert result.returncode == 2
    assert "No asset fits" in result.stdout


def test_select_and_force_run_just_that(project: Project, peerscope: Any) -> None:
    result = peerscope(project, "run", "--select", "harbour/*", "--select", "*/feedback", "--force")
    assert result.returncode == 0, result.stdout
    shown = {line.strip() for line in result.stdout.splitlines() if line.startswith("  ")}
    assert {"harbour/study", "harbour/surveys", "mini_river/feedback"} <= shown
    assert "mini_river/sessions" not in shown
    assert "0 changed; released estimates: none changed" in result.stdout
