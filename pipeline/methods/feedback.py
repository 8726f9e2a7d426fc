"""Shares of the answers to a survey, over everyone asked and over everyone who answered.

Comparing waves belongs in ``change``, comparing services in ``synthesis``.
"""

from __future__ import annotations

import polars as pl

from pipeline.methods.answers import ANSWERED, ASKED, MISSING, Answers
from pipeline.methods.proportions import INTERVALS
from pipeline.methods.results import Context, Ledger, Results
from schemas.instrument import Instrument
from schemas.vocabulary import ALL, REASONS


def shares(surveys: pl.DataFrame, instrument: Instrument, context: Context) -> Results:
    """Share of every answer to every item, at each wave in the frame, for all and for each known service.

    Options and collapsed categories come over *asked* and over *answered*; special answers and `missing`, which
    are not part of the answered, over *asked* only. Also the number of respondents. ``context.interval`` chooses the
    interval, see ``proportions.INTERVALS``.

    Parameters
    ----------
    surveys
        Rows of ``schemas.surveys``; other instruments' rows are passed over. Without any row of the instrument
        the result is one `respondents` row with a reason.
    """
    ledger = Ledger(context)
    answers = Answers.of(surveys, instrument, ledger)
    if not answers.waves():
        _respondents(ledger, instrument, "", ALL, None)
    for wave in answers.waves():
        answers.declare(wave)
        for service in answers.services(wave):
            _respondents(ledger, instrument, wave, service, answers)
            for item in instrument.items:
                _item(ledger, answers, wave, service, item.id)
    return ledger.results()


def _respondents(ledger: Ledger, instrument: Instrument, wave: str, service: str, answers: Answers | None) -> None:
    value = answers.n(wave, service, "", ASKED) if answers else None
    ledger.estimate(
        "respondents",
        value,
        service=service,
        cells=[(answers.cell(wave, service, "", ASKED), "input")] if answers else [],
        population=instrument.population,
        instrument=instrument.instrument,
        wave=wave,
        denominator=ASKED,
        n=value,
        unit="persons",
        method="count",
        reason="" if value is not None else REASONS["no_rows"],
    )


def _item(ledger: Ledger, answers: Answers, wave: str, service: str, item: str) -> None:
    for category in answers.instrument.categories():
        for denominator in (ASKED, ANSWERED):
            _share(ledger, answers, (wave, service, item), category, denominator)
    for category in (*(special.id for special in answers.instrument.special), MISSING):
        _share(ledger, answers, (wave, service, item), category, ASKED)


def _share(ledger: Ledger, answers: Answers, where: tuple[str, str, str], category: str, denominator: str) -> None:
    events, n = answers.n(*where, category), answers.n(*where, denominator)
    interval, method = INTERVALS[ledger.context.interval]
    low, high = interval(events, n, ledger.context.level) if n else (None, None)
    wave, service, item = where
    ledger.estimate(
        "share",
        events / n if n else None,
        service=service,
        cells=[(answers.cell(*where, category), "numerator"), (answers.cell(*where, denominator), "denominator")],
        population=answers.instrument.population,
        instrument=answers.instrument.instrument,
        item=item,
        category=category,
        wave=wave,
        denominator=denominator,
        low=low,
        high=high,
        level=ledger.context.level,
        n=n,
        events=events,
        missing=answers.n(*where, ASKED) - answers.n(*where, ANSWERED),
        unit="proportion",
        method=method,
        reason="" if n else REASONS["no_rows"],
    )
