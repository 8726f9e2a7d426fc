"""Rubin's rules: one estimate from several completed data sets. Plain numbers in, plain numbers out.

How the data sets are completed belongs in ``chained_equations``, what is estimated of them in ``imputation``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isinf, sqrt


@dataclass(frozen=True)
class Pooled:
    """What several completed data sets say together.

    Attributes
    ----------
    value
        Mean of the estimates.
    within, between, total
        Mean of their variances; variance of the estimates (m - 1); ``within + (1 + 1/m) between``.
    df
        Degrees of freedom (Barnard and Rubin 1999); infinite where nothing limits them.
    increase
        Relative increase of the variance because answers are missing.
    missing_information
        Fraction of the information that is missing (Rubin 1987); 0 where the estimates are all the same.
    number
        How many data sets (m).
    """

    value: float
    within: float
    between: float
    total: float
    df: float
    increase: float
    missing_information: float
    number: int

    @property
    def se(self) -> float:
        """Standard error."""
        return sqrt(self.total)

    @property
    def chance(self) -> float:
        """Monte-Carlo error of the value: how far it varies because m data sets are drawn, and not more."""
        return sqrt(self.between / self.number)

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Interval from the t distribution; without ends where there are no degrees of freedom."""
        from scipy.special import ndtri, stdtrit

        if self.df <= 0:
            return -inf, inf
        tail = (1 + level) / 2
        reach = float(ndtri(tail) if isinf(self.df) else stdtrit(self.df, tail)) * self.se
        return self.value - reach, self.value + reach

    def p(self) -> float:
        """Two-sided p that the value is 0; 1 where value and error both are."""
        from scipy.special import ndtr, stdtr

        if self.total <= 0 or self.df <= 0:
            return 1.0 if self.value == 0 or self.df <= 0 else 0.0
        t = -abs(self.value) / self.se
        return min(1.0, 2 * float(ndtr(t) if isinf(self.df) else stdtr(self.df, t)))


def pool(values: Sequence[float], variances: Sequence[float], df_complete: float = inf) -> Pooled:
    """Pool one estimate over completed data sets (Rubin 1987; degrees of freedom by Barnard and Rubin 1999).

    Parameters
    ----------
    values, variances
        The estimate and its squared standard error in each data set.
    df_complete
        Degrees of freedom that the estimate would have with no answer missing.

    Raises
    ------
    ValueError
        With fewer than two data sets, with unequal numbers of values and variances, or with a negative variance.
    """
    m = len(values)
    if m < 2 or m != len(variances) or min(variances) < 0:
        raise ValueError("needs two or more estimates, each with a variance that is not negative")
    value, within = sum(values) / m, sum(variances) / m
    between = sum((one - value) ** 2 for one in values) / (m - 1) if len(set(values)) > 1 else 0.0
    total = within + (1 + 1 / m) * between
    share = (1 + 1 / m) * between / total if total > 0 else 0.0
    df = _degrees_of_freedom(m, share, df_complete)
    increase = inf if share == 1 else share / (1 - share)
    information = share + 2 / (df + 3) * (1 - share) if between > 0 else 0.0
    return Pooled(value, within, between, total, df, increase, information, m)


def _degrees_of_freedom(m: int, share: float, complete: float) -> float:
    """``share``: of the total variance, what is due to missing answers."""
    rubin = (m - 1) / share**2 if share > 0 else inf
    if isinf(complete):
        return rubin
    observed = (complete + 1) / (complete + 3) * complete * (1 - share)
    if isinf(rubin):
        return observed
    return rubin * observed / (rubin + observed)
