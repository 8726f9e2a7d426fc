import numpy as np
import pandas as pd
import polars as pl
import pytest

from pipeline.methods import dose, feedback, reliability
from pipeline.methods.identify import FEWEST_REDRAWS, identify, precision
from pipeline.methods.reconstruct import draw_survey, survey_file
from pipeline.methods.reconstruct_doses import doses_file, draw_doses
from pipeline.methods.results import Context, Ledger, Results
from schemas.estimates import Estimates
from tests.unit.methods.published_claims import answers, claims_of, instrument, mood, pilot_claims

REBUILT = Context("ahs-pilot", "reconstructed", services=("act", "ne-clinic"), produced_by="test")
SERVICES = ["act", "ne-clinic"]


def long(frame, scale, wave):
    """The wide export as survey records."""
    codes = {option.label: option.code for option in scale.options}
    ids = {option.label: option.id for option in scale.options}
    rows = frame.unpivot(index="respondent", variable_name="item", value_name="text")
    return rows.select(
        "respondent",
        pl.col("respondent").alias("subject"),
        pl.lit(wave).alias("wave"),
        pl.lit("unknown").alias("service"),
        pl.lit(scale.instrument).alias("instrument"),
        "item",
        pl.col("text").replace_strict(codes, default=None, return_dtype=pl.Int64).alias("response"),
        pl.col("text").replace_strict(ids, default="", return_dtype=pl.String).alias("label"),
        pl.lit("reconstructed").alias("data_status"),
    )


def dated(frame):
    return frame.with_columns(pl.col("from", "to").cast(pl.Date))


def survey_estimates(frame, scale):
    rows = long(frame, scale, "feedback")
    parts = [feedback.shares(rows, scale, REBUILT), reliability.alpha(rows, scale, REBUILT)]
    return Results.concat(parts).estimates


@pytest.fixture(scope="module")
def judged():
    """The pilot's client feedback and doses, judged on independent reconstructions."""
    claims, scale = pilot_claims(), instrument("client-feedback")
    generator = np.random.default_rng(20)

    def estimates(survey, doses):
        parts = [survey_estimates(survey, scale), dose.describe(dated(doses), REBUILT).estimates]
        return pd.concat(parts, ignore_index=True)

    given = estimates(survey_file(claims, scale, "feedback"), doses_file(claims, SERVICES, 1))
    redraws = [
        estimates(draw_survey(claims, scale, "feedback", generator), draw_doses(claims, SERVICES, 1, generator))
        for _ in range(FEWEST_REDRAWS)
    ]
    return given, identify(given, redraws, precision(claims))


def test_shares_are_identified_and_alpha_is_not(judged):
    given, found = judged
    shares = found[(found["statistic"] == "share") & (found["instrument"] != "")]
    assert len(shares) == 9 * 7
    assert (shares["identified"] == "exact").all()
    assert shares["value"].equals(given.loc[shares.index, "value"])
    alpha = found[found["statistic"] == "alpha"].iloc[0]
    assert alpha["identified"] == "no"
    assert np.isnan(alpha["value"])
    assert np.isnan(alpha["level"])
    assert alpha["high"] - alpha["low"] > 0.3
    assert alpha["reason"] == "not identified"
    assert alpha["method"].endswith(f"; range over {FEWEST_REDRAWS + 1} reconstructions")


def test_printed_moments_of_doses_are_identified_to_rounding_and_others_not(judged):
    _, found = judged
    doses = found[(found["item"] == "sessions") & found["service"].isin(SERVICES)].set_index("statistic")
    assert set(doses.loc[["clients"], "identified"]) == {"exact"}
    assert set(doses.loc[["mean", "sd"], "identified"]) == {"to_rounding"}
    assert doses.loc["mean", "value"].tolist() == [11, 8]
    assert doses.loc["mean", "method"].str.endswith("reconstructions").all()
    assert set(doses.loc[["median", "quantile", "total"], "identified"]) == {"no"}
    assert doses.loc[["median", "quantile", "total"], "value"].isna().all()


def test_the_result_meets_the_schema(judged):
    Estimates.validate(judged[1])


def rows(values, **columns):
    """One reconstructed share per value."""
    ledger = Ledger(Context("s", columns.pop("data_status", "reconstructed")))
    for i, value in enumerate(values):
        reason = "no rows" if value is None else ""
        ledger.estimate("share", value, service="all", item=f"i{i}", method="m", reason=reason, **columns)
    return ledger.results().estimates


