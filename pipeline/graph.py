"""Which assets there are, what each is made from, and in which order: a table of contents without Dagster.

Definitions, staleness and the command line all read this one graph. What an asset does belongs in ``assets``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from pipeline.problems import ProblemsFoundError
from pipeline.store import Project
from pipeline.studies import INSTRUMENTS, load_study, study_folders
from schemas.study import RESERVED, Study, Tables

Key = tuple[str, ...]


@dataclass(frozen=True)
class Node:
    """One asset: its key, its group, what it is made from, and the code that makes it."""

    key: Key
    group: str
    kind: str
    description: str
    deps: tuple[Key, ...] = ()
    inputs: tuple[Path, ...] = ()
    code: tuple[str, ...] = ()
    study: Study | None = field(default=None, repr=False, compare=False)
    folder: Path | None = None
    name: str = ""

    @property
    def label(self) -> str:
        """The key as people write it."""
        return "/".join(self.key)


FAMILIES = {
    "support": "Support mix, activities and sessions per client",
    "feedback": "Shares of each answer, with intervals",
    "response_rates": "Response rates",
    "change": "Two rounds compared, and what these sizes could have found",
    "services": "Services compared and pooled",
    "staffing": "Posts and retention of the post holders",
    "reliability": "Reliability of the scales",
    "aggregates": "Published figures whose rows can't be rebuilt",
}
"""Families of estimates; each is a function of that name in ``pipeline.families``."""

TABLES = {
    "sessions": "Individual contacts",
    "groups": "Group contacts",
    "doses": "Sessions per client",
    "surveys": "Survey answers",
    "response": "Eligible, invited, answered",
    "workforce": "Post holders",
    "headcount": "Posts at a date",
    "claims": "Figures that the source document prints",
}

FAMILY_TABLES: dict[str, tuple[str, ...]] = {
    "support": ("sessions", "groups", "doses"),
    "feedback": ("surveys",),
    "response_rates": ("response",),
    "change": ("surveys",),
    "services": ("surveys",),
    "staffing": ("workforce", "headcount"),
    "reliability": ("surveys",),
    "aggregates": ("claims",),
}
"""Record tables that a family of estimates reads, where the study has them."""


_RESULTS_CODE = ("pipeline.assets.estimates", "pipeline.families", "schemas.estimates", "schemas.cells")
FAMILY_CODE = {
    "support": ("pipeline.methods.support", "pipeline.methods.dose", *_RESULTS_CODE),
    "feedback": ("pipeline.methods.feedback", *_RESULTS_CODE),
    "response_rates": ("pipeline.methods.response", *_RESULTS_CODE),
    "change": ("pipeline.methods.change", "pipeline.methods.power", *_RESULTS_CODE),
    "services": ("pipeline.methods.synthesis", *_RESULTS_CODE),
    "staffing": ("pipeline.methods.workforce", *_RESULTS_CODE),
    "reliability": ("pipeline.methods.reliability", *_RESULTS_CODE),
    "aggregates": ("pipeline.methods.claims", *_RESULTS_CODE),
}
"""Modules whose change makes a family of estimates stale."""


GATE_CODE: tuple[str, ...] = (
    "pipeline.assets.release",
    "pipeline.methods.disclosure",
    "pipeline.methods.labels",
    "pipeline.findings",
    "pipeline.release",
)


def asset_name(study: str) -> str:
    """A study's name in asset keys and groups (Dagster groups take no dashes)."""
    return study.replace("-", "_")


def plan(project: Project) -> tuple[Node, ...]:
    """All assets of a project, each after those it depends on."""
    nodes: list[Node] = []
    taken: dict[str, str] = dict.fromkeys(RESERVED, "a reserved name")
    for folder in study_folders(project.raw):
        name = asset_name(folder.name)
        clash = taken.get(name)
        taken[name] = folder.name
        nodes += _study_nodes(project, folder, clash)
    nodes += _shared_nodes(project, nodes)
    return tuple(nodes)


