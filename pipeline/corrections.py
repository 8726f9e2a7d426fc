"""Corrections: declared fixes of raw cells, each of which must find exactly the value it expects.

The file is ``raw/<study>/corrections.csv``: table, row, column, from, to, reason, by. Raw files stay as they came;
what is corrected, why and by whom is on record. A correction says what one would otherwise edit in the raw file:

- ``from`` and ``to`` are cells of the export, before anything is recoded, in the unit and date format of the export.
  For a cell that the file labels, ``from`` may be the label.
- ``column`` is a column of the export, or the column of the record that is made of it.
- ``row`` names the row by columns of the record (the key, as the record has it), by other columns of the export, by
  wave or instrument, or by its file and number.

All corrections speak of the files as they came: their order means nothing, and a cell is corrected once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from pipeline.ingest.csv import read_text
from pipeline.ingest.export import ROW
from pipeline.problems import Problem, ProblemsFoundError, nearest
from pipeline.sources import CORRECTIONS
from schemas.study import Study, Tables

if TYPE_CHECKING:
    from pipeline.row_reader import RowReader

COLUMNS = ("table", "row", "column", "from", "to", "reason", "by")
PLACE = ("file", "number")
Place = tuple[str, int]
"""File and row number."""


@dataclass
class Correction:
    """One fix; ``where`` is what its row holds in some columns, or its file and number.

    ``found`` are the rows with the expected value, ``other`` those with another one.
    """

    line: int
    where: dict[str, str]
    column: str
    expected: str | None
    to: str | None
    found: set[Place] = field(default_factory=set)
    other: set[Place] = field(default_factory=set)
    again: bool = False
    """Another correction is for the same cell."""
    made_of: tuple[str, ...] | None = None
    """The columns of the export that ``column`` is made of, if they are not one."""
    fits: bool = False
    """A file of the table has all columns that it names."""
    unknown: str = ""
    """A column that it names and a file does not have."""
    known: set[str] = field(default_factory=set)
    """Columns that such a file has."""

    @property
    def is_met(self) -> bool:
        """It found one cell with the value it expects, and is the only one for it."""
        return len(self.found) == 1 and not self.again


@dataclass
class Corrections:
    """The corrections of one record table."""

    all: list[Correction] = field(default_factory=list)
    _corrected: dict[tuple[Place, str], int] = field(default_factory=dict)

    @staticmethod
    def of(folder: Path, study: Study, table: str) -> Corrections:
        """The corrections that a study declares for a table; none where it has no such file.

        Raises
        ------
        ProblemsFoundError
            When the file lacks a column, a reason or a name, or names a table that the study does not have.
        """
        path = folder / CORRECTIONS
        if not path.is_file():
            return Corrections()
        rows = read_text(path)
        problems = _file_problems(path, rows, study)
        if problems:
            raise ProblemsFoundError(problems)
        return Corrections([_correction(row) for row in rows.iter_rows(named=True) if row["table"] == table])

    def apply(self, texts: pl.DataFrame, reader: RowReader) -> pl.DataFrame:
        """The cells of one batch of an export, corrected."""
        batch = _Batch(texts, reader)
        changes: dict[str, dict[int, str | None]] = {}
        for one in self.all:
            for row, column in batch.cells(one):
                first = self._corrected.setdefault(((reader.name, row), column), one.line)
                one.again = one.again or first != one.line
                changes.setdefault(column, {})[row] = one.to
        for column, of in changes.items():
            to = pl.col(ROW).replace_strict(of, default=None, return_dtype=pl.String)
            cell = pl.when(pl.col(ROW).is_in(list(of))).then(to).otherwise(pl.col(column))
            texts = texts.with_columns(cell.alias(column))
        return texts

    def unused(self) -> list[Problem]:
        """A problem for each correction that did not find exactly one cell with the value it expects."""
        return [_not_met(one) for one in self.all if not one.is_met]


@dataclass
class _Batch:
    """One batch of an export, and which of its cells a correction is for."""

    texts: pl.DataFrame
    reader: RowReader

    @cached_property
    def record(self) -> pl.DataFrame:
        """The rows that are meant, in the columns of the record."""
        return self.reader.to_record(self.texts)

    def cells(self, one: Correction) -> Iterator[tuple[int, str]]:
        """Row number and column of the export of the cells that a correction is for."""
        if not self._is_of_file(one) or not self._has_columns(one) or not (column := self._column(one)):
            return
        labels = self.reader.export.answers.get(column, {})
        for row, cell in self._rows(one).select(ROW, column).iter_rows():
            is_met = one.expected in ((cell, labels[cell]) if cell in labels else (cell,))
            (one.found if is_met else one.other).add((self.reader.name, row))
            if is_met:
                yield row, column

    def _is_of_file(self, one: Correction) -> bool:
        constants = self.reader.constants.items()
        is_file = one.where.get("file") in (None, self.reader.name, self.reader.path.name)
        return is_file and all(one.where.get(name) in (None, value) for name, value in constants)

    def _has_columns(self, one: Correction) -> bool:
        has = {*self.reader.columns, *self.reader.present}
        unknown = [name for name in (one.column, *one.where) if name not in {*has, *PLACE, *self.reader.constants}]
        if unknown:
            one.unknown, one.known = unknown[0], one.known | has
        one.fits = one.fits or not unknown
        return not unknown

    def _column(self, one: Correction) -> str:
        """The column of the export that is meant; empty where it is not one."""
        made = self.reader.columns.get(one.column)
        if made is None:
            return one.column
        if len(made.from_) == 1 and made.from_[0] in self.texts.columns:
            return made.from_[0]
        stack = self.reader.source.stack
        one.made_of = tuple(stack.columns) or (stack.split,) if stack and made.from_ == (stack.into,) else made.from_
        return ""

    def _rows(self, one: Correction) -> pl.DataFrame:
        """The raw rows that a correction names."""
        rows = self.texts
        if "number" in one.where:
            rows = rows.filter(pl.col(ROW) == int(one.where["number"]))
        for name, value in one.where.items():
            if name in PLACE or name in self.reader.constants:
                continue
            frame = self.record if name in self.reader.columns else self.texts
            rows = rows.filter(pl.col(ROW).is_in(frame.filter(pl.col(name) == value)[ROW].implode()))
        return rows


def _not_met(one: Correction) -> Problem:
    rule, remedy = _why(one)
    return Problem(CORRECTIONS, one.line, one.column, "", rule, remedy)


def _why(one: Correction) -> tuple[str, str]:
    if len(one.found) > 1:
        return f"fits {len(one.found)} rows", "Name the row by its whole key, or by file=...; number=..."
    if one.again:
        return "the cell is corrected twice", "Keep one correction, with what stands in the raw file as `from`."
    if one.other:
        return (
            "the cell holds another value than the one expected",
            "Look at the raw file, and correct `from`: it is what stands there, before anything is recoded.",
        )
    if one.made_of is not None:
        names = " or ".join(one.made_of)
        remedy = f"Name the column of the export: {names}." if names else "The study file says it: correct it there."
        return "the column is not made of one column of the export", remedy
    if not one.fits and one.unknown:
        return f"'{one.unknown}' is no column", nearest(one.unknown, sorted(one.known))
    return "finds no such row", "Correct the row, such as session=s11; client=c15."


def _correction(row: dict[str, str]) -> Correction:
    return Correction(row[ROW], _where(row["row"]), row["column"], row["from"], row["to"])  # type: ignore[arg-type]


def _where(text: str) -> dict[str, str]:
    parts = (part.partition("=") for part in text.split(";") if part.strip())
    return {name.strip(): value.strip() for name, _, value in parts}


def _file_problems(path: Path, rows: pl.DataFrame, study: Study) -> list[Problem]:
    missing = [name for name in COLUMNS if name not in rows.columns]
    if missing:
        remedy = f"It has the columns {', '.join(COLUMNS)}."
        return [Problem(path.name, 1, name, "", "the column is missing", remedy) for name in missing]
    problems = []
    for row in rows.iter_rows(named=True):
        for name in ("table", "row", "column", "reason", "by"):
            if not row[name]:
                problems.append(Problem(path.name, row[ROW], name, "", "must not be empty", "Fill it in."))
        if row["table"]:
            problems += _table_problems(path, row, study)
        where = _where(row["row"] or "")
        if row["row"] and (not where or not all(where.values()) or not where.get("number", "1").isdecimal()):
            remedy = "Write it as session=s11; client=c15, or as file=sessions.csv; number=12."
            problems.append(Problem(path.name, row[ROW], "row", "", "does not name a row", remedy))
    return problems


def _table_problems(path: Path, row: dict[str, str], study: Study) -> list[Problem]:
    has = [name for name in Tables.model_fields if getattr(study.tables, name)]
    if row["table"] in has:
        return []
    rule = "a table that the study does not have" if row["table"] in Tables.model_fields else "unknown table"
    return [Problem(path.name, row[ROW], "table", row["table"], rule, nearest(row["table"], has))]  # type: ignore[arg-type]
