"""Counts of survey answers and the cells and sums they become; shared by every method that reads surveys.

The estimates made of the counts belong in ``feedback``, ``change``, ``power`` and ``synthesis``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

from pipeline.methods.results import Ledger
from pipeline.methods.services import addends, breakdown, with_all
from schemas.instrument import Instrument
from schemas.vocabulary import ALL

ANSWERED = "answered"
ASKED = "asked"
MISSING = "missing"
WHO = ("respondent", "subject")

Key = tuple[str, str, str, str]


@dataclass
class Answers:
    """How often each category of each item was answered, by wave and service (`all` included).

    *answered* has an ordered code of the instrument; *special* answers are off the scale; all else is *missing*.
    One unit is one (respondent, subject) pair; ``persons`` are the distinct subjects behind a count.
    """

    instrument: Instrument
    ledger: Ledger
    counts: dict[Key, tuple[int, int]]
    found: dict[str, list[str]]
    _ids: dict[Key, str] = field(default_factory=dict)

    @staticmethod
    def of(surveys: pl.DataFrame, instrument: Instrument, ledger: Ledger) -> Answers:
        """Count the rows of ``instrument`` in ``surveys`` (columns as ``schemas.surveys``)."""
        rows = surveys.filter(pl.col("instrument") == instrument.instrument)
        waves = rows.group_by("wave", maintain_order=True).agg(pl.col("service").unique())
        return Answers(instrument, ledger, _count(rows, instrument), dict(waves.iter_rows()))

    def waves(self) -> list[str]:
        """Waves with rows, in the order of the rows."""
        return list(self.found)

    def services(self, *waves: str) -> list[str]:
        """`all` and the known services with rows at any of the waves."""
        return breakdown(self._found(waves), self.ledger.context)

    def n(self, wave: str, service: str, item: str, category: str) -> int:
        """Units in a category (an option, a collapsed or special answer, answered, missing, asked)."""
        return self.counts.get(self._key(wave, service, item, category), (0, 0))[0]

    def cell(self, wave: str, service: str, item: str, category: str) -> str:
        """Id of the cell that holds ``n``; added to the ledger on first use."""
        key = self._key(wave, service, item, category)
        if key not in self._ids:
            self._ids[key] = self._add(key)
        return self._ids[key]

    def declare(self, wave: str) -> None:
        """Add all cells of a wave to the ledger, and the sums that hold among them."""
        parts = addends(self._found([wave]), self.ledger.context)
        for item in (item.id for item in self.instrument.items):
            for service in [ALL, *parts]:
                self._declare_categories(wave, service, item)
            for category in [ASKED, ANSWERED, MISSING, *self.instrument.categories(), *self._specials()]:
                cells = [self.cell(wave, service, item, category) for service in parts]
                self.ledger.sum_of(self.cell(wave, ALL, item, category), cells, "service")

    def _declare_categories(self, wave: str, service: str, item: str) -> None:
        cells = {c: self.cell(wave, service, item, c) for c in (*self.instrument.categories(), *self._specials())}
        answered = self.cell(wave, service, item, ANSWERED)
        self.ledger.sum_of(answered, [cells[o.id] for o in self.instrument.options], "category")
        rest = [self.cell(wave, service, item, MISSING), *(cells[special] for special in self._specials())]
        # The item is part of the dimension because all items share one total.
        self.ledger.sum_of(self.cell(wave, service, item, ASKED), [answered, *rest], f"{item}|asked")
        for one in self.instrument.collapse:
            self.ledger.sum_of(cells[one.id], [cells[o] for o in one.options], f"collapse-{one.id}|category")

    def _found(self, waves: Iterable[str]) -> set[str]:
        return {service for wave in waves for service in self.found.get(wave, [])}

    def _specials(self) -> list[str]:
        return [special.id for special in self.instrument.special]

    def _key(self, wave: str, service: str, item: str, category: str) -> Key:
        if category == ASKED and item and self._everyone_was_asked(wave, item):
            return wave, service, "", ASKED
        return wave, service, item, category

    def _everyone_was_asked(self, wave: str, item: str) -> bool:
        return self.counts.get((wave, ALL, item, ASKED)) == self.counts.get((wave, ALL, "", ASKED))

    def _add(self, key: Key) -> str:
        wave, service, item, category = key
        value, persons = self.counts.get(key, (0, 0))
        return self.ledger.cell(
            value,
            service=service,
            unit=self.instrument.unit,
            contributors=persons,
            population=self.instrument.population,
            instrument=self.instrument.instrument,
            item=item,
            category=category,
            wave=wave,
        )


def answer(instrument: Instrument) -> pl.Expr:
    """Each row's answer: id of the option or special answer, else `missing`."""
    codes = {option.code: option.id for option in instrument.options}
    on_scale = pl.col("response").replace_strict(codes, default=None, return_dtype=pl.String)
    off_scale = pl.col("response").is_null() & pl.col("label").is_in([s.id for s in instrument.special])
    return pl.coalesce(on_scale, pl.when(off_scale).then(pl.col("label")), pl.lit(MISSING))


def on_scale(instrument: Instrument) -> pl.Expr:
    """True where the row has an ordered code of the instrument."""
    return pl.col("response").is_in([option.code for option in instrument.options]).fill_null(False)


def _memberships(instrument: Instrument) -> pl.DataFrame:
    """Every answer with the categories it counts in."""
    options = [(o.id, c) for o in instrument.options for c in (o.id, ANSWERED, ASKED)]
    collapsed = [(o, c.id) for c in instrument.collapse for o in c.options]
    others = [(o, c) for o in (MISSING, *(s.id for s in instrument.special)) for c in (o, ASKED)]
    return pl.DataFrame(options + collapsed + others, schema=["answer", "category"], orient="row")


def _count(rows: pl.DataFrame, instrument: Instrument) -> dict[Key, tuple[int, int]]:
    rows = with_all(rows.select("wave", "service", "item", *WHO, answer=answer(instrument)))
    numbers = (pl.struct(WHO).n_unique().alias("units"), pl.col("subject").n_unique().alias("persons"))
    asked = rows.group_by("wave", "service").agg(*numbers)
    asked = asked.select(
        "wave", "service", pl.lit("").alias("item"), pl.lit(ASKED).alias("category"), pl.exclude("wave", "service")
    )
    named = rows.join(_memberships(instrument), on="answer")
    counted = named.group_by("wave", "service", "item", "category").agg(*numbers)
    return {(w, s, i, c): (units, persons) for w, s, i, c, units, persons in pl.concat([asked, counted]).iter_rows()}
