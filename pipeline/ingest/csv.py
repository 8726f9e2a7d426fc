"""Comma-separated files in UTF-8, read strictly: no cell is guessed, padded or dropped.

Meaning and types of the columns belong in ``pipeline.validation``.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import polars as pl

from pipeline.problems import Problem, ProblemsFoundError, file_problem

ROW = "#row"
"""Column that numbers the rows as a spreadsheet does: the header is row 1. No raw column is named so."""


def read_text(path: Path) -> pl.DataFrame:
    """All columns as text, and ``row``; an empty cell is null.

    Raises
    ------
    ProblemsFoundError
        When the file is empty, not UTF-8, has no or twice the same column name, or ragged rows.
    """
    rows = _rows(path, _decode(path))
    header = [name.strip() for name in rows[0]]
    problems = [*_header_problems(path, header), *_ragged(path, rows)]
    if problems:
        raise ProblemsFoundError(problems)
    body = [(number, row) for number, row in enumerate(rows[1:], start=2) if row]
    columns = zip(*(row for _, row in body), strict=True) if body else [()] * len(header)
    texts = {name: [cell.strip() or None for cell in cells] for name, cells in zip(header, columns, strict=True)}
    schema = {ROW: pl.Int64} | dict.fromkeys(header, pl.String)
    return pl.DataFrame({ROW: [number for number, _ in body], **texts}, schema=schema)


def _decode(path: Path) -> str:
    content = path.read_bytes()
    if not content.strip():
        raise ProblemsFoundError([file_problem(path, "the file is empty", "Export it again.")])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        remedy = "Save it as CSV UTF-8 (in Excel: Save as, CSV UTF-8)."
        raise ProblemsFoundError([file_problem(path, "not UTF-8 text", remedy, row)]) from error


def _rows(path: Path, text: str) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        remedy = "Check the quotation marks: each one that opens must close."
        raise ProblemsFoundError([file_problem(path, f"not readable as CSV: {error}", remedy)]) from error


def _header_problems(path: Path, header: list[str]) -> list[Problem]:
    # A file without a header has answers where the names should be: they are not told outside the report.
    twice = sorted({name for name in header if name and header.count(name) > 1})
    problems = [Problem(path.name, 1, "", name, _twice(header, name), "Rename or remove one.") for name in twice]
    if "" in header:
        problems.append(file_problem(path, "a column has no name", "Name it or remove it.", 1))
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        problems.append(file_problem(path, "columns are not separated by commas", "Export it with commas.", 1))
    return problems


def _twice(header: list[str], name: str) -> str:
    places = [str(place) for place, one in enumerate(header, start=1) if one == name]
    return f"columns {', '.join(places)} have the same name"


def _ragged(path: Path, rows: list[list[str]]) -> list[Problem]:
    width = len(rows[0])
    return [
        file_problem(
            path,
            f"the row has {len(row)} cells but the header has {width}",
            "Look for a missing or an extra comma, or a text with a comma and no quotation marks.",
            number,
        )
        for number, row in enumerate(rows[1:], start=2)
        if row and len(row) != width
    ]