def _study_nodes(project: Project, folder: Path, clash: str | None) -> Iterator[Node]:
    group = asset_name(folder.name) if not clash else f"{asset_name(folder.name)}_clash"
    inputs = (folder / "study.yml", *sorted(INSTRUMENTS.glob("*.yml")))
    about = "The study file, checked"
    code = ("pipeline.assets.records", "pipeline.studies")
    study = None
    if not clash:
        with suppress(ProblemsFoundError):  # the failing asset says what is wrong
            study = load_study(folder)
    yield Node((group, "study"), group, "study", about, (), inputs, code, study, folder, name=clash or "")
    if study:
        yield from _of_study(project, study, folder, group)


def _of_study(project: Project, study: Study, folder: Path, group: str) -> Iterator[Node]:
    tables = tables_of(study)
    root: Key = (group, "study")

    def node(name: str, kind: str, about: str, deps: tuple[Key, ...], code: tuple[str, ...], **more: object) -> Node:
        return Node((group, name), group, kind, about, deps, code=code, study=study, folder=folder, name=name, **more)  # type: ignore[arg-type]

    for table in tables:
        deps = (root, (group, "sessions")) if table == "doses" and not study.tables.doses else (root,)
        rebuilt = any(t.data_status == "reconstructed" for t in getattr(study.tables, table, ()))
        code = _record_code(table, len(deps) > 1, rebuilt)
        yield node(table, "record", TABLES[table], deps, code, inputs=_files(study, folder, table))
    families = families_of(study)
    for family in families:
        needs = tuple((group, table) for table in FAMILY_TABLES[family] if table in tables)
        yield node(family, "family", FAMILIES[family], (root, *needs), FAMILY_CODE[family])
    made = tuple((group, family) for family in families)
    if is_reconstructed(study):
        about = "Which estimates are the same in every reconstruction"
        drawing = ("pipeline.methods.reconstruct", "pipeline.methods.reconstruct_doses", "pipeline.methods.identify")
        estimating = dict.fromkeys(module for family in families for module in FAMILY_CODE[family])
        code = ("pipeline.identification", *drawing, *estimating)
        yield node("identification", "identification", about, (root, *made, (group, "claims")), code)
        made = (*made, (group, "identification"))
    yield from _beyond_the_gate(project, study, folder, group, (root, *made))


def _beyond_the_gate(
    project: Project, study: Study, folder: Path, group: str, made: tuple[Key, ...]
) -> Iterator[Node]:
    def node(key: Key, area: str, kind: str, about: str, deps: tuple[Key, ...], **more: object) -> Node:
        return Node(key, area, kind, about, deps, study=study, folder=folder, name=study.study, **more)  # type: ignore[arg-type]

    gate: Key = (group, "release")
    code = GATE_CODE
    findings = (folder / study.findings,) if study.findings else ()
    yield node(gate, "release", "gate", "What passed the disclosure gate", made, code=code, inputs=findings)
    seen: tuple[Key, ...] = (gate,)
    if study.claims:
        audit: Key = (group, "audit")
        about = "Each published figure beside the recomputed one"
        code = ("pipeline.assets.claims", "pipeline.methods.claims", "pipeline.methods.granularity")
        yield node(audit, "audit", "audit", about, (made[0], gate, (group, "claims")), code=code)
        seen = (*seen, audit)
    figures: Key = (group, "figures")
    about = "Figures with alternative texts"
    code = ("pipeline.assets.figures", "pipeline.figures.catalogue", "pipeline.release")
    yield node(figures, "release", "figures", about, (gate,), code=code)
    source = project.report_sources / f"{study.study}.qmd"
    if source.is_file():
        yield _report(project, source, (*seen, figures), study, folder)


REPORT_CODE = ("pipeline.assets.reports", "pipeline.reporting.render", "pipeline.reporting.tables")


def _report(
    project: Project, source: Path, deps: tuple[Key, ...], study: Study | None = None, folder: Path | None = None
) -> Node:
    key = ("reports", asset_name(source.stem))
    about = f"The report {source.name} as HTML, Word and PDF"
    inputs = (source, *report_resources(project))
    return Node(key, "reports", "report", about, deps, inputs, REPORT_CODE, study, folder, source.stem)


