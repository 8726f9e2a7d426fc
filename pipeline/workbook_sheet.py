"""One table as one sheet of the workbook: words above it, headings, numbers, and the ids folded away beside them.

Which tables there are belongs in ``release_tables.py``, the file as a whole in ``workbook.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter as letter
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.release_tables import (
    EXTRAS,
    TESTS,
    Column,
    Keys,
    ReleasedTable,
    Row,
    has_interval,
    interval_words,
    number_or_words,
    remark,
    shared_number,
)
from pipeline.reporting.formats import POINTS, is_whole

CONTENTS = "Contents"
FACE, INK, LINK = "Calibri", "12344D", "0B5C8A"
LONGEST_TEXT = 32767
NUMBER_WIDTH, NOTES_WIDTH, WIDEST_LABEL, WIDEST_WORDS = 12, 44, 46, 24
LEAST_ROOM, MOST_ROOM = 84, 150
"""Width of the words above a table, in characters: not squeezed over a narrow one, in sight over a wide one."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_HEAD_FILL = PatternFill("solid", "E8EEF4")
_HEAD_LINE = Border(bottom=Side(style="thin", color="B8C4D0"))
_TEXT = Alignment(wrap_text=True, vertical="top", horizontal="left")
LOOKS = {
    "value": Alignment(vertical="top", horizontal="right", wrap_text=True),
    "interval": Alignment(vertical="top", horizontal="left", indent=1),
    "notes": Alignment(vertical="top", horizontal="left", indent=1, wrap_text=True),
}
"""Words in the place of a number stand where the number would; those beside one keep away from it."""
_NUMBER = Alignment(vertical="top", horizontal="right")
_HEAD = Alignment(wrap_text=True, vertical="center", horizontal="left")
_HEADS = dict.fromkeys(("interval", "notes"), Alignment(wrap_text=True, vertical="center", indent=1))
_NUMBER_HEAD = Alignment(wrap_text=True, vertical="center", horizontal="right")


class Shown(NamedTuple):
    """One column of the sheet: heading, width, and what it shows of which column of the table."""

    head: str
    width: float
    what: str
    column: Column | None = None


def fill(sheet: Worksheet, table: ReleasedTable) -> None:
    """Write a table into an empty sheet."""
    labels = [_label_column(table, at) for at in range(len(table.heads))]
    shown = [*labels, *_shown(table)]
    top, across = _words_above(sheet, table, [one.width for one in shown])
    write_row(
        sheet, top, [*(one.head for one in shown), "", *(f"estimate_id: {c.head}" for c in table.columns)], True
    )
    for at, (names, cells) in enumerate(table.rows, top + 1):
        told = [(name, "") for name in names] + [_told(one, cells) for one in shown[len(labels) :]]
        ids = [cells[column.key]["estimate_id"] if column.key in cells else None for column in table.columns]
        write_row(sheet, at, [*(value for value, _ in told), None, *ids])
        _row_looks(sheet, at, shown, told)
    _looks(sheet, table, top, shown)
    sheet.print_area = f"A1:{letter(max(across, len(shown)))}{top + len(table.rows)}"


