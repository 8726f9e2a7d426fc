"""One answer compared and pooled over services: random effects, heterogeneity, and funnel limits.

Shares of single services belong in ``feedback``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import exp, log, sqrt

import numpy as np
import numpy.typing as npt
import polars as pl

from pipeline.methods.answers import ANSWERED, Answers
from pipeline.methods.proportions import root
from pipeline.methods.results import Context, Ledger, Results
from schemas.analyses import Pooling
from schemas.instrument import Instrument
from schemas.vocabulary import ALL, REASONS, UNKNOWN

Rows = dict[str, dict[str, object]]
Links = list[tuple[str, str]]
Floats = npt.NDArray[np.float64]

FEWEST_SERVICES = 3
FUNNEL_LEVELS = (0.95, 0.998)
MODEL = "random effects"
POOLED_METHOD = "logit shares, Paule and Mandel (1982), interval of Knapp and Hartung (2003)"
PREDICTION_METHOD = "logit shares, prediction interval with k - 2 degrees of freedom (Higgins et al. 2009)"
Q_METHOD = "logit shares, Cochran (1954)"
I2_METHOD = "logit shares, Higgins and Thompson (2002)"
TAU2_METHOD = "logit shares, Paule and Mandel (1982)"
FUNNEL_METHOD = "exact binomial limits around the overall share, interpolated (Spiegelhalter 2005)"


@dataclass(frozen=True)
class Pooled:
    """A random-effects synthesis, on the scale of the effects."""

    effect: float
    se: float
    low: float
    high: float
    predicted_low: float
    predicted_high: float
    tau2: float
    q: float
    p: float
    i2: float


def compare(surveys: pl.DataFrame, instrument: Instrument, pooling: Pooling, context: Context) -> Results:
    """Pool the share of ``pooling.category`` over services, and show how far the services differ.

    Shares (of those who answered) enter as logits; a service where nobody or everybody is in the category gets 0.5
    added to both its counts, no other service does. `heterogeneity_tau2` is on the logit scale; all else is on the
    natural one. Funnel limits stand around the overall share of all services together, for each service's size.
    Services without answers are left out; with fewer than three services, or where nobody or everybody in all of
    them is in the category, every row has a reason and no value.

    Raises
    ------
    ValueError
        When the instrument has no such category.
    """
    if pooling.category not in instrument.categories():
        raise ValueError(f"{pooling.category!r} is not a category of {instrument.instrument}")
    ledger = Ledger(context)
    answers = Answers.of(surveys, instrument, ledger)
    answers.declare(pooling.wave)
    items = pooling.items or tuple(item.id for item in instrument.items)
    for item in items:
        _item(ledger, answers, pooling, item)
    return ledger.results()


def pool(effects: Sequence[float], variances: Sequence[float], level: float = 0.95) -> Pooled:
    """Random-effects synthesis of at least three effects with known variances.

    Between-service variance by Paule & Mandel (1982); interval by Knapp & Hartung (2003) with k - 1 degrees of
    freedom, their factor not below 1 as they advise; prediction interval with k - 2 (Higgins et al. 2009), which
    covers less than it says where there are few services (Partlett & Riley 2017); I² (Higgins & Thompson 2002)
    truncated at 0.
    """
    from scipy.special import chdtrc, stdtrit

    k = len(effects)
    q = _weighted(effects, variances, 0.0)[2]
    tau2 = paule_mandel(effects, variances)
    mean, se, squares = _weighted(effects, variances, tau2)
    se *= sqrt(max(squares / (k - 1), 1.0))
    reach = float(stdtrit(k - 1, (1 + level) / 2)) * se
    ahead = float(stdtrit(k - 2, (1 + level) / 2)) * sqrt(tau2 + se * se)
    i2 = max(0.0, (q - (k - 1)) / q) if q > 0 else 0.0
    p = float(chdtrc(k - 1, q))
    return Pooled(mean, se, mean - reach, mean + reach, mean - ahead, mean + ahead, tau2, q, p, i2)


def paule_mandel(effects: Sequence[float], variances: Sequence[float]) -> float:
    """Between-service variance at which Q equals its degrees of freedom (Paule & Mandel 1982); 0 if Q is less."""
    df = len(effects) - 1
    if _weighted(effects, variances, 0.0)[2] <= df:
        return 0.0
    high = 1.0
    while _weighted(effects, variances, high)[2] > df:
        high *= 2
    return root(lambda tau2: _weighted(effects, variances, tau2)[2] - df, 0.0, high)


def dersimonian_laird(effects: Sequence[float], variances: Sequence[float]) -> float:
    """Moment estimate of the between-service variance, for comparison (DerSimonian & Laird 1986)."""
    weights = [1 / v for v in variances]
    scale = sum(weights) - sum(w * w for w in weights) / sum(weights)
    return max(0.0, (_weighted(effects, variances, 0.0)[2] - (len(effects) - 1)) / scale)


def funnel_limits(share: float, n: npt.ArrayLike, level: float) -> tuple[Floats, Floats]:
    """Range of a share of ``n`` at ``level`` if the true share is ``share``: exact binomial, interpolated.

    Spiegelhalter (2005), appendix A.1.1; clipped to 0 and 1. ``n`` may be an array: both ends have its shape.
    """
    from scipy.stats import binom

    size = np.asarray(n, dtype=float)

    def limit(probability: float) -> Floats:
        r = binom.ppf(probability, size, share)
        at, below = binom.cdf(r, size, share), binom.cdf(r - 1, size, share)
        return np.clip((r - (at - probability) / (at - below)) / size, 0.0, 1.0)

    return limit((1 - level) / 2), limit((1 + level) / 2)


def logit_share(events: float, n: float) -> tuple[float, float]:
    """Logit of a share and its variance; 0.5 is added to both counts where one of them is 0."""
    yes, no = (events, n - events) if 0 < events < n else (events + 0.5, n - events + 0.5)
    return log(yes / no), 1 / yes + 1 / no


def _weighted(effects: Sequence[float], variances: Sequence[float], tau2: float) -> tuple[float, float, float]:
    """Weighted mean, its standard error, and the weighted sum of squares around it."""
    weights = [1 / (v + tau2) for v in variances]
    mean = sum(w * y for w, y in zip(weights, effects, strict=True)) / sum(weights)
    squares = sum(w * (y - mean) ** 2 for w, y in zip(weights, effects, strict=True))
    return mean, 1 / sqrt(sum(weights)), squares


def expit(x: float) -> float:
    """The share that has this logit."""
    return 1 / (1 + exp(-x)) if x >= 0 else exp(x) / (1 + exp(x))


@dataclass(frozen=True)
class _Item:
    """One item at one wave: the counts of the services with answers."""

    item: str
    counts: dict[str, tuple[int, int]]

    @cached_property
    def events(self) -> int:
        return sum(events for events, _ in self.counts.values())

    @cached_property
    def n(self) -> int:
        return sum(n for _, n in self.counts.values())

    @cached_property
    def limits(self) -> dict[tuple[float, int], tuple[float, float]]:
        """Funnel limits by level and number of answers; each is computed once, however many services share it."""
        sizes = sorted({n for _, n in self.counts.values()})
        found = {level: funnel_limits(self.events / self.n, sizes, level) for level in FUNNEL_LEVELS}
        return {
            (level, n): (float(low), float(high))
            for level, ends in found.items()
            for n, low, high in zip(sizes, *ends, strict=True)
        }

    @cached_property
    def reason(self) -> str:
        """Why nothing can be said of the services together; empty where it can."""
        if not self.n:
            return REASONS["no_rows"]
        if len(self.counts) < FEWEST_SERVICES:
            return REASONS["too_few"]
        return REASONS["no_variation"] if self.events in (0, self.n) else ""


def _item(ledger: Ledger, answers: Answers, pooling: Pooling, item: str) -> None:
    known = answers.services(pooling.wave)[1:]
    counts = {s: tuple(answers.n(pooling.wave, s, item, c) for c in (pooling.category, ANSWERED)) for s in known}
    one = _Item(item, {service: (events, n) for service, (events, n) in counts.items() if n})
    keys = {
        "population": answers.instrument.population,
        "instrument": answers.instrument.instrument,
        "item": item,
        "category": pooling.category,
        "wave": pooling.wave,
        "denominator": ANSWERED,
    }
    cells = {s: _cells(answers, pooling, item, s) for s in known}
    _write_pooled(ledger, one, keys, [cell for s in one.counts for cell in cells[s]])
    for service in known:
        _write_funnel(ledger, one, keys, service, [*cells[service], *_overall(answers, pooling, item)])


def _cells(answers: Answers, pooling: Pooling, item: str, service: str) -> Links:
    return [(answers.cell(pooling.wave, service, item, c), "input") for c in (pooling.category, ANSWERED)]


def _overall(answers: Answers, pooling: Pooling, item: str) -> Links:
    """The cells that the overall share of the known services is made of: the total, less what has no service.

    A limit tells nothing of a single other service that these totals do not tell, so it is withheld with them and
    with its own service's counts, and not with those of all others.
    """
    services = [ALL, UNKNOWN] if UNKNOWN in answers.found.get(pooling.wave, []) else [ALL]
    return [link for service in services for link in _cells(answers, pooling, item, service)]


def _write_pooled(ledger: Ledger, one: _Item, keys: dict[str, str], cells: Links) -> None:
    reason, level = one.reason, ledger.context.level
    rows: Rows = {key: {"value": None} for key in _POOLED_METHODS} if reason else _pooled_rows(one, level)
    for statistic, numbers in rows.items():
        size = {"n": one.n, "events": one.events} if statistic == "pooled_share" else {"n": len(one.counts)}
        method = {"method": _POOLED_METHODS[statistic], "model": MODEL, "reason": reason}
        row = {"unit": "proportion"} | dict(numbers) | keys | method | size
        ledger.estimate(statistic, row.pop("value"), service=ALL, cells=cells, **row)  # type: ignore[arg-type]


_POOLED_METHODS = {
    "pooled_share": POOLED_METHOD,
    "prediction_interval": PREDICTION_METHOD,
    "heterogeneity_tau2": TAU2_METHOD,
    "heterogeneity_i2": I2_METHOD,
    "heterogeneity_q": Q_METHOD,
}


def _pooled_rows(one: _Item, level: float) -> Rows:
    logits = [logit_share(events, n) for events, n in one.counts.values()]
    found = pool([effect for effect, _ in logits], [variance for _, variance in logits], level)
    low, high = expit(found.low), expit(found.high)
    ahead = expit(found.predicted_low), expit(found.predicted_high)
    return {
        "pooled_share": {"value": expit(found.effect), "low": low, "high": high, "level": level},
        "prediction_interval": {"value": None, "low": ahead[0], "high": ahead[1], "level": level},
        "heterogeneity_tau2": {"value": found.tau2, "scale": "logit", "unit": ""},
        "heterogeneity_i2": {"value": found.i2},
        "heterogeneity_q": {"value": found.q, "p": found.p, "unit": ""},
    }


def _write_funnel(ledger: Ledger, one: _Item, keys: dict[str, str], service: str, cells: Links) -> None:
    events, n = one.counts.get(service, (0, 0))
    reason = one.reason or ("" if n else REASONS["no_rows"])
    for level in FUNNEL_LEVELS:
        low, high = (None, None) if reason else one.limits[level, n]
        numbers = {"low": low, "high": high, "level": level, "n": n, "events": events, "n_reference": one.n}
        how = {"at": f"{level:g}", "reference": ALL, "unit": "proportion", "method": FUNNEL_METHOD, "reason": reason}
        ledger.estimate("funnel_limits", None, service=service, cells=cells, **keys, **numbers, **how)
