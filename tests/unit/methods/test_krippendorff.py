"""Krippendorff's alpha against published answers, brute force and edge cases."""

from itertools import combinations

import numpy as np
import pytest

from pipeline.methods.krippendorff import (
    Coincidences,
    Pairings,
    distances,
    intervals,
    krippendorff,
    set_distances,
)

NAN = np.nan
FOUR_OBSERVERS = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, NAN, NAN, NAN],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NAN, 3],
        [NAN, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NAN],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NAN],
    ]
)
"""Krippendorff (2011), Computing Krippendorff's alpha-reliability."""

TWO_BINARY = np.array([[0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]], dtype=float)
TWO_NOMINAL = np.array([[1, 1, 2, 2, 4, 3, 3, 3, 5, 4, 4, 1], [2, 1, 2, 2, 2, 3, 3, 3, 5, 4, 4, 4]], dtype=float)


@pytest.mark.parametrize(
    ("metric", "published"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
)
def test_four_observers_with_missing_units_as_published(metric, published):
    assert krippendorff(FOUR_OBSERVERS, metric) == pytest.approx(published, abs=5e-4)


def test_two_observers_as_published():
    assert krippendorff(TWO_BINARY) == pytest.approx(0.095, abs=5e-4)
    assert krippendorff(TWO_NOMINAL) == pytest.approx(0.692, abs=5e-4)


def brute_force(values, distance):
    """Alpha from its definition: mean distance within units over mean distance of any two values."""
    units = [[v for v in column if not np.isnan(v)] for column in values.T]
    units = [unit for unit in units if len(unit) > 1]
    every = [v for unit in units for v in unit]
    observed = sum(2 * distance(a, b) / (len(unit) - 1) for unit in units for a, b in combinations(unit, 2))
    expected = sum(2 * distance(a, b) for a, b in combinations(every, 2)) / (len(every) - 1)
    return 1 - observed / expected


def test_random_values_against_the_definition():
    random = np.random.default_rng(1)
    values = random.integers(0, 4, (3, 30)).astype(float)
    values[random.random(values.shape) < 0.2] = NAN
    assert krippendorff(values, "interval") == pytest.approx(brute_force(values, lambda a, b: (a - b) ** 2))
    assert krippendorff(values) == pytest.approx(brute_force(values, lambda a, b: a != b))


@pytest.mark.parametrize("values", [np.full((2, 4), 1.0), np.array([[1.0, NAN], [NAN, 2.0]]), np.zeros((2, 0))])
def test_without_variation_or_pairs_there_is_no_alpha(values):
    assert krippendorff(values) is None


def test_chance_gives_zero_and_full_agreement_one():
    random = np.random.default_rng(2)
    assert krippendorff(random.integers(0, 2, (2, 20_000)).astype(float)) == pytest.approx(0, abs=0.02)
    assert krippendorff(np.array([[0.0, 1.0, 1.0], [0.0, 1.0, 1.0]])) == 1


def binary(values):
    ones = (values == 1).sum(axis=0)
    counts = np.stack([ones, (values == 0).sum(axis=0)], axis=1).astype(float)
    return Pairings.of(counts, distances(np.array([1.0, 0.0]), counts.sum(axis=0), "nominal"))


def test_alphas_of_resamples_are_those_of_the_resampled_units():
    values = (np.random.default_rng(3).random((3, 25)) < 0.4).astype(float)
    chosen = np.random.default_rng(4).integers(0, 25, (6, 25))
    weights = np.stack([np.bincount(one, minlength=25) for one in chosen]).astype(float)
    assert binary(values).alphas(weights) == pytest.approx([krippendorff(values[:, one]) for one in chosen])


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    # Two coders who err independently in 10% of 150 units, a third of which have the code.
    truth, random, hits = (1 / 3, 0.1), np.random.default_rng(5), 0
    given = truth[0] * (1 - truth[1]) + (1 - truth[0]) * truth[1]
    agreeing = (1 - truth[1]) ** 2 + truth[1] ** 2
    alpha = 1 - (1 - agreeing) / (2 * given * (1 - given))
    for _ in range(200):
        present = random.random(150) < truth[0]
        values = (present ^ (random.random((2, 150)) < truth[1])).astype(float)
        [(low, high)] = intervals([binary(values)], random)
        hits += low <= alpha <= high
    assert 0.88 <= hits / 200 <= 0.99


def test_no_interval_where_no_resample_can_show_disagreement_or_variation():
    agreed = np.array([[1.0, 0.0, 1.0], [1.0, 0.0, 1.0]])
    assert intervals([binary(agreed)], np.random.default_rng(6)) == [None]
    rare = np.zeros((2, 40))
    rare[0, 0] = 1
    assert intervals([binary(rare)], np.random.default_rng(6)) == [None]


def test_several_codes_pooled_are_as_many_units():
    random = np.random.default_rng(7)
    one, other = (random.random((2, 30)) < 0.3).astype(float), (random.random((2, 30)) < 0.6).astype(float)
    pooled = Pairings.pooled([binary(one), binary(other)]).alpha()
    assert pooled == pytest.approx(krippendorff(np.hstack([one, other])))


@pytest.mark.parametrize(
    ("one", "other", "jaccard", "masi"),
    [
        ("ab", "ab", 0, 0),
        ("", "", 0, 0),
        ("ab", "cd", 1, 1),
        ("a", "", 1, 1),
        ("a", "ab", 1 / 2, 1 - 1 / 2 * 2 / 3),
        ("ab", "bc", 2 / 3, 1 - 1 / 3 * 1 / 3),
    ],
)
def test_distances_of_sets_by_hand(one, other, jaccard, masi):
    sets = np.array([[letter in text for letter in "abcd"] for text in (one, other)])
    for found, expected in ((set_distances(sets, sets), jaccard), (set_distances(sets, sets, masi=True), masi)):
        assert found == pytest.approx(np.array([[0, expected], [expected, 0]]))


@pytest.mark.parametrize("metric", ["nominal", "ordinal", "interval", "ratio"])
def test_coincidences_give_the_same_alpha(metric):
    assert Coincidences.of(FOUR_OBSERVERS, metric).alpha() == pytest.approx(krippendorff(FOUR_OBSERVERS, metric))


@pytest.mark.parametrize("metric", ["nominal", "ordinal", "interval", "ratio"])
def test_a_resample_is_the_alpha_of_the_units_drawn(metric):
    """Weight 2 is the unit twice, weight 0 is not there; ordinal distances follow the units drawn."""
    drawn = [0, 0, 1, 3, 4, 4, 4, 5, 8, 9]
    weights = np.bincount(drawn, minlength=11).astype(float)  # unit 12 of 12 has one value only, and no place
    found = Coincidences.of(FOUR_OBSERVERS, metric).alphas(weights[None])[0]
    assert found == pytest.approx(krippendorff(FOUR_OBSERVERS[:, drawn], metric))


def test_rows_of_one_unit_are_drawn_together():
    units = np.array([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5])
    found = Coincidences.of(FOUR_OBSERVERS, "ordinal", units)
    assert found.alpha() == pytest.approx(krippendorff(FOUR_OBSERVERS, "ordinal"))
    weights = np.array([[2.0, 0, 1, 1, 0, 0]])
    assert found.alphas(weights)[0] == pytest.approx(
        krippendorff(FOUR_OBSERVERS[:, [0, 1, 0, 1, 4, 5, 6, 7]], "ordinal")
    )


def test_ordinal_interval_covers_in_a_simulation():
    """Latent normals that correlate by 0.7, cut into three; the truth is alpha of a very large sample."""
    random = np.random.default_rng(8)

    def draw(units):
        latent = random.normal(size=units)
        seen = latent * np.sqrt(0.7) + random.normal(size=(2, units)) * np.sqrt(0.3)
        return np.digitize(seen, [-0.6, 0.6]).astype(float)

    truth, inside = krippendorff(draw(200_000), "ordinal"), []
    for _ in range(80):
        low, high = intervals([Coincidences.of(draw(80), "ordinal")], random)[0]
        inside.append(low <= truth <= high)
    assert np.mean(inside) == pytest.approx(0.95, abs=0.05)  # percentile intervals are a little short


@pytest.mark.parametrize("values", [np.full((2, 3), NAN), np.ones((2, 3)), np.array([[1, NAN], [NAN, 2]])])
def test_coincidences_without_pairs_or_variation(values):
    assert Coincidences.of(values, "ordinal").alpha() is None
