"""All raw files of one study checked, as a run would check them; nothing is kept.

How one table is checked belongs in ``validation.py``; what it looks like on a terminal in ``terminal.py``.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.graph import tables_of
from pipeline.plausibility import implausible
from pipeline.problems import Problem, ProblemsFoundError
from pipeline.store import Project
from pipeline.studies import load_study
from schemas.study import Study


@dataclass
class Checked:
    """Problems of the study file and of each table, the tables that are valid (in words), and advice."""

    problems: dict[str, list[Problem]] = field(default_factory=dict)
    tables: list[str] = field(default_factory=list)
    advice: list[str] = field(default_factory=list)


def check_study(project: Project, folder: Path) -> Checked:
    """Check the study file, its findings and its tables; records are made for trial in the restricted zone."""
    from pipeline.shared_checks import findings_problems

    checked = Checked({"study": []})
    try:
        study = load_study(folder)
    except ProblemsFoundError as error:
        return Checked({"study": list(error.problems)})
    if study.findings:
        checked.problems["findings"] = findings_problems(folder)
    trial = project.restricted(study.study, "trial")
    try:
        records = _try_tables(checked, folder, study, trial)
        checked.advice += implausible(records)
    finally:
        shutil.rmtree(trial, ignore_errors=True)
    return checked


def _try_tables(checked: Checked, folder: Path, study: Study, trial: Path) -> dict[str, Path]:
    """The valid records by table."""
    records: dict[str, Path] = {}
    for table in (t for t in tables_of(study) if t == "claims" or getattr(study.tables, t)):
        checked.problems[table] = []
        try:
            checked.tables.append(_try(folder, study, table, trial))
            records |= {table: trial / f"{table}.parquet"} if table != "claims" else {}
        except ProblemsFoundError as error:
            checked.problems[table] += error.problems
    return records


def _try(folder: Path, study: Study, table: str, trial: Path) -> str:
    from pipeline.claims_file import read_claims
    from pipeline.generate import outdated
    from pipeline.recording import record_table

    if table == "claims":
        return f"claims ({len(read_claims(folder / study.claims))} rows)"
    recorded = record_table(folder, study, table, trial / f"{table}.parquet", outdated)
    aside = f", {recorded.rows_aside} set aside" if recorded.rows_aside else ""
    return f"{table} ({recorded.rows} rows{aside})"
