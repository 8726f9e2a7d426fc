"""The declared difference with unanswered items imputed: recovered from a simulation, and what it can't be had of."""

import re

import numpy as np
import pytest

from pipeline.methods import imputation
from pipeline.methods.chained_equations import NoConvergenceError
from pipeline.methods.change import rounds as change
from pipeline.methods.feedback import shares
from pipeline.methods.imputation import FEW_DATA_SETS, MOSTLY_IMPUTED, imputed
from pipeline.methods.results import Context, Results
from schemas.analyses import Imputation, Rounds
from tests.unit.methods.result_checks import CONTEXT, answers, check, instrument, one, pick, surveys

UNLINKED = Rounds(id="r", instrument="scale", reference="w1", wave="w2", category="high", overlap="none")
LINKED = UNLINKED.model_copy(update={"linked": True})
ITEMS = ("hope", "choice")


def run(rows, rounds=LINKED, items=ITEMS, number=10, context=CONTEXT):
    declared = Imputation(rounds="r", imputations=number)
    return check(imputed(surveys(rows), instrument(items), rounds, declared, context))


def simulated(n, rng, items=ITEMS, leaving=0.9):
    """Ids, and answers of two waves that resemble each other; low answers make people leave. The truth comes last."""
    person = 1.8 * rng.multivariate_normal([0, 0.5], [[1, 0.7], [0.7, 1]], size=n)
    latent = np.repeat(person[:, :, None], len(items), axis=2) + rng.logistic(size=(n, 2, len(items)))
    codes = (latent[..., None] > np.array([-1.5, 0.0, 1.5])).sum(axis=3) + 1
    left = rng.random(n) < 1 / (1 + np.exp(1 + leaving * (codes[:, 0].mean(axis=1) - 2.5)))
    blank = rng.random(codes.shape) < 0.05
    rows = []
    for wave, name in enumerate(("w1", "w2")):
        stay = np.flatnonzero(~left) if wave else np.arange(n)
        for place, item in enumerate(items):
            rows += [
                (f"r{i}", f"r{i}", name, "east" if i % 2 else "west", item)
                + ((None, "") if blank[i, wave, place] else (int(codes[i, wave, place]), "o"))
                for i in stay
            ]
    high = codes >= 3
    return rows, high[:, 1].mean(axis=0) - high[:, 0].mean(axis=0)


def test_who_left_is_imputed_and_the_difference_of_all_recovered():
    rows, truth = simulated(600, np.random.default_rng(3))
    results = run(rows)
    pairs = check(change(surveys(rows), instrument(ITEMS), LINKED, CONTEXT))
    for item, expected in zip(ITEMS, truth, strict=True):
        row = one(results, statistic="difference", item=item, service="all")
        assert row.low < expected < row.high
        assert row.value == pytest.approx(expected, abs=3 * row.se)
        paired = one(pairs, statistic="difference", item=item, service="all")
        assert abs(paired.value - expected) > abs(row.value - expected)
        assert (row.n, row.missing, row.model) == (paired.n, paired.missing, "multiple imputation, linked")
        assert 0.1 < one(results, statistic="missing_information", item=item, service="all").value < 0.5


def test_waves_of_different_persons():
    rows, _ = simulated(300, np.random.default_rng(5))
    results = run(rows, UNLINKED)
    plain = check(change(surveys(rows), instrument(ITEMS), UNLINKED, CONTEXT))
    for item in ITEMS:
        row = one(results, statistic="difference", item=item, service="all")
        other = one(plain, statistic="difference", item=item, service="all")
        assert row.value == pytest.approx(other.value, abs=0.03)
        assert (row.n, row.n_reference, row.missing) == (other.n, other.n_reference, other.missing)
        assert row.model == "multiple imputation"
    assert set(pick(results, statistic="difference")["family"]) == {"r-imputed", "r-imputed@east", "r-imputed@west"}


