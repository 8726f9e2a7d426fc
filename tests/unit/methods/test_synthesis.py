"""Pooling over services: published meta-analysis, other libraries, coverage, and too few services."""

import numpy as np
import pytest
from scipy.stats import binom, chi2
from statsmodels.stats.meta_analysis import combine_effects

from pipeline.methods import synthesis
from pipeline.methods.disclosure import gate
from schemas.analyses import Pooling
from schemas.study import Disclosure
from tests.unit.methods.result_checks import CONTEXT, answers, check, instrument, one, pick, surveys

POOLING = Pooling(instrument="scale", category="high", wave="w1")

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


def services(**counts):
    """Surveys with (events, n) per service."""
    rows = []
    for service, (events, n) in counts.items():
        rows += answers({"hope": [4] * events + [1] * (n - events)}, service=service, start=len(rows))
    return surveys(rows)


def test_bcg_trials_by_dersimonian_and_laird():
    effects, variances = log_risk_ratios()
    tau2 = synthesis.dersimonian_laird(effects, variances)
    weights = 1 / (np.array(variances) + tau2)
    assert tau2 == pytest.approx(0.3088, abs=5e-5)
    assert weights @ effects / weights.sum() == pytest.approx(-0.7141, abs=5e-5)
    assert 100 * synthesis.pool(effects, variances).i2 == pytest.approx(92.12, abs=5e-3)


def test_bcg_trials_by_paule_and_mandel():
    effects, variances = log_risk_ratios()
    found = synthesis.pool(effects, variances)
    theirs = combine_effects(np.array(effects), np.array(variances), method_re="pm", use_t=True)
    assert found.tau2 == pytest.approx(theirs.tau2, rel=1e-5)
    assert found.effect == pytest.approx(theirs.mean_effect_re)
    assert (found.low, found.high) == pytest.approx(theirs.conf_int()[3], rel=1e-5)
    assert (found.q, found.p) == pytest.approx((theirs.q, chi2.sf(theirs.q, 12)))


def test_alike_services_have_no_heterogeneity():
    found = synthesis.pool([0.5, 0.6, 0.55, 0.5], [0.1, 0.2, 0.1, 0.3])
    assert (found.tau2, found.i2) == (0, 0)
    theirs = combine_effects(np.array([0.5, 0.6, 0.55, 0.5]), np.array([0.1, 0.2, 0.1, 0.3]))
    assert found.se == pytest.approx(theirs.sd_eff_w_fe)


def test_pooling_recovers_what_a_simulation_put_in():
    rng = np.random.default_rng(14)
    variances = np.full(400, 0.05)
    effects = rng.normal(0.4, np.sqrt(0.3 + variances))
    found = synthesis.pool(effects.tolist(), variances.tolist())
    assert found.tau2 == pytest.approx(0.3, rel=0.15)
    assert found.low < 0.4 < found.high


def test_prediction_intervals_cover_a_new_service():
    rng = np.random.default_rng(15)
    inside = []
    for _ in range(600):
        variances = rng.uniform(0.03, 0.1, 30)
        effects = rng.normal(0.2, np.sqrt(0.25 + variances))
        found = synthesis.pool(effects.tolist(), variances.tolist())
        inside.append(found.predicted_low <= rng.normal(0.2, 0.5) <= found.predicted_high)
    assert np.mean(inside) == pytest.approx(0.95, abs=0.03)


def test_half_is_added_only_where_a_count_is_zero():
    assert synthesis.logit_share(3, 10) == pytest.approx((np.log(3 / 7), 1 / 3 + 1 / 7))
    assert synthesis.logit_share(0, 10) == pytest.approx((np.log(0.5 / 10.5), 1 / 0.5 + 1 / 10.5))
    assert synthesis.logit_share(10, 10)[0] == -synthesis.logit_share(0, 10)[0]


def test_shares_are_pooled_on_the_logit_scale():
    counts = {"east": (12, 30), "west": (25, 40), "north": (5, 22), "south": (0, 9)}
    results = check(synthesis.compare(services(**counts), instrument(["hope"]), POOLING, CONTEXT))
    pairs = [synthesis.logit_share(*pair) for pair in counts.values()]
    theirs = combine_effects(*map(np.array, zip(*pairs, strict=True)), method_re="pm", use_t=True)
    row = one(results, statistic="pooled_share")
    low, high = theirs.conf_int()[3]
    expected = 1 / (1 + np.exp(-np.array([theirs.mean_effect_re, low, high])))
    assert [row.value, row.low, row.high] == pytest.approx(expected, rel=1e-4)
    assert (row.n, row.events, row.denominator) == (101, 42, "answered")
    ahead = one(results, statistic="prediction_interval")
    assert np.isnan(ahead.value)
    assert ahead.low < row.low < row.high < ahead.high


@pytest.mark.parametrize(("share", "n"), [(0.6, 36), (0.6, 3), (0.02, 50), (0.99, 7)])
def test_funnel_limits_bracket_the_binomial(share, n):
    for level in (0.95, 0.998):
        low, high = synthesis.funnel_limits(share, n, level)
        assert 0 <= low < high <= 1
        assert binom.cdf(np.ceil(low * n) - 1, n, share) <= (1 - level) / 2 + 1e-12
        assert binom.cdf(np.ceil(high * n), n, share) >= (1 + level) / 2 - 1e-12


