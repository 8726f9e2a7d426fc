"""Published figures whose rows can't be rebuilt, as estimates: numbers, rough numbers and bounds.

How they come out beside the recomputed ones belongs in ``claims.py``.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import pandas as pd

from pipeline.methods.results import Context, Ledger, Results
from schemas.vocabulary import ABOUT, BOUNDS, REASONS, parse_estimate_id

if TYPE_CHECKING:
    from schemas.study import Aggregates

AS_PUBLISHED = "as published"
SCALE = {"percent": 100}
"""How many times its estimate a printed figure is."""

_UNITS = {
    **dict.fromkeys(("share", "retention", "response_rate"), "proportion"),
    **dict.fromkeys(("clients", "respondents"), "persons"),
    "headcount": "posts",
}

Row = Mapping[Hashable, Any]


def aggregates(claims: pd.DataFrame, selections: Iterable[Aggregates], context: Context) -> Results:
    """Published figures whose rows can't be rebuilt, as estimates with method ``as published``.

    Each claim that a selection names (by id, or a pattern such as ``support-mix-*``) and that has an estimate id
    enters on the estimate's scale, without interval or cells. ``reason`` says why there is no more: no published
    n; published as uncertain (no value); or the selection's own reason where an n is stated.

    A bound ("more than half") gives no value but ``low`` or ``high``; a share ends at 0 and 1. The reason is
    ``published as a bound: more than`` (at least, less than, at most), so whether the bound itself is included
    is kept. A figure stated roughly keeps its number and is ``published as approximate``. Where several claims
    name one estimate, the most exact is taken: a number, then a rough one, then the bounds together.
    """
    ledger = Ledger(context)
    reasons: dict[str, str] = {}
    for selection in selections:
        reasons = dict.fromkeys(_named(claims["claim"], selection), selection.reason) | reasons
    chosen = claims[claims["claim"].isin(list(reasons)) & (claims["estimate_id"] != "")]
    for _, printed in chosen.groupby("estimate_id", sort=False):
        rows = sorted(printed.to_dict("records"), key=_by_exactness)
        _as_published(ledger, rows, reasons[rows[0]["claim"]])
    return ledger.results()


def exhaustive(claims: Iterable[str], selections: Iterable[Aggregates]) -> list[str]:
    """Claims that the study file declares to be all categories of their items."""
    return [one for selection in selections if selection.exhaustive for one in _named(claims, selection)]


def _named(claims: Iterable[str], selection: Aggregates) -> list[str]:
    return [one for one in claims if any(fnmatchcase(one, pattern) for pattern in selection.claims)]


def _by_exactness(claim: Row) -> tuple[int, float]:
    by_operator: dict[str, int] = {"=": 0, ABOUT: 1}
    order: int = 3 if pd.isna(claim["published"]) else by_operator.get(str(claim["operator"]), 2)
    return order, 0.0 if pd.isna(claim["decimals"]) else -claim["decimals"]


def _as_published(ledger: Ledger, claims: list[dict[Hashable, Any]], reason: str) -> None:
    best = claims[0]
    keys: dict[str, Any] = parse_estimate_id(best["estimate_id"])
    keys.pop("study")  # the context names it
    n: float | None = None if pd.isna(best["n"]) else best["n"]
    unit = _UNITS.get(keys["statistic"], "")
    bounds = [one for one in claims if one["operator"] in BOUNDS and not pd.isna(one["published"])]
    if best in bounds:
        numbers = _bounds(bounds, unit)
    else:
        value = None if pd.isna(best["published"]) else best["published"] / SCALE.get(best["statistic"], 1)
        numbers = {"value": value, "reason": _why(best, n) or reason}
    ledger.estimate(**keys, **numbers, n=n, unit=unit, method=AS_PUBLISHED)


def _why(claim: Row, n: float | None) -> str:
    rough = claim["operator"] == ABOUT
    if pd.isna(claim["published"]):
        return REASONS["in_words"] if rough else REASONS["as_uncertain"]
    return REASONS["as_approximate"] if rough else REASONS["no_n"] if n is None else ""


def _bounds(claims: list[dict[Hashable, Any]], unit: str) -> dict[str, Any]:
    """The closest bounds among the claims, with their words in the reason."""
    below = [one for one in claims if one["operator"] in (">", "≥")]
    above = [one for one in claims if one["operator"] in ("<", "≤")]
    ends = [max(below, key=_published)] if below else []
    ends += [min(above, key=_published)] if above else []
    low, high = (0.0, 1.0) if unit == "proportion" else (None, None)
    for one in ends:
        bound = one["published"] / SCALE.get(one["statistic"], 1)
        low, high = (bound, high) if one in below else (low, bound)
    words = " and ".join(BOUNDS[one["operator"]] for one in ends)
    return {"value": None, "low": low, "high": high, "reason": f"{REASONS['as_bound']}: {words}"}


def _published(claim: Row) -> float:
    return float(claim["published"])
