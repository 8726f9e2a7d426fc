"""Response rates: sums over services, nobody invited, no survey at all."""

import polars as pl
import pytest
from scipy.stats import binomtest

from pipeline.methods.disclosure import gate
from pipeline.methods.feedback import shares
from pipeline.methods.response import rates
from pipeline.methods.results import Results
from pipeline.studies import instruments
from schemas.study import Disclosure
from tests.unit.methods.result_checks import CONTEXT, check, one, pick

TYPES = {"instrument": pl.String, "service": pl.String, "wave": pl.String} | dict.fromkeys(
    ("eligible", "invited", "answered"), pl.Int64
)


def frame(*rows):
    return pl.DataFrame(list(rows), schema=TYPES, orient="row")


def test_services_sum_to_all():
    response = frame(("scale", "east", "w1", 50, 40, 30), ("scale", "west", "w1", 20, 20, 5))
    results = check(rates(response, {"scale": "clients"}, CONTEXT))
    row = one(results, service="all", statistic="response_rate")
    interval = binomtest(35, 60).proportion_ci(method="wilson")
    assert (row.value, row.low, row.high) == pytest.approx((35 / 60, interval.low, interval.high))
    assert (row.n, row.events, row.missing, row.population) == (60, 35, 25, "clients")
    assert one(results, service="west", statistic="response_rate").value == 0.25
    invited = one(results, service="all", statistic="invitation_rate")
    assert (invited.value, invited.n, invited.events, invited.missing) == (60 / 70, 70, 60, 10)


def test_nobody_invited():
    results = check(rates(frame(("scale", "east", "w1", 0, 0, 0)), {}, CONTEXT))
    assert results.estimates["value"].isna().all()
    assert set(results.estimates["reason"]) == {"no rows"}


def test_nobody_and_everybody_answered():
    response = frame(("scale", "east", "w1", 5, 5, 0), ("scale", "west", "w1", 1, 1, 1))
    results = check(rates(response, {}, CONTEXT))
    east, west = (one(results, service=name, statistic="response_rate") for name in ("east", "west"))
    assert (east.value, east.low) == (0, 0)
    assert (west.value, west.high) == (1, 1)


def test_unknown_service_and_several_surveys():
    response = frame(("scale", "unknown", "w1", 5, 5, 3), ("other", "east", "w2", 9, 9, 9))
    results = check(rates(response, {}, CONTEXT))
    assert set(pick(results, instrument="scale")["service"]) == {"all"}
    assert set(pick(results, instrument="other")["service"]) == {"all", "east"}


def test_no_survey():
    assert check(rates(frame(), {}, CONTEXT)).estimates.empty


def test_a_count_that_the_survey_shows_too_is_one_count_for_the_gate():
    """Invited 14 less respondents 10 are 4 who did not answer, although their rate is withheld."""
    instrument = instruments()["client-feedback"]
    item = instrument.items[0].id
    rows = [(f"r{i}", f"r{i}", "w1", "east" if i < 10 else "west", item) for i in range(40)]
    names = ["respondent", "subject", "wave", "service", "item"]
    surveys = pl.DataFrame(rows, schema=names, orient="row").with_columns(
        instrument=pl.lit(instrument.instrument),
        response=pl.lit(instrument.options[0].code, pl.Int64),
        label=pl.lit(instrument.options[0].id),
        data_status=pl.lit("observed"),
    )
    counts = [(instrument.instrument, "east", "w1", 20, 14, 10), (instrument.instrument, "west", "w1", 50, 40, 30)]
    results = Results.concat(
        [
            rates(frame(*counts), {instrument.instrument: "clients"}, CONTEXT, [(instrument, surveys)]),
            shares(surveys, instrument, CONTEXT),
        ]
    )
    gated = gate(results, Disclosure(minimum_cell=5)).estimates.set_index(["statistic", "service"])
    shown = gated[gated["value"].notna()]
    assert ("response_rate", "east") not in shown.index
    both = [("invitation_rate", "east") in shown.index, ("respondents", "east") in shown.index]
    assert not all(both), "together they would give the withheld count"
