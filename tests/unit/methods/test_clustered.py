"""Two waves compared with services or persons as clusters: rows, reasons, families and cells."""

import numpy as np
import polars as pl
import pytest
from scipy.stats import ttest_rel

from pipeline.methods.clustered import compare
from pipeline.methods.clustered_models import Groups, resampled
from pipeline.methods.results import Context
from schemas.analyses import Clustered
from schemas.instrument import Instrument
from tests.unit.methods.result_checks import CONTEXT, answers, check, instrument, one, pick, surveys

SERVICES = tuple(f"s{number}" for number in range(8))
MANY = Context("demo", "demonstration", services=SERVICES, produced_by="demo/clustered")


def declared(**changes):
    first = {"id": "c", "instrument": "scale", "reference": "w1", "wave": "w2", "category": "high"}
    return Clustered(**{name: value for name, value in (first | changes).items() if value is not None})


def scale(items=("hope",)):
    """The instrument with a score of its first two items."""
    content = instrument(items).model_dump()
    content["scoring"] = [
        {
            "id": "sum",
            "label": "Sum",
            "items": items,
            "method": "sum",
            "range": {"low": len(items), "high": 4 * len(items)},
        }
    ]
    return Instrument.model_validate(content)


def drawn(services=6, size=20, items=("hope",), shift=0.8, same=False, seed=1):
    """Answers of ``size`` persons in each service and wave, services unlike each other."""
    random, rows = np.random.default_rng(seed), []
    for number, service in enumerate(SERVICES[:services]):
        own = random.normal(scale=0.7)
        person = random.normal(scale=1.5, size=size) if same else np.zeros(size)
        for place, wave in enumerate(("w1", "w2")):
            latent = own + person[:, None] + shift * place + random.logistic(size=(size, len(items)))
            codes = 1 + np.searchsorted([-1, 0, 1], latent)
            start = 1000 * number + (0 if same else 500 * place)
            rows += answers({i: codes[:, k].tolist() for k, i in enumerate(items)}, wave, service, start)
    return surveys(rows)


def means(frame):
    table = (
        frame.with_columns(y=(pl.col("response") >= 3).cast(pl.Float64)).group_by("service", "wave").agg(pl.mean("y"))
    )
    wide = table.pivot("wave", index="service", values="y")
    return wide["w2"].to_numpy(), wide["w1"].to_numpy()


def test_services_of_one_size_are_compared_as_by_a_paired_t_test_of_their_shares():
    frame = drawn()
    row = one(
        check(compare(frame, instrument(["hope"]), declared(), MANY)), model="gee-service", statistic="difference"
    )
    later, earlier = means(frame)
    assert row.value == pytest.approx((later - earlier).mean(), abs=0.01)
    # The logit model weighs shares by their variance, so it is near to the t test of plain shares and not equal.
    assert row.p == pytest.approx(ttest_rel(later, earlier).pvalue, abs=0.02)
    assert (row.n, row.n_reference, row.missing) == (120, 120, 0)
    assert row.low < row.value < row.high
    assert row.reason.startswith("6 services as clusters (few); t with 5 ")
    assert "corrected for few clusters" in row.method


def test_each_item_has_its_rows_and_p_is_adjusted_over_items():
    items = ("hope", "choice", "voice")
    results = check(compare(drawn(items=items), instrument(items), declared(), MANY))
    assert len(results.estimates) == 3 * 5
    for family, statistic in (("c", "difference"), ("c-odds", "odds_ratio"), ("c-wild", "difference")):
        rows = pick(results, family=family)
        assert rows["item"].tolist() == list(items)
        assert set(rows["statistic"]) == {statistic}
        assert rows["p_adjusted"].min() == pytest.approx(min(1, 3 * rows["p"].min()))
    assert set(pick(results, family="")["statistic"]) == {"intraclass_correlation", "design_effect"}


def test_only_the_items_that_are_named():
    items = ("hope", "choice")
    results = check(compare(drawn(items=items), instrument(items), declared(items=("choice",)), MANY))
    assert set(results.estimates["item"]) == {"choice"}


def test_the_wild_bootstrap_stands_beside_the_model_where_clusters_are_few():
    frame = drawn()
    results = compare(frame, instrument(["hope"]), declared(), MANY)
    wild = one(results, model="wild-bootstrap-service")
    later, earlier = means(frame)
    assert wild.value == pytest.approx(later.mean() - earlier.mean())
    assert 0 < wild.p < 1
    assert np.isnan(wild.low)
    assert "Webb" in wild.reason
    assert one(compare(frame, instrument(["hope"]), declared(), MANY), model="wild-bootstrap-service").p == wild.p


