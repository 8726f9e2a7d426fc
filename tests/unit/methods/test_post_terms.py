"""What enters a model of post holders, and what does not and why."""

import numpy as np
import pytest

from pipeline.methods.post_holders import Observation
from pipeline.methods.post_terms import Terms, few_events
from tests.unit.methods.post_rows import LAST, post, workforce
from tests.unit.methods.result_checks import CONTEXT


def terms(variables, *rows):
    return Terms.of(Observation.of(workforce(*rows), LAST, ()).posts, variables, CONTEXT)


def told(found):
    return [(one.service, one.term, one.reference, one.reason) for one in found.terms]


def test_groups_are_compared_with_the_first_and_the_largest():
    rows = [post("west", mentor=False)] * 5 + [post("east", role="lead")] * 6 + [post("north")] * 5
    found = terms(("service", "role", "mentor"), *rows)
    assert told(found) == [
        ("west", "service", "east", ""),
        ("north", "service", "east", ""),
        ("all", "role-lead", "role-peer worker", ""),
        ("all", "with-mentor", "without-mentor", ""),
    ]
    assert found.x.sum(axis=0).tolist() == [5, 5, 6, 11]
    assert found.places() == {"service": [0, 1], "role": [2], "mentor": [3]}


def test_numbers_are_told_for_a_step():
    found = terms(("fte", "absence_days"), post(fte=0.4, absence_days=20), post(fte=1.0, absence_days=0))
    assert told(found) == [("all", "fte", "0.2 less", ""), ("all", "absence-days", "10 days fewer", "")]
    assert np.ptp(found.x, axis=0) == pytest.approx([3, 2])


def test_posts_of_small_groups_are_left_out_and_the_group_has_a_reason():
    rows = [post("east")] * 5 + [post("west")] * 6 + [post("north")] * 4
    found = terms(("service",), *rows)
    assert told(found) == [("west", "service", "east", ""), ("north", "service", "east", "too few rows")]
    assert found.posts.height == 11


def test_what_one_characteristic_leaves_out_may_make_a_group_of_another_too_small():
    rows = [post("east", role="lead")] * 4 + [post("east")] * 3 + [post("west")] * 6 + [post("north", role="lead")]
    found = terms(("service", "role"), *rows)
    assert found.posts.height == 6
    assert {one.reason for one in found.terms} == {"too few rows"}
    assert found.x.shape == (6, 0)


def test_a_characteristic_of_few_or_of_all_does_not_enter():
    rows = [post(mentor=False)] * 4 + [post()] * 9
    assert told(terms(("mentor", "trained", "fte", "selection_score"), *rows)) == [
        ("all", "with-mentor", "without-mentor", "too few rows"),
        ("all", "trained", "not-trained", "no variation"),
        ("all", "fte", "0.2 less", "no variation"),
        ("all", "selection-score", "1 point lower", "no rows"),
    ]
    assert {one.reason for one in terms(("service", "mentor", "fte")).terms} == {"no rows"}


def test_posts_without_a_score_that_others_have_are_left_out():
    found = terms(("selection_score",), post(selection_score=3.5), post(), post(selection_score=5.0))
    assert found.posts.height == 2
    assert found.x[:, 0].tolist() == [3.5, 5.0]


def test_terms_that_follow_from_each_other():
    rows = [post(mentor=False, trained=False)] * 5 + [post()] * 5
    assert terms(("mentor", "trained"), *rows).is_collinear()
    assert not terms(("mentor",), *rows).is_collinear()


def test_few_events_are_pointed_out():
    assert few_events(20, 2) == ""
    assert few_events(9, 2) == "unsure: 4.5 events a term, fewer than 10"
    assert few_events(0, 0) == ""
