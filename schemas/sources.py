"""Where the rows of a record table come from: the export, its format, and which of its columns mean what.

Reading the files belongs in ``pipeline.ingest``; what the rows must hold belongs in the record schemas.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from schemas.instrument import Strict

FormatType = Literal[
    "csv",
    "excel",
    "spss",
    "stata",
    "parquet",
    "redcap",
    "qualtrics",
    "limesurvey",
    "microsoft-forms",
    "google-forms",
    "refi-qda",
    "taguette",
]
BY_ENDING: dict[str, FormatType] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".xlsx": "excel",
    ".xlsm": "excel",
    ".xls": "excel",
    ".ods": "excel",
    ".sav": "spss",
    ".zsav": "spss",
    ".dta": "stata",
    ".parquet": "parquet",
    ".qdpx": "refi-qda",
    ".sqlite3": "taguette",
}
"""Format by the ending of a file (before ``.gz``), where the study file does not say."""

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
ENCODINGS = {"utf-8": "utf-8-sig", "windows-1252": "cp1252", "latin-1": "latin-1", "utf-16": "utf-16"}
"""Encodings that may be declared, with Python's name; a byte-order mark is no part of the text."""

DATE_PARTS = {
    "year": "%Y",
    "yy": "%y",
    "month": "%m",
    "mon": "%b",
    "day": "%d",
    "hour": "%H",
    "minute": "%M",
    "second": "%S",
}
"""Words of a declared date format, such as ``day/month/year hour:minute``."""

UNITS: dict[str, float] = {"seconds": 1 / 60, "minutes": 1, "hours": 60, "percent": 0.01}
"""What a number in a declared unit is multiplied with; ``hours:minutes`` is read as such."""


