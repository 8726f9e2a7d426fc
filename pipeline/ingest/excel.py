"""Workbooks (``.xlsx``, ``.xlsm``, ``.xls``, ``.ods``): one sheet, with the rows numbered as the spreadsheet does.

What of a workbook has to be looked up elsewhere (errors, merged cells) belongs in ``workbook_cells.py``; how values
are written as cells in ``cells.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from pipeline.ingest.cells import text
from pipeline.ingest.csv import header_problems
from pipeline.ingest.export import ROW, Export
from pipeline.ingest.workbook_cells import LostCell, NotLookedThroughError, SheetNotes, Span, letters, look_through
from pipeline.problems import Problem, ProblemsFoundError, file_problem, nearest
from schemas.sources import Format

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

BATCH = 20_000
TITLES = 30
"""Rows in which the names of the columns are looked for, to say where they might stand."""

Row = tuple[int, list[str | None]]
"""Number of a row and its cells from column A on."""


def read(path: Path, declared: Format | None = None) -> Export:
    """One sheet of a workbook.

    Formulas are their stored values, percentages the number stored (0.25), durations hours:minutes:seconds. A value
    in cells that are merged downwards holds for each of their rows. Blank rows, and columns with neither name nor
    cells, are left out; hidden rows and columns count.

    Raises
    ------
    ProblemsFoundError
        When it is no workbook or has a password; when the sheet is not clear; when columns have no name or twice
        the same; for each cell that holds an error, a formula without a stored value, or is merged across columns.
    """
    sheet = _sheet(path, declared or Format())
    if problems := sheet.problems():
        raise ProblemsFoundError(problems)
    return Export(sheet.batches)


def read_rows(path: Path, declared: Format) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not blank with its number, from the one that names the columns on; names may stand twice.

    Raises
    ------
    ProblemsFoundError
        As ``read`` does, but for the names of the columns.
    """
    sheet = _sheet(path, declared)
    if problems := sheet.cell_problems():
        raise ProblemsFoundError(problems)
    return ((number, [cell or "" for cell in row]) for number, row in sheet.rows() if any(row))


def _sheet(path: Path, declared: Format) -> _Sheet:
    book = _open(path)
    name = _sheet_name(path, book, declared.sheet)
    try:
        notes = look_through(path, name)
    except NotLookedThroughError as error:
        remedy = "Save it as .xlsx in Excel or LibreOffice."
        raise ProblemsFoundError(
            [file_problem(path, "cells with errors can't be told from empty ones", remedy)]
        ) from error
    return _Sheet(path, _cells_of(path, book, name), notes, declared.header)


def _open(path: Path) -> CalamineWorkbook:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        return CalamineWorkbook.from_path(path)
    except PasswordError as error:
        problem = file_problem(path, "the workbook is protected by a password", "Save it without the password.")
        raise ProblemsFoundError([problem]) from error
    except CalamineError as error:
        raise ProblemsFoundError([_no_workbook(path)]) from error


def _cells_of(path: Path, book: CalamineWorkbook, sheet: str) -> CalamineSheet:
    from python_calamine import CalamineError

    try:
        return book.get_sheet_by_name(sheet)
    except CalamineError as error:
        raise ProblemsFoundError([_no_workbook(path)]) from error


def _no_workbook(path: Path) -> Problem:
    start = path.read_bytes()[:512]
    if not start:
        return file_problem(path, "the file is empty", "Export it again.")
    if start.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        return file_problem(path, "a web page, not a workbook", "Open it in Excel and save it as .xlsx.")
    if not start.startswith((b"PK", b"\xd0\xcf\x11\xe0")) and b"\0" not in start:
        return file_problem(path, "a text file, not a workbook", "Say `format: {type: csv}`, or save it as .xlsx.")
    return file_problem(path, "not readable as a workbook", "Save it again in Excel or LibreOffice as .xlsx.")


def _sheet_name(path: Path, book: CalamineWorkbook, declared: str) -> str:
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    known = [one for one in book.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet]
    names = [one.name for one in known]
    if declared in names:
        return declared
    if declared:
        problem = file_problem(path, f"there is no sheet '{declared}'", nearest(declared, names))
        raise ProblemsFoundError([problem])
    seen = [one.name for one in known if one.visible == SheetVisibleEnum.Visible] or names
    filled = [name for name in seen if len(seen) == 1 or _cells_of(path, book, name).start is not None]
    if len(filled) > 1:
        listed = ", ".join(f"'{name}'" for name in filled)
        remedy = f"Say which is meant: `format: {{sheet: {filled[0]}}}`."
        raise ProblemsFoundError([file_problem(path, f"the workbook has several sheets: {listed}", remedy)])
    if not filled:
        raise ProblemsFoundError([file_problem(path, "the workbook has no cells", "Export it again.")])
    return filled[0]


