"""The curve, its median, and an average: textbook, statsmodels, and what was put in."""

import numpy as np
import pytest
from statsmodels.duration.survfunc import SurvfuncRight

from pipeline.methods.survival import Curve, against, kaplan_meier, log_log


def spells(times, ended):
    return list(zip([int(t) for t in times], [bool(e) for e in ended], strict=True))


def test_leukaemia_remission_times():
    """The 6-MP arm of Freireich et al. (1963), as tabulated in every survival textbook."""
    times = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    ended = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    published = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}
    for day, survival in published.items():
        assert kaplan_meier(spells(times, ended), day, 0.95)[0] == pytest.approx(survival, abs=5e-4)
    assert kaplan_meier(spells(times, ended), 36, 0.95) is None
    assert kaplan_meier(spells(times, ended), 10, 0.95)[1] == pytest.approx((0.503, 0.889), abs=1e-3)
    assert Curve.of(spells(times, ended)).median(0.95).value == 23


def test_agrees_with_statsmodels():
    rng = np.random.default_rng(12)
    times, ended = rng.integers(1, 400, 60), rng.random(60) < 0.6
    theirs = SurvfuncRight(times, ended)
    for day in (30, 182, 300):
        survival, (low, high) = kaplan_meier(spells(times, ended), day, 0.95)
        place = np.searchsorted(theirs.surv_times, day, side="right") - 1
        expected, se = theirs.surv_prob[place], theirs.surv_prob_se[place]
        assert survival == pytest.approx(expected)
        reach = np.exp(1.959964 * se / (expected * abs(np.log(expected))))
        assert (low, high) == pytest.approx((expected**reach, expected ** (1 / reach)), abs=1e-6)


def test_retention_is_recovered_under_censoring():
    rng = np.random.default_rng(13)
    life, censored = rng.exponential(500, 4000), rng.uniform(100, 900, 4000)
    observed = spells(np.minimum(life, censored), life <= censored)
    survival, (low, high) = kaplan_meier(observed, 365, 0.95)
    assert survival == pytest.approx(np.exp(-365 / 500), abs=0.02)
    assert low < np.exp(-365 / 500) < high
    half = Curve.of(observed).median(0.95)
    assert half.low < 500 * np.log(2) < half.high
    assert half.value == pytest.approx(500 * np.log(2), rel=0.05)  # about two standard errors


def test_who_is_censored_on_a_day_is_at_risk_on_it():
    assert kaplan_meier(spells([10, 10], [1, 0]), 10, 0.95)[0] == 0.5


def test_a_curve_at_a_half_for_a_while_has_its_median_in_the_middle():
    assert Curve.of(spells([1, 2, 3, 4], [1, 1, 1, 1])).median(0.95).value == 2.5
    assert Curve.of(spells([1, 2, 3, 4], [1, 1, 0, 0])).median(0.95).value == 3


def test_no_median_where_most_stay_and_none_without_posts():
    assert Curve.of(spells([5, 9, 9], [1, 0, 0])).median(0.95).value is None
    assert Curve.of([]).median(0.95).value is None
    assert Curve.of([]).at(1) is None
    assert kaplan_meier([], 0, 0.95) is None


def test_beyond_the_longest_time_only_an_empty_post_is_known():
    assert Curve.of(spells([5, 9], [1, 1])).at(400) == (0.0, pytest.approx(0.5))
    assert Curve.of(spells([5, 9], [1, 0])).at(10) is None


def test_an_interval_needs_a_share_between_0_and_1():
    with pytest.raises(ValueError, match="no interval"):
        log_log(1.0, 0.0, 0.95)


def test_p_and_interval_of_an_exact_average_say_the_same():
    curve = Curve.of(spells([20, 40, 60, 80, 100, 120, 140, 160], [1, 0, 1, 1, 0, 1, 0, 0]))
    at = curve.at(90)
    low, high = log_log(*at, 0.95)
    edge = against(*at, low, None, 0.95)
    assert edge.p == pytest.approx(0.05)
    assert edge.low == pytest.approx(0)
    assert against(*at, (low + high) / 2, None, 0.95).p > 0.05


def test_an_uncertain_average_widens_the_interval_and_raises_p():
    exact, uncertain, sure = (against(0.5, 0.02, 0.8, n, 0.95) for n in (None, 40, 10**7))
    assert uncertain.low < exact.low
    assert uncertain.high > exact.high
    assert uncertain.p > exact.p
    assert (sure.low, sure.high, sure.p) == pytest.approx((exact.low, exact.high, exact.p), rel=1e-3)
