"""Services as strata and as clusters: other libraries, simulations, and what can't be had."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import t

from pipeline.methods.service_differences import NARROWER, Estimated, clustered, mantel_haenszel, narrower_note
from pipeline.methods.two_waves import TwoWaves

SERVICES = [TwoWaves(9, 22, 4, 14), TwoWaves(3, 7, 2, 9), TwoWaves(12, 18, 10, 25), TwoWaves(2, 6, 1, 4)]


def rows(services):
    """Answer, wave and service of every person."""
    found = []
    for place, one in enumerate(services):
        for wave, events, n in ((1, one.events, one.n), (0, one.events_reference, one.n_reference)):
            found += [(int(k < events), wave, place) for k in range(n)]
    return np.array(found, dtype=float)


def test_within_services_is_least_squares_with_a_constant_for_each():
    data = rows(SERVICES)
    design = np.column_stack([data[:, 1], *(data[:, 2] == place for place in range(4))])
    assert mantel_haenszel(SERVICES).value == pytest.approx(sm.OLS(data[:, 0], design).fit().params[0])


def test_equal_services_give_the_pooled_difference():
    one = TwoWaves(8, 20, 5, 25)
    found = mantel_haenszel([one, one, one])
    assert found.value == pytest.approx(one.difference)
    # The standard error of the pooled difference, up to the number of persons less one.
    assert found.se == pytest.approx((one + one + one).variance() ** 0.5, rel=0.03)


def test_a_service_asked_once_weighs_nothing_within():
    assert mantel_haenszel([*SERVICES, TwoWaves(5, 5, 0, 0)]) == mantel_haenszel(SERVICES)
    assert mantel_haenszel([TwoWaves(5, 5, 0, 0), TwoWaves(0, 0, 1, 4)]) is None


def test_pairs_count_within_services():
    services = [TwoWaves(9, 14, 7, 14, 6, 3, 1, 4), TwoWaves(4, 9, 5, 9, 2, 2, 3, 2)]
    found = mantel_haenszel(services)
    assert found.value == pytest.approx((3 - 1 + 2 - 3) / 23)
    assert found.se == pytest.approx((14**2 * services[0].variance() + 81 * services[1].variance()) ** 0.5 / 23)


def test_two_services_are_too_few_clusters():
    assert clustered(SERVICES[:2]) is None
    assert clustered([*SERVICES[:2], TwoWaves(1, 5, 0, 0)]) is None
    assert clustered(SERVICES[:3]) is not None


def test_clustered_difference_is_that_of_all_answers():
    found = clustered(SERVICES)
    assert found.value == pytest.approx(sum(SERVICES, TwoWaves()).difference)
    assert 1 < found.df < 3


def test_bias_corrected_error_by_matrices():
    data = rows(SERVICES)
    design = np.column_stack([np.ones(len(data)), data[:, 1]])
    bread = np.linalg.inv(design.T @ design)
    residuals = data[:, 0] - design @ bread @ design.T @ data[:, 0]
    meat = np.zeros((2, 2))
    for place in range(4):
        own = data[:, 2] == place
        leverage = np.eye(own.sum()) - design[own] @ bread @ design[own].T
        values, vectors = np.linalg.eigh(leverage)
        score = design[own].T @ (vectors / np.sqrt(values)) @ vectors.T @ residuals[own]
        meat += np.outer(score, score)
    assert clustered(SERVICES).se == pytest.approx(np.sqrt((bread @ meat @ bread)[1, 1]))


def test_services_without_variation_have_no_standard_error():
    assert clustered([TwoWaves(4, 4, 0, 5)] * 3).se == 0
    assert mantel_haenszel([TwoWaves(4, 4, 0, 5)] * 3).se == 0


def test_intervals_use_t_where_there_are_degrees_of_freedom():
    assert Estimated(0.1, 0.02, 3).interval(0.9) == pytest.approx(
        (0.1 - t.ppf(0.95, 3) * 0.02, 0.1 + t.ppf(0.95, 3) * 0.02)
    )
    assert Estimated(0.1, 0.02).interval() == pytest.approx((0.1 - 1.959964 * 0.02, 0.1 + 1.959964 * 0.02))
    assert Estimated(0.9, 1.0, 1).interval() == (-1, 1)


def test_clustered_intervals_cover_where_services_differ():
    rng = np.random.default_rng(4)
    sizes = [(30, 20), (12, 18), (25, 25), (8, 14), (20, 10), (15, 15)]
    inside = []
    for _ in range(1500):
        levels, moves = rng.uniform(0.3, 0.6, 6), rng.normal(0, 0.1, 6)
        services = [
            TwoWaves(int(rng.binomial(n, min(max(level + move, 0), 1))), n, int(rng.binomial(m, level)), m)
            for (n, m), level, move in zip(sizes, levels, moves, strict=True)
        ]
        low, high = clustered(services).interval()
        inside.append(low <= 0 <= high)
    assert np.mean(inside) == pytest.approx(0.95, abs=0.025)


def test_an_interval_is_narrower_by_more_than_rounding():
    assert narrower_note((0.0, 0.1), (-0.1, 0.1)) == NARROWER
    assert narrower_note((-0.1, 0.1), (0.0, 0.1)) == ""
    assert narrower_note((0.0, 0.3), (0.1, 0.1 + 0.3)) == narrower_note((0.1, 0.1 + 0.3), (0.0, 0.3)) == ""
