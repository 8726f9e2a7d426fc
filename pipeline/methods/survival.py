"""Time until a post ends, with posts still held as censored: the curve, its intervals, and its median.

Plain numbers in, plain numbers out. Which posts are counted, and the cells behind them, belong in ``retention``;
comparisons of groups in ``log_rank`` and ``cox``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import erfc, exp, log, sqrt
from typing import Any

import numpy as np

from pipeline.methods.proportions import Interval, normal_quantile, wilson

Array = np.ndarray[Any, np.dtype[Any]]

Spell = tuple[int, bool]
"""Days in post, and whether the post ended then (else it was still held: censored)."""

_FLAT = 1e-9
"""A curve this near to a half lies on it."""


@dataclass(frozen=True)
class Median:
    """Days by which half have left; ``None`` where the curve, or a limit of it, stays above a half."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Curve:
    """Product-limit estimate (Kaplan & Meier 1958).

    ``times`` are the days on which posts ended, in order; ``survival`` and ``greenwood`` (the sum in Greenwood's
    1926 formula) hold from each of them on. ``longest`` is the longest time observed.
    """

    times: Array
    survival: Array
    greenwood: Array
    longest: float

    @staticmethod
    def of(spells: Sequence[Spell]) -> Curve:
        """The curve of some spells. Posts censored on a day on which others end are still at risk that day."""
        if not spells:
            return Curve(np.array([]), np.array([]), np.array([]), 0.0)
        days = np.array([time for time, _ in spells], dtype=float)
        ended = np.array([over for _, over in spells], dtype=bool)
        times, ends = np.unique(days[ended], return_counts=True)
        at_risk = len(days) - np.searchsorted(np.sort(days), times, side="left")
        staying = at_risk - ends
        terms = np.divide(ends, at_risk * staying, out=np.zeros(len(times)), where=staying > 0)
        return Curve(times, np.cumprod(staying / at_risk), np.cumsum(terms), float(days.max()))

    def at(self, day: float) -> tuple[float, float] | None:
        """Survival after ``day`` days and Greenwood's sum; ``None`` beyond what was observed."""
        place = int(np.searchsorted(self.times, day, side="right")) - 1
        survival, greenwood = (self.survival[place], self.greenwood[place]) if place >= 0 else (1.0, 0.0)
        if day > self.longest and survival > 0:
            return None
        return float(survival), float(greenwood)

    def median(self, level: float) -> Median:
        """Median time with its interval (Brookmeyer & Crowley 1982), by the log-log limits of the curve.

        Where a curve runs exactly at a half, the middle of that stretch.
        """
        inside = (self.survival > 0) & (self.survival < 1)
        ends = [log_log(s, g, level) for s, g in zip(self.survival[inside], self.greenwood[inside], strict=True)]
        limits = np.array(ends, dtype=float).reshape(-1, 2)
        times = self.times[inside]
        return Median(
            self._crosses(self.times, self.survival),
            self._crosses(times, limits[:, 0]),
            self._crosses(times, limits[:, 1]),
        )

    def _crosses(self, times: Array, curve: Array) -> float | None:
        below = np.flatnonzero(curve <= 0.5 + _FLAT)
        if not len(below):
            return None
        first = below[0]
        if curve[first] < 0.5 - _FLAT:
            return float(times[first])
        until = times[first + 1] if first + 1 < len(times) else self.longest
        return float(times[first] + until) / 2


def log_log(survival: float, greenwood: float, level: float) -> Interval:
    """Interval of a survival between 0 and 1 on the scale of log(-log), with Greenwood's variance.

    Raises
    ------
    ValueError
        Unless survival lies between 0 and 1, for which alone the transformation has a value.
    """
    if not 0 < survival < 1:
        raise ValueError(f"no interval of a survival of {survival}")
    reach = normal_quantile(level) * sqrt(greenwood) / abs(log(survival))
    return survival ** exp(reach), survival ** exp(-reach)


def kaplan_meier(spells: Sequence[Spell], day: int, level: float) -> tuple[float, Interval | None] | None:
    """Survival after ``day`` days and its log-log interval; ``None`` beyond what was observed.

    The interval is ``None`` where survival is 0 or 1, for which the transformation has no value.
    """
    found = Curve.of(spells).at(day) if spells else None
    if found is None:
        return None
    survival, greenwood = found
    return survival, log_log(survival, greenwood, level) if 0 < survival < 1 else None


@dataclass(frozen=True)
class Against:
    """A survival less an average from elsewhere, with interval and two-sided p."""

    difference: float
    low: float
    high: float
    p: float


def against(survival: float, greenwood: float, average: float, n: int | None, level: float) -> Against:
    """How far a survival (between 0 and 1) lies from an average from elsewhere.

    p is that of a z test of log(-log survival), with Greenwood's variance (Kalbfleisch & Prentice 2002). Without
    ``n`` the average is taken as exact, and the interval is that of the survival, moved. With ``n`` posts behind it
    its Wilson interval is brought in (Zou & Donner 2008), and its variance into the test by the delta method.
    """
    low, high = log_log(survival, greenwood, level)
    below, above = wilson(average * n, n, level) if n else (average, average)
    difference = survival - average
    variance = greenwood / log(survival) ** 2
    if n:
        variance += (1 - average) / (n * average * log(average) ** 2)
    z = (log(-log(survival)) - log(-log(average))) / sqrt(variance)
    return Against(
        difference,
        difference - sqrt((survival - low) ** 2 + (above - average) ** 2),
        difference + sqrt((high - survival) ** 2 + (average - below) ** 2),
        erfc(abs(z) / sqrt(2)),
    )
