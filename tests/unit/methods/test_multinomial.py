"""Log relative risk ratios: the closed form, clusters, and how often their intervals hold."""

import numpy as np
import pytest
from scipy.stats import t as student

from pipeline.methods.multinomial import log_ratio

EAST = np.array([[3, 1], [0, 4], [2, 2], [5, 0]])
WEST = np.array([[1, 1], [2, 6], [1, 3]])


def test_the_ratio_is_that_of_the_totals():
    found = log_ratio(EAST, WEST)
    assert np.exp(found.value) == pytest.approx((10 / 7) / (4 / 10))
    assert found.model_se**2 == pytest.approx(1 / 10 + 1 / 7 + 1 / 4 + 1 / 10)


def test_clusters_of_single_units_give_the_errors_of_the_model():
    """With one unit a cluster the sandwich is the model's variance, but for g / (g - 1)."""
    one_each = [np.repeat(np.eye(2), n, axis=0) for n in ((400, 300), (250, 350))]
    found = log_ratio(*one_each)
    assert found.se == pytest.approx(found.model_se, rel=2e-3)


def test_clients_at_both_services_are_one_cluster():
    apart = log_ratio(EAST, WEST)
    shared = log_ratio(EAST, WEST, np.array([[0, 1]]))
    scores = [np.array([3 / 10 - 1 / 7]) * (4 / 3) ** 0.5, np.array([2 / 4 - 6 / 10]) * (3 / 2) ** 0.5]
    assert shared.se**2 == pytest.approx(apart.se**2 - 2 * float(scores[0][0] * scores[1][0]))


@pytest.mark.parametrize("side", [np.array([[3, 0], [2, 0]]), np.array([[3, 2]]), np.zeros((0, 2))])
def test_what_has_no_ratio(side):
    assert log_ratio(side, WEST) is None
    assert log_ratio(WEST, side) is None


def test_intervals_cover_where_clients_differ():
    rng, inside = np.random.default_rng(12), []
    for _ in range(500):
        sides = []
        for clients, odds in ((12, 1.0), (25, 2.0)):
            chance = rng.beta(3 * odds / (1 + odds), 3 / (1 + odds), clients)
            sizes = np.full(clients, 8)
            hits = rng.binomial(sizes, chance)
            sides.append(np.column_stack([hits, sizes - hits]))
        found = log_ratio(sides[1], sides[0])
        inside.append(abs(found.value - np.log(2)) < student.ppf(0.975, found.df) * found.se)
    assert np.mean(inside) == pytest.approx(0.95, abs=0.03)  # three standard errors of 500 draws
