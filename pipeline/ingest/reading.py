"""Which reader reads a file. How each format is read belongs in the reader modules."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path

from pipeline.ingest.export import Export
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
        return _coded_text(kind, path, path.stat().st_mtime_ns, table)
    export: Export = import_module(READERS[kind]).read(path, declared)
    return export


@cache
def _coded_text(kind: str, path: Path, _changed: int, table: str) -> Export:
    from pipeline.ingest.export import of_frame

    frames = import_module(READERS[kind]).read_tables(path)
    return of_frame(frames[table])
