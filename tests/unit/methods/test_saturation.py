"""Saturation: curves by hand and against brute force, and the rule of Guest, Namey and Chen."""

from itertools import permutations

import numpy as np
import pytest

from pipeline.methods.coded import seeded
from pipeline.methods.saturation import accumulated, expected, first_seen, ratios, saturation, shuffled
from tests.unit.methods.coded_frames import coded
from tests.unit.methods.result_checks import check, one, pick

HAD = np.array([[1, 0, 0, 0], [1, 1, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [1, 0, 0, 0]], dtype=bool)


def test_codes_met_in_the_given_order_by_hand():
    first = first_seen(HAD)
    assert first.tolist() == [1, 2, 4]  # the fourth code never occurs
    assert accumulated(first, 5).tolist() == [1, 2, 2, 3, 3]


def test_the_mean_over_all_orders_is_exact():
    every = [accumulated(first_seen(HAD[list(order)]), 5) for order in permutations(range(5))]
    assert expected(HAD) == pytest.approx(np.mean(every, axis=0))


def test_the_range_over_random_orders_recovers_that_of_all_orders():
    every = np.array([accumulated(first_seen(HAD[list(order)]), 5) for order in permutations(range(5))])
    low, high = shuffled(HAD, seeded(["test"]), np.arange(1, 6))
    assert low.tolist() == np.quantile(every, 0.05, axis=0).tolist()
    assert high.tolist() == np.quantile(every, 0.95, axis=0).tolist()


def test_the_saturation_ratio_by_hand():
    # New codes of units 1 to 8: 8 2 0 0 | 1 0 0 1; base 10; runs 5-6, 6-7, 7-8.
    first = np.repeat([1, 2, 5, 8], [8, 2, 1, 1])
    assert ratios(first, 8).tolist() == [0.1, 0.0, 0.1]
    assert ratios(first, 5).size == 0


def test_the_saturation_point_is_the_number_of_units_before_the_first_quiet_run():
    texts = ["hope ties", "pace", "", "", "cost", "", "", "hope"]
    results = check(saturation(*coded({"a": texts})))
    assert one(results, statistic="saturation_point").value == 5
    assert pick(results, statistic="saturation_ratio")["at"].tolist() == ["6", "7", "8"]
    assert one(results, statistic="codes_seen", model="given-order", at="4").value == 3
    assert one(results, statistic="late_codes").value == 0


def test_saturation_that_is_not_reached_says_so():
    texts = ["hope", "", "", "", "ties", "pace", "cost"]
    results = check(saturation(*coded({"a": texts})))
    row = one(results, statistic="saturation_point")
    assert np.isnan(row.value)
    assert row.reason == "not reached"
    late = one(results, statistic="late_codes")
    assert (late.value, late["at"]) == (0.25, "7")


def test_the_same_study_gives_the_same_numbers():
    texts = ["hope ties", "pace", "cost", "hope", "ties", "pace"]
    frames = [saturation(*coded({"a": texts})).estimates for _ in range(2)]
    assert frames[0].equals(frames[1])


@pytest.mark.parametrize("given", [{}, {"a": [None, None]}, {"a": ["", ""]}])
def test_without_codes_there_are_reasons(given):
    rows = check(saturation(*coded(given))).estimates
    assert rows["value"].isna().all()
    assert set(rows["reason"]) <= {"no rows", "too few rows"}


def test_many_units_have_some_points_and_the_point_of_saturation():
    results = check(saturation(*coded({"a": ["hope ties"] * 500})))
    at = pick(results, statistic="codes_seen", model="given-order")["at"].astype(int).tolist()
    assert (len(at), at[0], at[-1]) == (60, 1, 500)
    assert "6" in pick(results, statistic="saturation_ratio")["at"].tolist()
    assert one(results, statistic="saturation_point").value == 4


def test_few_units_have_a_curve_and_no_run():
    results = check(saturation(*coded({"a": ["hope", "ties", "hope"]})))
    assert one(results, statistic="saturation_point").reason == "too few rows"
    assert one(results, statistic="codes_seen", model="random-order", at="3").value == 2
