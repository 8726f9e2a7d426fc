"""Assets that several studies share: the merged release and audit, the synthesis, notebooks and reports.

Those of one study belong in ``graph.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline.node import Key, Node, asset_name
from pipeline.store import Project
from pipeline.studies import codebook_file, synthesis_file

REPORT_CODE = ("pipeline.assets.reports", "pipeline.reporting.render")
_STUDIES_READ = re.compile(r"""\bRelease\(\s*["']([a-z0-9_-]+)["']""")
_STUDIES_OPENED = re.compile(r"""=\s*Release\(\\?["']([a-z0-9_-]+)""")
"""Studies that a notebook, whose quotation marks are escaped, opens; not those that it only mentions."""

_MODULES_READ = re.compile(r"^(?:from pipeline\.reporting(?:\.(\w+))? import ([\w, ]+))", re.MULTILINE)
_ALL_STUDIES = {"Merged(": "merged_audit", "Synthesis(": "synthesised", "Changes(": "changes"}
"""What a report of all studies calls, and the kind of asset that it can't do without."""


def report_nodes(project: Project, nodes: Sequence[Node]) -> Iterator[Node]:
    """One node a ``.qmd``, after what its source says it reads; none while what it reads is not there.

    A study without a ``.qmd`` of its own has the report ``_study.qmd``.
    """
    studies = {n.study.study: n for n in nodes if n.kind == "gate" and n.study}
    merged = tuple(n.key for n in nodes if n.kind in MERGED)
    concluded = tuple(n.key for n in nodes if n.group == "synthesis")
    changed = tuple(n.key for n in nodes if n.kind in ("changes", "merged_evidence"))
    resources, kinds = report_resources(project), {n.kind for n in nodes}
    sources = sorted(project.report_sources.glob("[!_]*.qmd"))
    for source in sources:
        text = source.read_text(encoding="utf-8")
        read = {*_STUDIES_READ.findall(text), *({source.stem} & set(studies))}
        needed = {kind for name, kind in _ALL_STUDIES.items() if name in text}
        if (read or needed) and read <= set(studies) and needed <= kinds:
            deps = (*_released(nodes, read), *(merged if needed - {"changes"} else ()))
            deps += concluded if "synthesised" in needed else ()
            deps += changed if "changes" in needed else ()
            yield _report(source, deps, resources, text, studies.get(source.stem))
    template = project.report_sources / "_study.qmd"
    if template.is_file():
        text = template.read_text(encoding="utf-8")
        for name in sorted(set(studies) - {source.stem for source in sources}):
            yield _report(template, _released(nodes, {name}), resources, text, studies[name], name)


def _released(nodes: Sequence[Node], studies: set[str]) -> tuple[Key, ...]:
    return tuple(n.key for n in nodes if n.study and n.study.study in studies and n.kind in RELEASED)


MERGED = ("merged", "merged_evidence", "merged_audit")
"""Kinds of assets that put the release of all studies together."""

RELEASED = ("gate", "audit", "figures")
"""Kinds of a study's assets that reports read."""


def _report(
    source: Path, deps: tuple[Key, ...], resources: tuple[Path, ...], text: str, gate: Node | None, name: str = ""
) -> Node:
    key = ("reports", asset_name(name or source.stem))
    about = f"The report {source.name} as HTML, Word and PDF" + (f", on {name}" if name else "")
    code = (*REPORT_CODE, *_modules_read(text))
    study, folder = (gate.study, gate.folder) if gate else (None, None)
    return Node(key, "reports", "report", about, deps, (source, *resources), code, study, folder, name or source.stem)


def _modules_read(text: str) -> tuple[str, ...]:
    """Modules of ours that a report's source imports."""
    named = [
        f"pipeline.reporting.{module or name.split(' as ')[0].strip()}"
        for module, names in _MODULES_READ.findall(text)
        for name in names.split(",")
    ]
    return tuple(dict.fromkeys(named))


def report_resources(project: Project) -> tuple[Path, ...]:
    """Files that change how every report looks: project file, brand, references, templates."""
    own = Path(__file__).parent / "reporting" / "templates"
    shared = [project.report_sources / "_quarto.yml", project.report_sources / "references.bib"]
    folders = (own, project.report_sources / "brand")
    files = [
        p for folder in folders for p in sorted(folder.rglob("*")) if p.is_file() and "__pycache__" not in p.parts
    ]
    return (*(p for p in shared if p.is_file()), *files)


def shared_nodes(project: Project, nodes: Sequence[Node]) -> Iterator[Node]:
    """The release and the audit of all studies together, the synthesis, and the notebooks."""
    gates = tuple(n.key for n in nodes if n.kind == "gate")
    audits = tuple(n.key for n in nodes if n.kind == "audit")
    if gates:
        about = "The estimates of all studies that passed the gate"
        merged: Key = ("release", "estimates")
        yield Node(merged, "release", "merged", about, gates, code=("pipeline.release",))
        about = "Findings, documents and passages of all studies that passed the gate"
        words: Key = ("release", "evidence")
        yield Node(words, "release", "merged_evidence", about, gates, code=("pipeline.release",))
        about = "What differs from the release before"
        code: tuple[str, ...] = ("pipeline.release_changes", "pipeline.release_history")
        yield Node(("release", "changes"), "release", "changes", about, (merged,), code=code)
        about = "Tables of all studies as one workbook, each number with its estimate_id"
        yield Node(("release", "tables"), "release", "tables", about, (merged,), code=("pipeline.workbook",))
    if audits:
        about = "Claims and granularity of all studies"
        yield Node(("audit", "claims"), "audit", "merged_audit", about, audits, code=("pipeline.release",))
    if gates:
        yield from _synthesis(project, nodes)
    present = {n.study.study for n in nodes if n.kind == "gate" and n.study}
    for path in sorted(project.notebooks.glob("*.ipynb")) if gates else ():
        if not set(_STUDIES_OPENED.findall(path.read_text(encoding="utf-8"))) <= present:
            continue  # it opens a study that is not there
        key = ("notebooks", asset_name(path.stem))
        deps: tuple[Key, ...] = (("release", "estimates"), *(n.key for n in nodes if n.kind == "figures"))
        about = f"The notebook {path.name}, run"
        runner = ("pipeline.assets.notebooks", "pipeline.reporting.notebook", "pipeline.reporting.reader")
        yield Node(key, "notebooks", "notebook", about, deps, (path,), runner, name=path.stem)


def index_nodes(nodes: Sequence[Node]) -> Iterator[Node]:
    """The page that leads to all reports."""
    reports = tuple(n.key for n in nodes if n.kind == "report")
    titles = tuple(n.inputs[0] for n in nodes if n.kind == "study" and n.study)
    if reports:
        about = "The page that leads to all reports"
        code = ("pipeline.assets.reports", "pipeline.reporting.index")
        yield Node(("reports", "index"), "reports", "index", about, reports, titles, code)


SYNTHESIS = {
    "framework": ("framework", "Codes by study: what supports, what hinders, on what basis", ("codebook",)),
    "findings": ("synthesised", "Synthesised findings with their evidence, confidence and advice", ("codebook",)),
    "joint_display": (
        "joint_display",
        "Figures beside words, by outcome",
        ("codebook", "framework", "findings"),
    ),
    "pooling": ("pooling", "Measures pooled over services, or the reason why not", ("codebook",)),
    "figures": ("synthesis_figures", "The framework matrix and the circles, drawn", ("framework", "findings")),
}
"""Assets of the synthesis: kind, what it is, and what it needs among them."""

_WORDS, _NUMBERS, _AUDIT = ("release", "evidence"), ("release", "estimates"), ("audit", "claims")
SYNTHESIS_READS: dict[str, tuple[Key, ...]] = {
    "joint_display": (_WORDS, _NUMBERS, _AUDIT),
    "pooling": (_WORDS, _NUMBERS),
}
"""What of the merged release an asset of the synthesis reads, where it is more than findings and passages."""

SYNTHESIS_CODE = {
    "framework": ("pipeline.methods.framework",),
    "findings": ("pipeline.methods.synthesised", "pipeline.synthesis_file"),
    "joint_display": ("pipeline.methods.joint_display",),
    "pooling": ("pipeline.methods.pooling",),
    "figures": ("pipeline.figures.synthesis", "pipeline.assets.figures"),
}


def _synthesis(project: Project, nodes: Sequence[Node]) -> Iterator[Node]:
    """The synthesis, where a study has coded documents and there are a codebook and a synthesis file."""
    book, declared = codebook_file(project.raw), synthesis_file(project.raw)
    audited = any(n.kind == "audit" for n in nodes)
    coded = any(n.study and n.study.tables.codings for n in nodes if n.kind == "gate")
    if not (coded and book.is_file() and declared.is_file()):
        return
    about = "The codes that all studies share"
    code: tuple[str, ...] = ("pipeline.assets.synthesis", "pipeline.validation", "schemas.codebook")
    yield Node(("synthesis", "codebook"), "synthesis", "codebook", about, (), (book,), code)
    for name, (kind, about, needs) in SYNTHESIS.items():
        reads = [key for key in SYNTHESIS_READS.get(name, (_WORDS,)) if audited or key != _AUDIT]
        deps = (*reads, *(("synthesis", one) for one in needs))
        inputs = (declared,) if kind == "synthesised" else ()
        code = ("pipeline.assets.synthesis", "pipeline.release", *SYNTHESIS_CODE[name])
        yield Node(("synthesis", name), "synthesis", kind, about, deps, inputs, code)
