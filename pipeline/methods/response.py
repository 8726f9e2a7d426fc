"""Response rates: how many of those invited to a survey answered it.

Who answered a single item belongs in ``feedback``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from pipeline.methods.answers import ASKED, Answers
from pipeline.methods.proportions import wilson
from pipeline.methods.results import Context, Ledger, Results
from pipeline.methods.services import addends, breakdown, found_services, with_all
from schemas.instrument import Instrument
from schemas.vocabulary import ALL, REASONS

CATEGORIES = ("eligible", "not-invited", "invited", "answered", "not-answered")


Surveys = Iterable[tuple[Instrument, pl.DataFrame]]
"""Each instrument with its rows of ``schemas.surveys``."""


def rates(response: pl.DataFrame, populations: Mapping[str, str], context: Context, surveys: Surveys = ()) -> Results:
    """Answered divided by invited, and invited by eligible, per instrument and wave, for all and each known service.

    Interval: Wilson (1927). Where nobody was invited there is a reason and no value; an empty frame gives no row,
    because then no survey is known.

    Parameters
    ----------
    response
        Rows of ``schemas.response``.
    populations
        Population of each instrument; empty for an instrument it does not name.
    surveys
        The answers, where there are any: where as many are in the file as are said to have answered, the disclosure
        gate is told that the two counts are one, so that none gives the other back.
    """
    ledger = Ledger(context)
    answers = {one.instrument: Answers.of(frame, one, ledger) for one, frame in surveys}
    for (instrument, wave), rows in response.group_by("instrument", "wave", maintain_order=True):
        keys = {"population": populations.get(str(instrument), ""), "instrument": str(instrument), "wave": str(wave)}
        _survey(ledger, rows, keys, answers.get(str(instrument)))
    return ledger.results()


def _survey(ledger: Ledger, rows: pl.DataFrame, keys: dict[str, Any], answers: Answers | None) -> None:
    totals = [pl.col(name).sum() for name in ("eligible", "invited", "answered")]
    sums = with_all(rows).group_by("service", maintain_order=True).agg(totals)
    counts = {service: (eligible, invited, answered) for service, eligible, invited, answered in sums.iter_rows()}
    cells = {service: _cells(ledger, service, *counts[service], keys) for service in counts}
    found = found_services(rows)
    for category in CATEGORIES:
        parts = [cells[service][category] for service in addends(found, ledger.context)]
        ledger.sum_of(cells[ALL][category], parts, "service")
    for service in counts if answers else ():
        assert answers is not None
        if answers.n(keys["wave"], service, "", ASKED) == counts[service][2]:
            same = answers.cell(keys["wave"], service, "", ASKED)
            ledger.sum_of(cells[service]["answered"], [same], "survey")
    for service in breakdown(found, ledger.context):
        eligible, invited, answered = counts[service]
        made = cells[service]
        _rate(ledger, "response_rate", service, (invited, answered), (made["invited"], made["answered"]), keys)
        _rate(ledger, "invitation_rate", service, (eligible, invited), (made["eligible"], made["invited"]), keys)


def _cells(
    ledger: Ledger, service: str, eligible: int, invited: int, answered: int, keys: dict[str, Any]
) -> dict[str, str]:
    counts = (eligible, eligible - invited, invited, answered, invited - answered)
    values = dict(zip(CATEGORIES, counts, strict=True))
    # Nobody says anything by it: what was answered is protected where it is counted.
    keys = keys | {"unit": "questionnaire", "item": "response", "contributors": 0}
    cells = {name: ledger.cell(value, service=service, category=name, **keys) for name, value in values.items()}
    ledger.sum_of(cells["eligible"], [cells["invited"], cells["not-invited"]], "category")
    ledger.sum_of(cells["invited"], [cells["answered"], cells["not-answered"]], "category")
    return cells


def _rate(
    ledger: Ledger,
    statistic: str,
    service: str,
    counts: tuple[int, int],
    cells: tuple[str, str],
    keys: dict[str, Any],
) -> None:
    n, events = counts
    low, high = wilson(events, n, ledger.context.level) if n else (None, None)
    ledger.estimate(
        statistic,
        events / n if n else None,
        service=service,
        cells=[(cells[1], "numerator"), (cells[0], "denominator")],
        denominator="invited" if statistic == "response_rate" else "eligible",
        low=low,
        high=high,
        level=ledger.context.level,
        n=n,
        events=events,
        missing=n - events,
        unit="proportion",
        method="Wilson score interval (Wilson 1927)",
        reason="" if n else REASONS["no_rows"],
        **keys,
    )
