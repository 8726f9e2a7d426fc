"""The truncated likelihood: its gradient, its limit, and how often its intervals hold the truth."""

import numpy as np
import pytest
from scipy.optimize import approx_fprime
from scipy.stats import nbinom

from pipeline.methods import zero_truncated
from pipeline.methods.zero_truncated import fit


def draw(rng, mean, dispersion, size):
    r = 1 / dispersion
    counts = rng.negative_binomial(r, r / (r + mean), size * 20)
    return counts[counts > 0][:size]


DATA = (np.array([0, 0, 1, 1]), np.array([1.0, 4.0, 2.0, 9.0]), np.array([3.0, 2.0, 5.0, 1.0]))


@pytest.mark.parametrize(
    ("parameters", "poisson"), [([0.3, 1.2, -0.5], False), ([1.5, 0.2, 1.0], False), ([0.3, 1.2], True)]
)
def test_gradient_agrees_with_finite_differences(parameters, poisson):
    gradient = zero_truncated._negative(np.array(parameters), DATA, poisson)[1]
    numeric = approx_fprime(parameters, lambda x: zero_truncated._negative(x, DATA, poisson)[0], 1e-7)
    assert gradient == pytest.approx(numeric, rel=1e-4, abs=1e-4)


def test_likelihood_is_that_of_the_truncated_distribution():
    """Differences only: the constant in the counts is left out."""

    def by_scipy(log_mean, log_dispersion):
        r = np.exp(-log_dispersion)
        p = r / (r + np.exp(log_mean))
        return sum(w * (nbinom.logpmf(y, r, p) - nbinom.logsf(0, r, p)) for _, y, w in zip(*DATA, strict=True))

    def ours(log_mean, log_dispersion):
        return -zero_truncated._negative(np.array([log_mean, log_mean, log_dispersion]), DATA, False)[0]

    assert ours(1.2, -0.3) - ours(0.4, 0.5) == pytest.approx(by_scipy(1.2, -0.3) - by_scipy(0.4, 0.5))


def test_truncated_mean_by_its_definition():
    found = fit([0] * 12, [1, 1, 2, 2, 3, 4, 4, 5, 7, 9, 12, 3], 1)
    r, mean = 1 / found.dispersion, np.exp(found.parameters[0])
    support = np.arange(1, 4000)
    weights = nbinom.pmf(support, r, r / (r + mean))
    assert np.exp(found.log_mean(0)[0]) == pytest.approx(support @ weights / weights.sum(), rel=1e-6)


def test_intervals_cover_in_a_simulation():
    rng, inside = np.random.default_rng(20), []
    for _ in range(150):
        counts = [draw(rng, mean, 0.7, 40) for mean in (4, 8)]
        found = fit([0] * 40 + [1] * 40, np.concatenate(counts).tolist(), 2)
        se = np.sqrt(np.array([-1, 1, 0]) @ found.covariance @ np.array([-1, 1, 0]))
        inside.append(abs(found.parameters[1] - found.parameters[0] - np.log(2)) < 1.96 * se)
    assert np.mean(inside) == pytest.approx(0.95, abs=0.05)


def test_dispersion_that_runs_off_is_no_fit():
    assert fit([0] * 200, [1] * 199 + [60], 1) is None
