"""Posts at dates, what is not counted, and growth."""

from datetime import date

import polars as pl
import pytest

from pipeline.methods import workforce
from schemas.vocabulary import REASONS
from tests.unit.methods.result_checks import CONTEXT, check, one, pick

START, LAST = date(2024, 1, 1), date(2024, 12, 31)


def heads(*rows):
    return pl.DataFrame(list(rows), schema={"service": pl.String, "date": pl.Date, "posts": pl.Int64}, orient="row")


def counted(*rows):
    return check(workforce.headcount(heads(*rows), CONTEXT))


def test_headcount_sums_to_all():
    results = counted(("east", START, 3), ("west", START, 2), ("unknown", START, 1))
    assert one(results, statistic="headcount", service="all", at="2024-01-01").value == 6
    assert set(pick(results, statistic="headcount")["service"]) == {"all", "east", "west"}


def test_a_date_at_which_a_service_was_not_counted_has_no_total():
    results = counted(("east", START, 3), ("west", START, 2), ("east", LAST, 4))
    heads = pick(results, statistic="headcount", at="2024-12-31").set_index("service")
    assert heads["reason"].to_dict() == {"all": "no rows", "east": "", "west": "no rows"}
    assert heads.loc["east", "value"] == 4
    assert len(pick(results, statistic="headcount", service="all")) == 2


def test_zero_posts_are_a_count():
    assert one(counted(("east", START, 0)), statistic="headcount", service="east").value == 0
    assert check(workforce.headcount(heads(), CONTEXT)).estimates.empty


def test_from_4_to_40():
    results = counted(("east", START, 4), ("east", date(2025, 7, 1), 20), ("east", date(2027, 1, 1), 40))
    row = one(results, statistic="growth", service="all")
    assert (row.value, row["at"], row.reference, row.unit) == (36, "2027-01-01", "2024-01-01", "posts")
    assert one(results, statistic="growth_ratio", service="all").value == 10
    assert one(results, statistic="growth_per_year", service="all").value == pytest.approx(12, rel=1e-3)
    assert one(results, statistic="growth_ratio_per_year", service="all").value == pytest.approx(
        10 ** (1 / 3), rel=1e-3
    )
    assert set(pick(results, service="east")["reason"]) == {""}


def test_growth_of_all_runs_between_dates_at_which_every_service_was_counted():
    middle, late = date(2024, 7, 1), date(2025, 6, 1)
    rows = [("east", START, 2), ("east", middle, 3), ("west", middle, 4), ("east", LAST, 5), ("west", LAST, 3)]
    results = counted(*rows, ("west", late, 9))
    total = one(results, statistic="growth", service="all")
    assert (total.value, total.reference, total["at"]) == (1, "2024-07-01", "2024-12-31")
    east, west = (one(results, statistic="growth", service=name) for name in ("east", "west"))
    assert (east.reference, east.value) == ("2024-01-01", 3)
    assert (west["at"], west.value) == ("2025-06-01", 5)
    links = results.links[results.links["estimate_id"] == total.estimate_id]["cell_id"]
    assert set(results.cells.set_index("cell_id").loc[links, "value"]) == {7, 8}


def test_no_two_dates_at_which_every_service_was_counted():
    results = counted(("east", START, 2), ("west", START, 2), ("east", LAST, 5))
    assert set(pick(results, contrast="dates", service="all")["reason"]) == {workforce.NOT_ALL}
    assert set(pick(results, contrast="dates", service="west")["reason"]) == {REASONS["too_few"]}
    assert one(results, statistic="growth", service="east").value == 3


def test_from_none_there_is_a_difference_and_no_ratio():
    results = counted(("east", START, 0), ("east", date(2025, 1, 1), 5))
    assert one(results, statistic="growth", service="east").value == 5
    for ratio in ("growth_ratio", "growth_ratio_per_year"):
        assert one(results, statistic=ratio, service="east").reason == REASONS["no_posts"]


def test_a_change_per_year_over_some_months_says_so():
    results = counted(("east", START, 4), ("east", date(2024, 7, 1), 6))
    assert one(results, statistic="growth_per_year", service="east").reason == "drawn out from 182 days"
    assert one(results, statistic="growth", service="east").reason == ""