def test_nothing_missing_is_the_plain_difference():
    rng = np.random.default_rng(6)
    before, after = rng.integers(1, 5, 40), rng.integers(2, 5, 40)
    rows = answers({"hope": before.tolist()}, "w1") + answers({"hope": after.tolist()}, "w2")
    for rounds in (LINKED, UNLINKED):
        results = run(rows, rounds, ["hope"])
        row = one(results, statistic="difference", service="all")
        moved = (after >= 3).astype(float) - (before >= 3)
        assert row.value == pytest.approx(moved.mean())
        assert one(results, statistic="missing_information", service="all").value == 0
        if rounds.linked:
            assert row.se == pytest.approx(moved.std(ddof=1) / np.sqrt(40))


def test_the_note_that_groups_may_overlap_stays():
    rows = answers({"hope": [1, 4] * 10}, "w1") + answers({"hope": [1, 4, 4, 4] * 5}, "w2")
    results = run(rows, UNLINKED.model_copy(update={"overlap": "possible"}), ["hope"])
    assert one(results, statistic="difference", service="all").reason.startswith("sensitivity")


def test_the_same_study_gives_the_same_numbers_and_another_one_others():
    rows, _ = simulated(80, np.random.default_rng(8))
    first, again = (run(rows).estimates["value"].to_numpy() for _ in range(2))
    other = run(rows, context=Context("other", "demonstration", CONTEXT.services)).estimates["value"].to_numpy()
    assert np.array_equal(first, again, equal_nan=True)
    assert not np.array_equal(first, other, equal_nan=True)


def test_answers_off_the_scale_are_not_imputed():
    """Those with an answer on the scale give the difference by themselves, whatever the others would have said."""
    before, after = [1, 4, 1, 2] * 10, [4, 4, 1, 3] * 5
    off = [*after, *["n-a"] * 20]
    rows = answers({"hope": before, "choice": before}, "w1") + answers({"hope": before, "choice": off}, "w2")
    for rounds, expected in ((LINKED, 0.5), (UNLINKED, 0.5)):
        results = run(rows, rounds)
        row = one(results, statistic="difference", item="choice", service="all")
        assert (row.value, row.n) == (pytest.approx(expected), 20)
        assert one(results, statistic="missing_information", item="choice", service="all").value == 0


def test_few_rows():
    few = answers({"hope": [1, 4, 3]}, "w1") + answers({"hope": [4, 4, 1]}, "w2")
    west = answers({"hope": [1, 4] * 8}, "w1", "west", 10) + answers({"hope": [4, 1, 1, 4] * 4}, "w2", "west", 10)
    for rounds in (LINKED, UNLINKED):
        results = run(few + west, rounds, ["hope"])
        assert set(pick(results, service="east")["reason"]) == {"too few rows"}
        assert one(results, statistic="difference", service="west").reason == ""
        assert set(run(few, rounds, ["hope"]).estimates["reason"]) == {"too few rows"}


def test_a_wave_without_rows():
    for rounds in (LINKED, UNLINKED):
        for rows in ([], answers({"hope": [1, 4] * 10}, "w1")):
            results = run(rows, rounds, ["hope"])
            assert len(results.estimates) >= 2
            assert set(results.estimates["reason"]) == {"no rows"}


def test_nobody_answered_twice():
    rows = answers({"hope": [1, 4] * 10}, "w1") + answers({"hope": [1, 4] * 10}, "w2", start=30)
    assert set(run(rows, LINKED, ["hope"]).estimates["reason"]) == {"no rows"}


def test_an_item_all_missing():
    codes = [1, 4, 3, 2] * 5
    rows = answers({"hope": codes, "choice": [None] * 20}, "w1") + answers(
        {"hope": [4, 4, 1, 3] * 5, "choice": codes}, "w2"
    )
    results = run(rows)
    assert set(pick(results, item="choice")["reason"]) == {"no rows"}
    assert pick(results, item="hope")["value"].notna().all()


def test_everybody_answers_the_same():
    rows = answers({"hope": [4] * 20 + [None]}, "w1") + answers({"hope": [4] * 19 + [None] * 2}, "w2")
    for rounds in (LINKED, UNLINKED):
        assert set(run(rows, rounds, ["hope"]).estimates["reason"]) == {"no variation"}


def test_a_model_that_is_not_fitted_gives_no_number(monkeypatch):
    def fail(*_):
        raise NoConvergenceError

    monkeypatch.setattr("pipeline.methods.imputed_answers.complete", fail)
    rows, _ = simulated(60, np.random.default_rng(9))
    results = run(rows)
    assert results.estimates["value"].isna().all()
    assert set(pick(results, service="all")["reason"]) == {"no convergence"}


