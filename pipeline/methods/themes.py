"""How often codes occur in the material that a study collected, and which occur together.

When new units stop bringing new codes is in ``saturation``; how far coders agree in ``agreement``.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import polars as pl

from pipeline.methods.coded import ANY_CODER, BOTH, CODED, GIVEN, INSTRUMENT, MAJORITY, Bools, CodedCells
from pipeline.methods.proportions import wilson
from pipeline.methods.results import Context, Results
from pipeline.methods.saturation import saturation
from schemas.analyses import Themes
from schemas.vocabulary import ALL, REASONS

__all__ = ["frequencies", "saturation"]

COUNTED = {
    MAJORITY: "code given by more than half of the coders who read the unit; a tie does not count",
    ANY_CODER: "code given by at least one coder who read the unit",
}
WITH_INTERVAL = "Wilson score interval (Wilson 1927); sample: "
NO_SAMPLE = "no interval: not a declared sample"


def frequencies(
    segments: pl.DataFrame, codings: pl.DataFrame, codebook: pl.DataFrame, declared: Themes, context: Context
) -> Results:
    """Share of the units that have each code, each coder's counts, and the pairs of codes that occur together.

    A unit (``declared.unit``) has a code if more than half of the coders who read it gave it (category
    `majority`); `any-coder` beside it says how much hangs on that rule. Denominator: units that anybody read. An
    interval (Wilson 1927) is given only where ``declared.design`` names a sampling design. Pairs of codes: share
    with both, and Jaccard's index (1901), by the majority, all services together.

    Parameters
    ----------
    segments, codings, codebook
        Rows of the schemas of these names. Every segment handed in counts; illustrations must be left out before.
        A code of the codebook that nobody gave has no row.
    """
    cells = CodedCells.of(segments, codings, codebook, declared, context)
    _units(cells)
    masks = {MAJORITY: cells.coded.majority(), ANY_CODER: cells.coded.by_any()}
    for code in range(len(cells.coded.codes)):
        for category, had in masks.items():
            for service in cells.services():
                _share(cells, code, category, had[:, code], service)
            for service in cells.parts():
                cells.of_code(code, category, had[:, code], cells.within(service), service)
        for coder in range(len(cells.coded.coders)):
            _count(cells, code, coder)
    for one, other in combinations(range(len(cells.coded.codes)), 2):
        _pair(cells, one, other, masks[MAJORITY])
    cells.add_up()
    return cells.ledger.results()


def _units(cells: CodedCells) -> None:
    """Units read by anybody, and by each coder."""
    whole = cells.coded.coded()
    for group, mask in [("", whole), *zip(cells.coded.coders, cells.coded.read, strict=True)]:
        cells.ledger.estimate(
            "count",
            float(mask.sum()) if len(mask) else None,
            service=ALL,
            cells=[(cells.units(group=group, mask=mask), "input")],
            population=cells.population,
            instrument=INSTRUMENT,
            category=CODED,
            group=group,
            n=float(len(mask)),
            missing=float((~mask).sum()),
            unit=cells.population,
            method="count",
            reason="" if len(mask) else REASONS["no_rows"],
        )


def _share(cells: CodedCells, code: int, category: str, had: Bools, service: str) -> None:
    among = cells.within(service)
    events, n = float((had & among).sum()), float(among.sum())
    design, level = cells.declared.design, cells.ledger.context.level
    low, high = wilson(events, n, level) if n and design else (None, None)
    cells.ledger.estimate(
        "share",
        events / n if n else None,
        service=service,
        cells=[
            (cells.of_code(code, category, had, among, service), "numerator"),
            (cells.units(service), "denominator"),
        ],
        population=cells.population,
        instrument=INSTRUMENT,
        item=cells.coded.codes[code],
        category=category,
        denominator=CODED,
        low=low,
        high=high,
        level=level if design else None,
        n=n,
        events=events,
        unit="proportion",
        method=f"{COUNTED[category]}; {WITH_INTERVAL + design if design else NO_SAMPLE}",
        reason="" if n else REASONS["no_rows"],
    )


def _count(cells: CodedCells, code: int, coder: int) -> None:
    had, read = cells.coded.given[coder, :, code], cells.coded.read[coder]
    group = cells.coded.coders[coder]
    cells.ledger.estimate(
        "count",
        float(had.sum()),
        service=ALL,
        cells=[
            (cells.of_code(code, GIVEN, had, read, ALL, group), "numerator"),
            (cells.units(group=group, mask=read), "denominator"),
        ],
        population=cells.population,
        instrument=INSTRUMENT,
        item=cells.coded.codes[code],
        category=GIVEN,
        group=group,
        denominator=CODED,
        n=float(read.sum()),
        events=float(had.sum()),
        unit=cells.population,
        method="count",
    )


def _pair(cells: CodedCells, one: int, other: int, had: Bools) -> None:
    among = cells.within(ALL)
    both = float((had[:, one] & had[:, other] & among).sum())
    either = float(((had[:, one] | had[:, other]) & among).sum())
    n = float(among.sum())
    margins = [cells.of_code(i, MAJORITY, had[:, i], among) for i in (one, other)]
    numerator = (cells.with_both(one, other, had), "numerator")
    values = {
        "share": (both / n if n else None, [numerator, (cells.units(), "denominator")], n, REASONS["no_rows"]),
        "jaccard": (
            both / either if either else None,
            [numerator, *((margin, "input") for margin in margins)],
            either,
            REASONS["no_rows"],
        ),
    }
    for statistic, (value, links, size, reason) in values.items():
        cells.ledger.estimate(
            statistic,
            value,
            service=ALL,
            cells=links,
            population=cells.population,
            instrument=INSTRUMENT,
            item=cells.coded.codes[one],
            term=cells.coded.codes[other],
            category=BOTH,
            denominator=CODED if statistic == "share" else "either-code",
            n=size,
            events=both,
            unit="proportion",
            method=f"{COUNTED[MAJORITY]}{'' if statistic == 'share' else '; Jaccard (1901)'}",
            reason="" if value is not None and not np.isnan(value) else reason,
        )
