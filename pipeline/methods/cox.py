"""Cox's proportional hazards model by Newton's method, and a test of its assumption. Arrays in, numbers out.

Which terms enter, and the cells behind them, belong in ``retention_compared``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.methods.survival import Curve

Array = np.ndarray[Any, np.dtype[Any]]

_STEPS, _HALVINGS = 50, 20
_SMALL_STEP = 1e-9
_LEAST_INFORMATION = 1e-10
"""Information an end, of terms with a range of 1, below which posts at risk together don't differ in some term."""

_FARTHEST = 20.0
"""A log ratio over a term's whole range beyond which it is taken to have no finite estimate."""


@dataclass(frozen=True)
class CoxFit:
    """Coefficients (log hazard ratios), their covariance, and the log partial likelihood with and without terms."""

    coefficients: Array
    covariance: Array
    log_likelihood: float
    null_log_likelihood: float
    iterations: int


@dataclass(frozen=True)
class _Ends:
    """What the likelihood needs of each end, one row an end: by order of time, ties with Efron's fractions.

    Posts stand by falling time. ``times`` are the distinct times of ends, ``time`` the place of an end's time among
    them; ``first`` the place of the last post at risk at each time; ``fraction`` the part of those ending at a time
    that is taken off for an end; ``of_order`` the place of its time for each post that ended.
    """

    x: Array
    ended: Array
    times: Array
    time: Array
    first: Array
    fraction: Array
    of_order: Array

    @staticmethod
    def of(days: Array, ended: Array, x: Array) -> _Ends:
        order = np.argsort(-days, kind="stable")
        days, ended, x = days[order], ended[order], x[order]
        times, counts = np.unique(days[ended], return_counts=True)
        time = np.repeat(np.arange(len(times)), counts)
        last_at_risk = np.searchsorted(-days, -times, side="right") - 1
        fraction = np.concatenate([np.arange(n) / n for n in counts]) if len(counts) else np.array([])
        return _Ends(x, ended, times, time, last_at_risk, fraction, np.searchsorted(times, days[ended]))

    def at(self, beta: Array) -> _State:
        """Likelihood and moments of those at risk, for some coefficients."""
        weight = np.exp(self.x @ beta)
        at_risk = self._summed(weight)
        mean = self._summed(weight[:, None] * self.x) / at_risk[:, None]
        value = float((self.x[self.ended] @ beta).sum() - np.log(at_risk).sum())
        distance = np.zeros((len(self.times), self.x.shape[1]))
        np.add.at(distance, self.of_order, self.x[self.ended])
        np.add.at(distance, self.time, -mean)
        return _State(self, weight, at_risk, mean, value, distance)

    def _summed(self, product: Array) -> Array:
        """Sum over those at risk at each end, less the fraction of those ending at that time (Efron 1977)."""
        at_risk = np.cumsum(product, axis=0)[self.first][self.time]
        ending = np.zeros((len(self.times), *product.shape[1:]))
        np.add.at(ending, self.of_order, product[self.ended])
        return np.asarray(at_risk - self.fraction.reshape(-1, *[1] * (product.ndim - 1)) * ending[self.time])


@dataclass(frozen=True)
class _State:
    """The log likelihood, and the distance of those ending from the mean at risk, a row a time."""

    ends: _Ends
    weight: Array
    at_risk: Array
    mean: Array
    value: float
    distance: Array

    def information(self, by: Array | None = None) -> Array:
        """Sum over the ends of the covariance of the terms at risk, each end weighted ``by`` (1 where not given).

        Summed over posts, each with the weight that it has in all ends together: no matrix an end.
        """
        ends, by = self.ends, np.ones(len(self.at_risk)) if by is None else by
        shares = by / self.at_risk
        each = np.zeros(len(self.weight))
        np.add.at(each, ends.first[ends.time], shares)
        each = np.cumsum(each[::-1])[::-1].copy()
        taken = np.bincount(ends.time, ends.fraction * shares, len(ends.times))
        each[ends.ended] -= taken[ends.of_order]
        second = (ends.x * (self.weight * each)[:, None]).T @ ends.x
        return np.asarray(second - (self.mean * by[:, None]).T @ self.mean)


