"""Random streams, pseudonyms and inverse distribution functions of the simulation.

Only ``Generator.random`` is drawn from; every distribution is an inverse CDF written out here, so that a
later NumPy, which may change how its distributions are drawn, gives the same bytes. What is drawn belongs in
``simulate_workforce``, ``simulate_contacts`` and ``simulate_surveys``.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from schemas.simulation import Spread

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_SMALLEST = 2.0**-53


def stream(seed: int, *names: str) -> np.random.Generator:
    """A random stream of its own for each name: drawing more from one leaves the others as they are."""
    digest = hashlib.sha256("/".join(names).encode()).digest()
    sequence = np.random.SeedSequence([seed, int.from_bytes(digest[:8], "big")])
    return np.random.Generator(np.random.PCG64(sequence))


def pseudonyms(seed: int, prefix: str, count: int) -> list[str]:
    """``count`` different ids such as ``c-0f3a9``, in an order that says nothing about whom they stand for.

    The first ids stay the same when more are drawn, as long as the width (five digits up to 20 000) holds.
    """
    width = max(5, math.ceil(math.log(max(count, 1) * 50, 16)))
    random = stream(seed, "pseudonyms", prefix)
    found: dict[int, None] = {}
    while len(found) < count:
        found[int(random.random() * 16**width)] = None
    return [f"{prefix}-{number:0{width}x}" for number in found]


def pick(u: Floats, shares: Iterable[float]) -> Ints:
    """Positions in ``shares`` (which add up to 1), one for each uniform number."""
    edges = np.cumsum(list(shares))[:-1]
    return np.searchsorted(edges, u, side="right").astype(np.int64)


def at_random(u: Floats, count: int) -> Ints:
    """Positions 0 to ``count - 1``, all equally likely."""
    return np.floor(u * count).astype(np.int64)


def triangular(u: Floats, spread: Spread) -> Ints:
    """Triangular between ``low`` and ``high`` with its mode at ``usual``, rounded to ``step``."""
    low, mode, high, step = spread.low, spread.usual, spread.high, spread.step
    if low == high:
        return np.full(u.shape, low, dtype=np.int64)
    turn = (mode - low) / (high - low)
    rising = low + np.sqrt(u * (high - low) * (mode - low))
    falling = high - np.sqrt((1 - u) * (high - low) * (high - mode))
    drawn = np.where(u < turn, rising, falling)
    return np.clip(np.rint(drawn / step) * step, low, high).astype(np.int64)


def geometric(u: Floats, probability: float | Floats) -> Ints:
    """Number of events of that probability before the first that fails; mean p / (1 - p)."""
    p = np.broadcast_to(np.asarray(probability, dtype=np.float64), u.shape)
    safe = np.where(p > 0, p, 0.5)
    drawn = np.floor(np.log(1 - u) / np.log(safe))
    return np.where(p > 0, drawn, 0).astype(np.int64)


def normal(u: Floats) -> Floats:
    """Standard normal."""
    inverse = NormalDist().inv_cdf
    return np.array([inverse(max(float(one), _SMALLEST)) for one in u], dtype=np.float64)


def logistic(u: Floats) -> Floats:
    """Standard logistic (variance pi squared over 3)."""
    inside = np.clip(u, _SMALLEST, 1 - _SMALLEST)
    return np.log(inside) - np.log1p(-inside)


def zero_truncated(u: Floats, mean: float, dispersion: float) -> Ints:
    """Zero-truncated negative binomial (Grogger and Carson, 1991), at least 1.

    ``mean`` is that of the truncated distribution; ``dispersion`` is that of the untruncated one, whose
    variance is m + dispersion * m squared at its mean m.
    """
    cdf = zero_truncated_cdf(mean, dispersion)
    return (np.searchsorted(cdf, u, side="right") + 1).astype(np.int64)


def zero_truncated_cdf(mean: float, dispersion: float) -> Floats:
    """P(X <= 1), P(X <= 2), ... of the zero-truncated negative binomial, until the tail has gone.

    Raises
    ------
    ValueError
        When the mean is not above 1, or the dispersion not above 0.
    """
    if mean <= 1 or dispersion <= 0:
        raise ValueError(f"needs mean > 1 and dispersion > 0: {mean}, {dispersion}")
    untruncated = _untruncated_mean(mean, dispersion)
    size, odds = 1 / dispersion, dispersion * untruncated / (1 + dispersion * untruncated)
    term = math.exp(-size * math.log1p(dispersion * untruncated))
    terms: list[float] = []
    while len(terms) < mean or term > 1e-16:
        term *= (len(terms) + size) / (len(terms) + 1) * odds
        terms.append(term)
    return np.cumsum(terms) / _positive(untruncated, dispersion)


def _positive(untruncated: float, dispersion: float) -> float:
    return -math.expm1(-math.log1p(dispersion * untruncated) / dispersion)


def _untruncated_mean(mean: float, dispersion: float) -> float:
    low, high = 0.0, mean
    for _ in range(200):  # bisection: the truncated mean rises with the untruncated one
        middle = (low + high) / 2
        if middle <= 0 or middle / _positive(middle, dispersion) < mean:
            low = middle
        else:
            high = middle
    return high
