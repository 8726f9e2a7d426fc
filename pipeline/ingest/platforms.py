"""What the exports of survey platforms have in common: rows, headings as names, columns that are not read.

What one platform writes in its own way belongs in that platform's module. Types and meaning of the columns belong in
``mapping.py`` and ``pipeline.validation``.
"""

from __future__ import annotations

import codecs
import gzip
import html
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.ingest import csv
from pipeline.ingest.export import ROW, Export
from pipeline.problems import ProblemsFoundError, file_problem
from schemas.sources import BY_ENDING, ENCODINGS, SEPARATORS, Format

BATCH = 50_000
TITLES = {
    "redcap": "REDCap",
    "qualtrics": "Qualtrics",
    "limesurvey": "LimeSurvey",
    "microsoft-forms": "Microsoft Forms",
    "google-forms": "Google Forms",
}
Rows = Callable[[], Iterator[tuple[int, list[str]]]]
"""Gives the rows of a file with their numbers anew each time it is called."""


def rows_of(path: Path, declared: Format) -> Rows:
    """The rows of a text file or a workbook that are not blank, headings included.

    Raises
    ------
    ProblemsFoundError
        As the readers of text files and workbooks do; those of text files while the rows are read.
    """
    if BY_ENDING.get(path.suffix.lower()) == "excel":
        from pipeline.ingest import excel

        return lambda: excel.read_rows(path, declared)
    written = _as_written(path, declared)

    def rows() -> Iterator[tuple[int, list[str]]]:
        found = csv.read_rows(path, written)
        return ((number, row) for number, row in found if any(cell.strip() for cell in row))

    return rows


def _as_written(path: Path, declared: Format) -> Format:
    """``declared`` with what the file's first bytes say: UTF-16, and the separator behind the first cell.

    The first cell of a platform's export is a plain word, whereas later headings are sentences with commas and
    semicolons of their own: what stands behind it is the separator.
    """
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
        start = stream.read(1 << 16)
    wide = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    changes: dict[str, str] = {"encoding": "utf-16"} if wide else {}
    encoding = ENCODINGS[changes.get("encoding", declared.encoding)]
    lines = start.decode(encoding, errors="replace").splitlines()[declared.header - 1 :]
    behind = re.match(r'(?:"(?:[^"]|"")*"|[^",;|\t]*)([,;|\t])', lines[0]) if lines else None
    if behind and not declared.separator:
        changes["separator"] = next(name for name, sign in SEPARATORS.items() if sign == behind[1])
    return declared.model_copy(update=changes)


def top_of(rows: Rows) -> list[list[str]]:
    """The cells of the first three rows, headings first, white space as ``heading`` writes it."""
    return [[heading(cell) for cell in row] for _, row in islice(rows(), 3)]


def heading(cell: str) -> str:
    """A heading as the study file names it: line breaks, tabs and runs of spaces of any kind are one space.

    Signs without width, which stand invisibly in texts pasted from web pages, are left out.
    """
    return " ".join(re.sub("[\u200b\u200c\u200d\u2060\ufeff]", "", cell).split())


def plain(text: str) -> str:
    """A text without its HTML, as ``heading`` writes it."""
    text = re.sub(r"(?is)<(script|style)\b.*?</\1\s*>|<!--.*?-->", "", text)
    text = re.sub(r"(?i)<(?:br|/?(?:p|div|li|ul|ol|tr|td|th|table|h[1-6]))\b[^>]*>", " ", text)
    return heading(html.unescape(re.sub(r"</?[A-Za-z][^>]*>", "", text)))


def distinct(names: Iterable[str]) -> list[str]:
    """The names, a repeated one with its count: ``Comment``, ``Comment (2)``."""
    names = list(names)
    taken, counts = set(names), Counter[str]()
    found: list[str] = []
    for name in names:
        counts[name] += 1
        one = name
        while name and counts[name] > 1 and one in taken:
            one = f"{name} ({counts[name]})"
            counts[name] += one in taken
        taken.add(one)
        found.append(one)
    return found


def named_by(headings: Sequence[str], labels: Mapping[str, str]) -> list[str]:
    """Headings that are labels as the names they stand for, where that is certain.

    ``labels`` has the label of each name. A heading stays as it is where two names have that label, where it
    stands twice, or where it is a name already.
    """
    by_label: dict[str, list[str]] = {}
    for name, label in labels.items():
        by_label.setdefault(_compared(label), []).append(name)
    counts = Counter(_compared(one) for one in headings)
    found = []
    for one in headings:
        names = by_label.get(_compared(one), [])
        certain = len(names) == 1 and counts[_compared(one)] == 1 and names[0] not in headings
        found.append(names[0] if certain and one not in labels else one)
    return found


