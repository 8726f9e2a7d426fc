"""Counts with their zeros: gradient and information by differences, its limit, and how often intervals hold."""

import numpy as np
import pytest
from scipy.optimize import approx_fprime
from scipy.stats import nbinom

from pipeline.methods import negative_binomial
from pipeline.methods.negative_binomial import fit

DATA = negative_binomial._distinct([0, 0, 1, 1, 1], [0, 4, 2, 9, 9], [3.0, 10.0, 5.0, 20.0, 20.0])


def draw(rng, mean, dispersion):
    r = 1 / dispersion
    return rng.negative_binomial(r, r / (r + mean))


@pytest.mark.parametrize("parameters", [[0.3, 1.2, -0.5], [-1.5, 0.2, 1.0]])
def test_derivatives_agree_with_finite_differences(parameters):
    x = np.array(parameters)
    gradient = negative_binomial._gradient(x, DATA)
    assert gradient == pytest.approx(approx_fprime(x, lambda p: negative_binomial._value(p, DATA), 1e-7), rel=1e-4)
    shifts = np.eye(3) * 1e-5
    numeric = [
        (negative_binomial._gradient(x - s, DATA) - negative_binomial._gradient(x + s, DATA)) / 2e-5 for s in shifts
    ]
    assert negative_binomial._information(x, DATA) == pytest.approx(np.array(numeric), rel=1e-5, abs=1e-6)


def test_likelihood_is_that_of_the_distribution():
    mean, r = np.array([0.9 * 3, 0.9 * 10, 2.0 * 5, 2.0 * 20, 2.0 * 20]), 1 / 0.7
    wanted = nbinom.logpmf([0, 4, 2, 9, 9], r, r / (r + mean)).sum()
    assert negative_binomial._value(np.log([0.9, 2.0, 0.7]), DATA) == pytest.approx(wanted)


def test_intervals_of_rates_cover_in_a_simulation():
    rng, inside = np.random.default_rng(3), []
    groups, days = np.repeat([0, 1], 50), rng.integers(20, 300, 100).astype(float)
    for _ in range(200):
        counts = draw(rng, np.array([0.05, 0.1])[groups] * days, 0.6)
        found = fit(groups, counts, 2, days)
        se = np.sqrt(np.array([-1, 1, 0]) @ found.covariance @ np.array([-1, 1, 0]))
        inside.append(abs(found.parameters[1] - found.parameters[0] - np.log(2)) < 1.96 * se)
    assert np.mean(inside) == pytest.approx(0.95, abs=0.045)  # three standard errors of 200 draws


def test_no_extra_variation_is_the_poisson_model():
    found = fit([0] * 4 + [1] * 4, [2, 3, 2, 3, 5, 5, 4, 6], 2)
    assert found.poisson
    assert found.dispersion == 0
    assert np.exp(found.parameters) == pytest.approx([2.5, 5.0])
    assert np.diag(found.covariance) == pytest.approx([1 / 10, 1 / 20])


@pytest.mark.parametrize(
    ("groups", "counts"),
    [([0] * 5 + [1] * 5, [0] * 5 + [1, 2, 3, 4, 9]), ([], []), ([0] * 200, [0] * 199 + [60])],
)
def test_what_has_no_fit(groups, counts):
    assert fit(groups, counts, max(groups, default=0) + 1) is None


def test_the_order_of_the_rows_does_not_matter():
    rng = np.random.default_rng(1)
    counts = draw(rng, np.full(50, 4.0), 1.0)
    one_way, other = (fit([0] * 50, values, 1) for values in (counts, counts[::-1]))
    assert one_way.parameters.tolist() == other.parameters.tolist()
