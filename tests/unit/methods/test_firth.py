"""The penalised logistic model: closed forms, separation, what was put in, and its intervals."""

import numpy as np
import pytest

from pipeline.methods.firth import Firth


def two_groups(a, b, c, d):
    """``a`` of ``a + b`` without, and ``c`` of ``c + d`` with the predictor have stayed."""
    x = np.repeat([0.0, 0.0, 1.0, 1.0], [a, b, c, d])[:, None]
    return x, np.repeat([1, 0, 1, 0], [a, b, c, d])


@pytest.mark.parametrize("table", [(7, 3, 9, 5), (0, 6, 5, 0), (1, 1, 8, 2)])
def test_one_group_against_another_is_the_odds_ratio_with_half_added_to_each_count(table):
    """In a saturated model Firth's penalty is Haldane's (1956) and Anscombe's (1956) correction."""
    a, b, c, d = (count + 0.5 for count in table)
    found = Firth(*two_groups(*table)).fit()
    assert found.coefficients == pytest.approx([np.log(a / b), np.log(c / d * b / a)])
    # The information is at the fitted shares, with the posts as they are.
    n, m = table[0] + table[1], table[2] + table[3]
    shares = a / (a + b), c / (c + d)
    variance = 1 / (n * shares[0] * (1 - shares[0])) + 1 / (m * shares[1] * (1 - shares[1]))
    assert found.covariance[1, 1] == pytest.approx(variance)


def test_under_perfect_separation_estimate_and_interval_are_finite():
    model = Firth(*two_groups(0, 6, 5, 0))
    profile = model.profile(0, 0.95)
    assert 0 < profile.low < model.fit().coefficients[1] < profile.high < 20
    assert profile.p < 0.01


def test_p_is_5_percent_where_the_interval_ends_at_nothing():
    x, y = two_groups(8, 6, 11, 5)
    level = 1 - Firth(x, y).profile(0, 0.95).p
    assert Firth(x, y).profile(0, level).low == pytest.approx(0, abs=1e-6)


def test_coefficients_are_recovered():
    rng = np.random.default_rng(4)
    x = np.column_stack([rng.random(3000) < 0.4, rng.normal(50, 10, 3000)]).astype(float)
    y = rng.random(3000) < 1 / (1 + np.exp(-(-2.5 + x @ [0.8, 0.04])))
    model = Firth(x, y.astype(float))
    found = model.fit()
    se = np.sqrt(np.diag(found.covariance))
    assert np.all(np.abs(found.coefficients - [-2.5, 0.8, 0.04]) < 3 * se)
    profile = model.profile(1, 0.95)  # many rows: as good as Wald's
    assert (profile.low, profile.high) == pytest.approx(
        tuple(found.coefficients[2] + np.array([-1.96, 1.96]) * se[2]), rel=0.02
    )


def test_a_predictor_that_follows_from_another_gives_no_estimate():
    x, y = two_groups(3, 3, 4, 2)
    assert Firth(np.column_stack([x, 1 - x]), y).fit() is None
    with pytest.raises(ValueError, match="without variation"):
        Firth(np.ones((4, 1)), np.array([0, 1, 0, 1]))
