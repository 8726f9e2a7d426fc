"""One answer compared and pooled over services: random effects, each service left out, and funnel limits.

Shares of single services belong in ``feedback``, the pooling itself in ``random_effects``, and what services come
with (subgroups, meta-regression) in ``moderators``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from pipeline.methods import moderators
from pipeline.methods.answers import ANSWERED, Answers
from pipeline.methods.heterogeneity import ESTIMATORS, NotConvergedError
from pipeline.methods.random_effects import Pooled, expit, logit_share, pool
from pipeline.methods.results import Context, Ledger, Results
from schemas.analyses import Pooling
from schemas.instrument import Instrument
from schemas.vocabulary import ALL, REASONS, UNKNOWN

Rows = dict[str, dict[str, object]]
Links = list[tuple[str, str]]
Counts = Mapping[str, tuple[int, int]]
Floats = npt.NDArray[np.float64]

FEWEST_SERVICES = 3
MOST_LEFT_OUT = 40
"""With more services, one weighs too little to be left out, and rows and links would be many."""

FUNNEL_LEVELS = (0.95, 0.998)
MODEL = "random effects"
LEFT_OUT = "leave-one-out"
INTERVAL_METHOD = "interval of Knapp and Hartung (2003), its factor not below 1"
PREDICTION_METHOD = "prediction interval with k - 2 degrees of freedom (Higgins et al. 2009)"
PROFILE_METHOD = "interval by the profile of Q (Viechtbauer 2007)"
FUNNEL_METHOD = "exact binomial limits around the overall share, interpolated (Spiegelhalter 2005)"

Characteristics = Mapping[str, Mapping[str, str | float]]


def compare(
    surveys: pl.DataFrame,
    instrument: Instrument,
    pooling: Pooling,
    context: Context,
    characteristics: Characteristics | None = None,
) -> Results:
    """Pool the share of ``pooling.category`` over services, and show how far the services differ.

    Shares (of those who answered) enter as logits; a service where nobody or everybody is in the category gets 0.5
    added to both its counts, no other service does. Variance between services by ``pooling.variance``.
    `heterogeneity_tau2` is on the logit scale; all else is on the natural one. Where declared, the share is pooled
    again without each service (``contrast`` `leave-one-out`, the service in ``term``), and by ``characteristics``
    (by service and name) of the services: see ``moderators``. Funnel limits stand around the overall share of all
    services together, for each service's size. ``n`` counts answers in every row; ``method`` says of how many
    services.

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
    explained: list[moderators.Row] = []
    for item in items:
        explained += _item(ledger, answers, pooling, item, characteristics or {})
    moderators.write(ledger, explained)
    return ledger.results()


def funnel_limits(share: float, n: npt.ArrayLike, level: float) -> tuple[Floats, Floats]:
    """Range of a share of ``n`` at ``level`` if the true share is ``share``: exact binomial, interpolated.

    Spiegelhalter (2005), appendix A.1.1; clipped to 0 and 1. ``n`` may be an array: both ends have its shape.
    """
    from scipy.special import bdtr

    size = np.asarray(n, dtype=np.int64)

    def up_to(r: npt.NDArray[np.int64]) -> Floats:
        return np.where(r < 0, 0.0, bdtr(np.maximum(r, 0), size, share))

    def limit(probability: float) -> Floats:
        r = _quantile(probability, size, share)
        at, below = up_to(r), up_to(r - 1)
        return np.clip((r - (at - probability) / (at - below)) / size, 0.0, 1.0)

    return limit((1 - level) / 2), limit((1 + level) / 2)


def _quantile(probability: float, size: npt.NDArray[np.int64], share: float) -> npt.NDArray[np.int64]:
    """Smallest count that a binomial count does not exceed with at least this probability."""
    from scipy.special import bdtr, bdtrik

    r = np.ceil(np.maximum(bdtrik(probability, size, share), 0)).astype(np.int64)
    lower = np.maximum(r - 1, 0)
    return np.where(bdtr(lower, size, share) >= probability, lower, r)


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


def _item(
    ledger: Ledger, answers: Answers, pooling: Pooling, item: str, characteristics: Characteristics
) -> list[moderators.Row]:
    """Write an item's rows; give those whose p waits for the other items."""
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
    _write_pooled(ledger, one, pooling, keys, [cell for s in one.counts for cell in cells[s]])
    if pooling.leave_one_out:
        _write_left_out(ledger, one, pooling, keys, cells)
    for service in known:
        _write_funnel(ledger, one, keys, service, [*cells[service], *_overall(answers, pooling, item)])
    return moderators.rows(moderators.Compared(keys, one.counts, cells), pooling, characteristics, ledger.context)


def _cells(answers: Answers, pooling: Pooling, item: str, service: str) -> Links:
    return [(answers.cell(pooling.wave, service, item, c), "input") for c in (pooling.category, ANSWERED)]


def _overall(answers: Answers, pooling: Pooling, item: str) -> Links:
    """The cells that the overall share of the known services is made of: the total, less what has no service.

    A limit tells nothing of a single other service that these totals do not tell, so it is withheld with them and
    with its own service's counts, and not with those of all others.
    """
    services = [ALL, UNKNOWN] if UNKNOWN in answers.found.get(pooling.wave, []) else [ALL]
    return [link for service in services for link in _cells(answers, pooling, item, service)]


