"""Activity or mode of individual contacts compared between services, with clients as clusters.

The arithmetic is in ``multinomial``; shares of activities and modes belong in ``contact_kinds``.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from typing import Any

import numpy as np
import polars as pl

from pipeline.methods.adjustment import holm
from pipeline.methods.contact_kinds import declare_kinds
from pipeline.methods.contacts import NOT_RECORDED, Contacts, Counts, by_client
from pipeline.methods.dose_counts import FEWEST_CLIENTS
from pipeline.methods.multinomial import log_ratio
from pipeline.methods.results import Context, Ledger, Results
from pipeline.methods.services import addends, known_services
from pipeline.methods.support import INDIVIDUAL, cell
from schemas.analyses import ContactModel
from schemas.vocabulary import REASONS, UNKNOWN

MODEL = "multinomial logit"
METHOD = (
    "multinomial logit of contacts on service, sandwich errors with clients as clusters (Liang and Zeger 1986), each "
    "service's times g / (g - 1); t interval with Satterthwaite's (1946) degrees of freedom"
)
Row = dict[str, Any]


@dataclass(frozen=True)
class Side:
    """Contacts of one service in a category and in the baseline, by client."""

    clients: np.ndarray[Any, np.dtype[Any]]
    counts: np.ndarray[Any, np.dtype[Any]]


def model(
    sessions: pl.DataFrame | pl.LazyFrame, contacts: Contacts, declared: ContactModel, context: Context
) -> Results:
    """Relative risk ratios of each activity, or mode, to a baseline, each service to a reference.

    `relative_risk_ratio`: contacts in ``category`` for one in the baseline (``term``), as a ratio of the service to
    ``reference``. A joint contact belongs to the first of its clients by id. Contacts whose category is not recorded
    are left out and counted in ``missing``; services with fewer than five clients get a reason. Where category or
    baseline has no contact on a side there is no ratio. p is two-sided, of the t test of no difference, adjusted by
    Holm's method over all ratios of the model. ``n`` is the number of contacts with a recorded category, ``events``
    those in ``category``.
    """
    ledger, kind = Ledger(context), declared.outcome
    names = contacts.names(kind)
    if not names:
        return ledger.results()
    counts = {**contacts.counts(INDIVIDUAL), **contacts.counts(None, kind)}
    declare_kinds(ledger, kind, counts, names, addends(contacts.services, context))
    writer = _Writer(ledger, declared, counts, by_client(sessions, kind))
    known = known_services({*contacts.services, *context.services, declared.reference}, context)
    pairs = [
        (service, category)
        for service in known
        for category in names
        if service not in (declared.reference, UNKNOWN) and category not in (declared.baseline, NOT_RECORDED)
    ]
    numbers = [writer.numbers(*pair) for pair in pairs]
    adjusted = holm([one.get("p") for one in numbers])
    for pair, found, p in zip(pairs, numbers, adjusted, strict=True):
        writer.ratio(*pair, found | {"p_adjusted": p})
    return ledger.results()


class _Writer:
    """Writes the rows of one declared model."""

    def __init__(self, ledger: Ledger, declared: ContactModel, counts: Counts, rows: pl.DataFrame) -> None:
        self.ledger, self.declared, self.counts = ledger, declared, counts
        self.rows = {key[0]: part for key, part in _recorded(rows).partition_by("service", as_dict=True).items()}
        self.missing = dict(_unrecorded(rows).iter_rows())

    def ratio(self, service: str, category: str, numbers: Row) -> None:
        """The row of one service and category."""
        one, other = self.declared.baseline, self.declared.reference
        cells = [
            (cell(self.ledger, self.counts, place, name, self.declared.outcome), "input")
            for place in (service, other)
            for name in (category, one)
            if (place, name) in self.counts
        ]
        keys = {"item": self.declared.outcome, "category": category, "term": one, "reference": other}
        self.ledger.estimate(
            "relative_risk_ratio",
            numbers.pop("value"),
            service=service,
            cells=cells,
            population="support",
            contrast="services",
            model=MODEL,
            unit="ratio",
            method=METHOD,
            n=self._n(service),
            n_reference=self._n(other),
            events=self.counts.get((service, category), (0, 0))[0],
            missing=self.missing.get(service, 0),
            family=f"{self.declared.outcome}-by-service",
            **keys,
            **numbers,
        )

    def _n(self, service: str) -> int:
        return int(self.rows[service]["contacts"].sum()) if service in self.rows else 0

    def numbers(self, service: str, category: str) -> Row:
        """Value, se, interval and p; or no value, and the reason."""
        reason = self._unfit(service) or self._unfit(self.declared.reference)
        if reason:
            return {"value": None, "reason": reason}
        sides = [self._side(place, category) for place in (service, self.declared.reference)]
        if any((side.counts.sum(axis=0) == 0).any() for side in sides):
            return {"value": None, "reason": REASONS["zero_cells"]}
        shared = np.intersect1d(sides[0].clients, sides[1].clients, return_indices=True)[1:]
        found = log_ratio(sides[0].counts, sides[1].counts, np.column_stack(shared))
        if found is None:
            return {"value": None, "reason": REASONS["no_variation"]}
        return _on_the_natural_scale(found.value, found.se, found.df, self.ledger.context.level)

    def _unfit(self, service: str) -> str:
        """Why a service can't enter the model; empty where it can."""
        if service not in self.rows:
            return REASONS["no_rows"]
        return REASONS["too_few"] if self.rows[service]["client"].n_unique() < FEWEST_CLIENTS else ""

    def _side(self, service: str, category: str) -> Side:
        """All clients of the service, those with neither category nor baseline too."""
        of = [
            pl.col("contacts").filter(pl.col("category") == name).sum().alias(column)
            for name, column in ((category, "a"), (self.declared.baseline, "b"))
        ]
        table = self.rows[service].group_by("client").agg(of).sort("client")
        return Side(table["client"].to_numpy(), table.select("a", "b").to_numpy())


def _recorded(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter(pl.col("category") != NOT_RECORDED)


def _unrecorded(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter(pl.col("category") == NOT_RECORDED).group_by("service").agg(pl.col("contacts").sum())


def _on_the_natural_scale(value: float, se: float, df: float, level: float) -> Row:
    from scipy.special import stdtr, stdtrit

    reach = float(stdtrit(df, (1 + level) / 2)) * se
    ends = {"low": exp(value - reach), "high": exp(value + reach), "level": level}
    return {"value": exp(value), "se": exp(value) * se, "p": 2 * float(stdtr(df, -abs(value) / se))} | ends
