"""Saturation: whether more units would bring new codes.

How often each code occurs is in ``themes``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from pipeline.methods.coded import CODED, INSTRUMENT, Bools, CodedCells, seeded
from pipeline.methods.results import Context, Results
from schemas.analyses import Themes
from schemas.vocabulary import ALL, REASONS

Floats = np.ndarray[Any, np.dtype[np.float64]]
Ints = np.ndarray[Any, np.dtype[np.int64]]

GIVEN_ORDER = "given-order"
RANDOM_ORDER = "random-order"
ORDERS = 2000
RANGE = 0.9
POINTS = 60
_AT_ONCE = 4_000_000  # random numbers drawn in one go
BASE, RUN, THRESHOLD = 4, 2, 0.05
NOT_REACHED = "not reached"

IN_ORDER = "codes met so far, in the order of the segments"
AT_RANDOM = "exact mean over all orders (Hurlbert 1971), 5th and 95th percentile of 2000 random orders"
GUEST = "base of 4 units, runs of 2 that move on by one unit, threshold 5% (Guest, Namey and Chen 2020)"


def saturation(
    segments: pl.DataFrame, codings: pl.DataFrame, codebook: pl.DataFrame, declared: Themes, context: Context
) -> Results:
    """Number of different codes after the first units, and when new units bring (almost) no new code.

    A unit has a code by the majority rule of ``themes.frequencies``. `codes_seen` comes in the order of the
    segments and over random orders, after each number of units (``at``); the range of the latter is widened to hold
    the mean. `late_codes`: share of the codes first met
    in the last quarter of the units. `saturation_ratio`: new codes in a run of two units by the codes of the first
    four; ``at`` is the last unit of the run. `saturation_point`: units before the first run that adds at most 5%.

    With fewer than six units read there is no run: `too few rows`.
    """
    cells = CodedCells.of(segments, codings, codebook, declared, context)
    had = cells.coded.majority()[cells.coded.coded()]
    first = first_seen(had)
    _curves(cells, had, first)
    _late(cells, first, len(had))
    _guest(cells, first, len(had))
    return cells.ledger.results()


def first_seen(had: Bools) -> Ints:
    """Number of the unit (from 1) in which each code that occurs at all is first met; ``had`` is units x codes."""
    present = had[:, had.any(axis=0)]
    return np.asarray(present.argmax(axis=0) + 1 if present.size else np.zeros(0), dtype=np.int64)


def accumulated(first: Ints, units: int) -> Ints:
    """Different codes after 1, 2, ... units, from the unit in which each was first met (last axis: codes)."""
    return np.asarray((first[..., None] <= np.arange(1, units + 1)).sum(axis=-2), dtype=np.int64)


def expected(had: Bools) -> Floats:
    """Mean number of different codes after 1, 2, ... units over all orders (Hurlbert 1971)."""
    units = len(had)
    absent = units - had.sum(axis=0)[had.any(axis=0)]
    sizes = np.arange(units)
    # A code with b of N units absent is still missing after k units with probability (b)_k / (N)_k.
    ratio = np.clip((absent[:, None] - sizes) / (units - sizes), 0, None)
    return np.asarray((1 - np.cumprod(ratio, axis=1)).sum(axis=0), dtype=np.float64)


def shuffled(had: Bools, random: np.random.Generator, at: Ints) -> tuple[Floats, Floats]:
    """5th and 95th percentile, over 2000 random orders, of the number of different codes after ``at`` units."""
    units, curves = len(had), []
    step = max(1, _AT_ONCE // units)
    for done in range(0, ORDERS, step):
        rank = random.random((min(step, ORDERS - done), units)).argsort(axis=1) + 1
        first = np.stack([rank[:, own].min(axis=1) for own in had.T if own.any()], axis=1)
        curves.append(np.stack([(first <= k).sum(axis=1) for k in at], axis=1))
    low, high = np.quantile(np.concatenate(curves), [(1 - RANGE) / 2, (1 + RANGE) / 2], axis=0)
    return low, high


def points(units: int) -> Ints:
    """Numbers of units at which curves are given: all of them, or some evenly spaced where there are many."""
    return np.unique(np.linspace(1, units, min(units, POINTS)).round()).astype(np.int64)


def ratios(first: Ints, units: int) -> Floats:
    """New codes of each run by the codes of the base; empty without a run, NaN where the base has no code."""
    if units < BASE + RUN:
        return np.zeros(0)
    seen = accumulated(first, units)
    new = seen[BASE + RUN - 1 :] - seen[BASE - 1 : units - RUN]
    return np.asarray(new / seen[BASE - 1] if seen[BASE - 1] else np.full(len(new), np.nan), dtype=np.float64)


def _write(cells: CodedCells, statistic: str, value: float | None, n: float, **row: object) -> None:
    cells.ledger.estimate(
        statistic,
        value,
        service=ALL,
        cells=[(cells.units(), "input")],
        population=cells.population,
        instrument=INSTRUMENT,
        n=n,
        denominator=CODED,
        **row,
    )


def _curves(cells: CodedCells, had: Bools, first: Ints) -> None:
    units = len(had)
    if not len(first):
        reason = REASONS["no_rows"]
        _write(cells, "codes_seen", None, units, model=GIVEN_ORDER, unit="codes", method=IN_ORDER, reason=reason)
        return
    at, seen, means = points(units), accumulated(first, units), expected(had)
    low, high = shuffled(had, seeded([cells.ledger.context.study, "saturation"]), at)
    for k, lowest, highest in zip(at, low, high, strict=True):
        mean, shared = float(means[k - 1]), {"at": str(k), "unit": "codes"}
        _write(cells, "codes_seen", float(seen[k - 1]), k, model=GIVEN_ORDER, method=IN_ORDER, **shared)
        ends = {"low": min(lowest, mean), "high": max(highest, mean), "level": RANGE}
        _write(cells, "codes_seen", mean, k, model=RANDOM_ORDER, method=AT_RANDOM, **shared, **ends)


def _late(cells: CodedCells, first: Ints, units: int) -> None:
    before = units - units // 4
    value = float((first > before).mean()) if len(first) else None
    reason = "" if value is not None else REASONS["no_rows"]
    _write(cells, "late_codes", value, units, at=str(before + 1), unit="proportion", method=IN_ORDER, reason=reason)


def _guest(cells: CodedCells, first: Ints, units: int) -> None:
    found = ratios(first, units)
    shared: dict[str, object] = {"method": GUEST, "model": GIVEN_ORDER}
    quiet = np.flatnonzero(found <= THRESHOLD)
    ends = {*points(units).tolist(), *(BASE + RUN + quiet[:1]).tolist()}
    for last in sorted(end for end in ends if end >= BASE + RUN):
        ratio = found[last - BASE - RUN]
        value, reason = (None, REASONS["no_rows"]) if np.isnan(ratio) else (float(ratio), "")
        _write(cells, "saturation_ratio", value, units, at=str(last), unit="ratio", reason=reason, **shared)
    value = float(BASE + quiet[0]) if len(quiet) else None
    reason = "" if len(quiet) else NOT_REACHED if len(found) else REASONS["too_few"]
    _write(cells, "saturation_point", value, units, unit=cells.population, reason=reason, **shared)
