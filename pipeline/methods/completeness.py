"""How completely those who were asked filled in a survey: who answered every item, and how many items stayed blank.

How many left a single item blank belongs in ``feedback`` (answer `missing`); who did not answer a survey at all in
``response``; who answered at one wave only in ``attrition``.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from pipeline.methods.answers import ASKED, MISSING, WHO, Answers, on_scale
from pipeline.methods.complete_answers import COMPLETE, INCOMPLETE
from pipeline.methods.proportions import wilson
from pipeline.methods.results import Context, Ledger, Results
from pipeline.methods.services import addends, with_all
from schemas.instrument import Instrument
from schemas.vocabulary import ALL, REASONS

SHARE_METHOD = "Wilson score interval (Wilson 1927)"
MEAN_METHOD = "items left blank by respondents asked"


def completeness(surveys: pl.DataFrame, instrument: Instrument, context: Context) -> Results:
    """Share of those asked who answered every item, and mean number of items left blank, at each wave.

    For all and each known service. `share` of `complete`: an answer on the scale to every item, as the reliability of
    a scale needs it, so that an answer off the scale (not applicable) leaves a respondent incomplete. `mean` of
    `missing`: blank items only. Interval of the share: Wilson (1927). Without any row of the instrument there is one
    row of each, `no rows`, without a wave.
    """
    ledger = Ledger(context)
    answers = Answers.of(surveys, instrument, ledger)
    counts = _complete(surveys, instrument)
    for wave in answers.waves() or [""]:
        cells = _cells(answers, wave, counts) if wave else {}
        for service in answers.services(wave) if wave else [ALL]:
            _share(answers, wave, service, counts.get((wave, service), 0), cells)
            _blank(answers, wave, service)
    return ledger.results()


def _complete(surveys: pl.DataFrame, instrument: Instrument) -> dict[tuple[str, str], int]:
    """How many have an answer on the scale to every item, by (wave, service)."""
    rows = with_all(surveys.filter(pl.col("instrument") == instrument.instrument))
    items = [item.id for item in instrument.items]
    answered = rows.filter(on_scale(instrument), pl.col("item").is_in(items))
    units = answered.group_by("wave", "service", *WHO).agg(pl.col("item").n_unique())
    whole = units.filter(pl.col("item") == len(items)).group_by("wave", "service").len()
    return {(wave, service): n for wave, service, n in whole.iter_rows()}


def _cells(answers: Answers, wave: str, counts: dict[tuple[str, str], int]) -> dict[str, str]:
    """The cell of the complete ones by service; with the incomplete ones they sum to those asked."""
    answers.declare(wave)
    ledger, instrument = answers.ledger, answers.instrument
    parts = addends(answers.found[wave], ledger.context)
    made: dict[str, dict[str, str]] = {}
    for service in [ALL, *parts]:
        n, asked = counts.get((wave, service), 0), answers.n(wave, service, "", ASKED)
        keys: dict[str, Any] = {"population": instrument.population, "instrument": instrument.instrument}
        keys |= {"service": service, "unit": instrument.unit, "wave": wave}
        numbers = {COMPLETE: n, INCOMPLETE: asked - n}
        made[service] = {name: ledger.cell(count, category=name, **keys) for name, count in numbers.items()}
        ledger.sum_of(answers.cell(wave, service, "", ASKED), list(made[service].values()), COMPLETE)
    for name in (COMPLETE, INCOMPLETE):
        ledger.sum_of(made[ALL][name], [made[service][name] for service in parts], "service")
    blank = {service: _blank_cell(answers, wave, service) for service in [ALL, *parts]}
    ledger.sum_of(blank[ALL], [blank[service] for service in parts], "service")
    return {service: one[COMPLETE] for service, one in made.items()}


def _share(answers: Answers, wave: str, service: str, complete: int, cells: dict[str, str]) -> None:
    n, level = answers.n(wave, service, "", ASKED), answers.ledger.context.level
    low, high = wilson(complete, n, level) if n else (None, None)
    asked = [(answers.cell(wave, service, "", ASKED), "denominator")] if n else []
    answers.ledger.estimate(
        "share",
        complete / n if n else None,
        service=service,
        cells=[(cells[service], "numerator"), *asked] if service in cells else [],
        category=COMPLETE,
        low=low,
        high=high,
        level=level,
        n=n,
        events=complete,
        unit="proportion",
        method=SHARE_METHOD,
        **_keys(answers, wave, n),
    )


def _blank(answers: Answers, wave: str, service: str) -> None:
    n, blank = answers.n(wave, service, "", ASKED), _blank_items(answers, wave, service)
    cells = [_blank_cell(answers, wave, service), answers.cell(wave, service, "", ASKED)] if wave else []
    answers.ledger.estimate(
        "mean",
        blank / n if n else None,
        service=service,
        cells=[(one, "input") for one in cells],
        category=MISSING,
        n=n,
        unit="items",
        method=MEAN_METHOD,
        **_keys(answers, wave, n),
    )


def _blank_items(answers: Answers, wave: str, service: str) -> int:
    return sum(answers.n(wave, service, item.id, MISSING) for item in answers.instrument.items)


def _blank_cell(answers: Answers, wave: str, service: str) -> str:
    """Cell of all blank items; the items' own counts of blanks sum to it."""
    instrument, ledger = answers.instrument, answers.ledger
    total = ledger.cell(
        _blank_items(answers, wave, service),
        service=service,
        unit="item",
        contributors=answers.n(wave, service, "", ASKED),
        population=instrument.population,
        instrument=instrument.instrument,
        category=MISSING,
        wave=wave,
    )
    parts = [answers.cell(wave, service, item.id, MISSING) for item in instrument.items]
    ledger.sum_of(total, parts, "item")
    return total


def _keys(answers: Answers, wave: str, n: int) -> dict[str, Any]:
    instrument = answers.instrument
    keys = {"population": instrument.population, "instrument": instrument.instrument, "wave": wave}
    return keys | {"denominator": ASKED, "reason": "" if n else REASONS["no_rows"]}
