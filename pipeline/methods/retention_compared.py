"""Groups of post holders compared in how long they stay: log-rank tests, and Cox's model of leaving.

The numerics are in ``log_rank`` and ``cox``; how long post holders stay altogether is in ``retention``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import exp, sqrt
from typing import Any

import numpy as np

from pipeline.methods.adjustment import holm
from pipeline.methods.cox import CoxFit, Proportional, fit, proportional
from pipeline.methods.log_rank import LogRank, log_rank
from pipeline.methods.post_holders import FEWEST_POSTS, SIZE, Group, Observation, PostCells, groups_by
from pipeline.methods.post_terms import FEWEST_EVENTS, STEPS, Term, Terms, few_events
from pipeline.methods.proportions import normal_quantile
from pipeline.methods.results import Context, Ledger, Results
from pipeline.methods.retention import links_at, retained
from pipeline.methods.workforce import POPULATION
from schemas.vocabulary import ALL, REASONS

MODEL = "Cox"
LOG_RANK = "log-rank test (Mantel 1966; Peto and Peto 1972)"
EXPECTED = "ends expected if all groups were alike, as in the log-rank test"
COX = "Cox (1972), ties by Efron (1977); Wald interval on the log scale"
PROPORTIONAL = "score test of Grambsch and Therneau (1994), time by Kaplan-Meier"
LEFT_OUT = f"groups with fewer than {FEWEST_POSTS} posts are left out"
ALL_TERMS = "all-terms"

Links = list[tuple[str, str]]
Row = dict[str, Any]


def compare(seen: Observation, variables: Sequence[str], context: Context) -> Results:
    """Do posts end alike in the groups of each variable (service, role, mentor, trained)? A log-rank test each.

    `log_rank` with its p, adjusted by Holm over the variables; `expected_ends` of each group, whose `events` are
    those observed; and `retention_by_group` at each day, of groups that are no services. Groups with fewer than five
    posts are left out of the test. All services together: ``contrast`` is the variable.
    """
    ledger = Ledger(context)
    cells = PostCells(ledger, seen)
    tests = [_Test.of(seen, name, cells.by(name), context) for name in dict.fromkeys(variables)]
    adjusted = holm([test.p for test in tests])
    for test, p_adjusted in zip(tests, adjusted, strict=True):
        test.write(ledger, p_adjusted, "retention-groups")
        for group in test.groups if test.variable != "service" else ():
            for day in seen.days:
                retained(ledger, group, day, links_at(test.cells[group.name], day))
    return ledger.results()


@dataclass(frozen=True)
class _Test:
    """The log-rank test of one variable."""

    variable: str
    groups: list[Group]
    large: list[Group]
    cells: dict[str, dict[str, str]]
    posts: int
    found: LogRank

    @staticmethod
    def of(seen: Observation, variable: str, cells: dict[str, dict[str, str]], context: Context) -> _Test:
        groups = groups_by(seen.posts, variable, context)
        large = [group for group in groups if group.posts.height >= FEWEST_POSTS]
        days = np.concatenate([np.array([]), *(group.posts["days"].to_numpy() for group in large)])
        ended = np.concatenate([np.array([]), *(group.posts["ended"].to_numpy() for group in large)]).astype(bool)
        number = np.repeat(np.arange(len(large)), [group.posts.height for group in large])
        found = log_rank(days, ended, number, len(large))
        return _Test(variable, groups, large, cells, seen.posts.height, found)

    @property
    def p(self) -> float | None:
        return self.found.p

    @property
    def links(self) -> Links:
        """Every row rests on all groups: what is expected of one follows from how many there are in the others."""
        return _links(self.cells, [ALL, *(group.name for group in self.large)])

    def write(self, ledger: Ledger, p_adjusted: float | None, family: str) -> None:
        n = sum(group.posts.height for group in self.large)
        keys: Row = {"population": POPULATION, "item": "retention", "contrast": self.variable, "cells": self.links}
        many = (
            f", {self.found.degrees} degree{'s' * (self.found.degrees != 1)} of freedom" if self.p is not None else ""
        )
        ledger.estimate(
            "log_rank",
            self.found.chi_square,
            service=ALL,
            n=n,
            events=float(self.found.observed.sum()),
            missing=self.posts - n,
            p=self.p,
            p_adjusted=p_adjusted,
            family=family if self.p is not None else "",
            method=LOG_RANK + many,
            reason=self._reason(),
            **keys,
        )
        for group in self.groups:
            self._expected(ledger, group, keys)

    def _reason(self) -> str:
        if self.p is not None:
            return LEFT_OUT if len(self.large) < len(self.groups) else ""
        if not self.groups:
            return REASONS["no_rows"]
        return REASONS["too_few" if len(self.large) < 2 <= len(self.groups) else "no_variation"]

    def _expected(self, ledger: Ledger, group: Group, keys: Row) -> None:
        place = self.large.index(group) if group in self.large else None
        compared = place is not None and len(self.large) > 1
        value = float(self.found.expected[place]) if compared else None
        events = float(self.found.observed[place]) if compared else None
        n = group.posts.height if compared else None
        reason = "" if compared else REASONS["too_few" if len(self.groups) > 1 else "no_variation"]
        row = keys | {"group": group.group, "unit": "posts", "method": EXPECTED, "reason": reason}
        ledger.estimate("expected_ends", value, service=group.service, n=n, events=events, **row)


def hazards(seen: Observation, variables: Sequence[str], context: Context) -> Results:
    """Cox's model of leaving, its terms all together: `hazard_ratio` of each with interval and p.

    `proportional_hazards` tests for each variable, and for all terms, that its ratio is the same at all times. Posts
    of services or roles with fewer than five posts are left out. With fewer than ten ends a term the rows say so;
    with fewer than two there is no model. One whose likelihood rises without end, as where nobody of a group left,
    prints no number.
    """
    ledger = Ledger(context)
    cells = PostCells(ledger, seen)
    terms = Terms.of(seen.posts, list(dict.fromkeys(variables)), context)
    model = _Model.of(terms, seen.posts.height)
    model.links += _links({ALL: cells.of(seen.group(ALL))}, [ALL])
    for name in (one for one in terms.places() if one not in STEPS):
        model.links += _links(cells.by(name), [group.name for group in groups_by(terms.posts, name, context)])
    model.write(ledger)
    return ledger.results()


@dataclass
class _Model:
    """One fit and its rows."""

    terms: Terms
    posts: int
    fit: CoxFit | None
    reason: str
    links: Links = field(default_factory=list)

    @staticmethod
    def of(terms: Terms, posts: int) -> _Model:
        reason = _unfit(terms)
        found = None if reason else fit(*_arrays(terms), terms.x)
        return _Model(terms, posts, found, reason or ("" if found else REASONS["no_convergence"]))

    def write(self, ledger: Ledger) -> None:
        for term in self.terms.terms:
            self._ratio(ledger, term)
        tests = self.terms.places()
        if len(tests) > 1:
            tests[ALL_TERMS] = list(range(len(self.terms.entered)))
        for (name, _), test in zip(tests.items(), self._tests(tests.values()), strict=True):
            self._proportional(ledger, name, test)

    @property
    def size(self) -> Row:
        kept = self.terms.posts
        size = {"n": kept.height, "events": int(kept["ended"].sum()), "missing": self.posts - kept.height}
        return {"population": POPULATION, "item": "retention", "model": MODEL, "cells": self.links} | size

    def _ratio(self, ledger: Ledger, term: Term) -> None:
        row = self.size | {"unit": "ratio", "method": COX, "reason": term.reason or self.reason}
        value = None
        if term.column is not None and self.fit is not None:
            place = self.terms.entered.index(term)
            log_ratio, se = self.fit.coefficients[place], sqrt(self.fit.covariance[place, place])
            value = exp(log_ratio)
            reach = normal_quantile(ledger.context.level) * se
            row |= {"se": value * se, "low": exp(log_ratio - reach), "high": exp(log_ratio + reach)}
            row |= {"level": ledger.context.level, "p": _two_sided(log_ratio / se)}
            row["reason"] = few_events(row["events"], len(self.terms.entered))
        ledger.estimate("hazard_ratio", value, **row | term.keys)

    def _tests(self, places: Iterable[Sequence[int]]) -> list[Proportional | None]:
        wanted = list(places)
        if self.fit is None:
            return [None] * len(wanted)
        return proportional(*_arrays(self.terms), self.terms.x, self.fit.coefficients, wanted)

    def _proportional(self, ledger: Ledger, name: str, test: Proportional | None) -> None:
        many = degrees_of_freedom(test.degrees) if test else ""
        reason = "" if test else self.reason or REASONS["no_variation"]
        row = self.size | {"method": PROPORTIONAL + many, "reason": reason, "p": test.p if test else None}
        value = test.chi_square if test else None
        ledger.estimate("proportional_hazards", value, service=ALL, term=name, **row)


def _arrays(terms: Terms) -> tuple[Any, Any]:
    return terms.posts["days"].to_numpy().astype(float), terms.posts["ended"].to_numpy().astype(bool)


def _unfit(terms: Terms) -> str:
    """Why no model can be fitted; empty where one may."""
    ends, number = int(terms.posts["ended"].sum()), len(terms.entered)
    if not terms.posts.height:
        return REASONS["no_rows"]
    if not ends:
        return REASONS["no_variation"]
    if not number or ends < FEWEST_EVENTS * number:
        return REASONS["too_few"]
    return REASONS["collinear"] if terms.is_collinear() else ""


def degrees_of_freedom(number: int) -> str:
    """How the degrees of freedom of a test stand in its method."""
    return f", {number} degree{'s' * (number != 1)} of freedom"


def _two_sided(z: float) -> float:
    from math import erfc

    return erfc(abs(z) / sqrt(2))


def _links(cells: dict[str, dict[str, str]], names: Iterable[str]) -> Links:
    return [(cells[name][part], "input") for name in names for part in SIZE]
