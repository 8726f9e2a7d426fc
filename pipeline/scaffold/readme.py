"""Writes README.md of a new study: each file, each column, what it means and what may stand in it.

Columns, types and limits come from ``schemas`` and from the instruments; docs/data-dictionary.md has the same for
all tables of the project.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from string import Template
from typing import Any

from pipeline.corrections import COLUMNS as CORRECTION_COLUMNS
from pipeline.graph import TABLES
from pipeline.row_checks import key_of, optional_columns
from pipeline.scaffold.columns import RECORD_TABLES, allowed_of, kinds_of, rates_others
from pipeline.scaffold.study import SERVICES_FILE, NewStudy, survey_file
from pipeline.sources import CORRECTIONS
from pipeline.validation import schema_of
from schemas.instrument import Instrument, Score

TEMPLATE = Path(__file__).parent / "templates" / "README.md"
CLAIMS = "claims.csv"
IGNORED = "`raw/` is ignored by git unless a study is named in `.gitignore`, so the data stay with you."

_KINDS = {
    "date": "date, 2026-03-31",
    "number": "number",
    "boolean": "true or false (also yes, no, 1, 0)",
    "category": "one of a list",
    "text": "text",
}
_SIGNS = {"greater_than_or_equal_to": "{min_value} or more", "less_than_or_equal_to": "at most {max_value}"}
_SIGNS |= {"greater_than": "more than {min_value}"}


def readme(new: NewStudy) -> str:
    """The data dictionary of the folder."""
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        study=new.study,
        ignored=IGNORED,
        files="\n\n".join(_files(new)),
        instruments="\n\n".join(_instrument(one) for one in new.instruments) or "No survey yet.",
        further="\n".join(f"- `{t}.csv`: `{','.join(columns_of(t))}`" for t in RECORD_TABLES if t not in new.tables),
    )


def columns_of(table: str) -> list[str]:
    """Columns of the file of a record table."""
    return list(kinds_of(table))


def survey_columns(instrument: Instrument) -> list[str]:
    """Columns of a survey's file: who answers, about whom where it is another person, the service, the items."""
    about = ["subject"] if rates_others(instrument) else []
    return ["respondent", *about, "service", *(item.id for item in instrument.items)]


def _files(new: NewStudy) -> Iterator[str]:
    if new.in_file:
        rows = [
            ("`id`", "id", "stands in data files and outputs: small letters, digits, dashes"),
            ("`name`", "text", "as reports print it"),
            ("`written`", "text", "other spellings in exports, joined by `;`"),
        ]
        yield f"### {SERVICES_FILE}\n\nOne row a service.\n\n{_grid(('column', 'what', 'meaning'), rows)}"
    for one in new.instruments:
        surveys = [(wave, proposal) for own, wave, proposal in new.surveys() if own == one]
        names = [proposal.file if proposal else survey_file(one, wave) for wave, proposal in surveys]
        yield _survey(one, names, new)
    for table in new.tables:
        names = [p.file for p in new.exports(table)] or [f"{table}.csv"]
        yield _table(table, names, new)
    yield _kept()


def _survey(one: Instrument, names: Sequence[str], new: NewStudy) -> str:
    who = "One row a respondent and person rated." if rates_others(one) else f"One row a {one.unit}."
    rows = [("`respondent`", "pseudonym", "who answers" + _one_of_many(new))]
    rows += [("`subject`", "pseudonym", "who is rated")] if rates_others(one) else []
    rows += [("`service`", _services(new), "service, by id or name; `unknown` where it is not recorded")]
    rows += [(f"`{item.id}`", "answer", item.label + _reverse(item.reverse)) for item in one.items]
    head = f"### {', '.join(names)}\n\n{one.title}: {who} Answers are below, under *Instruments*."
    return f"{head}\n\n{_grid(('column', 'what', 'meaning'), rows)}"


def _reverse(reverse: bool) -> str:
    return " (counts reversed in scores; enter the answer as given)" if reverse else ""


def _one_of_many(new: NewStudy) -> str:
    return "; the same id for the same person, if the waves are to be linked" if len(new.waves) > 1 else ""


def _table(table: str, names: Sequence[str], new: NewStudy) -> str:
    schema = schema_of(table).to_schema()
    optional = optional_columns(schema.columns)
    rows = []
    for name, column in schema.columns.items():
        may = "column may be left out" if name in optional else "may be empty" if column.nullable else ""
        rows.append((f"`{name}`", _kind(table, name, column, new), may, str(column.description)))
    head = f"### {', '.join(names)}\n\n{TABLES[table]}. Key, so no two rows are alike in it: {_key(table)}."
    return f"{head}\n\n{_grid(('column', 'what', 'empty', 'meaning'), rows)}"


def _key(table: str) -> str:
    return " + ".join(f"`{name}`" for name in key_of(schema_of(table)))


def _kind(table: str, name: str, column: Any, new: NewStudy) -> str:
    if allowed_of(table, name):
        return "one of: " + ", ".join(f"`{one}`" for one in allowed_of(table, name))
    if name == "service":
        return _services(new)
    if table == "response" and name == "instrument":
        return _listed(one.instrument for one in new.instruments)
    if table == "response" and name == "wave":
        return _listed(one.id for one in new.waves)
    limits = [_SIGNS[check.name].format(**check.statistics) for check in column.checks if check.name in _SIGNS]
    kind = "whole number" if "int" in str(column.dtype).lower() else _KINDS[kinds_of(table)[name]]
    return ", ".join([kind, *limits])


def _services(new: NewStudy) -> str:
    return f"id of {SERVICES_FILE}" if new.in_file else _listed(one.id for one in new.services)


def _listed(names: Iterable[str]) -> str:
    return "one of: " + ", ".join(f"`{name}`" for name in names)


def _kept() -> str:
    corrections = ", ".join(f"`{name}`" for name in CORRECTION_COLUMNS)
    return (
        f"### {CORRECTIONS}, {CLAIMS}, findings.yml\n\n"
        f"`{CORRECTIONS}`: fixes of single cells, so that raw files stay as they came ({corrections}). `row` names "
        "the row by its key, such as `session=s11; client=c15`, and `from` what stands there now; each fix must find "
        f"exactly that.\n\n`{CLAIMS}`: figures that a printed report states. Only if you have one.\n\n"
        "`findings.yml`: what the study concludes, at the end."
    )


def _instrument(one: Instrument) -> str:
    answers = [(f"`{o.code}`", f"`{o.id}`", o.label) for o in one.options]
    answers += [("", f"`{s.id}`", f"{s.label} (off the scale: neither an answer nor missing)") for s in one.special]
    parts = [
        f"### {one.title} (`{one.instrument}`)",
        f"Source: {one.source}. Terms: {one.licence}.",
        "An answer may be written as its code, its id or its label.",
        _grid(("code", "id", "label"), answers),
        *(f"Score: {_score(one, score)}" for score in one.scoring),
        *([one.scoring_notes] if one.scoring_notes else []),
    ]
    return "\n\n".join(part.strip() for part in parts)


def _score(one: Instrument, score: Score) -> str:
    low, high = f"{score.range.low:g}", f"{score.range.high:g}"
    needs = f"{one.needed(score)} of its {len(one.items_of(score))} items answered"
    direction = score.direction or one.direction
    return f"{score.label}, from {low} to {high}, {direction}; needs {needs}."


def _grid(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
