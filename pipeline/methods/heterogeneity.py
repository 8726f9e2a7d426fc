"""How far effects differ beyond chance: Q, variance between them with its interval, and I².

Plain numbers in, plain numbers out. All take a ``design`` (a row an effect, a column a coefficient); without one the
model is one mean. What is made of the variance belongs in ``random_effects`` and ``meta_regression``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Numbers = Sequence[float] | Floats

ESTIMATORS = {
    "paule-mandel": "Paule and Mandel (1982)",
    "reml": "restricted maximum likelihood (Viechtbauer 2005)",
    "dersimonian-laird": "DerSimonian and Laird (1986)",
}
"""Estimators of the variance between effects, with their source."""

_TURNS = 1000
_CLOSE = 1e-13


class NotConvergedError(ArithmeticError):
    """An estimate was not reached: there is no number to give."""


@dataclass(frozen=True)
class Weighted:
    """Effects fitted by weights ``1 / (variance + tau2)``: coefficients, their covariance, and what is left."""

    coefficients: Floats
    covariance: Floats
    design: Floats
    weights: Floats
    residuals: Floats

    @property
    def q(self) -> float:
        """Weighted sum of squares around the fit; Cochran's Q for one mean and no variance between effects."""
        return float(self.weights @ self.residuals**2)

    @property
    def df(self) -> int:
        """Effects less coefficients."""
        return len(self.weights) - len(self.coefficients)

    def traces(self) -> tuple[float, float]:
        """Traces of P and of PP, where P takes the fit out of the weighted effects."""
        second, third = (self.design.T * self.weights**power @ self.design for power in (2, 3))
        once = self.covariance @ second
        first = float(self.weights.sum() - np.trace(once))
        twice = np.trace(once @ once) - 2 * np.trace(self.covariance @ third)
        return first, float((self.weights**2).sum() + twice)


def weighted(effects: Numbers, variances: Numbers, tau2: float = 0.0, design: Floats | None = None) -> Weighted:
    """The fit of ``effects`` with known ``variances`` and a variance ``tau2`` between them.

    Raises
    ------
    ValueError
        When a variance is not above 0, or not a number, or the lengths differ.
    """
    y, v = np.asarray(effects, dtype=float), np.asarray(variances, dtype=float)
    if y.shape != v.shape or not len(y) or not (v > 0).all() or not np.isfinite([y, v]).all():
        raise ValueError("each effect needs a variance above 0")
    x = np.ones((len(y), 1)) if design is None else np.asarray(design, dtype=float)
    weights = 1 / (v + tau2)
    covariance = np.linalg.inv(x.T * weights @ x)
    coefficients = covariance @ (x.T @ (weights * y))
    return Weighted(coefficients, covariance, x, weights, y - x @ coefficients)


def between(effects: Numbers, variances: Numbers, estimator: str, design: Floats | None = None) -> float:
    """Variance between effects by one of ``ESTIMATORS``; never below 0.

    Raises
    ------
    NotConvergedError
        When restricted maximum likelihood finds no end.
    """
    estimators = {"paule-mandel": paule_mandel, "reml": reml, "dersimonian-laird": dersimonian_laird}
    return estimators[estimator](effects, variances, design)


def dersimonian_laird(effects: Numbers, variances: Numbers, design: Floats | None = None) -> float:
    """Moment estimate of the variance between effects (DerSimonian & Laird 1986)."""
    fit = weighted(effects, variances, 0.0, design)
    return max(0.0, (fit.q - fit.df) / fit.traces()[0]) if fit.df else 0.0


def paule_mandel(effects: Numbers, variances: Numbers, design: Floats | None = None) -> float:
    """Variance at which Q equals its degrees of freedom (Paule & Mandel 1982); 0 if Q is less."""
    fit = weighted(effects, variances, 0.0, design)
    return _where_q_is(fit.df, effects, variances, design) if fit.df and fit.q > fit.df else 0.0


def reml(effects: Numbers, variances: Numbers, design: Floats | None = None) -> float:
    """Variance by restricted maximum likelihood, by Fisher scoring; 0 where the likelihood falls from there.

    Scoring as Viechtbauer (2005) gives it, from the moment estimate with equal weights.

    Raises
    ------
    NotConvergedError
        After 1,000 steps without an end.
    """
    close = _CLOSE * float(np.mean(variances))
    tau2 = _equal_weights(effects, variances, design)
    for _ in range(_TURNS):
        fit = weighted(effects, variances, tau2, design)
        if not fit.df:
            return 0.0
        once, twice = fit.traces()
        after = max(0.0, tau2 + (float(((fit.weights * fit.residuals) ** 2).sum()) - once) / twice)
        if abs(after - tau2) <= max(close, _CLOSE * after):
            return after
        tau2 = after
    raise NotConvergedError("restricted maximum likelihood")


def tau2_interval(
    effects: Numbers, variances: Numbers, level: float = 0.95, design: Floats | None = None
) -> tuple[float, float] | None:
    """Interval of the variance between effects by the profile of Q (Viechtbauer 2007); ``None`` where it is empty.

    It is empty where effects are more alike than chance lets them be.
    """
    from scipy.special import chdtri

    fit = weighted(effects, variances, 0.0, design)
    if not fit.df:
        return None
    lower, upper = float(chdtri(fit.df, (1 - level) / 2)), float(chdtri(fit.df, (1 + level) / 2))
    if fit.q < upper:
        return None
    low = _where_q_is(lower, effects, variances, design) if fit.q > lower else 0.0
    return low, _where_q_is(upper, effects, variances, design)


def i2(q: float, df: int) -> float:
    """Share of the variation between effects beyond chance (Higgins & Thompson 2002), not below 0."""
    return max(0.0, (q - df) / q) if q > 0 else 0.0


def i2_at(tau2: float, variances: Numbers, design: Floats | None = None) -> float:
    """I² that goes with a variance ``tau2`` between effects, by their typical variance (Higgins & Thompson 2002).

    With DerSimonian and Laird's variance it is ``i2`` of Q.
    """
    fit = weighted(np.zeros(len(variances)), variances, 0.0, design)
    return tau2 / (tau2 + fit.df / fit.traces()[0])


def _where_q_is(wanted: float, effects: Numbers, variances: Numbers, design: Floats | None) -> float:
    """The variance between effects at which Q, which is larger at 0, is so large.

    Newton's steps from 0: Q falls ever more slowly, so that they come near from below and never go past.
    """
    tau2 = 0.0
    for _ in range(_TURNS):
        fit = weighted(effects, variances, tau2, design)
        step = (fit.q - wanted) / float(((fit.weights * fit.residuals) ** 2).sum())
        tau2 += step
        if step <= _CLOSE * tau2:
            return tau2
    raise NotConvergedError("profile of Q")


def _equal_weights(effects: Numbers, variances: Numbers, design: Floats | None) -> float:
    """Moment estimate with equal weights (Hedges & Olkin 1985): where scoring starts."""
    fit = weighted(effects, np.ones(len(effects)), 0.0, design)
    hat = np.einsum("ij,jk,ik->i", fit.design, fit.covariance, fit.design)
    by_chance = float(np.asarray(variances, dtype=float) @ (1 - hat))
    return max(0.0, (fit.q - by_chance) / fit.df) if fit.df else 0.0
