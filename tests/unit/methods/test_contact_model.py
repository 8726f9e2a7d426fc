"""Mode by service: what a simulation put in, what can't be had, and the cells behind."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from pipeline.methods import contact_model
from pipeline.methods.contact_kinds import modes
from pipeline.methods.contacts import individual
from pipeline.methods.results import Results
from schemas.analyses import ContactModel
from tests.unit.methods.result_checks import CONTEXT, check, one, pick

MODES = ("in person", "telephone", "video")
DECLARED = ContactModel(outcome="mode", baseline="in person", reference="east")


def log(*rows):
    """Rows of (client, service, mode): one attended contact each."""
    table = [(f"s{n}", c, v, date(2024, 1, 1 + n % 28), "walk", m, True) for n, (c, v, m) in enumerate(rows)]
    names = ["session", "client", "service", "date", "activity", "mode", "attended"]
    types = dict.fromkeys(names, pl.String) | {"date": pl.Date, "attended": pl.Boolean}
    return pl.DataFrame(table, schema=types, orient="row")


def drawn(rng, **services):
    rows = []
    for service, (clients, shares) in services.items():
        for client in range(clients):
            lean = rng.dirichlet(4 * np.array(shares))
            rows += [(f"{service}{client}", service, m) for m in rng.choice(MODES, 8, p=lean)]
    return log(*rows)


def fitted(frame, declared=DECLARED):
    return check(contact_model.model(frame, individual(frame), declared, CONTEXT))


def test_ratios_recover_what_a_simulation_put_in():
    rng = np.random.default_rng(4)
    frame = drawn(rng, east=(150, (0.5, 0.3, 0.2)), west=(150, (0.2, 0.6, 0.2)))
    results = fitted(frame)
    for category, truth in (("telephone", (0.6 / 0.2) / (0.3 / 0.5)), ("video", (0.2 / 0.2) / (0.2 / 0.5))):
        row = one(results, service="west", category=category)
        assert row.low < truth < row.high
        assert row.value == pytest.approx(truth, rel=0.35)
        assert (row["term"], row.reference, row.statistic) == ("in person", "east", "relative_risk_ratio")


def test_clients_as_clusters_make_intervals_wider():
    """Each client has one mode only: as many independent observations as clients, not as contacts."""
    rng = np.random.default_rng(5)
    rows = []
    for service, share in (("east", 0.5), ("west", 0.3)):
        for client in range(40):
            mode = "telephone" if rng.random() < share else "in person"
            rows += [(f"{service}{client}", service, mode)] * 10
    row = one(fitted(log(*rows)), service="west", category="telephone")
    once = one(fitted(log(*rows[::10])), service="west", category="telephone")
    assert (row.value, row.se, row.p) == pytest.approx((once.value, once.se, once.p))


def test_what_cannot_be_had_has_a_reason():
    rows = [(f"e{n}", "east", MODES[n % 3]) for n in range(12)]
    rows += [(f"w{n}", "west", MODES[n % 2]) for n in range(12)] + [(f"n{n}", "north", "video") for n in range(4)]
    results = fitted(log(*rows))
    reasons = results.estimates.set_index(["service", "category"])["reason"].to_dict()
    assert reasons == {
        ("west", "telephone"): "", ("west", "video"): "a count of zero leaves no ratio",
        ("north", "telephone"): "too few rows", ("north", "video"): "too few rows",
    }  # fmt: skip
    assert pick(results, service="north")["value"].isna().all()


def test_without_modes_or_reference():
    assert fitted(log(*[(f"e{n}", "east", None) for n in range(9)])).estimates.empty
    rows = [(f"w{n}", "west", MODES[n % 2]) for n in range(12)]
    assert set(fitted(log(*rows)).estimates["reason"]) == {"no rows"}


def test_contacts_without_a_mode_are_counted_as_missing():
    rows = [(f"{s}{n}", s, MODES[n % 2]) for s in ("east", "west") for n in range(10)] + [("west1", "west", None)] * 3
    row = one(fitted(log(*rows)), service="west", category="telephone")
    assert (row.n, row.missing, row.events) == (10, 3, 5)


def test_cells_are_those_of_the_shares():
    rng = np.random.default_rng(6)
    frame = drawn(rng, east=(9, (0.5, 0.3, 0.2)), west=(9, (0.2, 0.6, 0.2)))
    found = fitted(frame)
    both = check(Results.concat([modes(individual(frame), CONTEXT), found]))
    assert len(both.cells) == len(modes(individual(frame), CONTEXT).cells)
    row = one(found, service="west", category="video")
    linked = found.links[found.links["estimate_id"] == row.estimate_id]
    assert len(linked) == 4


def test_p_is_adjusted_over_all_ratios():
    rng = np.random.default_rng(7)
    frame = drawn(rng, east=(20, (0.5, 0.3, 0.2)), west=(20, (0.3, 0.5, 0.2)), north=(20, (0.4, 0.4, 0.2)))
    rows = fitted(frame).estimates
    assert (rows["p_adjusted"] >= rows["p"]).all()
    assert rows["p_adjusted"].min() == pytest.approx(min(1, 4 * rows["p"].min()))
