"""Who answered at one wave only: counted by hand, simulated, and described without a test."""

import numpy as np
import pytest
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from pipeline.methods.attrition import attrition, standardised
from pipeline.methods.change import rounds as change
from pipeline.methods.feedback import shares
from pipeline.methods.results import Results
from schemas.analyses import Rounds
from tests.unit.methods.result_checks import CONTEXT, answers, check, instrument, one, pick, surveys

ROUNDS = Rounds(id="r", instrument="scale", reference="w1", wave="w2", category="high", linked=True)


def found(rows, items=("hope",), rounds=ROUNDS):
    return check(attrition(surveys(rows), instrument(items), rounds, CONTEXT))


# r0 to r3 stay, r4 to r6 leave (r6 has answered nothing), r7 and r8 are new.
FIRST = answers({"hope": [4, 1, 3, 1, 4, 4, None]}, "w1")
LATER = answers({"hope": [4, 4, "n-a", 1]}, "w2") + answers({"hope": [1, 2, None]}, "w2", start=7)


def test_by_hand():
    results = found(FIRST + LATER)
    left = one(results, category="left", service="all")
    assert (left.events, left.n, left.wave, left["at"], left.denominator) == (2, 6, "w1", "w2", "answered")
    assert (left.low, left.high) == pytest.approx(proportion_confint(2, 6, method="wilson"))
    new = one(results, category="newcomer", service="all")
    assert (new.events, new.n, new.wave, new["at"]) == (2, 6, "w2", "w1")


def test_those_who_left_beside_those_who_stayed():
    results = found(FIRST + LATER)
    row = one(results, statistic="difference", group="left")
    assert row.value == pytest.approx(2 / 2 - 2 / 4)
    assert (row.n, row.n_reference, row.events) == (2, 4, 2)
    assert (row.low, row.high) == pytest.approx(confint_proportions_2indep(2, 2, 2, 4, method="newcomb"))
    assert (row.group, row.reference, row.contrast, row.wave) == ("left", "stayed", "attrition", "w1")
    assert np.isnan(row.p)
    row = one(results, statistic="standardised_difference", group="left")
    assert row.value == pytest.approx(0.5 / np.sqrt(0.25 / 2))


def test_newcomers_beside_those_who_returned():
    """r2's answer at the later wave is off the scale: of those who returned, three count."""
    results = found(FIRST + LATER + answers({"hope": [4]}, "w2", start=10))
    row = one(results, statistic="difference", group="newcomer")
    assert row.value == pytest.approx(1 / 3 - 2 / 3)
    assert (row.n, row.n_reference, row.events) == (3, 3, 1)
    assert (row.low, row.high) == pytest.approx(confint_proportions_2indep(1, 3, 2, 3, method="newcomb"))
    assert (row.reference, row.contrast, row.wave, row["at"]) == ("returned", "attrition", "w2", "w1")
    assert np.isnan(row.p)
    row = one(results, statistic="standardised_difference", group="newcomer")
    assert row.value == pytest.approx(-1 / 3 / np.sqrt(2 / 9))


def test_turned_round_in_time_newcomers_are_those_who_left():
    back = Rounds(id="r", instrument="scale", reference="w2", wave="w1", category="high", linked=True)
    forth, turned = found(FIRST + LATER), found(FIRST + LATER, rounds=back)
    for here, there in (("left", "newcomer"), ("newcomer", "left")):
        row, other = one(forth, statistic="difference", group=here), one(turned, statistic="difference", group=there)
        assert row[["value", "low", "high", "n", "n_reference"]].equals(
            other[["value", "low", "high", "n", "n_reference"]]
        )


def test_a_client_stays_whoever_rates():
    rows = [(f"k{n}", f"c{n}", "w1", "east", "hope", 4, "o4") for n in range(3)]
    rows += [("k9", "c0", "w2", "east", "hope", 4, "o4"), ("k9", "c1", "w2", "east", "hope", 4, "o4")]
    results = found(rows)
    assert one(results, category="left", service="all").value == pytest.approx(1 / 3)
    assert one(results, category="newcomer", service="all").value == 0


