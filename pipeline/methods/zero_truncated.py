"""Zero-truncated negative binomial regression on one factor, fitted by maximum likelihood.

Clients without a session are not in the data, so the zeros that a count model expects can't be seen: the likelihood
is conditional on at least one session (Grogger & Carson 1991). The log likelihood is summed over distinct (group,
count) pairs, so its cost doesn't grow with the number of clients. What is reported of the fit belongs in ``dose``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pipeline.methods.count_fit import Array, CountFit

_GRADIENT_PER_ROW = 1e-5
_DISPERSION_BOUNDS = (1e-4, 50.0)


class Fit(CountFit):
    """Log means of the untruncated distribution by group."""

    def log_mean(self, group: int) -> tuple[float, Array]:
        """Log of the truncated mean of a group, and its gradient in the parameters."""
        return _with_gradient(lambda x: _log_truncated_mean(x, group, self.poisson), self.parameters)


def fit(groups: Sequence[int], counts: Sequence[int], number_of_groups: int) -> Fit | None:
    """Maximum likelihood fit of counts of at least 1, one mean a group and one dispersion for all.

    ``None`` where it doesn't converge: the gradient doesn't vanish, the information matrix isn't positive definite,
    or the dispersion runs off. Where it runs to 0 the model is the zero-truncated Poisson, which is fitted instead.
    """
    pairs, weights = np.unique(np.column_stack([groups, counts]), axis=0, return_counts=True)
    data = (pairs[:, 0].astype(int), pairs[:, 1].astype(float), weights.astype(float))
    start = _start(data, number_of_groups)
    full = _maximise(np.append(start, 0.0), data, poisson=False)
    if full is None or full.dispersion <= _DISPERSION_BOUNDS[0]:
        limit = _maximise(start, data, poisson=True)
        # The boundary is the maximum only where a little dispersion would make the fit worse.
        at_boundary = limit is not None and _slope_at_poisson(limit.parameters, data) <= 0
        return limit if at_boundary else None
    return full if full.dispersion < _DISPERSION_BOUNDS[1] else None


Data = tuple[Array, Array, Array]


def _start(data: Data, number_of_groups: int) -> Array:
    group, count, weight = data
    totals = np.bincount(group, weight * count, number_of_groups) / np.bincount(group, weight, number_of_groups)
    return np.log(np.maximum(totals - 0.8, 0.1))


def _maximise(start: Array, data: Data, poisson: bool) -> Fit | None:
    from scipy.optimize import minimize

    rows = data[2].sum()
    bounds = [(-12.0, 12.0)] * len(start)
    with np.errstate(all="ignore"):
        found = minimize(
            lambda x: tuple(part / rows for part in _negative(x, data, poisson)),
            start,
            jac=True,
            method="L-BFGS-B",
            bounds=bounds,
            options={"ftol": 1e-15, "gtol": 1e-9, "maxiter": 2000},
        )
        parameters = _polished(found.x, data, poisson)
        value, gradient = _negative(parameters, data, poisson)
        information = _information(parameters, data, poisson)
    smooth = np.isfinite(value) and np.abs(gradient).max() / rows < _GRADIENT_PER_ROW
    if not smooth or not np.isfinite(information).all() or np.linalg.eigvalsh(information).min() <= 1e-8:
        return None
    return Fit(parameters, np.linalg.inv(information), -value, poisson)


def _polished(parameters: Array, data: Data, poisson: bool) -> Array:
    """A few Newton steps, as long as they bring the gradient down."""
    for _ in range(5):
        gradient = _negative(parameters, data, poisson)[1]
        information = _information(parameters, data, poisson)
        if not np.isfinite(information).all() or np.linalg.eigvalsh(information).min() <= 1e-8:
            return parameters
        better = parameters - np.linalg.solve(information, gradient)
        if not np.abs(_negative(better, data, poisson)[1]).max() < np.abs(gradient).max():
            return parameters
        parameters = better
    return parameters


def _negative(parameters: Array, data: Data, poisson: bool) -> tuple[float, Array]:
    """Negative log likelihood (without the constant in the counts) and its gradient."""
    return (_negative_poisson if poisson else _negative_binomial)(parameters, data)


def _negative_poisson(parameters: Array, data: Data) -> tuple[float, Array]:
    group, count, weight = data
    mean = np.exp(parameters)[group]
    value = weight @ (count * np.log(mean) - mean - np.log(-np.expm1(-mean)))
    slope = weight * (count - mean / -np.expm1(-mean))
    return -value, -np.bincount(group, slope, len(parameters))


def _negative_binomial(parameters: Array, data: Data) -> tuple[float, Array]:
    from scipy.special import digamma, gammaln

    group, count, weight = data
    r, mean = np.exp(-parameters[-1]), np.exp(parameters[:-1])[group]
    log_ratio = -np.log1p(mean / r)
    zero_odds = 1 / np.expm1(-r * log_ratio)
    value = gammaln(count + r) - gammaln(r) + r * log_ratio + count * (np.log(mean / r) + log_ratio)
    value -= np.log(-np.expm1(r * log_ratio))
    in_mean = r * (count - mean) / (r + mean) - mean * r / (r + mean) * zero_odds
    in_r = digamma(count + r) - digamma(r) + log_ratio + (mean - count) / (r + mean)
    in_r += zero_odds * (log_ratio + mean / (r + mean))
    gradient = np.append(np.bincount(group, weight * in_mean, len(parameters) - 1), -r * (weight @ in_r))
    return -(weight @ value), -gradient


def _slope_at_poisson(parameters: Array, data: Data) -> float:
    """Slope of the log likelihood in the dispersion at (almost) none."""
    tiny = np.log(_DISPERSION_BOUNDS[0])
    return -float(_negative_binomial(np.append(parameters, tiny), data)[1][-1])


def _information(parameters: Array, data: Data, poisson: bool) -> Array:
    """Observed information: central differences of the analytic gradient."""
    step = 1e-5
    rows = [
        (_negative(parameters + shift, data, poisson)[1] - _negative(parameters - shift, data, poisson)[1])
        / (2 * step)
        for shift in np.eye(len(parameters)) * step
    ]
    matrix = np.array(rows)
    return (matrix + matrix.T) / 2


def _log_truncated_mean(parameters: Array, group: int, poisson: bool) -> float:
    mean = np.exp(parameters[group])
    r = np.exp(-parameters[-1])
    log_zero = -mean if poisson else -r * np.log1p(mean / r)
    return float(np.log(mean) - np.log(-np.expm1(log_zero)))


def _with_gradient(function: Any, x: Array) -> tuple[float, Array]:
    step = 1e-5
    slopes = [(function(x + shift) - function(x - shift)) / (2 * step) for shift in np.eye(len(x)) * step]
    return function(x), np.array(slopes)
