"""Our frequencies, co-occurrence and saturation of the codings in ``data/themes_<case>.csv``, by the families."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl

from pipeline.methods.agreement import agreement
from pipeline.methods.results import Context
from pipeline.methods.saturation import expected, first_seen, ratios
from pipeline.methods.themes import frequencies
from schemas.analyses import Themes

DATA = Path(__file__).parent / "data"
Answer = tuple[str, str, float]


def ours() -> Iterator[Answer]:
    """Each answer: case, quantity, value."""
    for case in ("forty", "six"):
        given = np.loadtxt(DATA / f"themes_{case}.csv", delimiter=",")
        yield from ((case, quantity, value) for quantity, value in _case(given))


def _case(given: np.ndarray) -> Iterator[tuple[str, float]]:
    arguments = _frames(given)
    found = frequencies(*arguments).estimates
    yield from _shares(found[(found["statistic"] == "share") & (found["term"] == "")])
    pairs = found[found["term"] != ""]
    for row in pairs.itertuples():
        named = f"{row.item[-1]} {row.term[-1]}"
        if row.statistic == "share":
            yield f"both codes {named}", row.events
        elif not np.isnan(row.value):
            yield f"jaccard {named}", row.value
    coders = agreement(*arguments).estimates
    yield "jaccard of coders", coders.loc[coders["statistic"] == "jaccard", "value"].item()
    yield from _saturation(given)


def _shares(rows: pd.DataFrame) -> Iterator[tuple[str, float]]:
    for row in rows.itertuples():
        code = row.item[-1]
        if row.category == "any-coder":
            yield f"any coder {code}", row.value
        else:
            yield from (
                (f"share {code}", row.value),
                (f"share low {code}", row.low),
                (f"share high {code}", row.high),
            )


def _saturation(given: np.ndarray) -> Iterator[tuple[str, float]]:
    had = (given[:, : given.shape[1] // 2] * given[:, given.shape[1] // 2 :]).astype(bool)
    units, first, means = len(had), first_seen(had), expected(had)
    for unit in range(1, units + 1):
        yield f"seen in order {unit}", int((first <= unit).sum())
        yield f"seen at random {unit}", means[unit - 1]
    yield "late codes", float((first > units - units // 4).mean())
    yield from ((f"ratio {end}", value) for end, value in enumerate(ratios(first, units), 6))


def _frames(given: np.ndarray) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, Themes, Context]:
    units, codes = given.shape[0], given.shape[1] // 2
    segments = pl.DataFrame({"segment": [f"u{i}" for i in range(units)], "document": "d", "service": "unattributed"})
    rows = []
    for coder, part in (("one", given[:, :codes]), ("two", given[:, codes:])):
        for unit, ticks in enumerate(part):
            named = [f"code-{place}" for place, tick in enumerate(ticks, 1) if tick] or ["no-code"]
            rows += [(f"u{unit}", coder, code, "describes") for code in named]
    codings = pl.DataFrame(rows, schema=["segment", "coder", "code", "polarity"], orient="row")
    book = pl.DataFrame({"code": [f"code-{place}" for place in range(1, codes + 1)]})
    return segments, codings, book, Themes(unit="segment", design="simulated"), Context("golden", "demonstration")
