"""Posts filled at dates, and how their number grew.

How long post holders stay belongs in ``retention``; what they do in ``support``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from pipeline.methods.results import Context, Ledger, Results
from pipeline.methods.services import addends, breakdown, found_services
from schemas.vocabulary import ALL, REASONS

POPULATION = "peer workers"
YEAR = 365.25
"""Days of a year."""

SHORTEST_YEAR = 330
"""Days between two dates below which a change per year says more than was seen."""

GROWTH = {
    "growth": ("posts", "difference between two dates"),
    "growth_ratio": ("ratio", "ratio of two dates"),
    "growth_per_year": ("posts per year", "difference between two dates, per 365.25 days"),
    "growth_ratio_per_year": ("ratio", "ratio of two dates, per 365.25 days (geometric)"),
}
"""Statistics of growth, with unit and method."""

NOT_ALL = "no two dates at which every service was counted"

Posts = Mapping[tuple[date, str], int]


def headcount(headcount: pl.DataFrame, context: Context) -> Results:
    """Posts filled at each date, and their growth, for all and for each known service.

    ``at`` is the ISO date. The total of a date has a value only where every service in the frame was counted at that
    date. Growth is that from the first to the last date on which the service (for all: every service) was counted:
    ``at`` is the last, ``reference`` the first.
    """
    ledger = Ledger(context)
    found = found_services(headcount)
    table = headcount.group_by("date", "service").agg(pl.col("posts").sum())
    posts = {(day, service): n for day, service, n in table.iter_rows()}
    for day in sorted({day for day, _ in posts}):
        here = {service: n for (at, service), n in posts.items() if at == day}
        _at_date(ledger, day, here, found)
    for service in breakdown(found, context) if found else ():
        _growth(ledger, service, _counted(posts, service, len(found)))
    return ledger.results()


def grown(first: int, last: int, days: int) -> dict[str, float | None]:
    """Growth from ``first`` to ``last`` posts in some ``days``; no ratio to nothing, none a year within one day."""
    ratio, years = last / first if first else None, days / YEAR
    return {
        "growth": float(last - first),
        "growth_ratio": ratio,
        "growth_per_year": (last - first) / years if days else None,
        "growth_ratio_per_year": ratio ** (1 / years) if ratio is not None and days else None,
    }


def _at_date(ledger: Ledger, day: date, here: dict[str, int], found: Any) -> None:
    whole = set(here) == set(found)
    if whole:
        cells = [_post_cell(ledger, service, day, here[service]) for service in addends(found, ledger.context)]
        ledger.sum_of(_post_cell(ledger, ALL, day, sum(here.values())), cells, "service")
    for service in breakdown(found, ledger.context):
        _headcount(
            ledger, service, day, (sum(here.values()) if whole else None) if service == ALL else here.get(service)
        )


def _counted(posts: Posts, service: str, services: int) -> list[tuple[date, int]]:
    """Posts of a service at each date when it was counted; of all, when every service was."""
    days = sorted({day for day, _ in posts})
    if service != ALL:
        return [(day, posts[day, service]) for day in days if (day, service) in posts]
    here = {day: [n for (at, _), n in posts.items() if at == day] for day in days}
    return [(day, sum(counts)) for day, counts in here.items() if len(counts) == services]


def _growth(ledger: Ledger, service: str, counted: list[tuple[date, int]]) -> None:
    if len(counted) < 2:
        reason = NOT_ALL if service == ALL else REASONS["too_few"]
        for statistic in GROWTH:
            _grown(ledger, statistic, service, None, reason)
        return
    (start, first), (end, last) = counted[0], counted[-1]
    days = (end - start).days
    cells = [(_post_cell(ledger, service, day, n), "input") for day, n in (counted[0], counted[-1])]
    for statistic, value in grown(first, last, days).items():
        reason = "" if value is not None else REASONS["no_posts"]
        if value is not None and "per_year" in statistic and days < SHORTEST_YEAR:
            reason = f"drawn out from {days} days"
        row = {"at": end.isoformat(), "reference": start.isoformat(), "cells": cells}
        _grown(ledger, statistic, service, value, reason, **row)


def _grown(ledger: Ledger, statistic: str, service: str, value: float | None, reason: str, **row: Any) -> None:
    unit, method = GROWTH[statistic]
    row |= {"population": POPULATION, "item": "headcount", "contrast": "dates"}
    ledger.estimate(statistic, value, service=service, unit=unit, method=method, reason=reason, **row)


def _post_cell(ledger: Ledger, service: str, day: date, posts: int) -> str:
    keys: dict[str, Any] = {"population": POPULATION, "item": "headcount", "category": day.isoformat()}
    return ledger.cell(posts, service=service, unit="post", **keys)


def _headcount(ledger: Ledger, service: str, day: date, posts: int | None) -> None:
    ledger.estimate(
        "headcount",
        posts,
        service=service,
        cells=[] if posts is None else [(_post_cell(ledger, service, day, posts), "input")],
        population=POPULATION,
        at=day.isoformat(),
        n=posts,
        unit="posts",
        method="count",
        reason="" if posts is not None else REASONS["no_rows"],
    )
