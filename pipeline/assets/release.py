"""Release assets: the disclosure gate of each study, and the release of all studies together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipeline.assets.asset import Made
from pipeline.assets.estimates import read_families
from pipeline.graph import Node, is_reconstructed, plan
from pipeline.passages import released_passages
from pipeline.quarantine import set_aside
from pipeline.release import AUDITED, ESTIMATED, EVIDENCE, forget, merge, write_release
from pipeline.sources import tolerant_tables
from pipeline.store import Project, write_parquet
from pipeline.studies import instruments, study_folders
from schemas.study import CODED

if TYPE_CHECKING:
    import pandas as pd

    from pipeline.methods.results import Results
    from schemas.study import Study


def gate(node: Node, project: Project) -> Made:
    """Let through the gate what the study's policy allows, and keep what it decided in the restricted zone."""
    from pipeline.methods.disclosure import gate as disclosure_gate
    from pipeline.methods.labels import about, indicators, labels
    from schemas.estimates import Estimates

    assert node.study is not None
    study = node.study
    gated = disclosure_gate(_results(project, study), study.disclosure)
    decisions = write_parquet(project.restricted(study.study, "disclosure.parquet"), gated.decisions)
    counts = {
        "cells suppressed": len(gated.decisions),
        "estimates withheld": int(gated.estimates["suppressed"].sum()),
    }
    if not gated.passed:
        _hold_back(study.study, gated.decisions)
    coded = _coded(study, project)
    frames = {
        "estimates": Estimates.validate(gated.estimates),
        "labels": labels(study, instruments(), _codebook(node, project)),
        "findings": _findings(node, gated.estimates, coded.get("segments")),
        "questions": _questions(study),
        "disclosure": gated.counts,
        "studies": about(study),
        "indicators": indicators(study, instruments()),
        **({"set_aside": set_aside(project, study)} if tolerant_tables(study) else {}),
        **coded,
    }
    paths = write_release(project, study.study, frames)
    if "set_aside" not in frames:  # of a study that set rows aside before
        project.released(study.study, "set_aside.csv").unlink(missing_ok=True)
    metadata = counts | {"estimates": len(gated.estimates), "preview": _preview(gated.estimates)}
    return Made([*paths, decisions], metadata, True, counts)


def merged(node: Node, project: Project) -> Made:
    """Put the released estimates, labels and counts of all studies together."""
    return _merged(project, node, ESTIMATED)


def merged_evidence(node: Node, project: Project) -> Made:
    """Put the released findings, documents and coded passages of all studies together."""
    return _merged(project, node, EVIDENCE)


def merged_audit(node: Node, project: Project) -> Made:
    """Put the claims and granularity of all studies together."""
    return _merged(project, node, AUDITED)


def changes(node: Node, project: Project) -> Made:
    """Compare the release of all studies with the one before it."""
    from pipeline.release_changes import changes as changes_between
    from pipeline.release_changes import write_changes
    from pipeline.release_history import compared_releases

    nodes = [n for n in plan(project) if n.study and n.kind in ("study", "record", "gate")]
    cells = {n.study.study: n.study.disclosure.minimum_cell for n in nodes if n.study}
    before, now = compared_releases(project, _raw_files(project, nodes))
    frames = changes_between(before, now, cells)
    counts = {str(name): int(rows) for name, rows in frames["estimates"]["change"].value_counts().items()}
    return Made(write_changes(project, frames), counts | {"raw files": len(frames["files"])})


def _raw_files(project: Project, nodes: Sequence[Node]) -> dict[str, str]:
    """Checksums of the studies' raw files, as recorded when their assets were made."""
    from pipeline.manifest import Manifest

    manifest = Manifest(project)
    entries = [manifest.entry(node.key) or {} for node in nodes]
    stamps = {name: stamp[0] for entry in entries for name, stamp in entry.get("inputs", {}).items()}
    return {name: checksum for name, checksum in stamps.items() if name.startswith("raw/")}


