"""Answers needed: published sizes, power recovered by simulation, widths, and the hardest case."""

import numpy as np
import pytest

from pipeline.methods.sample_size import Linked, Unlinked, fewest, mcnemar_power, unfavourable


def test_agrees_with_published_sizes():
    """The example of R's power.prop.test: 0.50 to 0.75 with power 0.9 needs 76.7 in each group."""
    assert Unlinked(0.5).needed(0.25, 0.95, 0.9) == pytest.approx(76.7, abs=0.01)


@pytest.mark.parametrize(("share", "difference"), [(0.1, 0.1), (0.45, 0.1), (0.7, 0.15)])
def test_unlinked_sizes_have_the_power_they_promise(share, difference):
    """The z test in 20,000 runs; counts are whole, so it is off by up to two points."""
    rng = np.random.default_rng(31)
    n = int(np.ceil(Unlinked(share).needed(difference, 0.95, 0.8)))
    x, y = rng.binomial(n, share, 20000), rng.binomial(n, share + difference, 20000)
    middle = (x + y) / (2 * n)
    z = (y - x) / n / np.sqrt(np.maximum(2 * middle * (1 - middle) / n, 1e-12))
    assert np.mean(np.abs(z) > 1.959964) == pytest.approx(0.8, abs=0.02)


@pytest.mark.parametrize(("discordant", "difference"), [(0.2, 0.08), (0.5, 0.1)])
def test_linked_sizes_have_the_power_they_promise(discordant, difference):
    rng = np.random.default_rng(32)
    n = int(np.ceil(Linked(0.5, discordant).needed(difference, 0.95, 0.9)))
    shares = [(discordant + difference) / 2, (discordant - difference) / 2, 1 - discordant]
    gained, lost, _ = rng.multinomial(n, shares, 20000).T
    z = (gained - lost) / np.sqrt(np.maximum(gained + lost, 1))
    assert np.mean(np.abs(z) > 1.959964) == pytest.approx(0.9, abs=0.02)


def test_exact_tests_have_the_power_they_promise():
    """Fisher's test in 3,000 runs (standard error 0.7 points), and the exact power of McNemar's at a step's end."""
    from scipy.stats import fisher_exact

    rng = np.random.default_rng(34)
    n = int(np.ceil(Unlinked(0.4).needed_exactly(0.2, 0.95, 0.8)))
    x, y = rng.binomial(n, 0.4, 3000), rng.binomial(n, 0.6, 3000)
    shown = {pair: fisher_exact([[pair[0], n - pair[0]], [pair[1], n - pair[1]]]).pvalue < 0.05
             for pair in set(zip(x.tolist(), y.tolist(), strict=True))}  # fmt: skip
    found = np.mean([shown[pair] for pair in zip(x.tolist(), y.tolist(), strict=True)])
    assert found == pytest.approx(0.8, abs=0.025)
    pairs = Linked(0.5, 0.3)
    n = int(pairs.needed_exactly(0.1, 0.95, 0.8))
    assert mcnemar_power(0.1, 0.3, n, 0.95) >= 0.8 > mcnemar_power(0.1, 0.3, n - 1, 0.95)
    assert n > pairs.needed(0.1, 0.95, 0.8)


def test_exact_power_in_a_simulation():
    from scipy.stats import binom

    rng = np.random.default_rng(35)
    gained, lost, _ = rng.multinomial(70, [0.25, 0.1, 0.65], 40000).T
    shown = (2 * binom.cdf(lost, gained + lost, 0.5) <= 0.05) & (gained > lost)
    assert np.mean(shown) == pytest.approx(mcnemar_power(0.15, 0.35, 70, 0.95), abs=0.008)


def test_pairs_that_all_move_one_way_are_found_as_soon_as_the_test_can():
    assert mcnemar_power(1.0, 1.0, 6, 0.95) == pytest.approx(1)
    assert mcnemar_power(1.0, 1.0, 5, 0.95) == 0
    assert Linked(0.5, 1.0).needed_exactly(1.0, 0.95, 0.8) == 6


@pytest.mark.parametrize("planned", [Unlinked(0.3), Linked(0.4, 0.25)])
def test_size_power_and_difference_are_one_relation(planned):
    n = planned.needed(0.12, 0.95, 0.8)
    assert planned.power(0.12, n, n, 0.95) == pytest.approx(0.8)
    assert planned.detectable(n, n, 0.95, 0.8) == pytest.approx(0.12)


def test_half_of_the_interval_is_what_answers_give():
    """Mean half width over 4,000 studies of 150 and 150 answers, both with a share of 0.3."""
    from pipeline.methods.proportion_differences import newcombe_independent

    rng = np.random.default_rng(33)
    ends = [newcombe_independent(*(rng.binomial(150, 0.3), 150) * 2) for _ in range(4000)]
    assert Unlinked(0.3).half_width(150, 150, 0.95) == pytest.approx(
        np.mean([high - low for low, high in ends]) / 2, rel=0.01
    )


def test_the_hardest_case_needs_most():
    hardest = unfavourable(False, 0.1).needed(0.1, 0.95, 0.8)
    assert all(Unlinked(share).needed(0.1, 0.95, 0.8) <= hardest for share in np.linspace(0, 0.9, 91))
    assert unfavourable(True, 0.1).needed(0.1, 0.95, 0.8) > Linked(0.5, 0.3).needed(0.1, 0.95, 0.8)


def test_a_difference_can_be_out_of_reach():
    assert Unlinked(0.9).reaches(0.1)
    assert not Unlinked(0.91).reaches(0.1)
    assert not Linked(0.5, 0.09).reaches(0.1)
    assert np.isfinite(Unlinked(0.9).needed(0.1, 0.95, 0.8))
    assert np.isfinite(Linked(0.5, 0.1).needed(0.1, 0.95, 0.8))


@pytest.mark.parametrize("least", [1, 2, 3, 77, 1024, 1025])
def test_the_fewest_are_found(least):
    assert fewest(lambda n: n >= least) == least


def test_what_no_number_does_has_none():
    assert fewest(lambda n: False) is None
