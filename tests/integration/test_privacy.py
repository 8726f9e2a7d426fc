"""What participants wrote stays in the restricted zone: not on the terminal, not in Dagster's storage."""

import csv
import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.run import run
from pipeline.store import Project

MARKER = "ZEBRA-SECRET-77"


def test_a_broken_value_is_told_in_the_problem_report_only(project: Project, mini: Path, peerscope: Any) -> None:
    _put_marker(mini / "sessions.csv", "minutes")
    _put_marker(mini / "client_feedback.csv", "hopeful")
    result = peerscope(project, "run")
    assert result.returncode == 1
    assert MARKER not in result.stdout + result.stderr
    assert _files_with(MARKER, project.outputs) == {
        "restricted/mini-river/problems.csv",
        "restricted/mini-river/problems/sessions.csv",
        "restricted/mini-river/problems/surveys.csv",
    }


def test_validate_prints_no_value(bare: Project, peerscope: Any) -> None:
    _put_marker(bare.raw / "mini-river" / "sessions.csv", "service")
    result = peerscope(bare, "validate")
    assert result.returncode == 1
    assert "unknown service" in result.stdout
    assert MARKER not in result.stdout + result.stderr
    assert "restricted/mini-river/problems.csv" in _files_with(MARKER, bare.outputs)


@pytest.mark.parametrize("name", ["sessions.csv", "client_feedback.csv"])
def test_a_file_without_a_header_gives_nothing_away(
    name: str, project: Project, mini: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = mini / name
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    first = next(csv.reader([lines[1]]))
    path.write_text("".join(lines[1:]), encoding="utf-8")
    outcome = run(project)
    assert len(outcome.failed) == 1
    told = "".join(capfd.readouterr()) + "".join(outcome.failed.values())
    for value in (first[0], first[1]) if name == "sessions.csv" else (first[0],):
        assert value not in told
        assert not _files_with(value, project.dagster_home)


def test_a_run_that_goes_well_leaves_no_ids_in_dagster(project: Project) -> None:
    sessions = pl.read_parquet(project.records("mini-river", "sessions"))
    surveys = pl.read_parquet(project.records("mini-river", "surveys"))
    ids = {*sessions["client"], *sessions["session"], *sessions["worker"]}
    ids |= {one.split(":")[-1] for one in surveys["respondent"]}
    assert len(ids) > 500
    assert not _ids_in(ids, project.dagster_home)
    assert not _ids_in(ids, project.release)
    assert not _ids_in(ids, project.outputs / "manifest")
    assert _ids_in(ids, project.outputs / "restricted"), "the search finds what is there"


def test_no_asset_hands_rows_to_dagsters_own_storage(project: Project) -> None:
    assert (project.dagster_home / "history").is_dir(), "the run was recorded"
    assert not [path for path in (project.dagster_home / "storage").rglob("*") if path.is_file()]


@pytest.mark.parametrize("chained", [False, True], ids=["alone", "with a cause"])
def test_an_unexpected_error_is_told_without_its_words(
    chained: bool, project: Project, mini: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def breaks(*_: object) -> None:
        try:
            raise ValueError(f"the cell says {MARKER}")
        except ValueError as error:
            if chained:
                raise RuntimeError(MARKER) from error
            raise

    monkeypatch.setattr("pipeline.recording.record_table", breaks)
    with (mini / "sessions.csv").open("a", encoding="utf-8") as stream:
        stream.write("\n")
    outcome = run(project)
    (told,) = outcome.failed.values()
    assert told.startswith(("RuntimeError", "ValueError"))
    assert "outputs/restricted/mini-river/errors/sessions.txt" in told
    assert MARKER not in told + "".join(capfd.readouterr())
    assert _files_with(MARKER, project.outputs) == {"restricted/mini-river/errors/sessions.txt"}


def test_run_json_says_nothing_of_participants(project: Project) -> None:
    text = (project.outputs / "run.json").read_text(encoding="utf-8")
    assert not re.search(r"\b[csrw]-[0-9a-f]{5}\b", text)
    assert str(project.root) not in text


def _put_marker(path: Path, column: str) -> None:
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    rows[5][rows[0].index(column)] = MARKER
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)


def _files_with(text: str, folder: Path) -> set[str]:
    """Files with a text anywhere in their bytes, as UTF-8 or UTF-16."""
    forms = (text.encode(), text.encode("utf-16-le"))
    files = (path for path in folder.rglob("*") if path.is_file())
    return {p.relative_to(folder).as_posix() for p in files if any(form in p.read_bytes() for form in forms)}


def _ids_in(ids: set[str], folder: Path) -> set[str]:
    """Which of the ids occur, between other characters than those of an id, anywhere in a folder's bytes."""
    found: set[str] = set()
    for path in (p for p in folder.rglob("*") if p.is_file()):
        words = set(re.findall(rb"[a-z]-[0-9a-f]{5}(?![0-9a-f])", path.read_bytes()))
        found |= {word.decode() for word in words} & ids
    return found
