from fractions import Fraction
from statistics import mean, stdev

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.methods.granularity import figures, granularity, grim, grimmer, percent_pairs, squares, totals
from pipeline.methods.rounding import rounded
from schemas.claims import Granularity
from tests.unit.methods.published_claims import answers, claims_of, doses, instrument, mood, pilot_claims


def test_grim_known_answers():
    """Brown and Heathers (2017) and their calculator."""
    assert not grim(5.19, 2, 28)
    assert not grim(5.83, 2, 50)
    assert grim(5.18, 2, 14, items=2)
    assert grim(5.18, 2, 28)
    assert not grim(3.0, 2, 0)


def test_grimmer_known_answers():
    """Anaya (2016); Allard (2018): they round; cut off, 62 and 318 would print as 3.44 and 2.47."""
    assert grimmer((5.21, 2), (1.6, 1), 28, "half-up") is not None
    assert not any(grimmer((3.44, 2), (2.47, 2), 18, rule) for rule in ("half-up", "half-even"))
    assert grimmer((3.44, 2), (2.47, 2), 18, "truncation") == (62, 318)


def test_grimmer_needs_the_parity():
    # n 18, mean 3.44: total 62; SD 2.47 needs a sum of squares near 317.3, whose only whole number is odd
    assert list(totals(3.44, 2, 18, "half-up")) == [62]
    assert list(squares(2.47, 2, 18, 62, "half-up")) == []
    assert list(squares(2.47, 2, 18, 63, "half-up")) == []
    assert list(squares(0, 0, 2, 4, "half-up")) == [8]
    assert list(squares(1.0, 1, 1, 4, "half-up")) == []


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=2, max_size=40))
def test_real_data_are_always_possible(data):
    centre, spread = round(mean(data), 2), round(stdev(data), 2)
    assert grim(centre, 2, len(data))
    assert any(grimmer((centre, 2), (spread, 2), len(data), rule) for rule in ("half-up", "half-even"))


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
    assert found["test"].value_counts().to_dict() == {"percent": 51, "GRIM": 4, "GRIMMER": 4}
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
    no_n = answers("calm", {"high": 50}, None)
    words = {"statistic": "verdict", "operator": "direction", "value_text": "up"}
    found = granularity(claims_of(*lone_sd, *no_n, words), "s")
    assert found.empty
    Granularity.validate(found)
    Granularity.validate(granularity(claims_of(words).iloc[:0], "s"))


def test_a_figure_that_nothing_gives():
    found = granularity(claims_of(*answers("calm", {"high": 39}, 2), *answers("glad", {"high": 50}, 0)), "s")
    assert not found["possible_at_n"].any()
    assert found["nearest_n"].isna().all()
    assert (found["pairs"] == "").all()
