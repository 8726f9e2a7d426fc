"""Exports of LimeSurvey: CSV and Excel with any kind of heading, and the survey structure (.lss) beside them.

Unfinished responses are left out by ``filled: submitdate`` in the study file, which belongs in ``mapping.py``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.ingest import platforms
from pipeline.ingest.export import Export
from pipeline.problems import Problem, ProblemsFoundError, file_problem
from schemas.sources import Format

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

PERSONAL = {"ipaddr", "ip address", "firstname", "lastname", "email", "first name", "last name", "email address"}
"""Columns that say who someone is: never read into cells."""

SYSTEM = {
    "id": "Response ID",
    "submitdate": "Date submitted",
    "lastpage": "Last page",
    "startlanguage": "Start language",
    "seed": "Seed",
    "token": "Access code",
    "startdate": "Date started",
    "datestamp": "Date last action",
    "ipaddr": "IP address",
    "refurl": "Referrer URL",
}
"""Columns that LimeSurvey adds, as an English export with full texts heads them."""

CODE_AND_TEXT = re.compile(r"([A-Za-z]\w*(?:\[[^\]]*\])*)\s*[.:|;-]+(?:\s+(.*))?")
BRACKETS = re.compile(r"([A-Za-z]\w*)\[([^\]]*)\](?:\[(\d)\])?")
UNDERSCORES = re.compile(r"([A-Za-z][A-Za-z0-9]*)_(\w+?)(?:_([01]))?")
"""Question, sub-question and scale: ``Q1[SQ001][2]`` with scales from 1 on, ``Q1_SQ001_1`` with scales from 0 on."""

TABLES = ("questions", "subquestions", "question_l10ns", "answers", "answer_l10ns")
FIXED = {
    "Y": {"Y": "Yes", "N": "No"},
    "G": {"F": "Female", "M": "Male"},
    "C": {"Y": "Yes", "U": "Uncertain", "N": "No"},
    "E": {"I": "Increase", "S": "Same", "D": "Decrease"},
}
"""Answers of the question types that bring their own."""


@dataclass(frozen=True)
class Question:
    """A question of the structure file: ``answers`` by scale and code, ``parts`` (sub-questions) by code."""

    kind: str
    text: str
    other: bool = False
    answers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    parts: Mapping[str, str] = field(default_factory=dict)


def read(path: Path, declared: Format) -> Export:
    """An export with codes or full answers.

    Columns are called by the question codes where the headings have them; a heading of code and text is taken apart.
    With the structure file (``declared.dictionary``) headings of full text become codes again where that is
    certain, and answer codes have their labels.

    Raises
    ------
    ProblemsFoundError
        When the file is another platform's, when the structure file is missing or none, and as
        ``platforms.export`` says.
    """
    rows = platforms.rows_of(path, declared)
    top = platforms.top_of(rows)
    platforms.check_kind(path, top, "limesurvey")
    survey = read_structure(platforms.beside(path, declared)) if declared.dictionary else {}
    names, questions = _names(top[0], survey)
    return platforms.export(
        path,
        rows,
        names,
        withheld={name for name in names if name.casefold() in PERSONAL},
        questions=questions | {name: text for name in names if (text := _text(name, survey))},
        answers={name: labels for name in names if (labels := _labels(name, survey))},
    )


def _names(cells: Sequence[str], survey: Mapping[str, Question]) -> tuple[list[str], dict[str, str]]:
    """Names of the columns, and the questions that the headings hold."""
    parted = [CODE_AND_TEXT.fullmatch(cell) for cell in cells if cell]
    if parted and all(parted):
        names = platforms.distinct(found[1] if found else "" for found in map(CODE_AND_TEXT.fullmatch, cells))
        texts = [platforms.plain(found[2] or "") if found else "" for found in map(CODE_AND_TEXT.fullmatch, cells)]
        return names, {name: text for name, text in zip(names, texts, strict=True) if text}
    labels = SYSTEM | {name: _text(name, survey) for name in _columns(survey)}
    return platforms.distinct(platforms.named_by([platforms.plain(cell) for cell in cells], labels)), {}


def _columns(survey: Mapping[str, Question]) -> list[str]:
    """Columns that an export of the survey has, as headings of codes call them."""
    found = []
    for code, question in survey.items():
        scales = ["[1]", "[2]"] if question.kind == "1" else [""]
        found += [f"{code}[{part}]{scale}" for part in question.parts for scale in scales] or [code]
        found += [f"{code}[other]"] if question.other else []
    return found


def _found(name: str, survey: Mapping[str, Question]) -> tuple[Question | None, str, str]:
    """Question, sub-question and scale (0 or 1) that a column is of."""
    if name in survey:
        return survey[name], "", "0"
    if found := BRACKETS.fullmatch(name):
        return survey.get(found[1]), found[2], str(int(found[3] or 1) - 1)
    if found := UNDERSCORES.fullmatch(name):
        return survey.get(found[1]), found[2], found[3] or "0"
    return None, "", ""


def _text(name: str, survey: Mapping[str, Question]) -> str:
    question, part, _ = _found(name, survey)
    if question is None:
        return ""
    own = {"other": "Other", "comment": "Comment"}.get(part) or question.parts.get(part, "")
    return f"{question.text} [{own}]" if own else question.text


def _labels(name: str, survey: Mapping[str, Question]) -> Mapping[str, str]:
    """Labels of the codes in one column; none for texts, numbers and boxes to tick."""
    question, part, scale = _found(name, survey)
    if question is None or part in {"other", "comment"}:
        return {}
    own = FIXED.get(question.kind) or question.answers.get(scale, {})
    return {**own, "-oth-": "Other"} if question.other and own else own


def read_structure(path: Path) -> dict[str, Question]:
    """Questions of a structure file by code, in the survey's own language.

    Up to LimeSurvey 3 texts stand with the questions and answers; later in tables of their own (``question_l10ns``,
    ``answer_l10ns``).

    Raises
    ------
    ProblemsFoundError
        When the file is no structure file of LimeSurvey.
    """
    root = _root(path)
    language = root.findtext("surveys/rows/row/language") or root.findtext("languages/language") or ""
    rows = {
        table: [
            defaultdict(str, {cell.tag: (cell.text or "").strip() for cell in row}) for row in root.iterfind(table)
        ]
        for table in (f"{name}/rows/row" for name in TABLES)
    }
    questions, parts, texts, answers, labels = rows.values()
    wording = _in_language([*questions, *parts, *texts], ("qid",), "question", language)
    meaning = _in_language(labels, ("aid",), "answer", language)
    meaning |= _in_language([*answers, *labels], ("qid", "code", "scale_id"), "answer", language)
    return {
        row["title"]: Question(
            row["type"],
            wording.get((row["qid"],), ""),
            row["other"] == "Y",
            _answers([one for one in answers if one["qid"] == row["qid"]], meaning),
            _parts([one for one in parts if one["parent_qid"] == row["qid"]], wording),
        )
        for row in questions
    }


def _in_language(
    rows: Sequence[Mapping[str, str]], keys: Sequence[str], text: str, language: str
) -> dict[tuple[str, ...], str]:
    """Texts by what the rows are known by, in the language if they are there in it."""
    found: dict[tuple[str, ...], str] = {}
    for row in rows:
        key = tuple(row[name] for name in keys)
        if row[text] and any(key) and (key not in found or row["language"] == language):
            found[key] = platforms.plain(row[text])
    return found


def _answers(rows: Sequence[Mapping[str, str]], meaning: Mapping[tuple[str, ...], str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        keys = ((row["aid"],), (row["qid"], row["code"], row["scale_id"]), (row["qid"], row["code"], ""))
        label = next((meaning[key] for key in keys if key in meaning), "")
        found.setdefault(row["scale_id"] or "0", {})[row["code"]] = label or row["code"]
    return found


def _parts(rows: Sequence[Mapping[str, str]], wording: Mapping[tuple[str, ...], str]) -> dict[str, str]:
    """Sub-questions by code; in an array of texts or numbers each row with each column (``SQ001_SQ002``)."""
    texts = {row["title"]: wording.get((row["qid"],), "") for row in rows if row["scale_id"] in {"", "0"}}
    across = {row["title"]: wording.get((row["qid"],), "") for row in rows if row["scale_id"] == "1"}
    if not across:
        return texts
    return {f"{code}_{over}": f"{text}][{head}" for code, text in texts.items() for over, head in across.items()}


def _root(path: Path) -> Element:
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import parse

    try:
        root: Element | None = parse(path).getroot()
    except (ParseError, DefusedXmlException) as error:
        raise ProblemsFoundError([_not_a_structure(path)]) from error
    if root is None or root.findtext("LimeSurveyDocType") != "Survey":
        raise ProblemsFoundError([_not_a_structure(path)])
    return root


def _not_a_structure(path: Path) -> Problem:
    remedy = "In LimeSurvey: Display/Export, Survey structure (.lss); or leave `dictionary` out."
    return file_problem(path, "is not a survey structure of LimeSurvey (.lss)", remedy)
