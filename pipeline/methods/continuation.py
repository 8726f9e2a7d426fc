"""How many sessions clients go on to have: retention counted in sessions, and not in days.

The curve itself is in ``survival``; sessions of all clients as they stand belong in ``dose``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import polars as pl

from pipeline.methods.dose_counts import FEW, FEWEST_CLIENTS, declare, few_clients, summaries, together
from pipeline.methods.results import Context, Ledger, Results
from pipeline.methods.services import addends, breakdown, found_services, with_all
from pipeline.methods.survival import Curve, Spell, log_log
from schemas.vocabulary import ALL, REASONS

KEYS: dict[str, Any] = {"population": "clients", "item": "continuation"}
METHOD = "Kaplan and Meier (1958) over sessions, log-log interval with Greenwood's (1926) variance"
MEDIAN = "Kaplan and Meier (1958) over sessions, log-log interval (Brookmeyer and Crowley 1982)"
TOO_FAR = "fewer than five clients came that far"
NOT_REACHED = "more than half go on as far as clients were followed"


@dataclass(frozen=True)
class Followed:
    """Clients of one service: sessions of each and whether they have stopped; and how many have no last day."""

    spells: Sequence[Spell] = ()
    undated: int = 0

    def stopped_before(self, sessions: int) -> int:
        """Clients who stopped with fewer sessions."""
        return sum(over and n < sessions for n, over in self.spells)

    def too_far(self, sessions: int) -> bool:
        """Had fewer than five clients the session before?

        The curve says little from there on, and would say that nobody of a small service came so far.
        """
        return sum(n >= sessions - 1 for n, _ in self.spells) < FEWEST_CLIENTS


def continuation(
    doses: pl.DataFrame, sessions: Sequence[int], gap_days: int, end_of_period: date, context: Context
) -> Results:
    """Share of clients who go on to at least so many sessions, and the median, for all and each known service.

    Kaplan & Meier (1958) with the number of sessions as time. A client has stopped whose last session is at least
    ``gap_days`` before the end: that of the period or, where the records end before it, the last day on which any
    client was seen. Whoever was seen later may go on and is censored at the sessions had so far. Clients without a
    last day, or without a session, are left out and counted in ``missing``; a service with fewer than five clients
    has no curve, but counts in `all`. ``n`` is the number of clients, ``events`` the number who stopped before.
    Where fewer than five clients had the session before there is no value.

    Parameters
    ----------
    doses
        Rows of ``schemas.doses``.
    sessions
        Numbers of sessions at which the curve is read (``at``).
    """
    ledger, wanted = Ledger(context), sorted({one for one in sessions if one > 1})
    services = found_services(doses)
    of_doses = declare(ledger, summaries(doses), addends(services, context))
    few = few_clients(doses, services)
    followed = _followed(together(doses, few), gap_days, end_of_period)
    parts = [*(one for one in addends(services, context) if one not in few), *[FEW] * bool(few)]
    cells = {}
    for service in [ALL, *parts]:
        own = followed.get(service, Followed())
        cells[service] = _cells(ledger, service, own, wanted, of_doses.get(service, {}))
    for name in cells[ALL]:
        ledger.sum_of(cells[ALL][name], [cells[service][name] for service in parts], "service or few clients")
    for service in breakdown(services, context):
        if service in few:
            _left_out(ledger, service, wanted)
        else:
            own = followed.get(service, Followed())
            _estimates(ledger, service, own, wanted, cells[service] | {"one": of_doses[service]["one"]})
    return ledger.results()


def _followed(doses: pl.DataFrame, gap_days: int, end_of_period: date) -> dict[str, Followed]:
    if "to" not in doses.columns:
        doses = doses.with_columns(to=pl.lit(None, pl.Date))
    last: date | None = doses["to"].max()  # type: ignore[assignment]
    until = min(end_of_period, last or end_of_period) - timedelta(days=gap_days)
    here = pl.col("to").is_not_null() & (pl.col("sessions") > 0)
    rows = with_all(doses).with_columns(here.alias("here"), (pl.col("to") <= until).alias("over"))
    undated = dict(rows.filter(~pl.col("here")).group_by("service").len().iter_rows())
    table = rows.filter("here").group_by("service").agg("sessions", "over")
    spells = {service: list(zip(n, over, strict=True)) for service, n, over in table.iter_rows()}
    return {one: Followed(spells.get(one, ()), undated.get(one, 0)) for one in {*spells, *undated}}


def _cells(
    ledger: Ledger, service: str, followed: Followed, wanted: list[int], of_doses: dict[str, str]
) -> dict[str, str]:
    """Clients followed; those who stopped before each number of sessions, and in between; and the rest.

    Where all clients are followed they are the ``clients`` of the doses.
    """
    n, stopped = len(followed.spells), [followed.stopped_before(one) for one in wanted]
    names = [f"stopped-before-{at}" for at in wanted]
    pairs = list(pairwise(zip(wanted, names, stopped, strict=True)))
    values = dict(zip(names, stopped, strict=True))
    values |= {f"stopped-{a}-to-{b}": after - before for (a, _, before), (b, _, after) in pairs}
    values |= {"not-stopped": n - stopped[-1]} if wanted else {}
    cells = {name: _cell(ledger, service, name, value) for name, value in values.items()}
    if of_doses and not followed.undated:
        cells["followed"] = of_doses["clients"]
    else:
        cells["followed"] = _cell(ledger, service, "followed", n)
    if of_doses and followed.undated:
        rest = _cell(ledger, service, "not-followed", followed.undated)
        ledger.sum_of(of_doses["clients"], [cells["followed"], rest], "followed")
    if wanted:
        ledger.sum_of(cells["followed"], [cells[names[-1]], cells["not-stopped"]], "stopped")
    for (a, fewer, _), (b, more, _) in pairs:
        ledger.sum_of(cells[more], [cells[fewer], cells[f"stopped-{a}-to-{b}"]], "sessions")
    return cells


def _cell(ledger: Ledger, service: str, name: str, value: int) -> str:
    return ledger.cell(value, service=service, unit="client", category=name, **KEYS)


def _estimates(ledger: Ledger, service: str, followed: Followed, wanted: list[int], cells: dict[str, str]) -> None:
    curve, level, n = Curve.of(followed.spells), ledger.context.level, len(followed.spells)
    common: dict[str, Any] = {"service": service, "n": n, "missing": followed.undated} | KEYS
    for at in wanted:
        if followed.too_far(at):
            reason = TOO_FAR if n else REASONS["no_rows"]
            of: dict[str, Any] = {"at": str(at), "unit": "proportion", "method": METHOD} | common
            ledger.estimate("continuation", None, reason=reason, cells=[(cells["followed"], "input")], **of)
            continue
        found = curve.at(at - 1)
        survival, greenwood = found or (None, 0.0)
        inside = survival is not None and 0 < survival < 1
        low, high = log_log(survival, greenwood, level) if survival is not None and inside else (None, None)
        linked = [(cells[f"stopped-before-{at}"], "numerator"), (cells["followed"], "denominator")]
        # Who stopped before the second session had one: where their number is withheld, this one must be too.
        linked += [(cells["one"], "input")] if at == 2 else []
        ledger.estimate(
            "continuation",
            survival,
            cells=linked,
            at=str(at),
            low=low,
            high=high,
            level=level if inside else None,
            events=followed.stopped_before(at),
            unit="proportion",
            method=METHOD,
            reason="" if inside else "no interval: " + REASONS["no_variation"],
            **common,
        )
    median = curve.median(level)
    reason = REASONS["no_rows"] if not n else "" if median.value is not None else NOT_REACHED
    ends: dict[str, Any] = {"low": median.low, "high": median.high, "level": level} if median.value else {}
    linked = [(cells["followed"], "input")]
    how: dict[str, Any] = {"unit": "sessions", "method": MEDIAN, "reason": reason} | ends
    ledger.estimate("median", median.value, cells=linked, **how, **common)


def _left_out(ledger: Ledger, service: str, wanted: list[int]) -> None:
    """The rows of a service with too few clients for a curve."""
    for at in wanted:
        how: dict[str, Any] = {"at": str(at), "unit": "proportion", "method": METHOD} | KEYS
        ledger.estimate("continuation", None, service=service, reason=REASONS["too_few"], **how)
    how = {"unit": "sessions", "method": MEDIAN} | KEYS
    ledger.estimate("median", None, service=service, reason=REASONS["too_few"], **how)
