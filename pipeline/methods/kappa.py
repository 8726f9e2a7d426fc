"""Kappa statistics: Cohen's of two coders, plain or weighted, and Fleiss' of more. Plain numbers in and out.

Which units and codes they are computed of belongs in ``agreement``; Krippendorff's alpha is in ``krippendorff``.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any, Literal

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float64]]
Weights = Literal["linear", "quadratic"]


def weights(values: int, kind: Weights) -> Floats:
    """Agreement of each two of so many ordered values: 1 on the diagonal, 0 from one end to the other.

    1 less the distance in steps (linear), or less its square (quadratic), by that of the ends (Cohen 1968).
    """
    steps = np.abs(np.subtract.outer(np.arange(values), np.arange(values))) / max(values - 1, 1)
    return np.asarray(1 - (steps if kind == "linear" else steps**2), dtype=np.float64)


def cohen(table: Floats, weight: Floats | None = None) -> tuple[float, float] | None:
    """Kappa (Cohen 1960; weighted: 1968) and its standard error (Fleiss, Cohen and Everitt 1969).

    ``table`` counts units by the value of one coder (rows) and of the other (columns). ``None`` without a unit, or
    where chance alone gives full agreement: both coders gave one and the same value throughout.
    """
    n = table.sum()
    if not n:
        return None
    weight = np.eye(len(table)) if weight is None else weight
    p = table / n
    rows, columns = p.sum(axis=1), p.sum(axis=0)
    chance = float(rows @ weight @ columns)
    if np.isclose(chance, 1, rtol=0, atol=1e-12):
        return None
    value = (float((weight * p).sum()) - chance) / (1 - chance)
    expected = (weight @ columns)[:, None] + (rows @ weight)[None, :]
    spread = float((p * (weight - expected * (1 - value)) ** 2).sum()) - (value - chance * (1 - value)) ** 2
    return value, sqrt(max(spread, 0.0) / (n * (1 - chance) ** 2))


@dataclass(frozen=True)
class Fleiss:
    """Fleiss' kappa (1971): how often two coders of a unit agree, beyond chance.

    ``counts`` (units x values): by how many coders each value was given; every unit by as many, two or more.
    """

    counts: Floats

    @property
    def disagreement(self) -> Floats:
        """Share of the pairs of coders of each unit that differ."""
        number = self.counts.sum(axis=1)
        return np.asarray(
            1 - (self.counts * (self.counts - 1)).sum(axis=1) / (number * (number - 1)), dtype=np.float64
        )

    def value(self) -> float | None:
        """Kappa of all units; ``None`` where there is none, or all coders gave one value throughout."""
        if not len(self.counts):
            return None
        found = self.alphas(np.ones((1, len(self.counts))))[0]
        return None if np.isnan(found) else float(found)

    def alphas(self, weights: Floats) -> Floats:
        """Kappa of each row of ``weights`` (replicates x units); NaN where it has no variation."""
        shares = weights @ self.counts
        shares = shares / shares.sum(axis=1, keepdims=True)
        agreed = 1 - weights @ self.disagreement / weights.sum(axis=1)
        chance = (shares**2).sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            found = np.where(chance < 1 - 1e-12, (agreed - chance) / (1 - chance), np.nan)
        return np.asarray(found, dtype=np.float64)
