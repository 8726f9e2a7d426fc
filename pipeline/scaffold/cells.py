"""The cells of an export as a first guess looks at them, and the only ones that it gives on.

Given on are words that must be categories: few different ones, each of them often, none that looks like an id, a
date, an address or a text (``categories``), and names of services. Which column means what belongs in
``mapping.py``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property

import polars as pl

from pipeline.ingest.export import ROW, Export
from pipeline.ingest.surveys import answers
from pipeline.scaffold.words import FILL_IN, nearest_word, says_nothing, special_of
from pipeline.typing_cells import BOOLEANS
from schemas.instrument import Instrument

MOST_CATEGORIES = 30
OFTEN = 3
"""Rows in which a word must stand to be given on: a rarer one may be about one person."""

LONGEST = 60
MOST_SERVICES = 2000
MISSING = ("NA", "N/A", "n/a", "#N/A", "NULL", "null", "None", "NaN", ".", "-")

_DATE = r"^\d{1,4}[-/. ]\d{1,2}[-/. ]\d{1,4}"
_NUMBER = r"^-?\d+([.,]\d+)?$"
_CLOCK = r"^\d{1,3}:[0-5]\d(:\d\d)?$"
_TELLING = re.compile(rf"@|\d{{5,}}|{_DATE}|[.!?]\s")
"""Signs of an address, an id, a date or a text of several sentences."""


class Cells:
    """The first rows of an export."""

    def __init__(self, frame: pl.DataFrame, export: Export):
        self.frame, self.export = frame, export

    @cached_property
    def names(self) -> list[str]:
        """Columns of the export."""
        return [name for name in self.frame.columns if name != ROW]

    def question(self, column: str) -> str:
        """Wording of a column, where the file has one."""
        return self.export.questions.get(column, "")

    def filled(self, column: str) -> pl.Series:
        """Cells of a column that are not empty, as the labels that the file gives them."""
        labels = {**self.export.answers.get(column, {})}
        known = self.frame[column].drop_nulls()
        return known.replace(labels) if labels else known

    def fits(self, column: str, kind: str) -> bool:
        """Can the cells of a column be dates, numbers, truth values or categories?"""
        cells = self.filled(column)
        if kind == "text" or cells.is_empty():
            return True
        if kind in ("boolean", "category"):
            return cells.n_unique() <= MOST_CATEGORIES and self.categories(column) is not None
        pattern = _DATE if kind == "date" else f"{_NUMBER}|{_CLOCK}"
        return bool((cells.str.contains(pattern)).mean() >= 0.5)  # type: ignore[operator]

    def holds_answers(self, column: str, instrument: Instrument, share: float) -> bool:
        """Do few different words stand in a column, at least such a share of them answers of the instrument?"""
        cells = self.filled(column).str.to_lowercase()
        if cells.is_empty():
            return share == 0
        if cells.n_unique() > MOST_CATEGORIES:
            return False
        known, labels = answers(instrument), [option.label for option in instrument.options]
        meant = [one for one in cells.unique() if one in known or nearest_word(one, labels) != FILL_IN]
        return bool(cells.is_in(meant).mean() >= share)  # type: ignore[operator]

    def categories(self, column: str) -> list[str] | None:
        """The cells of a column that stand there again and again, most frequent first.

        None where they may be anything but categories.
        """
        counts = self.filled(column).value_counts(name="n").sort("n", descending=True)
        words = sorted(counts.to_series(0).to_list())
        common = counts.height <= MOST_CATEGORIES and counts.height * 2 <= max(int(counts["n"].sum()), 1)
        if not common or any(len(word) > LONGEST or _TELLING.search(word) for word in words):
            return None
        found = sorted(counts.iter_rows(), key=lambda pair: (-pair[1], pair[0]))
        return [word for word, times in found if times >= OFTEN]


def value_recode(cells: Cells, column: str, allowed: Sequence[str]) -> dict[str, str]:
    """What each category of a column that is not itself an allowed value may stand for."""
    found = cells.categories(column) or []
    is_flag = set(allowed) == {"true", "false"}
    strange = [w for w in found if (w.lower() not in BOOLEANS if is_flag else w not in allowed)]
    return {word: nearest_word(word, allowed) for word in strange}


def answers_recode(cells: Cells, columns: Sequence[str], instrument: Instrument) -> dict[str, str | None]:
    """Answers in the items' columns that the instrument does not know, and the option that each may stand for.

    Of a file that labels its cells all labels count, also rare ones. None stands for a missing answer.
    Numbers that count from another start than the instrument's codes are all named, in order: some of them would
    be taken for codes and mean another answer.
    """
    found = dict.fromkeys(word for column in columns for word in (cells.categories(column) or ()))
    shifted = _shifted(list(found), instrument)
    if shifted:
        return shifted
    labels, missing = _labels(cells, columns)
    known = answers(instrument)
    strange = {word for word in (*found, *labels) if word.lower() not in known}
    return {word: _answer(word, instrument, word in missing) for word in sorted(strange)}


def _labels(cells: Cells, columns: Sequence[str]) -> tuple[set[str], set[str]]:
    """What the file calls the cells of some columns, and which of these it declares missing.

    Labels are the file's own words; a column with very many of them is no scale.
    """
    named: set[str] = set()
    missing: set[str] = set()
    for column in columns:
        labels = cells.export.answers.get(column, {})
        if len(labels) <= MOST_CATEGORIES:
            named |= {label for label in labels.values() if label}
            missing |= {labels[cell] for cell in cells.export.missing.get(column, ()) if cell in labels}
    return named, missing


def _answer(word: str, instrument: Instrument, is_missing: bool) -> str | None:
    """The answer that a word may stand for, null where it says that there is none."""
    labels = {option.label: option.id for option in instrument.options}
    labels |= {special.label: special.id for special in instrument.special}
    near, aside = nearest_word(word, list(labels)), special_of(word)
    if near in labels:
        return labels[near]
    if aside in labels.values():
        return aside
    return None if is_missing or says_nothing(word) else FILL_IN


def _shifted(found: Sequence[str], instrument: Instrument) -> dict[str, str | None]:
    if not found or not all(word.isdigit() for word in found):
        return {}
    codes = sorted(option.code for option in instrument.options)
    numbers = sorted(int(word) for word in found)
    by_code = {option.code: option.id for option in instrument.options}
    step = 1 if max(numbers) == max(codes) + 1 and min(numbers) >= min(codes) + 1 else 0
    step = step or (-1 if min(numbers) == min(codes) - 1 and max(numbers) <= max(codes) - 1 else 0)
    if not step:
        return {}
    return {str(code + step): by_code[code] for code in codes}


def missing_words(cells: Cells, columns: Sequence[str]) -> tuple[str, ...]:
    """Words in some columns that usually mean that nothing is known; numbers such as -99 are left to the person."""
    found = {word for column in columns for word in cells.frame[column].drop_nulls().unique()}
    return tuple(word for word in MISSING if word in found)


def repeated(cells: Cells, key: Sequence[str]) -> float:
    """The share of rows whose key stands in an earlier row too."""
    rows = cells.frame.select(key).drop_nulls()
    return 1 - rows.unique().height / rows.height if rows.height else 0.0


def service_names(cells: Cells, column: str) -> tuple[str, ...]:
    """Names of services in a column, sorted; none where nearly every row has another one, or they look personal."""
    found = cells.filled(column)
    names = [name for name in found.unique().sort() if name not in MISSING]
    few = len(names) <= MOST_SERVICES and len(names) * 2 <= len(found)
    return tuple(names) if few and not any("@" in name or len(name) > 120 for name in names) else ()


def date_words(cells: Cells, column: str) -> dict[str, object]:
    """How the dates of a column are written, where they do not begin with the year."""
    parts = cells.filled(column).str.extract_groups(r"^(\d{1,2})([-/.])(\d{1,2})[-/.](\d{2,4})(.*)$").struct.unnest()
    parts = parts.drop_nulls("1")
    if parts.is_empty():
        return {}
    above = [int((parts[name].cast(pl.Int64) > 12).sum()) for name in ("1", "3")]
    day_first, is_open = above[0] >= above[1], above[0] == above[1]
    sign, year = parts["2"][0], "yy" if len(parts["4"][0]) == 2 else "year"
    clock = " hour:minute" + (":second" if re.search(r":\d\d:\d\d", parts["5"][0]) else "")
    words = sign.join([*(("day", "month") if day_first else ("month", "day")), year])
    words += clock if re.search(r"\d:\d\d", parts["5"][0]) else ""
    return {"dates": words} | ({"#": "is the day first? The file does not tell"} if is_open else {})


def duration_unit(cells: Cells, column: str) -> dict[str, object]:
    """The unit of a column of durations, where its name or its cells tell another one than minutes."""
    found = cells.filled(column)
    if len(found) and bool(found.str.contains(_CLOCK).all()):
        return {"unit": "hours:minutes"}
    named = {"hour": "hours", "hrs": "hours", "sec": "seconds"}
    return next(({"unit": unit} for word, unit in named.items() if word in column.lower()), {})
