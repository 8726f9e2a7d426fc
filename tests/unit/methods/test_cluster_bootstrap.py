"""Bootstrap of clusters from their sums is that of their rows."""

import numpy as np
import pytest

from pipeline.methods.cluster_bootstrap import cluster_bootstrap, difference_of_means, percentile_interval


def ratio(sums, counts):
    return (sums / counts)[..., 0]


def test_a_sample_is_that_of_the_rows_of_the_same_clusters():
    random = np.random.default_rng(1)
    rows = [random.normal(size=size) for size in (3, 8, 5, 1)]
    sums, counts = np.array([[one.sum()] for one in rows]), np.array([[float(len(one))] for one in rows])
    times = np.random.default_rng(7).multinomial(4, [0.25] * 4, size=50)
    samples = cluster_bootstrap(sums, counts, 50, np.random.default_rng(7), ratio)
    again = [
        np.concatenate([one for one, n in zip(rows, drawn, strict=True) for _ in range(n)]).mean() for drawn in times
    ]
    assert samples == pytest.approx(again)


def test_its_spread_is_the_standard_error_of_a_mean_of_clusters():
    means = np.random.default_rng(2).normal(size=60)
    samples = cluster_bootstrap(means[:, None] * 10, np.full((60, 1), 10.0), 20000, np.random.default_rng(3), ratio)
    # The bootstrap divides by n, not n - 1; an SD of 20,000 draws is known to about 0.5 %.
    assert samples.std() == pytest.approx(means.std() / np.sqrt(60), rel=0.02)
    low, high = percentile_interval(samples, 0.95)
    assert high - low == pytest.approx(2 * 1.96 * samples.std(), rel=0.05)


def test_a_sample_without_a_group_has_no_difference():
    assert np.isnan(difference_of_means(np.array([3.0, 0.0]), np.array([2.0, 0.0])))
    assert difference_of_means(np.array([[3.0, 1.0]]), np.array([[2.0, 4.0]])).tolist() == [1.25]
