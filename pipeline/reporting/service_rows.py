"""Rows of a table by service: a row each or, of more services than a page has room for, what they range over.

The range has no names: it says how far services differ, and not which is first or last.
"""

from __future__ import annotations

import pandas as pd

from pipeline.reporting.formats import as_text
from schemas.vocabulary import ALL

NAMED = 40
"""More services than this have no row of their own."""

IN_SHORT = (
    "Lowest and highest of each column, which need not be of one service, without names: this is not a ranking. All "
    "released values are in `estimates.csv`."
)

_BY = {one: one for one in ("n", "n_reference", "events", "missing", "p", "p_adjusted")}
"""What a column is put in order by, where that is not the value of its estimates."""


def many(found: pd.DataFrame) -> bool:
    """Whether estimates are of more single services than have a row each."""
    return found.loc[found["service"] != ALL, "service"].nunique() > NAMED


def in_short(found: pd.DataFrame, parts: list[tuple[pd.DataFrame, str]], everything: str) -> list[list[str]]:
    """Rows of a table: all services together, the lowest and the highest of single ones, how many have none.

    Parameters
    ----------
    found
        Estimates of all columns.
    parts
        For each column its estimates, and what it shows of each of them (``formats.FORMATS``).
    everything
        What all services together are called.
    """
    ordered = [_in_order(part, show) for part, show in parts]
    rows = [[everything, *map(_whole, parts)]] if found["service"].eq(ALL).any() else []
    for head, place in (("Lowest", 0), ("Highest", -1)):
        ends = zip(ordered, parts, strict=True)
        rows.append([head, *(as_text(part.iloc[place], show) if len(part) else "–" for part, (_, show) in ends)])
    return [*rows, *_counts(parts, ordered)]


def _counts(parts: list[tuple[pd.DataFrame, str]], ordered: list[pd.DataFrame]) -> list[list[str]]:
    """How many services are shown, withheld, or without a value for another reason, by column."""
    singles = [_single(part) for part, _ in parts]
    withheld = [int(one["suppressed"].sum()) for one in singles]
    empty = [len(one) - hidden - len(own) for one, hidden, own in zip(singles, withheld, ordered, strict=True)]
    counts = {"shown": [len(own) for own in ordered], "withheld": withheld, "without a value": empty}
    return [
        [f"Services {word}", *map(str, numbers)]
        for word, numbers in counts.items()
        if word == "shown" or any(numbers)
    ]


def _whole(part: tuple[pd.DataFrame, str]) -> str:
    rows, show = part
    found = rows[rows["service"] == ALL]
    return as_text(found.iloc[0], show) if len(found) else "–"


def _single(part: pd.DataFrame) -> pd.DataFrame:
    return part[part["service"] != ALL]


def _in_order(part: pd.DataFrame, show: str) -> pd.DataFrame:
    """Estimates of single services that may be shown, the lowest first."""
    by = _BY.get(show, "value")
    shown = _single(part)
    return shown[~shown["suppressed"] & shown[by].notna()].sort_values(by, kind="stable")
