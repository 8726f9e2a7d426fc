"""Checks of one batch of rows: columns, types, allowed values, services, dates, answers.

What is valid is declared in ``schemas``; keys, which reach over batches and files, belong in ``keys.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from pipeline.check_words import words
from pipeline.ingest import surveys
from pipeline.ingest.export import ROW
from pipeline.problems import Problem, file_problem, nearest
from schemas.study import Study
from schemas.vocabulary import UNKNOWN

if TYPE_CHECKING:
    from pandera.polars import DataFrameSchema

    from schemas.instrument import Instrument
    from schemas.records import Record


MANY = 10_000
"""Rows from which a batch is judged by its different values first."""


@cache
def without_key(schema: type[Record], activities: tuple[str, ...] = ()) -> DataFrameSchema:
    """A record schema that does not compare keys: within a batch that would say nothing of the others.

    ``activities`` are those of a study that has its own.
    """
    import copy

    import pandera.polars as pa

    found = copy.deepcopy(schema.to_schema())
    found.unique = None
    for column in found.columns.values():
        column.unique = False
    if activities and "session" in found.columns:
        found.columns["activity"].checks = [pa.Check.isin(list(activities))]
    return found


def key_of(schema: type[Record]) -> list[str]:
    """Columns that together are the key of a record."""
    declared = schema.to_schema()
    return list(declared.unique or [name for name, column in declared.columns.items() if column.unique])


def optional_columns(columns: Mapping[str, Any]) -> tuple[str, ...]:
    """Columns that a file may lack: those with a default, and those that not every service records."""
    return tuple(
        name for name, one in columns.items() if one.default is not None or (one.metadata or {}).get("optional")
    )


def spellings(columns: Mapping[str, Any], activities: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """The words of closed lists, by column and in lower case: capital letters make no difference."""
    found = {name: _allowed(column) for name, column in columns.items()}
    if activities and "session" in columns:
        found["activity"] = list(activities)
    return {name: {word.lower(): word for word in allowed} for name, allowed in found.items() if allowed}


def _allowed(column: Any) -> list[str]:
    lists = [check.statistics["allowed_values"] for check in column.checks if check.name == "isin"]
    return [str(value) for allowed in lists for value in allowed]


def with_defaults(texts: pl.DataFrame, columns: Mapping[str, Any]) -> pl.DataFrame:
    """A column that has a default may be left out, and its cells may be empty; one that is optional is empty then."""
    defaults = {n: None if one.default is None else str(one.default).lower() for n, one in columns.items()}
    added = [
        (pl.col(name).fill_null(text) if name in texts.columns else pl.lit(text, pl.String)).alias(name)
        for name, text in defaults.items()
        if text is not None or name not in texts.columns
    ]
    return texts.with_columns(added)


@dataclass
class Judged:
    """Values that were found valid in the batches before, by column: they need not be judged again."""

    valid: dict[str, set[Any]] = field(default_factory=dict)

    def are_valid(self, typed: pl.DataFrame, schema: DataFrameSchema) -> bool:
        """Are all rows valid, judged by the different values of each column? Only for checks of single cells."""
        found = {name: _different(typed[name], bool(one.checks)) for name, one in schema.columns.items()}
        new = {name: list(values - self.valid.get(name, set())) for name, values in found.items()}
        longest = max(len(values) for values in new.values())
        if not longest:
            return True
        # A column without anything new is filled up with what it has.
        filled = {name: values or [typed[name][0]] for name, values in new.items()}
        columns = [
            pl.Series(name, values + values[:1] * (longest - len(values)), dtype=typed[name].dtype)
            for name, values in filled.items()
        ]
        if _cases(pl.DataFrame(columns), schema):
            return False
        for name, values in found.items():
            self.valid.setdefault(name, set()).update(values)
        return True


def schema_problems(
    path: Path, texts: pl.DataFrame, typed: pl.DataFrame, schema: DataFrameSchema, judged: Judged
) -> list[Problem]:
    """What Pandera finds, told with row, column, the value as written, and what to do.

    Where every check is of single cells, a long batch is valid if its different values are: they are few.
    """
    if typed.height > MANY and not schema.checks and judged.are_valid(typed, schema):
        return []
    return [_from_case(path, texts, case) for case in _cases(typed, schema)]


def _cases(typed: pl.DataFrame, schema: DataFrameSchema) -> list[dict[str, Any]]:
    """Pandera's failure cases that have a row."""
    import pandera.polars as pa
    from pandera.errors import SchemaErrors

    try:
        with pa.config.config_context(validation_depth=pa.config.ValidationDepth.SCHEMA_AND_DATA):
            schema.validate(typed, lazy=True)
    except SchemaErrors as error:
        return error.failure_cases.filter(pl.col("index").is_not_null()).to_dicts()
    return []