def fit(days: Array, ended: Array, x: Array) -> CoxFit | None:
    """Maximum partial likelihood (Cox 1972), ties by Efron (1977).

    ``None`` where it doesn't converge: a term that is the same for all at risk at each end, or follows from others;
    fewer ends than terms; or a likelihood that rises without end because a group has no ends, or all of the earliest
    (Bryson and Johnson 1981).

    Parameters
    ----------
    days, ended
        One value a post: days in post, and whether it ended then.
    x
        Terms, a column each; no constant.
    """
    spread = np.ptp(x, axis=0) if len(x) else np.zeros(x.shape[1])
    if not x.shape[1] or (spread == 0).any() or ended.sum() <= x.shape[1]:
        return None
    scaled = _Ends.of(days, ended, (x - x.mean(axis=0)) / spread)
    found = _newton(scaled, x.shape[1])
    if found is None:
        return None
    beta, information, value, steps = found
    covariance = np.linalg.inv(information) / np.outer(spread, spread)
    return CoxFit(beta / spread, covariance, value, scaled.at(np.zeros(len(beta))).value, steps)


def _newton(ends: _Ends, terms: int) -> tuple[Array, Array, float, int] | None:
    beta = np.zeros(terms)
    state, least = ends.at(beta), _LEAST_INFORMATION * len(ends.time)
    for step in range(1, _STEPS + 1):
        information = state.information()
        if not np.isfinite(information).all() or np.linalg.eigvalsh(information).min() < least:
            return None
        move = np.linalg.solve(information, state.distance.sum(axis=0))
        for _ in range(_HALVINGS):
            tried = ends.at(beta + move)
            if tried.value >= state.value - 1e-10 * abs(state.value):
                break
            move = move / 2
        else:
            return None
        beta, state = beta + move, tried
        if np.abs(beta).max() > _FARTHEST:
            return None
        if np.abs(move).max() < _SMALL_STEP:
            return beta, state.information(), state.value, step
    return None


@dataclass(frozen=True)
class Proportional:
    """Chi-square that the hazards are proportional, with its degrees of freedom and p."""

    chi_square: float
    degrees: int
    p: float


def proportional(
    days: Array, ended: Array, x: Array, coefficients: Array, terms: Sequence[Sequence[int]]
) -> list[Proportional | None]:
    """Score test that the coefficients of each term don't change with time (Grambsch & Therneau 1994).

    Time is 1 less the Kaplan-Meier estimate just before it. ``None`` where the time has no variation, as with ends
    on one day only.

    Parameters
    ----------
    terms
        The columns that are tested together, a sequence a test.
    """
    ends = _Ends.of(days, ended, x - x.mean(axis=0))
    state = ends.at(coefficients)
    time = _before(days, ended, ends.times)
    time = time - time[ends.time].mean()
    by = time[ends.time]
    blocks = state.information(), state.information(by), state.information(by**2)
    return [_score_test(time @ state.distance, blocks, list(columns)) for columns in terms]


def _score_test(score: Array, blocks: tuple[Array, Array, Array], columns: list[int]) -> Proportional | None:
    from scipy.special import chdtrc

    base, mixed, changing = blocks
    if not np.any(changing):
        return None
    part = mixed[:, columns]
    matrix = changing[np.ix_(columns, columns)] - part.T @ np.linalg.solve(base, part)
    if np.linalg.matrix_rank(matrix, tol=1e-10) < len(columns):
        return None
    chi_square = float(score[columns] @ np.linalg.solve(matrix, score[columns]))
    return Proportional(chi_square, len(columns), float(chdtrc(len(columns), chi_square)))


def _before(days: Array, ended: Array, times: Array) -> Array:
    """Share of posts ended before each time, by Kaplan and Meier."""
    curve = Curve.of([(day, bool(over)) for day, over in zip(days, ended, strict=True)])
    return 1 - np.concatenate([[1.0], curve.survival])[: len(times)]
