"""Which assets there are, what each is made from, and in which order: a table of contents without Dagster.

Definitions, staleness and the command line all read this one graph. What an asset does belongs in ``assets``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

from pipeline.family_tables import FAMILY_TABLES
from pipeline.graph_shared import index_nodes, report_nodes, shared_nodes
from pipeline.node import Key, Node, asset_name
from pipeline.problems import ProblemsFoundError
from pipeline.sources import CORRECTIONS, dictionary_of, files_of, reader_modules, tolerant_tables
from pipeline.store import Project
from pipeline.studies import INSTRUMENTS, codebook_file, instruments, load_study, study_folders
from schemas.study import CODED, RESERVED, Study, Tables

FAMILIES = {
    "support": "Support mix, activities and sessions per client",
    "feedback": "Shares of each answer, with intervals",
    "scores": "Scores of the instruments: mean, spread and shares in published bands",
    "response_rates": "Response rates",
    "change": "Two rounds compared, and what these sizes could have found",
    "ordinal": "Ordered answers compared as ordered",
    "clustered": "Two rounds compared, with services or persons as clusters",
    "missing_answers": "Who answered only once, and comparisons with unanswered items imputed",
    "multiverse": "Comparisons under every combination of defensible choices",
    "next_study": "What the next evaluation needs",
    "services": "Services compared and pooled",
    "staffing": "Posts and retention of the post holders",
    "reliability": "Reliability of the scales",
    "drivers": "Which rated factors go with a rated success",
    "themes": "How often codes occur in the study's own material",
    "agreement": "How far coders agree",
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
    "sections": "Sections of the source documents",
    "segments": "Passages of the source documents, in our own words",
    "codings": "Codes that coders gave to the passages",
}


_RESULTS_CODE = (
    "pipeline.assets.estimates", "pipeline.families", "pipeline.evaluation", "schemas.estimates", "schemas.cells",
)  # fmt: skip
FAMILY_CODE = {
    "support": (
        "pipeline.methods.contact_kinds",
        "pipeline.methods.contact_model",
        "pipeline.methods.continuation",
        "pipeline.methods.dose",
        "pipeline.methods.support",
        *_RESULTS_CODE,
    ),
    "feedback": ("pipeline.methods.feedback", *_RESULTS_CODE),
    "scores": ("pipeline.methods.scores", *_RESULTS_CODE),
    "response_rates": ("pipeline.methods.response", *_RESULTS_CODE),
    "change": ("pipeline.methods.change", "pipeline.methods.power", *_RESULTS_CODE),
    "ordinal": ("pipeline.methods.ordinal", *_RESULTS_CODE),
    "clustered": ("pipeline.methods.clustered", *_RESULTS_CODE),
    "missing_answers": (
        "pipeline.methods.attrition",
        "pipeline.methods.completeness",
        "pipeline.methods.imputation",
        *_RESULTS_CODE,
    ),
    "multiverse": ("pipeline.methods.multiverse", *_RESULTS_CODE),
    "next_study": ("pipeline.methods.design", *_RESULTS_CODE),
    "services": ("pipeline.methods.synthesis", *_RESULTS_CODE),
    "staffing": (
        "pipeline.methods.workforce",
        "pipeline.methods.retention",
        "pipeline.methods.retention_compared",
        "pipeline.methods.success",
        *_RESULTS_CODE,
    ),
    "reliability": ("pipeline.methods.reliability", "pipeline.methods.scale_items", *_RESULTS_CODE),
    "drivers": ("pipeline.methods.drivers", *_RESULTS_CODE),
    "themes": ("pipeline.methods.themes", "pipeline.validation", "schemas.codebook", *_RESULTS_CODE),
    "agreement": (
        "pipeline.methods.agreement",
        "pipeline.methods.polarity",
        "pipeline.validation",
        "schemas.codebook",
        *_RESULTS_CODE,
    ),
    "aggregates": ("pipeline.methods.as_published", *_RESULTS_CODE),
}
"""Modules whose change makes a family of estimates stale."""


GATE_CODE: tuple[str, ...] = (
    "pipeline.assets.release",
    "pipeline.methods.disclosure",
    "pipeline.methods.labels",
    "pipeline.findings",
    "pipeline.passages",
    "pipeline.quarantine",
    "pipeline.release",
)


def plan(project: Project) -> tuple[Node, ...]:
    """All assets of a project, each after those it depends on."""
    nodes: list[Node] = []
    taken: dict[str, str] = dict.fromkeys(RESERVED, "a reserved name")
    for folder in study_folders(project.raw):
        name = asset_name(folder.name)
        clash = taken.get(name)
        taken[name] = folder.name
        nodes += _study_nodes(project, folder, clash)
    nodes += shared_nodes(project, nodes)
    nodes += report_nodes(project, nodes)
    nodes += index_nodes(nodes)
    return tuple(nodes)


def _study_nodes(project: Project, folder: Path, clash: str | None) -> Iterator[Node]:
    group = asset_name(folder.name) if not clash else f"{asset_name(folder.name)}_clash"
    inputs: tuple[Path, ...] = (folder / "study.yml", *sorted(INSTRUMENTS.glob("*.yml")))
    about = "The study file, checked"
    code = ("pipeline.assets.records", "pipeline.studies")
    study = None
    if not clash:
        with suppress(ProblemsFoundError):  # the failing asset says what is wrong
            study = load_study(folder)
    if study and study.services_file:
        inputs += (folder / study.services_file,)
    yield Node((group, "study"), group, "study", about, (), inputs, code, study, folder, name=clash or "")
    if study:
        yield from _of_study(project, study, folder, group)


def _of_study(project: Project, study: Study, folder: Path, group: str) -> Iterator[Node]:
    tables = tables_of(study)
    root: Key = (group, "study")

    def node(name: str, kind: str, about: str, deps: tuple[Key, ...], code: tuple[str, ...], **more: object) -> Node:
        return Node((group, name), group, kind, about, deps, code=code, study=study, folder=folder, name=name, **more)  # type: ignore[arg-type]

    for table in tables:
        deps = (root, *((group, above) for above in _above(study, table)))
        rebuilt = any(t.data_status == "reconstructed" for t in getattr(study.tables, table, ()))
        code = _record_code(table, table == "doses" and not study.tables.doses, rebuilt)
        code += _readers(study, folder, table)
        yield node(table, "record", TABLES[table], deps, code, inputs=_files(study, folder, table))
    families = families_of(study)
    book = (codebook_file(project.raw),)
    for family in families:
        needs = tuple((group, table) for table in FAMILY_TABLES[family] if table in tables)
        read: tuple[Path, ...] = book if "codings" in FAMILY_TABLES[family] else ()
        yield node(family, "family", FAMILIES[family], (root, *needs), FAMILY_CODE[family], inputs=read)
    made = tuple((group, family) for family in families)
    if is_reconstructed(study):
        about = "Which estimates are the same in every reconstruction"
        drawing = ("pipeline.methods.reconstruct", "pipeline.methods.reconstruct_doses", "pipeline.methods.identify")
        estimating = dict.fromkeys(module for family in families for module in FAMILY_CODE[family])
        code = ("pipeline.identification", *drawing, *estimating)
        yield node("identification", "identification", about, (root, *made, (group, "claims")), code)
        made = (*made, (group, "identification"))
    coded = tuple((group, table) for table in CODED if getattr(study.tables, table))
    aside = tuple((group, table) for table in tolerant_tables(study) if table not in CODED)
    yield from _beyond_the_gate(project, study, folder, group, (root, *made, *coded, *aside))


def _beyond_the_gate(
    project: Project, study: Study, folder: Path, group: str, made: tuple[Key, ...]
) -> Iterator[Node]:
    def node(key: Key, area: str, kind: str, about: str, deps: tuple[Key, ...], **more: object) -> Node:
        return Node(key, area, kind, about, deps, study=study, folder=folder, name=study.study, **more)  # type: ignore[arg-type]

    gate: Key = (group, "release")
    code = GATE_CODE
    findings: tuple[Path, ...] = (folder / study.findings,) if study.findings else ()
    findings += (codebook_file(project.raw),) if study.tables.codings else ()
    yield node(gate, "release", "gate", "What passed the disclosure gate", made, code=code, inputs=findings)
    if study.claims:
        audit: Key = (group, "audit")
        about = "Each published figure beside the recomputed one"
        methods = tuple(f"pipeline.methods.{name}" for name in ("claims", "granularity", "consistency"))
        code = ("pipeline.assets.claims", *methods)
        yield node(audit, "audit", "audit", about, (made[0], gate, (group, "claims")), code=code)
    about = "Figures with alternative texts"
    code = ("pipeline.assets.figures", "pipeline.figures.catalogue", "pipeline.release")
    yield node((group, "figures"), "release", "figures", about, (gate,), code=code)


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
        "response_rates": bool(study.tables.response),
        "scores": any(has_scores(table.instrument) for table in study.tables.surveys),
        "change": bool(study.analyses.rounds),
        "ordinal": bool(study.analyses.ordinal),
        "clustered": bool(study.analyses.clustered),
        "missing_answers": bool(study.analyses.imputations) or any(one.linked for one in study.analyses.rounds),
        "multiverse": bool(study.analyses.multiverse),
        "next_study": bool(study.analyses.next_studies),
        "services": bool(study.analyses.pooling),
        "reliability": bool(study.analyses.alpha),
        "drivers": bool(study.analyses.drivers),
        "themes": bool(study.analyses.themes),
        "agreement": bool(study.analyses.themes),
        "aggregates": bool(study.aggregates),
    }
    return tuple(
        family
        for family in FAMILIES
        if wanted.get(family, True) and any(table in tables for table in FAMILY_TABLES[family])
    )


def has_scores(instrument: str) -> bool:
    """Does the instrument file declare how answers become scores?"""
    known = instruments().get(instrument)
    return bool(known and known.scoring)


def is_reconstructed(study: Study) -> bool:
    """Has the study rows that were rebuilt from published figures?"""
    return any(t.data_status == "reconstructed" for name in Tables.model_fields for t in getattr(study.tables, name))


def _above(study: Study, table: str) -> tuple[str, ...]:
    """Record tables that a table is made from or checked against."""
    if table == "doses" and not study.tables.doses:
        return ("sessions",)
    return CODED[: CODED.index(table)] if table in CODED else ()


def _files(study: Study, folder: Path, table: str) -> tuple[Path, ...]:
    if table == "claims":
        return (folder / study.claims,)
    named = getattr(study.tables, table)
    found: dict[Path, None] = {}
    for index, one in enumerate(named):
        dictionary = dictionary_of(folder, one)
        found |= dict.fromkeys([*files_of(folder, one, table, index), *([dictionary] if dictionary else [])])
    rebuilt = any(one.data_status == "reconstructed" for one in named)
    found |= {folder / study.claims: None} if rebuilt and study.claims else {}
    found |= {codebook_file(folder.parent): None} if table == "codings" else {}
    return (*found, *(path for path in (folder / CORRECTIONS,) if found and path.is_file()))


def _readers(study: Study, folder: Path, table: str) -> tuple[str, ...]:
    named = enumerate(getattr(study.tables, table, ()))
    return tuple(sorted({m for i, one in named for m in reader_modules(folder, one, table, i)}))


@cache
def _record_code(table: str, counted: bool, rebuilt: bool) -> tuple[str, ...]:
    reading = "pipeline.claims_file" if table == "claims" else "pipeline.recording"
    counting: tuple[str, ...] = ("pipeline.methods.dose",) if counted else ()
    rebuilding = ("pipeline.generate",) if rebuilt else ()
    counting += ("pipeline.coding",) if table in CODED else ()
    return ("pipeline.assets.records", reading, f"schemas.{table}", *rebuilding, *counting)
