"""Intervals of the difference of two proportions: plain numbers in, plain numbers out.

Tests belong in ``proportion_tests``; two waves of which only part of the persons answered both, in ``two_waves``.
"""

from __future__ import annotations

from math import acos, copysign, cos, inf, pi, sqrt

from pipeline.methods.proportions import Interval, check_proportion, normal_quantile, root, wilson

Limits = tuple[float, float, float]
"""A share, and the lower and upper limit of its own interval."""


def newcombe_independent(e1: float, n1: float, e2: float, n2: float, level: float = 0.95) -> Interval:
    """Interval of ``e1/n1 - e2/n2``, two independent groups (Newcombe 1998a, method 10: hybrid score)."""
    return hybrid((e1 / n1, *wilson(e1, n1, level)), (e2 / n2, *wilson(e2, n2, level)))


def miettinen_nurminen(e1: float, n1: float, e2: float, n2: float, level: float = 0.95) -> Interval:
    """Score interval of ``e1/n1 - e2/n2``, two independent groups (Miettinen & Nurminen 1985).

    All differences that the score test does not reject; its variance has the factor N / (N - 1), N = n1 + n2.
    """
    check_proportion(e1, n1)
    check_proportion(e2, n2)
    z, observed = normal_quantile(level), e1 / n1 - e2 / n2

    def distance(delta: float) -> float:
        return _score(e1, n1, e2, n2, delta)

    low = -1.0 if observed == -1 else root(lambda delta: distance(delta) - z, -1.0, observed)
    high = 1.0 if observed == 1 else root(lambda delta: distance(delta) + z, observed, 1.0)
    return min(low, observed), max(high, observed)


def newcombe_paired(a: float, b: float, c: float, d: float, level: float = 0.95) -> Interval:
    """Interval of ``(b - c) / n`` for paired answers (Newcombe 1998b, method 10).

    ``a`` pairs are positive both times, ``b`` at the first reading only, ``c`` at the second only, ``d`` never.
    """
    n = a + b + c + d
    first, second = ((one / n, *wilson(one, n, level)) for one in (a + b, a + c))
    return hybrid(first, second, corrected_phi(a, b, c, d))


def hybrid(first: Limits, second: Limits, correlation: float = 0.0) -> Interval:
    """Interval of a difference of two shares, each given with its own limits (Newcombe 1998; Zou & Donner 2008)."""
    (p1, l1, u1), (p2, l2, u2) = first, second
    below = _hypotenuse(p1 - l1, u2 - p2, correlation)
    above = _hypotenuse(u1 - p1, p2 - l2, correlation)
    return max(p1 - p2 - below, -1.0), min(p1 - p2 + above, 1.0)


def tango(b: float, c: float, n: float, level: float = 0.95) -> Interval:
    """Score interval of ``(b - c) / n`` for pairs (Tango 1998); needs the discordant counts only."""
    check_proportion(b + c, n)
    z, observed = normal_quantile(level), (b - c) / n
    low = -1.0 if c == n else root(lambda delta: _tango_z(b, c, n, delta) - z, -1.0, observed)
    high = 1.0 if b == n else root(lambda delta: _tango_z(b, c, n, delta) + z, observed, 1.0)
    return min(low, observed), max(high, observed)


def corrected_phi(a: float, b: float, c: float, d: float) -> float:
    """Correlation of two readings, its numerator drawn towards 0 by n/2 where positive (Newcombe 1998b)."""
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


def restricted_share(e1: float, n1: float, e2: float, n2: float, delta: float) -> float:
    """Most likely second share where the first one is larger by ``delta`` (Miettinen & Nurminen 1985, appendix).

    The root between 0 and 1 of a cubic, by its trigonometric form.
    """
    total, events = n1 + n2, e1 + e2
    l2 = ((n1 + 2 * n2) * delta - total - events) / (3 * total)
    l1 = ((n2 * delta - total - 2 * e2) * delta + events) / (3 * total)
    l0 = e2 * delta * (1 - delta) / total
    q = l2**3 - 1.5 * l1 * l2 + l0 / 2
    p = copysign(sqrt(max(l2 * l2 - l1, 0.0)), q)
    angle = (pi + acos(min(1.0, max(-1.0, q / p**3)))) / 3 if p else 0.0
    return min(max(2 * p * cos(angle) - l2, 0.0, -delta), 1.0, 1 - delta)


def _score(e1: float, n1: float, e2: float, n2: float, delta: float) -> float:
    """Standardised distance of the observed difference from ``delta``."""
    second = restricted_share(e1, n1, e2, n2, delta)
    first = second + delta
    variance = first * (1 - first) / n1 + second * (1 - second) / n2
    distance = e1 / n1 - e2 / n2 - delta
    if variance <= 0:
        return copysign(inf, distance) if distance else 0.0
    return distance / sqrt(variance * (n1 + n2) / (n1 + n2 - 1))
