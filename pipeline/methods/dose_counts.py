"""Clients and sessions counted by service, and the cells and sums they become.

The estimates made of them belong in ``dose`` and ``dose_model``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl

from pipeline.methods.results import Ledger
from pipeline.methods.services import with_all
from schemas.cells import HIDDEN
from schemas.vocabulary import ALL, UNKNOWN

Row = dict[str, Any]

KEYS: dict[str, Any] = {"population": "clients", "item": "sessions"}
QUANTILES = (0.25, 0.75, 0.9)
FEWEST_CLIENTS = 5
"""Clients that a service needs for a model, a curve, or a share of its appointments."""
FEW = "with-few-clients"
"""The services with fewer, together: they count in `all`, and their cells are never shown one by one."""
CLOSE = 20
"""With fewer sessions after the first ones, their number says how many clients had more than one, or nearly so."""
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


def few_clients(rows: pl.DataFrame, services: Iterable[str]) -> list[str]:
    """Those of the services that have fewer than five rows, one a client; services not named by the data excepted."""
    sizes = dict(rows.group_by("service").len().iter_rows())
    return [one for one in services if sizes.get(one, 0) < FEWEST_CLIENTS and one != UNKNOWN]


def together(rows: pl.DataFrame, few: Sequence[str]) -> pl.DataFrame:
    """The rows with the services of few clients as one."""
    return rows.with_columns(service=pl.when(pl.col("service").is_in(few)).then(pl.lit(FEW)).otherwise("service"))


def further(doses: pl.DataFrame) -> pl.DataFrame:
    """Clients seen on more than one day: ``service, count`` (sessions after the first), ``exposure`` (days since).

    A client seen on one day only, or whose days are not known, has no time in which further sessions could be
    counted, and is left out.
    """
    if not {"from", "to"} <= set(doses.columns):
        return doses.select("service", count="sessions", exposure="sessions").clear()
    days = (pl.col("to") - pl.col("from")).dt.total_days()
    timed = doses.filter((days > 0) & (pl.col("sessions") > 1))
    return timed.select("service", count=pl.col("sessions") - 1, exposure=days)


def declare(ledger: Ledger, counts: dict[str, Row], parts: list[str]) -> dict[str, dict[str, str]]:
    """Cells by service and name, and their sums."""
    with_none = bool(counts.get(ALL, EMPTY)["none"])
    cells = {service: _cells(ledger, service, counts.get(service, EMPTY), with_none) for service in [ALL, *parts]}
    for name in cells[ALL]:
        ledger.sum_of(cells[ALL][name], [cells[service][name] for service in parts], "service")
    return cells


def declare_further(
    ledger: Ledger, rows: pl.DataFrame, counts: dict[str, Row], cells: dict[str, dict[str, str]]
) -> dict[str, dict[str, str]]:
    """Cells of ``further`` by service and name, and how they hang together with those of ``declare`` (``cells``)."""
    few = few_clients(rows, [one for one in cells if one != ALL])
    table = with_all(together(rows, few)).group_by("service")
    numbers = [pl.len().alias("timed"), pl.col("count", "exposure").sum(), pl.col("exposure").max().alias("longest")]
    numbers.append(pl.col("count").max().alias("most"))
    found = {str(row.pop("service")): row for row in table.agg(numbers).to_dicts()}
    wanted = [one for one in cells if one not in few] + [FEW] * bool(few)
    made = {service: _further_cells(ledger, service, found.get(service, {})) for service in wanted}
    for service in (one for one in wanted if one != FEW):
        _further_ties(
            ledger, service, found.get(service, {}), counts.get(service, EMPTY), cells[service], made[service]
        )
    for name in made[ALL]:
        ledger.sum_of(made[ALL][name], [made[service][name] for service in made if service != ALL], "service")
    return made


def _further_cells(ledger: Ledger, service: str, row: Row) -> dict[str, str]:
    timed, after, days = (row.get(name) or 0 for name in ("timed", "count", "exposure"))
    keys: Row = {"service": service} | KEYS
    of: Row = {"quantity": "sum", "contributors": timed} | keys
    return {
        "timed": ledger.cell(timed, unit="client", category="on-several-days", **keys),
        "further": ledger.cell(after, unit="session", category="further", largest=row.get("most"), **of),
        "days": ledger.cell(days, unit="day", category="days", largest=row.get("longest"), **of),
    }


def _further_ties(
    ledger: Ledger, service: str, row: Row, counts: Row, cells: dict[str, str], made: dict[str, str]
) -> None:
    timed, after = (row.get(name) or 0 for name in ("timed", "count"))
    clients, one, none, total = (counts[name] or 0 for name in ("clients", "one", "none", "total"))
    on_one_day = _hidden(ledger, clients - one - none - timed, service, "on-one-day", "client")
    rest = _hidden(ledger, total - one - timed - after, service, "other", "session")
    ledger.sum_of(cells["more"], [made["timed"], on_one_day], "days")
    ledger.sum_of(cells["total"], [cells["one"], made["timed"], made["further"], rest], "days")


def _hidden(ledger: Ledger, value: float, service: str, category: str, unit: str) -> str:
    keys: Row = {"service": service, "unit": unit, "category": category} | KEYS
    return ledger.cell(value, quantity=HIDDEN, contributors=0, **keys)


def _cells(ledger: Ledger, service: str, row: Row, with_none: bool) -> dict[str, str]:
    clients, one, none = (float(row[name] or 0) for name in ("clients", "one", "none"))
    counts = {"clients": clients, "one": one, "more": clients - one - none} | ({"none": none} if with_none else {})
    cells = {
        name: ledger.cell(value, service=service, unit="client", category=name, **KEYS)
        for name, value in counts.items()
    }
    ledger.sum_of(cells["clients"], [cells[name] for name in counts if name != "clients"], "category")
    total: Row = {"quantity": "sum", "unit": "session", "contributors": clients, "largest": row.get("largest")}
    cells["total"] = ledger.cell(float(row["total"] or 0), service=service, **total, **KEYS)
    later = float(row["total"] or 0) - one - counts["more"]
    if 0 < later < CLOSE:
        _tie(ledger, service, cells, {"second": later, "third": later - counts["more"]})
    return cells


def _tie(ledger: Ledger, service: str, cells: dict[str, str], later: dict[str, float]) -> None:
    """Sessions from the second and the third on: their total bounds how many clients had more than one."""
    second, third = (_hidden(ledger, n, service, f"from-{name}", "session") for name, n in later.items())
    ledger.sum_of(cells["total"], [cells["one"], cells["more"], second], "sessions")
    ledger.sum_of(second, [cells["more"], third], "sessions")
