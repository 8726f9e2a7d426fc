"""Drivers: a simulation recovered, scipy and statsmodels agreed with, and what happens where there is little."""

import numpy as np
import polars as pl
import pytest
import statsmodels.api as sm
from scipy.stats import norm, rankdata, spearmanr

from pipeline.methods.adjustment import holm
from pipeline.methods.disclosure import gate
from pipeline.methods.driver_ratings import read_ratings
from pipeline.methods.drivers import drivers
from pipeline.methods.reliability import cronbach, spearman
from schemas.analyses import Drivers
from schemas.study import Disclosure
from tests.unit.methods.result_checks import CONTEXT, answers, check, instrument, one, pick, surveys

FACTORS = ["clear", "backed", "paid", "doubted"]
PARTS = ["team", "stay", "again"]
DECLARED = Drivers(instrument="scale", wave="w1", outcome="success", factors=tuple(FACTORS))


def scale(factors=FACTORS, parts=PARTS):
    """Four-point items; `doubted` is reversed; `success` is a subscale."""
    made = instrument([*factors, *parts], reverse=["doubted"])
    return made.model_copy(update={"subscales": {"success": tuple(parts)}})


def programs(n, seed=61, effects=(1.0, 0.0, 0.0, 0.0), blank=0.0):
    """Ratings 1 to 4: factors with a common part, of which the first acts on success; `doubted` is turned round."""
    random = np.random.default_rng(seed)
    factors = random.normal(size=(n, len(effects))) + 0.8 * random.normal(size=(n, 1))
    success = factors @ np.array(effects) + random.normal(size=n)
    ratings = np.column_stack([factors, success[:, None] + 0.7 * random.normal(size=(n, len(PARTS)))])
    ratings[:, 3] *= -1
    codes = 1 + np.searchsorted([-1, 0, 1], ratings)
    return np.where(random.random(codes.shape) < blank, 0, codes)


def rows(codes, service="east", start=0, wave="w1"):
    columns = {
        item: [int(code) or None for code in column] for item, column in zip([*FACTORS, *PARTS], codes.T, strict=True)
    }
    return answers(columns, wave=wave, service=service, start=start)


def two_services(east=60, west=45, blank=0.0):
    return surveys(
        [*rows(programs(east, 62, blank=blank)), *rows(programs(west, 63, blank=blank), "west", start=east)]
    )


def success_of(codes):
    return codes[:, len(FACTORS) :].mean(axis=1)


def test_correlations_agree_with_scipy_for_all_and_each_service():
    east, west = programs(60, 62), programs(45, 63)
    results = check(drivers(two_services(), scale(), DECLARED, CONTEXT))
    for service, codes in (("all", np.vstack([east, west])), ("east", east), ("west", west)):
        row = one(results, statistic="correlation", item="backed", service=service)
        theirs = spearmanr(codes[:, 1], success_of(codes))
        assert (row.value, row.p, row.n) == (
            pytest.approx(theirs.statistic),
            pytest.approx(theirs.pvalue),
            len(codes),
        )
        assert row.low < row.value < row.high
        assert row.term == "success"


def test_p_is_adjusted_over_the_declared_factors():
    results = drivers(two_services(), scale(), DECLARED, CONTEXT)
    for service, family in (("all", "drivers-w1-success"), ("west", "drivers-w1-success@west")):
        some = pick(results, statistic="correlation", service=service)
        assert some["p_adjusted"].tolist() == pytest.approx(holm(some["p"].tolist()))
        assert set(some["family"]) == {family}


def test_reverse_items_are_turned_round_and_say_so():
    codes = programs(80)
    results = drivers(surveys(rows(codes)), scale(), DECLARED, CONTEXT)
    row = one(results, statistic="correlation", item="doubted", service="all")
    assert row.value == pytest.approx(spearmanr(5 - codes[:, 3], success_of(codes)).statistic)
    assert row.reason == "reverse item, turned round"
    assert one(results, statistic="correlation", item="clear", service="all").reason == ""


def test_the_factor_that_acts_is_told_from_those_that_go_with_it():
    """All factors correlate with success; beside the others only the first keeps a coefficient."""
    results = check(drivers(surveys(rows(programs(400))), scale(), DECLARED, CONTEXT))
    assert (pick(results, statistic="correlation", service="all")["p_adjusted"] < 0.001).all()
    weights = pick(results, statistic="relative_weight").set_index("item")
    beside = pick(results, statistic="standardised_coefficient").set_index("item")
    assert weights["value"].idxmax() == "clear"
    assert weights.loc["clear", "low"] > weights.drop("clear")["high"].max()
    assert beside.loc["clear", "low"] > 0.4
    assert (beside.drop("clear")[["low", "high"]].prod(axis=1) < 0).all()
    first = pick(results, statistic="top_rank_share")
    assert first["value"].sum() == pytest.approx(3)
    assert set(first["at"]) == {"3"}


