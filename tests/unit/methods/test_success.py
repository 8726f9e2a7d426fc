"""Success in post: what was put in, separation, who is left out, cells and links."""

from datetime import date, timedelta

import numpy as np
import pytest

from pipeline.methods.disclosure import gate
from pipeline.methods.post_holders import Observation
from pipeline.methods.results import Results
from pipeline.methods.retention import retention
from pipeline.methods.success import ABSENCE, success
from schemas.analyses import Success
from schemas.study import Disclosure
from tests.unit.methods.post_rows import LAST, post, simulated, workforce
from tests.unit.methods.result_checks import CONTEXT, check, one

EARLY = date(2022, 1, 1)


def modelled(rows, *predictors, days=365):
    declared = Success(days=days, predictors=predictors)
    return check(success(Observation.of(rows, LAST, (182, 365), days), declared, CONTEXT))


def table(stayed_with, left_with, stayed_without, left_without):
    """Posts by mentor and whether they lasted a year."""
    rows = [(400, True)] * stayed_with + [(100, True)] * left_with
    rows += [(400, False)] * stayed_without + [(100, False)] * left_without
    return workforce(*(post(days=days, mentor=mentor, start=EARLY) for days, mentor in rows))


def test_one_predictor_by_hand():
    """Saturated: half added to each count (Haldane 1956)."""
    row = one(modelled(table(9, 3, 6, 7), "mentor"), statistic="odds_ratio")
    assert row.value == pytest.approx(9.5 / 3.5 * 7.5 / 6.5)
    assert (row.n, row.events, row.missing, row["at"], row.reference) == (25, 15, 0, "365", "without-mentor")
    assert row.low < row.value < row.high


def test_odds_are_recovered():
    """After a year exp(-365/300) stay without and exp(-365/600) with a mentor."""
    row = one(modelled(simulated(2500), "mentor"), statistic="odds_ratio")
    stay = np.exp([-365 / 600, -365 / 300])
    truth = stay[0] / (1 - stay[0]) * (1 - stay[1]) / stay[1]
    assert row.low < truth < row.high
    assert row.p < 0.001


def test_perfect_separation_has_a_finite_ratio():
    row = one(modelled(table(8, 0, 0, 7), "mentor"), statistic="odds_ratio")
    assert row.value == pytest.approx(8.5 / 0.5 * 7.5 / 0.5)
    assert 1 < row.low < row.high < 1e6


def test_posts_seen_for_less_time_are_left_out_and_those_that_last_longer_or_end_later_have_stayed():
    short = [post(start=date(2024, 9, 1))] * 3
    ends = [post(days=365, start=EARLY), post(days=366, start=EARLY), post(start=date(2024, 1, 1))]
    rows = [*short, *ends, *[post(days=9, mentor=False, start=EARLY)] * 6, *[post(start=EARLY)] * 6]
    row = one(modelled(workforce(*rows), "mentor"), statistic="odds_ratio")
    # Who left on day 365 itself has left, as in the curve.
    assert (row.n, row.missing, row.events) == (15, 3, 8)


def test_posts_without_a_score_are_left_out_where_others_have_one():
    rows = [post(days=100 if n % 3 else 500, start=EARLY, selection_score=float(n % 5)) for n in range(15)]
    row = one(modelled(workforce(*rows, post(days=9, start=EARLY)), "selection_score"), term="selection-score")
    assert (row.n, row.missing) == (15, 1)
    assert row.reason == "unsure: 5.0 events a term, fewer than 10"


def test_a_predictor_that_can_not_enter_has_a_reason_and_the_others_have_ratios():
    results = modelled(table(9, 3, 6, 7), "mentor", "trained", "selection_score")
    reasons = results.estimates.set_index("term")["reason"]
    assert reasons["trained"] == "no variation"
    assert reasons["selection-score"] == "no rows"
    assert one(results, term="with-mentor").value > 0


