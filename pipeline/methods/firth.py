"""Logistic regression with Firth's penalty, for few rows: finite even under separation. Arrays in, numbers out.

Which rows and predictors enter, and the cells behind them, belong in ``success``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

_STEPS, _HALVINGS, _LONGEST_STEP = 200, 40, 5.0
_SMALL_SCORE = 1e-10
_NO_BETTER_SCORE = 1e-6
"""A score that can't be brought down further, by the limits of arithmetic, counts as none."""

_FARTHEST = 1000.0
"""Log odds ratio over a predictor's whole range up to which the end of an interval is looked for."""


@dataclass(frozen=True)
class FirthFit:
    """Penalised estimates: coefficients (constant first), their covariance, and the penalised log likelihood."""

    coefficients: Array
    covariance: Array
    log_likelihood: float


@dataclass(frozen=True)
class Profile:
    """Profile penalised likelihood interval of one coefficient (an end is ``None`` where there is none), and p."""

    low: float | None
    high: float | None
    p: float


class Firth:
    """One data set: the rows' predictors (columns, without the constant) and their 0 or 1.

    The likelihood is penalised by the root of the information's determinant (Firth 1993), in the logistic model as
    Heinze and Schemper (2002) have it. Rows that are alike are counted, not repeated.
    """

    def __init__(self, x: Array, y: Array) -> None:
        self._centre, self._spread = x.mean(axis=0), np.ptp(x, axis=0)
        if (self._spread == 0).any():
            raise ValueError("a predictor without variation has no coefficient")
        rows, self._many = np.unique(np.column_stack([x, y]), axis=0, return_counts=True)
        self._x = np.column_stack([np.ones(len(rows)), (rows[:, :-1] - self._centre) / self._spread])
        self._y = rows[:, -1]
        self._free = np.arange(self._x.shape[1])
        self._best = self._maximum(np.zeros(len(self._free)), self._free)

    def fit(self) -> FirthFit | None:
        """The penalised maximum; ``None`` where it is not found, as with predictors that follow from each other."""
        if self._best is None:
            return None
        beta, value = self._best
        back = np.diag(np.append(1.0, 1 / self._spread))
        back[0, 1:] = -self._centre / self._spread
        information = self._state(beta)[2]
        return FirthFit(back @ beta, back @ np.linalg.inv(information) @ back.T, value)

    def profile(self, predictor: int, level: float) -> Profile | None:
        """Interval and likelihood ratio test of one predictor (from 0), the others at their best for each value.

        ``None`` where the profile can't be followed.
        """
        from scipy.special import chdtrc, chdtri

        if self._best is None:
            return None
        column, (beta, best) = predictor + 1, self._best
        others, last = np.delete(self._free, column), beta

        def drop(value: float) -> float:
            """Twice the fall of the likelihood; from two starts, because with few rows it can have two tops."""
            nonlocal last
            tops = [self._maximum(_with(start, column, value), others) for start in (last, beta)]
            found = max((top for top in tops if top is not None), key=lambda top: top[1], default=None)
            if found is None:
                raise ArithmeticError("no maximum")
            last = found[0]
            return 2 * (best - found[1])

        allowed = float(chdtri(1, 1 - level))
        try:
            p = float(chdtrc(1, max(drop(0.0), 0.0)))
            low, high = (_crossing(drop, beta[column], allowed, side) for side in (-1, 1))
        except (ArithmeticError, ValueError):  # no maximum, or a profile that jumps between two
            return None
        spread = self._spread[predictor]
        return Profile(None if low is None else low / spread, None if high is None else high / spread, p)

    def _state(self, beta: Array) -> tuple[float, Array, Array]:
        """Penalised log likelihood, its modified score, and the information."""
        linear = self._x @ beta
        share = 1 / (1 + np.exp(-np.clip(linear, -700, 700)))
        weight = share * (1 - share)
        information = (self._x * (self._many * weight)[:, None]).T @ self._x
        sign, log_determinant = np.linalg.slogdet(information)
        if sign <= 0 or not np.isfinite(log_determinant):
            return -np.inf, np.zeros(len(beta)), information
        leverage = weight * np.einsum("ij,ji->i", self._x, np.linalg.solve(information, self._x.T))
        score = self._x.T @ (self._many * (self._y - share + leverage * (0.5 - share)))
        value = float(self._many @ (self._y * linear - np.logaddexp(0, linear)) + log_determinant / 2)
        return value, score, information

    def _maximum(self, beta: Array, free: Array) -> tuple[Array, float] | None:
        """The maximum over the ``free`` coefficients, from ``beta`` on, by Newton's method with halved steps."""
        value, score, information = self._state(beta)
        for _ in range(_STEPS):
            if not np.isfinite(value):
                return None
            if not len(free) or np.abs(score[free]).max() < _SMALL_SCORE:
                return beta, value
            move = np.zeros(len(beta))
            move[free] = np.linalg.solve(self._curvature(beta, free, information), score[free])
            move /= max(1.0, np.abs(move).max() / _LONGEST_STEP)
            better = self._better(beta, move, value)
            if better is None:
                return (beta, value) if np.abs(score[free]).max() < _NO_BETTER_SCORE else None
            beta, (value, score, information) = better
        return None

    def _curvature(self, beta: Array, free: Array, information: Array) -> Array:
        """Negative slope of the modified score; the information where that is no way up."""
        step = 1e-5
        moves = np.eye(len(beta))[free] * step
        slopes = [(self._state(beta - move)[1] - self._state(beta + move)[1])[free] / (2 * step) for move in moves]
        matrix = (np.array(slopes) + np.array(slopes).T) / 2
        expected: Array = information[np.ix_(free, free)]
        return matrix if np.linalg.eigvalsh(matrix).min() > 1e-3 * np.linalg.eigvalsh(expected).min() else expected

    def _better(self, beta: Array, move: Array, value: float) -> tuple[Array, tuple[float, Array, Array]] | None:
        for _ in range(_HALVINGS):
            tried = self._state(beta + move)
            if tried[0] >= value - 1e-13 * abs(value):
                return beta + move, tried
            move = move / 2
        return None


def _with(beta: Array, column: int, value: float) -> Array:
    """The coefficients with another one in a column."""
    changed = beta.copy()
    changed[column] = value
    return changed


def _crossing(drop: Callable[[float], float], best: float, allowed: float, side: int) -> float | None:
    """Where the drop of twice the likelihood reaches what is allowed, on one side of the best value."""
    from scipy.optimize import brentq

    inner, reach = best, 1.0
    while drop(best + side * reach) < allowed:
        inner, reach = best + side * reach, 2 * reach
        if reach > _FARTHEST:
            return None
    outer = best + side * reach
    return float(brentq(lambda value: drop(value) - allowed, inner, outer, xtol=1e-11, rtol=1e-13))