def test_mostly_imputed_is_said():
    rng = np.random.default_rng(10)
    codes = rng.integers(1, 5, 100).tolist()
    rows = answers({"hope": codes}, "w1") + answers({"hope": rng.integers(1, 5, 12).tolist()}, "w2")
    row = one(run(rows, LINKED, ["hope"], number=100), statistic="difference", service="all")
    assert row.reason == MOSTLY_IMPUTED
    assert -1 <= row.low < row.value < row.high <= 1


def test_too_few_data_sets_for_the_missing_information_are_said_with_the_error_that_chance_leaves():
    rows, _ = simulated(80, np.random.default_rng(15))
    few, many = run(rows, number=5), run(rows, number=60)
    for item in ITEMS:
        row = one(few, statistic="difference", item=item, service="all")
        assert one(few, statistic="missing_information", item=item, service="all").value > 0.05
        said = re.fullmatch(rf"{FEW_DATA_SETS} \(Monte-Carlo error of the difference ([0-9.e-]+)\)", row.reason)
        assert said
        again = [
            one(run(rows, number=5, context=Context(f"s{n}", "demonstration", CONTEXT.services)),
                statistic="difference", item=item, service="all").value for n in range(12)
        ]  # fmt: skip
        # Each is one drawing of five data sets; the spread of twelve, and a variance of five, are rough.
        assert 0.3 < float(said[1]) / np.std(again, ddof=1) < 3
        calm = one(many, statistic="difference", item=item, service="all")
        information = one(many, statistic="missing_information", item=item, service="all").value
        assert information < 0.6
        assert calm.reason in ("", MOSTLY_IMPUTED)


def test_as_many_data_sets_as_most_missing_information_asks_for():
    assert Imputation(rounds="r").imputations == 50


def test_p_is_adjusted_as_declared():
    rows, _ = simulated(120, np.random.default_rng(11))
    for adjust, source in (("holm", "Holm (1979)"), ("benjamini-hochberg", "Benjamini and Hochberg (1995)")):
        both = pick(
            run(rows, LINKED.model_copy(update={"adjust": adjust})), statistic="difference", service="all"
        ).sort_values("p")
        assert both["method"].str.endswith(source).all()
        first = both["p_adjusted"].iloc[0]
        expected = 2 * both["p"].iloc[0]
        assert first == pytest.approx(min(expected, both["p"].iloc[1]) if adjust != "holm" else min(1, expected))


def test_rows_hang_on_the_cells_of_the_declared_comparison():
    rows, _ = simulated(80, np.random.default_rng(12))
    results, frame = run(rows), surveys(rows)
    parts = [results, change(frame, instrument(ITEMS), LINKED, CONTEXT), shares(frame, instrument(ITEMS), CONTEXT)]
    together = check(Results.concat(parts))
    assert not together.cells["cell_id"].duplicated().any()
    for statistic in ("difference", "missing_information"):
        row = one(results, statistic=statistic, item="hope", service="east")
        cells = results.links.loc[results.links["estimate_id"] == row.estimate_id, "cell_id"]
        assert len(cells) == 9
        assert cells.str.startswith("demo/east/").all()


def test_partly_linked_is_imputed_as_linked():
    rows, _ = simulated(60, np.random.default_rng(13))
    partly = run(rows, LINKED.model_copy(update={"linked": "partly"})).estimates
    assert partly["value"].equals(run(rows).estimates["value"])
    assert not partly["reason"].str.contains("sensitivity|assumes").any()


def test_an_unknown_category_is_refused():
    with pytest.raises(ValueError, match="not a category"):
        run([], LINKED.model_copy(update={"category": "purple"}))


def test_the_method_says_what_is_drawn_and_from_whom():
    rows, _ = simulated(60, np.random.default_rng(14))
    method = run(rows).estimates["method"].iloc[0]
    assert method.startswith("10 data sets by chained equations")
    assert imputation.SEEN_ONCE in method
    assert imputation.SEEN_ONCE not in run(rows, UNLINKED).estimates["method"].iloc[0]
