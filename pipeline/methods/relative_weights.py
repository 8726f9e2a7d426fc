"""Relative weights of correlated factors, and how sure they are: plain arrays in, plain arrays out.

Which factors are weighed, and what is written about them, belongs in ``drivers``. Arrays of scores have one row a
respondent and one column a variable, the outcome last; NaN where not answered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]

RESAMPLES = 1_000
SEED = 2000
_BATCH = 4_000_000  # numbers held at a time: resamples x respondents x variables
_FLOOR = 1e-10


@dataclass(frozen=True)
class Weighed:
    """Relative weights and standardised coefficients of the factors, and of each resample (rows)."""

    weights: Array
    coefficients: Array
    resampled_weights: Array
    resampled_coefficients: Array
    chance: Array

    @property
    def r_squared(self) -> float:
        """Share of the variance of the outcome that goes with all factors together."""
        return float(self.weights.sum())

    def among_first(self, places: int) -> Array:
        """Share of the resamples in which each factor is among the first ``places``; adds up to ``places``."""
        first = np.argsort(-self.resampled_weights, axis=1, kind="stable")[:, :places]
        return np.bincount(first.ravel(), minlength=len(self.weights)) / len(self.resampled_weights)


def weigh(scores: Array, resamples: int = RESAMPLES, seed: int = SEED) -> Weighed:
    """Johnson's (2000) relative weights of ranks, resampled over respondents, the same on each run.

    Correlations are those of ranks, over complete pairs; each resample is ranked anew. ``chance`` has, for each of
    as many made-up factors of random numbers, the weight that it gets beside the real ones (in the manner of
    Tonidandel, LeBreton and Johnson 2009, who put such a factor into each resample).
    """
    random, n = np.random.Generator(np.random.PCG64(seed)), len(scores)
    drawn = np.floor(random.random((resamples, n)) * n).astype(np.int64)
    counts = np.stack([np.bincount(one, minlength=n) for one in drawn]).astype(float)
    whole = rank_correlations(scores, np.ones((1, n)))
    weights, coefficients = johnson(whole)
    step = max(1, _BATCH // scores.size)
    batches = [johnson(rank_correlations(scores, counts[at : at + step])) for at in range(0, resamples, step)]
    resampled = [np.concatenate(parts) for parts in zip(*batches, strict=True)]
    chance = johnson(_beside(whole[0], scores, random.random((resamples, n))))[0][:, 0]
    return Weighed(weights[0], coefficients[0], resampled[0], resampled[1], chance)


def rank_correlations(scores: Array, counts: Array) -> Array:
    """Correlations of ranks over complete pairs when respondent i is there ``counts[b, i]`` times: (b, k, k).

    Each variable is ranked over all who have a score on it, ties by mid-ranks: without missing scores these are
    Spearman's correlations. 0 where a variable doesn't vary or no pair is complete.
    """
    there = ~np.isnan(scores)
    ranks = np.stack([_ranks(column, counts) for column in scores.T], axis=2)
    return _correlate(np.where(there, ranks, 0.0), there.astype(float), counts)


def johnson(correlations: Array) -> tuple[Array, Array]:
    """Relative weights and standardised coefficients from correlation matrices (b, k, k), the outcome last.

    The factors are replaced by the uncorrelated variables nearest to them; the outcome is regressed on these, and
    what each explains goes back to the factors in proportion to their squared correlations with it (Johnson 2000).
    Weights are not negative and add up to R squared. A matrix of complete pairs that no data could have is first
    moved to one that is possible, by raising negative eigenvalues to 0 (Rousseeuw and Molenberghs 1993).
    """
    possible = _possible(correlations)
    values, vectors = np.linalg.eigh(possible[:, :-1, :-1])
    roots, outcome = np.sqrt(np.maximum(values, _FLOOR)), possible[:, :-1, -1:]
    loadings = (vectors * roots[:, None, :]) @ vectors.swapaxes(1, 2)
    inverse = (vectors / roots[:, None, :]) @ vectors.swapaxes(1, 2)
    along = inverse @ outcome
    return (loadings**2 @ along**2)[:, :, 0], (inverse @ along)[:, :, 0]


def _ranks(column: Array, counts: Array) -> Array:
    """Mid-ranks of one variable in each resample (up to a constant); 0 where there is no score."""
    values, place = np.unique(np.where(np.isnan(column), np.inf, column), return_inverse=True)
    of_value = np.stack([counts[:, place == one].sum(axis=1) for one in range(len(values))], axis=1)
    middle = np.cumsum(of_value, axis=1) - of_value / 2
    return middle[:, place]


def _correlate(z: Array, there: Array, counts: Array) -> Array:
    """Pearson's correlations of ``z`` (b, n, k; 0 where not ``there``) over complete pairs, respondents counted."""
    weighted = counts[:, :, None] * z
    n = np.maximum((counts[:, :, None] * there).swapaxes(1, 2) @ there, 1.0)
    mean = weighted.swapaxes(1, 2) @ there / n  # of the row's variable, over those who have the column's too
    square = (weighted * z).swapaxes(1, 2) @ there / n - mean**2
    product = weighted.swapaxes(1, 2) @ z / n - mean * mean.swapaxes(1, 2)
    spread = np.sqrt(np.maximum(square * square.swapaxes(1, 2), 0.0))
    found = np.divide(product, spread, out=np.zeros_like(product), where=spread > _FLOOR)
    found[:, np.arange(z.shape[2]), np.arange(z.shape[2])] = 1.0
    return np.clip(found, -1.0, 1.0)


def _possible(correlations: Array) -> Array:
    values, vectors = np.linalg.eigh(correlations)
    if values.min() > 0:
        return correlations
    moved = (vectors * np.maximum(values, _FLOOR)[:, None, :]) @ vectors.swapaxes(1, 2)
    scale = np.sqrt(np.diagonal(moved, axis1=1, axis2=2))
    return np.asarray(moved / (scale[:, :, None] * scale[:, None, :]))


def _beside(whole: Array, scores: Array, random: Array) -> Array:
    """The correlations with one more variable, of random numbers, put first: a matrix for each row of ``random``."""
    there = ~np.isnan(scores)
    ranks = np.column_stack([_ranks(column, np.ones((1, len(scores))))[0] for column in scores.T])
    size = len(whole) + 1
    matrices = np.ones((len(random), size, size))
    matrices[:, 1:, 1:] = whole
    matrices[:, 0, 1:] = matrices[:, 1:, 0] = _with_each(random, np.where(there, ranks, 0.0), there.astype(float))
    return matrices


def _with_each(random: Array, ranks: Array, there: Array) -> Array:
    """Correlation of each row of ``random`` with each variable, over those who have a rank on it (0 elsewhere)."""
    n = there.sum(axis=0)
    mean, other = random @ there / n, ranks.sum(axis=0) / n
    spread = (random**2 @ there / n - mean**2) * ((ranks**2).sum(axis=0) / n - other**2)
    return np.asarray((random @ ranks / n - mean * other) / np.sqrt(spread))