def test_regression_agrees_with_statsmodels():
    codes = programs(120, 64)
    codes[:, 3] = 5 - codes[:, 3]
    ranks = np.column_stack([rankdata(column) for column in (*codes[:, :4].T, success_of(codes))])
    z = (ranks - ranks.mean(axis=0)) / ranks.std(axis=0)
    fitted = sm.OLS(z[:, -1], sm.add_constant(z[:, :-1])).fit()
    codes[:, 3] = 5 - codes[:, 3]
    results = drivers(surveys(rows(codes)), scale(), DECLARED, CONTEXT)
    assert one(results, statistic="r_squared").value == pytest.approx(fitted.rsquared)
    assert one(results, statistic="adjusted_r_squared").value == pytest.approx(fitted.rsquared_adj)
    assert pick(results, statistic="relative_weight")["value"].sum() == pytest.approx(fitted.rsquared)
    found = pick(results, statistic="standardised_coefficient")["value"].tolist()
    assert found == pytest.approx(fitted.params[1:].tolist())
    assert 0 < one(results, statistic="chance_weight").value < 0.1


def test_services_are_compared_with_the_first():
    results = drivers(two_services(), scale(), DECLARED, CONTEXT)
    row = one(results, statistic="difference", item="clear")
    east, west = (programs(n, seed) for n, seed in ((60, 62), (45, 63)))
    r1, l1, u1, _ = spearman(np.column_stack([west[:, 0], success_of(west)]))
    r2, l2, u2, _ = spearman(np.column_stack([east[:, 0], success_of(east)]))
    assert (row.service, row.reference, row.contrast) == ("west", "east", "services")
    assert (row.n, row.n_reference) == (45, 60)
    assert row.value == pytest.approx(r1 - r2)
    ends = (r1 - r2 - np.hypot(r1 - l1, u2 - r2), r1 - r2 + np.hypot(u1 - r1, r2 - l2))
    assert (row.low, row.high) == pytest.approx(ends)
    error = np.sqrt((1 + r1**2 / 2) / 42 + (1 + r2**2 / 2) / 57)
    assert row.p == pytest.approx(2 * norm.sf(abs(np.arctanh(r1) - np.arctanh(r2)) / error))


def test_the_interval_of_a_difference_covers_in_a_simulation():
    inside = []
    for seed in range(100):
        both = [*rows(programs(40, 2 * seed)), *rows(programs(40, 2 * seed + 1), "west", start=40)]
        two = Drivers(instrument="scale", wave="w1", outcome="success", factors=("clear", "backed"))
        row = one(drivers(surveys(both), scale(), two, CONTEXT), statistic="difference", item="backed")
        inside.append(row.low <= 0 <= row.high)
    assert np.mean(inside) == pytest.approx(0.95, abs=0.05)


def test_success_needs_half_of_its_items():
    codes = np.tile(programs(12), 1)
    codes[0, 5:] = 0
    codes[1, 4] = 0
    ratings = read_ratings(surveys(rows(codes)), scale(), DECLARED)
    found = dict(zip(sorted(f"r{i}" for i in range(12)), ratings.success, strict=True))
    assert np.isnan(found["r0"])
    assert found["r1"] == pytest.approx(codes[1, 5:].mean())
    assert found["r2"] == pytest.approx(codes[2, 4:].mean())


def test_missing_answers_are_left_out_pair_by_pair_and_counted():
    results = check(drivers(two_services(blank=0.06), scale(), DECLARED, CONTEXT))
    row = one(results, statistic="correlation", item="paid", service="all")
    assert 90 < row.n < 105
    assert row.n + row.missing == 105
    weight = one(results, statistic="relative_weight", item="paid")
    assert weight.n > row.n
    assert weight.n + weight.missing == 105


def test_the_scale_of_success_has_its_alpha():
    codes = programs(80)
    row = one(drivers(surveys(rows(codes)), scale(), DECLARED, CONTEXT), statistic="alpha")
    assert row.value == pytest.approx(cronbach(codes[:, 4:].astype(float)))
    assert (row["item"], row.n, row.missing) == ("success", 80, 0)


def test_an_item_may_be_the_outcome():
    codes = programs(60)
    declared = DECLARED.model_copy(update={"outcome": "team"})
    results = check(drivers(surveys(rows(codes)), scale(), declared, CONTEXT))
    row = one(results, statistic="correlation", item="clear", service="all")
    assert row.value == pytest.approx(spearmanr(codes[:, 0], codes[:, 4]).statistic)
    assert pick(results, statistic="alpha").empty


def test_few_programmes_have_reasons():
    results = check(drivers(surveys(rows(programs(9))), scale(), DECLARED, CONTEXT))
    data = results.estimates[~results.estimates["statistic"].str.startswith(("minimum", "respondents"))]
    assert set(data["reason"]) == {"too few rows"}
    assert data["value"].isna().all()


