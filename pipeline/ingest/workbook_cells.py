"""What the reader of workbooks keeps to itself: cells with an error, formulas without a value, merged cells.

``python-calamine`` gives an empty cell for ``#REF!`` and for a formula that was never computed. A cell that was
lost must not look like one that nobody filled in, so the file is looked through for both.
"""

from __future__ import annotations

import io
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from xml.etree.ElementTree import Element, ParseError, iterparse
from zipfile import BadZipFile, ZipFile

CHUNK = 1 << 20
UNNAMED = "#ERROR"
_SUSPICIOUS = re.compile(rb"""\st\s*=\s*["']e["']|<(\w+:)?f[\s/>]""")
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"

Span = tuple[tuple[int, int], tuple[int, int]]
"""First and last row and column of merged cells, counted from 0."""


@dataclass(frozen=True)
class LostCell:
    """A cell whose value can't be had: its error, or empty for a formula without a stored value.

    ``row`` counts from 1 and ``column`` from 0.
    """

    row: int
    column: int
    error: str


@dataclass
class SheetNotes:
    """Lost cells of one sheet, and merged cells where only this module finds them (OpenDocument)."""

    lost: list[LostCell] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)


class NotLookedThroughError(Exception):
    """The file is built in a way that hides its lost cells."""


def look_through(path: Path, sheet: str) -> SheetNotes:
    """What one sheet of an ``.xlsx``, ``.xlsm``, ``.xls`` or ``.ods`` file has, told by its content.

    Raises
    ------
    NotLookedThroughError
        When its parts can't be found or read, or it is another kind of workbook.
    """
    try:
        with path.open("rb") as stream:
            is_archive = stream.read(2) == b"PK"
        if not is_archive:
            return SheetNotes(lost=_of_xls(path, sheet))
        with ZipFile(path) as archive:
            if "content.xml" in archive.namelist():
                return _of_opendocument(archive, sheet)
            return SheetNotes(lost=_of_xlsx(archive, sheet))
    except (BadZipFile, KeyError, ParseError, StopIteration) as error:
        raise NotLookedThroughError from error


def _of_xlsx(archive: ZipFile, sheet: str) -> list[LostCell]:
    part = _sheet_part(archive, sheet)
    with _open(archive, part) as stream:
        if not _is_suspicious(stream):
            return []
    with _open(archive, part) as stream:
        return list(_lost_in_rows(stream))


def _open(archive: ZipFile, part: str) -> IO[bytes]:
    # Some programs write the names of the parts with backslashes, or in other cases than they refer to them.
    names = {name.replace("\\", "/").lower(): name for name in archive.namelist()}
    return archive.open(names[part.lower()])


def _sheet_part(archive: ZipFile, sheet: str) -> str:
    workbook = next(to for kind, to in _related(archive, "").values() if kind == "officeDocument")
    if not workbook.endswith(".xml"):  # .xlsb is not XML
        raise KeyError(workbook)
    related = _related(archive, workbook)
    for element in _elements(archive, workbook, "sheet"):
        if element.get("name") == sheet:
            return next(related[value][1] for name, value in element.items() if _local(name) == "id")
    raise KeyError(sheet)


def _related(archive: ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """Kind and path of what a part of the file refers to, by its id."""
    folder, name = posixpath.split(part)
    found = _elements(archive, posixpath.join(folder, "_rels", f"{name}.rels"), "Relationship")
    return {
        one.attrib["Id"]: (
            posixpath.basename(one.attrib["Type"]),
            posixpath.normpath(posixpath.join("/", folder, one.attrib["Target"])).lstrip("/"),
        )
        for one in found
    }


def _elements(archive: ZipFile, part: str, name: str) -> list[Element]:
    with _open(archive, part) as stream:
        return [element for _, element in iterparse(stream) if _local(element.tag) == name]


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _is_suspicious(stream: IO[bytes]) -> bool:
    before = b""
    while chunk := stream.read(CHUNK):
        if _SUSPICIOUS.search(before + chunk):
            return True
        before = chunk[-16:]
    return False


def _lost_in_rows(stream: IO[bytes]) -> Iterator[LostCell]:
    number = 0
    for _, element in iterparse(stream):
        if _local(element.tag) == "row":
            number = int(element.get("r") or number + 1)
            yield from _lost_in_row(element, number)
            element.clear()


def _lost_in_row(row: Element, number: int) -> Iterator[LostCell]:
    column = -1
    for cell in row:
        place = re.match("[A-Z]+", cell.get("r", ""))
        column = _index(place[0]) if place else column + 1
        parts = {_local(part.tag): part.text or "" for part in cell}
        if cell.get("t") == "e":
            yield LostCell(number, column, parts.get("v") or UNNAMED)
        elif "f" in parts and not parts.get("v") and cell.get("t") != "str":
            yield LostCell(number, column, "")


def _index(letters: str) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - ord("A") + 1
    return place - 1


def letters(column: int) -> str:
    """Letters of a column that is counted from 0: A, B, ... AA."""
    before, last = divmod(column, 26)
    return (letters(before - 1) if before else "") + chr(ord("A") + last)


def _of_xls(path: Path, sheet: str) -> list[LostCell]:
    import xlrd

    try:
        book = xlrd.open_workbook(path, on_demand=True, logfile=io.StringIO())
        cells = book.sheet_by_name(sheet)
    except Exception as error:  # its parser asserts, overflows and indexes out of range on files it can't read
        raise NotLookedThroughError from error
    return [
        LostCell(row + 1, column, xlrd.error_text_from_code.get(cells.cell_value(row, column), UNNAMED))
        for row in range(cells.nrows)
        for column, kind in enumerate(cells.row_types(row))
        if kind == xlrd.XL_CELL_ERROR
    ]


def _of_opendocument(archive: ZipFile, sheet: str) -> SheetNotes:
    notes, row, table = SheetNotes(), 0, ""
    with archive.open("content.xml") as stream:
        for event, element in iterparse(stream, ("start", "end")):
            if event == "start" and element.tag == f"{_TABLE}table":
                table, row = element.get(f"{_TABLE}name", ""), 0
            elif event == "end" and element.tag == f"{_TABLE}table-row":
                if table == sheet:
                    _note_row(notes, element, row)
                row += int(element.get(f"{_TABLE}number-rows-repeated", 1))
                element.clear()
    return notes


def _note_row(notes: SheetNotes, row: Element, at: int) -> None:
    column = 0
    for cell in row:
        if cell.tag not in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            continue
        down, across = (int(cell.get(f"{_TABLE}number-{way}-spanned", 1)) for way in ("rows", "columns"))
        if down * across > 1:
            notes.spans.append(((at, column), (at + down - 1, column + across - 1)))
        error = _opendocument_error(cell)
        if error is not None:
            notes.lost.append(LostCell(at + 1, column, error))
        column += int(cell.get(f"{_TABLE}number-columns-repeated", 1))


def _opendocument_error(cell: Element) -> str | None:
    """The error; a formula without a value is no lost cell, since LibreOffice writes an empty text so."""
    if cell.get(f"{_TABLE}formula") is None:
        return None
    shown = cell.findtext(f"{_TEXT}p") or ""
    declared = any(_local(name) == "value-type" and value == "error" for name, value in cell.items())
    # OpenOffice does not say that a value is an error: it stores 0 and shows #REF! or Err:502.
    shows = cell.get(f"{_OFFICE}value-type") == "float" and re.match("#[A-Z]|Err:", shown)
    return (shown or UNNAMED) if declared or shows else None
