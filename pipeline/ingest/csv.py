"""Separated text files, read strictly: no cell is guessed, padded or dropped.

Large files are read by Polars as long as nothing in them is doubtful, in batches, so that memory stays bounded;
what is doubtful is read again, row by row. Meaning and types of the columns belong in ``mapping.py`` and in
``pipeline.validation``.
"""

from __future__ import annotations

import csv
import gzip
import mmap
import os
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import IO, Any

import polars as pl

from pipeline.ingest.export import ROW, Export
from pipeline.problems import Problem, ProblemsFoundError, file_problem
from schemas.sources import ENCODINGS, SEPARATORS, Format

__all__ = ["ROW", "batches", "header_problems", "read", "read_rows", "read_text", "separator_of"]

BATCH = 500_000
SMALL_BATCH = 50_000
FAST_FROM = 4 << 20
"""Size in bytes from which Polars reads a file: below it, starting up costs more than it saves."""

csv.field_size_limit(1 << 30)
Rows = Iterator[tuple[int, list[str]]]


def read(path: Path, declared: Format | None = None) -> Export:
    """A separated text file, also one that gzip compressed.

    Raises
    ------
    ProblemsFoundError
        When the file is empty, not in its encoding, has no or twice the same column name, or ragged rows.
    """
    return Export(lambda: batches(path, declared or Format()))


def read_text(path: Path) -> pl.DataFrame:
    """All rows of a comma-separated file in UTF-8 at once; raises as ``read`` does."""
    return read(path).frame


def batches(path: Path, declared: Format) -> Iterator[pl.DataFrame]:
    """Frames of texts with row numbers; at least one, without rows if the file has none.

    Raises
    ------
    ProblemsFoundError
        As ``read`` says; ragged rows are told once the file is read to its end.
    """
    header = _header(path, declared)
    done, ended = 0, False
    if _is_large(path, declared):
        done, ended = yield from _undoubted(path, header, declared)
    if not ended:
        yield from _strict(path, declared, header, done)


def read_rows(path: Path, declared: Format) -> Rows:
    """Each row that is not blank with its number, from the one that names the columns on.

    Raises
    ------
    ProblemsFoundError
        When the file is empty, not in its encoding, or its quotation marks don't close.
    """
    separator = separator_of(path, declared)
    found = False
    with closing(_open(path, declared)) as stream:
        try:
            for number, row in enumerate(csv.reader(stream, delimiter=separator, strict=True), start=1):
                if number >= declared.header and (row or number == declared.header):
                    found = found or any(cell.strip() for cell in row)
                    yield number, row
        except UnicodeDecodeError as error:
            raise ProblemsFoundError([_undecodable(path, declared)]) from error
        except (csv.Error, EOFError, gzip.BadGzipFile) as error:
            remedy = "Check the quotation marks: each one that opens must close."
            raise ProblemsFoundError([file_problem(path, f"not readable as CSV: {error}", remedy)]) from error
    if not found:
        raise ProblemsFoundError([file_problem(path, "the file is empty", "Export it again.")])


def separator_of(path: Path, declared: Format) -> str:
    """What stands between the cells: as declared, else the one sign that parts the first rows alike.

    Raises
    ------
    ProblemsFoundError
        When several signs would do.
    """
    if declared.separator:
        return SEPARATORS[declared.separator]
    try:
        with closing(_open(path, declared)) as stream:
            lines = list(islice(stream, declared.header - 1, declared.header + 20))
    except (UnicodeDecodeError, EOFError, gzip.BadGzipFile):
        return ","  # told where the rows are read
    parting = [name for name, sign in SEPARATORS.items() if len(_cells(lines[:1], sign)[0]) > 1]
    if len(parting) > 1:
        parting = [one for one in parting if len({len(r) for r in _cells(lines, SEPARATORS[one])}) == 1] or parting
    if len(parting) > 1:
        rule = f"the columns may be separated by {' or '.join(parting)}"
        remedy = f"Say which in the study file, such as format: {{separator: {parting[0]}}}."
        raise ProblemsFoundError([file_problem(path, rule, remedy, declared.header)])
    return SEPARATORS[parting[0]] if parting else ","


def _cells(lines: Sequence[str], sign: str) -> list[list[str]]:
    return [row for row in csv.reader(lines, delimiter=sign) if row] or [[]]


def _open(path: Path, declared: Format) -> IO[str]:
    encoding = ENCODINGS[declared.encoding]
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding=encoding, newline="")
    return path.open(encoding=encoding, newline="")


def _undecodable(path: Path, declared: Format) -> Problem:
    """The first row that is not in the declared encoding."""
    row = 1
    with closing(gzip.open(path) if path.suffix == ".gz" else path.open("rb")) as stream:
        for row, line in enumerate(stream, start=1):  # noqa: B007
            try:
                line.decode(ENCODINGS[declared.encoding])
            except UnicodeDecodeError:
                break
    remedy = "Save it as CSV UTF-8 (in Excel: Save as, CSV UTF-8), or declare format: {encoding: windows-1252}."
    return file_problem(path, f"not {declared.encoding.upper()} text", remedy, row)


