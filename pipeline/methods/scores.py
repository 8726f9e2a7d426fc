"""Scores of an instrument described: mean, spread, quantiles, and the shares in published bands.

How one respondent's score is made belongs in ``scoring``; shares of single answers in ``feedback``.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any

import polars as pl

from pipeline.methods.answers import ASKED, MISSING, WHO, Answers
from pipeline.methods.proportions import wilson
from pipeline.methods.results import Context, Ledger, Results
from pipeline.methods.scoring import scored
from pipeline.methods.services import addends, breakdown, with_all
from schemas.cells import HIDDEN
from schemas.instrument import Instrument, Item, Score
from schemas.vocabulary import ALL, REASONS

Row = dict[str, Any]
Key = tuple[str, str, str]

SCORED = "scored"
POINTS = "points"
FEWEST_ITEMS = 5
TIED = 12
"""Services up to which the disclosure gate weighs mean scores and counts of answers against each other."""

UNIT = "points"
QUANTILES = (0.25, 0.75)
FEWEST_ON_A_SIDE = 5
"""A median or quartile is one or two persons' own score: it needs as many scored on either side of it."""

QUANTILE_METHOD = "linear interpolation (Hyndman and Fan 1996, type 7)"
_NOBODY: Row = {"asked": 0, "askable": 0, "n": 0, "persons": 0, "given": 0, "points": 0}


def scores(surveys: pl.DataFrame, instrument: Instrument, context: Context) -> Results:
    """Scores that the instrument declares, at each wave in the frame, for all and for each known service.

    ``item`` is the id of the score. Number scored (``count``, category ``scored``), mean with t interval, SD (n - 1),
    median, quartiles (linear interpolation; Hyndman & Fan 1996, type 7) and, where the instrument declares bands, the
    share of the scored in each, with Wilson's interval. Unit: points of the score. ``n`` are the scored, ``missing``
    those asked who answered too few items; no score is made up for them.

    Without any row of the instrument each score has one row, `no rows`, without a wave. Where nobody could be scored
    the rows have the reason `too few items answered`; one scored respondent has a mean and no interval or SD; where
    all have the same score the mean has no interval (`no variation`). A median needs ten scored, a quartile twenty
    (`too few rows`): with fewer it would be one person's score among a few. No scores declared, no rows.

    The cells are the scored, those not scored, those in each band, and the points that all answers give. A mean score
    says how many points were given, and these are a sum over the single answers: hidden cells (how many answered an
    item at a level or above it) tell the disclosure gate so, or a withheld count of an answer could be worked out.
    With more than ``TIED`` services that takes too long, and with fewer than ``FEWEST_ITEMS`` items the SD tells more
    than the points: there a mean and an SD are withheld wherever any count of an
    answer behind them is.

    Parameters
    ----------
    surveys
        Rows of ``schemas.surveys``; other instruments' rows are passed over.
    """
    ledger = Ledger(context)
    counts = Counts.of(surveys, instrument, ledger)
    for score in instrument.scoring if not counts.found else ():
        _moments(ledger, counts, score, ("", ALL))
    for wave, found in counts.found.items() if instrument.scoring else ():
        counts.answers.declare(wave)
        for score in instrument.scoring:
            counts.declare(wave, score)
            for service in breakdown(found, context):
                _moments(ledger, counts, score, (wave, service))
                for band in score.bands:
                    _share(ledger, counts, score, (wave, service), band.id)
    return ledger.results()