def _row_looks(sheet: Worksheet, at: int, shown: Sequence[Shown], told: Sequence[tuple[Any, str]]) -> None:
    """Number formats, where words stand, and a height that shows all lines of the longest text."""
    for place, (one, (value, form)) in enumerate(zip(shown, told, strict=True), 1):
        if form:
            sheet.cell(row=at, column=place).number_format = form
        elif value and one.what in LOOKS:
            sheet.cell(row=at, column=place).alignment = LOOKS[one.what]
    texts = [(len(value), one.width) for one, (value, _) in zip(shown, told, strict=True) if isinstance(value, str)]
    lines = max(-(-length // width) for length, width in texts)
    if lines > 1:
        sheet.row_dimensions[at].height = 14.5 * lines


def _label_column(table: ReleasedTable, at: int) -> Shown:
    longest = max(len(table.heads[at]), *(len(labels[at]) for labels, _ in table.rows))
    return Shown(table.heads[at], min(longest, WIDEST_LABEL) + 2, "label")


def _shown(table: ReleasedTable) -> list[Shown]:
    """The columns beside the labels: of each estimate its number and what goes with it, then what a row shares."""
    shared = table.shared()
    found = [one for column in table.columns for one in _of_column(table, column, shared)]
    found += [Shown(head, NUMBER_WIDTH, name) for name, head in shared.items()]
    return found + [Shown("Notes", NOTES_WIDTH, "notes")] * any(remark(cells) for _, cells in table.rows)


def _of_column(table: ReleasedTable, column: Column, shared: Mapping[str, str]) -> list[Shown]:
    """Headings say alone what is below them: a screen reader reads them one by one."""
    cells, before = table.cells(column), f"{column.head}: " if len(table.columns) > 1 else ""
    words = [told for told in map(number_or_words, cells) if isinstance(told, str)]
    found = [Shown(column.head, _width(column.head, words, WIDEST_WORDS), "value", column)]
    if cells and words == ["–"] * len(cells):  # limits have no number between them
        found = []
    if any(has_interval(row) for row in cells):
        head = f"{before}{_interval_head(cells)}"
        found.append(
            Shown(head, _width(head, [interval_words(row) for row in cells], WIDEST_LABEL), "interval", column)
        )
    for name, head in (TESTS | EXTRAS).items():
        if name not in shared and any(row[name] == row[name] for row in cells):
            found.append(Shown(f"{before}{head}", _width(f"{before}{head}", [], 0), name, column))
    return found


def _width(head: str, texts: Sequence[str], widest: float) -> float:
    """Wide enough for the longest word of the heading, and for the texts up to a limit."""
    longest = max((len(text) for text in texts), default=0)
    return max(NUMBER_WIDTH, 1.2 * max(map(len, head.split())) + 1, min(longest + 3, widest))


def _interval_head(cells: Sequence[Row]) -> str:
    levels = {row["level"] for row in cells if row["level"] == row["level"] and has_interval(row)}
    return f"{100 * levels.pop():g}% interval" if len(levels) == 1 else "interval" if levels else "range"


def _told(shown: Shown, cells: Mapping[Keys, Row]) -> tuple[float | str | None, str]:
    """What stands in a cell, and its number format."""
    if shown.column is None:
        return (remark(cells), "") if shown.what == "notes" else (shared_number(cells, shown.what), "0")
    row = cells.get(shown.column.key)
    if row is None:
        return None, ""
    if shown.what == "value":
        told = number_or_words(row)
        return told, _value_format(row) if isinstance(told, float) else ""
    if shown.what == "interval":
        return interval_words(row), ""
    number = None if row["suppressed"] or row[shown.what] != row[shown.what] else float(row[shown.what])
    return number, "0.000" if shown.what in TESTS else "0"


def _value_format(row: Row) -> str:
    """As reports print it: whole percent and people, else one or two decimals; published figures as printed."""
    if row["unit"] == "proportion":
        digits = f".{'0' * _decimals(row)}" if _decimals(row) else ""
        return '+0%;"\u2212"0%;0%' if row["statistic"] in POINTS else f"0{digits}%"
    if is_whole(row):
        return "0"
    if row["method"] == "as published":
        return "General"
    return "0.0" if abs(row["value"]) >= 1 and row["unit"] != "ratio" else "0.00"


def _decimals(row: Row) -> int:
    """Decimals of a published percentage, as printed; others are shown without."""
    if row["method"] != "as published":
        return 0
    return len(f"{100 * row['value']:.6f}".rstrip("0").partition(".")[2])


def _words_above(sheet: Worksheet, table: ReleasedTable, widths: list[float]) -> tuple[int, int]:
    """Title, status, notes and the way back, a row each; returns the row below them, and how far they reach."""
    reached = list(accumulate([*widths, 3.0, *[float(NUMBER_WIDTH)] * 12]))
    wanted = min(max(reached[len(widths) - 1], LEAST_ROOM), MOST_ROOM)
    columns = next(at for at, width in enumerate(reached, 1) if width >= wanted)
    for at, text in enumerate([table.title, table.status, *table.notes], 1):
        cell = put(sheet, at, 1, text)
        cell.font = Font(name=FACE, bold=at <= 2, size=14 if at == 1 else 10, color=INK)
        cell.alignment = _TEXT
        sheet.merge_cells(start_row=at, start_column=1, end_row=at, end_column=columns)
        sheet.row_dimensions[at].height = _height(text, reached[columns - 1], 14 if at == 1 else 10)
    link(put(sheet, len(table.notes) + 3, 1, "Back to contents"), CONTENTS)
    return len(table.notes) + 4, columns


def _height(text: str, width: float, size: int) -> float:
    """Height of a row whose text is wrapped; spreadsheets do not find it for merged cells themselves."""
    return float(-(-len(text) * size / 10.5 // width) * size * 1.4 + 2)


def write_row(sheet: Worksheet, at: int, values: Sequence[Any], head: bool = False) -> None:
    """Write the values of one row; empty ones leave the cell alone."""
    for place, value in enumerate(values, 1):
        if value is None or value == "":
            continue
        cell = put(sheet, at, place, value)
        if head:
            cell.font, cell.fill, cell.border, cell.alignment = (
                Font(name=FACE, bold=True, color=INK),
                _HEAD_FILL,
                _HEAD_LINE,
                _HEAD,
            )
        else:
            cell.alignment = _NUMBER if isinstance(value, float) else _TEXT


def put(sheet: Worksheet, row: int, column: int, value: float | str) -> Cell:
    """Write one value; a text stays a text, whatever it begins with."""
    cell: Cell = sheet.cell(row=row, column=column)
    if not isinstance(value, str):
        cell.value = value
        return cell
    text = ILLEGAL_CHARACTERS_RE.sub("", value)
    cell.value = text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"
    cell.data_type = "s"
    if text.startswith(_FORMULA):
        cell.quotePrefix = True  # stays a text also when somebody edits the cell
    return cell


def link(cell: Cell, sheet: str) -> None:
    """Make a cell lead to a sheet."""
    cell.hyperlink = f"#'{sheet}'!A1"
    cell.font = Font(name=FACE, underline="single", size=10, color=LINK)


def _looks(sheet: Worksheet, table: ReleasedTable, top: int, shown: Sequence[Shown]) -> None:
    """Frozen headings, filter, widths, folded ids, and pages that leave these out."""
    last, end = top + len(table.rows), len(shown)
    sheet.freeze_panes = sheet.cell(row=top + 1, column=len(table.heads) + 1)
    sheet.auto_filter.ref = f"A{top}:{letter(end)}{last}"
    for at, one in enumerate([*shown, Shown("", 3, "gap")], 1):
        sheet.column_dimensions[letter(at)].width = one.width
    first_id, last_id = letter(end + 2), letter(end + 1 + len(table.columns))
    sheet.column_dimensions.group(first_id, last_id, hidden=True)
    for at, one in enumerate(shown, 1):
        if one.what != "label":
            sheet.cell(row=top, column=at).alignment = _HEADS.get(one.what, _NUMBER_HEAD)
    sheet.row_dimensions[top].height = max(_height(one.head, one.width * 0.8, 11) for one in shown) + 4
    sheet.print_title_rows = f"{top}:{top}"
    wide_page(sheet)


def wide_page(sheet: Worksheet) -> None:
    """Print on A4 across, as wide as the page."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.oddFooter.center.text = "&A, page &P of &N"