def test_the_regression_needs_twice_as_many_as_factors():
    names = tuple(f"f{place}" for place in range(12))
    random = np.random.default_rng(65)
    columns = {name: random.integers(1, 5, 20).tolist() for name in (*names, *PARTS)}
    declared = Drivers(instrument="scale", wave="w1", outcome="success", factors=names)
    results = check(drivers(surveys(answers(columns)), scale(names, PARTS), declared, CONTEXT))
    assert pick(results, statistic="correlation")["value"].notna().all()
    assert set(pick(results, statistic="relative_weight")["reason"]) == {"too few rows"}


def test_a_factor_that_does_not_vary_is_left_out_of_the_regression():
    codes = programs(60)
    codes[:, 2] = 3
    results = check(drivers(surveys(rows(codes)), scale(), DECLARED, CONTEXT))
    for statistic in ("correlation", "relative_weight", "top_rank_share", "standardised_coefficient"):
        row = pick(results, statistic=statistic, service="all").set_index("item").loc["paid"]
        assert row["reason"] == "no variation"
        assert np.isnan(row["value"])
    assert pick(results, statistic="relative_weight")["value"].notna().sum() == 3


@pytest.mark.parametrize("flat", [range(4), range(4, 7)], ids=["factors", "success"])
def test_nothing_varies(flat):
    codes = programs(60)
    codes[:, list(flat)] = 2
    results = check(drivers(surveys(rows(codes)), scale(), DECLARED, CONTEXT))
    for statistic in ("correlation", "relative_weight", "r_squared", "chance_weight"):
        assert set(pick(results, statistic=statistic)["reason"]) == {"no variation"}


def test_no_answers_at_that_wave():
    for frame in (surveys([]), surveys(rows(programs(30), wave="w2"))):
        results = check(drivers(frame, scale(), DECLARED, CONTEXT))
        assert set(pick(results, statistic="correlation")["reason"]) == {"no rows"}
        assert set(pick(results, statistic="relative_weight")["reason"]) == {"no rows"}
        assert pick(results, statistic="respondents_needed")["value"].notna().all()


def test_nobody_rated_success_or_factors():
    for places in (slice(4, 7), slice(0, 4)):
        codes = programs(30)
        codes[:, places] = 0
        results = check(drivers(surveys(rows(codes)), scale(), DECLARED, CONTEXT))
        assert pick(results, statistic="correlation")["value"].isna().all()
        assert pick(results, statistic="relative_weight")["value"].isna().all()


def test_an_unknown_service_counts_for_all_only():
    both = [*rows(programs(30)), *rows(programs(20), "unknown", start=30)]
    results = check(drivers(surveys(both), scale(), DECLARED, CONTEXT))
    assert set(pick(results, statistic="correlation")["service"]) == {"all", "east"}
    assert one(results, statistic="correlation", item="clear", service="all").n == 50
    assert pick(results, statistic="difference").empty


def test_what_a_survey_of_this_size_finds_is_the_same_whatever_it_found():
    sizes = ("minimum_detectable_correlation", "respondents_needed")
    numbers = []
    for seed in (1, 2):
        estimates = drivers(surveys(rows(programs(50, seed))), scale(), DECLARED, CONTEXT).estimates
        numbers.append(estimates[estimates["statistic"].isin(sizes)]["value"].tolist())
    assert numbers[0] == numbers[1]
    row = one(
        drivers(surveys(rows(programs(50))), scale(), DECLARED, CONTEXT),
        statistic="minimum_detectable_correlation",
        service="all",
        model="first-of-4-tests",
    )
    assert (row.n, row["at"], row.level) == (50, "0.8", pytest.approx(1 - 0.05 / 4))


def test_two_runs_agree():
    one_run, other = (drivers(two_services(blank=0.1), scale(), DECLARED, CONTEXT).estimates for _ in range(2))
    assert one_run.equals(other)


def test_the_gate_lets_the_regression_through_and_protects_small_counts():
    """One who said N/A to a factor at one service: that correlation goes, what pools all stays."""
    frame = two_services()
    said = (pl.col("respondent") == "r0") & (pl.col("item") == "paid")
    changed = frame.with_columns(
        response=pl.when(~said).then("response"), label=pl.when(said).then(pl.lit("n-a")).otherwise("label")
    )
    results = check(drivers(changed, scale(), DECLARED, CONTEXT))
    gated = gate(results, Disclosure())
    assert gated.passed
    shown = gated.estimates[~gated.estimates["suppressed"]]
    assert shown["statistic"].eq("relative_weight").sum() == 4
    hidden = gated.estimates[gated.estimates["suppressed"]]
    assert set(hidden["item"]) <= {"paid"}


@pytest.mark.parametrize(
    "change",
    [
        {"outcome": "joy"},
        {"factors": ("clear", "joy")},
        {"factors": ("clear", "team")},
        {"outcome": "clear"},
    ],
)
def test_what_the_instrument_does_not_have_is_refused(change):
    with pytest.raises(ValueError, match=r"not an outcome and factors of scale: (joy|team|clear)"):
        drivers(two_services(), scale(), DECLARED.model_copy(update=change), CONTEXT)
