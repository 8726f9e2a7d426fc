"""Two waves of which some persons answered both: difference of two shares, its interval and test, from counts.

Where nobody or everybody answered both waves, the interval is that of ``proportion_differences`` for different or
for the same persons. Counting belongs in ``pairs``.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, sqrt
from statistics import NormalDist

from pipeline.methods.proportion_differences import corrected_phi, hybrid
from pipeline.methods.proportions import Interval, wilson


@dataclass(frozen=True)
class TwoWaves:
    """Counts of two waves: events of all who are counted, and a table of the persons counted at both.

    ``kept`` are events both times, ``gained`` at the later wave only, ``lost`` at the earlier only, ``never`` not.
    """

    events: int = 0
    n: int = 0
    events_reference: int = 0
    n_reference: int = 0
    kept: int = 0
    gained: int = 0
    lost: int = 0
    never: int = 0

    def __add__(self, other: TwoWaves) -> TwoWaves:
        return TwoWaves(*(one + two for one, two in zip(self._numbers(), other._numbers(), strict=True)))

    @property
    def pairs(self) -> int:
        """Persons counted at both waves."""
        return self.kept + self.gained + self.lost + self.never

    @property
    def share(self) -> float:
        """Share of events at the later wave."""
        return self.events / self.n

    @property
    def share_reference(self) -> float:
        """Share of events at the earlier wave."""
        return self.events_reference / self.n_reference

    @property
    def difference(self) -> float:
        """Share at the later wave less the share at the earlier one, each of all who are counted there.

        Raises
        ------
        ZeroDivisionError
            Without anybody at one of the waves.
        """
        return self.share - self.share_reference

    def correlation(self) -> float:
        """Correlation of the two shares: phi of the pairs times pairs / sqrt(n * n_reference)."""
        margins = (self.kept + self.gained) * (self.lost + self.never)
        margins *= (self.kept + self.lost) * (self.gained + self.never)
        phi = (self.kept * self.never - self.gained * self.lost) / sqrt(margins) if margins else 0.0
        return phi * self._overlap()

    def variance(self) -> float:
        """Variance of the difference: of both shares, less twice the covariance that the pairs bring."""
        if not self.pairs:
            covariance = 0.0
        else:
            now, then = (self.kept + self.gained) / self.pairs, (self.kept + self.lost) / self.pairs
            covariance = (self.kept / self.pairs - now * then) * self.pairs / (self.n * self.n_reference)
        return max(self._variances() - 2 * covariance, 0.0)

    def interval(self, level: float = 0.95) -> Interval:
        """Hybrid score interval (Newcombe 1998) with the correlation of partly the same persons (Zou & Donner 2008).

        The limits of both shares are Wilson's (1927); the phi of the pairs has Newcombe's correction.
        """
        phi = corrected_phi(self.kept, self.gained, self.lost, self.never) * self._overlap()
        limits = wilson(self.events, self.n, level), wilson(self.events_reference, self.n_reference, level)
        return hybrid((self.share, *limits[0]), (self.share_reference, *limits[1]), phi)

    def p(self) -> float:
        """Two-sided p of the z test for partly overlapping samples, pooled share and phi (Derrick et al. 2015)."""
        pooled = (self.events + self.events_reference) / (self.n + self.n_reference)
        shared = 2 * self.correlation() / sqrt(self.n * self.n_reference)
        variance = pooled * (1 - pooled) * max(1 / self.n + 1 / self.n_reference - shared, 0.0)
        if not self.difference:
            return 1.0
        return 2 * NormalDist().cdf(-abs(self.difference) / sqrt(variance) if variance else -inf)

    def _overlap(self) -> float:
        return self.pairs / sqrt(self.n * self.n_reference) if self.pairs else 0.0

    def _variances(self) -> float:
        later = self.share * (1 - self.share) / self.n
        return later + self.share_reference * (1 - self.share_reference) / self.n_reference

    def _numbers(self) -> tuple[int, ...]:
        counts = (self.events, self.n, self.events_reference, self.n_reference)
        return (*counts, self.kept, self.gained, self.lost, self.never)
