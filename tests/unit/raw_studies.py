"""Studies of one's own, written as a user writes them: a study file, raw files, and nothing else."""

import gzip
import textwrap
from pathlib import Path

import polars as pl
import pytest

from pipeline.problems import Problem, ProblemsFoundError
from pipeline.recording import Recorded, record_table
from pipeline.studies import load_study
from pipeline.validation import read_table
from schemas.study import Study

STUDY = """\
study: valley
title: Valley
period: {start: 2024-01-01, end: 2025-12-31}
source_family: valley
services:
  - {id: alder, name: Alder House, written: [AH, "The Alders"]}
  - {id: birch, name: Birch Street}
waves:
  - {id: spring, label: Spring 2024, start: 2024-03-01, end: 2024-03-31}
  - {id: autumn, label: Autumn 2024, start: 2024-10-01, end: 2024-10-31}
tables:
"""
SESSIONS = "session,client,service,date,attended\n"
ITEMS = "hope,life-goals,choices,symptoms,aspirations"


def write(folder: Path, tables: str, files: dict[str, str | bytes]) -> Path:
    """The folder of a study whose ``tables`` are these."""
    valley = folder / "valley"
    valley.mkdir(exist_ok=True)
    (valley / "study.yml").write_text(STUDY + textwrap.indent(textwrap.dedent(tables), "  "), encoding="utf-8")
    for name, content in files.items():
        path = valley / name
        path.parent.mkdir(exist_ok=True)
        data = content.encode() if isinstance(content, str) else content
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return valley


def study_of(folder: Path) -> Study:
    return load_study(folder)


def record(folder: Path, table: str) -> pl.DataFrame:
    return read_table(folder, load_study(folder), table)


def recorded(folder: Path, table: str) -> tuple[Recorded, pl.DataFrame]:
    path = folder.parent / f"{table}.parquet"
    return record_table(folder, load_study(folder), table, path), pl.read_parquet(path)


def problems(folder: Path, table: str) -> list[Problem]:
    """What stops a table."""
    with pytest.raises(ProblemsFoundError) as caught:
        record(folder, table)
    return list(caught.value.problems)


def sessions(tmp_path: Path, entry: str, text: str, name: str = "log.csv") -> Path:
    """A study with one session log; ``entry`` is what stands beside its file."""
    tables = f"sessions:\n  - file: {name}\n    data_status: observed\n" + textwrap.indent(
        textwrap.dedent(entry), "    "
    )
    return write(tmp_path, tables, {name: text})


def survey(tmp_path: Path, entry: str, text: str | bytes, name: str = "answers.csv") -> Path:
    """A study with one survey of staff in spring."""
    facts = f"surveys:\n  - file: {name}\n    data_status: observed\n"
    facts += "    instrument: recovery-practice\n    wave: spring\n"
    return write(tmp_path, facts + textwrap.indent(textwrap.dedent(entry), "    "), {name: text})


def answers_of(folder: Path, item: str) -> dict[str, tuple[int | None, str]]:
    """Code and label of one item by respondent."""
    rows = record(folder, "surveys").filter(pl.col("item") == item)
    return {
        who.removeprefix("spring:"): (code, label)
        for who, code, label in rows.select("respondent", "response", "label").rows()
    }
