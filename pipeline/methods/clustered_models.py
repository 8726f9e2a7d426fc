"""Two groups compared by a model with clusters: arrays in, each statistic's numbers or the reason for none out.

Which rows are compared, and the cells behind them, belong in ``clustered``; the models themselves in ``gee``,
``mixed_model``, ``mixed_logistic``, ``wild_bootstrap`` and ``cluster_bootstrap``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import exp, log
from typing import Any, Literal

import numpy as np

from pipeline.methods import gee, mixed_logistic, mixed_model
from pipeline.methods.cluster_bootstrap import cluster_bootstrap, difference_of_means, percentile_interval
from pipeline.methods.cluster_sums import Array, Clusters
from pipeline.methods.wild_bootstrap import wild_cluster
from schemas.vocabulary import REASONS

Model = Literal["gee", "mixed"]

FEWEST_CLUSTERS = 3
FEW_CLUSTERS = 20
"""With fewer clusters the wild bootstrap is given beside the model, else the bootstrap of whole clusters."""

COARSE = 0.001
"""Where the smallest possible p of the wild bootstrap is larger, the row says so."""

RESAMPLES = 2000
GEE = "generalised estimating equations, exchangeable working correlation (Liang and Zeger 1986)"
GEE_INDEPENDENT = "generalised estimating equations, independence working correlation (Liang and Zeger 1986)"
CORRECTED = (
    "errors corrected for few clusters (Kauermann and Carroll 2001), t by Satterthwaite (Bell, McCaffrey 2002)"
)
LINEAR = "linear mixed model, random intercept, REML (Laird and Ware 1982)"
LOGISTIC = "logistic mixed model, random intercept, adaptive quadrature (Pinheiro and Bates 1995)"
BETWEEN_WITHIN = (
    "t by the between-within rule (Schluchter, Elashoff 1990), the same difference assumed in every cluster"
)
WILD = "restricted wild cluster bootstrap-t (Cameron, Gelbach and Miller 2008; Webb 2014) of the raw difference"
DRAWN = "bootstrap of whole clusters, percentiles (Davison and Hinkley 1997), of the raw difference"
PROFILE = "variance components by REML, profile likelihood interval (Laird and Ware 1982)"
KISH = "1 + (mean cluster size - 1) * intraclass correlation (Kish 1965), mean size weighted by size"
ALIKE = "no variation between clusters was found"


@dataclass(frozen=True)
class Compared:
    """Numbers of one statistic; without a ``value`` the ``reason`` says why, else what to bear in mind."""

    value: float | None = None
    se: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    method: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Groups:
    """Outcomes of two groups: ``outcome`` (0 or 1 where ``binary``), ``later`` (0 or 1) and cluster of each row."""

    outcome: Array
    later: Array
    labels: np.ndarray[Any, Any]
    binary: bool

    @property
    def design(self) -> Array:
        """Intercept and group."""
        return np.column_stack([np.ones(len(self.later)), self.later])

    @property
    def clusters(self) -> int:
        """How many clusters there are."""
        return len(np.unique(self.labels))

    def why_alike(self) -> str:
        """Why nothing can be said of how alike a cluster's rows are: no cluster has two, or nothing varies."""
        return REASONS["no_variation" if self.clusters < len(self.outcome) else "too_few"]

    def difference(self) -> float:
        """Mean of the later group less that of the earlier one."""
        return float(self.outcome[self.later == 1].mean() - self.outcome[self.later == 0].mean())

    def why_not(self) -> str:
        """Why nothing can be estimated; nothing where something can."""
        groups = [self.later == 1, self.later == 0]
        if not all(one.any() for one in groups):
            return REASONS["no_rows"]
        if self.clusters < FEWEST_CLUSTERS or min(len(np.unique(self.labels[one])) for one in groups) < 2:
            return REASONS["too_few_clusters"]
        if self.outcome.min() == self.outcome.max():
            return REASONS["no_variation"]
        apart = self.binary and any(self.outcome[one].min() == self.outcome[one].max() for one in groups)
        return REASONS["all_or_none"] if apart else ""


