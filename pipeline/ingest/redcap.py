"""Exports of REDCap: CSV with raw codes or with labels, and the data dictionary beside it.

Which event or repeating form is meant is said by ``where`` in the study file and belongs in ``mapping.py``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from pipeline.ingest import csv, platforms
from pipeline.ingest.export import Export
from pipeline.problems import Problem, ProblemsFoundError, file_problem, nearest
from schemas.sources import Format

SYSTEM = {
    "redcap_event_name": "Event Name",
    "redcap_repeat_instrument": "Repeat Instrument",
    "redcap_repeat_instance": "Repeat Instance",
    "redcap_data_access_group": "Data Access Group",
    "redcap_survey_identifier": "Survey Identifier",
}
"""Columns that REDCap adds, as it heads them in an export with labels."""

COMPLETE = {"0": "Incomplete", "1": "Unverified", "2": "Complete"}
FIXED = {"yesno": {"1": "Yes", "0": "No"}, "truefalse": {"1": "True", "0": "False"}}
HEADINGS = {
    "name": ("variable / field name", "field_name"),
    "form": ("form name", "form_name"),
    "type": ("field type", "field_type"),
    "label": ("field label", "field_label"),
    "choices": ("choices, calculations, or slider labels", "select_choices_or_calculations"),
    "identifier": ("identifier?", "identifier"),
}
"""Columns of a data dictionary: as downloaded from the project, and as the interface for programs gives them."""


@dataclass(frozen=True)
class Field:
    """What the data dictionary says of one column of the export.

    ``label`` is its heading in an export with labels; ``answers`` the label of each code, empty for boxes to tick,
    which are 1 or 0.
    """

    label: str
    answers: Mapping[str, str] = field(default_factory=dict)
    identifier: bool = False


def read(path: Path, declared: Format) -> Export:
    """An export as CSV, raw or with labels.

    With a data dictionary (``declared.dictionary``) labels in the headings become field names again where that is
    certain, codes have their labels, and fields marked as identifiers are not read into cells: they have a question
    but no column. Cells of the columns in ``declared.carry`` stand in every row of their record.

    Raises
    ------
    ProblemsFoundError
        When the file is another platform's, a data dictionary or without headings; when the dictionary is missing,
        none, or another project's; when a carried column is not there or differs within a record; and as
        ``platforms.export`` says.
    """
    rows = platforms.rows_of(path, declared)
    top = platforms.top_of(rows)
    _check(path, top)
    fields = read_dictionary(platforms.beside(path, declared)) if declared.dictionary else {}
    headings = [platforms.plain(cell) for cell in top[0]]
    names = platforms.distinct(platforms.named_by(headings, {name: one.label for name, one in fields.items()}))
    if declared.dictionary and not set(names) & set(fields).difference(SYSTEM):
        rule = "the data dictionary has none of the columns of the export"
        remedy = "Take the dictionary of the same project, downloaded on the same day."
        raise ProblemsFoundError([file_problem(path, rule, remedy, 1)])
    known = {name: fields[name] for name in names if name in fields}
    withheld = _withheld(names, headings, fields)
    return platforms.export(
        path,
        rows,
        names,
        withheld=withheld,
        change=_carrying(path, rows, declared.carry, names, withheld, fields),
        questions={name: one.label for name, one in known.items()} | {name: name for name in withheld - set(known)},
        answers={name: one.answers for name, one in known.items() if one.answers},
    )


def _check(path: Path, top: Sequence[Sequence[str]]) -> None:
    platforms.check_kind(path, top, "redcap")
    first = top[0][0].casefold()
    if first in HEADINGS["name"]:
        remedy = "Name the file with the answers here, and this one under format: {dictionary: ...}."
        raise ProblemsFoundError([file_problem(path, "is a data dictionary, not an export of answers", remedy, 1)])
    if re.fullmatch(r"\d[\d-]*", first):
        rule = "the first row has answers where the names of the columns should stand"
        remedy = "Export as CSV / Microsoft Excel (raw data); files for SAS, SPSS and Stata have no headings."
        raise ProblemsFoundError([file_problem(path, rule, remedy, 1)])


def _withheld(names: Sequence[str], headings: Sequence[str], fields: Mapping[str, Field]) -> set[str]:
    """Columns of identifiers; under a heading that may be an identifier's, too."""
    hidden = {name for name, one in fields.items() if one.identifier}
    labels = {platforms.plain(fields[name].label).casefold() for name in hidden}
    found = zip(names, headings, strict=True)
    return {name for name, label in found if name in hidden or (name not in fields and label.casefold() in labels)}


