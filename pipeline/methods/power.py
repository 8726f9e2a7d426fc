"""The smallest increase of a share that a study of this size would have found.

It uses the sizes and the reference share (or, linked, the discordance), never the observed difference: power at
the observed effect says nothing that p does not. The differences themselves belong in ``change``.
"""

from __future__ import annotations

from math import inf, isinf, sqrt
from statistics import NormalDist

import polars as pl

from pipeline.methods.answers import ANSWERED
from pipeline.methods.change import check_category, compared_cells, contrast_keys, declared_answers, overlap_note
from pipeline.methods.overlap import Overlap
from pipeline.methods.pairs import Pairs, count_pairs, pair_cells, pair_services
from pipeline.methods.proportions import root
from pipeline.methods.results import Context, Ledger, Results
from schemas.analyses import Rounds
from schemas.instrument import Instrument
from schemas.vocabulary import REASONS

INDEPENDENT_METHOD = "two-sided z test, pooled variance (Fleiss, Levin and Paik 2003); an exact test needs more"
PARTLY_METHOD = (
    "two-sided z test for partly overlapping samples (Derrick et al. 2015), at the observed phi of the pairs"
)
LINKED_METHOD = "McNemar test at the observed discordance (Connor 1987); an exact test needs more"


def power_independent(
    p_reference: float,
    p: float,
    n_reference: float,
    n: float,
    level: float = 0.95,
    correlation: float = 0.0,
    degrees: float = inf,
) -> float:
    """Power of the two-sided z test of two independent shares (Fleiss, Levin & Paik 2003; upper tail only).

    The variance is pooled under the null hypothesis, as in R's ``power.prop.test``, here with unequal sizes too.
    ``correlation`` is that of the two shares, where part of the persons is in both groups. With few ``degrees`` of
    freedom behind the variance, t stands in for the normal distribution.
    """
    pooled = (n_reference * p_reference + n * p) / (n_reference + n)
    shared = 2 * correlation / sqrt(n_reference * n)
    null = sqrt(pooled * (1 - pooled) * max(1 / n_reference + 1 / n - shared, 0.0))
    before, after = p_reference * (1 - p_reference), p * (1 - p)
    alternative = sqrt(max(before / n_reference + after / n - shared * sqrt(before * after), 0.0))
    return _tail(abs(p - p_reference) - quantile((1 + level) / 2, degrees) * null, alternative, degrees)


def power_linked(difference: float, discordant: float, n: float, level: float = 0.95, degrees: float = inf) -> float:
    """Power of McNemar's test of ``n`` pairs, a share ``discordant`` of them discordant (Connor 1987).

    ``degrees`` as in ``power_independent``.
    """
    alternative = sqrt(max(discordant - difference**2, 0.0))
    distance = abs(difference) * sqrt(n) - quantile((1 + level) / 2, degrees) * sqrt(discordant)
    return _tail(distance, alternative, degrees)


def detectable_independent(
    p_reference: float,
    n_reference: float,
    n: float,
    level: float,
    power: float,
    correlation: float = 0.0,
    degrees: float = inf,
) -> float | None:
    """Smallest increase over ``p_reference`` found with ``power``; ``None`` where even an increase to 1 is not."""
    highest = 1 - p_reference

    def found(delta: float) -> float:
        return power_independent(p_reference, p_reference + delta, n_reference, n, level, correlation, degrees)

    if highest <= 0 or found(highest) < power:
        return None
    return root(lambda delta: found(delta) - power, 0.0, highest)


def detectable_linked(discordant: float, n: float, level: float, power: float, degrees: float = inf) -> float | None:
    """Smallest difference found with ``power`` in ``n`` pairs; ``None`` where even one-sided discordance is not."""
    if discordant <= 0 or power_linked(discordant, discordant, n, level, degrees) < power:
        return None
    return root(lambda delta: power_linked(delta, discordant, n, level, degrees) - power, 0.0, discordant)


def quantile(p: float, degrees: float = inf) -> float:
    """Quantile of t, or without ``degrees`` of freedom of the standard normal distribution."""
    if isinf(degrees):
        return NormalDist().inv_cdf(p)
    from scipy.special import stdtrit

    return float(stdtrit(degrees, p))


