"""Random-effects synthesis of effects with known variances, and shares as such effects.

Plain numbers in, a frozen dataclass out. Variances between effects are in ``heterogeneity``, what goes with them in
``meta_regression``, services in ``synthesis``.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log, nan, sqrt

from pipeline.methods.heterogeneity import Numbers, between, i2, i2_at, tau2_interval, weighted


@dataclass(frozen=True)
class Pooled:
    """A random-effects synthesis, on the scale of the effects.

    ``tau2_low`` to ``i2_high`` are empty where the interval is, or does not hold the estimate. Prediction needs three
    effects, an interval of the mean two: else they are NaN.
    """

    effect: float
    se: float
    low: float
    high: float
    predicted_low: float
    predicted_high: float
    tau2: float
    q: float
    p: float
    i2: float
    tau2_low: float | None = None
    tau2_high: float | None = None
    i2_low: float | None = None
    i2_high: float | None = None


def pool(
    effects: Numbers,
    variances: Numbers,
    level: float = 0.95,
    estimator: str = "paule-mandel",
    *,
    truncated: bool = True,
) -> Pooled:
    """Random-effects synthesis of effects with known variances.

    Variance between effects by one of ``heterogeneity.ESTIMATORS``; interval by Knapp & Hartung (2003) with k - 1
    degrees of freedom, their factor not below 1 as they advise (``truncated``); prediction interval with k - 2
    (Higgins et al. 2009), which covers less than it says where there are few services (Partlett & Riley 2017); I²
    (Higgins & Thompson 2002) from Q, whatever the estimator, truncated at 0; intervals of variance and I² by the
    profile of Q (Viechtbauer 2007).

    Raises
    ------
    NotConvergedError
        When restricted maximum likelihood finds no end.
    ValueError
        When a variance is not above 0.
    """
    from scipy.special import chdtrc

    k = len(effects)
    q = weighted(effects, variances).q
    tau2 = between(effects, variances, estimator)
    mean, se = knapp_hartung(effects, variances, tau2, truncated=truncated)
    low, high = t_interval(mean, se, k - 1, level)
    ahead = prediction_interval(mean, se, tau2, k - 2, level)
    p = float(chdtrc(k - 1, q)) if k > 1 else nan
    square = i2(q, k - 1)
    spread = _spread(effects, variances, level, tau2, square)
    return Pooled(mean, se, low, high, *ahead, tau2, q, p, square, *spread)


def knapp_hartung(
    effects: Numbers, variances: Numbers, tau2: float, *, truncated: bool = True
) -> tuple[float, float]:
    """Mean and standard error of Knapp & Hartung (2003); ``truncated``: their factor is not below 1.

    One effect has its own standard error.
    """
    fit = weighted(effects, variances, tau2)
    factor = fit.q / fit.df if fit.df else 1.0
    factor = max(factor, 1.0) if truncated else factor
    return float(fit.coefficients[0]), sqrt(float(fit.covariance[0, 0]) * factor)


def prediction_interval(mean: float, se: float, tau2: float, df: int, level: float = 0.95) -> tuple[float, float]:
    """Range in which a new, similar effect is expected: t with ``df`` degrees of freedom.

    Higgins et al. (2009) take k - 2; k - 1, as some software does, gives a narrower range. NaN without any.
    """
    return t_interval(mean, sqrt(tau2 + se * se), df, level)


def t_interval(value: float, se: float, df: int, level: float) -> tuple[float, float]:
    """``value`` and so many standard errors to both sides; NaN where there is no degree of freedom."""
    from scipy.special import stdtrit

    reach = float(stdtrit(df, (1 + level) / 2)) * se if df > 0 else nan
    return value - reach, value + reach


def logit_share(events: float, n: float) -> tuple[float, float]:
    """Logit of a share and its variance; 0.5 is added to both counts where one of them is 0."""
    yes, no = (events, n - events) if 0 < events < n else (events + 0.5, n - events + 0.5)
    return log(yes / no), 1 / yes + 1 / no


def expit(x: float) -> float:
    """The share that has this logit."""
    return 1 / (1 + exp(-x)) if x >= 0 else exp(x) / (1 + exp(x))


def _spread(
    effects: Numbers, variances: Numbers, level: float, tau2: float, square: float
) -> tuple[float | None, float | None, float | None, float | None]:
    """Ends of the intervals of variance and I², each where it holds its estimate."""
    found = tau2_interval(effects, variances, level)
    if found is None:
        return None, None, None, None
    of_i2 = tuple(i2_at(end, variances) for end in found)
    first = found if found[0] <= tau2 <= found[1] else (None, None)
    second = of_i2 if of_i2[0] <= square <= of_i2[1] else (None, None)
    return first[0], first[1], second[0], second[1]
