"""``outputs/release/tables.xlsx``: the released estimates as report-shaped tables, a sheet each.

Each number is a number, with the ``estimate_id`` behind it in the same row, in columns to the right that are folded
away: so the two stay together when rows are sorted, filtered or copied, which a comment or a second sheet would not.
Which tables there are belongs in ``release_tables.py``, how a sheet looks in ``workbook_sheet.py``.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.release import read_merged
from pipeline.release_tables import ReleasedTable, released_tables
from pipeline.store import Project, write_bytes
from schemas.vocabulary import STATISTICS

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

TITLE = "Released estimates as tables"
LONGEST_NAME = 31
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\']")
_WRITTEN = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
_FIXED = (1980, 1, 1, 0, 0, 0)

READING = (
    "Each sheet is one table. Numbers are numbers: they can be sorted, filtered and charted.",
    "withheld: the disclosure gate keeps the number back, because it could give a person away.",
    "not identified: rows rebuilt from published figures do not determine the number; the range is what they allow.",
    "An empty cell: there is no such estimate. Other words in the place of a number say why there is none.",
    "Shares are shown as percentages; a difference of shares is in percentage points.",
    "The id of each number stands in the same row, in the columns to the right that are folded away: press + above "
    "them. It is the key of estimates.csv, which has the method, the counts and more.",
)


def write_tables(project: Project) -> tuple[Path, int]:
    """Write the workbook from the release zone; returns its path and the number of tables."""
    tables = list(released_tables(read_merged(project, "estimates"), read_merged(project, "labels")))
    return write_bytes(project.release / "tables.xlsx", workbook(tables)), len(tables)


def workbook(tables: Sequence[ReleasedTable]) -> bytes:
    """The tables as one workbook with a sheet of contents; the same tables give the same bytes."""
    from openpyxl import Workbook

    from pipeline.workbook_sheet import CONTENTS, fill

    book = Workbook()
    book.active.title = CONTENTS
    names = sheet_names(tables)
    for name, table in zip(names, tables, strict=True):
        fill(book.create_sheet(name), table)
    _contents(book[CONTENTS], names, tables)
    return without_time(book)


def sheet_names(tables: Sequence[ReleasedTable]) -> list[str]:
    """A name a table: study, family and part, or a number where the part does not fit; all are different."""
    places: Counter[tuple[str, str]] = Counter()
    numbered = {(t.study, t.family) for t in tables if len(_name(t, t.part)) > LONGEST_NAME}
    taken, names = {"contents"}, []
    for table in tables:
        group = (table.study, table.family)
        places[group] += 1
        part = str(places[group]) if table.part and group in numbered else table.part
        name = next(one for one in _candidates(table, part) if one.lower() not in taken)
        taken.add(name.lower())
        names.append(name)
    return names


def _name(table: ReleasedTable, part: str) -> str:
    words = [table.study, table.family.replace("_", " "), part.replace("_", " ")]
    return _NOT_IN_NAMES.sub(" ", " ".join(filter(None, words)))


def _candidates(table: ReleasedTable, part: str) -> Iterator[str]:
    """The name as it stands; else the study cut short, and a number more if two are cut to the same."""
    if len(_name(table, part)) <= LONGEST_NAME:
        yield _name(table, part)
    for number in range(1, 10**6):
        words = [table.family.replace("_", " ")[:14], part[:6], f"({number})" if number > 1 else ""]
        end = "".join(f" {word}" for word in words if word)
        yield _NOT_IN_NAMES.sub(" ", table.study[: LONGEST_NAME - len(end)]) + end


def _contents(sheet: Worksheet, names: Sequence[str], tables: Sequence[ReleasedTable]) -> None:
    from openpyxl.styles import Alignment, Font

    from pipeline.workbook_sheet import FACE, INK, link, put, wide_page, write_row

    put(sheet, 1, 1, TITLE).font = Font(name=FACE, bold=True, size=16, color=INK)
    for at, text in enumerate(READING, 2):
        put(sheet, at, 1, text).alignment = Alignment(wrap_text=True, vertical="top")
        sheet.merge_cells(start_row=at, start_column=1, end_row=at, end_column=4)
        sheet.row_dimensions[at].height = 30 if len(text) > 130 else 15
    top = len(READING) + 3
    write_row(sheet, top, ["Sheet", "Table", "Data", "Rows"], head=True)
    for at, (name, table) in enumerate(zip(names, tables, strict=True), top + 1):
        write_row(sheet, at, [name, table.title, table.status.partition(":")[0], float(len(table.rows))])
        link(sheet.cell(row=at, column=1), name)
        sheet.row_dimensions[at].height = 15 * (1 + len(table.title) // 95)
    used = {row["statistic"] for table in tables for _, cells in table.rows for row in cells.values()}
    below = top + len(tables) + 2
    write_row(sheet, below, ["Statistic", "What it is"], head=True)
    for at, name in enumerate([one for one in STATISTICS if one in used], below + 1):
        write_row(sheet, at, [name, STATISTICS[name]])
        sheet.row_dimensions[at].height = 15 * (1 + len(STATISTICS[name]) // 95)
    for column, width in zip("ABCD", (36, 96, 22, 8), strict=True):
        sheet.column_dimensions[column].width = width
    sheet.freeze_panes = "A2"
    wide_page(sheet)


def without_time(book: Workbook) -> bytes:
    """The file without the moment at which it was written: the same content gives the same bytes."""
    book.properties.creator, book.properties.title = "peerscope", TITLE
    stream, fixed = io.BytesIO(), io.BytesIO()
    book.save(stream)
    with zipfile.ZipFile(stream) as made, zipfile.ZipFile(fixed, "w") as kept:
        for entry in made.infolist():
            content = made.read(entry)
            if entry.filename == "docProps/core.xml":
                content = _WRITTEN.sub(rb"\g<1>1980-01-01T00:00:00Z", content)
            kept.writestr(zipfile.ZipInfo(entry.filename, _FIXED), content, zipfile.ZIP_DEFLATED)
    return fixed.getvalue()
