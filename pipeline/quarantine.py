"""Rows that were set aside: how many, and why. The rows themselves stay in the restricted zone.

Setting them aside belongs in ``validation.py``.
"""

from __future__ import annotations

import json

import pandas as pd

from pipeline.sources import tolerant_tables
from pipeline.store import Project
from schemas.study import Study
from schemas.vocabulary import SET_ASIDE


def set_aside(project: Project, study: Study) -> pd.DataFrame:
    """One row a table that may set rows aside: how many raw rows it did (also none), their percentage, and why."""
    return pd.DataFrame([_row(project, study, table) for table in tolerant_tables(study)], columns=list(SET_ASIDE))


def _row(project: Project, study: Study, table: str) -> tuple[str, str, int, int, str]:
    path = project.records(study.study, table).with_suffix(".json")
    counts = json.loads(path.read_text(encoding="utf-8"))
    aside, read = int(counts["rows set aside"]), int(counts["rows read"])
    reasons = "; ".join(f"{rule} ({times})" for rule, times in counts["rules"].items())
    return study.study, table, aside, round(100 * aside / read) if aside else 0, reasons