def _header(path: Path, declared: Format) -> list[str]:
    rows = read_rows(path, declared)
    number, row = next(rows, (declared.header, []))
    header = [name.strip() for name in row]
    if not any(header):
        deque(rows, maxlen=0)  # says whether the whole file is empty
    problems = header_problems(path, header, number)
    if problems:
        raise ProblemsFoundError(problems)
    return header


def header_problems(path: Path, header: list[str], row: int = 1) -> list[Problem]:
    """Names that stand twice, and columns without one."""
    # A file without a header has answers where the names should be: they are not told outside the report.
    twice = sorted({name for name in header if name and header.count(name) > 1})
    problems = [Problem(path.name, row, "", name, _twice(header, name), "Rename or remove one.") for name in twice]
    if "" in header or not header:
        problems.append(file_problem(path, "a column has no name", "Name it or remove it.", row))
    return problems


def _twice(header: list[str], name: str) -> str:
    places = [str(place) for place, one in enumerate(header, start=1) if one == name]
    return f"columns {', '.join(places)} have the same name"


def _is_large(path: Path, declared: Format) -> bool:
    return path.stat().st_size >= FAST_FROM and declared.encoding == "utf-8" and declared.header == 1


def _undoubted(path: Path, header: list[str], declared: Format) -> Any:
    """Batches up to the first that Polars might read otherwise than they are written; rows given, and if it ended.

    Polars fills short rows up and makes blank lines rows without a value: both leave the last column empty.
    Quotation marks inside a cell are left to the strict reader.
    """
    separator = separator_of(path, declared)
    if _last_byte(path) in (b"", separator.encode()):  # Polars overlooks an empty cell too many at the very end
        return 0, False
    scan = pl.scan_csv(path, separator=separator, infer_schema=False, new_columns=header)
    text = pl.all().str.strip_chars()
    quoted = path.suffix == ".gz" or _has_quotes(path)
    done = 0
    try:
        for frame in scan.with_columns(text).collect_batches(chunk_size=BATCH, maintain_order=True):
            if _is_doubtful(frame, quoted):
                return done, False
            numbers = pl.int_range(done + 2, done + frame.height + 2, dtype=pl.Int64, eager=True)
            yield _empty_is_null(frame).insert_column(0, numbers.alias(ROW))
            done += frame.height
    except pl.exceptions.PolarsError:  # the strict reader tells what is wrong, and where
        return done, False
    return done, done > 0


def _last_byte(path: Path) -> bytes:
    if path.suffix != ".gz":
        with path.open("rb") as stream:
            stream.seek(-1, os.SEEK_END)
            return stream.read(1)
    last = b""
    try:
        with gzip.open(path) as stream:
            while block := stream.read(1 << 20):
                last = block[-1:]
    except (EOFError, gzip.BadGzipFile):
        return b""  # the strict reader tells
    return last


def _empty_is_null(frame: pl.DataFrame) -> pl.DataFrame:
    has = frame.select((pl.all() == "").any()).row(0)
    blank = [name for name, found in zip(frame.columns, has, strict=True) if found]
    return frame.with_columns(pl.when(pl.col(blank) != "").then(pl.col(blank))) if blank else frame


def _is_doubtful(frame: pl.DataFrame, quoted: bool) -> bool:
    last = frame.to_series(frame.width - 1)
    if last.null_count() or (last == "").any():
        return True
    return quoted and frame.select(pl.any_horizontal(pl.all().str.contains('"', literal=True).any())).item()


def _has_quotes(path: Path) -> bool:
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.find(b'"') >= 0


def _strict(path: Path, declared: Format, header: list[str], done: int) -> Iterator[pl.DataFrame]:
    """Row by row; the first ``done`` rows were given already."""
    rows = islice(read_rows(path, declared), 1 + done, None)
    problems: list[Problem] = []
    first = done == 0
    while (taken := list(islice(rows, SMALL_BATCH))) or first:
        problems += [_ragged(path, number, row, header) for number, row in taken if len(row) != len(header)]
        yield _frame([one for one in taken if len(one[1]) == len(header)], header)
        first = False
    if problems:
        raise ProblemsFoundError(problems)


def _frame(rows: Sequence[tuple[int, list[str]]], header: list[str]) -> pl.DataFrame:
    columns = zip(*(row for _, row in rows), strict=True) if rows else [()] * len(header)
    texts = {name: [cell.strip() or None for cell in cells] for name, cells in zip(header, columns, strict=True)}
    schema = {ROW: pl.Int64} | dict.fromkeys(header, pl.String)
    return pl.DataFrame({ROW: [number for number, _ in rows], **texts}, schema=schema)


def _ragged(path: Path, number: int, row: list[str], header: list[str]) -> Problem:
    rule = f"the row has {len(row)} cells but the header has {len(header)}"
    remedy = "Look for a missing or an extra separator, or a text that holds one and has no quotation marks."
    return file_problem(path, rule, remedy, number)