def test_days_of_absence_carry_a_warning():
    rows = [post(days=100 + 40 * n, start=EARLY, absence_days=(7 * n) % 11) for n in range(15)]
    assert one(modelled(workforce(*rows), "absence_days"), term="absence-days").reason.endswith(ABSENCE)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (workforce(), "no rows"),
        (workforce(post(start=date(2024, 9, 1))), "no rows"),
        (table(7, 0, 7, 0), "no variation"),
        (table(0, 7, 0, 7), "no variation"),
        (table(2, 1, 3, 9), "too few rows"),
        (table(9, 0, 8, 1), "too few rows"),
    ],
)
def test_no_model(rows, reason):
    results = modelled(rows, "mentor")
    assert set(results.estimates["reason"]) == {reason}
    assert results.estimates["value"].isna().all()


def test_predictors_that_follow_from_each_other():
    rows = [post(days=100 if n % 3 else 500, start=EARLY, mentor=n > 7, trained=n > 7) for n in range(15)]
    assert set(modelled(workforce(*rows), "mentor", "trained").estimates["reason"]) == {"follows from other terms"}


def test_a_ratio_rests_on_who_stayed_and_who_left_in_each_group():
    results = modelled(simulated(200), "mentor", "fte")
    links = results.links.loc[results.links["estimate_id"] == one(results, term="fte").estimate_id, "cell_id"]
    cells = results.cells.set_index("cell_id").loc[links]
    assert set(cells["group"]) == {"", "with-mentor", "without-mentor"}
    assert set(cells["category"]) == {"ended-by-365-followed", "in-post-after-365"}
    everyone = cells[cells["group"] == ""].set_index("category")["value"]
    row = one(results, term="fte")
    assert row.events == everyone["in-post-after-365"]
    assert row.n == everyone["in-post-after-365"] + everyone["ended-by-365-followed"]
    assert row.n + row.missing == 200


def staggered(seed, n=1500):
    """Everybody leaves at one rate: 0.70 stay a year. With a mentor they started in the last two years only."""
    random = np.random.default_rng(seed)
    rows = []
    for _ in range(n):
        mentor = bool(random.random() < 0.5)
        start = LAST - timedelta(days=int(random.integers(0, 730 if mentor else 2200)))
        days = int(random.exponential(-365 / np.log(0.7))) + 1
        left = start + timedelta(days=days) <= LAST
        rows.append(post(days=days if left else None, start=start, mentor=mentor))
    return workforce(*rows)


def test_recent_starters_do_not_count_as_failures_when_they_leave():
    """Over twelve records the mean of log ratios is 0 and 0.70 stay; the errors of these means are 0.03 and 0.004."""
    rows = [one(modelled(staggered(seed), "mentor"), statistic="odds_ratio") for seed in range(12)]
    assert np.mean([np.log(row.value) for row in rows]) == pytest.approx(0, abs=0.1)
    assert np.mean([row.events / row.n for row in rows]) == pytest.approx(0.70, abs=0.015)


def test_one_who_started_late_is_left_out_stayed_or_left():
    rows = [post(days=days, start=date(2024, 6, 1)) for days in (30, 60, None)]
    results = modelled(table(9, 3, 6, 7).vstack(workforce(*rows)), "mentor")
    assert results.estimates.iloc[0][["n", "events", "missing"]].tolist() == [25, 15, 3]


def gated(*late):
    """What leaves of retention and success together, where so many of the recent starters left."""
    rows = table(12, 6, 13, 9).vstack(workforce(*late))
    seen = Observation.of(rows, LAST, (182, 365), 365)
    parts = [retention(seen, CONTEXT), success(seen, Success(days=365, predictors=("mentor",)), CONTEXT)]
    found = gate(Results.concat(parts), Disclosure(minimum_cell=5))
    assert found.passed
    kept = found.estimates[~found.estimates["suppressed"]]
    return {(row.statistic, row["at"]) for _, row in kept.iterrows()}


def test_retention_and_success_beside_each_other_do_not_give_a_recent_leaver_away():
    """Who left of all less who left of those followed is who left soon: with few of them, one of the two stays."""
    held, left = post(start=date(2024, 6, 1)), post(days=30, start=date(2024, 6, 1))
    both = {("odds_ratio", "365"), ("retention", "365"), ("retention", "182")}
    assert both <= gated(*[held] * 8)
    assert both <= gated(*[held] * 8, *[left] * 7)
    few = gated(*[held] * 8, left)
    assert ("odds_ratio", "365") not in few
    assert both - {("odds_ratio", "365")} <= few
