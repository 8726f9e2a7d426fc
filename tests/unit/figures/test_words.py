"""Numbers and lists in words."""

import pytest

from pipeline.figures.words import among, counted, listed, number, percent, points, span, wrap


@pytest.mark.parametrize(
    ("share", "text"), [(0.345, "35%"), (0.285, "29%"), (0.125, "13%"), (0.0, "0%"), (1.0, "100%"), (0.1249, "12%")]
)
def test_halves_go_up(share, text):
    assert percent(share) == text


@pytest.mark.parametrize(("difference", "text"), [(0.06, "+6"), (-0.12, "−12"), (0.001, "0"), (-0.001, "0")])
def test_points_have_signs(difference, text):
    assert points(difference) == text


def test_numbers_counts_and_spans():
    assert [number(7.94), number(12.0), number(140.2)] == ["7.9", "12.0", "140"]
    assert [counted(1, "item"), counted(7, "item")] == ["1 item", "7 items"]
    assert [among([53, 53]), among([47, float("nan"), 53]), among([])] == ["n = 53", "n = 47 to 53", ""]
    assert [span("1", "1"), span("1", "2")] == ["1", "1 to 2"]


def test_lists_say_how_many_more():
    assert listed(["A"]) == "A"
    assert listed(["A", "B", "C"]) == "A, B and C"
    assert listed(list("ABCDEF")) == "A, B, C, D and 2 more"


def test_labels_are_wrapped_at_words():
    assert wrap("More hopeful about the future", 20) == "More hopeful about\nthe future"
    assert wrap("") == ""
