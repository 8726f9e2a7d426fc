"""How far coders agree: by code, over all codes, and in the sets of codes that they give to a unit.

Alpha and kappa themselves are in ``krippendorff`` and ``kappa``; whether coders see the same polarity is in
``polarity``; how often codes occur in ``themes``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from pipeline.methods.coded import ANY_CODER, BOTH, INSTRUMENT, MAJORITY, Bools, Coded, CodedCells, seeded
from pipeline.methods.kappa import Fleiss, cohen
from pipeline.methods.krippendorff import Interval, Pairings, intervals
from pipeline.methods.proportions import normal_quantile
from pipeline.methods.results import Context, Results
from schemas.analyses import Themes
from schemas.vocabulary import ALL, REASONS

Floats = np.ndarray[Any, np.dtype[np.float64]]
Links = list[tuple[str, str]]

ALL_CODES = "all-codes"
"""The item of a row over all codes together."""

TWICE = "read-by-two"
BY_ALL = "read-by-all"
NOMINAL = np.array([[0.0, 1.0], [1.0, 0.0]])
ALPHA = "Krippendorff's alpha, nominal; percentile interval over 2000 resamples of the units (Krippendorff 2018)"
SET_ALPHA = "Krippendorff's alpha of the sets of codes, {} distance; interval over 2000 resamples of the units"
KAPPA = "Cohen (1960), interval of Fleiss, Cohen and Everitt (1969)"
FLEISS = "Fleiss (1971), units that all coders read; percentile interval over 2000 resamples of the units"
AGREED = "share of the pairs of coders, within units, that agree"
NO_INTERVAL = "no interval: too few units with the rarer answer"
UNANIMOUS = "no interval: no disagreement was observed"
MOST = 2000
"""More units than this have no alpha of sets: it takes the distance of each unit to each other."""

SETS = {"jaccard": "Jaccard (1901)", "masi": "MASI (Passonneau 2006)"}


def agreement(
    segments: pl.DataFrame, codings: pl.DataFrame, codebook: pl.DataFrame, declared: Themes, context: Context
) -> Results:
    """Agreement on each code (given or not), on all codes together, and on whole sets of codes.

    Over units that two or more coders have read. For each code: `percent_agreement` and `krippendorff_alpha` of all
    coders, and `percent_agreement` and `kappa` of each pair (``group``); with three coders or more also
    `fleiss_kappa`, over the units that all of them have read (others read twice are ``missing``). For item
    `all-codes`: the same alpha over all pairs of unit and code, resampled by unit; alpha of the sets of codes with
    Jaccard's and the MASI distance (``model``; up to 2000 units); and the mean `jaccard` of each pair's sets (1 for
    two empty ones).

    One coder: no rows. No unit read twice: `no rows`. A code that all gave, or none: alpha and kappa have
    `no variation`. Arguments as ``themes.frequencies``.
    """
    cells = CodedCells.of(segments, codings, codebook, declared, context)
    coded = cells.coded
    if len(coded.coders) < 2:
        return cells.ledger.results()
    twice = np.asarray(coded.read.sum(axis=0) > 1, dtype=bool)
    codes = [_pairings(coded, code, twice) for code in range(len(coded.codes))]
    names = ["", *(SETS if twice.sum() <= MOST else [])] if codes else []
    whole = [_of_all_codes(coded, codes, twice, name) for name in names]
    found = intervals([*codes, *whole], seeded([context.study, "agreement"]), context.level)
    for code, (pairings, interval) in enumerate(zip(codes, found, strict=False)):
        _of_all(cells, code, pairings, interval, twice)
        for pair in coded.pairs():
            _of_pair(cells, code, pair)
    links = [(cells.units(group=TWICE, mask=twice), "input")]
    for name, pairings, interval in zip(names, whole, found[len(codes) :], strict=True):
        method = SET_ALPHA.format(SETS[name]) if name else ALPHA
        _alpha(cells, pairings, interval, ALL_CODES, links, model=name, method=method)
    for pair in coded.pairs():
        _sets_of_pair(cells, pair)
    if len(coded.coders) > 2:
        _of_three_or_more(cells, int(twice.sum()))
    return cells.ledger.results()


def _pairings(coded: Coded, code: int, twice: Bools) -> Pairings:
    """Units read twice, with the number of coders who did and did not give the code."""
    given = coded.given[:, twice, code].sum(axis=0)
    counts = np.stack([given, coded.read[:, twice].sum(axis=0) - given], axis=1).astype(float)
    return Pairings.of(counts, NOMINAL)


def _of_all_codes(coded: Coded, codes: list[Pairings], twice: Bools, name: str) -> Pairings:
    """All codes pooled, or (``name`` of a distance) each coder's set of codes of a unit as one value."""
    if not name:
        return Pairings.pooled(codes)
    return Pairings.of_sets(coded.given[:, twice], coded.read[:, twice], masi=name == "masi")


def _links(cells: CodedCells, code: int) -> Links:
    """The counts of a code that its agreement would give away."""
    among, coded = cells.within(ALL), cells.coded
    masks = {MAJORITY: coded.majority(), ANY_CODER: coded.by_any()}
    return [(cells.of_code(code, name, had[:, code], among), "input") for name, had in masks.items()]


def _write(cells: CodedCells, statistic: str, value: float | None, item: str, links: Links, **row: object) -> None:
    cells.ledger.estimate(
        statistic,
        value,
        service=ALL,
        cells=links,
        population=cells.population,
        instrument=INSTRUMENT,
        item=item,
        **row,
    )


