"""YAML files as models: cells of exports are what they look like, and mistakes are told with their line."""

from datetime import date
from pathlib import Path

import pytest

from pipeline.problems import Problem, ProblemsFoundError
from pipeline.yaml_models import load
from schemas.sources import Source
from schemas.study import Study
from tests.unit.raw_studies import STUDY


def source(tmp_path: Path, text: str) -> Source:
    path = tmp_path / "source.yml"
    path.write_text(f"file: log.csv\n{text}", encoding="utf-8")
    return load(path, Source)


@pytest.mark.parametrize(
    "cell",
    [
        "yes",
        "No",
        "ON",
        "off",
        "y",
        "010",
        "007",
        "0x1F",
        "12:30",
        "1_000",
        "1e3",
        "1",
        "-9",
        "1.5",
        "true",
        "2024-03-31",
    ],
)
def test_a_cell_is_what_it_looks_like(cell: str, tmp_path: Path) -> None:
    found = source(tmp_path, f"missing: [{cell}]\ncolumns: {{a: {{from: A, recode: {{{cell}: x}}}}}}\n")
    assert found.missing == (cell,)
    assert found.columns["a"].recode == {cell: "x"}


def test_null_is_nothing(tmp_path: Path) -> None:
    found = source(tmp_path, 'columns: {a: {from: A, recode: {x: null, y: ~, z: , "": v}}}\n')
    assert found.columns["a"].recode == {"x": None, "y": None, "z": None, "": "v"}


def problems(tmp_path: Path, text: str) -> list[Problem]:
    path = tmp_path / "valley" / "study.yml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ProblemsFoundError) as caught:
        load(path, Study)
    return list(caught.value.problems)


LOG = "  sessions:\n    - file: log.csv\n      data_status: observed\n"
LINES = (STUDY + LOG).count("\n")


@pytest.mark.parametrize(
    ("entry", "rule", "remedy"),
    [
        ("      colums: {}\n", "unknown key 'colums'", "'columns'"),
        ("      columns: {minutes: {form: Duration}}\n", "unknown key 'form'", "'from'"),
        ("      columns: {minutes: {from_: Duration}}\n", "unknown key 'from_'", "'from'"),
        ("      columns: {minutes: {from: A, unit: hour}}\n", "'hour' is not one of those known", "'hours'"),
        ("      columns: {date: {from: A, dates: dd.mm.yyyy}}\n", "unknown part of a date: dd", "Correct it"),
        ("      columns: [minutes]\n", "must have keys", "Correct it"),
        (
            "      columns: {minutes: {from: A, recode: {Yes: 1, yes: 2}}}\n",
            "'yes' stands for two things",
            "Correct it",
        ),
        ("      format: {encoding: ansi}\n", "'ansi' is not one of those known", ""),
        ("      format: semicolon\n", "must have keys", "Correct it"),
        ("      stack: {columns: {a: b}}\n", "'into' is missing", "Add it"),
        ("      on_invalid: ignore\n", "'ignore' is not one of those known", "quarantine"),
        ("      file: other.csv\n", "'file' stands twice", "Remove one of them"),
        ("      columns: {a: A, a: B}\n", "'a' stands twice", "Remove one of them"),
        ("      columns: {a: {from: A, recode: {1: x, 1: y}}}\n", "'1' stands twice", "Remove one of them"),
        ("      columns: {a: [A\n", "not valid YAML", "Check the indentation"),
    ],
)
def test_mistakes_are_told_with_their_line(entry: str, rule: str, remedy: str, tmp_path: Path) -> None:
    (found,) = problems(tmp_path, STUDY + LOG + entry)
    assert rule in found.rule
    assert remedy in found.remedy
    assert found.row in (LINES + 1, LINES + 2), "the line, or the one after it where it is not ended"


def test_an_entry_that_is_no_list(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, STUDY + "  sessions: {file: log.csv, data_status: observed}\n")
    assert (found.column, found.row) == ("tables.sessions", STUDY.count("\n") + 1)
    assert found.rule.startswith("must be a list")


def test_dates_numbers_and_merged_keys_stay_what_they_are(tmp_path: Path) -> None:
    path = tmp_path / "study.yml"
    path.write_text(
        STUDY + "  doses:\n    - &entry {file: a.csv, data_status: observed}\n    - {<<: *entry, file: b.csv}\n"
        "disclosure: {minimum_cell: 10, dominance: 0.75}\n",
        encoding="utf-8",
    )
    found = load(path, Study)
    assert found.period is not None
    assert found.period.start == date(2024, 1, 1)
    assert (found.disclosure.minimum_cell, found.disclosure.dominance) == (10, 0.75)
    assert [one.file for one in found.tables.doses] == ["a.csv", "b.csv"]


def test_a_file_that_is_not_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "study.yml"
    path.write_bytes("title: Zürich".encode("latin-1"))
    with pytest.raises(ProblemsFoundError, match="not UTF-8"):
        load(path, Study)
