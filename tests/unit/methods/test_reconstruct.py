import io
from collections import Counter
from fractions import Fraction
from statistics import mean

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.methods.reconstruct import csv_bytes, draw_survey, item_counts, survey_file
from pipeline.methods.rounding import rounded
from schemas.instrument import Instrument
from tests.unit.methods.published_claims import (
    PILOT,
    answers,
    claims_of,
    instrument,
    mood,
    pilot_claims,
    pilot_study,
)

PILOT_SURVEYS = pilot_study().reconstruct.surveys


def tally(frame, item):
    """Answers and blanks of one column."""
    return Counter(frame[item].to_list())


def check_meets(frame, claims, scale, wave):
    """Each printed percentage, recomputed from the rows with the n and rule that the counts were made with."""
    labels = {option.id: option.label for option in scale.options}
    for item in item_counts(claims, scale, wave):
        found = tally(frame, item.item)
        answered = sum(k for label, k in found.items() if label is not None)
        assert answered == item.base if item.denominator == "answered" else answered <= item.base
        rules = {rule for n, rule in item.pairs if n == item.base}
        printed = _printed(claims, scale, wave, item.item)
        ok = [all(rounded(found[labels[c]], item.base, 0, rule) == p for c, p in printed.items()) for rule in rules]
        assert printed
        assert any(ok)


def _printed(claims, scale, wave, item):
    tail = (f"instrument={scale.instrument}/item={item}/", f"wave={wave}/")
    rows = claims[claims["estimate_id"].map(lambda one: all(part in one for part in tail))]
    category = rows["estimate_id"].str.extract(r"category=([^/]+)")[0]
    return {c: Fraction(p) for c, p in zip(category, rows["published"], strict=True)}


@pytest.mark.parametrize("survey", PILOT_SURVEYS, ids=lambda one: one.file)
def test_pilot_files_meet_the_figures_and_are_the_committed_bytes(survey):
    claims, scale = pilot_claims(), instrument(survey.instrument)
    frame = survey_file(claims, scale, survey.wave)
    check_meets(frame, claims, scale, survey.wave)
    again = csv_bytes(survey_file(claims.sample(frac=1, random_state=1), scale, survey.wave))
    assert csv_bytes(frame) == (PILOT / survey.file).read_bytes() == again
    back = pl.read_csv(io.BytesIO(csv_bytes(frame)), infer_schema=False)
    assert back.equals(frame)


def test_pilot_feedback_works_at_the_stated_n():
    items = item_counts(pilot_claims(), instrument("client-feedback"), "feedback")
    assert [(one.base, one.rule, one.departure) for one in items] == [(53, "half-up", 0)] * 9
    assert items[1].counts == {"no": 4, "some": 21, "definitely": 27}
    assert [53 - sum(one.counts.values()) for one in items] == [1, 1, 1, 2, 2, 6, 1, 0, 0]


def test_pilot_recovery_scale_needs_fewer_answers():
    """39 % can't come from 19; 7 of 18 is 38.9 %, so one did not answer."""
    scale = instrument("rsa-life-goals-published")
    hope = item_counts(pilot_claims(), scale, "rsa-2018")[0]
    assert (hope.stated, hope.base, hope.departure, hope.counts) == (19, 18, 1, {"strongly-agree": 7})
    assert hope.pairs == ((18, "half-up"), (18, "half-even"))
    frame = survey_file(pilot_claims(), scale, "rsa-2018")
    assert tally(frame, "hope") == {"Strongly agree": 7, "Less than strongly agree": 11, None: 1}


def test_rules_are_tried_before_a_smaller_n():
    found = item_counts(claims_of(*answers("calm", {"high": 51}, 62)), mood(), "w")[0]
    assert (found.base, found.rule, found.counts) == (62, "truncation", {"high": 32})


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 150).flatmap(lambda n: st.lists(st.integers(0, 2), min_size=n, max_size=n)),
    st.sampled_from(["asked", "answered"]),
    st.integers(0, 2**32 - 1),
)
def test_true_percentages_are_always_rebuilt_at_the_stated_n(codes, denominator, seed):
    n, names = len(codes), ("low", "middle", "high")
    figures = {name: float(rounded(codes.count(i), n, 0, "half-up")) for i, name in enumerate(names)}
    claims, scale = claims_of(*answers("calm", figures, n, denominator)), mood()
    found = item_counts(claims, scale, "w")[0]
    assert found.departure == 0
    check_meets(survey_file(claims, scale, "w"), claims, scale, "w")
    check_meets(draw_survey(claims, scale, "w", np.random.default_rng(seed)), claims, scale, "w")


def test_the_nearest_counts_are_moved_only_as_far_as_the_sum_needs():
    # of 300, 33 % is 98 to 100 and 34 % is 101 to 103: nearest 99, 99, 102 add up to the 300 asked for
    one = item_counts(
        claims_of(*answers("calm", {"low": 33, "middle": 33, "high": 34}, 300, "answered")), mood(), "w"
    )
    assert one[0].counts == {"low": 99, "middle": 99, "high": 102}
    # three thirds: 99 each leave 3 over; each moves by one
    two = item_counts(
        claims_of(*answers("calm", {"low": 33, "middle": 33, "high": 33}, 300, "answered")), mood(), "w"
    )
    assert two[0].counts == {"low": 100, "middle": 100, "high": 100}
    # 50.2, 50.2: too many for everyone asked, so the first gives way
    three = claims_of(*answers("calm", {"low": 50, "high": 51}, 200, rounding="half-up"))
    assert item_counts(three, mood(), "w")[0].counts == {"low": 99, "high": 101}