def compared(groups: Groups, model: Model, level: float) -> dict[str, Compared]:
    """`difference`, and `odds_ratio` of a yes-no outcome, by a model with clusters.

    GEE: difference of the two shares of the logit model (delta method), or of two means. Mixed: difference of the
    two shares expected over all clusters; the odds ratio is that within a cluster. A model that does not converge
    has no numbers.
    """
    names = ("difference", "odds_ratio") if groups.binary else ("difference",)
    if why := groups.why_not():
        return dict.fromkeys(names, Compared(reason=why))
    if model == "gee":
        return _by_gee(groups, names, level)
    return _by_logistic(groups, level) if groups.binary else _by_linear(groups, level)


def _by_gee(groups: Groups, names: tuple[str, ...], level: float) -> dict[str, Compared]:
    family: gee.Family = "binomial" if groups.binary else "gaussian"
    method, found = GEE, gee.fit(groups.outcome, groups.design, groups.labels, family, "exchangeable")
    if found is None:
        method = GEE_INDEPENDENT
        found = gee.fit(groups.outcome, groups.design, groups.labels, family, "independence")
    if found is None:
        return dict.fromkeys(names, Compared(reason=REASONS["no_convergence"]))
    method = f"{method}; {CORRECTED}"
    if not groups.binary:
        return {"difference": _gee_contrast(found, float(found.coefficients[1]), np.array([0.0, 1.0]), method, level)}
    earlier, later = 1 / (1 + np.exp(-found.coefficients[0])), 1 / (1 + np.exp(-found.coefficients.sum()))
    slopes = earlier * (1 - earlier), later * (1 - later)
    gradient = np.array([slopes[1] - slopes[0], slopes[1]])
    odds = _gee_contrast(found, float(found.coefficients[1]), np.array([0.0, 1.0]), method, level)
    difference = _gee_contrast(found, float(later - earlier), gradient, method, level)
    return {"difference": _bounded(difference), "odds_ratio": _exponential(odds)}


def _gee_contrast(found: gee.Gee, value: float, contrast: Array, method: str, level: float) -> Compared:
    se = found.error(contrast)
    if not np.isfinite(se):
        return Compared(reason=REASONS["too_few_clusters"], method=method)
    return _by_t(value, se, found.degrees_of_freedom(contrast), method, level)


def _by_linear(groups: Groups, level: float) -> dict[str, Compared]:
    found, method = mixed_model.fit(groups.outcome, groups.design, groups.labels), f"{LINEAR}; {BETWEEN_WITHIN}"
    if found is None:
        return {"difference": Compared(reason=groups.why_alike(), method=method)}
    value, se = float(found.coefficients[1]), float(np.sqrt(found.covariance[1, 1]))
    row = _by_t(value, se, float(found.degrees_of_freedom[1]), method, level)
    return {"difference": _noted(row, found.boundary)}


def _by_logistic(groups: Groups, level: float) -> dict[str, Compared]:
    alone = groups.clusters == len(groups.outcome)
    found, method = None if alone else mixed_logistic.fit(*_counted(groups)), f"{LOGISTIC}; {BETWEEN_WITHIN}"
    if found is None:
        why = REASONS["too_few" if alone else "no_convergence"]
        return dict.fromkeys(("difference", "odds_ratio"), Compared(reason=why, method=method))
    df = float(found.degrees_of_freedom[1])
    change = found.marginal_difference(np.array([1.0, 1.0]), np.array([1.0, 0.0]))
    odds = _by_t(float(found.coefficients[1]), float(np.sqrt(found.covariance[1, 1])), df, method, level)
    rows = {"difference": _bounded(_by_t(*change, df, method, level)), "odds_ratio": _exponential(odds)}
    return {name: _noted(row, found.boundary) for name, row in rows.items()}


def _counted(groups: Groups) -> tuple[Array, Array, Array, Array]:
    """Events, answers, design and cluster of each cluster and group: all that a yes-no outcome tells."""
    _, places = np.unique(groups.labels, return_inverse=True)
    cells = 2 * places + groups.later.astype(int)
    trials = np.bincount(cells).astype(float)
    events = np.bincount(cells, weights=groups.outcome)
    there = np.flatnonzero(trials)
    return events[there], trials[there], np.column_stack([np.ones(len(there)), there % 2]), there // 2


def _by_t(value: float, se: float, df: float, method: str, level: float) -> Compared:
    """Interval and p by Student's t."""
    from scipy.special import stdtr, stdtrit

    if se <= 1e-12:
        return Compared(reason=REASONS["no_variation"], method=method)
    if df < 1:
        return Compared(reason=REASONS["too_few_clusters"], method=method)
    reach, p = float(stdtrit(df, (1 + level) / 2)) * se, 2 * float(stdtr(df, -abs(value) / se))
    return Compared(value, se, value - reach, value + reach, p, method, f"t with {df:.4g} degrees of freedom")


