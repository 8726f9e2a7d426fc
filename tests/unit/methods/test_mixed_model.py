"""Linear mixed model: closed forms, a simulation, boundaries. Other software: tests/golden."""

import numpy as np
import pytest

from pipeline.methods import mixed_model
from pipeline.methods.cluster_sums import Clusters


def drawn(random, clusters=40, size=10, sd=1.0):
    labels = np.repeat(np.arange(clusters), size)
    x = np.column_stack([np.ones(len(labels)), np.arange(len(labels)) % 2])
    return (
        2 + 0.5 * x[:, 1] + random.normal(scale=sd, size=clusters)[labels] + random.normal(size=len(labels)),
        x,
        labels,
    )


def test_equal_clusters_give_the_variances_of_the_analysis_of_variance():
    y, x, labels = drawn(np.random.default_rng(1), 8, 6)
    found = mixed_model.fit(y, x[:, :1], labels)
    groups = y.reshape(8, 6)
    within = groups.var(axis=1, ddof=1).mean()
    assert found.within == pytest.approx(within, rel=1e-9)
    assert found.between == pytest.approx(groups.mean(axis=1).var(ddof=1) - within / 6, rel=1e-9)
    assert found.coefficients[0] == pytest.approx(y.mean())


def test_maximum_likelihood_has_the_smaller_variance_between():
    y, x, labels = drawn(np.random.default_rng(2), 6)
    one, other = (mixed_model.fit(y, x, labels, restricted=kind) for kind in (True, False))
    assert other.between < one.between


def test_it_recovers_what_a_simulation_put_in():
    found = mixed_model.fit(*drawn(np.random.default_rng(3), 800))
    assert found.coefficients == pytest.approx([2, 0.5], abs=4 * np.sqrt(np.diag(found.covariance)).max())
    # Relative error of a variance from 800 clusters: about sqrt(2 / 800) = 0.05.
    assert found.between == pytest.approx(1, abs=0.2)
    assert found.intraclass_correlation == pytest.approx(0.5, abs=0.05)


def test_the_interval_of_the_intraclass_correlation_holds_the_truth():
    random, held = np.random.default_rng(4), 0
    for _ in range(200):
        low, high = mixed_model.fit(*drawn(random, 20, 6, 0.5)).correlation_interval(0.95)
        held += low <= 0.2 <= high
    # One standard error of a coverage of 0.95 in 200 runs is 0.015.
    assert 0.90 < held / 200 < 0.995


def test_no_variance_between_clusters_is_a_boundary_and_least_squares():
    y, x, labels = drawn(np.random.default_rng(5), 10, 10)
    y = y - np.array([y[labels == g].mean() for g in range(10)])[labels]
    found = mixed_model.fit(y, x, labels)
    assert found.boundary
    assert (found.between, found.intraclass_correlation) == (0, 0)
    assert found.coefficients == pytest.approx(np.linalg.lstsq(x, y, rcond=None)[0])
    low, high = found.correlation_interval(0.95)
    assert low == 0 < high < 0.2


def test_degrees_of_freedom_between_and_within():
    labels = np.repeat(np.arange(5), 4)
    x = np.column_stack([np.ones(20), labels % 2, np.arange(20) % 2, np.random.default_rng(6).normal(size=20)])
    clusters = Clusters.of(labels)
    assert mixed_model.between_within(x, clusters, 20).tolist() == [3, 3, 13, 13]


def test_what_cannot_be_fitted_is_none():
    y, x, labels = drawn(np.random.default_rng(7), 5)
    assert mixed_model.fit(np.full(len(y), 3.0), x, labels) is None
    assert mixed_model.fit(x[:, 1], x, labels) is None
    assert mixed_model.fit(y, np.column_stack([x, 2 * x[:, 1]]), labels) is None
    assert mixed_model.fit(y, x, np.arange(len(y))) is None
    assert mixed_model.fit(y[:3], x[:3], labels[:3]) is None
