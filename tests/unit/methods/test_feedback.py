"""Shares of answers: counts by hand, all denominators, sparse and empty surveys."""

from dataclasses import replace

import pytest

from pipeline.methods.answers import Answers
from pipeline.methods.feedback import shares
from pipeline.methods.proportions import INTERVALS, wilson
from pipeline.methods.results import Ledger, Results
from tests.unit.methods.result_checks import CONTEXT, answers, check, instrument, one, pick, surveys

EAST = answers({"hope": [1, 3, 4, 4, None, "n-a"], "choice": [2, 2, 2, 2, 2, 2]})
WEST = answers({"hope": [3, None], "choice": [None, "n-a"]}, service="west", start=10)


def test_counts_by_hand():
    results = check(shares(surveys(EAST + WEST), instrument(), CONTEXT))
    row = one(results, statistic="share", service="all", item="hope", category="high", denominator="answered")
    assert (row.events, row.n, row.missing) == (4, 5, 3)
    assert (row.value, row.low, row.high) == pytest.approx((0.8, *wilson(4, 5)))
    asked = one(results, statistic="share", service="all", item="hope", category="high", denominator="asked")
    assert (asked.events, asked.n, asked.value) == (4, 8, 0.5)
    assert one(results, service="all", item="hope", category="n-a").events == 1
    assert one(results, service="all", item="hope", category="missing").value == pytest.approx(2 / 8)
    assert one(results, statistic="respondents", service="west").value == 2


def test_the_study_file_chooses_the_interval():
    frame = surveys(EAST)
    for name, (interval, method) in INTERVALS.items():
        results = check(shares(frame, instrument(), replace(CONTEXT, interval=name)))
        row = one(results, service="east", item="hope", category="high", denominator="answered")
        assert (row.low, row.high) == pytest.approx(interval(3, 4, 0.95))
        assert row.method == method


def test_special_answers_and_missing_are_never_shares_of_the_answered():
    results = shares(surveys(EAST), instrument(), CONTEXT)
    assert pick(results, category="n-a", denominator="answered").empty
    assert pick(results, category="missing", denominator="answered").empty


def test_an_item_that_nobody_answered_has_reasons():
    results = check(shares(surveys(EAST + WEST), instrument(), CONTEXT))
    rows = pick(results, service="west", item="choice", denominator="answered")
    assert len(rows) == 5
    assert rows["value"].isna().all()
    assert set(rows["reason"]) == {"no rows"}
    assert one(results, service="west", item="choice", category="missing").value == 0.5


def test_all_items_share_the_cell_of_those_asked():
    results = shares(surveys(EAST), instrument(), CONTEXT)
    asked = results.cells[(results.cells["category"] == "asked") & (results.cells["service"] == "all")]
    assert asked["item"].tolist() == [""]
    assert asked["value"].tolist() == [6]


def test_an_item_asked_of_some_has_its_own_asked_cell():
    rows = EAST + answers({"hope": [1, 1]}, service="west", start=10)
    results = check(shares(surveys(rows), instrument(), CONTEXT))
    assert one(results, service="all", item="choice", category="missing").n == 6
    assert one(results, service="all", item="hope", category="missing").n == 8
    rows = pick(results, service="west", item="choice")
    assert rows["value"].isna().all()


def test_answers_without_service_make_pooled_rows_only():
    rows = answers({"hope": [1, 2], "choice": [1, 2]}, service="unknown")
    results = check(shares(surveys(rows), instrument(), CONTEXT))
    assert set(results.estimates["service"]) == set(results.cells["service"]) == {"all"}


def test_answers_partly_without_service_still_add_up():
    rows = EAST + answers({"hope": [1], "choice": [1]}, service="unknown", start=20)
    results = check(shares(surveys(rows), instrument(), CONTEXT))
    assert set(results.estimates["service"]) == {"all", "east"}
    assert set(results.cells["service"]) == {"all", "east", "unknown"}


def test_every_wave_is_counted_for_itself():
    rows = EAST + answers({"hope": [4], "choice": [4]}, wave="w2")
    results = check(shares(surveys(rows), instrument(), CONTEXT))
    assert one(results, statistic="respondents", service="all", wave="w1").value == 6
    assert one(results, statistic="respondents", service="all", wave="w2").value == 1


def test_no_rows_of_the_instrument():
    results = check(shares(surveys([]), instrument(), CONTEXT))
    row = results.estimates.iloc[0]
    assert len(results.estimates) == 1
    assert row["reason"] == "no rows"


def test_one_row():
    results = check(shares(surveys(answers({"hope": [4]})), instrument(["hope"]), CONTEXT))
    assert one(results, service="east", category="high", denominator="asked").value == 1


def test_a_subject_rated_twice_is_two_units_and_one_person():
    rows = [(f"k{n}", "c1", "w1", "east", "hope", 4, "o4") for n in (1, 2)]
    results = check(shares(surveys(rows), instrument(["hope"]), CONTEXT))
    cell = results.cells.set_index("cell_id").filter(like="all/count", axis=0)
    assert one(results, statistic="respondents", service="all").value == 2
    assert cell.loc[cell["category"] == "o4", "contributors"].tolist() == [1]


def test_codes_off_the_scale_count_as_missing():
    rows = [("r1", "r1", "w1", "east", "hope", 9, "strange"), ("r2", "r2", "w1", "east", "hope", 4, "o4")]
    results = check(shares(surveys(rows), instrument(["hope"]), CONTEXT))
    assert one(results, service="all", category="missing").events == 1


def test_two_calls_give_the_same_cells():
    frame = surveys(EAST + WEST)
    once = shares(frame, instrument(), CONTEXT)
    check(Results.concat([once, once.with_estimates(once.estimates.iloc[:0])]))


def test_services_come_in_declared_order():
    frame = surveys(WEST + EAST)
    found = Answers.of(frame, instrument(), Ledger(CONTEXT))
    assert found.services("w1") == ["all", "east", "west"]
