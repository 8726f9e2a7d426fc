"""Raw file to record, or to a problem report that a person can act on. No Dagster: the command line uses it too.

What is valid is declared in ``schemas``; this module applies it and finds file, row, column and value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from pipeline.check_words import KEY_TWICE, words
from pipeline.ingest import surveys
from pipeline.ingest.csv import ROW, read_text
from pipeline.problems import Problem, ProblemsFoundError, file_problem, nearest
from pipeline.studies import codebook_file, instruments
from pipeline.typing_cells import cast
from schemas.study import CODED, Study, SurveyTable, Table

if TYPE_CHECKING:
    from schemas.instrument import Instrument
    from schemas.records import Record

RECORD_MODULES = {
    "sessions": "Sessions",
    "groups": "Groups",
    "doses": "Doses",
    "surveys": "Surveys",
    "response": "Response",
    "workforce": "Workforce",
    "headcount": "Headcount",
    "sections": "Sections",
    "segments": "Segments",
    "codings": "Codings",
}
"""Record tables that a study file may name, with the schema class of the module ``schemas.<table>``."""


def read_codebook(raw: Path) -> pl.DataFrame:
    """The codebook that all studies share, valid; without rows where there is none.

    Raises
    ------
    ProblemsFoundError
        When a column, a value or a code is not valid.
    """
    from schemas.codebook import Codebook

    path = codebook_file(raw)
    if not path.is_file():
        columns = Codebook.to_schema().columns
        return pl.DataFrame(schema={name: one.dtype.type for name, one in columns.items()})
    return _read(path, Codebook)


def schema_of(table: str) -> type[Record]:
    """The Pandera model of a record table."""
    from importlib import import_module

    schema: type[Record] = getattr(import_module(f"schemas.{table}"), RECORD_MODULES[table])
    return schema


def read_table(folder: Path, study: Study, table: str) -> pl.DataFrame:
    """All raw files of one record table as one valid record.

    Raises
    ------
    ProblemsFoundError
        With the problems of all files of the table, if there is any.
    """
    read = _read_survey if table == "surveys" else _reader(table)
    frames, problems = _attempt(read(folder / one.file, one, study) for one in getattr(study.tables, table))
    if not problems:
        record = pl.concat(frames)
        problems = _key_problems(record, schema_of(table), frames, getattr(study.tables, table))
        problems += _coded_problems(folder, study, table, record)
    if problems:
        raise ProblemsFoundError(sorted(problems, key=lambda p: (p.file, p.row or 0, p.column)))
    return record


def _coded_problems(folder: Path, study: Study, table: str, record: pl.DataFrame) -> list[Problem]:
    """Coded tables are checked together with those above them, if these are valid themselves."""
    from pipeline.coding import coding_problems

    if table not in CODED:
        return []
    above = [one for one in CODED[: CODED.index(table)] if getattr(study.tables, one)]
    try:
        rows = {one: read_table(folder, study, one) for one in above} | {table: record}
    except ProblemsFoundError:
        return []  # told where the table above is read
    return coding_problems(folder, study, table, rows)


Attempt = Callable[[], pl.DataFrame]


def _attempt(attempts: Iterable[Attempt]) -> tuple[list[pl.DataFrame], list[Problem]]:
    frames: list[pl.DataFrame] = []
    problems: list[Problem] = []
    for attempt in attempts:
        try:
            frames.append(attempt())
        except ProblemsFoundError as error:
            problems += error.problems
    return frames, problems


def _reader(table: str) -> Callable[[Path, Table, Study], Attempt]:
    return lambda path, spec, study: lambda: read_record(path, table, study)


def _read_survey(path: Path, spec: SurveyTable, study: Study) -> Attempt:
    return lambda: read_survey(path, spec, study)


def read_record(path: Path, table: str, study: Study) -> pl.DataFrame:
    """One raw file of a record table, typed and valid.

    Raises
    ------
    ProblemsFoundError
        When a column, a value, a key or a service is not valid.
    """
    return _read(path, schema_of(table), study)


def _read(path: Path, schema: type[Record], study: Study | None = None) -> pl.DataFrame:
    columns = schema.to_schema().columns
    texts = _with_defaults(read_text(path), columns)
    _stop_at(_column_problems(path, texts, list(columns)))
    typed, problems = cast(path, texts, columns)
    if study:
        problems += _service_problems(path, texts, study)
        problems += _period_problems(path, texts, typed, study)
    problems += schema_problems(path, texts, typed, schema)
    _stop_at(_once(problems))
    return typed


def _with_defaults(texts: pl.DataFrame, columns: Mapping[str, Any]) -> pl.DataFrame:
    """A column that has a default may be left out of the file, and its cells may be empty."""
    defaults = {name: str(one.default).lower() for name, one in columns.items() if one.default is not None}
    return texts.with_columns(
        (pl.col(name).fill_null(text) if name in texts.columns else pl.lit(text)).alias(name)
        for name, text in defaults.items()
    )


def read_survey(path: Path, spec: SurveyTable, study: Study) -> pl.DataFrame:
    """One survey export as long answers, valid.

    Raises
    ------
    ProblemsFoundError
        When a column, an answer, a respondent or a service is not valid.
    """
    instrument = instruments()[spec.instrument]
    texts = read_text(path)
    items = [item.id for item in instrument.items]
    needed = ["respondent", *(["service"] if spec.service == "column" else [])]
    # A reconstructed file has no column for an item whose figures no counts can meet.
    optional = ["subject", *(items if spec.data_status == "reconstructed" else [])]
    _stop_at(_column_problems(path, texts, [*needed, *(i for i in items if i not in optional)], optional))
    problems = [*_answer_problems(path, texts, instrument), *_respondent_problems(path, texts)]
    if spec.service == "column":
        problems += _service_problems(path, texts, study)
    _stop_at(problems)
    return surveys.to_long(texts, spec, instrument)


def schema_problems(path: Path, texts: pl.DataFrame, typed: pl.DataFrame, schema: type[Record]) -> list[Problem]:
    """What Pandera finds, told with row, column, the value as written, and what to do."""
    import pandera.polars as pa
    from pandera.errors import SchemaErrors

    try:
        with pa.config.config_context(validation_depth=pa.config.ValidationDepth.SCHEMA_AND_DATA):
            schema.validate(typed, lazy=True)
    except SchemaErrors as error:
        cases = error.failure_cases.filter(pl.col("index").is_not_null())
        return [_from_case(path, texts, case, schema) for case in cases.iter_rows(named=True)]
    return []


def _from_case(path: Path, texts: pl.DataFrame, case: dict[str, Any], schema: type[Record]) -> Problem:
    index, check = int(case["index"]), str(case["check"])
    columns = [str(case["column"])] if case["schema_context"] == "Column" else []
    if check == "multiple_fields_uniqueness":
        columns = list(schema.to_schema().unique or [])
    value = " + ".join(texts[column][index] or "" for column in columns)
    rule, remedy = words(check)
    return Problem(path.name, texts[ROW][index], " + ".join(columns), value, rule, remedy)


def _stop_at(problems: Sequence[Problem]) -> None:
    if problems:
        raise ProblemsFoundError(problems)


def _once(problems: Iterable[Problem]) -> list[Problem]:
    """The first problem of each cell: a text in a number column is not also an empty cell."""
    seen: dict[tuple[int | None, str], Problem] = {}
    for problem in problems:
        seen.setdefault((problem.row, problem.column), problem)
    return list(seen.values())


def _column_problems(
    path: Path, texts: pl.DataFrame, expected: list[str], optional: Sequence[str] = ()
) -> list[Problem]:
    present = [name for name in texts.columns if name != ROW]
    extra = [name for name in present if name not in expected and name not in optional]
    missing = [name for name in expected if name not in present]
    if extra == present:  # what stands there may be answers: not a word of it is told
        remedy = f"Add a first row that names the columns: {', '.join(expected)}."
        return [file_problem(path, "the first row does not name the columns", remedy, 1)]
    problems = []
    for name in missing:
        remedy = f"Add it. {nearest(name, extra)}".strip()
        problems.append(file_problem(path, "the column is missing", remedy, 1, name))
    for name in extra:
        remedy = f"Rename or remove it. {nearest(name, missing or expected)}"
        problems.append(file_problem(path, "unknown column", remedy, 1, name))
    return problems


def _service_problems(path: Path, texts: pl.DataFrame, study: Study) -> list[Problem]:
    known = study.service_ids()
    if "service" not in texts.columns or "segment" in texts.columns:  # a passage may name none: see coding.py
        return []
    wrong = texts.filter(~pl.col("service").is_in(known) | pl.col("service").is_null()).select(ROW, "service")
    return [
        Problem(path.name, row, "service", value or "", "unknown service", nearest(value or "", known))
        for row, value in wrong.iter_rows()
    ]


def _period_problems(path: Path, texts: pl.DataFrame, typed: pl.DataFrame, study: Study) -> list[Problem]:
    """Contacts can't lie outside the period of the study; posts may begin before it."""
    if "date" not in typed.columns or "posts" in typed.columns:
        return []
    start, end = study.span().start, study.span().end
    rule = f"outside the study's period ({start} to {end})"
    outside = [i for i, day in enumerate(typed["date"]) if isinstance(day, date) and not start <= day <= end]
    remedy = "Correct the date, or the period in study.yml."
    return [Problem(path.name, texts[ROW][i], "date", texts["date"][i], rule, remedy) for i in outside]


