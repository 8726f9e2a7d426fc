"""Exports of Taguette: projects (``.sqlite3``), highlights and codebooks (``.csv``, ``.xlsx``; codebooks: ``.qdc``).

Read as Taguette 1.5 writes them. The tables made of it are in ``coded_text.py``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from html.parser import HTMLParser
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.ingest.coded_text import Code, CodedText, Passage, Skipped, Source, tables, texts_by_document
from pipeline.ingest.csv import read_text
from pipeline.problems import Problem, ProblemsFoundError, file_problem

if TYPE_CHECKING:
    import polars as pl

SUFFIXES = (".sqlite3", ".csv", ".xlsx", ".qdc")
HIGHLIGHTS = ("id", "document", "tag", "content")
CODEBOOK = ("tag", "description")
_CODER = "taguette"
"""The one coder of an export: it does not say who of several persons highlighted what."""


def read_tables(path: Path) -> dict[str, pl.DataFrame]:
    """The frames of ``coded_text.COLUMNS`` of one export, all columns as texts, with ``ROW``.

    Highlights as CSV or Excel have words, but no places: ``start`` and ``end`` are null, and what is not tagged is
    not in them. A codebook has rows in ``codebook`` only.

    Raises
    ------
    ProblemsFoundError
        When the file is damaged or no export of Taguette, or a highlight is not where the file says.
    """
    if path.suffix.lower() == ".qdc":
        from pipeline.ingest import refi_qda

        return refi_qda.read_tables(path)
    return tables(_coded(path))


def texts(path: Path) -> dict[str, str]:
    """The text of each document of a project (``.sqlite3``), by document id; the other exports hold none.

    The text is that of the document's HTML without its tags, on which Taguette counts. Raises as ``read_tables``.
    """
    return texts_by_document(_coded(path)) if path.suffix.lower() == ".sqlite3" else {}


def _coded(path: Path) -> CodedText:
    if path.suffix.lower() == ".sqlite3":
        return _project(path)
    rows = _excel(path) if path.suffix.lower() == ".xlsx" else read_text(path).to_dicts()
    columns = set(rows[0]) if rows else set()
    if columns >= set(HIGHLIGHTS):
        return _highlights(path, rows)
    if columns >= set(CODEBOOK):
        return CodedText(codes=[Code(str(row["tag"]), str(row["tag"]), _text(row["description"])) for row in rows])
    wanted = f"{', '.join(HIGHLIGHTS)} or {', '.join(CODEBOOK)}"
    raise _refused(path, "no highlights and no codebook of Taguette", f"Its columns should be {wanted}.")


def _refused(path: Path, rule: str, remedy: str) -> ProblemsFoundError:
    return ProblemsFoundError([file_problem(path, rule, remedy)])


def _text(cell: object) -> str | None:
    return str(cell).strip() or None if cell is not None else None


def _excel(path: Path) -> list[dict[str, object]]:
    """Rows of the first sheet by the names in its first row; Taguette writes one sheet."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(path)
        header, *rows = book.get_sheet_by_index(0).to_python() or [[]]
    except (CalamineError, OSError, ValueError) as error:
        raise _refused(path, "not readable as an Excel file", "Export it again from Taguette.") from error
    return [dict(zip(map(str, header), row, strict=False)) for row in rows]


def _highlights(path: Path, rows: Sequence[dict[str, object]]) -> CodedText:
    """One row a highlight and tag; the rows of a highlight stand together."""
    missing = [
        number for number, row in enumerate(rows, start=2) if not (row["id"] and row["document"] and row["tag"])
    ]
    if missing:
        rule, remedy = "a highlight without id, document or tag", "Export all highlights again."
        raise ProblemsFoundError([Problem(path.name, number, "", "", rule, remedy) for number in missing])
    names = list(dict.fromkeys(str(row["document"]) for row in rows))
    tags = list(dict.fromkeys(str(row["tag"]) for row in rows))
    passages = []
    for number, ((mark, document), own) in enumerate(
        groupby(rows, lambda row: (row["id"], row["document"])), start=1
    ):
        codings = tuple((_CODER, str(row["tag"])) for row in own)
        passages.append(Passage(str(document), number, None, None, codings, mark=f"highlight-{mark}"))
    sources = [Source(name, name, None) for name in names]
    return CodedText([Code(tag, tag) for tag in tags], (_CODER,), sources, passages)


