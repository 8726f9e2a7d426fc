"""What differs between two releases, and which earlier number may stand beside the present one."""

from typing import Any

import pandas as pd
import pytest

from pipeline.methods.results import Context, Ledger
from pipeline.release_changes import COLUMNS, SAME_COUNTS, changes
from pipeline.release_history import Kept

SURVEY = {"population": "clients", "instrument": "client-feedback", "wave": "autumn", "unit": "proportion"}
RAW = {"raw/s/answers.csv": "a"}


def estimates(shares: dict[str, tuple[int, int]], mean: float | None = None) -> pd.DataFrame:
    """Shares by item, each with its count and n, and a mean of sessions."""
    ledger = Ledger(Context("s", "observed"))
    for item, (events, n) in shares.items():
        ledger.estimate(
            "share", events / n, service="all", item=item, category="yes", denominator="asked", n=n, events=events,
            missing=0, low=events / n / 2, high=1.0, **SURVEY,
        )  # fmt: skip
    if mean is not None:
        ledger.estimate("mean", mean, service="all", item="sessions", population="others", unit="sessions", n=30)
    return ledger.results().estimates.assign(suppressed=False)


def withheld(frame: pd.DataFrame, item: str) -> pd.DataFrame:
    rows = frame["item"] == item
    return frame.assign(
        value=frame["value"].mask(rows),
        low=frame["low"].mask(rows),
        high=frame["high"].mask(rows),
        reason=frame["reason"].mask(rows, "suppressed"),
        suppressed=rows,
    )


def compared(
    before: pd.DataFrame, now: pd.DataFrame, least: int | None = 5, raw: dict[str, str] | None = None
) -> dict[str, dict[str, Any]]:
    """The changed estimates by item."""
    kept = Kept("2026-01-01T08:00+00:00", before, RAW, {})
    later = Kept("2026-02-01T08:00+00:00", now, RAW if raw is None else raw, {})
    frame = changes(kept, later, {"s": least})["estimates"]
    assert list(frame) == list(COLUMNS)
    return {name.split("item=")[1].split("/")[0]: row for name, row in frame.set_index("estimate_id").iterrows()}


def test_an_estimate_that_moved_is_told_from_and_to() -> None:
    found = compared(estimates({"hope": (20, 40), "ties": (10, 40)}), estimates({"hope": (30, 60), "ties": (20, 60)}))
    assert set(found) == {"ties"}, "half is half"
    assert found["ties"]["change"] == "moved"
    assert found["ties"]["value_before"] == 0.25
    assert found["ties"]["value"] == pytest.approx(1 / 3)
    assert found["ties"]["beyond_rounding"]


def test_a_change_that_reports_do_not_print_is_within_rounding() -> None:
    found = compared(estimates({"hope": (1000, 3000)}), estimates({"hope": (1006, 3010)}), least=None)
    assert not found["hope"]["beyond_rounding"]


@pytest.mark.parametrize(
    ("now", "least", "shown"),
    [
        ((21, 41), 5, False),  # one person came, and said yes
        ((21, 41), None, True),  # every figure is public
        ((21, 40), 5, False),  # one answer was corrected
        ((27, 52), 5, True),  # seven of twelve who came said yes, five no
        ((26, 50), 5, False),  # six of ten who came said yes, four no
        ((30, 50), 5, False),  # all who came said yes
        ((20, 50), 5, False),  # none who came said yes
    ],
)
def test_where_few_people_changed_the_earlier_number_is_not_shown(
    now: tuple[int, int], least: int | None, shown: bool
) -> None:
    found = compared(estimates({"hope": (20, 40)}), estimates({"hope": now}), least)
    assert pd.notna(found["hope"]["value_before"]) == shown
    assert (found["hope"]["not_shown"] == "") == shown


def test_what_one_item_hides_another_of_the_same_survey_does_not_give_away() -> None:
    before, now = estimates({"hope": (20, 40), "ties": (10, 40)}), estimates({"hope": (21, 50), "ties": (18, 50)})
    reasons = {row["not_shown"] for row in compared(before, now).values()}
    assert reasons == {"a count behind it changed by fewer than 5"}


def test_a_mean_that_moved_with_the_same_counts_was_corrected_or_computed_otherwise() -> None:
    before, now = estimates({"hope": (20, 40)}, 5.0), estimates({"hope": (20, 40)}, 5.2)
    assert compared(before, now)["sessions"]["value_before"] == 5.0, "no raw file changed: the method did"
    corrected = compared(before, now, raw={"raw/s/answers.csv": "b"})["sessions"]
    assert corrected["not_shown"] == SAME_COUNTS
    assert pd.isna(corrected["value_before"])


def test_a_number_that_is_withheld_now_is_not_told_from_before() -> None:
    before = estimates({"hope": (20, 40), "ties": (10, 40)})
    found = compared(before, withheld(before, "ties"), least=None)
    assert found["ties"]["change"] == "no number now"
    assert found["ties"]["reason"] == "suppressed"
    assert pd.isna(found["ties"]["value_before"])
    assert pd.isna(found["ties"]["low_before"])


def test_a_number_that_is_released_now() -> None:
    now = estimates({"hope": (20, 40)})
    found = compared(withheld(now, "hope"), now)
    assert (found["hope"]["change"], found["hope"]["value"]) == ("now a number", 0.5)


def test_what_appeared_and_what_vanished_without_their_numbers() -> None:
    found = compared(estimates({"hope": (20, 40)}), estimates({"ties": (20, 40)}))
    assert {item: row["change"] for item, row in found.items()} == {"hope": "vanished", "ties": "appeared"}
    assert all(pd.isna(row["value"]) and pd.isna(row["value_before"]) for row in found.values())


def test_raw_files_that_are_new_gone_or_changed_and_rows_set_aside() -> None:
    frame = estimates({"hope": (20, 40)})
    before = Kept("x", frame, {"raw/s/a.csv": "1", "raw/s/b.csv": "1", "raw/s/same.csv": "1"}, {"s/sessions": 2})
    now = Kept("y", frame, {"raw/s/a.csv": "2", "raw/t/c.csv": "1", "raw/s/same.csv": "1"}, {"s/sessions": 3})
    frames = changes(before, now, {})
    assert frames["files"].to_numpy().tolist() == [
        ["s", "raw/s/a.csv", "changed"],
        ["s", "raw/s/b.csv", "gone"],
        ["t", "raw/t/c.csv", "new"],
    ]
    assert frames["set_aside"].to_numpy().tolist() == [["s", "sessions", 2, 3]]
    assert frames["estimates"].empty


def test_with_nothing_before_there_is_nothing_to_tell() -> None:
    frames = changes(None, Kept("y", estimates({"hope": (20, 40)}), RAW, {}), {"s": 5})
    assert frames["about"].to_numpy().tolist() == [["", ""]]
    assert all(frame.empty for name, frame in frames.items() if name != "about")
