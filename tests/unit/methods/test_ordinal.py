import pytest

from pipeline.methods.ordinal import compare
from tests.unit.methods.ordinal_frames import LINKED, SERVICES, WAVES, drawn
from tests.unit.methods.result_checks import CONTEXT, check, instrument, pick, surveys

BOTH = {"w1": 40, "w2": 40}
PLACES = {"east": 0.0, "west": 0.6, "north": -0.4}


@pytest.mark.parametrize("declared", [WAVES, LINKED, SERVICES])
@pytest.mark.parametrize(
    "rows",
    [
        [],
        drawn({"w1": 1, "w2": 0}, 0, {"east": 0.0}),
        drawn({"w1": 0, "w2": 3}, 0, {"unknown": 0.0}),
        drawn({"w1": 6, "w2": 6}, 9, {"east": -4.5, "west": 4.5}, linked=True),
        [(f"r{i}", f"r{i}", wave, "east", "hope", 3, "o3") for wave in ("w1", "w2") for i in range(12)],
        [(f"r{i}", f"r{i}", wave, "west", "hope", None, "n-a") for wave in ("w1", "w2") for i in range(9)],
        [*drawn(BOTH, 0.5, PLACES), *drawn({"w1": 9, "w2": 0}, 0, {"unknown": 0.0})],
    ],
    ids=["empty", "one", "unknown", "separated", "alike", "off-the-scale", "some-unknown"],
)
def test_whatever_the_rows_there_are_rows_with_a_value_or_a_reason(declared, rows):
    results = check(compare(surveys(rows), instrument(), declared, CONTEXT))
    assert set(pick(results, statistic="proportional_odds")["item"]) == {"hope", "choice"}
    without = results.estimates[results.estimates["value"].isna()]
    assert without[["low", "high", "p"]].isna().all(axis=None)


@pytest.mark.parametrize("declared", [WAVES, LINKED, SERVICES])
def test_only_the_declared_items_are_compared(declared):
    only = declared.model_copy(update={"items": ("hope",)})
    results = check(compare(surveys(drawn(BOTH, 0.5, PLACES, linked=True)), instrument(), only, CONTEXT))
    assert set(results.estimates["item"]) == {"hope"}


def test_results_do_not_depend_on_the_order_of_the_rows():
    rows = drawn(BOTH, 0.5, PLACES)
    one, other = (compare(surveys(r), instrument(), WAVES, CONTEXT).estimates for r in (rows, rows[::-1]))
    assert list(one["estimate_id"]) == list(other["estimate_id"])
    assert one["value"].to_numpy() == pytest.approx(other["value"].to_numpy(), abs=1e-9)


def test_an_instrument_with_two_options_has_no_odds_to_be_proportional():
    two = instrument().model_copy(update={"options": instrument().options[2:], "collapse": (), "headline": "o4"})
    rows = [row for row in drawn(BOTH, 0.5, PLACES) if row[5] in (3, 4)]
    results = check(compare(surveys(rows), two, WAVES, CONTEXT))
    assert set(pick(results, statistic="proportional_odds")["reason"]) == {"fewer than three answers occur"}
    assert pick(results, model="binary logit").empty
    assert pick(results, statistic="odds_ratio")["value"].notna().all()
