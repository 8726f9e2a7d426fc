"""Which rated factors go with a rated success: each by itself, all together, and services compared.

What goes together need not be cause and effect: nothing here says that a factor brings success about. How weights
and their resamples are computed belongs in ``relative_weights``, sizes in ``correlation_size``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import atanh, hypot
from statistics import NormalDist
from typing import Any

import numpy as np
import polars as pl

from pipeline.methods import correlation_size
from pipeline.methods.adjustment import holm
from pipeline.methods.answers import Answers
from pipeline.methods.driver_ratings import Array, Counts, Ratings, read_ratings
from pipeline.methods.relative_weights import RESAMPLES, Weighed, weigh
from pipeline.methods.reliability import ALPHA_METHOD, CORRELATION_METHOD, cronbach, feldt, spearman
from pipeline.methods.results import Context, Ledger, Results
from schemas.analyses import Drivers
from schemas.instrument import Instrument
from schemas.vocabulary import ALL, REASONS

MODEL = "drivers"
FEWEST = 10
PLACES = 3
SIZES = (0.2, 0.3, 0.4, 0.5)
TWO_SIZES = ((0.2, 0.5), (0.3, 0.5))
TURNED = "reverse item, turned round"

DIFFERENCE_METHOD = "interval of Zou (2007) from those of Bonett and Wright (2000); Fisher z test; Holm (1979)"
WEIGHT_METHOD = f"Johnson (2000) relative weights of ranks; percentiles of {RESAMPLES} resamples of respondents"
SHARE_METHOD = f"Johnson (2000) relative weights of ranks in {RESAMPLES} resamples of respondents"
CHANCE_METHOD = f"weight of a factor of random numbers, {RESAMPLES} draws (after Tonidandel et al. 2009)"
REGRESSION_METHOD = "linear regression of ranks on all factors (Conover and Iman 1981)"
COEFFICIENT_METHOD = f"{REGRESSION_METHOD}; percentiles of {RESAMPLES} resamples of respondents"
ADJUSTED_METHOD = f"{REGRESSION_METHOD}, adjusted for their number (Ezekiel 1930)"

Row = dict[str, Any]


def drivers(answers: pl.DataFrame, instrument: Instrument, declared: Drivers, context: Context) -> Results:
    """How far each factor goes with success, alone and beside all others, and how sure their order is.

    `correlation`: Spearman's, over complete pairs (Bonett & Wright 2000), for `all` and each service; `difference`
    of a service's to the first one's (Zou 2007). For `all`: `relative_weight` (Johnson 2000) and
    `standardised_coefficient` of one regression of ranks on all factors, with intervals by resampling respondents;
    `top_rank_share`, how often a factor is among the first three; `r_squared`; `chance_weight`, what a factor of
    random numbers gets. Correlations need ten pairs, the regression ten and twice as many as factors, else
    `too few rows`; what doesn't vary has `no variation`. p is adjusted (Holm 1979) within
    ``drivers-<wave>-<outcome>``, with ``@<service>`` for one service and ``-difference@<service>``.

    Parameters
    ----------
    answers
        Rows of ``schemas.surveys``; other instruments' rows and other waves are passed over.

    Raises
    ------
    ValueError
        When the instrument has no such outcome or factor, or a factor is part of the outcome.
    """
    ledger = Ledger(context)
    ratings = read_ratings(answers, instrument, declared)
    survey = _Survey(ledger, ratings, Counts(ratings, Answers.of(answers, instrument, ledger), ledger, declared.wave))
    survey.counts.declare()
    for write in (_correlations, _differences, _together, _scale, _detectable, _needed):
        write(survey)
    return ledger.results()


@dataclass(frozen=True)
class _Survey:
    """What every step reads, and how it writes."""

    ledger: Ledger
    ratings: Ratings
    counts: Counts

    @property
    def context(self) -> Context:
        return self.ledger.context

    def bounds(self, low: float, high: float) -> Row:
        return {"low": low, "high": high, "level": self.context.level}

    def note(self, factor: str) -> Row:
        reverse = {item.id for item in self.counts.answers.instrument.items if item.reverse}
        return {"reason": TURNED if factor in reverse else ""}

    def whole(self) -> Row:
        """What all rows of the regression have in common."""
        n, cells = self.counts.scored(ALL)
        return {"n": n, "missing": self.counts.asked(ALL) - n, "cells": cells}

    def write(self, statistic: str, rows: Sequence[Row], service: str = ALL, family: str = "") -> None:
        """Add rows of one statistic, their p adjusted together."""
        instrument, wave = self.counts.answers.instrument, self.counts.wave
        name = f"drivers-{wave}-{self.ratings.outcome}{family}" + ("" if service == ALL else f"@{service}")
        keys: Row = {"population": instrument.population, "instrument": instrument.instrument, "wave": wave}
        keys |= {"term": self.ratings.outcome, "model": MODEL, "value": None}
        for row, adjusted in zip(rows, holm([row.get("p") for row in rows]), strict=True):
            tested = {"p_adjusted": adjusted, "family": name} if "p" in row else {}
            self.ledger.estimate(statistic, service=service, **(keys | row | tested))


def _correlations(survey: _Survey) -> None:
    for service in [ALL, *survey.counts.services]:
        rows = [_correlation(survey, factor, service) for factor in survey.ratings.factors]
        survey.write("correlation", rows, service)


def _correlation(survey: _Survey, factor: str, service: str) -> Row:
    pairs = survey.ratings.pairs(factor, service)
    found = spearman(pairs, survey.context.level) if len(pairs) >= FEWEST else None
    row: Row = {"item": factor, "n": len(pairs), "missing": survey.counts.asked(service) - len(pairs)}
    row |= {"method": f"{CORRELATION_METHOD}; Holm (1979)", "cells": survey.counts.inputs(factor, service)}
    if found is None:
        return row | {"reason": _why(len(pairs))}
    value, low, high, p = found
    return row | {"value": value, "p": p} | survey.bounds(low, high) | survey.note(factor)


def _differences(survey: _Survey) -> None:
    services = survey.counts.services
    for service in services[1:]:
        rows = [_difference(survey, factor, service, services[0]) for factor in survey.ratings.factors]
        survey.write("difference", rows, service, "-difference")


def _difference(survey: _Survey, factor: str, service: str, reference: str) -> Row:
    one, other = (_correlation(survey, factor, where) for where in (service, reference))
    row: Row = {"item": factor, "contrast": "services", "reference": reference, "method": DIFFERENCE_METHOD}
    row |= {"n": one["n"], "n_reference": other["n"], "cells": one["cells"] + other["cells"]}
    lacking = [each["reason"] for each in (one, other) if "value" not in each]
    if lacking:
        return row | {"reason": lacking[0]}
    found = {"value": one["value"] - other["value"]} | survey.bounds(*_zou(one, other)) | survey.note(factor)
    p = _p_of_difference(one, other)
    return row | found | ({} if p is None else {"p": p})


def _zou(one: Row, other: Row) -> tuple[float, float]:
    """Interval of the difference of two independent correlations (Zou 2007), from the interval of each."""
    value = one["value"] - other["value"]
    below = hypot(one["value"] - one["low"], other["high"] - other["value"])
    above = hypot(one["high"] - one["value"], other["value"] - other["low"])
    return value - below, value + above


def _p_of_difference(one: Row, other: Row) -> float | None:
    """Two-sided p that two independent correlations are equal; none where one of them is perfect."""
    if max(abs(one["value"]), abs(other["value"])) > 1 - 1e-12:
        return None
    error = hypot(*(correlation_size.z_error(row["value"], row["n"]) for row in (one, other)))
    return 2 * NormalDist().cdf(-abs(atanh(one["value"]) - atanh(other["value"])) / error)


def _together(survey: _Survey) -> None:
    """All factors in one regression; one that doesn't vary is left out."""
    ratings = survey.ratings
    varying = [one for one in ratings.factors if len(np.unique(ratings.pairs(one, ALL)[:, 0])) > 1]
    scores = ratings.columns((*varying, *ratings.parts))[:, : len(varying)]
    scores = np.column_stack([scores, ratings.success])[ratings.at(ALL)]
    reason = _unfit(scores)
    weighed = None if reason else weigh(scores)
    for factor in ratings.factors:
        if weighed is None or factor not in varying:
            _write_factor(survey, factor, {}, {"reason": reason or REASONS["no_variation"]})
        else:
            _write_factor(survey, factor, _of_factor(survey, weighed, varying.index(factor)), survey.note(factor))
    _write_model(survey, weighed, len(varying), reason)


