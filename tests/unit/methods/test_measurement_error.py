"""Error of measurement: recovered from a simulation of true scores and errors."""

import numpy as np
import pytest

from pipeline.methods.measurement_error import detectable_change, standard_error


def test_error_and_change_are_those_that_were_simulated():
    """Scores with error 3 and reliability 0.64: one in twenty unchanged persons differs by more than the MDC."""
    rng = np.random.default_rng(1)
    true = 4 * rng.normal(size=200_000)
    first, second = true + 3 * rng.normal(size=true.size), true + 3 * rng.normal(size=true.size)
    error = standard_error(first.std(), 16 / 25)
    assert error == pytest.approx(3, abs=0.02)
    assert np.mean(abs(second - first) > detectable_change(error)) == pytest.approx(0.05, abs=0.002)
    means = (second - first).reshape(-1, 20).mean(axis=1)
    assert np.mean(abs(means) > detectable_change(error, 20)) == pytest.approx(0.05, abs=0.006)


def test_change_by_hand():
    assert detectable_change(2.0) == pytest.approx(1.959963985 * np.sqrt(2) * 2)
    assert detectable_change(2.0, 25, 0.9) == pytest.approx(1.644853627 * np.sqrt(2) * 2 / 5)


@pytest.mark.parametrize("reliability", [-0.1, 1.1])
def test_a_reliability_lies_from_0_to_1(reliability):
    with pytest.raises(ValueError, match="0 to 1"):
        standard_error(2.0, reliability)
