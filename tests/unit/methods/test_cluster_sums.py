"""Sums by cluster, whatever the order of the rows."""

import numpy as np

from pipeline.methods.cluster_sums import Clusters


def test_sums_by_cluster_in_the_order_of_the_labels():
    clusters = Clusters.of(["b", "a", "b", "c", "a"])
    values = np.array([[1.0, 2.0, 3.0, 4.0, 5.0], [1.0, 1.0, 1.0, 1.0, 1.0]])[:, clusters.order]
    assert clusters.sums(values).tolist() == [[7.0, 4.0, 4.0], [2.0, 2.0, 1.0]]
    assert clusters.sizes.tolist() == [2, 2, 1]
    assert clusters.number == 3


def test_spread_gives_each_row_the_value_of_its_cluster():
    clusters = Clusters.of([3, 1, 3])
    assert clusters.spread(np.array([10.0, 30.0])).tolist() == [10.0, 30.0, 30.0]
    assert np.array([3, 1, 3])[clusters.order].tolist() == [1, 3, 3]
