"""How problems are told: with values in the restricted report, without them anywhere else."""

import csv
import io
from pathlib import Path

from pipeline.problems import Problem, ProblemsFoundError, by_rule, keep_report, nearest, report, summary

CELL = Problem("sessions.csv", 7, "minutes", "forty, or so", "not a whole number", "Write digits only.")
FILE = Problem("study.yml", 3, "", "", "unknown key 'x'", "Remove it.")


def test_a_line_has_all_but_the_value() -> None:
    assert CELL.without_value() == "sessions.csv, row 7, column minutes: not a whole number. Write digits only."
    assert FILE.without_value() == "study.yml, line 3: unknown key 'x'. Remove it."
    assert "forty" not in str(ProblemsFoundError([CELL]))


def test_long_lists_are_cut_and_counted() -> None:
    lines = summary([CELL] * 15, most=12)
    assert len(lines) == 13
    assert lines[-1] == "... and 3 more"
    assert summary([]) == []
    assert by_rule([FILE, CELL, CELL]) == {"not a whole number": 2, "unknown key 'x'": 1}


def test_the_report_is_csv_with_the_value() -> None:
    rows = list(csv.DictReader(io.StringIO(report([CELL, FILE]))))
    assert rows[0] == {
        "file": "sessions.csv",
        "row": "7",
        "column": "minutes",
        "value": "forty, or so",
        "rule": "not a whole number",
        "remedy": "Write digits only.",
    }
    assert len(rows) == 2


def test_the_nearest_word_whatever_its_case() -> None:
    assert nearest("hopefull", ["hopeful", "supported"]) == "Did you mean 'hopeful'?"
    assert nearest("ALDER HOUSE", ["Alder House", "Birch"]) == "Did you mean 'Alder House'?"
    assert nearest("zzz", ["a", "b"]) == "Known: a, b."
    assert nearest("zzz", [f"n{i}" for i in range(20)]).endswith("n11, ....")
    assert nearest("zzz", []) == ""


def test_reports_of_tables_are_put_together_and_go_one_by_one(tmp_path: Path) -> None:
    together = keep_report(tmp_path, "sessions", [CELL])
    assert keep_report(tmp_path, "study", [FILE]) == together
    assert [row["file"] for row in _rows(together)] == ["sessions.csv", "study.yml"]
    keep_report(tmp_path, "sessions", [CELL, CELL])
    assert len(_rows(together)) == 3, "the later report of a table takes the place of the earlier"
    keep_report(tmp_path, "sessions", [])
    assert [row["file"] for row in _rows(together)] == ["study.yml"]
    keep_report(tmp_path, "study", [])
    assert not together.exists()


def test_a_study_without_problems_gets_no_folder(tmp_path: Path) -> None:
    keep_report(tmp_path / "s", "sessions", [])
    assert not (tmp_path / "s").exists()


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
