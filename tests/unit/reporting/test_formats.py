"""How numbers look."""

import pandas as pd
import pytest

from pipeline.methods.results import Context, Ledger
from pipeline.reporting.formats import (
    FORMATS,
    as_text,
    count_behind,
    markdown_table,
    number,
    p_value,
    percent,
    plain,
    printed,
    shown,
)


def row(statistic: str = "share", value: float | None = 0.5, **more: object) -> pd.Series:
    """One estimate as the reader gives it."""
    ledger = Ledger(Context("s", "observed"))
    ledger.estimate(statistic, value, service="all", **{"unit": "proportion", **more})
    return ledger.results().estimates.iloc[0]


def test_minus_signs_are_minus_signs() -> None:
    assert number(-1.25, 1) == "−1.3"
    assert number(0.04, 1) == "0.0"
    assert percent(-0.07) == "−7%"


@pytest.mark.parametrize("digits", [0, 1, 2])
def test_what_rounds_to_zero_has_no_sign(digits: int) -> None:
    assert number(-0.0001, digits) == number(0.0, digits)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "< 0.001"), (0.0009, "< 0.001"), (0.001, "0.001"), (0.0496, "0.050"), (1.0, "1.000")],
)
def test_a_p_value_is_never_zero(value: float, text: str) -> None:
    assert p_value(value) == text


@pytest.mark.parametrize(
    ("estimate", "show", "text"),
    [
        (row(value=0.654), "value", "65%"),
        (row(value=0.654), "percent", "65%"),
        (row(value=0.654, low=0.5, high=0.8), "interval", "50 to 80"),
        (row(value=0.654, low=0.5, high=0.8), "value with interval", "65% (50 to 80)"),
        (row(value=0.654), "value with interval", "65%"),
        (row(value=0.654), "interval", "–"),
        (row("mean", 11.04, unit="sessions"), "value", "11.0"),
        (row("mean", 0.126, unit="sessions"), "value", "0.13"),
        (row("mean", -2.26, unit="sessions", low=-12.04, high=1.0), "value with interval", "−2.3 (−12.0 to 1.0)"),
        (row("clients", 39.0, unit="persons"), "value", "39"),
        (row("headcount", 0.0, unit="posts"), "value", "0"),
        (row("difference", 0.123, low=-0.04, high=0.3), "points", "+12"),
        (row("difference", -0.123, low=-0.3, high=0.04), "points with interval", "−12 (−30 to 4)"),
        (row("difference", 0.001), "points", "0"),
        (row("difference", -0.001), "points", "0"),
        (row(n=53.0, events=18.0), "events of n", "18 of 53"),
        (row(n=53.0), "n", "53"),
        (row(), "n", "–"),
        (row(p=0.0002), "p", "< 0.001"),
        (row(p=0.02, p_adjusted=0.04), "p_adjusted", "0.040"),
        (row(), "p", "–"),
        (row(missing=4.0), "missing", "4"),
        (row(method="Wilson 1927"), "method", "Wilson 1927"),
        (row(), "reason", "–"),
    ],
)
def test_what_may_be_shown(estimate: pd.Series, show: str, text: str) -> None:
    assert as_text(estimate, show) == text


@pytest.mark.parametrize(
    "show", ["value", "percent", "points", "value with interval", "points with interval", "reason"]
)
def test_what_can_not_be_had_says_why(show: str) -> None:
    assert as_text(row(value=None, reason="too few rows"), show) == "too few rows"


@pytest.mark.parametrize("show", FORMATS)
def test_what_is_withheld_shows_nothing_of_itself(show: str) -> None:
    estimate = row(value=0.04, low=0.01, high=0.2, n=50.0, events=2.0, p=0.01, reason="2 of 50")
    estimate["suppressed"] = True
    assert as_text(estimate, show) == "withheld"
    assert count_behind(estimate) == "withheld"


def test_counts_behind_what_is_no_share() -> None:
    assert count_behind(row("mean", 3.0, unit="sessions")) == "3.0"
    assert count_behind(row(method="as published")) == "as published"
    assert count_behind(row(value=None, reason="no rows")) == "–"


def bound(words: str, **ends: float) -> pd.Series:
    """A figure that is published as a bound."""
    return row(value=None, reason=f"published as a bound: {words}", method="as published", **ends)


@pytest.mark.parametrize(
    ("estimate", "text"),
    [
        (bound("more than", low=0.5, high=1.0), "more than 50%"),
        (bound("at most", low=0.0, high=0.125), "at most 12.5%"),
        (bound("at least and less than", low=0.2, high=0.29), "at least 20% and less than 29%"),
        (bound("more than", low=40.0, unit="posts"), "more than 40"),
        (row(value=0.25, reason="published as approximate", method="as published"), "about 25%"),
        (row(value=0.29, reason="no published n", method="as published"), "29%"),
        (row("mean", 12.8, unit="", method="as published"), "12.8"),
    ],
)
def test_published_figures_look_as_printed(estimate: pd.Series, text: str) -> None:
    assert as_text(estimate, "value") == as_text(estimate, "value with interval") == text
    assert as_text(estimate, "interval") == "–"
    assert count_behind(estimate) == "as published"


@pytest.mark.parametrize(
    ("published", "decimals", "operator", "statistic", "text"),
    [
        (87.0, 0.0, "=", "percent", "87%"),
        (12.8, 1.0, "=", "sd", "12.8"),
        (50.0, 0.0, ">", "percent", "more than 50%"),
        (20.0, None, "≈", "count", "about 20"),
        (None, None, "direction", "verdict", "improved"),
    ],
)
def test_claims_as_the_document_states_them(
    published: float | None, decimals: float | None, operator: str, statistic: str, text: str
) -> None:
    words = "improved" if published is None else ""
    numbers = {"published": published, "decimals": decimals}
    claim = pd.Series({**numbers, "operator": operator, "statistic": statistic, "value_text": words})
    assert printed(claim) == text


def test_a_sentence_that_begins_with_a_number_is_no_number() -> None:
    table = markdown_table(["Figure"], [["39 % of the staff said that they were calm in spring"]])
    assert str(table).splitlines()[1] == "| :--- |"


def test_a_table_is_markdown_with_numbers_to_the_right() -> None:
    table = markdown_table(["Item", "Share", "Why"], [["a|b", "−5", "some words"], ["c", "withheld", "–"]])
    assert str(table).splitlines() == [
        "| Item | Share | Why |",
        "| :--- | ---: | :--- |",
        "| a\\|b | −5 | some words |",
        "| c | withheld | – |",
    ]
    assert table._repr_markdown_() == str(table)
    assert str(markdown_table(["a", "b"], [])) == "| a | b |\n| :--- | :--- |"


def test_headings_and_ids_in_plain_words() -> None:
    assert shown("value", under_label=False) == "Value"
    assert shown("value", under_label=True) == ""
    assert shown("n", under_label=True) == "n"
    assert plain("finding-resources") == "Finding resources"
    assert plain("sd") == "SD"
    assert plain("") == ""
