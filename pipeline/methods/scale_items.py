"""Each scale of an instrument taken apart: its items, omega, and the error of the scores made of it.

Alpha and the correlations of pairs of items are in ``reliability``; scores described in ``scores``.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from pipeline.methods.answers import Answers
from pipeline.methods.complete_answers import Complete, complete_answers
from pipeline.methods.item_analysis import item_rest, mean_correlation
from pipeline.methods.measurement_error import detectable_change, standard_error
from pipeline.methods.omega import FEWEST_ITEMS, one_factor
from pipeline.methods.proportions import normal_quantile
from pipeline.methods.reliability import cronbach, feldt
from pipeline.methods.results import Context, Ledger, Results
from pipeline.methods.scores import UNIT, Counts
from schemas.instrument import Instrument, Score
from schemas.vocabulary import ALL, REASONS

OMEGA_METHOD = (
    "McDonald (1999), one factor by maximum likelihood (Jöreskog 1967), interval by the delta method on the logit "
    "scale (Raykov 2002), complete cases"
)
REST_METHOD = "Pearson correlation with the sum of the other items, complete cases"
MEAN_METHOD = "mean Pearson correlation of each two items, complete cases"
WITHOUT_METHOD = "Cronbach (1951) without the item, interval of Feldt (1965), complete cases"
ERROR_METHOD = "SD of the scored times the root of 1 - alpha of the complete cases (Lord and Novick 1968)"
CHANGE_METHOD = "normal quantile times the root of 2 times the standard error of measurement (Terwee et al. 2007)"
NOT_RELIABLE = REASONS["alpha_below_zero"]


def scale_items(surveys: pl.DataFrame, instrument: Instrument, context: Context) -> Results:
    """Omega, mean correlation, item-rest correlations, alpha without each item, and the error of each score.

    At each wave, all services together, over the complete cases of the scales of ``reliability.alpha``. Rows about
    a scale have its id in ``item`` (empty for all items), rows about an item in ``term``. For each declared score
    (``item``; unit: points): `standard_error_of_measurement`, `minimal_detectable_change` of one person, and
    `minimal_detectable_change_of_mean` of as many persons as were scored (``n``), at the study's level. The SD is
    that of all scored, alpha that of the complete cases, so that no SD of a part is given away.

    Without a value: one item, or for omega and alpha without an item fewer than three (`too few items`); fewer than
    three complete cases (`too few rows`); no variation; omega where the fit does not converge (`no convergence`)
    or leaves an item no error of its own (`improper solution`); errors where alpha is `alpha below 0`.
    """
    ledger = Ledger(context)
    answers, scales = complete_answers(surveys, instrument, ledger)
    counts = Counts.of(surveys, instrument, ledger)
    for one in scales:
        cells = [(one.cell(answers), "input")] if one.wave else []
        _omega(answers, one, cells)
        _mean(answers, one, cells)
        _items(answers, one, cells)
        for score in one.scale.scores:
            _error(answers, one, cells, counts, score)
    return ledger.results()


def _omega(answers: Answers, one: Complete, cells: list[tuple[str, str]]) -> None:
    why = one.why(FEWEST_ITEMS) or _varies(one)
    factor = None if why else one_factor(one.codes)
    if factor is None:
        why = why or REASONS["no_convergence"]
    elif not factor.proper or not 0 < factor.omega() < 1:
        factor, why = None, REASONS["improper"]
    numbers: dict[str, object] = {}
    if factor is not None:
        level = answers.ledger.context.level
        low, high = factor.interval(normal_quantile(level))
        numbers = {"se": factor.error_of_omega(), "low": low, "high": high, "level": level}
    value = factor.omega() if factor else None
    one.write(answers, "omega", value, cells, method=OMEGA_METHOD, model="one-factor", reason=why, **numbers)


def _varies(one: Complete) -> str:
    """A reason where an item has the same answer throughout."""
    return "" if all(len(set(column)) > 1 for column in one.codes.T.tolist()) else REASONS["no_variation"]


def _mean(answers: Answers, one: Complete, cells: list[tuple[str, str]]) -> None:
    why = one.why()
    value = None if why else mean_correlation(one.codes)
    reason = why or ("" if value is not None else REASONS["no_variation"])
    one.write(answers, "mean_correlation", value, cells, method=MEAN_METHOD, reason=reason)


def _items(answers: Answers, one: Complete, cells: list[tuple[str, str]]) -> None:
    why, items = one.why(), one.scale.items
    found: Sequence[float | None] = [None] * len(items) if why else item_rest(one.codes)
    for place, (item, value) in enumerate(zip(items, found, strict=True)):
        about = {"item": item, "term": one.scale.id}
        reason = why or ("" if value is not None else REASONS["no_variation"])
        one.write(answers, "item_rest_correlation", value, cells, method=REST_METHOD, reason=reason, **about)
        _without(answers, one, cells, place)


def _without(answers: Answers, one: Complete, cells: list[tuple[str, str]], place: int) -> None:
    items, level = one.scale.items, answers.ledger.context.level
    rest = one.codes[:, [other for other in range(len(items)) if other != place]]
    why = one.why(FEWEST_ITEMS)
    value = None if why else cronbach(rest)
    numbers: dict[str, object] = {"item": items[place], "term": one.scale.id}
    if value is not None:
        low, high = feldt(value, one.n, len(items) - 1, level)
        numbers |= {"low": low, "high": high, "level": level}
    reason = why or ("" if value is not None else REASONS["no_variation"])
    one.write(answers, "alpha_without_item", value, cells, method=WITHOUT_METHOD, reason=reason, **numbers)


def _error(answers: Answers, one: Complete, cells: list[tuple[str, str]], counts: Counts, score: Score) -> None:
    level = answers.ledger.context.level
    row = counts.row(one.wave, ALL, score)
    alpha = None if one.why() else cronbach(one.codes)
    why = one.why() or (REASONS["no_variation"] if alpha is None else NOT_RELIABLE if alpha < 0 else "")
    error = None if why or alpha is None else standard_error(float(row["sd"]), alpha)
    links = cells + (counts.behind_spread(one.wave, ALL, score) if one.wave else [])
    n = int(row["n"])
    shared: dict[str, object] = {"item": score.id, "unit": UNIT, "reason": why, "n": n, "missing": row["asked"] - n}
    one.write(answers, "standard_error_of_measurement", error, links, method=ERROR_METHOD, **shared)
    for statistic, persons in (("minimal_detectable_change", 1), ("minimal_detectable_change_of_mean", n)):
        value = None if error is None else detectable_change(error, persons, level)
        numbers = {} if value is None else {"level": level}
        one.write(answers, statistic, value, links, method=CHANGE_METHOD, **numbers, **shared)
