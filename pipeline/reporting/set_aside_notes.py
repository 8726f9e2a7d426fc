"""How many rows of a raw table were set aside as not valid: the sentence that stands wherever the table is used.

The rows themselves, and whatever else could tell of a person, stay in the restricted zone; counting them belongs in
``pipeline.quarantine``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pandas as pd

from pipeline.family_tables import FAMILY_TABLES
from pipeline.reporting.formats import Markdown, markdown_table

Row = dict[str, Any]

MOST_REASONS = 3
"""Reasons named under a table or figure, the most frequent first; the note at the beginning names all."""

_REASON = re.compile(r"(.+?) \((\d+)\)(?:; |$)")
_MARKUP = re.compile(r"([\\`*_\[\]<>$@|~^])")
# What every estimate behind one table or figure has in common with it, also where ids are patterns.
_KEYS = ["statistic", "population", "instrument", "wave", "contrast", "model"]


def set_aside_note(shown: pd.DataFrame, estimates: pd.DataFrame, aside: pd.DataFrame) -> str:
    """What was set aside of the record tables behind some estimates, in words; empty where nothing was.

    Parameters
    ----------
    shown
        Estimates of one study, or their keys.
    estimates
        All released estimates of the study.
    aside
        Columns ``schemas.vocabulary.SET_ASIDE``, the rows of that study.
    """
    if not aside["set_aside"].any():
        return ""
    if "produced_by" not in shown:
        shown = estimates.merge(shown[_KEYS].drop_duplicates(), on=_KEYS)
    families = {name.rpartition("/")[2] for name in shown["produced_by"].unique()}
    tables = {table for family in families for table in FAMILY_TABLES.get(family, ())}
    return _sentences(aside[aside["table"].isin(tables)], MOST_REASONS)


def all_set_aside(aside: pd.DataFrame) -> str:
    """What was set aside of all tables of a study, with all reasons; empty where nothing was."""
    return _sentences(aside)


def table_of(aside: pd.DataFrame, name: Callable[[str], str]) -> Markdown:
    """Rows set aside by study and table, also where there were none; ``name`` tells what a study is called."""
    body = [
        [name(row["study"]), row["table"], f"{row['set_aside']:,}", _percent(row, "< 1"), "; ".join(_reasons(row))]
        for row in _rows(aside)
    ]
    heads = ["Study", "Table", "Rows set aside", "% of rows", "What was wrong (rows)"]
    return markdown_table(heads, body or [["None", *["–"] * (len(heads) - 1)]])


def _sentences(aside: pd.DataFrame, most: int | None = None) -> str:
    return " ".join(_sentence(row, most) for row in _rows(aside[aside["set_aside"] > 0]))


def _sentence(row: Row, most: int | None) -> str:
    """``1,285 rows of sessions (11%) were set aside as not valid (date: must not be empty, 475; ...).``"""
    n, counted = row["set_aside"], _counted(row["reasons"])
    reasons = [f"{rule}, {times:,}" for rule, times in counted[:most]]
    reasons += [f"and {len(counted) - most} more"] if most and len(counted) > most else []
    rows = f"{n:,} {'row' if n == 1 else 'rows'} of {row['table']} ({_percent(row, 'less than 1')}%)"
    several = " A row can have several faults." if not most and sum(times for _, times in counted) > n else ""
    verb = "was" if n == 1 else "were"
    return _plain(f"{rows} {verb} set aside as not valid ({'; '.join(reasons)}).{several}")


def _percent(row: Row, least: str) -> str:
    """The whole percentage; of what rounds to none, ``least``."""
    return least if row["set_aside"] and not row["percent"] else f"{row['percent']:.0f}"


def _reasons(row: Row) -> list[str]:
    return [_plain(f"{rule} ({times:,})") for rule, times in _counted(row["reasons"])] or ["–"]


def _counted(words: str) -> list[tuple[str, int]]:
    """Rules and how many rows break each, the most frequent first."""
    found = [(rule, int(times)) for rule, times in _REASON.findall(words)]
    return sorted(found, key=lambda one: -one[1])


def _plain(text: str) -> str:
    """Text in which no character is taken for markup: a column may be called ``_id``."""
    return _MARKUP.sub(r"\\\1", text)


def _rows(aside: pd.DataFrame) -> list[Row]:
    return [{str(key): value for key, value in row.items()} for row in aside.to_dict("records")]
