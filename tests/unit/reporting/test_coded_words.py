"""Words for passages and printed statements."""

import pandas as pd
import pytest

from pipeline.reporting.coded_words import date_words, escaped, printed_words, said_by, way_words
from schemas.coding import BASES, RESPONDENT_GROUPS


@pytest.mark.parametrize(
    ("group", "basis", "words"),
    [
        ("service-users", "participant-data", "Service users: participants' account"),
        ("none", "evaluator-finding", "Finding of the study"),
        ("clinicians", "promotional", "Provider's own account (clinicians)"),
        ("none", "recommendation", "Advice"),
    ],
)
def test_who_says_it_and_on_what_basis(group: str, basis: str, words: str) -> None:
    assert said_by({"respondent_group": group, "basis": basis}) == words


def test_every_basis_and_group_has_words() -> None:
    for basis in BASES:
        for group in RESPONDENT_GROUPS:
            assert said_by({"respondent_group": group, "basis": basis})


def test_the_way_is_said_in_words_of_the_theme() -> None:
    assert [way_words(theme, "supports") for theme in ("factor", "outcome", "harm")] == ["helps", "better", "occurs"]
    assert way_words("harm", "hinders") == "countered"
    assert way_words("factor", "mixed") == "both ways"
    assert way_words("", "hinders") == "against", "a code whose theme is not known"


def test_markdown_signs_are_shown_as_they_are() -> None:
    assert escaped("a*b_c [1] <n>") == "a\\*b\\_c \\[1\\] \\<n\\>"


def test_dates_in_words() -> None:
    assert date_words("2014-07-29") == "29 July 2014"
    assert date_words("") == ""


def test_printed_words_and_numbers() -> None:
    claim = {"statistic": "count", "operator": "≈", "published": 20.0, "decimals": 0.0, "value_text": "about twenty"}
    assert printed_words(claim) == "“about twenty” (about 20)"
    assert printed_words(claim | {"value_text": ""}) == "about 20"
    assert printed_words(pd.Series(claim | {"published": None}).to_dict()) == "“about twenty”"
    assert printed_words(claim | {"published": None, "value_text": ""}) == "in words"