def _unfit(scores: Array) -> str:
    """Why there is no regression of the last column on the others; empty where there is one."""
    there = (~np.isnan(scores)).astype(float)
    fewest = (there.T @ there).min()
    if fewest < max(FEWEST, 2 * (scores.shape[1] - 1)):
        return REASONS["too_few"] if fewest else REASONS["no_rows"]
    return "" if scores.shape[1] > 1 and np.ptp(scores[:, -1]) > 0 else REASONS["no_variation"]


def _of_factor(survey: _Survey, weighed: Weighed, place: int) -> dict[str, Row]:
    level, first = survey.context.level, weighed.among_first(_places(survey))
    weights, coefficients = weighed.resampled_weights[:, place], weighed.resampled_coefficients[:, place]
    return {
        "relative_weight": _resampled(weighed.weights[place], weights, level),
        "standardised_coefficient": _resampled(weighed.coefficients[place], coefficients, level),
        "top_rank_share": {"value": float(first[place])},
    }


def _resampled(value: float, resamples: Array, level: float) -> Row:
    """The value with the percentiles of its resamples, which are made to hold it."""
    low, high = np.quantile(resamples, [(1 - level) / 2, (1 + level) / 2])
    ends = {"low": min(float(low), float(value)), "high": max(float(high), float(value)), "level": level}
    return {"value": float(value), "se": float(resamples.std(ddof=1))} | ends


