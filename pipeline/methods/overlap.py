"""Two waves of which part of the persons answered both: counts by service and item, and the cells they become.

Same persons only are counted in ``pairs``; the estimates made of the counts belong in ``change`` and ``multiverse``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from pipeline.methods.answers import ANSWERED, Answers
from pipeline.methods.pairs import KEY, TABLE, counted_once
from pipeline.methods.services import addends, with_all
from pipeline.methods.two_waves import TwoWaves
from schemas.analyses import Rounds
from schemas.instrument import Instrument
from schemas.vocabulary import ALL, UNKNOWN

Table = tuple[int, int, int, int]


@dataclass(frozen=True)
class Overlap:
    """Everybody counted at either wave, and the table of those counted at both, by (service, item).

    A person counts as the same at a single service only where both answers come from it; at `all` always. A subject
    with several answers to an item at one wave is nobody's second answer. ``denominator`` says who counts: those
    `asked` or those who `answered`.
    """

    answers: Answers
    rounds: Rounds
    category: str
    denominator: str
    tables: Mapping[tuple[str, str], Table]

    @staticmethod
    def of(
        surveys: pl.DataFrame, answers: Answers, rounds: Rounds, category: str = "", denominator: str = ANSWERED
    ) -> Overlap:
        """Count the persons of both waves for ``category`` (that of ``rounds`` where empty)."""
        category = category or rounds.category
        tables = _tables(surveys, answers.instrument, rounds, category, denominator)
        return Overlap(answers, rounds, category, denominator, tables)

    def counts(self, service: str, item: str) -> TwoWaves:
        """The counts of one service (or `all`) and item."""
        kept, gained, lost, never = self.tables.get((service, item), (0, 0, 0, 0))
        now, then = (self._wave(wave, service, item) for wave in (self.rounds.wave, self.rounds.reference))
        return TwoWaves(*now, *then, kept, gained, lost, never)

    def cells(self, service: str, item: str) -> list[tuple[str, str]]:
        """The cells behind one service and item, as inputs: both waves' counts and the table."""
        where = [(wave, service, item) for wave in (self.rounds.wave, self.rounds.reference)]
        found = [self.answers.cell(*one, name) for one in where for name in (self.category, self.denominator)]
        return [(one, "input") for one in [*found, *(self._cell(service, item, name) for name in ("pairs", *TABLE))]]

    def pairs_cell(self, service: str, item: str) -> str:
        """The cell of those counted at both waves."""
        return self._cell(service, item, "pairs")

    def declare(self, items: Sequence[str] = (), by_service: bool = True) -> None:
        """Add all cells of the table and of those counted once, and the sums that hold among them.

        Of all ``items`` where none is given; of `all` services together only where not ``by_service``.
        """
        parts = self._parts() if by_service else []
        for item in items or [item.id for item in self.answers.instrument.items]:
            for service in [ALL, *parts]:
                self._declare_table(service, item)
            for service in [ALL, *(one for one in parts if one != UNKNOWN)]:
                self._declare_once(service, item, self.rounds.wave, "gained")
                self._declare_once(service, item, self.rounds.reference, "lost")
            for name in ("pairs", *TABLE):
                cells = [self._cell(service, item, name) for service in parts]
                self.answers.ledger.sum_of(self._cell(ALL, item, name), cells, "service")

    def _parts(self) -> list[str]:
        """Services whose tables sum to `all`; those of two services, or of none known, stand under `unknown`."""
        named = self.answers.services(self.rounds.reference, self.rounds.wave)
        mixed = {UNKNOWN} if any(service == UNKNOWN for service, _ in self.tables) else set()
        return addends({*named, *mixed}, self.answers.ledger.context)

    def _declare_table(self, service: str, item: str) -> None:
        cells = [self._cell(service, item, name) for name in TABLE]
        self.answers.ledger.sum_of(self._cell(service, item, "pairs"), cells, "category")

    def _declare_once(self, service: str, item: str, wave: str, moved: str) -> None:
        """Who is counted at one wave: at both, or there only; and of these, who is in the category."""
        one, sums = self.counts(service, item), self.answers.ledger.sum_of
        events, n = self._wave(wave, service, item)
        table = {name: getattr(one, name) for name in TABLE}
        inside = events - table["kept"] - table[moved]
        names = [f"once-{wave}", f"once-{wave}-in", f"once-{wave}-out"]
        values = [n - one.pairs, inside, n - one.pairs - inside]
        once = [self._add(service, item, *pair) for pair in zip(names, values, strict=True)]
        sums(once[0], once[1:], "category")
        total = self.answers.cell(wave, service, item, self.denominator)
        sums(total, [self._cell(service, item, "pairs"), once[0]], f"{item}|{self._group()}")
        inner = [self._cell(service, item, "kept"), self._cell(service, item, moved), once[1]]
        sums(self.answers.cell(wave, service, item, self.category), inner, f"{self._group()}|events")

    def _wave(self, wave: str, service: str, item: str) -> tuple[int, int]:
        where = (wave, service, item)
        return self.answers.n(*where, self.category), self.answers.n(*where, self.denominator)

    def _cell(self, service: str, item: str, name: str) -> str:
        table = dict(zip(TABLE, self.tables.get((service, item), (0, 0, 0, 0)), strict=True))
        return self._add(service, item, name, table.get(name, sum(table.values())))

    def _add(self, service: str, item: str, name: str, value: int) -> str:
        # Who is in the category both times is the same number over those asked as over those who answered.
        denominator = ANSWERED if name == "kept" else self.denominator
        instrument = self.answers.instrument
        return self.answers.ledger.cell(
            value,
            service=service,
            unit=instrument.unit,
            population=instrument.population,
            instrument=instrument.instrument,
            item=item,
            category=name,
            group=self._group(denominator),
            wave=self.rounds.wave,
        )

    def _group(self, denominator: str = "") -> str:
        waves = f"{self.rounds.reference}-{self.rounds.wave}"
        return f"both-{waves}-{self.category}-{denominator or self.denominator}"


def _tables(
    surveys: pl.DataFrame, instrument: Instrument, rounds: Rounds, category: str, denominator: str
) -> dict[tuple[str, str], Table]:
    inside = pl.col("response").is_in(list(instrument.codes(category))).fill_null(False)
    rows = surveys.filter(pl.col("instrument") == instrument.instrument)
    later, earlier = (
        counted_once(rows.filter(pl.col("wave") == wave), instrument, denominator)
        for wave in (rounds.wave, rounds.reference)
    )
    later, earlier = (one.select(*KEY, "service", inside=inside) for one in (later, earlier))
    both = later.join(earlier, on=KEY, suffix="_before")
    same = pl.when(pl.col("service") == pl.col("service_before")).then(pl.col("service")).otherwise(pl.lit(UNKNOWN))
    now, then = pl.col("inside"), pl.col("inside_before")
    moves = {"kept": now & then, "gained": now & ~then, "lost": ~now & then, "never": ~now & ~then}
    both = with_all(both.select("item", service=same, **moves))
    counts = both.group_by("service", "item").agg(pl.col(*TABLE).sum())
    return {(service, item): tuple(table) for service, item, *table in counts.iter_rows()}
