"""Results of one family of methods as Markdown tables, in the shapes of ``tables.xlsx``, with how they were made.

Tables with a shape of their own are in ``tables.py``; nothing is computed here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain, groupby, zip_longest

import pandas as pd

from pipeline.release_tables import Column, Line, ReleasedTable, released_tables, remark
from pipeline.reporting.formats import POINTS, Markdown, as_text, markdown_table
from pipeline.reporting.images import NotReleasedError
from pipeline.reporting.reader import Release
from schemas.vocabulary import ALL

ONLY = {"support": ("rate_ratio", "dispersion", "relative_risk_ratio", "continuation")}
"""Statistics that are comparisons or models, of families that describe besides."""

IN_THE_WORKBOOK = {"reliability": ("correlation",)}
"""Statistics of every pair of items, by family: too many for a report."""

MOST_ROWS = 40
"""More rows than this are in ``tables.xlsx`` only."""

MOST_COLUMNS = 6
"""Columns of values and of p that fit on a page beside the names of the rows."""

_TESTED = ("p_adjusted", "p")
ANALYSES = {
    "support": "Sessions and contacts",
    "change": "Two rounds compared",
    "ordinal": "Ordered answers compared as ordered",
    "clustered": "Two rounds compared, with clusters",
    "missing_answers": "Unanswered items and persons who answered once",
    "multiverse": "Does a comparison hold under other choices?",
    "next_study": "What the next evaluation needs",
    "services": "Services beside each other",
    "staffing": "Posts and post holders",
    "reliability": "Reliability of scales",
    "drivers": "Factors and success",
}
"""Families beyond description, with the headings of their results, in the order of a report."""


def results(release: Release, family: str, statistic: str | list[str] | None = None, **keys: object) -> Markdown:
    """All tables of a family of estimates, each with its methods and what to bear in mind.

    ``keys`` narrow the estimates as in ``Release.select``, but without a slip where a value has none.

    Raises
    ------
    NotReleasedError
        When the family has no such estimate.
    """
    found = of_family(release.estimates, family)
    wanted = dict(keys) | ({"statistic": statistic} if statistic else {})
    for key, value in wanted.items():
        found = found[found[key].isin(list(value) if isinstance(value, (list, tuple)) else [value])]
    if found.empty:
        raise NotReleasedError(f"no estimate of '{family}' fits {wanted}")
    return _tables(release, found)


def analyses(release: Release, level: int = 3) -> Markdown:
    """Results of all families beyond description under headings of their own, all services together."""
    parts = []
    for family, title in ANALYSES.items():
        found = of_family(release.estimates, family)
        pooled = found[found["service"] == ALL]
        found = pooled if len(pooled) else found
        shown = [one for one in found["statistic"].unique() if _is_shown(family, one)]
        if shown:
            parts.append(f"{'#' * level} {title}\n\n{_tables(release, found[found['statistic'].isin(shown)])}")
    return Markdown("\n\n".join(parts))


def _is_shown(family: str, statistic: str) -> bool:
    return statistic in ONLY[family] if family in ONLY else statistic not in IN_THE_WORKBOOK.get(family, ())


def _tables(release: Release, found: pd.DataFrame) -> Markdown:
    tables = list(released_tables(found, release.labels))
    parts = [_shown(table, named=len(tables) > 1) for table in tables]
    return release.with_response(Markdown("\n\n".join(parts)), found)


def of_family(estimates: pd.DataFrame, family: str) -> pd.DataFrame:
    """The estimates that one family of methods made."""
    return estimates[estimates["produced_by"].str.rpartition("/")[2] == family]


def _shown(table: ReleasedTable, named: bool) -> str:
    about = table.title.partition(": ")[2].partition(", ")[2] if named else ""
    parts = [_part(table, columns) for columns in _split(table)]
    left = len(table.rows) - MOST_ROWS
    more = f"The first {MOST_ROWS} of {len(table.rows)} rows; all are in tables.xlsx." if left > 0 else ""
    return "\n\n".join([f"**{about}**"] * bool(about) + [*parts, _words([more, *_notes(table)])]).strip()


def _split(table: ReleasedTable) -> Iterator[list[Column]]:
    """As many columns as fit on a page, those of one statistic together where they fit."""
    held: list[Column] = []
    for _, group in groupby(table.columns, key=lambda column: column.head.split(",")[0]):
        own = list(group)
        if held and _width(table, [*held, *own]) > MOST_COLUMNS:
            yield held
            held = []
        for column in own:
            if held and _width(table, [*held, column]) > MOST_COLUMNS:
                yield held
                held = []
            held = [*held, column]
    if held:
        yield held


def _width(table: ReleasedTable, columns: list[Column]) -> int:
    """Columns of a report: one of values, and one of p where there is a test."""
    return sum(
        1 + any(pd.notna(cell[name]) for cell in table.cells(column) for name in _TESTED) for column in columns
    )


def _part(table: ReleasedTable, columns: list[Column]) -> str:
    lines = [line for line in table.rows[:MOST_ROWS] if any(column.key in line[1] for column in columns)]
    heads, rows = list(table.heads), [list(labels) for labels, _ in lines]
    for column in columns:
        for head, texts in _columns(column, lines):
            heads.append(head)
            for row, text in zip(rows, texts, strict=True):
                row.append(text)
    return str(markdown_table(heads, rows))


def _columns(column: Column, rows: list[Line]) -> Iterable[tuple[str, list[str]]]:
    """The value with its interval, and beside it p where there is one."""
    cells = [pd.Series(cells[column.key]) if column.key in cells else None for _, cells in rows]
    present = [one for one in cells if one is not None]
    points = all(one["statistic"] in POINTS and one["unit"] == "proportion" for one in present)
    show = "points with interval" if points else "value with interval"
    if all(pd.isna(one["value"]) and not one["suppressed"] for one in present):
        show = "interval"
    head = f"{column.head}{', points' if points else ''}{_level(present)}"
    yield head, ["–" if one is None else as_text(one, _without_range(one, show)) for one in cells]
    tests = [name for name in _TESTED if any(pd.notna(one[name]) for one in present)]
    if tests:
        yield "p, adjusted" if tests[0] == "p_adjusted" else "p", [_p(one, tests[0]) for one in cells]


def _without_range(cell: pd.Series, show: str) -> str:
    """The range of a number that is not identified is no interval."""
    return "value" if cell["identified"] == "no" or (show == "interval" and cell["reason"]) else show


def _p(cell: pd.Series | None, name: str) -> str:
    return "–" if cell is None or pd.isna(cell["value"]) else as_text(cell, name)


def _level(cells: list[pd.Series]) -> str:
    levels = {float(one["level"]) for one in cells if pd.notna(one["level"]) and pd.notna(one["low"])}
    return f" ({100 * levels.pop():g}% interval)" if len(levels) == 1 else ""


def _notes(table: ReleasedTable) -> list[str]:
    """The keys that do not vary, remarks on single rows, and the methods; what differs in a number is told once."""
    cells = [cell for _, row in table.rows for cell in row.values() if pd.notna(cell["value"])]
    methods = _told(str(cell["method"]) for cell in cells)
    remarks = _told(remark(row) for _, row in table.rows)
    told = [f"{one[:1].upper()}{one[1:]}." for one in remarks if one]
    return [*table.notes[:1], *told, f"Methods: {'; '.join(methods)}." if methods else ""]


def _told(texts: Iterable[str]) -> list[str]:
    """The different parts of texts; parts that differ in their numbers only are one, from the least to the most."""
    found: dict[tuple[str, ...], list[list[str]]] = {}
    for text in texts:
        for part in filter(None, (one.strip() for one in text.split("; "))):
            found.setdefault(tuple(_NUMBER.split(part)), []).append(_NUMBER.findall(part))
    spans = [(shape, [_span(one) for one in zip(*numbers, strict=True)]) for shape, numbers in found.items()]
    return ["".join(chain(*zip_longest(shape, numbers, fillvalue=""))) for shape, numbers in spans]


_NUMBER = re.compile(r"(?<![\w(])\d+\.\d+(?!\w)")
"""Only numbers with decimals are told as a span: years, levels and counts belong to the words."""


def _span(numbers: tuple[str, ...]) -> str:
    ordered = sorted(set(numbers), key=float)
    return ordered[0] if len(ordered) == 1 else f"{ordered[0]} to {ordered[-1]}"


def _words(notes: list[str]) -> str:
    text = " ".join(one for one in notes if one)
    return f"*{text}*".replace("**", "") if text else ""
