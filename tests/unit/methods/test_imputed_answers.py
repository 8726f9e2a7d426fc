"""Survey answers as tables to be filled in: who is in them, what is missing, what is off the scale."""

import numpy as np
import pytest

from pipeline.methods.imputed_answers import linked_block, wave_block
from schemas.analyses import Rounds
from tests.unit.methods.result_checks import answers, instrument, surveys

ROUNDS = Rounds(id="r", instrument="scale", reference="w1", wave="w2", category="high", linked=True)
NONE = np.nan


def test_one_wave():
    rows = answers({"hope": [1, None, "n-a", None], "choice": [4, 2, None, "n-a"]})
    block = wave_block(surveys(rows), instrument(), "w1")
    assert block.codes == pytest.approx(np.array([[1, 4], [NONE, 2]]), nan_ok=True)
    assert not block.off_scale.any()
    rows += answers({"hope": ["n-a"], "choice": [3]}, service="west", start=8)
    block = wave_block(surveys(rows), instrument(), "w1")
    assert block.off_scale.tolist() == [[False, False], [False, False], [True, False]]
    assert block.at("west").tolist() == [False, False, True]
    assert block.at("all").all()


def test_two_waves_of_the_same_persons():
    rows = answers({"hope": [1, 2]}, "w1") + answers({"hope": [4, "n-a"], "choice": [3, 1]}, "w2", "west", start=1)
    block = linked_block(surveys(rows), instrument(), ROUNDS)
    expected = [[1, NONE, NONE, NONE], [2, NONE, 4, 3], [NONE, NONE, NONE, 1]]
    assert block.codes == pytest.approx(np.array(expected), nan_ok=True)
    assert block.services.tolist() == ["east", "west", "west"]
    assert np.argwhere(block.off_scale).tolist() == [[2, 2]]


def test_the_service_is_that_of_the_later_wave_where_it_is_known():
    rows = answers({"hope": [1]}, "w1", "east") + answers({"hope": [1]}, "w2", "unknown")
    rows += answers({"hope": [1]}, "w1", "unknown", 5)
    assert linked_block(surveys(rows), instrument(), ROUNDS).services.tolist() == ["east", "unknown"]


def test_a_client_with_two_raters_at_a_wave_is_left_out():
    rows = [("k1", "c1", "w1", "east", "hope", 1, "o1"), ("k2", "c1", "w1", "east", "hope", 4, "o4")]
    rows += [("k1", "c2", "w1", "east", "hope", 2, "o2"), ("k1", "c1", "w2", "east", "hope", 2, "o2")]
    block = linked_block(surveys(rows), instrument(), ROUNDS)
    assert np.nan_to_num(block.codes).tolist() == [[2, 0, 0, 0]]
    assert len(wave_block(surveys(rows), instrument(), "w1").codes) == 3


def test_no_rows():
    assert wave_block(surveys([]), instrument(), "w1").codes.shape == (0, 2)
    assert linked_block(surveys([]), instrument(), ROUNDS).codes.shape == (0, 4)
