"""Intraclass correlation: recovery, level of its interval, definition of the design effect, and no variation."""

import numpy as np
import pytest

from pipeline.methods.intraclass import design_effect, intraclass


def drawn(rng, correlation, sizes, share=0.4):
    """Numbers of yes by service, of shares with a beta distribution that has this correlation."""
    total = 1 / correlation - 1
    return rng.binomial(sizes, rng.beta(share * total, (1 - share) * total, len(sizes)))


def test_recovers_what_a_simulation_put_in():
    """Its mean over 300 studies of 60 services; the standard error is 0.002."""
    rng = np.random.default_rng(6)
    sizes = rng.integers(5, 40, 60)
    found = [intraclass(sizes, yes, yes).value for yes in (drawn(rng, 0.1, sizes) for _ in range(300))]
    assert np.mean(found) == pytest.approx(0.1, abs=0.006)


def test_the_interval_is_exact_for_normal_answers_of_equal_sizes():
    """1,500 runs of 6 services with 20 answers, standard error 0.6 points."""
    rng = np.random.default_rng(9)
    inside = 0
    for _ in range(1500):
        answers = rng.normal(0, np.sqrt(0.1), (6, 1)) + rng.normal(0, np.sqrt(0.9), (6, 20))
        found = intraclass([20] * 6, answers.sum(axis=1), (answers**2).sum(axis=1))
        inside += found.low <= 0.1 <= found.high
    assert inside / 1500 == pytest.approx(0.95, abs=0.018)


def test_services_more_alike_than_chance_have_no_correlation():
    found = intraclass([20, 30, 40], [10, 15, 20], [10, 15, 20])
    assert (found.value, found.low) == (0, 0)
    assert found.high < 0.1
    assert design_effect(found.value, [20, 30, 40]) == 1


@pytest.mark.parametrize(
    ("sizes", "sums"), [([], []), ([9], [3]), ([1, 1, 1], [0, 1, 1]), ([5, 5, 5], [0, 5, 5]), ([5, 5], [0, 0])]
)
def test_what_cannot_be_told_is_none(sizes, sums):
    assert intraclass(sizes, sums, sums) is None


def test_design_effect_of_equal_sizes():
    assert design_effect(0.05, [21, 21, 21]) == pytest.approx(2)


def test_design_effect_is_how_much_the_variance_widens():
    """Variance of the overall share of unequal services, over that of independent answers: 20,000 runs, 1% error."""
    rng = np.random.default_rng(12)
    sizes = np.array([5, 10, 20, 40, 75])
    shares = [drawn(rng, 0.08, sizes).sum() / sizes.sum() for _ in range(20000)]
    assert np.var(shares) / (0.4 * 0.6 / sizes.sum()) == pytest.approx(design_effect(0.08, sizes), rel=0.05)
