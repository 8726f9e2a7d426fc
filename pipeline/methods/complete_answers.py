"""The scales of an instrument, and who answered all items of one; shared by all that asks how reliable it is.

The statistics made of them belong in ``reliability`` and ``scale_items``; scores of persons in ``scoring``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from pipeline.methods.answers import ASKED, WHO, Answers, on_scale
from pipeline.methods.results import Ledger
from schemas.instrument import Instrument, Score
from schemas.vocabulary import ALL, REASONS

Floats = np.ndarray[Any, np.dtype[np.float64]]

FEWEST_CASES = 3
COMPLETE, INCOMPLETE = "complete", "incomplete"


@dataclass(frozen=True)
class Scale:
    """Items that are taken together; ``id`` is empty for all items of the instrument.

    ``scores`` are those made of just these items.
    """

    id: str
    items: tuple[str, ...]
    scores: tuple[Score, ...] = ()


@dataclass(frozen=True)
class Complete:
    """Codes of those who answered all items of a scale at a wave: a row a unit, a column an item."""

    wave: str
    scale: Scale
    codes: Floats
    incomplete: int

    @property
    def n(self) -> int:
        """Complete cases."""
        return len(self.codes)

    def why(self, fewest_items: int = 2) -> str:
        """Why nothing can be computed; empty where it could."""
        if not self.n:
            return REASONS["no_rows"]
        if len(self.scale.items) < fewest_items:
            return REASONS["too_few_items"]
        return REASONS["too_few"] if self.n < FEWEST_CASES else ""

    def cell(self, answers: Answers) -> str:
        """Id of the cell of the complete cases; with the others they sum to those asked. Added to the ledger."""
        ledger, instrument = answers.ledger, answers.instrument
        keys: dict[str, Any] = {"population": instrument.population, "instrument": instrument.instrument}
        keys |= {"item": self.scale.id, "wave": self.wave, "service": ALL, "unit": instrument.unit}
        numbers = {COMPLETE: self.n, INCOMPLETE: self.incomplete}
        cells = [ledger.cell(n, category=name, **keys) for name, n in numbers.items()]
        ledger.sum_of(
            answers.cell(self.wave, ALL, "", ASKED), cells, "|".join(filter(None, [self.scale.id, COMPLETE]))
        )
        return cells[0]

    def write(
        self, answers: Answers, statistic: str, value: float | None, cells: list[tuple[str, str]], **row: object
    ) -> None:
        """Add an estimate about the scale (``item``, unless another is given), over the complete cases."""
        shared: dict[str, object] = {
            "population": answers.instrument.population,
            "instrument": answers.instrument.instrument,
            "wave": self.wave,
            "item": self.scale.id,
            "n": self.n,
            "missing": self.incomplete,
            "unit": "",
        }
        answers.ledger.estimate(statistic, value, service=ALL, cells=cells, **(shared | row))


def scales_of(instrument: Instrument) -> list[Scale]:
    """All items together, then each subscale or score that is made of other items; named as the score is."""
    named: list[tuple[str, tuple[str, ...], tuple[Score, ...]]] = [
        (score.id, instrument.items_of(score), (score,)) for score in instrument.scoring
    ]
    named += [(name, items, ()) for name, items in instrument.subscales.items()]
    found = {frozenset(item.id for item in instrument.items): Scale("", tuple(item.id for item in instrument.items))}
    for name, items, scores in named:
        one = found.get(frozenset(items), Scale(name, tuple(items)))
        found[frozenset(items)] = Scale(one.id, one.items, one.scores + scores)
    return list(found.values())


def complete_answers(surveys: pl.DataFrame, instrument: Instrument, ledger: Ledger) -> tuple[Answers, list[Complete]]:
    """Counts of the answers, and the complete cases of each scale at each wave, reverse items turned round.

    Without any row of the instrument there is one entry a scale, without a wave.
    """
    answers = Answers.of(surveys, instrument, ledger)
    return answers, [one for wave in answers.waves() or [""] for one in _at(surveys, instrument, wave)]


def item_codes(surveys: pl.DataFrame, instrument: Instrument, wave: str) -> Floats:
    """Codes, one row a unit and one column an item in the instrument's order; NaN where not answered."""
    rows = surveys.filter(pl.col("instrument") == instrument.instrument, pl.col("wave") == wave)
    units = rows.select(WHO).unique().sort(WHO)
    code = pl.when(on_scale(instrument)).then(pl.col("response")).cast(pl.Float64)
    wide = rows.select(*WHO, "item", code=code)
    columns = []
    for item in instrument.items:
        answers = wide.filter(pl.col("item") == item.id).select(*WHO, "code").unique(WHO)
        codes = units.join(answers, on=WHO, how="left").sort(WHO)["code"].to_numpy()
        columns.append(instrument.turn() - codes if item.reverse else codes)
    return np.column_stack(columns).astype(float)


def _at(surveys: pl.DataFrame, instrument: Instrument, wave: str) -> Iterator[Complete]:
    places = {item.id: place for place, item in enumerate(instrument.items)}
    codes = item_codes(surveys, instrument, wave)
    for scale in scales_of(instrument):
        own = codes[:, [places[item] for item in scale.items]]
        whole = own[~np.isnan(own).any(axis=1)]
        yield Complete(wave, scale, whole, len(own) - len(whole))
