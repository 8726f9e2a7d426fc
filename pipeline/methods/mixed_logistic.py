"""Logistic model with a random intercept by cluster: plain arrays in, plain numbers out.

The integral over the intercept is taken by adaptive Gauss-Hermite quadrature. A continuous outcome belongs in
``mixed_model``; shares without a random intercept in ``gee``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import sqrt
from typing import Any

import numpy as np

from pipeline.methods.cluster_sums import Array, Clusters
from pipeline.methods.mixed_model import between_within

POINTS = 25
MOST_STEPS = 60
TOLERANCE = 1e-9
WIDEST = 20.0
"""A coefficient or SD beyond this, on the logit scale, is on its way to infinity: no convergence."""


@dataclass(frozen=True)
class MixedLogistic:
    """A model that converged.

    ``coefficients`` (p) are log odds for a cluster whose intercept is average; ``sd`` is that of the intercepts.
    ``covariance`` (p + 1 x p + 1) is the inverse of the observed information of both; without the last row and
    column where ``boundary`` is true: there the best SD is 0. ``degrees_of_freedom`` (p): between-within rule.
    """

    coefficients: Array
    sd: float
    covariance: Array
    log_likelihood: float
    degrees_of_freedom: Array
    clusters: int
    boundary: bool

    def marginal_difference(self, later: Array, earlier: Array) -> tuple[float, float]:
        """Share expected over all clusters at row ``later`` of a design less that at ``earlier``, and its error.

        The intercept is integrated out (trapezoids), the error is that of the delta method.
        """
        (one, first), (other, second) = (self._marginal(row) for row in (later, earlier))
        gradient = (first - second)[: len(self.covariance)]
        return one - other, sqrt(float(gradient @ self.covariance @ gradient))

    def _marginal(self, row: Array) -> tuple[float, Array]:
        nodes = np.linspace(-9.0, 9.0, 721)
        weights = np.exp(-0.5 * nodes**2)
        weights = weights / weights.sum()
        shares = 1 / (1 + np.exp(-(row @ self.coefficients + self.sd * nodes)))
        slopes = weights * shares * (1 - shares)
        return float(weights @ shares), np.append(slopes.sum() * row, slopes @ nodes)


def fit(
    events: Array, trials: Array, design: Array, labels: np.ndarray[Any, Any], points: int = POINTS
) -> MixedLogistic | None:
    """Maximum likelihood with ``points`` nodes a cluster, near its likeliest intercept (Pinheiro and Bates 1995).

    Newton's method on coefficients and SD; score and observed information are means over the distribution of the
    intercepts given the data (Louis 1982).

    Parameters
    ----------
    events, trials
        Yes answers and all answers of each row; a row may be one answer or many with the same design.
    design, labels
        Rows x p with the intercept; cluster of each row.

    Returns
    -------
    The model; ``None`` where it does not converge (also: an answer that separates completely), or columns of the
    design depend on each other.
    """
    clusters = Clusters.of(labels)
    rows = np.asarray(design, dtype=float)[clusters.order]
    if np.linalg.matrix_rank(rows) < rows.shape[1]:
        return None
    model = _Rows(
        np.asarray(events, dtype=float)[clusters.order],
        np.asarray(trials, dtype=float)[clusters.order],
        np.ascontiguousarray(rows.T),
        clusters,
    )
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        try:
            plain = _climb(model, np.append(np.zeros(len(model.x)), 0.0), 1)
            if plain is None or not model.spreads(plain[0]):
                return _at_zero(model, plain)
            return _fitted(model, _inside(model, plain, points))
        except np.linalg.LinAlgError:
            return None


Found = tuple[Array, float, Array]
"""Coefficients and SD, log-likelihood, information."""


@dataclass(frozen=True)
class _Rows:
    """Rows in the order of their clusters; ``x`` is p x rows."""

    events: Array
    trials: Array
    x: Array
    clusters: Clusters

    def spreads(self, found: Array) -> bool:
        """Does the likelihood rise as the SD leaves 0? There its first derivative is 0, and its second decides."""
        mean = _share(found[:-1] @ self.x)
        rest = self.clusters.sums(self.events - self.trials * mean)
        return bool((rest**2).sum() > (self.trials * mean * (1 - mean)).sum())

    def modes(self, linear: Array, sd: float, start: Array) -> tuple[Array, Array]:
        """The likeliest intercept of each cluster in units of the SD, and the curvature there."""
        found = start
        for _ in range(MOST_STEPS):
            mean = _share(linear + sd * self.clusters.spread(found))
            curve = 1 + sd**2 * self.clusters.sums(self.trials * mean * (1 - mean))
            step = (sd * self.clusters.sums(self.events - self.trials * mean) - found) / curve
            found = found + np.clip(step, -2.0, 2.0)
            if np.abs(step).max() < 1e-10:
                break
        return found, curve

    def posterior(self, linear: Array, sd: float, start: Array, points: int) -> tuple[Array, Array, Array, float]:
        """Nodes and weights (points x clusters), the modes, and the log-likelihood but for a constant."""
        modes, curve = self.modes(linear, sd, start)
        nodes, weights = _rule(points)
        places = modes + nodes[:, None] / np.sqrt(curve)
        logs = -0.5 * places**2 + 0.5 * nodes[:, None] ** 2 + np.log(weights)[:, None] - 0.5 * np.log(curve)
        for one, place in enumerate(places):
            eta = linear + sd * self.clusters.spread(place)
            logs[one] += self.clusters.sums(self.events * eta - self.trials * np.logaddexp(0, eta))
        top = logs.max(axis=0)
        heights = np.exp(logs - top)
        total = heights.sum(axis=0)
        constant = 0.5 * self.clusters.number * np.log(2 * np.pi)
        return places, heights / total, modes, float((top + np.log(total)).sum() - constant)

    def score(self, found: Array, places: Array, heights: Array) -> tuple[Array, Array]:
        """Score and observed information of coefficients and SD."""
        linear, sd, size = found[:-1] @ self.x, found[-1], len(found)
        score, products = np.zeros((size, self.clusters.number)), np.zeros((size, size))
        within = np.zeros((3, len(self.events)))
        for place, height in zip(places, heights, strict=True):
            mean = _share(linear + sd * self.clusters.spread(place))
            rest = self.clusters.sums(np.vstack([self.x, np.ones_like(mean)]) * (self.events - self.trials * mean))
            rest[-1] *= place
            score += height * rest
            products += (height * rest) @ rest.T
            spread = self.trials * mean * (1 - mean)
            for power in range(3):
                within[power] += self.clusters.spread(height * place**power) * spread
        information = np.empty((size, size))
        information[:-1, :-1] = (self.x * within[0]) @ self.x.T
        information[:-1, -1] = information[-1, :-1] = self.x @ within[1]
        information[-1, -1] = within[2].sum()
        return score.sum(axis=1), information - products + score @ score.T


@lru_cache(maxsize=8)
def _rule(points: int) -> tuple[Array, Array]:
    nodes, weights = np.polynomial.hermite_e.hermegauss(points)
    return nodes, weights


def _share(linear: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-linear)))


def _climb(model: _Rows, start: Array, points: int) -> Found | None:
    """Newton's steps from ``start``, each halved until it leads uphill; an SD of 0 stays 0."""
    found, step, fixed = start, np.zeros(len(start)), start[-1] == 0
    modes, best = np.zeros(model.clusters.number), -np.inf
    for _ in range(MOST_STEPS):
        places, heights, new_modes, height = model.posterior(found[:-1] @ model.x, found[-1], modes, points)
        if not height >= best - 1e-9 * abs(best):
            step = step / 2
            found = found - step
            continue
        modes, best = new_modes, height
        score, information = model.score(found, places, heights)
        step = _fixed_step(score, information) if fixed else _step(score, information, float(found[-1]))
        if np.abs(step).max() < TOLERANCE * max(1.0, np.abs(found).max()):
            return found, height, information
        found = found + step
        if not np.abs(found).max() < WIDEST:
            return None
    return None


