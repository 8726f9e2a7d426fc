"""Random-effects synthesis: published meta-analysis, other libraries, coverage, and one to three effects."""

import numpy as np
import pytest
from scipy.stats import chi2, t
from statsmodels.stats.meta_analysis import combine_effects

from pipeline.methods.heterogeneity import ESTIMATORS, between
from pipeline.methods.random_effects import (
    expit,
    knapp_hartung,
    logit_share,
    pool,
    prediction_interval,
    t_interval,
)


def common_effect(effects, variances):
    weights = 1 / np.array(variances)
    return np.average(effects, weights=weights), 1 / np.sqrt(weights.sum())


# Events and persons, vaccinated and control, of the 13 trials of BCG vaccine (Colditz et al. 1994).
BCG = np.array(
    [
        (4, 123, 11, 139), (6, 306, 29, 303), (3, 231, 11, 220), (62, 13598, 248, 12867), (33, 5069, 47, 5808),
        (180, 1541, 372, 1451), (8, 2545, 10, 629), (505, 88391, 499, 88391), (29, 7499, 45, 7277),
        (17, 1716, 65, 1665), (186, 50634, 141, 27338), (5, 2498, 3, 2341), (27, 16913, 29, 17854),
    ]
)  # fmt: skip


def log_risk_ratios():
    a, n1, c, n2 = BCG.T
    return np.log(a / n1 / (c / n2)).tolist(), (1 / a - 1 / n1 + 1 / c - 1 / n2).tolist()


def test_bcg_trials_by_dersimonian_and_laird():
    effects, variances = log_risk_ratios()
    found = pool(effects, variances, 0.95, "dersimonian-laird")
    assert found.tau2 == pytest.approx(0.3088, abs=5e-5)
    assert found.effect == pytest.approx(-0.7141, abs=5e-5)
    assert 100 * found.i2 == pytest.approx(92.12, abs=5e-3)
    z = 1.959964 / np.sqrt((1 / (np.array(variances) + found.tau2)).sum())
    assert (found.effect - z, found.effect + z) == pytest.approx((-1.0644, -0.3638), abs=5e-5)


def test_bcg_trials_by_paule_and_mandel():
    effects, variances = log_risk_ratios()
    found = pool(effects, variances)
    theirs = combine_effects(np.array(effects), np.array(variances), method_re="pm", use_t=True)
    assert found.tau2 == pytest.approx(theirs.tau2, rel=1e-5)
    assert found.effect == pytest.approx(theirs.mean_effect_re)
    assert (found.low, found.high) == pytest.approx(theirs.conf_int()[3], rel=1e-5)
    assert (found.q, found.p) == pytest.approx((theirs.q, chi2.sf(theirs.q, 12)))


def test_alike_services_have_no_heterogeneity():
    found = pool([0.5, 0.6, 0.55, 0.5], [0.1, 0.2, 0.1, 0.3])
    assert (found.tau2, found.i2) == (0, 0)
    assert (found.effect, found.se) == pytest.approx(common_effect([0.5, 0.6, 0.55, 0.5], [0.1, 0.2, 0.1, 0.3]))
    assert (found.tau2_low, found.i2_high) == (None, None)


def test_the_factor_is_never_below_1_unless_asked():
    same = ([0.5] * 4, [0.1, 0.2, 0.1, 0.3])
    assert knapp_hartung(*same, 0.0)[1] == pytest.approx(common_effect(*same)[1])
    assert knapp_hartung(*same, 0.0, truncated=False)[1] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_pooling_recovers_what_a_simulation_put_in(estimator):
    rng = np.random.default_rng(14)
    variances = rng.uniform(0.02, 0.08, 400)
    effects = rng.normal(0.4, np.sqrt(0.3 + variances))
    found = pool(effects, variances, 0.95, estimator)
    assert found.tau2 == pytest.approx(0.3, rel=0.15)
    assert found.tau2_low < 0.3 < found.tau2_high
    assert found.low < 0.4 < found.high


def test_intervals_of_few_services_hold_their_level():
    """Five unequal services, 1,500 runs: at least 95%, less two standard errors; z in place of t would not."""
    rng = np.random.default_rng(15)
    inside, with_z = 0, 0
    for _ in range(1500):
        variances = rng.uniform(0.03, 0.3, 5)
        effects = rng.normal(0.2, np.sqrt(0.25 + variances))
        found = pool(effects, variances)
        z = 1.96 / np.sqrt((1 / (variances + between(effects, variances, "paule-mandel"))).sum())
        inside += found.low <= 0.2 <= found.high
        with_z += abs(found.effect - 0.2) <= z
    assert inside / 1500 > 0.94
    assert with_z / 1500 < 0.92


def test_prediction_intervals_cover_a_new_service():
    rng = np.random.default_rng(15)
    inside = []
    for _ in range(600):
        variances = rng.uniform(0.03, 0.1, 30)
        found = pool(rng.normal(0.2, np.sqrt(0.25 + variances)), variances)
        inside.append(found.predicted_low <= rng.normal(0.2, 0.5) <= found.predicted_high)
    assert np.mean(inside) == pytest.approx(0.95, abs=0.03)


def test_prediction_takes_k_less_2():
    found = pool([0.1, 0.9, -0.5, 0.4], [0.05, 0.04, 0.06, 0.05])
    reach = t.ppf(0.975, 2) * np.sqrt(found.tau2 + found.se**2)
    assert found.predicted_high == pytest.approx(found.effect + reach)
    narrower = prediction_interval(found.effect, found.se, found.tau2, 3)
    assert narrower[1] < found.predicted_high


def test_one_and_two_effects_have_what_they_can_have():
    one, two = pool([0.3], [0.04]), pool([0.3, 0.9], [0.04, 0.05])
    assert (one.effect, one.se, one.tau2) == pytest.approx((0.3, 0.2, 0))
    assert np.isnan([one.low, one.high, one.predicted_low, one.p]).all()
    assert two.low < two.effect < two.high
    assert np.isnan([two.predicted_low, two.predicted_high]).all()
    assert np.isnan(t_interval(1, 1, 0, 0.95)).all()


def test_an_estimate_outside_its_interval_has_none():
    """The moment estimate can lie outside the profile of Q, where one precise effect stands apart."""
    rng = np.random.default_rng(2)
    outside = 0
    for _ in range(400):
        variances = rng.uniform(0.001, 1, 4) ** 3
        found = pool(rng.normal(0, np.sqrt(variances)) + rng.normal(0, 3, 4), variances, 0.5, "dersimonian-laird")
        outside += found.tau2_low is None
        assert found.tau2_low is None or found.tau2_low <= found.tau2 <= found.tau2_high
        assert found.i2_low is None or found.i2_low <= found.i2 <= found.i2_high
    assert outside > 0


def test_half_is_added_only_where_a_count_is_zero():
    assert logit_share(3, 10) == pytest.approx((np.log(3 / 7), 1 / 3 + 1 / 7))
    assert logit_share(0, 10) == pytest.approx((np.log(0.5 / 10.5), 1 / 0.5 + 1 / 10.5))
    assert logit_share(10, 10)[0] == -logit_share(0, 10)[0]


def test_expit_undoes_the_logit_at_both_ends():
    assert [expit(np.log(3 / 7)), expit(-800), expit(800)] == pytest.approx([0.3, 0, 1])