def test_what_the_document_does_not_tell_apart_is_drawn_at_random():
    claims, scale = claims_of(*answers("calm", {"high": 40}, 20, "answered")), mood()
    assert tally(survey_file(claims, scale, "w"), "calm") == {"High": 8, "Low": 12}
    drawn = [tally(draw_survey(claims, scale, "w", np.random.default_rng(i)), "calm") for i in range(20)]
    assert {one["High"] for one in drawn} == {8}
    assert len({one["Middle"] for one in drawn}) > 3
    asked = claims_of(*answers("calm", {"high": 40}, 20))
    assert tally(survey_file(asked, scale, "w"), "calm") == {"High": 8, None: 12}
    assert "Low" in tally(draw_survey(asked, scale, "w", np.random.default_rng(1)), "calm")


def test_collapsed_special_and_missing_categories():
    top = {"id": "upper", "label": "Upper", "options": ["middle", "high"]}
    scale = mood(collapse=[top], special=["unsure"])
    figures = {"upper": 50, "low": 20, "unsure": 20, "missing": 10}
    frame = survey_file(claims_of(*answers("calm", figures, 10)), scale, "w")
    assert tally(frame, "calm") == {"Middle": 5, "Low": 2, "Unsure": 2, None: 1}
    overlap = item_counts(claims_of(*answers("calm", {"upper": 50, "high": 20}, 10)), scale, "w")[0]
    assert (overlap.counts, overlap.reason) == (None, "printed categories overlap")


def test_a_table_where_nothing_works():
    claims = claims_of(*answers("calm", {"high": 39}, 2), *answers("glad", {"high": 50}, 2))
    calm, glad = item_counts(claims, mood(), "w")
    assert calm.counts is None
    assert calm.departure is None
    assert calm.pairs == ()
    assert calm.reason == "no n up to 2 gives these percentages under any rounding rule"
    assert glad.counts == {"high": 1}
    assert survey_file(claims, mood(), "w").columns == ["respondent", "glad"]
    only = survey_file(claims_of(*answers("calm", {"high": 39}, 2)), mood(), "w")
    assert only.shape == (2, 1)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (answers("calm", {"high": 50}, None), "no published n"),
        (answers("calm", {"higher": 50}, 4), "not an answer of this instrument: higher"),
        (
            answers("calm", {"high": 50}, 4) + answers("calm", {"low": 50}, 6),
            "the categories of this item do not share one n, rule and denominator",
        ),
    ],
)
def test_figures_that_cannot_be_used_have_a_reason(rows, reason):
    found = item_counts(claims_of(*rows), mood(), "w")[0]
    assert (found.counts, found.reason) == (None, reason)


def test_without_claims_there_are_no_rows():
    claims = claims_of(*answers("calm", {"high": 50}, 4))
    assert item_counts(claims, mood(), "another") == []
    assert survey_file(claims, mood(), "another").shape == (0, 1)
    assert csv_bytes(draw_survey(claims, mood(), "another", np.random.default_rng(1))) == b"respondent\n"


def test_a_percentage_of_an_item_that_fewer_were_asked():
    """39 % of those asked, of whom 19 are stated: 7 of 18, so the 19th row is blank."""
    frame = survey_file(claims_of(*answers("calm", {"high": 39}, 19)), mood(), "w")
    assert tally(frame, "calm") == {"High": 7, None: 12}


def test_draws_differ_and_pairings_are_random():
    claims, scale = pilot_claims(), instrument("client-feedback")
    first, second = (draw_survey(claims, scale, "feedback", np.random.default_rng(i)) for i in (1, 2))
    assert not first.equals(second)
    assert first.equals(draw_survey(claims, scale, "feedback", np.random.default_rng(1)))
    both = [
        draw_survey(claims, scale, "feedback", np.random.default_rng(i))
        .select((pl.col("supported").eq("Yes, definitely") & pl.col("hopeful").eq("Yes, definitely")).sum())
        .item()
        for i in range(60)
    ]
    # independent pairing: 34 * 27 / 53 = 17.3 expect both, with a standard error below 0.3
    assert mean(both) == pytest.approx(34 * 27 / 53, abs=1)


def test_answers_off_the_scale_are_not_ruled_out_by_the_printed_figures() -> None:
    special = [{"id": "not-applicable", "label": "N/A"}]
    scale = Instrument.model_validate(instrument("client-feedback").model_dump() | {"special": special})
    generator = np.random.default_rng(1)
    draws = [tally(draw_survey(pilot_claims(), scale, "feedback", generator), "self-care") for _ in range(10)]
    assert max(draw["N/A"] for draw in draws) > 0
    assert tally(survey_file(pilot_claims(), scale, "feedback"), "self-care")["N/A"] == 0
