"""Parquet files: columns that have types of their own, read in batches.

How values are written as cells belongs in ``cells.py``; taking snapshots of a database in ``pipeline.snapshot``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from pipeline.ingest.cells import refuse_nested, texts
from pipeline.ingest.export import ROW, Export
from pipeline.problems import ProblemsFoundError, file_problem
from schemas.sources import Format

BATCH = 100_000


def read(path: Path, declared: Format | None = None) -> Export:
    """A Parquet file; rows are numbered from 1, since it has no header row.

    Raises
    ------
    ProblemsFoundError
        When it is no Parquet file, or a column has lists, structures or bytes, or is named as ``ROW`` is.
    """
    refuse_nested(path, schema_of(path))
    return Export(lambda: (texts(batch) for batch in typed_batches(path)))


def schema_of(path: Path) -> pl.Schema:
    """Names and types of the columns.

    Raises
    ------
    ProblemsFoundError
        When it is no Parquet file, or a column is named as ``ROW`` is.
    """
    try:
        schema = pl.scan_parquet(path, glob=False).collect_schema()
    except (pl.exceptions.ComputeError, OSError) as error:
        raise _unreadable(path) from error
    if ROW in schema:
        raise ProblemsFoundError([file_problem(path, f"a column is named {ROW}", "Rename it.", column=ROW)])
    return schema


def typed_batches(path: Path, rows: int = BATCH) -> Iterator[pl.DataFrame]:
    """Frames of at most ``rows`` rows with their own types and ``ROW``; at least one, empty if the file is.

    Raises
    ------
    ProblemsFoundError
        When the file breaks off.
    """
    numbered = pl.scan_parquet(path, glob=False).with_row_index(ROW, 1).cast({ROW: pl.Int64})
    none = True
    try:
        for batch in numbered.collect_batches(chunk_size=rows):
            none = False
            yield batch
    except (pl.exceptions.ComputeError, OSError) as error:
        raise _unreadable(path) from error
    if none:
        yield numbered.clear().collect()


def _unreadable(path: Path) -> ProblemsFoundError:
    # What Polars says names the path on this machine.
    return ProblemsFoundError([file_problem(path, "not readable as Parquet", "Export it again.")])
