"""Workforce records to test methods on."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

START, LAST = date(2024, 1, 1), date(2024, 12, 31)
SCHEMA: dict[str, Any] = {
    "worker": pl.String, "service": pl.String, "role": pl.String, "start": pl.Date, "end": pl.Date,
    "end_reason": pl.String, "fte": pl.Float64, "mentor": pl.Boolean, "trained": pl.Boolean,
    "absence_days": pl.Int64, "selection_score": pl.Float64,
}  # fmt: skip


def post(service: str = "east", days: int | None = None, start: date = START, **other: Any) -> dict[str, Any]:
    """One post holder, who left after some days or is still in post."""
    row = {
        "service": service, "role": "peer worker", "start": start,
        "end": None if days is None else start + timedelta(days=days), "end_reason": None, "fte": 0.6,
        "mentor": True, "trained": True, "absence_days": 0, "selection_score": None,
    }  # fmt: skip
    return row | other


def workforce(*rows: dict[str, Any]) -> pl.DataFrame:
    """Rows as the record table, workers named in order."""
    return pl.DataFrame([{"worker": f"w{n}"} | row for n, row in enumerate(rows)], schema=SCHEMA)


def simulated(n: int = 1500, seed: int = 7, mentor: float = 0.5, fte: float = 1.0) -> pl.DataFrame:
    """Exponential times in post: a mentor multiplies the rate of leaving, and 0.2 more hours do, by what is given."""
    random = np.random.default_rng(seed)
    rows = []
    for _ in range(n):
        has_mentor, hours = bool(random.random() < 0.5), float(random.choice([0.4, 0.6, 0.8, 1.0]))
        rate = mentor**has_mentor * fte ** (hours / 0.2) / 300
        days, start = int(random.exponential(1 / rate)) + 1, START - timedelta(days=int(random.integers(0, 700)))
        left = start + timedelta(days=days) <= LAST
        keys = {"mentor": has_mentor, "fte": hours, "service": str(random.choice(["east", "west", "north"]))}
        rows.append(post(days=days if left else None, start=start, **keys))
    return workforce(*rows)
