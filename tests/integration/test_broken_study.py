"""A broken study file is one failing asset; the other studies load, run and are released."""

import shutil
from pathlib import Path
from typing import Any

from pipeline.graph import plan
from pipeline.run import run
from pipeline.store import Project


def test_the_other_study_runs_and_is_released(bare: Project) -> None:
    _break(bare.raw / "mini-river")
    assert [n.label for n in plan(bare) if n.group == "mini_river"] == ["mini_river/study"]
    outcome = run(bare)
    assert list(outcome.failed) == ["mini_river/study"]
    assert not outcome.skipped
    assert {"harbour/release", "harbour/audit", "release/estimates"} <= set(outcome.done)
    released = (bare.release / "estimates.csv").read_text(encoding="utf-8")
    assert "harbour/all/share" in released
    assert "mini-river" not in released


def test_the_problem_report_names_line_and_nearest_spelling(bare: Project, peerscope: Any) -> None:
    line = _break(bare.raw / "mini-river")
    result = peerscope(bare, "run", "--study", "mini-river")
    assert result.returncode == 1
    assert "mini_river/study: 1 problem(s) to mend" in result.stdout
    report = bare.restricted("mini-river", "problems.csv").read_text(encoding="utf-8")
    assert report.splitlines()[1].startswith(f"mini-river/study.yml,{line},sevices,,unknown key 'sevices'")
    assert "Did you mean 'services'?" in report


def test_it_fails_again_without_a_mend_and_goes_through_with_one(project: Project, mini: Path) -> None:
    study = mini / "study.yml"
    good = study.read_bytes()
    before = project.released("mini-river", "estimates.csv").read_bytes()
    _break(mini)
    assert list(run(project).failed) == ["mini_river/study"]
    assert list(run(project).failed) == ["mini_river/study"]
    assert project.released("mini-river", "estimates.csv").read_bytes() == before
    study.write_bytes(good)
    assert run(project).succeeded
    assert "mini-river" in (project.release / "estimates.csv").read_text(encoding="utf-8")
    assert not project.restricted("mini-river", "problems.csv").exists()
    assert not run(project).stale


def test_two_studies_whose_names_clash_in_asset_keys(bare: Project) -> None:
    shutil.copytree(bare.raw / "mini-river", bare.raw / "mini_river")
    study = bare.raw / "mini_river" / "study.yml"
    study.write_text(study.read_text(encoding="utf-8").replace("study: mini-river", "study: mini_river"))
    outcome = run(bare)
    assert list(outcome.failed) == ["mini_river_clash/study"]
    assert {"mini_river/release", "harbour/release"} <= set(outcome.done)
    assert "taken: mini-river" in bare.restricted("mini_river", "problems.csv").read_text(encoding="utf-8")


def test_a_study_that_is_taken_away_leaves_the_release(project: Project) -> None:
    shutil.rmtree(project.raw / "mini-river")
    assert run(project).succeeded
    assert not project.released("mini-river").exists()
    assert "mini-river" not in (project.release / "estimates.csv").read_text(encoding="utf-8")
    assert "harbour" in (project.release / "estimates.csv").read_text(encoding="utf-8")


def test_a_folder_with_a_reserved_name(bare: Project) -> None:
    (bare.raw / "mini-river").rename(bare.raw / "release")
    labels = [n.label for n in plan(bare)]
    assert "release_clash/study" in labels
    assert labels.count("release/estimates") == 1
    assert list(run(bare).failed) == ["release_clash/study"]


def _break(folder: Path) -> int:
    """Misspell a key; returns its line."""
    study = folder / "study.yml"
    text = study.read_text(encoding="utf-8").replace("\nservices:", "\nsevices:")
    study.write_text(
        text.replace("sevices:", "services:\n  - {id: alder, name: A}\n  - {id: birch, name: B}\nsevices:")
    )
    return 1 + study.read_text(encoding="utf-8").splitlines().index("sevices:")
