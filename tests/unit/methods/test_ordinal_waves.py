import math

import numpy as np
import polars as pl
import pytest

from pipeline.methods.change import compare as shares_compared
from pipeline.methods.ordinal import compare
from pipeline.methods.results import Results
from schemas.analyses import Rounds
from tests.unit.methods.ordinal_frames import LINKED, WAVES, drawn, placed
from tests.unit.methods.result_checks import CONTEXT, check, instrument, one, pick, surveys

PLACES = {"east": 0.0, "west": 0.6, "north": -0.4}


def compared(rows, declared=WAVES, asked=None, rounds=()) -> Results:
    return check(compare(surveys(rows), asked or instrument(), declared, CONTEXT, rounds))


def test_an_effect_that_was_put_in_is_found():
    results = compared(drawn({"w1": 900, "w2": 900}, 0.7, PLACES, seed=4))
    for item in ("hope", "choice"):
        ratio = one(results, statistic="odds_ratio", item=item, model="proportional odds")
        # 1,800 answers a service: log odds ratio within four standard errors (about 0.05).
        assert abs(math.log(ratio["value"]) - 0.7) < 0.2
        assert one(results, statistic="proportional_odds", item=item, model="proportional odds")["p"] > 0.001
        assert one(results, statistic="superiority", item=item, service="all", model="independent")["value"] > 0.55


def test_services_are_the_clusters_and_the_row_says_how_few():
    row = one(
        compared(drawn({"w1": 30, "w2": 30}, 0.7, PLACES)),
        statistic="odds_ratio",
        item="hope",
        model="proportional odds",
    )
    assert row["reason"] == "3 services as clusters: t with 2 degrees of freedom"
    assert "services as clusters" in row["method"]
    assert "above 1: more answers of higher codes, which are the better ones" in row["method"]
    # t with two degrees of freedom: 4.30 standard errors on the log scale.
    reach = math.log(row["high"] / row["value"]) / (row["se"] / row["value"])
    assert reach == pytest.approx(4.302653, abs=1e-6)


def test_of_a_reverse_item_higher_codes_are_the_worse_ones():
    asked = instrument(reverse=["hope"])
    row = one(
        compared(drawn({"w1": 30, "w2": 30}, 0.7, PLACES), asked=asked),
        item="hope",
        statistic="odds_ratio",
        model="proportional odds",
    )
    assert row["method"].endswith("which are the worse ones")


@pytest.mark.parametrize(("service", "note"), [("east", "one service only"), ("unknown", "no service known")])
def test_without_several_services_answers_are_independent_and_the_row_says_so(service, note):
    row = one(
        compared(drawn({"w1": 30, "w2": 30}, 0.7, {service: 0.0})),
        item="hope",
        statistic="odds_ratio",
        model="proportional odds",
    )
    assert note in row["reason"]
    assert "answers as independent" in row["method"]


def test_a_service_asked_once_only_is_left_out_and_counted_as_missing():
    rows = drawn({"w1": 30, "w2": 30}, 0.7, {"east": 0.0, "west": 0.6})
    more = rows + drawn({"w1": 12}, 0, {"north": 0.0})
    one_ratio, other = (
        one(compared(r), item="hope", statistic="odds_ratio", model="proportional odds") for r in (rows, more)
    )
    assert one_ratio["value"] == pytest.approx(other["value"])
    assert (other["n"], other["n_reference"], other["missing"]) == (60, 60, 12)
    assert "left out" in other["reason"]


def test_the_odds_ratio_links_all_options_of_all_services_at_both_waves():
    results = compared(drawn({"w1": 30, "w2": 30}, 0.7, PLACES))
    row = one(results, item="hope", statistic="odds_ratio", model="proportional odds")
    cells = results.links.loc[results.links["estimate_id"] == row["estimate_id"], "cell_id"]
    assert len(cells) == 2 * 4 * 5  # waves; all and three services; four options and answered
    values = results.cells.set_index("cell_id").loc[cells]
    assert values.query("category == 'answered' and service == 'all'")["value"].tolist() == [90, 90]


def test_superiority_of_a_service_links_its_own_counts_only():
    results = compared(drawn({"w1": 30, "w2": 30}, 0.7, PLACES))
    row = one(results, item="hope", statistic="superiority", service="west")
    cells = results.links.loc[results.links["estimate_id"] == row["estimate_id"], "cell_id"]
    assert set(results.cells.set_index("cell_id").loc[cells]["service"]) == {"west"}
    assert row["family"] == "ordered-superiority@west"


def test_p_is_adjusted_within_its_family():
    results = compared(drawn({"w1": 30, "w2": 30}, 0.5, PLACES))
    ratios = pick(results, family="ordered")
    assert len(ratios) == 2
    assert ratios["p_adjusted"].min() == pytest.approx(min(1, 2 * ratios["p"].min()))
    for model, family in (
        ("proportional odds", "ordered-check"),
        ("pooled proportional odds", "ordered-pooled-check"),
    ):
        tests = pick(results, statistic="proportional_odds", model=model)
        assert set(tests["family"]) == {family}
        assert tests["p_adjusted"].min() == pytest.approx(min(1, 2 * tests["p"].min()))
    assert pick(results, model="binary logit")["p"].isna().all()


