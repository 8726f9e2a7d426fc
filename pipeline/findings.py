"""Reads ``findings.yml``: what a study says in words, and what each finding rests on.

Whether a finding may be printed as reviewed is decided by its signature; nothing here computes.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from pandera.errors import SchemaErrors

from pipeline.problems import Problem, ProblemsFoundError, file_problem, nearest
from schemas.findings import NOT_REVIEWED, Findings

TEXTS = ("finding", "question", "statement", "kind", "judged_by", "role", "judged_on")
LISTS = ("estimates", "segments", "disconfirming", "synthesis")

COLUMNS = {"estimates": "estimate", "segments": "segment", "disconfirming": "segment"}
"""Columns that name what a finding rests on."""


def read_findings(path: Path, study: str) -> pd.DataFrame:
    """The findings of one study (schema ``Findings``); a finding without a signature is not reviewed.

    Raises
    ------
    ProblemsFoundError
        When the file is not a list of findings, or one lacks its id or statement.
    """
    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8")) or []
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        remedy = "Check the indentation, colons and quotes of this line and the one above."
        raise _problem(path, "not valid YAML", remedy, mark.line + 1 if mark else None) from None
    if not isinstance(entries, list):
        raise _problem(path, "not a list of findings", "Begin each finding with a dash.")
    wrong = [f"entry {i + 1}" for i, entry in enumerate(entries) if not _is_finding(entry)]
    if wrong:
        rule = f"{wrong[0]} is not a finding"
        remedy = f"Give it: finding, statement; and no keys but {', '.join((*TEXTS, *LISTS))}."
        raise _problem(path, rule, remedy)
    rows = [_row(entry, study) for entry in entries]
    frame = pd.DataFrame(rows, columns=list(Findings.to_schema().columns)).astype("str")
    try:
        return Findings.validate(frame, lazy=True)
    except SchemaErrors as error:
        cases = error.failure_cases[["index", "column", "check"]].itertuples(index=False)
        rules = [f"entry {int(i) + 1}, {column}: does not hold: {check}" for i, column, check in cases]
        problems = [file_problem(path, rule, "Correct it.") for rule in rules]
        raise ProblemsFoundError(problems) from None


def require(file: str, findings: pd.DataFrame, column: str, known: Collection[str]) -> None:
    """Stop at a finding that rests on something which does not exist: an estimate, a segment.

    Raises
    ------
    ProblemsFoundError
        With the finding, and the nearest id.
    """
    what = COLUMNS[column]
    problems = [
        Problem(
            file, None, column, "", f"finding '{row['finding']}' rests on no {what}: {one}", nearest(one, list(known))
        )
        for row in findings.to_dict("records")
        for one in filter(None, str(row[column]).split(" ; "))
        if one not in known
    ]
    if problems:
        raise ProblemsFoundError(problems)


def _problem(path: Path, rule: str, remedy: str, row: int | None = None) -> ProblemsFoundError:
    return ProblemsFoundError([file_problem(path, rule, remedy, row)])


def _is_finding(entry: Any) -> bool:
    known = {*TEXTS, *LISTS}
    return isinstance(entry, dict) and {"finding", "statement"} <= set(entry) <= known


def _listed(value: Any) -> list[str]:
    """One id may stand without brackets."""
    return [str(one) for one in value] if isinstance(value, list) else [str(value)] if value else []


def _row(entry: dict[str, Any], study: str) -> dict[str, str]:
    row = {name: str(entry.get(name) or "").strip() for name in TEXTS}
    row |= {name: " ; ".join(_listed(entry.get(name))) for name in LISTS}
    status = "reviewed" if row["judged_by"] and row["judged_on"] else NOT_REVIEWED
    return row | {"study": study, "kind": row["kind"] or "finding", "status": status}
