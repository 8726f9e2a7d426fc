"""Files of statistics programs, which hold labels beside the values: what SPSS and Stata files have in common.

How each program stores dates and missing values belongs in ``spss.py`` and ``stata.py``.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import polars as pl

from pipeline.ingest.cells import texts
from pipeline.ingest.export import ROW, Export
from pipeline.problems import Problem, ProblemsFoundError, file_problem
from schemas.sources import Format

BATCH = 100_000
"""Rows read at once."""

YEARS = (-62_135_596_800, 253_402_300_800)
"""Seconds since 1970 between which a date has a year of four digits."""

ENCODINGS = {"windows-1252": "WINDOWS-1252", "latin-1": "ISO-8859-1", "utf-16": "UTF-16"}
"""Encodings that may be declared, as iconv calls them; where none is, the one that the file names."""

Values = Sequence[Any]
About = Any
"""What pyreadstat tells about a file (``metadata_container``)."""


@dataclass(frozen=True)
class LabelledFile(ABC):
    """One file, read by ``pyreadstat`` in batches, values as they are stored."""

    begins: ClassVar[bytes]
    """Pattern of the first bytes of such a file."""

    parser: ClassVar[str]
    """Function of ``pyreadstat`` that reads it."""

    path: Path
    declared: Format = field(default_factory=Format)

    def parse(self, **how: Any) -> tuple[Mapping[str, Values], About]:
        """The values by column, and what the file says about them; ``how`` goes to pyreadstat."""
        import pyreadstat

        values, about = getattr(pyreadstat, self.parser)(self.path, **how)
        return values, about

    @abstractmethod
    def cells(self, name: str, values: Values) -> pl.Series:
        """Stored values of one column as cells."""

    @abstractmethod
    def missing(self) -> dict[str, frozenset[str]]:
        """By column: the cells that occur and that the file declares missing."""

    def export(self) -> Export:
        """The whole file.

        Raises
        ------
        ProblemsFoundError
            When it is no such file, breaks off, or has texts in another encoding than it says.
        """
        labels = self.about.column_names_to_labels
        questions = {name: label.strip() for name, label in labels.items() if label and label.strip()}
        named = self.about.variable_value_labels
        answers = {name: self._answers(name, of) for name, of in named.items() if of}
        return Export(self.batches, questions, answers, self.missing())

    def batches(self) -> Iterator[pl.DataFrame]:
        """Frames of cells with ``ROW``; at least one, without rows if the file has none."""
        for start, values in self.parts():
            count = len(next(iter(values.values()), ()))
            columns = [self.cells(name, of).alias(name) for name, of in values.items()]
            if count or not start:
                yield pl.DataFrame([pl.int_range(start + 1, start + count + 1, eager=True).alias(ROW), *columns])

    def parts(self, columns: Sequence[str] | None = None) -> Iterator[tuple[int, Mapping[str, Values]]]:
        """Stored values of ``columns`` (all where empty), and how many rows come before them."""
        start, count = 0, BATCH
        while count == BATCH:
            values, _ = self._read(row_offset=start, row_limit=BATCH, usecols=columns)
            yield start, values
            count = len(next(iter(values.values()), ()))
            start += count

    @cached_property
    def about(self) -> About:
        """What the file says about its columns."""
        return self._read(metadataonly=True)[1]

    def _answers(self, name: str, labels: Mapping[Any, str]) -> dict[str, str]:
        cells = self.cells(name, list(labels))
        return {cell: label.strip() for cell, label in zip(cells, labels.values(), strict=True) if cell is not None}

    def _read(self, **how: Any) -> tuple[Mapping[str, Values], About]:
        from pyreadstat import PyreadstatError, ReadstatError

        as_stored = {"output_format": "dict", "disable_datetime_conversion": True, "user_missing": True}
        try:
            return self.parse(**as_stored, **how, encoding=ENCODINGS.get(self.declared.encoding))
        except (PyreadstatError, ReadstatError, UnicodeDecodeError) as error:
            raise ProblemsFoundError([self._unreadable(str(error))]) from error

    def _unreadable(self, told: str) -> Problem:
        if "byte sequence" in told or "codec" in told or "encoding" in told:
            remedy = "Say which it is, such as `format: {encoding: windows-1252}`."
            return file_problem(self.path, "texts are not in the encoding that the file says", remedy)
        with self.path.open("rb") as stream:
            is_one = re.match(self.begins, stream.read(16))
        if is_one and ("expected number of rows" in told or "Unable to read" in told):
            return file_problem(self.path, "the file breaks off", "Export or copy it again.")
        kind = self.path.suffix.removeprefix(".")
        return file_problem(self.path, f"not readable as .{kind}", "Save it again in the program it comes from.")


def as_texts(values: Values) -> pl.Series:
    """Cells of stored texts."""
    return _cells(pl.Series(values, dtype=pl.String))


def as_numbers(values: Values, dtype: type[pl.DataType] = pl.Float64) -> pl.Series:
    """Cells of stored numbers; ``Float32`` where the file stores them so, or 0.1 would have needless decimals."""
    return _cells(pl.Series(values, dtype=pl.Float64).cast(dtype))


def as_dates(values: Values, seconds: float, epoch: int) -> pl.Series:
    """Cells of dates and times that are stored as numbers.

    ``seconds`` is the length of one unit, ``epoch`` the instant that 0 stands for, in seconds since 1970. A number
    whose year would not have four digits stays a number.
    """
    since = pl.Series(values, dtype=pl.Float64) * seconds + epoch
    known = pl.select(pl.when((since >= YEARS[0]) & (since < YEARS[1])).then(since)).to_series()
    return _cells(_milliseconds(known).cast(pl.Datetime("ms"))).fill_null(as_numbers(values))


def as_durations(values: Values, seconds: float) -> pl.Series:
    """Cells of lengths of time that are stored as numbers of a unit that is ``seconds`` long."""
    return _cells(_milliseconds(pl.Series(values, dtype=pl.Float64) * seconds).cast(pl.Duration("ms")))


def _milliseconds(seconds: pl.Series) -> pl.Series:
    # 59.999998 seconds are a minute: what is stored in floating point misses by less than a millisecond.
    return (seconds * 1000).round().cast(pl.Int64)


def _cells(typed: pl.Series) -> pl.Series:
    return texts(typed.alias("cells").to_frame()).to_series()
