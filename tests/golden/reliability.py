"""Our alpha, omega, items, correlations and errors of the scales in ``data/reliability_<case>.csv``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from pipeline.methods.item_analysis import item_rest, mean_correlation
from pipeline.methods.measurement_error import detectable_change, standard_error
from pipeline.methods.omega import one_factor
from pipeline.methods.proportions import normal_quantile
from pipeline.methods.reliability import cronbach, feldt, spearman

DATA = Path(__file__).parent / "data"
Answer = tuple[str, str, float]


def ours() -> Iterator[Answer]:
    """Each answer: case, quantity, value."""
    for path in sorted(DATA.glob("reliability_*.csv")):
        case = path.stem.removeprefix("reliability_")
        scores = np.loadtxt(path, delimiter=",", skiprows=1)
        if case == "six":
            scores[:, 3] = 6 - scores[:, 3]
        yield from ((case, quantity, value) for quantity, value in _scale(scores))


def _scale(scores: np.ndarray) -> Iterator[tuple[str, float]]:
    n, items = scores.shape
    alpha = cronbach(scores)
    yield "alpha", alpha
    yield from zip(("alpha low", "alpha high"), feldt(alpha, n, items), strict=True)
    yield "mean correlation", mean_correlation(scores)
    for place, value in enumerate(item_rest(scores), 1):
        yield f"item-rest {place}", value
        if items > 2:
            yield f"alpha without {place}", cronbach(np.delete(scores, place - 1, axis=1))
    if alpha >= 0:
        error = standard_error(scores.sum(axis=1).std(ddof=1), alpha)
        yield "error of measurement", error
        yield "detectable change", detectable_change(error)
        yield "detectable change of the mean", detectable_change(error, n)
    for other in sorted({2, items}):
        value, low, high, p = spearman(scores[:, [0, other - 1]])
        label = f"spearman 1 {other}"
        yield from ((label, value), (f"{label} p", p), (f"{label} low", low), (f"{label} high", high))
    if items > 2:
        yield from _omega(scores)


def _omega(scores: np.ndarray) -> Iterator[tuple[str, float]]:
    factor = one_factor(scores)
    yield "improper", not factor.proper
    if not factor.proper:
        return
    yield from ((f"loading {place}", value) for place, value in enumerate(factor.loadings, 1))
    yield from ((f"uniqueness {place}", value) for place, value in enumerate(factor.errors, 1))
    yield "omega", factor.omega()
    yield "omega se", factor.error_of_omega()
    yield from zip(("omega low", "omega high"), factor.interval(normal_quantile(0.95)), strict=True)