def _compared(label: str) -> str:
    return heading(re.sub("[\"'\u2018\u2019\u201c\u201d]", "", plain(label))).casefold()


def kind_of(top: Sequence[Sequence[str]]) -> str:
    """The platform whose signs the first rows carry; empty where there are none."""
    first = [cell.casefold() for cell in top[0]] if top else []
    names = set(first) | {name.split(". ")[0] for name in first}
    ticked = any("___" in name for name in names) and any(name.endswith("_complete") for name in names)
    signs = {
        "qualtrics": any('"ImportId"' in cell for row in top[1:3] for cell in row)
        or {"responseid", "startdate"} <= names
        or {"v1", "v10"} <= names,
        "redcap": ticked or any(name.startswith("redcap_") for name in names),
        "limesurvey": bool(names & {"submitdate", "startlanguage"}) or {"date submitted", "last page"} <= names,
        "microsoft-forms": first[:3] == ["id", "start time", "completion time"],
        "google-forms": first[:1] == ["timestamp"],
    }
    return next((kind for kind, holds in signs.items() if holds), "")


def check_kind(path: Path, top: Sequence[Sequence[str]], kind: str) -> None:
    """Say so where the file carries the signs of another platform than the one declared."""
    found = kind_of(top)
    if found not in {"", kind}:
        rule = f"looks like an export of {TITLES[found]}, not of {TITLES[kind]}"
        remedy = f"Write format: {{type: {found}}} in the study file, or take the file that is meant."
        raise ProblemsFoundError([file_problem(path, rule, remedy, 1)])


def beside(path: Path, declared: Format) -> Path:
    """The dictionary or structure file that is declared, beside the export.

    Raises
    ------
    ProblemsFoundError
        When it is not there.
    """
    file = path.parent / declared.dictionary
    if not file.is_file():
        remedy = "Put it beside the export, or correct `dictionary` in the study file."
        raise ProblemsFoundError([file_problem(file, "there is no such file", remedy)])
    return file


def export(
    path: Path,
    rows: Rows,
    names: Sequence[str],
    *,
    withheld: Iterable[str] = (),
    headings: int = 1,
    change: Callable[[list[str]], list[str]] | None = None,
    **about: Any,
) -> Export:
    """The export whose columns are called ``names``, in this order.

    Parameters
    ----------
    names
        Column names; names that are empty may stand at the end only.
    withheld
        Columns that are not read into cells. Their questions stay, so that it can be said why they are not there.
    headings
        How many rows of headings stand before the answers.
    change
        Applied to the stripped cells of each row.

    Raises
    ------
    ProblemsFoundError
        When a column has no name; while the rows are read, when a row has too few or too many cells.
    """
    width = max((place for place, name in enumerate(names, start=1) if name), default=0)
    problems = csv.header_problems(path, list(names[:width]))
    if problems:
        raise ProblemsFoundError(problems)
    hidden = set(withheld)

    def batches() -> Iterator[pl.DataFrame]:
        found = islice(rows(), headings, None)
        taken, first = list(islice(found, BATCH)), True
        while taken or first:
            frame = _frame(path, taken, list(names[:width]), change)
            yield frame.drop(name for name in names[:width] if name in hidden)
            taken, first = list(islice(found, BATCH)), False

    return Export(batches, **about)


def _frame(
    path: Path,
    taken: Sequence[tuple[int, list[str]]],
    names: list[str],
    change: Callable[[list[str]], list[str]] | None,
) -> pl.DataFrame:
    wide = len(names)
    problems = [
        file_problem(
            path,
            f"the row has {len(row)} cells but the header has {wide}",
            "Export the file again rather than edit it by hand.",
            number,
        )
        for number, row in taken
        if len(row) < wide or any(cell.strip() for cell in row[wide:])
    ]
    if problems:
        raise ProblemsFoundError(problems)
    cells = [[cell.strip() for cell in row[:wide]] for _, row in taken]
    cells = [change(row) for row in cells] if change else cells
    columns = zip(*cells, strict=True) if cells else [()] * wide
    texts = {name: [cell or None for cell in column] for name, column in zip(names, columns, strict=True)}
    schema = {ROW: pl.Int64} | dict.fromkeys(names, pl.String)
    return pl.DataFrame({ROW: [number for number, _ in taken], **texts}, schema=schema)
