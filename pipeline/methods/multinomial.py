"""Multinomial logistic regression on one factor, with clusters: log relative risk ratios and their errors.

With one factor the model is saturated: the fitted shares are the observed ones, so that maximum likelihood has a
closed form and nothing has to converge (Agresti 2013). What is reported of it belongs in ``contact_model``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class LogRatio:
    """A log relative risk ratio: category to baseline, group to reference.

    ``model_se`` takes every unit as independent; ``se`` takes clusters of units as independent, with ``df`` degrees
    of freedom for a t quantile.
    """

    value: float
    model_se: float
    se: float
    df: float


def log_ratio(of_group: Array, of_reference: Array, shared: Array | None = None) -> LogRatio | None:
    """Log of (category / baseline in the group) / (category / baseline in the reference).

    Parameters
    ----------
    of_group, of_reference
        Counts of units by cluster (rows) in the category and in the baseline (two columns).
    shared
        Pairs of row numbers (in group, in reference) that are the same cluster; none where empty.

    Returns
    -------
    ``None`` where one of the four totals is 0, or where group or reference has fewer than two clusters.

    Notes
    -----
    ``se`` is the sandwich of Liang & Zeger (1986): the sum over clusters of squared scores, each group's times
    g / (g - 1) for its g clusters. Degrees of freedom by Welch (1947) and Satterthwaite (1946), of the two groups'
    parts, because the smaller number of clusters decides.
    """
    sides = [np.asarray(one, dtype=float).reshape(-1, 2) for one in (of_group, of_reference)]
    totals = [one.sum(axis=0) for one in sides]
    if any((total == 0).any() for total in totals) or any(len(one) < 2 for one in sides):
        return None
    value = float(np.log(totals[0][0] / totals[0][1]) - np.log(totals[1][0] / totals[1][1]))
    model = float(sum((1 / total).sum() for total in totals))
    scores = [_scores(one) for one in sides]
    parts = [float(one @ one) for one in scores]
    both = 0.0
    if shared is not None and len(shared):
        both = float(scores[0][shared[:, 0]] @ scores[1][shared[:, 1]])
    variance = sum(parts) - 2 * both
    if min(parts) <= 0 or variance <= 0:
        return None
    df = sum(parts) ** 2 / sum(part**2 / (len(one) - 1) for part, one in zip(parts, scores, strict=True))
    return LogRatio(value, model**0.5, variance**0.5, df)


def _scores(counts: Array) -> Array:
    """What each cluster moves the log ratio of the two totals by, times the correction for few clusters."""
    clusters = len(counts)
    moved = counts[:, 0] / counts[:, 0].sum() - counts[:, 1] / counts[:, 1].sum()
    return np.asarray(moved * (clusters / (clusters - 1)) ** 0.5)
