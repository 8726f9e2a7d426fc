"""A declared comparison of two waves once more, with unanswered items imputed: a sensitivity analysis.

How answers are drawn belongs in ``chained_equations``, pooling in ``rubin``, the table of answers in
``imputed_answers``. The comparison of the answers that were given is in ``change``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np
import polars as pl

from pipeline.methods.adjustment import ADJUSTMENTS
from pipeline.methods.answers import ANSWERED, ASKED, Answers
from pipeline.methods.chained_equations import CYCLES, FEWEST, NoConvergenceError
from pipeline.methods.change import check_category, compared_cells, contrast_keys, overlap_note
from pipeline.methods.coded import seeded
from pipeline.methods.imputed_answers import Array, Block, linked_block, wave_block
from pipeline.methods.pairs import TABLE, Pairs, count_pairs, pair_cells
from pipeline.methods.results import Context, Ledger, Results
from pipeline.methods.rubin import Pooled, pool
from schemas.analyses import Imputation, Rounds
from schemas.instrument import Instrument
from schemas.vocabulary import ALL, REASONS

MODEL = "multiple imputation"
MANY = 0.5
MOSTLY_IMPUTED = "more than half of the information is imputed"
FEW_DATA_SETS = "fewer data sets than the missing information asks for"
SOURCES = "Rubin (1987), t with the degrees of freedom of Barnard and Rubin (1999)"
SEEN_ONCE = "; the other wave of persons seen once imputed too"

Row = dict[str, Any]


def imputed(
    surveys: pl.DataFrame, instrument: Instrument, rounds: Rounds, declared: Imputation, context: Context
) -> Results:
    """The `difference` that ``rounds`` declares, for every item, with unanswered items multiply imputed.

    ``declared.imputations`` data sets are completed by chained equations of proportional-odds draws, from all items
    and the service, and pooled by Rubin's rules. Unlinked: each wave by itself. Linked: both waves together, for
    everybody who answered at either, so that the other wave of persons seen once is imputed as well; partly linked is
    the same. Answers off the
    scale are no missing answers: such a person is left out of that item, and what is drawn in their place only helps
    to predict other items. Who gave no answer on the scale at all is left out.

    Rows have the keys of the declared comparison but for ``model`` (`multiple imputation`, or `multiple imputation,
    linked`); `missing_information` is the fraction of information that the missing answers would have brought.
    ``n``, ``n_reference`` and ``missing`` count as they do there, whoever carries the estimate: the answers that were
    given (linked: the pairs), and those that were not. With fewer data sets than the missing information in percent
    (White, Royston and Wood 2011) ``reason`` has the Monte-Carlo error of the difference. p is adjusted within
    ``<id>-imputed``. Draws depend on study, instrument and waves only.

    No value: no answers at a wave, or no pairs (`no rows`), fewer than ten of an item at a wave, or ten pairs, in the
    service (`too few rows`), an item that nobody answers differently (`no variation`), `no convergence`.

    Raises
    ------
    ValueError
        When the instrument has no such category.
    """
    check_category(instrument, rounds)
    ledger = Ledger(context)
    answers = Answers.of(surveys, instrument, ledger)
    for wave in (rounds.reference, rounds.wave):
        answers.declare(wave)
    counts = count_pairs(surveys, instrument, rounds) if rounds.linked else {}
    cells = pair_cells(ledger, instrument, rounds, counts) if rounds.linked else {}
    filled = _filled(surveys, instrument, rounds, declared, context)
    comparison = _Comparison(answers, rounds, declared, counts, cells, filled)
    for service in answers.services(rounds.reference, rounds.wave):
        comparison.write(service)
    return ledger.results()


@dataclass(frozen=True)
class _Filled:
    """Who is in the category once answers are filled in (data sets x persons x items), and who counts."""

    block: Block
    inside: Array
    counted: Array


def _filled(
    surveys: pl.DataFrame, instrument: Instrument, rounds: Rounds, declared: Imputation, context: Context
) -> list[_Filled] | None:
    """Later wave and reference, or, linked, one block whose ``inside`` is the difference; ``None``: not fitted."""
    names = (context.study, "imputation", instrument.instrument, rounds.reference, rounds.wave)
    rng = seeded(names)
    codes, items = instrument.codes(rounds.category), len(instrument.items)
    try:
        if rounds.linked:
            block = linked_block(surveys, instrument, rounds)
            inside = _inside(block, codes, declared, rng)
            off = block.off_scale[:, :items] | block.off_scale[:, items:]
            return [_Filled(block, inside[:, :, items:] - inside[:, :, :items], ~off)]
        blocks = [wave_block(surveys, instrument, wave) for wave in (rounds.wave, rounds.reference)]
        return [_Filled(one, _inside(one, codes, declared, rng), ~one.off_scale) for one in blocks]
    except NoConvergenceError:
        return None


def _inside(block: Block, codes: Sequence[int], declared: Imputation, rng: np.random.Generator) -> Array:
    """1 in the category, 0 not, NaN where nothing could be filled in."""
    completed = block.completed(declared.imputations, rng)
    return np.where(np.isnan(completed), np.nan, np.isin(completed, codes))


@dataclass(frozen=True)
class _Comparison:
    """What the rows are made of."""

    answers: Answers
    rounds: Rounds
    declared: Imputation
    counts: dict[tuple[str, str], Pairs]
    cells: dict[tuple[str, str], dict[str, str]]
    filled: list[_Filled] | None

    def write(self, service: str) -> None:
        """The differences of a service, their p adjusted together, each with its missing information."""
        rows = [self._row(service, place, item.id) for place, item in enumerate(self.answers.instrument.items)]
        adjust, source = ADJUSTMENTS[self.rounds.adjust]
        adjusted = adjust([row[0].get("p") for row in rows])
        for (difference, information), p in zip(rows, adjusted, strict=True):
            family = f"{self.rounds.id}-imputed" + ("" if service == ALL else f"@{service}")
            method = f"{difference['method']}; {source}"
            tested = {"p_adjusted": p, "family": family, "method": method}
            self.answers.ledger.estimate("difference", service=service, **(difference | tested))
            self.answers.ledger.estimate("missing_information", service=service, **information)

    def _row(self, service: str, place: int, item: str) -> tuple[Row, Row]:
        base = self._base(service, item)
        pooled, reason = self._pooled(service, place, base)
        if pooled is None:
            row = base | {"value": None, "reason": reason}
            return row, row
        information = {"value": pooled.missing_information}
        note = "; ".join(filter(None, [reason, *_notes(pooled)]))
        level = self.answers.ledger.context.level
        low, high = (min(max(one, -1.0), 1.0) for one in pooled.interval(level))
        numbers = {"value": pooled.value, "se": pooled.se, "low": low, "high": high, "level": level, "p": pooled.p()}
        return base | numbers | {"reason": note}, base | information | {"reason": note}

    def _pooled(self, service: str, place: int, base: Row) -> tuple[Pooled | None, str]:
        """The pooled difference with what to bear in mind, or nothing with the reason."""
        given = [base["n"]] if self.rounds.linked else [base["n"], base["n_reference"]]
        if min(given) < FEWEST:
            return None, REASONS["too_few"] if min(given) else REASONS["no_rows"]
        if self.filled is None:
            return None, REASONS["no_convergence"]
        values, variances, sizes = zip(*self._each(service, place), strict=True)
        sign = (1, -1)
        value = sum(s * one for s, one in zip(sign, values, strict=False))
        pooled = pool(value.tolist(), sum(variances).tolist(), sum(sizes) - len(sizes)) if _is_number(value) else None
        if pooled is None or pooled.within <= 0 or pooled.total == inf:
            return None, REASONS["no_variation"]
        return pooled, "" if self.rounds.linked else overlap_note(self.rounds)

    def _each(self, service: str, place: int) -> Iterator[tuple[Array, Array, int]]:
        """Of each group, by data set: the mean and its variance; and how many persons it has."""
        for one in self.filled or []:
            who = one.block.at(service) & one.counted[:, place]
            inside = one.inside[:, who, place]
            yield inside.mean(axis=1), inside.var(axis=1, ddof=1) / who.sum(), int(who.sum())

    def _base(self, service: str, item: str) -> Row:
        rounds, answers = self.rounds, self.answers
        keys: Row = contrast_keys(answers.instrument, rounds, item)
        n, then = (answers.n(wave, service, item, ANSWERED) for wave in (rounds.wave, rounds.reference))
        asked = sum(answers.n(wave, service, item, ASKED) for wave in (rounds.wave, rounds.reference))
        keys |= {"n": n, "n_reference": then, "missing": asked - n - then, "cells": self._inputs(service, item)}
        if rounds.linked:
            pairs = self.counts.get((service, item), Pairs())
            keys |= {"n": pairs.pairs, "n_reference": None, "missing": pairs.unpaired}
        linked = ", linked" if rounds.linked else ""
        return keys | {"model": MODEL + linked, "method": self._method()}

    def _inputs(self, service: str, item: str) -> list[tuple[str, str]]:
        own = self.cells.get((service, item), {})
        linked = [(own[name], "input") for name in ("pairs", *TABLE) if own]
        return compared_cells(self.answers, self.rounds, service, item) + linked

    def _method(self) -> str:
        drawn = f"{self.declared.imputations} data sets by chained equations (van Buuren 2007), {CYCLES} cycles"
        drawn += ", proportional-odds draws from all items and the service"
        return drawn + (SEEN_ONCE if self.rounds.linked else "") + f"; {SOURCES}"


def _notes(pooled: Pooled) -> Iterator[str]:
    """What missing information there is much of: in all, and for the number of data sets."""
    if pooled.missing_information > MANY:
        yield MOSTLY_IMPUTED
    if 100 * pooled.missing_information > pooled.number:
        # White, Royston and Wood (2011): no fewer data sets than the missing information in percent.
        yield f"{FEW_DATA_SETS} (Monte-Carlo error of the difference {pooled.chance:.2g})"


def _is_number(value: Array) -> bool:
    return bool(np.isfinite(value).all())