def test_widths_decide_between_rounding_and_not():
    given = rows([0.50, 0.50, 0.50])
    redraws = [rows([0.50, 0.505, 0.52])] * FEWEST_REDRAWS
    assert identify(given, redraws)["identified"].tolist() == ["exact", "to_rounding", "no"]
    narrow = dict.fromkeys(given["estimate_id"], 0.001)
    assert identify(given, redraws, narrow)["identified"].tolist() == ["exact", "no", "no"]
    wide = dict.fromkeys(given["estimate_id"], 0.02)
    assert identify(given, redraws, wide)["identified"].tolist() == ["exact", "to_rounding", "to_rounding"]


def test_a_range_replaces_what_varies():
    given = rows([0.5], low=0.4, high=0.6, level=0.95, se=0.1, p=0.03, p_adjusted=0.06, n=10, events=5)
    other = rows([0.7], low=0.6, high=0.8, level=0.95, se=0.1, p=0.01, p_adjusted=0.02, n=10, events=7)
    found = identify(given, [given] * FEWEST_REDRAWS + [other]).iloc[0]
    assert (found["low"], found["high"], found["n"]) == (0.5, 0.7, 10)
    assert found[["value", "se", "level", "p", "p_adjusted", "events"]].isna().all()


def test_to_rounding_keeps_the_outermost_limits():
    given = rows([0.500], low=0.4, high=0.6, se=0.05)
    other = rows([0.505], low=0.41, high=0.62, se=0.06)
    found = identify(given, [other] * FEWEST_REDRAWS).iloc[0]
    assert (found["value"], found["low"], found["high"], found["se"]) == (0.5, 0.4, 0.62, 0.06)


def test_a_p_that_varies_is_not_identified_and_an_adjusted_one_is_blanked():
    given, other = rows([0.5], p=0.04, p_adjusted=0.08), rows([0.5], p=0.06, p_adjusted=0.08)
    assert identify(given, [other] * FEWEST_REDRAWS)["identified"].tolist() == ["no"]
    neighbour = rows([0.5], p=0.04, p_adjusted=0.12)
    found = identify(given, [neighbour] * FEWEST_REDRAWS).iloc[0]
    assert (found["identified"], found["p"]) == ("exact", 0.04)
    assert np.isnan(found["p_adjusted"])


def test_absent_or_valueless_in_some_redraws_is_not_identified():
    given = rows([0.5, 0.6, None])
    absent = [given] * FEWEST_REDRAWS + [rows([0.5])]
    valueless = [given] * FEWEST_REDRAWS + [rows([0.5, None, 0.4])]
    assert identify(given, absent)["identified"].tolist() == ["exact", "no", "no"]
    found = identify(given, valueless)
    assert found["reason"].tolist() == ["", "not identified", "not identified"]
    assert (found.loc[2, "low"], found.loc[2, "high"]) == (0.4, 0.4)


def test_rows_without_a_number_anywhere_stay_as_they_are():
    given = rows([None])
    pd.testing.assert_frame_equal(identify(given, [given] * FEWEST_REDRAWS), given)


def test_observed_rows_stay_as_they_are_and_need_no_redraws():
    given = rows([0.5], data_status="observed")
    pd.testing.assert_frame_equal(identify(given, []), given)
    mixed = pd.concat([given, rows([0.1, 0.2]).iloc[1:]], ignore_index=True)
    found = identify(mixed, [rows([0.9, 0.2])] * FEWEST_REDRAWS)
    assert found["identified"].tolist() == ["not_applicable", "exact"]
    assert found.loc[0, "value"] == 0.5


def test_too_few_redraws_are_refused():
    with pytest.raises(ValueError, match="20 redraws or more, not 19"):
        identify(rows([0.5]), [rows([0.5])] * 19)


def test_draws_of_a_large_survey_stay_within_the_rounding_and_use_its_width():
    claims, scale = claims_of(*answers("calm", {"high": 50}, 1000)), mood()
    draws = [draw_survey(claims, scale, "w", np.random.default_rng(i)) for i in range(60)]
    shares = [(one["calm"] == "High").sum() / 1000 for one in draws]
    width = max(precision(claims).values())
    assert 0.01 < max(shares) - min(shares) <= width  # cut off, up to 50.9; rounded, from 49.5


def test_precision_is_the_width_of_the_rounding():
    stated = claims_of(*answers("calm", {"high": 50}, 10, rounding="half-up"))
    unknown = claims_of(*answers("calm", {"high": 50.5}, 10, decimals=1))
    assert list(precision(stated).values()) == [0.01]
    assert list(precision(unknown).values()) == pytest.approx([0.0015])
    pilot = precision(pilot_claims())
    assert pilot["ahs-pilot/act/sd/population=clients/item=sessions"] == pytest.approx(0.15)
    assert "ahs-pilot/act/clients/population=clients/item=sessions" not in pilot
    assert "" not in pilot