def test_odds_that_are_not_proportional_show_at_the_cuts():
    rng = np.random.default_rng(3)
    rows = []
    for wave, shares in {"w1": [0.25] * 4, "w2": [0.4, 0.1, 0.1, 0.4]}.items():
        for service in PLACES:
            rows += placed("hope", (rng.choice(4, 120, p=shares) + 1).tolist(), wave, service, f"{wave}-")
    results = compared(rows)
    assert one(results, item="hope", statistic="proportional_odds", model="proportional odds")["p"] < 1e-4
    cuts = pick(results, item="hope", model="binary logit").set_index("at")["value"]
    assert list(cuts.index) == ["o2", "o3", "o4"]
    assert cuts["o2"] < 0.8
    assert cuts["o4"] > 1.3


def test_the_same_persons_are_pairs_and_clusters():
    rows = drawn({"w1": 60, "w2": 60}, 0.8, PLACES, linked=True)
    results = compared(rows, LINKED)
    moved = one(results, item="hope", statistic="superiority", service="all", model="linked")
    assert moved["n"] == 180
    codes = {wave: {r[1]: r[5] for r in rows if r[4] == "hope" and r[2] == wave} for wave in ("w1", "w2")}
    signs = [np.sign(codes["w2"][who] - code) for who, code in codes["w1"].items()]
    assert moved["value"] == pytest.approx((1 + np.mean(signs)) / 2)
    ratio = one(results, item="hope", statistic="odds_ratio", model="proportional odds")
    assert "persons as clusters" in ratio["method"]
    apart = one(
        compared(drawn({"w1": 60, "w2": 60}, 0.8, PLACES, linked=True)),
        item="hope",
        statistic="odds_ratio",
        model="proportional odds",
    )
    assert ratio["value"] == pytest.approx(apart["value"])
    assert one(results, item="hope", statistic="proportional_odds", model="proportional odds")["n"] == 180


def test_pairs_of_declared_rounds_have_the_same_cells():
    rows = drawn({"w1": 20, "w2": 20}, 0.8, PLACES, linked=True)
    declared = Rounds(id="mine", instrument="scale", reference="w1", wave="w2", category="high", linked=True)
    ordered = compared(rows, LINKED, rounds=[declared])
    shares = shares_compared([(surveys(rows), instrument(), declared)], CONTEXT)
    pairs = ordered.cells[ordered.cells["group"] != ""]
    assert set(pairs["cell_id"]) == set(shares.cells["cell_id"])
    assert set(compared(rows, LINKED).cells["group"]) == {"", "linked-w1-w2", "linked-w1-w2-high"}


def test_few_persons_give_no_test_of_proportional_odds():
    results = compared(drawn({"w1": 9, "w2": 9}, 0.5, {"east": 0.0, "west": 0.0}, linked=True), LINKED)
    assert (
        one(results, item="hope", statistic="proportional_odds", model="proportional odds")["reason"]
        == "too few rows"
    )


def test_four_answers_at_a_wave_are_too_few_for_an_odds_ratio():
    results = compared(drawn({"w1": 4, "w2": 30}, 0.5, {"east": 0.0}))
    assert set(pick(results, statistic="odds_ratio")["reason"]) == {"too few rows"}
    assert one(results, item="hope", statistic="superiority", service="all", model="independent")["value"] > 0


def test_of_answers_that_are_all_alike_neither_wave_is_higher():
    rows = [row for wave in ("w1", "w2") for row in placed("hope", [3] * 12, wave, "east", wave)]
    results = compared(rows)
    row = one(results, item="hope", statistic="superiority", service="all", model="independent")
    assert (row["value"], row["p"]) == (0.5, 1)
    assert one(results, item="hope", statistic="odds_ratio", model="proportional odds")["reason"] == "no variation"
    assert one(results, item="choice", statistic="odds_ratio", model="proportional odds")["reason"] == "no rows"


def test_answers_off_the_scale_are_missing():
    rows = drawn({"w1": 20, "w2": 20}, 0.5, {"east": 0.0})
    rows += [("x", "x", "w2", "east", "hope", None, "n-a"), ("y", "y", "w2", "east", "hope", None, "")]
    row = one(compared(rows), item="hope", statistic="odds_ratio", model="proportional odds")
    assert (row["n"], row["missing"]) == (20, 2)
    assert isinstance(surveys(rows), pl.DataFrame)


@pytest.mark.parametrize("declared", [WAVES, LINKED])
def test_the_pooled_model_links_no_count_of_a_single_service(declared):
    results = compared(drawn({"w1": 30, "w2": 30}, 0.7, PLACES, linked=declared.linked), declared)
    row = one(results, item="hope", statistic="odds_ratio", model="pooled proportional odds")
    cells = results.links.loc[results.links["estimate_id"] == row["estimate_id"], "cell_id"]
    assert set(results.cells.set_index("cell_id").loc[cells]["service"]) == {"all"}
    assert "not adjusted for service" in row["reason"]
    assert row["family"] == "ordered-pooled"


def test_the_pooled_model_sees_the_counts_of_all_services_only():
    rows = drawn({"w1": 30, "w2": 30}, 0.7, PLACES)
    places = list(PLACES) * len(rows)
    moved = [(*row[:3], places[number], *row[4:]) for number, row in enumerate(rows)]
    found = [
        one(compared(r), item="hope", statistic="odds_ratio", model="pooled proportional odds") for r in (rows, moved)
    ]
    assert found[0][["value", "low", "high", "p"]].tolist() == pytest.approx(
        found[1][["value", "low", "high", "p"]].tolist()
    )


def test_one_service_needs_no_pooled_model():
    results = compared(drawn({"w1": 30, "w2": 30}, 0.7, {"east": 0.0}))
    assert pick(results, model="pooled proportional odds").empty
