"""How far a score may be off, and which change is more than that. Plain numbers in, plain numbers out.

How reliable a scale is belongs in ``reliability``, the scores themselves in ``scores``.
"""

from __future__ import annotations

from math import sqrt

from pipeline.methods.proportions import normal_quantile


def standard_error(sd: float, reliability: float) -> float:
    """Standard error of measurement of one score (Lord and Novick 1968).

    Raises
    ------
    ValueError
        Unless ``reliability`` is from 0 to 1.
    """
    if not 0 <= reliability <= 1:
        raise ValueError("a reliability lies from 0 to 1")
    return sd * sqrt(1 - reliability)


def detectable_change(error: float, n: int = 1, level: float = 0.95) -> float:
    """Smallest change of the mean of ``n`` persons' scores that exceeds their error (Terwee et al. 2007)."""
    return normal_quantile(level) * sqrt(2) * error / sqrt(n)
