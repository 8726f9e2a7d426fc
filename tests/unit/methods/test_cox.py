"""Cox's model: statsmodels, what was put in, its assumption, and likelihoods without a maximum."""

import numpy as np
import pytest
from statsmodels.duration.hazard_regression import PHReg

from pipeline.methods.cox import fit, proportional


def data(n=80, seed=5, ties=10):
    rng = np.random.default_rng(seed)
    x = np.column_stack([rng.random(n) < 0.5, rng.normal(size=n)]).astype(float)
    life = rng.exponential(100 * np.exp(-x @ [0.7, -0.4]))
    days = np.ceil(np.minimum(life, 150) / ties) * ties
    return days, life <= 150, x


def test_agrees_with_statsmodels_under_ties():
    days, ended, x = data()
    found = fit(days, ended, x)
    theirs = PHReg(days, x, status=ended.astype(int), ties="efron").fit(disp=0)
    assert found.coefficients == pytest.approx(theirs.params, rel=1e-4)  # their optimiser stops earlier
    assert np.sqrt(np.diag(found.covariance)) == pytest.approx(theirs.bse, rel=1e-4)
    assert found.log_likelihood > found.null_log_likelihood


def test_ratios_are_recovered():
    days, ended, x = data(4000, seed=6, ties=1)
    found = fit(days, ended, x)
    se = np.sqrt(np.diag(found.covariance))
    assert np.all(np.abs(found.coefficients - [0.7, -0.4]) < 3 * se)
    assert se.max() < 0.06


def test_a_scale_changes_the_unit_only():
    days, ended, x = data()
    small, large = fit(days, ended, x), fit(days, ended, x * [1, 1e6] + [0, 3e6])
    assert large.coefficients == pytest.approx(small.coefficients * [1, 1e-6])


def test_the_assumption_is_rejected_where_a_ratio_turns_round_and_not_where_it_holds():
    rng = np.random.default_rng(8)
    x = (rng.random(600) < 0.5).astype(float)[:, None]
    early = rng.exponential(np.where(x[:, 0] == 1, 100, 300))
    life = np.where(early < 80, early, 80 + rng.exponential(np.where(x[:, 0] == 1, 600, 100)))
    ended = np.ones(600, dtype=bool)
    turned = proportional(life, ended, x, fit(life, ended, x).coefficients, [[0]])[0]
    assert turned.p < 0.001
    days, left, z = data(600, seed=9, ties=1)
    held = proportional(days, left, z, fit(days, left, z).coefficients, [[0], [1], [0, 1]])
    assert [one.degrees for one in held] == [1, 1, 2]
    assert min(one.p for one in held) > 0.01


def test_on_one_day_only_there_is_no_time_for_a_ratio_to_change():
    days, ended = np.array([5.0] * 8), np.array([True] * 5 + [False] * 3)
    x = np.array([0, 1, 0, 1, 1, 0, 1, 0.0])[:, None]
    found = fit(days, ended, x)
    assert proportional(days, ended, x, found.coefficients, [[0]]) == [None]


def test_nobody_of_a_group_left():
    days, ended, _ = data()
    group = np.where(ended, 0.0, np.arange(len(days)) % 2)[:, None]
    assert fit(days, ended, group) is None


def test_all_of_a_group_left_first():
    days = np.arange(1.0, 13)
    assert fit(days, np.ones(12, dtype=bool), (days <= 6).astype(float)[:, None]) is None


def test_nothing_to_fit():
    days, ended, x = data()
    assert fit(days, ended, np.zeros((len(days), 1))) is None
    assert fit(days, ended, x[:, :0]) is None
    assert fit(days, np.zeros(len(days), dtype=bool), x) is None
    assert fit(days, ended, np.column_stack([x[:, 0], 1 - x[:, 0]])) is None
    assert fit(np.array([]), np.array([], dtype=bool), np.zeros((0, 1))) is None


def test_posts_that_were_at_risk_together_are_alike():
    days, ended = np.array([400.0, 1034, 1147, 400, 333]), np.array([True, False, False, True, False])
    assert fit(days, ended, np.array([5, 5, 5, 5, 2.5])[:, None]) is None
