"""Figures that must hold together, against every count that there can be."""

from fractions import Fraction
from itertools import product

import pytest

from pipeline.methods.consistency import consistency, sums
from pipeline.methods.granularity import granularity
from pipeline.methods.rounding import rounded
from schemas.claims import Consistency
from schemas.vocabulary import ROUNDING_RULES
from tests.unit.methods.published_claims import ROOT, answers, claims_of, doses, instrument, mood, pilot_claims


def parts(n, categories):
    """All ways to share n units among so many categories."""
    heads = product(range(n + 1), repeat=categories - 1)
    return [(*head, n - sum(head)) for head in heads if sum(head) <= n]


def one(*rows, **more):
    """The one set that the claims form."""
    found = Consistency.validate(consistency(claims_of(*rows), "s", **more))
    assert len(found) == 1
    return found.iloc[0]


@pytest.mark.parametrize("rule", ROUNDING_RULES)
@pytest.mark.parametrize(("categories", "sizes"), [(2, range(1, 201)), (3, range(1, 41)), (4, (7, 8, 24, 32, 200))])
def test_sums_are_those_that_counts_can_print(categories, sizes, rule):
    """Every count of small groups; of 200, four categories whose shares are ties."""
    found = set()
    for n in sizes:
        every = (
            parts(n, categories) if n <= 40 or categories == 2 else [(1, 1, 1, 197), (3, 3, 3, 191), (25, 25, 75, 75)]
        )
        found |= {sum(rounded(k, n, 0, rule) for k in counts) for counts in every}
    low, high = sums(categories, 0, rule)
    assert (min(found), max(found)) == (low, high)
    assert found == set(range(int(low), int(high) + 1))


def test_sums_known_answers():
    assert sums(2, 0, "half-up") == (100, 101)
    assert sums(2, 0, "half-even") == (100, 100)
    assert sums(2, 0, "truncation") == (99, 100)
    assert sums(3, 1, "half-up") == (Fraction(999, 10), Fraction(1001, 10))
    assert sums(4, 0, "half-even") == (98, 102)
    with pytest.raises(ValueError, match="not a rounding rule"):
        sums(2, 0, "upwards")


@pytest.mark.parametrize("rule", ROUNDING_RULES)
@pytest.mark.parametrize("figures", [(12, 87), (13, 88), (54, 45), (13, 87), (12, 88), (50, 50), (33, 66), (49, 49)])
def test_complementary_pairs_against_every_count(figures, rule):
    """The smallest n that gives a pair is the first of which some count is printed so."""
    rows = answers("calm", dict(zip(("yes", "no"), figures, strict=True)), None, rounding=rule)
    found = one(*rows, exhaustive=["calm-yes", "calm-no"])
    working = [
        n for n in range(1, 201) for k in range(n + 1)
        if (rounded(k, n, 0, rule), rounded(n - k, n, 0, rule)) == figures
    ]  # fmt: skip
    assert found["test"] == "complementary pair"
    assert found["possible"] == bool(working)
    assert found["rules"] == (rule if working else "")
    assert found["works_n"] == min(working) if working else found.isna()["works_n"]


@pytest.mark.parametrize(
    "figures", [(33, 33, 33), (34, 33, 33), (14, 43, 43), (17, 33, 51), (20, 20, 20), (40, 41, 20)]
)
@pytest.mark.parametrize("n", [3, 7, 12, 20])
def test_sums_at_a_stated_n_against_every_count(figures, n):
    names = ("low", "middle", "high")
    rows = answers("calm", dict(zip(names, figures, strict=True)), n, denominator="answered")
    found = one(*rows, instruments=[mood()])
    working = [
        rule for rule in ROUNDING_RULES
        if any(tuple(rounded(k, n, 0, rule) for k in counts) == figures for counts in parts(n, 3))
    ]  # fmt: skip
    assert (found["test"], found["printed_sum"], found["n"]) == ("sum", sum(figures), n)
    assert found["rules"].split() == working
    assert found["possible"] == bool(working)


def test_what_an_item_adds_up_to_where_not_all_is_printed():
    part = one(*answers("calm", {"low": 20, "high": 30}, 10))
    assert (part["test"], part["possible"], part["printed_sum"]) == ("sum of part", True, 50)
    assert part["possible_sums"] == "half-up: up to 101; half-even: up to 100; truncation: up to 100"
    over = one(*answers("calm", {"low": 52, "high": 52}, 60))
    assert not over["possible"]
    assert over["note"] == "not possible under any rule, with any n up to the stated one"
    wide = mood(collapse=[{"id": "upper", "label": "Upper", "options": ["middle", "high"]}])
    both = answers("calm", {"upper": 80, "high": 60}, 10, denominator="answered")
    assert consistency(claims_of(*both), "s", [wide]).empty, "overlapping categories add up to nothing"


