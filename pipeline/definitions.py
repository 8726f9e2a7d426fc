"""The one Definitions object: which kind of asset is made by which function."""

from __future__ import annotations

import dagster as dg

from pipeline.assets import claims, estimates, figures, notebooks, records, release, reports, synthesis
from pipeline.assets.asset import Make, build
from pipeline.graph import plan
from pipeline.store import Project

MAKERS: dict[str, Make] = {
    "study": records.study_file,
    "record": records.record,
    "family": estimates.family,
    "identification": estimates.identification,
    "gate": release.gate,
    "audit": claims.audit,
    "figures": figures.figures,
    "merged": release.merged,
    "merged_evidence": release.merged_evidence,
    "merged_audit": release.merged_audit,
    "changes": release.changes,
    "tables": release.tables,
    "codebook": synthesis.codebook,
    "framework": synthesis.framework,
    "synthesised": synthesis.findings,
    "joint_display": synthesis.joint_display,
    "pooling": synthesis.pooling,
    "synthesis_figures": synthesis.figures,
    "notebook": notebooks.notebook,
    "report": reports.report,
    "index": reports.index,
}


def definitions(project: Project) -> dg.Definitions:
    """The assets of a project; they run in one process, since each is short and start-up is not."""
    assets = [build(node, MAKERS[node.kind], project) for node in plan(project)]
    return dg.Definitions(assets=assets, executor=dg.in_process_executor)


defs = definitions(Project.find())
