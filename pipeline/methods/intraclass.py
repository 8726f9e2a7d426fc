"""How alike the answers of one service are, and what that costs: intraclass correlation and design effect.

Plain numbers in, plain numbers out. Models with services as clusters are in ``clustered``; what a next study needs is
in ``design``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Numbers = Sequence[float]


@dataclass(frozen=True)
class Intraclass:
    """An intraclass correlation with its interval; none of them below 0."""

    value: float
    low: float
    high: float


def intraclass(sizes: Numbers, sums: Numbers, squares: Numbers, level: float = 0.95) -> Intraclass | None:
    """Intraclass correlation from each service's number of answers, their sum, and the sum of their squares.

    For yes and no both sums are the number of yes. One-way analysis of variance (Ridout, Demétrio & Firth 1999, for
    yes and no), set to 0 where it is below; interval from F (Searle 1971), exact for normal answers and equal sizes,
    here with the size that stands for unequal ones: rough for shares and for few services. ``None`` with fewer than
    two services, with one answer each, or where answers do not differ within any service.
    """
    from scipy.special import fdtri

    n, total, total_squares = (np.asarray(each, dtype=float) for each in (sizes, sums, squares))
    k, everyone = len(n), n.sum()
    if k < 2 or everyone <= k:
        return None
    own = (total**2 / n).sum()
    between = (own - total.sum() ** 2 / everyone) / (k - 1)
    within = (total_squares.sum() - own) / (everyone - k)
    if within <= 1e-12 * total_squares.sum():
        return None
    size, ratio = _typical(n), between / within
    upper, lower = (float(fdtri(k - 1, everyone - k, p)) for p in ((1 + level) / 2, (1 - level) / 2))
    return Intraclass(*(max(0.0, (f - 1) / (f + size - 1)) for f in (ratio, ratio / upper, ratio / lower)))


def design_effect(correlation: float, sizes: Numbers) -> float:
    """By how much services as clusters widen the variance of a share or mean (Eldridge, Ashby & Kerry 2006).

    1 + ((1 + cv²) m - 1) correlation, with m the mean size and cv its coefficient of variation (divisor k): the size
    of the service that an answer, drawn from all answers, comes from.
    """
    n = np.asarray(sizes, dtype=float)
    return float(1 + ((n**2).sum() / n.sum() - 1) * correlation)


def _typical(n: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    """The size that stands for unequal ones in an analysis of variance."""
    return float((n.sum() - (n**2).sum() / n.sum()) / (len(n) - 1))
