"""Kappa against statsmodels, by hand, and where it doesn't exist."""

import numpy as np
import pytest
from statsmodels.stats.inter_rater import cohens_kappa, fleiss_kappa

from pipeline.methods.kappa import Fleiss, cohen, weights
from pipeline.methods.krippendorff import krippendorff

THREE = np.array([[11, 3, 1], [4, 20, 6], [0, 5, 30]], dtype=float)


@pytest.mark.parametrize("table", [(20, 5, 10, 15), (3, 1, 0, 44), (0, 4, 6, 10), (45, 15, 25, 15)])
def test_kappa_and_its_standard_error_agree_with_statsmodels(table):
    found = cohens_kappa(np.reshape(table, (2, 2)))
    assert cohen(np.reshape(table, (2, 2))) == pytest.approx((found.kappa, found.std_kappa))


@pytest.mark.parametrize(("kind", "theirs"), [("linear", "linear"), ("quadratic", "quadratic")])
def test_weighted_kappa_agrees_with_statsmodels(kind, theirs):
    found = cohens_kappa(THREE, wt=theirs)
    assert cohen(THREE, weights(3, kind)) == pytest.approx((found.kappa, found.std_kappa))


def test_quadratic_weights_give_nearly_the_correlation():
    """Fleiss and Cohen (1973): the intraclass correlation, so r where both coders have the same margins."""
    rows, columns = np.indices(THREE.shape)
    both = THREE + THREE.T
    pairs = np.repeat(np.column_stack([rows.ravel(), columns.ravel()]), both.ravel().astype(int), axis=0)
    assert cohen(both, weights(3, "quadratic"))[0] == pytest.approx(np.corrcoef(pairs.T)[0, 1])


def test_weights_by_hand():
    assert weights(3, "linear").tolist() == [[1, 0.5, 0], [0.5, 1, 0.5], [0, 0.5, 1]]
    assert weights(3, "quadratic")[0].tolist() == [1, 0.75, 0]


@pytest.mark.parametrize("table", [(0, 0, 0, 0), (7, 0, 0, 0), (0, 0, 0, 7)])
def test_kappa_without_units_or_variation(table):
    assert cohen(np.reshape(table, (2, 2)).astype(float)) is None


def test_the_standard_error_is_the_spread_of_simulated_kappas():
    random, p = np.random.default_rng(3), (THREE / THREE.sum()).ravel()
    for weight in (None, weights(3, "linear")):
        drawn = [cohen(random.multinomial(80, p).reshape(3, 3).astype(float), weight)[0] for _ in range(2000)]
        assert np.std(drawn) == pytest.approx(cohen(THREE, weight)[1], rel=0.08)


def test_fleiss_kappa_agrees_with_statsmodels():
    random = np.random.default_rng(4)
    counts = random.multinomial(5, [0.5, 0.3, 0.2], 40).astype(float)
    assert Fleiss(counts).value() == pytest.approx(fleiss_kappa(counts))


def test_fleiss_kappa_of_many_units_is_nearly_alpha():
    random = np.random.default_rng(5)
    values = (random.random((4, 4000)) < np.where(random.random(4000) < 0.4, 0.8, 0.1)).astype(float)
    counts = np.stack([values.sum(axis=0), 4 - values.sum(axis=0)], axis=1)
    assert Fleiss(counts).value() == pytest.approx(krippendorff(values), abs=1e-3)


def test_a_resample_is_the_kappa_of_the_units_drawn():
    counts = np.array([[3, 0], [2, 1], [0, 3], [1, 2]], dtype=float)
    found = Fleiss(counts).alphas(np.array([[2.0, 1, 0, 1]]))[0]
    assert found == pytest.approx(fleiss_kappa(counts[[0, 0, 1, 3]]))


@pytest.mark.parametrize("counts", [np.zeros((0, 2)), np.array([[3.0, 0], [3, 0]])])
def test_fleiss_kappa_without_units_or_variation(counts):
    assert Fleiss(counts).value() is None
