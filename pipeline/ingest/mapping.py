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

    ``texts`` is one batch of the export. A cell that a recode names (in any case, or by its label) is what it stands
    for; a cell that the file or the study file declares missing is null; a cell that the file labels is its label.
    """
    rows = _stacked(meant(texts, source), source)
    columns = columns_of(wanted, source, rows.columns)
    made = [_cell(name, column, wanted, source, export, rows).alias(name) for name, column in columns.items()]
    return rows.select(ROW, *made)


def meant(texts: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Rows of an export that the study file means (``where``, ``filled``)."""
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
        needed = {name for column in source.columns.values() for name in column.from_}
        rest = [name for name in rows.columns if name in needed or name not in stack.columns]
        rest = [name for name in rest if name != stack.into]
        ticked = pl.col("#tick").str.to_lowercase().is_in([one.lower() for one in stack.ticked])
        ticked = pl.col("#tick").is_not_null() if "*" in stack.ticked else ticked
        long = rows.unpivot(list(stack.columns), index=rest, variable_name="#column", value_name="#tick")
        stands_for = pl.col("#column").replace(stack.columns).alias(stack.into)
        long = long.filter(ticked).select(*rest, stands_for).filter(into.is_not_null())
    if stack.none:
        without = rows.filter(~pl.col(ROW).is_in(long[ROW].implode()))
        long = pl.concat([long, without.with_columns(pl.lit(stack.none).alias(stack.into)).select(long.columns)])
    return long.sort(ROW, maintain_order=True)


def _parts(stack: Stack) -> pl.Expr:
    """The answers of a cell that holds several; those that hold the separator themselves are found first."""
    cell = pl.col(stack.split)
    if not stack.answers:
        return cell.str.split(stack.by)
    whole = "|".join(re.escape(one) for one in sorted(stack.answers, key=len, reverse=True))
    sign = stack.by.strip() or stack.by
    by = re.escape(sign)
    found = cell.str.extract_all(rf"(?:{whole})\s*(?:{by}|$)|[^{by}\s][^{by}]*")
    return found.list.eval(pl.element().str.strip_chars().str.strip_suffix(sign))


def _cell(name: str, column: Column, wanted: Wanted, source: Source, export: Export, rows: pl.DataFrame) -> pl.Expr:
    own = wanted.recodes.get(name, {})
    if column.value is not None:
        return pl.lit(_known_as(column.value, own) or None, pl.String)
    raw, only = _raw(column, source, export)
    known = meanings(name, column, wanted, source, export)
    otherwise = None if column.otherwise is None else _known_as(column.otherwise, own)
    cell = _known(raw, known, otherwise) if _says(known, column, rows, only) else raw
    if column.unit:
        cell = _in_unit(cell, column.unit, source.format.decimal)
    elif name in wanted.numbers and source.format.decimal == "comma":
        cell = cell.str.replace(",", ".", literal=True)
    return cell


def _raw(column: Column, source: Source, export: Export) -> tuple[pl.Expr, str]:
    """The cells that a column comes from, and the column of the export if it is only one.

    Where several are joined, nothing is known as soon as it is not known of one of them.
    """
    if len(column.from_) == 1:
        return pl.col(column.from_[0]), column.from_[0]
    parts = []
    for name in column.from_:
        silent = _lower((*source.missing, *column.missing, *export.missing.get(name, ())))
        part = pl.col(name)
        parts.append(pl.when(~part.str.to_lowercase().is_in(silent)).then(part) if silent else part)
    return pl.concat_str(parts, separator=column.joined_by), ""


def _says(known: Mapping[str, str | None], column: Column, rows: pl.DataFrame, only: str) -> bool:
    """Does any cell of the batch stand for something else? Looking at the few different ones is quick."""
    if not known or not only or column.otherwise is not None or "" in known:
        return bool(known) or column.otherwise is not None
    cells = rows[only].unique()
    keys = cells.str.to_lowercase()
    stands_for = keys.replace_strict(known, default=None, return_dtype=pl.String)
    return bool((keys.is_in(list(known)) & stands_for.ne_missing(cells)).any())


def _known(raw: pl.Expr, known: Mapping[str, str | None], otherwise: str | None) -> pl.Expr:
    key = (raw.fill_null("") if "" in known else raw).str.to_lowercase()
    nothing = pl.lit(None, pl.String)
    found = key.replace_strict(known, default=None, return_dtype=pl.String) if known else nothing
    rest = raw if otherwise is None else pl.when(raw.is_not_null()).then(pl.lit(otherwise or None, pl.String))
    return pl.when(key.is_in(list(known))).then(found).otherwise(rest)


def meanings(name: str, column: Column, wanted: Wanted, source: Source, export: Export) -> dict[str, str | None]:
    """What a cell (in lower case) stands for, null for nothing; what is declared first in the study file decides."""
    only = column.from_[0] if len(column.from_) == 1 else ""
    own = wanted.recodes.get(name, {})
    declared = getattr(source, "answers", {}) if name in wanted.answers else {}
    said = {cell.lower(): to for of in (declared, column.recode) for cell, to in of.items()}
    recode = dict.fromkeys(_lower((*source.missing, *column.missing))) | {
        cell: None if to is None else _known_as(to, own) for cell, to in said.items()
    }
    # A label is recoded as if it stood in the cell itself.
    labels = {cell.lower(): label for cell, label in export.answers.get(only, {}).items() if label}
    labelled = {cell: recode.get(label.lower(), _known_as(label, own)) for cell, label in labels.items()}
    silent = {cell: None for cell in _lower(export.missing.get(only, ())) if labelled.get(cell) not in own.values()}
    unlabelled = _unlabelled(own, labelled) if name in wanted.answers else {}
    return dict(own) | unlabelled | labelled | silent | recode


def _known_as(text: str, own: Mapping[str, str | None]) -> str:
    return own.get(text.lower()) or text


def _unlabelled(own: Mapping[str, str | None], labelled: Mapping[str, str | None]) -> dict[str, str | None]:
    """Codes without a label, in a file whose labels show that its codes are not those of the instrument.

    They are left for the check to refuse: nobody knows what they stand for.
    """
    differs = any(own[cell] != to for cell, to in labelled.items() if cell in own and to in own.values())
    codes = [text for text in own if text.lstrip("-").removesuffix(".0").isdecimal() and text not in labelled]
    return {code: f"{code} (has no label)" for code in codes} if differs else {}


def _lower(cells: Iterable[str]) -> list[str]:
    return [cell.lower() for cell in cells]


def _in_unit(cell: pl.Expr, unit: str, decimal: str) -> pl.Expr:
    """Durations in whole minutes, percentages as shares; what is no number stays as written, to be told."""
    plain = cell.str.strip_suffix("%").str.strip_chars() if unit == "percent" else cell
    if decimal == "comma":  # 1.200 may be 1200
        plain = pl.when(~plain.str.contains(r"\.\d{3}(?:\D|$)")).then(plain.str.replace(",", ".", literal=True))
    number = plain.cast(pl.Float64, strict=False)
    if unit == "hours:minutes":
        parts = cell.str.extract_groups(r"^(\d{1,6}):([0-5]\d)(?::\d\d)?$")
        number = parts.struct[0].cast(pl.Float64) * 60 + parts.struct[1].cast(pl.Float64)
    if unit == "percent":
        return pl.coalesce(pl.when(number.is_finite()).then(number / 100).cast(pl.String), cell)
    minutes = (number * UNITS.get(unit, 1)).round(mode="half_away_from_zero")
    return pl.coalesce(minutes.cast(pl.Int64, strict=False).cast(pl.String), cell)
