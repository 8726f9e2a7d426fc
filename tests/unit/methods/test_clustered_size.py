"""Services and answers needed with services as clusters: power in simulations, and where no number is enough."""

import numpy as np
import pytest
from scipy.stats import t

from pipeline.methods.clustered_size import with_more_services, with_present_services
from pipeline.methods.intraclass import design_effect
from pipeline.methods.sample_size import Linked, Unlinked

PLAN = (Unlinked(0.4), 0.1, 0.95, 0.8)
SIZES = (10, 30, 50)


def test_the_fewest_services_whose_answers_are_enough():
    services, answers = with_more_services(*PLAN, 0.03, SIZES)
    effect = design_effect(0.03, SIZES)
    assert answers == pytest.approx(effect * PLAN[0].needed(0.1, 0.95, 0.8, answers / 30 - 1))
    assert services == np.ceil(answers / 30)
    assert services * 30 >= effect * PLAN[0].needed(0.1, 0.95, 0.8, services - 1)
    assert (services - 1) * 30 < effect * PLAN[0].needed(0.1, 0.95, 0.8, services - 2)


def test_the_more_alike_the_more_is_needed():
    """Also where few services, and so few degrees of freedom, are enough for the less alike."""
    found = [with_more_services(Unlinked(0.4), 0.4, 0.95, 0.8, each / 100, (22, 30, 40)) for each in range(60)]
    assert [*found] == sorted(found, key=lambda one: one[1])
    assert found[0] == (3, pytest.approx(3 * 30, rel=0.2))
    large = [with_more_services(Unlinked(0.4), 0.1, 0.95, 0.8, each / 1e5, (9000, 9000)) for each in range(9)]
    assert [each[0] for each in large] == [2] * 9
    assert [*large] == sorted(large)


def test_few_services_need_more_than_the_normal_distribution_says():
    services, answers = with_more_services(Linked(0.5, 0.3), 0.2, 0.95, 0.8, 0.0, (15, 15, 15))
    assert answers > 1.3 * Linked(0.5, 0.3).needed(0.2, 0.95, 0.8)
    many, answers = with_more_services(Linked(0.5, 0.3), 0.02, 0.95, 0.8, 0.0, (15, 15, 15))
    assert many > 300 > services
    assert answers == pytest.approx(Linked(0.5, 0.3).needed(0.02, 0.95, 0.8), rel=0.01)


def test_no_number_of_services_is_enough_for_next_to_nothing():
    assert with_more_services(Unlinked(0.4), 1e-6, 0.95, 0.8, 0.0, (2, 2)) is None


def power_of_service_means(services, size, between, difference=0.2, moving=0.5, runs=4000, seed=6):
    """How often t of the mean changes of services finds the difference; pairs change up, down or not at all.

    A service's own mean change lies around the difference with variance ``between``.
    """
    rng = np.random.default_rng(seed)
    own = np.clip(rng.normal(difference, np.sqrt(between), (runs, services)), -moving, moving)
    chance = np.stack([(moving + own) / 2, (moving - own) / 2, np.full_like(own, 1 - moving)], axis=-1)
    moved = rng.multinomial(size, chance)
    means = (moved[..., 0] - moved[..., 1]) / size
    error = means.std(axis=1, ddof=1) / np.sqrt(services)
    return np.mean(np.abs(means.mean(axis=1)) > t.ppf(0.975, services - 1) * error)


@pytest.mark.parametrize("correlation", [0.0, 0.03])
def test_services_needed_have_the_power_they_promise(correlation):
    """Whole services give a little more than 0.8, and at most what one service adds; simulation error 0.6 points."""
    planned, size = Linked(0.5, 0.5), 20
    services, _ = with_more_services(planned, 0.2, 0.95, 0.8, correlation, [size] * 3)
    assert services <= 10
    between = correlation * (0.5 - 0.2**2)
    assert 0.8 < power_of_service_means(services, size, between) < 0.86
    assert power_of_service_means(services - 1, size, between) < 0.8


def test_answers_of_the_present_services_have_the_power_they_promise():
    """A normal approximation with t: off by up to four points with six services."""
    planned, correlation = Linked(0.5, 0.5), 0.03
    answers = with_present_services(planned, 0.2, 0.95, 0.8, correlation, [9] * 6)
    found = power_of_service_means(6, int(np.ceil(answers / 6)), correlation * (0.5 - 0.2**2))
    assert found == pytest.approx(0.8, abs=0.04)


def test_answers_of_present_services_are_as_many_as_the_design_effect_at_their_size_asks():
    answers = with_present_services(*PLAN, 0.001, SIZES)
    grown = [size * answers / 90 for size in SIZES]
    assert answers == pytest.approx(PLAN[0].needed(0.1, 0.95, 0.8, 2) * design_effect(0.001, grown))


def test_present_services_that_are_too_alike_within_are_never_enough():
    n = PLAN[0].needed(0.1, 0.95, 0.8, 9)
    assert with_present_services(*PLAN, 9.99 / n, [20] * 10) > 100 * n
    assert with_present_services(*PLAN, 10.01 / n, [20] * 10) is None
    assert with_present_services(*PLAN, 0.0, [20] * 10) == n
