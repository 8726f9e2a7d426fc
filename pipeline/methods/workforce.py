"""Posts filled at a date, and how long post holders stay.

What post holders do belongs in ``support``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from math import exp, log, sqrt
from typing import Any

import polars as pl

from pipeline.methods.proportions import normal_quantile
from pipeline.methods.results import Context, Ledger, Results
from pipeline.methods.services import addends, breakdown, found_services, with_all
from schemas.vocabulary import ALL, REASONS

POPULATION = "peer workers"
METHOD = "Kaplan and Meier (1958), log-log interval with Greenwood's (1926) variance"

Spell = tuple[int, bool]
"""Days in post, and whether the post ended then (else it was still held: censored)."""


def headcount(headcount: pl.DataFrame, context: Context) -> Results:
    """Posts filled at each date, for all and for each known service (``at`` is the ISO date).

    The total of a date has a value only where every service in the frame was counted at that date.
    """
    ledger = Ledger(context)
    found = found_services(headcount)
    parts = addends(found, context)
    table = headcount.group_by("date", "service").agg(pl.col("posts").sum())
    posts = {(day.isoformat(), service): n for day, service, n in table.iter_rows()}
    for day in sorted({day for day, _ in posts}):
        here = {service: n for (at, service), n in posts.items() if at == day}
        whole = set(here) == set(found)
        if whole:
            cells = [_post_cell(ledger, service, day, here[service]) for service in parts]
            ledger.sum_of(_post_cell(ledger, ALL, day, sum(here.values())), cells, "service")
        for service in breakdown(found, context):
            n = (sum(here.values()) if whole else None) if service == ALL else here.get(service)
            _headcount(ledger, service, day, n)
    return ledger.results()


def retention(workforce: pl.DataFrame, days: Sequence[int], end_of_observation: date, context: Context) -> Results:
    """Share of post holders still in post after each number of days, for all and for each known service.

    Kaplan & Meier (1958). Posts without an end, or with one after ``end_of_observation``, are censored on that day;
    posts that start after it are left out and counted in ``missing``. Interval on the log-log scale with Greenwood's
    variance; none where nobody or everybody has left. Beyond the longest time observed there is no value. ``n`` is
    the number of posts, ``events`` the number ended by then.
    """
    ledger = Ledger(context)
    spells = _spells(workforce, end_of_observation)
    late = _starts_after(workforce, end_of_observation)
    found = found_services(workforce)
    parts, wanted = addends(found, context), sorted(set(days))
    cells = {service: _retention_cells(ledger, service, spells.get(service, []), wanted) for service in [ALL, *parts]}
    for name in cells[ALL]:
        ledger.sum_of(cells[ALL][name], [cells[service][name] for service in parts], "service")
    for service in breakdown(found, context):
        for day in wanted:
            _retained(ledger, service, spells.get(service, []), day, late.get(service, 0), cells[service])
    return ledger.results()


def kaplan_meier(spells: Sequence[Spell], day: int, level: float) -> tuple[float, tuple[float, float] | None] | None:
    """Survival after ``day`` days and its log-log interval; ``None`` beyond what was observed.

    The interval is ``None`` where survival is 0 or 1, for which the transformation has no value.
    """
    if not spells or (day > max(time for time, _ in spells) and _survival(spells, day)[0] > 0):
        return None
    survival, greenwood = _survival(spells, day)
    if not 0 < survival < 1:
        return survival, None
    reach = normal_quantile(level) * sqrt(greenwood) / abs(log(survival))
    return survival, (survival ** exp(reach), survival ** exp(-reach))


def _survival(spells: Sequence[Spell], day: int) -> tuple[float, float]:
    """Product-limit estimate and the sum in Greenwood's formula."""
    survival, greenwood = 1.0, 0.0
    for time in sorted({time for time, ended in spells if ended and time <= day}):
        at_risk = sum(other >= time for other, _ in spells)
        ends = sum(ended and other == time for other, ended in spells)
        survival *= 1 - ends / at_risk
        greenwood += ends / (at_risk * (at_risk - ends)) if at_risk > ends else 0.0
    return survival, greenwood


