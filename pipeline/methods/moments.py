"""Means and standard deviations of whole numbers: GRIM, GRIMMER and DEBIT, in exact arithmetic.

One mean, or one mean with its SD, one n and one rule. Which figures of a document belong together is decided in
``granularity.py``; the numbers themselves are built in ``reconstruct_doses.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from pipeline.methods.rounding import printed_as
from schemas.vocabulary import ROUNDING_RULES

Printed = tuple[float | Fraction, float]
"""A printed number with the decimals that it is printed with."""


def totals(mean: float | Fraction, decimals: float, n: int, rule: str, items: int = 1) -> range:
    """All sums of ``n * items`` whole numbers whose mean is printed as ``mean`` (GRIM)."""
    return printed_as(mean, decimals, rule).scaled(n * items).integers()


def grim(
    mean: float | Fraction, decimals: float, n: int, items: int = 1, rules: Sequence[str] = ROUNDING_RULES
) -> bool:
    """Whether a mean of whole numbers (or of ``items`` of them each) is possible with n (Brown, Heathers 2017)."""
    return n > 0 and any(len(totals(mean, decimals, n, rule, items)) for rule in rules)


def squares(sd: float | Fraction, decimals: float, n: int, total: int, rule: str) -> range:
    """All sums of squares of n whole numbers with this total whose SD (n - 1) is printed as ``sd``.

    A sum of squares is as even or odd as the sum itself, so the range runs in steps of two.
    """
    if n < 2 or sd < 0:
        return range(0)
    variance = printed_as(sd, decimals, rule).squared()
    found = variance.scaled(Fraction(n - 1), Fraction(total**2, n)).integers()
    start = found.start + (found.start - total) % 2
    return range(start, max(found.stop, start), 2)


def grimmer(mean: Printed, sd: Printed, n: int, rule: str) -> tuple[int, int] | None:
    """The first total and sum of squares that print as this mean and SD, each given with its decimals.

    ``None`` where no whole numbers can have them (Anaya 2016; Allard 2018). The test is necessary, not
    sufficient: it doesn't look for the numbers themselves.
    """
    for total in totals(*mean, n, rule):
        fits = squares(*sd, n, total, rule)
        if fits:
            return total, fits[0]
    return None


def debit(mean: Printed, sd: Printed, n: int, rule: str) -> int | None:
    """The first number of ones among n zeros and ones with this mean and SD (n - 1), each as a proportion.

    ``None`` where no number has them (Heathers and Brown 2019). With k ones the variance is
    k (n - k) / (n (n - 1)), so that the test is sufficient as well as necessary.
    """
    if n < 2 or sd[0] < 0:
        return None
    variance = printed_as(*sd, rule).squared()
    ones = (k for k in totals(*mean, n, rule) if 0 <= k <= n)
    return next((k for k in ones if variance.holds(Fraction(k * (n - k), n * (n - 1)))), None)
