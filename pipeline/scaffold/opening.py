"""The first rows of an export, opened as well as it can be, for a first guess at what it holds.

Of a workbook the sheet and the row that names the columns are found by trying. What is guessed from the rows belongs
in ``mapping.py``; how a file is read in ``pipeline.ingest``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import polars as pl

from pipeline.ingest.export import ROW, of_frame
from pipeline.problems import ProblemsFoundError, summary
from pipeline.scaffold.cells import Cells
from schemas.sources import BY_ENDING, Format

ROWS = 200_000
"""Rows that are looked at."""

HEADERS = 15
"""Rows of a sheet in which the names of the columns are looked for."""

TRIED = 300
"""Rows below them by which the sheet and the row are chosen."""

NOT_CLEAR = 0.9
"""What a row counts whose names the reader would refuse: one is missing, or stands twice."""

Score = Callable[[Cells], float]
Rows = Sequence[Sequence[str | None]]


@dataclass(frozen=True)
class Opened:
    """The first rows of an export; what has to be declared for it to be read; why it can't be, where it can't."""

    cells: Cells
    written: Mapping[str, object]
    unreadable: str = ""


def open_export(path: Path, score: Score) -> Opened:
    """An export as its reader gives it; of one that can't be read what can be seen of it, if anything, and why.

    ``score`` says how well some cells fit what an export may hold, from 0 up.
    """
    written, seen = _found(path, score)
    try:
        return Opened(_cells(path, written), written)
    except ProblemsFoundError as error:
        told = error.problems
    if any("not UTF-8 text" in problem.rule for problem in told):
        windows = {**written, "encoding": "windows-1252"}
        try:
            return Opened(_cells(path, windows), windows)
        except ProblemsFoundError as error:
            told = error.problems
    return Opened(seen, written, " ".join(summary(told, most=3)))


def _cells(path: Path, written: Mapping[str, object]) -> Cells:
    from pipeline.ingest.reading import read

    export = read(path, Format.model_validate(dict(written)))
    frames, rows = [], 0
    for frame in export.batches():
        frames.append(frame)
        rows += frame.height
        if rows >= ROWS:
            break
    return Cells(pl.concat(frames).head(ROWS), export)


def _found(path: Path, score: Score) -> tuple[dict[str, object], Cells]:
    """What has to be declared of a file, and its first rows if it is a workbook; nothing where nothing is found."""
    nothing = pl.DataFrame(schema={ROW: pl.Int64})
    kind = _platform(path)
    if kind or BY_ENDING.get(path.suffix.lower()) != "excel":
        return ({"type": kind} if kind else {}), Cells(nothing, of_frame(nothing))
    best, written, seen = -1.0, dict[str, object](), Cells(nothing, of_frame(nothing))
    for declared, rows in _tries(path):
        cells, is_clear = _seen(rows)
        fit = score(cells) * (1.0 if is_clear else NOT_CLEAR) * (1 - _repeated(rows))
        # Where no row fits at all, the one with the most names.
        fit = fit or len(cells.names) / 1e6
        if fit > best:
            best, written, seen = fit, declared, cells
    return written, seen


def _platform(path: Path) -> str:
    """The survey platform whose signs a text file or a workbook carries; empty where there are none."""
    from pipeline.ingest import platforms

    if BY_ENDING.get(path.suffix.lower()) not in ("csv", "excel"):
        return ""
    try:
        return platforms.kind_of(platforms.top_of(platforms.rows_of(path, Format())))
    except ProblemsFoundError:
        return ""  # told where the file is read


def _tries(path: Path) -> Iterator[tuple[dict[str, object], Rows]]:
    """Each sheet from each row on that may name the columns, and what would have to be declared."""
    sheets = _sheets(path)
    for name, rows in sheets.items():
        sheet: dict[str, object] = {"sheet": name} if len(sheets) > 1 else {}
        for place in range(min(HEADERS, len(rows))):
            if sum(cell is not None for cell in rows[place]) > 1:
                yield sheet | ({"header": place + 1} if place else {}), rows[place:]


def _sheets(path: Path) -> dict[str, Rows]:
    """The first rows of each sheet that is shown and has cells; none where it is no workbook that can be opened."""
    from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    from pipeline.ingest.cells import text

    try:
        book = CalamineWorkbook.from_path(path)
        known = [one for one in book.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet]
        shown = [one for one in known if one.visible == SheetVisibleEnum.Visible] or known
        sheets = {one.name: book.get_sheet_by_name(one.name) for one in shown}
    except CalamineError:
        return {}  # told where the file is read
    return {
        name: [[text(value) for value in row] for row in islice(sheet.iter_rows(), HEADERS + TRIED)]
        for name, sheet in sheets.items()
        if sheet.start is not None
    }


def _seen(rows: Rows) -> tuple[Cells, bool]:
    """The columns with a name of their own, named by the first row; and whether these are all."""
    header, below = rows[0], [row for row in rows[1:] if any(row)]
    filled = [place for place, name in enumerate(header) if name or any(row[place] for row in below)]
    times = Counter(header)
    named = {name: place for place in filled if (name := header[place]) is not None and times[name] == 1}
    columns = {name: [row[place] for row in below] for name, place in named.items()}
    frame = pl.DataFrame(columns, schema=dict.fromkeys(named, pl.String)).with_row_index(ROW)
    return Cells(frame, of_frame(frame)), len(named) == len(filled)


def _repeated(rows: Rows) -> float:
    """The share of names that stand below themselves again: a row of data, not of names."""
    names = {place: name for place, name in enumerate(rows[0]) if name}
    again = [place for place, name in names.items() if any(row[place] == name for row in rows[1:])]
    return len(again) / len(names) if names else 0.0
