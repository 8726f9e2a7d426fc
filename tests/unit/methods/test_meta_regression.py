"""Subgroups and meta-regression: recovery, definitions in full matrices, the level of the tests, refusals."""

import numpy as np
import pytest

from pipeline.methods.heterogeneity import paule_mandel, weighted
from pipeline.methods.meta_regression import regress, subgroups

EFFECTS = [0.1, 0.8, 0.5, 1.4, 0.2, 1.1]
VARIANCES = [0.05, 0.1, 0.08, 0.2, 0.06, 0.12]


def line(x):
    return np.column_stack([np.ones(len(x)), x])


def test_recovers_what_a_simulation_put_in():
    rng = np.random.default_rng(5)
    x, variances = rng.normal(size=400), rng.uniform(0.02, 0.1, 400)
    effects = 0.3 + 0.5 * x + rng.normal(0, np.sqrt(0.2 + variances))
    found = regress(effects, variances, line(x))
    for one, true in zip(found.coefficients, (0.3, 0.5), strict=True):
        assert abs(one.value - true) < 3 * one.se < 0.1
    assert found.tau2 == pytest.approx(0.2, rel=0.15)
    assert found.explained == pytest.approx(0.25 / 0.45, abs=0.07)
    assert found.moderator_p < 1e-6


def test_tests_of_few_services_hold_their_level():
    """Six services, a moderator that does nothing: 5% of 2,000 runs, standard error half a point; never above."""
    rng = np.random.default_rng(8)
    shown = sum(
        regress(rng.normal(0, np.sqrt(0.2 + variances)), variances, line(np.arange(6.0))).moderator_p < 0.05
        for variances in rng.uniform(0.03, 0.3, (2000, 6))
    )
    assert 0.02 < shown / 2000 < 0.06


def test_one_subgroup_each_is_tested_as_its_regression():
    group = ["a", "b", "a", "b", "a", "b"]
    names, found = subgroups(EFFECTS, VARIANCES, group)
    same = regress(EFFECTS, VARIANCES, line([float(one == "b") for one in group]))
    assert names == ("a", "b")
    assert (found.moderator_q, found.moderator_p) == pytest.approx((same.moderator_q, same.moderator_p))
    assert found.moderator_p == pytest.approx(same.coefficients[1].p)
    gap = found.coefficients[1].value - found.coefficients[0].value
    assert gap == pytest.approx(same.coefficients[1].value)


def test_means_of_subgroups_share_one_variance():
    _, found = subgroups(EFFECTS, VARIANCES, ["a", "b", "a", "b", "a", "b"])
    first = weighted(EFFECTS[::2], VARIANCES[::2], found.tau2)
    assert found.coefficients[0].value == pytest.approx(first.coefficients[0])
    assert found.df == 4


def test_nothing_to_explain_is_not_a_number():
    found = regress([0.5, 0.52, 0.49, 0.5], [0.1] * 4, line([1.0, 2, 3, 4]))
    assert paule_mandel([0.5, 0.52, 0.49, 0.5], [0.1] * 4) == 0
    assert found.explained is None


def test_a_moderator_that_explains_less_than_nothing_explains_nothing():
    found = regress(EFFECTS, VARIANCES, line([1.0, 1, 2, 2, 3, 3]))
    assert found.tau2 > paule_mandel(EFFECTS, VARIANCES)
    assert found.explained == 0


@pytest.mark.parametrize("x", [[1.0] * 6, [[1.0, 2.0]] * 6, [[float(i), 2.0 * i] for i in range(6)]])
def test_columns_that_tell_nothing_apart_are_refused(x):
    with pytest.raises(ValueError, match="told apart"):
        regress(EFFECTS, VARIANCES, line(x))


def test_as_many_coefficients_as_effects_are_refused():
    with pytest.raises(ValueError, match="no more effects"):
        subgroups([0.1, 0.2], [0.1, 0.1], ["a", "b"])
