"""Who stays: by hand, the median and its protection, and an average from elsewhere."""

from datetime import date

import pytest

from pipeline.methods import retention as family
from pipeline.methods.post_holders import Observation
from schemas.analyses import Average
from tests.unit.methods.post_rows import LAST, post, simulated, workforce
from tests.unit.methods.result_checks import CONTEXT, check, one, pick

EARLY = date(2022, 1, 1)


def retained(*rows, days=(182, 365)):
    return check(family.retention(Observation.of(workforce(*rows), LAST, days), CONTEXT))


def compared(rows, value=0.5, days=182, n=None):
    average = Average(value=value, days=days, of="posts in the sector", source="made up", n=n)
    return check(family.average(Observation.of(rows, LAST, (days,)), average, CONTEXT))


def test_retention_by_hand():
    results = retained(post("east", 100), post("east", 400), post("west"), post("west", start=date(2025, 2, 1)))
    row = one(results, statistic="retention", service="all", at="182")
    assert (row.value, row.n, row.events, row.missing) == (pytest.approx(2 / 3), 3, 1, 1)
    assert one(results, service="east", at="182").value == 0.5
    stayed = one(results, service="west", at="182")
    assert (stayed.value, stayed.reason) == (1, "no interval: no variation")


def test_beyond_what_was_observed_there_is_no_value():
    results = retained(post(start=date(2024, 9, 1)), days=(182,))
    assert set(results.estimates["reason"]) == {"too few rows"}


def test_everybody_left():
    assert set(pick(retained(post(days=5), post(days=9)), statistic="retention")["value"]) == {0}


@pytest.mark.parametrize("rows", [[], [post(start=date(2025, 1, 2))]])
def test_no_posts(rows):
    assert set(retained(*rows).estimates["reason"]) == {"no rows"}


def test_posts_of_unknown_services_count_in_all_only():
    results = retained(post("unknown", 100), post("east"), days=(182,))
    assert set(results.estimates["service"]) == {"all", "east"}
    assert one(results, statistic="retention", service="all").value == 0.5


def test_the_median_is_one_persons_last_day_and_needs_others_on_either_side():
    rows = [post(days=10 * n, start=EARLY) for n in range(1, 10)]
    few = one(retained(*rows), statistic="median", service="all")
    assert (few.reason, few.n) == ("too few rows", 9)
    enough = one(retained(*rows, post(start=EARLY)), statistic="median", service="all")
    assert enough.value == 55  # a curve at a half between 50 and 60 days
    assert enough.reason == "no lower and no upper limit: too few rows"
    held = [post(start=EARLY) for _ in range(12)]
    assert one(retained(*held), statistic="median", service="all").reason == family.NOT_REACHED


def test_a_median_rests_on_all_posts_and_how_many_ended():
    results = check(family.retention(Observation.of(simulated(300), LAST, (365,)), CONTEXT))
    row = one(results, statistic="median", service="all")
    assert row.low < row.value < row.high
    linked = set(results.links.loc[results.links["estimate_id"] == row.estimate_id, "cell_id"].str.split("/").str[-1])
    assert linked == {"category=posts", "category=ended", "category=held"}


def test_an_average_taken_as_exact_is_said_to_be():
    rows = workforce(*[post("east", 100)] * 4, *[post("west")] * 6)
    row = one(compared(rows), service="all")
    assert (row.value, row.reference, row["at"]) == (pytest.approx(0.1), "posts in the sector", "182")
    assert row.reason == "compared with 0.5 (made up), taken as exact"
    assert row.low < row.value < row.high
    assert 0 < row.p < 1


def test_the_posts_behind_an_average_widen_its_interval():
    rows = workforce(*[post("east", 100)] * 4, *[post("west")] * 6)
    exact, uncertain = one(compared(rows), service="all"), one(compared(rows, n=20), service="all")
    assert uncertain.reason == "compared with 0.5 (made up)"
    assert uncertain.n_reference == 20
    assert uncertain.high - uncertain.low > exact.high - exact.low


def test_a_single_service_has_a_difference_and_no_test():
    rows = workforce(*[post("east", 100), post("east", 200)] * 4, *[post("west")] * 6)
    results = compared(rows)
    east, west = one(results, service="east"), one(results, service="west")
    assert (east.value, str(east.p)) == (pytest.approx(0), "nan")
    assert east.low < 0 < east.high
    assert west.reason.startswith("no interval: no variation; compared with")
    assert west.value == 0.5


def test_an_average_without_posts_or_beyond_what_was_seen():
    assert one(compared(workforce())).reason == "no rows"
    late = compared(workforce(post(start=date(2024, 9, 1))))
    assert set(late.estimates["reason"]) == {"too few rows"}
    assert late.estimates["value"].isna().all()


def test_an_average_that_holds_is_not_rejected_and_another_one_is():
    rows = simulated(1500, mentor=1.0)
    survival = 0.4345982  # exp(-1/300 * 250) of exponential times with a mean of 300 days and hours without effect
    assert one(compared(rows, survival, days=250), service="all").p > 0.01
    assert one(compared(rows, survival + 0.1, days=250), service="all").p < 0.001


def test_posts_not_seen_for_so_long_are_among_those_counted_and_the_row_says_so():
    rows = workforce(*[post(days=40)] * 2, *[post()] * 6, *[post(start=date(2024, 8, 1))] * 5)
    results = check(family.retention(Observation.of(rows, LAST, (200,)), CONTEXT))
    row = one(results, statistic="retention", service="all")
    assert (row.n, row.events, row.missing) == (13, 2, 0)
    assert row.method.endswith("n: all posts, however long seen")
    assert not results.cells["category"].str.contains("seen-less").any()


def test_whose_average_it_is_may_hold_any_sign():
    average = Average(value=0.5, days=182, of="NHS 2019/20", source="made up")
    results = check(family.average(Observation.of(workforce(post(), post(days=9)), LAST, (182,)), average, CONTEXT))
    assert one(results, service="all").reference == "NHS 2019-20"
