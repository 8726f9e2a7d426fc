"""Effects with known variances explained by what they come with: subgroups and meta-regression.

Plain numbers in, frozen dataclasses out. The variance that is left comes from ``heterogeneity``; what services come
with, and the rows, are in ``moderators``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan, sqrt

import numpy as np

from pipeline.methods.heterogeneity import Floats, Numbers, Weighted, between, weighted
from pipeline.methods.random_effects import t_interval


@dataclass(frozen=True)
class Coefficient:
    """One coefficient, or the mean of one subgroup, on the scale of the effects."""

    value: float
    se: float
    low: float
    high: float
    p: float


@dataclass(frozen=True)
class MetaRegression:
    """A mixed-effects model of effects.

    ``q`` and ``q_p`` test what is left beyond chance; ``moderator_q`` is Wald's Q that all coefficients but the
    first are 0 (for subgroups: that all means are one), ``moderator_p`` its p from F with ``numerator_df`` and
    ``df``; ``explained`` is the part of the variance between effects that goes with the moderators, empty where
    there is none to explain.
    """

    coefficients: tuple[Coefficient, ...]
    df: int
    numerator_df: int
    tau2: float
    q: float
    q_p: float
    moderator_q: float
    moderator_p: float
    explained: float | None


def regress(
    effects: Numbers,
    variances: Numbers,
    design: Floats,
    level: float = 0.95,
    estimator: str = "paule-mandel",
    *,
    truncated: bool = True,
) -> MetaRegression:
    """Mixed-effects meta-regression: standard errors, t and F by Knapp & Hartung (2003).

    ``design``: a row an effect; its first column is 1. The factor of the standard errors is not below 1
    (``truncated``). ``explained`` is 1 less what is left of the variance (Raudenbush 2009), not below 0.

    Raises
    ------
    NotConvergedError
        When restricted maximum likelihood finds no end.
    ValueError
        When there are no more effects than coefficients, or columns can't be told apart.
    """
    _require_rank(design)
    return _fitted(effects, variances, design, np.eye(design.shape[1])[1:], level, estimator, truncated)


def subgroups(
    effects: Numbers,
    variances: Numbers,
    group: Sequence[str],
    level: float = 0.95,
    estimator: str = "paule-mandel",
    *,
    truncated: bool = True,
) -> tuple[tuple[str, ...], MetaRegression]:
    """The subgroups in order of first appearance and their means, with one variance within all of them.

    One variance for all because a subgroup of few services does not tell its own (Borenstein et al. 2009, ch. 19).

    Raises
    ------
    NotConvergedError, ValueError
        As ``regress``.
    """
    names = tuple(dict.fromkeys(group))
    design = np.array([[float(one == name) for name in names] for one in group])
    _require_rank(design)
    same = np.hstack([np.full((len(names) - 1, 1), -1.0), np.eye(len(names) - 1)])
    return names, _fitted(effects, variances, design, same, level, estimator, truncated)


def _require_rank(design: Floats) -> None:
    rows, columns = design.shape
    if rows <= columns:
        raise ValueError("no more effects than coefficients")
    if np.linalg.matrix_rank(design) < columns:
        raise ValueError("columns of the design can't be told apart")


def _fitted(
    effects: Numbers,
    variances: Numbers,
    design: Floats,
    tested: Floats,
    level: float,
    estimator: str,
    truncated: bool,
) -> MetaRegression:
    from scipy.special import chdtrc

    tau2 = between(effects, variances, estimator, design)
    without = between(effects, variances, estimator)
    fit, left = weighted(effects, variances, tau2, design), weighted(effects, variances, 0.0, design).q
    factor = max(fit.q / fit.df, 1.0) if truncated else fit.q / fit.df
    wald, p = _wald(fit, tested, factor)
    explained = max(0.0, 1 - tau2 / without) if without > 0 else None
    rows = _coefficients(fit, factor, level)
    return MetaRegression(rows, fit.df, len(tested), tau2, left, float(chdtrc(fit.df, left)), wald, p, explained)


def _wald(fit: Weighted, tested: Floats, factor: float) -> tuple[float, float]:
    """Wald's Q of the tested sums of coefficients, and its p from F (Knapp & Hartung 2003)."""
    from scipy.special import fdtrc

    if not len(tested):
        return nan, nan
    sums = tested @ fit.coefficients
    q = float(sums @ np.linalg.solve(tested @ fit.covariance @ tested.T, sums))
    return q, float(fdtrc(len(tested), fit.df, q / factor / len(tested))) if factor > 0 else nan


def _coefficients(fit: Weighted, factor: float, level: float) -> tuple[Coefficient, ...]:
    from scipy.special import stdtr

    rows = []
    for value, variance in zip(fit.coefficients, np.diag(fit.covariance), strict=True):
        se = sqrt(float(variance) * factor)
        low, high = t_interval(float(value), se, fit.df, level)
        p = 2 * float(stdtr(fit.df, -abs(value) / se)) if se > 0 else nan
        rows.append(Coefficient(float(value), se, low, high, p))
    return tuple(rows)
