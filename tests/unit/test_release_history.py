"""Which release is compared with which."""

import shutil

import pandas as pd

from pipeline.release_history import compared_releases
from pipeline.store import Project, write_csv


def edit(project: Project) -> None:
    path = project.release / "estimates.csv"
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")


def test_the_first_release_has_none_before_it(project: Project) -> None:
    shutil.rmtree(project.outputs / "history")
    before, now = compared_releases(project, {"raw/s/a.csv": "1"})
    assert before is None
    assert now.raw == {"raw/s/a.csv": "1"}
    pd.testing.assert_frame_equal(now.estimates, pd.read_parquet(project.release / "estimates.parquet"))


def test_asked_twice_the_answer_is_the_same(project: Project) -> None:
    shutil.rmtree(project.outputs / "history")
    compared_releases(project, {"raw/s/a.csv": "1"})
    edit(project)
    answers = [compared_releases(project, {"raw/s/a.csv": "2"}) for _ in range(3)]
    assert [(before.raw["raw/s/a.csv"], now.raw["raw/s/a.csv"]) for before, now in answers if before] == [
        ("1", "2")
    ] * 3


def test_a_changed_raw_file_alone_makes_another_release(project: Project) -> None:
    compared_releases(project, {"raw/s/a.csv": "1"})
    before, now = compared_releases(project, {"raw/s/a.csv": "2"})
    assert before is not None
    assert (before.raw, now.raw) == ({"raw/s/a.csv": "1"}, {"raw/s/a.csv": "2"})


def test_what_an_interrupted_comparison_leaves_is_put_right(project: Project) -> None:
    shutil.rmtree(project.outputs / "history")
    compared_releases(project, {"raw/s/a.csv": "1"})
    now = project.outputs / "history" / "now"
    now.rename(now.with_name("before"))  # interrupted before the present release was kept
    before, after = compared_releases(project, {"raw/s/a.csv": "2"})
    assert before is not None
    assert (before.raw, after.raw) == ({"raw/s/a.csv": "1"}, {"raw/s/a.csv": "2"})


def test_rows_set_aside_are_counted_by_study_and_table(project: Project) -> None:
    rows = [("s", "sessions", 5, 2, "minutes: must be 0 or more (5)"), ("t", "surveys", 0, 0, "")]
    columns = ["study", "table", "set_aside", "percent", "reasons"]
    write_csv(project.release / "set_aside.csv", pd.DataFrame(rows, columns=columns))
    _, now = compared_releases(project, {})
    assert now.set_aside == {"s/sessions": 5, "t/surveys": 0}