def tables(node: Node, project: Project) -> Made:
    """Put the released estimates into one workbook of report-shaped tables."""
    from pipeline.workbook import write_tables

    path, sheets = write_tables(project)
    return Made([path], {"tables": sheets})


def _merged(project: Project, node: Node, names: tuple[str, ...]) -> Made:
    forget(project, [folder.name for folder in study_folders(project.raw)])
    studies = [n.study.study for n in plan(project) if n.key in node.deps and n.study]
    return Made(merge(project, studies, names), {"studies": len(studies)})


def _results(project: Project, study: Study) -> Results:
    import pandas as pd

    from pipeline.methods.results import Results

    results = Results.concat(read_families(project, study))
    if is_reconstructed(study):
        marked = pd.read_parquet(project.restricted(study.study, "identification.parquet"))
        results = results.with_estimates(marked)
    return results


def _hold_back(study: str, decisions: pd.DataFrame) -> None:
    from pipeline.problems import Problem, ProblemsFoundError

    open_cells = int((decisions["protected"] == "no").sum())
    rule = f"{open_cells} suppressed cell(s) could be worked out from the release"
    remedy = "Merge small services or categories in study.yml, or raise minimum_cell; nothing was released."
    raise ProblemsFoundError([Problem(f"{study}/study.yml", None, "disclosure", "", rule, remedy)])


def _codebook(node: Node, project: Project) -> pd.DataFrame | None:
    """The codebook, for the labels of a study that codes its own material."""
    from pipeline.validation import read_codebook

    assert node.study is not None
    return read_codebook(project.raw).to_pandas() if node.study.tables.codings else None


def _coded(study: Study, project: Project) -> dict[str, pd.DataFrame]:
    """The released frames of a study with coded documents."""
    import polars as pl

    if not study.tables.codings:
        return {}
    return released_passages(study, {name: pl.read_parquet(project.records(study.study, name)) for name in CODED})


def _findings(node: Node, estimates: pd.DataFrame, segments: pd.DataFrame | None) -> pd.DataFrame:
    """The findings; each must rest on estimates and segments that exist."""
    import pandas as pd

    from pipeline.findings import read_findings, require
    from schemas.findings import Findings

    assert node.study is not None
    assert node.folder is not None
    if not node.study.findings:
        return pd.DataFrame(columns=list(Findings.to_schema().columns))
    found = read_findings(node.folder / node.study.findings, node.study.study)
    passages = set() if segments is None else set(segments["segment"])
    for column, known in (
        ("estimates", set(estimates["estimate_id"])),
        ("segments", passages),
        ("disconfirming", passages),
    ):
        require(node.study.findings, found, column, known)
    return found


def _questions(study: Study) -> pd.DataFrame:
    """The evaluation questions, and what answers each: what the study file says, else the indicators."""
    import pandas as pd

    answers = [q.answered_by or "; ".join(q.indicators or (*q.instruments, *q.methods)) for q in study.questions]
    rows = [
        (study.study, q.id, q.question, answer[:1].upper() + answer[1:])
        for q, answer in zip(study.questions, answers, strict=True)
    ]
    return pd.DataFrame(rows, columns=["study", "question_id", "question", "answered_by"])


def _preview(estimates: pd.DataFrame, rows: int = 8) -> object:
    import dagster as dg

    columns = ["service", "statistic", "item", "category", "value", "low", "high", "n"]
    shown = estimates.loc[estimates["value"].notna(), columns].head(rows)
    lines = ["| " + " | ".join(columns) + " |", "|" + " --- |" * len(columns)]
    for row in shown.itertuples(index=False):
        *texts, value, low, high, n = row
        numbers = [f"{number:.3g}" for number in (value, low, high)]
        lines.append("| " + " | ".join([*map(str, texts), *numbers, f"{n:.0f}"]) + " |")
    return dg.MetadataValue.md("\n".join(lines))
