"""Estimates and claims: what is valid."""

import pandas as pd
import pytest
from pandera.errors import SchemaError, SchemaErrors

from pipeline.methods.results import Context, Ledger
from schemas.claims import ClaimOutcomes, Claims, Consistency
from schemas.estimates import Estimates
from schemas.vocabulary import DATA_STATUSES, ESTIMATE_COLUMNS, ESTIMATE_KEYS, IDENTIFIED, STATISTICS


def one(**changes: object) -> pd.DataFrame:
    """A valid estimate, with some of its columns changed."""
    ledger = Ledger(Context("s", "observed", produced_by="s/feedback"))
    ledger.estimate("share", 0.5, service="all", item="hope", low=0.3, high=0.7, level=0.95, n=20, p=0.5)
    frame = ledger.results().estimates
    for name, value in changes.items():
        frame[name] = value
    return frame


def test_a_valid_estimate() -> None:
    assert list(Estimates.validate(one()).columns) == list(ESTIMATE_COLUMNS)


@pytest.mark.parametrize(
    "changes",
    [
        {"value": None, "low": None, "high": None, "reason": "too few rows"},
        {"value": None, "low": 0.2, "high": 0.8},
        {"value": 0.3},
        {"suppressed": True, "value": None, "low": None, "high": None, "reason": "suppressed"},
    ],
    ids=["no value with a reason", "limits only", "value at the end of its interval", "suppressed"],
)
def test_what_is_valid(changes: dict[str, object]) -> None:
    Estimates.validate(one(**changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"item": "hopeful"}, "not the join of the keys"),
        ({"estimate_id": "other"}, "not the join of the keys"),
        ({"value": None, "low": None, "high": None}, "needs a reason"),
        ({"value": 0.9}, "interval does not hold"),
        ({"value": 0.1}, "interval does not hold"),
        ({"statistic": "p-hacked", "estimate_id": "s/all/p-hacked/item=hope"}, "statistic"),
        ({"data_status": "guessed"}, "data_status"),
        ({"identified": "maybe"}, "identified"),
        ({"p": 1.5}, "less_than_or_equal_to"),
        ({"n": -1.0}, "greater_than_or_equal_to"),
        ({"level": 95.0}, "less_than"),
        ({"more": 1}, "more"),
    ],
)
def test_what_is_not_valid(changes: dict[str, object], message: str) -> None:
    with pytest.raises((SchemaError, SchemaErrors), match=message):
        Estimates.validate(one(**changes))


def test_no_estimate_twice() -> None:
    with pytest.raises((SchemaError, SchemaErrors), match=r"unique|duplicate"):
        Estimates.validate(pd.concat([one(), one()], ignore_index=True))


def every_key(service: str) -> dict[str, object]:
    return {key: f"{key}-1" for key in ESTIMATE_KEYS} | {"service": service, "statistic": "share"}


def test_the_ids_of_a_large_table_are_checked_row_by_row() -> None:
    ledger = Ledger(Context("s", "observed"))
    for place in range(300):
        keys = every_key(f"x{place}") if place % 2 else {"service": f"x{place}", "statistic": "share"}
        ledger.estimate(**(keys | {"value": 0.5}))  # type: ignore[arg-type]
    frame = ledger.results().estimates
    Estimates.validate(frame)
    for column, value in (("service", "other"), ("denominator", "asked"), ("estimate_id", "s/x7/share")):
        wrong = frame.copy()
        wrong.loc[151, column] = value
        with pytest.raises((SchemaError, SchemaErrors), match="not the join of the keys"):
            Estimates.validate(wrong)


@pytest.mark.parametrize(
    ("keys", "text"), [({"item": "a/b"}, "s/all/share/item=a/b"), ({"service": ""}, "s//share/item=hope")]
)
def test_an_id_that_cannot_be_parsed_is_refused(keys: dict[str, str], text: str) -> None:
    with pytest.raises((SchemaError, SchemaErrors), match="not the join of the keys"):
        Estimates.validate(one(**keys, estimate_id=text))


def test_a_table_without_rows_is_valid() -> None:
    Estimates.validate(Ledger(Context("s", "observed")).results().estimates)


def test_closed_lists_define_each_word() -> None:
    for words in (STATISTICS, DATA_STATUSES, IDENTIFIED):
        assert all(meaning for meaning in words.values())


CLAIM = {
    "claim": "a", "document": "d", "locator": "p. 1", "statement": "Half.", "statistic": "percent", "operator": "=",
    "published": 50.0, "value_text": "", "decimals": 0.0, "rounding": "unknown", "n": 20.0,
    "estimate_id": "s/all/share", "expected": "agrees", "reason": "counted",
}  # fmt: skip


@pytest.mark.parametrize("operator", ["=", "<", ">", "≤", "≥", "≈", "direction", "significance"])
def test_operators_of_claims(operator: str) -> None:
    Claims.validate(pd.DataFrame([CLAIM | {"operator": operator}]))


SET = {
    "set": "s/all/sum/item=hope", "study": "s", "test": "sum", "claims": "a ; b ; c", "figures": 3, "n": 20.0,
    "printed_sum": 99.0, "possible_sums": "half-up: 99 to 101", "possible": True, "rules": "half-up",
    "works_n": 20.0, "works_rule": "half-up", "departures": "", "note": "possible",
}  # fmt: skip


def test_a_set_of_figures() -> None:
    Consistency.validate(pd.DataFrame([SET, SET | {"set": "other", "n": None, "printed_sum": None}]))


@pytest.mark.parametrize(("column", "value"), [("test", "guess"), ("figures", 1), ("set", "s/all/sum/item=hope")])
def test_a_set_that_is_not_valid(column: str, value: object) -> None:
    rows = [SET, SET | {"set": "other"} | {column: value}]
    with pytest.raises((SchemaError, SchemaErrors), match=column):
        Consistency.validate(pd.DataFrame(rows))


def test_a_valid_claim_and_its_outcome() -> None:
    claim = Claims.validate(pd.DataFrame([CLAIM]))
    made = {"study": "s", "recomputed": 50.0, "outcome": "agrees only with n = 19", "as_expected": False, "note": ""}
    ClaimOutcomes.validate(claim.assign(**made))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("locator", ""),
        ("statement", ""),
        ("reason", ""),
        ("operator", "~"),
        ("statistic", "odds"),
        ("expected", "right"),
        ("decimals", -1.0),
        ("n", -5.0),
    ],
)
def test_a_claim_that_is_not_valid(column: str, value: object) -> None:
    with pytest.raises((SchemaError, SchemaErrors), match=column):
        Claims.validate(pd.DataFrame([CLAIM | {column: value}]))
