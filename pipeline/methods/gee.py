"""Generalised estimating equations for a continuous or a yes-no outcome: plain arrays in, plain numbers out.

Independence and exchangeable working correlation; errors of the sandwich, also corrected for few clusters. Models
with random effects belong in ``mixed_model`` and ``mixed_logistic``; which rows are fitted, in ``clustered``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from pipeline.methods.cluster_sums import Array, Clusters

Family = Literal["gaussian", "binomial"]
Correlation = Literal["independence", "exchangeable"]
Errors = Literal["model", "robust", "kauermann-carroll", "mancl-derouen"]

MOST_STEPS = 100
TOLERANCE = 1e-11
FULL_LEVERAGE = 1e-8
"""A direction of which a cluster alone holds all information, but for this part, has no corrected error."""


@dataclass(frozen=True)
class Gee:
    """A model that converged.

    ``coefficients`` (p) on the scale of the link; ``correlation`` and ``dispersion`` of the Pearson residuals;
    ``clusters`` is their number G. ``bread`` is the inverse of the sum of ``information`` (G x p x p), and ``scores``
    (G x p) are the clusters' parts of the estimating equations; none of them is divided by the dispersion.
    """

    coefficients: Array
    correlation: float
    dispersion: float
    clusters: int
    bread: Array
    information: Array
    scores: Array

    def covariance(self, errors: Errors = "kauermann-carroll") -> Array:
        """Covariance of the coefficients (p x p).

        `model`: trusts the working correlation. `robust`: the sandwich (Liang and Zeger 1986), too small where
        clusters are few. `kauermann-carroll` (2001) and `mancl-derouen` (2001) enlarge each cluster's residuals by
        its leverage, to the power of a half and in full. NaN where one cluster alone decides on a coefficient.
        """
        if errors == "model":
            return self.dispersion * self.bread
        power = {"robust": 0.0, "kauermann-carroll": -0.5, "mancl-derouen": -1.0}[errors]
        corrected = np.einsum("gij,gj->gi", self._corrections(power), self.scores)
        return self.bread @ (corrected.T @ corrected) @ self.bread

    def error(self, contrast: Array, errors: Errors = "kauermann-carroll") -> float:
        """Standard error of ``contrast @ coefficients``."""
        return float(np.sqrt(contrast @ self.covariance(errors) @ contrast))

    def degrees_of_freedom(self, contrast: Array) -> float:
        """Satterthwaite's degrees of freedom of a contrast with Kauermann and Carroll's error.

        From mean and variance of the estimated variance if the working model held (Bell and McCaffrey 2002; for any
        weights Pustejovsky and Tipton 2018). At most G - 1; fewer where clusters are of unequal weight.
        """
        adjusted = np.einsum("gij,i->gj", self._corrections(-0.5), self.bread @ contrast)
        weighted = np.einsum("gij,gj->gi", self.information, adjusted)
        own = np.einsum("gi,gi->g", weighted, adjusted)
        shared = np.einsum("gi,ij,gj->g", weighted, self.bread, weighted)
        cross = self.bread @ (weighted.T @ weighted)
        squares = (own**2).sum() - 2 * (own * shared).sum() + np.trace(cross @ cross)
        return float((own - shared).sum() ** 2 / squares)

    def _corrections(self, power: float) -> Array:
        """(I - Q B) to this power for each cluster: Q its information, B the bread.

        Equal to correcting the residuals with (I - H) because D' V^-1 f(D B D' V^-1) = f(Q B) D' V^-1.
        """
        values, vectors = np.linalg.eigh(self.bread)
        root = (vectors * np.sqrt(values)) @ vectors.T
        inverse = (vectors / np.sqrt(values)) @ vectors.T
        left, axes = np.linalg.eigh(np.eye(len(root)) - root @ self.information @ root)
        left = np.where(left > FULL_LEVERAGE, left, np.nan if power else 1.0)
        return inverse @ (axes * left[:, None, :] ** power) @ axes.transpose(0, 2, 1) @ root


def fit(
    outcome: Array,
    design: Array,
    labels: np.ndarray[Any, Any],
    family: Family = "gaussian",
    correlation: Correlation = "exchangeable",
) -> Gee | None:
    """Fit by Liang and Zeger's (1986) equations: identity link for `gaussian`, logit for `binomial`.

    Dispersion and correlation are moments of the Pearson residuals: the mean square, and the mean product of pairs
    within clusters, nothing subtracted for the coefficients.

    Parameters
    ----------
    outcome
        One number a row; 0 or 1 for `binomial`.
    design
        Rows x p, the intercept included.
    labels
        Cluster of each row.

    Returns
    -------
    The model; ``None`` where it does not converge, columns of the design depend on each other, or no working matrix
    with the estimated correlation exists.
    """
    clusters = Clusters.of(labels)
    y, x = (
        np.asarray(outcome, dtype=float)[clusters.order],
        np.ascontiguousarray(design[clusters.order].T, dtype=float),
    )
    found = np.zeros(len(x))
    if family == "binomial":
        found = _start(y, x)
    try:
        with np.errstate(all="ignore"):
            return _iterate(found, y, x, clusters, family == "binomial", correlation == "exchangeable")
    except np.linalg.LinAlgError:
        return None


def _start(y: Array, x: Array) -> Array:
    """Coefficients that give everybody the overall share, as far as the design allows."""
    share = min(max(y.mean(), 1e-6), 1 - 1e-6)
    return np.asarray(np.linalg.lstsq(x.T, np.full(x.shape[1], np.log(share / (1 - share))), rcond=None)[0])


def _iterate(found: Array, y: Array, x: Array, clusters: Clusters, logit: bool, exchangeable: bool) -> Gee | None:
    rho, pairs = 0.0, float((clusters.sizes * (clusters.sizes - 1)).sum())
    for _ in range(MOST_STEPS):
        scaled, residual = _standardised(found, y, x, logit)
        dispersion = float(residual @ residual) / len(y)
        before, rho = rho, _correlation(residual, clusters, dispersion, pairs) if exchangeable else 0.0
        if not rho < 1 or 1 + (clusters.sizes.max() - 1) * rho <= 0:
            return None
        information, scores = _equations(scaled, residual, clusters, rho)
        bread = np.linalg.inv(information.sum(axis=0))
        step = bread @ scores.sum(axis=0)
        if np.abs(step).max() <= TOLERANCE * max(1.0, np.abs(found).max()) and abs(rho - before) <= TOLERANCE:
            return Gee(found, float(rho), dispersion, clusters.number, bread, information, scores)
        found = found + step
        if not np.isfinite(found).all() or np.linalg.cond(bread) > 1 / TOLERANCE:
            return None
    return None


def _standardised(found: Array, y: Array, x: Array, logit: bool) -> tuple[Array, Array]:
    """Derivatives of the means and residuals, each divided by the root of the variance function."""
    linear = found @ x
    if not logit:
        return x, y - linear
    mean = 1 / (1 + np.exp(-linear))
    root = np.sqrt(mean * (1 - mean))
    return x * root, (y - mean) / root


def _correlation(residual: Array, clusters: Clusters, dispersion: float, pairs: float) -> float:
    products = (clusters.sums(residual) ** 2).sum() - residual @ residual
    return float(products / (dispersion * pairs)) if pairs and dispersion > 0 else 0.0


def _equations(scaled: Array, residual: Array, clusters: Clusters, rho: float) -> tuple[Array, Array]:
    """Each cluster's information (G x p x p) and score (G x p); the working matrix has a closed inverse."""
    drawn = rho / (1 + (clusters.sizes - 1) * rho)
    totals, rest = clusters.sums(scaled), clusters.sums(residual)
    squares = np.array([clusters.sums(one * scaled) for one in scaled])
    information = (squares - drawn * totals[:, None] * totals[None]) / (1 - rho)
    scores = (clusters.sums(scaled * residual) - drawn * totals * rest) / (1 - rho)
    return np.moveaxis(information, -1, 0), scores.T
