"""What support was given: group against individual contacts; and the interval of a share of contacts.

Shares among the individual contacts belong in ``contact_kinds``; how much of it each client had in ``dose``.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log, sqrt
from typing import Any

import polars as pl

from pipeline.methods.contacts import ACTIVITY, Contacts, Counts, Weeks, by_week, individual
from pipeline.methods.results import Context, Ledger, Results
from pipeline.methods.services import addends, breakdown, with_all
from schemas.vocabulary import ALL, REASONS

GROUP, INDIVIDUAL, CONTACTS = "group", "individual", "contacts"
METHOD = "ratio estimate, linearised variance over ISO weeks (Cochran 1977; Lohr 2010), logit t interval"

Log = pl.DataFrame | pl.LazyFrame | Contacts
"""Rows of ``schemas.sessions``, or the contacts counted from them."""


def mix(sessions: Log, groups: pl.DataFrame, context: Context) -> Results:
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
    contacts = counted(sessions)
    counts = {**contacts.counts(INDIVIDUAL), **_group_counts(groups)}
    weeks = _weeks(contacts, groups)
    found = {*contacts.services, *with_groups(groups)}
    _declare_mix(ledger, counts, addends(found, context))
    for service in breakdown(found, context):
        for category in (GROUP, INDIVIDUAL):
            where = (service, category)
            cells = [(cell(ledger, counts, *where), "numerator"), (_total(ledger, counts, service), "denominator")]
            n = _n(counts, service, GROUP) + _n(counts, service, INDIVIDUAL)
            share(ledger, "support", where, (_n(counts, *where), n), weeks.get(service, []), cells)
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


def counted(sessions: Log) -> Contacts:
    """The contacts of a log, counted unless they are already."""
    return sessions if isinstance(sessions, Contacts) else individual(sessions)


def _group_counts(groups: pl.DataFrame) -> Counts:
    """Group contacts that somebody came to; the largest is the fewest persons there can have been."""
    held = with_all(groups.filter(pl.col("participants") > 0))
    table = held.group_by("service").agg(pl.len(), pl.col("participants").max().cast(pl.Int64))
    return {(service, GROUP): (n, persons) for service, n, persons in table.iter_rows()}


def with_groups(groups: pl.DataFrame) -> set[str]:
    """Services with a group contact that somebody came to."""
    return set(_group_days(groups)["service"])


def _group_days(groups: pl.DataFrame) -> pl.DataFrame:
    held = groups.filter(pl.col("participants") > 0)
    return held.group_by("service", "date").agg(pl.len().cast(pl.Int64).alias("contacts"))


def _weeks(contacts: Contacts, groups: pl.DataFrame) -> Weeks:
    days = [contacts.days[ACTIVITY].select("service", "date", "contacts", category=pl.lit(INDIVIDUAL))]
    days.append(_group_days(groups).select("service", "date", "contacts", category=pl.lit(GROUP)))
    return by_week(pl.concat(days))


def _n(counts: Counts, service: str, category: str) -> int:
    return counts.get((service, category), (0, 0))[0]


def cell(ledger: Ledger, counts: Counts, service: str, category: str, item: str = "support") -> str:
    """The cell of contacts of one category at one service (``counts`` of ``Contacts``)."""
    value, persons = counts.get((service, category), (0, 0))
    keys: dict[str, Any] = {"population": "support", "item": item, "category": category}
    return ledger.cell(value, service=service, unit="contact", contributors=persons, **keys)


def _total(ledger: Ledger, counts: Counts, service: str) -> str:
    both = [counts.get((service, category), (0, 0)) for category in (GROUP, INDIVIDUAL)]
    value, persons = sum(n for n, _ in both), max(persons for _, persons in both)
    return cell(ledger, {(service, CONTACTS): (value, persons)}, service, CONTACTS)


def _declare_mix(ledger: Ledger, counts: Counts, parts: list[str]) -> None:
    for service in [ALL, *parts]:
        cells = [cell(ledger, counts, service, category) for category in (GROUP, INDIVIDUAL)]
        ledger.sum_of(_total(ledger, counts, service), cells, "category")
    ledger.sum_of(_total(ledger, counts, ALL), [_total(ledger, counts, service) for service in parts], "service")
    for category in (GROUP, INDIVIDUAL):
        cells = [cell(ledger, counts, service, category) for service in parts]
        ledger.sum_of(cell(ledger, counts, ALL, category), cells, "service")


def share(
    ledger: Ledger,
    item: str,
    where: tuple[str, str],
    numbers: tuple[int, int],
    weeks: list[dict[str, int]],
    cells: list[tuple[str, str]],
    denominator: str = CONTACTS,
) -> None:
    """One share of contacts, with its interval by weeks.

    ``where`` is (service, category), ``numbers`` (events, all), ``weeks`` contacts by category, a dictionary a week.
    """
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
        denominator=denominator,
        se=se,
        low=low,
        high=high,
        level=level if interval else None,
        n=n,
        events=events,
        unit="proportion",
        method=METHOD if interval else f"share of {denominator}",
        reason=_note(events, n, interval is not None),
    )


def _note(events: int, n: int, has_interval: bool) -> str:
    """Why there is no share, or no interval around it."""
    if n == 0:
        return REASONS["no_rows"]
    if has_interval:
        return ""
    return "no interval: " + (REASONS["no_variation"] if events in (0, n) else REASONS["too_few"])
