"""Subgroups of services and meta-regression as rows: values, keys, cells, adjustment, and what can't be had."""

from pathlib import Path

import numpy as np
import pytest

from pipeline.evaluation import Evaluation
from pipeline.families import FAMILIES
from pipeline.methods import synthesis
from pipeline.methods.disclosure import gate
from pipeline.methods.meta_regression import regress, subgroups
from pipeline.methods.random_effects import expit, logit_share
from pipeline.studies import instruments, load_study
from pipeline.validation import read_table
from schemas.analyses import Pooling
from schemas.study import Disclosure
from tests.unit.methods.result_checks import CONTEXT, answers, check, instrument, one, pick, surveys

DEMONSTRATION = Path(__file__).parents[3] / "raw" / "demo-riverbend"
COUNTS = {"east": (12, 30), "west": (25, 40), "north": (5, 22), "south": (9, 29), "mid": (30, 33), "far": (14, 20)}
PLACES = {
    "east": {"setting": "town", "posts": 2.0},
    "west": {"setting": "town", "posts": 4},
    "north": {"setting": "land", "posts": 1.0},
    "south": {"setting": "land", "posts": 1.0},
    "mid": {"setting": "town", "posts": 6.5},
    "far": {"setting": "land", "posts": 3.0},
}


def compared(counts=COUNTS, places=PLACES, items=("hope",), **declared):
    rows = []
    for service, (events, n) in counts.items():
        codes = [4] * events + [1] * (n - events)
        rows += answers(dict.fromkeys(items, codes), service=service, start=len(rows))
    pooling = Pooling(instrument="scale", category="high", wave="w1", **declared)
    return check(synthesis.compare(surveys(rows), instrument(items), pooling, CONTEXT, places))


def logits(names=COUNTS):
    return [list(column) for column in zip(*(logit_share(*COUNTS[name]) for name in names), strict=True)]


def test_subgroups_are_pooled_apart():
    results = compared(subgroups="setting", variance="reml")
    names, found = subgroups(*logits(), [PLACES[s]["setting"] for s in COUNTS], 0.95, "reml")
    for name, mean in zip(names, found.coefficients, strict=True):
        row = one(results, statistic="pooled_share", group=f"setting-{name}")
        assert (row.value, row.low, row.high) == pytest.approx([expit(x) for x in (mean.value, mean.low, mean.high)])
    assert one(results, group="setting-land").n == 22 + 29 + 20
    test = one(results, statistic="moderator_q", model="subgroups")
    assert (test.value, test.p, test.term) == pytest.approx((found.moderator_q, found.moderator_p, "setting"))
    left = one(results, statistic="heterogeneity_tau2", model="subgroups")
    assert left.value == pytest.approx(found.tau2)


def test_coefficients_of_numbers_and_words():
    results = compared(moderators=("posts", "setting"))
    design = [[1, PLACES[s]["posts"], PLACES[s]["setting"] == "land"] for s in COUNTS]
    found = regress(*logits(), np.array(design, dtype=float))
    rows = pick(results, statistic="moderator_coefficient")
    assert [*zip(rows["term"], rows["reference"], strict=True)] == [
        ("intercept", ""),
        ("posts", ""),
        ("setting-land", "setting-town"),
    ]
    expected = [(c.value, c.se, c.low, c.high, c.p) for c in found.coefficients]
    assert rows[["value", "se", "low", "high", "p"]].to_numpy() == pytest.approx(np.array(expected))
    assert set(rows["scale"]) == {"logit"}
    test = one(results, statistic="moderator_q")
    assert (test.value, test.p) == pytest.approx((found.moderator_q, found.moderator_p))
    assert one(results, statistic="heterogeneity_explained").value == pytest.approx(found.explained)


def test_p_is_adjusted_over_the_items_of_each_term():
    rows = pick(compared(items=("hope", "choice"), moderators=("posts",)), term="posts")
    coefficients = rows[rows["statistic"] == "moderator_coefficient"]
    assert coefficients["family"].nunique() == 1
    assert [*coefficients["p_adjusted"]] == pytest.approx([*np.minimum(1, 2 * coefficients["p"])])
    assert rows[rows["statistic"] == "moderator_q"]["family"].iloc[0] != coefficients["family"].iloc[0]


def test_a_service_without_the_characteristic_is_left_out_and_counted():
    places = {name: its for name, its in PLACES.items() if name != "far"} | {"far": {"setting": " "}}
    row = one(compared(places=places, subgroups="setting"), statistic="moderator_q")
    assert row.reason == "services left out, without setting: 1"
    assert row.n == sum(n for name, (_, n) in COUNTS.items() if name != "far")


