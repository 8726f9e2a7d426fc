"""Ours beside metafor's: pooling, heterogeneity, leave-one-out, meta-regression, subgroups, funnel limits."""

import csv
import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from pipeline.methods.heterogeneity import ESTIMATORS, i2_at, tau2_interval, weighted
from pipeline.methods.meta_regression import MetaRegression, regress, subgroups
from pipeline.methods.random_effects import expit, logit_share, pool, prediction_interval
from pipeline.methods.synthesis import funnel_limits

DATA = Path(__file__).parent / "data"
Answers = Iterator[tuple[str, str, float]]


def ours() -> Answers:
    """Case, quantity and our answer."""
    sets = _sets()
    for name, rows in sets.items():
        yield from _pooled(name, rows)
        if name != "alike":
            for level in (0.95, 0.9):
                yield from _profile(f"{name}-{100 * level:g}", rows, level)
    yield from _profile("bcg-number-95", sets["bcg"], 0.95, _design(sets["bcg"], words=False))
    yield from _shares()
    for name in ("bcg", "expectancy", "shares"):
        yield from _explained(name, sets[name])
    for share, n, level in itertools.product((0.02, 0.3, 0.5, 0.775, 0.99), (1, 4, 9, 22, 71, 400), (0.95, 0.998)):
        low, high = funnel_limits(share, n, level)
        yield f"funnel-{share}-{n}-{level}", "low", float(low)
        yield f"funnel-{share}-{n}-{level}", "high", float(high)


def _read(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _sets() -> dict[str, list[dict[str, str]]]:
    sets: dict[str, list[dict[str, str]]] = {}
    for row in _read("synthesis_effects.csv"):
        sets.setdefault(row["data"], []).append(row)
    return sets


def _numbers(rows: list[dict[str, str]]) -> tuple[list[float], list[float]]:
    return [float(row["effect"]) for row in rows], [float(row["variance"]) for row in rows]


def _pooled(name: str, rows: list[dict[str, str]]) -> Answers:
    effects, variances = _numbers(rows)
    fit = weighted(effects, variances)  # all effects one and the same
    mean, se = float(fit.coefficients[0]), float(fit.covariance[0, 0]) ** 0.5
    yield name, "common", mean
    yield name, "common se", se
    any_way = pool(effects, variances)
    yield from ((name, what, getattr(any_way, what)) for what in ("q", "p", "i2"))
    for estimator, truncated in itertools.product(ESTIMATORS, (False, True)):
        case = f"{name}-{estimator}" + ("-truncated" if truncated else "")
        found = pool(effects, variances, 0.95, estimator, truncated=truncated)
        yield from ((case, what, getattr(found, what)) for what in ("tau2", "effect", "se", "low", "high"))
        low, high = prediction_interval(found.effect, found.se, found.tau2, len(effects) - 1)
        yield case, "predicted low, k - 1", low
        yield case, "predicted high, k - 1", high
        if len(effects) > 2:
            yield case, "predicted low", found.predicted_low
            yield case, "predicted high", found.predicted_high


def _profile(case: str, rows: list[dict[str, str]], level: float, design: np.ndarray | None = None) -> Answers:
    effects, variances = _numbers(rows)
    found = tau2_interval(effects, variances, level, design)
    assert found is not None
    for end, tau2 in zip(("low", "high"), found, strict=True):
        yield case, f"tau2 {end}", tau2
        yield case, f"i2 {end}", i2_at(tau2, variances, design)


def _shares() -> Answers:
    rows = _read("synthesis_shares.csv")
    logits = {row["service"]: logit_share(float(row["events"]), float(row["n"])) for row in rows}
    for service, (effect, variance) in logits.items():
        yield f"logit-{service}", "effect", effect
        yield f"logit-{service}", "variance", variance
        for estimator in ESTIMATORS:
            rest = [pair for one, pair in logits.items() if one != service]
            found = pool(*zip(*rest, strict=True), 0.95, estimator)
            for what, value in (("share", found.effect), ("low", found.low), ("high", found.high)):
                yield f"without-{service}-{estimator}", what, expit(value)


def _design(rows: list[dict[str, str]], *, words: bool) -> np.ndarray:
    names = list(dict.fromkeys(row["word"] for row in rows))[1:] if words else []
    return np.array([[1.0, float(row["number"]), *(float(row["word"] == name) for name in names)] for row in rows])


def _explained(name: str, rows: list[dict[str, str]]) -> Answers:
    effects, variances = _numbers(rows)
    for estimator in ESTIMATORS:
        for truncated, words in itertools.product((False, True), (False, True)):
            case = f"{name}~number{'+word' if words else ''}-{estimator}" + ("-truncated" if truncated else "")
            design = _design(rows, words=words)
            found = regress(effects, variances, design, 0.95, estimator, truncated=truncated)
            yield from _coefficients(case, found, ("b", "se", "ci.lb", "ci.ub", "pval"))
            for what in ("tau2", "q", "q_p", "moderator_q", "moderator_p"):
                yield case, what, getattr(found, what)
            if found.explained is not None:
                yield case, "explained", found.explained
        _, found = subgroups(effects, variances, [row["word"] for row in rows], 0.95, estimator)
        case = f"{name}-subgroups-{estimator}"
        yield from _coefficients(case, found, ("b", "se", "ci.lb", "ci.ub"))
        yield case, "moderator_q", found.moderator_q
        yield case, "moderator_p", found.moderator_p


def _coefficients(case: str, found: MetaRegression, names: tuple[str, ...]) -> Answers:
    fields = dict(zip(("b", "se", "ci.lb", "ci.ub", "pval"), ("value", "se", "low", "high", "p"), strict=True))
    for place, one in enumerate(found.coefficients, 1):
        for what in names:
            yield case, f"{what} {place}", getattr(one, fields[what])