@dataclass(frozen=True)
class _Sheet:
    path: Path
    cells: CalamineSheet
    notes: SheetNotes
    header: int

    def problems(self) -> list[Problem]:
        """All that keeps the sheet from being read."""
        if not self._names:
            rule = f"row {self.header} has no names of columns, nor has any row below it"
            remedy = self._hint() or "Export it again."
            return [*self.cell_problems(), file_problem(self.path, rule, remedy, self.header)]
        header, hint = self._header_problems(), self._hint()
        if header and hint:  # what is merged above the row that names the columns is no matter
            return header
        return [*header, *self.cell_problems()]

    def cell_problems(self) -> list[Problem]:
        """Cells that are lost, or merged across columns."""
        lost = [self._lost(cell) for cell in self.notes.lost if cell.row >= self.header]
        across = [span for span in self._spans if span[0][1] != span[1][1] and span[1][0] >= self.header - 1]
        return [*map(self._merged, across), *lost]

    def rows(self) -> Iterator[tuple[int, list[str | None]]]:
        """Rows from the header on."""
        return (row for row in self._rows() if row[0] >= self.header)

    def batches(self) -> Iterator[pl.DataFrame]:
        """Frames of texts with row numbers; at least one."""
        schema = {ROW: pl.Int64} | dict.fromkeys(self._names.values(), pl.String)
        rows = (row for row in self._rows() if row[0] > self.header and any(row[1]))
        batch, is_first = list(islice(rows, BATCH)), True
        while batch or is_first:
            columns = {name: [row[column] for _, row in batch] for column, name in self._names.items()}
            yield pl.DataFrame({ROW: [number for number, _ in batch], **columns}, schema=schema)
            batch, is_first = list(islice(rows, BATCH)), False

    @property
    def _spans(self) -> Sequence[Span]:
        return self.cells.merged_cell_ranges or self.notes.spans

    def _rows(self) -> Iterator[Row]:
        left = [None] * (self.cells.start or (0, 0))[1]
        written = text if self.cells.merged_cell_ranges is not None else _opendocument_text
        down = {first: last[0] for first, last in self._spans if first[1] == last[1]}
        until: dict[int, tuple[int, str | None]] = {}
        for index, values in enumerate(self.cells.iter_rows()):
            row = [*left, *(written(value) for value in values)]
            for column in {place[1] for place in down if place[1] < len(row)}:
                if (index, column) in down:
                    until[column] = (down[index, column], row[column])
                elif index <= until.get(column, (-1, None))[0]:
                    row[column] = until[column][1]
            yield index + 1, row

    @cached_property
    def _names(self) -> dict[int, str]:
        """Columns that have a name or cells, with the name; empty where there is none."""
        names: list[str | None] = []
        filled: set[int] = set()
        for number, row in self._rows():
            if number == self.header:
                names = row
            if number >= self.header:
                filled |= {column for column, cell in enumerate(row) if cell is not None}
        return {column: (names[column] if names else None) or "" for column in sorted(filled)}

    def _header_problems(self) -> list[Problem]:
        places = range(max(self._names) + 1)
        # Columns are counted as the spreadsheet does, also where one of them is left out.
        named = [self._names.get(column) or f"column {letters(column)}" for column in places]
        problems = header_problems(self.path, named, self.header)
        unnamed = [letters(column) for column, name in self._names.items() if not name]
        remedy = self._hint() or "Name it or remove it."
        if len(unnamed) == 1:
            problems.append(file_problem(self.path, "a column has no name", remedy, self.header, unnamed[0]))
        elif unnamed:
            problems.append(file_problem(self.path, f"columns {_listed(unnamed)} have no name", remedy, self.header))
        return problems

    def _hint(self) -> str:
        """Where the names of the columns might stand, if not in the row that is declared."""
        filled = {number: sum(cell is not None for cell in row) for number, row in islice(self._rows(), TITLES)}
        likely = max(filled, key=filled.__getitem__, default=self.header)
        if likely == self.header:
            return ""
        return f"If row {likely} names the columns, say `format: {{header: {likely}}}`."

    def _merged(self, span: Span) -> Problem:
        (row, first), (_, last) = span
        rule = f"cells are merged across columns {letters(first)} to {letters(last)}"
        return file_problem(self.path, rule, "Unmerge them and fill in each.", row + 1, letters(first))

    def _lost(self, cell: LostCell) -> Problem:
        column = self._names.get(cell.column) or letters(cell.column)
        if cell.error:
            remedy = "Correct the formula, or clear the cell if nothing is known."
            rule = f"the cell has an error: {cell.error}"
            return Problem(self.path.name, cell.row, column, cell.error, rule, remedy)
        remedy = "Open it in Excel or LibreOffice and save it, so that the formulas are computed."
        return file_problem(self.path, "a formula without a stored value", remedy, cell.row, column)


def _opendocument_text(value: object) -> str | None:
    """As ``text``, but a duration of a day or more comes as ``PT30H05M00S``."""
    cell = text(value)
    duration = re.fullmatch(r"PT(\d+)H(\d+)M(\d+)(?:[.,]\d+)?S", cell or "")
    return ":".join(duration.groups()) if duration else cell


def _listed(names: Sequence[str], most: int = 6) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