_QUERIES = {
    "projects": "SELECT id FROM projects",
    "documents": "SELECT id, name, contents FROM documents ORDER BY id",
    "tags": "SELECT id, path, description FROM tags ORDER BY id",
    "given": "SELECT highlight_id, tag_id FROM highlight_tags ORDER BY 1, 2",
    "highlights": "SELECT id, document_id, start_offset, end_offset, snippet FROM highlights ORDER BY 2, 3, 4, 1",
}


def _project(path: Path) -> CodedText:
    remedy = "Export the project as SQLite3 from its project page."
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            rows = {name: database.execute(query).fetchall() for name, query in _QUERIES.items()}
    except sqlite3.Error as error:
        raise _refused(path, "not a project of Taguette, or damaged", remedy) from error
    if len(rows["projects"]) != 1:
        raise _refused(path, "holds several projects, or none", remedy)
    codes = [Code(f"{key}", tag, _text(description)) for key, tag, description in rows["tags"]]
    sources = [Source(f"{key}", name, plain_text(html), "UTF-8 bytes") for key, name, html in rows["documents"]]
    tags = {
        key: tuple((_CODER, f"{tag}") for _, tag in own) for key, own in groupby(rows["given"], lambda row: row[0])
    }
    return _placed(path, CodedText(codes, (_CODER,), sources), rows["highlights"], tags)


def _placed(
    path: Path,
    project: CodedText,
    highlights: Sequence[tuple[int, int, int, int, str]],
    tags: dict[int, tuple[tuple[str, str], ...]],
) -> CodedText:
    """The project with its highlights; each is held against the words that the file keeps of it."""
    encoded = {one.key: (one.text or "").encode() for one in project.sources}
    passages, problems, without = [], [], dict.fromkeys(encoded, 0)
    for number, (key, document, start, end, snippet) in enumerate(highlights, start=1):
        text = encoded[f"{document}"]
        first, last = _after(text, start), _after(text, end)
        if not first < last or _letters(text[first:last].decode()) != _letters(plain_text(snippet)):
            rule = f"highlight {key} is not where the file says ({start} to {end})"
            problems.append(
                Problem(path.name, number, "start", "", rule, "Highlight it again, and export the project.")
            )
        elif key in tags:
            place = len(text[:first].decode()), len(text[:last].decode())
            passages.append(Passage(f"{document}", number, *place, tags[key]))
        else:
            without[f"{document}"] += 1
    if problems:
        raise ProblemsFoundError(problems)
    why = "{} highlights carry no tag"
    names = {one.key: one.name for one in project.sources}
    lost = [Skipped(names[key], "highlights without a tag", 0, why.format(n)) for key, n in without.items() if n]
    empty = [Skipped(one.name, "document", 0, "its text is empty") for one in project.sources if not one.text]
    kept = [one for one in project.sources if one.text]
    return CodedText(project.codes, project.users, kept, passages, [*lost, *empty])


def _after(encoded: bytes, place: int) -> int:
    """Taguette counts UTF-8 bytes of the text without tags; a place within a character means the one after it."""
    return next((one for one in range(place, len(encoded)) if not 0x80 <= encoded[one] < 0xC0), len(encoded))


def _letters(text: str) -> str:
    return "".join(text.split())


def plain_text(html: str) -> str:
    """The text of a piece of HTML: what stands between its tags, with character references resolved."""
    reader = _Words()
    reader.feed(html)
    reader.close()
    return "".join(reader.words)


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        self.words.append(data)
