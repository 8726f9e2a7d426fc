"""Linear model with a random intercept by cluster, and the intraclass correlation: arrays in, plain numbers out.

The likelihood depends on the data through sums by cluster only, and has one parameter that is not found in closed
form: the ratio of the two variances. A yes-no outcome with a random intercept belongs in ``mixed_logistic``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pipeline.methods.cluster_sums import Array, Clusters
from pipeline.methods.proportions import root

GRID = 1 - np.geomspace(1.0, 1e-6, 60)
"""Intraclass correlations at which the best one is looked for first, from 0 on."""


@dataclass(frozen=True)
class Mixed:
    """A fitted model: ``coefficients`` (p), their ``covariance`` (p x p), the two variances, and what was fitted.

    ``degrees_of_freedom`` (p): see ``between_within``. ``boundary`` is true where the best variance between clusters
    is 0: the model is then that without clusters. ``deviance`` is -2 times the (restricted) log-likelihood.
    """

    coefficients: Array
    covariance: Array
    between: float
    within: float
    deviance: float
    degrees_of_freedom: Array
    clusters: int
    boundary: bool
    _sums: Sums = field(repr=False)

    @property
    def intraclass_correlation(self) -> float:
        """Share of the variance that lies between clusters."""
        return self.between / (self.between + self.within)

    def correlation_interval(self, level: float) -> tuple[float, float]:
        """Interval of the intraclass correlation from its profile likelihood; it may begin at 0."""
        from scipy.special import chdtri

        limit = self._sums.deviance(self._ratio()) + float(chdtri(1, 1 - level))
        found = self.intraclass_correlation

        def above(correlation: float) -> float:
            return self._sums.deviance(correlation / (1 - correlation)) - limit

        low = 0.0 if found == 0 or above(0.0) <= 0 else root(above, 0.0, found)
        return low, root(above, found, 1 - 1e-9)

    def _ratio(self) -> float:
        return self.between / self.within


def fit(outcome: Array, design: Array, labels: np.ndarray[Any, Any], *, restricted: bool = True) -> Mixed | None:
    """Restricted (REML) or full maximum likelihood (Laird and Ware 1982), profiled to the ratio of the variances.

    Parameters
    ----------
    outcome, design, labels
        Rows; rows x p with the intercept; cluster of each row.

    Returns
    -------
    The model; ``None`` where the outcome does not vary beyond the design, columns of the design depend on each
    other, or no cluster has two rows.
    """
    y, x, clusters = np.asarray(outcome, dtype=float), np.asarray(design, dtype=float), Clusters.of(labels)
    if len(y) <= x.shape[1] + 1 or clusters.sizes.max() < 2 or np.linalg.matrix_rank(x) < x.shape[1]:
        return None
    sums = Sums.of(y, x, clusters, restricted)
    if sums.square <= 1e-20 * max(float(y @ y), 1e-300):
        return None
    ratio = _best_ratio(sums)
    coefficients, inverse, rest = sums.solve(ratio)
    within = rest / sums.units
    rows = x[clusters.order]
    return Mixed(
        coefficients=sums.start + coefficients,
        covariance=within * inverse,
        between=ratio * within,
        within=within,
        deviance=sums.deviance(ratio),
        degrees_of_freedom=between_within(rows, clusters, len(y)),
        clusters=clusters.number,
        boundary=ratio == 0,
        _sums=sums,
    )


def between_within(rows: Array, clusters: Clusters, units: float) -> Array:
    """Degrees of freedom of each column of a design (rows in the order of the clusters) fitted to so many units.

    The between-within rule (Schluchter and Elashoff 1990): units less clusters less such columns for one that varies
    within clusters, clusters less such columns for any other, the intercept being one of them.
    """
    means = clusters.spread(clusters.sums(rows.T) / clusters.sizes).T
    varies = np.abs(rows - means).max(axis=0) > 1e-12 * np.maximum(np.abs(rows).max(axis=0), 1.0)
    within = units - clusters.number - varies.sum()
    return np.where(varies, within, clusters.number - (~varies).sum()).astype(float)


@dataclass(frozen=True)
class Sums:
    """What the likelihood needs of the data.

    ``start`` are least squares coefficients; all sums are of their residuals, which keeps the digits. ``totals``
    (G x p) and ``rest`` (G) are sums by cluster of design and residuals, ``squares`` (p x p) and ``square`` their
    sums of squares over all rows. ``units`` is what the residual sum of squares is divided by.
    """

    start: Array
    sizes: Array
    totals: Array
    rest: Array
    squares: Array
    square: float
    units: int
    restricted: bool

    @staticmethod
    def of(y: Array, x: Array, clusters: Clusters, restricted: bool) -> Sums:
        """Sums of rows; the least squares residuals are orthogonal to the design."""
        start = np.linalg.lstsq(x, y, rcond=None)[0]
        rows, residual = x[clusters.order].T, (y - x @ start)[clusters.order]
        units = len(y) - (x.shape[1] if restricted else 0)
        totals, rest = clusters.sums(np.ascontiguousarray(rows)).T, clusters.sums(residual)
        square = float(residual @ residual)
        return Sums(start, clusters.sizes, totals, rest, x.T @ x, square, units, restricted)

    def solve(self, ratio: float) -> tuple[Array, Array, float]:
        """Coefficients (less ``start``), inverse of the weighted squares, and weighted residual sum of squares."""
        drawn = ratio / (1 + self.sizes * ratio)
        inverse = np.linalg.inv(self.squares - (self.totals.T * drawn) @ self.totals)
        coefficients = inverse @ -(self.totals.T @ (drawn * self.rest))
        left = self.rest - self.totals @ coefficients
        rest = self.square + coefficients @ self.squares @ coefficients - float(drawn @ left**2)
        return coefficients, inverse, float(rest)

    def deviance(self, ratio: float) -> float:
        """-2 times the log-likelihood (restricted or full), the other parameters at their best."""
        _, inverse, rest = self.solve(ratio)
        logs = float(np.log1p(self.sizes * ratio).sum())
        logs -= float(np.linalg.slogdet(inverse)[1]) if self.restricted else 0.0
        return self.units * (1 + float(np.log(2 * np.pi * rest / self.units))) + logs

    def slope(self, ratio: float) -> float:
        """Derivative of ``deviance``."""
        coefficients, inverse, rest = self.solve(ratio)
        scale = 1 + self.sizes * ratio
        left = self.rest - self.totals @ coefficients
        found = float((self.sizes / scale).sum()) - self.units * float((left**2 / scale**2).sum()) / rest
        if self.restricted:
            found -= float(np.einsum("gi,ij,gj,g->", self.totals, inverse, self.totals, scale**-2))
        return found


def _best_ratio(sums: Sums) -> float:
    """The ratio with the smallest deviance: the best of a grid, then the zero of the derivative beside it."""
    ratios = [float(one / (1 - one)) for one in GRID]
    best = int(np.argmin([sums.deviance(one) for one in ratios]))
    if best == 0 and sums.slope(0.0) >= 0:
        return 0.0
    low, high = ratios[max(best - 1, 0)], ratios[min(best + 1, len(ratios) - 1)]
    return root(sums.slope, low, high)
