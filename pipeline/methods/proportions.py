"""Intervals of one proportion: plain numbers in, plain numbers out.

Two proportions belong in ``proportion_differences`` and ``proportion_tests``; what is counted, and which cells stand
behind it, in the modules that call these functions.
"""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt
from statistics import NormalDist

Interval = tuple[float, float]
_BISECTIONS = 80


def normal_quantile(level: float) -> float:
    """Two-sided standard normal quantile of a confidence level (1.96 for 0.95)."""
    return NormalDist().inv_cdf((1 + level) / 2)


def root(function: Callable[[float], float], low: float, high: float) -> float:
    """Where ``function`` changes its sign between ``low`` and ``high`` (bisection)."""
    rising = function(high) > 0
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        low, high = (low, middle) if (function(middle) > 0) == rising else (middle, high)
    return (low + high) / 2


def wilson(events: float, n: float, level: float = 0.95) -> Interval:
    """Score interval of a proportion (Wilson 1927).

    Raises
    ------
    ValueError
        Unless ``0 <= events <= n`` and ``n > 0``; so do the other intervals here.
    """
    check_proportion(events, n)
    z = normal_quantile(level)
    share = events / n
    middle = share + z * z / (2 * n)
    half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    low = 0.0 if events == 0 else (middle - half) / (1 + z * z / n)
    high = 1.0 if events == n else (middle + half) / (1 + z * z / n)
    return low, high


def clopper_pearson(events: float, n: float, level: float = 0.95) -> Interval:
    """Exact interval of a proportion (Clopper & Pearson 1934): never below its level, so wide."""
    from scipy.special import betaincinv

    check_proportion(events, n)
    tail = (1 - level) / 2
    low = 0.0 if events == 0 else float(betaincinv(events, n - events + 1, tail))
    high = 1.0 if events == n else float(betaincinv(events + 1, n - events, 1 - tail))
    return low, high


def mid_p(events: int, n: int, level: float = 0.95) -> Interval:
    """Mid-P interval of a proportion (Lancaster 1961): the exact one with half the observed probability."""
    check_proportion(events, n)
    tail = (1 - level) / 2
    low = 0.0 if events == 0 else root(lambda p: 1 - _mid_cdf(events, n, p) - tail, 0.0, 1.0)
    high = 1.0 if events == n else root(lambda p: _mid_cdf(events, n, p) - tail, 0.0, 1.0)
    return low, high


def jeffreys(events: float, n: float, level: float = 0.95) -> Interval:
    """Jeffreys interval of a proportion: equal tails of Beta(x + 1/2, n - x + 1/2) (Brown, Cai & DasGupta 2001).

    The lower end is 0 without events, the upper end 1 where all are events: the usual modification.
    """
    from scipy.special import betaincinv

    check_proportion(events, n)
    tail = (1 - level) / 2
    shape = events + 0.5, n - events + 0.5
    low = 0.0 if events == 0 else float(betaincinv(*shape, tail))
    high = 1.0 if events == n else float(betaincinv(*shape, 1 - tail))
    return low, high


INTERVALS: dict[str, tuple[Callable[[int, int, float], Interval], str]] = {
    "wilson": (wilson, "Wilson score interval (Wilson 1927)"),
    "clopper-pearson": (clopper_pearson, "exact interval (Clopper and Pearson 1934)"),
    "mid-p": (mid_p, "mid-P interval (Lancaster 1961)"),
    "jeffreys": (jeffreys, "Jeffreys interval (Brown, Cai and DasGupta 2001)"),
}
"""Intervals by the name that a study file gives them, each with its description."""


def check_proportion(events: float, n: float) -> None:
    """Raise ``ValueError`` unless ``0 <= events <= n`` and ``n > 0``."""
    if not 0 <= events <= n or n <= 0:
        raise ValueError(f"not a proportion: {events} of {n}")


def _mid_cdf(events: int, n: int, p: float) -> float:
    from scipy.special import bdtr

    below = float(bdtr(events - 1, n, p)) if events else 0.0
    return (below + float(bdtr(events, n, p))) / 2
