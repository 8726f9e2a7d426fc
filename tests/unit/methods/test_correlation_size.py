"""Sizes for correlations: recovered in simulations, consistent with each other, known at the ends."""

import numpy as np
import pytest
from scipy.stats import norm, spearmanr

from pipeline.methods.correlation_size import detectable, needed, needed_each, of_several, power, z_error


def pairs(random, correlation, n):
    """Bivariate normal whose Spearman correlation is as given: Pearson's is 2 sin(pi r / 6)."""
    r = 2 * np.sin(np.pi * correlation / 6)
    return random.multivariate_normal([0, 0], [[1, r], [r, 1]], n)


@pytest.mark.parametrize(("correlation", "level"), [(0.3, 0.95), (0.5, 0.95), (0.4, of_several(0.95, 18))])
def test_the_power_is_reached_in_a_simulation(correlation, level):
    random, n = np.random.default_rng(51), needed(correlation, level)
    found = [spearmanr(pairs(random, correlation, n)).pvalue < 1 - level for _ in range(1000)]
    assert np.mean(found) == pytest.approx(0.8, abs=0.035)


def test_two_groups_are_told_apart_as_often_as_said():
    random, n = np.random.default_rng(52), needed_each(0.2, 0.5)
    found = []
    for _ in range(800):
        z = [np.arctanh(spearmanr(pairs(random, one, n)).statistic) for one in (0.2, 0.5)]
        error = np.hypot(z_error(np.tanh(z[0]), n), z_error(np.tanh(z[1]), n))
        found.append(abs(z[0] - z[1]) / error > norm.ppf(0.975))
    assert np.mean(found) == pytest.approx(0.8, abs=0.04)


def test_the_number_needed_is_the_smallest_that_does():
    for correlation in (0.15, 0.3, 0.6, -0.3):
        n = needed(correlation)
        assert power(correlation, n) >= 0.8 > power(correlation, n - 1)


def test_what_is_detectable_and_what_is_needed_fit_each_other():
    for n in (20, 62, 300):
        found = detectable(n)
        assert power(found, n) == pytest.approx(0.8)
        assert needed(found) in (n, n + 1)
    assert detectable(3) is None
    assert 0.9 < detectable(4) < 1


def test_known_numbers():
    """0.3 at 5 %: (1.96 + 0.8416 * sqrt(1.045))² / atanh(0.3)² + 3 = 86.2, so 87."""
    assert needed(0.3) == 87
    assert of_several(0.95, 1) == 0.95
    assert of_several(0.95, 10) == pytest.approx(0.995)
    assert needed(0.3, of_several(0.95, 10)) > needed(0.3)
    assert needed(0.99) >= 4