def _alpha(
    cells: CodedCells, pairings: Pairings, interval: Interval | None, item: str, links: Links, **row: object
) -> None:
    value = pairings.alpha()
    how = resampled(value, interval, pairings.disagreement, cells.ledger.context.level)
    n = len(pairings.disagreement)
    _write(cells, "krippendorff_alpha", value, item, links, n=n, unit="ratio", denominator=TWICE, **how, **row)


def resampled(
    value: float | None, interval: Interval | None, disagreement: Floats, level: float
) -> dict[str, object]:
    """How an agreement with a resampled interval is described: the interval, widened to hold it, or a reason."""
    if value is None:
        return {"reason": why(len(disagreement))}
    if interval is None:
        return {"reason": NO_INTERVAL if disagreement.any() else UNANIMOUS}
    return {"low": min(interval[0], value), "high": max(interval[1], value), "level": level, "reason": ""}


def _of_all(cells: CodedCells, code: int, pairings: Pairings, interval: Interval | None, twice: Bools) -> None:
    item, links = cells.coded.codes[code], _links(cells, code)
    links = [*links, (cells.units(group=TWICE, mask=twice), "input")]
    given, n = pairings.counts, int(twice.sum())
    number = given.sum(axis=1)
    agreeing = (given * (given - 1)).sum() / (number * (number - 1)).sum() if n else None
    reason = "" if n else REASONS["no_rows"]
    _write(
        cells, "percent_agreement", agreeing, item, links, n=n, unit="proportion", method=AGREED, reason=reason,
        denominator=TWICE,
    )  # fmt: skip
    _alpha(cells, pairings, interval, item, links, method=ALPHA)


def _of_pair(cells: CodedCells, code: int, pair: tuple[int, int]) -> None:
    coded, group = cells.coded, cells.coded.pair_name(pair)
    read = coded.read[pair[0]] & coded.read[pair[1]]
    one, other = (coded.given[coder, :, code] & read for coder in pair)
    table = [float(mask.sum()) for mask in (one & other, one & ~other, ~one & other, read & ~one & ~other)]
    links = [(cells.of_code(code, BOTH, one & other, read, ALL, group), "input")]
    links += [(cells.units(group=group, mask=read), "input"), *_links(cells, code)]
    n, item = float(read.sum()), coded.codes[code]
    shared: dict[str, object] = {"group": group, "n": n, "denominator": BOTH}
    agreeing, reason = ((table[0] + table[3]) / n, "") if n else (None, REASONS["no_rows"])
    _write(
        cells, "percent_agreement", agreeing, item, links, unit="proportion", method=AGREED, reason=reason, **shared
    )
    found = cohen(np.reshape(table, (2, 2)))
    without = NO_INTERVAL if table[1] + table[2] else UNANIMOUS
    reason = why(n) if found is None else "" if found[1] else without
    numbers = with_interval(*found, cells.ledger.context.level) if found else {}
    _write(
        cells, "kappa", found[0] if found else None, item, links, unit="ratio", method=KAPPA, reason=reason,
        **numbers, **shared,
    )  # fmt: skip


def with_interval(value: float, error: float, level: float) -> dict[str, object]:
    """Standard error and interval of a kappa; none where nobody disagrees."""
    if not error:
        return {}
    reach = normal_quantile(level) * error
    return {"se": error, "low": max(value - reach, -1.0), "high": min(value + reach, 1.0), "level": level}


def _of_three_or_more(cells: CodedCells, twice: int) -> None:
    """Fleiss' kappa of each code, over the units that every coder has read."""
    coded = cells.coded
    every = np.asarray(coded.read.all(axis=0), dtype=bool)
    given = coded.given[:, every].sum(axis=0).astype(float)
    parts = [Fleiss(np.stack([one, len(coded.coders) - one], axis=1)) for one in given.T]
    found = intervals(parts, seeded([cells.ledger.context.study, "fleiss"]), cells.ledger.context.level)
    n = int(every.sum())
    shared: dict[str, object] = {"n": n, "missing": twice - n, "denominator": BY_ALL, "method": FLEISS}
    for code, (part, interval) in enumerate(zip(parts, found, strict=True)):
        links = [*_links(cells, code), (cells.units(group=BY_ALL, mask=every), "input")]
        value = part.value()
        how = resampled(value, interval, part.disagreement, cells.ledger.context.level)
        _write(cells, "fleiss_kappa", value, coded.codes[code], links, unit="ratio", **how, **shared)


def _sets_of_pair(cells: CodedCells, pair: tuple[int, int]) -> None:
    coded, group = cells.coded, cells.coded.pair_name(pair)
    read = coded.read[pair[0]] & coded.read[pair[1]]
    one, other = (coded.given[coder][read] for coder in pair)
    shared, either = (one & other).sum(axis=1), (one | other).sum(axis=1)
    alike = np.where(either > 0, shared / np.maximum(either, 1), 1.0)
    _write(
        cells, "jaccard", float(alike.mean()) if len(alike) else None, ALL_CODES,
        [(cells.units(group=group, mask=read), "input")], group=group, n=float(read.sum()), denominator=BOTH,
        unit="ratio", method="mean over units of Jaccard's index (1901) of the two sets of codes",
        reason="" if len(alike) else REASONS["no_rows"],
    )  # fmt: skip


def why(n: float) -> str:
    """Why there is no agreement to be had from so many units."""
    return REASONS["no_variation"] if n else REASONS["no_rows"]
