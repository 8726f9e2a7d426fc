"""Rounding in exact rational arithmetic: which numbers are printed as a given figure, under which rule.

Everything here is about one figure and one number of units. Sets of figures (the answers to one item, a mean
with its SD) belong in ``granularity.py``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from schemas.vocabulary import ROUNDING_RULES

HALF_UP, HALF_EVEN, TRUNCATION = ROUNDING_RULES
_HALF = Fraction(1, 2)


@dataclass(frozen=True)
class Interval:
    """All numbers between ``low`` and ``high``; the ends count where they are closed."""

    low: Fraction
    high: Fraction
    low_closed: bool
    high_closed: bool

    def holds(self, value: Fraction) -> bool:
        """Whether the value lies in the interval."""
        above = value > self.low or (self.low_closed and value == self.low)
        return above and (value < self.high or (self.high_closed and value == self.high))

    def nearly_holds(self, value: float, tolerance: float = 1e-9) -> bool:
        """As ``holds``, for a number that was computed in floating point."""
        return float(self.low) - tolerance <= value <= float(self.high) + tolerance

    def squared(self) -> Interval:
        """The squares of its non-negative numbers (of an interval that reaches above zero)."""
        if self.low < 0:
            return Interval(Fraction(0), self.high**2, True, self.high_closed)
        return Interval(self.low**2, self.high**2, self.low_closed, self.high_closed)

    def scaled(self, factor: Fraction | int, shift: Fraction | int = 0) -> Interval:
        """Every number times ``factor`` (above zero) plus ``shift``."""
        low, high = self.low * factor + shift, self.high * factor + shift
        return Interval(low, high, self.low_closed, self.high_closed)

    def integers(self) -> range:
        """The whole numbers in the interval."""
        first, last = math.ceil(self.low), math.floor(self.high)
        first += first == self.low and not self.low_closed
        last -= last == self.high and not self.high_closed
        return range(first, last + 1)


def exact(published: float | Fraction, decimals: float) -> Fraction:
    """The printed figure as a fraction: 12.8 is 64/5.

    Raises
    ------
    ValueError
        When the figure has more decimals than it is said to be printed with.
    """
    value = published if isinstance(published, Fraction) else Fraction(str(float(published)))
    if (value * 10 ** int(decimals)).denominator != 1:
        raise ValueError(f"{published} has more than {int(decimals)} decimals")
    return value


def unit(decimals: float) -> Fraction:
    """One unit of the last decimal printed."""
    return Fraction(1, 10 ** int(decimals))


def rounded(k: int, n: int, decimals: float, rule: str, scale: int = 100) -> Fraction:
    """``scale * k / n`` rounded to ``decimals`` under one of ``ROUNDING_RULES``, exactly.

    Half-up sends a tie up, half-even to the even last digit; truncation cuts towards zero.

    Raises
    ------
    ValueError
        When n is not positive or the rule is none of ``ROUNDING_RULES``.
    """
    if n <= 0:
        raise ValueError(f"n must be positive, not {n}")
    last = unit(decimals)
    return _to_whole(Fraction(scale * k, n) / last, rule) * last


def printed_as(published: float | Fraction, decimals: float, rule: str) -> Interval:
    """All numbers that are printed as ``published`` under the rule.

    Raises
    ------
    ValueError
        When the figure has more decimals than stated or the rule is none of ``ROUNDING_RULES``.
    """
    figure, last = exact(published, decimals), unit(decimals)
    if rule == TRUNCATION:
        return _cut_to(figure, last)
    _to_whole(Fraction(0), rule)
    even = rule == HALF_EVEN and (figure / last) % 2 == 0
    return Interval(figure - last * _HALF, figure + last * _HALF, rule == HALF_UP or even, even)


def counts(published: float | Fraction, decimals: float, n: int, rule: str) -> range:
    """All k from 0 to n whose percentage of n is printed as ``published``; an empty range where there is none."""
    if n <= 0:
        return range(0)
    found = printed_as(published, decimals, rule).scaled(Fraction(n, 100)).integers()
    first = max(found.start, 0)
    return range(first, max(first, min(found.stop, n + 1)))


def _to_whole(value: Fraction, rule: str) -> int:
    if rule == TRUNCATION:
        return math.trunc(value)
    if rule == HALF_UP:
        return math.floor(value + _HALF)
    if rule == HALF_EVEN:
        return round(value)  # a Fraction rounds ties to even, exactly
    raise ValueError(f"not a rounding rule: {rule!r} ({', '.join(ROUNDING_RULES)})")


def _cut_to(figure: Fraction, last: Fraction) -> Interval:
    if figure == 0:
        return Interval(-last, last, False, False)
    if figure < 0:
        return Interval(figure - last, figure, False, True)
    return Interval(figure, figure + last, True, False)
