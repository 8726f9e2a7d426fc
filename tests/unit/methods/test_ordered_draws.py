"""Proportional-odds fits for draws: derivatives, another library's estimates, separation, what is drawn."""

import numpy as np
import pytest
from scipy.special import expit
from statsmodels.miscmodels.ordinal_model import OrderedModel

from pipeline.methods import ordered_draws
from pipeline.methods.ordered_draws import draw_codes, draw_parameters, fit_ordered

CUT, SLOPES = np.array([-2.0, -0.5, 1.0]), np.array([1.0, -0.6])


def data(n=400, sets=2, seed=5):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((sets, n, 2))
    codes = (x[0] @ SLOPES + rng.logistic(size=n))[:, None] > CUT
    return codes.sum(axis=1), x


def test_estimates_of_another_library():
    codes, x = data()
    fit = fit_ordered(codes, x, np.full(2, 1e-9))
    theirs = OrderedModel(codes, x[0], distr="logit").fit(method="newton", disp=0)
    cut = theirs.model.transform_threshold_params(theirs.params[2:])[1:-1]
    assert fit.parameters[0] == pytest.approx([*cut, *theirs.params[:2]], abs=1e-3)
    errors = np.sqrt(np.diag(np.linalg.inv(fit.information[0])))
    assert errors[3:] == pytest.approx(theirs.bse[:2], rel=1e-3)


def test_each_data_set_has_its_own_fit():
    codes, x = data()
    both, second = fit_ordered(codes, x, np.full(2, 0.25)), fit_ordered(codes, x[1:], np.full(2, 0.25))
    assert both.parameters[1] == pytest.approx(second.parameters[0], abs=1e-5)
    assert both.parameters[1, 3:] == pytest.approx([0, 0], abs=0.3)


@pytest.mark.parametrize("top", [1, 2, 4])
def test_derivatives_are_those_of_the_log_posterior(top):
    rng = np.random.default_rng(top)
    codes = np.concatenate([np.arange(top + 1), rng.integers(0, top + 1, 30)])
    x = rng.standard_normal((1, len(codes), 2))
    model = ordered_draws._Model(codes, x, np.array([0.5, 2.0]))
    at = model.start() + 0.1 * np.arange(top + 2)
    gradient, information = model.slopes(at)
    for place in range(top + 2):
        step = 1e-5 * np.eye(top + 2)[place]
        assert (model.value(at + step) - model.value(at - step)) / 2e-5 == pytest.approx(gradient[:, place], abs=1e-5)
        change = (model.slopes(at - step)[0] - model.slopes(at + step)[0]) / 2e-5
        assert change[0] == pytest.approx(information[0, place], abs=1e-5)


def test_perfect_separation_is_held_back_by_the_prior():
    codes = np.repeat([0, 1], 20)
    x = np.concatenate([-np.ones(20), np.ones(20)]).reshape(1, 40, 1)
    fit = fit_ordered(codes, x, np.array([0.25]))
    assert 2 < fit.parameters[0, 1] < 10


def test_a_fit_that_does_not_arrive_is_none(monkeypatch):
    monkeypatch.setattr(ordered_draws, "_ITERATIONS", 1)
    codes, x = data()
    assert fit_ordered(codes, x, np.full(2, 0.25)) is None


def test_drawn_parameters_have_the_spread_of_the_posterior():
    codes, x = data(sets=1)
    fit = fit_ordered(codes, np.tile(x, (3000, 1, 1)), np.full(2, 0.25))
    drawn = draw_parameters(fit, np.random.default_rng(1))
    assert drawn.mean(axis=0) == pytest.approx(fit.parameters[0], abs=0.02)
    assert np.cov(drawn, rowvar=False) == pytest.approx(np.linalg.inv(fit.information[0]), abs=0.003)


def test_drawn_answers_have_the_probabilities_of_the_model():
    x = np.tile([[0.5, -1.0]], (1, 40_000, 1))
    codes = draw_codes(np.array([[*CUT, *SLOPES]]), x, np.random.default_rng(2))
    below = expit(CUT - np.array([0.5, -1.0]) @ SLOPES)
    shares = np.bincount(codes[0], minlength=4) / 40_000
    assert shares == pytest.approx(np.diff([0, *below, 1]), abs=0.01)


def test_thresholds_that_cross_are_put_in_order():
    x = np.zeros((1, 20_000, 1))
    codes = draw_codes(np.array([[1.0, -1.0, 0.0]]), x, np.random.default_rng(3))
    assert np.bincount(codes[0]) / 20_000 == pytest.approx(np.diff([0, expit(-1), expit(1), 1]), abs=0.015)
