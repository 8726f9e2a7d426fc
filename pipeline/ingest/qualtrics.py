"""Exports of Qualtrics: CSV, TSV and Excel with two or three rows of headings, and the survey file (.qsf) beside it.

Previews and unfinished responses are left out by ``where`` in the study file, which belongs in ``mapping.py``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.ingest import platforms
from pipeline.ingest.export import Export
from pipeline.problems import ProblemsFoundError, file_problem
from schemas.sources import Format

PERSONAL = {
    "ipaddress",
    "recipientlastname",
    "recipientfirstname",
    "recipientemail",
    "emailaddress",
    "locationlatitude",
    "locationlongitude",
    "locationaccuracy",
}
"""What says who or where someone is: never read into cells."""

STATUS = {
    "0": "IP Address",
    "1": "Survey Preview",
    "2": "Survey Test",
    "4": "Imported",
    "8": "Spam",
    "9": "Survey Preview Spam",
    "12": "Imported Spam",
    "16": "Offline",
    "17": "Offline Survey Preview",
}
ANSWERS: dict[str, Mapping[str, str]] = {"status": STATUS, "finished": {"1": "True", "0": "False"}}
DATA = re.compile(r"R_[A-Za-z0-9]{8,}|\d{4}-\d\d-\d\d[ T]\d\d:\d\d.*")
"""A response's id or a time, which no row of headings has."""


def read(path: Path, declared: Format) -> Export:
    """An export with codes or with the text of the choices.

    Columns have the names of the first row. The second row has the questions, the third the platform's own ids;
    exports to Excel and of the old platform have no third row. With the survey file (``declared.dictionary``) codes
    have their labels.

    Raises
    ------
    ProblemsFoundError
        When the file is another platform's or has one row of headings only, when the survey file is missing or
        none, and as ``platforms.export`` says.
    """
    rows = platforms.rows_of(path, declared)
    top = platforms.top_of(rows)
    platforms.check_kind(path, top, "qualtrics")
    headings = _headings(path, top)
    names = platforms.distinct(top[0])
    given = [_import_id(cell) for cell in top[2]] if headings == 3 else []
    ids = dict(zip(names, [*given, *top[0][len(given) :]], strict=False))
    questions = {
        name: text for name, cell in zip(names, top[1], strict=False) if name and (text := platforms.plain(cell))
    }
    survey = read_survey(platforms.beside(path, declared)) if declared.dictionary else []
    system = {name: questions.get(name, "") if re.fullmatch(r"V\d+", name) else one for name, one in ids.items()}
    answers = {name: ANSWERS.get(one.casefold()) or _labels(survey, ids[name], name) for name, one in system.items()}
    return platforms.export(
        path,
        rows,
        names,
        withheld=_withheld(ids, questions if headings == 2 else {}),
        headings=headings,
        questions=questions,
        answers={name: labels for name, labels in answers.items() if labels},
    )


def _headings(path: Path, top: Sequence[Sequence[str]]) -> int:
    """How many rows of headings there are."""
    if len(top) > 2 and any(_import_id(cell) for cell in top[2]):
        return 3
    second = top[1] if len(top) > 1 else []
    names = {cell.casefold() for cell in (*top[0], *second)}
    if not second or any(DATA.fullmatch(cell) for cell in second):
        rule = "has one row of headings, where an export of Qualtrics has three (names, questions, ids)"
        remedy = "Export it anew and leave the first rows as they are, or write format: {type: csv}."
    elif not names & {"responseid", "startdate", "recordeddate"}:
        rule = "does not look like an export of Qualtrics: neither ids nor StartDate or ResponseId in its first rows"
        remedy = "Export all columns as CSV from Data & Analysis, or write format: {type: csv}."
    else:
        return 2
    raise ProblemsFoundError([file_problem(path, rule, remedy, 1)])


