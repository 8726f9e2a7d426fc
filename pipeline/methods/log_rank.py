"""The log-rank test: do posts end alike in several groups? Arrays in, numbers out.

Which groups are compared, and the cells behind them, belong in ``retention_compared``; a model with several terms
in ``cox``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class LogRank:
    """Ends observed and expected in each group; chi-square, degrees of freedom and p, ``None`` without one."""

    observed: Array
    expected: Array
    chi_square: float | None
    degrees: int
    p: float | None


def log_rank(days: Array, ended: Array, groups: Array, number: int) -> LogRank:
    """Test that posts of all groups end alike (Mantel 1966; Peto & Peto 1972), with the hypergeometric variance.

    No chi-square where nothing ended, or where never two groups were in post when a post ended.

    Parameters
    ----------
    days, ended, groups
        One value a post: days in post, whether it ended then, and the number of its group, from 0.
    number
        How many groups there are.
    """
    times = np.unique(days[ended])
    of_group = np.eye(number, dtype=float)[groups]
    at_risk = _at_risk(days, times, of_group)
    ends = np.zeros((len(times), number))
    np.add.at(ends, np.searchsorted(times, days[ended]), of_group[ended])
    total, together = at_risk.sum(axis=1), ends.sum(axis=1)
    share = np.divide(at_risk, total[:, None], out=np.zeros_like(at_risk), where=total[:, None] > 0)
    observed, expected = ends.sum(axis=0), (share * together[:, None]).sum(axis=0)
    weight = together * (total - together) / np.maximum(total - 1, 1)
    covariance = np.diag(weight @ share) - (share * weight[:, None]).T @ share
    return LogRank(observed, expected, *_tested(observed, expected, covariance))


def _at_risk(days: Array, times: Array, of_group: Array) -> Array:
    """Posts of each group still held at each time, or ended on that day."""
    order = np.argsort(days)
    later = np.vstack([np.cumsum(of_group[order][::-1], axis=0)[::-1], np.zeros((1, of_group.shape[1]))])
    return np.asarray(later[np.searchsorted(days[order], times, side="left")])


def _tested(observed: Array, expected: Array, covariance: Array) -> tuple[float | None, int, float | None]:
    """Groups in which no end was expected are left out; of the others one follows from the rest."""
    from scipy.special import chdtrc

    kept = np.flatnonzero(expected > 0)[1:]
    matrix = covariance[np.ix_(kept, kept)]
    if not len(kept) or np.linalg.matrix_rank(matrix) < len(kept):
        return None, max(len(kept), 0), None
    distance = (observed - expected)[kept]
    chi_square = float(distance @ np.linalg.solve(matrix, distance))
    return chi_square, len(kept), float(chdtrc(len(kept), chi_square))
