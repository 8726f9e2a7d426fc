"""Who answered at one wave only: how many left, how many are new, and how both groups answered.

Described, not tested: with many items some difference is always large. What linked persons' answers became belongs in
``change``; comparisons with the missing answers filled in belong in ``imputation``.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any

import polars as pl

from pipeline.methods.answers import ANSWERED, ASKED, MISSING, WHO, Answers, answer
from pipeline.methods.change import check_category
from pipeline.methods.proportion_differences import newcombe_independent
from pipeline.methods.proportions import wilson
from pipeline.methods.results import Context, Ledger, Results
from pipeline.methods.services import addends, with_all
from schemas.analyses import Rounds
from schemas.instrument import Instrument
from schemas.vocabulary import ALL, REASONS

LEFT, STAYED, NEWCOMER, RETURNED = "left", "stayed", "newcomer", "returned"
CONTRAST = "attrition"
SHARE_METHOD = "Wilson score interval (Wilson 1927)"
DIFFERENCE_METHOD = "Newcombe (1998) hybrid score interval; not tested"
STANDARDISED_METHOD = "difference by the root of the mean of both variances (Austin 2009)"


def attrition(surveys: pl.DataFrame, instrument: Instrument, rounds: Rounds, context: Context) -> Results:
    """How many of those who answered at the reference wave left, how many at the later wave are new, and who.

    One unit is a (respondent, subject) pair with at least one answer, off the scale or on it; it stayed if its
    subject has an answer at the later wave too, whoever rates. `share` of `left` at the reference wave and of
    `newcomer` at the later wave, of all who answered there, for all and each known service (that of the wave); ``at``
    is the other wave. Intervals: Wilson (1927).

    For every item, all services together: `difference` in the share of ``rounds.category`` at the reference wave, of
    those who left minus those who stayed, with Newcombe's interval and without p; and `standardised_difference`
    (Austin 2009). The same at the later wave, of newcomers minus those who returned. A wave without rows, nobody
    left (or new), or nobody stayed: `no rows`; a standardised difference of two shares that are 0 or 1: `no
    variation`.

    Raises
    ------
    ValueError
        When the instrument has no such category.
    """
    check_category(instrument, rounds)
    ledger = Ledger(context)
    comparison = _Comparison(Answers.of(surveys, instrument, ledger), rounds, _units(surveys, instrument, rounds))
    sides = (rounds.reference, rounds.wave, LEFT, STAYED), (rounds.wave, rounds.reference, NEWCOMER, RETURNED)
    for side in sides:
        comparison.shares(*side)
    for side in sides:
        for item in instrument.items:
            comparison.differences(item.id, *side)
    return ledger.results()


def _units(surveys: pl.DataFrame, instrument: Instrument, rounds: Rounds) -> pl.DataFrame:
    """The rows of both waves with their answer, and whether the subject has one at that and at the other wave."""
    rows = surveys.filter(
        pl.col("instrument") == instrument.instrument, pl.col("wave").is_in([rounds.reference, rounds.wave])
    )
    rows = rows.select("wave", "service", "item", *WHO, answer=answer(instrument))
    given = pl.col("answer") != MISSING
    waves = pl.col("wave").filter(given).n_unique().over("subject")
    return rows.with_columns(present=given.any().over("wave", *WHO), both=waves == 2)


@dataclass(frozen=True)
class _Seen:
    """Units with an answer at a wave, by service: seen at this wave only (``once``) or at the other one too."""

    wave: str
    other: str
    once: str
    twice: str
    counts: dict[str, dict[str, int]]

    def n(self, service: str) -> int:
        """Units with an answer."""
        return sum(self.counts[service].values())


@dataclass(frozen=True)
class _Comparison:
    """What every step reads: the counts of answers, and the rows of both waves."""

    answers: Answers
    rounds: Rounds
    rows: pl.DataFrame

    def shares(self, wave: str, other: str, once: str, twice: str) -> None:
        """Of those who answered at a wave, the share that did not at the other one."""
        self.answers.declare(wave)
        seen = _Seen(wave, other, once, twice, self._seen(wave, once, twice))
        services = addends(set(seen.counts) - {ALL}, self.answers.ledger.context)
        cells = {service: self._cells(seen, service) for service in (ALL, *services)}
        for name in cells[ALL]:
            parts = [cells[service][name] for service in services]
            self.answers.ledger.sum_of(cells[ALL][name], parts, "service")
        for service in self.answers.services(wave):
            self._share(seen, service, cells[service])

    def _seen(self, wave: str, once: str, twice: str) -> dict[str, dict[str, int]]:
        """By service, how many units with an answer have one at this wave only, and at both."""
        rows = with_all(self.rows.filter(pl.col("wave") == wave, pl.col("present")))
        counted = rows.group_by("service").agg(
            pl.struct(WHO).filter(~pl.col("both")).n_unique().alias(once),
            pl.struct(WHO).filter("both").n_unique().alias(twice),
        )
        found = {row.pop("service"): row for row in counted.to_dicts()}
        return {
            service: found.get(service, {once: 0, twice: 0}) for service in (ALL, *self.answers.found.get(wave, []))
        }

    def _cells(self, seen: _Seen, service: str) -> dict[str, str]:
        """Cells of one service: those asked answered or did not; the former were seen once or twice."""
        asked, n = self.answers.n(seen.wave, service, "", ASKED), seen.n(service)
        whole = {ANSWERED: n, MISSING: asked - n}
        cells = {
            name: self._cell(count, service, seen.wave, category=name, group=group)
            for counts, group in ((whole, "any-item"), (seen.counts[service], f"and-{seen.other}"))
            for name, count in counts.items()
        }
        ledger, total = self.answers.ledger, self.answers.cell(seen.wave, service, "", ASKED)
        ledger.sum_of(total, [cells[name] for name in whole], "any-item|asked")
        ledger.sum_of(cells[ANSWERED], [cells[seen.once], cells[seen.twice]], f"and-{seen.other}")
        return cells

    def _share(self, seen: _Seen, service: str, cells: dict[str, str]) -> None:
        events, n, level = seen.counts[service][seen.once], seen.n(service), self.answers.ledger.context.level
        there = bool(n) and seen.other in self.answers.found
        low, high = wilson(events, n, level) if there else (None, None)
        self._estimate(
            "share",
            events / n if there else None,
            service=service,
            cells=[(cells[seen.once], "numerator"), (cells[ANSWERED], "denominator")],
            category=seen.once,
            wave=seen.wave,
            at=seen.other,
            denominator=ANSWERED,
            low=low,
            high=high,
            level=level,
            n=n,
            events=events if there else None,
            method=SHARE_METHOD,
            reason="" if there else REASONS["no_rows"],
        )

    def differences(self, item: str, wave: str, other: str, once: str, twice: str) -> None:
        """Share in the category at a wave, of those who did not answer at the other one less those who did."""
        table, cells = self._table(item, wave, other, (once, twice))
        (events, n), (kept, n_stayed) = table[once], table[twice]
        there = bool(n and n_stayed)
        shares = (events / n, kept / n_stayed) if there else (0.0, 0.0)
        base: dict[str, Any] = {
            "service": ALL, "cells": [(one, "input") for one in cells], "item": item,
            "category": self.rounds.category, "wave": wave, "at": other,
            "contrast": CONTRAST, "group": once, "reference": twice, "denominator": ANSWERED,
            "n": n, "n_reference": n_stayed, "events": events,
        }  # fmt: skip
        numbers: dict[str, Any] = {}
        if there:
            level = self.answers.ledger.context.level
            low, high = newcombe_independent(events, n, kept, n_stayed, level)
            numbers = {"low": low, "high": high, "level": level}
        reason = "" if there else REASONS["no_rows"]
        value = shares[0] - shares[1] if there else None
        self._estimate("difference", value, method=DIFFERENCE_METHOD, reason=reason, **(base | numbers))
        value = standardised(*shares) if there else None
        reason = reason if value is not None or not there else REASONS["no_variation"]
        self._estimate("standardised_difference", value, unit="", method=STANDARDISED_METHOD, reason=reason, **base)

    def _table(
        self, item: str, wave: str, other: str, names: tuple[str, str]
    ) -> tuple[dict[str, tuple[int, int]], list[str]]:
        """(in the category, answered) of those seen once and of those seen twice, and the cells of these counts."""
        rounds, answers, ledger = self.rounds, self.answers, self.answers.ledger
        inside = _options(answers.instrument, rounds.category)
        on_scale = [option.id for option in answers.instrument.options]
        own = self.rows.filter(pl.col("wave") == wave, pl.col("item") == item)
        table, cells = {}, {}
        for name, seen_twice in zip(names, (False, True), strict=True):
            some = own.filter(pl.col("both") == seen_twice, pl.col("answer").is_in(on_scale))
            events = some.filter(pl.col("answer").is_in(inside)).select(WHO).unique().height
            n = some.select(WHO).unique().height
            table[name] = (events, n)
            counts = {rounds.category: events, f"not-{rounds.category}": n - events, ANSWERED: n}
            for category, count in counts.items():
                keys = {"item": item, "category": category, "group": f"{name}-{other}"}
                cells[name, category] = self._cell(count, ALL, wave, **keys)
            parts = [cells[name, rounds.category], cells[name, f"not-{rounds.category}"]]
            ledger.sum_of(cells[name, ANSWERED], parts, f"{rounds.category}|category")
        for category in (rounds.category, ANSWERED):
            total = answers.cell(wave, ALL, item, category)
            ledger.sum_of(total, [cells[name, category] for name in names], f"and-{other}")
        return table, [cells[name, category] for name in table for category in (rounds.category, ANSWERED)]

    def _cell(self, count: int, service: str, wave: str, **keys: str) -> str:
        instrument = self.answers.instrument
        named: dict[str, Any] = {"population": instrument.population, "instrument": instrument.instrument}
        named |= {"wave": wave} | keys
        return self.answers.ledger.cell(count, service=service, unit=instrument.unit, **named)

    def _estimate(self, statistic: str, value: float | None, **row: Any) -> None:
        instrument = self.answers.instrument
        keys: dict[str, Any] = {"population": instrument.population, "instrument": instrument.instrument}
        self.answers.ledger.estimate(statistic, value, **(keys | {"unit": "proportion"} | row))


def standardised(one: float, other: float) -> float | None:
    """Difference of two shares by the root of the mean of their variances (Austin 2009); ``None`` where that is 0."""
    variance = (one * (1 - one) + other * (1 - other)) / 2
    return (one - other) / sqrt(variance) if variance > 0 else None


def _options(instrument: Instrument, category: str) -> list[str]:
    codes = instrument.codes(category)
    return [option.id for option in instrument.options if option.code in codes]
