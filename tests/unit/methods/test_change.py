"""Change between waves: independent groups, pairs, families, and what can't be compared."""

from collections import Counter

import numpy as np
import pytest
from scipy.stats import binomtest, fisher_exact
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep

from pipeline.methods.change import rounds
from pipeline.methods.feedback import shares
from pipeline.methods.proportions import newcombe_paired
from pipeline.methods.results import Results
from schemas.analyses import Rounds
from tests.unit.methods.result_checks import CONTEXT, answers, check, instrument, one, pick, surveys


def declared(**changes):
    return Rounds(**{"id": "r", "instrument": "scale", "reference": "w1", "wave": "w2", "category": "high"} | changes)


LINKED = declared(linked=True)


def two_waves(before, after, **keys):
    return answers({"hope": before}, "w1", **keys) + answers({"hope": after}, "w2", **keys)


def test_independent_groups_by_other_libraries():
    rows = two_waves([4] * 7 + [1] * 13 + [None], [3] * 20 + [2] * 6)
    row = one(check(rounds(surveys(rows), instrument(["hope"]), declared(), CONTEXT)), service="all")
    assert row.value == pytest.approx(20 / 26 - 7 / 20)
    assert (row.low, row.high) == pytest.approx(confint_proportions_2indep(20, 26, 7, 20, method="newcomb"))
    assert row.p == pytest.approx(fisher_exact([[20, 6], [7, 13]]).pvalue)
    assert (row.n, row.n_reference, row.events, row.missing) == (26, 20, 20, 1)
    assert row.reason.startswith("sensitivity")


def test_no_overlap_needs_no_warning():
    rows = two_waves([4, 1], [3, 3])
    results = rounds(surveys(rows), instrument(["hope"]), declared(overlap="none"), CONTEXT)
    assert set(results.estimates["reason"]) == {""}


def test_holm_within_each_family():
    rng = np.random.default_rng(2)
    codes = {item: rng.integers(1, 5, 40).tolist() for item in ("a", "b", "c")}
    later = {item: rng.integers(2, 5, 40).tolist() for item in codes}
    rows = answers(codes, "w1") + answers(later, "w2") + answers(codes, "w1", "west", 50)
    rows += answers(codes, "w2", "west", 50)
    results = check(rounds(surveys(rows), instrument(codes), declared(), CONTEXT))
    assert set(results.estimates["family"]) == {"r", "r@east", "r@west"}
    for _, family in results.estimates.groupby("family"):
        assert family["p_adjusted"].to_numpy() == pytest.approx(multipletests(family["p"], method="holm")[1])


def test_a_wave_without_rows():
    for rows in (answers({"hope": [4, 3]}, "w1"), []):
        for one_round in (declared(), LINKED):
            results = check(rounds(surveys(rows), instrument(["hope"]), one_round, CONTEXT))
            assert not results.estimates.empty
            assert results.estimates["value"].isna().all()
            assert set(results.estimates["reason"]) == {"no rows"}


def test_all_alike_is_no_difference():
    row = one(rounds(surveys(two_waves([4] * 3, [4] * 3)), instrument(["hope"]), declared(), CONTEXT), service="all")
    assert (row.value, row.p) == (0, 1)
    assert row.low < 0 < row.high


def test_pairs_by_hand():
    before, after = [1, 1, 1, 3, 4, 2, None, 4], [3, 4, 2, 1, 4, 1, 4, None]
    results = check(rounds(surveys(two_waves(before, after)), instrument(["hope"]), LINKED, CONTEXT))
    row = one(results, statistic="difference", service="all")
    assert row.value == pytest.approx((2 - 1) / 6)
    assert (row.n, row.missing) == (6, 2)
    assert (row.low, row.high) == pytest.approx(newcombe_paired(1, 2, 1, 2))
    assert row.p == binomtest(1, 3).pvalue
    net = one(results, statistic="net_change", service="all")
    assert net.value == pytest.approx((3 - 2) / 6)
    assert net.p == binomtest(2, 5).pvalue
    assert (net.category, net.family) == ("", "r-net")
    counts = results.cells[results.cells["service"] == "all"].set_index("category")["value"]
    assert counts[["kept", "gained", "lost", "never"]].tolist() == [1, 2, 1, 2]


def test_people_seen_once_are_counted_as_missing():
    rows = answers({"hope": [4, 1, 1]}, "w1") + answers({"hope": [4, 4]}, "w2", start=2)
    row = one(rounds(surveys(rows), instrument(["hope"]), LINKED, CONTEXT), statistic="difference", service="all")
    assert (row.n, row.missing) == (1, 3)


def test_a_client_is_matched_whoever_rates():
    rows = [("k1", "c1", "w1", "east", "hope", 1, "o1"), ("k2", "c1", "w2", "east", "hope", 4, "o4")]
    row = one(rounds(surveys(rows), instrument(["hope"]), LINKED, CONTEXT), statistic="difference", service="all")
    assert (row.value, row.n, row.missing) == (1, 1, 0)


def test_a_client_rated_twice_at_one_wave_stays_unpaired():
    rows = [(f"k{n}", "c1", "w1", "east", "hope", n, f"o{n}") for n in (1, 2)]
    rows += [("k1", "c1", "w2", "east", "hope", 4, "o4")]
    row = one(rounds(surveys(rows), instrument(["hope"]), LINKED, CONTEXT), statistic="difference", service="all")
    assert (row.n, row.missing, row.reason) == (0, 1, "no rows")


def test_a_pair_counts_at_the_later_service():
    rows = [("r1", "r1", "w1", "east", "hope", 1, "o1"), ("r1", "r1", "w2", "west", "hope", 4, "o4")]
    results = check(rounds(surveys(rows), instrument(["hope"]), LINKED, CONTEXT))
    assert set(results.estimates["service"]) == {"all", "west"}


def test_services_with_unknown_rows_still_add_up():
    rows = two_waves([1, 2, 3], [4, 4, 4]) + two_waves([1, 2], [4, 1], service="unknown", start=9)
    results = check(rounds(surveys(rows), instrument(["hope"]), LINKED, CONTEXT))
    assert set(results.estimates["service"]) == {"all", "east"}
    assert one(results, statistic="difference", service="all").n == 5


def test_simulated_change_is_recovered():
    rng = np.random.default_rng(11)
    truth = [0.30, 0.25, 0.05, 0.40]
    kinds = rng.choice(4, size=4000, p=truth)
    before, after = ([[4, 1, 4, 1][k] for k in kinds], [[4, 4, 1, 1][k] for k in kinds])
    row = one(
        rounds(surveys(two_waves(before, after)), instrument(["hope"]), LINKED, CONTEXT),
        statistic="difference",
        service="all",
    )
    assert row.value == pytest.approx(0.20, abs=0.03)
    assert row.low < 0.20 < row.high
    assert Counter(kinds)[1] - Counter(kinds)[2] == round(row.value * 4000)


def test_cells_agree_with_those_of_feedback():
    frame = surveys(two_waves([1, 4, None], [4, 4, 2]))
    both = [shares(frame, instrument(["hope"]), CONTEXT), rounds(frame, instrument(["hope"]), declared(), CONTEXT)]
    check(Results.concat([*both, rounds(frame, instrument(["hope"]), LINKED, CONTEXT)]))


def test_an_unknown_category_is_refused():
    with pytest.raises(ValueError, match="not a category"):
        rounds(surveys([]), instrument(), declared(category="purple"), CONTEXT)


def test_one_pair():
    results = check(rounds(surveys(two_waves([1], [4])), instrument(["hope"]), LINKED, CONTEXT))
    assert set(pick(results, service="all")["value"]) == {1}
