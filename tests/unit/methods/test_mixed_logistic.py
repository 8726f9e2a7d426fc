"""Logistic mixed model: a simulation, grouped rows, boundaries. Other software: tests/golden."""

import numpy as np
import pytest

from pipeline.methods import mixed_logistic

LATER, EARLIER = np.array([1.0, 1.0]), np.array([1.0, 0.0])


def drawn(random, clusters=30, size=20, sd=1.0):
    labels = np.repeat(np.arange(clusters), size)
    x = np.column_stack([np.ones(len(labels)), np.arange(len(labels)) % 2])
    linear = -0.5 + 0.8 * x[:, 1] + random.normal(scale=sd, size=clusters)[labels]
    return (random.random(len(labels)) < 1 / (1 + np.exp(-linear))).astype(float), x, labels


def fit(y, x, labels, **keys):
    return mixed_logistic.fit(y, np.ones(len(y)), x, labels, **keys)


def test_it_recovers_what_a_simulation_put_in():
    found = fit(*drawn(np.random.default_rng(1), 400))
    errors = np.sqrt(np.diag(found.covariance))
    assert np.abs(found.coefficients - [-0.5, 0.8]) == pytest.approx([0, 0], abs=4 * errors.max())
    assert found.sd == pytest.approx(1, abs=4 * errors[-1])
    assert not found.boundary


def test_rows_and_counts_of_rows_are_the_same():
    y, x, labels = drawn(np.random.default_rng(2))
    one = fit(y, x, labels)
    cells = 2 * labels + x[:, 1].astype(int)
    events, trials = np.bincount(cells, y), np.bincount(cells).astype(float)
    places = np.arange(len(trials))
    other = mixed_logistic.fit(events, trials, np.column_stack([np.ones(len(places)), places % 2]), places // 2)
    assert other.coefficients == pytest.approx(one.coefficients)
    assert other.covariance == pytest.approx(one.covariance)
    assert other.degrees_of_freedom.tolist() == one.degrees_of_freedom.tolist() == [29, 569]


def test_more_points_change_little():
    data = drawn(np.random.default_rng(3), sd=2.0)
    few, many = (fit(*data, points=points) for points in (15, 41))
    # Fifteen points are right to about four digits where the SD is as large as 2.
    assert few.sd == pytest.approx(many.sd, rel=1e-4)
    assert few.log_likelihood == pytest.approx(many.log_likelihood, abs=1e-3)


def test_the_marginal_difference_is_nearer_to_0_than_that_of_an_average_cluster():
    found = fit(*drawn(np.random.default_rng(4), 200, sd=2.0))
    value, se = found.marginal_difference(LATER, EARLIER)
    shares = 1 / (1 + np.exp(-np.array([found.coefficients.sum(), found.coefficients[0]])))
    assert 0 < value < shares[0] - shares[1]
    assert 0 < se < value


def test_no_variance_between_clusters_is_plain_logistic_regression():
    labels = np.repeat(np.arange(6), 8)
    x = np.column_stack([np.ones(48), np.tile([0, 0, 0, 0, 1, 1, 1, 1], 6)])
    y = np.tile([0.0, 0, 0, 1, 1, 1, 0, 1], 6)
    found = fit(y, x, labels)
    assert found.boundary
    assert found.sd == 0
    assert found.coefficients == pytest.approx([np.log(1 / 3), np.log(9)])
    assert found.marginal_difference(LATER, EARLIER)[0] == pytest.approx(0.5)
    assert found.covariance.shape == (2, 2)


def test_a_small_variance_is_found_and_not_taken_for_none():
    # The share differs between clusters hardly more than by chance: the top is next to 0, where the score is 0 too.
    trials = np.full(12, 200.0)
    events = np.array([80, 60, 88, 66, 78, 60, 95, 73, 82, 62, 70, 50], dtype=float)
    found = mixed_logistic.fit(events, trials, np.column_stack([np.ones(12), np.arange(12) % 2]), np.arange(12) // 2)
    assert 0 < found.sd < 0.3


def test_what_cannot_be_fitted_is_none():
    y, x, labels = drawn(np.random.default_rng(5))
    assert fit(x[:, 1], x, labels) is None
    assert fit(np.where(x[:, 1] == 1, 1.0, y), x, labels) is None
    assert fit(np.zeros(len(y)), x, labels) is None
    assert fit(y, np.column_stack([x, x[:, 1]]), labels) is None
