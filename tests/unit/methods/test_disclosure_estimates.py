"""Which estimates go with withheld cells, and which by what they show themselves."""

import pandas as pd

from pipeline.methods.disclosure import WITHHELD_COLUMNS, gate
from pipeline.methods.results import Ledger, Results
from schemas.estimates import Estimates
from schemas.study import Disclosure
from tests.unit.methods.disclosure_tables import CONTEXT, FIVE, reasons, two_way


def test_withheld_rows_are_blank_and_fit_the_schema() -> None:
    gated = gate(two_way([[2, 19, 26], [12, 17, 28], [30, 31, 9]]), FIVE)
    blank = gated.estimates[gated.estimates["suppressed"]]
    assert len(blank) == 4
    assert blank[list(WITHHELD_COLUMNS)].isna().all(axis=None)
    assert set(blank["reason"]) == {"suppressed"}
    Estimates.validate(gated.estimates)


def asked(missing: int, answered: int = 40) -> tuple[Results, dict[str, str]]:
    """Yes and no, half and half, with the answered and the asked, at three services and all."""
    ledger, ids = Ledger(CONTEXT), {}
    counts = {"yes": answered // 2, "no": answered - answered // 2, "missing": missing}
    full = counts | {"answered": answered, "asked": answered + missing}
    for category, value in full.items():
        ids[category] = ledger.cell(value, service="all", item="hope", category=category, unit="client")
    ledger.sum_of(ids["answered"], [ids["yes"], ids["no"]], "category")
    ledger.sum_of(ids["asked"], [ids["answered"], ids["missing"]], "asked")
    for category in ("yes", "no"):
        for base in ("asked", "answered"):
            ledger.estimate(
                "share",
                counts[category] / full[base],
                service="all",
                item="hope",
                category=category,
                denominator=base,
                n=full[base],
                events=counts[category],
                missing=missing,
                cells=[(ids[category], "numerator"), (ids[base], "denominator")],
            )
    return ledger.results(), ids


def test_few_blank_items_tell_nothing_about_a_person() -> None:
    results, ids = asked(missing=2)
    gated = gate(results, FIVE)
    assert ids["missing"] not in reasons(gated)
    assert gated.estimates["missing"].tolist() == [2] * 4
    assert not gated.estimates["suppressed"].any()


def test_blank_items_are_withheld_where_they_would_give_an_answer_away() -> None:
    results, ids = asked(missing=30, answered=4)
    gated = gate(results, FIVE)
    assert ids["answered"] in reasons(gated)
    assert gated.estimates["missing"].isna().all()


def test_a_safe_number_of_missing_answers_is_shown() -> None:
    gated = gate(asked(missing=7)[0], FIVE)
    assert gated.estimates["missing"].tolist() == [7] * 4
    assert not gated.estimates["suppressed"].any()


def comparison(small: int) -> Results:
    """Two tests of one family with Holm's p; the first is linked to a cell of `small` persons."""
    ledger = Ledger(CONTEXT)
    for item, count in (("hope", small), ("work", 30)):
        cells = [(ledger.cell(count, service="all", item=item, unit="client"), "input")]
        ledger.estimate(
            "difference",
            0.1,
            service="all",
            item=item,
            p=0.02,
            p_adjusted=0.04,
            family="rounds",
            low=0.0,
            high=0.2,
            n=40,
            n_reference=50,
            cells=cells,
        )
    return ledger.results()


def test_a_nonlinear_estimate_goes_with_any_of_its_cells_and_its_family_loses_the_adjusted_p() -> None:
    gated = gate(comparison(small=3), FIVE)
    assert gated.estimates["suppressed"].tolist() == [True, False]
    assert gated.estimates["p_adjusted"].isna().all()
    kept = gated.estimates.iloc[1]
    assert (kept["p"], kept["value"], kept["high"], kept["n_reference"]) == (0.02, 0.1, 0.2, 50)
    assert gate(comparison(small=8), FIVE).estimates["p_adjusted"].tolist() == [0.04, 0.04]


def lone(statistic: str, policy: Disclosure, **row: float) -> bool:
    ledger = Ledger(CONTEXT)
    ledger.estimate(statistic, 0.5, service="all", **row)
    return bool(gate(ledger.results(), policy).estimates["suppressed"].iloc[0])


def test_estimates_without_links_are_judged_by_what_they_show() -> None:
    assert lone("mean", FIVE, n=4)
    assert lone("difference", FIVE, n=40, n_reference=4)
    assert lone("share", FIVE, n=40, events=2)
    assert lone("retention", FIVE, n=40, events=38)
    assert not lone("share", FIVE, n=40, events=20)
    assert not lone("share", FIVE)
    assert not lone("mean", FIVE, n=0)


def test_the_minimum_denominator_holds_for_shares_and_means_but_not_for_counts() -> None:
    ten = Disclosure(minimum_denominator=10)
    assert lone("mean", ten, n=7)
    assert not lone("respondents", ten, n=7)
    assert lone("respondents", ten, n=4)


def test_no_minimum_withholds_nothing_and_says_why() -> None:
    results = two_way([[1, 0], [0, 1]])
    gated = gate(results, Disclosure(minimum_cell=None, reason="already public"))
    assert gated.passed
    assert gated.decisions.empty
    assert gated.counts.to_dict("records") == [
        {"study": "demo", "reason": "policy: already public", "cells": 0, "estimates": 0}
    ]
    pd.testing.assert_frame_equal(gated.estimates, results.estimates)
