from fractions import Fraction

import pytest

from pipeline.methods.granularity import figures, granularity, percent_pairs
from pipeline.methods.rounding import exact, rounded
from schemas.claims import Granularity
from schemas.vocabulary import ROUNDING_RULES
from tests.unit.methods.published_claims import answers, claims_of, doses, instrument, mood, pilot_claims


def test_percent_pairs_by_hand():
    """39 % of 19: 7 of 19 is 36.8 and 8 of 19 is 42.1, but 7 of 18 is 38.9; of fewer, nothing."""
    item = figures(claims_of(*answers("calm", {"high": 39}, 19)), ["percent"])
    assert percent_pairs(item) == [(18, "half-up"), (18, "half-even")]


def test_the_categories_of_an_item_share_one_n_and_rule():
    # 33 + 33 + 33 is possible of 6 (2, 2, 2), 52 + 52 of nothing: two counts would be more than all
    assert (6, "half-up") in percent_pairs(
        figures(claims_of(*answers("a", {"x": 33, "y": 33, "z": 33}, 6)), ["percent"])
    )
    assert percent_pairs(figures(claims_of(*answers("a", {"x": 52, "y": 52}, 60)), ["percent"])) == []


def test_an_instrument_shows_whether_all_answers_are_printed():
    rows = answers("calm", {"low": 20, "middle": 20, "high": 20}, 5, denominator="answered")
    whole, part = mood(), mood(options=("low", "middle", "high", "highest"))
    assert granularity(claims_of(*rows), "s", [whole])["pairs"].unique().tolist() == [""]
    assert granularity(claims_of(*rows), "s", [part])["nearest_n"].unique().tolist() == [5]
    assert granularity(claims_of(*rows), "s")["nearest_n"].unique().tolist() == [5]


def test_a_stated_rule_is_the_only_one_tried():
    rows = answers("calm", {"high": 51}, 62, rounding="half-up")
    found = granularity(claims_of(*rows), "s").iloc[0]
    assert not found["possible_at_n"]
    assert (found["nearest_n"], found["nearest_rule"]) == (61, "half-up")
    assert "truncation" not in found["pairs"]


def test_pilot_figures():
    claims = pilot_claims()
    found = granularity(claims, "ahs-pilot", [instrument("client-feedback")]).set_index("claim")
    feedback = found[found.index.str.startswith("feedback-")]
    assert len(feedback) == 27
    assert feedback["rules_at_n"].str.contains("half-up").all()
    assert found.loc["rsa-hope-2018", "pairs"] == "18:half-up 18:half-even"
    assert not found.loc["rsa-hope-2018", "possible_at_n"]
    assert found.loc["ratings-hope-2017", "rules_at_n"] == "truncation"
    assert found["test"].value_counts().to_dict() == {"percent": 61, "GRIM": 4, "GRIMMER": 4}
    assert found["n"].isna().sum() == 10
    assert found.loc[found["test"] != "percent", "possible_at_n"].all()


def test_rows_meet_the_schema_and_repeat_by_rounding():
    claims = claims_of(*answers("calm", {"low": 67, "high": 33}, 3), *doses("north", 10, 2.5, 1.5, (1, 1)))
    found = Granularity.validate(granularity(claims, "s"))
    assert list(found["claim"]) == ["calm-low", "calm-high", "north-mean", "north-sd"]
    for row in found[found["test"] == "percent"].to_dict("records"):
        pairs = [pair.split(":") for pair in row["pairs"].split()]
        for n, rule in pairs:
            assert any(rounded(k, int(n), 0, rule) == Fraction(row["published"]) for k in range(int(n) + 1))


def test_what_cannot_be_tested_has_no_row():
    lone_sd = [row for row in doses("north", 10, 2, 1.5) if row["statistic"] == "sd"]
    words = {"statistic": "verdict", "operator": "direction", "value_text": "up"}
    bound = answers("calm", {"high": 50}, 20, operator=">")
    growth = {"published": 250}
    points = {"published": 12, "estimate_id": "s/all/difference/wave=w2/reference=w1"}
    lone_mean = [row for row in doses("north", None, 2, 1.5) if row["statistic"] == "mean"]
    found = granularity(claims_of(*lone_sd, words, *bound, growth, points, *lone_mean), "s")
    assert found.empty
    Granularity.validate(found)
    Granularity.validate(granularity(claims_of(words).iloc[:0], "s"))


@pytest.mark.parametrize(("published", "decimals"), [(12, 0), (0, 0), (100, 0), (87, 0), (33.3, 1), (0.1, 1)])
def test_a_percentage_without_n_against_every_count(published, decimals):
    claims = claims_of(*answers("calm", {"high": published}, None, decimals=decimals))
    found = Granularity.validate(granularity(claims, "s")).iloc[0]
    figure = exact(published, decimals)
    every = [
        (n, rule)
        for n in range(1, 100 * 10**decimals + 1)
        for rule in ROUNDING_RULES
        if any(rounded(k, n, decimals, rule) == figure for k in near(n, published))
    ]
    assert found["pairs"].split() == [f"{n}:{rule}" for n, rule in every]
    assert found["smallest_n"] == every[0][0]
    assert found["smallest_rules"].split() == [rule for n, rule in every if n == every[0][0]]
    assert found["possible_at_n"]
    assert found[["n", "nearest_n"]].isna().all()


def near(n, published):
    """The counts around a percentage of n."""
    middle = int(published * n / 100)
    return [k for k in range(middle - 1, middle + 3) if 0 <= k <= n]


def test_the_smallest_n_of_a_figure_with_n():
    found = granularity(claims_of(*answers("calm", {"high": 39}, 19)), "s").iloc[0]
    assert (found["smallest_n"], found["smallest_rules"]) == (18, "half-up half-even")


def test_the_sd_of_a_share_is_tested_with_the_share():
    share = answers("calm", {"high": 53}, 1683)[0]
    sd = share | {"claim": "sd", "statistic": "sd", "published": 0.5, "decimals": 2}
    sd |= {"estimate_id": share["estimate_id"].replace("/share/", "/sd/")}
    found = granularity(claims_of(share, sd), "s").set_index("claim")
    assert (found.loc["sd", "test"], found.loc["sd", "possible_at_n"]) == ("DEBIT", True)
    wrong = granularity(claims_of(share, sd | {"published": 0.4}), "s").set_index("claim")
    assert wrong.loc["sd", "pairs"] == ""


def test_a_figure_that_nothing_gives():
    found = granularity(claims_of(*answers("calm", {"high": 39}, 2), *answers("glad", {"high": 50}, 0)), "s")
    assert not found["possible_at_n"].any()
    assert found["nearest_n"].isna().all()
    assert (found["pairs"] == "").all()
