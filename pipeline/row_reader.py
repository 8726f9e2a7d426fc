"""One raw file of one record table: its rows as texts in the record's columns, then typed and checked.

How the columns of an export become those of a record belongs in ``ingest.mapping``, the checks in ``row_checks``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from pipeline import row_checks
from pipeline.ingest import surveys
from pipeline.ingest.export import ROW, Export
from pipeline.ingest.mapping import Wanted, columns_of, to_record, used
from pipeline.ingest.reading import read
from pipeline.problems import Problem, ProblemsFoundError, file_problem, nearest
from pipeline.studies import instruments
from pipeline.typing_cells import cast
from schemas.sources import Column, date_format
from schemas.study import Study, SurveyTable, Table
from schemas.vocabulary import UNKNOWN

if TYPE_CHECKING:
    from pipeline.corrections import Corrections
    from schemas.instrument import Instrument
    from schemas.records import Record


class RowReader:
    """Reads one file; ``source``, ``study`` and ``table`` are left out for files that belong to no study."""

    def __init__(
        self,
        path: Path,
        schema: type[Record],
        source: Table | None = None,
        study: Study | None = None,
        table: str = "",
    ):
        self.path, self.schema, self.study, self.table = path, schema, study, table
        self.source = source or Table(file=path.name, data_status="observed")
        self.present: list[str] = []
        """Columns of the export, once it was opened."""
        self.judged = row_checks.Judged()
        self.name = _name(path, self.source.file)
        """The file as a person finds it: with its folder, if it lies in one."""

    @property
    def is_tolerant(self) -> bool:
        """Wrong rows are set aside instead of stopping the table."""
        return self.source.on_invalid == "quarantine"

    @cached_property
    def instrument(self) -> Instrument | None:
        """The instrument of a survey export."""
        return instruments()[self.source.instrument] if isinstance(self.source, SurveyTable) else None

    @cached_property
    def export(self) -> Export:
        """The file as its reader gives it, and its data dictionary with it."""
        if not self.path.is_file():
            raise ProblemsFoundError(
                [file_problem(self.path, "the file is not there", "Add it, or correct the name.")]
            )
        return read(self.path, self.source.format, self.table)

    @cached_property
    def wanted(self) -> Wanted:
        """What the record takes from the export."""
        declared = self.study.services if self.study else ()
        services = {UNKNOWN: UNKNOWN}
        services |= {text.lower(): one.id for one in declared for text in (one.id, one.name, *one.written)}
        if self.instrument is None:
            columns = self.schema.to_schema().columns
            numbers = tuple(n for n, one in columns.items() if one.dtype.type in (pl.Int64, pl.Float64))
            optional = row_checks.optional_columns(columns)
            recodes = {"service": services} | row_checks.spellings(
                columns, self.study.activities if self.study else ()
            )
            return Wanted(tuple(columns), optional, numbers, recodes=recodes)
        return self._wanted_of_survey(self.instrument, services)

    def _wanted_of_survey(self, instrument: Instrument, services: dict[str, str]) -> Wanted:
        assert isinstance(self.source, SurveyTable)
        items = tuple(item.id for item in instrument.items)
        service = ("service",) if self.source.service == "column" else ()
        # A reconstructed file has no column for an item whose figures no counts can meet.
        optional = ("subject", *(items if self.source.data_status == "reconstructed" else ()))
        answers = surveys.answers(instrument)
        known = {text: name for text, (_, name) in answers.items()}
        # As programs write whole numbers in a column that has empty cells.
        known |= {f"{code}.0": name for code, name in answers.values() if code is not None}
        recodes = {"service": services} | dict.fromkeys(items, known)
        return Wanted(("respondent", "subject", *service, *items), optional, answers=items, recodes=recodes)

    @cached_property
    def columns(self) -> dict[str, Column]:
        """Where each column of the record comes from."""
        return columns_of(self.wanted, self.source, self.present)

    @property
    def not_used(self) -> list[str]:
        """Columns of the export that nothing is made of."""
        taken = used(self.source, self.columns)
        return [name for name in self.present if name not in taken]

    @property
    def constants(self) -> dict[str, str]:
        """What holds for every row of a survey export."""
        return {n: getattr(self.source, n) for n in ("instrument", "wave")} if self.instrument else {}

    def to_record(self, texts: pl.DataFrame) -> pl.DataFrame:
        """Rows of one batch of the export that are meant, as texts in the columns of the record."""
        return to_record(texts, self.wanted, self.source, self.export)

    def batches(self, corrections: Corrections | None = None) -> Iterator[pl.DataFrame]:
        """Rows that are meant, corrected, as texts in the columns of the record that the file has.

        Raises
        ------
        ProblemsFoundError
            When the file can't be read, or lacks a column.
        """
        for texts in self.export.batches():
            if not self.present:
                self.present = [name for name in texts.columns if name != ROW]
                problems = self._column_problems()
                if problems:
                    raise ProblemsFoundError(problems)
            yield self.to_record(corrections.apply(texts, self) if corrections and corrections.all else texts)

    def _column_problems(self) -> list[Problem]:
        row, wanted = self.source.format.header, self.wanted
        needed = [name for name in wanted.columns if name not in wanted.optional]
        problems = [*self._not_exported(row), *self._not_of_the_record()]
        if not (self.source.columns or self.source.stack):
            named = used(self.source, {})
            present = [name for name in self.present if name in wanted.columns or name not in named]
            return problems + row_checks.column_problems(self.path, present, needed, wanted.optional, row)
        for name in (one for one in needed if one not in self.columns):
            rule, remedy = f"nothing is said to become '{name}' of {self.table}", "Name it under columns."
            problems.append(file_problem(self.path, rule, f"{remedy} {self._near(name)}", row, name))
        return problems

    def _not_exported(self, row: int) -> Iterator[Problem]:
        """Columns that the study file names and the export does not have."""
        into = {self.source.stack.into} if self.source.stack else set()
        for name in sorted(used(self.source, self.source.columns) - {*self.present} - into):
            rule = "named in the study file, but no column of the export"
            if name in self.export.questions:
                rule = "in the export but not read: it says who someone is"
            yield file_problem(self.path, rule, self._near(name), row, name)

    def _not_of_the_record(self) -> Iterator[Problem]:
        """Columns that the study file fills and the record does not have."""
        for name in sorted({*self.source.columns} - {*self.wanted.columns}):
            rule = f"not a column of {self.table}"
            yield Problem("study.yml", None, name, "", rule, nearest(name, self.wanted.columns))

    def _near(self, name: str) -> str:
        known = {*used(self.source, self.source.columns), *self.wanted.columns}
        if known.isdisjoint(self.present):  # what stands there may be answers: not a word of it is told
            return "No name was found in the first row: say under format which row names the columns."
        return nearest(name, self.present)

    def check(self, texts: pl.DataFrame) -> tuple[pl.DataFrame, list[Problem]]:
        """Typed rows of the record with ``ROW``, and what is wrong in them."""
        typed, problems = self._check_survey(texts) if self.instrument else self._check(texts)
        return typed, [self._told(problem) for problem in row_checks.once(problems)]

    def _check(self, texts: pl.DataFrame) -> tuple[pl.DataFrame, list[Problem]]:
        schema = row_checks.without_key(self.schema, self.study.activities if self.study else ())
        texts = row_checks.with_defaults(texts, schema.columns)
        typed, problems = cast(self.path, texts, schema.columns, self.date_formats)
        if self.study:
            problems += row_checks.service_problems(self.path, texts, self.study)
            problems += row_checks.period_problems(self.path, texts, typed, self.study)
        problems += row_checks.schema_problems(self.path, texts, typed, schema, self.judged)
        return typed.with_columns(texts[ROW]), problems

    def _check_survey(self, texts: pl.DataFrame) -> tuple[pl.DataFrame, list[Problem]]:
        assert isinstance(self.source, SurveyTable)
        assert self.instrument is not None
        problems: list[Problem] = [
            *row_checks.answer_problems(self.path, texts, self.instrument),
            *row_checks.respondent_problems(self.path, texts),
        ]
        if self.study and self.source.service == "column":
            problems += row_checks.service_problems(self.path, texts, self.study)
        return surveys.to_long(texts, self.source, self.instrument), problems

    @cached_property
    def date_formats(self) -> dict[str, str]:
        """Declared date format, as Python writes it, by column of the record that holds dates."""
        declared = self.source.format.dates
        dates = {name for name, one in self.schema.to_schema().columns.items() if one.dtype.type == pl.Date}
        formats = {name: column.dates or declared for name, column in self.columns.items() if name in dates}
        return {name: date_format(one) for name, one in formats.items() if one}

    def _told(self, problem: Problem) -> Problem:
        return replace(problem, file=self.name, column=self.told([problem.column]))

    def told(self, names: Sequence[str]) -> str:
        """Beside the record's columns, those of the export: they are the ones a person opens."""
        columns = [self.columns[name] for name in names if name in self.columns]
        made_of = list(dict.fromkeys(name for one in columns for name in one.from_))
        told = " + ".join(names)
        return told if made_of == list(names) or not made_of else f"{told} (from {', '.join(made_of)})"


def _name(path: Path, file: str) -> str:
    """The file as the study file would name it."""
    folders = file.count("/")
    return "/".join(path.parts[-1 - folders :]) if folders and "**" not in file else path.name
