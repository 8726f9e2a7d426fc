"""What enters a model of post holders: its columns, with what each is compared with, and what can't enter and why.

The models are in ``cox`` and ``firth``; what is reported of them in ``retention_compared`` and ``success``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from pipeline.methods.post_holders import FEWEST_POSTS, YES_NO, Group, groups_by
from pipeline.methods.results import Context
from schemas.vocabulary import ALL, REASONS

Array = np.ndarray[Any, np.dtype[Any]]

STEPS = {
    "fte": (0.2, "0.2 less"),
    "absence_days": (10.0, "10 days fewer"),
    "selection_score": (1.0, "1 point lower"),
}
"""Numbers of a post holder: the step that a ratio is told for, and how that is said."""

GROUPED = ("service", "role")
"""Characteristics of several groups; those of too few posts are left out of a model, with their posts."""

FEW_EVENTS, FEWEST_EVENTS = 10, 2
"""Events per term below which a model's ratios are unsure (Peduzzi et al. 1995), and below which none is fitted."""


@dataclass(frozen=True)
class Term:
    """One ratio of a model: of what to what, and its column; without one, the reason why it can't enter."""

    variable: str
    service: str
    term: str
    reference: str
    column: Array | None = None
    reason: str = ""

    @property
    def keys(self) -> dict[str, str]:
        """Keys of its row."""
        contrast = {"contrast": "services"} if self.variable == "service" else {}
        return {"service": self.service, "term": self.term, "reference": self.reference} | contrast


@dataclass(frozen=True)
class Terms:
    """The posts that enter a model, its terms, and the characteristics whose groups stand behind them."""

    posts: pl.DataFrame
    terms: tuple[Term, ...]

    @staticmethod
    def of(posts: pl.DataFrame, variables: Sequence[str], context: Context) -> Terms:
        """Terms of the ``variables`` over ``posts`` (columns of the workforce record, and ``days``).

        Posts of services and roles with fewer than five posts, and posts without a number that others have, are left
        out. A characteristic with fewer than five posts on one side does not enter, nor a number that is the same
        for all.
        """
        kept = _kept(posts, variables, context)
        return Terms(kept, tuple(term for name in variables for term in _terms(posts, kept, name, context)))

    @property
    def entered(self) -> list[Term]:
        """Those with a column."""
        return [term for term in self.terms if term.column is not None]

    @property
    def x(self) -> Array:
        """Their columns side by side."""
        columns = [term.column for term in self.entered if term.column is not None]
        return np.column_stack(columns) if columns else np.zeros((self.posts.height, 0))

    def places(self) -> dict[str, list[int]]:
        """Columns of each variable that entered."""
        found: dict[str, list[int]] = {}
        for place, term in enumerate(self.entered):
            found.setdefault(term.variable, []).append(place)
        return found

    def is_collinear(self) -> bool:
        """Does a term follow from the others?"""
        x = self.x
        return bool(x.shape[1]) and int(np.linalg.matrix_rank(x - x.mean(axis=0))) < x.shape[1]


def few_events(events: int, terms: int) -> str:
    """A note where there are few events for so many terms; empty where there are enough."""
    if not terms or events >= FEW_EVENTS * terms:
        return ""
    return f"unsure: {events / terms:.1f} events a term, fewer than {FEW_EVENTS}"


def _kept(posts: pl.DataFrame, variables: Sequence[str], context: Context) -> pl.DataFrame:
    for name in (one for one in variables if one in STEPS):
        if posts[name].null_count() < posts.height:
            posts = posts.filter(pl.col(name).is_not_null())
    before = -1
    while before != posts.height:  # what one characteristic leaves out may make a group of another too small
        before = posts.height
        for name in (one for one in variables if one in GROUPED):
            large = [group.posts for group in groups_by(posts, name, context) if group.posts.height >= FEWEST_POSTS]
            posts = pl.concat([posts.clear(), *large])
    return posts


def _terms(posts: pl.DataFrame, kept: pl.DataFrame, name: str, context: Context) -> list[Term]:
    if name in STEPS:
        return [_number(kept, name)]
    if name in YES_NO:
        return [_yes_no(kept, name)]
    every, large = (groups_by(rows, name, context) for rows in (posts, kept))
    if len(large) < 2:
        return [Term(name, ALL, name, "", reason=_too_few(every))]
    reference = large[0].name
    names = {group.name for group in large}
    return [_level(kept, name, group, reference, group.name in names) for group in every if group.name != reference]


def _number(kept: pl.DataFrame, name: str) -> Term:
    step, words = STEPS[name]
    values = kept[name].drop_nulls().to_numpy().astype(float)
    reason = REASONS["no_rows"] if not len(values) else "" if np.ptp(values) else REASONS["no_variation"]
    return Term(name, ALL, name.replace("_", "-"), words, None if reason else values / step, reason)


def _yes_no(kept: pl.DataFrame, name: str) -> Term:
    without, with_it = YES_NO[name]
    values = kept[name].to_numpy().astype(float)
    fewest = min(values.sum(), len(values) - values.sum())
    reason = "" if fewest >= FEWEST_POSTS else REASONS["too_few" if fewest else "no_variation"]
    reason = reason if len(values) else REASONS["no_rows"]
    return Term(name, ALL, with_it, without, None if reason else values, reason)


def _level(kept: pl.DataFrame, name: str, group: Group, reference: str, entered: bool) -> Term:
    worker = set(group.posts["worker"])
    column = np.array([one in worker for one in kept["worker"]], dtype=float) if entered else None
    keys = (group.service, "service") if name == "service" else (ALL, group.name)
    return Term(name, *keys, reference, column, "" if entered else REASONS["too_few"])


def _too_few(every: list[Group]) -> str:
    if not every:
        return REASONS["no_rows"]
    return REASONS["no_variation" if len(every) == 1 else "too_few"]
