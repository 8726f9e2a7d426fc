"""Whether coders who gave a passage the same code also say that it speaks the same way.

Whether they give the same codes is in ``agreement``; what the ways mean in ``schemas.coding``.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl

from pipeline.methods.agreement import AGREED, ALL_CODES, NO_INTERVAL, UNANIMOUS, resampled, why, with_interval
from pipeline.methods.coded import INSTRUMENT, seeded
from pipeline.methods.kappa import Weights, cohen, weights
from pipeline.methods.krippendorff import Coincidences, intervals
from pipeline.methods.results import Context, Ledger, Results
from schemas.analyses import Themes
from schemas.coding import NO_CODE
from schemas.vocabulary import ALL, REASONS

Floats = np.ndarray[Any, np.dtype[np.float64]]
Ints = np.ndarray[Any, np.dtype[np.int64]]

POLARITY = "polarity"
ORDERED = ("hinders", "mixed", "supports")
"""Polarities in their order; one that only describes has no place among them."""

KINDS: tuple[Weights, ...] = ("linear", "quadratic")
SAME_CODE = "same-code"
KAPPA = "Cohen (1968), {} weights, interval of Fleiss, Cohen and Everitt (1969), passages taken as independent"
ALPHA = "Krippendorff's alpha, ordinal; percentile interval over 2000 resamples of the units (Krippendorff 2018)"


def polarity(
    segments: pl.DataFrame, codings: pl.DataFrame, codebook: pl.DataFrame, declared: Themes, context: Context
) -> Results:
    """Agreement on the order hinders, mixed, supports, where coders gave the same code to the same passage.

    All codes together (item `all-codes`, category `polarity`): ordinal `krippendorff_alpha` (``model``) of all
    coders, and `percent_agreement` and `weighted_kappa` (linear and quadratic) of each pair (``group``). ``n`` are
    pairs of passage and code; polarity `describes` has no place in the order and is left out. Resampled by declared
    unit. No rows with one coder, or where nobody gave a polarity that has a place. A pair without a common coding:
    `no rows`. One polarity throughout: `no variation`. Arguments as ``themes.frequencies``.
    """
    ledger, ratings = Ledger(context), Ratings.of(segments, codings, declared.unit)
    if len(ratings.coders) < 2 or np.isnan(ratings.values).all():
        return ledger.results()
    _of_all(ledger, ratings, declared)
    for pair in combinations(range(len(ratings.coders)), 2):
        _of_pair(ledger, ratings, declared, pair)
    return ledger.results()


@dataclass(frozen=True)
class Ratings:
    """Place of the polarity in ``ORDERED``, coders x codings (a passage and a code), NaN where not given.

    ``units`` is the number of the declared unit of each coding.
    """

    coders: tuple[str, ...]
    values: Floats
    units: Ints

    @staticmethod
    def of(segments: pl.DataFrame, codings: pl.DataFrame, unit: str) -> Ratings:
        """Ratings of all codings that are of a code."""
        coders = sorted(set(codings["coder"]))
        rows = codings.filter(pl.col("code") != NO_CODE)
        rows = rows.join(segments.select("segment", unit=pl.col(unit)), on="segment")
        keys = rows.select("segment", "code", "unit").unique(maintain_order=True)
        places = {key: i for i, key in enumerate(keys.select("segment", "code").iter_rows())}
        values = np.full((len(coders), len(places)), np.nan)
        for coder, segment, code, way in rows.select("coder", "segment", "code", "polarity").iter_rows():
            if way in ORDERED:
                values[coders.index(coder), places[segment, code]] = ORDERED.index(way)
        units = np.unique(keys["unit"].to_numpy(), return_inverse=True)[1]
        return Ratings(tuple(coders), values, np.asarray(units, dtype=np.int64))

    def cell(self, ledger: Ledger, declared: Themes, group: str, both: Any) -> list[tuple[str, str]]:
        """Link to the cell of these codings; the persons behind them are units."""
        one = ledger.cell(
            float(both.sum()), contributors=float(len(set(self.units[both].tolist()))), service=ALL, unit="coding",
            population=f"{declared.unit}s", instrument=INSTRUMENT, item=ALL_CODES, category=POLARITY, group=group,
        )  # fmt: skip
        return [(one, "input")]


def _write(ledger: Ledger, declared: Themes, statistic: str, value: float | None, **row: Any) -> None:
    ledger.estimate(
        statistic, value, service=ALL, population=f"{declared.unit}s", instrument=INSTRUMENT, item=ALL_CODES,
        category=POLARITY, denominator=SAME_CODE, **row,
    )  # fmt: skip


def _of_all(ledger: Ledger, ratings: Ratings, declared: Themes) -> None:
    both = (~np.isnan(ratings.values)).sum(axis=0) > 1
    found = Coincidences.of(ratings.values, "ordinal", ratings.units)
    random, level = seeded([ledger.context.study, POLARITY]), ledger.context.level
    value, interval = found.alpha(), intervals([found], random, level)[0]
    _write(
        ledger, declared, "krippendorff_alpha", value, model="ordinal", unit="ratio", n=float(both.sum()),
        method=ALPHA, cells=ratings.cell(ledger, declared, "", both),
        **resampled(value, interval, found.disagreement, level),
    )  # fmt: skip


def _of_pair(ledger: Ledger, ratings: Ratings, declared: Themes, pair: tuple[int, int]) -> None:
    both = ~np.isnan(ratings.values[list(pair)]).any(axis=0)
    table = np.zeros((len(ORDERED), len(ORDERED)))
    np.add.at(table, tuple(ratings.values[list(pair)][:, both].astype(int)), 1)
    n, group = float(table.sum()), " & ".join(ratings.coders[coder] for coder in pair)
    shared = {"group": group, "n": n, "cells": ratings.cell(ledger, declared, group, both)}
    agreeing = float(np.trace(table)) / n if n else None
    reason = "" if n else REASONS["no_rows"]
    _write(ledger, declared, "percent_agreement", agreeing, unit="proportion", method=AGREED, reason=reason, **shared)
    for kind in KINDS:
        found = cohen(table, weights(len(ORDERED), kind))
        without = UNANIMOUS if agreeing == 1 else NO_INTERVAL
        reason = why(n) if found is None else "" if found[1] else without
        numbers = with_interval(*found, ledger.context.level) if found else {}
        _write(
            ledger, declared, "weighted_kappa", found[0] if found else None, model=kind, unit="ratio",
            method=KAPPA.format(kind), reason=reason, **numbers, **shared,
        )  # fmt: skip
