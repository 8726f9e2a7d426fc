"""What the next evaluation needs: rows, cells, clusters, and what can't be planned."""

from pathlib import Path

import numpy as np
import pytest

from pipeline.evaluation import Evaluation
from pipeline.families import FAMILIES
from pipeline.methods.clustered_size import with_more_services
from pipeline.methods.design import needed
from pipeline.methods.disclosure import gate
from pipeline.methods.intraclass import design_effect, intraclass
from pipeline.methods.power import power_independent, power_linked
from pipeline.methods.sample_size import Linked, Unlinked
from pipeline.studies import instruments, load_study
from pipeline.validation import read_table
from schemas.analyses import NextStudy
from schemas.study import Disclosure
from tests.unit.methods.result_checks import CONTEXT, answers, check, instrument, one, pick, surveys
from tests.unit.methods.test_change import LINKED, declared

DEMONSTRATION = Path(__file__).parents[3] / "raw" / "demo-riverbend"
PLAN = NextStudy(rounds="rounds", difference=0.15, half_width=0.08)
THEN = {"east": (12, 30), "west": (25, 40), "north": (5, 22)}
NOW = {"east": (15, 28), "west": (20, 35), "north": (9, 25)}


def codes(events, n):
    return [4] * events + [1] * (n - events)


def waves(then=THEN, now=NOW, linked=False):
    rows = []
    for wave, counts in (("w1", then), ("w2", now)):
        start = 0 if linked or wave == "w1" else 10_000
        for service, (events, n) in counts.items():
            rows += answers({"hope": codes(events, n)}, wave, service, start=start)
            start += n
    return surveys(rows)


def planned(rows, rounds=None, plan=PLAN, items=("hope",)):
    return check(needed(rows, instrument(items), rounds or declared(), plan, CONTEXT))


def value(results, statistic, **keys):
    return one(results, statistic=statistic, item="hope", **keys).value


def test_unlinked_needs_follow_from_the_share_at_the_reference():
    results = planned(waves())
    share = Unlinked(42 / 92)
    exact = share.needed(0.15, 0.95, 0.8)
    assert value(results, "answers_needed", term="") == np.ceil(exact)
    assert value(results, "answers_needed", term="exact-test") == np.ceil(share.needed_exactly(0.15, 0.95, 0.8))
    assert value(results, "power", term="") == pytest.approx(power_independent(42 / 92, 42 / 92 + 0.15, 92, 88))
    assert value(results, "expected_half_width") == pytest.approx(share.half_width(92, 88, 0.95))
    n = int(value(results, "answers_for_half_width"))
    assert share.half_width(n, n, 0.95) <= 0.08 < share.half_width(n - 1, n - 1, 0.95)


def test_clusters_widen_what_is_needed():
    results = planned(waves())
    sizes, yes = [30, 40, 22], [12, 25, 5]
    icc = intraclass(sizes, yes, yes)
    effect = design_effect(icc.value, sizes)
    row = one(results, statistic="intraclass_correlation")
    assert (row.value, row.low, row.high) == pytest.approx((icc.value, icc.low, icc.high))
    assert effect > 1.5
    row = one(results, statistic="design_effect")
    assert (row.value, row.high) == pytest.approx((effect, design_effect(icc.high, sizes)))
    assert value(results, "effective_n") == pytest.approx(92 / effect)
    plan = (Unlinked(42 / 92), 0.15, 0.95, 0.8)
    services, exact = with_more_services(*plan, icc.value, sizes)
    row = one(results, statistic="answers_needed", item="hope", term="clustered")
    assert row.value == np.ceil(exact)
    assert "present mean size" in row.method
    row = one(results, statistic="services_needed")
    assert row.value == services
    assert row.high == with_more_services(*plan, icc.high, sizes)[0] > services
    assert row.low == with_more_services(*plan, icc.low, sizes)[0] <= services


