"""Cluster-robust errors of a proportional-odds model: scores and information by cluster, and their sandwich.

Fitting belongs in ``proportional_odds``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from pipeline.methods.proportional_odds import Model

Array = Any
Correction = Literal["jackknife", "factor", "none"]


def pull(gaps: Array) -> Array:
    """How the log likelihood of a middle answer grows with the distance of its two thresholds."""
    return np.exp(-gaps) / -np.expm1(-gaps)


def influence(model: Model, covariance: Array, correction: Correction) -> Array:
    """What each cluster moves (clusters, thresholds and coefficients).

    The cluster-robust covariance is the sum of its outer products (Liang and Zeger 1986). `jackknife`: each cluster's
    score by the information of the others (Mancl and DeRouen 2001), all parameters left out at once; NaN for a
    coefficient that one cluster alone carries.
    """
    own = _Clusters(model)
    if correction == "jackknife":
        size = np.sqrt(np.maximum(np.diag(model.profiled), 1e-300))  # so that units of columns don't matter
        left, sums = own.of_the_others()
        return _left_out(left / np.outer(size, size), sums / size, model.cuts) / size
    factor = np.sqrt(own.size / (own.size - 1)) if correction == "factor" else 1.0
    return np.asarray(own.carried_scores() @ covariance * factor)


def _left_out(left: Array, sums: Array, cuts: int) -> Array:
    """Scores by the information of the others; NaN where the others say nothing of a coefficient.

    Without the cluster of the reference group the thresholds have no place: only what is between them counts then.
    """
    values, vectors = np.linalg.eigh(left)
    empty = values < 1e-9 * values[:, -1:]
    inverse = np.where(empty, 0.0, 1 / np.where(empty, 1.0, values))
    turned = np.einsum("cji,cj->ci", vectors, sums) * inverse
    moved = np.asarray(np.einsum("cij,cj->ci", vectors, turned))
    alone = (np.abs(vectors) * empty[:, None, :] > 1e-6).any(axis=(0, 2))
    moved[:, np.flatnonzero(alone & (np.arange(len(alone)) >= cuts))] = np.nan
    return moved


class _Clusters:
    """Sums by cluster, and by pair of a cluster and a group that meet."""

    def __init__(self, model: Model) -> None:
        rows, self.model = model.rows, model
        assert rows.c is not None
        self.c, self.size = rows.c, int(rows.c.max()) + 1
        self.width = model.cuts + model.terms
        self.slope = rows.w * (model.upper + model.lower - 1)
        groups = len(rows.kept)
        pairs, self.pair = np.unique(self.c * groups + rows.g, return_inverse=True)
        self.of_cluster, self.of_group = pairs // groups, pairs % groups

    def scores(self) -> Array:
        """Of thresholds and coefficients (clusters, q)."""
        rows, model = self.model.rows, self.model
        pulled = np.zeros(rows.size)
        pulled[1:-1] = pull(np.diff(model.theta))
        upper = self._by_answer(1 - model.upper + pulled[rows.y])
        lower = self._by_answer(model.lower + pulled[rows.y])
        terms = [np.bincount(self.c, self.slope * column, self.size) for column in rows.x.T]
        return np.column_stack([upper[:, :-1] - lower[:, 1:], *terms])

    def carried_scores(self) -> Array:
        """As ``scores``, those of the groups' effects carried over, as these are eliminated."""
        by_pair = np.bincount(self.pair, self.slope)
        carried = np.hstack([np.zeros((self.width, 1)), self.model.carried]).T
        return self.scores() - self._by_cluster(by_pair[:, None] * carried[self.of_group])

    def of_the_others(self) -> tuple[Array, Array]:
        """Information of all clusters but one (clusters, q, q), and the scores of that one, effects eliminated."""
        model = self.model
        cross, diagonal, others, left = self._meeting()
        whole = np.divide(1, diagonal, out=np.zeros_like(diagonal), where=diagonal > 0)
        rest = np.divide(1, left, out=np.zeros_like(left), where=left > 1e-9 * diagonal)
        added = whole[:, None, None] * _squares(cross) - rest[:, None, None] * _squares(others)
        information = model.profiled - self._information() + self._by_cluster(added)
        slopes = np.where(self.of_group > 0, np.bincount(self.pair, self.slope), 0.0)
        return information, self.scores() - self._by_cluster((slopes * rest)[:, None] * others)

    def _meeting(self) -> tuple[Array, Array, Array, Array]:
        """Of each pair's group: cross terms and diagonal with the cluster, and without it; 0 for the reference."""
        model, pairs = self.model, len(self.of_group)
        cross = np.vstack([np.zeros(self.width), model.cross])[self.of_group]
        diagonal = np.concatenate([[0.0], model.diagonal])[self.of_group]
        upper, lower = self._directions()
        weighted = -(upper.T * model.dense_upper + lower.T * model.dense_lower)
        own = np.column_stack([np.bincount(self.pair, one, pairs) for one in weighted])
        own_diagonal = np.bincount(self.pair, model.dense_upper + model.dense_lower, pairs)
        inside = self.of_group > 0
        return cross, diagonal, cross - own * inside[:, None], diagonal - own_diagonal * inside

    def _directions(self) -> tuple[Array, Array]:
        """How thresholds and coefficients move the upper and the lower limit of each row's answer (n, q)."""
        cuts, rows = self.model.cuts, self.model.rows
        marks = np.vstack([np.zeros(cuts), np.eye(cuts), np.zeros(cuts)])
        return np.hstack([marks[rows.y + 1], -rows.x]), np.hstack([marks[rows.y], -rows.x])

    def _information(self) -> Array:
        """Each cluster's information on thresholds and coefficients (clusters, q, q)."""
        model = self.model
        upper, lower = self._directions()
        found = np.zeros((self.size, self.width, self.width))
        for i in range(self.width):
            by_upper, by_lower = model.dense_upper * upper[:, i], model.dense_lower * lower[:, i]
            for j in range(i + 1):
                found[:, i, j] = np.bincount(self.c, by_upper * upper[:, j] + by_lower * lower[:, j], self.size)
                found[:, j, i] = found[:, i, j]
        gaps, steps = np.diff(model.theta), np.eye(model.cuts)[1:] - np.eye(model.cuts)[:-1]
        weight = self._by_answer(1.0)[:, 1:-1] * pull(gaps) * (1 + pull(gaps))
        found[:, : model.cuts, : model.cuts] += np.einsum("ck,ki,kj->cij", weight, steps, steps)
        return found

    def _by_answer(self, values: Array) -> Array:
        rows = self.model.rows
        sums = np.bincount(self.c * rows.size + rows.y, rows.w * values, self.size * rows.size)
        return np.asarray(sums.reshape(self.size, rows.size))

    def _by_cluster(self, values: Array) -> Array:
        """Sums over the pairs of each cluster; the pairs stand in the order of the clusters."""
        return np.asarray(np.add.reduceat(values, np.searchsorted(self.of_cluster, np.arange(self.size)), axis=0))


def _squares(rows: Array) -> Array:
    return np.einsum("ki,kj->kij", rows, rows)