def _write_pooled(ledger: Ledger, one: _Item, pooling: Pooling, keys: dict[str, str], cells: Links) -> None:
    level, methods = ledger.context.level, _methods(pooling, len(one.counts))
    found, reason = _pooled(one, pooling, level)
    rows: Rows = _pooled_rows(found, level) if found else {key: {"value": None} for key in methods}
    for statistic, numbers in rows.items():
        how = {"method": methods[statistic], "model": MODEL, "reason": reason or numbers.get("reason", "")}
        size = {"n": one.n} | ({"events": one.events} if statistic == "pooled_share" else {})
        row = {"unit": "proportion"} | dict(numbers) | keys | how | size
        ledger.estimate(statistic, row.pop("value"), service=ALL, cells=cells, **row)  # type: ignore[arg-type]


def _methods(pooling: Pooling, k: int) -> dict[str, str]:
    """How each statistic is made, and of how many services."""
    variance, shares = ESTIMATORS[pooling.variance], f"logit shares of {k} services"
    return {
        "pooled_share": f"{shares}, {variance}, {INTERVAL_METHOD}",
        "prediction_interval": f"{shares}, {variance}, {PREDICTION_METHOD}",
        "heterogeneity_tau2": f"{shares}, {variance}, {PROFILE_METHOD}",
        "heterogeneity_i2": f"{shares}, Higgins and Thompson (2002), {PROFILE_METHOD}",
        "heterogeneity_q": f"{shares}, Cochran (1954)",
    }


def _pooled(one: _Item, pooling: Pooling, level: float) -> tuple[Pooled | None, str]:
    """The services pooled, or why they can't be."""
    if one.reason:
        return None, one.reason
    effects, variances = zip(*(logit_share(events, n) for events, n in one.counts.values()), strict=True)
    try:
        return pool(effects, variances, level, pooling.variance), ""
    except NotConvergedError:
        return None, REASONS["no_convergence"]


def _pooled_rows(found: Pooled, level: float) -> Rows:
    low, high = expit(found.low), expit(found.high)
    ahead = expit(found.predicted_low), expit(found.predicted_high)
    tau2 = _ends(found.tau2_low, found.tau2_high, level)
    square = _ends(found.i2_low, found.i2_high, level)
    return {
        "pooled_share": {"value": expit(found.effect), "low": low, "high": high, "level": level},
        "prediction_interval": {"value": None, "low": ahead[0], "high": ahead[1], "level": level},
        "heterogeneity_tau2": {"value": found.tau2, "scale": "logit", "unit": ""} | tau2,
        "heterogeneity_i2": {"value": found.i2} | square,
        "heterogeneity_q": {"value": found.q, "p": found.p, "unit": ""},
    }


def _ends(low: float | None, high: float | None, level: float) -> dict[str, object]:
    """An interval by the profile of Q; where services are more alike than chance lets them be, there is none."""
    if low is None:
        return {"reason": NO_PROFILE}
    return {"low": low, "high": high, "level": level}


NO_PROFILE = "no interval: the profile of Q has none that holds the value"


def _write_left_out(
    ledger: Ledger, one: _Item, pooling: Pooling, keys: dict[str, str], cells: Mapping[str, Links]
) -> None:
    """The pooled share without each service in turn; it links the counts of the services that are in it."""
    level = ledger.context.level
    if len(one.counts) > MOST_LEFT_OUT:
        row = keys | {"contrast": LEFT_OUT, "model": MODEL, "unit": "proportion", "reason": REASONS["too_many"]}
        ledger.estimate("pooled_share", None, service=ALL, **row)  # type: ignore[arg-type]
        return
    for left_out in one.counts:
        rest = _Item(one.item, {s: counts for s, counts in one.counts.items() if s != left_out})
        found, reason = _pooled(rest, pooling, level)
        row = keys | {"contrast": LEFT_OUT, "term": left_out, "model": MODEL, "unit": "proportion"}
        row |= {"method": _methods(pooling, len(rest.counts))["pooled_share"], "reason": reason}
        numbers = {"n": rest.n, "events": rest.events} | (_pooled_rows(found, level)["pooled_share"] if found else {})
        value = numbers.pop("value", None)
        inputs = [cell for service in rest.counts for cell in cells[service]]
        ledger.estimate("pooled_share", value, service=ALL, cells=inputs, **row, **numbers)  # type: ignore[arg-type]


def _write_funnel(ledger: Ledger, one: _Item, keys: dict[str, str], service: str, cells: Links) -> None:
    events, n = one.counts.get(service, (0, 0))
    reason = one.reason or ("" if n else REASONS["no_rows"])
    for level in FUNNEL_LEVELS:
        low, high = (None, None) if reason else one.limits[level, n]
        numbers = {"low": low, "high": high, "level": level, "n": n, "events": events, "n_reference": one.n}
        how = {"at": f"{level:g}", "reference": ALL, "unit": "proportion", "method": FUNNEL_METHOD, "reason": reason}
        ledger.estimate("funnel_limits", None, service=service, cells=cells, **keys, **numbers, **how)
