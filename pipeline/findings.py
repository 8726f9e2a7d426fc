"""Reads ``findings.yml``: what a study says in words, and what each finding rests on.

Whether a finding may be printed as reviewed is decided by its signature; nothing here computes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from pipeline.problems import Problem, ProblemsFoundError
from schemas.findings import NOT_REVIEWED, Findings

TEXTS = ("finding", "question", "statement", "kind", "judged_by", "role", "judged_on")
LISTS = ("estimates", "segments")


def read_findings(path: Path, study: str) -> pd.DataFrame:
    """The findings of one study (schema ``Findings``); a finding without a signature is not reviewed.

    Raises
    ------
    ProblemsFoundError
        When the file is not a list of findings, or one lacks its id or statement.
    """
    entries = yaml.safe_load(path.read_text(encoding="utf-8")) or []
    wrong = [f"entry {i + 1}" for i, entry in enumerate(entries) if not _is_finding(entry)]
    if wrong:
        rule = f"{wrong[0]} is not a finding"
        remedy = f"Give it: finding, statement; and no keys but {', '.join((*TEXTS, *LISTS))}."
        raise ProblemsFoundError([Problem(path.name, None, "", "", rule, remedy)])
    rows = [_row(entry, study) for entry in entries]
    return Findings.validate(pd.DataFrame(rows, columns=list(Findings.to_schema().columns)).astype("str"))


def _is_finding(entry: Any) -> bool:
    known = {*TEXTS, *LISTS}
    return isinstance(entry, dict) and {"finding", "statement"} <= set(entry) <= known


def _row(entry: dict[str, Any], study: str) -> dict[str, str]:
    row = {name: str(entry.get(name) or "").strip() for name in TEXTS}
    row |= {name: " ; ".join(entry.get(name) or []) for name in LISTS}
    status = "reviewed" if row["judged_by"] and row["judged_on"] else NOT_REVIEWED
    return row | {"study": study, "kind": row["kind"] or "finding", "status": status}
