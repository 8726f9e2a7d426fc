import numpy as np
import pytest

from pipeline.methods.superiority import clustered, clustered_pairs, independent, newcombe, paired


def brute(first, reference):
    pairs = [
        (i > j) + 0.5 * (i == j) for i, a in enumerate(first) for j, b in enumerate(reference) for _ in range(a * b)
    ]
    return sum(pairs) / len(pairs)


@pytest.mark.parametrize(("first", "reference"), [((1, 4, 2), (3, 3, 1)), ((0, 0, 5, 1), (2, 0, 4, 0))])
def test_the_value_is_the_share_of_pairs_with_ties_half(first, reference):
    assert independent(first, reference).value == pytest.approx(brute(first, reference))


def test_the_other_way_round_is_the_rest():
    one, other = independent((3, 8, 12), (6, 11, 4)), independent((6, 11, 4), (3, 8, 12))
    assert (one.value, one.low, one.high) == pytest.approx((1 - other.value, 1 - other.high, 1 - other.low))
    assert one.p == pytest.approx(other.p)


@pytest.mark.parametrize(
    ("first", "reference"), [((0, 5), (5, 0)), ((5, 0), (0, 5)), ((0, 4), (0, 4)), ((1, 0), (0, 1))]
)
def test_without_overlap_or_variation_there_is_still_an_interval(first, reference):
    found = independent(first, reference)
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert found.high - found.low > 0.2
    assert found.se is None
    assert 0 <= found.p <= 1


def test_an_interval_of_next_to_no_degrees_of_freedom_reaches_from_end_to_end():
    found = independent((1, 1), (0, 40), 0.999)
    assert found.degrees == pytest.approx(1)
    assert (found.low, found.high) == pytest.approx((0, 1), abs=1e-12)


def test_intervals_of_small_groups_cover():
    rng = np.random.default_rng(1)
    shares = np.array([0.02, 0.08, 0.1, 0.3, 0.5]), np.array([0.1, 0.1, 0.2, 0.4, 0.2])
    below = np.concatenate([[0], np.cumsum(shares[1])[:-1]])
    truth, hits, repeats = shares[0] @ (below + shares[1] / 2), 0, 600
    for _ in range(repeats):
        found = independent(rng.multinomial(10, shares[0]), rng.multinomial(9, shares[1]))
        hits += found.low <= truth <= found.high
    # At least 0.95 less three standard errors of 600 draws; it is conservative in small groups.
    assert hits / repeats > 0.924


def test_the_interval_is_wider_at_a_higher_level():
    narrow, wide = (independent((3, 8, 12), (6, 11, 4), level) for level in (0.8, 0.99))
    assert wide.low < narrow.low < narrow.high < wide.high
    assert newcombe(1.0, 5, 6, 0.99)[0] < newcombe(1.0, 5, 6, 0.8)[0]


def test_pairs_are_half_of_one_and_the_net_change():
    found = paired(9, 3, 8)
    assert found.value == pytest.approx((1 + (9 - 3) / 20) / 2)
    assert found.low < 0.5 + 0.15 < found.high
    assert paired(0, 0, 7).value == 0.5
    assert paired(0, 0, 7).p == 1
    assert (paired(4, 0, 0).value, paired(4, 0, 0).high) == (1, 1)


@pytest.mark.parametrize(("first", "reference"), [((0, 0), (1, 1)), ((1, 1), (0, 0)), ((1, 1), (1, 1, 1))])
def test_a_group_without_answers_is_refused(first, reference):
    with pytest.raises(ValueError, match="answers"):
        independent(first, reference)


def test_no_pair_is_refused():
    with pytest.raises(ValueError, match="no pair"):
        paired(0, 0, 0)


CUTS = (-1.5, -0.5, 0.5, 1.5)


def counted(rng, shift, n):
    return np.bincount(np.searchsorted(CUTS, shift + rng.logistic(size=n)), minlength=5).tolist()


def test_five_services_that_differ_are_covered_as_clusters_only():
    rng, repeats = np.random.default_rng(7), 250
    # Value in the population of services from which five are drawn: 4,000 of them.
    effects = 0.5 + rng.normal(0, 0.6, 4000)
    many = [counted(rng, shift, 50) for shift in effects]
    truth = independent([sum(one) for one in zip(*many, strict=True)], counted(rng, 0, 200_000)).value
    hits = {"clustered": 0, "independent": 0}
    for _ in range(repeats):
        first = [counted(rng, shift, 40) for shift in 0.5 + rng.normal(0, 0.6, 5)]
        reference = [counted(rng, 0, 40) for _ in range(5)]
        pooled = ([sum(one) for one in zip(*side, strict=True)] for side in (first, reference))
        for name, found in (("clustered", clustered(first, reference)), ("independent", independent(*pooled))):
            assert found is not None
            hits[name] += found.low <= truth <= found.high
    # 0.95 within three standard errors of 250 draws; independent answers fall far short of it.
    assert hits["clustered"] / repeats > 0.905
    assert hits["independent"] / repeats < 0.85


def test_the_value_of_clusters_is_that_of_all_together():
    first, reference = [(3, 4, 5), (1, 6, 2), (2, 2, 9)], [(5, 3, 2), (4, 4, 1), (6, 3, 3)]
    found = clustered(first, reference)
    assert found is not None
    assert found.value == pytest.approx(independent((6, 12, 16), (15, 10, 6)).value)
    assert found.degrees == 2
    moved = clustered_pairs([(5, 2, 6), (9, 1, 4), (3, 3, 8)])
    assert moved is not None
    assert moved.value == pytest.approx(paired(17, 6, 18).value)


@pytest.mark.parametrize(
    ("first", "reference"),
    [
        ([(3, 4), (1, 6)], [(5, 3), (4, 4)]),
        ([(0, 4), (0, 6), (0, 3)], [(5, 0), (4, 0), (2, 0)]),
        ([(0, 0), (0, 0), (2, 3)], [(5, 1), (4, 2), (2, 3)]),
        ([(2, 2), (2, 2), (2, 2)], [(3, 3), (3, 3), (3, 3)]),
        ([], []),
    ],
    ids=["two", "no-overlap", "one-side", "no-variation", "none"],
)
def test_what_clusters_cannot_tell_is_none(first, reference):
    assert clustered(first, reference) is None


def test_pairs_of_few_or_equal_clusters_tell_nothing():
    assert clustered_pairs([(1, 2, 3), (2, 2, 2)]) is None
    assert clustered_pairs([(1, 2, 3)] * 4) is None
    assert clustered_pairs([(3, 0, 0)] * 4) is None
    assert clustered_pairs([]) is None
