"""How completely a survey was filled in: complete respondents, blank items, cells shared with reliability."""

import pytest
from scipy.stats import binomtest

from pipeline.methods.completeness import completeness
from pipeline.methods.feedback import shares
from pipeline.methods.reliability import alpha
from pipeline.methods.results import Results
from tests.unit.methods.result_checks import CONTEXT, answers, check, instrument, one, pick, surveys

EAST = answers({"hope": [1, 2, None, 4, 3], "choice": [1, None, None, "n-a", 2]})
WEST = answers({"hope": [4, 4], "choice": [None, 4]}, service="west", start=10)


def test_by_hand():
    results = check(completeness(surveys(EAST + WEST), instrument(), CONTEXT))
    row = one(results, statistic="share", service="all")
    assert (row.category, row.events, row.n, row.denominator) == ("complete", 3, 7, "asked")
    interval = binomtest(3, 7).proportion_ci(0.95, "wilson")
    assert (row.low, row.high) == pytest.approx((interval.low, interval.high))
    assert one(results, statistic="share", service="west").value == 0.5


def test_an_answer_off_the_scale_is_no_blank():
    results = completeness(surveys(EAST + WEST), instrument(), CONTEXT)
    blank = one(results, statistic="mean", service="east")
    assert (blank.value, blank.n, blank.category, blank.unit) == (pytest.approx(3 / 5), 5, "missing", "items")
    assert one(results, statistic="mean", service="all").value == pytest.approx(4 / 7)


def test_each_wave_by_itself():
    later = answers({"hope": [1, 2], "choice": [2, 2]}, "w2")
    results = check(completeness(surveys(EAST + later), instrument(), CONTEXT))
    assert one(results, statistic="share", service="all", wave="w2").value == 1
    assert one(results, statistic="share", service="all", wave="w1").value == pytest.approx(2 / 5)


def test_cells_are_those_of_feedback_and_reliability():
    frame = surveys(EAST + WEST)
    parts = [method(frame, instrument(), CONTEXT) for method in (completeness, alpha, shares)]
    together = check(Results.concat(parts)).cells
    assert not together["cell_id"].duplicated().any()
    complete = together[(together["category"] == "complete") & (together["item"] == "")]
    assert complete.set_index("service")["value"].to_dict() == {"all": 3, "east": 2, "west": 1}


def test_an_estimate_hangs_on_what_it_shows():
    results = completeness(surveys(EAST + WEST), instrument(), CONTEXT)
    links = results.links.set_index("estimate_id")["cell_id"]
    row = one(results, statistic="mean", service="west")
    values = results.cells.set_index("cell_id")["value"]
    assert sorted(values[links[row.estimate_id]]) == [1, 2]
    roles = results.links.set_index("estimate_id")["role"]
    assert set(roles[one(results, statistic="share", service="west").estimate_id]) == {"numerator", "denominator"}


def test_services_with_unknown_rows_still_add_up():
    rows = EAST + answers({"hope": [1, 2], "choice": [2, None]}, service="unknown", start=20)
    results = check(completeness(surveys(rows), instrument(), CONTEXT))
    assert set(results.estimates["service"]) == {"all", "east"}
    assert one(results, statistic="share", service="all").n == 7


def test_without_rows():
    results = check(completeness(surveys([]), instrument(), CONTEXT))
    assert len(results.estimates) == 2
    assert set(results.estimates["reason"]) == {"no rows"}


def test_nobody_answered_anything():
    results = check(completeness(surveys(answers({"hope": [None], "choice": [None]})), instrument(), CONTEXT))
    assert set(pick(results, statistic="share")["value"]) == {0}
    assert set(pick(results, statistic="mean")["value"]) == {2}
