"""Scores described: by hand, by another library, recovered from a simulation, behind the gate, and where few."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import DescrStatsW

from pipeline.methods import feedback
from pipeline.methods.disclosure import gate
from pipeline.methods.identify import FEWEST_REDRAWS, identify
from pipeline.methods.reconstruct import draw_survey
from pipeline.methods.results import Context, Results
from pipeline.methods.scores import TIED, scores
from pipeline.studies import instruments
from schemas.instrument import Instrument
from schemas.study import Disclosure
from tests.unit.methods import published_claims
from tests.unit.methods.result_checks import CONTEXT, answers, check, instrument, one, pick, surveys
from tests.unit.methods.test_identify import REBUILT, long

BANDS = [{"id": "few", "label": "Few", "low": 2, "high": 4}, {"id": "many", "label": "Many", "low": 5, "high": 8}]


def scale(**more: Any) -> Instrument:
    """Two items of 1 to 4, their sum in two bands."""
    total = {"id": "total", "label": "Total", "method": "sum", "range": {"low": 2, "high": 8}}
    banded = total | {"bands": BANDS, "bands_source": "us"} | more
    return Instrument.model_validate(instrument().model_dump() | {"scoring": [banded]})


def people(values: list[int | None], **keys: Any) -> list[Any]:
    """Respondents with these sums of two items; none where one item is blank."""
    hope = [1 if v is None else (v + 1) // 2 for v in values]
    choice = [None if v is None else v // 2 for v in values]
    return answers({"hope": hope, "choice": choice}, **keys)


def described(*parts: list[Any], context: Context = CONTEXT, **more: Any) -> Results:
    return check(scores(surveys(row for part in parts for row in part), scale(**more), context))


def test_moments_by_hand() -> None:
    """Scores 2, 4, 4, 6 and one that can't be had: mean 4, squares 4 + 0 + 0 + 4 over 3."""
    results = described(people([2, 4, 4, 6, None]))
    mean = one(results, statistic="mean", service="all")
    sd = (8 / 3) ** 0.5
    assert (mean.value, mean.n, mean.missing, mean.unit, mean["item"], mean.wave) == (
        4,
        4,
        1,
        "points",
        "total",
        "w1",
    )
    assert mean.se == pytest.approx(sd / 2)
    assert one(results, statistic="sd", service="all").value == pytest.approx(sd)
    assert set(pick(results, service="all", statistic="median")["reason"]) == {"too few rows"}
    assert one(results, statistic="count", service="all", category="scored").value == 4
    share = one(results, statistic="share", service="all", category="few")
    assert (share.value, share.events, share.n, share.missing, share.denominator) == (0.75, 3, 4, 1, "scored")


def test_medians_and_quartiles_need_five_scored_on_either_side() -> None:
    """Of twenty scores 2 (five), 4 (six), 6 (four) and 8 (five) the 5th and 6th are 2 and 4, so the quartile 3.5."""
    values = [2] * 5 + [4] * 6 + [6] * 4 + [8] * 5
    full, short, half = (described(people(values[:n])) for n in (20, 19, 9))
    assert one(full, statistic="median", service="all").value == 4
    assert [one(full, statistic="quantile", service="all", at=at).value for at in ("0.25", "0.75")] == [3.5, 6.5]
    assert set(pick(short, statistic="quantile")["reason"]) == {"too few rows"}
    assert one(short, statistic="median", service="all").value == 4
    assert set(pick(half, statistic="median")["reason"]) == {"too few rows"}
    assert pick(half, statistic="median")["value"].isna().all()


def test_agrees_with_other_libraries() -> None:
    rng = np.random.default_rng(3)
    values = rng.integers(2, 9, 57)
    results = described(people(values.tolist()))
    mean = one(results, statistic="mean", service="all")
    assert (mean.low, mean.high) == pytest.approx(DescrStatsW(values).tconfint_mean(0.05))
    assert (mean.low, mean.high) == pytest.approx(stats.ttest_1samp(values, 0).confidence_interval(0.95))
    for at in ("0.25", "0.75"):
        assert one(results, statistic="quantile", service="all", at=at).value == np.quantile(values, float(at))
    share = one(results, statistic="share", service="all", category="many")
    assert (share.low, share.high) == pytest.approx(proportion_confint((values >= 5).sum(), 57, method="wilson"))