def _places(survey: _Survey) -> int:
    return PLACES if len(survey.ratings.factors) > PLACES else 1


def _write_factor(survey: _Survey, factor: str, numbers: dict[str, Row], note: Row) -> None:
    base = survey.whole() | {"item": factor} | note
    share = {"at": str(_places(survey)), "method": SHARE_METHOD, "unit": "proportion"}
    rows: dict[str, Row] = {
        "relative_weight": {"method": WEIGHT_METHOD, "unit": "proportion"},
        "standardised_coefficient": {"method": COEFFICIENT_METHOD},
        "top_rank_share": share,
    }
    for statistic, row in rows.items():
        survey.write(statistic, [base | row | numbers.get(statistic, {})])


def _write_model(survey: _Survey, weighed: Weighed | None, factors: int, reason: str) -> None:
    base, level = survey.whole() | {"unit": "proportion", "reason": reason}, survey.context.level
    rows: dict[str, Row] = {
        "r_squared": {"method": REGRESSION_METHOD},
        "adjusted_r_squared": {"method": ADJUSTED_METHOD},
        "chance_weight": {"method": CHANCE_METHOD, "at": f"{level:g}"},
    }
    if weighed:
        n, value = base["n"], weighed.r_squared
        rows["r_squared"]["value"] = value
        rows["adjusted_r_squared"]["value"] = 1 - (1 - value) * (n - 1) / (n - factors - 1)
        rows["chance_weight"]["value"] = float(np.quantile(weighed.chance, level))
    for statistic, row in rows.items():
        survey.write(statistic, [base | row])


def _scale(survey: _Survey) -> None:
    """Internal consistency of the outcome, where it has several items."""
    ratings = survey.ratings
    scores = ratings.columns(ratings.parts)
    complete = scores[~np.isnan(scores).any(axis=1)]
    if len(ratings.parts) < 2:
        return
    value = cronbach(complete) if len(complete) >= FEWEST else None
    row = {"item": ratings.outcome, "term": "", "n": len(complete), "missing": len(scores) - len(complete)}
    row |= {"method": ALPHA_METHOD, "value": value, "reason": "" if value is not None else _why(len(complete))}
    row |= {"cells": survey.whole()["cells"]}
    if value is not None:
        row |= survey.bounds(*feldt(value, len(complete), len(ratings.parts), survey.context.level))
    survey.write("alpha", [row])


def _levels(survey: _Survey) -> dict[str, float]:
    """The level of one test, and that of the first of all tests in Holm's procedure."""
    level, tests = survey.context.level, len(survey.ratings.factors)
    return {"one-test": level, f"first-of-{tests}-tests": correlation_size.of_several(level, tests)}


def _detectable(survey: _Survey) -> None:
    """Which correlation these numbers would have found, whatever was found."""
    power = survey.context.power
    for service in [ALL, *survey.counts.services]:
        n, cells = survey.counts.scored(service)
        base: Row = {"n": n, "cells": cells, "at": f"{power:g}", "method": correlation_size.METHOD}
        for model, level in _levels(survey).items():
            value = correlation_size.detectable(n, level, power)
            reason = "" if value is not None else _why(n, enough=False)
            row = base | {"model": model, "level": level, "value": value, "reason": reason}
            survey.write("minimum_detectable_correlation", [row], service)


def _needed(survey: _Survey) -> None:
    """How many respondents a correlation, or a difference of two, would need: no data enter."""
    power = survey.context.power
    for model, level in _levels(survey).items():
        base: Row = {"model": model, "level": level, "method": correlation_size.METHOD, "unit": "respondents"}
        rows = [base | {"at": f"{one:g}", "value": correlation_size.needed(one, level, power)} for one in SIZES]
        for low, high in TWO_SIZES:
            value = correlation_size.needed_each(low, high, level, power)
            rows.append(base | {"contrast": "services", "reference": f"{low:g}", "at": f"{high:g}", "value": value})
        survey.write("respondents_needed", rows)


def _why(n: int, enough: bool = True) -> str:
    if not n:
        return REASONS["no_rows"]
    return REASONS["no_variation"] if enough and n >= FEWEST else REASONS["too_few"]
