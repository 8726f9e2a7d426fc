"""What goes with success in post: who is still in post after some days, by a logistic model for small numbers.

The numerics are in ``firth``, the columns of the model in ``post_terms``. When post holders leave is in
``retention_compared``.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, sqrt
from typing import Any

import polars as pl

from pipeline.methods.firth import Firth, FirthFit
from pipeline.methods.post_holders import LEFT, STAYED, Observation, PostCells, left_by
from pipeline.methods.post_terms import FEWEST_EVENTS, STEPS, Term, Terms, few_events
from pipeline.methods.results import Context, Ledger, Results
from pipeline.methods.workforce import POPULATION
from schemas.analyses import Success
from schemas.vocabulary import ALL, REASONS

MODEL = "Firth logistic"
METHOD = (
    "logistic regression with Firth's (1993) penalty; profile penalised likelihood interval and ratio test (Heinze "
    "and Schemper 2002)"
)
ABSENCE = "who stays longer can have more days of absence"

Links = list[tuple[str, str]]


def success(seen: Observation, declared: Success, context: Context) -> Results:
    """`odds_ratio` of being still in post after ``declared.days`` days, for each predictor, the others equal.

    Firth (1993): finite even where a predictor separates those who stayed from those who left. Only posts that
    started at least so many days before the end of observation enter, whether they ended or not: of later starters
    only those who left would be known. The others are ``missing``, as are posts without a selection score where
    others have one. ``n`` are the posts in the model, ``events`` those still in post. All services together. A
    predictor without variation, or with fewer than five posts on one side, does not enter, and has a reason.

    Parameters
    ----------
    seen
        ``declared.days`` are among its days.
    """
    ledger = Ledger(context)
    followed = seen.posts.filter(pl.col("follow_up") >= declared.days)
    followed = followed.with_columns((~left_by(declared.days)).alias("#stayed"))
    terms = Terms.of(followed, list(dict.fromkeys(declared.predictors)), context)
    model = _Model.of(terms, seen.posts.height, _links(PostCells(ledger, seen, declared.days), terms))
    for term in terms.terms:
        model.write(ledger, term, declared.days)
    return ledger.results()


def _links(cells: PostCells, terms: Terms) -> Links:
    """Who left and who stayed of those followed. What is left of all who left stands in a sum with them."""
    names = [kind[0].format(cells.success) for kind in (LEFT, STAYED)]
    found = {ALL: cells.of(cells.seen.group(ALL))}
    groups = [found, *(cells.by(name) for name in terms.places() if name not in STEPS)]
    return list(dict.fromkeys((one[name], "input") for group in groups for one in group.values() for name in names))


@dataclass
class _Model:
    """One fit and its rows."""

    terms: Terms
    posts: int
    links: Links
    firth: Firth | None
    fit: FirthFit | None
    reason: str

    @staticmethod
    def of(terms: Terms, posts: int, links: Links) -> _Model:
        reason = _unfit(terms)
        firth = None if reason else Firth(terms.x, terms.posts["#stayed"].to_numpy().astype(float))
        found = firth.fit() if firth else None
        reason = reason or ("" if found else REASONS["no_convergence"])
        return _Model(terms, posts, links, firth if found else None, found, reason)

    def write(self, ledger: Ledger, term: Term, days: int) -> None:
        kept, level = self.terms.posts, ledger.context.level
        stayed = int(kept["#stayed"].sum())
        row: dict[str, Any] = {"n": kept.height, "events": stayed, "missing": self.posts - kept.height}
        row |= {"population": POPULATION, "item": "success", "model": MODEL, "at": str(days), "cells": self.links}
        row |= {"unit": "ratio", "method": METHOD, "reason": term.reason or self.reason}
        value, numbers = self._numbers(term, level)
        if value is not None:
            rarer = min(stayed, kept.height - stayed)
            notes = [numbers.pop("reason"), few_events(rarer, len(self.terms.entered))]
            notes += [ABSENCE] if term.variable == "absence_days" else []
            numbers["reason"] = "; ".join(one for one in notes if one)
        ledger.estimate("odds_ratio", value, **row | numbers | term.keys)

    def _numbers(self, term: Term, level: float) -> tuple[float | None, dict[str, Any]]:
        if term.column is None or self.fit is None or self.firth is None:
            return None, {}
        place = self.terms.entered.index(term)
        value = exp(self.fit.coefficients[place + 1])
        se = value * sqrt(self.fit.covariance[place + 1, place + 1])
        profile = self.firth.profile(place, level)
        if profile is None:
            return value, {"se": se, "reason": f"no interval: {REASONS['no_convergence']}"}
        low, high = (None if end is None else exp(end) for end in (profile.low, profile.high))
        reason = "" if low is not None and high is not None else f"no interval: {REASONS['no_convergence']}"
        ends = {"low": low, "high": high, "level": level} if not reason else {}
        return value, {"se": se, "p": profile.p, "reason": reason} | ends


def _unfit(terms: Terms) -> str:
    """Why no model can be fitted; empty where one may."""
    kept = terms.posts
    if not kept.height:
        return REASONS["no_rows"]
    stayed = int(kept["#stayed"].sum())
    rarer = min(stayed, kept.height - stayed)
    if not terms.entered or 0 < rarer < FEWEST_EVENTS * len(terms.entered):
        return REASONS["too_few"]
    if not rarer:
        return REASONS["no_variation"]
    return REASONS["collinear"] if terms.is_collinear() else ""
