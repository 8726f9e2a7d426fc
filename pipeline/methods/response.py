"""Response rates: how many of those invited to a survey answered it.

Who answered a single item belongs in ``feedback``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from pipeline.methods.proportions import wilson
from pipeline.methods.results import Context, Ledger, Results
from pipeline.methods.services import addends, breakdown, found_services, with_all
from schemas.vocabulary import ALL, REASONS

CATEGORIES = ("invited", "answered", "not-answered")


def rates(response: pl.DataFrame, populations: Mapping[str, str], context: Context) -> Results:
    """Answered divided by invited, per instrument and wave, for all and for each known service.

    Interval: Wilson (1927). Where nobody was invited there is a reason and no value; an empty frame gives no row,
    because then no survey is known.

    Parameters
    ----------
    response
        Rows of ``schemas.response``.
    populations
        Population of each instrument; empty for an instrument it does not name.
    """
    ledger = Ledger(context)
    for (instrument, wave), rows in response.group_by("instrument", "wave", maintain_order=True):
        keys = {"population": populations.get(str(instrument), ""), "instrument": str(instrument), "wave": str(wave)}
        _survey(ledger, rows, keys)
    return ledger.results()


def _survey(ledger: Ledger, rows: pl.DataFrame, keys: dict[str, Any]) -> None:
    sums = (
        with_all(rows).group_by("service", maintain_order=True).agg(pl.col("invited").sum(), pl.col("answered").sum())
    )
    counts = {service: (invited, answered) for service, invited, answered in sums.iter_rows()}
    cells = {service: _cells(ledger, service, *counts[service], keys) for service in counts}
    found = found_services(rows)
    for category in CATEGORIES:
        parts = [cells[service][category] for service in addends(found, ledger.context)]
        ledger.sum_of(cells[ALL][category], parts, "service")
    for service in breakdown(found, ledger.context):
        _rate(ledger, service, counts[service], cells[service], keys)


def _cells(ledger: Ledger, service: str, invited: int, answered: int, keys: dict[str, Any]) -> dict[str, str]:
    values = dict(zip(CATEGORIES, (invited, answered, invited - answered), strict=True))
    cells = {
        category: ledger.cell(value, service=service, unit="person", item="response", category=category, **keys)
        for category, value in values.items()
    }
    ledger.sum_of(cells["invited"], [cells["answered"], cells["not-answered"]], "category")
    return cells


def _rate(ledger: Ledger, service: str, counts: tuple[int, int], cells: dict[str, str], keys: dict[str, Any]) -> None:
    invited, answered = counts
    low, high = wilson(answered, invited, ledger.context.level) if invited else (None, None)
    ledger.estimate(
        "response_rate",
        answered / invited if invited else None,
        service=service,
        cells=[(cells["answered"], "numerator"), (cells["invited"], "denominator")],
        denominator="invited",
        low=low,
        high=high,
        level=ledger.context.level,
        n=invited,
        events=answered,
        missing=invited - answered,
        unit="proportion",
        method="Wilson score interval (Wilson 1927)",
        reason="" if invited else REASONS["no_rows"],
        **keys,
    )
