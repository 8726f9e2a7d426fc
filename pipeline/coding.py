"""Checks coded documents across their tables: sections tile the text, passages lie in them, codes exist.

What one row may say is declared in ``schemas``; counting codes belongs in ``methods.framework``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from pipeline.documents import text_of
from pipeline.problems import Problem, nearest
from pipeline.studies import study_codes
from schemas.coding import NO_CODE, RESPONDENT_GROUPS, UNATTRIBUTED
from schemas.documents import Document
from schemas.study import Study

PERSONAL = {
    "an e-mail address": re.compile(r"[\w.+-]+@[\w-]+\.\w+"),
    "a telephone number": re.compile(
        r"(?<!\w)(?!\d{4}-\d\d-\d\d(?!\d)|(?:19|20)\d\d[ /-](?:19|20)\d\d(?!\d))\+?\d(?:[ ()./-]?\d){7,}"
    ),
}
"""What no summary may hold; dates and spans of years are no telephone numbers.

Names of persons can't be found by a pattern, and are the coder's to leave out.
"""


def coding_problems(
    folder: Path, study: Study, table: str, rows: dict[str, pl.DataFrame], places: Sequence[tuple[str, int]]
) -> list[Problem]:
    """What is wrong with one coded table in the light of the tables above it, in the order of ``CODED``.

    ``places`` are file and row number of each row of the table. Where the text of a document is supplied, offsets
    are held against it.
    """
    check = {"sections": _sections, "segments": _segments, "codings": _codings}[table]
    found = check(folder, study, rows)
    whole = (" and ".join(one.file for one in getattr(study.tables, table)), None)
    return [Problem(*(whole if number is None else places[number]), *rest) for number, *rest in found]


Found = tuple[int | None, str, str, str, str]


def _numbered(frame: pl.DataFrame) -> list[dict[str, object]]:
    """Rows with their place in the table, which has the rows of its files one after the other."""
    return frame.with_row_index("line").to_dicts()


def _sections(folder: Path, study: Study, rows: dict[str, pl.DataFrame]) -> Iterator[Found]:
    documents = {one.id: one for one in study.documents}
    frame = rows["sections"]
    unknown = [one for one in _numbered(frame) if one["document"] not in documents]
    for one in unknown:
        name = str(one["document"])
        yield int(str(one["line"])), "document", name, "unknown document", nearest(name, list(documents))
    for name, document in documents.items():
        own = [one for one in _numbered(frame) if one["document"] == name and None not in (one["start"], one["end"])]
        yield from _tiles(own, document, text_of(document, folder))
        yield from _vignette(document, frame)


def _vignette(document: Document, sections: pl.DataFrame) -> Iterator[Found]:
    """Without its section, the passages of a composite vignette would count as evidence."""
    known = sections.filter(pl.col("document") == document.part_of)["section"].to_list() if document.part_of else []
    if document.part_of and document.section not in known:
        rule = f"{document.id} is said to lie in '{document.section}', no section of {document.part_of}"
        yield None, "section", str(document.section), rule, nearest(str(document.section), known)


def _tiles(own: Sequence[dict[str, object]], document: Document, text: str | None) -> Iterator[Found]:
    expected = 0
    for one in sorted(own, key=lambda one: int(str(one["start"]))):
        start, end = int(str(one["start"])), int(str(one["end"]))
        if start != expected or end <= start:
            rule = f"sections of {document.id} leave a gap or overlap: one should begin at {expected}"
            remedy = "Let each section begin where the one before ends."
            yield int(str(one["line"])), "start", str(start), rule, remedy
        expected = end
    if own and text is not None and expected != len(text):
        rule = f"the sections of {document.id} end at {expected}, its text at {len(text)}"
        yield None, "end", str(expected), rule, "Let the last section end with the text."


def _segments(folder: Path, study: Study, rows: dict[str, pl.DataFrame]) -> Iterator[Found]:
    sections = {(s["document"], s["section"]): s for s in rows["sections"].to_dicts()} if "sections" in rows else {}
    services = [*study.service_ids(), UNATTRIBUTED]
    for one in _numbered(rows["segments"]):
        line = int(str(one["line"]))
        place = sections.get((one["document"], one["section"]))
        if place is None:
            known = [section for document, section in sections if document == one["document"]]
            remedy = nearest(str(one["section"]), known)
            yield line, "section", str(one["section"]), "not a section of this document", remedy
        else:
            yield from _place(line, one, place)
        if one["service"] not in services:
            yield line, "service", str(one["service"]), "unknown service", nearest(str(one["service"]), services)
        yield from _words(line, one)
    yield from _uncovered(rows)


def _place(line: int, one: dict[str, object], section: dict[str, object]) -> Iterator[Found]:
    if section["not_coded"]:
        rule = f"section {section['section']} is said not to be coded"
        yield line, "section", str(section["section"]), rule, "Empty not_coded in sections, or take the passage out."
    if None in (one["start"], one["end"], section["start"], section["end"]):
        return
    start, end = int(str(one["start"])), int(str(one["end"]))
    if not int(str(section["start"])) <= start < end <= int(str(section["end"])):
        rule = f"does not lie in section {section['section']} ({section['start']} to {section['end']})"
        yield line, "start", str(start), rule, "Correct the offsets, or name the section that it lies in."


def _words(line: int, one: dict[str, object]) -> Iterator[Found]:
    for group in str(one["respondent_group"]).split(";"):
        if group.strip() not in RESPONDENT_GROUPS:
            remedy = nearest(group.strip(), list(RESPONDENT_GROUPS))
            yield line, "respondent_group", group, "unknown respondent group", remedy
    for what, pattern in PERSONAL.items():
        if pattern.search(str(one["summary"])):
            yield line, "summary", str(one["summary"]), f"has {what} in it", "Take it out."


def _uncovered(rows: dict[str, pl.DataFrame]) -> Iterator[Found]:
    covered = set(rows["segments"].select("document", "section").iter_rows())
    for one in rows["sections"].to_dicts() if "sections" in rows else []:
        if (one["document"], one["section"]) not in covered and not one["not_coded"]:
            rule = f"no passage lies in section {one['section']} of {one['document']}"
            yield None, "section", "", rule, "Code it, or say in sections why it is not coded (not_coded)."


def _codings(folder: Path, study: Study, rows: dict[str, pl.DataFrame]) -> Iterator[Found]:
    segments, codes = set(rows["segments"]["segment"]), [*study_codes(folder.parent), NO_CODE]
    for one in _numbered(rows["codings"]):
        line = int(str(one["line"]))
        if one["segment"] not in segments:
            remedy = nearest(str(one["segment"]), sorted(segments))
            yield line, "segment", str(one["segment"]), "no such passage", remedy
        if one["code"] not in codes:
            yield line, "code", str(one["code"]), "not in the codebook", nearest(str(one["code"]), codes)
    coded = set(rows["codings"]["segment"])
    # With an unknown passage among the codings, one of these is the one that is meant.
    for one in sorted(segments - coded) if coded <= segments else []:
        yield None, "segment", one, f"passage {one} has no code", f"Code it, with {NO_CODE} if nothing fits."