def test_one_rule_for_a_table():
    """52 % of 19 is 10 cut off; 39 % is 7 of 18 rounded: no rule has both; 26 % is 5 of 19 under each."""
    rows = [*answers("a", {"high": 52}, 19), *answers("b", {"high": 39}, 19), *answers("c", {"high": 26}, 19)]
    found = one(*rows)
    assert (found["test"], found["figures"], found["possible"], found["rules"]) == ("table rule", 3, False, "")
    assert found["departures"] == "b-high: none"
    assert found["works_rule"] == "truncation"
    assert found["note"].startswith("no rule gives every figure at its stated n; half-up and half-even: ")
    fine = one(rows[0], rows[2])
    assert (fine["rules"], fine["note"]) == ("truncation", "truncation gives every figure; no other rule does")


def test_the_fewest_lines_with_a_smaller_n():
    """51 % of 62 needs 61 unless cut off; 52 % of 62 needs it if cut off; 50 % never does."""
    rows = [*answers("a", {"high": 51}, 62), *answers("b", {"high": 52}, 62), *answers("c", {"high": 50}, 62)]
    found = one(*rows)
    assert found["departures"] == "a-high: 61"
    assert found["works_rule"] == "half-up"
    assert found["n"] == 62


def test_means_and_sds_form_a_table_too():
    found = one(*doses("north", 39, 11, 12.8), *doses("south", 18, 3, 2.6))
    assert found["claims"] == "north-mean ; north-sd ; south-mean ; south-sd"
    assert found["possible"]
    assert consistency(claims_of(*doses("north", None, 11, 12.8)), "s").empty


def test_sets_have_ids_of_their_own():
    rows = [*answers("calm", {"low": 20, "high": 30}, 10), *answers("calm", {"low": 25, "high": 50}, 20)]
    rows = [row | {"claim": f"c{i}"} for i, row in enumerate(rows)]
    found = Consistency.validate(consistency(claims_of(*rows), "s"))
    assert found["set"].str.startswith("s/").all()
    assert Consistency.validate(consistency(claims_of(rows[0]).iloc[:0], "s")).empty


@pytest.fixture(scope="module")
def pilot():
    claims = pilot_claims()
    scales = [instrument(path.stem) for path in sorted((ROOT / "schemas" / "instruments").glob("*published.yml"))]
    mix = [claim for claim in claims["claim"] if claim.startswith("support-mix-")]
    found = consistency(claims, "ahs-pilot", [*scales, instrument("client-feedback")], mix)
    return Consistency.validate(found)


def test_pilot_pairs(pilot):
    """12 + 87 and 54 + 45 are 99: cut off, never rounded."""
    pairs = pilot[pilot["test"] == "complementary pair"].set_index("claims")
    found = {claims.split(" ; ")[0].split("-group")[0]: row["rules"] for claims, row in pairs.iterrows()}
    every = "half-up half-even truncation"
    assert found == {
        "support-mix-act": "truncation",
        "support-mix-airdrie-clinic": every,
        "support-mix-carnat-centre": "truncation",
        "support-mix-ne-clinic": every,
        "support-mix-nw-clinic": every,
    }


def test_pilot_tables(pilot):
    tables = pilot[pilot["test"] == "table rule"].set_index("set")["rules"]
    waves = {name.rpartition("wave=")[2]: rules for name, rules in tables.items() if "wave=" in name}
    assert waves["feedback"] == "half-up half-even"
    assert [waves[one] for one in ("ratings-2017", "ratings-2018", "rsa-2017", "rsa-2018")] == [""] * 4
    sums_of_parts = pilot[pilot["test"] == "sum of part"]
    assert len(sums_of_parts) == 9
    assert sums_of_parts["rules"].str.contains("half-up").all()


def test_a_stated_rule_is_the_only_one_tried_and_single_figures_agree_with_sets():
    rows = answers("calm", {"yes": 12, "no": 87}, 8, rounding="half-up")
    found = one(*rows, exhaustive=["calm-yes", "calm-no"])
    assert (found["possible"], found["possible_sums"]) == (False, "half-up: 100 to 101")
    single = granularity(claims_of(*rows), "s", exhaustive=["calm-yes", "calm-no"])
    assert not single["possible_at_n"].any()
