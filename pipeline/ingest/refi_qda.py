"""REFI-QDA project files (``.qdpx``) and codebooks (``.qdc``) as NVivo, ATLAS.ti, MAXQDA, QualCoder write them.

Follows the standard (REFI-QDA 1.5, schemas Project 1.0 and Codebook 1.0) and what tools are known to do otherwise.
The tables made of it are in ``coded_text.py``, ways of counting places in ``text_positions.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.ingest.coded_text import Code, CodedText, Passage, Skipped, Source, tables, texts_by_document
from pipeline.ingest.project_archive import ProjectArchive, child, children, local, parse, refused, text_in
from pipeline.ingest.text_positions import Counting, counting_of, offsets
from pipeline.problems import Problem, ProblemsFoundError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    import polars as pl

    _Place = tuple[int | None, int, Element]
    """Beginning and end as the file has them, and the element with the codings."""

SUFFIXES = (".qdpx", ".qdc")
_MEDIA = {
    "PDFSelection": "areas of PDF pages",
    "PictureSelection": "areas of pictures",
    "AudioSelection": "stretches of sound",
    "VideoSelection": "stretches of video",
}
_TEXTS = ("Representation", "TextDescription", "Transcript")
"""Elements below a PDF, picture, sound or video that hold a text of it."""


@dataclass(frozen=True)
class _Selection:
    """One selection with places as the file has them, or (``start`` is ``None``) a whole text."""

    source: str
    number: int
    start: int | None
    end: int
    codings: tuple[tuple[str, str], ...]
    comment: str | None


@dataclass
class _Reading:
    """What is found on the way through a project; ``texts`` has name and text by the number of the source."""

    path: Path
    archive: ProjectArchive
    codes: Mapping[str, Code]
    default_user: str
    texts: dict[str, tuple[str, str]] = field(default_factory=dict)
    selections: list[_Selection] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def problem(self, number: int | None, column: str, value: str, rule: str, remedy: str) -> None:
        self.problems.append(Problem(self.path.name, number, column, value, rule, remedy))


def read_tables(path: Path) -> dict[str, pl.DataFrame]:
    """The frames of ``coded_text.COLUMNS`` of one ``.qdpx`` or ``.qdc``, all columns as texts, with ``ROW``.

    A codebook (``.qdc``) has rows in ``codebook`` only.

    Raises
    ------
    ProblemsFoundError
        When the file is damaged, of another kind, not safe to read or too large; a text is missing; a selection
        lies outside its text; or a code is not in the codebook. The row is the number of the selection.
    """
    return tables(_coded(path))


def texts(path: Path) -> dict[str, str]:
    """The text of each document of a ``.qdpx``, by document id, character by character as in the archive.

    Its checksum in UTF-8 is that of the file in the archive. Raises as ``read_tables`` does.
    """
    return texts_by_document(_coded(path))


def _coded(path: Path) -> CodedText:
    if path.suffix.lower() == ".qdc":
        return CodedText(codes=_codes(parse(path, path.read_bytes(), "CodeBook")))
    with ProjectArchive(path) as archive:
        return _project(path, archive)


def _project(path: Path, archive: ProjectArchive) -> CodedText:
    root = parse(path, archive.read(_project_part(path, archive)), "Project")
    codes = _codes(child(root, "CodeBook"))
    users = [_guid(one, "guid") for one in children(child(root, "Users"), "User")]
    by_key = {one.key: one for one in codes}
    reading = _Reading(path, archive, by_key, _guid(root, "creatingUserGUID") or "nobody")
    for one in children(child(root, "Sources")):
        _source(reading, one)
    _not_read(reading, root)
    sources, passages = _counted(reading, root.get("origin") or "")
    if reading.problems:
        raise ProblemsFoundError(reading.problems)
    return CodedText(codes, users, sources, passages, reading.skipped)


def _project_part(path: Path, archive: ProjectArchive) -> str:
    """The standard calls it ``project.qde``; ATLAS.ti 26 gives it the name of the project."""
    found = [one for one in archive.names() if one.lower().endswith(".qde") and "/" not in one]
    found = [one for one in found if one.lower() == "project.qde"] or found
    if len(found) != 1:
        rule = "no project.qde in the archive" if not found else "several projects in the archive"
        raise refused(path, rule, "Export one project as REFI-QDA project (.qdpx).")
    return found[0]


def _guid(element: Element, name: str) -> str:
    """Tools write the ids in capital or small letters, in braces or without."""
    return (element.get(name) or "").strip().strip("{}").lower()


def _codes(book: Element | None) -> list[Code]:
    """All codes, folders of codes among them, each before those below it."""
    found: dict[str, Code] = {}
    top = children(child(book, "Codes"), "Code")
    below: list[tuple[Element, str | None]] = [(one, None) for one in reversed(top)]
    while below:  # not recursive: nothing bounds how deep a file nests them
        one, parent = below.pop()
        key = _guid(one, "guid") or f"#{len(found)}"
        found.setdefault(key, Code(key, (one.get("name") or "").strip(), text_in(one, "Description"), parent))
        below += [(narrower, key) for narrower in reversed(children(one, "Code"))]
    return list(found.values())


def _source(reading: _Reading, element: Element) -> None:
    """One source with its texts; what is marked in it but not in a text is counted among what was skipped."""
    name = (element.get("name") or "").strip()
    if local(element) == "TextSource":
        _text(reading, element, name)
        return
    held = children(element, *_TEXTS)
    for one in held:
        own = (one.get("name") or "").strip()
        _text(reading, one, own if own and len(held) > 1 else name)
    for kind, what in _MEDIA.items():
        _skip(reading, name, what, children(element, kind), "not a passage of a text")
    _skip(reading, name, local(element), [element], "the code is on the whole source, which is no text")
    if not held:
        reading.skipped.append(Skipped(name, local(element), 0, "the file holds no text of it"))


def _skip(reading: _Reading, name: str, what: str, elements: Sequence[Element], why: str) -> None:
    lost = sum(len(children(one, "Coding")) for one in elements)
    if lost:
        reading.skipped.append(Skipped(name, what, lost, why))


def _text(reading: _Reading, element: Element, name: str) -> None:
    selected, text = list(_selected(reading, element)), _content(reading, element, name)
    if text is None and element.get("plainTextPath"):
        return  # told as a problem
    if not text and not selected:
        reading.skipped.append(Skipped(name, local(element), 0, "its text is empty or not in the file"))
    elif text is None:
        rule, remedy = "a coded document has no plain text in the file", "Export the project with its documents."
        reading.problem(None, "document", name, rule, remedy)
    else:
        _selections(reading, element, selected, (name, text))


def _selections(reading: _Reading, element: Element, selected: Sequence[_Place], named_text: tuple[str, str]) -> None:
    key = f"#{len(reading.texts)}"
    reading.texts[key] = named_text
    without_code = 0
    for start, end, one in selected:
        number = len(reading.selections) + 1
        codings = tuple(_codings(reading, one, number))
        comment = text_in(one, "Description") if one is not element else None
        reading.selections.append(_Selection(key, number, start, end, codings, comment))
        without_code += not codings
    if without_code:
        why = f"{without_code} selections carry no code (free quotations, annotations)"
        reading.skipped.append(Skipped(named_text[0], "selections without a code", 0, why))


def _selected(reading: _Reading, element: Element) -> Iterator[_Place]:
    """Selections with their places; the source itself where codes are on the whole of it."""
    if children(element, "Coding"):
        yield None, 0, element
    points = {_guid(one, "guid"): one.get("position") for one in children(element, "SyncPoint")}
    for one in children(element, "PlainTextSelection", "TranscriptSelection"):
        if local(one) == "PlainTextSelection":
            ends = one.get("startPosition"), one.get("endPosition")
        else:
            ends = points.get(_guid(one, "fromSyncPoint")), points.get(_guid(one, "toSyncPoint"))
        start, end = _whole(ends[0]), _whole(ends[1])
        if start is None or end is None:
            rule = "a selection does not say where in the text it begins and ends"
            value = " to ".join(place or "" for place in ends)
            reading.problem(None, "start", value, rule, "Export the project again.")
        else:
            yield start, end, one


def _whole(text: str | None) -> int | None:
    try:
        return int(text or "")
    except ValueError:
        return None


def _content(reading: _Reading, element: Element, name: str) -> str | None:
    """The plain text of a source, with all its line ends and its byte order mark if it has one."""
    place, inline = element.get("plainTextPath"), child(element, "PlainTextContent")
    if place and (inline is None or reading.archive.named(_file(place))):
        return _part(reading, place, name)
    return None if inline is None else inline.text or ""


def _file(place: str) -> str:
    return place.partition("://")[2] or place


def _part(reading: _Reading, place: str, name: str) -> str | None:
    part = reading.archive.named(_file(place))
    if part is None:
        outside = place.startswith(("relative:", "absolute:"))
        rule = "the text of a document is not in the archive" + (", but in a file beside it" if outside else "")
        reading.problem(None, "document", name, rule, "Export the project again, with all documents in it.")
        return None
    try:
        return reading.archive.read(part).decode("utf-8")
    except UnicodeDecodeError:
        reading.problem(None, "document", name, "the text of a document is not UTF-8", "Export the project again.")
        return None


def _codings(reading: _Reading, selection: Element, number: int) -> Iterator[tuple[str, str]]:
    """User and code of each coding; where a coding has no user, who made the selection, or the project."""
    for one in children(selection, "Coding"):
        user = _guid(one, "creatingUser") or _guid(selection, "creatingUser") or _guid(selection, "modifyingUser")
        for ref in children(one, "CodeRef"):
            code = _guid(ref, "targetGUID")
            if code in reading.codes:
                yield user or reading.default_user, code
            else:
                rule, remedy = "the code is not in the codebook of the file", "Export the project with its codes."
                reading.problem(number, "code", code, rule, remedy)


def _not_read(reading: _Reading, root: Element) -> None:
    """What the tables have no place for: codes in memos, cases with their variables."""
    notes = [one for note in children(child(root, "Notes"), "Note") for one in (note, *note)]
    lost = sum(len(children(one, "Coding")) for one in notes)
    if lost:
        reading.skipped.append(Skipped("", "memos", lost, "codes on memos are not evidence"))
    cases = children(child(root, "Cases"), "Case")
    if cases:
        lost = sum(len(children(one, "CodeRef")) for one in cases)
        reading.skipped.append(Skipped("", "cases", lost, "cases and their variables are not read"))


def _counted(reading: _Reading, origin: str) -> tuple[list[Source], list[Passage]]:
    """Sources and coded passages, with places as offsets in code points of the texts."""
    coded = [one for one in reading.selections if one.codings]
    spans: dict[str, list[tuple[int, int]]] = {key: [] for key in reading.texts}
    for one in coded:
        if one.start is not None:
            spans[one.source].append((one.start, one.end))
    way = counting_of([(text, spans[key]) for key, (_, text) in reading.texts.items()], origin)
    known = {key: offsets(text, way) for key, (_, text) in reading.texts.items()}
    passages = [_passage(reading, one, known[one.source], way) for one in coded]
    sources = [Source(key, name, text, str(way)) for key, (name, text) in reading.texts.items()]
    return sources, [one for one in passages if one]


def _passage(reading: _Reading, one: _Selection, known: Sequence[int], way: Counting) -> Passage | None:
    name, text = reading.texts[one.source]
    if one.start is None:
        return Passage(one.source, one.number, 0, len(text), one.codings)
    last = one.end + way.end_included
    if not 0 <= one.start <= last < len(known):
        rule = f"the selection ({one.start} to {one.end}) does not lie in its text of {len(known) - 1} characters"
        remedy = "Export the project again; the text may have been changed after it was coded."
        reading.problem(one.number, "start", name, rule, remedy)
        return None
    if known[one.start] == known[last]:
        why = "a selection of no length is no passage"
        reading.skipped.append(Skipped(name, "empty selections", len(one.codings), why))
        return None
    return Passage(one.source, one.number, known[one.start], known[last], one.codings, one.comment)
