import math

import pytest
from scipy.stats import norm, t

from pipeline.methods.ordinal_rows import Row, ratio_numbers, write
from pipeline.methods.results import Ledger
from tests.unit.methods.result_checks import CONTEXT


@pytest.mark.parametrize(("degrees", "law"), [(None, norm), (4, t(4))])
def test_the_interval_is_on_the_log_scale(degrees, law):
    found = ratio_numbers(0.4, 0.2, 0.9, degrees)
    assert found["value"] == pytest.approx(math.exp(0.4))
    assert math.log(found["high"]) == pytest.approx(0.4 + law.ppf(0.95) * 0.2)
    assert math.log(found["low"]) == pytest.approx(0.4 - law.ppf(0.95) * 0.2)
    assert found["p"] == pytest.approx(2 * law.sf(2))


@pytest.mark.parametrize("se", [40.0, 1.7])  # 12.7 times as far to each side
def test_an_interval_without_end_is_no_number(se):
    assert ratio_numbers(3.0, se, 0.95, 1) == {"value": None, "reason": "too few rows"}
    assert ratio_numbers(3.0, 1.6, 0.95, 1)["high"] > 1e9


def test_p_is_adjusted_within_a_family_and_not_without_one():
    ledger = Ledger(CONTEXT)
    numbers = [("a", 0.01), ("a", 0.04), ("b", 0.03), ("", 0.02), ("a", None)]
    rows = [
        Row("superiority", "all", 0.5, [], {"item": str(place), "family": family, "p": p})
        for place, (family, p) in enumerate(numbers)
    ]
    write(ledger, rows)
    adjusted = ledger.results().estimates["p_adjusted"]
    assert adjusted[:3].tolist() == pytest.approx([0.02, 0.04, 0.03])
    assert adjusted[3:].isna().all()
