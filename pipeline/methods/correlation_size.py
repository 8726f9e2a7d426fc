"""How many respondents a correlation of a given size needs, and which size a given number would find.

Worked out before any data are seen, from sizes only: power at the observed correlation says nothing that p does not.
The correlations themselves belong in ``reliability`` and ``drivers``.
"""

from __future__ import annotations

from math import atanh, ceil, sqrt
from statistics import NormalDist

from pipeline.methods.proportions import normal_quantile, root

METHOD = "Fisher z, standard error of Bonett and Wright (2000), bivariate normal scores"
_FEWEST = 4


def z_error(correlation: float, n: float) -> float:
    """Standard error of Fisher's z of a Spearman correlation (Bonett and Wright 2000); needs n above 3."""
    return sqrt((1 + correlation**2 / 2) / (n - 3))


def power(correlation: float, n: float, level: float = 0.95) -> float:
    """Power of the two-sided test that Spearman's correlation is 0 (upper tail only)."""
    distance = atanh(abs(correlation)) - normal_quantile(level) * z_error(0, n)
    return NormalDist().cdf(distance / z_error(correlation, n))


def needed(correlation: float, level: float = 0.95, wanted: float = 0.8) -> int:
    """Fewest respondents with whom a correlation of this size is found with the power ``wanted``."""
    ends = normal_quantile(level) + NormalDist().inv_cdf(wanted) * sqrt(1 + correlation**2 / 2)
    return max(_FEWEST, ceil(3 + (ends / atanh(abs(correlation))) ** 2))


def needed_each(correlation: float, other: float, level: float = 0.95, wanted: float = 0.8) -> int:
    """Fewest respondents in each of two groups with whom two correlations are found to differ."""
    ends = normal_quantile(level) + NormalDist().inv_cdf(wanted)
    variance = 2 + (correlation**2 + other**2) / 2
    return max(_FEWEST, ceil(3 + variance * (ends / (atanh(correlation) - atanh(other))) ** 2))


def detectable(n: float, level: float = 0.95, wanted: float = 0.8) -> float | None:
    """Smallest correlation that ``n`` respondents find with the power ``wanted``; ``None`` where n is below 4."""
    if n < _FEWEST:
        return None
    return root(lambda correlation: power(correlation, n, level) - wanted, 0.0, 1 - 1e-9)


def of_several(level: float, tests: int) -> float:
    """The level at which the first of ``tests`` tests is made in Holm's procedure (Holm 1979)."""
    return 1 - (1 - level) / tests
