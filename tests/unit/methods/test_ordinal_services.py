import math

import pytest

from pipeline.methods.ordinal import compare
from pipeline.methods.results import Results
from tests.unit.methods.ordinal_frames import SERVICES, drawn, placed
from tests.unit.methods.result_checks import CONTEXT, check, instrument, one, pick, surveys


def compared(rows, declared=SERVICES) -> Results:
    return check(compare(surveys(rows), instrument(), declared, CONTEXT))


def test_differences_between_services_that_were_put_in_are_found():
    results = compared(drawn({"w1": 1500}, 0, {"east": 0.2, "west": 0.9, "north": -0.3}, seed=2))
    for service, effect in {"west": 0.7, "north": -0.5}.items():
        row = one(results, item="hope", statistic="odds_ratio", service=service)
        # Within four standard errors.
        assert abs(math.log(row["value"]) - effect) < 4 * row["se"] / row["value"]
        higher = one(results, item="hope", statistic="superiority", service=service)["value"]
        assert (higher > 0.5) == (effect > 0)
    assert pick(results, item="hope", statistic="proportional_odds")["p"].min() > 0.001


def test_another_reference_turns_the_odds_ratio_round():
    rows = drawn({"w1": 40}, 0, {"east": 0.0, "west": 0.9})
    there = one(compared(rows), item="hope", statistic="odds_ratio", service="west")
    back = one(
        compared(rows, SERVICES.model_copy(update={"reference": "west"})),
        item="hope", statistic="odds_ratio", service="east",
    )  # fmt: skip
    assert there["value"] == pytest.approx(1 / back["value"])
    assert there["low"] == pytest.approx(1 / back["high"])
    assert there["p"] == pytest.approx(back["p"])


def test_a_service_with_few_answers_is_left_out_with_a_reason():
    results = compared(drawn({"w1": 30}, 0, {"east": 0.0, "west": 0.5}) + drawn({"w1": 4}, 0, {"north": 0.0}))
    assert one(results, item="hope", statistic="odds_ratio", service="north")["reason"] == "too few rows"
    assert one(results, item="hope", statistic="odds_ratio", service="west")["value"] > 0
    assert one(results, item="hope", statistic="superiority", service="north")["value"] > 0


def test_a_declared_service_without_rows_has_a_row():
    results = compared(drawn({"w1": 30}, 0, {"east": 0.0, "west": 0.5}))
    assert set(pick(results, service="north")["reason"]) == {"no rows"}


def test_a_service_with_the_highest_answer_only_is_separated():
    rows = drawn({"w1": 30}, 0, {"east": 0.0, "west": 0.5}) + placed("hope", [4] * 8, "w1", "north")
    results = compared(rows)
    assert one(results, item="hope", statistic="odds_ratio", service="north")["reason"] == "perfect separation"
    assert one(results, item="hope", statistic="odds_ratio", service="west")["value"] > 0
    assert one(results, item="hope", statistic="superiority", service="north")["value"] > 0.5


def test_without_a_reference_that_varies_nothing_is_compared():
    rows = drawn({"w1": 30}, 0, {"west": 0.5, "north": 0.0}) + placed("hope", [1] * 8, "w1", "east")
    results = compared(rows)
    assert set(pick(results, item="hope", statistic="odds_ratio")["reason"]) == {"perfect separation"}
    assert set(pick(results, item="choice", statistic="odds_ratio")["reason"]) == {"no rows"}


def test_p_is_adjusted_over_services_and_items():
    results = compared(drawn({"w1": 30}, 0, {"east": 0.0, "west": 0.8, "north": -0.5}))
    ratios = pick(results, family="ordered")
    assert len(ratios) == 4
    assert ratios["p_adjusted"].min() == pytest.approx(min(1, 4 * ratios["p"].min()))
    tests = pick(results, family="ordered-check")
    assert set(tests["statistic"]) == {"proportional_odds"}
    assert len(tests) == 4
    assert tests["p_adjusted"].min() == pytest.approx(min(1, 4 * tests["p"].min()))


def test_every_number_links_the_counts_of_its_two_services_only():
    results = compared(drawn({"w1": 30}, 0, {"east": 0.0, "west": 0.8, "north": -0.5}))
    services = results.cells.set_index("cell_id")["service"]
    for row in pick(results, item="hope", service="west").itertuples():
        cells = results.links.query("estimate_id == @row.estimate_id")["cell_id"]
        assert len(cells) == 2 * 5
        assert set(services[cells]) == {"west", "east"}
        assert (row.n, row.n_reference) == (30, 30)


def test_a_third_service_changes_nothing():
    rows = drawn({"w1": 30}, 0, {"east": 0.0, "west": 0.8})
    more = rows + drawn({"w1": 50}, 0, {"north": -2.0}, seed=9)
    alone, beside = (one(compared(r), item="hope", statistic="odds_ratio", service="west") for r in (rows, more))
    assert alone[["value", "low", "high", "p"]].tolist() == beside[["value", "low", "high", "p"]].tolist()
