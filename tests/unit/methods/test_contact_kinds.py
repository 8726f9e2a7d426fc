"""Activities, modes, no-shows and hours counted by hand."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from scipy.stats import t as student

from pipeline.methods import contact_kinds, dose, support
from pipeline.methods.disclosure import gate
from pipeline.methods.results import Results
from schemas.study import Disclosure
from tests.unit.methods.result_checks import CONTEXT, check, one, pick

MONDAY = date(2024, 1, 1)
NAMES = ["session", "client", "service", "date", "minutes", "mode", "activity", "attended"]
TYPES = dict.fromkeys(NAMES, pl.String) | {"date": pl.Date, "minutes": pl.Int64, "attended": pl.Boolean}


def sessions(*rows):
    """Rows of (session, client, service, week, minutes, mode, activity, attended)."""
    table = [(s, c, v, MONDAY + timedelta(weeks=w), m, how, a, came) for s, c, v, w, m, how, a, came in rows]
    return pl.DataFrame(table, schema=TYPES, orient="row")


SESSIONS = sessions(
    ("s1", "a", "east", 0, 30, "video", "walk", True), ("s1", "b", "east", 0, 30, "video", "walk", True),
    ("s2", "a", "east", 1, 60, None, "fitness", True), ("s3", "c", "east", 1, 0, "video", "walk", False),
    ("s4", "c", "west", 2, None, "text", "walk", True),
)  # fmt: skip


def many(service, clients, each=3, missed=1, minutes=40):
    """Each client with so many kept and missed appointments, one a week."""
    return sessions(
        *(
            (f"{service}{c}-{n}", f"{service}{c}", service, n, minutes + c, "video", "walk", n < each)
            for c in range(clients)
            for n in range(each + missed)
        )
    )


def test_activities_by_hand():
    results = check(contact_kinds.activities(SESSIONS, CONTEXT))
    row = one(results, service="all", category="walk")
    assert (row.events, row.n, row.denominator, row["item"]) == (2, 3, "contacts", "activity")
    assert one(results, service="west", category="fitness").value == 0


def test_modes_by_hand():
    results = check(contact_kinds.modes(SESSIONS, CONTEXT))
    rows = pick(results, service="all").set_index("category")
    assert rows["events"].to_dict() == {"not recorded": 1, "text": 1, "video": 1}
    assert set(results.estimates["item"]) == {"mode"}


def test_without_modes_or_contacts_there_is_no_row():
    assert check(contact_kinds.modes(SESSIONS.with_columns(mode=pl.lit(None, pl.String)), CONTEXT)).estimates.empty
    assert check(contact_kinds.modes(SESSIONS.drop("mode"), CONTEXT)).estimates.empty
    assert check(contact_kinds.activities(sessions(), CONTEXT)).estimates.empty


def test_kinds_share_the_cell_of_individual_contacts():
    groups = pl.DataFrame(schema={"service": pl.String, "date": pl.Date, "participants": pl.Int64})
    methods = [contact_kinds.activities(SESSIONS, CONTEXT), contact_kinds.modes(SESSIONS, CONTEXT)]
    both = check(Results.concat([support.mix(SESSIONS, groups, CONTEXT), *methods]))
    individual = both.cells[(both.cells["category"] == "individual") & (both.cells["service"] == "all")]
    assert len(individual) == 1


def test_missed_appointments_by_hand():
    frame = pl.concat([many("east", 6), many("west", 5, missed=0)])
    results = check(contact_kinds.attendance(contact_kinds.visits(frame), CONTEXT))
    rows = results.estimates.set_index("service")
    assert rows.loc["all", ["events", "n", "denominator"]].tolist() == [6, 39, "appointments"]
    assert rows.loc["east", "value"] == 0.25
    assert rows.loc["east", "low"] < 0.25 < rows.loc["east", "high"]
    assert rows.loc["west", "reason"] == "no interval: no variation"
    missed = results.cells[results.cells["category"] == "missed"].set_index("service")
    assert missed.loc[["all", "east"], "contributors"].tolist() == [6, 6]


def test_a_service_of_few_clients_counts_in_all_only():
    frame = pl.concat([many("east", 6), many("west", 2)])
    found = contact_kinds.visits(frame)
    for results in (contact_kinds.attendance(found, CONTEXT), contact_kinds.hours(found, CONTEXT)):
        check(results)
        assert set(pick(results, service="west")["reason"]) == {"too few rows"}
        assert "west" not in set(results.cells["service"])
    assert one(contact_kinds.attendance(found, CONTEXT), service="all").events == 8


def test_hours_by_hand():
    frame = pl.concat([many("east", 6, each=2), many("west", 5, each=1, minutes=20)])
    results = check(contact_kinds.hours(contact_kinds.visits(frame), CONTEXT))
    east = np.array([2 * (40 + c) for c in range(6)]) / 60
    assert one(results, service="east", statistic="total").value == pytest.approx(east.sum())
    row = one(results, service="east", statistic="mean")
    assert (row.low, row.high) == pytest.approx(student.interval(0.95, 5, east.mean(), east.std(ddof=1) / np.sqrt(6)))
    cells = results.cells.set_index(["service", "quantity"])
    assert cells.loc[("east", "sum"), ["value", "contributors", "largest"]].tolist() == [east.sum() * 60, 6, 90]


def test_contacts_without_minutes_are_counted_as_missing():
    frame = many("east", 6).with_columns(
        minutes=pl.when((pl.col("client") == "east0") | (pl.col("session") == "east1-0"))
        .then(None)
        .otherwise("minutes")
    )
    row = one(check(contact_kinds.hours(contact_kinds.visits(frame), CONTEXT)), service="all", statistic="mean")
    assert (row.n, row.missing) == (5, 4)
    assert "no minutes" in row.reason
    nothing = frame.with_columns(minutes=pl.lit(None, pl.Int64))
    assert check(contact_kinds.hours(contact_kinds.visits(nothing), CONTEXT)).estimates.empty


def test_a_client_of_two_services_has_all_hours_at_the_one_with_most_sessions():
    frame = pl.concat(
        [many("east", 6), many("west", 6).with_columns(client=pl.col("client").replace("west0", "east0"))]
    )
    found = contact_kinds.hours(contact_kinds.visits(frame), CONTEXT)
    rows = pick(found, statistic="mean").set_index("service")["n"]
    assert rows[["all", "east", "west"]].tolist() == [11, 6, 5]
    described = dose.describe(dose.from_sessions(frame), CONTEXT)
    clients = pick(described, statistic="clients").set_index("service")["value"]
    assert clients[["all", "east", "west"]].tolist() == [11, 6, 5]


def test_clients_with_hours_are_tied_to_clients_with_sessions():
    frame = pl.concat([many("east", 6), many("west", 8)])
    frame = frame.with_columns(minutes=pl.when(pl.col("client") == "west1").then(None).otherwise("minutes"))
    parts = [contact_kinds.hours(contact_kinds.visits(frame), CONTEXT)]
    parts.append(dose.describe(dose.from_sessions(frame), CONTEXT))
    results = check(contact_kinds.tied(Results.concat(parts), CONTEXT))
    tied = results.relations[results.relations["relation"].str.endswith("|hours")]
    assert tied.groupby("relation").size().sort_values().tolist() == [1, 2, 2]


def test_few_missed_appointments_are_withheld_with_all_that_shows_them():
    frame = pl.concat([many("east", 3), many("east-more", 20, missed=0), many("west", 20), many("north", 30)])
    frame = frame.with_columns(service=pl.col("service").str.replace("-more", ""))
    results = check(contact_kinds.attendance(contact_kinds.visits(frame), CONTEXT))
    released = gate(results, Disclosure(minimum_cell=5))
    assert released.passed
    assert one(
        Results(released.estimates, results.cells, results.links, results.relations), service="east"
    ).suppressed
    assert pick(Results(released.estimates, results.cells, results.links, results.relations))["suppressed"].sum() == 2


def groups(*services):
    """One group contact of seven clients at each of the services."""
    names = ["group_session", "service", "worker", "date", "minutes", "activity", "participants"]
    types = dict.fromkeys(names, pl.String) | {"date": pl.Date, "minutes": pl.Int64, "participants": pl.Int64}
    rows = [(f"g{place}", service, "w1", MONDAY, 60, "walk", 7) for place, service in enumerate(services)]
    return pl.DataFrame(rows, schema=types, orient="row")


def test_a_service_with_groups_only_can_be_released():
    log, held = pl.concat([many("east", 8), many("west", 8)]), groups("east", *["north"] * 9)
    also = support.with_groups(held)
    parts = [contact_kinds.activities(log, CONTEXT, also), contact_kinds.modes(log, CONTEXT, also)]
    results = check(Results.concat([*parts, support.mix(log, held, CONTEXT)]))
    assert one(results, service="north", item="mode", category="video")["reason"] == "no rows"
    assert gate(results, Disclosure(minimum_cell=5)).passed