def _answer_problems(path: Path, texts: pl.DataFrame, instrument: Instrument) -> Iterator[Problem]:
    known = surveys.answers(instrument)
    labels = " | ".join([*(o.label for o in instrument.options), *(s.label for s in instrument.special)])
    for item in (one for one in instrument.items if one.id in texts.columns):
        wrong = texts.filter(~pl.col(item.id).str.to_lowercase().is_in(list(known))).select(ROW, item.id)
        for row, value in wrong.iter_rows():
            rule = f"not an answer of {instrument.instrument}"
            yield Problem(path.name, row, item.id, value, rule, f"Use one of: {labels}; or leave it blank.")


def _respondent_problems(path: Path, texts: pl.DataFrame) -> Iterator[Problem]:
    key = [name for name in ("respondent", "subject") if name in texts.columns]
    empty = texts.filter(pl.any_horizontal(pl.col(key).is_null()))[ROW]
    for row in empty:
        yield Problem(path.name, row, " + ".join(key), "", "must not be empty", "Give each respondent an id.")
    twice = texts.filter(pl.struct(key).is_duplicated() & ~pl.any_horizontal(pl.col(key).is_null()))
    for row, *values in twice.select(ROW, *key).iter_rows():
        rule, remedy = KEY_TWICE
        yield Problem(path.name, row, " + ".join(key), " + ".join(values), rule, remedy)


def _key_problems(
    record: pl.DataFrame, schema: type[Record], frames: Sequence[pl.DataFrame], tables: Sequence[Table]
) -> list[Problem]:
    """Keys that stand in two files of one table (within a file they were checked)."""
    columns = schema.to_schema()
    key = list(columns.unique or [name for name, column in columns.columns.items() if column.unique])
    twice = record.with_columns(_file=_file_of(frames)).filter(pl.struct(key).is_duplicated())
    rule, remedy = "the key stands in two files of this table", "Keep the row in one of them."
    return [
        Problem(tables[index].file, None, " + ".join(key), "", rule, f"{remedy} {count} rows.")
        for index, count in sorted(twice.group_by("_file").len().iter_rows())
    ]


def _file_of(frames: Sequence[pl.DataFrame]) -> pl.Series:
    return pl.Series([index for index, frame in enumerate(frames) for _ in range(frame.height)], dtype=pl.Int64)