def test_power_with_clusters_has_the_range_of_the_correlation():
    then, now = {"east": (11, 30), "west": (21, 40), "north": (8, 22)}, {"east": (15, 28), "west": (20, 35)}
    results = planned(waves(then, now | {"north": (9, 25)}), plan=NextStudy(rounds="rounds", difference=0.4))
    sizes, yes = [30, 40, 22], [11, 21, 8]
    icc = intraclass(sizes, yes, yes)
    assert icc.low <= icc.value < icc.high
    expected = []
    for each in (icc.value, icc.high, icc.low):
        answers = 92 / design_effect(each, sizes), 88 / design_effect(each, [28, 35, 25])
        expected.append(power_independent(40 / 92, 40 / 92 + 0.4, *answers, degrees=2))
    row = one(results, statistic="power", term="clustered")
    assert (row.value, row.low, row.high, row.level) == pytest.approx((*expected, 0.95))
    assert row.low < row.high < value(results, "power", term="")
    row = one(results, statistic="clustered_detectable_difference")
    answers = 92 / design_effect(icc.value, sizes), 88 / design_effect(icc.value, [28, 35, 25])
    assert power_independent(40 / 92, 40 / 92 + row.value, *answers, degrees=2) == pytest.approx(0.8)
    assert row.low <= row.value
    assert np.isnan(row.high)
    assert row.reason == "cautious: services taken as other ones at the later wave; no upper limit: too few rows"


def test_the_present_services_may_be_too_few_for_any_number_of_answers():
    row = one(planned(waves()), statistic="answers_needed", item="hope", term="present-services")
    assert np.isnan(row.value)
    assert row.reason == "not with the present services"
    alike = {f"s{n}": (yes, 25) for n, yes in enumerate([7, 13, 10, 12, 9, 8, 13, 11])}
    results = planned(waves(alike, alike), plan=NextStudy(rounds="rounds", difference=0.25))
    row = one(results, statistic="answers_needed", item="hope", term="present-services")
    assert row.value == row.low == np.ceil(Unlinked(83 / 200).needed(0.25, 0.95, 0.8, degrees=7))
    assert "of larger size" in row.method
    assert row.high > row.value
    hard = planned(waves(alike, alike), plan=NextStudy(rounds="rounds", difference=0.01))
    row = one(hard, statistic="answers_needed", item="hope", term="present-services")
    assert row.value > 30000
    assert np.isnan(row.high)
    assert row.reason.endswith("no upper limit: not with the present services")


def test_linked_needs_follow_from_the_pairs_that_moved():
    then, now = {"east": (20, 40), "west": (10, 40), "north": (15, 30)}, {"east": (32, 40), "west": (16, 40)}
    results = planned(waves(then, now | {"north": (10, 30)}, linked=True), LINKED)
    gained, lost, n = [12, 6, 0], [0, 0, 5], [40, 40, 30]
    pairs = Linked((45 + 58) / 220, 23 / 110)
    assert value(results, "answers_needed", term="") == np.ceil(pairs.needed(0.15, 0.95, 0.8))
    assert value(results, "power", term="") == pytest.approx(power_linked(0.15, 23 / 110, 110))
    assert value(results, "expected_half_width") == pytest.approx(pairs.half_width(110, 110, 0.95))
    icc = intraclass(n, np.subtract(gained, lost), np.add(gained, lost))
    assert value(results, "intraclass_correlation") == pytest.approx(icc.value)
    assert icc.value > 0.05
    assert set(results.estimates["model"]) == {"linked"}
    assert not results.estimates["reason"].str.contains("cautious").any()


def test_the_first_of_several_items_needs_more():
    rows = surveys(
        answers({"hope": codes(10, 30), "choice": codes(20, 30)}, "w1")
        + answers({"hope": codes(10, 30), "choice": codes(20, 30)}, "w2", start=50)
    )
    results = planned(rows, items=("hope", "choice"))
    assert value(results, "answers_needed", term="first-of-holm") == np.ceil(Unlinked(1 / 3).needed(0.15, 0.975, 0.8))


def test_rows_without_an_item_hold_whatever_the_share_is():
    rows = pick(planned(waves()), item="")
    assert [*rows["statistic"]] == ["answers_needed", "answers_needed", "answers_for_half_width"]
    assert rows["value"].iloc[0] == np.ceil(Unlinked(0.425).needed(0.15, 0.95, 0.8))
    assert rows["n"].isna().all()


def test_the_observed_difference_is_not_used():
    """Without clusters the later wave counts with its size only."""
    other = {service: (n - 1, n) for service, (_, n) in NOW.items()}
    one_way, other_way = planned(waves()).estimates, planned(waves(now=other)).estimates
    assert one_way["value"].equals(other_way["value"])


