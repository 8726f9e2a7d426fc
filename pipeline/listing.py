"""What ``peerscope sections`` and ``peerscope segments`` print: how documents were coded, and their passages.

Reads raw files, not the release: it is for those who code and review, on the evaluator's own machine.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from pipeline.documents import text_of, where_looked
from pipeline.problems import nearest
from pipeline.store import Project
from pipeline.studies import load_study, study_folders
from pipeline.terminal import Table, console
from pipeline.validation import read_table

if TYPE_CHECKING:
    import polars as pl


def print_sections(project: Project, study: str | None) -> None:
    """Each section of each document with its number of passages, or the reason why it has none."""
    for folder in _coded(project, study):
        loaded = load_study(folder)
        sections, segments = (read_table(folder, loaded, name) for name in ("sections", "segments"))
        counts = Counter(segments.select("document", "section").iter_rows())
        table = Table("section", "title", "passages", "not coded", title=folder.name, title_justify="left", box=None)
        table.columns[2].justify = "right"
        for one in sections.to_dicts():
            number = counts[one["document"], one["section"]]
            table.add_row(one["section"], escape(one["title"]), str(number), escape(one["not_coded"] or ""))
        console.print(table)
        coded = sections.filter(sections["not_coded"].is_null()).height
        console.print(f"{sections.height} sections, {coded} coded; {segments.height} passages\n")


def print_segments(project: Project, study: str, code: str | None, section: str | None) -> int:
    """Passages of a study in our words, and as they stand in the document where it is supplied; the exit status."""
    folder = next(iter(_coded(project, study)), None)
    if folder is None:
        console.print(f"'{study}' has no coded documents.")
        return 0
    loaded = load_study(folder)
    segments, codings = (read_table(folder, loaded, name) for name in ("segments", "codings"))
    texts = {one.id: text_of(one, folder) for one in loaded.documents}
    for what, word, known in (("code", code, codings["code"]), ("section", section, segments["section"])):
        if word is not None and word not in known:
            console.print(f"No passage has the {what} '{word}'. {nearest(word, sorted(set(known)))}")
            return 2
    shown = 0
    for one in segments.to_dicts():
        given = codings.filter(codings["segment"] == one["segment"])
        if (code is None or code in given["code"]) and section in (None, one["section"]):
            _print_segment(one, given, texts.get(one["document"]))
            shown += 1
    console.print(f"{shown} of {segments.height} passages")
    if not any(texts.values()):
        console.print("The documents are not supplied: put them into documents/ beside study.yml,")
        console.print("or name their folder in PEERSCOPE_DOCUMENTS, to see the passages themselves.")
        console.print(project.without_paths(where_looked(folder)), soft_wrap=True)
    return 0


def print_places(project: Project, study: str, words: str) -> int:
    """Offsets of some words in the study's documents, as ``segments.csv`` wants them; the exit status."""
    folder, found = project.raw / study, 0
    loaded = load_study(folder, files=False)
    texts = {one.id: text for one in loaded.documents if (text := text_of(one, folder)) is not None}
    for name, text in texts.items():
        for hit in re.finditer(re.escape(words), text):
            around = " ".join(text[max(0, hit.start() - 40) : hit.end() + 40].split())
            console.print(f"{name}  start {hit.start()}  end {hit.end()}  [dim]{escape(around)}[/]", soft_wrap=True)
            found += 1
    if not texts:
        console.print(project.without_paths(f"No document of '{study}' is supplied. {where_looked(folder)}"))
    elif not found:
        console.print(f"These words don't stand in the documents of '{study}', letter for letter.")
    return 0 if found else 1


def _print_segment(one: dict[str, Any], codings: pl.DataFrame, text: str | None) -> None:
    codes = ", ".join(f"{row['code']} {row['polarity']}" for row in codings.to_dicts())
    place = f"{one['section']}, {one['start']} to {one['end']}" if one["start"] is not None else one["section"]
    console.print(f"[bold]{one['segment']}[/]  {escape(place)}  [cyan]{one['basis']}[/]  {escape(codes)}")
    console.print(f"  {escape(one['summary'])}", soft_wrap=True)
    if text is not None and one["start"] is not None:
        passage = " ".join(text[one["start"] : one["end"]].split())
        console.print(f"  [dim]“{escape(passage)}”[/]", soft_wrap=True)


def _coded(project: Project, study: str | None) -> list[Path]:
    folders = [folder for folder in study_folders(project.raw) if study in (None, folder.name)]
    return [folder for folder in folders if load_study(folder).tables.segments]


def print_documents(path: Path) -> int:
    """The documents of a file of coded text, as the study file wants them, and what was left out; the exit status."""
    from pipeline.ingest.reading import coded_text
    from schemas.sources import Format

    if not path.is_file():
        console.print(f"There is no file {path.name}.")
        return 2
    frames = coded_text(path, Format())
    for one in frames["documents"].iter_rows(named=True):
        facts = {name: one[name] or "FILL IN" for name in ("id", "title", "type", "sha256")}
        console.print(f"  - {json.dumps(facts, ensure_ascii=False)}", soft_wrap=True, markup=False)
    for one in frames["skipped"].iter_rows(named=True):
        told = f"left out: {one['source']} ({one['kind']}, {one['codings']} codings): {one['why']}"
        console.print(told, soft_wrap=True, markup=False)
    return 0
