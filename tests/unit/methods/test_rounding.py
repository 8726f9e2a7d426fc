from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.methods.rounding import counts, exact, printed_as, rounded
from schemas.vocabulary import ROUNDING_RULES

rules = st.sampled_from(ROUNDING_RULES)
shares = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(
    ("k", "n", "rule", "printed"),
    [
        (1, 8, "half-up", 13),  # 12.5: the tie goes up
        (1, 8, "half-even", 12),  # ... to the even digit
        (3, 8, "half-even", 38),  # 37.5
        (1, 8, "truncation", 12),
        (2, 3, "half-up", 67),
        (2, 3, "truncation", 66),
        (0, 5, "half-up", 0),
        (5, 5, "truncation", 100),
    ],
)
def test_percentages_round_as_by_hand(k, n, rule, printed):
    assert rounded(k, n, 0, rule) == printed


def test_decimals_and_scale_are_exact():
    assert rounded(1, 3, 2, "half-up") == Fraction(3333, 100)
    assert rounded(429, 40, 1, "half-up", scale=1) == Fraction(107, 10)  # 10.725
    assert rounded(205, 1000, 0, "half-up") == 21  # 20.5, which floats can miss
    assert rounded(-1, 4, 0, "truncation", scale=1) == 0


@given(shares, st.integers(0, 2), rules)
def test_a_true_count_is_always_found_possible(share, decimals, rule):
    k, n = share
    assert k in counts(rounded(k, n, decimals, rule), decimals, n, rule)


@given(st.integers(0, 1000), st.integers(1, 60), st.integers(0, 1), rules)
def test_counts_are_exactly_those_that_round_to_the_figure(figure, n, decimals, rule):
    published = Fraction(figure, 10**decimals)
    by_trial = [k for k in range(n + 1) if rounded(k, n, decimals, rule) == published]
    assert list(counts(published, decimals, n, rule)) == by_trial


@given(st.fractions(-3, 3, max_denominator=50), rules)
def test_the_interval_holds_what_is_printed_alike(value, rule):
    printed = rounded(value.numerator, value.denominator, 1, rule, scale=1)
    assert printed_as(printed, 1, rule).holds(value)
    assert not printed_as(printed + Fraction(1, 10), 1, rule).holds(value)


def test_there_are_no_counts_without_units():
    assert list(counts(50, 0, 0, "half-up")) == []


def test_bad_input_is_named():
    assert exact(12.8, 1) == Fraction(64, 5)
    with pytest.raises(ValueError, match="more than 1 decimals"):
        exact(12.85, 1)
    with pytest.raises(ValueError, match="not a rounding rule: 'up'"):
        rounded(1, 2, 0, "up")
    with pytest.raises(ValueError, match="n must be positive"):
        rounded(1, 0, 0, "half-up")
    with pytest.raises(ValueError, match="not a rounding rule"):
        printed_as(1, 0, "up")
