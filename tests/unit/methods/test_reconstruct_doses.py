from fractions import Fraction
from itertools import combinations_with_replacement

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.methods.reconstruct import csv_bytes
from pipeline.methods.reconstruct_doses import _smallest_maximum, distributions, doses_file, draw_doses, service_doses
from pipeline.methods.rounding import printed_as
from tests.unit.methods.published_claims import PILOT, claims_of, doses, pilot_claims, pilot_study

COLUMNS = ["client", "service", "sessions", "from", "to"]
PRINTED = {"act": (39, 11, 12.8, 1), "airdrie-clinic": (18, 3, 2.6, 1), "carnat-centre": (71, 6, 11.4, 1)}
PRINTED |= {"ne-clinic": (50, 8, 9, 0)}


def meets(given, mean, sd, rules=("half-up",), decimals=(0, 1)):
    """Mean and SD, from the whole sums, under one rule."""
    n, total, square = len(given), sum(given), sum(one**2 for one in given)
    variance = Fraction(n * square - total**2, n * (n - 1))
    return any(
        printed_as(mean, decimals[0], rule).holds(Fraction(total, n))
        and printed_as(sd, decimals[1], rule).squared().holds(variance)
        for rule in rules
    )


def with_sums(values, n, total, square):
    """Every multiset of n values with these sums, by trying all."""
    tried = combinations_with_replacement(values, n)
    return [one for one in tried if (sum(one), sum(x * x for x in one)) == (total, square)]


def spread_out(counted):
    """Counts of values as a sorted tuple of values."""
    return tuple(value for value, units in counted.items() for _ in range(units))


def test_sprite_known_answer():
    """Heathers and others (2018): mean 2.20, SD 1.32, n 20, values 1 to 5: exactly nine data sets."""
    found = list(distributions(20, 44, 130, 1, 5))
    assert len(found) == 9
    assert all(sum(one.values()) == 20 for one in found)


@given(st.integers(0, 5), st.integers(0, 2), st.integers(0, 5), st.integers(0, 20), st.integers(0, 70))
def test_distributions_are_those_found_by_trying_all(n, low, width, total, square):
    high = low + width
    tried = with_sums(range(low, high + 1), n, total, square)
    found = [spread_out(one) for one in distributions(n, total, square, low, high)]
    assert sorted(found) == sorted(tried)
    assert found == sorted(found)


def test_pilot_file_meets_the_figures_and_is_the_committed_bytes():
    study, claims = pilot_study(), pilot_claims()
    frame = doses_file(claims, study.service_ids(), study.reconstruct.doses.minimum)
    assert frame["service"].unique(maintain_order=True).to_list() == list(PRINTED)
    for service, (n, mean, sd, decimals) in PRINTED.items():
        sessions = frame.filter(pl.col("service") == service)["sessions"].to_list()
        assert len(sessions) == n
        assert min(sessions) >= 1
        assert meets(sessions, mean, sd, decimals=(0, decimals))
    committed = (PILOT / study.reconstruct.doses.file).read_bytes()
    again = doses_file(claims.sample(frac=1, random_state=1), study.service_ids(), 1)
    assert csv_bytes(frame) == committed == csv_bytes(again)
    assert frame["client"][0] == "reconstructed-act-001"
    assert frame["from"].null_count() == frame.height


def test_the_chosen_doses_by_hand():
    # n 3, mean 2, SD 1: total 6, squares 14: one, two, three sessions; nothing else
    assert service_doses(claims_of(*doses("a", 3, 2.0, 1.0, (1, 1))), ["a"], 1)[0].doses == (1, 2, 3)
    # Airdrie's parity: squares near 276.9 must be even as the total 54 is: 276
    found = service_doses(pilot_claims(), ["airdrie-clinic"], 1)[0].doses
    assert (sum(found), sum(one**2 for one in found)) == (54, 276)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 60), min_size=2, max_size=60), st.integers(0, 2**32 - 1))
def test_true_figures_are_always_rebuilt(data, seed):
    mean, sd = round(np.mean(data), 2), round(np.std(data, ddof=1), 2)
    claims = claims_of(*doses("a", len(data), mean, sd, (2, 2)))
    rules, decimals = ("half-up", "half-even", "truncation"), (2, 2)
    first = service_doses(claims, ["a"], 1)[0]
    assert meets(first.doses, mean, sd, [first.rule], decimals)
    drawn = draw_doses(claims, ["a"], 1, np.random.default_rng(seed))["sessions"].to_list()
    assert len(drawn) == len(data)
    assert min(drawn) >= 1
    assert meets(drawn, mean, sd, rules, decimals)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 6), min_size=2, max_size=6))
def test_the_maximum_is_the_smallest_and_the_low_doses_are_most(data):
    total, square = sum(data), sum(one**2 for one in data)
    same = with_sums(range(max(data) + 1), len(data), total, square)
    assert _smallest_maximum(len(data), total, square, 0) == min(same, key=lambda c: (c[-1], c))


def test_draws_vary_in_shape_but_not_in_what_is_printed():
    claims = pilot_claims()
    generator = np.random.default_rng(7)
    drawn = [draw_doses(claims, list(PRINTED), 1, generator) for _ in range(20)]
    for service, (n, mean, sd, decimals) in PRINTED.items():
        sets = [one.filter(pl.col("service") == service)["sessions"].to_list() for one in drawn]
        assert all(len(one) == n and min(one) >= 1 for one in sets)
        rules = ("half-up", "half-even", "truncation")
        assert all(meets(one, mean, sd, rules, (0, decimals)) for one in sets)
        assert len({np.median(one) for one in sets}) > 1
        assert len({max(one) for one in sets}) > 3
    same = draw_doses(claims, list(PRINTED), 1, np.random.default_rng(7))
    assert same.equals(drawn[0])


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (doses("a", 10, 0.5, 0.5, (1, 1)), "no 10 doses of 1 or more have this mean and SD"),
        (doses("a", 1, 3.0, 0.0, (1, 1)), "no 1 doses of 1 or more have this mean and SD"),
        (doses("a", 3, 2.5, 1.0, (1, 1)), "no 3 doses of 1 or more have this mean and SD"),
        (doses("a", 10, 2, 1)[:2], "number of clients, mean and SD are not all printed"),
        (doses("b", 10, 2, 1), "number of clients, mean and SD are not all printed"),
    ],
)
def test_what_nothing_meets_has_a_reason_and_no_rows(rows, reason):
    claims = claims_of(*rows)
    found = service_doses(claims, ["a"], 1)[0]
    assert (found.doses, found.reason) == (None, reason)
    assert doses_file(claims, ["a"], 1).shape == (0, 5)
    assert draw_doses(claims, ["a"], 1, np.random.default_rng(1)).columns == COLUMNS


def test_everyone_alike():
    claims = claims_of(*doses("a", 4, 2, 0, (0, 0)))
    assert service_doses(claims, ["a"], 1)[0].doses == (2, 2, 2, 2)
    assert csv_bytes(doses_file(claims, [], 1)) == b"client,service,sessions,from,to\n"
