"""Negative binomial regression on one factor with time at risk, zeros allowed, fitted by maximum likelihood.

Variance = mean + dispersion × mean² (Cameron & Trivedi 2013: NB2). The log likelihood is summed over distinct
(group, count, exposure) rows. Counts without their zeros belong in ``zero_truncated``; what is reported of a fit in
``dose_model``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.methods.count_fit import Array, CountFit

Data = tuple[Array, Array, Array, Array]
"""Group, count, log exposure, number of such rows."""

_DISPERSION_BOUNDS = (1e-4, 50.0)
_GRADIENT_PER_ROW = 1e-7


class Fit(CountFit):
    """Log rates by group, for an exposure of one."""

    def log_mean(self, group: int) -> tuple[float, Array]:
        """Log of the mean count of a group for an exposure of one, and its gradient in the parameters."""
        gradient = np.zeros(len(self.parameters))
        gradient[group] = 1.0
        return float(self.parameters[group]), gradient


def fit(
    groups: Sequence[int], counts: Sequence[int], number_of_groups: int, exposures: Sequence[float] | None = None
) -> Fit | None:
    """Maximum likelihood fit: one rate a group, one dispersion for all.

    ``exposures`` are positive and enter as an offset (their log); without them all are one, and rates are means.
    Where more dispersion than none makes the fit worse the model is the Poisson one. ``None`` where it doesn't
    converge: the gradient doesn't vanish, the information isn't positive definite, or the dispersion runs off; and
    where all counts of a group are 0, whose rate has no logarithm.
    """
    data = _distinct(groups, counts, exposures)
    totals = _by_group(data, data[1], number_of_groups)
    if not len(data[0]) or not (totals > 0).all():
        return None
    start = np.log(totals / _by_group(data, np.exp(data[2]), number_of_groups))
    if _slope_at_poisson(start, data) <= 0:
        return _poisson(start, data)
    found = _maximise(np.append(start, np.log(_moment(start, data))), data)
    in_bounds = found is not None and _DISPERSION_BOUNDS[0] < found.dispersion < _DISPERSION_BOUNDS[1]
    return found if in_bounds else None


def _distinct(groups: Sequence[int], counts: Sequence[int], exposures: Sequence[float] | None) -> Data:
    times = np.ones(len(counts)) if exposures is None else np.asarray(exposures, dtype=float)
    rows = np.column_stack([groups, counts, times]).reshape(-1, 3).astype(float)
    kinds, weights = np.unique(rows, axis=0, return_counts=True)
    return kinds[:, 0].astype(int), kinds[:, 1], np.log(kinds[:, 2]), weights.astype(float)


def _by_group(data: Data, values: Array, number_of_groups: int) -> Array:
    return np.bincount(data[0], data[3] * values, number_of_groups)


def _slope_at_poisson(log_rates: Array, data: Data) -> float:
    """Slope of the log likelihood in the dispersion, where it is 0 and the rates are the Poisson ones."""
    mean = np.exp(log_rates[data[0]] + data[2])
    return float(data[3] @ ((data[1] - mean) ** 2 - data[1])) / 2


def _moment(log_rates: Array, data: Data) -> float:
    """Dispersion by moments: a start that is in the bounds."""
    mean = np.exp(log_rates[data[0]] + data[2])
    found = 2 * _slope_at_poisson(log_rates, data) / float(data[3] @ mean**2)
    return float(np.clip(found, 0.01, 5.0))


def _poisson(log_rates: Array, data: Data) -> Fit:
    """Closed form: events over exposure; the information of a log rate is the number of events."""
    mean = np.exp(log_rates[data[0]] + data[2])
    value = float(data[3] @ (data[1] * np.log(mean) - mean - _log_factorial(data[1])))
    events = _by_group(data, data[1], len(log_rates))
    return Fit(log_rates, np.diag(1 / events), value, True)


def _maximise(start: Array, data: Data) -> Fit | None:
    from scipy.optimize import minimize

    rows = float(data[3].sum())
    with np.errstate(all="ignore"):
        found = minimize(
            lambda x: _value(x, data) / -rows,
            start,
            jac=lambda x: _gradient(x, data) / -rows,
            hess=lambda x: _information(x, data) / rows,
            method="trust-exact",
            options={"gtol": 1e-10, "maxiter": 500},
        )
        parameters = _polished(found.x, data)
        gradient, information = _gradient(parameters, data), _information(parameters, data)
    if not np.isfinite(information).all() or np.abs(gradient).max() / rows > _GRADIENT_PER_ROW:
        return None
    if np.linalg.eigvalsh(information).min() <= 1e-8:
        return None
    return Fit(parameters, np.linalg.inv(information), _value(parameters, data), False)


def _polished(parameters: Array, data: Data) -> Array:
    """Newton steps, as long as they bring the gradient down."""
    for _ in range(5):
        gradient, information = _gradient(parameters, data), _information(parameters, data)
        if not np.isfinite(information).all() or np.linalg.eigvalsh(information).min() <= 1e-8:
            return parameters
        better = parameters + np.linalg.solve(information, gradient)
        if not np.abs(_gradient(better, data)).max() < np.abs(gradient).max():
            return parameters
        parameters = better
    return parameters


def _parts(parameters: Array, data: Data) -> tuple[Array, Array, float]:
    """Counts, their means, and the inverse of the dispersion."""
    group, count, log_exposure, _ = data
    return count, np.exp(parameters[:-1][group] + log_exposure), float(np.exp(-parameters[-1]))


def _value(parameters: Array, data: Data) -> float:
    from scipy.special import gammaln

    y, mean, r = _parts(parameters, data)
    each = gammaln(y + r) - gammaln(r) - _log_factorial(y) - r * np.log1p(mean / r) - y * np.log1p(r / mean)
    return float(data[3] @ each)


def _log_factorial(count: Array) -> Array:
    from scipy.special import gammaln

    return np.asarray(gammaln(count + 1))


def _gradient(parameters: Array, data: Data) -> Array:
    from scipy.special import digamma

    y, mean, r = _parts(parameters, data)
    in_rate = (y - mean) * r / (r + mean)
    in_r = digamma(y + r) - digamma(r) - np.log1p(mean / r) + (mean - y) / (r + mean)
    return np.append(_by_group(data, in_rate, len(parameters) - 1), -r * (data[3] @ in_r))


def _information(parameters: Array, data: Data) -> Array:
    """Observed information: the negative second derivatives, analytic."""
    from scipy.special import digamma, polygamma

    y, mean, r = _parts(parameters, data)
    groups, size = len(parameters) - 1, len(parameters)
    in_r = digamma(y + r) - digamma(r) - np.log1p(mean / r) + (mean - y) / (r + mean)
    twice = polygamma(1, y + r) - polygamma(1, r) + 1 / r - 1 / (r + mean) - (mean - y) / (r + mean) ** 2
    across = r * _by_group(data, (y - mean) * mean / (r + mean) ** 2, groups)
    matrix = np.zeros((size, size))
    matrix[np.arange(groups), np.arange(groups)] = _by_group(data, mean * r * (r + y) / (r + mean) ** 2, groups)
    matrix[-1, :-1] = matrix[:-1, -1] = across
    matrix[-1, -1] = -(data[3] @ (r * in_r + r**2 * twice))
    return matrix
