"""Probability of superiority: how often a later (or one service's) answer is the higher one. Counts in, numbers out.

Ties count half: 0.5 means that neither is higher more often. Which answers are compared belongs in ``ordinal``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log, sqrt
from typing import Any

from pipeline.methods.proportion_differences import tango
from pipeline.methods.proportion_tests import sign_test
from pipeline.methods.proportions import Interval, normal_quantile, root


@dataclass(frozen=True)
class Superiority:
    """Share of pairs in which the first is higher, ties half.

    ``se`` and ``degrees`` are those of Brunner and Munzel, None for pairs and where no placement varies. ``low`` and
    ``high`` lie within 0 and 1; ``p`` tests 0.5, two-sided.
    """

    value: float
    low: float
    high: float
    p: float
    se: float | None = None
    degrees: float | None = None


def independent(counts: Sequence[float], reference: Sequence[float], level: float = 0.95) -> Superiority:
    """P(first > reference) + P(equal) / 2 of two independent groups, from counts by ordered category.

    The estimate is Mann and Whitney's U / (m n). Interval and p: Brunner and Munzel's (2000) variance and degrees of
    freedom, t on the logit scale, which stays within 0 and 1. Where that variance is 0 (all answers alike, or no
    overlap), Newcombe's (2006) method 5, and p from the same variance at 0.5.

    Raises
    ------
    ValueError
        Unless both groups have answers, on the same categories.
    """
    m, n = sum(counts), sum(reference)
    if len(counts) != len(reference) or m <= 0 or n <= 0:
        raise ValueError("two groups with answers on the same categories are needed")
    own, other = _placements(reference), _placements(counts)
    value = sum(c * place for c, place in zip(counts, own, strict=True)) / m
    parts = [_variance(counts, own) / m, _variance(reference, other) / n]
    if not 0 < value < 1 or min(m, n) < 2 or sum(parts) < 1e-15:
        low, high = newcombe(value, m, n, level)
        return Superiority(value, low, high, _newcombe_p(value, m, n))
    squares = parts[0] ** 2 / (m - 1) + parts[1] ** 2 / (n - 1)
    return _on_logit(value, sqrt(sum(parts)), sum(parts) ** 2 / squares, level)


def paired(up: int, down: int, same: int, level: float = 0.95) -> Superiority:
    """Share of pairs that moved up, and half of those that stayed.

    It is (1 + net change) / 2, and so are its limits: Tango's (1998) score interval. p: exact sign test.

    Raises
    ------
    ValueError
        Where there is no pair.
    """
    pairs = up + down + same
    if pairs <= 0:
        raise ValueError("no pair")
    low, high = tango(up, down, pairs, level)
    return Superiority((up + same / 2) / pairs, (1 + low) / 2, (1 + high) / 2, sign_test(up, down))


def clustered(
    counts: Sequence[Sequence[float]], reference: Sequence[Sequence[float]], level: float = 0.95
) -> Superiority | None:
    """As ``independent`` of all clusters together, with an interval that takes clusters (services) as the units.

    ``counts`` and ``reference`` hold counts by category for each cluster, in the same order. Delete-one-cluster
    jackknife of the U statistic (Arvesen 1969) on the logit scale, t with clusters less one degrees of freedom. None
    with fewer than three clusters, where the value is 0 or 1 with all or without one of them, or nothing varies.
    """
    pairs = [(a, b) for a, b in zip(counts, reference, strict=True) if sum(a) + sum(b)]
    return _jackknife(pairs, _u, level)


def clustered_pairs(moves: Sequence[tuple[int, int, int]], level: float = 0.95) -> Superiority | None:
    """As ``paired`` of all clusters together, (up, down, same) of each, with the interval of ``clustered``."""
    return _jackknife([one for one in moves if sum(one)], _moved, level)


def _jackknife(
    parts: Sequence[Any], value_of: Callable[[Sequence[Any]], float | None], level: float
) -> Superiority | None:
    values = [value_of([*parts[:place], *parts[place + 1 :]]) for place in range(len(parts))]
    value, without = value_of(parts), [one for one in values if one is not None and 0 < one < 1]
    if value is None or not 0 < value < 1 or len(without) < max(3, len(parts)):
        return None
    logits = [log(one / (1 - one)) for one in without]
    mean, size = sum(logits) / len(logits), len(logits)
    spread = sqrt((size - 1) / size * sum((one - mean) ** 2 for one in logits))
    return _on_logit(value, spread * value * (1 - value), size - 1, level) if spread > 1e-12 else None


def _u(pairs: Sequence[tuple[Sequence[float], Sequence[float]]]) -> float | None:
    """U / (m n) of the counts of all clusters together; None without answers on either side."""
    if not pairs:
        return None
    first, second = ([sum(column) for column in zip(*side, strict=True)] for side in zip(*pairs, strict=True))
    if not sum(first) or not sum(second):
        return None
    return sum(c * place for c, place in zip(first, _placements(second), strict=True)) / sum(first)


def _moved(moves: Sequence[tuple[int, int, int]]) -> float | None:
    total = sum(map(sum, moves))
    return sum(up + same / 2 for up, _, same in moves) / total if total else None


def newcombe(value: float, m: float, n: float, level: float = 0.95) -> Interval:
    """Score-type interval of U / (m n): method 5 of Newcombe (2006, part 2), with Hanley and McNeil's variance."""
    z = normal_quantile(level)

    def outside(theta: float) -> float:
        return abs(value - theta) - z * sqrt(_hanley_mcneil(theta, m, n))

    low = 0.0 if value == 0 else root(outside, 0.0, value)
    high = 1.0 if value == 1 else root(outside, value, 1.0)
    return low, high


def _hanley_mcneil(theta: float, m: float, n: float) -> float:
    extra = (m + n) / 2 - 1
    return theta * (1 - theta) * (1 + extra * ((1 - theta) / (2 - theta) + theta / (1 + theta))) / (m * n)


def _newcombe_p(value: float, m: float, n: float) -> float:
    from statistics import NormalDist

    return 2 * NormalDist().cdf(-abs(value - 0.5) / sqrt(_hanley_mcneil(0.5, m, n)))


def _placements(counts: Sequence[float]) -> list[float]:
    """For each category: share of a group below it, and half of the share in it."""
    n, below, found = sum(counts), 0.0, []
    for count in counts:
        found.append((below + count / 2) / n)
        below += count
    return found


def _variance(counts: Sequence[float], values: Sequence[float]) -> float:
    """Variance (n - 1) of values that occur as often as ``counts`` says; 0 for one."""
    n = sum(counts)
    mean = sum(c * v for c, v in zip(counts, values, strict=True)) / n
    squares = sum(c * (v - mean) ** 2 for c, v in zip(counts, values, strict=True))
    return squares / (n - 1) if n > 1 else 0.0


def _on_logit(value: float, se: float, degrees: float, level: float) -> Superiority:
    from scipy.special import expit, stdtr, stdtrit

    middle, width = log(value / (1 - value)), se / (value * (1 - value))
    reach = float(stdtrit(degrees, (1 + level) / 2)) * width
    low, high = (float(expit(middle + side * reach)) for side in (-1, 1))
    return Superiority(value, low, high, 2 * float(stdtr(degrees, -abs(middle) / width)), se, degrees)
