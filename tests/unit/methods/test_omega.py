"""One factor and omega: by the algebra of three items, at the minimum, recovered, and where they don't exist."""

import numpy as np
import pytest

from pipeline.methods.omega import one_factor
from pipeline.methods.proportions import normal_quantile

LOADINGS, ERRORS = np.array([0.5, 0.6, 0.7, 0.8, 0.6]), np.full(5, 0.64)
TRUTH = LOADINGS.sum() ** 2 / (LOADINGS.sum() ** 2 + ERRORS.sum())


def draw(rng, n):
    return rng.normal(size=(n, 1)) * LOADINGS + rng.normal(size=(n, 5)) * np.sqrt(ERRORS)


def test_three_items_have_a_closed_form():
    """With three items the model is just identified: each loading squared is r12 r13 / r23."""
    scores = draw(np.random.default_rng(1), 200)[:, :3]
    r = np.corrcoef(scores, rowvar=False)
    squared = [r[0, 1] * r[0, 2] / r[1, 2], r[0, 1] * r[1, 2] / r[0, 2], r[0, 2] * r[1, 2] / r[0, 1]]
    factor = one_factor(scores)
    assert factor.loadings**2 == pytest.approx(squared)
    assert factor.errors == pytest.approx(1 - np.array(squared))
    covariances = np.cov(scores, rowvar=False)
    loaded = np.sqrt(squared) * np.sqrt(np.diag(covariances))
    assert factor.omega() == pytest.approx(loaded.sum() ** 2 / covariances.sum())


def test_the_fit_is_a_minimum_of_the_likelihood_s_discrepancy():
    scores = draw(np.random.default_rng(2), 60)
    r, factor = np.corrcoef(scores, rowvar=False), one_factor(scores)

    def discrepancy(loadings, errors):
        implied = np.outer(loadings, loadings) + np.diag(errors)
        return np.linalg.slogdet(implied)[1] + np.trace(np.linalg.inv(implied) @ r)

    best, rng = discrepancy(factor.loadings, factor.errors), np.random.default_rng(3)
    for _ in range(200):
        moves = rng.normal(size=(2, 5)) * 0.01
        assert discrepancy(factor.loadings + moves[0], factor.errors * np.exp(moves[1])) > best


def test_omega_is_recovered_and_its_interval_covers():
    rng = np.random.default_rng(4)
    assert one_factor(draw(rng, 20_000)).omega() == pytest.approx(TRUTH, abs=0.01)
    fits = [one_factor(draw(rng, 80)) for _ in range(500)]
    ends = np.array([factor.interval(normal_quantile(0.95)) for factor in fits])
    assert np.mean((ends[:, 0] <= TRUTH) & (ends[:, 1] >= TRUTH)) == pytest.approx(0.95, abs=0.03)
    spread = np.std([factor.omega() for factor in fits])
    assert np.mean([factor.error_of_omega() for factor in fits]) == pytest.approx(spread, rel=0.15)


def test_turning_all_items_round_changes_nothing():
    scores = draw(np.random.default_rng(8), 70)
    straight, turned = one_factor(scores), one_factor(-scores)
    assert turned.loadings == pytest.approx(straight.loadings)
    assert (turned.omega(), turned.error_of_omega()) == pytest.approx((straight.omega(), straight.error_of_omega()))


def test_items_of_equal_loading_have_an_omega_as_large_as_alpha():
    """Spearman and Brown's formula of four items that correlate by 0.5 each: 0.8."""
    rng = np.random.default_rng(5)
    factor = one_factor(rng.normal(size=(20_000, 1)) + rng.normal(size=(20_000, 4)))
    assert factor.omega() == pytest.approx(0.8, abs=0.01)


def test_an_item_without_error_is_no_proper_solution():
    rng = np.random.default_rng(6)
    scores = draw(rng, 50)
    assert one_factor(np.column_stack([scores, scores[:, 0]])).proper is False
    # r12 r13 / r23 = 1.8: the first item would need more than all of its variance to be shared.
    more = rng.multivariate_normal(np.zeros(3), [[1, 0.6, 0.6], [0.6, 1, 0.2], [0.6, 0.2, 1]], 300)
    assert one_factor(more).proper is False


def test_two_items_or_a_constant_one_are_refused():
    scores = draw(np.random.default_rng(7), 30)
    with pytest.raises(ValueError, match="three items"):
        one_factor(scores[:, :2])
    scores[:, 1] = 2
    with pytest.raises(ValueError, match="vary"):
        one_factor(scores)
