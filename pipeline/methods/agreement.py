"""How far coders agree: by code, over all codes, and in the sets of codes that they give to a unit.

Alpha itself is in ``krippendorff``; how often codes occur is in ``themes``.
"""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np
import polars as pl

from pipeline.methods.coded import ANY_CODER, BOTH, INSTRUMENT, MAJORITY, Bools, Coded, CodedCells, seeded
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
NOMINAL = np.array([[0.0, 1.0], [1.0, 0.0]])
ALPHA = "Krippendorff's alpha, nominal; percentile interval over 2000 resamples of the units (Krippendorff 2018)"
SET_ALPHA = "Krippendorff's alpha of the sets of codes, {} distance; interval over 2000 resamples of the units"
KAPPA = "Cohen (1960), interval of Fleiss, Cohen and Everitt (1969)"
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
    coders, and `percent_agreement` and `kappa` of each pair (``group``). For item `all-codes`: the same alpha over
    all pairs of unit and code, resampled by unit; alpha of the sets of codes with Jaccard's and the MASI distance
    (``model``; up to 2000 units); and the mean `jaccard` of each pair's sets (1 for two empty ones).

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
    return cells.ledger.results()


def kappa(both: float, only_one: float, only_other: float, neither: float) -> tuple[float, float] | None:
    """Cohen's kappa (1960) of two coders and one code, and its standard error (Fleiss, Cohen and Everitt 1969).

    ``None`` where there is no unit, or both coders gave the code to all or to none.
    """
    table = np.array([[both, only_one], [only_other, neither]], dtype=float)
    n = table.sum()
    if not n:
        return None
    p = table / n
    rows, columns = p.sum(axis=1), p.sum(axis=0)
    chance = float(rows @ columns)
    if chance == 1:
        return None
    value = (np.trace(p) - chance) / (1 - chance)
    diagonal = sum(p[i, i] * (1 - (rows[i] + columns[i]) * (1 - value)) ** 2 for i in (0, 1))
    crossed = (1 - value) ** 2 * sum(p[i, 1 - i] * (columns[i] + rows[1 - i]) ** 2 for i in (0, 1))
    variance = (diagonal + crossed - (value - chance * (1 - value)) ** 2) / (n * (1 - chance) ** 2)
    return float(value), sqrt(max(variance, 0.0))


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
    n, value = len(pairings.disagreement), pairings.alpha()
    without = NO_INTERVAL if pairings.disagreement.any() else UNANIMOUS
    reason = "" if interval else without if value is not None else _why(n)
    numbers: dict[str, object] = {}
    if value is not None and interval:
        numbers["low"], numbers["high"] = min(interval[0], value), max(interval[1], value)
        numbers["level"] = cells.ledger.context.level
    _write(
        cells, "krippendorff_alpha", value, item, links, n=n, unit="ratio", denominator=TWICE, reason=reason,
        **numbers, **row,
    )  # fmt: skip


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
    found = kappa(*table)
    without = NO_INTERVAL if table[1] + table[2] else UNANIMOUS
    reason = _why(n) if found is None else "" if found[1] else without
    numbers = _with_interval(*found, cells.ledger.context.level) if found else {}
    _write(
        cells, "kappa", found[0] if found else None, item, links, unit="ratio", method=KAPPA, reason=reason,
        **numbers, **shared,
    )  # fmt: skip


def _with_interval(value: float, error: float, level: float) -> dict[str, object]:
    """Standard error and interval of a kappa; none where nobody disagrees."""
    if not error:
        return {}
    reach = normal_quantile(level) * error
    return {"se": error, "low": max(value - reach, -1.0), "high": min(value + reach, 1.0), "level": level}


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


def _why(n: float) -> str:
    return REASONS["no_variation"] if n else REASONS["no_rows"]
