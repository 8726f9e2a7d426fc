"""Writes ``docs/data-dictionary.md`` from the schemas: ``python docs/make_data_dictionary.py``.

Only the order, the headings and what one row is are said here. Columns, types, limits and descriptions come from
``schemas``; ``key_descriptions.yml`` describes the keys of YAML files that the schemas leave undescribed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel

from schemas import coding, vocabulary
from schemas.instrument import Instrument
from schemas.study import RESERVED, Study
from schemas.synthesis import Synthesis

HERE = Path(__file__).parent
TARGET = HERE / "data-dictionary.md"
KEY_DESCRIPTIONS = HERE / "key_descriptions.yml"


@dataclass(frozen=True)
class Table:
    """One table of the dictionary: its schema, what one row is, and where it lies."""

    name: str
    model: str
    row: str
    where: str
    note: str = ""


_KEPT = "`outputs/restricted/<study>/records/{}.parquet`"
_WIDE = (
    "The raw file is wide, as surveys are exported: `respondent`, `subject` (only where one person rates others), "
    "`service` (only with `service: column` in the study file), and one column per item id with the answer as label, "
    "id or code. Reading it makes it long."
)
_COUNTED = "Counted from `sessions` where the study supplies sessions and no doses."
_PASSAGES = (
    "After the gate `outputs/release/segments.csv` has two columns more: `illustration` (it lies in a composite "
    "vignette) and `counts` (it is evidence in words). A study that counts codes in material of its own and protects "
    "small counts releases no passages."
)

RECORDS = (
    Table("sessions", "sessions.Sessions", "one client at one individual contact", _KEPT),
    Table("groups", "groups.Groups", "one group contact; its clients are not named", _KEPT),
    Table("doses", "doses.Doses", "one client", _KEPT, _COUNTED),
    Table("surveys", "surveys.Surveys", "one answer of one respondent to one item at one wave", _KEPT, _WIDE),
    Table("response", "response.Response", "one survey at one service and wave", _KEPT),
    Table("workforce", "workforce.Workforce", "one post holder", _KEPT),
    Table("headcount", "headcount.Headcount", "one service at one date", _KEPT),
    Table("sections", "sections.Sections", "one section of one source document", _KEPT),
    Table("segments", "segments.Segments", "one coded passage, in our words", _KEPT, _PASSAGES),
    Table("codings", "codings.Codings", "one code that one coder gave to one passage", _KEPT),
    Table("codebook", "codebook.Codebook", "one code", "`raw/_shared/codebook.csv`"),
    Table(
        "claims", "claims.Claims", "one figure or statement that a source document prints", "`raw/<study>/claims.csv`"
    ),
)
_RESTRICTED = "`outputs/restricted/<study>/{}/<family>.parquet`"
RESULTS = (
    Table(
        "estimates",
        "estimates.Estimates",
        "one number about one group",
        "`outputs/restricted/<study>/estimates/<family>.parquet`; after the gate `outputs/release/estimates.csv` "
        "and `.parquet` (all studies) and `outputs/release/studies/<study>/`",
    ),
    Table("cells", "cells.Cells", "one count of units, or one sum over units", _RESTRICTED),
    Table("links", "cells.Links", "one cell behind one estimate", _RESTRICTED),
    Table("relations", "cells.Relations", "one part of one declared sum", _RESTRICTED),
    Table(
        "claims, evaluated",
        "claims.ClaimOutcomes",
        "one claim with what came out",
        "`outputs/release/claims.csv`",
        "All columns of `claims`, and these.",
    ),
    Table(
        "granularity",
        "claims.Granularity",
        "one printed percentage, mean or SD tested against arithmetic",
        "`outputs/release/granularity.csv`",
    ),
    Table(
        "consistency",
        "claims.Consistency",
        "one set of published figures that must hold together",
        "`outputs/release/consistency.csv`",
    ),
    Table("findings", "findings.Findings", "one finding in words", "`outputs/release/findings.csv`"),
)
_NAMED = {
    tuple(vocabulary.STATISTICS): "a [statistic](#statistics)",
    tuple(vocabulary.DATA_STATUSES): "a [data status](#data-status)",
    tuple(vocabulary.IDENTIFIED): "see [identified](#identified)",
}
_TYPES = {
    "int64": "whole number",
    "float64": "number",
    "date": "date (YYYY-MM-DD)",
    "string": "text",
    "str": "text",
    "boolean": "true or false",
    "bool": "true or false",
}
_SIGNS = {
    "greater_than_or_equal_to": "≥ {min_value}",
    "less_than_or_equal_to": "≤ {max_value}",
    "greater_than": "> {min_value}",
    "less_than": "< {max_value}",
}


def dictionary() -> str:
    """The whole file as text; the same schemas give the same text."""
    parts = [
        "# Data dictionary",
        "Made from the schemas by `docs/make_data_dictionary.py`; change the schemas, not this file.",
        "All tables have exactly these columns, in this order. *May be empty* means that a cell may be blank "
        "(null); a text column that may not be null can still be the empty text.",
        "## Records",
        "Rows about people, contacts, posts and printed figures. Ids of people are pseudonyms.",
        *_tables(RECORDS),
        "## Results",
        "Numbers about groups, and words that rest on them.",
        *_tables(RESULTS),
        *_vocabulary(),
        *_keys("The study file", "`raw/<study>/study.yml`. No other keys are accepted.", Study),
        f"Reserved, so neither a study nor a service may be called: {_listed(RESERVED)}.",
        *_keys(
            "The instrument file", "`schemas/instruments/<instrument>.yml`. No other keys are accepted.", Instrument
        ),
        *_keys("The synthesis file", "`raw/_shared/synthesis.yml`. No other keys are accepted.", Synthesis),
    ]
    return "\n\n".join(parts) + "\n"


def schema(table: Table) -> Any:
    """The Pandera schema of a table."""
    return _model(table).to_schema()


def _model(table: Table) -> Any:
    module, name = table.model.split(".")
    return getattr(import_module(f"schemas.{module}"), name)


def columns(table: Table) -> Mapping[str, Any]:
    """The columns of a table that its section lists."""
    found: dict[str, Any] = schema(table).columns
    base = next((one for one in RECORDS if table.note.startswith(f"All columns of `{one.name}`")), None)
    return {name: column for name, column in found.items() if base is None or name not in columns(base)}


def keys(model: type[BaseModel]) -> Iterator[tuple[str, str, str]]:
    """All keys of a YAML file: (name of the block, key, description; empty if there is none)."""
    for name, block in _blocks(model).items():
        for key, field in block["properties"].items():
            yield name, key, field.get("description") or described().get(f"{name}.{key}", "")


@cache
def described() -> dict[str, str]:
    """Descriptions of keys that the schemas leave undescribed, by ``Block.key``."""
    return dict(yaml.safe_load(KEY_DESCRIPTIONS.read_text(encoding="utf-8")))


def _tables(tables: Sequence[Table]) -> Iterator[str]:
    for table in tables:
        yield f"### {table.name}"
        yield f"One row is {table.row}. {_key(table)}Where: {table.where.format(table.name)}."
        if table.note:
            yield table.note
        yield _grid(
            ["column", "type", "may be empty", "allowed", "what it is"], map(_column, columns(table).values())
        )
        rules = [f"- {_model(table).__dict__[check.name].__doc__}" for check in schema(table).checks]
        if rules:
            yield "Also checked, row by row:\n\n" + "\n".join(rules)


def _key(table: Table) -> str:
    found = schema(table)
    key = found.unique or [name for name, column in found.columns.items() if column.unique]
    return f"Key: {' + '.join(f'`{name}`' for name in key)}. " if key else ""


def _column(column: Any) -> list[str]:
    words = described().get(f"column.{column.name}", "") if not column.description else column.description
    kind = _TYPES[str(column.dtype).split("[")[0].lower()]
    return [f"`{column.name}`", kind, "yes" if column.nullable else "", _allowed(column.checks), words]


def _allowed(checks: Iterable[Any]) -> str:
    return "; ".join(text for check in checks if (text := _limit(check)))


def _limit(check: Any) -> str:
    facts = check.statistics
    if check.name == "isin":
        values = tuple(facts["allowed_values"])
        return _NAMED.get(values) or _listed(values)
    if check.name == "str_length":
        return "not the empty text"
    if check.name == "str_matches":
        return "begins with an [outcome](#outcomes-of-claims)"
    return _SIGNS[check.name].format(**facts)


def _vocabulary() -> Iterator[str]:
    yield "## Vocabulary"
    for title, words in (
        ("Statistics", vocabulary.STATISTICS),
        ("Data status", vocabulary.DATA_STATUSES),
        ("Identified", vocabulary.IDENTIFIED),
        ("Outcomes of claims", vocabulary.OUTCOMES),
        ("Bases of passages", coding.BASES),
        ("Polarities", coding.POLARITIES),
        ("Respondent groups", coding.RESPONDENT_GROUPS),
        ("Themes of the codebook", coding.THEMES),
    ):
        yield f"### {title}"
        yield _grid(["word", "meaning"], ([f"`{word}`", meaning] for word, meaning in words.items()))
    yield "### Reasons"
    yield "What `reason` says where an estimate has no value: " + _listed(vocabulary.REASONS.values()) + "."
    yield "Rounding rules: " + _listed(vocabulary.ROUNDING_RULES) + "."
    yield "### Ids"
    order = _listed(key for key in vocabulary.ESTIMATE_KEYS if key not in ("study", "service", "statistic"))
    yield (
        "An `estimate_id` is `study/service/statistic`, then `/key=value` for each key that is not empty, "
        f"in this order: {order}."
    )


def _keys(title: str, about: str, model: type[BaseModel]) -> Iterator[str]:
    yield f"## {title}"
    yield about
    texts = {(block, key): text for block, key, text in keys(model)}
    for name, block in _blocks(model).items():
        if name != model.__name__:
            yield f"### {title.removeprefix('The ').capitalize()}: {name}"
            yield str(block.get("description", "")).replace("``", "`")
        rows = (
            [f"`{key}`", _type(field), _default(block, key, field), texts[name, key]]
            for key, field in block["properties"].items()
        )
        yield _grid(["key", "type", "default", "what it is"], rows)


@cache
def _blocks(model: type[BaseModel]) -> dict[str, Any]:
    """The model and all models inside it, by name, in the order in which they are met."""
    whole = model.model_json_schema()
    found, waiting = {}, [model.__name__]
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            found[name] = whole if name == model.__name__ else whole["$defs"][name]
            waiting += _references(found[name]["properties"])
    return found


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"].rsplit("/", 1)[-1]] if "$ref" in node else []
        return own + [name for value in node.values() for name in _references(value)]
    return [name for value in node for name in _references(value)] if isinstance(node, list) else []


def _type(field: Mapping[str, Any]) -> str:
    if "$ref" in field:
        return f"block {field['$ref'].rsplit('/', 1)[-1]}"
    if "anyOf" in field:
        return " or ".join(_type(one) for one in field["anyOf"])
    if "enum" in field:
        return _listed(field["enum"])
    if field.get("type") == "array":
        least = f", at least {field['minItems']}" if field.get("minItems") else ""
        return f"list of {_type(field['items'])}{least}"
    if field.get("type") == "object":
        inner = field.get("patternProperties")
        return (
            f"id: {_type(next(iter(inner.values())))}" if inner else f"name: {_type(field['additionalProperties'])}"
        )
    return _plain(field) + _limits(field)


def _plain(field: Mapping[str, Any]) -> str:
    if str(field.get("pattern", "")).startswith("^[A-Z]{2}"):
        return "two capital letters; several joined by a comma and a blank"
    if "pattern" in field:
        return "id"
    named = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}
    return "date" if field.get("format") == "date" else named.get(str(field["type"]), "null")


def _limits(field: Mapping[str, Any]) -> str:
    signs = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    texts = [f"{sign} {field[name]:g}" for name, sign in signs.items() if name in field]
    return f" ({', '.join(texts)})" if texts else ""


def _default(block: Mapping[str, Any], key: str, field: Mapping[str, Any]) -> str:
    if key in block.get("required", []):
        return "**required**"
    default = field.get("default")
    if default is None or default in ("", [], {}) or isinstance(default, dict):
        return "null" if default is None and "anyOf" in field else ""
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _listed(words: Iterable[object]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _grid(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


if __name__ == "__main__":
    TARGET.write_text(dictionary(), encoding="utf-8", newline="\n")
