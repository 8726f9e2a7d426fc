"""Intervals and exact tests for proportions: plain numbers in, plain numbers out.

What is counted, and which cells stand behind it, belongs in the modules that call these functions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
    _check(events, n)
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

    _check(events, n)
    tail = (1 - level) / 2
    low = 0.0 if events == 0 else float(betaincinv(events, n - events + 1, tail))
    high = 1.0 if events == n else float(betaincinv(events + 1, n - events, 1 - tail))
    return low, high


def mid_p(events: int, n: int, level: float = 0.95) -> Interval:
    """Mid-P interval of a proportion (Lancaster 1961): the exact one with half the observed probability."""
    _check(events, n)
    tail = (1 - level) / 2
    low = 0.0 if events == 0 else root(lambda p: 1 - _mid_cdf(events, n, p) - tail, 0.0, 1.0)
    high = 1.0 if events == n else root(lambda p: _mid_cdf(events, n, p) - tail, 0.0, 1.0)
    return low, high


def newcombe_independent(e1: float, n1: float, e2: float, n2: float, level: float = 0.95) -> Interval:
    """Interval of ``e1/n1 - e2/n2``, two independent groups (Newcombe 1998a, method 10: hybrid score)."""
    p1, p2 = e1 / n1, e2 / n2
    (l1, u1), (l2, u2) = wilson(e1, n1, level), wilson(e2, n2, level)
    below = sqrt((p1 - l1) ** 2 + (u2 - p2) ** 2)
    above = sqrt((u1 - p1) ** 2 + (p2 - l2) ** 2)
    return max(p1 - p2 - below, -1.0), min(p1 - p2 + above, 1.0)


def newcombe_paired(a: float, b: float, c: float, d: float, level: float = 0.95) -> Interval:
    """Interval of ``(b - c) / n`` for paired answers (Newcombe 1998b, method 10).

    ``a`` pairs are positive both times, ``b`` at the first reading only, ``c`` at the second only, ``d`` never.
    """
    n = a + b + c + d
    p1, p2 = (a + b) / n, (a + c) / n
    (l1, u1), (l2, u2) = wilson(a + b, n, level), wilson(a + c, n, level)
    phi = _corrected_phi(a, b, c, d)
    below = _hypotenuse(p1 - l1, u2 - p2, phi)
    above = _hypotenuse(u1 - p1, p2 - l2, phi)
    return max((b - c) / n - below, -1.0), min((b - c) / n + above, 1.0)


def tango(b: float, c: float, n: float, level: float = 0.95) -> Interval:
    """Score interval of ``(b - c) / n`` for pairs (Tango 1998); needs the discordant counts only."""
    _check(b + c, n)
    z, observed = normal_quantile(level), (b - c) / n
    low = -1.0 if c == n else root(lambda delta: _tango_z(b, c, n, delta) - z, -1.0, observed)
    high = 1.0 if b == n else root(lambda delta: _tango_z(b, c, n, delta) + z, observed, 1.0)
    return min(low, observed), max(high, observed)


def fisher(e1: int, n1: int, e2: int, n2: int) -> float:
    """Two-sided p of Fisher's exact test (Fisher 1935) that two groups have the same share."""
    from scipy.stats import fisher_exact

    return min(1.0, float(fisher_exact([[e1, n1 - e1], [e2, n2 - e2]]).pvalue))


def sign_test(up: int, down: int) -> float:
    """Two-sided exact p that up and down are equally likely (Dixon & Mood 1946); 1 where nobody moved."""
    from scipy.special import bdtr

    return min(1.0, 2 * float(bdtr(min(up, down), up + down, 0.5))) if up + down else 1.0


def mcnemar_exact(b: int, c: int) -> float:
    """Two-sided exact p of McNemar's test (1947) from the two discordant counts."""
    return sign_test(b, c)


def holm(p: Sequence[float | None]) -> list[float | None]:
    """Holm's (1979) adjusted p-values, in the order given; a missing p stays missing and is not counted."""
    known = sorted((value, place) for place, value in enumerate(p) if value is not None)
    adjusted: list[float | None] = [None] * len(p)
    running = 0.0
    for rank, (value, place) in enumerate(known):
        running = max(running, min(1.0, (len(known) - rank) * value))
        adjusted[place] = running
    return adjusted


def _check(events: float, n: float) -> None:
    if not 0 <= events <= n or n <= 0:
        raise ValueError(f"not a proportion: {events} of {n}")


def _mid_cdf(events: int, n: int, p: float) -> float:
    from scipy.special import bdtr

    below = float(bdtr(events - 1, n, p)) if events else 0.0
    return (below + float(bdtr(events, n, p))) / 2


def _corrected_phi(a: float, b: float, c: float, d: float) -> float:
    """Correlation of the two readings, its numerator drawn towards 0 by n/2 where it is positive."""
    margins = (a + b) * (c + d) * (a + c) * (b + d)
    if margins == 0:
        return 0.0
    product = a * d - b * c
    return (max(product - (a + b + c + d) / 2, 0.0) if product > 0 else product) / sqrt(margins)


def _hypotenuse(one: float, other: float, phi: float) -> float:
    return sqrt(max(one * one - 2 * phi * one * other + other * other, 0.0))


def _tango_z(b: float, c: float, n: float, delta: float) -> float:
    linear = -b - c + (2 * n - b + c) * delta
    constant = -c * delta * (1 - delta)
    q = (sqrt(max(linear * linear - 8 * n * constant, 0.0)) - linear) / (4 * n)
    variance = n * (2 * q + delta * (1 - delta))
    distance = b - c - n * delta
    return distance / sqrt(variance) if variance > 0 else distance * float("inf") if distance else 0.0
