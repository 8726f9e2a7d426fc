"""Which report-shaped tables a release gives: rows, columns, words and numbers of each, without a spreadsheet.

One table a sheet: a study's family of estimates, of one survey where there are several. How a sheet looks belongs in
``workbook.py``. Tables are chosen and cut here; nothing is computed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from pipeline.reporting.formats import as_text
from pipeline.reporting.names import HEADS, Names
from pipeline.reporting.response_notes import response_note
from schemas.vocabulary import ALL, ESTIMATE_KEYS

MOST_ROWS = 1000
MOST_COLUMNS = 48
"""Bounds of one table; what is left out is said on its sheet."""

Row = dict[str, Any]
Keys = tuple[str, ...]
Line = tuple[list[str], dict[Keys, Row]]
"""A row of a table: its labels, and its estimates by column."""


@dataclass(frozen=True)
class Layout:
    """By which keys a family is split into tables, and which keys go across; the others that vary go down."""

    split: Keys
    across: Keys


LAYOUTS = {
    "support": Layout(("item",), ("statistic", "category", "at")),
    "feedback": Layout(("instrument",), ("statistic", "category")),
    "response_rates": Layout((), ("wave",)),
    "change": Layout(("instrument",), ("statistic", "at")),
    "ordinal": Layout(("instrument", "contrast", "statistic"), ("model", "at")),
    "clustered": Layout(("instrument",), ("statistic", "model")),
    "missing_answers": Layout(("instrument", "contrast"), ("statistic", "category", "at")),
    "multiverse": Layout(("instrument", "term"), ("statistic", "model", "at")),
    "next_study": Layout(("instrument",), ("statistic", "term", "at")),
    "services": Layout(("instrument", "contrast", "model"), ("statistic", "group", "term", "at")),
    "staffing": Layout(("item", "model", "contrast"), ("statistic", "at")),
    "reliability": Layout(("instrument",), ("statistic", "term")),
    "themes": Layout(("statistic",), ("term", "category", "denominator", "model")),
    "agreement": Layout(("statistic",), ("group", "model", "category")),
    "drivers": Layout(("statistic",), ("service", "at")),
}
"""Families that have a shape of their own."""

COMMON = Layout(("instrument",), ("statistic", "category", "at"))
DOWN: Keys = (
    "instrument", "statistic", "wave", "contrast", "reference", "service", "population", "group", "item", "term",
    "category", "model", "at", "denominator",
)  # fmt: skip
FAMILIES = {
    "support": "Support given",
    "feedback": "Answers",
    "response_rates": "Response rates",
    "change": "Two rounds compared",
    "ordinal": "Ordered answers compared",
    "clustered": "Two rounds with clusters",
    "missing_answers": "Missing answers",
    "multiverse": "Other choices",
    "next_study": "What the next evaluation needs",
    "services": "Services compared and pooled",
    "staffing": "Posts",
    "reliability": "Reliability",
    "themes": "Codes in the material",
    "agreement": "Agreement of coders",
    "drivers": "Factors and success",
    "aggregates": "Figures as published",
    "scores": "Scores",
}
STATUSES = {
    "demonstration": "Demonstration data: fictional. Nothing here is evidence about peer support.",
    "reconstructed": "Reconstructed data: rows rebuilt to match published figures. What these do not determine is "
    "marked as not identified.",
    "observed": "Observed data: collected by the evaluation, or figures as its document prints them.",
}
EXTRAS = {
    "n": "n",
    "n_reference": "n compared with",
    "missing": "n without an answer",
}
"""Numbers told once a row where all its estimates share them."""

TESTS = {"p": "p", "p_adjusted": "p, adjusted"}
_NO_VALUE_WORDS = ("", "suppressed", "not identified")


@dataclass
class ReleasedTable:
    """One table: words above it, headings, and rows.

    ``rows`` are pairs of row labels and the row's estimates by column; a column without an estimate is not in it.
    """

    study: str
    family: str
    part: str
    title: str
    status: str
    notes: list[str]
    heads: list[str]
    columns: list[Column]
    rows: list[Line]

    def cells(self, column: Column) -> list[Row]:
        """The estimates of one column, those that there are."""
        return [cells[column.key] for _, cells in self.rows if column.key in cells]

    def shared(self) -> dict[str, str]:
        """Headings of the numbers that the estimates of every row have in common."""
        return {
            name: head
            for name, head in EXTRAS.items()
            if any(_values(cells, name) for _, cells in self.rows)
            and all(len(_values(cells, name)) <= 1 for _, cells in self.rows)
        }


class Column(NamedTuple):
    """One column of estimates: the values of the keys that go across, and its heading."""

    key: Keys
    head: str


def shared_number(cells: Mapping[Keys, Row], name: str) -> float | None:
    """The number that the estimates of a row share; ``None`` where there is none."""
    return next(iter(_values(cells, name)), None)


def _values(cells: Mapping[Keys, Row], name: str) -> set[float]:
    return {float(row[name]) for row in cells.values() if pd.notna(row[name])}


def has_interval(row: Row) -> bool:
    """Has the estimate an interval, or a range, that may be seen?"""
    return not row["suppressed"] and pd.notna(row["low"]) and pd.notna(row["high"])


def released_tables(estimates: pd.DataFrame, labels: pd.DataFrame) -> Iterator[ReleasedTable]:
    """All tables of a release, by study and family in the order of the estimates.

    Parameters
    ----------
    estimates, labels
        The released frames of all studies (``schemas.estimates``; columns of ``methods.labels``).
    """
    names = Names(labels)
    families = estimates["produced_by"].str.rpartition("/")[2]
    for (study, family), found in estimates.groupby([estimates["study"], families], sort=False):
        layout = LAYOUTS.get(str(family), COMMON)
        groups = found.groupby(list(layout.split), sort=False) if layout.split else [((), found)]
        parts = [(values, part) for values, part in groups]
        rates = estimates[(estimates["study"] == study) & (estimates["statistic"] == "response_rate")]
        for values, part in parts:
            name = " ".join(str(one) for one in values if one) if len(parts) > 1 else ""
            yield _table(part, str(family), name, rates, names)


def _table(part: pd.DataFrame, family: str, name: str, rates: pd.DataFrame, names: Names) -> ReleasedTable:
    layout, first = LAYOUTS.get(family, COMMON), _rows(part.head(1))[0]
    varying = [key for key in ESTIMATE_KEYS if part[key].nunique() > 1]
    across = tuple(key for key in layout.across if key in varying) or ("statistic",)
    beside = [key for key in DOWN if key in varying and key not in across]
    of_column = [key for key in beside if part.groupby(list(across))[key].nunique().max() == 1]
    down = tuple(key for key in beside if key not in of_column) or ("service",)
    kept, notes = _bounded(part, down)
    rows, columns = _shaped(_rows(kept), down, across, names)
    notes += _of_columns(columns, rows, of_column, names)
    if len(columns) > MOST_COLUMNS:
        notes.append(f"The first {MOST_COLUMNS} of {len(columns)} columns are shown; {_ELSEWHERE}")
    return ReleasedTable(
        study=first["study"],
        family=family,
        part=name,
        title=_title(family, layout.split, first, names),
        status=" ".join(text for status, text in STATUSES.items() if status in set(part["data_status"])),
        notes=[*_notes(part, rates, names, {*down, *across, *layout.split}), *notes],
        heads=[HEADS[key] for key in down],
        columns=columns[:MOST_COLUMNS],
        rows=rows,
    )


def _of_columns(columns: list[Column], rows: Sequence[Line], keys: Sequence[str], names: Names) -> list[str]:
    """What holds for single columns: the model behind one, what another is compared with."""
    told = []
    for column in columns:
        row = next(cells[column.key] for _, cells in rows if column.key in cells)
        words = [_said(key, row, names) for key in keys if row[key] and key != "contrast"]
        told += [f"{column.head}: {', '.join(words)}"] * bool(words)
    return [f"{'; '.join(told)}."] * bool(told)


def _said(key: str, row: Row, names: Names) -> str:
    return names.of(key, row) if key == "denominator" else f"{HEADS[key].lower()} “{names.of(key, row)}”"


def _shaped(estimates: list[Row], down: Keys, across: Keys, names: Names) -> tuple[list[Line], list[Column]]:
    """Estimates as rows and columns, both in declared order, and what has none as it comes."""
    first: dict[tuple[str, str], int] = {}
    for at, row in enumerate(estimates):
        for key in (*down, *across):
            first.setdefault((key, row[key]), at)

    def place(row: Row, keys: Keys) -> list[tuple[float, ...]]:
        return [(names.order(key, row), _numeric(row[key]), first[key, row[key]]) for key in keys]

    rows: dict[Keys, dict[Keys, Row]] = {}
    for row in estimates:
        rows.setdefault(tuple(row[key] for key in down), {})[tuple(row[key] for key in across)] = row
    heads = {key: row for cells in rows.values() for key, row in cells.items()}
    ordered = sorted(heads, key=lambda key: place(heads[key], across))
    columns = [Column(key, _head(heads[key], across, names)) for key in ordered]
    lines = sorted(rows.values(), key=lambda cells: place(_any(cells), down))
    return [([_label(key, _any(cells), names) for key in down], cells) for cells in lines], columns


def _any(cells: Mapping[Keys, Row]) -> Row:
    return next(iter(cells.values()))


_ELSEWHERE = "the rest is in estimates.csv beside this workbook."
_WHOLE = {"item": "(whole)", "category": "(all answers)", "wave": "(all)"}


def _label(key: str, row: Row, names: Names) -> str:
    """A row's label; where others have an id for the key and this one has none, it is about all of them."""
    return names.of(key, row) or _WHOLE.get(key, "–")


