"""What tools for coding texts have in common, and its tables: codes, coders, texts, coded passages.

How a tool's file is read belongs in ``refi_qda.py`` and ``taguette.py``; what is valid, in ``pipeline.validation``.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count

import polars as pl

from pipeline.ingest.csv import ROW
from pipeline.ingest.text_positions import words_cut

COLUMNS = {
    "sections": ("document", "section", "title", "start", "end", "not_coded"),
    "segments": (
        "document", "segment", "section", "start", "end", "summary", "basis", "respondent_group", "service",
        "quantifier", "figures", "releasable",
    ),
    "codings": ("segment", "coder", "code", "polarity"),
    "codebook": (
        "code", "version", "theme", "parent", "label", "definition", "when_to_use", "when_not_to_use",
    ),
    "documents": ("id", "title", "type", "date", "sha256", "counted", "passages", "words_cut"),
    "skipped": ("source", "kind", "codings", "why"),
}  # fmt: skip
"""Columns of each frame. ``skipped`` says what the file has and the tables have not."""

SECTION = "text"
"""Id of the one section of each document: its whole text."""

NOT_CODED = "nothing in it is coded in the project file"
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
_FILE_ENDING = re.compile(r"\.(docx?|odt|rtf|txt|pdf|html?|md|mp3|mp4|m4a|wav|mov|jpe?g|png)$", re.IGNORECASE)


@dataclass(frozen=True)
class Code:
    """One code; ``key`` and ``parent`` are the tool's own ids."""

    key: str
    name: str
    definition: str | None = None
    parent: str | None = None


@dataclass(frozen=True)
class Source:
    """One text with passages; ``text`` is ``None`` where the file does not hold it."""

    key: str
    name: str
    text: str | None
    counted: str | None = None


@dataclass(frozen=True)
class Passage:
    """One selection: offsets in code points of the text, the coder's comment, and pairs of user and code.

    ``number`` is its running number in the file; ``mark`` names it where it has no offsets.
    """

    source: str
    number: int
    start: int | None
    end: int | None
    codings: tuple[tuple[str, str], ...]
    comment: str | None = None
    mark: str = ""


@dataclass(frozen=True)
class Skipped:
    """What a file has and the tables can't have: of which source, how many codings are lost, and why."""

    source: str
    kind: str
    codings: int
    why: str


@dataclass(frozen=True)
class CodedText:
    """All of a project file; ``users`` are the tool's ids of the coders, in the order of the file."""

    codes: Sequence[Code] = ()
    users: Sequence[str] = ()
    sources: Sequence[Source] = ()
    passages: Sequence[Passage] = ()
    skipped: Sequence[Skipped] = ()


Row = dict[str, object]


@dataclass(frozen=True)
class _Ids:
    """The project's ids of what the tool names in its own way."""

    documents: dict[str, str]
    codes: dict[str, str]
    coders: dict[str, str]
    segments: dict[int, str] = field(default_factory=dict)


def tables(coded: CodedText) -> dict[str, pl.DataFrame]:
    """The frames of ``COLUMNS``, all columns as texts, with ``ROW``; what the file does not say is null.

    ``ROW`` is the running number of the selection in ``segments`` (the first one, where several mark the same
    passage) and of the row in the other frames.
    """
    documents = dict(zip((s.key for s in coded.sources), document_ids(s.name for s in coded.sources), strict=True))
    coders = [*coded.users, *(user for one in coded.passages for user, _ in one.codings)]
    pseudonyms = {user: f"coder-{number}" for number, user in enumerate(dict.fromkeys(coders), start=1)}
    ids = _Ids(documents, code_ids(coded.codes), pseudonyms)
    ids.segments.update((one.number, _segment_id(one, documents)) for one in coded.passages)
    own: dict[str, list[Passage]] = {one.key: [] for one in coded.sources}
    for passage in coded.passages:
        own[passage.source].append(passage)
    rows = {
        "sections": [_section(one, own[one.key], ids) for one in coded.sources],
        "segments": _segments(coded, ids),
        "codings": _codings(coded, ids),
        "codebook": [_code(one, ids) for one in coded.codes],
        "documents": [_document(one, own[one.key], ids) for one in coded.sources],
        "skipped": [vars(one) for one in coded.skipped],
    }
    return {name: _frame(rows[name], COLUMNS[name]) for name in COLUMNS}


def texts_by_document(coded: CodedText) -> dict[str, str]:
    """The text of each document that the file holds, by document id."""
    ids = document_ids(one.name for one in coded.sources)
    return {name: one.text for name, one in zip(ids, coded.sources, strict=True) if one.text is not None}


def _frame(rows: Sequence[Row], columns: Sequence[str]) -> pl.DataFrame:
    texts = {name: [None if row.get(name) is None else str(row[name]) for row in rows] for name in columns}
    numbers = [row.get(ROW, place) for place, row in enumerate(rows, start=1)]
    return pl.DataFrame({ROW: numbers, **texts}, schema={ROW: pl.Int64} | dict.fromkeys(columns, pl.String))


