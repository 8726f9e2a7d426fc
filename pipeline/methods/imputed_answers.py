"""Survey answers of two waves as a table with a row a person, ready to be filled in; and what is filled in, compared.

How answers are drawn belongs in ``chained_equations``; the estimates made of them in ``imputation``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from pipeline.methods.answers import WHO, answer, on_scale
from pipeline.methods.chained_equations import complete
from schemas.analyses import Rounds
from schemas.instrument import Instrument
from schemas.vocabulary import ALL, UNKNOWN

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Block:
    """One wave, or two of the same persons: services (a row a person), codes and answers off the scale.

    ``codes`` (NaN where there is none) and ``off_scale`` have a column an item, and with two waves the columns of the
    reference first.
    """

    services: Array
    codes: Array
    off_scale: Array

    def at(self, service: str) -> Array:
        """Who is at a service (at `all`: everyone)."""
        return np.asarray((self.services == service) | (service == ALL), dtype=bool)

    def completed(self, number: int, rng: np.random.Generator) -> Array:
        """The codes, filled in ``number`` times (number x persons x columns)."""
        return complete(self.codes, self.services, number, rng)


def wave_block(surveys: pl.DataFrame, instrument: Instrument, wave: str) -> Block:
    """Everyone with an answer on the scale at one wave; one row a (respondent, subject) pair."""
    rows = surveys.filter(pl.col("instrument") == instrument.instrument, pl.col("wave") == wave)
    return _block([_wide(rows, instrument, list(WHO))], list(WHO), instrument)


def linked_block(surveys: pl.DataFrame, instrument: Instrument, rounds: Rounds) -> Block:
    """Every subject with an answer on the scale at either wave; one row a subject.

    A subject of whom a wave has several rows (two raters) is left out: there is no telling which to take. The service
    is that of the later wave, as for pairs.
    """
    rows = surveys.filter(pl.col("instrument") == instrument.instrument)
    waves = [rows.filter(pl.col("wave") == wave) for wave in (rounds.reference, rounds.wave)]
    several = pl.concat(
        [
            one.group_by("subject").agg(pl.col("respondent").n_unique()).filter(pl.col("respondent") > 1)
            for one in waves
        ]
    )
    wide = [_wide(one.join(several, on="subject", how="anti"), instrument, ["subject"]) for one in waves]
    return _block(wide, ["subject"], instrument)


def _wide(rows: pl.DataFrame, instrument: Instrument, who: list[str]) -> pl.DataFrame:
    """A row a person: service, and for each item its code (``c<place>``) and whether off the scale (``o<place>``)."""
    code = pl.when(on_scale(instrument)).then(pl.col("response")).cast(pl.Float64)
    off = answer(instrument).is_in([special.id for special in instrument.special])
    rows = rows.select(*who, "service", "item", code=code, off=off)
    columns = []
    for place, item in enumerate(instrument.items):
        own = pl.col("item") == item.id
        columns += [
            pl.col("code").filter(own).first().alias(f"c{place}"),
            pl.col("off").filter(own).any().alias(f"o{place}"),
        ]
    return rows.group_by(who).agg(pl.col("service").first(), *columns)


def _block(waves: list[pl.DataFrame], who: list[str], instrument: Instrument) -> Block:
    """The waves side by side, one row for everybody with at least one code, in the order of the ids."""
    everyone = pl.concat([one.select(who) for one in waves]).unique().sort(who)
    beside = [everyone.join(one, on=who, how="left", maintain_order="left") for one in waves]
    places = range(len(instrument.items))
    codes = np.column_stack([one[f"c{place}"].to_numpy() for one in beside for place in places]).astype(float)
    off = np.column_stack([one[f"o{place}"].fill_null(False).to_numpy() for one in beside for place in places])
    named = [pl.when(pl.col("service") != UNKNOWN).then(pl.col("service")) for _ in waves]
    later = [one.select(name).to_series() for one, name in zip(reversed(beside), named, strict=True)]
    services = pl.select(pl.coalesce(*later, pl.lit(UNKNOWN))).to_series().to_numpy()
    some = ~np.isnan(codes).all(axis=1)
    return Block(services[some], codes[some], off[some].astype(bool))
