"""Detectable differences: published power, simulation of the tests, and sizes that can't find anything."""

import numpy as np
import pytest

from pipeline.methods import power
from pipeline.methods.two_waves import TwoWaves
from tests.unit.methods.result_checks import CONTEXT, answers, check, instrument, one, surveys
from tests.unit.methods.test_change import LINKED, declared, two_waves


def test_agrees_with_published_power():
    """The examples of R's power.prop.test: power 0.740; n = 76.7 for power 0.9."""
    assert power.power_independent(0.50, 0.75, 50, 50) == pytest.approx(0.740, abs=5e-4)
    assert power.power_independent(0.50, 0.75, 76.7, 76.7) == pytest.approx(0.90, abs=5e-4)
    assert power.detectable_independent(0.50, 76.7, 76.7, 0.95, 0.9) == pytest.approx(0.25, abs=5e-4)


def test_linked_inverts_the_sample_size_formula():
    """n = (z_a sqrt(psi) + z_b sqrt(psi - d^2))^2 / d^2 (Connor 1987), with the normal quantiles written out."""
    discordant, difference = 0.35, 0.15
    n = (1.959964 * discordant**0.5 + 0.841621 * (discordant - difference**2) ** 0.5) ** 2 / difference**2
    assert power.detectable_linked(discordant, n, 0.95, 0.8) == pytest.approx(difference, abs=1e-6)


def test_unequal_groups_hold_their_power_in_a_simulation():
    rng = np.random.default_rng(3)
    p, n_then, n = 0.35, 120, 80
    found = p + power.detectable_independent(p, n_then, n, 0.95, 0.8)
    x, y = rng.binomial(n_then, p, 20000), rng.binomial(n, found, 20000)
    pooled = (x + y) / (n_then + n)
    z = (y / n - x / n_then) / np.sqrt(pooled * (1 - pooled) * (1 / n_then + 1 / n))
    assert np.mean(np.abs(z) > 1.959964) == pytest.approx(0.8, abs=0.02)


def test_pairs_hold_their_power_in_a_simulation():
    rng = np.random.default_rng(4)
    n, discordant = 150, 0.4
    difference = power.detectable_linked(discordant, n, 0.95, 0.8)
    shares = [(discordant + difference) / 2, (discordant - difference) / 2, 1 - discordant]
    gained, lost, _ = rng.multinomial(n, shares, 20000).T
    z = (gained - lost) / np.sqrt(gained + lost)
    assert np.mean(np.abs(z) > 1.959964) == pytest.approx(0.8, abs=0.02)


def test_keys_are_those_of_the_difference():
    rows = surveys(two_waves([4] * 10 + [1] * 20, [4] * 20 + [1] * 10))
    row = one(check(power.detectable(rows, instrument(["hope"]), declared(), CONTEXT)), service="all")
    assert (row.contrast, row.model, row.reference, row.wave, row["at"]) == (
        "waves",
        "independent",
        "w1",
        "w2",
        "0.8",
    )
    assert power.power_independent(1 / 3, 1 / 3 + row.value, 30, 30) == pytest.approx(0.8)
    assert row.reason.startswith("sensitivity")


def test_linked_rows_use_the_observed_discordance():
    before, after = [1] * 20 + [4] * 10 + [1] * 30, [4] * 20 + [1] * 10 + [1] * 30
    results = check(power.detectable(surveys(two_waves(before, after)), instrument(["hope"]), LINKED, CONTEXT))
    row = one(results, service="all")
    assert row.value == pytest.approx(power.detectable_linked(0.5, 60, 0.95, 0.8))
    assert (row.n, row.model) == (60, "linked")


@pytest.mark.parametrize(
    ("before", "after", "round_", "reason"),
    [
        ([4, 4], [1, 4], declared(), "no variation"),
        ([1, 4], [1, 4], declared(), "too few rows"),
        ([1, 4], [None, None], declared(), "no rows"),
        ([1, 4], [1, 4], LINKED, "no variation"),
        ([1, 4, 4], [4, 4, 4], LINKED, "too few rows"),
        ([1, 4], [None, None], LINKED, "no rows"),
    ],
)
def test_what_cannot_be_had_has_a_reason(before, after, round_, reason):
    results = check(power.detectable(surveys(two_waves(before, after)), instrument(["hope"]), round_, CONTEXT))
    assert results.estimates["value"].isna().all()
    assert set(results.estimates["reason"]) == {reason}


def test_nobody_at_the_reference_is_no_obstacle():
    rows = answers({"hope": [1] * 40}, "w1") + answers({"hope": [1] * 40}, "w2")
    row = one(power.detectable(surveys(rows), instrument(["hope"]), declared(), CONTEXT), service="all")
    assert 0 < row.value < 0.3


def test_persons_who_answer_both_times_alike_make_smaller_differences_detectable():
    assert power.detectable_independent(0.4, 60, 80, 0.95, 0.8, 0.3) < power.detectable_independent(
        0.4, 60, 80, 0.95, 0.8
    )


def test_power_of_partly_the_same_persons_is_recovered():
    rng = np.random.default_rng(12)
    found, shares = 0, [0.35, 0.25, 0.05, 0.35]
    for _ in range(2000):
        kept, gained, lost, never = rng.multinomial(50, shares).tolist()
        now, then = int(rng.binomial(30, 0.6)), int(rng.binomial(40, 0.4))
        counts = TwoWaves(kept + gained + now, 80, kept + lost + then, 90, kept, gained, lost, never)
        found += counts.p() <= 0.05
    phi = (0.35 * 0.35 - 0.25 * 0.05) / (0.6 * 0.4 * 0.4 * 0.6) ** 0.5
    expected = power.power_independent(0.4, 0.6, 90, 80, correlation=phi * 50 / (80 * 90) ** 0.5)
    assert found / 2000 == pytest.approx(expected, abs=0.03)


def test_partly_linked_rounds_have_their_smallest_difference():
    codes = [4, 1, 1, 2, 3, 1, 2, 1, 1, 3] * 8
    rows = answers({"hope": codes}, "w1") + answers({"hope": codes[::-1]}, "w2", start=30)
    partly, other = (
        one(
            check(power.detectable(surveys(rows), instrument(["hope"]), declared(linked=linked), CONTEXT)),
            service="all",
        )
        for linked in ("partly", False)
    )
    assert partly.model == "partly-linked"
    assert partly.value != other.value
    assert "Derrick" in partly.method
