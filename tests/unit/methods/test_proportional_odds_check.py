import numpy as np
import pytest

from pipeline.methods.proportional_odds import SEPARATED, Fit, Unfit
from pipeline.methods.proportional_odds_check import (
    TWO_ANSWERS,
    Check,
    against_saturated,
    at_cut,
    likelihood_ratio,
    wald,
)


def draw(rng, n, effect=(0.5, 0.5, 0.5)):
    """Answers 0 to 3; the effect of the wave at each cut."""
    wave = rng.integers(0, 2, n)
    reached = 1 / (1 + np.exp(-(np.array([1.2, 0.0, -1.2]) + np.outer(wave, effect))))
    return (rng.random(n)[:, None] < reached).sum(axis=1), wave


def test_odds_that_are_not_proportional_are_found():
    codes, wave = draw(np.random.default_rng(1), 3000, (-0.6, 0.2, 0.9))
    for found in (likelihood_ratio(codes, wave), wald(codes, wave, np.arange(3000)), against_saturated(codes, wave)):
        assert isinstance(found, Check)
        assert found.degrees == 2
        assert found.p < 1e-6
    cuts = [at_cut(codes, cut, wave).coefficients[0] for cut in (1, 2, 3)]
    assert cuts == pytest.approx([-0.6, 0.2, 0.9], abs=0.35)


def test_proportional_odds_are_called_so_as_often_as_they_should_be():
    rng = np.random.default_rng(2)
    drawn = [draw(rng, 300) for _ in range(150)]
    for test in (likelihood_ratio, lambda codes, wave: wald(codes, wave, np.arange(300))):
        p = np.array([test(*one).p for one in drawn])
        # Uniform p: mean 0.5 (SE 0.024), 5% below 0.05 (SE 1.8%).
        assert 0.42 < p.mean() < 0.58
        assert (p < 0.05).mean() < 0.11


def test_with_one_predictor_the_partial_model_is_the_saturated_one():
    codes, wave = draw(np.random.default_rng(3), 200)
    one, other = likelihood_ratio(codes, wave), against_saturated(codes, wave)
    assert isinstance(one, Check)
    assert isinstance(other, Check)
    assert one.statistic == pytest.approx(other.statistic, abs=1e-8)


def test_groups_with_one_end_only_do_not_change_the_test():
    codes, wave = draw(np.random.default_rng(4), 200)
    group = np.random.default_rng(5).integers(0, 3, 200)
    more = [np.r_[one, extra] for one, extra in ((codes, [3] * 4), (wave, [0, 1, 0, 1]), (group, [3] * 4))]
    one, other = likelihood_ratio(codes, wave, group), likelihood_ratio(*more)
    assert isinstance(one, Check)
    assert isinstance(other, Check)
    assert one.statistic == pytest.approx(other.statistic, abs=1e-9)


def test_two_answers_have_nothing_to_test():
    codes, wave = np.array([0, 1, 1, 0, 1, 0, 0, 1]), np.tile([0, 1], 4)
    assert likelihood_ratio(codes, wave) == Unfit(TWO_ANSWERS)
    assert wald(codes, wave, np.arange(8)) == Unfit(TWO_ANSWERS)
    assert against_saturated(codes, wave) == Unfit(TWO_ANSWERS)


def test_a_cut_that_separates_gives_a_reason_and_no_number():
    codes, wave = np.array([0, 1, 1, 2, 0, 1, 1, 1, 0, 1]), np.repeat([0, 1], 5)
    assert at_cut(codes, 2, wave) == Unfit(SEPARATED)
    assert likelihood_ratio(codes, wave) == Unfit(SEPARATED)
    assert wald(codes, wave, np.arange(10)) == Unfit(SEPARATED)
    assert isinstance(at_cut(codes, 1, wave), Fit)


def test_few_clusters_give_no_wald_test():
    codes, wave = draw(np.random.default_rng(6), 80)
    assert isinstance(wald(codes, wave, np.zeros(80)), Unfit)
    assert isinstance(wald(codes, wave, np.arange(80) % 2), Unfit)
