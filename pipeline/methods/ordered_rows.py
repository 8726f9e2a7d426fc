"""Rows of an ordinal model as indices: answers, groups and clusters numbered from 0, equal rows as one.

The model itself belongs in ``proportional_odds``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

Array = Any
_MANY = 2000


@dataclass(frozen=True)
class Rows:
    """Rows as indices.

    ``y`` answer (0..J-1, names in ``categories``), ``x`` predictors, ``g`` group (0 is the reference; place in
    ``groups`` by ``kept``), ``c`` cluster (names in ``clusters``), ``w`` weight.
    """

    y: Array
    x: Array
    g: Array
    c: Array | None
    w: Array
    categories: Array
    groups: Array
    kept: Array
    clusters: Array

    @property
    def size(self) -> int:
        """Number of categories."""
        return len(self.categories)

    @staticmethod
    def of(codes: Array, design: Array, clusters: Array | None, groups: Array | None, weights: Array | None) -> Rows:
        """Index the arguments of ``proportional_odds.fit``; rows without weight or influence are left out."""
        y = np.asarray(codes)
        x = np.asarray(design, dtype=float).reshape(len(y), -1) if len(y) else np.zeros((0, 0))
        w = np.ones(len(y)) if weights is None else np.asarray(weights, dtype=float)
        names, g = indexed(np.zeros(len(y), dtype=int) if groups is None else groups)
        use = w > 0
        while True:
            usable = use & ~np.isin(g, _extreme(y[use], g[use], w[use], len(names))) if groups is not None else use
            if usable.sum() == use.sum():
                break
            use = usable
        kept, inner = indexed(g[use])
        categories, order = indexed(y[use])
        sets, cluster = (None, None) if clusters is None else indexed(np.asarray(clusters)[use])
        given = names if groups is not None else names[:0]
        return Rows(order, x[use], inner, cluster, w[use], categories, given, kept, sets)

    def compressed(self) -> Rows:
        """Equal rows as one with their weight, where that saves much."""
        n = len(self.y)
        key, count = self.g * self.size + self.y, self.size * len(self.kept)
        parts = [*self.x.T, *([self.c] if self.c is not None else [])]
        for column in parts if n > _MANY else ():
            values, place = indexed(column) if count < n else (range(n), 0)
            key, count = key * len(values) + place, count * len(values)
        if n <= _MANY or count > n:
            return self
        _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
        cluster = None if self.c is None else self.c[first]
        weight = np.bincount(inverse, self.w)
        return replace(self, y=self.y[first], x=self.x[first], g=self.g[first], c=cluster, w=weight)


def indexed(labels: Array) -> tuple[Array, Array]:
    """Distinct labels, ascending, and the place of each row's label among them."""
    labels = np.asarray(labels)
    if labels.dtype.kind in "iu" and labels.size and labels.min() >= 0 and labels.max() < 10 * labels.size + 100:
        present = np.bincount(labels) > 0
        return np.flatnonzero(present), (np.cumsum(present) - 1)[labels]
    names, place = np.unique(labels, return_inverse=True)
    return names, place


def _extreme(y: Array, g: Array, w: Array, groups: int) -> Array:
    """Groups all of whose answers are the lowest, or all the highest: their effect has no end, nor any influence."""
    if not len(y):
        return np.array([], dtype=int)
    total = np.bincount(g, w, groups)
    ends = [np.bincount(g, w * (y == end), groups) for end in (y.min(), y.max())]
    return np.flatnonzero((total > 0) & ((ends[0] == total) | (ends[1] == total)))