def _segment_id(one: Passage, documents: dict[str, str]) -> str:
    return f"{documents[one.source]}-{one.mark or f'{one.start}-{one.end}'}"


def _section(source: Source, own: Sequence[Passage], ids: _Ids) -> Row:
    place = {} if source.text is None else {"start": 0, "end": len(source.text)}
    facts = {"document": ids.documents[source.key], "section": SECTION, "title": "Whole text"}
    return {**facts, **place, "not_coded": None if own else NOT_CODED}


def _segments(coded: CodedText, ids: _Ids) -> list[Row]:
    """A row a passage, in the order of the texts; the comments of those who marked the same one are joined."""
    order = {one.key: place for place, one in enumerate(coded.sources)}
    texts = {one.key: one.text for one in coded.sources}
    same: dict[str, list[Passage]] = {}
    for one in sorted(coded.passages, key=lambda one: (order[one.source], one.start or 0, one.end or 0, one.number)):
        same.setdefault(ids.segments[one.number], []).append(one)
    return [
        {
            ROW: min(one.number for one in alike), "document": ids.documents[alike[0].source], "segment": segment,
            "section": SECTION, "start": alike[0].start, "end": alike[0].end,
            "summary": _comments(alike, texts[alike[0].source]),
        }
        for segment, alike in same.items()
    ]  # fmt: skip


def _comments(alike: Sequence[Passage], text: str | None) -> str | None:
    """What the coders wrote about a passage; a comment that only repeats it is no summary in their own words."""
    passage = " ".join((text or "")[alike[0].start : alike[0].end].split()) if text else ""
    said = [" ".join(one.comment.split()) for one in alike if one.comment]
    return "; ".join(one for one in dict.fromkeys(said) if one and one != passage) or None


def _codings(coded: CodedText, ids: _Ids) -> list[Row]:
    """Who gave which code to which passage; what the same coder gave twice is one coding."""
    given = [
        (ids.segments[one.number], ids.coders[user], ids.codes[code])
        for one in coded.passages
        for user, code in one.codings
    ]
    return [{"segment": segment, "coder": coder, "code": code} for segment, coder, code in dict.fromkeys(given)]


def _code(one: Code, ids: _Ids) -> Row:
    parent = ids.codes[one.parent] if one.parent else None
    return {"code": ids.codes[one.key], "parent": parent, "label": one.name, "definition": one.definition}


def _document(source: Source, own: Sequence[Passage], ids: _Ids) -> Row:
    facts: Row = {"id": ids.documents[source.key], "title": source.name, "counted": source.counted}
    facts["passages"] = len({ids.segments[one.number] for one in own})
    if source.text is None:
        return facts
    places = [place for pair in {(one.start, one.end) for one in own} for place in pair if place is not None]
    checksum = hashlib.sha256(source.text.encode()).hexdigest()
    return {**facts, "sha256": checksum, "words_cut": words_cut(source.text, places)}


def slug(name: str) -> str:
    """A name in small letters a to z, digits and dashes: accents go, what else is no letter becomes a dash.

    Empty where nothing of its letters is left, as with Greek or Chinese.
    """
    plain = unicodedata.normalize("NFKD", name.casefold().translate(_LETTERS))
    words = re.findall(r"[a-z0-9]+", "".join(one for one in plain if not unicodedata.combining(one)))
    lost = any(one.isalpha() for one in plain) and not any(one.isalpha() for word in words for one in word)
    return "" if lost else "-".join(words)


def document_ids(names: Iterable[str]) -> list[str]:
    """Slugs of the names without the file ending; of the same ones the second is ``-2``; else ``document-1``, ..."""
    return _unique([slug(_FILE_ENDING.sub("", name)) or f"document-{n}" for n, name in enumerate(names, start=1)])


def code_ids(codes: Sequence[Code]) -> dict[str, str]:
    """By the tool's id, slugs of the names; where several codes have the same, the broader code's comes first.

    Codes alike in that too are numbered ``-2``, ``-3``; a name without a letter a to z is ``code-1``, ``code-2``.
    """
    own = {one.key: slug(one.name) or f"code-{number}" for number, one in enumerate(codes, start=1)}
    often = Counter(own.values())
    full = [
        f"{own[one.parent]}-{own[one.key]}" if one.parent and often[own[one.key]] > 1 else own[one.key]
        for one in codes
    ]
    return dict(zip(own, _unique(full), strict=True))


def _unique(ids: Sequence[str]) -> list[str]:
    """The ids, those that came before with a number: ``-2``, ``-3``."""
    taken, found = set(ids), []
    numbers: dict[str, Iterator[int]] = {}
    for one in ids:
        free = one
        if one in numbers:
            free = next(other for number in numbers[one] if (other := f"{one}-{number}") not in taken)
        numbers.setdefault(one, count(2))
        taken.add(free)
        found.append(free)
    return found