def test_a_simulated_mean_is_recovered() -> None:
    """Items drawn 1 to 4 with known chances; a fifth of the second items blank at random."""
    rng = np.random.default_rng(11)
    chances, n = [0.1, 0.2, 0.3, 0.4], 4000
    hope, choice = (rng.choice([1, 2, 3, 4], n, p=chances) for _ in range(2))
    codes = {
        "hope": hope.tolist(),
        "choice": [None if r < 0.2 else int(c) for r, c in zip(rng.random(n), choice, strict=True)],
    }
    mean = one(described(answers(codes)), statistic="mean", service="all")
    assert mean.low < 2 * 3.0 < mean.high
    assert mean.value == pytest.approx(6, abs=0.1)
    assert mean.missing == pytest.approx(0.2 * n, rel=0.1)


def test_services_add_up_to_all_and_stand_beside_the_shares_of_answers() -> None:
    rows = surveys([*people([2, 8, 5], service="east"), *people([3, 3, None], service="west", start=3)])
    results = check(Results.concat([scores(rows, scale(), CONTEXT), feedback.shares(rows, scale(), CONTEXT)]))
    means = pick(results, statistic="mean").set_index("service")
    assert list(means.index) == ["all", "east", "west"]
    assert means["value"].to_dict() == pytest.approx({"all": 21 / 5, "east": 5, "west": 3})
    total = results.cells[(results.cells["quantity"] == "sum") & (results.cells["service"] == "all")].iloc[0]
    # Points above the lowest answer: 21 less one for each of the two items of five people.
    assert (total["value"], total["contributors"], total["largest"], total["unit"]) == (11, 6, 6, "point")
    assert results.cells["cell_id"].is_unique


def test_answers_without_a_known_service_count_in_all_only() -> None:
    results = described(people([2, 8], service="east"), people([3, None], service="unknown", start=2))
    assert set(results.estimates["service"]) == {"all", "east"}
    assert one(results, statistic="mean", service="all").n == 3


def test_one_persons_part_of_the_sum_is_all_that_is_about_them() -> None:
    rated = [("a", "x", "w1", "east", i, 4, "o4") for i in ("hope", "choice")]
    rated += [("b", "x", "w1", "east", i, 3, "o3") for i in ("hope", "choice")]
    rated += [("b", "y", "w1", "east", i, 1, "o1") for i in ("hope", "choice")]
    cells = described(rated).cells
    total = cells[(cells["quantity"] == "sum") & (cells["service"] == "all")].iloc[0]
    assert (total["value"], total["contributors"], total["largest"]) == (10, 2, 10)


def test_filled_in_scores_add_up_too() -> None:
    filled = {"missing": "prorate", "minimum_answered": 1}
    results = described(people([2, None, 7], service="east"), people([None, 5], service="west", start=3), **filled)
    assert one(results, statistic="mean", service="all").value == pytest.approx((2 + 2 + 7 + 2 + 5) / 5)
    assert one(results, statistic="mean", service="all").missing == 0


def test_without_rows_there_is_a_reason() -> None:
    results = described([])
    assert set(results.estimates["statistic"]) == {"count", "mean", "sd", "median", "quantile"}
    assert set(results.estimates["reason"]) == {"no rows"}
    assert results.estimates["value"].isna().all()
    assert check(scores(surveys(people([4])), instrument(), CONTEXT)).estimates.empty


def test_where_nobody_could_be_scored_there_is_a_reason() -> None:
    results = described(people([None, None]), people([3], service="west", start=2))
    east = pick(results, service="east")
    assert one(results, service="east", statistic="count").value == 0
    others = east[east["statistic"] != "count"]
    assert set(others["reason"]) == {"too few items answered"}
    assert others["value"].isna().all()
    assert set(east["missing"]) == {2}


def test_one_scored_person_and_people_who_are_all_alike() -> None:
    results = described(people([4]), people([6, 6, 6], service="west", start=1))
    alone, alike = (one(results, statistic="mean", service=s) for s in ("east", "west"))
    assert (alone.value, alike.value) == (4, 6)
    assert pd.isna([alone.low, alone.se, alike.low, alike.level]).all()
    assert alike.reason == "no variation"
    assert one(results, statistic="sd", service="east").reason == "too few rows"
    assert one(results, statistic="sd", service="west").value == 0