def _text(value: Any) -> Any:
    """YAML reads ``1``, ``true`` and ``2024-03-31`` as what they are: what a cell holds is their text."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date):
        return str(value)
    return str(value) if isinstance(value, (int, float)) else value


def _texts(value: Any) -> Any:
    return [_text(one) for one in value] if isinstance(value, (list, tuple)) else [_text(value)]


def _recoded(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    named = {_text(key): _text(to) or None for key, to in value.items()}
    if len(named) < len(value):
        raise ValueError("1 and '1' are the same cell: name it once")
    return named


def _in_any_case(recode: dict[str, str | None]) -> dict[str, str | None]:
    meanings: dict[str, str | None] = {}
    for cell, to in recode.items():
        if meanings.setdefault(cell.lower(), to) != to:
            raise ValueError(f"'{cell}' stands for two things: upper and lower case make no difference")
    return recode


Text = Annotated[str, BeforeValidator(_text)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_texts)]
Named = Annotated[dict[str, str | None], BeforeValidator(_recoded)]
Recode = Annotated[Named, AfterValidator(_in_any_case)]


def date_format(declared: str) -> str:
    """``day/month/year`` as Python writes it (``%d/%m/%Y``); empty where nothing is declared.

    Raises
    ------
    ValueError
        When a word is none of ``DATE_PARTS``, or year, month or day is missing.
    """
    words = re.findall(r"[a-z]+", declared.replace("T", " "))
    unknown = [word for word in words if word not in DATE_PARTS]
    if unknown:
        raise ValueError(f"unknown part of a date: {unknown[0]} (known: {', '.join(DATE_PARTS)})")
    parts = [{"yy": "year", "mon": "month"}.get(word, word) for word in words]
    if len(parts) != len(set(parts)):
        raise ValueError("a part of the date stands twice")
    if declared and not {"year", "month", "day"} <= set(parts):
        raise ValueError("a date has day, month and year, such as day/month/year")
    return re.sub(r"[a-z]+", lambda found: DATE_PARTS[found[0]], declared)


class Format(Strict):
    """How a file is written."""

    type: FormatType | None = Field(default=None, description="from the file's ending where empty")
    separator: Literal["comma", "semicolon", "tab", "bar"] | None = Field(
        default=None, description="found from the header where empty"
    )
    encoding: Literal["utf-8", "windows-1252", "latin-1", "utf-16"] = "utf-8"
    decimal: Literal["point", "comma"] = "point"
    dates: str = Field(default="", description="such as day/month/year; year-month-day where empty")
    sheet: str = Field(default="", description="sheet of a workbook; needed where there are several")
    header: int = Field(default=1, ge=1, description="row that names the columns")
    dictionary: str = Field(default="", description="data dictionary or structure file beside the export")
    carry: tuple[str, ...] = Field(
        default=(), description="columns that stand in the first row of a record only and hold for all its rows"
    )

    @model_validator(mode="after")
    def _dates_are_parts(self) -> Format:
        date_format(self.dates)
        return self


class Column(Strict):
    """Where one column of a record comes from."""

    from_: Texts = Field(default=(), alias="from", description="column of the export; several are joined")
    joined_by: str = "-"
    value: Text | None = Field(default=None, description="the same in every row")
    recode: Recode = Field(
        default={}, description='cell of the export to value of the record, in any case; "" is an empty cell'
    )
    otherwise: Text | None = Field(default=None, description="value for cells that recode does not name")
    missing: Texts = Field(default=(), description="cells that mean that nothing is known")
    unit: Literal["seconds", "minutes", "hours", "hours:minutes", "percent"] | None = None
    dates: str = Field(default="", description="date format of this column, if it has one of its own")

    @model_validator(mode="after")
    def _comes_from_somewhere(self) -> Column:
        if bool(self.from_) == (self.value is not None):
            raise ValueError("say either `from` (a column of the export) or `value` (the same in every row)")
        date_format(self.dates)
        return self


def _column(value: Any) -> Any:
    """``minutes: Duration`` and ``session: [Client, Number]`` are short for ``from``."""
    return value if isinstance(value, (dict, Column)) else {"from": value}


class Stack(Strict):
    """Columns beside each other that become rows: one for each column that is ticked."""

    into: str = Field(description="column of the record that takes what the ticked column stands for")
    columns: Named = Field(default={}, description="column of the export, and what it stands for")
    ticked: Texts = Field(
        default=("1", "true", "yes", "y", "checked", "x"),
        description="cells that count as ticked; `*` is any cell that is not empty",
    )
    split: str = Field(default="", description="column whose cells hold several answers; instead of columns")
    by: str = Field(default=";", description="what stands between the answers of such a cell")
    answers: Texts = Field(default=(), description="answers that hold the separator themselves, written whole")
    none: Text | None = Field(default=None, description="what a row without any tick becomes; left out where empty")

    @model_validator(mode="after")
    def _one_way(self) -> Stack:
        if bool(self.columns) == bool(self.split):
            raise ValueError("say either `columns` (ticked one by one) or `split` (one column of joined answers)")
        return self


class Source(Strict):
    """Raw rows of one record table: one file, several of the same make, or a query."""

    file: str = Field(default="", description="file in the study's folder; `*` stands for several of one make")
    query: str = Field(default="", description="SQL whose rows `peerscope snapshot` keeps; instead of file")
    connection: str = Field(default="", description="environment variable that holds the database's address")
    format: Format = Format()
    where: dict[str, Texts] = Field(
        default={}, description='only rows with these cells are meant; "" is an empty cell'
    )
    filled: Texts = Field(default=(), description="only rows in which these columns are not empty are meant")
    missing: Texts = Field(default=(), description="cells that mean that nothing is known, such as NA")
    stack: Stack | None = None
    columns: dict[str, Annotated[Column, BeforeValidator(_column)]] = Field(
        default={}, description="column of the record, and where it comes from"
    )
    on_invalid: Literal["stop", "quarantine"] = Field(
        default="stop", description="quarantine sets wrong rows aside and counts them wherever the table is used"
    )

    @model_validator(mode="after")
    def _file_or_query(self) -> Source:
        if bool(self.file) == bool(self.query):
            raise ValueError("say either `file` or `query`")
        if bool(self.query) != bool(self.connection):
            raise ValueError("`query` and `connection` belong together")
        return self
