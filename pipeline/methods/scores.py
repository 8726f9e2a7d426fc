"""Scores of an instrument described: mean, spread, quantiles, and the shares in published bands.

How one respondent's score is made belongs in ``scoring``; shares of single answers in ``feedback``.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any

import polars as pl

from pipeline.methods.answers import ASKED, MISSING, WHO
from pipeline.methods.proportions import wilson
from pipeline.methods.results import Context, Ledger, Results
from pipeline.methods.scoring import scored
from pipeline.methods.services import addends, breakdown, with_all
from schemas.instrument import Instrument, Score
from schemas.vocabulary import ALL, REASONS

Row = dict[str, Any]
Key = tuple[str, str, str]

SCORED = "scored"
UNIT = "points"
QUANTILES = (0.25, 0.75)
FEWEST_ON_A_SIDE = 5
"""A median or quartile is one or two persons' own score: it needs as many scored on either side of it."""

QUANTILE_METHOD = "linear interpolation (Hyndman and Fan 1996, type 7)"
_NOBODY: Row = {"asked": 0, "askable": 0, "n": 0, "persons": 0, "total": 0.0}


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

    The cells are the scored, those not scored, those in each band, and the sum of the scores. That a mean score is
    also a weighted sum of the counts of single answers is not declared to the disclosure gate.

    Parameters
    ----------
    surveys
        Rows of ``schemas.surveys``; other instruments' rows are passed over.
    """
    ledger = Ledger(context)
    counts = Counts.of(surveys, instrument, ledger)
    for score in instrument.scoring if not counts.found else ():
        _moments(ledger, counts, score, ("", ALL))
    for wave, found in counts.found.items():
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
        return Counts(instrument, ledger, dict(waves.iter_rows()), _summaries(everyone), _banded(everyone))

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
        held: Row = {"quantity": "sum", "contributors": row["persons"], "largest": row.get("largest")}
        return {
            ASKED: asked,
            **cells,
            "sum": self.ledger.cell(row["total"], service=service, unit="point", **held, **keys),
        }


def _summaries(everyone: pl.DataFrame) -> dict[Key, Row]:
    value, has = pl.col("value"), pl.col("value").is_not_null()
    held = value.sum().over("wave", "service", "score", "subject")
    table = (
        everyone.with_columns(held=held)
        .group_by("wave", "service", "score")
        .agg(
            asked=pl.struct(WHO).n_unique(),
            askable=pl.col("subject").n_unique(),
            n=value.count(),
            persons=pl.col("subject").filter(has).n_unique(),
            total=value.sum(),
            largest=pl.col("held").filter(has).abs().max(),
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
    ratio = [*_linked(cells, "sum", role="numerator"), *_linked(cells, SCORED, role="denominator")]
    ledger.estimate("mean", row.get("mean"), cells=ratio, **_mean(row, n, ledger.context.level), **own)
    how = {"method": "standard deviation (n - 1)", "reason": REASONS["too_few"] if n == 1 else _why(row)}
    ledger.estimate("sd", row.get("sd"), cells=_linked(cells, SCORED, "sum"), **how, **own)
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