def _fixed_step(score: Array, information: Array) -> Array:
    return np.append(np.linalg.solve(information[:-1, :-1], score[:-1]), 0.0)


def _step(score: Array, information: Array, sd: float) -> Array:
    """Newton's step, or one uphill along its axes where the likelihood is not concave.

    The SD moves by 1 at most and never below half of what it is: at 0 the score is 0, too.
    """
    values, axes = np.linalg.eigh(information)
    step = np.asarray(axes @ ((axes.T @ score) / np.maximum(np.abs(values), 1e-8 * np.abs(values).max())))
    furthest = sd / 2 if step[-1] < 0 else 1.0
    return step * min(1.0, furthest / max(abs(float(step[-1])), 1e-12))


def _inside(model: _Rows, plain: Found, points: int) -> Found | None:
    """The maximum with an SD above 0: first with few points, then with all."""
    found = plain[0].copy()
    found[-1] = 0.5
    rough = _climb(model, found, 5)
    return _climb(model, rough[0] if rough else found, points)


def _fitted(model: _Rows, found: Found | None) -> MixedLogistic | None:
    if found is None or np.linalg.eigvalsh(found[2]).min() <= 0:
        return None
    values, height, information = found
    return _of(model, values, np.linalg.inv(information), height, boundary=False)


def _at_zero(model: _Rows, plain: Found | None) -> MixedLogistic | None:
    if plain is None or np.linalg.eigvalsh(plain[2][:-1, :-1]).min() <= 0:
        return None
    return _of(model, plain[0], np.linalg.inv(plain[2][:-1, :-1]), plain[1], boundary=True)


def _of(model: _Rows, values: Array, covariance: Array, height: float, *, boundary: bool) -> MixedLogistic:
    return MixedLogistic(
        coefficients=values[:-1],
        sd=float(values[-1]),
        covariance=covariance,
        log_likelihood=height,
        degrees_of_freedom=between_within(model.x.T, model.clusters, float(model.trials.sum())),
        clusters=model.clusters.number,
        boundary=boundary,
    )
