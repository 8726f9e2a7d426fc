"""Which reader reads a file. How each format is read belongs in the reader modules."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path

import polars as pl

from pipeline.ingest.export import Export, of_frame
from pipeline.problems import ProblemsFoundError, file_problem
from pipeline.sources import CODED_TEXT, READERS, format_of
from schemas.sources import Format


def read(path: Path, declared: Format, table: str = "") -> Export:
    """A raw file as its reader gives it; ``table`` says which record table a file of coded text is read for.

    Raises
    ------
    ProblemsFoundError
        When the format is not known or the file is not of it.
    """
    kind = format_of(path, declared)
    if kind is None:
        remedy = f"Say it in the study file, such as format: {{type: csv}}. Known: {', '.join(READERS)}."
        raise ProblemsFoundError([file_problem(path, "the ending does not tell the format", remedy)])
    if kind in CODED_TEXT:
        frames = coded_text(path, declared)
        if table not in frames:
            raise ProblemsFoundError([file_problem(path, f"holds no {table}", f"It holds {', '.join(frames)}.")])
        return of_frame(frames[table])
    export: Export = import_module(READERS[kind]).read(path, declared)
    return export


def coded_text(path: Path, declared: Format) -> dict[str, pl.DataFrame]:
    """All that a file of coded text holds: record tables, its `documents`, and what was `skipped` and why.

    Raises
    ------
    ProblemsFoundError
        When it is not such a file.
    """
    kind = format_of(path, declared)
    if kind not in CODED_TEXT:
        rule, remedy = "not a file of coded text", "REFI-QDA projects (.qdpx) and Taguette projects (.sqlite3) are."
        raise ProblemsFoundError([file_problem(path, rule, remedy)])
    return _coded_text(kind, path, path.stat().st_mtime_ns)


@cache
def _coded_text(kind: str, path: Path, _changed: int) -> dict[str, pl.DataFrame]:
    frames: dict[str, pl.DataFrame] = import_module(READERS[kind]).read_tables(path)
    return frames
