"""One wave of a survey as numbers for the drivers: ratings of factors, a score of success, and the counts behind.

What is estimated of them belongs in ``drivers``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from pipeline.methods.answers import ANSWERED, ASKED, MISSING, WHO, Answers, on_scale
from pipeline.methods.results import Ledger
from pipeline.methods.services import addends, known_services
from schemas.analyses import Drivers
from schemas.instrument import Instrument
from schemas.vocabulary import ALL

Array = np.ndarray[Any, np.dtype[Any]]
Inputs = list[tuple[str, str]]


@dataclass(frozen=True)
class Ratings:
    """A row a respondent: the service, and a score an item; reverse items turned round, NaN where not answered."""

    services: Array
    items: Mapping[str, Array]
    factors: tuple[str, ...]
    outcome: str
    parts: tuple[str, ...]

    @property
    def success(self) -> Array:
        """The outcome: the mean of its answered items where at least half of them were answered, else NaN."""
        scores = self.columns(self.parts)
        answered = (~np.isnan(scores)).sum(axis=1)
        return np.where(2 * answered >= len(self.parts), np.nansum(scores, axis=1) / np.maximum(answered, 1), np.nan)

    def columns(self, items: tuple[str, ...]) -> Array:
        """The scores of some items, a column each."""
        return np.column_stack([self.items[one] for one in items])

    def at(self, service: str) -> Array:
        """Whether each respondent is at a service (at `all`: always) and has a score of success."""
        return ((self.services == service) | (service == ALL)) & ~np.isnan(self.success)

    def pairs(self, factor: str, service: str) -> Array:
        """Rating of the factor and success, of all at a service who have both."""
        both = np.column_stack([self.items[factor], self.success])
        return both[self.at(service) & ~np.isnan(both[:, 0])]


def read_ratings(answers: pl.DataFrame, instrument: Instrument, declared: Drivers) -> Ratings:
    """The declared wave of the survey as numbers.

    Raises
    ------
    ValueError
        When the instrument has no such outcome or factor, or a factor is part of the outcome.
    """
    parts = tuple(instrument.subscales.get(declared.outcome, (declared.outcome,)))
    known = {item.id for item in instrument.items}
    wrong = sorted({*parts, *declared.factors} - known) or sorted(set(parts) & set(declared.factors))
    if wrong:
        raise ValueError(f"not an outcome and factors of {instrument.instrument}: {', '.join(wrong)}")
    rows = answers.filter(pl.col("instrument") == instrument.instrument, pl.col("wave") == declared.wave)
    units = rows.select(*WHO, "service").unique(WHO).sort(WHO)
    items = {item.id: _scores(rows, units, instrument, item.id) for item in instrument.items}
    return Ratings(units["service"].to_numpy(), items, tuple(declared.factors), declared.outcome, parts)


def _scores(rows: pl.DataFrame, units: pl.DataFrame, instrument: Instrument, item: str) -> Array:
    code = pl.when(on_scale(instrument)).then(pl.col("response")).cast(pl.Float64)
    rated = rows.filter(pl.col("item") == item).select(*WHO, code=code).unique(WHO)
    scores = units.join(rated, on=WHO, how="left").sort(WHO)["code"].to_numpy().astype(float)
    codes = [option.code for option in instrument.options]
    reverse = next(one.reverse for one in instrument.items if one.id == item)
    return min(codes) + max(codes) - scores if reverse else scores


@dataclass
class Counts:
    """The cells behind the estimates: who has a score of success, and who has a rating of a factor beside it."""

    ratings: Ratings
    answers: Answers
    ledger: Ledger
    wave: str
    _ids: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def services(self) -> list[str]:
        """The known services, in declared order."""
        return known_services(self.ratings.services.tolist(), self.ledger.context)

    def declare(self) -> None:
        """Add all cells of the wave to the ledger, and the sums that hold among them."""
        if not len(self.ratings.services):
            return
        self.answers.declare(self.wave)
        parts = addends(self.ratings.services.tolist(), self.ledger.context)
        for factor in ("", *self.ratings.factors):
            with_score, without = zip(*(self._split(factor, one) for one in [ALL, *parts]), strict=True)
            for total, *cells in (with_score, without):
                self.ledger.sum_of(total, cells, "service")

    def asked(self, service: str) -> int:
        """Respondents at a service."""
        return self.answers.n(self.wave, service, "", ASKED)

    def scored(self, service: str) -> tuple[int, Inputs]:
        """How many have a score of success, and the cell of that count."""
        return int(self.ratings.at(service).sum()), self.inputs("", service)

    def inputs(self, factor: str, service: str) -> Inputs:
        """The cell of all who have a score of success and, where a factor is named, a rating of it."""
        return [(self._ids[factor, service], "input")] if (factor, service) in self._ids else []

    def _split(self, factor: str, service: str) -> tuple[str, str]:
        """Those who rated the factor (or were asked at all), parted by whether they have a score of success.

        Nobody said anything by not having a score: it counts as missing, which is not protected for its own sake.
        """
        whole = (self.wave, service, factor, ANSWERED if factor else ASKED)
        n = len(self.ratings.pairs(factor, service)) if factor else int(self.ratings.at(service).sum())
        named = {"item": factor, "group": f"score-of-{self.ratings.outcome}"}
        cells = [
            self._cell(count, service, category=category, **named)
            for category, count in (("rated", n), (MISSING, self.answers.n(*whole) - n))
        ]
        dimension = f"{factor}-with-{self.ratings.outcome}" if factor else f"score-of-{self.ratings.outcome}|asked"
        self.ledger.sum_of(self.answers.cell(*whole), cells, dimension)
        self._ids[factor, service] = cells[0]
        return cells[0], cells[1]

    def _cell(self, count: int, service: str, **named: str) -> str:
        instrument = self.answers.instrument
        keys: Any = {"population": instrument.population, "instrument": instrument.instrument, "wave": self.wave}
        return self.ledger.cell(count, service=service, unit=instrument.unit, **(keys | named))
