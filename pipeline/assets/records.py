"""Record assets: raw files in, validated rows in the restricted zone out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pipeline.assets.asset import Made
from pipeline.graph import Node
from pipeline.problems import ProblemsFoundError, file_problem
from pipeline.store import Project, write_json, write_parquet
from pipeline.studies import instruments, load_study

if TYPE_CHECKING:
    import polars as pl


def study_file(node: Node, project: Project) -> Made:
    """Check the study file and record what it declares."""
    assert node.folder is not None
    if node.name:
        problem = file_problem(
            node.folder, f"the study's name is taken: {node.name}", "Rename the folder and the study."
        )
        raise ProblemsFoundError([problem])
    study = load_study(node.folder)
    used = {table.instrument for table in study.tables.surveys}
    content = {
        "study": json.loads(study.model_dump_json()),
        "instruments": {name: json.loads(instruments()[name].model_dump_json()) for name in sorted(used)},
    }
    path = write_json(project.restricted(study.study, "study.json"), content)
    metadata = {
        "title": study.title,
        "services": len(study.services),
        "waves": len(study.waves),
        "disclosure policy": study.disclosure.reason or f"minimum cell {study.disclosure.minimum_cell}",
    }
    return Made([path], metadata)


def record(node: Node, project: Project) -> Made:
    """Validate the raw files of one table, or count doses from sessions, and keep the rows."""
    assert node.study is not None
    if node.inputs and node.name != "claims":
        return _streamed(node, project)
    frame = _claims(node) if node.name == "claims" else _counted(node, project)
    path = write_parquet(project.records(node.study.study, node.name), frame)
    files = ", ".join(p.name for p in node.inputs) or "counted from sessions"
    metadata = {"rows": len(frame), "columns": len(frame.columns), "raw files": files}
    return Made([path], metadata, True, {"rows": len(frame)})


def _streamed(node: Node, project: Project) -> Made:
    """Raw files to one record, batch by batch; what is set aside is kept beside it, and counted."""
    from pipeline.generate import outdated
    from pipeline.problems import keep_report
    from pipeline.recording import record_table

    assert node.study is not None
    assert node.folder is not None
    path = project.records(node.study.study, node.name)
    recorded = record_table(node.folder, node.study, node.name, path, outdated)
    keep_report(project.restricted(node.study.study, "quarantine"), node.name, recorded.aside)
    counts = write_json(path.with_suffix(".json"), recorded.counts())
    metadata: dict[str, object] = {"rows": recorded.rows, "rows set aside": recorded.rows_aside, **recorded.rules}
    metadata |= {"columns": recorded.columns, "raw files": ", ".join(recorded.files)}
    return Made([path, counts], metadata, True, {"rows": recorded.rows, "rows set aside": recorded.rows_aside})


def _counted(node: Node, project: Project) -> pl.DataFrame:
    import polars as pl

    from pipeline.methods.dose import from_sessions

    assert node.study is not None
    return from_sessions(pl.scan_parquet(project.records(node.study.study, "sessions")))


def _claims(node: Node) -> pl.DataFrame:
    import polars as pl

    from pipeline.claims_file import read_claims

    return pl.from_pandas(read_claims(node.inputs[0]))
