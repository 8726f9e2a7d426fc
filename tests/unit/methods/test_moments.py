"""GRIM, GRIMMER and DEBIT: known answers, and every data set of a small size."""

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from itertools import product
from statistics import mean, stdev

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.methods.moments import debit, grim, grimmer, squares, totals
from schemas.vocabulary import ROUNDING_RULES

DECIMAL = dict(zip(ROUNDING_RULES, (ROUND_HALF_UP, ROUND_HALF_EVEN, ROUND_DOWN), strict=True))


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


@pytest.mark.parametrize(
    ("mean", "sd", "n", "consistent"),
    [
        (0.35, 0.18, 20, False),
        (0.36, 0.11, 20, False),
        (0.53, 0.50, 1683, True),
        (0.44, 0.50, 1683, True),
        (0.77, 0.42, 1683, True),
        (0.19, 0.35, 1683, False),
        (0.34, 0.47, 1683, True),
        (0.93, 0.25, 1683, True),
        (0.12, 0.33, 1683, True),
    ],
)
def test_debit_known_answers(mean, sd, n, consistent):
    """Heathers and Brown (2019): the examples of their test in the R package scrutiny."""
    assert (debit((mean, 2), (sd, 2), n, "half-up") is not None) == consistent


@pytest.mark.parametrize("rule", ROUNDING_RULES)
def test_debit_against_every_count(rule):
    """Means and SDs of every set of up to 12 zeros and ones, computed and rounded in decimals."""
    hundredth = Decimal("0.01")
    spreads = [i * hundredth for i in range(72)]
    for n in range(2, 13):
        ones = [(Decimal(k) / n, (Decimal(k * (n - k)) / (n * (n - 1))).sqrt()) for k in range(n + 1)]
        real = {tuple(number.quantize(hundredth, DECIMAL[rule]) for number in pair) for pair in ones}
        for centre, spread in product({one for one, _ in real}, spreads):
            found = debit((float(centre), 2), (float(spread), 2), n, rule)
            assert (found is not None) == ((centre, spread) in real)
    assert debit((0.5, 1), (0.5, 1), 1, rule) is None
