"""Selecting assets, and what ``run.json`` says."""

import json
from pathlib import Path

import pytest

from pipeline.graph import plan
from pipeline.run import Outcome, commit, selected, unexpected_claims
from pipeline.store import Project, sha256


@pytest.mark.parametrize(
    ("study", "patterns", "labels"),
    [
        ("harbour", [], {"study", "surveys", "claims", "feedback", "release", "audit", "figures"}),
        ("harbour", ["*/feedback"], {"feedback"}),
        ("nowhere", [], set()),
        (None, ["harbour/s*"], {"study", "surveys"}),
        (None, ["repotrs/*"], set()),
    ],
)
def test_assets_are_selected_by_study_and_pattern(
    study: str | None, patterns: list[str], labels: set[str], raw_project: Project
) -> None:
    found = selected(plan(raw_project), study, patterns)
    assert {node.label for node in found} == {f"harbour/{label}" for label in labels}


def test_without_study_and_pattern_all_are_selected(raw_project: Project) -> None:
    assert selected(plan(raw_project), None, []) == list(plan(raw_project))


def test_a_run_has_succeeded_if_nothing_failed_and_all_claims_hold() -> None:
    assert Outcome({}).succeeded
    assert not Outcome({}, failed={"a/b": "why"}).succeeded
    assert not Outcome({}, unexpected_claims=["s: c"]).succeeded


def test_claims_that_came_out_otherwise(project: Project) -> None:
    assert unexpected_claims(project) == []
    path = project.released("harbour", "claims.csv")
    path.write_text(path.read_text(encoding="utf-8").replace("True", "False"), encoding="utf-8")
    assert unexpected_claims(project) == ["harbour: hope"]
    assert unexpected_claims(project, "mini-river") == []


def test_run_json_says_versions_checksums_and_what_changed(made_project: Project) -> None:
    written = json.loads((made_project.outputs / "run.json").read_text(encoding="utf-8"))
    assert written["failed"] == {}
    assert set(written["changed"]) == {node.label for node in plan(made_project)}
    assert len(written["estimates"]["appeared"]) > 100
    assert written["estimates"]["moved"] == written["estimates"]["vanished"] == []
    assert written["estimates_from_to"] == {}
    assert {"python", "dagster", "polars", "pandas"} <= set(written["versions"])
    raw = made_project.raw / "mini-river" / "sessions.csv"
    assert written["raw_sha256"]["raw/mini-river/sessions.csv"] == sha256(raw)
    assert all(seconds >= 0 for seconds in written["asset_seconds"].values())


def test_no_commit_where_there_is_no_git(tmp_path: Path) -> None:
    assert commit(tmp_path) == ""
