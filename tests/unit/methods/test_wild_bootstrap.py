"""Wild cluster bootstrap: its level with few clusters, enumeration, and what can't be tested. R: tests/golden."""

import numpy as np
import pytest

from pipeline.methods.wild_bootstrap import DRAWS, WEBB_DRAWS, wild_cluster


def data(random, clusters, difference=0.0, size=6):
    labels = np.repeat(np.arange(clusters), 2 * size)
    later = np.tile(np.repeat([0.0, 1.0], size), clusters)
    slopes = difference + random.normal(scale=0.5, size=clusters)
    y = random.normal(size=clusters)[labels] + slopes[labels] * later + random.normal(size=len(labels))
    return y, np.column_stack([np.ones(len(later)), later]), labels


def wild(*arrays, seed=0):
    return wild_cluster(*arrays, 1, np.random.default_rng(seed))


@pytest.mark.parametrize("clusters", [6, 11])
def test_it_rejects_about_as_often_as_it_says(clusters):
    random = np.random.default_rng(1)
    p = np.array([wild(*data(random, clusters)).p for _ in range(300)])
    # One standard error of 0.05 in 300 runs is 0.013.
    assert 0.015 < (p <= 0.05).mean() < 0.09
    assert p.mean() == pytest.approx(0.5, abs=0.07)


def test_a_large_difference_is_found():
    assert wild(*data(np.random.default_rng(2), 6, 3.0)).p < 0.05
    assert wild(*data(np.random.default_rng(2), 15, 3.0)).p < 0.01


@pytest.mark.parametrize(
    ("clusters", "draws", "weights"), [(3, 6**3, "Webb"), (7, 6**7, "Webb"), (11, 2**11, "Rademacher")]
)
def test_with_few_clusters_all_weights_are_taken_and_chance_plays_no_part(clusters, draws, weights):
    arrays = data(np.random.default_rng(3), clusters)
    one, other = wild(*arrays, seed=1), wild(*arrays, seed=2)
    assert one == other
    assert one.draws == draws
    assert one.weights == f"all {draws} {weights} weights"
    assert one.p * draws == pytest.approx(round(one.p * draws))


@pytest.mark.parametrize("clusters", [4, 5, 7, 11])
def test_p_is_never_below_the_least_that_so_many_clusters_give(clusters):
    """Without noise, and the same difference in all clusters but for a trace, only the same weights do as well."""
    labels = np.repeat(np.arange(clusters), 2)
    later = np.tile([0.0, 1.0], clusters)
    y = 5 * later + 1e-3 * np.random.default_rng(7).normal(size=2 * clusters)
    found = wild(y, np.column_stack([np.ones(len(y)), later]), labels)
    values = 6 if clusters <= 10 else 2
    assert found.p == pytest.approx(found.least) == pytest.approx(values ** (1 - clusters))


@pytest.mark.parametrize("clusters", [7, 8, 10])
def test_a_clear_difference_of_seven_to_ten_services_stays_clear_after_holm(clusters):
    found = wild(*data(np.random.default_rng(2), clusters, 4.0))
    assert 12 * found.p < 0.05


def test_eight_to_ten_clusters_are_drawn_from_six_values():
    arrays = data(np.random.default_rng(9), 8, 0.6)
    one, other = wild(*arrays, seed=1), wild(*arrays, seed=2)
    assert one.draws == WEBB_DRAWS + 1
    assert one.weights == f"{WEBB_DRAWS} Webb draws"
    assert one == wild(*arrays, seed=1)
    # A standard error of p is at most 0.0016.
    assert one.p == pytest.approx(other.p, abs=0.009)


def test_with_more_clusters_the_same_seed_gives_the_same_p():
    arrays = data(np.random.default_rng(4), 13)
    assert wild(*arrays, seed=1) == wild(*arrays, seed=1)
    assert wild(*arrays).draws == DRAWS + 1
    assert wild(*arrays).p >= 1 / (DRAWS + 1)


def test_the_estimate_is_that_of_least_squares():
    y, x, labels = data(np.random.default_rng(5), 5)
    found = wild(y, x, labels)
    assert found.estimate == pytest.approx(np.linalg.lstsq(x, y, rcond=None)[0][1])
    assert np.sign(found.t) == np.sign(found.estimate)


def test_what_cannot_be_tested_is_none():
    y, x, labels = data(np.random.default_rng(6), 4)
    assert wild(np.ones(len(y)), x, labels) is None
    assert wild(y, x, np.zeros(len(y))) is None
    assert wild(y, np.ones_like(x), labels) is None
