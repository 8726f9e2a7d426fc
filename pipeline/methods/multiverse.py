"""One declared comparison of two waves under every combination of defensible choices: does it hold?

The comparison as declared belongs in ``change``. The choices are of one data set, so the specifications are not
independent, and how many agree is no test.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from statistics import median

import polars as pl

from pipeline.methods.answers import ANSWERED
from pipeline.methods.change import (
    DIFFERENCES,
    MODELS,
    PAIRED_INTERVAL,
    check_category,
    declared_answers,
    overlap_note,
)
from pipeline.methods.compared_counts import Counts, Links, counted
from pipeline.methods.proportions import Interval
from pipeline.methods.results import Context, Ledger, Results
from pipeline.methods.service_differences import Estimated, clustered, mantel_haenszel, narrower_note
from pipeline.methods.services import known_services
from pipeline.methods.two_waves import TwoWaves
from schemas.analyses import Multiverse, Rounds
from schemas.instrument import Instrument
from schemas.vocabulary import ALL, REASONS, UNKNOWN

WITHIN = "within-services"
POOLED = "pooled"
CLUSTERED = "clustered"
POOLED_METHODS = {
    "linked": PAIRED_INTERVAL,
    "partly-linked": "hybrid score interval (Newcombe 1998; Zou and Donner 2008)",
}
METHODS = {
    WITHIN: "difference within services (Mantel and Haenszel 1959), standard error of Sato (1989)",
    CLUSTERED: "services as clusters: CR2 errors (Bell and McCaffrey 2002), t with Satterthwaite degrees of freedom",
}
WITHIN_PAIRS = "difference within services (Mantel and Haenszel 1959), variances of services with their pairs"
SUMMARY = "count over the specifications (Steegen et al. 2016)"
OF_DISTINCT = ("specifications_distinct", "specifications_same_sign", "specification_median")
DISTINCT = "; those whose differences are one number by construction count once"
_NOTHING = 1e-12
"""Differences and limits nearer to 0 are rounding."""


@dataclass(frozen=True)
class Specification:
    """One combination of choices."""

    category: str
    denominator: str
    model: str
    fewest: int


@dataclass(frozen=True)
class Outcome:
    """What one specification gives for one item."""

    specification: Specification
    counts: TwoWaves
    cells: Links
    estimated: Estimated | None = None
    interval: tuple[float, float] | None = None
    reason: str = ""

    @property
    def value(self) -> float | None:
        """The difference, where there is one."""
        return _rounded(self.estimated.value) if self.estimated else None

    @property
    def clear(self) -> bool:
        """Does the interval exclude no difference?"""
        return self.interval is not None and not self.interval[0] <= 0 <= self.interval[1]


def specifications(rounds: Rounds, declared: Multiverse) -> list[Specification]:
    """Every combination of what ``declared`` names, with the category of ``rounds`` first."""
    categories = dict.fromkeys([rounds.category, *declared.categories])
    choices = [dict.fromkeys(one) for one in (declared.denominators, declared.models, declared.fewest)]
    return [Specification(*one) for one in product(categories, *choices)]


def multiverse(
    surveys: pl.DataFrame, instrument: Instrument, rounds: Rounds, declared: Multiverse, context: Context
) -> Results:
    """The difference of a share between two waves under every combination of choices, all services, item by item.

    A row `difference` a specification: ``category`` and ``denominator`` as chosen; ``model`` `pooled` (as declared:
    all answers together), `within-services` (Mantel & Haenszel 1959, services as strata) or `clustered` (services as
    clusters, CR2 errors, t); ``at`` the fewest answers at each wave with which a service counts (1: no service is
    left out; answers without a service count only then, and only pooled). ``term`` is the id of ``rounds``. Persons
    are linked as ``rounds`` says; where linked, who counts at both waves makes a pair (`asked`: was asked twice).
    Where partly linked, only all services pooled take the pairs into account; single services, and what is left when
    some are left out, count as different persons, which makes intervals too wide rather than too narrow where a
    person answers alike both times.

    Then, over the specifications that have a value (Steegen et al. 2016): `specifications` (how many) and
    `specifications_clear` (interval without 0). Several give one difference by construction and vary in the interval
    only: `specifications_distinct` counts the differences, and of these only are `specifications_same_sign` (as the
    declared comparison) and `specification_median`, whose ``low`` and ``high`` are the smallest and the largest.

    Rows without a value: `no rows`; `too few services` (clusters need three with answers at both waves). A
    difference without variation has no interval. Where clusters make the interval narrower, ``reason`` says so.

    Raises
    ------
    ValueError
        When the instrument has not a category that is named.
    """
    plan = specifications(rounds, declared)
    for category in {one.category for one in plan}:
        check_category(instrument, rounds.model_copy(update={"category": category}))
    ledger = Ledger(context)
    items = declared.items or tuple(one.id for one in instrument.items)
    comparison = _Comparison.of(surveys, instrument, rounds, plan, items, ledger)
    for item in items:
        outcomes = [comparison.outcome(one, item) for one in plan]
        for outcome in outcomes:
            comparison.write(outcome, item)
        comparison.summarise(outcomes, item)
    return ledger.results()


@dataclass(frozen=True)
class _Comparison:
    """What every specification reads: the declarations, the known services, and the counts by choice."""

    ledger: Ledger
    instrument: Instrument
    rounds: Rounds
    services: Sequence[str]
    some_unknown: bool
    by_choice: Mapping[tuple[str, str], Counts]

    @staticmethod
    def of(
        surveys: pl.DataFrame,
        instrument: Instrument,
        rounds: Rounds,
        plan: Sequence[Specification],
        items: Sequence[str],
        ledger: Ledger,
    ) -> _Comparison:
        rows = surveys.filter(pl.col("wave").is_in([rounds.reference, rounds.wave]))
        answers = declared_answers(rows, instrument, rounds, ledger)
        chosen = dict.fromkeys([(rounds.category, ANSWERED), *((one.category, one.denominator) for one in plan)])
        by_choice = {one: counted(surveys, answers, rounds, *one, items) for one in chosen}
        found = set(rows.filter(pl.col("instrument") == instrument.instrument)["service"])
        known = known_services(found, ledger.context)
        return _Comparison(ledger, instrument, rounds, known, UNKNOWN in found, by_choice)

    def outcome(self, one: Specification, item: str) -> Outcome:
        counts = self.by_choice[one.category, one.denominator]
        kept = self._kept(one.fewest, item)
        whole = one.model == POOLED and (
            one.fewest == 1 or (not self.some_unknown and len(kept) == len(self.services))
        )
        places = [ALL] if whole else kept
        parts = [counts.counts(service, item) for service in places]
        cells = [cell for service in places for cell in counts.cells(service, item)]
        total = sum(parts, TwoWaves())
        if not total.n or not total.n_reference:
            return Outcome(one, total, cells, reason=REASONS["no_rows"])
        return self._estimated(one, total, cells, parts)

    def _estimated(self, one: Specification, total: TwoWaves, cells: Links, parts: Sequence[TwoWaves]) -> Outcome:
        level = self.ledger.context.level
        if one.model == POOLED:
            estimated = Estimated(total.difference, total.variance() ** 0.5)
            return Outcome(one, total, cells, estimated, self._pooled(total))
        found = mantel_haenszel(parts) if one.model == WITHIN else clustered(parts)
        if found is None:
            return Outcome(one, total, cells, reason=REASONS["too_few_services"])
        if found.se < _NOTHING:
            return Outcome(one, total, cells, found, reason=REASONS["no_variation"])
        low, high = found.interval(level)
        note = narrower_note((low, high), self._pooled(total)) if one.model == CLUSTERED else ""
        return Outcome(one, total, cells, found, (_rounded(low), _rounded(high)), note)

    def _pooled(self, total: TwoWaves) -> Interval:
        """The interval that the comparison has as declared."""
        if self.rounds.linked:
            low, high = total.interval(self.ledger.context.level)
        else:
            between = DIFFERENCES[self.rounds.interval][0]
            sizes = total.events, total.n, total.events_reference, total.n_reference
            low, high = between(*sizes, self.ledger.context.level)
        return _rounded(low), _rounded(high)

    def _kept(self, fewest: int, item: str) -> list[str]:
        """Services with enough answers at both waves; all of them where one is enough."""
        counts = self.by_choice[self.rounds.category, ANSWERED]
        sizes = {service: counts.counts(service, item) for service in self.services}
        return [s for s, one in sizes.items() if fewest == 1 or min(one.n, one.n_reference) >= fewest]

    def write(self, outcome: Outcome, item: str) -> None:
        one, estimated, interval = outcome.specification, outcome.estimated, outcome.interval
        self.ledger.estimate(
            "difference",
            outcome.value,
            service=ALL,
            cells=outcome.cells,
            **self._keys(item) | {"category": one.category},
            denominator=one.denominator,
            model=one.model,
            at=str(one.fewest),
            se=estimated.se if estimated and estimated.se >= _NOTHING else None,
            low=interval[0] if interval else None,
            high=interval[1] if interval else None,
            level=self.ledger.context.level,
            n=outcome.counts.n,
            n_reference=outcome.counts.n_reference,
            unit="proportion",
            method=self._method(one.model),
            reason=self._reason(outcome),
        )

    def _reason(self, outcome: Outcome) -> str:
        """Why there is no value or no interval; else what to bear in mind."""
        if outcome.interval is None:
            return outcome.reason
        return "; ".join(filter(None, [outcome.reason, overlap_note(self.rounds)]))

    def summarise(self, outcomes: Sequence[Outcome], item: str) -> None:
        """How many specifications there are, differ, agree and are clear; the median and the range."""
        known = [one for one in outcomes if one.value is not None]
        cells = list(dict.fromkeys(cell for one in known for cell in one.cells))
        for statistic, value, more in self._summary(known, item):
            self.ledger.estimate(
                statistic,
                value,
                service=ALL,
                cells=cells,
                method=SUMMARY + (DISTINCT if statistic in OF_DISTINCT else ""),
                reason="" if value is not None else REASONS["no_rows"],
                **self._keys(item),
                **more,
            )

    def _summary(self, known: Sequence[Outcome], item: str) -> Iterator[tuple[str, float | None, dict[str, object]]]:
        values = list(self._distinct(known).values())
        whole = self.by_choice[self.rounds.category, ANSWERED].counts(ALL, item)
        declared = _rounded(whole.difference) if whole.n and whole.n_reference else None
        same = sum(_sign(value) == _sign(declared) for value in values) if declared is not None else None
        yield "specifications", len(known) or None, {"unit": "specifications"}
        yield "specifications_distinct", len(values) or None, {"unit": "specifications"}
        yield "specifications_same_sign", same, {"unit": "specifications"}
        yield "specifications_clear", sum(one.clear for one in known) if known else None, {"unit": "specifications"}
        ends: dict[str, object] = {"low": min(values), "high": max(values)} if values else {}
        yield "specification_median", median(values) if values else None, ends | {"unit": "proportion"}

    def _distinct(self, known: Sequence[Outcome]) -> dict[tuple[object, ...], float]:
        """The differences that are not one number by construction.

        Services as clusters change the interval only, and so does `within-services` where everybody is in both waves
        (weights are the pairs). Leaving services out changes nothing where none has so few answers: the services that
        are left by one number are among those left by a smaller one, so equal sizes mean the same answers.
        """
        found: dict[tuple[object, ...], float] = {}
        for outcome in known:
            one, within = outcome.specification, WITHIN if self.rounds.linked is not True else POOLED
            estimator = within if one.model == WITHIN else POOLED
            key = one.category, one.denominator, estimator, outcome.counts.n, outcome.counts.n_reference
            if outcome.value is not None:
                found.setdefault(key, outcome.value)
        return found

    def _keys(self, item: str) -> dict[str, object]:
        return {
            "population": self.instrument.population,
            "instrument": self.instrument.instrument,
            "item": item,
            "category": self.rounds.category,
            "wave": self.rounds.wave,
            "contrast": "waves",
            "reference": self.rounds.reference,
            "term": self.rounds.id,
        }

    def _method(self, model: str) -> str:
        linked = MODELS[self.rounds.linked]
        if model == POOLED:
            return POOLED_METHODS.get(linked) or DIFFERENCES[self.rounds.interval][1]
        return WITHIN_PAIRS if model == WITHIN and self.rounds.linked is True else METHODS[model]


def _rounded(value: float) -> float:
    """0 where nothing but rounding is left."""
    return 0.0 if abs(value) < _NOTHING else value


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)
