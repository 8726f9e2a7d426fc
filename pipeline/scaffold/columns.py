"""What a new study's files may hold, read from the schemas: record tables, and the kind of each of their columns."""

from __future__ import annotations

from functools import cache

import polars as pl

from pipeline.validation import schema_of
from schemas.instrument import Instrument
from schemas.study import CODED, Tables

RECORD_TABLES = tuple(name for name in Tables.model_fields if name not in (*CODED, "surveys"))
"""Tables of a data file each, surveys and coded documents apart."""


@cache
def kinds_of(table: str) -> dict[str, str]:
    """What the cells of a record's columns are: date, number, boolean, category or text."""
    names = {pl.Date: "date", pl.Int64: "number", pl.Float64: "number", pl.Boolean: "boolean"}
    found = {}
    for name, column in schema_of(table).to_schema().columns.items():
        kind = next((word for dtype, word in names.items() if column.dtype.type == dtype), "text")
        found[name] = "category" if allowed_of(table, name) else kind
    return found


def allowed_of(table: str, name: str) -> tuple[str, ...]:
    """The values that a column of a record may have, where they are a closed list."""
    checks = schema_of(table).to_schema().columns[name].checks
    return tuple(v for check in checks if check.name == "isin" for v in check.statistics["allowed_values"])


def rates_others(instrument: Instrument) -> bool:
    """Does one person answer about others, so that the export has a column ``subject``?"""
    return instrument.population.endswith("rated")
