"""The release tables for other programs: CSV, SPSS, Stata, and one long Excel sheet a table.

Only released files are read. Report-shaped tables are in ``workbook.py``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.problems import Problem, ProblemsFoundError, nearest
from pipeline.release import AUDITED, PER_STUDY, read_merged
from pipeline.reporting.merged import NUMBERS
from pipeline.store import Project, staged, write_bytes, write_csv
from schemas.vocabulary import DATA_STATUSES, IDENTIFIED, STATISTICS

FORMATS = ("csv", "sav", "dta", "xlsx")
TABLES = (*PER_STUDY, *AUDITED)
CODED = ("study", "service", "instrument", "wave", "statistic", "data_status", "identified")
"""Columns with few values and a label each: numbers with value labels, beside the ids as text."""

RESERVED = {"all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with"}
"""Words that no variable of SPSS may be named."""

LIMITS = {"sav": 32767, "dta": 2045}
"""Longest text of a variable, in bytes; a longer one is cut and ends in an ellipsis."""

LABEL_LIMITS = {"sav": (256, 120), "dta": (80, 32000)}
"""Longest label of a variable and of a value, in bytes."""


def export(project: Project, formats: Sequence[str], folder: Path, study: str | None = None) -> list[Path]:
    """Write each release table to ``folder`` in each format; returns the files.

    Where a study is named, only its rows; a table that has none of them is left out. One file a table; of ``xlsx``
    one workbook, ``release.xlsx``, with a sheet a table. Numbers are numbers, truth
    values 0 and 1, dates texts as in the CSV files.

    Raises
    ------
    ProblemsFoundError
        When a format is unknown, nothing is released yet, or nothing of the study.
    """
    unknown = [name for name in formats if name not in FORMATS]
    if unknown or not formats:
        what = f"unknown format '{unknown[0]}'" if unknown else "no format is named"
        raise ProblemsFoundError([Problem("--to", None, "", "", what, f"Known: {', '.join(FORMATS)}.")])
    frames = released_frames(project)
    frames = frames if study is None else _of_study(frames, study)
    written = []
    for name in dict.fromkeys(formats):
        if name == "xlsx":
            written.append(write_bytes(folder / "release.xlsx", _workbook(frames)))
        else:
            written += [_WRITERS[name](folder / f"{table}.{name}", table, frames) for table in frames]
    return written


def released_frames(project: Project) -> dict[str, pd.DataFrame]:
    """The tables of the release of all studies, by name; numbers as numbers, texts as texts."""
    present = [name for name in TABLES if name == "estimates" or (project.release / f"{name}.csv").is_file()]
    return {name: _typed(name, read_merged(project, name)) for name in present}


def _of_study(frames: Mapping[str, pd.DataFrame], study: str) -> dict[str, pd.DataFrame]:
    known = sorted({str(name) for frame in frames.values() for name in frame["study"].unique() if name})
    if study not in known:
        rule = f"nothing is released of a study '{study}'"
        raise ProblemsFoundError([Problem("--study", None, "", "", rule, nearest(study, known))])
    own = {name: frame[frame["study"] == study].reset_index(drop=True) for name, frame in frames.items()}
    return {name: frame for name, frame in own.items() if len(frame)}


def _typed(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    numbers = {column: pd.to_numeric(frame[column]) for column in NUMBERS.get(name, ()) if column in frame}
    return frame.assign(**numbers)


def _csv(path: Path, table: str, frames: Mapping[str, pd.DataFrame]) -> Path:
    return write_csv(path, frames[table])


def _labelled(path: Path, table: str, frames: Mapping[str, pd.DataFrame]) -> Path:
    """An SPSS or Stata file."""
    import pyreadstat

    kind = path.suffix[1:]
    frame, labels, values = for_statistics(table, frames, kind)
    write = pyreadstat.write_sav if kind == "sav" else pyreadstat.write_dta
    title = f"peerscope release: {table}"
    with staged(path) as part:
        write(frame, part, file_label=title, column_labels=labels, variable_value_labels=values)
    return path


_WRITERS: dict[str, Callable[[Path, str, Mapping[str, pd.DataFrame]], Path]] = {
    "csv": _csv,
    "sav": _labelled,
    "dta": _labelled,
}


def for_statistics(
    table: str, frames: Mapping[str, pd.DataFrame], form: str
) -> tuple[pd.DataFrame, dict[str, str | None], dict[str, dict[int | float, str]]]:
    """A table as SPSS (``sav``) or Stata (``dta``) take it: the frame, labels of its variables, labels of values.

    Columns of ``CODED`` are followed by a variable ``<name>_code``: a number with a label a value, numbered in the
    order of first appearance in this table.
    """
    frame = frames[table]
    longest, (of_variable, of_value) = LIMITS[form], LABEL_LIMITS[form]
    columns: dict[str, Any] = {}
    labels: dict[str, str | None] = {}
    values: dict[str, dict[int | float, str]] = {}
    for column in frame:
        name, label = variable_name(str(column), columns), _description(table, str(column))
        columns[name], labels[name] = _plain_column(frame[column], longest), cut(label, of_variable)
        if column in CODED:
            codes = {one: at for at, one in enumerate(dict.fromkeys(v for v in frame[column] if v), 1)}
            coded = variable_name(f"{column}_code", columns)
            columns[coded] = frame[column].map(codes).astype(float)
            labels[coded] = cut(f"{label} (number)", of_variable)
            words = _value_labels(str(column), frames)
            values[coded] = {at: cut(words.get(one, one), of_value) for one, at in codes.items()}
        elif frame[column].dtype == bool:
            values[name] = {0: "no", 1: "yes"}
    return pd.DataFrame(columns), labels, values


def _plain_column(column: pd.Series, longest: int) -> pd.Series:
    if column.dtype == bool or pd.api.types.is_numeric_dtype(column):
        return column.astype(float)
    return column.astype(object).where(column.notna(), "").map(lambda value: cut(str(value), longest))


def variable_name(name: str, taken: Iterable[str]) -> str:
    """A name that SPSS and Stata take: letters, digits and ``_``, at most 32 characters, no reserved word, unique."""
    plain = re.sub(r"\W", "_", name, flags=re.ASCII)[:32]
    plain = plain if plain[:1].isalpha() else f"v_{plain}"[:32]
    plain = f"{plain}_" if plain.lower() in RESERVED else plain
    used = {one.lower() for one in taken}
    candidates = (plain, *(f"{plain[:28]}_{number}" for number in range(2, 1000)))
    return next(one for one in candidates if one.lower() not in used)


def cut(text: str, longest: int) -> str:
    """A text of at most so many bytes; one that was cut ends in an ellipsis."""
    if len(text.encode()) <= longest:
        return text
    return text.encode()[: longest - 3].decode(errors="ignore") + "…"


def _value_labels(column: str, frames: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """What the values of a column are called; an id that studies use for different things stays an id."""
    closed = {"statistic": STATISTICS, "data_status": DATA_STATUSES, "identified": IDENTIFIED}
    if column in closed:
        return dict(closed[column])
    labels = frames.get("labels", pd.DataFrame(columns=["kind", "id", "label"]))
    own = labels[labels["kind"] == column].drop_duplicates(["id", "label"])
    own = own[~own["id"].duplicated(keep=False)]
    return dict(zip(own["id"], own["label"], strict=True))


def _description(table: str, column: str) -> str:
    """The label of a variable: what the schema says of the column."""
    return _descriptions(table).get(column) or column.replace("_", " ").capitalize()


@cache
def _descriptions(table: str) -> dict[str, str]:
    from schemas.claims import ClaimOutcomes, Consistency, Granularity
    from schemas.estimates import Estimates
    from schemas.findings import Findings

    models = {
        "estimates": Estimates,
        "claims": ClaimOutcomes,
        "granularity": Granularity,
        "consistency": Consistency,
        "findings": Findings,
    }
    if table not in models:
        return {}
    return {str(name): str(one.description or "") for name, one in models[table].to_schema().columns.items()}


def _workbook(frames: Mapping[str, pd.DataFrame]) -> bytes:
    """A sheet a table, long as in the CSV files, with frozen headings."""
    from openpyxl import Workbook

    from pipeline.workbook import without_time
    from pipeline.workbook_sheet import write_row

    book = Workbook()
    book.remove(book.active)
    for name, frame in frames.items():
        sheet = book.create_sheet(name)
        write_row(sheet, 1, [str(column) for column in frame], head=True)
        for at, row in enumerate(frame.itertuples(index=False, name=None), 2):
            write_row(sheet, at, [_cell(value) for value in row])
        sheet.freeze_panes = "A2"
    return without_time(book)


def _cell(value: Any) -> float | str | None:
    if isinstance(value, str):
        return value
    return None if pd.isna(value) else float(value)
