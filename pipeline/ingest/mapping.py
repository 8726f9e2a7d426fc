"""The columns of an export become the columns of a record, as texts: filtered, stacked, recoded, as declared.

Reading the export belongs in the reader modules; types, allowed values and keys in ``pipeline.validation``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from pipeline.ingest.export import ROW, Export
from schemas.sources import UNITS, Column, Source, Stack


@dataclass(frozen=True)
class Wanted:
    """Columns that a record takes from an export, and how their cells are to be read.

    Attributes
    ----------
    columns
        Names of the record's columns.
    optional
        Those of them that may be missing.
    numbers
        Those that hold numbers.
    answers
        Those that hold answers of an instrument.
    recodes
        By column: cell in lower case to what it stands for, beside what the study file declares.
    """

    columns: tuple[str, ...]
    optional: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    recodes: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)


def columns_of(wanted: Wanted, source: Source, present: Sequence[str]) -> dict[str, Column]:
    """Where each wanted column comes from: as declared, else the column of the same name, if there is one."""
    have = {*present, *([source.stack.into] if source.stack else [])}
    same = {name: Column.model_validate({"from": name}) for name in wanted.columns if name in have}
    return same | {name: column for name, column in source.columns.items() if name in wanted.columns}


def used(source: Source, columns: Mapping[str, Column]) -> set[str]:
    """Columns of the export that something is made of."""
    names = {name for column in columns.values() for name in column.from_} | {*source.where, *source.filled}
    stack = source.stack
    return names | ({*stack.columns, stack.split} - {""} if stack else set())


def to_record(texts: pl.DataFrame, wanted: Wanted, source: Source, export: Export) -> pl.DataFrame:
    """Rows that are meant, with ``ROW`` and those of the wanted columns that there are, as texts.

    ``texts`` is one batch of the export. A cell that a recode names (in any case) is what it stands for; a cell
    that the file or the study file declares missing is null; a cell that the file labels is its label.
    """
    rows = _stacked(_meant(texts, source), source)
    columns = columns_of(wanted, source, rows.columns)
    made = [_cell(name, column, wanted, source, export, rows).alias(name) for name, column in columns.items()]
    return rows.select(ROW, *made)


def _meant(texts: pl.DataFrame, source: Source) -> pl.DataFrame:
    for name, cells in source.where.items():
        texts = texts.filter(pl.col(name).fill_null("").str.to_lowercase().is_in([one.lower() for one in cells]))
    for name in source.filled:
        texts = texts.filter(pl.col(name).is_not_null())
    return texts


def _stacked(rows: pl.DataFrame, source: Source) -> pl.DataFrame:
    stack = source.stack
    if stack is None:
        return rows
    into = pl.col(stack.into)
    if stack.split:
        parts = _parts(stack).alias(stack.into)
        long = rows.with_columns(parts).explode(stack.into).with_columns(into.str.strip_chars()).filter(into != "")
    else:
        rest = [name for name in rows.columns if name not in stack.columns]
        ticked = pl.col("#tick").str.to_lowercase().is_in([one.lower() for one in stack.ticked])
        ticked = pl.col("#tick").is_not_null() if "*" in stack.ticked else ticked
        long = rows.unpivot(list(stack.columns), index=rest, variable_name=stack.into, value_name="#tick")
        long = long.filter(ticked).drop("#tick").with_columns(into.replace(stack.columns)).filter(into.is_not_null())
    if stack.none is not None:
        without = rows.filter(~pl.col(ROW).is_in(long[ROW].implode()))
        long = pl.concat([long, without.with_columns(pl.lit(stack.none).alias(stack.into)).select(long.columns)])
    return long.sort(ROW, maintain_order=True)


def _parts(stack: Stack) -> pl.Expr:
    """The answers of a cell that holds several; those that hold the separator themselves are found first."""
    cell = pl.col(stack.split)
    if not stack.answers:
        return cell.str.split(stack.by)
    whole = "|".join(re.escape(one) for one in sorted(stack.answers, key=len, reverse=True))
    return cell.str.extract_all(f"{whole}|[^{re.escape(stack.by.strip() or stack.by)}]+")


def _cell(name: str, column: Column, wanted: Wanted, source: Source, export: Export, rows: pl.DataFrame) -> pl.Expr:
    if column.value is not None:
        return pl.lit(column.value)
    raw = (
        pl.concat_str(column.from_, separator=column.joined_by) if len(column.from_) > 1 else pl.col(column.from_[0])
    )
    only = column.from_[0] if len(column.from_) == 1 else ""
    meanings = _meanings(name, column, wanted, source, export, only)
    cell = _known(raw, meanings, column.otherwise) if _says(meanings, column, rows, only) else raw
    if column.unit:
        cell = _in_unit(cell, column.unit, source.format.decimal)
    elif name in wanted.numbers and source.format.decimal == "comma":
        cell = cell.str.replace(",", ".", literal=True)
    return cell


def _says(meanings: Mapping[str, str | None], column: Column, rows: pl.DataFrame, only: str) -> bool:
    """Does any cell of the batch stand for something else? Looking at the few different ones is quick."""
    if not meanings or not only or column.otherwise is not None or "" in meanings:
        return bool(meanings)
    return any(cell is not None and cell.lower() in meanings for cell in rows[only].unique())


def _known(raw: pl.Expr, meanings: Mapping[str, str | None], otherwise: str | None) -> pl.Expr:
    if not meanings:
        return raw
    key = (raw.fill_null("") if "" in meanings else raw).str.to_lowercase()
    found = key.replace_strict(meanings, default=None, return_dtype=pl.String)
    rest = raw if otherwise is None else pl.when(raw.is_not_null()).then(pl.lit(otherwise))
    return pl.when(key.is_in(list(meanings))).then(found).otherwise(rest)


def _meanings(
    name: str, column: Column, wanted: Wanted, source: Source, export: Export, only: str
) -> dict[str, str | None]:
    """What a cell (in lower case) stands for; what is declared first in the study file decides."""
    labels = {cell.lower(): label for cell, label in export.answers.get(only, {}).items()}
    declared = dict(getattr(source, "answers", {})) if name in wanted.answers else {}
    recode = {cell.lower(): to for cell, to in (declared | column.recode).items()}
    own = wanted.recodes.get(name, {})
    # A label is recoded as if it stood in the cell itself.
    labelled = {cell: _through(label, recode, own) for cell, label in labels.items()}
    missing = dict.fromkeys(one.lower() for one in (*source.missing, *column.missing))
    silent = {cell: None for cell in _lower(export.missing.get(only, ())) if labelled.get(cell) not in own.values()}
    return dict(own) | labelled | silent | missing | recode


def _through(label: str, recode: Mapping[str, str | None], own: Mapping[str, str | None]) -> str | None:
    key = label.lower()
    return recode[key] if key in recode else own.get(key, label)


def _lower(cells: Iterable[str]) -> list[str]:
    return [cell.lower() for cell in cells]


def _in_unit(cell: pl.Expr, unit: str, decimal: str) -> pl.Expr:
    """Durations in whole minutes, percentages as shares; what is no number stays as written, to be told."""
    number = (cell.str.replace(",", ".", literal=True) if decimal == "comma" else cell).cast(pl.Float64, strict=False)
    if unit == "hours:minutes":
        parts = cell.str.extract_groups(r"^(\d+):([0-5]\d)(?::\d\d)?$")
        number = parts.struct[0].cast(pl.Float64) * 60 + parts.struct[1].cast(pl.Float64)
    amount = number * UNITS.get(unit, 1)
    text = amount.cast(pl.String) if unit == "percent" else amount.round().cast(pl.Int64).cast(pl.String)
    return pl.coalesce(text, cell)