def _import_id(cell: str) -> str:
    """``QID5_2`` from ``{"ImportId":"QID5","choiceId":"2"}``; empty where the cell is no such thing."""
    try:
        found = json.loads(cell)
    except ValueError:
        return ""
    if not isinstance(found, dict) or "ImportId" not in found:
        return ""
    return "_".join(str(found[key]) for key in ("ImportId", "choiceId") if found.get(key))


def _withheld(ids: Mapping[str, str], legacy: Mapping[str, str]) -> set[str]:
    """Personal columns by id or name; in old exports (V1 to V10) by the second row, where Name is the person's."""
    old = {name for name, text in legacy.items() if name[0] == "V" and text.casefold() in PERSONAL | {"name"}}
    return old | {name for name, one in ids.items() if {one.casefold(), name.casefold()} & PERSONAL}


@dataclass(frozen=True)
class Question:
    """A question of the survey file: what its columns are called and what their codes mean.

    ``rows`` has the number of each statement of a matrix by its ending, or whole name, in the export; the numbers
    themselves among them.
    """

    id: str
    tag: str
    codes: Mapping[str, str]
    rows: Mapping[str, str]

    def has(self, row: str) -> bool:
        """Whether a column with this ending is one with the question's codes."""
        return row in self.rows if self.rows else row == ""


def read_survey(path: Path) -> list[Question]:
    """Questions of a survey file whose columns have codes: choices, and matrices with one answer a row.

    Columns of boxes to tick have none: a box is ticked or not.

    Raises
    ------
    ProblemsFoundError
        When the file is no survey file of Qualtrics.
    """
    try:
        elements = json.loads(path.read_text(encoding="utf-8-sig"))["SurveyElements"]
        payloads = [one["Payload"] for one in elements if one["Element"] == "SQ" and isinstance(one["Payload"], dict)]
    except (ValueError, KeyError, TypeError) as error:
        rule = "is not a survey file of Qualtrics (.qsf)"
        remedy = "In the survey: Tools, Import/Export, Export survey; or leave `dictionary` out."
        raise ProblemsFoundError([file_problem(path, rule, remedy)]) from error
    return [question for payload in payloads for question in _question(payload)]


def _question(payload: Mapping[str, Any]) -> Iterator[Question]:
    kind, choices = payload.get("QuestionType"), _texts(payload.get("Choices"))
    matrix = kind == "Matrix" and payload.get("Selector") in {"Likert", "Bipolar"}
    if not (kind == "MC" or matrix) or payload.get("SubSelector") == "MultipleAnswer":
        return
    recoded = _keyed(payload.get("RecodeValues"))
    codes: dict[str, str] = {}
    for key, text in (_texts(payload.get("Answers")) if matrix else choices).items():
        code = str(recoded.get(key, key))
        codes[code] = f"{codes[code]} / {text}" if code in codes else text
    tags = {str(tag): key for key, tag in _keyed(payload.get("ChoiceDataExportTags")).items() if tag}
    rows = {key: key for key in choices} | tags if matrix else {}
    yield Question(str(payload.get("QuestionID", "")), str(payload.get("DataExportTag", "")), codes, rows)


def _keyed(value: Any) -> dict[str, Any]:
    """An object by key; a list stands for keys from 0 on, and an empty one for no object at all."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return {str(key): one for key, one in pairs}


def _texts(value: Any) -> dict[str, str]:
    return {
        key: platforms.plain(str(one.get("Display", "")))
        for key, one in _keyed(value).items()
        if isinstance(one, dict)
    }


def _labels(survey: Sequence[Question], import_id: str, name: str) -> Mapping[str, str]:
    """Labels of the codes in one column, found by the platform's id, else by the column's name.

    Ids of repeated questions begin with the number of the round: ``2_QID5_1``.
    """
    found = re.fullmatch(r"(?:\w+?_)?(QID\d+)(?:_(\w+))?", import_id)
    for one in survey:
        if found and found[1] == one.id:
            return one.codes if one.has(found[2] or "") else {}
        ending = "" if name == one.tag else name.removeprefix(f"{one.tag}_")
        if not found and one.tag and (one.has(ending) or name in one.rows):
            return one.codes
    return {}
