"""Published figures and the pipeline's: how each claim comes out.

Whether a figure is possible at all is tested in ``granularity.py``; figures that enter the estimates as they are
printed are in ``as_published.py``.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pandas as pd

from pipeline.methods.as_published import AS_PUBLISHED, SCALE
from pipeline.methods.rounding import printed_as
from schemas.vocabulary import ABOUT, OUTCOMES, REASONS, ROUNDING_RULES

_COMPARE = {
    "<": lambda value, figure: value < figure,
    ">": lambda value, figure: value > figure,
    "≤": lambda value, figure: value <= figure,
    "≥": lambda value, figure: value >= figure,
}
_LEVEL = 0.05

Row = Mapping[Hashable, Any]


@dataclass(frozen=True)
class Outcome:
    """How one claim came out; ``recomputed`` is on the printed scale."""

    outcome: str
    recomputed: float | None = None
    note: str = ""


def evaluate(claims: pd.DataFrame, estimates: pd.DataFrame, granularity: pd.DataFrame, study: str) -> pd.DataFrame:
    """What the pipeline makes of each claim (``schemas.claims.ClaimOutcomes``).

    A printed ``=`` agrees where the estimate rounds to it: with the stated n under half-up (``agrees``) or only
    under another rule (``agrees only under ...``), or with a smaller n (``agrees only with n = ...``). A document
    that states its rule is held to that rule. ``<``, ``>``, ``≤`` and ``≥`` compare. ``direction`` compares the
    sign with that of the published number (1 or -1); ``significance`` compares p with the published level (0.05
    where none is printed), as not significant where the words begin with "not". A figure stated roughly (``≈``)
    names no bound that a recomputed number could be held to: not computable.

    A figure that no n up to the stated one gives ``differs``. A claim without an estimate id is carried ``as
    published`` where it is a plain number and is not computable where it is a comparison or words. One whose
    estimate entered as published is carried so too, bounds and rough figures included, and ``differs`` only where
    the document prints another number for the same thing elsewhere. An estimate that is not identified can't
    confirm or refute a figure: not computable, with its range in the note.
    """
    by_id = {row["estimate_id"]: row for row in estimates.to_dict("records")}
    tested = {row["claim"]: row for row in granularity.to_dict("records")}
    found = [
        _evaluate(row, by_id.get(row["estimate_id"]), tested.get(row["claim"])) for row in claims.to_dict("records")
    ]
    result = claims.reset_index(drop=True).assign(study=study)
    result["recomputed"] = pd.Series([one.recomputed for one in found], dtype="float64")
    result["outcome"] = pd.Series([one.outcome for one in found], dtype="str")
    result["as_expected"] = (result["outcome"] == result["expected"]).astype(bool)
    result["note"] = pd.Series([one.note for one in found], dtype="str")
    return result.astype({"study": "str"})


def scorecard(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Claims by study and kind of outcome: study, outcome, meaning, claims, unexpected (every kind, also 0)."""
    kinds = outcomes["outcome"].map(kind_of)
    rows = []
    for study in outcomes["study"].unique():
        for kind, meaning in OUTCOMES.items():
            chosen = outcomes[(outcomes["study"] == study) & (kinds == kind)]
            rows.append((study, kind, meaning, len(chosen), int((~chosen["as_expected"]).sum())))
    return pd.DataFrame(rows, columns=["study", "outcome", "meaning", "claims", "unexpected"])


def kind_of(outcome: str) -> str:
    """The kind, a key of ``OUTCOMES``, of an outcome such as ``agrees only with n = 31``."""
    return max((kind for kind in OUTCOMES if outcome.startswith(kind)), key=len)


def _evaluate(claim: Row, estimate: Row | None, tested: Row | None) -> Outcome:
    if not claim["estimate_id"]:
        plain = claim["operator"] == "=" and not pd.isna(claim["published"])
        return Outcome(AS_PUBLISHED) if plain else _not_computable("no estimate answers this statement")
    if tested is not None and not tested["pairs"]:
        return Outcome("differs", note=f"no n up to {tested['n']:g} gives this figure")
    if estimate is None:
        return _not_computable("no such estimate")
    return _without_value(claim, estimate) or _compared(claim, estimate, tested)


def _without_value(claim: Row, estimate: Row) -> Outcome | None:
    """The outcome where the estimate is nothing to compare a figure with."""
    if estimate["suppressed"]:
        return Outcome("withheld", note=REASONS["suppressed"])
    if estimate["identified"] == "no":
        return _not_computable(_unidentified(estimate))
    if pd.isna(estimate["value"]) and not estimate["reason"].startswith(REASONS["as_bound"]):
        return _not_computable(estimate["reason"] or "the estimate has no value")
    return _carried(claim, estimate) if estimate["method"] == AS_PUBLISHED else None


def _carried(claim: Row, estimate: Row) -> Outcome:
    """A figure that entered as published, unless the document prints another one for the same thing elsewhere."""
    operator, value = claim["operator"], round(estimate["value"] * SCALE.get(claim["statistic"], 1), 9)
    same = True
    if not pd.isna(claim["published"]) and not pd.isna(value):
        if operator == "=":
            same = any(_prints(claim, estimate, rule) for rule in ROUNDING_RULES)
        elif operator in _COMPARE:
            same = bool(_COMPARE[operator](value, claim["published"]))
    if same:
        return Outcome(AS_PUBLISHED, note=estimate["reason"])
    return Outcome("differs", value, "the document prints this number elsewhere")