def detectable(surveys: pl.DataFrame, instrument: Instrument, rounds: Rounds, context: Context) -> Results:
    """Smallest increase of the share of ``rounds.category`` found with ``context.power``, for every item.

    Two-sided at ``1 - context.level``, one test (no adjustment for several items). The normal approximations are a
    little optimistic for the exact tests that ``change`` makes. The keys are those of the difference, with the power
    in ``at``. Rows without a value: `no rows`; `no variation` (everybody is in the category at the reference, or no
    pair is discordant); `too few rows` (no increase whatever would be found).

    Raises
    ------
    ValueError
        When the instrument has no such category.
    """
    check_category(instrument, rounds)
    ledger = Ledger(context)
    (_linked if rounds.linked is True else _independent)(ledger, surveys, instrument, rounds)
    return ledger.results()


def _independent(ledger: Ledger, surveys: pl.DataFrame, instrument: Instrument, rounds: Rounds) -> None:
    answers = declared_answers(surveys, instrument, rounds, ledger)
    overlap = Overlap.of(surveys, answers, rounds) if rounds.linked == "partly" else None
    if overlap:
        overlap.declare()
    for service in answers.services(rounds.reference, rounds.wave):
        for item in (item.id for item in instrument.items):
            then = (rounds.reference, service, item)
            n, n_then = answers.n(rounds.wave, service, item, ANSWERED), answers.n(*then, ANSWERED)
            share = answers.n(*then, rounds.category) / n_then if n and n_then else None
            shared = overlap.counts(service, item).correlation() if overlap and share is not None else 0.0
            value, reason = _independent_value(share, n_then, n, ledger.context, shared)
            keys = contrast_keys(instrument, rounds, item) | {"n": n, "n_reference": n_then}
            keys |= {"method": PARTLY_METHOD if overlap else INDEPENDENT_METHOD}
            keys |= {"reason": reason or overlap_note(rounds)}
            cells = overlap.cells(service, item) if overlap else compared_cells(answers, rounds, service, item)
            _write(ledger, value, service, cells, keys)


def _linked(ledger: Ledger, surveys: pl.DataFrame, instrument: Instrument, rounds: Rounds) -> None:
    counts = count_pairs(surveys, instrument, rounds)
    cells = pair_cells(ledger, instrument, rounds, counts)
    for service in pair_services(counts, ledger):
        for item in (item.id for item in instrument.items):
            pairs = counts.get((service, item), Pairs())
            value, reason = _linked_value(pairs, ledger.context)
            keys = contrast_keys(instrument, rounds, item) | {"n": pairs.pairs, "missing": pairs.unpaired}
            keys |= {"method": LINKED_METHOD, "reason": reason}
            inputs = [(cells[service, item][name], "input") for name in ("pairs", "gained", "lost")]
            _write(ledger, value, service, inputs, keys)


def _independent_value(
    share: float | None, n_then: int, n: int, context: Context, correlation: float
) -> tuple[float | None, str]:
    if share is None:
        return None, REASONS["no_rows"]
    if share == 1:
        return None, REASONS["no_variation"]
    value = detectable_independent(share, n_then, n, context.level, context.power, correlation)
    return value, "" if value is not None else REASONS["too_few"]


def _linked_value(pairs: Pairs, context: Context) -> tuple[float | None, str]:
    if not pairs.pairs:
        return None, REASONS["no_rows"]
    discordant = (pairs.gained + pairs.lost) / pairs.pairs
    if not discordant:
        return None, REASONS["no_variation"]
    value = detectable_linked(discordant, pairs.pairs, context.level, context.power)
    return value, "" if value is not None else REASONS["too_few"]


def _write(
    ledger: Ledger, value: float | None, service: str, cells: list[tuple[str, str]], columns: dict[str, object]
) -> None:
    at, level = f"{ledger.context.power:g}", ledger.context.level
    ledger.estimate(
        "minimum_detectable_difference", value, service=service, cells=cells, at=at, level=level, **columns
    )


def _tail(distance: float, deviation: float, degrees: float) -> float:
    if deviation == 0:
        return float(distance > 0)
    if isinf(degrees):
        return NormalDist().cdf(distance / deviation)
    from scipy.special import stdtr

    return float(stdtr(degrees, distance / deviation))
