"""What individual contacts were like: activity and mode; no-shows; hours.

Counting a log belongs in ``contacts``; models of activity or mode in ``contact_model``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt
from typing import Any

import polars as pl

from pipeline.methods.contacts import ACTIVITY, MODE, Counts, by_week
from pipeline.methods.dose_counts import FEW, few_clients, together
from pipeline.methods.results import Context, Ledger, Results
from pipeline.methods.services import addends, breakdown, found_services, with_all
from pipeline.methods.support import INDIVIDUAL, Log, cell, counted, share
from schemas.cells import HIDDEN
from schemas.vocabulary import ALL, REASONS

HOW = {"total": "sum", "mean": "mean, t interval"}
KEPT, MISSED, APPOINTMENTS = "kept", "missed", "appointments"
HOURS = "hours"
Row = dict[str, Any]


def activities(sessions: Log, context: Context, with_groups: Iterable[str] = ()) -> Results:
    """Share of each activity among the attended individual contacts, for all and for each known service.

    Activities are those found in the frame, with `not recorded` among them where only some contacts have one;
    intervals as in ``support.mix``. A contact that several clients attended counts once, with the activity of the
    first of them by id. Without any attended contact, or where none has an activity, there is no row.

    ``with_groups`` are services with group contacts. One that has no others counts none of each activity: were it
    left out, the sums would tell that it has none where its share of group contacts is withheld.
    """
    return _kinds(sessions, ACTIVITY, context, with_groups)


def modes(sessions: Log, context: Context, with_groups: Iterable[str] = ()) -> Results:
    """Share of each mode (in person, telephone ...) among the attended individual contacts, as ``activities``."""
    return _kinds(sessions, MODE, context, with_groups)


def _kinds(sessions: Log, kind: str, context: Context, with_groups: Iterable[str]) -> Results:
    ledger = Ledger(context)
    contacts = counted(sessions)
    names, found = contacts.names(kind), {*contacts.services, *with_groups}
    if not names:
        return ledger.results()
    counts, weeks = {**contacts.counts(INDIVIDUAL), **contacts.counts(None, kind)}, contacts.weeks(None, kind)
    declare_kinds(ledger, kind, counts, names, addends(found, context))
    for service in breakdown(found, context):
        total = cell(ledger, counts, service, INDIVIDUAL)
        n = counts.get((service, INDIVIDUAL), (0, 0))[0]
        for name in names:
            cells = [(cell(ledger, counts, service, name, kind), "numerator"), (total, "denominator")]
            events = counts.get((service, name), (0, 0))[0]
            share(ledger, kind, (service, name), (events, n), weeks.get(service, []), cells)
    return ledger.results()


def declare_kinds(ledger: Ledger, kind: str, counts: Counts, names: list[str], parts: list[str]) -> None:
    """The sums of the contacts of each activity, or mode, over categories and services."""
    for service in [ALL, *parts]:
        cells = [cell(ledger, counts, service, name, kind) for name in names]
        ledger.sum_of(cell(ledger, counts, service, INDIVIDUAL), cells, kind)
    totals = [cell(ledger, counts, service, INDIVIDUAL) for service in parts]
    ledger.sum_of(cell(ledger, counts, ALL, INDIVIDUAL), totals, "service")
    for name in names:
        cells = [cell(ledger, counts, service, name, kind) for service in parts]
        ledger.sum_of(cell(ledger, counts, ALL, name, kind), cells, "service")


@dataclass(frozen=True)
class Visits:
    """Appointments of single clients: one a row of ``schemas.sessions``.

    Attributes
    ----------
    days
        ``service, date, category, contacts``: kept and missed.
    clients
        ``service, client`` (a hash), ``kept, missed``, ``minutes`` of the kept ones and how many of these have
        none (``untimed``).
    has_minutes
        Are minutes recorded anywhere?
    """

    days: pl.DataFrame
    clients: pl.DataFrame
    has_minutes: bool


def visits(sessions: pl.DataFrame | pl.LazyFrame) -> Visits:
    """The appointments of a log, counted in bounded memory."""
    log, came = sessions.lazy(), pl.col("attended")
    timed = "minutes" in log.collect_schema().names()
    log = log.with_columns(minutes=pl.when(came).then(pl.col("minutes") if timed else None).cast(pl.Int64))
    kept, missed = came.sum().cast(pl.Int64).alias(KEPT), (~came).sum().cast(pl.Int64).alias(MISSED)
    minutes = [pl.col("minutes").sum(), pl.col("minutes").count().cast(pl.Int64).alias("timed")]
    client = pl.col("client").hash()
    daily = log.select("service", "date", "attended").group_by("service", "date").agg(kept, missed)
    own = log.select("service", client, "attended", "minutes").group_by("service", "client")
    days, clients = pl.collect_all([daily, own.agg(kept, missed, *minutes)], engine="streaming")
    long = days.unpivot([KEPT, MISSED], index=["service", "date"], variable_name="category", value_name="contacts")
    clients = clients.with_columns(untimed=pl.col(KEPT) - pl.col("timed")).drop("timed")
    has_minutes = bool((clients["untimed"] < clients[KEPT]).any())
    return Visits(long.filter(pl.col("contacts") > 0), clients, has_minutes)


def attendance(found: Visits, context: Context) -> Results:
    """Share of the appointments that the client did not come to, for all and for each known service.

    An appointment is one row of ``schemas.sessions``: of a contact planned with two clients, two. Interval as in
    ``support.mix``, with weeks as clusters. A service with fewer than five clients has no share, but counts in
    `all`.
    """
    ledger, services = Ledger(context), found_services(found.clients)
    few = few_clients(found.clients, services)
    counts, weeks = _attended(together(found.clients, few)), by_week(found.days)
    parts = [*(one for one in addends(services, context) if one not in few), *[FEW] * bool(few)]
    cells = {service: _attendance_cells(ledger, service, counts) for service in [ALL, *parts]}
    ledger.sum_of(cells[ALL][MISSED], [cells[service][MISSED] for service in parts], "service")
    for service in breakdown(services, context) if services else ():
        if service in few:
            keys: Row = {"item": "attendance", "category": MISSED, "denominator": APPOINTMENTS, "unit": "proportion"}
            reason: Row = {"reason": REASONS["too_few"], "method": f"share of {APPOINTMENTS}"}
            ledger.estimate("share", None, service=service, population="support", **keys, **reason)
            continue
        n, events = (counts.get((service, name), (0, 0))[0] for name in (APPOINTMENTS, MISSED))
        linked = [(cells[service][MISSED], "numerator"), (cells[service][APPOINTMENTS], "denominator")]
        share(ledger, "attendance", (service, MISSED), (events, n), weeks.get(service, []), linked, APPOINTMENTS)
    return ledger.results()


def _attended(clients: pl.DataFrame) -> Counts:
    """Appointments kept, missed and all of them, each with the clients behind them."""
    numbers = pl.col(KEPT, MISSED)
    whole = clients.group_by("client").agg(numbers.sum()).with_columns(service=pl.lit(ALL))
    own = clients.group_by("service", "client").agg(numbers.sum())
    both = pl.concat([own, whole.select(own.columns)])
    both = both.with_columns((pl.col(KEPT) + pl.col(MISSED)).alias(APPOINTMENTS))
    kinds = (KEPT, MISSED, APPOINTMENTS)
    persons = [(pl.col(kind) > 0).sum().alias(f"by-{kind}") for kind in kinds]
    rows = both.group_by("service").agg(pl.col(kinds).sum(), *persons).iter_rows(named=True)
    return {(row["service"], kind): (row[kind], row[f"by-{kind}"]) for row in rows for kind in kinds}


def _attendance_cells(ledger: Ledger, service: str, counts: Counts) -> dict[str, str]:
    """Missed appointments, and all of them.

    The kept ones are the sessions, which a reader has from elsewhere: so no sum is declared that would let the gate
    withhold them in place of all appointments. These are shown in no other row than that of the missed ones.
    """
    keys: Row = {"population": "support", "item": "attendance", "unit": "appointment"}
    cells = {}
    for name in (MISSED, APPOINTMENTS):
        n, persons = counts.get((service, name), (0, 0))
        cells[name] = ledger.cell(n, service=service, category=name, contributors=persons, **keys)
    return cells


def hours(found: Visits, context: Context) -> Results:
    """Hours of individual contact, in total and per client, for all and for each known service.

    Clients with recorded minutes count, once, at the service with most of their sessions (as in ``dose``); a contact
    of two clients counts for both. ``missing`` is the number of attended appointments without minutes, which add
    nothing. The mean has a t interval. A service with fewer than five such clients has no value, but counts in
    `all`. No row where no minutes are recorded at all.
    """
    ledger = Ledger(context)
    if not found.has_minutes:
        return ledger.results()
    own = _at_main_service(found.clients)
    services = found_services(own)
    few = few_clients(own.filter("timed"), services)
    counts = _summed(together(own, few))
    parts = [*(one for one in addends(services, context) if one not in few), *[FEW] * bool(few)]
    cells = {service: _hours_cells(ledger, service, counts.get(service, {})) for service in [ALL, *parts]}
    for name in ("clients", "minutes"):
        ledger.sum_of(cells[ALL][name], [cells[service][name] for service in parts], "service")
    for service in breakdown(services, context):
        _hours(ledger, service, counts.get(service, {}), cells.get(service, {}))
    return ledger.results()


def _at_main_service(clients: pl.DataFrame) -> pl.DataFrame:
    """Clients that came at least once, each at one service: ``service, minutes, untimed, timed``."""
    came = clients.filter(pl.col(KEPT) > 0)
    at_most = came.sort("client", KEPT, "service", descending=[False, True, False])
    sums = pl.col("minutes", "untimed", KEPT).sum()
    once = at_most.group_by("client", maintain_order=True).agg(pl.col("service").first(), sums)
    return once.with_columns(timed=pl.col(KEPT) > pl.col("untimed"))


def _summed(clients: pl.DataFrame) -> dict[str, Row]:
    minutes = pl.col("minutes").filter("timed")
    table = with_all(clients).group_by("service")
    numbers = table.agg(
        pl.col("timed").sum().alias("clients"),
        minutes.sum(),
        minutes.mean().alias("mean"),
        minutes.std().alias("sd"),
        minutes.max().alias("largest"),
        pl.col("untimed").sum(),
    )
    return {str(row.pop("service")): row for row in numbers.to_dicts()}


def _hours_cells(ledger: Ledger, service: str, row: Row) -> dict[str, str]:
    keys: Row = {"population": "clients", "item": HOURS, "service": service}
    n = row.get("clients") or 0
    of: Row = {"quantity": "sum", "unit": "minute", "contributors": n, "largest": row.get("largest")}
    return {
        "clients": ledger.cell(n, unit="client", category="clients", **keys),
        "minutes": ledger.cell(row.get("minutes") or 0, **of, **keys),
    }


def _hours(ledger: Ledger, service: str, row: Row, cells: dict[str, str]) -> None:
    keys: Row = {"population": "clients", "item": HOURS, "unit": HOURS, "service": service}
    if not cells:
        for statistic in ("total", "mean"):
            ledger.estimate(statistic, None, reason=REASONS["too_few"], method=HOW[statistic], **keys)
        return
    n, missing = row.get("clients") or 0, row.get("untimed") or 0
    note = "recorded hours only: some contacts have no minutes" if missing else ""
    keys |= {"n": n, "missing": missing, "reason": note if n else REASONS["no_rows"]}
    both = [(cells["minutes"], "numerator"), (cells["clients"], "denominator")]
    total = row["minutes"] / 60 if n else None
    ledger.estimate("total", total, cells=[(cell, "input") for cell, _ in both], method=HOW["total"], **keys)
    mean = row["mean"] / 60 if n else None
    ledger.estimate("mean", mean, cells=both, **_interval(row, n, ledger.context.level), **keys)


def _interval(row: Row, n: int, level: float) -> Row:
    from scipy.special import stdtrit

    if n < 2:
        return {"method": "mean"}
    mean, se = row["mean"] / 60, row["sd"] / 60 / sqrt(n)
    reach = float(stdtrit(n - 1, (1 + level) / 2)) * se
    return {"se": se, "low": mean - reach, "high": mean + reach, "level": level, "method": HOW["mean"]}


def tied(results: Results, context: Context) -> Results:
    """The same results, with the sum by which clients with hours and clients with sessions give each other away.

    Clients with recorded minutes are among those with sessions, and mostly the same. For doses that were counted
    from the sessions.
    """
    ledger, cells = Ledger(context), results.cells
    clients = cells[(cells["category"] == "clients") & (cells["quantity"] == "count")]
    of_doses, of_hours = (clients[clients["item"] == item].set_index("service") for item in ("sessions", HOURS))
    for service in (one for one in of_hours.index if one in of_doses.index):
        whole, part = of_doses.loc[service], of_hours.loc[service]
        rest = float(whole["value"] - part["value"])
        parts, keys = [part["cell_id"]], {"population": "clients", "item": HOURS, "category": "without-minutes"}
        if rest > 0:
            parts.append(_hidden(ledger, rest, service, keys))
        ledger.sum_of(whole["cell_id"], parts, HOURS)
    return Results.concat([results, ledger.results()])


def _hidden(ledger: Ledger, value: float, service: str, keys: Row) -> str:
    return ledger.cell(value, service=service, quantity=HIDDEN, unit="client", contributors=0, **keys)
