"""Which estimates may be drawn, and what stands in the place of one that may not.

An estimate that is suppressed, has no value, or is not identified is never a mark: it is a word.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from schemas.vocabulary import REASONS

WITHHELD = "withheld"


def select(estimates: pd.DataFrame, **keys: str | Sequence[str]) -> pd.DataFrame:
    """The rows whose columns equal (or, for a sequence, are among) the values given."""
    mask = pd.Series(data=True, index=estimates.index)
    for column, wanted in keys.items():
        values = [wanted] if isinstance(wanted, str) else list(wanted)
        mask &= estimates[column].isin(values)
    return estimates[mask]


def align(rows: pd.DataFrame, column: str, ids: Sequence[str]) -> pd.DataFrame:
    """One row per id, in that order, indexed by id; all empty where there is no such estimate."""
    return rows.drop_duplicates(column).set_index(column, drop=False).reindex(list(ids))


def records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as dictionaries."""
    return [{str(key): value for key, value in row.items()} for row in rows.to_dict("records")]


def extremes(rows: pd.DataFrame) -> tuple[dict[str, Any], dict[str, Any]]:
    """The rows with the lowest and the highest value; the first of equals."""
    ordered = sorted(records(rows), key=lambda row: row["value"])
    return ordered[0], next(row for row in ordered if row["value"] == ordered[-1]["value"])


def drawable(rows: pd.DataFrame) -> pd.Series:
    """Whether each row's value may be drawn as a mark."""
    return rows["value"].notna() & _open(rows)


def ranged(rows: pd.DataFrame) -> pd.Series:
    """Whether each row's low and high may be drawn."""
    return rows["low"].notna() & rows["high"].notna() & _open(rows)


def absence(row: pd.Series) -> str:
    """The word that stands where a row may not be drawn: ``withheld``, or the reason it has no value."""
    if pd.isna(row["estimate_id"]):
        return REASONS["no_rows"]
    if row["suppressed"] or row["reason"] == REASONS["suppressed"]:
        return WITHHELD
    if row["identified"] == "no":
        return REASONS["not_identified"]
    return str(row["reason"] or "no value")


def _open(rows: pd.DataFrame) -> pd.Series:
    return rows["suppressed"].eq(False) & rows["identified"].notna() & rows["identified"].ne("no")
