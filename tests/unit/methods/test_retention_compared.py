"""Groups of post holders compared: what was put in, small groups, cells and links, and no convergence."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from statsmodels.duration.survfunc import survdiff

from pipeline.methods.disclosure import gate
from pipeline.methods.post_holders import Observation
from pipeline.methods.retention_compared import ALL_TERMS, LEFT_OUT, compare, hazards
from schemas.study import Disclosure
from tests.unit.methods.post_rows import LAST, post, simulated, workforce
from tests.unit.methods.result_checks import CONTEXT, check, one, pick

EARLY = date(2022, 1, 1)
POSTS = simulated(400)


def log_ranks(rows, *variables):
    return check(compare(Observation.of(rows, LAST, (182, 365)), variables, CONTEXT))


def modelled(rows, *variables):
    return check(hazards(Observation.of(rows, LAST, (182, 365)), variables, CONTEXT))


def behind(results, row):
    linked = results.links.loc[results.links["estimate_id"] == row.estimate_id, "cell_id"]
    return results.cells.set_index("cell_id").loc[linked]


def test_the_log_rank_test_agrees_with_statsmodels():
    seen = Observation.of(POSTS, LAST, ()).posts
    expected = survdiff(seen["days"].to_numpy(), seen["ended"].to_numpy().astype(int), seen["mentor"].to_numpy())
    row = one(log_ranks(POSTS, "mentor"), statistic="log_rank")
    assert (row.value, row.p) == pytest.approx(expected)
    assert row.p < 0.001  # a mentor halves the rate
    assert row.method.endswith("1 degree of freedom")


def test_a_characteristic_without_effect_is_not_rejected():
    row = one(log_ranks(POSTS, "service"), statistic="log_rank")
    assert row.p > 0.01
    assert row.method.endswith("2 degrees of freedom")


def test_observed_and_expected_ends_have_the_same_sum():
    rows = pick(log_ranks(POSTS, "mentor"), statistic="expected_ends")
    assert rows["value"].sum() == pytest.approx(rows["events"].sum())
    assert rows["n"].sum() == 400
    assert rows.set_index("group")["events"]["without-mentor"] > rows.set_index("group")["value"]["without-mentor"]


def test_p_is_adjusted_over_the_variables():
    rows = pick(log_ranks(POSTS, "mentor", "service", "role"), statistic="log_rank").set_index("contrast")
    assert rows.loc["mentor", "p_adjusted"] == pytest.approx(2 * rows.loc["mentor", "p"])
    assert rows.loc["role", "reason"] == "no variation"
    assert rows["family"].to_dict() == {"mentor": "retention-groups", "service": "retention-groups", "role": ""}


def test_every_row_of_a_test_rests_on_all_its_groups():
    results = log_ranks(POSTS, "mentor")
    for _, row in pick(results, contrast="mentor").iterrows():
        cells = behind(results, row)
        assert set(cells["group"]) == {"", "with-mentor", "without-mentor"}
        assert set(cells["category"]) == {"posts", "ended", "held"}


def test_groups_have_curves_of_their_own():
    rows = pick(log_ranks(POSTS, "mentor"), statistic="retention_by_group", at="182").set_index("group")
    assert rows.loc["with-mentor", "value"] == pytest.approx(np.exp(-0.5 * 182 / 300), abs=0.1)
    assert rows.loc["with-mentor", "value"] > rows.loc["without-mentor", "value"]
    assert pick(log_ranks(POSTS, "service"), statistic="retention_by_group").empty  # they are services' own


def test_small_groups_are_left_out_of_the_test():
    days = [post("east", 30 * n, start=EARLY) for n in range(1, 7)] + [
        post("west", 20 * n, start=EARLY) for n in range(1, 8)
    ]
    results = log_ranks(workforce(*days, *[post("north", 9, start=EARLY)] * 3), "service")
    row = one(results, statistic="log_rank")
    assert (row.n, row.missing, row.events, row.reason) == (13, 3, 13, LEFT_OUT)
    assert one(results, statistic="expected_ends", service="north").reason == "too few rows"
    assert set(behind(results, row)["service"]) == {"all", "east", "west"}


@pytest.mark.parametrize(
    ("rows", "reason"),
    [([], "no rows"), ([post()] * 9, "no variation"), ([post(), post(mentor=False)], "too few rows")],
)
def test_no_two_groups_to_compare(rows, reason):
    results = log_ranks(workforce(*rows), "mentor")
    row = one(results, statistic="log_rank")
    assert (str(row.value), row.reason) == ("nan", reason)
    assert one(modelled(workforce(*rows), "mentor"), statistic="hazard_ratio").reason == reason


def test_nobody_left():
    rows = workforce(*[post(mentor=False)] * 6, *[post()] * 6)
    results = log_ranks(rows, "mentor")
    assert one(results, statistic="log_rank").reason == "no variation"
    assert set(pick(results, statistic="expected_ends")["value"]) == {0}
    assert set(modelled(rows, "mentor").estimates["reason"]) == {"no variation"}


def test_hazard_ratios_are_recovered():
    rows = pick(modelled(simulated(2500, fte=0.8), "mentor", "fte", "service"), statistic="hazard_ratio")
    values = rows.set_index(["service", "term"])
    for key, truth in {("all", "with-mentor"): 0.5, ("all", "fte"): 0.8, ("west", "service"): 1}.items():
        assert values.loc[key, "low"] < truth < values.loc[key, "high"]
    assert values.loc[("all", "fte"), "reference"] == "0.2 less"
    assert values.loc[("west", "service"), "contrast"] == "services"
    assert set(rows["n"]) == {2500}


def test_the_assumption_is_tested_for_each_variable_and_for_all():
    results = modelled(POSTS, "mentor", "fte", "service")
    rows = pick(results, statistic="proportional_hazards").set_index("term")
    assert list(rows.index) == ["mentor", "fte", "service", ALL_TERMS]
    assert rows.loc["service", "method"].endswith("2 degrees of freedom")
    assert rows.loc[ALL_TERMS, "method"].endswith("4 degrees of freedom")
    assert rows["p"].min() > 0.001
    assert list(pick(modelled(POSTS, "mentor"), statistic="proportional_hazards")["term"]) == ["mentor"]


def test_a_group_nobody_of_which_left_prints_no_number():
    stayed = [post(mentor=True, start=EARLY)] * 8
    left = [post(days=30 * n, mentor=False, start=EARLY) for n in range(1, 11)]
    results = modelled(workforce(*stayed, *left), "mentor")
    assert set(results.estimates["reason"]) == {"no convergence"}
    assert results.estimates[["value", "low", "high", "p"]].isna().all(axis=None)


def test_few_ends_a_term_are_pointed_out_and_fewer_ends_than_terms_give_no_model():
    rows = [post(days=30 * n, mentor=n % 2 == 0, fte=0.4 + 0.1 * (n % 3), start=EARLY) for n in range(1, 9)]
    row = one(modelled(workforce(*rows, *[post()] * 8), "mentor", "fte"), statistic="hazard_ratio", term="fte")
    assert row.reason == "unsure: 8.0 events a term, fewer than 10"  # four without a mentor: too few to enter
    late = [post(days=30 if n == 1 else None, mentor=n % 2 == 0) for n in range(12)]
    assert set(modelled(workforce(*late), "mentor").estimates["reason"]) == {"too few rows"}


def test_terms_that_follow_from_each_other_give_no_model():
    rows = [post(days=20 * n, mentor=n % 2 == 0, trained=n % 2 == 0, start=EARLY) for n in range(1, 15)]
    results = modelled(workforce(*rows), "mentor", "trained")
    assert set(results.estimates["reason"]) == {"follows from other terms"}


def test_a_ratio_rests_on_the_groups_of_every_term():
    results = modelled(POSTS, "mentor", "fte", "service")
    cells = behind(results, one(results, statistic="hazard_ratio", term="fte"))
    assert set(cells["group"]) == {"", "with-mentor", "without-mentor"}
    assert set(cells["service"]) == {"all", "east", "west", "north"}


def test_the_gate_withholds_a_test_with_a_small_group():
    left = [post(days=30 * n, mentor=n > 2, start=EARLY) for n in range(1, 10)]
    rows = workforce(*left, *[post(mentor=False)] * 6, *[post()] * 9)
    seen = Observation.of(rows, LAST, (182, 365))
    for results in (compare(seen, ("mentor",), CONTEXT), hazards(seen, ("mentor",), CONTEXT)):
        assert results.estimates["p"].notna().any()
        gated = gate(results, Disclosure())
        tests = gated.estimates[gated.estimates["statistic"].isin(["log_rank", "expected_ends", "hazard_ratio"])]
        assert gated.passed
        assert tests["suppressed"].all()
        assert pd.isna(tests["p"]).all()