def _bounded(row: Compared) -> Compared:
    """A difference of shares, its interval kept within -1 and 1."""
    if row.low is None or row.high is None:
        return row
    return replace(row, low=max(row.low, -1.0), high=min(row.high, 1.0))


def _exponential(row: Compared) -> Compared:
    """A ratio from its logarithm; one too large to print has no number."""
    if row.value is None or row.se is None or row.low is None or row.high is None:
        return row
    if max(abs(row.low), abs(row.high)) > log(1e9):
        return Compared(reason=REASONS["too_few_clusters"], method=row.method)
    return replace(row, value=exp(row.value), se=exp(row.value) * row.se, low=exp(row.low), high=exp(row.high))


def _noted(row: Compared, boundary: bool) -> Compared:
    known = boundary and row.value is not None
    return replace(row, reason=f"{ALIKE}; {row.reason}") if known else row


def resampled(groups: Groups, level: float, random: np.random.Generator) -> tuple[str, Compared]:
    """The raw difference by resampling, and how it was resampled (`wild-bootstrap` or `cluster-bootstrap`).

    With fewer than ``FEW_CLUSTERS`` clusters a p and no interval, else an interval and no p.
    """
    name = "wild-bootstrap" if groups.clusters < FEW_CLUSTERS else "cluster-bootstrap"
    method = WILD if groups.clusters < FEW_CLUSTERS else DRAWN
    why = groups.why_not()
    if why and why != REASONS["all_or_none"]:
        return name, Compared(reason=why, method=method)
    row = _wild(groups, random) if groups.clusters < FEW_CLUSTERS else _drawn(groups, level, random)
    return name, row


def _wild(groups: Groups, random: np.random.Generator) -> Compared:
    found = wild_cluster(groups.outcome, groups.design, groups.labels, 1, random)
    if found is None:
        return Compared(reason=REASONS["no_variation"], method=WILD)
    coarse = f"; with so few clusters p is at least {found.least:.2g}" if found.least > COARSE else ""
    return Compared(found.estimate, p=found.p, method=WILD, reason=found.weights + coarse)


def _drawn(groups: Groups, level: float, random: np.random.Generator) -> Compared:
    clusters = Clusters.of(groups.labels)
    sides = np.vstack([groups.later, 1 - groups.later])[:, clusters.order]
    sums, counts = clusters.sums(sides * groups.outcome[clusters.order]).T, clusters.sums(sides).T
    samples = cluster_bootstrap(sums, counts, RESAMPLES, random, difference_of_means)
    samples = samples[np.isfinite(samples)]
    low, high = percentile_interval(samples, level)
    value = groups.difference()
    note = f"{RESAMPLES} resamples"
    return Compared(value, float(samples.std(ddof=1)), min(low, value), max(high, value), None, DRAWN, note)


def likeness(groups: Groups, level: float, *, size: float | None) -> dict[str, Compared]:
    """`intraclass_correlation` of the outcomes given the group, and `design_effect` for clusters of mean ``size``."""
    names = ("intraclass_correlation", *(() if size is None else ("design_effect",)))
    why = groups.why_not()
    found = None if why and why != REASONS["all_or_none"] else mixed_model.fit(
        groups.outcome, groups.design, groups.labels
    )  # fmt: skip
    if found is None:
        return dict.fromkeys(names, Compared(reason=why or groups.why_alike()))
    low, high = found.correlation_interval(level)
    note = ALIKE if found.boundary else ""
    row = Compared(found.intraclass_correlation, low=low, high=high, method=PROFILE, reason=note)
    if size is None:
        return {names[0]: row}
    effects = [1 + (size - 1) * one for one in (found.intraclass_correlation, low, high)]
    effect = Compared(effects[0], low=effects[1], high=effects[2], method=KISH, reason=note)
    return {names[0]: row, names[1]: effect}


def mean_size(groups: Groups) -> float:
    """Mean size of the clusters in the later group, each weighted by its size (as Kish's formula wants it)."""
    _, sizes = np.unique(groups.labels[groups.later == 1], return_counts=True)
    return float((sizes**2).sum() / sizes.sum()) if len(sizes) else 1.0
