"""Wild cluster bootstrap of a least squares coefficient, for few clusters: plain arrays in, plain numbers out.

Clusters drawn as a whole belong in ``cluster_bootstrap``: with a handful of clusters that is too optimistic.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from pipeline.methods.cluster_sums import Array, Clusters

WEBB_UP_TO = 10
WEBB_ENUMERATED_UP_TO = 7
ENUMERATED_UP_TO = 12
WEBB_DRAWS = 99_999
DRAWS = 9999
RADEMACHER = (-1.0, 1.0)
WEBB = tuple(sign * size**0.5 for sign in (-1, 1) for size in (0.5, 1.0, 1.5))
_TIE = 1e-10


@dataclass(frozen=True)
class Wild:
    """Estimate, its cluster-robust t, the two-sided p of the bootstrap, and how the draws were made.

    ``least`` is the smallest p that so many clusters can give, whatever the data.
    """

    estimate: float
    t: float
    p: float
    draws: int
    weights: str
    least: float


def wild_cluster(
    outcome: Array, design: Array, labels: np.ndarray[Any, Any], term: int, random: np.random.Generator
) -> Wild | None:
    """P that coefficient ``term`` of a least squares fit is 0, by the restricted wild cluster bootstrap-t.

    Residuals of the fit without the term are turned about, cluster by cluster, by random weights (Cameron, Gelbach
    and Miller 2008): Webb's (2014) six values for up to ``WEBB_UP_TO`` clusters, else -1 and 1 (Rademacher). Of six
    values all combinations are taken for up to ``WEBB_ENUMERATED_UP_TO`` clusters, of two up to ``ENUMERATED_UP_TO``,
    so that nothing is left to chance; else ``WEBB_DRAWS`` or ``DRAWS`` of them from ``random``, the data themselves
    counted once. p is the share with a t at least as large. Weights that are the same in all clusters leave t as it
    is, so p is never below 6 ** (1 - clusters) with six values, and 2 ** (1 - clusters) with two.

    Returns
    -------
    ``None`` with fewer than two clusters, a design whose columns depend on each other, or no variation to test.
    """
    clusters = Clusters.of(labels)
    y, x = np.asarray(outcome, dtype=float)[clusters.order], np.asarray(design, dtype=float)[clusters.order]
    if clusters.number < 2 or np.linalg.matrix_rank(x) < x.shape[1]:
        return None
    others = np.delete(x, term, axis=1)
    rest = y - others @ np.linalg.lstsq(others, y, rcond=None)[0]
    parts = clusters.sums(np.ascontiguousarray((x * rest[:, None]).T)).T
    squares = np.array([block.T @ block for block in np.split(x, clusters.starts[1:])])
    inverse = np.linalg.inv(squares.sum(axis=0))
    if np.abs(parts).max() <= 1e-12 * max(float(np.abs(y).sum()), 1e-300):
        return None
    weights, how, enumerated = _weights(clusters.number, random)
    drawn = weights if enumerated else np.vstack([np.ones(clusters.number), weights])
    observed, sizes = (np.abs(_t(one, parts, squares, inverse, term)) for one in (np.ones((1, len(parts))), drawn))
    if not np.isfinite(observed[0]):
        return None
    estimate = float((inverse @ parts.sum(axis=0))[term])
    extreme = float((~(sizes < observed[0] * (1 - _TIE))).mean())
    t = float(np.copysign(observed[0], estimate))
    values = len(WEBB if clusters.number <= WEBB_UP_TO else RADEMACHER)
    least = values ** (1.0 - clusters.number)
    return Wild(estimate, t, extreme, len(sizes) * (2 if enumerated else 1), how, least)


def _weights(clusters: int, random: np.random.Generator) -> tuple[Array, str, bool]:
    """The weights of each draw, what they are called, and whether they are all there are."""
    few = clusters <= WEBB_UP_TO
    values, name = (WEBB, "Webb") if few else (RADEMACHER, "Rademacher")
    if clusters <= (WEBB_ENUMERATED_UP_TO if few else ENUMERATED_UP_TO):
        return _half(values, clusters), f"all {len(values) ** clusters} {name} weights", True
    draws = WEBB_DRAWS if few else DRAWS
    return random.choice(values, size=(draws, clusters)), f"{draws} {name} draws", False


@lru_cache(maxsize=4)
def _half(values: tuple[float, ...], clusters: int) -> Array:
    """All combinations in which the first weight is positive: turned round, the others give the same |t|."""
    positive = [one for one in values if one > 0]
    axes = np.meshgrid(positive, *[values] * (clusters - 1), indexing="ij")
    return np.stack([one.ravel() for one in axes], axis=1)


def _t(weights: Array, parts: Array, squares: Array, inverse: Array, term: int) -> Array:
    """Cluster-robust t of the coefficient in each draw; residuals enter by their sums only."""
    coefficients = weights @ parts @ inverse
    scores = [
        w[:, None] * part - coefficients @ square for w, part, square in zip(weights.T, parts, squares, strict=True)
    ]
    variance = sum((score @ inverse[:, term]) ** 2 for score in scores)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(coefficients[:, term] / np.sqrt(variance))