def read_dictionary(path: Path) -> dict[str, Field]:
    """Columns that an export has by its data dictionary, in the dictionary's order.

    A box to tick is a column of its own, ``field___code``. The status of each form (``form_complete``), the time
    of a survey (``form_timestamp``) and the columns in ``SYSTEM`` are among them.

    Raises
    ------
    ProblemsFoundError
        When the file has not the columns of a data dictionary.
    """
    rows = [row for _, row in csv.read_rows(path, Format())]
    first = [platforms.heading(cell).casefold() for cell in rows[0]]
    places = {key: next((first.index(n) for n in names if n in first), -1) for key, names in HEADINGS.items()}
    if min(places["name"], places["type"], places["label"], places["choices"]) < 0:
        rule = "is not a data dictionary of REDCap"
        remedy = "Download it in REDCap under Project Setup or Codebook: Data Dictionary (CSV)."
        raise ProblemsFoundError([file_problem(path, rule, remedy, 1)])
    fields: dict[str, Field] = {}
    forms: list[str] = []
    for row in rows[1:]:
        cells = {key: row[place].strip() if 0 <= place < len(row) else "" for key, place in places.items()}
        fields |= _fields(cells)
        forms += [cells["form"]] if cells["form"] and cells["form"] not in forms else []
    status = {f"{form}_complete": Field("Complete?", COMPLETE) for form in forms}
    times = {f"{form}_timestamp": Field("Survey Timestamp") for form in forms}
    return {name: Field(label) for name, label in SYSTEM.items()} | fields | status | times


def _fields(cells: Mapping[str, str]) -> dict[str, Field]:
    """The columns of one row of the dictionary."""
    kind, label = cells["type"].casefold(), platforms.plain(cells["label"])
    identifier = cells["identifier"].casefold() in {"y", "yes", "1"}
    choices = _choices(cells["choices"])
    if kind == "checkbox":
        return {
            box(cells["name"], code): Field(f"{label} (choice={text})", identifier=identifier)
            for code, text in choices.items()
        }
    answers = FIXED.get(kind, choices if kind in {"radio", "dropdown"} else {})
    return {cells["name"]: Field(label, answers, identifier)} if cells["name"] and kind != "descriptive" else {}


def _choices(cell: str) -> dict[str, str]:
    """``1, Yes | 0, No`` as label of each code; a code may be negative or a word, a label may have commas."""
    pairs = (one.partition(",") for one in cell.split("|"))
    return {code.strip(): platforms.plain(label or code) for code, _, label in pairs if code.strip()}


def box(name: str, code: str) -> str:
    """Column of one box to tick.

    REDCap writes the code in lower case, a minus sign and a point as ``_`` and nothing else but letters, digits
    and ``_``: code -9 of ``race`` is ``race____9``, with four underscores.
    """
    return f"{name}___{re.sub('[^a-z_0-9]', '', re.sub('[-.]', '_', code.lower()))}"


def _carrying(
    path: Path,
    rows: platforms.Rows,
    carry: Sequence[str],
    names: Sequence[str],
    withheld: set[str],
    fields: Mapping[str, Field],
) -> Callable[[list[str]], list[str]] | None:
    """What fills the carried columns of a row from the rest of its record; none where nothing is carried."""
    if not carry:
        return None
    problems = [_not_carried(path, name, names, withheld) for name in carry if name not in set(names) - withheld]
    record = next((name for name in fields if name not in SYSTEM), names[0])
    if names[0] != record:
        remedy = f"Put {record} first in the export: it says which rows are of one record."
        problems.append(file_problem(path, "`carry` needs the record's identifier as first column", remedy, 1))
    if problems:
        raise ProblemsFoundError(problems)
    held = _held(path, rows, {names.index(name): name for name in carry})

    def fill(row: list[str]) -> list[str]:
        own = held.get(row[0], {})
        return [cell or own.get(place, "") for place, cell in enumerate(row)]

    return fill


def _not_carried(path: Path, name: str, names: Sequence[str], withheld: set[str]) -> Problem:
    if name in withheld:
        rule = "a column in `carry` is marked as an identifier, and such columns are not read"
        return file_problem(path, rule, "Take it out of `carry`, or out of the identifiers in REDCap.", 1, name)
    remedy = nearest(name, [one for one in names if one not in withheld])
    return file_problem(path, "a column in `carry` is not in the export", remedy, 1, name)


def _held(path: Path, rows: platforms.Rows, columns: Mapping[int, str]) -> dict[str, dict[int, str]]:
    """Cells of the carried columns (by place) of each record."""
    held: dict[str, dict[int, tuple[int, str]]] = {}
    problems = []
    for number, row in islice(rows(), 1, None):
        if not row[0].strip():
            continue
        own = held.setdefault(row[0].strip(), {})
        for place, name in columns.items():
            cell = row[place].strip() if place < len(row) else ""
            first, value = own.setdefault(place, (number, cell)) if cell else (number, cell)
            if cell != value:
                rule = f"differs from row {first} of the same record, and is declared to hold for all its rows"
                remedy = "Correct one of the two in REDCap, or take the column out of `carry`."
                problems.append(Problem(path.name, number, name, cell, rule, remedy))
    if problems:
        raise ProblemsFoundError(problems)
    return {record: {place: value for place, (_, value) in own.items()} for record, own in held.items()}
