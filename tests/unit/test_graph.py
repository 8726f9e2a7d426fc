"""Which assets there are for which study."""

import ast
import re
import shutil
from pathlib import Path

import pytest

from pipeline.graph import FAMILIES, FAMILY_CODE, TABLES, Node, families_of, is_reconstructed, plan, tables_of
from pipeline.manifest import GLUE, _read_module
from pipeline.store import Project
from pipeline.studies import load_study
from schemas.study import CODED
from tests.unit.coded_folder import change, write_coded

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


def imported_by(name: str, functions: dict[str, ast.FunctionDef]) -> set[str]:
    """Modules of methods that a function of ``pipeline.families`` imports, or one of that module that it calls."""
    found = set()
    for node in ast.walk(functions[name]):
        if isinstance(node, ast.ImportFrom) and node.module == "pipeline.methods":
            found |= {f"pipeline.methods.{one.name}" for one in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(str(node.module))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id.startswith("_"):
            found |= imported_by(node.func.id, functions)
    return found


def test_a_family_is_made_of_all_the_methods_that_it_calls() -> None:
    tree = ast.parse((REPOSITORY / "pipeline" / "families.py").read_text(encoding="utf-8"))
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    for family, code in FAMILY_CODE.items():
        reached, waiting = set(), list(code)
        while waiting:
            module = waiting.pop()
            if module not in reached:
                reached.add(module)
                waiting += [] if module.startswith(GLUE) else _read_module(module)[1]
        assert imported_by(family, functions) <= reached, family
        assert "pipeline.evaluation" in reached, family


def test_families_are_functions_of_that_name() -> None:
    from pipeline import families

    assert set(families.FAMILIES) == set(FAMILIES) == set(FAMILY_CODE)
    for name, function in families.FAMILIES.items():
        assert function is getattr(families, name)


def test_a_study_has_only_what_its_tables_and_analyses_call_for() -> None:
    pilot, demo = (load_study(REPOSITORY / "raw" / name) for name in ("ahs-pilot", "demo-riverbend"))
    assert tables_of(pilot) == ("doses", "surveys", "claims", *CODED)
    assert families_of(pilot) == ("support", "feedback", "change", "reliability", "aggregates")
    assert set(tables_of(demo)) == set(TABLES) - {"claims", *CODED}
    assert set(families_of(demo)) == set(FAMILIES) - {"scores", "aggregates", "drivers", "themes", "agreement"}
    assert is_reconstructed(pilot)
    assert not is_reconstructed(demo)


def test_a_study_has_scores_where_one_of_its_instruments_declares_some() -> None:
    demo = load_study(REPOSITORY / "raw" / "demo-riverbend")
    first, *others = demo.tables.surveys
    asked = first.model_copy(update={"instrument": "who-5"})
    tables = demo.tables.model_copy(update={"surveys": (asked, *others)})
    assert "scores" in families_of(demo.model_copy(update={"tables": tables}))
    tables = demo.tables.model_copy(update={"surveys": (first.model_copy(update={"instrument": "gone"}),)})
    assert "scores" not in families_of(demo.model_copy(update={"tables": tables}))


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
    report_source(bare, "mini-river", 'release = Release("mini-river")')
    (bare.root / "notebooks").mkdir()
    (bare.root / "notebooks" / "first-look.ipynb").write_text("{}", encoding="utf-8")
    report, book = _node(bare, "reports/mini_river"), _node(bare, "notebooks/first_look")
    assert (report.group, book.group) == ("reports", "notebooks")
    assert report.deps == (("mini_river", "release"), ("mini_river", "figures"))
    assert report.inputs[0].name == "mini-river.qmd"
    assert ("release", "estimates") in book.deps
    assert ("reports", "mini_river") in _node(bare, "reports/index").deps


def test_a_project_without_studies_has_no_assets(tmp_path: Path) -> None:
    assert plan(Project(tmp_path, tmp_path / "outputs")) == ()


def report_source(project: Project, name: str, text: str) -> None:
    (project.root / "reports").mkdir(exist_ok=True)
    (project.root / "reports" / f"{name}.qmd").write_text(f"```{{python}}\n{text}\n```\n", encoding="utf-8")


def labels_of(project: Project) -> set[str]:
    return {node.label for node in plan(project)}


def test_a_report_comes_after_every_study_that_it_reads_and_their_audits(bare: Project) -> None:
    report_source(bare, "both", "one, two = Release('harbour'), Release(\n    \"mini-river\")")
    assert set(_node(bare, "reports/both").deps) == {
        ("harbour", "release"), ("harbour", "audit"), ("harbour", "figures"),
        ("mini_river", "release"), ("mini_river", "figures"),
    }  # fmt: skip


def test_a_report_of_a_study_that_is_not_there_is_no_asset(bare: Project) -> None:
    report_source(bare, "both", 'one, two = Release("harbour"), Release("gone")')
    report_source(bare, "harbour", 'Release("harbour")')
    assert "reports/both" not in labels_of(bare)
    assert _node(bare, "reports/index").deps == (("reports", "harbour"),)


def test_parts_of_reports_are_no_reports(bare: Project) -> None:
    report_source(bare, "_part", 'Release("harbour")')
    assert not [label for label in labels_of(bare) if label.startswith("reports/")]


def test_a_study_without_a_report_of_its_own_has_the_common_one(bare: Project) -> None:
    report_source(bare, "_study", "Release(study)")
    report_source(bare, "harbour", 'Release("harbour")')
    common, own = _node(bare, "reports/mini_river"), _node(bare, "reports/harbour")
    assert (common.inputs[0].name, common.name) == ("_study.qmd", "mini-river")
    assert common.deps == (("mini_river", "release"), ("mini_river", "figures"))
    assert own.inputs[0].name == "harbour.qmd"
    assert "reports/_study" not in labels_of(bare)


def test_a_report_named_as_a_study_reads_it_however_it_says_so(bare: Project) -> None:
    report_source(bare, "mini-river", "name = 'mini-river'\nRelease(name)")
    assert _node(bare, "reports/mini_river").deps == (("mini_river", "release"), ("mini_river", "figures"))


def test_a_report_that_reads_nothing_is_no_asset(bare: Project) -> None:
    report_source(bare, "thoughts", "1 + 1")
    assert not [label for label in labels_of(bare) if label.startswith("reports/")]


def test_there_is_no_report_of_all_claims_without_claims(bare: Project) -> None:
    report_source(bare, "audit", "Merged()")
    assert "reports/audit" in labels_of(bare)
    shutil.rmtree(bare.raw / "harbour")
    assert "reports/audit" not in labels_of(bare)


def test_the_page_on_changes_waits_for_the_comparison_only(bare: Project) -> None:
    report_source(bare, "changes", "Changes()")
    assert set(_node(bare, "reports/changes").deps) == {("release", "changes"), ("release", "evidence")}
    for name in ("changes", "tables"):
        assert _node(bare, f"release/{name}").deps == (("release", "estimates"),)


def test_a_report_of_one_study_does_not_wait_for_the_others(bare: Project) -> None:
    report_source(bare, "harbour", 'Release("harbour")')
    assert {group for group, *_ in _node(bare, "reports/harbour").deps} == {"harbour"}


@pytest.mark.parametrize(
    ("text", "modules"),
    [
        ("from pipeline.reporting import tables", {"tables"}),
        ("from pipeline.reporting import coded_tables as coded", {"coded_tables"}),
        ("from pipeline.reporting import tables, theme_tables as themes", {"tables", "theme_tables"}),
        ("from pipeline.reporting.reader import Release", {"reader"}),
        ("from pipeline.reporting.reader import Release, Study as S", {"reader"}),
        ("# not from pipeline.reporting import tables", set()),
    ],
)
def test_a_report_is_stale_when_a_module_changes_that_it_imports(text: str, modules: set[str], bare: Project) -> None:
    report_source(bare, "plain", 'Release("harbour")')
    report_source(bare, "harbour", f'{text}\nRelease("harbour")')
    shared = set(_node(bare, "reports/plain").code)
    assert set(_node(bare, "reports/harbour").code) - shared == {f"pipeline.reporting.{name}" for name in modules}


@pytest.fixture
def coded(bare: Project) -> Project:
    """A project with a coded study, a codebook and a synthesis file."""
    write_coded(bare.raw)
    shutil.copy(REAL.raw / "_shared" / "synthesis.yml", bare.raw / "_shared")
    return bare


def synthesis_of(project: Project) -> set[str]:
    return {label for label in labels_of(project) if label.startswith("synthesis/")}


def test_a_synthesis_is_made_of_what_all_studies_release(coded: Project) -> None:
    made = {"codebook", "framework", "findings", "joint_display", "pooling", "figures"}
    assert synthesis_of(coded) == {f"synthesis/{name}" for name in made}
    words, numbers, claims = ("release", "evidence"), ("release", "estimates"), ("audit", "claims")
    for name in made - {"codebook"}:
        read = {key for key in _node(coded, f"synthesis/{name}").deps if key[0] != "synthesis"}
        more = {"pooling": {numbers}, "joint_display": {numbers, claims}}.get(name, set())
        assert read == {words, *more}, "what it does not read does not make it stale"
    assert [p.name for p in _node(coded, "synthesis/findings").inputs] == ["synthesis.yml"]
    assert [p.name for p in _node(coded, "synthesis/codebook").inputs] == ["codebook.csv"]


@pytest.mark.parametrize("what", ["codebook", "synthesis file", "coded documents"])
def test_there_is_no_synthesis_without(what: str, coded: Project) -> None:
    if what == "coded documents":
        shutil.rmtree(coded.raw / "quay")
    else:
        (coded.raw / "_shared" / ("codebook.csv" if what == "codebook" else "synthesis.yml")).unlink()
    report_source(coded, "synthesis", "Synthesis()")
    report_source(coded, "audit", "Merged()")
    assert synthesis_of(coded) == set()
    assert "reports/synthesis" not in labels_of(coded)
    assert "reports/audit" in labels_of(coded)


@pytest.mark.parametrize("call", ["Merged()", "Synthesis()"])
def test_a_report_of_all_studies_comes_after_what_it_reads(call: str, coded: Project) -> None:
    report_source(coded, "together", call)
    merged = {("release", "estimates"), ("release", "evidence"), ("audit", "claims")}
    concluded = {tuple(one.split("/")) for one in synthesis_of(coded)} if call == "Synthesis()" else set()
    wanted = {*merged, *concluded}
    assert set(_node(coded, "reports/together").deps) == wanted


def test_coded_tables_are_checked_after_those_above_them(coded: Project) -> None:
    names = [name for _, name in _node(coded, "quay/codings").deps]
    assert names == ["study", "sections", "segments"]
    assert {p.name for p in _node(coded, "quay/codings").inputs} == {"codings.csv", "codebook.csv"}
    assert {name for _, name in _node(coded, "quay/release").deps} == {"study", *CODED}


def test_codes_are_counted_only_where_the_study_asks(coded: Project) -> None:
    assert not {"quay/themes", "quay/agreement"} & labels_of(coded)
    change(coded.raw / "quay" / "study.yml", "study: quay", "study: quay\nanalyses: {themes: {unit: segment}}")
    assert {"quay/themes", "quay/agreement"} <= labels_of(coded)


def _node(project: Project, label: str) -> Node:
    return next(node for node in plan(project) if node.label == label)


def test_a_notebook_waits_for_the_study_that_it_opens_not_for_those_it_mentions(bare: Project) -> None:
    bare.notebooks.mkdir(exist_ok=True)
    for name, opened in (("there", "harbour"), ("gone", "elsewhere")):
        source = f'release = Release(\\"{opened}\\")  # or Release(\\"another\\")'
        (bare.notebooks / f"{name}.ipynb").write_text(f'{{"source": "{source}"}}', encoding="utf-8")
    assert {label for label in labels_of(bare) if label.startswith("notebooks/")} == {"notebooks/there"}


def test_services_in_a_file_make_the_study_stale(bare: Project) -> None:
    file = bare.raw / "mini-river" / "study.yml"
    text = file.read_text(encoding="utf-8")
    services = re.search(r"services:\n(?:  - .*\n)+", text)
    assert services
    ids = re.findall(r"id: ([\w-]+)", services[0])
    rows = "".join(f"{one};{one.title()} House\n" for one in ids)
    (bare.raw / "mini-river" / "services.csv").write_text(f"id;name\n{rows}", encoding="utf-8")
    file.write_text(text.replace(services[0], "services_file: services.csv\n"), encoding="utf-8")
    node = _node(bare, "mini_river/study")
    assert node.study
    assert node.study.service_ids() == ids
    assert "services.csv" in {path.name for path in node.inputs}
