"""Corrections: declared fixes of raw cells, each of which must find exactly the value it expects.

The file is ``raw/<study>/corrections.csv``: table, row key, column, from, to, reason, by. Raw files stay as they
came; what is corrected, why and by whom is on record.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from pipeline.ingest.csv import read_text
from pipeline.ingest.export import ROW
from pipeline.problems import Problem, ProblemsFoundError, nearest
from pipeline.sources import CORRECTIONS
from schemas.study import Study, Tables

COLUMNS = ("table", "row", "column", "from", "to", "reason", "by")


@dataclass
class Correction:
    """One fix; ``where`` is what its row holds in some columns (of the key), or its file and number."""

    line: int
    where: dict[str, str]
    column: str
    expected: str | None
    to: str | None
    found: int = 0
    otherwise: int = 0


@dataclass
class Corrections:
    """The corrections of one record table."""

    all: list[Correction] = field(default_factory=list)

    @staticmethod
    def of(folder: Path, study: Study, table: str) -> Corrections:
        """The corrections that a study declares for a table; none where it has no such file.

        Raises
        ------
        ProblemsFoundError
            When the file lacks a column, a reason or a name, or names an unknown table.
        """
        path = folder / CORRECTIONS
        if not path.is_file():
            return Corrections()
        rows = read_text(path)
        problems = _file_problems(path, rows)
        if problems:
            raise ProblemsFoundError(problems)
        return Corrections([_correction(row) for row in rows.iter_rows(named=True) if row["table"] == table])

    def apply(self, texts: pl.DataFrame, file: str) -> pl.DataFrame:
        """The texts of one batch, corrected."""
        for one in self.all:
            if one.column not in texts.columns or any(n not in texts.columns for n in one.where if n not in PLACE):
                continue
            row = _is_row(one, file)
            value = pl.col(one.column)
            expected = value.is_null() if one.expected is None else value.eq_missing(pl.lit(one.expected))
            met, meant = texts.select((row & expected).sum(), row.sum().alias("row")).row(0)
            one.found += met
            one.otherwise += meant - met
            if met:
                to = pl.lit(one.to, pl.String)
                texts = texts.with_columns(pl.when(row & expected).then(to).otherwise(value).alias(one.column))
        return texts

    def unused(self) -> list[Problem]:
        """A problem for each correction that did not find exactly one cell with the value it expects."""
        return [problem for one in self.all if (problem := _not_met(one))]


PLACE = ("file", "number")


def _is_row(one: Correction, file: str) -> pl.Expr:
    conditions = [pl.lit(True)]
    for name, value in one.where.items():
        if name == "file":
            conditions.append(pl.lit(value == file))
        elif name == "number":
            conditions.append(pl.col(ROW) == int(value))
        else:
            conditions.append(pl.col(name).eq_missing(pl.lit(value)))
    return pl.all_horizontal(conditions)


def _not_met(one: Correction) -> Problem | None:
    if one.found == 1:
        return None
    if one.found > 1:
        rule, remedy = f"fits {one.found} rows", "Name the row by its whole key, or by file=...; number=..."
    elif one.otherwise:
        rule, remedy = (
            "the cell holds another value than the one expected",
            "Look at the raw file, and correct `from`.",
        )
    else:
        rule, remedy = "finds no such row", "Correct the row, such as session=s11; client=c15."
    return Problem(CORRECTIONS, one.line, one.column, "", rule, remedy)


def _correction(row: dict[str, str]) -> Correction:
    return Correction(row[ROW], _where(row["row"]), row["column"], row["from"], row["to"])  # type: ignore[arg-type]


def _where(text: str) -> dict[str, str]:
    parts = (part.partition("=") for part in text.split(";") if part.strip())
    return {name.strip(): value.strip() for name, _, value in parts}


def _file_problems(path: Path, rows: pl.DataFrame) -> list[Problem]:
    missing = [name for name in COLUMNS if name not in rows.columns]
    if missing:
        remedy = f"It has the columns {', '.join(COLUMNS)}."
        return [Problem(path.name, 1, name, "", "the column is missing", remedy) for name in missing]
    problems = []
    for row in rows.iter_rows(named=True):
        for name in ("table", "row", "column", "reason", "by"):
            if not row[name]:
                problems.append(Problem(path.name, row[ROW], name, "", "must not be empty", "Fill it in."))
        if row["table"] and row["table"] not in Tables.model_fields:
            remedy = nearest(row["table"], list(Tables.model_fields))
            problems.append(Problem(path.name, row[ROW], "table", row["table"], "unknown table", remedy))
        where = _where(row["row"] or "")
        if row["row"] and (not where or not all(where.values()) or not where.get("number", "1").isdigit()):
            remedy = "Write it as session=s11; client=c15, or as file=sessions.csv; number=12."
            problems.append(Problem(path.name, row[ROW], "row", "", "does not name a row", remedy))
    return problems