def _different(column: pl.Series, has_checks: bool) -> set[Any]:
    """The different values of a column; of one without checks no more than whether cells are empty."""
    if has_checks:
        return set(column.unique().to_list())
    return {None} if column.null_count() else set()


def _from_case(path: Path, texts: pl.DataFrame, case: dict[str, Any]) -> Problem:
    index = int(case["index"])
    columns = [str(case["column"])] if case["schema_context"] == "Column" else []
    value = " + ".join(texts[column][index] or "" for column in columns)
    rule, remedy = words(str(case["check"]))
    return Problem(path.name, texts[ROW][index], " + ".join(columns), value, rule, remedy)


def once(problems: Iterable[Problem]) -> list[Problem]:
    """The first problem of each cell: a text in a number column is not also an empty cell."""
    seen: dict[tuple[int | None, str], Problem] = {}
    for problem in problems:
        seen.setdefault((problem.row, problem.column), problem)
    return list(seen.values())


def column_problems(
    path: Path, present: Sequence[str], expected: Sequence[str], optional: Sequence[str] = (), row: int = 1
) -> list[Problem]:
    """Columns that are missing, and columns that nobody knows."""
    extra = [name for name in present if name not in expected and name not in optional]
    missing = [name for name in expected if name not in present and name not in optional]
    if extra == list(present) and missing:  # what stands there may be answers: not a word of it is told
        names = ", ".join(expected)
        remedy = f"Add a first row that names the columns ({names}), or say in the study file which is which."
        return [file_problem(path, "the first row does not name the columns", remedy, row)]
    problems = []
    for name in missing:
        remedy = f"Add it, or name under columns what it comes from. {nearest(name, extra)}".strip()
        problems.append(file_problem(path, "the column is missing", remedy, row, name))
    for name in extra:
        remedy = f"Rename or remove it. {nearest(name, [*missing, *optional] or expected)}"
        problems.append(file_problem(path, "unknown column", remedy, row, name))
    return problems


def service_problems(path: Path, texts: pl.DataFrame, study: Study) -> list[Problem]:
    """Services that the study file does not declare; `unknown` may stand where none is recorded."""
    known = [*study.service_ids(), UNKNOWN]
    if "service" not in texts.columns or "segment" in texts.columns:  # a passage may name none: see coding.py
        return []
    wrong = texts.filter(~pl.col("service").is_in(known) | pl.col("service").is_null()).select(ROW, "service")
    return [
        Problem(path.name, row, "service", value or "", "unknown service", nearest(value or "", known[:-1]))
        for row, value in wrong.iter_rows()
    ]


def period_problems(path: Path, texts: pl.DataFrame, typed: pl.DataFrame, study: Study) -> list[Problem]:
    """Contacts can't lie outside the period of the study; posts may begin before it."""
    if "date" not in typed.columns or "posts" in typed.columns:
        return []
    start, end = study.span().start, study.span().end
    rule = f"outside the study's period ({start} to {end})"
    remedy = "Correct the date, or the period in study.yml."
    outside = texts.filter(~typed["date"].is_between(start, end).fill_null(True)).select(ROW, "date")
    return [Problem(path.name, row, "date", value, rule, remedy) for row, value in outside.iter_rows()]


def answer_problems(path: Path, texts: pl.DataFrame, instrument: Instrument) -> Iterator[Problem]:
    """Cells that are no answer of the instrument."""
    known = surveys.answers(instrument)
    labels = " | ".join([*(o.label for o in instrument.options), *(s.label for s in instrument.special)])
    for item in (one for one in instrument.items if one.id in texts.columns):
        wrong = texts.filter(~pl.col(item.id).str.to_lowercase().is_in(list(known))).select(ROW, item.id)
        for row, value in wrong.iter_rows():
            rule = f"not an answer of {instrument.instrument}"
            remedy = f"Use one of: {labels}; or leave it blank; or say under answers what it stands for."
            yield Problem(path.name, row, item.id, value, rule, remedy)


def respondent_problems(path: Path, texts: pl.DataFrame) -> Iterator[Problem]:
    """Rows that nobody gave."""
    key = [name for name in ("respondent", "subject") if name in texts.columns]
    for row in texts.filter(pl.any_horizontal(pl.col(key).is_null()))[ROW]:
        yield Problem(path.name, row, " + ".join(key), "", "must not be empty", "Give each respondent an id.")