def _spells(workforce: pl.DataFrame, last: date) -> dict[str, list[Spell]]:
    ended = (pl.col("end") <= last).fill_null(False)
    table = with_all(workforce.filter(pl.col("start") <= last)).select(
        "service",
        (pl.when(ended).then(pl.col("end")).otherwise(pl.lit(last)) - pl.col("start")).dt.total_days(),
        ended.alias("ended"),
    )
    spells: dict[str, list[Spell]] = {}
    for service, time, over in table.iter_rows():
        spells.setdefault(service, []).append((time, over))
    return spells


def _starts_after(workforce: pl.DataFrame, last: date) -> dict[str, int]:
    late = with_all(workforce.filter(pl.col("start") > last)).group_by("service").len()
    return dict(late.iter_rows())


def _post_cell(ledger: Ledger, service: str, day: str, posts: int) -> str:
    keys: dict[str, Any] = {"population": POPULATION, "item": "headcount", "category": day}
    return ledger.cell(posts, service=service, unit="post", **keys)


def _headcount(ledger: Ledger, service: str, day: str, posts: int | None) -> None:
    ledger.estimate(
        "headcount",
        posts,
        service=service,
        cells=[] if posts is None else [(_post_cell(ledger, service, day, posts), "input")],
        population=POPULATION,
        at=day,
        n=posts,
        unit="posts",
        method="count",
        reason="" if posts is not None else REASONS["no_rows"],
    )


def _retention_cells(ledger: Ledger, service: str, spells: list[Spell], days: list[int]) -> dict[str, str]:
    """Posts; those ended by each day and those not; and, between two days, those ended in between."""
    ended = [sum(over and time <= day for time, over in spells) for day in days]
    values = {"posts": len(spells)} | {f"ended-by-{day}": n for day, n in zip(days, ended, strict=True)}
    values |= {f"not-ended-by-{day}": len(spells) - n for day, n in zip(days, ended, strict=True)}
    pairs = list(pairwise(days))
    values |= {f"ended-{a}-to-{b}": values[f"ended-by-{b}"] - values[f"ended-by-{a}"] for a, b in pairs}
    keys: dict[str, Any] = {"population": POPULATION, "item": "retention"}
    cells = {
        name: ledger.cell(n, service=service, unit="post holder", category=name, **keys) for name, n in values.items()
    }
    for day in days:
        ledger.sum_of(cells["posts"], [cells[f"ended-by-{day}"], cells[f"not-ended-by-{day}"]], f"by-{day}")
    for a, b in pairs:
        ledger.sum_of(cells[f"ended-by-{b}"], [cells[f"ended-by-{a}"], cells[f"ended-{a}-to-{b}"]], "days")
    return cells


def _retained(ledger: Ledger, service: str, spells: list[Spell], day: int, late: int, cells: dict[str, str]) -> None:
    level = ledger.context.level
    found = kaplan_meier(spells, day, level)
    value, interval = found or (None, None)
    low, high = interval or (None, None)
    ledger.estimate(
        "retention",
        value,
        service=service,
        cells=[(cells[name], "input") for name in ("posts", f"ended-by-{day}", f"not-ended-by-{day}")],
        population=POPULATION,
        at=str(day),
        low=low,
        high=high,
        level=level if interval else None,
        n=len(spells),
        events=sum(over and time <= day for time, over in spells),
        missing=late,
        unit="proportion",
        method=METHOD,
        reason=_note(spells, value, interval is not None),
    )


def _note(spells: list[Spell], value: float | None, has_interval: bool) -> str:
    if not spells:
        return REASONS["no_rows"]
    if value is None:
        return REASONS["too_few"]
    return "" if has_interval else "no interval: " + REASONS["no_variation"]
