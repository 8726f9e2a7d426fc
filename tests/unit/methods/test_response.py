"""Response rates: sums over services, nobody invited, no survey at all."""

import polars as pl
import pytest
from scipy.stats import binomtest

from pipeline.methods.disclosure import gate
from pipeline.methods.feedback import shares
from pipeline.methods.response import rates
from pipeline.methods.results import Results
from pipeline.studies import instruments
from schemas.instrument import Instrument
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


def _answered(instrument: Instrument, **services: int) -> pl.DataFrame:
    """Answers to the first item from so many respondents of each service."""
    item, option = instrument.items[0].id, instrument.options[0]
    who = [(f"{service}-{i}", service) for service, n in services.items() for i in range(n)]
    return pl.DataFrame(who, schema=["respondent", "service"], orient="row").with_columns(
        subject=pl.col("respondent"),
        wave=pl.lit("w1"),
        item=pl.lit(item),
        instrument=pl.lit(instrument.instrument),
        response=pl.lit(option.code, pl.Int64),
        label=pl.lit(option.id),
        data_status=pl.lit("observed"),
    )


def test_a_rate_does_not_give_back_a_withheld_number_of_respondents():
    instrument = instruments()["client-feedback"]
    surveys = _answered(instrument, east=3, west=30, north=25)
    rows = [(instrument.instrument, s, "w1", 50, 40, n) for s, n in (("east", 3), ("west", 30), ("north", 25))]
    response = rates(frame(*rows), {instrument.instrument: "clients"}, CONTEXT, [(instrument, surveys)])
    gated = gate(Results.concat([response, shares(surveys, instrument, CONTEXT)]), Disclosure(minimum_cell=5))
    shown = gated.estimates[gated.estimates["value"].notna()].set_index(["statistic", "service"]).index
    assert ("respondents", "east") not in shown
    assert ("response_rate", "east") not in shown


def test_that_few_did_not_answer_is_no_secret():
    response = frame(("scale", "east", "w1", 42, 40, 38), ("scale", "west", "w1", 30, 30, 30))
    gated = gate(rates(response, {}, CONTEXT), Disclosure(minimum_cell=5)).estimates
    assert gated["value"].notna().all()