@dataclass
class Counts:
    """What is known of each score at each wave and service (`all` included), and the cells it becomes."""

    instrument: Instrument
    ledger: Ledger
    answers: Answers
    found: dict[str, list[str]]
    rows: dict[Key, Row]
    banded: dict[tuple[str, str, str, str], tuple[int, int]]

    @staticmethod
    def of(surveys: pl.DataFrame, instrument: Instrument, ledger: Ledger) -> Counts:
        """Score the answers and count."""
        people = scored(surveys, instrument)
        rows = surveys.filter(pl.col("instrument") == instrument.instrument)
        waves = rows.group_by("wave", maintain_order=True).agg(pl.col("service").unique())
        everyone = with_all(people)
        answers = Answers.of(surveys, instrument, ledger)
        return Counts(instrument, ledger, answers, dict(waves.iter_rows()), _summaries(everyone), _banded(everyone))

    def row(self, wave: str, service: str, score: Score) -> Row:
        """Numbers of one score; zeros where there are no rows."""
        return self.rows.get((wave, service, score.id), _NOBODY)

    def in_band(self, wave: str, service: str, score: Score, band: str) -> int:
        """How many scored in a band."""
        return self.banded.get((wave, service, score.id, band), (0, 0))[0]

    def keys(self, wave: str, score: Score) -> Row:
        """Keys that the estimates and cells of a score share."""
        one = self.instrument
        return {"population": one.population, "instrument": one.instrument, "wave": wave, "item": score.id}

    def declare(self, wave: str, score: Score) -> None:
        """Add the cells of a score at a wave to the ledger, and the sums that hold among them."""
        parts = addends(self.found[wave], self.ledger.context)
        cells = {service: self.cells(wave, service, score) for service in [ALL, *parts]}
        for service in [ALL, *parts]:
            own = cells[service]
            # The score is part of the dimension because all items and scores share one total.
            self.ledger.sum_of(own[ASKED], [own[SCORED], own[MISSING]], f"{score.id}|asked")
            if score.bands:
                self.ledger.sum_of(own[SCORED], [own[band.id] for band in score.bands], "category")
            if self.is_tied(wave, score):
                self.ledger.sum_of(own[POINTS], self.levels(wave, service, score), "answers")
        for name in cells[ALL]:
            self.ledger.sum_of(cells[ALL][name], [cells[service][name] for service in parts], "service")

    def cells(self, wave: str, service: str, score: Score) -> dict[str, str]:
        """Ids of the cells of a score, by name; added to the ledger."""
        row, keys = self.row(wave, service, score), self.keys(wave, score)
        unit: Row = {"service": service, "unit": self.instrument.unit}
        asked = self.ledger.cell(
            row["asked"], contributors=row["askable"], category=ASKED, **unit, **(keys | {"item": ""})
        )
        counts = {SCORED: (row["n"], row["persons"]), MISSING: (row["asked"] - row["n"], row["asked"] - row["n"])}
        counts |= {b.id: self.banded.get((wave, service, score.id, b.id), (0, 0)) for b in score.bands}
        cells = {
            name: self.ledger.cell(value, contributors=persons, category=name, **unit, **keys)
            for name, (value, persons) in counts.items()
        }
        given: Row = {"quantity": "sum", "contributors": row["given"], "largest": row.get("largest"), "unit": "point"}
        return {ASKED: asked, **cells, POINTS: self.ledger.cell(row["points"], service=service, **given, **keys)}

    def is_tied(self, wave: str, score: Score) -> bool:
        """Is the gate told how points and answers hang together? With many services that would take it hours."""
        enough = len(self.instrument.items_of(score)) >= FEWEST_ITEMS  # of fewer, the SD tells too much
        return enough and len(addends(self.found[wave], self.ledger.context)) <= TIED

    def of_answers(self, wave: str, service: str, score: Score) -> list[tuple[str, str]]:
        """Links to every count of an answer behind a score that is not tied: one withheld, the mean is."""
        if self.is_tied(wave, score):
            return []
        items, options = self.instrument.items_of(score), self.instrument.options
        return [(self.answers.cell(wave, service, item, one.id), "input") for item in items for one in options]

    def behind_spread(self, wave: str, service: str, score: Score) -> list[tuple[str, str]]:
        """Links to all cells that the SD of a score is made of."""
        cells = self.cells(wave, service, score)
        return [*_linked(cells, SCORED, POINTS), *self.of_answers(wave, service, score)]

    def levels(self, wave: str, service: str, score: Score) -> list[str]:
        """Hidden cells of how many answered each item at each level or above it; they add up to the points."""
        items = set(self.instrument.items_of(score))
        codes = [option.code for option in self.instrument.options]
        places = [(item, level) for item in self.instrument.items for level in range(min(codes) + 1, max(codes) + 1)]
        return [self._level(wave, service, item, level) for item, level in places if item.id in items]

    def _level(self, wave: str, service: str, item: Item, level: int) -> str:
        turn = self.instrument.turn()
        options = self.instrument.options
        above = [o.id for o in options if (turn - o.code if item.reverse else o.code) >= level]
        value = sum(self.answers.n(wave, service, item.id, one) for one in above)
        keys: Row = {"population": self.instrument.population, "instrument": self.instrument.instrument, "wave": wave}
        keys |= {"service": service, "item": item.id, "category": f"from-{level}", "unit": "answer"}
        cell = self.ledger.cell(value, quantity=HIDDEN, contributors=0, **keys)
        self.ledger.sum_of(cell, [self.answers.cell(wave, service, item.id, one) for one in above], "level")
        return cell


