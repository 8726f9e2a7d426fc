"""Which reader reads a file. How each format is read belongs in the reader modules."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path

from pipeline.ingest.export import Export
from pipeline.problems import ProblemsFoundError, file_problem
from schemas.sources import BY_ENDING, Format

READERS = {
    "csv": "csv",
    "excel": "excel",
    "spss": "spss",
    "stata": "stata",
    "parquet": "parquet",
    "redcap": "redcap",
    "qualtrics": "qualtrics",
    "limesurvey": "limesurvey",
    "microsoft-forms": "forms",
    "google-forms": "forms",
}
"""Module of ``pipeline.ingest`` by format."""

CODED_TEXT = {"refi-qda": "refi_qda", "taguette": "taguette"}
"""Modules that read several record tables from one file of coded text."""


def format_of(path: Path, declared: Format) -> str:
    """The declared format of a file, else the one of its ending.

    Raises
    ------
    ProblemsFoundError
        When neither says.
    """
    ending = Path(path.stem).suffix if path.suffix == ".gz" else path.suffix
    found = declared.type or BY_ENDING.get(ending.lower())
    if found is None:
        remedy = (
            f"Say it in the study file, such as format: {{type: csv}}. Known: {', '.join([*READERS, *CODED_TEXT])}."
        )
        raise ProblemsFoundError([file_problem(path, "the ending does not tell the format", remedy)])
    return found


def read(path: Path, declared: Format, table: str = "") -> Export:
    """A raw file as its reader gives it; ``table`` says which record table a file of coded text is read for.

    Raises
    ------
    ProblemsFoundError
        When the format is not known or the file is not of it.
    """
    kind = format_of(path, declared)
    if kind in CODED_TEXT:
        return _coded_text(kind, path, path.stat().st_mtime_ns, table)
    export: Export = import_module(f"pipeline.ingest.{READERS[kind]}").read(path, declared)
    return export


@cache
def _coded_text(kind: str, path: Path, _changed: int, table: str) -> Export:
    from pipeline.ingest.export import of_frame

    frames = import_module(f"pipeline.ingest.{CODED_TEXT[kind]}").read_tables(path)
    return of_frame(frames[table])
