"""The proportional-odds (cumulative logit) model by Newton's method: arrays in, a ``Fit`` out.

``fit(codes, design, clusters=None, groups=None, weights=None, correction="jackknife") -> Fit | Unfit``: ``codes`` (n)
are ordered integers, ``design`` (n, p) has dense columns without an intercept, ``clusters`` and ``groups`` (n) are
labels (integers are fastest), ``groups`` enter as fixed effects. An iteration costs O(rows), however many groups.
Whether the odds are proportional belongs in ``proportional_odds_check``; which answers enter, in ``ordinal``.
With persons as clusters this is GEE for repeated ordinal answers with independence as the working model.

The model: ``P(Y <= k) = F(threshold_k - x beta - effect_g)``, F the logistic function (McCullagh 1980). A positive
coefficient means higher codes. With a = upper and b = lower limit of a row's answer, ``F(a) - F(b)`` is
``F(a) (1 - F(b)) (1 - exp(b - a))``, and ``a - b`` depends on the answer only. So the log likelihood is a sum of
logistic terms and of one term per category, concave, with short derivatives.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.methods.ordered_rows import Rows
from pipeline.methods.proportional_odds_clusters import Correction, influence, pull
from schemas.vocabulary import REASONS

Array = Any

SEPARATED = REASONS["separated"]
NO_CONVERGENCE = REASONS["no_convergence"]
ONE_ANSWER = REASONS["no_variation"]
COLLINEAR = REASONS["collinear"]

_ITERATIONS = 30
_HALVINGS = 30
_STEP = 1e-9
_FLAT = 1e8
"""Variance, on the logit scale, that no estimate has where the likelihood has a maximum."""


@dataclass(frozen=True)
class Unfit:
    """Why there is no fit, in words of a ``reason``."""

    reason: str


@dataclass(frozen=True)
class Fit:
    """A converged model.

    Attributes
    ----------
    categories
        Codes that occur, ascending (J). Codes without a row have no threshold.
    thresholds, coefficients
        J - 1 ascending thresholds on the logit scale; p log odds ratios (above 0: higher codes).
    effects, effect_variances
        By group, in the order of ``groups``: log odds ratio to group ``reference`` and its variance (observed
        information); NaN where all answers of a group are the lowest, or all the highest. Empty without groups.
    covariance
        Inverse of the observed information, thresholds then coefficients.
    robust
        Cluster-robust covariance in the same order; None with fewer than two clusters; NaN for a coefficient that one
        cluster alone carries.
    clusters, influence
        Number of clusters (0 without), and what each moves (clusters, thresholds and coefficients), in the order of
        ``cluster_names``; the outer products of the rows sum to ``robust``.
    n
        Sum of the weights of the rows used.
    """

    categories: Array
    thresholds: Array
    coefficients: Array
    groups: Array
    effects: Array
    effect_variances: Array
    reference: int
    covariance: Array
    robust: Array | None
    clusters: int
    cluster_names: Array
    influence: Array | None
    log_likelihood: float
    gradient: float
    iterations: int
    n: float

    def se(self, robust: bool = False) -> Array:
        """Standard errors of the coefficients (p)."""
        covariance = self.robust if robust else self.covariance
        if covariance is None:
            return np.full(len(self.coefficients), np.nan)
        return np.sqrt(np.diag(covariance)[len(self.thresholds) :])

    @property
    def degrees(self) -> int:
        """Degrees of freedom of t with cluster-robust errors: clusters less one."""
        return self.clusters - 1


def fit(
    codes: Array,
    design: Array,
    clusters: Array | None = None,
    groups: Array | None = None,
    weights: Array | None = None,
    correction: Correction = "jackknife",
) -> Fit | Unfit:
    """Maximum likelihood of the proportional-odds model, with observed information and a cluster sandwich.

    Parameters
    ----------
    codes
        Ordered integer codes (n).
    design
        Columns without an intercept (n, p); p may be 0 where there are groups.
    clusters
        Labels of the clusters (n) of the sandwich (Liang and Zeger 1986).
    groups
        Labels (n) of fixed effects; the smallest is the reference (of those with other answers than the lowest, or
        than the highest).
    weights
        Frequency weights (n), 0 or more.
    correction
        Of the sandwich: `jackknife` (scores divided by one less the cluster's leverage: Mancl and DeRouen 2001),
        `factor` (G / (G - 1)) or `none`.

    Returns
    -------
    ``Unfit`` with a reason where there is nothing to fit, where predictors separate the answers, or where Newton's
    method did not converge (largest step below 1e-9).
    """
    rows = Rows.of(codes, design, clusters, groups, weights)
    if rows.size < 2:
        return Unfit(ONE_ANSWER)
    rows = rows.compressed()
    model = Model(rows)
    reason = model.climb()
    return Unfit(reason) if reason else model.result(correction)


class Model:
    """Newton's method on thresholds, coefficients and group effects; the effects are eliminated in each step."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.cuts, self.terms = rows.size - 1, rows.x.shape[1]
        self.by_answer = np.bincount(rows.y, rows.w, rows.size)
        below = np.cumsum(self.by_answer)[:-1] / self.by_answer.sum()
        self.theta = np.log(below / (1 - below))
        self.beta = np.zeros(self.terms)
        self.gamma = np.zeros(len(rows.kept))
        self.reach = np.ptp(rows.x, axis=0)
        self.place = rows.g * rows.size + rows.y
        self.iterations = 0
        self._evaluate()

    def climb(self) -> str:
        """Iterate to the maximum; a reason where there is none."""
        for self.iterations in range(1, _ITERATIONS + 1):
            try:
                step = self._step()
            except np.linalg.LinAlgError:
                return SEPARATED if self._far() else COLLINEAR
            if not self._move(step):
                return SEPARATED if self._far() else NO_CONVERGENCE
            # In terms of the linear predictor, so that the units of a column don't matter.
            moved = (step[0], step[1] * self.reach, step[2])
            if max(np.abs(part).max(initial=0) for part in moved) < _STEP * max(1.0, np.abs(self.theta).max()):
                return SEPARATED if self._unbounded() else ""
        return SEPARATED if self._far() else NO_CONVERGENCE

    def _far(self) -> bool:
        """Has a row's linear predictor run away?"""
        return bool(max(np.abs(self.eta).max(), np.abs(self.theta).max()) > 12)

    def _unbounded(self) -> bool:
        """Has the climb stopped only because the likelihood is flat to the last digit?"""
        variances = np.diag(np.linalg.inv(self.profiled)) * np.append(np.ones(self.cuts), self.reach) ** 2
        return bool(variances.max() > _FLAT or 1 / self.diagonal.min(initial=1.0) > _FLAT)

    def _evaluate(self) -> float:
        """Distribution functions at both limits of each row's answer, and the log likelihood."""
        rows = self.rows
        self.eta = rows.x @ self.beta + self.gamma[rows.g]
        ends = np.concatenate([[-np.inf], self.theta, [np.inf]])
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            self.upper = 1 / (1 + np.exp(self.eta - ends[rows.y + 1]))
            self.lower = 1 / (1 + np.exp(self.eta - ends[rows.y]))
            rowwise = rows.w @ np.log(self.upper * (1 - self.lower))
            gaps = np.diff(self.theta)
            value = float(rowwise + self.by_answer[1:-1] @ np.log(-np.expm1(-gaps)))
        self.log_likelihood = value if np.isfinite(value) else -np.inf
        return self.log_likelihood

    def _move(self, step: tuple[Array, Array, Array]) -> bool:
        """Go the step, or half of it and so on while it leads down."""
        start, before = (self.theta, self.beta, self.gamma), self.log_likelihood
        slack = 1e-10 * (1 + abs(before))
        for halving in range(_HALVINGS):
            self.theta, self.beta, self.gamma = (a + b * 0.5**halving for a, b in zip(start, step, strict=True))
            if (np.diff(self.theta) > 0).all() and self._evaluate() >= before - slack:
                return True
        return False

    def _step(self) -> tuple[Array, Array, Array]:
        score, effects = self._score()
        self._information()
        size = np.sqrt(np.maximum(np.diag(self.profiled), 1e-300))
        scaled = self.profiled / np.outer(size, size)
        kept = np.linalg.solve(scaled, (score - self.carried @ effects) / size) / size
        if not np.isfinite(kept).all() or np.linalg.cond(scaled) > 1e13:
            raise np.linalg.LinAlgError
        own = (effects - self.cross @ kept) / self.diagonal
        return kept[: self.cuts], kept[self.cuts :], np.concatenate([[0.0], own])

    def _score(self) -> tuple[Array, Array]:
        """Gradient by thresholds and coefficients, and by the effects of the groups but the reference."""
        rows = self.rows
        slope = rows.w * (self.upper + self.lower - 1)
        above = np.bincount(rows.y, rows.w * (1 - self.upper), rows.size)
        under = np.bincount(rows.y, rows.w * self.lower, rows.size)
        theta = above[:-1] - under[1:]
        pulled = self.by_answer[1:-1] * pull(np.diff(self.theta))
        theta[1:] += pulled
        theta[:-1] -= pulled
        score = np.concatenate([theta, slope @ rows.x])
        effects = np.bincount(rows.g, slope, len(self.gamma))[1:]
        self.gradient = float(max(np.abs(score).max(), np.abs(effects).max(initial=0)))
        return score, effects

    def _information(self) -> None:
        """Observed information, as the diagonal of the effects, their cross terms, and the rest without them."""
        rows, cuts, shape = self.rows, self.cuts, (len(self.gamma), self.rows.size)
        self.dense_upper = rows.w * self.upper * (1 - self.upper)
        self.dense_lower = rows.w * self.lower * (1 - self.lower)
        both = self.dense_upper + self.dense_lower
        matrix = np.zeros((cuts + self.terms,) * 2)
        cross = np.zeros((shape[0], cuts + self.terms))
        by_cut = self._by_cut(self.dense_upper, self.dense_lower, shape)
        cross[:, :cuts] = -by_cut
        matrix[:cuts, :cuts] = np.diag(by_cut.sum(axis=0)) + self._between(self.by_answer)
        for term in range(self.terms):
            column = rows.x[:, term]
            cross[:, cuts + term] = np.bincount(rows.g, both * column, shape[0])
            matrix[:cuts, cuts + term] = -self._by_cut(
                self.dense_upper * column, self.dense_lower * column, shape
            ).sum(axis=0)
        matrix[cuts:, :cuts] = matrix[:cuts, cuts:].T
        matrix[cuts:, cuts:] = (rows.x.T * both) @ rows.x
        self.diagonal = np.bincount(rows.g, both, shape[0])[1:]
        self.cross = cross[1:]
        self.carried = self.cross.T / self.diagonal
        self.profiled = matrix - self.carried @ self.cross

    def _by_cut(self, upper: Array, lower: Array, shape: tuple[int, int]) -> Array:
        """Sums by group and threshold: a row counts at its upper limit with one number, at its lower with another."""
        sums = [np.bincount(self.place, one, shape[0] * shape[1]).reshape(shape) for one in (upper, lower)]
        return np.asarray(sums[0][:, :-1] + sums[1][:, 1:])

    def _between(self, by_answer: Array) -> Array:
        """What the distance of neighbouring thresholds adds to their information (cuts, cuts)."""
        gaps = np.diff(self.theta)
        weight = by_answer[1:-1] * pull(gaps) * (1 + pull(gaps))
        steps = np.eye(self.cuts)[1:] - np.eye(self.cuts)[:-1]
        return (steps.T * weight) @ steps

    def result(self, correction: Correction) -> Fit:
        """The fit at the maximum."""
        self._score()
        self._information()
        covariance = np.linalg.inv(self.profiled)
        clusters = 0 if self.rows.c is None else int(self.rows.c.max()) + 1
        effects, variances = self._effects(covariance)
        moved = influence(self, covariance, correction) if clusters > 1 else None
        return Fit(
            categories=self.rows.categories,
            thresholds=self.theta,
            coefficients=self.beta,
            groups=self.rows.groups,
            effects=effects,
            effect_variances=variances,
            reference=int(self.rows.kept[0]),
            covariance=covariance,
            robust=None if moved is None else moved.T @ moved,
            clusters=clusters,
            cluster_names=self.rows.clusters,
            influence=moved,
            log_likelihood=self.log_likelihood,
            gradient=self.gradient,
            iterations=self.iterations,
            n=float(self.rows.w.sum()),
        )

    def _effects(self, covariance: Array) -> tuple[Array, Array]:
        effects, variances = (np.full(len(self.rows.groups), np.nan) for _ in range(2))
        if len(self.rows.groups):
            own = 1 / self.diagonal + np.einsum("ig,ij,jg->g", self.carried, covariance, self.carried)
            effects[self.rows.kept], variances[self.rows.kept] = self.gamma, np.concatenate([[0.0], own])
        return effects, variances
