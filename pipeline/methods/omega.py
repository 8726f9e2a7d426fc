"""McDonald's omega of complete answers: one factor by maximum likelihood. Plain numbers in, plain numbers out.

Which items and respondents it is computed of belongs in ``reliability``.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log, sqrt
from typing import Any

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float64]]

FEWEST_ITEMS = 3
"""With two items one factor has more unknowns than there are covariances."""

LEAST_ERROR = 0.005
"""An item with a smaller part of its own variance has no error left: an improper (Heywood) solution."""

_STEPS, _HALVINGS = 500, 30
_CLOSE, _ROUNDING, _SINGULAR = 1e-9, 1e-13, 1e12


@dataclass(frozen=True)
class Factor:
    """One factor behind items, fitted to their correlations.

    ``loadings`` and ``errors`` (variance that an item does not share) are of standardised items; ``spread`` is the
    items' standard deviation; ``covariance`` that of the estimates, loadings first. ``proper`` is false where an
    error came down to ``LEAST_ERROR``: its numbers mean nothing.
    """

    loadings: Floats
    errors: Floats
    spread: Floats
    covariance: Floats
    proper: bool = True

    def omega(self) -> float:
        """Share of the variance of the items' sum that the factor accounts for (McDonald 1999)."""
        common = float(self.spread @ self.loadings) ** 2
        return common / (common + float(self.spread**2 @ self.errors))

    def error_of_omega(self) -> float:
        """Standard error of ``omega`` by the delta method (Raykov 2002)."""
        loading, own = float(self.spread @ self.loadings), float(self.spread**2 @ self.errors)
        by_loading = 2 * loading * own / (loading**2 + own) ** 2 * self.spread
        by_error = -(loading**2) / (loading**2 + own) ** 2 * self.spread**2
        slope = np.concatenate([by_loading, by_error])
        return sqrt(max(0.0, float(slope @ self.covariance @ slope)))

    def interval(self, z: float) -> tuple[float, float]:
        """Interval of ``omega``, symmetric on the logit scale; ``z`` is the normal quantile of its level."""
        value = self.omega()
        reach = z * self.error_of_omega() / (value * (1 - value))
        low, high = (1 / (1 + exp(-(log(value / (1 - value)) + way * reach))) for way in (-1, 1))
        return low, high


def one_factor(scores: Floats) -> Factor | None:
    """Fit one factor to complete ``scores``, a row a respondent, by maximum likelihood (Jöreskog 1967).

    Fisher's scoring from the first principal axis, steps halved until the fit improves. ``None`` without
    convergence. The errors of the estimates are those of normally distributed items.

    Raises
    ------
    ValueError
        With fewer than three items, or an item that does not vary.
    """
    spread = scores.std(axis=0, ddof=1)
    if len(spread) < FEWEST_ITEMS or not np.ptp(scores, axis=0).all():
        raise ValueError("one factor needs three items that vary")
    observed = np.asarray(np.corrcoef(scores, rowvar=False), dtype=np.float64)
    if np.linalg.eigvalsh(observed)[0] < _CLOSE:  # an item that follows from the others has no error
        return Factor(spread, spread, spread, np.zeros((0, 0)), proper=False)
    found = _fitted(observed)
    if found is None:
        return None
    loadings, errors, information = found
    if errors.min() <= LEAST_ERROR:
        return Factor(loadings, errors, spread, np.zeros((0, 0)), proper=False)
    covariance = np.asarray(2 / (len(scores) - 1) * np.linalg.inv(information), dtype=np.float64)
    ways = np.concatenate([np.full(len(spread), 1.0 if loadings @ spread >= 0 else -1.0), np.ones(len(spread))])
    return Factor(loadings * ways[0], errors, spread, covariance * np.outer(ways, ways))


def _fitted(observed: Floats) -> tuple[Floats, Floats, Floats] | None:
    """Loadings, errors and information matrix where the fit is best; ``None`` without convergence.

    Where an error comes down to ``LEAST_ERROR`` the search ends there.
    """
    items = len(observed)
    values, vectors = np.linalg.eigh(observed)
    start = np.clip(vectors[:, -1] * sqrt(max(values[-1] - 1, 0.1)), -0.95, 0.95)
    at = np.concatenate([start, 1 - start**2])
    for _ in range(_STEPS):
        slope, information = _derivatives(at, observed)
        improper = at[items:].min() <= LEAST_ERROR
        if improper or np.abs(slope).max() < _CLOSE:
            sound = improper or np.linalg.cond(information) < _SINGULAR
            return (at[:items], at[items:], information) if sound else None
        try:
            step = np.asarray(np.linalg.solve(information, slope), dtype=np.float64)
        except np.linalg.LinAlgError:
            return None
        moved = _shortened(at, step, observed)
        if moved is None:
            return None
        at = moved
    return None


def _shortened(at: Floats, step: Floats, observed: Floats) -> Floats | None:
    """The step taken, halved until no error falls by more than half and the fit is no worse."""
    items, before = len(observed), _discrepancy(at, observed)
    for halvings in range(_HALVINGS):
        moved = at - step / 2**halvings
        positive = (moved[items:] >= at[items:] / 2).all()
        if positive and _discrepancy(moved, observed) <= before + _ROUNDING * (1 + abs(before)):
            return np.asarray(moved, dtype=np.float64)
    return None


def _discrepancy(at: Floats, observed: Floats) -> float:
    """Twice the negative log-likelihood by case, less its constants."""
    implied = _implied(at)
    return float(np.linalg.slogdet(implied)[1] + np.trace(np.linalg.solve(implied, observed)))


def _derivatives(at: Floats, observed: Floats) -> tuple[Floats, Floats]:
    """First derivatives of the discrepancy, and its expected second ones; loadings first."""
    loadings, inverse = at[: len(observed)], np.linalg.inv(_implied(at))
    gap = inverse - inverse @ observed @ inverse
    slope = np.concatenate([2 * gap @ loadings, np.diag(gap)])
    turned = inverse @ loadings
    crossed = 2 * inverse * turned
    own = 2 * (float(loadings @ turned) * inverse + np.outer(turned, turned))
    return slope, np.block([[own, crossed], [crossed.T, inverse**2]])


def _implied(at: Floats) -> Floats:
    items = len(at) // 2
    return np.asarray(np.outer(at[:items], at[:items]) + np.diag(at[items:]), dtype=np.float64)