def test_power_of_services_as_clusters_is_what_a_simulation_finds():
    """Two waves of other services, 40 each with 20 answers: the z test of rates at the effective size."""
    rng = np.random.default_rng(41)
    sizes, correlation, share, difference = np.full(40, 20), 0.05, 0.4, 0.1
    effect = design_effect(correlation, sizes)
    expected = power_independent(share, share + difference, 800 / effect, 800 / effect)
    shown = 0
    for _ in range(3000):
        p = [rng.beta(s * 19, (1 - s) * 19, 40) for s in (share, share + difference)]
        then, now = (rng.binomial(sizes, each).sum() / 800 for each in p)
        middle = (then + now) / 2
        shown += abs(now - then) > 1.959964 * np.sqrt(2 * middle * (1 - middle) * effect / 800)
    assert shown / 3000 == pytest.approx(expected, abs=0.03)


def test_two_plans_of_the_same_rounds_share_the_rows_on_clusters():
    study = load_study(DEMONSTRATION)
    plans = tuple(NextStudy(rounds="clinician-rounds", difference=one) for one in (0.1, 0.2))
    study = study.model_copy(update={"analyses": study.analyses.model_copy(update={"next_studies": plans})})
    evaluation = Evaluation(study, instruments(), {"surveys": read_table(DEMONSTRATION, study, "surveys")})
    results = check(FAMILIES["next_study"](evaluation))
    effects, powers = (pick(results, statistic=one, term="") for one in ("design_effect", "power"))
    assert effects["item"].is_unique
    assert set(powers["at"]) == {"0.1", "0.2"}
    assert len(powers) == 2 * len(effects)


@pytest.mark.parametrize(
    ("then", "now", "linked", "reasons"),
    [
        ({}, NOW, False, {"no rows"}),
        (
            {"east": (29, 30), "west": (28, 30), "north": (30, 30)},
            NOW,
            False,
            {"more than can change", "too few rows"},
        ),
        (THEN, THEN, True, {"no variation"}),
        ({"east": (3, 30)}, {"west": (4, 30)}, False, {"too few rows"}),
        ({"east": (30, 30), "west": (0, 30), "north": (0, 9)}, NOW, False, {"no variation"}),
        ({"east": (2, 3), "west": (1, 3), "north": (1, 3)}, NOW, False, {"too few rows"}),
        (THEN, {"east": (0, 9)}, True, {"too few rows"}),
    ],
)
def test_what_cannot_be_planned_has_a_reason(then, now, linked, reasons):
    results = planned(waves(then, now, linked), LINKED if linked else None)
    rows = pick(results, item="hope")
    assert rows["value"].isna().any()
    assert set(rows.loc[rows["value"].isna(), "reason"]) == reasons


def test_a_wave_without_answers_has_needs_but_no_power():
    results = planned(waves(now={}))
    assert value(results, "answers_needed", term="") > 0
    assert one(results, statistic="power", term="").reason == "no rows"


def test_a_difference_out_of_reach_whatever_the_share_is():
    plan = NextStudy(rounds="rounds", difference=0.6)
    then, now = {"east": (10, 40), "west": (9, 40), "north": (4, 40)}, {"east": (20, 40), "west": (9, 40)}
    rows = pick(planned(waves(then, now | {"north": (9, 40)}, linked=True), LINKED, plan), item="")
    assert [*rows["reason"]] == ["more than can change"] * 2 + [""]


def test_a_small_service_withholds_what_is_made_of_single_services_only():
    then = THEN | {"north": (2, 44), "south": (20, 50), "far": (25, 52)}
    now = NOW | {"south": (20, 50), "far": (25, 52)}
    gated = gate(planned(waves(then, now)), Disclosure(minimum_cell=5))
    rows = gated.estimates[gated.estimates["item"] == "hope"].set_index(["statistic", "term"])
    assert not rows.loc[("answers_needed", ""), "suppressed"]
    assert rows.loc[("design_effect", ""), "suppressed"]
    assert rows.loc[("answers_needed", "clustered"), "suppressed"]


def test_an_unknown_category_is_refused():
    with pytest.raises(ValueError, match="not a category"):
        planned(waves(), declared(category="purple"))
