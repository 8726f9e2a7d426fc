"""Raw files to records, or to a problem report that a person can act on. No Dagster: the command line uses it too.

Rows come in batches, so that a table of any length is read in bounded memory. What is valid is declared in
``schemas``; how one batch is checked is in ``row_checks.py``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from pipeline.check_words import KEY_TWICE
from pipeline.corrections import Corrections
from pipeline.ingest.export import ROW
from pipeline.keys import Keys
from pipeline.problems import NOT_LISTED, Problem, ProblemsFoundError
from pipeline.row_checks import key_of
from pipeline.row_reader import RowReader
from pipeline.sources import files_of
from pipeline.studies import codebook_file
from schemas.study import CODED, Study, Table

if TYPE_CHECKING:
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

FILE = "#file"
"""Column that names the file of a row, beside ``ROW``, until the record is kept."""

MOST = 10_000
"""Problems of one table that are told one by one; of the rest, the number."""


def schema_of(table: str) -> type[Record]:
    """The Pandera model of a record table."""
    schema: type[Record] = getattr(import_module(f"schemas.{table}"), RECORD_MODULES[table])
    return schema


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
        return empty(Codebook)
    reader = RowReader(path, Codebook)
    rows = _Rows(Keys(key_of(Codebook)))
    frame = pl.concat([empty(Codebook), *(one.drop(ROW, FILE) for one in rows.of(reader, Corrections()))])
    rows.finish(frame.lazy())
    return frame


def empty(schema: type[Record]) -> pl.DataFrame:
    """A record without rows."""
    return pl.DataFrame(schema={name: one.dtype.type for name, one in schema.to_schema().columns.items()})


def read_table(folder: Path, study: Study, table: str) -> pl.DataFrame:
    """All raw files of one record table as one valid record, at once.

    Raises
    ------
    ProblemsFoundError
        With the problems of all files of the table, if there is any.
    """
    stream = TableStream(folder, study, table)
    frame = pl.concat([empty(schema_of(table)), *stream])
    aside = stream.finish(frame.lazy())
    return frame.with_row_index("#").filter(~pl.col("#").is_in(aside.implode())).drop("#")


@dataclass
class Tally:
    """Problems, counted by column and rule; the first of them one by one."""

    rules: Counter[str] = field(default_factory=Counter)
    first: list[Problem] = field(default_factory=list)

    def add(self, problems: Sequence[Problem], rules: Counter[str] | None = None) -> None:
        """Note some problems; ``rules`` counts all of them where these are only the first."""
        # What is wrong with a file as a whole may be found in each of its batches.
        problems = [one for one in problems if one.row is not None or one not in self.first]
        self.rules.update(rules or Counter(_column_and_rule(problem) for problem in problems))
        self.first += problems[: max(0, MOST - len(self.first))]

    def told(self) -> list[Problem]:
        """Those that are told, in the order of files and rows, and how many more there are."""
        found = sorted(self.first, key=lambda p: (p.file, p.row or 0, p.column))
        more = self.rules.total() - len(found)
        if more > 0:
            found.append(Problem(found[0].file, None, "", "", f"{more} {NOT_LISTED}", "Mend the first ones."))
        return found


def _column_and_rule(problem: Problem) -> str:
    column = problem.column.partition(" (from ")[0]
    return f"{column}: {problem.rule}" if column else problem.rule


@dataclass
class _Rows:
    """Rows of one table as they come: what stops it, what is set aside, and their keys."""

    keys: Keys
    stopping: Tally = field(default_factory=Tally)
    aside: Tally = field(default_factory=Tally)
    rows_aside: int = 0
    rows_read: int = 0
    tolerant: set[str] = field(default_factory=set)
    readers: dict[str, RowReader] = field(default_factory=dict)
    is_cut_short: bool = False

    def of(self, reader: RowReader, corrections: Corrections) -> Iterator[pl.DataFrame]:
        """Rows of one file, with ``ROW`` and ``FILE``."""
        if reader.is_tolerant:
            self.tolerant.add(reader.name)
        self.readers.setdefault(reader.name, reader)
        try:
            for texts in reader.batches(corrections):
                # Of a survey, and of stacked columns, one raw row becomes several of the record.
                self.rows_read += texts[ROW].n_unique() if reader.source.stack else texts.height
                typed, problems = reader.check(texts)
                typed = self._without_wrong(typed, problems, reader)
                self.keys.add(typed, reader.name)
                yield typed.with_columns(pl.lit(reader.name).alias(FILE))
        except ProblemsFoundError as error:
            name, self.is_cut_short = reader.path.name, True
            self.stopping.add([replace(p, file=reader.name) if p.file == name else p for p in error.problems])

    def _without_wrong(self, typed: pl.DataFrame, problems: Sequence[Problem], reader: RowReader) -> pl.DataFrame:
        if not reader.is_tolerant:
            self.stopping.add(problems)
            return typed
        rows = pl.Series([one.row for one in problems if one.row], dtype=pl.Int64).unique()
        self.stopping.add([one for one in problems if not one.row])
        self.aside.add([one for one in problems if one.row])
        self.rows_aside += len(rows)
        return typed.filter(~pl.col(ROW).is_in(rows.implode())) if len(rows) else typed

    def finish(self, kept: pl.LazyFrame) -> pl.Series:
        """Compare the keys; the places among the kept rows of those that are set aside for theirs.

        Raises
        ------
        ProblemsFoundError
            With everything that stops the table.
        """
        twice = self.keys.twice(kept)
        tolerated = twice["file"].is_in(list(self.tolerant))
        self.stopping.add(*self._key_problems(twice.filter(~tolerated), twice))
        aside, rules = self._key_problems(twice.filter(tolerated), twice)
        self.aside.add(aside, rules)
        self.rows_aside += rules.total()
        if self.stopping.rules:
            raise ProblemsFoundError(self.stopping.told())
        return self.keys.of_same_rows(twice["place"].filter(tolerated))

    def _key_problems(self, twice: pl.DataFrame, everything: pl.DataFrame) -> tuple[list[Problem], Counter[str]]:
        """A problem a raw row, which may have become several rows; the first of them, and all counted by rule."""
        if twice.is_empty():
            return [], Counter()
        key, told = self.keys.columns, _told_key(twice, self.keys.columns)
        where = everything.group_by(key).agg(
            pl.col("file").n_unique().alias("#files"), pl.struct("file", ROW).n_unique().alias("#rows")
        )
        kinds = pl.when(pl.col("#files") > 1).then(1).when(pl.col("#rows") > 1).then(0).otherwise(2).alias("#kind")
        rows = twice.unique(["file", ROW], keep="first", maintain_order=True)
        rows = rows.join(where, on=key, how="left", maintain_order="left").with_columns(kinds)
        problems = [self._key_problem(row, told) for row in rows.head(MOST).iter_rows(named=True)]
        counts = rows["#kind"].value_counts(name="n").iter_rows()
        return problems, Counter({f"{' + '.join(told)}: {TWICE[kind][0]}": n for kind, n in counts})

    def _key_problem(self, row: dict[str, Any], told: Sequence[str]) -> Problem:
        rule, remedy = TWICE[row["#kind"]]
        value = " + ".join(str(row[name]).removeprefix(f"{row.get('wave')}:") for name in told)
        column = self.readers[row["file"]].told(told)
        return Problem(row["file"], row[ROW], column, value, rule, remedy)


def _told_key(twice: pl.DataFrame, key: Sequence[str]) -> list[str]:
    """Columns of the key that a person finds in the raw file."""
    if "item" not in key:
        return list(key)
    alone = (twice["subject"] == twice["respondent"]).all()
    return ["respondent"] if alone else ["respondent", "subject"]


TWICE = (
    KEY_TWICE,
    ("the key stands in two files of this table", "Keep the row in one of them."),
    (
        "the row gives the same key twice",
        "Look for two entries of the study file that mean the same rows, or an answer that stands twice in a cell.",
    ),
)
"""Rule and remedy: two rows of one file, rows of two files, one row."""


class TableStream:
    """The valid rows of one record table, batch by batch, and what was wrong with the others.

    Iterate first, keeping the rows; then call ``finish`` with what was kept.
    """

    def __init__(self, folder: Path, study: Study, table: str):
        self.folder, self.study, self.table = folder, study, table
        self.rows = _Rows(Keys(key_of(schema_of(table))))
        self.corrections = Corrections.of(folder, study, table)
        self.readers: list[RowReader] = []
        self._places: list[pl.DataFrame] = []

    @property
    def sources(self) -> Sequence[Table]:
        """What the study file says of the table."""
        return getattr(self.study.tables, self.table)

    def __iter__(self) -> Iterator[pl.DataFrame]:
        if any(source.query for source in self.sources):
            from pipeline.snapshot import snapshot_problems

            self.rows.stopping.add(snapshot_problems(self.folder, self.study, self.table))
        for index, source in enumerate(self.sources):
            for path in files_of(self.folder, source, self.table, index):
                reader = RowReader(path, schema_of(self.table), source, self.study, self.table)
                self.readers.append(reader)
                for frame in self.rows.of(reader, self.corrections):
                    if self.table in CODED:
                        self._places.append(frame.select(FILE, ROW))
                    yield frame.drop(ROW, FILE)

    def finish(self, kept: pl.LazyFrame) -> pl.Series:
        """Compare keys, corrections and coded tables; the places of kept rows that are set aside after all.

        Raises
        ------
        ProblemsFoundError
            With everything that stops the table.
        """
        if not self.rows.is_cut_short:  # rows that were not read can't be found
            self.rows.stopping.add(self.corrections.unused())
        aside = self.rows.finish(kept)
        if self.table in CODED:
            problems = _coded_problems(self, kept.collect())
            if problems:
                raise ProblemsFoundError(problems)
        return aside

    def places(self) -> list[tuple[str, int]]:
        """File and row number of each kept row of a coded table."""
        return list(pl.concat(self._places).iter_rows()) if self._places else []


def _coded_problems(stream: TableStream, record: pl.DataFrame) -> list[Problem]:
    """Coded tables are checked together with those above them, if these are valid themselves."""
    from pipeline.coding import coding_problems

    above = [one for one in CODED[: CODED.index(stream.table)] if getattr(stream.study.tables, one)]
    try:
        rows = {one: read_table(stream.folder, stream.study, one) for one in above} | {stream.table: record}
    except ProblemsFoundError:
        return []  # told where the table above is read
    return coding_problems(stream.folder, stream.study, stream.table, rows, stream.places())
