"""Figures that enter the estimates as they are printed: numbers, rough numbers, bounds."""

import pandas as pd
import pytest

from pipeline.methods.as_published import aggregates, exhaustive
from pipeline.methods.results import Context
from pipeline.reporting.formats import as_text
from schemas.estimates import Estimates
from schemas.study import Aggregates
from tests.unit.methods.published_claims import answers, claims_of, pilot_claims, pilot_study

OBSERVED = Context("s", "observed", produced_by="test")
EVERY = [Aggregates(claims=("*",), reason="no rows")]


def percent(published, n, **rest):
    return answers("calm", {"high": published}, n, "answered", **rest)[0]


def entered(*rows):
    """The one estimate that the claims make."""
    found = Estimates.validate(aggregates(claims_of(*rows), EVERY, OBSERVED).estimates)
    assert len(found) == 1
    return found.iloc[0]


def test_aggregates_enter_as_published():
    study, claims = pilot_study(), pilot_claims()
    found = aggregates(claims, study.aggregates, Context("ahs-pilot", "observed"))
    rows = Estimates.validate(found.estimates).set_index("estimate_id")
    assert len(rows) == 11
    group = rows.loc["ahs-pilot/act/share/population=support/item=support/category=group/denominator=not-stated"]
    assert (group["value"], group["reason"], group["method"], group["unit"]) == (
        0.12, "no published n", "as published", "proportion",
    )  # fmt: skip
    uncertain = rows.loc["ahs-pilot/nw-clinic/clients/population=clients/item=sessions"]
    assert pd.isna(uncertain["value"])
    assert uncertain["reason"] == "published as uncertain"
    assert rows[["low", "high"]].isna().all(axis=None)
    assert (rows["identified"] == "not_applicable").all()
    assert found.cells.empty


def test_aggregates_with_an_n_give_the_study_files_reason_and_are_taken_once():
    claims = claims_of(percent(50, 10), {"statistic": "count", "published": 5})
    both = [Aggregates(claims=("calm-high",), reason="first"), Aggregates(claims=("*",), reason="second")]
    rows = aggregates(claims, both, OBSERVED).estimates
    assert rows[["value", "n", "reason"]].to_numpy().tolist() == [[0.5, 10, "first"]]
    assert aggregates(claims, [], OBSERVED).estimates.empty


@pytest.mark.parametrize(
    ("operator", "low", "high", "words"),
    [
        (">", 0.5, 1, "more than"),
        ("≥", 0.5, 1, "at least"),
        ("<", 0, 0.5, "less than"),
        ("≤", 0, 0.5, "at most"),
    ],
)
def test_a_bound_has_no_value(operator, low, high, words):
    row = entered(percent(50, 36, operator=operator, value_text="half"))
    assert pd.isna(row["value"])
    assert (row["low"], row["high"], row["n"]) == (low, high, 36)
    assert row["reason"] == f"published as a bound: {words}"
    assert as_text(row, "value") == f"{words} 50%"


def test_a_bound_on_a_number_binds_on_one_side_only():
    posts = {"statistic": "count", "operator": ">", "published": 40, "estimate_id": "s/all/headcount/wave=w"}
    row = entered(posts)
    assert row["low"] == 40
    assert pd.isna(row["high"])
    assert as_text(row, "value") == "more than 40"


def test_a_rough_figure_keeps_its_number():
    row = entered(percent(25, 36, operator="≈", value_text="a quarter"))
    assert (row["value"], row["reason"]) == (0.25, "published as approximate")
    assert as_text(row, "value") == "about 25%"
    posts = {"statistic": "count", "operator": "≈", "published": 20, "estimate_id": "s/all/headcount/wave=w"}
    assert as_text(entered(posts), "value") == "about 20"


def test_words_without_a_number_say_so():
    row = entered(percent(None, 36, operator="≈", value_text="some"))
    assert as_text(row, "value") == row["reason"] == "published in words only"


def test_claims_of_one_estimate_enter_once_the_most_exact_first():
    low, high = percent(20, None, operator="≥"), percent(30, None, operator="<")
    row = entered(low, high | {"claim": "b"}, percent(10, None, operator=">") | {"claim": "c"})
    assert (row["low"], row["high"]) == (0.2, 0.3)
    assert as_text(row, "value") == "at least 20% and less than 30%"
    rough = percent(25, None, operator="≈") | {"claim": "d"}
    assert entered(low, rough)["value"] == 0.25
    assert entered(low, rough, percent(24, None) | {"claim": "e"})["value"] == 0.24


def test_which_claims_are_all_categories_there_are():
    ids = ["mix-group", "mix-individual", "dose-mean"]
    declared = [
        Aggregates(claims=("mix-*",), reason="r", exhaustive=True),
        Aggregates(claims=("dose-*",), reason="r"),
    ]
    assert exhaustive(ids, declared) == ["mix-group", "mix-individual"]
    assert [one for one in exhaustive(pilot_claims()["claim"], pilot_study().aggregates) if "-mix-" not in one] == []
