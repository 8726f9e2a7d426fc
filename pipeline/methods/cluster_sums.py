"""Rows put in the order of their clusters, and sums by cluster; shared by all models with clusters.

What is estimated from the sums belongs in the models.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]
Integers = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Clusters:
    """Which rows belong together.

    ``order`` puts rows of one cluster side by side, ``starts`` says where each cluster begins then, and ``sizes``
    how many rows it has. ``places`` is the cluster (0 to G - 1) of each row in that order.
    """

    order: Integers
    starts: Integers
    sizes: Array
    places: Integers

    @staticmethod
    def of(labels: Sequence[object] | np.ndarray[Any, Any]) -> Clusters:
        """Clusters of rows with these labels, one a row, in the order of the sorted labels."""
        _, codes = np.unique(np.asarray(labels), return_inverse=True)
        order = np.argsort(codes, kind="stable")
        places = codes[order]
        starts = np.flatnonzero(np.diff(places, prepend=-1))
        return Clusters(order, starts, np.bincount(codes).astype(float), places)

    @property
    def number(self) -> int:
        """How many clusters there are."""
        return len(self.sizes)

    def sums(self, columns: Array) -> Array:
        """Sums by cluster of an array whose last axis runs over rows in ``order``."""
        return np.add.reduceat(columns, self.starts, axis=-1)

    def spread(self, values: Array) -> Array:
        """Each cluster's value once for each of its rows (last axis)."""
        return np.asarray(values[..., self.places])
