"""Broken raw files: what the person who has to mend them is told, and what stays as it was."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pipeline.run import run
from pipeline.store import Project

SESSIONS, FEEDBACK = "sessions.csv", "client_feedback.csv"
ROW = 7
"""Row of the file, as a spreadsheet numbers it, in which the cell is broken."""


@dataclass(frozen=True)
class Broken:
    """A way to break a file, and the one problem that it should make."""

    file: str
    do: Callable[[list[list[str]]], Any]
    row: int | None
    column: str
    value: str
    rule: str
    remedy: str

    @property
    def table(self) -> str:
        return "surveys" if self.file == FEEDBACK else "sessions"


def put(column: str, value: str) -> Callable[[list[list[str]]], None]:
    def change(rows: list[list[str]]) -> None:
        rows[ROW - 1][rows[0].index(column)] = value

    return change


def drop_column(name: str) -> Callable[[list[list[str]]], None]:
    def change(rows: list[list[str]]) -> None:
        place = rows[0].index(name)
        for row in rows:
            del row[place]

    return change


KINDS = {
    "missing column": Broken(SESSIONS, drop_column("client"), 1, "client", "", "the column is missing", "Add it"),
    "unknown service": Broken(
        SESSIONS, put("service", "aldr"), ROW, "service", "aldr", "unknown service", "Did you mean 'alder'?"
    ),
    "answer off the scale": Broken(
        FEEDBACK, put("hopeful", "Perhaps"), ROW, "hopeful", "Perhaps", "not an answer of client-feedback",
        "Yes, definitely",
    ),
    "negative minutes": Broken(
        SESSIONS, put("minutes", "-20"), ROW, "minutes", "-20", "must be 0 or more", "Correct the value"
    ),
    "impossible date": Broken(
        SESSIONS, put("date", "2024-02-30"), ROW, "date", "2024-02-30", "not a date of the calendar", "2024-03-31"
    ),
    "text in a number column": Broken(
        SESSIONS, put("minutes", "forty"), ROW, "minutes", "forty", "not a whole number", "digits only"
    ),
    "ragged row": Broken(
        SESSIONS, lambda rows: rows[ROW - 1].append("more"), ROW, "", "", "the row has 10 cells but the header has 9",
        "separator",
    ),
    "no header": Broken(
        SESSIONS, lambda rows: rows.pop(0), 1, "", "", "the first row does not name the columns", "session, client"
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_broken_cell_stops_its_branch_until_it_is_mended(kind: str, project: Project, mini: Path) -> None:
    broken = KINDS[kind]
    path = mini / broken.file
    good = path.read_bytes()
    rows = list(csv.reader(good.decode().splitlines()))
    broken.do(rows)
    write(path, rows)
    _fails_and_leaves_the_rest(project, broken.table)
    wanted = [p for p in problems(project) if p["column"] == broken.column]
    assert len(wanted) == 1
    found = wanted[0]
    assert found["file"] == broken.file
    assert found["row"] == str(broken.row)
    assert found["value"] == broken.value
    assert broken.rule in found["rule"]
    assert broken.remedy in found["remedy"]
    assert run(project).failed, "without a mend the next run fails again"
    _is_well_after(project, path, good)


def test_a_key_used_twice_is_told_for_both_rows(project: Project, mini: Path) -> None:
    path = mini / SESSIONS
    good = path.read_bytes()
    rows = list(csv.reader(good.decode().splitlines()))
    rows.append(rows[ROW - 1])
    write(path, rows)
    _fails_and_leaves_the_rest(project, "sessions")
    found = problems(project)
    assert [p["row"] for p in found] == [str(ROW), str(len(rows))]
    assert {p["column"] for p in found} == {"session + client"}
    assert {p["value"] for p in found} == {" + ".join(rows[ROW - 1][:2])}
    assert {p["rule"] for p in found} == {"the key is used more than once"}
    _is_well_after(project, path, good)


@pytest.mark.parametrize(
    ("content", "row", "rule"),
    [
        (b"", "", "the file is empty"),
        ("session,client\nä,ö\n".encode("latin-1"), "2", "not UTF-8 text"),
    ],
    ids=["empty", "latin-1"],
)
def test_a_file_that_can_not_be_read(content: bytes, row: str, rule: str, project: Project, mini: Path) -> None:
    path = mini / SESSIONS
    good = path.read_bytes()
    path.write_bytes(content)
    _fails_and_leaves_the_rest(project, "sessions")
    (found,) = problems(project)
    assert (found["file"], found["row"], found["value"]) == (SESSIONS, row, "")
    assert rule in found["rule"]
    assert found["remedy"]
    assert run(project).failed, "without a mend the next run fails again"
    _is_well_after(project, path, good)


def test_two_broken_tables_are_told_together_and_mended_one_by_one(project: Project, mini: Path) -> None:
    good = {name: (mini / name).read_bytes() for name in (SESSIONS, FEEDBACK)}
    for name, column in ((SESSIONS, "minutes"), (FEEDBACK, "hopeful")):
        rows = list(csv.reader(good[name].decode().splitlines()))
        put(column, "?")(rows)
        write(mini / name, rows)
    assert set(run(project).failed) == {"mini_river/sessions", "mini_river/surveys"}
    assert {p["file"] for p in problems(project)} == {SESSIONS, FEEDBACK}
    (mini / SESSIONS).write_bytes(good[SESSIONS])
    assert set(run(project).failed) == {"mini_river/surveys"}
    assert {p["file"] for p in problems(project)} == {FEEDBACK}
    _is_well_after(project, mini / FEEDBACK, good[FEEDBACK])


def test_a_mend_by_another_value_runs_what_is_below(project: Project, mini: Path) -> None:
    path = mini / SESSIONS
    rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
    put("minutes", "forty")(rows)
    write(path, rows)
    assert not run(project).succeeded
    put("minutes", "41")(rows)
    del rows[-1]  # one contact fewer, so that shares move
    write(path, rows)
    outcome = run(project)
    assert outcome.succeeded
    assert {"mini_river/sessions", "mini_river/support", "mini_river/release"} <= set(outcome.changed)
    assert outcome.estimates["moved"]
    assert not report(project).exists()


def test_the_command_ends_with_1_until_the_file_is_mended(project: Project, mini: Path, peerscope: Any) -> None:
    path = mini / FEEDBACK
    good = path.read_bytes()
    path.write_bytes(good.replace(b"Yes, definitely", b"Yes definitly", 1))
    before = released(project)
    result = peerscope(project, "run")
    assert result.returncode == 1, result.stderr
    assert "failed   mini_river/surveys: 1 problem(s) to mend" in result.stdout
    assert "client_feedback.csv, row" in result.stdout
    assert "not an answer of client-feedback" in result.stdout
    assert "outputs/restricted/mini-river/problems.csv" in result.stdout
    assert "what they made before is as it was" in result.stdout
    assert released(project) == before
    path.write_bytes(good)
    assert peerscope(project, "run").returncode == 0


def _fails_and_leaves_the_rest(project: Project, table: str) -> None:
    before = released(project)
    outcome = run(project)
    assert not outcome.succeeded
    assert list(outcome.failed) == [f"mini_river/{table}"]
    assert {"mini_river/release", "mini_river/figures", "release/estimates"} <= set(outcome.skipped)
    assert not outcome.changed
    assert released(project) == before


def _is_well_after(project: Project, path: Path, good: bytes) -> None:
    path.write_bytes(good)
    assert run(project).succeeded
    assert not report(project).exists()
    assert not run(project).stale


def report(project: Project) -> Path:
    return project.restricted("mini-river", "problems.csv")


def problems(project: Project) -> list[dict[str, str]]:
    with report(project).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def write(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)


def released(project: Project) -> dict[str, bytes]:
    """All that earlier runs made, but for reports on this very failure and Dagster's own state."""
    made = [p for zone in ("release", "restricted", "manifest") for p in (project.outputs / zone).rglob("*")]
    return {
        str(p.relative_to(project.outputs)): p.read_bytes()
        for p in made
        if p.is_file() and "problems" not in {p.stem, p.parent.name}
    }
