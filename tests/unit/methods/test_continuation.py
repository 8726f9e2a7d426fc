"""Who goes on, counted in sessions: a curve by hand, what censoring is, and cells."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from pipeline.methods import dose
from pipeline.methods.continuation import continuation
from pipeline.methods.results import Results
from tests.unit.methods.result_checks import CONTEXT, check, one, pick

END = date(2024, 12, 31)
TYPES = {"client": pl.String, "service": pl.String, "sessions": pl.Int64, "from": pl.Date, "to": pl.Date}


def doses(**services):
    """Per service (sessions, days before the end of the last one; None: not known)."""
    rows = [
        (f"{s}-{n}", s, x, None, None if ago is None else END - timedelta(days=ago))
        for s, clients in services.items()
        for n, (x, ago) in enumerate(clients)
    ]
    return pl.DataFrame(rows, schema=TYPES, orient="row")


def found(frame, sessions=(2, 4), end=END):
    return check(continuation(frame, sessions, 90, end, CONTEXT))


ONCE = [(1, 200), (1, 10), (2, 300), (3, 0), (5, 100), (8, 90)]
EAST = ONCE * 3


def test_the_curve_by_hand():
    """One of six stops at one session; of the four left at two, one: 5/6 and 5/6 x 3/4."""
    results = found(doses(east=EAST))
    rows = pick(results, service="east", statistic="continuation").set_index("at")
    assert rows["value"].to_dict() == pytest.approx({"2": 5 / 6, "4": 5 / 6 * 3 / 4})
    assert rows["events"].to_dict() == {"2": 3, "4": 6}
    assert (rows["low"] < rows["value"]).all()
    assert (rows["value"] < rows["high"]).all()


def test_a_client_has_stopped_from_the_gap_on():
    at_gap, later = (found(doses(east=[*ONCE[:5], (8, ago), (9, 0)] * 4), (9,)) for ago in (90, 89))
    assert one(at_gap, service="east", at="9").events == one(later, service="east", at="9").events + 4


def test_records_that_end_before_the_period_end_the_following():
    early = [(x, ago + 200) for x, ago in EAST]
    assert one(found(doses(east=early)), service="all", at="2").value == pytest.approx(5 / 6)
    beyond = found(doses(east=EAST), end=END - timedelta(days=5))
    assert one(beyond, service="all", at="2").value == pytest.approx(5 / 6)


def test_the_curve_recovers_what_a_simulation_put_in():
    """Each session is the last with probability 0.2; whoever began late is censored, in truth goes on."""
    rng = np.random.default_rng(11)
    clients = []
    for _ in range(4000):
        whole, most = int(rng.geometric(0.2)), int(rng.integers(1, 40))
        clients.append((whole, 200) if whole <= most else (most, 5))
    results = found(doses(east=[*clients, (1, 0)]), (2, 4, 8))
    for at in (2, 4, 8):
        row = one(results, service="east", at=str(at))
        assert row.value == pytest.approx(0.8 ** (at - 1), abs=0.03)  # some three standard errors
    assert one(results, service="east", statistic="median").value == 4  # 0.8 ** 3 is 0.512, 0.8 ** 4 0.41


def test_few_clients_have_no_curve_but_count_in_all():
    results = found(doses(east=EAST, west=[(1, 200), (3, 100)]))
    assert set(pick(results, service="west")["reason"]) == {"too few rows"}
    assert one(results, service="all", at="2").n == 20
    assert "west" not in set(results.cells[results.cells["item"] == "continuation"]["service"])


def test_clients_without_a_last_day_are_counted_as_missing():
    results = found(doses(east=[*EAST, (4, None)], west=[(2, 200)] * 5))
    row = one(results, service="east", at="2")
    assert (row.n, row.missing) == (18, 1)
    unknown = found(doses(east=[(4, None)] * 6))
    assert set(unknown.estimates["reason"]) == {"no rows"}
    assert unknown.estimates["value"].isna().all()


def test_what_cannot_be_had_has_a_reason():
    going_on = found(doses(east=[(n, 5) for n in range(1, 7)]), (2, 3, 30))
    assert one(going_on, service="east", at="2").reason == "no interval: no variation"
    assert one(going_on, service="east", at="2").value == 1
    assert one(going_on, service="east", at="3").value == 1
    far = one(going_on, service="east", at="30")
    assert np.isnan([far.value, far.events]).all()
    assert far.reason == "fewer than five clients came that far"
    assert one(going_on, service="east", statistic="median").reason
    assert set(found(doses()).estimates["reason"]) == {"no rows"}


def test_that_nobody_of_a_small_service_came_far_is_not_told():
    """Four had two sessions or none had: the row is the same."""
    some, none = (found(doses(east=[(1, 200)] * 6 + more), (4,)) for more in ([(3, 200)] * 4, [(1, 200)] * 4))
    columns = ["value", "low", "high", "n", "events", "missing", "reason"]
    rows = [one(results, service="east", at="4")[columns].astype(str).tolist() for results in (some, none)]
    assert rows[0] == rows[1]


def test_cells_fit_those_of_the_doses():
    frame = doses(east=EAST, west=[(1, 200), (3, 100)], north=[*EAST, (2, None)])
    both = check(Results.concat([found(frame), dose.describe(frame, CONTEXT)]))
    row = one(both, service="east", statistic="continuation", at="2")
    linked = both.links[both.links["estimate_id"] == row.estimate_id].merge(both.cells, on="cell_id")
    assert set(zip(linked["item"], linked["category"], linked["role"], strict=True)) == {
        ("continuation", "stopped-before-2", "numerator"), ("sessions", "clients", "denominator"),
        ("sessions", "one", "input"),
    }  # fmt: skip
