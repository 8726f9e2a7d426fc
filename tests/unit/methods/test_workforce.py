"""Posts and retention: textbook and statsmodels answers, and what was not observed."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from statsmodels.duration.survfunc import SurvfuncRight

from pipeline.methods import workforce
from tests.unit.methods.result_checks import CONTEXT, check, one, pick

START, LAST = date(2024, 1, 1), date(2024, 12, 31)
TYPES = {"worker": pl.String, "service": pl.String, "start": pl.Date, "end": pl.Date}


def spells(times, ended):
    return list(zip([int(t) for t in times], [bool(e) for e in ended], strict=True))


def posts(*rows):
    """Rows of (service, start, days or None); the columns that retention reads."""
    table = [
        (f"w{n}", s, start, None if days is None else start + timedelta(days=days))
        for n, (s, start, days) in enumerate(rows)
    ]
    return pl.DataFrame(table, schema=TYPES, orient="row")


def heads(*rows):
    return pl.DataFrame(list(rows), schema={"service": pl.String, "date": pl.Date, "posts": pl.Int64}, orient="row")


def test_leukaemia_remission_times():
    """The 6-MP arm of Freireich et al. (1963), as tabulated in every survival textbook."""
    times = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    ended = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    published = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}
    for day, survival in published.items():
        assert workforce.kaplan_meier(spells(times, ended), day, 0.95)[0] == pytest.approx(survival, abs=5e-4)
    assert workforce.kaplan_meier(spells(times, ended), 36, 0.95) is None
    interval = workforce.kaplan_meier(spells(times, ended), 10, 0.95)[1]
    assert interval == pytest.approx((0.503, 0.889), abs=1e-3)


def test_agrees_with_statsmodels():
    rng = np.random.default_rng(12)
    times, ended = rng.integers(1, 400, 60), rng.random(60) < 0.6
    theirs = SurvfuncRight(times, ended)
    for day in (30, 182, 300):
        survival, (low, high) = workforce.kaplan_meier(spells(times, ended), day, 0.95)
        place = np.searchsorted(theirs.surv_times, day, side="right") - 1
        expected, se = theirs.surv_prob[place], theirs.surv_prob_se[place]
        assert survival == pytest.approx(expected)
        reach = np.exp(1.959964 * se / (expected * abs(np.log(expected))))
        assert (low, high) == pytest.approx((expected**reach, expected ** (1 / reach)), abs=1e-6)


def test_retention_is_recovered_under_censoring():
    rng = np.random.default_rng(13)
    life, censored = rng.exponential(500, 4000), rng.uniform(100, 900, 4000)
    times = np.minimum(life, censored)
    survival, (low, high) = workforce.kaplan_meier(spells(times, life <= censored), 365, 0.95)
    assert survival == pytest.approx(np.exp(-365 / 500), abs=0.02)
    assert low < np.exp(-365 / 500) < high


def test_retention_by_hand():
    frame = posts(("east", START, 100), ("east", START, 400), ("west", START, None), ("west", date(2025, 2, 1), None))
    results = check(workforce.retention(frame, (182, 365), LAST, CONTEXT))
    row = one(results, service="all", at="182")
    assert (row.value, row.n, row.events, row.missing) == (pytest.approx(2 / 3), 3, 1, 1)
    assert one(results, service="east", at="182").value == 0.5
    stayed = one(results, service="west", at="182")
    assert (stayed.value, stayed.reason) == (1, "no interval: no variation")


def test_beyond_what_was_observed_there_is_no_value():
    results = check(workforce.retention(posts(("east", date(2024, 9, 1), None)), (182,), LAST, CONTEXT))
    assert set(results.estimates["reason"]) == {"too few rows"}


def test_everybody_left():
    results = check(workforce.retention(posts(("east", START, 5), ("east", START, 9)), (182,), LAST, CONTEXT))
    assert set(results.estimates["value"]) == {0}


def test_no_posts():
    results = check(workforce.retention(posts(), (182, 365), LAST, CONTEXT))
    assert set(results.estimates["reason"]) == {"no rows"}
    late = check(workforce.retention(posts(("east", date(2025, 1, 2), None)), (182,), LAST, CONTEXT))
    assert set(late.estimates["reason"]) == {"no rows"}


def test_headcount_sums_to_all():
    results = check(
        workforce.headcount(heads(("east", START, 3), ("west", START, 2), ("unknown", START, 1)), CONTEXT)
    )
    assert one(results, service="all", at="2024-01-01").value == 6
    assert set(results.estimates["service"]) == {"all", "east", "west"}


def test_a_date_at_which_a_service_was_not_counted_has_no_total():
    results = check(workforce.headcount(heads(("east", START, 3), ("west", START, 2), ("east", LAST, 4)), CONTEXT))
    assert one(results, service="all", at="2024-12-31").reason == "no rows"
    assert one(results, service="west", at="2024-12-31").reason == "no rows"
    assert one(results, service="east", at="2024-12-31").value == 4
    assert len(pick(results, service="all")) == 2


def test_zero_posts_are_a_count():
    assert one(check(workforce.headcount(heads(("east", START, 0)), CONTEXT)), service="east").value == 0
    assert check(workforce.headcount(heads(), CONTEXT)).estimates.empty
