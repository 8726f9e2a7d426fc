"""What support was given: contacts counted by hand, and the interval that knows of weeks."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
import statsmodels.api as sm
from scipy.stats import t as student

from pipeline.methods import support
from tests.unit.methods.result_checks import CONTEXT, check, one, pick

MONDAY = date(2024, 1, 1)


def sessions(*rows):
    """Rows of (session, client, service, week, activity, attended)."""
    table = [(s, c, v, "w1", MONDAY + timedelta(weeks=w), 30, "video", a, came) for s, c, v, w, a, came in rows]
    names = ["session", "client", "service", "worker", "date", "minutes", "mode", "activity", "attended"]
    types = dict.fromkeys(names, pl.String) | {"date": pl.Date, "minutes": pl.Int64, "attended": pl.Boolean}
    return pl.DataFrame(table, schema=types, orient="row")


def groups(*rows):
    """Rows of (service, week, participants)."""
    names = ["group_session", "service", "worker", "date", "minutes", "activity", "participants"]
    types = dict.fromkeys(names, pl.String) | {"date": pl.Date, "minutes": pl.Int64, "participants": pl.Int64}
    table = [
        (f"g{place}", v, "w1", MONDAY + timedelta(weeks=w), 60, "walk", n) for place, (v, w, n) in enumerate(rows)
    ]
    return pl.DataFrame(table, schema=types, orient="row")


SESSIONS = sessions(
    ("s1", "a", "east", 0, "walk", True), ("s1", "b", "east", 0, "walk", True),
    ("s2", "a", "east", 1, "fitness", True), ("s3", "c", "east", 1, "walk", False),
    ("s4", "c", "west", 2, "walk", True),
)  # fmt: skip
GROUPS = groups(("east", 0, 6), ("east", 1, 4), ("east", 2, 0), ("west", 2, 3))


def test_contacts_by_hand():
    results = check(support.mix(SESSIONS, GROUPS, CONTEXT))
    rows = pick(results, category="group").set_index("service")
    assert rows.loc[["all", "east", "west"], "events"].tolist() == [3, 2, 1]
    assert rows.loc[["all", "east", "west"], "n"].tolist() == [6, 4, 2]
    shares = results.estimates.groupby("service")["value"].sum()
    assert shares.tolist() == [1, 1, 1]


def test_persons_behind_contacts():
    results = support.mix(SESSIONS, GROUPS, CONTEXT)
    cells = results.cells[results.cells["service"] == "all"].set_index("category")["contributors"]
    assert cells[["individual", "group", "contacts"]].tolist() == [3, 6, 6]


def test_interval_is_the_ratio_estimator_of_a_cluster_robust_fit():
    """Linearised ratio = mean of the contacts with week-clustered errors, on the logit scale."""
    rng = np.random.default_rng(6)
    weeks = [(int(rng.binomial(n, 0.3)), int(n)) for n in rng.integers(5, 30, 25)]
    se, low, high = support.ratio_interval(weeks, 0.95)
    y = np.concatenate([np.r_[np.ones(e), np.zeros(n - e)] for e, n in weeks])
    cluster = np.repeat(np.arange(25), [n for _, n in weeks])
    theirs = sm.OLS(y, np.ones(len(y))).fit(cov_type="cluster", cov_kwds={"groups": cluster, "df_correction": False})
    assert se == pytest.approx(theirs.bse[0])
    share = y.mean()
    reach = student.ppf(0.975, 24) * se / (share * (1 - share))
    logit = np.log(share / (1 - share))
    assert (low, high) == pytest.approx(tuple(1 / (1 + np.exp(-(logit + np.array([-reach, reach]))))))


def test_interval_covers_where_weeks_differ():
    rng = np.random.default_rng(7)
    inside = []
    for _ in range(600):
        shares = rng.beta(3, 7, 30)
        sizes = rng.integers(10, 30, 30)
        weeks = list(zip(rng.binomial(sizes, shares).tolist(), sizes.tolist(), strict=True))
        _, low, high = support.ratio_interval(weeks, 0.95)
        inside.append(low <= 0.3 <= high)
    assert np.mean(inside) == pytest.approx(0.95, abs=0.03)


def test_no_interval_where_it_cannot_be_had():
    assert support.ratio_interval([(1, 4)], 0.95) is None
    assert support.ratio_interval([(0, 4), (0, 9)], 0.95) is None
    results = check(support.mix(SESSIONS, groups(), CONTEXT))
    row = one(results, service="all", category="group")
    assert (row.value, row.reason) == (0, "no interval: no variation")
    few = one(support.mix(SESSIONS, GROUPS, CONTEXT), service="west", category="group")
    assert (few.value, few.reason) == (0.5, "no interval: too few rows")


def test_no_contacts_at_all():
    results = check(support.mix(sessions(), groups(), CONTEXT))
    assert set(results.estimates["service"]) == {"all"}
    assert set(results.estimates["reason"]) == {"no rows"}


def test_groups_alone():
    results = check(support.mix(sessions(), GROUPS, CONTEXT))
    assert one(results, service="east", category="group").value == 1


def test_years_keep_their_weeks_apart():
    """The last days of 2024 belong to the first ISO week of 2025."""
    frame = sessions(("s1", "a", "east", 0, "walk", True), ("s2", "a", "east", 52, "walk", True))
    both = support.mix(frame, groups(("east", 0, 2), ("east", 52, 2), ("east", 52, 2)), CONTEXT)
    assert one(both, service="all", category="group").se > 0
