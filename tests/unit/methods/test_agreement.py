"""Agreement of coders: by hand, against statsmodels and the definition, and recovered from a simulation."""

import numpy as np
import pytest
from statsmodels.stats.inter_rater import fleiss_kappa

from pipeline.methods.agreement import agreement
from pipeline.methods.krippendorff import krippendorff
from tests.unit.methods.coded_frames import coded
from tests.unit.methods.result_checks import check, one, pick
from tests.unit.methods.test_krippendorff import brute_force

GIVEN = {
    "coder-1": ["hope", "hope ties", "ties", "", "hope ties", "hope", ""],
    "coder-2": ["hope", "ties", "hope", "", "hope ties", "ties", None],
    "coder-3": [None, "hope ties", None, "hope", None, None, None],
}
HOPE = np.array([[1, 1, 0, 0, 1, 1, 0], [1, 0, 1, 0, 1, 0, np.nan], [np.nan, 1, np.nan, 1, *[np.nan] * 3]])


def test_one_code_by_hand():
    results = check(agreement(*coded(GIVEN)))
    alpha = one(results, statistic="krippendorff_alpha", item="hope")
    assert (alpha.value, alpha.n) == (pytest.approx(krippendorff(HOPE)), 6)
    # Pairs that agree: u1 1 of 1, u2 1 of 3, u3 0 of 1, u4 1 of 3, u5 1 of 1, u6 0 of 1.
    assert one(results, statistic="percent_agreement", item="hope", group="").value == pytest.approx(4 / 10)
    pair = one(results, statistic="percent_agreement", item="hope", group="coder-1 & coder-2")
    assert (pair.value, pair.n) == (0.5, 6)
    assert one(results, statistic="jaccard", group="coder-1 & coder-2").value == pytest.approx(3.5 / 6)


def distance(one, other, model):
    """Distance of two sets from the definitions of Jaccard (1901) and Passonneau (2006)."""
    if one == other:
        return 0
    shape = 1 if model == "jaccard" else 2 / 3 if one < other or other < one else 1 / 3
    return 1 - shape * len(one & other) / len(one | other)


def test_all_codes_together_and_sets_of_codes_against_the_definition():
    results = agreement(*coded(GIVEN))
    texts = [[None if text is None else frozenset(text.split()) for text in row] for row in GIVEN.values()]
    sets = sorted({one for row in texts for one in row if one is not None}, key=sorted)
    values = np.array([[np.nan if one is None else sets.index(one) for one in row] for row in texts])
    for model in ("jaccard", "masi"):
        row = one(results, statistic="krippendorff_alpha", item="all-codes", model=model)
        found = brute_force(values, lambda a, b, m=model: distance(sets[int(a)], sets[int(b)], m))
        assert row.value == pytest.approx(found)
    every = np.hstack(
        [
            [[np.nan if one is None else float(code in one) for one in row] for row in texts]
            for code in ("hope", "ties")
        ]
    )
    row = one(results, statistic="krippendorff_alpha", item="all-codes", model="")
    assert row.value == pytest.approx(krippendorff(every))


def test_fleiss_kappa_is_over_the_units_that_all_coders_read():
    given = {
        "a": ["hope", "hope", "", "", "hope", None, "hope"],
        "b": ["hope", "", "", "", "hope", "hope", None],
        "c": ["hope", "hope", "", "hope", "hope", "", None],
    }
    found = check(agreement(*coded(given)))
    row = one(found, statistic="fleiss_kappa", item="hope")
    counts = np.array([[0, 3], [1, 2], [3, 0], [2, 1], [0, 3]])
    assert (row.value, row.n, row.missing) == (pytest.approx(fleiss_kappa(counts)), 5, 1)
    assert row.low <= row.value <= row.high
    cell = "demo/all/count/population=segments/instrument=codebook/category=coded/group=read-by-all"
    assert cell in set(found.links.loc[found.links["estimate_id"] == row.estimate_id, "cell_id"])


def test_fleiss_kappa_needs_three_coders_and_units_that_all_read():
    assert pick(agreement(*coded({"a": ["hope", ""], "b": ["", ""]})), statistic="fleiss_kappa").empty
    found = check(agreement(*coded({"a": ["hope", None], "b": ["hope", "hope"], "c": [None, "hope"]})))
    row = one(found, statistic="fleiss_kappa")
    assert (row.reason, row.n, row.missing) == ("no rows", 0, 2)


def test_agreement_recovers_what_was_simulated():
    prevalence, sensitivity, specificity, units = 0.3, 0.85, 0.95, 20_000
    random = np.random.default_rng(1)
    present = random.random(units) < prevalence
    chance = np.where(present, sensitivity, 1 - specificity)
    given = {
        name: ["hope" if u < c else "" for u, c in zip(random.random(units), chance, strict=True)] for name in "ab"
    }
    results = agreement(*coded(given))
    rate = prevalence * sensitivity + (1 - prevalence) * (1 - specificity)
    agreeing = prevalence * (sensitivity**2 + (1 - sensitivity) ** 2)
    agreeing += (1 - prevalence) * (specificity**2 + (1 - specificity) ** 2)
    expected = 1 - (1 - agreeing) / (2 * rate * (1 - rate))
    assert one(results, statistic="kappa").value == pytest.approx(expected, abs=0.02)
    alpha = one(results, statistic="krippendorff_alpha", item="hope")
    assert alpha.value == pytest.approx(expected, abs=0.02)
    assert alpha.low < expected < alpha.high
    assert one(results, statistic="percent_agreement", group="").value == pytest.approx(agreeing, abs=0.01)


@pytest.mark.parametrize("given", [{}, {"a": ["hope", ""]}])
def test_fewer_than_two_coders_have_no_rows(given):
    assert check(agreement(*coded(given))).estimates.empty


def test_coders_who_read_different_units_have_reasons():
    rows = check(agreement(*coded({"a": ["hope", None], "b": [None, "hope"]}))).estimates
    assert rows["value"].isna().all()
    assert set(rows["reason"]) == {"no rows"}


def test_a_code_that_everyone_always_gave_has_no_variation():
    results = check(agreement(*coded({"a": ["hope", "hope ties"], "b": ["hope", "hope"]})))
    rows = pick(results, item="hope")
    assert set(rows[rows["value"].isna()]["statistic"]) == {"krippendorff_alpha", "kappa"}
    assert set(rows[rows["value"].isna()]["reason"]) == {"no variation"}
    assert (rows.loc[rows["statistic"].eq("percent_agreement"), "value"] == 1).all()


def test_full_agreement_has_no_interval_and_says_why():
    results = check(agreement(*coded({"a": ["hope", "", "hope"], "b": ["hope", "", "hope"]})))
    for statistic in ("krippendorff_alpha", "kappa"):
        row = pick(results, statistic=statistic, item="hope").iloc[0]
        assert row.value == 1
        assert np.isnan(row.low)
        assert row.reason == "no interval: no disagreement was observed"


def test_the_same_study_gives_the_same_intervals():
    assert agreement(*coded(GIVEN)).estimates.equals(agreement(*coded(GIVEN)).estimates)


def test_a_reader_without_codes_disagrees_and_an_absent_reader_does_not():
    read = one(agreement(*coded({"a": ["hope", ""], "b": ["", ""]})), statistic="percent_agreement", group="")
    assert (read.value, read.n) == (0.5, 2)
    absent = one(agreement(*coded({"a": ["hope", ""], "b": [None, ""]})), statistic="percent_agreement", group="")
    assert (absent.value, absent.n) == (1, 1)
