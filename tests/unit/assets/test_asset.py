"""How a node becomes a Dagster asset: what it tells, and what it leaves behind when its maker fails."""

from pathlib import Path

import dagster as dg
import pytest

from pipeline.assets.asset import ONLY_STALE, Made, Make, build
from pipeline.graph import Node
from pipeline.manifest import Manifest
from pipeline.problems import Problem, ProblemsFoundError
from pipeline.store import Project, write_text


@pytest.fixture
def there(tmp_path: Path) -> Project:
    (tmp_path / "raw" / "s").mkdir(parents=True)
    return Project(tmp_path, tmp_path / "outputs")


def node(project: Project, kind: str = "record", name: str = "sessions") -> Node:
    folder = project.raw / "s"
    return Node(("s", name), "s", kind, "about", code=("pipeline.store",), folder=folder, name=name)


def makes(text: str, check: bool = True) -> Make:
    return lambda node, project: Made(
        [write_text(project.outputs / "made.txt", text)], {"rows": 3}, check, {"counted": 3}
    )


def fails(error: Exception) -> Make:
    def make(node: Node, project: Project) -> Made:
        raise error

    return make


def run(project: Project, one: Node, make: Make, **tags: str) -> dg.ExecuteInProcessResult:
    return dg.materialize([build(one, make, project)], raise_on_error=False, tags=tags)


def test_what_it_made_is_told_and_recorded(there: Project) -> None:
    result = run(there, node(there), makes("one"))
    (event,) = result.get_asset_materialization_events()
    assert event.materialization.metadata["rows"].value == 3
    content = Manifest(there).content(("s", "sessions"))
    assert (event.materialization.tags or {})["dagster/data_version"] == content[:16]
    (check,) = result.get_asset_check_evaluations()
    assert check.passed
    assert check.check_name == "schema"
    assert check.metadata["counted"].value == 3


def test_a_failed_check_without_problems_materialises_and_is_remembered(there: Project) -> None:
    audit = node(there, "audit", "audit")
    (check,) = run(there, audit, makes("one", check=False)).get_asset_check_evaluations()
    assert not check.passed
    again = run(there, audit, fails(AssertionError("not called")), **{ONLY_STALE: "true"})
    assert again.success
    (check,) = again.get_asset_check_evaluations()
    assert not check.passed
    assert check.metadata["unchanged"].value


def test_what_is_fresh_does_not_run_again_unless_asked(there: Project) -> None:
    run(there, node(there), makes("one"))
    assert run(there, node(there), fails(RuntimeError()), **{ONLY_STALE: "true"}).success
    assert not run(there, node(there), fails(RuntimeError())).success


def test_problems_fail_the_check_and_materialise_nothing(there: Project) -> None:
    problem = Problem("sessions.csv", 7, "minutes", "SECRET", "not a whole number", "Write digits only.")
    result = run(there, node(there), fails(ProblemsFoundError([problem])))
    assert not result.success
    assert not result.get_asset_materialization_events()
    (check,) = result.get_asset_check_evaluations()
    assert not check.passed
    assert check.metadata["problems"].value == 1
    assert "sessions.csv, row 7, column minutes" in str(check.metadata["what to mend"].value)
    assert Manifest(there).entry(("s", "sessions")) is None
    assert "SECRET" not in "".join(str(event) for event in result.all_events)
    assert "SECRET" in there.restricted("s", "problems.csv").read_text(encoding="utf-8")
    run(there, node(there), makes("one"))
    assert not there.restricted("s", "problems.csv").exists()


@pytest.mark.parametrize("kind", ["study", "record", "family", "identification", "gate"])
def test_an_error_where_rows_are_touched_is_told_without_its_words(kind: str, there: Project) -> None:
    result = run(there, node(there, kind, "one"), fails(ValueError("SECRET")))
    assert not result.success
    (event,) = [e for e in result.all_events if e.event_type_value == "STEP_FAILURE"]
    assert "SECRET" not in str(event)
    assert "outputs/restricted/s/errors/one.txt" in str(event)
    kept = there.restricted("s", "errors", "one.txt")
    assert "SECRET" in kept.read_text(encoding="utf-8")
    run(there, node(there, kind, "one"), makes("one"))
    assert not kept.exists()


@pytest.mark.parametrize("kind", ["figures", "report", "merged"])
def test_an_error_on_released_data_is_told_as_it_is(kind: str, there: Project) -> None:
    result = run(there, node(there, kind, "one"), fails(ValueError("what went wrong")))
    (event,) = [e for e in result.all_events if e.event_type_value == "STEP_FAILURE"]
    assert "what went wrong" in str(event)


def test_kinds_without_a_check_have_none(there: Project) -> None:
    assert not run(there, node(there, "figures", "figures"), makes("one")).get_asset_check_evaluations()
