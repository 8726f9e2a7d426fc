"""Exports of Microsoft Forms (Excel) and Google Forms (CSV or a sheet): the questions themselves are the headings.

Splitting a cell with several answers is said by ``stack`` in the study file and belongs in ``mapping.py``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

from pipeline.ingest import platforms
from pipeline.ingest.export import Export
from pipeline.problems import ProblemsFoundError, file_problem
from schemas.sources import Format

MAIL = re.compile(r"[^\s@;]+@[^\s@;]+\.[^\s@;]+")
PERSONAL = re.compile(
    r"e-?mail(?:[ -]?(?:address|adresse|adres))?|(?:your )?(?:first |last |full |user)?names?|surname"
    r"|adresse (?:de messagerie|e-?mail)|courriel|nom(?: d.utilisateur)?|prénom"
    r"|(?:dirección de )?correo electrónico|nombre(?: de usuario)?|apellidos?"
    r"|endereço de e-?mail|nome(?: utente| de usuário)?|cognome|indirizzo e-?mail|posta elettronica"
    r"|vorname|nachname|naam|voornaam|achternaam|namn|navn",
    re.IGNORECASE,
)
"""Headings of columns with names and addresses of people, in the languages of the platforms."""

TIME = re.compile(r"\d{1,4}[-/. ]+\d{1,2}[-/. ]+\d{1,4}(?:\D.*)?")
STAMP = re.compile(
    r"(\d{4})/(\d\d?)/(\d\d?)\s(\d\d?):(\d\d):(\d\d)\s(?:([ap])\.?\s?m\.?\s)?(?:GMT|UTC|[A-Z]{2,5}).*", re.I
)
"""``2026/10/04 3:15:00 PM GMT+5:30``, as Google Forms writes the time into a CSV file."""


def read(path: Path, declared: Format) -> Export:
    """An export of Microsoft Forms or Google Forms, by ``declared.type``.

    Columns are called by their questions, white space as ``platforms.heading`` writes it, a repeated question with
    its count. Columns of names and e-mail addresses are not read into cells: by heading, and by content where every
    cell is an address. The ``;`` that Microsoft Forms sets behind the last of several answers is taken off, and the
    time at which a form was sent is written year first.

    Raises
    ------
    ProblemsFoundError
        When the file is another platform's or has not the first columns of its kind, and as ``platforms.export``
        says.
    """
    kind = declared.type or "microsoft-forms"
    rows = platforms.rows_of(path, declared)
    top = platforms.top_of(rows)
    platforms.check_kind(path, top, kind)
    names = platforms.distinct(top[0])
    columns = _columns(rows, len(names))
    _check_first(path, kind, top[0], columns)
    ended = {place for place, cells in enumerate(columns) if kind == "microsoft-forms" and _all(cells, _is_ended)}
    return platforms.export(
        path,
        rows,
        names,
        withheld={names[place] for place in _personal(top[0], columns, kind)},
        change=_tidy(ended, kind),
        questions={name: cell for name, cell in zip(names, top[0], strict=True) if name},
    )


def _columns(rows: platforms.Rows, wide: int) -> list[set[str]]:
    """The different cells of each column, empty ones apart."""
    columns: list[set[str]] = [set() for _ in range(wide)]
    for _, row in islice(rows(), 1, None):
        for cells, cell in zip(columns, row, strict=False):
            if cell.strip():
                cells.add(cell.strip())
    return columns


def _all(cells: set[str], holds: Callable[[str], object]) -> bool:
    return bool(cells) and all(holds(cell) for cell in cells)


def _is_ended(cell: str) -> bool:
    return cell.endswith(";")


def _check_first(path: Path, kind: str, headings: Sequence[str], columns: Sequence[set[str]]) -> None:
    """Microsoft Forms begins with a number and two times, Google Forms with one time."""
    times, begins = (slice(1, 3), "ID, start and end") if kind == "microsoft-forms" else (slice(0, 1), "a time")
    right = len(headings) > times.stop and all(not cells or _all(cells, TIME.fullmatch) for cells in columns[times])
    if kind == "microsoft-forms":
        right = right and headings[0].casefold() == "id"
    if not right:
        rule = f"does not look like an export of {platforms.TITLES[kind]}, whose first columns are {begins}"
        remedy = "Take the file as the platform gives it, or write format: {type: csv} or {type: excel}."
        raise ProblemsFoundError([file_problem(path, rule, remedy, 1)])


def _personal(headings: Sequence[str], columns: Sequence[set[str]], kind: str) -> set[int]:
    """Places of the columns with names and addresses.

    Microsoft Forms numbers repeated headings (``Name2``), writes ``anonymous`` where it keeps no address, and has
    the person's name right behind the address, whatever the language.
    """
    found = {
        place
        for place, (name, cells) in enumerate(zip(headings, columns, strict=True))
        if PERSONAL.fullmatch(name.rstrip("0123456789:* ")) or _all(cells, MAIL.fullmatch)
    }
    if kind == "microsoft-forms" and len(headings) > 4 and _all(columns[3], _is_account):
        found |= {3, 4}
    return found


def _is_account(cell: str) -> bool:
    return cell == "anonymous" or bool(MAIL.fullmatch(cell))


def _tidy(ended: set[int], kind: str) -> Callable[[list[str]], list[str]]:
    def tidy(row: list[str]) -> list[str]:
        return [cell.rstrip("; ") if place in ended else cell for place, cell in enumerate(row)]

    def stamped(row: list[str]) -> list[str]:
        return [year_first(row[0]), *row[1:]]

    return tidy if kind == "microsoft-forms" else stamped


def year_first(cell: str) -> str:
    """The time at which a form was sent as ``2026-10-04 15:15:00``, by the clock of the form's own time zone.

    Only what is written year first is changed: whether day or month comes first in a sheet is for the study file
    to say.
    """
    found = STAMP.fullmatch(cell)
    if not found:
        return cell
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    if found[7]:
        hour = hour % 12 + (12 if found[7].lower() == "p" else 0)
    return f"{year:04d}-{month:02d}-{day:02d} {hour:02d}:{minute:02d}:{second:02d}"
