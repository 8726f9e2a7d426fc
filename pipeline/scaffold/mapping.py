"""A first guess at what the columns of an export mean, for a person to check.

Of the cells only words that must be categories are given on (``cells.py``); rows are never copied. Writing
the guess down as a study file belongs in ``study.py``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipeline.row_checks import key_of, optional_columns
from pipeline.scaffold.cells import (
    Cells,
    answers_recode,
    date_words,
    duration_unit,
    missing_words,
    repeated,
    service_names,
    value_recode,
)
from pipeline.scaffold.columns import RECORD_TABLES, allowed_of, kinds_of, rates_others
from pipeline.scaffold.opening import open_export
from pipeline.scaffold.words import FILL_IN, OTHER_NAMES, PERSONAL, likeness, overlap, tokens
from pipeline.validation import schema_of
from schemas.instrument import Instrument

PEOPLE = ("client", "respondent", "subject", "worker", "session", "group_session")
"""Columns whose cells may be ids of people; no column of names or addresses is taken for one."""

NEAR = 0.7
SURE = 0.9
LIKELY = 0.55
"""Part of a table's needed columns that an export must seem to have to be taken for it."""

REPEATED = 0.02
"""Share of rows with a key that stood before, above which the guess of the key is doubted."""


@dataclass(frozen=True)
class Guess:
    """Where one column of a record may come from; ``said`` is what else its entry says (unit, dates, recode)."""

    from_: tuple[str, ...] = ()
    is_sure: bool = False
    said: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Proposal:
    """What one export seems to hold; of one that can't be read, why (``unreadable``), and if its table is certain."""

    file: str
    table: str
    instrument: Instrument | None
    format: Mapping[str, object]
    columns: Mapping[str, Guess]
    answers: Mapping[str, str | None] = field(default_factory=dict)
    services: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unreadable: str = ""
    is_sure: bool = True


def propose(path: Path, instruments: Sequence[Instrument], tables: Sequence[str] = RECORD_TABLES) -> Proposal | None:
    """What an export seems to hold: one of the record tables, or the answers to one of the instruments.

    None where it seems to hold none of them. Where only one is named, it is that one. A file that can't be read holds
    what its name says; nothing is known of its columns but what can be seen of a workbook.
    """

    def found(cells: Cells) -> list[Seen]:
        return [_as_table(cells, table) for table in tables] + [_as_survey(cells, one) for one in instruments]

    opened = open_export(path, lambda cells: max((share for share, _ in found(cells)), default=0.0))
    seen = found(opened.cells)
    share, best = max(seen, key=lambda pair: pair[0], default=(0.0, None))
    is_sure = len(seen) == 1 or share >= LIKELY
    if not is_sure and opened.unreadable:
        best = _by_name(path, seen)
    if best is None or not (is_sure or opened.unreadable):
        return None
    proposal = _completed(path, opened.cells, opened.written, *best)
    return replace(proposal, unreadable=opened.unreadable, is_sure=is_sure)


Columns = dict[str, Guess]
Holding = tuple[str, Instrument | None, Columns]
Seen = tuple[float, Holding | None]


def _by_name(path: Path, seen: Sequence[Seen]) -> Holding | None:
    """What a file's name says that it holds; else the first table, so that no wave is taken from a survey."""
    said = f" {' '.join(tokens(path.stem))} "
    held = [one for _, one in seen if one]
    names = {(one.instrument if one else table): (table, one, columns) for table, one, columns in held}
    told = [name for name in names if f" {' '.join(tokens(name))} " in said]
    return next((names[name] for name in (*told, *names)), None)


def _as_table(cells: Cells, table: str) -> Seen:
    optional = optional_columns(schema_of(table).to_schema().columns)
    kinds = kinds_of(table)
    columns = _assigned(cells, {name: (name, *OTHER_NAMES.get(name, ())) for name in kinds}, kinds)
    needed = [name for name in kinds if name not in optional]
    share = sum(1.0 if columns[name].is_sure else 0.5 for name in needed if name in columns)
    return share / len(needed), (table, None, columns)


def _as_survey(cells: Cells, instrument: Instrument) -> Seen:
    own = ("respondent", "service", *(("subject",) if rates_others(instrument) else ()))
    columns = _assigned(cells, {name: (name, *OTHER_NAMES[name]) for name in own}, dict.fromkeys(own, "text"))
    items = _items(cells, instrument, {name for one in columns.values() for name in one.from_})
    columns = {name: one for name, one in columns.items() if name not in items} | items
    # An item that only its place gave counts half: a log of contacts has columns of few words too.
    are_named = _are_named_after(instrument, items)
    by_place = 0.75 if are_named else 0.5
    share = sum(1.0 if one.is_sure else by_place for one in items.values()) / len(instrument.items)
    return 0.8 * share + 0.2 * (are_named or "respondent" in columns), ("surveys", instrument, columns)


def _are_named_after(instrument: Instrument, items: Columns) -> bool:
    """Do all columns of the items begin with the instrument's name, such as ``phq1`` and ``PHQ_2``?"""
    name = tokens(instrument.instrument)[0]
    return bool(items) and all(tokens(one.from_[0])[:1] == [name] for one in items.values())


def _assigned(cells: Cells, names: Mapping[str, Sequence[str]], kinds: Mapping[str, str]) -> Columns:
    """The nearest pairs first, each column taken once."""
    scores = [
        (_score(cells, column, words, name, kinds[name]), -place, name, column)
        for place, (name, words) in enumerate(names.items())
        for column in cells.names
    ]
    found: Columns = {}
    taken: set[str] = set()
    for score, _, name, column in sorted(scores, reverse=True):
        if score >= NEAR and name not in found and column not in taken:
            found[name] = Guess((column,), score >= SURE)
            taken.add(column)
    return {name: found[name] for name in names if name in found}


