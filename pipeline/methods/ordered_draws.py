"""Draws of ordered answers from a proportional-odds model, for many data sets at once. Numbers in, numbers out.

This fills in answers (``chained_equations``). A model whose coefficients are reported belongs elsewhere: here they
are drawn together with their uncertainty, and held back a little by a prior.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

_ITERATIONS = 40
_HALVINGS = 12
_NEAR = 1e-4
"""Squared distance from the maximum, in standard errors, at which a fit has arrived: only draws are made of it."""


class Fit(NamedTuple):
    """Thresholds, then slopes, a row a data set; and minus the second derivatives there."""

    parameters: Array
    information: Array


def fit_ordered(codes: Array, x: Array, precision: Array, start: Array | None = None) -> Fit | None:
    """Posterior modes of proportional-odds models, one for each data set; ``None`` if one is not reached.

    P(code <= k) is the logistic function of threshold k minus ``x`` times the slopes (McCullagh 1980). A slope has
    a normal prior around 0 with this ``precision``, so that a perfect separation leaves it finite. Newton's method;
    the log posterior has one maximum.

    Parameters
    ----------
    codes
        Whole numbers 0, 1, ... up to the highest answer, each of them present (n).
    x
        Predictors (data sets x n x p).
    precision
        1 / variance of the prior of each slope (p).
    start
        Parameters to start from (data sets x (thresholds + p)).
    """
    model = _Model(codes, x, precision)
    at = model.start() if start is None else start
    value = model.value(at)
    for _ in range(_ITERATIONS):
        gradient, information = model.slopes(at)
        step = np.linalg.solve(information, gradient[..., None])[..., 0]
        if float((gradient * step).sum(axis=1).max()) < _NEAR:
            return Fit(at + step, information)
        at, value = _stepped(model, at, value, step)
    return None


def draw_parameters(fit: Fit, rng: np.random.Generator) -> Array:
    """Parameters drawn from the normal approximation of their posterior, one set a data set."""
    factor = np.linalg.cholesky(fit.information)
    normal = np.asarray(rng.standard_normal(fit.parameters.shape))
    deviation: Array = np.linalg.solve(np.swapaxes(factor, 1, 2), normal[..., None])
    return np.asarray(fit.parameters + deviation[..., 0])


def draw_codes(parameters: Array, x: Array, rng: np.random.Generator) -> Array:
    """One answer for each row of ``x`` (data sets x n x p), drawn under the parameters of its data set."""
    thresholds = parameters.shape[1] - x.shape[2]
    cut = np.sort(parameters[:, :thresholds], axis=1)  # draws of close thresholds may cross
    eta = (x @ parameters[:, thresholds:, None])[..., 0]
    latent = eta + rng.logistic(size=eta.shape)
    return np.asarray((latent[..., None] > cut[:, None, :]).sum(axis=2))


def _stepped(model: _Model, at: Array, value: Array, step: Array) -> tuple[Array, Array]:
    """A Newton step; halved in each data set where it would lead down."""
    scale = np.ones(len(at))
    for _ in range(_HALVINGS):
        reached = at + scale[:, None] * step
        found = model.value(reached)
        worse = ~(found >= value - 1e-9)
        if not worse.any():
            break
        scale[worse] /= 2
    return reached, found


class _Model:
    """Log posterior with its derivatives.

    With F the logistic function, a and b the thresholds above and below an answer less its linear predictor, the
    probability F(a) - F(b) is F(a) F(-b) (1 - exp(b - a)); its logarithm has short derivatives. For the lowest
    answer b is minus infinity, for the highest a is infinity.
    """

    def __init__(self, codes: Array, x: Array, precision: Array):
        self.codes, self.x, self.precision = codes, x, precision
        self.top = int(codes.max())
        self.counts = np.bincount(codes).astype(float)
        self.one_hot = (codes[None, :] == np.arange(self.top + 1)[:, None]).astype(float)

    def start(self) -> Array:
        """No predictor matters; thresholds from the shares."""
        below = np.cumsum(self.counts)[:-1] / self.counts.sum()
        one = np.concatenate([np.log(below / (1 - below)), np.zeros(self.x.shape[2])])
        return np.tile(one, (len(self.x), 1))

    def value(self, at: Array) -> Array:
        """Log posterior by data set; minus infinity where thresholds are out of order."""
        cut, slope = at[:, : self.top], at[:, self.top :]
        gaps = np.diff(cut, axis=1)
        ordered = (gaps > 0).all(axis=1)
        upper, lower = self._probabilities(at)
        between = np.log1p(-np.exp(-np.where(gaps > 0, gaps, 1.0))) @ self.counts[1:-1]
        likelihood = np.log(np.maximum(upper, 1e-300)).sum(1) + np.log(np.maximum(1 - lower, 1e-300)).sum(1) + between
        return np.where(ordered, likelihood - (self.precision * slope**2).sum(axis=1) / 2, -np.inf)

    def slopes(self, at: Array) -> tuple[Array, Array]:
        """Gradient, and minus the second derivatives."""
        upper, lower = self._probabilities(at)
        above, below = upper * (1 - upper), lower * (1 - lower)
        odds = self._odds(at)
        return self._gradient(at, upper, lower, odds), self._information(above, below, odds)

    def _probabilities(self, at: Array) -> tuple[Array, Array]:
        """F(a) and F(b) of each answer."""
        from scipy.special import expit

        eta = (self.x @ at[:, self.top :, None])[..., 0]
        edge = np.full((len(at), 1), np.inf)
        cut = np.concatenate([-edge, at[:, : self.top], edge], axis=1)
        return expit(cut[:, self.codes + 1] - eta), expit(cut[:, self.codes] - eta)

    def _odds(self, at: Array) -> Array:
        """exp(b - a) / (1 - exp(b - a)) of each category; 0 for the lowest and the highest."""
        odds = np.zeros((len(at), self.top + 1))
        odds[:, 1:-1] = 1 / np.expm1(np.diff(at[:, : self.top], axis=1))
        return odds

    def _gradient(self, at: Array, upper: Array, lower: Array, odds: Array) -> Array:
        up = (1 - upper) @ self.one_hot.T + odds * self.counts
        down = lower @ self.one_hot.T + odds * self.counts
        pull = (upper + lower - 1)[:, None, :] @ self.x
        return np.concatenate([up[:, :-1] - down[:, 1:], pull[:, 0] - self.precision * at[:, self.top :]], axis=1)

    def _information(self, above: Array, below: Array, odds: Array) -> Array:
        top, size = self.top, self.top + self.x.shape[2]
        found = np.zeros((len(self.x), size, size))
        curve = odds * (1 + odds) * self.counts
        up, down = above @ self.one_hot.T + curve, below @ self.one_hot.T + curve
        place = np.arange(top)
        found[:, place, place] = up[:, :-1] + down[:, 1:]
        found[:, place[1:], place[:-1]] = found[:, place[:-1], place[1:]] = -curve[:, 1:-1]
        mixed = -(self.one_hot[:-1] @ (above[..., None] * self.x) + self.one_hot[1:] @ (below[..., None] * self.x))
        found[:, :top, top:], found[:, top:, :top] = mixed, np.swapaxes(mixed, 1, 2)
        weighted = (above + below)[..., None] * self.x
        found[:, top:, top:] = np.swapaxes(self.x, 1, 2) @ weighted + np.diag(self.precision)
        return found
