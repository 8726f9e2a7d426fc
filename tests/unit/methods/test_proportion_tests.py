"""Exact tests: published examples, other libraries, and that they keep their level."""

import numpy as np
import pytest
from scipy.stats import barnard_exact, binom, binomtest, boschloo_exact

from pipeline.methods import proportion_tests as p


def test_fisher_on_the_tea_tasting_table():
    assert p.fisher(3, 4, 1, 4) == pytest.approx(34 / 70)
    assert p.fisher(0, 5, 0, 8) == 1


@pytest.mark.parametrize(("b", "c"), [(0, 0), (1, 7), (5, 5), (12, 2)])
def test_exact_paired_tests_agree_with_the_binomial(b, c):
    theirs = binomtest(b, b + c).pvalue if b + c else 1
    assert p.mcnemar_exact(b, c) == p.sign_test(c, b) == pytest.approx(theirs)


@pytest.mark.parametrize(("b", "c", "published"), [(1, 7, 0.0391), (6, 16, 0.0347)])
def test_published_mid_p(b, c, published):
    """Fagerland, Lydersen and Laake (2013, 2014)."""
    assert p.mcnemar_mid_p(b, c) == pytest.approx(published, abs=5e-5)
    assert p.mcnemar_mid_p(c, b) == pytest.approx(p.sign_mid_p(b, c))


def test_mid_p_where_nobody_moved_or_as_many_up_as_down():
    assert p.sign_mid_p(0, 0) == 1
    assert p.sign_mid_p(1, 1) == 0.75
    assert p.sign_mid_p(3, 3) == pytest.approx(1 - binom.pmf(3, 6, 0.5) / 2)


@pytest.mark.parametrize("counts", [(7, 15, 12, 15), (0, 5, 0, 8), (5, 5, 0, 8), (60, 160, 90, 160), (1, 1, 0, 1)])
def test_unconditional_tests_agree_with_scipy_or_find_a_larger_p(counts):
    e1, n1, e2, n2 = counts
    table = [[e1, e2], [n1 - e1, n2 - e2]]
    assert p.boschloo(*counts) == pytest.approx(boschloo_exact(table, n=64).pvalue, rel=1e-9)
    # scipy counts tables out that are as extreme but for rounding, so its p may be a little too small.
    theirs = barnard_exact(table, n=64).pvalue
    assert theirs * (1 - 1e-9) <= p.barnard(*counts) <= theirs * 1.05


@pytest.mark.parametrize("test", [p.barnard, p.boschloo])
def test_unconditional_tests_keep_their_level_whatever_the_share(test):
    n1, n2 = 9, 12
    refused = np.array([[test(a, n1, b, n2) <= 0.05 for b in range(n2 + 1)] for a in range(n1 + 1)])
    for share in (0.02, 0.1, 0.35, 0.5, 0.8):
        weights = np.outer(binom.pmf(range(n1 + 1), n1, share), binom.pmf(range(n2 + 1), n2, share))
        assert weights[refused].sum() <= 0.05


def test_unconditional_tests_are_the_same_every_time_and_for_exchanged_groups():
    for test in (p.barnard, p.boschloo):
        assert test(20, 26, 7, 20) == test(20, 26, 7, 20)
        assert test(7, 20, 20, 26) == pytest.approx(test(20, 26, 7, 20), rel=1e-9)


def test_boschloo_is_never_above_twice_the_one_sided_fisher_p():
    from scipy.stats import fisher_exact

    for e1 in range(8):
        tails = [fisher_exact([[e1, 3], [7 - e1, 8]], side).pvalue for side in ("less", "greater")]
        assert p.boschloo(e1, 7, 3, 11) <= min(1, 2 * min(tails)) * (1 + 1e-9)
