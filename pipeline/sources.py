"""Which files a table of the study file means. Light: the graph asks before anything heavy is imported.

Reading them belongs in ``pipeline.ingest``.
"""

from __future__ import annotations

from pathlib import Path

from schemas.sources import BY_ENDING, Format, Source
from schemas.study import Study, Tables

READERS = {
    "csv": "pipeline.ingest.csv",
    "excel": "pipeline.ingest.excel",
    "spss": "pipeline.ingest.spss",
    "stata": "pipeline.ingest.stata",
    "parquet": "pipeline.ingest.parquet",
    "redcap": "pipeline.ingest.redcap",
    "qualtrics": "pipeline.ingest.qualtrics",
    "limesurvey": "pipeline.ingest.limesurvey",
    "microsoft-forms": "pipeline.ingest.forms",
    "google-forms": "pipeline.ingest.forms",
    "refi-qda": "pipeline.ingest.refi_qda",
    "taguette": "pipeline.ingest.taguette",
}
"""The module that reads a format."""

CODED_TEXT = ("refi-qda", "taguette")
"""Formats of which one file holds several record tables."""

CORRECTIONS = "corrections.csv"
"""Declared fixes of raw cells, beside the study file."""


def files_of(folder: Path, source: Source, table: str, index: int) -> list[Path]:
    """The files of one entry (the ``index``-th) of a table, by name.

    A pattern gives those that are there; a query the snapshot of its rows. A named file is given even where it is
    not there.
    """
    if source.query:
        return [snapshot_file(folder, table, index)]
    if "*" in source.file:
        found = (path for path in folder.glob(source.file) if path.is_file())
        return sorted(path for path in found if not path.name.startswith((".", "~$")))  # what programs leave behind
    return [folder / source.file]


def snapshot_file(folder: Path, table: str, index: int) -> Path:
    """Where the rows of a query are kept: by table, numbered from its second entry on."""
    return folder / "snapshots" / (f"{table}-{index + 1}.parquet" if index else f"{table}.parquet")


def format_of(path: Path, declared: Format) -> str | None:
    """The declared format of a file, else the one of its ending, if that tells it."""
    ending = Path(path.stem).suffix if path.suffix == ".gz" else path.suffix
    return declared.type or BY_ENDING.get(ending.lower())


def reader_modules(folder: Path, source: Source, table: str, index: int) -> set[str]:
    """The modules that read the files of one entry."""
    kinds = {format_of(path, source.format) for path in files_of(folder, source, table, index)}
    return {READERS[kind] for kind in kinds if kind}


def dictionary_of(folder: Path, source: Source) -> Path | None:
    """The data dictionary that belongs to an export, where one is declared."""
    beside = (folder / source.file).parent
    return beside / source.format.dictionary if source.format.dictionary else None


def tolerant_tables(study: Study) -> tuple[str, ...]:
    """Tables of which wrong rows are set aside instead of stopping them."""
    return tuple(
        name
        for name in Tables.model_fields
        if any(one.on_invalid == "quarantine" for one in getattr(study.tables, name))
    )
