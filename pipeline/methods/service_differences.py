"""Difference of two waves' shares over several services: within services, and with services as clusters.

Counts in, plain numbers out. The difference over all answers together belongs in ``two_waves`` and
``proportion_differences``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt

from pipeline.methods.proportions import Interval, normal_quantile
from pipeline.methods.two_waves import TwoWaves

FEWEST_CLUSTERS = 3
"""Services with answers at both waves that errors clustered by service need at least."""

NARROWER = "narrower than without clusters: few services happen to be alike"

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Estimated:
    """A difference with its standard error; ``df`` are the degrees of freedom of t (infinite: normal)."""

    value: float
    se: float
    df: float = float("inf")

    def interval(self, level: float = 0.95) -> Interval:
        """Value less and plus a quantile of t (or normal) times the standard error, within -1 and 1."""
        from scipy.special import stdtrit

        normal = self.df == float("inf")
        quantile = normal_quantile(level) if normal else float(stdtrit(self.df, (1 + level) / 2))
        return max(self.value - quantile * self.se, -1.0), min(self.value + quantile * self.se, 1.0)


def mantel_haenszel(services: Sequence[TwoWaves]) -> Estimated | None:
    """Mantel-Haenszel difference of shares, services as strata; ``None`` where none has answers at both waves.

    A service weighs n * n_reference / (n + n_reference). Standard error: Sato (1989) where persons differ, good with
    many small services too; where some answered both waves, the services' variances by these weights.
    """
    used = [one for one in services if one.n and one.n_reference]
    if not used:
        return None
    weights = np.array([one.n * one.n_reference / (one.n + one.n_reference) for one in used])
    differences = np.array([one.difference for one in used])
    value = float(weights @ differences / weights.sum())
    if any(one.pairs for one in used):
        variance = float(weights**2 @ np.array([one.variance() for one in used]))
    else:
        variance = value * sum(map(_sato_p, used)) + sum(map(_sato_q, used))
    return Estimated(value, sqrt(max(variance, 0.0)) / float(weights.sum()))


def clustered(services: Sequence[TwoWaves]) -> Estimated | None:
    """Difference of the two waves' shares over all services, with services as clusters; ``None`` with too few.

    The least-squares difference with CR2 errors (Bell & McCaffrey 2002) and Satterthwaite's degrees of freedom under
    independent answers of equal variance. With one predictor that is 0 or 1 both follow from counts.
    """
    if sum(bool(one.n and one.n_reference) for one in services) < FEWEST_CLUSTERS:
        return None
    n = np.array([(one.n, one.n_reference) for one in services], dtype=float)
    events = np.array([(one.events, one.events_reference) for one in services], dtype=float)
    totals, shares = n.sum(axis=0), events.sum(axis=0) / n.sum(axis=0)
    weights = 1 / (totals * np.sqrt(1 - n / totals))
    scores = (events - n * shares) * weights
    variance = float(((scores[:, 0] - scores[:, 1]) ** 2).sum())
    return Estimated(float(shares[0] - shares[1]), sqrt(variance), _satterthwaite(n, weights, totals))


def narrower_note(of_clusters: Interval, independent: Interval) -> str:
    """What to bear in mind where clusters make an interval narrower than that of independent answers."""
    widths = of_clusters[1] - of_clusters[0], independent[1] - independent[0]
    return NARROWER if widths[0] < widths[1] - 1e-12 else ""


def _satterthwaite(n: Floats, weights: Floats, totals: Floats) -> float:
    """Degrees of freedom: squared trace over trace of the square of the variance as a quadratic form."""
    sums = weights * n
    form = np.diag((weights**2 * n).sum(axis=1)) - (sums / totals) @ sums.T
    return float(np.trace(form) ** 2 / (form**2).sum())


def _sato_p(one: TwoWaves) -> float:
    n1, n0, total = one.n, one.n_reference, one.n + one.n_reference
    return (n1**2 * one.events_reference - n0**2 * one.events + n1 * n0 * (n0 - n1) / 2) / total**2


def _sato_q(one: TwoWaves) -> float:
    without, without_reference = one.n - one.events, one.n_reference - one.events_reference
    return (one.events * without_reference + one.events_reference * without) / (2 * (one.n + one.n_reference))
