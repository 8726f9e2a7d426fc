"""The way of the Dagster UI: all assets through a real instance, without the command line."""

import shutil
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from pipeline import checks
from pipeline.definitions import definitions
from pipeline.graph import plan
from pipeline.manifest import Manifest
from pipeline.run import instance, run
from pipeline.store import Project


@pytest.fixture(scope="module")
def by_hand(raw_project: Project, tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Any]:
    """A project, and the result of materialising all of it as the UI does."""
    root = tmp_path_factory.mktemp("by-hand") / "project"
    shutil.copytree(raw_project.root, root)
    project = Project(root, root / "outputs")
    with instance(project) as home:
        result = definitions(project).resolve_implicit_global_asset_job_def().execute_in_process(instance=home)
    return project, result


def test_all_goes_through(by_hand: tuple[Project, Any]) -> None:
    project, result = by_hand
    assert result.success
    made = {tuple(e.asset_key.path) for e in result.get_asset_materialization_events()}
    assert made == {node.key for node in plan(project)}


def test_check_results_are_recorded(by_hand: tuple[Project, Any]) -> None:
    project, result = by_hand
    found = {(tuple(e.asset_key.path), e.check_name): e.passed for e in result.get_asset_check_evaluations()}
    expected = {(n.key, checks.CHECKS[n.kind][0]): True for n in plan(project) if n.kind in checks.CHECKS}
    assert found == expected
    assert (("mini_river", "sessions"), "schema") in found
    assert (("harbour", "audit"), "claims_as_expected") in found


def test_data_versions_are_the_content_of_the_manifest(by_hand: tuple[Project, Any]) -> None:
    project, result = by_hand
    manifest = Manifest(project)
    for event in result.get_asset_materialization_events():
        tags = event.materialization.tags or {}
        assert tags["dagster/data_version"] == manifest.content(tuple(event.asset_key.path))[:16]


def test_the_command_line_finds_all_of_it_fresh(by_hand: tuple[Project, Any]) -> None:
    assert not run(by_hand[0]).stale


def test_the_same_content_whoever_ran_it(by_hand: tuple[Project, Any], made_project: Project) -> None:
    ours, theirs = Manifest(by_hand[0]), Manifest(made_project)
    differ = [n.label for n in plan(made_project) if ours.content(n.key) != theirs.content(n.key)]
    assert differ == []


def test_no_value_went_through_an_io_manager(by_hand: tuple[Project, Any]) -> None:
    home = by_hand[0].dagster_home
    assert {p.parent.name for p in (home / "storage").rglob("*") if p.is_file()} <= {"compute_logs"}


def test_the_definitions_are_valid_and_as_designed(raw_project: Project) -> None:
    defs = definitions(raw_project)
    dg.Definitions.validate_loadable(defs)
    specs = {spec.key.to_user_string(): spec for spec in defs.resolve_all_asset_specs()}
    assert set(specs) == {
        *(f"mini_river/{n}" for n in ("study", "sessions", "doses", "surveys", "support", "feedback")),
        *(f"mini_river/{n}" for n in ("release", "figures")),
        *(f"harbour/{n}" for n in ("study", "surveys", "claims", "feedback", "release", "audit", "figures")),
        *(f"release/{n}" for n in ("estimates", "evidence", "changes", "tables")),
        "audit/claims",
    }
    groups = {key: spec.group_name for key, spec in specs.items()}
    assert groups["mini_river/sessions"] == groups["mini_river/support"] == "mini_river"
    assert groups["mini_river/release"] == groups["release/estimates"] == "release"
    assert groups["harbour/audit"] == groups["audit/claims"] == "audit"
    assert all(spec.description for spec in specs.values())
    deps = {key: {d.asset_key.to_user_string() for d in spec.deps} for key, spec in specs.items()}
    assert deps["mini_river/doses"] == {"mini_river/study", "mini_river/sessions"}
    assert deps["mini_river/release"] == {"mini_river/study", "mini_river/support", "mini_river/feedback"}


def test_a_failing_table_is_not_materialised_and_its_check_fails(bare: Project) -> None:
    path = bare.raw / "mini-river" / "sessions.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",alder,", ",nowhere,", 1), encoding="utf-8")
    with instance(bare) as home:
        job = definitions(bare).resolve_implicit_global_asset_job_def()
        result = job.execute_in_process(instance=home, raise_on_error=False)
        assert home.get_latest_materialization_event(dg.AssetKey(["mini_river", "sessions"])) is None
    assert not result.success
    made = {"/".join(e.asset_key.path) for e in result.get_asset_materialization_events()}
    assert "mini_river/surveys" in made
    assert not made & {"mini_river/sessions", "mini_river/doses", "mini_river/support", "mini_river/release"}
    (failed,) = [e for e in result.get_asset_check_evaluations() if not e.passed]
    assert failed.asset_key.path == ["mini_river", "sessions"]
    assert failed.metadata["problems"].value == 1
    assert failed.metadata["rules"].value == {"unknown service": 1}
    assert "nowhere" not in str(failed.metadata)
    assert Manifest(bare).entry(("mini_river", "sessions")) is None


def test_a_claim_that_comes_out_otherwise_fails_its_check_now_and_later(project: Project) -> None:
    claims = project.raw / "harbour" / "claims.csv"
    claims.write_text(claims.read_text(encoding="utf-8").replace("=,65,", "=,75,"), encoding="utf-8")
    outcome = run(project)
    assert outcome.unexpected_claims == ["harbour: hope"]
    assert not outcome.failed
    assert not outcome.succeeded
    assert _checks(project)[0] is False
    told = len(_checks(project))
    _unsettle(project.raw / "harbour" / "staff.csv")
    again = run(project)
    assert again.done == ["harbour/surveys"]
    assert ("harbour", "audit") in again.stale
    assert len(_checks(project)) == told + 1
    assert _checks(project)[0] is False, "reached again, but unchanged: as it was"


def _checks(project: Project) -> list[bool]:
    """How the check of the harbour study's claims came out, run by run, latest first."""
    key = dg.AssetCheckKey(dg.AssetKey(["harbour", "audit"]), "claims_as_expected")
    with instance(project) as home:
        records = home.event_log_storage.get_asset_check_execution_history(key, limit=10)
    events = [record.event.dagster_event for record in records if record.event]
    return [bool(event.asset_check_evaluation_data.passed) for event in events if event]


def _unsettle(path: Path) -> None:
    """Change the bytes of a file, but not its rows."""
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