@pytest.mark.parametrize(("number", "least"), [(3, "0.028"), (4, "0.0046"), (5, None), (8, None), (12, None)])
def test_the_smallest_p_that_few_clusters_can_give_is_said_where_it_is_coarse(number, least):
    rng = np.random.default_rng(12)
    labels, later = np.repeat(np.arange(number), 20), np.tile([0.0, 1.0], 10 * number)
    groups = Groups((rng.random(20 * number) < 0.4 + 0.2 * later).astype(float), later, labels, binary=True)
    name, found = resampled(groups, 0.95, rng)
    assert name == "wild-bootstrap"
    assert ("p is at least" in found.reason) == (least is not None)
    assert found.reason.endswith(f"; with so few clusters p is at least {least}" if least else ("weights", "draws"))


def test_the_design_effect_follows_from_size_and_likeness():
    results = compare(drawn(), instrument(["hope"]), declared(), MANY)
    likeness, effect = (one(results, statistic=name) for name in ("intraclass_correlation", "design_effect"))
    assert 0 < likeness.low < likeness.value < likeness.high < 1
    assert effect.value == pytest.approx(1 + 19 * likeness.value)
    assert effect.high == pytest.approx(1 + 19 * likeness.high)


@pytest.mark.parametrize("cluster", ["service", "subject"])
def test_a_mixed_model_is_conditional_and_its_difference_marginal(cluster):
    frame = drawn(same=True, size=40)
    results = {
        model: check(compare(frame, instrument(["hope"]), declared(model=model, cluster=cluster), MANY))
        for model in ("gee", "mixed")
    }
    odds, differences = (
        [one(results[m], statistic=s, model=f"{m}-{cluster}").value for m in ("gee", "mixed")]
        for s in ("odds_ratio", "difference")
    )
    assert odds[1] > odds[0] > 1
    assert differences[1] == pytest.approx(differences[0], abs=0.03)


def test_persons_as_clusters_use_that_they_answered_twice():
    frame = drawn(same=True, size=40, shift=0.4)
    row = one(
        check(compare(frame, instrument(["hope"]), declared(cluster="subject"), MANY)),
        model="gee-subject",
        statistic="difference",
    )
    other = frame.with_columns(subject=pl.col("subject") + pl.col("wave"))
    apart = one(
        compare(other, instrument(["hope"]), declared(cluster="subject"), MANY),
        model="gee-subject",
        statistic="difference",
    )
    assert row.value == pytest.approx(apart.value)
    assert row.se < 0.9 * apart.se
    assert row.reason.startswith("240 persons as clusters; ")


def test_many_clusters_are_drawn_with_replacement():
    results = check(compare(drawn(same=True), instrument(["hope"]), declared(cluster="subject"), MANY))
    row = one(results, model="cluster-bootstrap-subject")
    assert row.low < row.value < row.high
    assert np.isnan(row.p)
    assert row.se == pytest.approx(one(results, model="gee-subject", statistic="difference").se, rel=0.15)
    assert pick(results, statistic="design_effect").empty


def test_a_mean_score_is_compared_in_points():
    items = ("hope", "choice")
    frame = drawn(items=items)
    for model in ("gee", "mixed"):
        results = check(compare(frame, scale(items), declared(category=None, score="sum", model=model), MANY))
        row = one(results, statistic="difference", model=f"{model}-service")
        total = frame.group_by("respondent", "wave").agg(pl.sum("response")).group_by("wave").agg(pl.mean("response"))
        waves = dict(total.iter_rows())
        assert row.value == pytest.approx(waves["w2"] - waves["w1"])
        assert (row["item"], row.category, row.unit, row.denominator) == ("sum", "", "points", "scored")
        assert pick(results, statistic="odds_ratio").empty


def test_cells_are_the_counts_of_each_service_and_wave():
    results = check(compare(drawn(services=3), instrument(["hope"]), declared(), MANY))
    row = one(results, statistic="difference", model="gee-service")
    linked = results.links[results.links["estimate_id"] == row.estimate_id]
    cells = results.cells.set_index("cell_id").loc[linked["cell_id"]]
    assert set(zip(cells["service"], cells["wave"], cells["category"], strict=True)) == {
        (s, w, c) for s in SERVICES[:3] for w in ("w1", "w2") for c in ("high", "answered")
    }


def test_cells_of_persons_hold_the_pairs():
    results = check(compare(drawn(same=True), instrument(["hope"]), declared(cluster="subject"), MANY))
    row = one(results, statistic="difference", model="gee-subject")
    linked = results.links[results.links["estimate_id"] == row.estimate_id]
    cells = results.cells.set_index("cell_id").loc[linked["cell_id"]]
    assert set(cells["category"]) == {"high", "answered", "pairs", "kept", "gained", "lost", "never"}
    assert set(cells["service"]) == {"all"}


