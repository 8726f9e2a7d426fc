"""How each column of a record comes from an export, with counts: the table raw → record of ``validate --explain``.

Cells of participants are never shown: only what the study file itself names (recodes, skip codes) is counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from pipeline.ingest.export import ROW
from pipeline.ingest.mapping import meanings, meant
from pipeline.row_reader import RowReader
from pipeline.sources import files_of
from pipeline.validation import schema_of
from schemas.sources import Column
from schemas.study import Study, SurveyTable

Line = tuple[str, str, str, str, str]
"""Column of the record, where it comes from, how, cells filled, cells empty."""


@dataclass
class Explanation:
    """One file of one table."""

    file: str
    table: str
    read: int = 0
    meant: int = 0
    lines: list[Line] = field(default_factory=list)
    not_used: Sequence[str] = ()


def explain(folder: Path, study: Study, table: str) -> Iterator[Explanation]:
    """Each file of a table.

    Raises
    ------
    ProblemsFoundError
        When a file can't be read, or lacks a column.
    """
    for index, source in enumerate(getattr(study.tables, table)):
        for path in files_of(folder, source, table, index):
            yield _explain(RowReader(path, schema_of(table), source, study, table))


def _explain(reader: RowReader) -> Explanation:
    filled: Counter[str] = Counter()
    rows_of: Counter[str] = Counter()
    named: Counter[tuple[str, str]] = Counter()
    found = Explanation(reader.name, reader.table)
    for rows in reader.batches():
        found.meant += rows[ROW].n_unique()
        for name in rows.columns[1:]:
            filled[name] += rows.height - rows[name].null_count()
            rows_of[name] += rows.height
    for texts in reader.export.batches():
        found.read += texts.height
        _count_named(reader, meant(texts, reader.source), named)
    for name in reader.wanted.columns:
        found.lines.append(_line(reader, name, filled[name], rows_of[name], named))
    found.not_used = reader.not_used
    return found


def _count_named(reader: RowReader, texts: pl.DataFrame, named: Counter[tuple[str, str]]) -> None:
    """How often each cell that the study file recodes or skips stands in the rows that are meant."""
    for name, column in reader.columns.items():
        if len(column.from_) == 1 and column.from_[0] in texts.columns:
            cells = texts[column.from_[0]].str.to_lowercase()
            labels = {cell.lower(): of.lower() for cell, of in reader.export.answers.get(column.from_[0], {}).items()}
            labelled = cells.replace_strict(labels, default="", return_dtype=pl.String) if labels else cells
            for cell in _declared(reader, name, column):
                met = (cells == cell.lower()) | (labelled == cell.lower())
                named[name, cell] += int(met.sum()) if cell else cells.null_count()


def _declared(reader: RowReader, name: str, column: Column) -> dict[str, str | None]:
    """Cells that the study file names, and what they stand for."""
    of_answers = isinstance(reader.source, SurveyTable) and name in reader.wanted.answers
    answers = reader.source.answers if of_answers and isinstance(reader.source, SurveyTable) else {}
    only = column.from_[0] if len(column.from_) == 1 else ""
    known = meanings(name, column, reader.wanted, reader.source, reader.export)
    silent = [cell for cell in sorted(reader.export.missing.get(only, ())) if known[cell.lower()] is None]
    skipped = dict.fromkeys((*silent, *reader.source.missing, *column.missing), None)
    return skipped | answers | column.recode


def _line(reader: RowReader, name: str, filled: int, total: int, named: Counter[tuple[str, str]]) -> Line:
    column = reader.columns.get(name)
    if column is None:
        return name, "", "not in this export", "", ""
    source = ", ".join(column.from_) if column.from_ else f"always {column.value}"
    return name, source, "; ".join(_how(reader, name, column, named)), str(filled), str(total - filled)


def _how(reader: RowReader, name: str, column: Column, named: Counter[tuple[str, str]]) -> Iterator[str]:
    if len(column.from_) > 1:
        yield f"joined by '{column.joined_by}'"
    for cell, to in _declared(reader, name, column).items():
        count = named[name, cell]
        if count or cell in column.recode:
            yield f"{cell or 'empty'} → {to if to is not None else 'empty'} ({count})"
    if column.otherwise is not None:
        yield f"anything else → {column.otherwise}"
    if column.unit:
        yield f"read as {column.unit}"
    if reader.date_formats.get(name):
        yield f"dates as {column.dates or reader.source.format.dates}"
    if len(column.from_) == 1 and reader.export.answers.get(column.from_[0]):
        yield "labels of the file"
    stack = reader.source.stack
    if stack and column.from_ == (stack.into,):
        yield (
            f"one row for each of {len(stack.columns)} columns that is ticked"
            if stack.columns
            else (f"one row for each answer of {stack.split}")
        )