def test_a_person_counts_at_the_service_of_the_wave():
    rows = answers({"hope": [1, 2, 3]}, "w1", "east") + answers({"hope": [1, 2]}, "w2", "west")
    results = found(rows)
    assert one(results, category="left", service="east").value == pytest.approx(1 / 3)
    assert one(results, category="newcomer", service="west").value == 0
    assert set(pick(results, category="left")["service"]) == {"all", "east"}


def test_services_with_unknown_rows_still_add_up():
    rows = FIRST + LATER + answers({"hope": [1, 2]}, "w1", "unknown", start=40)
    results = found(rows)
    assert one(results, category="left", service="all").n == 8


def test_cells_fit_those_of_feedback_and_change():
    frame, items = surveys(FIRST + LATER), instrument(["hope"])
    parts = [attrition(frame, items, ROUNDS, CONTEXT), change(frame, items, ROUNDS, CONTEXT)]
    together = check(Results.concat([*parts, shares(frame, items, CONTEXT)]))
    cells = together.cells.set_index("cell_id")["value"]
    assert cells["demo/all/count/population=clients/instrument=scale/category=left/group=and-w2/wave=w1"] == 2
    assert not together.cells["cell_id"].duplicated().any()


def test_rounds_that_differ_in_the_answer_only_have_the_same_leavers():
    other = ROUNDS.model_copy(update={"id": "q", "category": "o1"})
    both = [attrition(surveys(FIRST + LATER), instrument(["hope"]), one, CONTEXT) for one in (ROUNDS, other)]
    together = Results.concat(both)
    again = together.estimates["estimate_id"].duplicated()
    assert set(together.estimates.loc[again, "statistic"]) == {"share"}
    check(together.with_estimates(together.estimates[~again]))


def test_a_wave_without_rows_is_no_attrition():
    for rows in (FIRST, LATER, []):
        results = found(rows)
        assert results.estimates["value"].isna().all()
        assert set(results.estimates["reason"]) == {"no rows"}


def test_nobody_left():
    rows = answers({"hope": [1, 4]}, "w1") + answers({"hope": [1, 4]}, "w2")
    results = found(rows)
    assert one(results, category="left", service="all").value == 0
    assert set(pick(results, statistic="difference")["reason"]) == {"no rows"}


def test_shares_of_nought_and_one_have_no_standard_deviation():
    rows = answers({"hope": [4, 4, 1, 1]}, "w1") + answers({"hope": [4, 4]}, "w2")
    results = found(rows)
    assert one(results, statistic="difference", group="left").value == -1
    row = one(results, statistic="standardised_difference", group="left")
    assert np.isnan(row.value)
    assert row.reason == "no variation"
    assert standardised(1, 1) is None


def test_an_item_nobody_answered():
    rows = answers({"hope": [4, 1], "choice": [None, None]}, "w1") + answers({"hope": [4], "choice": [1]}, "w2")
    results = found(rows, ("hope", "choice"))
    assert one(results, statistic="difference", item="choice", group="left").reason == "no rows"
    assert one(results, statistic="difference", item="hope", group="left").value == -1


def test_simulated_leaving_is_recovered():
    rng = np.random.default_rng(4)
    codes = rng.integers(1, 5, 3000)
    stays = rng.random(3000) < np.where(codes >= 3, 0.8, 0.5)
    rows = answers({"hope": codes.tolist()}, "w1")
    rows += [(f"r{n}", f"r{n}", "w2", "east", "hope", 1, "o1") for n in np.flatnonzero(stays)]
    results = found(rows)
    assert one(results, category="left", service="all").value == pytest.approx(0.35, abs=0.03)
    # High among leavers: .1 of .35; among stayers: .4 of .65.
    row = one(results, statistic="difference", group="left")
    assert row.low < 0.1 / 0.35 - 0.4 / 0.65 < row.high


def test_an_unknown_category_is_refused():
    with pytest.raises(ValueError, match="not a category"):
        attrition(surveys([]), instrument(), ROUNDS.model_copy(update={"category": "purple"}), CONTEXT)
