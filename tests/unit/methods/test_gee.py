"""GEE: closed forms, a simulation with few clusters, and what can't be fitted. Other software: tests/golden."""

import numpy as np
import pytest
from scipy.stats import t as student
from scipy.stats import ttest_rel

from pipeline.methods import gee

SLOPE = np.array([0.0, 1.0])


def balanced(random, clusters=6, size=10, spread=0.0):
    """Two groups of ``size`` rows in each cluster; the difference varies from cluster to cluster by ``spread``."""
    labels = np.repeat(np.arange(clusters), 2 * size)
    later = np.tile(np.repeat([0.0, 1.0], size), clusters)
    shift = random.normal(size=clusters)[labels] + random.normal(scale=spread, size=clusters)[labels] * later
    return shift + random.normal(size=len(labels)), np.column_stack([np.ones(len(later)), later]), labels


@pytest.mark.parametrize("correlation", ["independence", "exchangeable"])
def test_equal_clusters_give_the_paired_t_test_of_their_means(correlation):
    y, x, labels = balanced(np.random.default_rng(1))
    found = gee.fit(y, x, labels, "gaussian", correlation)
    means = [[y[(labels == g) & (x[:, 1] == w)].mean() for g in range(6)] for w in (1, 0)]
    expected = ttest_rel(*means)
    value, se, df = found.coefficients[1], found.error(SLOPE), found.degrees_of_freedom(SLOPE)
    assert value == pytest.approx(np.subtract(*means).mean())
    assert df == pytest.approx(5)
    assert value / se == pytest.approx(expected.statistic)
    assert 2 * student.sf(abs(value / se), df) == pytest.approx(expected.pvalue)


def test_corrections_enlarge_the_sandwich_and_vanish_with_many_clusters():
    for clusters, least, most in ((5, 1.05, 2.0), (400, 1.0, 1.01)):
        found = gee.fit(*balanced(np.random.default_rng(2), clusters))
        sizes = [found.error(SLOPE, name) for name in ("robust", "kauermann-carroll", "mancl-derouen")]
        assert sizes[0] < sizes[1] < sizes[2]
        assert least < sizes[1] / sizes[0] < most


def test_intervals_hold_the_truth_with_six_clusters_and_those_of_the_plain_sandwich_do_not():
    random, held, plain = np.random.default_rng(3), 0, 0
    for _ in range(400):
        found = gee.fit(*balanced(random, spread=0.7))
        value, df = abs(found.coefficients[1]), found.degrees_of_freedom(SLOPE)
        held += value < student.ppf(0.975, df) * found.error(SLOPE)
        plain += value < 1.96 * found.error(SLOPE, "robust")
    # One standard error of a coverage of 0.95 in 400 runs is 0.011.
    assert 0.92 < held / 400 < 0.98
    assert plain / 400 < 0.91


def test_the_logit_model_recovers_what_a_simulation_put_in():
    random = np.random.default_rng(4)
    labels, later = np.repeat(np.arange(500), 20), np.tile([0.0, 1.0], 5000)
    # The same share of answers in each cluster is copied from one of it: a correlation of 0.3, margins untouched.
    share = np.where(later == 1, 0.6, 0.4)
    common = random.random(500)[labels]
    draw = np.where(random.random(10000) < np.sqrt(0.3), common, random.random(10000))
    x = np.column_stack([np.ones(10000), later])
    found = gee.fit((draw < share).astype(float), x, labels, "binomial")
    assert found.coefficients[1] == pytest.approx(np.log(0.6 / 0.4) * 2, abs=4 * found.error(SLOPE))
    assert found.correlation == pytest.approx(0.3, abs=0.05)
    assert found.error(SLOPE) < 0.06


def test_the_order_of_rows_and_the_names_of_clusters_do_not_matter():
    y, x, labels = balanced(np.random.default_rng(5))
    order = np.random.default_rng(6).permutation(len(y))
    one, other = gee.fit(y, x, labels), gee.fit(y[order], x[order], np.array(list("fbadce"))[labels[order]])
    assert other.coefficients == pytest.approx(one.coefficients)
    assert other.error(SLOPE) == pytest.approx(one.error(SLOPE))


def test_what_cannot_be_fitted_is_none():
    y, x, labels = balanced(np.random.default_rng(7))
    assert gee.fit(y, np.column_stack([x, x[:, 1]]), labels) is None
    assert gee.fit(x[:, 1], x, labels, "binomial") is None
    level = y - np.array([y[labels == g].mean() for g in range(6)])[labels]
    assert gee.fit(level, x, labels) is None
    assert gee.fit(level, x, labels, "gaussian", "independence") is not None


def test_a_coefficient_that_rests_on_one_cluster_has_no_corrected_error():
    y, x, labels = balanced(np.random.default_rng(8))
    x[:, 1] = labels == 0
    found = gee.fit(y, x, labels, "gaussian", "independence")
    assert np.isnan(found.error(SLOPE))
    assert np.isnan(found.error(SLOPE, "mancl-derouen"))