def _summaries(everyone: pl.DataFrame) -> dict[Key, Row]:
    value, has = pl.col("value"), pl.col("value").is_not_null()
    held = pl.col(POINTS).sum().over("wave", "service", "score", "subject")
    table = (
        everyone.with_columns(held=held)
        .group_by("wave", "service", "score")
        .agg(
            asked=pl.struct(WHO).n_unique(),
            askable=pl.col("subject").n_unique(),
            n=value.count(),
            persons=pl.col("subject").filter(has).n_unique(),
            points=pl.col(POINTS).sum(),
            given=pl.col("subject").filter(pl.col("answered") > 0).n_unique(),
            largest=pl.col("held").max(),
            mean=value.mean(),
            sd=value.std(),
            same=value.min() == value.max(),
            **{f"{q:g}": value.quantile(q, interpolation="linear") for q in (0.5, *QUANTILES)},
        )
    )
    return {(r.pop("wave"), r.pop("service"), r.pop("score")): r for r in table.to_dicts()}


def _banded(everyone: pl.DataFrame) -> dict[tuple[str, str, str, str], tuple[int, int]]:
    rows = everyone.filter(pl.col("band") != "").group_by("wave", "service", "score", "band")
    table = rows.agg(units=pl.len(), persons=pl.col("subject").n_unique())
    return {(w, s, score, band): (units, persons) for w, s, score, band, units, persons in table.iter_rows()}


def _moments(ledger: Ledger, counts: Counts, score: Score, where: tuple[str, str]) -> None:
    wave, service = where
    row = counts.row(wave, service, score)
    cells = counts.cells(wave, service, score) if wave else {}
    n = int(row["n"])
    own = counts.keys(wave, score) | {"service": service, "n": n, "missing": row["asked"] - n if wave else None}
    how: Row = {
        "category": SCORED,
        "unit": "persons",
        "method": "count",
        "reason": "" if wave else REASONS["no_rows"],
    }
    ledger.estimate("count", n if wave else None, cells=_linked(cells, SCORED), **how, **own)
    own["unit"] = UNIT
    answers = counts.of_answers(wave, service, score) if wave else []
    ratio = [*_linked(cells, POINTS, role="numerator"), *_linked(cells, SCORED, role="denominator")]
    ledger.estimate("mean", row.get("mean"), cells=[*ratio, *answers], **_mean(row, n, ledger.context.level), **own)
    how = {"method": "standard deviation (n - 1)", "reason": REASONS["too_few"] if n == 1 else _why(row)}
    spread = counts.behind_spread(wave, service, score) if wave else []
    ledger.estimate("sd", row.get("sd"), cells=spread, **how, **own)
    for at in (0.5, *QUANTILES):
        _quantile(ledger, row, _linked(cells, SCORED), at, own)


def _quantile(ledger: Ledger, row: Row, cells: list[tuple[str, str]], at: float, own: Row) -> None:
    enough = row["n"] * min(at, 1 - at) >= FEWEST_ON_A_SIDE
    value = row[f"{at:g}"] if enough else None
    why = "" if enough else _why(row) or REASONS["too_few"]
    named = {} if at == 0.5 else {"at": f"{at:g}"}
    statistic = "quantile" if named else "median"
    ledger.estimate(statistic, value, cells=cells, reason=why, method=QUANTILE_METHOD, **named, **own)


def _linked(cells: dict[str, str], *names: str, role: str = "input") -> list[tuple[str, str]]:
    return [(cells[name], role) for name in names if cells]


def _why(row: Row) -> str:
    """Why nobody has a score; nothing where somebody has one."""
    return "" if row["n"] else REASONS["not_scored" if row["asked"] else "no_rows"]


def _mean(row: Row, n: int, level: float) -> Row:
    """How the mean is described: its t interval, or why it has none."""
    from scipy.special import stdtrit

    if n < 2 or row["same"]:
        return {"method": "mean", "reason": REASONS["no_variation"] if n > 1 else _why(row)}
    se = row["sd"] / sqrt(n)
    reach = float(stdtrit(n - 1, (1 + level) / 2)) * se
    ends = {"low": row["mean"] - reach, "high": row["mean"] + reach}
    return {"se": se, "level": level, "method": "mean, t interval", "reason": "", **ends}


def _share(ledger: Ledger, counts: Counts, score: Score, where: tuple[str, str], band: str) -> None:
    row, cells = counts.row(*where, score), counts.cells(*where, score)
    events, n, level = counts.in_band(*where, score, band), int(row["n"]), ledger.context.level
    low, high = wilson(events, n, level) if n else (None, None)
    ledger.estimate(
        "share",
        events / n if n else None,
        service=where[1],
        cells=[(cells[band], "numerator"), (cells[SCORED], "denominator")],
        category=band,
        denominator=SCORED,
        low=low,
        high=high,
        level=level if n else None,
        n=n,
        events=events,
        missing=row["asked"] - n,
        unit="proportion",
        method="Wilson score interval (Wilson 1927)",
        reason=_why(row),
        **counts.keys(where[0], score),
    )