def test_persons_scored_twice_are_a_cell_of_their_own():
    score = declared(category=None, score="sum", cluster="subject")
    results = check(compare(drawn(same=True), scale(), score, MANY))
    row = one(results, statistic="difference", model="gee-subject")
    linked = results.links[results.links["estimate_id"] == row.estimate_id]["cell_id"]
    cells = results.cells.set_index("cell_id").loc[linked]
    assert cells[cells["category"] == "pairs"]["value"].tolist() == [120]


def test_rows_without_a_known_service_have_no_cluster_and_are_missing():
    extra = surveys(answers({"hope": [4, 4, None]}, "w2", "unknown", 9000))
    results = check(compare(pl.concat([drawn(), extra]), instrument(["hope"]), declared(), MANY))
    row = one(results, statistic="difference", model="gee-service")
    assert (row.n, row.missing) == (120, 3)


def reasons(results):
    check(results)
    assert results.estimates["value"].isna().all()
    return set(results.estimates["reason"])


def test_fewer_than_three_services_are_too_few():
    assert reasons(compare(drawn(services=2), instrument(["hope"]), declared(), MANY)) == {"too few clusters"}


def test_a_wave_in_one_service_only_is_too_few():
    frame = drawn().filter((pl.col("wave") == "w1") | (pl.col("service") == "s0"))
    assert reasons(compare(frame, instrument(["hope"]), declared(), MANY)) == {"too few clusters"}


def test_no_rows_at_a_wave_or_at_all():
    for frame in (drawn().filter(pl.col("wave") == "w1"), surveys([])):
        for cluster in ("service", "subject"):
            assert reasons(compare(frame, instrument(["hope"]), declared(cluster=cluster), MANY)) == {"no rows"}
        assert reasons(compare(frame, scale(), declared(category=None, score="sum"), MANY)) == {"no rows"}


@pytest.mark.parametrize("outcome", [{}, {"category": None, "score": "sum"}])
def test_persons_who_all_answered_once_are_not_alike_or_unlike(outcome):
    results = check(compare(drawn(), scale(), declared(model="mixed", cluster="subject", **outcome), MANY))
    assert set(pick(results, model="mixed-subject")["reason"]) == {"too few rows"}
    assert one(results, model="cluster-bootstrap-subject").value > 0
    gee = check(compare(drawn(), scale(), declared(cluster="subject", **outcome), MANY))
    assert one(gee, model="gee-subject", statistic="difference").value > 0


def test_answers_that_are_all_alike_do_not_vary():
    frame = drawn().with_columns(response=pl.lit(4), label=pl.lit("o4"))
    assert reasons(compare(frame, instrument(["hope"]), declared(), MANY)) == {"no variation"}
    for model in ("gee", "mixed"):
        score = declared(category=None, score="sum", model=model)
        assert reasons(compare(frame, scale(), score, MANY)) == {"no variation"}


@pytest.mark.parametrize("model", ["gee", "mixed"])
def test_nobody_at_one_wave_leaves_the_models_without_a_number(model):
    frame = drawn().with_columns(response=pl.when(pl.col("wave") == "w1").then(1).otherwise(pl.col("response")))
    results = check(compare(frame, instrument(["hope"]), declared(model=model), MANY))
    rows = pick(results, model=f"{model}-service")
    assert set(rows[rows["statistic"].isin(["difference", "odds_ratio"])]["reason"]) == {
        "everybody or nobody at one wave"
    }
    assert one(results, model="wild-bootstrap-service").value > 0


def test_services_that_change_alike_to_the_last_digit_have_no_error():
    rows = [
        one
        for number, service in enumerate(SERVICES[:4])
        for start, wave, codes in ((0, "w1", [1, 1, 4, 1]), (500, "w2", [4, 4, 1, 4]))
        for one in answers({"hope": codes}, wave, service, 1000 * number + start)
    ]
    results = check(compare(surveys(rows), instrument(["hope"]), declared(), MANY))
    assert set(pick(results, family="c")["reason"]) == {"no variation"}


def test_unknown_answers_and_scores_are_refused():
    with pytest.raises(ValueError, match="not a category"):
        compare(drawn(), instrument(["hope"]), declared(category="none-such"), MANY)
    with pytest.raises(ValueError, match="not a score"):
        compare(drawn(), instrument(["hope"]), declared(category=None, score="none-such"), MANY)


def test_the_order_of_rows_does_not_matter():
    frame = drawn(same=True)
    for cluster in ("service", "subject"):
        both = [
            compare(rows, instrument(["hope"]), declared(cluster=cluster), CONTEXT).estimates
            for rows in (frame, frame.sample(fraction=1, shuffle=True, seed=4))
        ]
        for name in ("value", "se", "low", "high", "p"):
            assert both[0][name].to_numpy() == pytest.approx(both[1][name].to_numpy(), rel=1e-9, nan_ok=True)