def test_funnel_limits_by_hand():
    """n = 2, p = 0.5: cumulative 1/4, 3/4, 1; the point 0.975 lies 0.9 of the way from 1 to 2."""
    assert synthesis.funnel_limits(0.5, 2, 0.95)[1] == pytest.approx((2 - (1 - 0.975) / 0.25) / 2)


def test_funnel_limits_stand_around_the_overall_share():
    counts = {"east": (12, 30), "west": (25, 40), "north": (5, 22)}
    results = synthesis.compare(services(**counts), instrument(["hope"]), POOLING, CONTEXT)
    row = one(results, statistic="funnel_limits", service="west", at="0.998")
    assert (row.low, row.high) == pytest.approx(synthesis.funnel_limits(42 / 92, 40, 0.998))
    assert (row.reference, row.n, row.level) == ("all", 40, 0.998)


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        ({}, "no rows"),
        ({"unknown": (3, 9)}, "no rows"),
        ({"east": (3, 9), "west": (4, 9)}, "too few rows"),
        ({"east": (0, 9), "west": (0, 9), "north": (0, 4)}, "no variation"),
        ({"east": (9, 9), "west": (9, 9), "north": (4, 4)}, "no variation"),
    ],
)
def test_what_cannot_be_pooled_has_reasons(counts, reason):
    results = check(synthesis.compare(services(**counts), instrument(["hope"]), POOLING, CONTEXT))
    assert len(pick(results, service="all")) == 5
    assert set(results.estimates["reason"]) == {reason}
    assert results.estimates[["value", "low", "high"]].isna().all(axis=None)


def test_a_service_that_did_not_answer_an_item_is_left_out():
    rows = []
    for place, service in enumerate(("east", "west", "north", "south")):
        hope = [4, 1, 4, 1] if service != "south" else [None] * 4
        rows += answers({"hope": hope, "choice": [4, 1, 1, 1]}, service=service, start=9 * place)
    results = check(synthesis.compare(surveys(rows), instrument(), POOLING, CONTEXT))
    assert one(results, statistic="heterogeneity_q", item="hope").n == 3
    assert set(pick(results, statistic="funnel_limits", item="hope", service="south")["reason"]) == {"no rows"}


def test_only_the_named_items_are_pooled():
    frame = services(east=(1, 4), west=(2, 4), north=(3, 4))
    pooling = Pooling(instrument="scale", category="o4", wave="w1", items=("hope",))
    assert set(synthesis.compare(frame, instrument(), pooling, CONTEXT).estimates["item"]) == {"hope"}


def test_an_unknown_category_is_refused():
    with pytest.raises(ValueError, match="not a category"):
        synthesis.compare(services(), instrument(), POOLING.model_copy(update={"category": "purple"}), CONTEXT)


def gated_limits(**counts):
    """Services with funnel limits that pass the gate, and the services with a count of theirs withheld."""
    results = check(synthesis.compare(services(**counts), instrument(["hope"]), POOLING, CONTEXT))
    gated = gate(results, Disclosure(minimum_cell=5))
    limits = gated.estimates[gated.estimates["statistic"].eq("funnel_limits")]
    own = results.cells[results.cells["category"].isin(["high", "answered"])]
    hidden = own.loc[own["cell_id"].isin(gated.decisions["cell_id"]), "service"]
    return set(limits.loc[~limits["suppressed"], "service"]), set(hidden)


def test_limits_of_a_service_are_not_withheld_because_of_another_ones_small_count():
    sizes = {"east": (30, 60), "west": (35, 61), "north": (40, 70), "small": (2, 44)}
    shown, hidden = gated_limits(**sizes)
    assert "small" in hidden
    assert "all" not in hidden
    assert shown == set(sizes) - hidden
    assert len(shown) >= 2


def test_limits_are_withheld_where_they_would_give_away_how_few_have_no_service():
    sizes = {"east": (30, 60), "west": (35, 61), "north": (40, 70)}
    assert gated_limits(**sizes)[0] == set(sizes)
    shown, hidden = gated_limits(**sizes, unknown=(1, 3))
    assert "unknown" in hidden
    assert shown == set()
    assert gated_limits(**sizes, unknown=(30, 50))[0] == set(sizes)


def test_limits_rest_on_few_counts_however_many_services_there_are():
    sizes = {f"s{place:03d}": (20 + place % 7, 40 + place % 3) for place in range(60)}
    results = synthesis.compare(services(**sizes), instrument(["hope"]), POOLING, CONTEXT)
    limits = results.links[results.links["estimate_id"].str.contains("funnel_limits")]
    assert set(limits.groupby("estimate_id").size()) == {4}
    row = one(results, statistic="funnel_limits", service="s007", at="0.95")
    overall = sum(yes for yes, _ in sizes.values()) / sum(n for _, n in sizes.values())
    assert (row.low, row.high) == pytest.approx(synthesis.funnel_limits(overall, 41, 0.95))
