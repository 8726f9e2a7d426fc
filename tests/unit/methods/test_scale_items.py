"""The scales of an instrument taken apart: values, keys, links to cells, and where a number can't be had."""

import numpy as np
import pytest

from pipeline.methods import feedback, reliability, scores
from pipeline.methods.complete_answers import scales_of
from pipeline.methods.disclosure import gate
from pipeline.methods.omega import one_factor
from pipeline.methods.results import Results
from pipeline.methods.scale_items import scale_items
from schemas.instrument import Instrument
from schemas.study import Disclosure
from tests.unit.methods.result_checks import CONTEXT, answers, check, instrument, one, pick, surveys

ITEMS = ("a", "b", "c", "d")
TOTAL = {"id": "total", "label": "Total", "method": "sum", "range": {"low": 4, "high": 16}}
PART = {"id": "part", "label": "Part", "method": "mean", "subscale": "first", "range": {"low": 1, "high": 4}}


def scale(items=ITEMS, reverse=(), scoring=(), subscales=None):
    content = instrument(items, reverse).model_dump() | {"scoring": list(scoring), "subscales": subscales or {}}
    return Instrument.model_validate(content)


def draw(n=40, items=4, seed=1):
    rng = np.random.default_rng(seed)
    return np.clip(np.round(2.5 + rng.normal(size=(n, 1)) * 0.8 + rng.normal(size=(n, items)) * 0.7), 1, 4).astype(
        int
    )


def rows(matrix, names=ITEMS, **keys):
    return surveys(answers({name: matrix[:, place].tolist() for place, name in enumerate(names)}, **keys))


def test_scales_are_the_whole_the_subscales_and_the_scores_of_other_items():
    declared = scale(scoring=[TOTAL, PART], subscales={"first": ("a", "b", "c"), "last": ("c", "d")})
    found = [(one.id, one.items, [score.id for score in one.scores]) for one in scales_of(declared)]
    assert found == [("", ITEMS, ["total"]), ("part", ("a", "b", "c"), ["part"]), ("last", ("c", "d"), [])]


def test_every_scale_has_its_alpha_and_omega():
    matrix, declared = draw(), scale(scoring=[PART], subscales={"first": ("a", "b", "c")})
    alphas = check(reliability.alpha(rows(matrix), declared, CONTEXT))
    assert alphas.estimates["item"].tolist() == ["", "part"]
    assert one(alphas, item="part").value == pytest.approx(reliability.cronbach(matrix[:, :3].astype(float)))
    found = check(scale_items(rows(matrix), declared, CONTEXT))
    for name, columns in (("", 4), ("part", 3)):
        row, factor = one(found, statistic="omega", item=name), one_factor(matrix[:, :columns].astype(float))
        assert (row.value, row.se) == pytest.approx((factor.omega(), factor.error_of_omega()))
        assert row.low < row.value < row.high


def test_items_are_named_with_their_scale():
    matrix, declared = draw(), scale(scoring=[PART], subscales={"first": ("a", "b", "c")})
    found = check(scale_items(rows(matrix), declared, CONTEXT))
    rest = one(found, statistic="item_rest_correlation", item="b", term="part")
    assert rest.value == pytest.approx(np.corrcoef(matrix[:, 1], matrix[:, [0, 2]].sum(axis=1))[0, 1])
    without = one(found, statistic="alpha_without_item", item="b", term="")
    assert without.value == pytest.approx(reliability.cronbach(matrix[:, [0, 2, 3]].astype(float)))
    assert without.low < without.value < without.high


def test_reverse_items_are_turned_round_and_incomplete_ones_left_out():
    matrix = draw()
    turned = matrix.copy()
    turned[:, 3] = 5 - turned[:, 3]
    straight = scale_items(rows(matrix), scale(), CONTEXT).estimates["value"]
    reverse = scale_items(rows(turned), scale(reverse=["d"]), CONTEXT).estimates["value"]
    assert reverse.tolist() == pytest.approx(straight.tolist())
    more = answers({"a": [1, 4], "b": [2, None], "c": ["n-a", 4], "d": [2, 2]}, start=100)
    everyone = answers({name: matrix[:, place].tolist() for place, name in enumerate(ITEMS)})
    found = check(scale_items(surveys([*everyone, *more]), scale(), CONTEXT))
    assert found.estimates["value"].tolist() == pytest.approx(straight.tolist())
    assert set(found.estimates["missing"]) == {2}


def test_error_of_a_score_is_that_of_its_sd_and_alpha():
    matrix, declared = draw(), scale(scoring=[TOTAL])
    found = check(scale_items(rows(matrix), declared, CONTEXT))
    error = one(found, statistic="standard_error_of_measurement", item="total")
    alpha = reliability.cronbach(matrix.astype(float))
    assert error.value == pytest.approx(matrix.sum(axis=1).std(ddof=1) * np.sqrt(1 - alpha))
    assert error.unit == "points"
    single = one(found, statistic="minimal_detectable_change")
    assert (single.value, single.level) == (pytest.approx(1.959963985 * np.sqrt(2) * error.value), 0.95)
    group = one(found, statistic="minimal_detectable_change_of_mean")
    assert (group.value, group.n) == (pytest.approx(single.value / np.sqrt(40)), 40)


