"""One record table from its raw files to Parquet, batch by batch: valid rows kept, wrong ones told or set aside.

Checking the rows belongs in ``validation.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.problems import Problem, ProblemsFoundError
from pipeline.store import sink_parquet, staged
from pipeline.validation import TableStream, schema_of
from schemas.study import Study

Check = Callable[[Path, Study, str], Sequence[Problem]]


@dataclass(frozen=True)
class Recorded:
    """What came of one table."""

    rows: int
    columns: int
    files: Sequence[str]
    rows_aside: int
    rows_read: int
    rules: Mapping[str, int]
    aside: Sequence[Problem]

    def counts(self) -> dict[str, Any]:
        """Counts and rules, without any value."""
        read = {"rows": self.rows, "rows read": self.rows_read}
        return {**read, "rows set aside": self.rows_aside, "rules": dict(self.rules)}


def record_table(folder: Path, study: Study, table: str, path: Path, beyond: Check | None = None) -> Recorded:
    """Write the valid rows of one table to ``path``, all or nothing.

    ``beyond`` finds what is wrong with the table's files beyond their rows, before anything takes its place.

    Raises
    ------
    ProblemsFoundError
        With the problems of all files of the table that stop it; ``path`` is then as it was.
    """
    stream = TableStream(folder, study, table)
    columns = schema_of(table).to_schema().columns
    schema = {name: one.dtype.type for name, one in columns.items()}
    with staged(path) as temporary:
        sink_parquet(temporary, schema, stream)
        places = stream.finish(pl.scan_parquet(temporary))
        if len(places):
            _leave_out(temporary, places)
        if problems := beyond(folder, study, table) if beyond else ():
            raise ProblemsFoundError(problems)
        rows = pl.scan_parquet(temporary).select(pl.len()).collect().item()
    tally = stream.rows.aside
    files = [reader.path.name for reader in stream.readers]
    aside, read = stream.rows.rows_aside, stream.rows.rows_read
    return Recorded(rows, len(columns), files, aside, read, tally.rules, tally.told())


def _leave_out(path: Path, places: pl.Series) -> None:
    """Write the rows anew without those at some places."""
    index = pl.int_range(pl.len(), dtype=pl.Int64).alias("#place")
    rows = pl.scan_parquet(path).with_columns(index)
    kept = rows.join(places.to_frame("#place").lazy(), on="#place", how="anti", maintain_order="left")
    with staged(path) as other:
        kept.drop("#place").sink_parquet(other, compression="lz4", maintain_order=True)
