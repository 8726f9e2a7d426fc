"""Relative weights: by hand, by another way of computing them, recovered from a simulation, and where they end."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import rankdata, spearmanr

from pipeline.methods.relative_weights import johnson, rank_correlations, weigh


def once(scores):
    return np.ones((1, len(scores)))


def ratings(n=80, factors=4, seed=41, missing=0.0):
    """Five-point ratings with a common part; the outcome, last, hangs on the first factor."""
    random = np.random.default_rng(seed)
    scores = random.normal(size=(n, factors + 1)) + 0.7 * random.normal(size=(n, 1))
    scores[:, -1] += 0.8 * scores[:, 0]
    scores = np.clip(np.round(scores) + 3, 1, 5)
    scores[random.random(scores.shape) < missing] = np.nan
    return scores


def from_scores(scores):
    """Johnson's weights by the singular value decomposition of the standardised factors."""
    z = (scores - scores.mean(axis=0)) / scores.std(axis=0) / np.sqrt(len(scores))
    u, d, vt = np.linalg.svd(z[:, :-1], full_matrices=False)
    return (vt.T * d @ vt) ** 2 @ ((u @ vt).T @ z[:, -1]) ** 2


def lmg(correlations):
    """Average gain in R squared over all orders of the factors (Lindeman, Merenda and Gold 1980)."""
    from itertools import permutations

    def explained(some):
        inner = correlations[np.ix_(some, some)]
        return float(correlations[some, -1] @ np.linalg.solve(inner, correlations[some, -1])) if some else 0.0

    orders = list(permutations(range(len(correlations) - 1)))
    gains = np.zeros(len(correlations) - 1)
    for order in orders:
        for place, factor in enumerate(order):
            gains[factor] += explained(list(order[: place + 1])) - explained(list(order[:place]))
    return gains / len(orders)


def test_correlations_are_spearmans():
    scores = ratings()
    assert rank_correlations(scores, once(scores))[0] == pytest.approx(spearmanr(scores).statistic)


def test_a_resample_is_ranked_anew():
    scores = ratings()
    drawn = np.random.default_rng(42).integers(0, len(scores), len(scores))
    counts = np.bincount(drawn, minlength=len(scores))[None].astype(float)
    assert rank_correlations(scores, counts)[0] == pytest.approx(spearmanr(scores[drawn]).statistic)


def test_correlations_use_complete_pairs():
    scores = ratings(missing=0.1)
    ranks = np.full(scores.shape, np.nan)
    for column in range(scores.shape[1]):
        there = ~np.isnan(scores[:, column])
        ranks[there, column] = rankdata(scores[there, column])
    both = ~np.isnan(ranks[:, [0, 3]]).any(axis=1)
    expected = np.corrcoef(ranks[both][:, [0, 3]], rowvar=False)[0, 1]
    assert rank_correlations(scores, once(scores))[0, 0, 3] == pytest.approx(expected)


def test_weights_agree_with_the_singular_value_decomposition():
    scores = np.random.default_rng(43).normal(size=(60, 6)) @ np.random.default_rng(44).normal(size=(6, 6))
    weights, _ = johnson(np.corrcoef(scores, rowvar=False)[None])
    assert weights[0] == pytest.approx(from_scores(scores))


def test_weights_add_up_to_r_squared_and_coefficients_are_those_of_a_regression():
    scores = ratings(factors=6)
    ranks = np.column_stack([rankdata(column) for column in scores.T])
    z = (ranks - ranks.mean(axis=0)) / ranks.std(axis=0)
    fitted = sm.OLS(z[:, -1], z[:, :-1]).fit()
    weights, coefficients = johnson(rank_correlations(scores, once(scores)))
    assert weights.sum() == pytest.approx(fitted.rsquared)
    assert coefficients[0] == pytest.approx(fitted.params)
    assert (weights >= 0).all()


def test_two_factors_share_as_all_orders_do():
    """For two factors relative weights are the average over orders: (r1² + R² - r2²) / 2 for the first."""
    one, two, both = 0.6, 0.3, 0.5
    matrix = np.array([[1, both, one], [both, 1, two], [one, two, 1]])
    r_squared = (one**2 + two**2 - 2 * one * two * both) / (1 - both**2)
    weights, _ = johnson(matrix[None])
    assert weights[0] == pytest.approx([(one**2 + r_squared - two**2) / 2, (two**2 + r_squared - one**2) / 2])
    assert weights[0] == pytest.approx(lmg(matrix))


def test_more_factors_share_nearly_as_all_orders_do():
    scores = ratings(n=300, factors=5, seed=45)
    matrix = rank_correlations(scores, once(scores))
    assert johnson(matrix)[0][0] == pytest.approx(lmg(matrix[0]), abs=0.01)


def test_uncorrelated_factors_have_their_squared_correlations():
    matrix = np.array([[1, 0, 0.6], [0, 1, -0.3], [0.6, -0.3, 1]])
    assert johnson(matrix[None])[0][0] == pytest.approx([0.36, 0.09])


def test_a_matrix_that_no_data_could_have_is_moved_to_one_that_is_possible():
    impossible = np.array([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1.0]])
    assert np.linalg.eigvalsh(impossible).min() < 0
    weights, _ = johnson(impossible[None])
    assert (weights >= 0).all()
    assert weights.sum() <= 1 + 1e-6


def test_the_truth_is_recovered_and_inside_the_interval():
    """A large sample gives the truth of the population; intervals of samples of 100 should hold it."""
    truth = johnson(rank_correlations(ratings(n=20_000, seed=46), np.ones((1, 20_000))))[0][0]
    inside = []
    for seed in range(100):
        found = weigh(ratings(n=100, seed=seed), resamples=300)
        low, high = np.quantile(found.resampled_weights, [0.025, 0.975], axis=0)
        inside.append((low <= truth) & (truth <= high))
    assert np.mean(inside, axis=0) == pytest.approx(np.full(4, 0.95), abs=0.06)


def test_the_factor_that_acts_comes_first():
    found = weigh(ratings(n=150))
    assert found.weights.argmax() == 0
    assert found.among_first(1)[0] > 0.95
    assert found.among_first(3).sum() == pytest.approx(3)
    assert found.r_squared == pytest.approx(found.weights.sum())


def test_random_numbers_stay_below_their_line():
    random = np.random.default_rng(47)
    below = []
    for seed in range(150):
        scores = np.column_stack([random.normal(size=80), ratings(n=80, factors=2, seed=seed)])
        found = weigh(scores, resamples=200)
        below.append(found.weights[0] <= np.quantile(found.chance, 0.95))
    assert np.mean(below) == pytest.approx(0.95, abs=0.05)


def test_two_runs_agree():
    one, two = weigh(ratings(missing=0.1)), weigh(ratings(missing=0.1))
    assert np.array_equal(one.resampled_weights, two.resampled_weights)
    assert np.array_equal(one.chance, two.chance)


def test_a_factor_that_does_not_vary_in_a_resample_has_no_weight():
    scores = ratings(n=30)
    scores[:, 1] = 3
    scores[0, 1] = 4
    counts = np.ones((1, 30))
    counts[0, :2] = 0, 2
    correlations = rank_correlations(scores, counts)
    assert (correlations[0, 1, [0, 2, 3, 4]] == 0).all()
    assert johnson(correlations)[0][0, 1] == pytest.approx(0, abs=1e-12)
