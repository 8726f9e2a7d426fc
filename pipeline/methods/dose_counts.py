"""Clients and sessions counted by service, and the cells and sums they become.

The estimates made of them belong in ``dose`` and ``dose_model``.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from pipeline.methods.results import Ledger
from pipeline.methods.services import with_all
from schemas.vocabulary import ALL

Row = dict[str, Any]

KEYS: dict[str, Any] = {"population": "clients", "item": "sessions"}
QUANTILES = (0.25, 0.75, 0.9)
EMPTY: Row = {"clients": 0, "total": 0, "one": 0, "none": 0}


def summaries(doses: pl.DataFrame) -> dict[str, Row]:
    """Counts, sums and quantiles by service, `all` included."""
    x = pl.col("sessions")
    quantiles = [x.quantile(q, interpolation="linear").alias(f"{q:g}") for q in QUANTILES]
    table = (
        with_all(doses)
        .group_by("service")
        .agg(
            pl.len().alias("clients"),
            x.sum().alias("total"),
            x.max().alias("largest"),
            (x == 1).sum().alias("one"),
            (x == 0).sum().alias("none"),
            x.mean().alias("mean"),
            x.std().alias("sd"),
            x.median().alias("median"),
            *quantiles,
        )
    )
    return {str(row.pop("service")): row for row in table.to_dicts()}


def declare(ledger: Ledger, counts: dict[str, Row], parts: list[str]) -> dict[str, dict[str, str]]:
    """Cells by service and name, and their sums."""
    with_none = bool(counts.get(ALL, EMPTY)["none"])
    cells = {service: _cells(ledger, service, counts.get(service, EMPTY), with_none) for service in [ALL, *parts]}
    for name in cells[ALL]:
        ledger.sum_of(cells[ALL][name], [cells[service][name] for service in parts], "service")
    return cells


def _cells(ledger: Ledger, service: str, row: Row, with_none: bool) -> dict[str, str]:
    clients, one, none = (float(row[name] or 0) for name in ("clients", "one", "none"))
    counts = {"clients": clients, "one": one, "more": clients - one - none} | ({"none": none} if with_none else {})
    cells = {
        name: ledger.cell(value, service=service, unit="client", category=name, **KEYS)
        for name, value in counts.items()
    }
    ledger.sum_of(cells["clients"], [cells[name] for name in counts if name != "clients"], "category")
    total: Row = {"quantity": "sum", "unit": "session", "contributors": clients, "largest": row.get("largest")}
    return cells | {"total": ledger.cell(float(row["total"] or 0), service=service, **total, **KEYS)}