def test_numbers_hang_on_the_complete_cases_and_errors_on_what_the_sd_hangs_on_too():
    matrix, declared = draw(), scale(scoring=[TOTAL])
    found = check(scale_items(rows(matrix), declared, CONTEXT))
    links = found.links.groupby("estimate_id")["cell_id"].agg(set)
    whole = {"demo/all/count/population=clients/instrument=scale/category=complete/wave=w1"}
    assert links[one(found, statistic="omega").estimate_id] == whole
    described = check(scores.scores(rows(matrix), declared, CONTEXT))
    spread = one(described, statistic="sd", service="all").estimate_id
    behind = set(described.links.loc[described.links["estimate_id"] == spread, "cell_id"])
    assert links[one(found, statistic="minimal_detectable_change").estimate_id] == whole | behind
    together = Results.concat([described, found])
    check(together)


def gated(frame, declared):
    families = (feedback.shares, scores.scores, reliability.alpha, scale_items)
    return gate(Results.concat(family(frame, declared, CONTEXT) for family in families), Disclosure(minimum_cell=5))


def test_the_gate_withholds_the_error_of_a_score_whose_sd_is_withheld():
    matrix = np.tile([[1, 1, 2, 1], [2, 3, 2, 2], [3, 3, 3, 4], [4, 4, 4, 3], [1, 2, 1, 2]], (8, 1))
    open_, closed = matrix.copy(), matrix.copy()
    closed[closed[:, 0] == 4, 0] = 3
    closed[:2, 0] = 4  # two persons with the highest answer to the first item
    for codes, hidden in ((open_, False), (closed, True)):
        found = gated(rows(codes), scale(scoring=[TOTAL])).estimates
        errors = found[found["unit"].eq("points") & found["service"].eq("all")].set_index("statistic")["value"]
        for statistic in ("sd", "standard_error_of_measurement", "minimal_detectable_change_of_mean"):
            assert np.isnan(errors[statistic]) == hidden


def test_the_gate_withholds_everything_about_too_few_complete_cases():
    matrix = draw(30)
    skipped = [None] * 4 + [place % 4 for place in range(26)]  # the item that each person left out
    codes = {
        name: [None if item == left else int(code) for left, code in zip(skipped, matrix[:, item], strict=True)]
        for item, name in enumerate(ITEMS)
    }
    everyone = answers(codes)
    found = gated(surveys(everyone), scale()).estimates
    own = found[found["statistic"].isin(["omega", "mean_correlation", "item_rest_correlation", "alpha_without_item"])]
    assert len(own) == 10
    assert own["suppressed"].all()


@pytest.mark.parametrize(
    ("matrix", "names", "reasons"),
    [
        (np.array([[1], [2], [3], [4]]), "a", {"too few items"}),
        (draw(2), "abcd", {"too few rows"}),
        (np.full((6, 3), 2), "abc", {"no variation"}),
        (draw(20, 2), "ab", {"", "too few items"}),
    ],
)
def test_what_cannot_be_had_has_a_reason(matrix, names, reasons):
    declared = scale(tuple(names))
    found = check(scale_items(rows(matrix, names), declared, CONTEXT)).estimates
    assert set(found["reason"]) == reasons
    assert (found["value"].isna() == (found["reason"] != "")).all()


def test_an_improper_solution_prints_no_omega():
    matrix = draw(30, 3)
    matrix = np.column_stack([matrix, matrix[:, 0]])
    row = one(check(scale_items(rows(matrix), scale(), CONTEXT)), statistic="omega")
    assert np.isnan(row.value)
    assert np.isnan(row.low)
    assert row.reason == "improper solution"


def test_an_alpha_below_0_gives_no_error():
    matrix = np.array([[1, 4, 2, 3], [4, 1, 3, 2], [2, 3, 4, 2], [3, 2, 2, 4], [1, 4, 4, 1]])
    found = check(scale_items(rows(matrix), scale(scoring=[TOTAL]), CONTEXT))
    assert pick(found, item="total")["reason"].tolist() == ["alpha below 0"] * 3


def test_no_rows_at_all():
    found = check(scale_items(surveys([]), scale(scoring=[TOTAL]), CONTEXT)).estimates
    assert set(found["reason"]) == {"no rows"}
    assert set(found["wave"]) == {""}


def test_each_wave_stands_alone():
    everyone = [
        *answers({n: draw()[:, i].tolist() for i, n in enumerate(ITEMS)}),
        *answers({n: draw(30, seed=2)[:, i].tolist() for i, n in enumerate(ITEMS)}, wave="w2"),
    ]
    found = check(scale_items(surveys(everyone), scale(), CONTEXT))
    assert pick(found, statistic="omega")["n"].tolist() == [40, 30]
