"""How many individual sessions each client had: counted and described.

Comparing services belongs in ``dose_model``; the mix of contacts in ``support``.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import polars as pl

from pipeline.methods.dose_counts import EMPTY, KEYS, QUANTILES, Row, declare, summaries
from pipeline.methods.dose_model import model
from pipeline.methods.proportions import wilson
from pipeline.methods.results import Context, Ledger, Results
from pipeline.methods.services import addends, breakdown, found_services
from schemas.vocabulary import ALL, ESTIMATE_NUMBERS, REASONS

__all__ = ["describe", "from_sessions", "model"]


def from_sessions(sessions: pl.DataFrame | pl.LazyFrame) -> pl.DataFrame:
    """Sessions attended per client: a ``schemas.doses`` record, sorted by client.

    No-shows don't count; clients with no attended contact are absent. A client seen at several services counts
    once, at the one with most of the sessions (the first by id among equals).
    """
    date = pl.col("date")
    attended = sessions.lazy().filter("attended").select("client", "service", "date")
    there = attended.group_by("client", "service").agg(
        pl.len().cast(pl.Int64), date.min().alias("from"), to=date.max()
    )
    at_most = there.collect(engine="streaming").sort("client", "len", "service", descending=[False, True, False])
    return at_most.group_by("client", maintain_order=True).agg(
        pl.col("service").first(), pl.col("len").sum().alias("sessions"), pl.col("from").min(), pl.col("to").max()
    )


def describe(doses: pl.DataFrame, context: Context, uncounted: Sequence[str] = ()) -> Results:
    """Clients, total, mean, SD (n - 1), median, quantiles of sessions, and the share with exactly one session.

    For all and for each known service. The mean has a t interval; quantiles interpolate linearly (Hyndman & Fan
    1996, type 7); the share has Wilson's interval. Units: sessions; clients are persons. Where the sessions of
    some services (``uncounted``) are not known, the rows of all services have a reason and no value.
    """
    ledger = Ledger(context)
    counts = summaries(doses)
    cells = declare(ledger, counts, addends(found_services(doses), context))
    for service in breakdown(found_services(doses), context):
        _describe(ledger, service, counts.get(service, EMPTY), cells[service])
    results = ledger.results()
    return _without_all(results) if uncounted else results


def _without_all(results: Results) -> Results:
    """A total over some of the services is no total."""
    estimates = results.estimates.copy()
    pooled = estimates["service"] == ALL
    estimates.loc[pooled, list(ESTIMATE_NUMBERS)] = float("nan")
    estimates.loc[pooled, "reason"] = "not every service is counted"
    estimates.loc[pooled, "identified"] = "not_applicable"
    return results.with_estimates(estimates)


def _describe(ledger: Ledger, service: str, row: Row, cells: dict[str, str]) -> None:
    n = int(row["clients"] or 0)
    no_rows, few = "" if n else REASONS["no_rows"], "" if n > 1 else REASONS["too_few" if n else "no_rows"]
    clients = [(cells["clients"], "input")]
    both = [*clients, (cells["total"], "input")]
    numbers: Row = {"service": service, "n": n, **KEYS}
    sessions = numbers | {"unit": "sessions"}
    ledger.estimate("clients", n, cells=clients, unit="persons", method="count", **numbers)
    ledger.estimate("total", row["total"], cells=both, method="sum", **sessions)
    mean = [(cells["total"], "numerator"), (cells["clients"], "denominator")]
    ledger.estimate("mean", row.get("mean"), cells=mean, reason=no_rows, **_mean_interval(row, n, ledger), **sessions)
    ledger.estimate("sd", row.get("sd"), cells=both, reason=few, method="standard deviation (n - 1)", **sessions)
    ledger.estimate("median", row.get("median"), cells=clients, reason=no_rows, method="median", **sessions)
    for at in (f"{q:g}" for q in QUANTILES):
        how: Row = {"at": at, "reason": no_rows, "method": "linear interpolation (Hyndman and Fan 1996, type 7)"}
        ledger.estimate("quantile", row.get(at), cells=clients, **how, **sessions)
    _share_one(ledger, service, int(row["one"] or 0), n, cells)


def _mean_interval(row: Row, n: int, ledger: Ledger) -> Row:
    from scipy.special import stdtrit

    mean, sd, level = row.get("mean"), row.get("sd"), ledger.context.level
    if mean is None or sd is None or n < 2:
        return {"method": "mean"}
    se = sd / sqrt(n)
    reach = float(stdtrit(n - 1, (1 + level) / 2)) * se
    return {"se": se, "low": mean - reach, "high": mean + reach, "level": level, "method": "mean, t interval"}


def _share_one(ledger: Ledger, service: str, events: int, n: int, cells: dict[str, str]) -> None:
    low, high = wilson(events, n, ledger.context.level) if n else (None, None)
    ledger.estimate(
        "share",
        events / n if n else None,
        service=service,
        cells=[(cells["one"], "numerator"), (cells["clients"], "denominator")],
        category="one",
        denominator="clients",
        low=low,
        high=high,
        level=ledger.context.level,
        n=n,
        events=events,
        unit="proportion",
        method="Wilson score interval (Wilson 1927)",
        reason="" if n else REASONS["no_rows"],
        **KEYS,
    )
