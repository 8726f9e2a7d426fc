"""What is fresh is left alone, what is stale is not, and a run with nothing to do imports next to nothing."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from pipeline.graph import plan
from pipeline.manifest import Manifest
from pipeline.run import run
from pipeline.store import Project

BELOW_THE_SURVEY = {
    "mini_river/surveys",
    "mini_river/feedback",
    "mini_river/release",
    "mini_river/figures",
    "release/estimates",
    "release/evidence",
    "release/changes",
    "release/tables",
}
HEAVY = ("dagster", "pandas", "polars", "numpy", "pandera", "pypandoc", "matplotlib", "nbformat", "openpyxl")


def test_a_second_run_does_nothing_and_says_so(project: Project, peerscope: Any) -> None:
    before = _bytes(project.outputs)
    result = peerscope(project, "run")
    assert result.returncode == 0
    assert "Nothing to do" in result.stdout
    assert _bytes(project.outputs) == before


def test_deciding_that_nothing_is_to_be_done_imports_nothing_heavy(project: Project, in_python: Any) -> None:
    script = (
        "import sys; sys.argv = ['peerscope', 'run']\n"
        "from pipeline.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        f"print('imported:', [name for name in {HEAVY!r} if name in sys.modules])"
    )
    result = in_python(project, "-c", script)
    assert "Nothing to do" in result.stdout, result.stderr
    assert "imported: []" in result.stdout


def test_touching_a_file_changes_nothing(project: Project, mini: Path) -> None:
    for path in (*mini.iterdir(), *project.released("mini-river").iterdir()):
        os.utime(path, (1, 1))
    assert not _stale(project)


def test_a_changed_answer_makes_its_own_branch_stale(project: Project, mini: Path) -> None:
    path = mini / "client_feedback.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("Yes, definitely", "Yes, to some extent", 1), encoding="utf-8")
    reasons = _stale(project)
    assert set(reasons) == BELOW_THE_SURVEY
    assert reasons["mini_river/surveys"] == "input changed"
    assert reasons["mini_river/feedback"] == "mini_river/surveys is stale"
    outcome = run(project)
    assert outcome.succeeded
    assert set(outcome.done) == BELOW_THE_SURVEY
    assert outcome.estimates["moved"]
    assert all(name.startswith("mini-river/") for name in outcome.estimates["moved"])
    written = json.loads((project.outputs / "run.json").read_text(encoding="utf-8"))
    assert written["estimates"] == outcome.estimates
    assert set(written["estimates_from_to"]) <= set(outcome.estimates["moved"])
    assert all(a != b for one in written["estimates_from_to"].values() for a, b in one.values())
    assert set(written["changed"]) == set(outcome.changed)
    assert not run(project).stale


def test_a_change_that_comes_to_the_same_rows_stops_early(project: Project, mini: Path) -> None:
    path = mini / "sessions.csv"
    path.write_text(path.read_text(encoding="utf-8") + "\n\n", encoding="utf-8")
    outcome = run(project)
    assert outcome.succeeded
    assert "mini_river/sessions" in outcome.done
    assert outcome.changed == []
    assert not run(project).stale


@pytest.mark.parametrize(
    ("path", "spoil"),
    [("release/estimates.csv", "change"), ("restricted/mini-river/records/surveys.parquet", "delete")],
)
def test_an_output_that_is_not_as_it_was_is_built_again(path: str, spoil: str, project: Project) -> None:
    output = project.outputs / path
    before = output.read_bytes()
    if spoil == "delete":
        output.unlink()
    else:
        output.write_bytes(before + b"x")
    assert "output missing or changed" in _stale(project).values()
    assert run(project).succeeded
    assert output.read_bytes() == before
    assert not run(project).stale


def test_a_changed_method_makes_its_assets_stale(project: Project, code: Path, in_python: Any) -> None:
    method = code / "pipeline" / "methods" / "feedback.py"
    method.write_text(method.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    reasons = _stale_with(project, code, in_python)
    assert reasons["mini_river/feedback"] == "code changed"
    assert reasons["harbour/feedback"] == "code changed"
    assert "mini_river/sessions" not in reasons
    assert "mini_river/surveys" not in reasons


@pytest.mark.parametrize(
    ("module", "assets"),
    [
        ("pipeline/claims_file.py", {"harbour/claims"}),
        ("pipeline/findings.py", {"harbour/release", "mini_river/release"}),
        ("pipeline/methods/labels.py", {"harbour/release", "mini_river/release"}),
        ("pipeline/ingest/csv.py", {"mini_river/sessions", "harbour/claims"}),
        ("pipeline/studies.py", {"mini_river/study", "harbour/study"}),
        ("pipeline/figures/style.py", {"mini_river/figures", "harbour/figures"}),
    ],
)
def test_a_changed_module_makes_stale_what_it_makes(
    module: str, assets: set[str], project: Project, code: Path, in_python: Any
) -> None:
    path = code / module
    path.write_text(path.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    reasons = _stale_with(project, code, in_python)
    assert assets <= {label for label, why in reasons.items() if why == "code changed"}


def test_a_changed_instrument_is_seen_in_the_rows_and_the_labels(
    project: Project, code: Path, in_python: Any
) -> None:
    path = code / "schemas" / "instruments" / "client-feedback.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("More hopeful about the future", "Has more hope"), encoding="utf-8")
    script = "from pipeline.run import run; from pipeline.store import Project; print(run(Project.find()).done)"
    result = in_python(project, "-c", script, code=code)
    assert "mini_river/release" in result.stdout, result.stderr
    assert "Has more hope" in project.released("mini-river", "labels.csv").read_text(encoding="utf-8")


def test_a_stricter_disclosure_policy_reaches_the_release(project: Project, mini: Path) -> None:
    before = project.released("mini-river", "estimates.csv").read_bytes()
    study = mini / "study.yml"
    study.write_text(study.read_text(encoding="utf-8") + "disclosure: {minimum_cell: 30}\n", encoding="utf-8")
    outcome = run(project)
    assert outcome.succeeded
    assert "mini_river/release" in outcome.changed
    assert project.released("mini-river", "estimates.csv").read_bytes() != before
    assert not any(label.startswith("harbour/") for label in outcome.changed)


def test_one_study_runs_alone(bare: Project) -> None:
    outcome = run(bare, study="harbour")
    assert outcome.succeeded
    assert {label.split("/")[0] for label in outcome.done} == {"harbour"}
    assert not (bare.outputs / "restricted" / "mini-river").exists()


def _stale(project: Project) -> dict[str, str]:
    return {"/".join(key): why for key, why in Manifest(project).stale(plan(project)).items()}


def _stale_with(project: Project, code: Path, in_python: Any) -> dict[str, str]:
    """What the copied code finds stale."""
    script = (
        "import json; from pipeline.graph import plan; from pipeline.manifest import Manifest\n"
        "from pipeline.store import Project\n"
        "project = Project.find()\n"
        "print(json.dumps({'/'.join(k): why for k, why in Manifest(project).stale(plan(project)).items()}))"
    )
    result = in_python(project, "-c", script, code=code)
    assert result.returncode == 0, result.stderr
    found: dict[str, str] = json.loads(result.stdout)
    return found


def _bytes(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
