"""Adjusted p agree with other libraries, and gaps are passed over."""

import numpy as np
import pytest
from scipy.stats import false_discovery_control
from statsmodels.stats.multitest import multipletests

from pipeline.methods import adjustment as p


def test_holm_agrees_with_statsmodels_and_passes_gaps_over():
    values = [0.01, 0.04, 0.03, 0.005, 0.6]
    assert p.holm(values) == pytest.approx(multipletests(values, method="holm")[1])
    assert p.holm([0.01, None, 0.04]) == [0.02, None, 0.04]
    assert p.holm([]) == []
    assert max(p.holm(values)) >= max(false_discovery_control(values))


def test_benjamini_hochberg_agrees_with_scipy_and_passes_gaps_over():
    values = np.random.default_rng(3).uniform(size=25).tolist()
    assert p.benjamini_hochberg(values) == pytest.approx(false_discovery_control(values))
    assert p.benjamini_hochberg([0.01, None, 0.04]) == [0.02, None, 0.04]
    assert p.benjamini_hochberg([0.04, 0.04, 0.05]) == pytest.approx([0.05, 0.05, 0.05])
    assert p.benjamini_hochberg([]) == []


@pytest.mark.parametrize("name", p.ADJUSTMENTS)
def test_one_test_needs_no_adjustment(name):
    assert p.ADJUSTMENTS[name][0]([0.03]) == [0.03]
