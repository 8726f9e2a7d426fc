"""What support was given: group against individual contacts, and what was done in the individual ones.

How much of it each client had belongs in ``dose``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import exp, log, sqrt
from typing import Any

import polars as pl

from pipeline.methods.results import Context, Ledger, Results
from pipeline.methods.services import addends, breakdown, found_services, with_all
from schemas.vocabulary import ALL, REASONS

GROUP, INDIVIDUAL, CONTACTS = "group", "individual", "contacts"
METHOD = "ratio estimate, linearised variance over ISO weeks (Cochran 1977; Lohr 2010), logit t interval"

Counts = Mapping[tuple[str, str], tuple[int, int]]
"""(service, category) → contacts, and the fewest persons that can be behind them."""


def mix(sessions: pl.DataFrame, groups: pl.DataFrame, context: Context) -> Results:
    """Shares of group and of individual contacts, for all and for each known service.

    One individual contact is one session id that somebody attended; one group contact is one group session with at
    least one participant. Contacts of one week resemble each other, so the interval is that of a ratio estimate with
    ISO weeks as clusters (linearised variance, W - 1 degrees of freedom, on the logit scale; see ``ratio_interval``).
    Persons behind a cell of group contacts are not named; the largest group is the fewest there can have been.

    Parameters
    ----------
    sessions, groups
        Rows of ``schemas.sessions`` and of ``schemas.groups``; either may be empty.
    """
    ledger = Ledger(context)
    contacts = pl.concat([_individual_contacts(sessions), _group_contacts(groups)])
    counts, weeks = _counts(contacts), _weeks(contacts)
    found = found_services(contacts)
    _declare_mix(ledger, counts, addends(found, context))
    for service in breakdown(found, context):
        for category in (GROUP, INDIVIDUAL):
            where = (service, category)
            cells = [(_cell(ledger, counts, *where), "numerator"), (_total(ledger, counts, service), "denominator")]
            n = _n(counts, service, GROUP) + _n(counts, service, INDIVIDUAL)
            _share(ledger, "support", where, (_n(counts, *where), n), weeks.get(service, []), cells)
    return ledger.results()


def activities(sessions: pl.DataFrame, context: Context) -> Results:
    """Share of each activity among the attended individual contacts, for all and for each known service.

    Activities are those found in the frame; intervals as in ``mix``. A contact that several clients attended counts
    once, with the activity of the first of them by id. Without any attended contact there is no row: no activity is
    known.
    """
    ledger = Ledger(context)
    contacts = _individual_contacts(sessions)
    counts, weeks = _counts(contacts), _weeks(contacts.with_columns(category=pl.col("activity")))
    counts = dict(counts) | dict(_counts(contacts.with_columns(category=pl.col("activity"))))
    names = sorted(contacts["activity"].unique())
    found = found_services(contacts)
    if names:
        _declare_activities(ledger, counts, names, addends(found, context))
    for service in breakdown(found, context):
        total = _cell(ledger, counts, service, INDIVIDUAL)
        for name in names:
            cells = [(_cell(ledger, counts, service, name, "activity"), "numerator"), (total, "denominator")]
            numbers = (_n(counts, service, name), _n(counts, service, INDIVIDUAL))
            _share(ledger, "activity", (service, name), numbers, weeks.get(service, []), cells)
    return ledger.results()


def ratio_interval(weeks: Sequence[tuple[float, float]], level: float) -> tuple[float, float, float] | None:
    """Standard error and interval of ``sum(events) / sum(contacts)`` over weeks.

    ``weeks`` are (events, contacts) of each week. The variance is the linearised one of a ratio (Cochran 1977) with
    weeks as clusters; the interval is symmetric on the logit scale with a t quantile of W - 1 degrees of freedom.
    ``None`` where it can't be had: fewer than two weeks, or a share of 0 or 1.
    """
    from scipy.special import stdtrit

    total = sum(contacts for _, contacts in weeks)
    if len(weeks) < 2 or not 0 < sum(events for events, _ in weeks) < total:
        return None
    share = sum(events for events, _ in weeks) / total
    squares = sum((events - share * contacts) ** 2 for events, contacts in weeks)
    se = sqrt(squares * len(weeks) / (len(weeks) - 1)) / total
    reach = float(stdtrit(len(weeks) - 1, (1 + level) / 2)) * se / (share * (1 - share))
    return se, _expit(log(share / (1 - share)) - reach), _expit(log(share / (1 - share)) + reach)


def _expit(x: float) -> float:
    return 1 / (1 + exp(-x)) if x > -700 else 0.0


def _individual_contacts(sessions: pl.DataFrame) -> pl.DataFrame:
    """One row a contact: service, week, category, activity, and the clients who attended."""
    attended = sessions.filter(pl.col("attended")).sort("client")
    return (
        attended.group_by("session")
        .agg(
            pl.col("service").first(),
            _week(pl.col("date").first()),
            pl.lit(INDIVIDUAL).alias("category"),
            pl.col("activity").first(),
            pl.col("client").cast(pl.String).alias("clients"),
            pl.lit(0, pl.Int64).alias("participants"),
        )
        .drop("session")
    )


def _group_contacts(groups: pl.DataFrame) -> pl.DataFrame:
    return groups.filter(pl.col("participants") > 0).select(
        "service",
        _week(pl.col("date")),
        pl.lit(GROUP).alias("category"),
        "activity",
        pl.lit([], pl.List(pl.String)).alias("clients"),
        pl.col("participants").cast(pl.Int64),
    )


def _week(date: pl.Expr) -> pl.Expr:
    return date.dt.strftime("%G-W%V").alias("week")


def _counts(contacts: pl.DataFrame) -> dict[tuple[str, str], tuple[int, int]]:
    persons = pl.max_horizontal(
        pl.col("clients").list.explode(keep_nulls=False, empty_as_null=False).n_unique(), pl.col("participants").max()
    )
    table = with_all(contacts).group_by("service", "category").agg(pl.len(), persons.alias("persons"))
    return {(service, category): (n, persons) for service, category, n, persons in table.iter_rows()}


def _weeks(contacts: pl.DataFrame) -> dict[str, list[dict[str, int]]]:
    """Contacts of each category in each week, by service."""
    table = with_all(contacts).group_by("service", "week", "category").len().sort("service", "week")
    weeks: dict[tuple[str, str], dict[str, int]] = {}
    for service, week, category, n in table.iter_rows():
        weeks.setdefault((service, week), {})[category] = n
    services: dict[str, list[dict[str, int]]] = {}
    for (service, _), one in weeks.items():
        services.setdefault(service, []).append(one)
    return services


def _n(counts: Counts, service: str, category: str) -> int:
    return counts.get((service, category), (0, 0))[0]


def _cell(ledger: Ledger, counts: Counts, service: str, category: str, item: str = "support") -> str:
    value, persons = counts.get((service, category), (0, 0))
    keys: dict[str, Any] = {"population": "support", "item": item, "category": category}
    return ledger.cell(value, service=service, unit="contact", contributors=persons, **keys)


def _total(ledger: Ledger, counts: Counts, service: str) -> str:
    both = [counts.get((service, category), (0, 0)) for category in (GROUP, INDIVIDUAL)]
    value, persons = sum(n for n, _ in both), max(persons for _, persons in both)
    return _cell(ledger, {(service, CONTACTS): (value, persons)}, service, CONTACTS)


def _declare_mix(ledger: Ledger, counts: Counts, parts: list[str]) -> None:
    for service in [ALL, *parts]:
        cells = [_cell(ledger, counts, service, category) for category in (GROUP, INDIVIDUAL)]
        ledger.sum_of(_total(ledger, counts, service), cells, "category")
    ledger.sum_of(_total(ledger, counts, ALL), [_total(ledger, counts, service) for service in parts], "service")
    for category in (GROUP, INDIVIDUAL):
        cells = [_cell(ledger, counts, service, category) for service in parts]
        ledger.sum_of(_cell(ledger, counts, ALL, category), cells, "service")


def _declare_activities(ledger: Ledger, counts: Counts, names: list[str], parts: list[str]) -> None:
    for service in [ALL, *parts]:
        cells = [_cell(ledger, counts, service, name, "activity") for name in names]
        ledger.sum_of(_cell(ledger, counts, service, INDIVIDUAL), cells, "activity")
    totals = [_cell(ledger, counts, service, INDIVIDUAL) for service in parts]
    ledger.sum_of(_cell(ledger, counts, ALL, INDIVIDUAL), totals, "service")
    for name in names:
        cells = [_cell(ledger, counts, service, name, "activity") for service in parts]
        ledger.sum_of(_cell(ledger, counts, ALL, name, "activity"), cells, "service")


def _share(
    ledger: Ledger,
    item: str,
    where: tuple[str, str],
    numbers: tuple[int, int],
    weeks: list[dict[str, int]],
    cells: list[tuple[str, str]],
) -> None:
    (service, category), (events, n), level = where, numbers, ledger.context.level
    interval = ratio_interval([(week.get(category, 0), sum(week.values())) for week in weeks], level)
    se, low, high = interval or (None, None, None)
    ledger.estimate(
        "share",
        events / n if n else None,
        service=service,
        cells=cells,
        population="support",
        item=item,
        category=category,
        denominator=CONTACTS,
        se=se,
        low=low,
        high=high,
        level=level if interval else None,
        n=n,
        events=events,
        unit="proportion",
        method=METHOD if interval else "share of contacts",
        reason=_note(events, n, interval is not None),
    )


def _note(events: int, n: int, has_interval: bool) -> str:
    """Why there is no share, or no interval around it."""
    if n == 0:
        return REASONS["no_rows"]
    if has_interval:
        return ""
    return "no interval: " + (REASONS["no_variation"] if events in (0, n) else REASONS["too_few"])
