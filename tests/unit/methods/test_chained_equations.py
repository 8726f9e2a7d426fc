"""Completed tables: what was answered stays, what can't be filled in stays empty, and the truth is recovered."""

import numpy as np
import pytest

from pipeline.methods import chained_equations
from pipeline.methods.chained_equations import MOST_PREDICTORS, NoConvergenceError, complete
from pipeline.methods.rubin import pool

CUT = np.array([-1.5, 0.0, 1.5])


def two_waves(n, rng, items=2, shift=0.5):
    """Four-point answers to some items at two waves that resemble each other within a person."""
    person = 1.8 * rng.multivariate_normal([0, shift], [[1, 0.7], [0.7, 1]], size=n)
    latent = np.repeat(person, items, axis=1) + rng.logistic(size=(n, 2 * items))
    return (latent[..., None] > CUT).sum(axis=2) + 1.0


def without_leavers(codes, rng):
    """Low answers at the first wave make people leave; besides, 4% stay blank."""
    codes, half = codes.copy(), codes.shape[1] // 2
    leaving = 1 / (1 + np.exp(0.8 + 0.9 * (codes[:, :half].mean(axis=1) - 2.5)))
    codes[rng.random(len(codes)) < leaving, half:] = np.nan
    codes[rng.random(codes.shape) < 0.04] = np.nan
    return codes


def test_answers_stay_and_gaps_are_filled_with_answers():
    rng = np.random.default_rng(1)
    codes = without_leavers(two_waves(120, rng), rng)
    filled = complete(codes, np.repeat(["east", "west"], 60), 6, rng)
    there = ~np.isnan(codes)
    assert filled.shape == (6, 120, 4)
    assert (filled[:, there] == codes[there]).all()
    assert set(np.unique(filled)) == {1, 2, 3, 4}
    assert (filled[0] != filled[1]).any()


def test_the_same_stream_gives_the_same_tables():
    codes = without_leavers(two_waves(60, np.random.default_rng(1)), np.random.default_rng(2))
    tables = [complete(codes, np.zeros(60), 5, np.random.default_rng(7)) for _ in range(2)]
    assert (tables[0] == tables[1]).all()


def test_nothing_missing():
    codes = two_waves(30, np.random.default_rng(1))
    assert (complete(codes, np.zeros(30), 3, np.random.default_rng(1)) == codes).all()


def test_what_can_not_be_filled_in_stays_empty():
    rng = np.random.default_rng(3)
    codes = two_waves(40, rng)
    codes[:5, 0] = np.nan
    codes[9:, 1] = np.nan
    codes[:, 2], codes[:3, 3] = np.nan, np.nan
    constant = np.where(np.arange(40) < 4, np.nan, 2.0)[:, None]
    filled = complete(np.hstack([codes, constant]), np.zeros(40), 4, rng)
    assert np.isnan(filled).any(axis=(0, 1)).tolist() == [False, True, True, False, True]


def test_one_item_is_drawn_from_its_own_answers():
    codes = np.array([1.0] * 30 + [4.0] * 30 + [np.nan] * 40)[:, None]
    filled = complete(codes, np.zeros(100), 200, np.random.default_rng(4))
    assert (filled[:, 60:] == 4).mean() == pytest.approx(0.5, abs=0.02)
    # Parameters are drawn too: the share varies more between tables than 40 draws of one share would.
    assert (filled[:, 60:] == 4).mean(axis=1).std() > 1.3 * np.sqrt(0.25 / 40)


def test_groups_differ():
    rng = np.random.default_rng(5)
    groups = np.repeat([0, 1], 200)
    codes = np.where(rng.random(400) < np.where(groups == 1, 0.9, 0.2), 2.0, 1.0)[:, None]
    codes[::4] = np.nan
    filled = complete(codes, groups, 20, rng)[:, ::4, 0] == 2
    assert filled[:, :50].mean() == pytest.approx(0.2, abs=0.08)
    assert filled[:, 50:].mean() == pytest.approx(0.9, abs=0.08)


def test_many_groups_differ_too():
    rng = np.random.default_rng(15)
    groups = np.repeat(np.arange(60), 30)
    codes = np.where(rng.random(1800) < np.where(groups % 2 == 1, 0.9, 0.2), 2.0, 1.0)[:, None]
    codes[::3] = np.nan
    filled = complete(codes, groups, 10, rng)[:, ::3, 0] == 2
    assert filled[:, groups[::3] % 2 == 0].mean() == pytest.approx(0.2, abs=0.06)
    assert filled[:, groups[::3] % 2 == 1].mean() == pytest.approx(0.9, abs=0.06)


def test_many_items_take_the_closest_as_predictors(monkeypatch):
    rng = np.random.default_rng(6)
    codes = without_leavers(two_waves(200, rng, items=20), rng)
    taken = []
    original = chained_equations.fit_ordered
    monkeypatch.setattr(
        chained_equations, "fit_ordered", lambda *given: taken.append(given[1].shape[2]) or original(*given)
    )
    assert not np.isnan(complete(codes, np.zeros(200), 2, rng)).any()
    assert max(taken) == MOST_PREDICTORS
    near = chained_equations._closest(np.array([[1, 1, -1, 0.5]] * 6 + [[-1, -1, 1, 0.5]] * 6), np.array([True] * 4))
    assert near[0] == (1, 2, 3)


def test_chains_run_in_parts_where_they_are_large(monkeypatch):
    monkeypatch.setattr(chained_equations, "_NUMBERS_AT_ONCE", 3000)
    codes = without_leavers(two_waves(60, np.random.default_rng(1)), np.random.default_rng(2))
    assert complete(codes, np.zeros(60), 7, np.random.default_rng(7)).shape == (7, 60, 4)


def test_a_model_that_is_not_fitted_stops(monkeypatch):
    monkeypatch.setattr(chained_equations, "fit_ordered", lambda *_: None)
    codes = without_leavers(two_waves(60, np.random.default_rng(1)), np.random.default_rng(2))
    with pytest.raises(NoConvergenceError):
        complete(codes, np.zeros(60), 5, np.random.default_rng(7))


def test_leavers_bias_the_pairs_and_not_the_imputed_difference():
    """200 small data sets. Monte-Carlo errors: 0.005 of a mean difference; 0.016 of a coverage of 0.95."""
    answers = two_waves(1_000_000, np.random.default_rng(0))
    truth = (answers[:, 2] >= 3).mean() - (answers[:, 0] >= 3).mean()
    imputed, pairs, covered = [], [], []
    for seed in range(200):
        rng = np.random.default_rng(100 + seed)
        codes = without_leavers(two_waves(100, rng), rng)
        filled = complete(codes, np.zeros(100), 5, rng) >= 3
        change = filled[:, :, 2].astype(float) - filled[:, :, 0]
        pooled = pool(change.mean(axis=1).tolist(), (change.var(axis=1, ddof=1) / 100).tolist(), 99)
        low, high = pooled.interval()
        imputed.append(pooled.value)
        covered.append(low <= truth <= high)
        both = codes[~np.isnan(codes[:, [0, 2]]).any(axis=1)]
        pairs.append((both[:, 2] >= 3).mean() - (both[:, 0] >= 3).mean())
    error = np.std(imputed) / np.sqrt(200)
    assert np.mean(imputed) == pytest.approx(truth, abs=3 * error)
    assert np.mean(pairs) < truth - 6 * error
    assert 0.9 <= np.mean(covered) <= 0.99
