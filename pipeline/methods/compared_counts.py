"""The counts of two waves that one comparison can be made of, and their cells: other, the same, or partly the same
persons.

What is estimated of them belongs in ``multiverse``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import polars as pl

from pipeline.methods.answers import ANSWERED, Answers
from pipeline.methods.overlap import Overlap
from pipeline.methods.pairs import TABLE, Pairs, count_pairs, pair_group
from pipeline.methods.results import Ledger
from pipeline.methods.services import addends
from pipeline.methods.two_waves import TwoWaves
from schemas.analyses import Rounds
from schemas.instrument import Instrument
from schemas.vocabulary import ALL

Links = list[tuple[str, str]]


class Counts(Protocol):
    """Counts of one category over one denominator, and the cells behind them, by service and item."""

    def counts(self, service: str, item: str) -> TwoWaves:
        """The counts of one service, or `all`."""

    def cells(self, service: str, item: str) -> Links:
        """The cells behind them, as inputs."""


@dataclass(frozen=True)
class DifferentPersons:
    """Everybody who is counted at either wave, taken as different persons."""

    answers: Answers
    rounds: Rounds
    category: str
    denominator: str

    def counts(self, service: str, item: str) -> TwoWaves:
        """Events and sizes of both waves."""
        where = [(wave, service, item) for wave in (self.rounds.wave, self.rounds.reference)]
        return TwoWaves(*(self.answers.n(*one, name) for one in where for name in (self.category, self.denominator)))

    def cells(self, service: str, item: str) -> Links:
        """Four counts."""
        where = [(wave, service, item) for wave in (self.rounds.wave, self.rounds.reference)]
        names = (self.category, self.denominator)
        return [(self.answers.cell(*one, name), "input") for one in where for name in names]


@dataclass(frozen=True)
class PartlySamePersons:
    """As ``overlap`` counts all services together; single services as of different persons, which needs no table.

    Tables of every service, category and denominator would be a great many small counts, most of them withheld.
    """

    overlap: Overlap
    different: DifferentPersons

    def counts(self, service: str, item: str) -> TwoWaves:
        """Both waves' counts, with the table of those who answered both where all services are counted."""
        return (self.overlap if service == ALL else self.different).counts(service, item)

    def cells(self, service: str, item: str) -> Links:
        """The cells behind them, as inputs."""
        return (self.overlap if service == ALL else self.different).cells(service, item)


@dataclass(frozen=True)
class SamePersons:
    """Those counted at both waves, matched by subject."""

    ledger: Ledger
    instrument: Instrument
    rounds: Rounds
    category: str
    denominator: str
    pairs: Mapping[tuple[str, str], Pairs]

    def counts(self, service: str, item: str) -> TwoWaves:
        """The table of the pairs, whose margins are both waves' events."""
        one = self.pairs.get((service, item), Pairs())
        sizes = one.kept + one.gained, one.pairs, one.kept + one.lost, one.pairs
        return TwoWaves(*sizes, one.kept, one.gained, one.lost, one.never)

    def cells(self, service: str, item: str) -> Links:
        """The pairs and their table."""
        return [(self._cell(service, item, name), "input") for name in ("pairs", *TABLE)]

    def declare(self, items: Sequence[str]) -> None:
        """Add the cells of these items and the sums that hold among them."""
        parts = addends({service for service, _ in self.pairs}, self.ledger.context)
        dimension = f"{self.category}|category"
        for item in items:
            for service in [ALL, *parts]:
                cells = [self._cell(service, item, name) for name in TABLE]
                self.ledger.sum_of(self._cell(service, item, "pairs"), cells, dimension)
            for name in ("pairs", *TABLE):
                cells = [self._cell(service, item, name) for service in parts]
                self.ledger.sum_of(self._cell(ALL, item, name), cells, "service")

    def _cell(self, service: str, item: str, name: str) -> str:
        return self.ledger.cell(
            getattr(self.pairs.get((service, item), Pairs()), name),
            service=service,
            unit=self.instrument.unit,
            population=self.instrument.population,
            instrument=self.instrument.instrument,
            item=item,
            category=name,
            group=self._group(name),
            wave=self.rounds.wave,
        )

    def _group(self, name: str) -> str:
        """The cells of ``pairs`` where they are the same; one cell for numbers that are the same by definition.

        How many pairs there are does not depend on the category; how many kept it, not on the denominator.
        """
        return pair_group(
            self.rounds, "" if name == "pairs" else self.category, ANSWERED if name == "kept" else self.denominator
        )


def counted(
    surveys: pl.DataFrame, answers: Answers, rounds: Rounds, category: str, denominator: str, items: Sequence[str]
) -> Counts:
    """The counts of ``category`` over ``denominator``, as ``rounds`` links persons, their cells declared."""
    ledger, instrument = answers.ledger, answers.instrument
    if rounds.linked == "partly":
        overlap = Overlap.of(surveys, answers, rounds, category, denominator)
        overlap.declare(items, by_service=False)
        return PartlySamePersons(overlap, DifferentPersons(answers, rounds, category, denominator))
    if rounds.linked:
        pairs = count_pairs(surveys, instrument, rounds.model_copy(update={"category": category}), denominator)
        same = SamePersons(ledger, instrument, rounds, category, denominator, pairs)
        same.declare(items)
        return same
    return DifferentPersons(answers, rounds, category, denominator)
