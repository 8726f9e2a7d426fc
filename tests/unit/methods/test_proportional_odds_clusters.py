import numpy as np
import pytest
from scipy.special import stdtrit

from pipeline.methods.proportional_odds import Fit, fit

CUTS = (-1.5, -0.5, 0.5, 1.5)


def draw(rng, services, size, effect=0.5, spread=0.6):
    service = np.repeat(np.arange(services), rng.integers(size // 2, 2 * size, services))
    wave = rng.integers(0, 2, len(service))
    eta = (effect + rng.normal(0, spread, services))[service] * wave + rng.normal(0, 0.7, services)[service]
    return np.searchsorted(CUTS, eta + rng.logistic(size=len(service))), wave, service


@pytest.mark.parametrize("grouped", [False, True])
def test_what_a_cluster_moves_is_near_what_leaving_it_out_moves(grouped):
    codes, wave, service = draw(np.random.default_rng(8), 8, 60)
    groups = service if grouped else None
    found = fit(codes, wave, service, groups)
    assert isinstance(found, Fit)
    for cluster in range(8):
        kept = service != cluster
        without = fit(codes[kept], wave[kept], groups=groups[kept] if grouped else None)
        assert isinstance(without, Fit)
        moved = found.coefficients[0] - without.coefficients[0]
        # One step of Newton's method against the whole way.
        assert found.influence[cluster, -1] == pytest.approx(moved, abs=0.1 * abs(moved) + 0.002)


def test_five_services_cover_their_effect_about_as_often_as_they_should():
    rng, hits, repeats = np.random.default_rng(5), 0, 300
    for _ in range(repeats):
        codes, wave, service = draw(rng, 5, 16)
        found = fit(codes, wave, service, service)
        assert isinstance(found, Fit)
        hits += abs(found.coefficients[0] - 0.5) < stdtrit(found.degrees, 0.975) * found.se(robust=True)[0]
    # 0.95 within three standard errors of 300 draws; normal quantiles with uncorrected errors cover about 0.85.
    assert 0.91 < hits / repeats <= 0.99


def test_many_clusters_of_independent_rows_give_the_errors_of_the_model():
    rng = np.random.default_rng(6)
    wave = rng.integers(0, 2, 4000)
    codes = np.searchsorted(CUTS, 0.4 * wave + rng.logistic(size=4000))
    found = fit(codes, wave, np.arange(4000))
    assert isinstance(found, Fit)
    assert found.se(robust=True)[0] == pytest.approx(found.se()[0], rel=0.05)
    assert found.influence.T @ found.influence == pytest.approx(found.robust)


def test_a_coefficient_that_one_cluster_alone_carries_has_no_error():
    codes = np.tile([1, 2, 3, 4], 10)
    columns = np.column_stack([np.repeat([0, 0, 0, 1], 10), np.tile([0, 1, 1, 0, 1], 8)])
    found = fit(codes, columns, np.repeat([0, 1, 2, 3], 10))
    assert isinstance(found, Fit)
    assert list(np.isnan(found.se(robust=True))) == [True, False]


def test_factor_widens_by_the_number_of_clusters():
    codes, wave, service = draw(np.random.default_rng(9), 6, 20)
    factor, none = (fit(codes, wave, service, correction=one) for one in ("factor", "none"))
    assert isinstance(factor, Fit)
    assert isinstance(none, Fit)
    assert factor.robust == pytest.approx(none.robust * 6 / 5)
