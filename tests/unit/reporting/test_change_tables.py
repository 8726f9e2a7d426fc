"""What the page on changes shows of a comparison."""

from pathlib import Path

import pandas as pd
import pytest

from pipeline.release_changes import changes as changes_between
from pipeline.release_changes import write_changes
from pipeline.release_history import Kept
from pipeline.reporting import change_tables
from pipeline.reporting.change_tables import FIRST, Changes
from pipeline.store import Project

SHARE = "instrument == 'recovery-practice' and statistic == 'share' and item == 'hope' and denominator == 'answered'"


def estimates(project: Project) -> pd.DataFrame:
    return pd.read_parquet(project.release / "estimates.parquet")


def show(project: Project, before: pd.DataFrame | None, raw: dict[str, str] | None = None) -> Changes:
    """The page's view of an earlier release and the present one."""
    now = Kept("2026-02-03T09:15+00:00", estimates(project), {"raw/harbour/staff.csv": "2"}, {"harbour/sessions": 4})
    kept = None if before is None else Kept("2026-01-02T08:00+00:00", before, raw or {}, {})
    write_changes(project, changes_between(kept, now, {"harbour": None, "mini-river": 5}))
    return Changes(project)


def every_part(changes: Changes) -> str:
    parts = ("summary", "by_study", "files", "moved", "appeared", "vanished", "set_aside")
    return "\n\n".join(str(getattr(change_tables, part)(changes)) for part in parts)


def test_the_first_run_has_nothing_to_compare_with(project: Project) -> None:
    changes = show(project, None)
    assert changes.is_first
    assert str(change_tables.summary(changes)).startswith(f"**{FIRST}**")
    assert str(change_tables.moved(changes)) == FIRST
    assert "|" not in every_part(changes)


def test_the_page_of_a_first_run_is_what_the_first_run_makes(made_project: Project) -> None:
    assert Changes(made_project).is_first


def test_nothing_changed_is_said_in_words(project: Project) -> None:
    told = every_part(show(project, estimates(project), {"raw/harbour/staff.csv": "2"}))
    for words in (
        "No estimate moved.",
        "No released number changed.",
        "No raw file changed.",
        "No estimate vanished.",
    ):
        assert words in told


def test_a_number_that_moved_is_told_from_to_and_by_how_much(project: Project) -> None:
    before = estimates(project)
    moved = before.query(f"{SHARE} and category == 'strongly-agree'").index
    before.loc[moved, ["value", "low", "high", "events"]] = [0.6, 0.4, 0.78, 12.0]
    changes = show(project, before)
    (first, *_) = str(change_tables.moved(changes)).splitlines()[2:]
    assert "Share: Encourage hope" in first
    assert "60% (40 to 78)" in first
    assert "65% (" in first
    assert first.endswith("| +5.0 points |")
    assert f"{len(moved)} estimates moved, {len(moved)} of them beyond rounding" in str(
        change_tables.summary(changes)
    )
    assert "3 February 2026, 09:15 UTC" in str(change_tables.summary(changes))
    assert "| Harbour" in str(change_tables.by_study(changes)).replace("harbour", "Harbour")
    assert "`raw/harbour/staff.csv` | new" in str(change_tables.files(changes))
    assert "| sessions | 0 | 4 |" in str(change_tables.set_aside(changes))


def test_where_few_people_changed_the_earlier_number_is_nowhere(project: Project) -> None:
    before = estimates(project)
    rows = before.query("study == 'mini-river' and statistic == 'share' and instrument != '' and value > 0.3").index
    before.loc[rows, "value"] = before.loc[rows, "value"] - 0.0123
    before.loc[rows, "events"] -= 1
    changes = show(project, before)
    told = str(change_tables.moved(changes))
    assert "the earlier number is not shown: a count behind it changed by fewer than 5." in told
    assert "outputs/run.json" in told
    assert "| Before |" not in told
    text = (project.release / "changes" / "estimates.csv").read_text(encoding="utf-8")
    assert not [value for value in before.loc[rows, "value"] if str(value) in text]


def test_long_lists_are_cut_and_the_rest_is_counted(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change_tables, "MOST", 3)
    before = estimates(project)
    before.loc[before["study"] == "harbour", "value"] += 0.01
    moved = int((before["study"].eq("harbour") & before["value"].notna()).sum())
    told = str(change_tables.moved(show(project, before, {"raw/harbour/staff.csv": "2"})))
    assert told.count("| harbour |") + told.count("| Harbour") == 3
    assert f"{moved - 3} more moved. The full list is `outputs/release/changes/estimates.csv`." in told


def test_what_came_and_went_is_counted_by_survey(project: Project) -> None:
    before = estimates(project)
    gone = before.head(2).assign(
        estimate_id=lambda f: f["estimate_id"].str.replace("harbour/", "gone/"), study="gone"
    )
    changes = show(project, pd.concat([before[before["study"] == "harbour"], gone]))
    appeared, vanished = str(change_tables.appeared(changes)), str(change_tables.vanished(changes))
    assert "Client feedback on peer support, Autumn 2024 | Share | appeared |" in appeared
    assert vanished.count("| gone | Recovery practice, Spring |") == 2, "a study that is gone has ids for names"


def test_only_the_release_zone_is_opened(project: Project, tmp_path: Path) -> None:
    before = estimates(project)
    before.loc[before["study"] == "harbour", "value"] += 0.01
    told = every_part(show(project, before))
    (project.outputs / "release").rename(tmp_path / "release")
    alone = Changes(Project(tmp_path, tmp_path))
    assert every_part(alone) == told
