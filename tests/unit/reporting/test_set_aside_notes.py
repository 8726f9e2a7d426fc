"""What was set aside of a raw table, wherever the table is used."""

from pathlib import Path

import pandas as pd
import pytest

from pipeline.methods.results import Context, Ledger
from pipeline.release import merge, write_release
from pipeline.reporting import audit_tables, study_overview, synthesis_tables
from pipeline.reporting.merged import Merged
from pipeline.reporting.reader import Release
from pipeline.reporting.set_aside_notes import all_set_aside
from pipeline.reporting.synthesis import Synthesis
from pipeline.store import Project, write_csv, write_text
from schemas.vocabulary import SET_ASIDE, parse_estimate_id

REASONS = "session: must not be empty (394); client: must not be empty (394); date: must not be empty (475); "
REASONS += "session + client: the key is used more than once (429)"
ROWS = [("s", "sessions", 1285, 11, REASONS), ("s", "workforce", 1, 0, "end: ends before it starts (1)")]
ROWS += [("s", "surveys", 0, 0, "")]
SESSIONS = (
    "1,285 rows of sessions (11%) were set aside as not valid (date: must not be empty, 475; session + client: the "
    "key is used more than once, 429; session: must not be empty, 394; and 1 more)."
)
POSTS = "1 row of workforce (less than 1%) was set aside as not valid (end: ends before it starts, 1)."


def estimates() -> pd.DataFrame:
    parts = []
    for family, item, statistic in (("support", "sessions", "mean"), ("staffing", "", "retention")):
        ledger = Ledger(Context("s", "observed", produced_by=f"s/{family}"))
        for service in ("all", "a"):
            ledger.estimate(statistic, 0.5, service=service, item=item, population=family)
        parts.append(ledger.results().estimates)
    ledger = Ledger(Context("s", "observed", produced_by="s/feedback"))
    keys = {"instrument": "form", "item": "hope", "category": "yes", "wave": "w1", "unit": "proportion"}
    ledger.estimate("share", 0.5, service="all", n=20, **keys)
    return pd.concat([*parts, ledger.results().estimates], ignore_index=True)


@pytest.fixture
def release(tmp_path: Path) -> Release:
    project = Project(tmp_path, tmp_path / "outputs")
    labels = pd.DataFrame(columns=["study", "kind", "parent", "id", "label", "order", "direction"])
    about = {"study": "s", "short_title": "River", "fictional": False, "source_family": "s", "services": 1}
    nothing = pd.DataFrame({"study": ["s"], "reason": ["minimum cell"], "cells": [0], "estimates": [0]})
    frames = {"estimates": estimates(), "labels": labels, "set_aside": pd.DataFrame(ROWS, columns=list(SET_ASIDE))}
    write_release(project, "s", frames | {"studies": pd.DataFrame([about]), "disclosure": nothing})
    return Release("s", project)


def test_a_table_ends_with_what_was_set_aside_of_the_rows_behind_it(release: Release) -> None:
    of_sessions = str(release.table("mean", rows="service"))
    assert of_sessions.splitlines()[-1] == f"*{SESSIONS}*"
    assert str(release.table("retention", rows="service")).splitlines()[-1] == f"*{POSTS}*"
    assert f"*{SESSIONS}*" in str(study_overview.sessions(release))


def test_of_a_table_without_wrong_rows_nothing_is_said(release: Release) -> None:
    assert str(release.table("share", rows="item")).splitlines()[-1] == "*Response: Form: response rate not known.*"


def test_a_figure_says_it_in_its_caption_also_where_its_estimates_are_patterns(release: Release) -> None:
    folder = release.project.release / "figures" / "s"
    found = release.estimates
    dose = found[found["item"] == "sessions"]["estimate_id"].to_list()
    patterns = [one.replace("s/a/", "s/*/") for one in dose]
    assert parse_estimate_id(patterns[1])["service"] == "*"
    index = [("dose", "Dose.", "Dots.", " ; ".join(dose)), ("many", "Many.", "Dots.", " ; ".join(patterns))]
    index += [("words", "Words.", "Words.", "")]
    write_csv(folder / "figures.csv", pd.DataFrame(index, columns=["name", "caption", "alt", "estimates"]))
    write_text(folder / "dose.txt", "Dots.\n")
    assert f"![Dose. {SESSIONS}](" in str(release.figure("dose"))
    assert f"![Many. {SESSIONS}](" in str(release.figure("many"))
    assert f"![Mine. {SESSIONS}](" in str(release.figure("dose", caption="Mine."))
    assert "![Words.](" in str(release.figure("words"))


def test_the_status_note_has_all_tables_and_all_reasons(release: Release) -> None:
    note = str(release.status_note())
    assert "client: must not be empty, 394). A row can have several faults. 1 row of workforce" in note
    assert "surveys" not in note


def test_a_study_that_sets_nothing_aside_says_nothing(made_project: Project) -> None:
    harbour = Release("harbour", made_project)
    assert len(harbour.set_aside) == 0
    assert "set aside" not in str(harbour.status_note())
    assert "set aside" not in str(study_overview.shares(harbour))


def test_names_of_columns_are_no_markup() -> None:
    row = ("s", "sessions", 2, 5, "_id*: must not be empty (2)")
    assert r"\_id\*: must not be empty, 2" in all_set_aside(pd.DataFrame([row], columns=list(SET_ASIDE)))


def test_reports_of_all_studies_have_a_table(release: Release) -> None:
    merge(release.project, ["s"], ("estimates", "labels", "disclosure", "set_aside", "studies"))
    merged = Merged(release.project)
    lines = str(audit_tables.set_aside(merged)).splitlines()
    assert lines[2].startswith("| River | sessions | 1,285 | 11 | date: must not be empty (475); session + client:")
    assert lines[3:] == [
        "| River | workforce | 1 | < 1 | end: ends before it starts (1) |",
        "| River | surveys | 0 | 0 | – |",
    ]
    assert audit_tables.set_aside_count(merged) == "1,286"
    told = str(synthesis_tables.set_aside(Synthesis(release.project)))
    assert "| River | sessions | 1,285 | 11 |" in told
    assert "surveys" not in told


def test_where_no_study_sets_anything_aside(made_project: Project) -> None:
    assert str(audit_tables.set_aside(Merged(made_project))).splitlines()[2:] == ["| None | – | – | – | – |"]
    assert str(synthesis_tables.set_aside(Synthesis(made_project))).startswith("No row of these studies")