def _score(cells: Cells, column: str, words: Sequence[str], name: str, kind: str) -> float:
    if name in PEOPLE and PERSONAL & set(tokens(column)):
        return 0.0
    texts = (column, cells.question(column))
    best = max(likeness(text, word) * (1.0 if word == name else 0.97) for text in texts for word in words)
    return best if best >= NEAR and cells.fits(column, kind) else 0.0


def _items(cells: Cells, instrument: Instrument, taken: set[str]) -> Columns:
    """Items by name or wording; what is left by place, where as many columns hold answers of the scale."""
    scores = []
    for place, item in enumerate(instrument.items):
        for column in cells.names:
            texts = (column, cells.question(column))
            near = max(likeness(column, item.id), *(0.5 + 0.45 * overlap(text, item.label) for text in texts))
            if near >= 0.8 and cells.holds_answers(column, instrument, 0.0):
                scores.append((near, -place, item.id, column))
    found: Columns = {}
    used = set()
    for near, _, item_id, column in sorted(scores, reverse=True):
        if item_id not in found and column not in used:
            found[item_id] = Guess((column,), near >= SURE)
            used.add(column)
    return found | _by_place(cells, instrument, found, taken | used)


def _by_place(cells: Cells, instrument: Instrument, found: Columns, taken: set[str]) -> Columns:
    left = [item.id for item in instrument.items if item.id not in found]
    free = [c for c in cells.names if c not in taken and cells.holds_answers(c, instrument, 0.6)]
    series: dict[str, list[str]] = {}
    for column in free:
        series.setdefault(re.sub(r"\d+", "#", column), []).append(column)
    fits = [free, *series.values()]
    columns = next((one for one in fits if len(one) == len(left)), [])
    return {item: Guess((column,), False) for item, column in zip(left, columns, strict=False)}


def _completed(
    path: Path,
    cells: Cells,
    written: Mapping[str, object],
    table: str,
    instrument: Instrument | None,
    columns: Columns,
) -> Proposal:
    said = {name: _said(cells, table, name, one) for name, one in columns.items() if instrument is None}
    columns = {name: Guess(one.from_, one.is_sure, said.get(name, {})) for name, one in columns.items()}
    columns = _with_key(cells, table, columns) if instrument is None else columns
    columns |= _missing_ones(table, instrument, columns)
    used = {name for one in columns.values() for name in one.from_ if name in cells.names}
    items = [columns[i.id].from_[0] for i in instrument.items if columns[i.id].from_[0] in used] if instrument else []
    service = [name for name in columns["service"].from_ if name in used] if "service" in columns else []
    return Proposal(
        file=path.name,
        table=table,
        instrument=instrument,
        format=written,
        columns=columns,
        answers=answers_recode(cells, items, instrument) if instrument else {},
        services=service_names(cells, service[0]) if service else (),
        unused=tuple(name for name in cells.names if name not in used),
        missing=missing_words(cells, sorted(used - set(items))),
    )


def _said(cells: Cells, table: str, name: str, guess: Guess) -> dict[str, object]:
    """What else the entry of a column should say: how dates and durations are written, what words stand for."""
    column, kind = guess.from_[0], kinds_of(table)[name]
    if kind == "date":
        return date_words(cells, column)
    if name == "minutes":
        return duration_unit(cells, column)
    if kind in ("boolean", "category"):
        recode = value_recode(cells, column, allowed_of(table, name) or ("true", "false"))
        return {"recode": recode} if recode else {}
    return {}


def _with_key(cells: Cells, table: str, columns: Columns) -> Columns:
    """Where many rows have the same key: ids joined with those of the worker or the service, if that tells apart."""
    key = key_of(schema_of(table))
    if any(name not in columns for name in key):
        return columns
    from_ = [columns[name].from_[0] for name in key]
    person, before = key[-1], repeated(cells, from_)
    if before <= REPEATED or person not in PEOPLE:
        return columns
    for other in ("worker", "service"):
        if other in columns and other != person:
            joined = (*columns[other].from_, from_[-1])
            if repeated(cells, [*from_, *joined[:1]]) < before / 2:
                why = f"joined: {from_[-1]} alone stands for several persons. Right?"
                return columns | {person: Guess(joined, said={"#": why})}
    why = f"the same {' and '.join(from_)} stand in several rows. What makes a row unique?"
    return columns | {key[0]: Guess((from_[0],), said={"#": why})}


def _missing_ones(table: str, instrument: Instrument | None, columns: Columns) -> Columns:
    """An entry for each needed column that nothing seems to be."""
    if instrument:
        needed = ["respondent", "service", *(item.id for item in instrument.items)]
        needed += ["subject"] if rates_others(instrument) else []
    else:
        schema = schema_of(table).to_schema().columns
        needed = [name for name in schema if name not in optional_columns(schema)]
    return {name: _instead(name, columns) for name in needed if name not in columns}


def _instead(name: str, columns: Columns) -> Guess:
    if name == "session" and {"client", "date"} <= set(columns):
        why = "joined, because no column numbers the contacts. Is it unique?"
        return Guess((*columns["client"].from_, *columns["date"].from_), said={"#": why})
    if name == "attended" and columns:
        return Guess(said={"value": "true"})
    return Guess((FILL_IN,))