def report_resources(project: Project) -> tuple[Path, ...]:
    """Files that change how every report looks: project file, brand, references, templates."""
    own = Path(__file__).parent / "reporting" / "templates"
    shared = [project.report_sources / "_quarto.yml", project.report_sources / "references.bib"]
    folders = (own, project.report_sources / "brand")
    files = [
        p for folder in folders for p in sorted(folder.rglob("*")) if p.is_file() and "__pycache__" not in p.parts
    ]
    return (*(p for p in shared if p.is_file()), *files)


def _shared_nodes(project: Project, nodes: list[Node]) -> Iterator[Node]:
    gates = tuple(n.key for n in nodes if n.kind == "gate")
    audits = tuple(n.key for n in nodes if n.kind == "audit")
    if gates:
        about = "The estimates of all studies that passed the gate"
        yield Node(("release", "estimates"), "release", "merged", about, gates, code=("pipeline.release",))
    if audits:
        about = "Claims and granularity of all studies"
        yield Node(("audit", "claims"), "audit", "merged_audit", about, audits, code=("pipeline.release",))
    for path in sorted(project.notebooks.glob("*.ipynb")) if gates else ():
        key = ("notebooks", asset_name(path.stem))
        deps: tuple[Key, ...] = (("release", "estimates"), *(n.key for n in nodes if n.kind == "figures"))
        about = f"The notebook {path.name}, run"
        runner = ("pipeline.assets.notebooks", "pipeline.reporting.notebook", "pipeline.reporting.reader")
        yield Node(key, "notebooks", "notebook", about, deps, (path,), runner, name=path.stem)
    reports = tuple(n.key for n in nodes if n.kind == "report")
    titles = tuple(n.inputs[0] for n in nodes if n.kind == "study" and n.study)
    if reports:
        about = "The page that leads to all reports"
        code = ("pipeline.assets.reports", "pipeline.reporting.index")
        yield Node(("reports", "index"), "reports", "index", about, reports, titles, code)


def tables_of(study: Study) -> tuple[str, ...]:
    """Record tables that a study has; doses are counted from sessions where none are supplied."""
    has = {name for name in Tables.model_fields if getattr(study.tables, name)}
    has |= {"doses"} if "sessions" in has else set()
    has |= {"claims"} if study.claims else set()
    return tuple(table for table in TABLES if table in has)


def families_of(study: Study) -> tuple[str, ...]:
    """Families of estimates that a study's tables and analyses call for."""
    tables = tables_of(study)
    wanted = {
        "change": bool(study.analyses.rounds),
        "services": bool(study.analyses.pooling),
        "reliability": bool(study.analyses.alpha),
        "aggregates": bool(study.aggregates),
    }
    return tuple(
        family
        for family in FAMILIES
        if wanted.get(family, True) and any(table in tables for table in FAMILY_TABLES[family])
    )


def is_reconstructed(study: Study) -> bool:
    """Has the study rows that were rebuilt from published figures?"""
    return any(t.data_status == "reconstructed" for name in Tables.model_fields for t in getattr(study.tables, name))


def _files(study: Study, folder: Path, table: str) -> tuple[Path, ...]:
    if table == "claims":
        return (folder / study.claims,)
    named = getattr(study.tables, table)
    claims = (study.claims,) if any(one.data_status == "reconstructed" for one in named) else ()
    return tuple(folder / name for name in (*(one.file for one in named), *claims) if name)


@cache
def _record_code(table: str, counted: bool, rebuilt: bool) -> tuple[str, ...]:
    reading = "pipeline.claims_file" if table == "claims" else "pipeline.validation"
    counting = ("pipeline.methods.dose",) if counted else ()
    rebuilding = ("pipeline.generate",) if rebuilt else ()
    return ("pipeline.assets.records", reading, f"schemas.{table}", *rebuilding, *counting)
