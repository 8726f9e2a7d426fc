"""Which assets there are for which study."""

from pathlib import Path

import pytest

from pipeline.graph import FAMILIES, FAMILY_CODE, TABLES, Node, families_of, is_reconstructed, plan, tables_of
from pipeline.store import Project
from pipeline.studies import load_study

REPOSITORY = Path(__file__).parents[2]
REAL = Project(REPOSITORY, REPOSITORY / "outputs")


def test_each_asset_stands_after_what_it_is_made_from(raw_project: Project) -> None:
    for project in (raw_project, REAL):
        seen: set[tuple[str, ...]] = set()
        for node in plan(project):
            assert set(node.deps) <= seen, node.label
            assert node.key not in seen
            seen.add(node.key)


def test_all_code_that_is_named_exists() -> None:
    for node in plan(REAL):
        assert node.code, node.label
        for module in node.code:
            base = REPOSITORY.joinpath(*module.split("."))
            assert base.with_suffix(".py").is_file() or base.is_dir(), f"{node.label}: {module}"


def test_families_are_functions_of_that_name() -> None:
    from pipeline import families

    assert set(families.FAMILIES) == set(FAMILIES) == set(FAMILY_CODE)
    for name, function in families.FAMILIES.items():
        assert function is getattr(families, name)


def test_a_study_has_only_what_its_tables_and_analyses_call_for() -> None:
    pilot, demo = (load_study(REPOSITORY / "raw" / name) for name in ("ahs-pilot", "demo-riverbend"))
    assert tables_of(pilot) == ("doses", "surveys", "claims")
    assert families_of(pilot) == ("support", "feedback", "change", "reliability", "aggregates")
    assert set(tables_of(demo)) == set(TABLES) - {"claims"}
    assert set(families_of(demo)) == set(FAMILIES) - {"aggregates"}
    assert is_reconstructed(pilot)
    assert not is_reconstructed(demo)


def test_doses_are_counted_from_sessions_unless_supplied(raw_project: Project) -> None:
    assert _node(raw_project, "mini_river/doses").deps == (("mini_river", "study"), ("mini_river", "sessions"))
    assert _node(raw_project, "mini_river/doses").inputs == ()
    supplied = _node(REAL, "ahs_pilot/doses")
    assert supplied.deps == (("ahs_pilot", "study"),)
    assert supplied.inputs[0].name == "doses.reconstructed.csv"


@pytest.mark.parametrize("label", ["ahs_pilot/release", "demo_riverbend/release", "mini_river/release"])
def test_the_gate_sees_the_policy_of_the_study_file(label: str, raw_project: Project) -> None:
    project = raw_project if label.startswith("mini") else REAL
    node = _node(project, label)
    assert (node.key[0], "study") in node.deps


def test_only_reconstructed_studies_are_asked_what_they_determine() -> None:
    labels = [node.label for node in plan(REAL)]
    assert "ahs_pilot/identification" in labels
    assert "demo_riverbend/identification" not in labels
    assert ("ahs_pilot", "identification") in _node(REAL, "ahs_pilot/release").deps


def test_reports_and_notebooks_come_from_files(bare: Project) -> None:
    (bare.root / "reports").mkdir()
    (bare.root / "notebooks").mkdir()
    (bare.root / "reports" / "mini-river.qmd").write_text("# Report\n", encoding="utf-8")
    (bare.root / "notebooks" / "first-look.ipynb").write_text("{}", encoding="utf-8")
    report, book = _node(bare, "reports/mini_river"), _node(bare, "notebooks/first_look")
    assert (report.group, book.group) == ("reports", "notebooks")
    assert report.deps == (("mini_river", "release"), ("mini_river", "figures"))
    assert report.inputs[0].name == "mini-river.qmd"
    assert ("release", "estimates") in book.deps
    assert ("reports", "mini_river") in _node(bare, "reports/index").deps


def test_a_project_without_studies_has_no_assets(tmp_path: Path) -> None:
    assert plan(Project(tmp_path, tmp_path / "outputs")) == ()


def _node(project: Project, label: str) -> Node:
    return next(node for node in plan(project) if node.label == label)
