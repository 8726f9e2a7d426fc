"""Change between waves: independent groups, pairs, families, and what can't be compared."""

from collections import Counter

import numpy as np
import pytest
from scipy.stats import binomtest, fisher_exact
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep

from pipeline.methods.change import compare, rounds
from pipeline.methods.feedback import shares
from pipeline.methods.proportion_differences import miettinen_nurminen, newcombe_paired
from pipeline.methods.proportion_tests import boschloo
from pipeline.methods.results import Results
from pipeline.methods.two_waves import TwoWaves
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


PARTLY = declared(linked="partly")


def partly_linked():
    """Seven at both waves (r0 to r6), three only before, four only after; one moved to another service."""
    rows = answers({"hope": [4, 4, 1, 1, 3, 1, 2, 4, 1, None]}, "w1")
    rows += answers({"hope": [4, 1, 4, 3, 3, 1]}, "w2") + answers({"hope": [4]}, "w2", "west", start=6)
    return surveys(rows + answers({"hope": [1, 4, 4, "n-a"]}, "w2", start=20))


def test_partly_linked_uses_everybody_and_the_pairs():
    results = check(rounds(partly_linked(), instrument(["hope"]), PARTLY, CONTEXT))
    row = one(results, statistic="difference", service="all")
    expected = TwoWaves(7, 10, 4, 9, kept=2, gained=3, lost=1, never=1)
    assert row.value == pytest.approx(expected.difference)
    assert (row.low, row.high, row.p) == pytest.approx((*expected.interval(), expected.p()))
    assert (row.n, row.n_reference, row.events, row.missing) == (10, 9, 7, 2)
    assert row.model == "partly-linked"
    assert "answered only once" in row.reason
    assert one(results, statistic="count", service="all", category="both-waves").value == 7


def test_at_one_service_only_its_own_pairs_are_the_same_persons():
    results = check(rounds(partly_linked(), instrument(["hope"]), PARTLY, CONTEXT))
    assert one(results, statistic="count", service="east").value == 6
    assert one(results, statistic="count", service="west").reason == "no rows"
    assert one(results, statistic="difference", service="west").reason == "no rows"
    cells = results.cells[results.cells["group"].ne("") & results.cells["category"].eq("pairs")]
    assert cells.set_index("service")["value"].to_dict() == {"all": 7, "east": 6, "west": 0, "unknown": 1}


def test_who_answered_once_is_a_cell_of_its_own():
    results = rounds(partly_linked(), instrument(["hope"]), PARTLY, CONTEXT)
    counts = results.cells[results.cells["service"] == "all"].set_index("category")["value"]
    names = [f"once-{wave}{end}" for wave in ("w1", "w2") for end in ("", "-in", "-out")]
    assert counts[names].tolist() == [2, 1, 1, 3, 2, 1]


def test_partly_linked_without_pairs_has_the_interval_of_different_persons():
    rows = surveys(answers({"hope": [4, 1, 1]}, "w1") + answers({"hope": [4, 4, 2]}, "w2", start=5))
    partly, different = (one(rounds(rows, instrument(["hope"]), d, CONTEXT), statistic="difference", service="all")
                         for d in (PARTLY, declared()))  # fmt: skip
    assert (partly.low, partly.high) == pytest.approx((different.low, different.high))


def test_partly_linked_without_rows():
    results = check(rounds(surveys([]), instrument(["hope"]), PARTLY, CONTEXT))
    assert results.estimates["value"].isna().all()
    assert set(results.estimates["reason"]) == {"no rows"}


def test_the_study_file_chooses_interval_and_test():
    frame = surveys(two_waves([4] * 7 + [1] * 13, [3] * 20 + [2] * 6))
    chosen = declared(interval="miettinen-nurminen", test="boschloo", adjust="benjamini-hochberg")
    row = one(check(rounds(frame, instrument(["hope"]), chosen, CONTEXT)), service="all")
    assert (row.low, row.high) == pytest.approx(miettinen_nurminen(20, 26, 7, 20))
    assert row.p == pytest.approx(boschloo(20, 26, 7, 20))
    for source in ("Miettinen and Nurminen (1985)", "Boschloo (1970)", "Benjamini and Hochberg (1995)"):
        assert source in row.method


def test_mid_p_of_the_same_persons():
    frame = surveys(two_waves([1] * 9 + [4], [4] * 9 + [1]))
    results = check(rounds(frame, instrument(["hope"]), declared(linked=True, test="mid-p"), CONTEXT))
    exact = binomtest(1, 10).pvalue
    for statistic in ("difference", "net_change"):
        assert one(results, statistic=statistic, service="all").p == pytest.approx(exact - 10 / 2**10)
        assert "mid-p" in one(results, statistic=statistic, service="all").method


def test_comparisons_of_one_family_are_adjusted_together():
    rng = np.random.default_rng(5)
    codes = {item: rng.integers(1, 5, 40).tolist() for item in ("a", "b")}
    later = {item: rng.integers(2, 5, 40).tolist() for item in codes}
    frame = surveys(answers(codes, "w1") + answers(later, "w2"))
    both = [
        declared(id="x", family="f"),
        declared(id="y", family="f", category="o4"),
        declared(id="z", category="o3"),
    ]
    results = check(compare([(frame, instrument(codes), one_round) for one_round in both], CONTEXT))
    rows = pick(results, service="all", family="f")
    assert len(rows) == 4
    assert rows["p_adjusted"].to_numpy() == pytest.approx(multipletests(rows["p"], method="holm")[1])
    alone = pick(results, service="all", family="z")
    assert alone["p_adjusted"].to_numpy() == pytest.approx(multipletests(alone["p"], method="holm")[1])


def test_a_family_is_adjusted_in_one_way():
    frame = surveys(two_waves([4, 1], [3, 3]))
    both = [declared(family="f"), declared(id="s", family="f", category="o4", adjust="benjamini-hochberg")]
    with pytest.raises(ValueError, match="differ in how p is adjusted"):
        compare([(frame, instrument(["hope"]), one_round) for one_round in both], CONTEXT)


def test_partly_linked_cells_agree_with_those_of_feedback():
    frame = partly_linked()
    both = [shares(frame, instrument(["hope"]), CONTEXT), rounds(frame, instrument(["hope"]), PARTLY, CONTEXT)]
    check(Results.concat(both))


def test_comparisons_of_the_same_pairs_share_the_counts_that_do_not_hang_on_the_answer():
    frame = surveys(two_waves([4, 3, 1, 1, 2] * 4, [4, 4, 2, 1, 1] * 4))
    wanted = [
        (frame, instrument(["hope"]), LINKED),
        (frame, instrument(["hope"]), LINKED.model_copy(update={"id": "s"})),
    ]
    others = [(frame, instrument(["hope"]), declared(id="t", category="o4", linked=True))]
    once, twice, three = (compare(one, CONTEXT) for one in (wanted[:1], wanted, wanted + others))
    assert set(once.cells["cell_id"]) == set(twice.cells["cell_id"])
    added = set(three.cells["cell_id"]) - set(once.cells["cell_id"])
    assert added
    assert all("group=linked-w1-w2-o4" in one for one in added)
    assert three.relations.groupby("relation")["total"].nunique().max() == 1
    check(three)