def _not_computable(note: str) -> Outcome:
    return Outcome("not computable", note=note)


def _unidentified(estimate: Row) -> str:
    low, high = estimate["low"], estimate["high"]
    if pd.isna(low) or pd.isna(high) or estimate["reason"] != REASONS["not_identified"]:
        return estimate["reason"] or REASONS["not_identified"]
    return f"{REASONS['not_identified']}: between {low:g} and {high:g} in data sets that meet the figures"


def _compared(claim: Row, estimate: Row, tested: Row | None) -> Outcome:
    recomputed = estimate["value"] * SCALE.get(claim["statistic"], 1)
    operator = claim["operator"]
    if operator == "significance":
        return _significance(claim, estimate)
    if pd.isna(claim["published"]):
        return _not_computable("no published number to compare with")
    if operator == ABOUT:
        return Outcome("not computable", recomputed, "stated roughly: there is no bound to hold it to")
    if operator == "direction":
        same = (recomputed > 0) - (recomputed < 0) == (claim["published"] > 0) - (claim["published"] < 0)
        return Outcome("agrees" if same else "differs", recomputed)
    if operator in _COMPARE:
        holds = _COMPARE[operator](round(recomputed, 9), claim["published"])
        return Outcome("agrees" if holds else "differs", recomputed)
    return _equal(claim, estimate, tested, recomputed)


def _significance(claim: Row, estimate: Row) -> Outcome:
    if pd.isna(estimate["p"]):
        return _not_computable("the estimate has no p-value")
    level = _LEVEL if pd.isna(claim["published"]) else claim["published"]
    claimed = not claim["value_text"].strip().lower().startswith("not")
    same = (estimate["p"] < level) == claimed
    return Outcome("agrees" if same else "differs", estimate["value"], f"p = {estimate['p']:.3g}")


def _equal(claim: Row, estimate: Row, tested: Row | None, recomputed: float) -> Outcome:
    stated, used = claim["n"], estimate["n"]
    rules = [claim["rounding"]] if claim["rounding"] in ROUNDING_RULES else list(ROUNDING_RULES)
    working = [rule for rule in rules if _prints(claim, estimate, rule)]
    if not working:
        return _at_nearest_n(claim, estimate, tested, rules[0]) or Outcome("differs", recomputed, _pair(used, ""))
    if pd.isna(stated) or pd.isna(used) or used == stated:
        only = "" if working[0] == rules[0] else f" only under {working[0]}"
        return Outcome(f"agrees{only}", recomputed, _pair(used, working[0]))
    if used > stated:
        return Outcome("differs", recomputed, f"rounds to the figure, but with n = {used:g}, not {stated:g}")
    return _smaller_n(used, working[0], rules[0], recomputed)


def _at_nearest_n(claim: Row, estimate: Row, tested: Row | None, first: str) -> Outcome | None:
    """Rebuilt rows of everyone asked, where the figure needs a smaller n than stated: the same units of that n.

    Rows can't show that fewer were asked. Collected rows can: they are held to their own n.
    """
    rebuilt = estimate["data_status"] == "reconstructed" and not pd.isna(estimate["events"])
    if tested is None or not rebuilt or tested["possible_at_n"]:
        return None
    n, rule = int(tested["nearest_n"]), tested["nearest_rule"]
    share = Fraction(100 * round(estimate["events"]), n)
    fits = printed_as(claim["published"], _decimals(claim), rule).holds(share)
    return _smaller_n(n, rule, first, float(share)) if fits else None


def _smaller_n(n: float, rule: str, first: str, recomputed: float) -> Outcome:
    only = "" if rule == first else f" under {rule}"
    return Outcome(f"agrees only with n = {n:g}{only}", recomputed, _pair(n, rule))


def _pair(n: float, rule: str) -> str:
    return ", ".join([f"n = {n:g}"] * (not pd.isna(n)) + [rule] * bool(rule))


def _decimals(claim: Row) -> int:
    return 0 if pd.isna(claim["decimals"]) else int(claim["decimals"])


def _prints(claim: Row, estimate: Row, rule: str) -> bool:
    """Whether the estimate rounds to the figure: exactly where it is a ratio of whole numbers, else nearly."""
    figure = printed_as(claim["published"], _decimals(claim), rule)
    scale = SCALE.get(claim["statistic"], 1)
    if claim["statistic"] == "count":
        return bool(estimate["value"] == claim["published"])
    ratio = _ratio(estimate) if claim["statistic"] in ("percent", "mean") else None
    return figure.nearly_holds(estimate["value"] * scale) if ratio is None else figure.holds(ratio * scale)


def _ratio(estimate: Row) -> Fraction | None:
    """The value as whole units over n, where that is what it is."""
    n, value = estimate["n"], estimate["value"]
    if pd.isna(n) or n <= 0 or n != round(n):
        return None
    units = round(value * n)
    return Fraction(units, int(n)) if math.isclose(units / n, value, abs_tol=1e-9) else None
