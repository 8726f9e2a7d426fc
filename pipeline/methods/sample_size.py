"""How many answers two waves need, to find a difference of a share or to know it so exactly.

From shares and sizes only, never from an observed difference. Power at given sizes is in ``power``, services as
clusters are in ``clustered_size``, the rows in ``design``, correlations in ``correlation_size``.

``degrees``: degrees of freedom behind the variance, where these are few: t then, in place of the normal distribution.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, floor, inf, sqrt

import numpy as np
import numpy.typing as npt

from pipeline.methods.power import (
    detectable_independent,
    detectable_linked,
    power_independent,
    power_linked,
    quantile,
)
from pipeline.methods.proportion_differences import newcombe_independent, newcombe_paired

Ints = npt.NDArray[np.int64]

MOST = 10**9
_TINY = 1e-12


@dataclass(frozen=True)
class Unlinked:
    """Two waves of different persons, with this share at the earlier one."""

    share: float

    def reaches(self, difference: float) -> bool:
        """Can the share increase by so much?"""
        return self.share + difference <= 1 + _TINY

    def needed(self, difference: float, level: float, power: float, degrees: float = inf) -> float:
        """Answers in each wave to find an increase; not rounded. Inverts ``power_independent`` for equal sizes.

        Fleiss, Levin & Paik (2003), without continuity correction, as R's ``power.prop.test``.
        """
        p, q = self.share, min(self.share + difference, 1.0)
        middle = (p + q) / 2
        null, alternative = sqrt(2 * middle * (1 - middle)), sqrt(p * (1 - p) + q * (1 - q))
        ends = quantile((1 + level) / 2, degrees) * null + quantile(power, degrees) * alternative
        return (ends / difference) ** 2

    def needed_exactly(self, difference: float, level: float, power: float) -> float:
        """Answers in each wave to find an increase by Fisher's exact test (Casagrande, Pike & Smith 1978)."""
        n = self.needed(difference, level, power)
        return n / 4 * (1 + sqrt(1 + 4 / (n * difference))) ** 2

    def power(self, difference: float, n_reference: float, n: float, level: float, degrees: float = inf) -> float:
        """Power to find an increase with these numbers of answers."""
        return power_independent(self.share, min(self.share + difference, 1.0), n_reference, n, level, 0.0, degrees)

    def detectable(
        self, n_reference: float, n: float, level: float, power: float, degrees: float = inf
    ) -> float | None:
        """Smallest increase found with these numbers of answers."""
        return detectable_independent(self.share, n_reference, n, level, power, 0.0, degrees)

    def half_width(self, n_reference: float, n: float, level: float) -> float:
        """Half of Newcombe's (1998) interval of a difference, if both waves have the share."""
        low, high = newcombe_independent(n * self.share, n, n_reference * self.share, n_reference, level)
        return (high - low) / 2


@dataclass(frozen=True)
class Linked:
    """Two waves of the same persons: the share (mean of both waves), and the share of pairs that change."""

    share: float
    discordant: float

    def reaches(self, difference: float) -> bool:
        """Do so many pairs change?"""
        return difference <= self.discordant + _TINY

    def needed(self, difference: float, level: float, power: float, degrees: float = inf) -> float:
        """Pairs to find a difference by McNemar's test (Connor 1987); not rounded. Inverts ``power_linked``."""
        null, alternative = sqrt(self.discordant), sqrt(max(self.discordant - difference**2, 0.0))
        ends = quantile((1 + level) / 2, degrees) * null + quantile(power, degrees) * alternative
        return (ends / difference) ** 2

    def needed_exactly(self, difference: float, level: float, power: float) -> float:
        """Pairs to find a difference by the exact McNemar test, from its exact power (see ``mcnemar_power``).

        Power rises in small steps and falls a little between them; this is the end of one step, not of all.
        """
        below = ceil(self.needed(difference, level, power)) - 1
        more = fewest(lambda k: mcnemar_power(difference, self.discordant, below + k, level) >= power)
        return below + more if more else inf

    def power(self, difference: float, n_reference: float, n: float, level: float, degrees: float = inf) -> float:
        """Power to find a difference with ``n`` pairs."""
        return power_linked(difference, self.discordant, n, level, degrees)

    def detectable(
        self, n_reference: float, n: float, level: float, power: float, degrees: float = inf
    ) -> float | None:
        """Smallest difference found with ``n`` pairs."""
        return detectable_linked(self.discordant, n, level, power, degrees)

    def half_width(self, n_reference: float, n: float, level: float) -> float:
        """Half of Newcombe's (1998) paired interval of a difference, if as many change one way as the other."""
        moved = self.discordant / 2
        kept = max(self.share - moved, 0.0)
        low, high = newcombe_paired(n * kept, n * moved, n * moved, n * max(1 - kept - 2 * moved, 0.0), level)
        return (high - low) / 2


def mcnemar_power(difference: float, discordant: float, n: int, level: float) -> float:
    """Power of the exact McNemar test of ``n`` pairs, to find a difference in its direction.

    Over all numbers of discordant pairs (Schork & Williams 1980), a share ``discordant`` of the pairs on average.
    """
    from scipy.special import bdtr, bdtrc, gammaln, xlog1py, xlogy

    reach = 10 * sqrt(n * discordant * (1 - discordant)) + 10  # beyond it the numbers have no chance that counts
    m = np.arange(max(1, floor(n * discordant - reach)), min(n, ceil(n * discordant + reach)) + 1)
    last = _rejected(m, (1 - level) / 2)
    m, last = m[last >= 0], last[last >= 0]
    log_odds = xlogy(m, discordant) + xlog1py(n - m, -discordant)
    chance = np.exp(gammaln(n + 1) - gammaln(m + 1) - gammaln(n - m + 1) + log_odds)
    up = (1 + difference / discordant) / 2
    found = np.where(last < m, bdtrc(np.maximum(m - last - 1, 0), m, up), 1.0) if up < 1 else bdtr(m, m, up)
    return float(chance @ found)


def _rejected(m: Ints, tail: float) -> Ints:
    """Of ``m`` discordant pairs, the most that may be the fewer ones for the test to reject; -1 where none may."""
    from scipy.special import bdtr, bdtrik

    last = np.floor(bdtrik(tail, m, 0.5)).astype(np.int64)
    last = np.where(bdtr(np.clip(last + 1, 0, m), m, 0.5) <= tail, last + 1, last)
    return np.where(bdtr(np.clip(last, 0, m), m, 0.5) <= tail, last, -1)


def unfavourable(linked: bool, difference: float) -> Unlinked | Linked:
    """The hardest case: shares either side of a half; linked, pairs no more alike than strangers with such shares."""
    return Linked(0.5, 0.5) if linked else Unlinked(0.5 - difference / 2)


def fewest(found: Callable[[int], bool]) -> int | None:
    """The smallest whole number from 1 on for which ``found`` holds, as it does for all above; ``None`` past 10⁹."""
    high = 1
    while not found(high):
        high *= 2
        if high > MOST:
            return None
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if found(middle) else (middle, high)
    return high