def test_scores_over_the_items_that_apply_to_each_person() -> None:
    """Means of 3, 2.5 over two items, and 4 over one; nothing applies to the fourth, the fifth left one blank."""
    own = {"method": "mean", "does_not_apply": ["n-a"], "minimum_answered": 1, "range": {"low": 1, "high": 4}}
    asked = answers({"hope": [3, 1, 4, "n-a", 2], "choice": [3, 4, "n-a", "n-a", None]})
    results = described(asked, bands=(), bands_source="", **own)
    mean = one(results, statistic="mean", service="all")
    assert (mean.value, mean.n, mean.missing) == (pytest.approx((3 + 2.5 + 4) / 3), 3, 2)


def test_the_gate_withholds_scores_of_few_and_what_would_give_them_away() -> None:
    rng = np.random.default_rng(5)
    parts = [people(rng.integers(2, 9, n).tolist(), service=s, start=100 * i)
             for i, (s, n) in enumerate({"east": 30, "west": 25, "north": 3}.items())]  # fmt: skip
    gated = gate(described(*parts), Disclosure(minimum_cell=5))
    assert gated.passed
    released = gated.estimates[gated.estimates["statistic"] == "mean"].set_index("service")["value"]
    assert pd.isna(released["north"])
    # With all the others and the total the one of the north could be worked out.
    assert released[["all", "east", "west"]].isna().any()
    assert released.notna().any()


def test_of_reconstructed_rows_only_what_is_the_same_in_each_is_identified() -> None:
    """Which answers to two items are one person's is not published, so the spread of the scores is not determined."""
    claims = published_claims.pilot_claims()
    published = published_claims.instrument("client-feedback")
    total = {
        "id": "total",
        "label": "T",
        "method": "sum",
        "range": {"low": 0, "high": 18},
        "minimum_answered": 1,
        "missing": "prorate",
    }
    scored = Instrument.model_validate(published.model_dump() | {"scoring": [total]})
    generator = np.random.default_rng(2)
    draws = [
        long(draw_survey(claims, published, "feedback", generator), scored, "feedback")
        for _ in range(FEWEST_REDRAWS + 1)
    ]
    tables = [check(scores(pl.DataFrame(rows), scored, REBUILT)).estimates for rows in draws]
    judged = identify(tables[0], tables[1:]).set_index("statistic")
    assert set(tables[0]["identified"]) == {"no"}
    assert judged.loc["sd", "identified"] == "no"
    assert pd.isna(judged.loc["sd", "value"])
    assert judged.loc["sd", "high"] - judged.loc["sd", "low"] > 0.1


LONELY = {
    "q1": [1] * 15 + [2] * 15 + [3] * 10,
    "q2": [1] * 12 + [2] * 18 + [3] * 10,
    "q3": [1] * 33 + [2] * 4 + [3] * 3,
}
"""Answers of forty people to the three questions on loneliness; the third has counts of four and three."""


def lonely(services: Sequence[str]) -> pl.DataFrame:
    instrument, draw = instruments()["ucla-3"], np.random.default_rng(0)
    ids = {option.code: option.id for option in instrument.options}
    parts = []
    for service in services:
        for item, codes in LONELY.items():
            for who, code in enumerate(draw.permutation(codes).tolist()):
                name = f"{service}-{who}"
                parts.append((name, name, "w1", service, "ucla-3", item, code, ids[code], "observed"))
    names = ["respondent", "subject", "wave", "service", "instrument", "item", "response", "label", "data_status"]
    return pl.DataFrame(parts, schema=names, orient="row")


@pytest.mark.parametrize("services", [1, TIED + 1])
def test_a_mean_does_not_give_back_a_withheld_count(services: int) -> None:
    """The mean times forty, less the points of the first two questions, is 4 + 2 × 3 of the third.

    With its 33 shown too, 4 and 3 would follow; without it they may be 0 and 5, 2 and 4, up to 10 and 0.
    """
    names = [f"s{place}" for place in range(services)]
    context = replace(CONTEXT, services=tuple(names))
    rows, instrument = lonely(names), instruments()["ucla-3"]
    found = Results.concat([scores(rows, instrument, context), feedback.shares(rows, instrument, context)])
    shown = gate(found, Disclosure(minimum_cell=5)).estimates
    own = shown[(shown["service"] == "s0") & shown["value"].notna()]
    answers = own[(own["statistic"] == "share") & (own["denominator"] == "answered")]
    seen = {item: len(answers[answers["item"] == item]) for item in LONELY}
    assert seen["q3"] < 2
    mean = own[own["statistic"] == "mean"]
    assert mean.empty or min(seen["q1"], seen["q2"]) < 3 or not seen["q3"]