def test_all_rows_link_the_counts_of_the_services_they_use():
    results = compared(subgroups="setting", moderators=("posts",))
    rows = pick(results, model="subgroups")["estimate_id"].tolist()
    for row in rows:
        linked = results.links.loc[results.links["estimate_id"] == row, "cell_id"]
        assert {cell.split("/")[1] for cell in linked} == set(COUNTS)


def test_a_small_count_withholds_what_is_made_of_it():
    counts = COUNTS | {"far": (2, 44)}
    gated = gate(compared(counts, subgroups="setting", moderators=("posts",)), Disclosure(minimum_cell=5))
    rows = gated.estimates[gated.estimates["model"].isin(["subgroups", "meta-regression"])]
    assert rows["suppressed"].all()


def test_words_that_could_not_stand_in_an_id_can():
    places = {name: its | {"setting": "n/a=1" if name in ("east", "west") else "b"} for name, its in PLACES.items()}
    assert one(compared(places=places, subgroups="setting"), group="setting-n-a-1").n == 70


@pytest.mark.parametrize(
    ("places", "reason"),
    [
        ({}, "no rows"),
        ({name: {"setting": "town"} for name in COUNTS}, "no variation"),
        ({name: PLACES[name] for name in ("east", "west", "north")}, "too few rows"),
        ({name: {"setting": name} for name in COUNTS}, "too few rows"),
    ],
)
def test_subgroups_that_cannot_be_compared_have_a_reason(places, reason):
    results = compared(places=places, subgroups="setting")
    rows = pick(results, model="subgroups")
    assert set(rows["reason"]) == {reason}
    assert rows[["value", "low"]].isna().all(axis=None)


def test_a_subgroup_of_one_service_has_no_share_of_its_own():
    places = PLACES | {"far": {"setting": "sea"}}
    results = compared(places=places, subgroups="setting")
    assert one(results, group="setting-sea").reason == "too few rows"
    assert one(results, statistic="moderator_q").value > 0


@pytest.mark.parametrize(
    ("places", "reason"),
    [
        ({name: {"posts": 3.0, "setting": "town"} for name in COUNTS}, "no variation"),
        ({name: {"posts": 3.0 + place, "setting": "town"} for place, name in enumerate(COUNTS)}, "no variation"),
        ({name: PLACES[name] for name in ("east", "west", "north", "south")}, "too few rows"),
        ({}, "no rows"),
    ],
)
def test_a_regression_that_cannot_be_had_has_a_reason(places, reason):
    results = compared(places=places, moderators=("posts", "setting"))
    rows = pick(results, model="meta-regression")
    assert set(rows["reason"]) == {reason}
    assert rows["value"].isna().all()
    assert {"intercept", "posts"} <= set(rows["term"])


def test_no_convergence_no_number(monkeypatch):
    monkeypatch.setattr("pipeline.methods.heterogeneity._TURNS", 1)
    results = compared(subgroups="setting", moderators=("posts",), variance="reml")
    rows = results.estimates[results.estimates["model"].isin(["subgroups", "meta-regression"])]
    assert set(rows["reason"]) == {"no convergence"}


def test_nobody_anywhere_is_no_variation():
    counts = {name: (0, n) for name, (_, n) in COUNTS.items()}
    rows = pick(compared(counts, moderators=("posts",)), model="meta-regression")
    assert set(rows["reason"]) == {"no variation"}


def test_the_family_hands_over_what_the_study_file_says_of_services():
    study = load_study(DEMONSTRATION)
    places = dict(zip(study.service_ids(), ("town", "town", "land", "land", "town", "land"), strict=True))
    named = [one.model_copy(update={"characteristics": {"setting": places[one.id]}}) for one in study.services]
    pooling = study.analyses.pooling[0].model_copy(update={"subgroups": "setting"})
    analyses = study.analyses.model_copy(update={"pooling": (pooling,)})
    study = study.model_copy(update={"services": tuple(named), "analyses": analyses})
    evaluation = Evaluation(study, instruments(), {"surveys": read_table(DEMONSTRATION, study, "surveys")})
    rows = pick(check(FAMILIES["services"](evaluation)), model="subgroups", statistic="pooled_share")
    assert set(rows["group"]) == {"setting-town", "setting-land"}
    assert rows["value"].between(0, 1).all()
