"""Which services a table can be broken down by."""

import polars as pl

from pipeline.methods.services import addends, breakdown, known_services, with_all
from tests.unit.methods.result_checks import CONTEXT


def test_declared_order_then_the_others():
    assert known_services(["zoo", "west", "unknown", "east"], CONTEXT) == ["east", "west", "zoo"]


def test_nothing_known_is_pooled_only():
    assert breakdown(["unknown"], CONTEXT) == ["all"]
    assert addends(["unknown"], CONTEXT) == []


def test_partly_unknown_rows_are_an_addend_and_no_result():
    assert breakdown(["unknown", "west"], CONTEXT) == ["all", "west"]
    assert addends(["unknown", "west"], CONTEXT) == ["west", "unknown"]


def test_rows_stand_under_their_service_and_under_all():
    frame = with_all(pl.DataFrame({"service": ["a", "b"], "x": [1, 2]}))
    assert sorted(frame.rows()) == [("a", 1), ("all", 1), ("all", 2), ("b", 2)]