def _bounded(part: pd.DataFrame, down: Keys) -> tuple[pd.DataFrame, list[str]]:
    """As many services as fit into the rows of a table, all services together first; then as many rows as fit."""
    rows = part.drop_duplicates(list(down))
    if len(rows) <= MOST_ROWS:
        return part, []
    if "service" in down:
        sizes = rows.groupby("service", sort=False).size()
        order = [one for one in sizes.index if one == ALL] + [one for one in sizes.index if one != ALL]
        kept = [one for one, total in zip(order, sizes[order].cumsum(), strict=True) if total <= MOST_ROWS]
        if kept:
            shown = len([one for one in kept if one != ALL])
            note = f"Shown: all services together and {shown} of {len([o for o in order if o != ALL])} services"
            return part[part["service"].isin(kept)], [f"{note}; {_ELSEWHERE}"]
    kept_rows = rows.head(MOST_ROWS)[list(down)]
    return part.merge(kept_rows, on=list(down)), [f"Shown: {MOST_ROWS} of {len(rows)} rows; {_ELSEWHERE}"]


def _numeric(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def _head(row: Row, across: Keys, names: Names) -> str:
    """A column's heading: the keys that go across; that it is a share needs no saying where the answer is named."""
    named = "category" in across and row["category"] and row["statistic"] == "share"
    told = [key for key in across if row[key] and not (key == "statistic" and named)]
    words = [f"at {names.of(key, row)}" if key == "at" else names.of(key, row) for key in told]
    return ", ".join(words) or names.of("statistic", row)


def _title(family: str, split: Keys, first: Row, names: Names) -> str:
    words = [names.of(key, first) for key in split if first[key]]
    return f"{names.study(first['study'])}: {', '.join([FAMILIES.get(family, family.capitalize()), *words])}"


def _notes(part: pd.DataFrame, rates: pd.DataFrame, names: Names, told: set[str]) -> list[str]:
    """What holds for the whole table: the keys that do not vary, and the response of the surveys in it."""
    first = _rows(part.head(1))[0]
    keys = ("statistic", "population", "service", "wave", "item", "category", "reference", "model", "denominator")
    fixed = [key for key in keys if part[key].nunique() == 1 and first[key] and key not in told]
    words = "; ".join(f"{HEADS[key].lower()}: {names.of(key, first)}" for key in fixed)
    study = {"study": first["study"], "instrument": ""}
    response = response_note(part, rates, lambda kind, name: names.of(kind, study | {kind: name}))
    return [f"{words[:1].upper()}{words[1:]}."] * bool(words) + [response] * bool(response)


def remark(cells: Mapping[Keys, Row]) -> str:
    """What to bear in mind of a row's numbers, where the method gives a reason beside a value."""
    told = [str(row["reason"]) for row in cells.values() if pd.notna(row["value"])]
    return "; ".join(dict.fromkeys(one for one in told if one not in _NO_VALUE_WORDS))


def number_or_words(row: Row) -> float | str:
    """The number of an estimate, or the words for why there is none."""
    text = as_text(row, "value")  # type: ignore[arg-type]
    is_number = not row["suppressed"] and pd.notna(row["value"]) and any(sign.isdigit() for sign in text)
    return float(row["value"]) if is_number and not text.startswith(_BOUNDS) else text


_BOUNDS = ("more than", "at least", "less than", "at most")


def interval_words(row: Row) -> str:
    """The interval as a reader expects it: ``57% to 66%``; the range where a number is not identified."""
    if not has_interval(row) or str(number_or_words(row)).startswith(_BOUNDS):
        return ""
    text = as_text(row, "interval")  # type: ignore[arg-type]
    text = "% to ".join(text.split(" to ")) + "%" if row["unit"] == "proportion" else text
    return f"range {text}" if row["identified"] == "no" else text


def _rows(frame: pd.DataFrame) -> list[Row]:
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]
