"""What comparisons of ordered answers share: items, counts by option, keys and cells, odds ratios as columns.

Which answers are compared belongs in ``ordinal_waves`` and ``ordinal_services``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import exp, log
from typing import Any

import polars as pl

from pipeline.methods.answers import ANSWERED, ASKED, Answers, on_scale
from pipeline.methods.proportions import normal_quantile
from pipeline.methods.results import Ledger
from pipeline.methods.superiority import Superiority, independent
from schemas.analyses import Ordinal
from schemas.instrument import Item
from schemas.vocabulary import REASONS

PROPORTIONAL = "proportional odds"
INDEPENDENT = "independent"
SUPERIORITY_METHOD = (
    "Mann and Whitney's U / (m n), ties half; Brunner and Munzel (2000), t on the logit scale (Newcombe 2006, method "
    "5, where answers do not vary or do not overlap)"
)
FEWEST = 5
"""Answers that each side of an odds ratio needs."""

FURTHEST = log(1e9)
"""Half the width of an interval on the log scale that still tells something, as in ``clustered_models``."""

Place = tuple[str, str]
Cells = list[tuple[str, str]]


@dataclass
class Row:
    """An estimate that waits for its adjusted p."""

    statistic: str
    service: str
    value: float | None
    cells: Cells
    columns: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Compared:
    """The answers of one declared comparison."""

    answers: Answers
    declared: Ordinal

    @property
    def level(self) -> float:
        """Confidence level of intervals."""
        return self.answers.ledger.context.level

    @property
    def options(self) -> list[str]:
        """Ids of the options, by ascending code."""
        return [one.id for one in sorted(self.answers.instrument.options, key=lambda one: one.code)]

    def items(self) -> list[Item]:
        """The declared items, or all."""
        items = self.answers.instrument.items
        return [one for one in items if not self.declared.items or one.id in self.declared.items]

    def rows(self, surveys: pl.DataFrame, waves: Sequence[str]) -> dict[str, pl.DataFrame]:
        """Answers on the scale at the waves, by item: wave, service, subject, response."""
        instrument = self.answers.instrument
        wanted = (pl.col("instrument") == instrument.instrument) & pl.col("wave").is_in(list(waves))
        rows = surveys.filter(wanted & on_scale(instrument)).select("item", "wave", "service", "subject", "response")
        return {str(item): part for (item,), part in rows.partition_by("item", as_dict=True).items()}

    def counts(self, place: Place, item: str) -> list[int]:
        """Answers by option at one (wave, service)."""
        return [self.answers.n(*place, item, option) for option in self.options]

    def asked(self, places: Iterable[Place], item: str) -> int:
        """Units asked at the places."""
        return sum(self.answers.n(*place, item, ASKED) for place in places)

    def cells(self, places: Iterable[Place], item: str) -> Cells:
        """The counts of every option and of all answers at the places, as inputs."""
        names = (*self.options, ANSWERED)
        return [(self.answers.cell(*place, item, name), "input") for place in places for name in names]

    def keys(self, item: str) -> dict[str, Any]:
        """Keys that all rows of an item share."""
        instrument, declared = self.answers.instrument, self.declared
        return {
            "population": instrument.population,
            "instrument": instrument.instrument,
            "item": item,
            "wave": declared.wave,
            "contrast": declared.contrast,
            "reference": declared.reference,
            "denominator": ANSWERED,
        }

    def higher(self, item: Item) -> str:
        """What an odds ratio above 1 means for an item."""
        direction = self.answers.instrument.direction
        if direction == "none":
            return "above 1: more answers of higher codes"
        worse = item.reverse != (direction == "lower is better")
        return f"above 1: more answers of higher codes, which are the {'worse' if worse else 'better'} ones"

    def superior(self, service: str, places: tuple[Place, Place], item: str, note: str = "") -> Row:
        """Probability that an answer at the first place is higher than one at the second."""
        first, second = (self.counts(place, item) for place in places)
        n, n_then = sum(first), sum(second)
        columns = self.keys(item) | {"model": INDEPENDENT, "unit": "proportion", "n": n, "n_reference": n_then}
        columns |= {"missing": self.asked(places, item) - n - n_then, "method": SUPERIORITY_METHOD}
        if not n or not n_then:
            columns["reason"] = REASONS["no_rows"]
            return Row("superiority", service, None, self.cells(places, item), columns)
        found = independent(first, second, self.level)
        columns |= superiority_numbers(found, self.level) | {"reason": note}
        return Row("superiority", service, found.value, self.cells(places, item), columns)


def superiority_numbers(found: Superiority, level: float) -> dict[str, Any]:
    """Columns of a probability of superiority."""
    return {"se": found.se, "low": found.low, "high": found.high, "level": level, "p": found.p}


def ratio_numbers(coefficient: float, se: float, level: float, degrees: int | None = None) -> dict[str, Any]:
    """Columns of an odds ratio: Wald interval on the log scale, by t where there are ``degrees`` of freedom.

    No value, and a reason, where the interval reaches a thousand million times as far as the value.
    """
    from scipy.special import ndtr, stdtr, stdtrit

    quantile = normal_quantile(level) if degrees is None else float(stdtrit(degrees, (1 + level) / 2))
    if quantile * se > FURTHEST:
        return {"value": None, "reason": REASONS["too_few"]}
    away = -abs(coefficient) / se
    p = 2 * float(ndtr(away) if degrees is None else stdtr(degrees, away))
    ends = {"low": exp(coefficient - quantile * se), "high": exp(coefficient + quantile * se), "level": level}
    return {"value": exp(coefficient), "se": exp(coefficient) * se, "p": p, "unit": "ratio"} | ends


def write(ledger: Ledger, rows: Sequence[Row]) -> None:
    """Add the rows; p is adjusted (Holm 1979) within each ``family``, and not where a row names none."""
    from pipeline.methods.adjustment import holm

    adjusted: dict[int, float | None] = {}
    for family in {row.columns.get("family", "") for row in rows} - {""}:
        members = [row for row in rows if row.columns.get("family") == family]
        values = holm([row.columns.get("p") for row in members])
        adjusted |= {id(row): p for row, p in zip(members, values, strict=True)}
    for row in rows:
        columns = row.columns | {"p_adjusted": adjusted.get(id(row))}
        ledger.estimate(row.statistic, row.value, service=row.service, cells=row.cells, **columns)
