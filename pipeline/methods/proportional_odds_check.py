"""Are the odds proportional? A test, and the odds ratio at every cut of the scale. Arrays in, plain numbers out.

The model itself belongs in ``proportional_odds``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.methods.ordered_rows import Rows
from pipeline.methods.proportional_odds import NO_CONVERGENCE, SEPARATED, Fit, Unfit, fit
from schemas.vocabulary import REASONS

Array = Any

TWO_ANSWERS = REASONS["two_answers"]
TOO_FEW = REASONS["too_few"]

_ITERATIONS = 30
_HALVINGS = 30
_STEP = 1e-8


@dataclass(frozen=True)
class Check:
    """A test of proportional odds: chi-square ``statistic`` (0 or more), its degrees of freedom, and p."""

    statistic: float
    degrees: int
    p: float


def at_cut(
    codes: Array, cut: int, design: Array, clusters: Array | None = None, groups: Array | None = None
) -> Fit | Unfit:
    """Binary logistic model of the code ``cut`` or a higher one; other arguments as ``proportional_odds.fit``.

    If the odds are proportional, the models at all cuts estimate the same coefficients.
    """
    return fit((np.asarray(codes) >= cut).astype(int), design, clusters, groups)


def wald(codes: Array, column: Array, clusters: Array, groups: Array | None = None) -> Check | Unfit:
    """Wald test that the coefficient of ``column`` is the same at every cut (Brant 1990), clusters allowed for.

    The joint covariance of the binary fits comes from what each cluster moves in each of them (a sandwich), where
    Brant has the one of independent rows; ``clusters`` are persons, or rows. Few clusters make it too small.
    """
    fits = [at_cut(codes, cut, column, clusters, groups) for cut in np.unique(codes)[1:]]
    if len(fits) < 2:
        return Unfit(TWO_ANSWERS)
    unfit = next((one for one in fits if isinstance(one, Unfit)), None)
    if unfit:
        return unfit
    names, moved = np.unique(clusters), []
    for one in fits:
        assert isinstance(one, Fit)
        if one.influence is None or one.clusters <= len(fits) or np.isnan(one.influence[:, -1]).any():
            return Unfit(TOO_FEW)
        column_moved = np.zeros(len(names))
        column_moved[np.searchsorted(names, np.asarray(one.cluster_names))] = one.influence[:, -1]
        moved.append(column_moved)
    found = np.array([one.coefficients[0] for one in fits if isinstance(one, Fit)])
    apart = np.eye(len(found))[1:] - np.eye(len(found))[:1]
    joint = apart @ np.array(moved)
    covariance = joint @ joint.T
    if np.linalg.matrix_rank(covariance) < len(apart):
        return Unfit(TOO_FEW)
    difference = apart @ found
    return _check(float(difference @ np.linalg.solve(covariance, difference)), len(apart))


def likelihood_ratio(
    codes: Array, column: Array, groups: Array | None = None, weights: Array | None = None
) -> Check | Unfit:
    """Likelihood-ratio test against the model in which ``column`` has its own coefficient at every threshold.

    The other effects stay proportional (Peterson and Harrell 1990). Rows are taken as independent, given their
    ``groups``. ``Unfit`` where either model has no maximum or was not found.
    """
    design = np.asarray(column, dtype=float)[:, None]
    null = fit(codes, design, None, groups, weights)
    if isinstance(null, Unfit):
        return null
    rows = Rows.of(codes, design, None, groups, weights).compressed()
    if rows.size < 3:
        return Unfit(TWO_ANSWERS)
    model = _Partial(rows, null)
    reason = model.climb()
    if reason:
        return Unfit(reason)
    return _check(max(0.0, 2 * (model.log_likelihood - null.log_likelihood)), rows.size - 2)


def against_saturated(codes: Array, groups: Array, weights: Array | None = None) -> Check | Unfit:
    """Likelihood-ratio test of the model with ``groups`` only against a distribution of its own for each group."""
    null = fit(codes, np.zeros((len(codes), 0)), groups=groups, weights=weights)
    if isinstance(null, Unfit):
        return null
    if len(null.categories) < 3:
        return Unfit(TWO_ANSWERS)
    rows = Rows.of(codes, np.zeros((len(codes), 0)), None, groups, weights)
    shape = (len(rows.kept), rows.size)
    counts = np.bincount(rows.g * rows.size + rows.y, rows.w, shape[0] * shape[1]).reshape(shape)
    share = counts / counts.sum(axis=1, keepdims=True)
    own = float((counts * np.log(np.where(counts > 0, share, 1.0))).sum())
    return _check(max(0.0, 2 * (own - null.log_likelihood)), (shape[0] - 1) * (shape[1] - 2))


def _check(statistic: float, degrees: int) -> Check:
    from scipy.special import chdtrc

    return Check(statistic, degrees, float(chdtrc(degrees, statistic)))


class _Partial:
    """Partial proportional odds: threshold_k + x nominal_k, less the group's effect; Newton, effects eliminated."""

    def __init__(self, rows: Rows, null: Fit) -> None:
        self.rows, cuts = rows, rows.size - 1
        marks = np.vstack([np.zeros(cuts), np.eye(cuts), np.zeros(cuts)])
        self.upper, self.lower = (np.hstack([one, one * rows.x]) for one in (marks[rows.y + 1], marks[rows.y]))
        self.top, self.bottom = rows.y == rows.size - 1, rows.y == 0
        self.kept = np.concatenate([null.thresholds, np.full(cuts, -null.coefficients[0])])
        self.gamma = null.effects[rows.kept] if len(null.effects) else np.zeros(1)
        self._evaluate()

    def climb(self) -> str:
        """Iterate to the maximum; a reason where there is none."""
        for _ in range(_ITERATIONS):
            try:
                step = self._step()
            except np.linalg.LinAlgError:
                return SEPARATED if np.abs(self.kept).max() > 12 else NO_CONVERGENCE
            if not self._move(step):
                return NO_CONVERGENCE
            if max(np.abs(one).max() for one in step) < _STEP * max(1.0, np.abs(self.kept).max()):
                return ""
        return SEPARATED

    def _evaluate(self) -> float:
        """Limits of each row's answer, and the log likelihood; minus infinity where thresholds cross."""
        effect = self.gamma[self.rows.g]
        self.a = np.where(self.top, np.inf, self.upper @ self.kept - effect)
        self.b = np.where(self.bottom, -np.inf, self.lower @ self.kept - effect)
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            self.fa, self.fb = 1 / (1 + np.exp(-self.a)), 1 / (1 + np.exp(-self.b))
            value = float(self.rows.w @ np.log(self.fa * (1 - self.fb) * -np.expm1(self.b - self.a)))
        self.log_likelihood = value if np.isfinite(value) else -np.inf
        return self.log_likelihood

    def _step(self) -> tuple[Array, Array]:
        w, x, y, g = self.rows.w, self.upper, self.lower, self.rows.g
        with np.errstate(over="ignore"):
            near = 1 / np.expm1(self.a - self.b)
        by_upper, by_lower = w * (1 - self.fa + near), -w * (self.fb + near)
        spread = w * near * (1 + near)
        upper, lower = w * self.fa * (1 - self.fa) + spread, w * self.fb * (1 - self.fb) + spread
        mixed = (x.T * spread) @ y
        matrix = (x.T * upper) @ x + (y.T * lower) @ y - mixed - mixed.T
        rowwise = -(x.T * (upper - spread) + y.T * (lower - spread))
        groups = len(self.gamma)
        cross = np.stack([np.bincount(g, one, groups) for one in rowwise], axis=1)[1:]
        diagonal = np.bincount(g, upper + lower - 2 * spread, groups)[1:]
        effects = -np.bincount(g, by_upper + by_lower, groups)[1:]
        carried = cross.T / diagonal
        kept = np.linalg.solve(matrix - carried @ cross, by_upper @ x + by_lower @ y - carried @ effects)
        if not np.isfinite(kept).all():
            raise np.linalg.LinAlgError
        return kept, np.concatenate([[0.0], (effects - cross @ kept) / diagonal])

    def _move(self, step: tuple[Array, Array]) -> bool:
        start, before = (self.kept, self.gamma), self.log_likelihood
        for halving in range(_HALVINGS):
            self.kept, self.gamma = (a + b * 0.5**halving for a, b in zip(start, step, strict=True))
            if self._evaluate() >= before - 1e-10 * (1 + abs(before)):
                return True
        return False
