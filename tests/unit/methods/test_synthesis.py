"""Pooling over services: on the logit scale, without each service, funnel limits, and too few services."""

import numpy as np
import pytest
from scipy.stats import binom
from statsmodels.stats.meta_analysis import combine_effects

from pipeline.methods import synthesis
from pipeline.methods.disclosure import gate
from pipeline.methods.heterogeneity import ESTIMATORS
from pipeline.methods.random_effects import expit, logit_share, pool
from schemas.analyses import Pooling
from schemas.study import Disclosure
from tests.unit.methods.result_checks import CONTEXT, answers, check, instrument, one, pick, surveys

POOLING = Pooling(instrument="scale", category="high", wave="w1")


def services(**counts):
    """Surveys with (events, n) per service."""
    rows = []
    for service, (events, n) in counts.items():
        rows += answers({"hope": [4] * events + [1] * (n - events)}, service=service, start=len(rows))
    return surveys(rows)


def test_shares_are_pooled_on_the_logit_scale():
    counts = {"east": (12, 30), "west": (25, 40), "north": (5, 22), "south": (0, 9)}
    results = check(synthesis.compare(services(**counts), instrument(["hope"]), POOLING, CONTEXT))
    pairs = [logit_share(*pair) for pair in counts.values()]
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
    row = one(results, statistic="heterogeneity_q", item="hope")
    assert (row.n, row.method) == (12, "logit shares of 3 services, Cochran (1954)")
    assert set(pick(results, statistic="funnel_limits", item="hope", service="south")["reason"]) == {"no rows"}


FIVE = {"east": (12, 30), "west": (25, 40), "north": (5, 22), "south": (0, 9), "mid": (30, 33)}


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_the_study_file_chooses_the_estimator(estimator):
    pooling = POOLING.model_copy(update={"variance": estimator})
    results = check(synthesis.compare(services(**FIVE), instrument(["hope"]), pooling, CONTEXT))
    found = pool(*zip(*(logit_share(*pair) for pair in FIVE.values()), strict=True), 0.95, estimator)
    row, tau2 = one(results, statistic="pooled_share"), one(results, statistic="heterogeneity_tau2")
    assert (row.value, row.low, row.high) == pytest.approx([expit(x) for x in (found.effect, found.low, found.high)])
    assert (tau2.value, tau2.low, tau2.high) == pytest.approx((found.tau2, found.tau2_low, found.tau2_high))
    assert ESTIMATORS[estimator] in row.method
    square = one(results, statistic="heterogeneity_i2")
    assert 0 <= square.low < square.value < square.high < 1


def test_no_convergence_no_number(monkeypatch):
    monkeypatch.setattr("pipeline.methods.heterogeneity._TURNS", 1)
    pooling = POOLING.model_copy(update={"variance": "reml", "leave_one_out": True})
    results = check(synthesis.compare(services(**FIVE), instrument(["hope"]), pooling, CONTEXT))
    rows = pick(results, service="all")
    assert set(rows["reason"]) == {"no convergence"}
    assert rows[["value", "low", "high"]].isna().all(axis=None)


def test_alike_services_have_a_variance_without_interval():
    counts = {"east": (10, 20), "west": (20, 40), "north": (30, 60)}
    results = check(synthesis.compare(services(**counts), instrument(["hope"]), POOLING, CONTEXT))
    for statistic in ("heterogeneity_tau2", "heterogeneity_i2"):
        row = one(results, statistic=statistic)
        assert (row.value, row.reason) == (0, synthesis.NO_PROFILE)
        assert np.isnan(row.low)


def left_out(**counts):
    pooling = POOLING.model_copy(update={"leave_one_out": True})
    return check(synthesis.compare(services(**counts), instrument(["hope"]), pooling, CONTEXT))


def test_each_service_is_left_out_once():
    results = left_out(**FIVE)
    rows = pick(results, contrast="leave-one-out")
    assert set(rows["term"]) == set(FIVE)
    for service in FIVE:
        rest = {name: pair for name, pair in FIVE.items() if name != service}
        found = pool(*zip(*(logit_share(*pair) for pair in rest.values()), strict=True))
        row = one(results, contrast="leave-one-out", term=service)
        assert (row.value, row.low, row.high) == pytest.approx(
            [expit(x) for x in (found.effect, found.low, found.high)]
        )
        assert (row.events, row.n) == tuple(map(sum, zip(*rest.values(), strict=True)))
        linked = results.links.loc[results.links["estimate_id"] == row.estimate_id, "cell_id"]
        assert {cell.split("/")[1] for cell in linked} == set(rest)
        assert len(linked) == 2 * len(rest)


def test_two_services_are_too_few_once_the_third_is_left_out():
    rows = pick(left_out(east=(3, 9), west=(4, 9), north=(5, 9)), contrast="leave-one-out")
    assert len(rows) == 3
    assert set(rows["reason"]) == {"too few rows"}


def test_many_services_are_not_left_out_one_by_one():
    sizes = {f"s{place:03d}": (20 + place % 7, 40) for place in range(synthesis.MOST_LEFT_OUT + 1)}
    row = one(left_out(**sizes), contrast="leave-one-out")
    assert (row.reason, row.term) == ("too many services", "")


def test_what_a_service_left_out_would_give_away_is_withheld():
    """The small service can't be had as the total less what is pooled without it."""
    results = left_out(east=(30, 60), west=(35, 61), north=(40, 70), south=(20, 45), small=(2, 44))
    gated = gate(results, Disclosure(minimum_cell=5))
    hidden = set(gated.decisions["cell_id"])
    shown = gated.estimates[gated.estimates["contrast"].eq("leave-one-out") & ~gated.estimates["suppressed"]]
    used = results.links[results.links["estimate_id"].isin(shown["estimate_id"])]
    assert hidden
    assert not set(used["cell_id"]) & hidden
    assert len(shown) <= 1


def test_heterogeneity_of_four_services_is_not_a_small_number_of_persons():
    counts = {"east": (12, 30), "west": (25, 40), "north": (7, 22), "south": (30, 52)}
    gated = gate(left_out(**counts), Disclosure(minimum_cell=5)).estimates
    assert not gated.loc[gated["service"] == "all", "suppressed"].any()


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
