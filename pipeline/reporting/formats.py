"""How numbers and tables look in reports: percent signs, intervals, minus signs, Markdown tables.

Nothing is computed or looked up here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pandas as pd

from schemas.vocabulary import ABOUT, BOUNDS, REASONS

WITHHELD = "withheld"
NOT_IDENTIFIED = "not identified"


_WHOLE_UNITS = ("persons", "posts", "respondents", "days")
_WHOLE = (
    "clients", "respondents", "count", "total", "codes_seen", "respondents_needed", "answers_needed",
    "answers_for_half_width", "services_needed", "effective_n",
)  # fmt: skip


POINTS = ("difference", "net_change", "specification_median")
"""Statistics that are told in percentage points where they are of shares."""


@dataclass(frozen=True)
class Markdown:
    """Text that notebooks and reports show as Markdown."""

    text: str

    def _repr_markdown_(self) -> str:
        return self.text

    def __str__(self) -> str:
        return self.text


def number(value: float, digits: int) -> str:
    """A number with a real minus sign; halves go up, as documents print them, and what rounds to zero has no sign."""
    rounded = Decimal(f"{value:.9f}").quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return f"{rounded:z.{digits}f}".replace("-", "−")


def percent(value: float, digits: int = 0) -> str:
    """A proportion as percent."""
    return f"{number(100 * value, digits)}%"


def p_value(value: float) -> str:
    """A p-value to three digits, never as zero."""
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def as_text(row: pd.Series, show: str) -> str:
    """One estimate as text; what can't be had says why."""
    if row["suppressed"]:
        return WITHHELD
    return FORMATS[show](row)


def printed(claim: pd.Series) -> str:
    """A published figure as the document states it: ``12.8``, ``87%``, ``more than 50%``, ``about 25%``, or words."""
    if pd.isna(claim["published"]):
        return str(claim["value_text"]) or "–"
    digits = int(claim["decimals"]) if pd.notna(claim["decimals"]) else 0
    text = number(claim["published"], digits) + ("%" if claim["statistic"] == "percent" else "")
    word = "about" if claim["operator"] == ABOUT else BOUNDS.get(claim["operator"], "")
    return f"{word} {text}" if word else text


def _value(row: pd.Series) -> str:
    if _is_bound(row):
        return _bound(row)
    if pd.isna(row["value"]):
        return str(row["reason"]) or "–"
    if row["method"] == "as published":
        return ("about " if row["reason"] == REASONS["as_approximate"] else "") + _as_printed(row, row["value"])
    if row["unit"] == "proportion":
        return percent(row["value"])
    if row["unit"] in ("persons", "posts", "respondents", "specifications") or row["statistic"] in (
        "clients",
        "respondents",
        "total",
    ):
        return number(row["value"], 0)
    return number(row["value"], _digits(row))


def is_whole(row: Mapping[Any, Any] | pd.Series) -> bool:
    """Is the number a count of something, or of days?"""
    return row["unit"] in _WHOLE_UNITS or row["statistic"] in _WHOLE


def _digits(row: pd.Series) -> int:
    """Digits of a value that is no share."""
    if is_whole(row):
        return 0
    return 1 if abs(row["value"]) >= 1 and row["unit"] != "ratio" else 2


def _is_bound(row: pd.Series) -> bool:
    return str(row["reason"]).startswith(REASONS["as_bound"])


def _bound(row: pd.Series) -> str:
    """A published bound: ``more than 50%``; the words are those of the reason."""
    words = str(row["reason"]).partition(": ")[2].split(" and ")
    ends = {word: "low" if sign in ">≥" else "high" for sign, word in BOUNDS.items()}
    return " and ".join(f"{word} {_as_printed(row, row[ends[word]])}" for word in words)


def _as_printed(row: pd.Series, value: float) -> str:
    """A published number with the digits that it has, and no more."""
    share = row["unit"] == "proportion"
    text = f"{100 * value if share else value:.6f}".rstrip("0").rstrip(".").replace("-", "−")
    return text + "%" * share


def _percent(row: pd.Series) -> str:
    return _value(row) if row["unit"] == "proportion" else str(row["reason"]) or "–"


def _scaled(row: pd.Series, value: float) -> str:
    if row["unit"] == "proportion":
        return number(100 * value, 0)
    if pd.notna(row["value"]):
        return number(value, _digits(row))  # an interval is as exact as its value
    return number(value, 1 if abs(value) >= 10 else 2)


def _interval(row: pd.Series) -> str:
    if pd.isna(row["low"]) or pd.isna(row["high"]) or _is_bound(row):
        return "–"
    return f"{_scaled(row, row['low'])} to {_scaled(row, row['high'])}"


def _with_interval(row: pd.Series) -> str:
    interval = _interval(row)
    return _value(row) if interval == "–" else f"{_value(row)} ({interval})"


def _points(row: pd.Series) -> str:
    """A difference of proportions in percentage points, with sign."""
    if pd.isna(row["value"]):
        return str(row["reason"]) or "–"
    text = number(100 * row["value"], 0)
    return text if text == "0" or row["value"] < 0 else f"+{text}"


def _points_with_interval(row: pd.Series) -> str:
    interval = _interval(row)
    return _points(row) if interval == "–" else f"{_points(row)} ({interval})"


def _whole(column: str) -> Callable[[pd.Series], str]:
    return lambda row: "–" if pd.isna(row[column]) else f"{row[column]:.0f}"


def _p(column: str) -> Callable[[pd.Series], str]:
    return lambda row: "–" if pd.isna(row[column]) else p_value(row[column])


def count_behind(row: pd.Series) -> str:
    """The counts behind a share ("18 of 53"), or the value itself; a dash where there is none."""
    if row["suppressed"] or (pd.isna(row["value"]) and not _is_bound(row)):
        return WITHHELD if row["suppressed"] else "–"
    if row["statistic"] == "share" and pd.notna(row["events"]) and pd.notna(row["n"]):
        return f"{row['events']:.0f} of {row['n']:.0f}"
    return "as published" if row["method"] == "as published" else _value(row)


FORMATS: dict[str, Callable[[pd.Series], str]] = {
    "value": _value,
    "percent": _percent,
    "interval": _interval,
    "value with interval": _with_interval,
    "points": _points,
    "points with interval": _points_with_interval,
    "size in points": lambda row: _points(row).lstrip("+−"),
    "n": _whole("n"),
    "n_reference": _whole("n_reference"),
    "events": _whole("events"),
    "missing": _whole("missing"),
    "events of n": count_behind,
    "p": _p("p"),
    "p_adjusted": _p("p_adjusted"),
    "reason": lambda row: str(row["reason"]) or "–",
    "method": lambda row: str(row["method"]),
}
"""What a table or a sentence may show of an estimate."""

_HEADS = {
    "value": "",
    "percent": "",
    "value with interval": "value (95% interval)",
    "interval": "95% interval",
    "points": "difference (points)",
    "points with interval": "difference in points (95% interval)",
    "p_adjusted": "p, adjusted",
    "events of n": "count",
    "missing": "not answered",
    "n_reference": "n before",
}


def shown(show: str, under_label: bool) -> str:
    """Heading of what is shown; empty where the column's own label says enough."""
    head = _HEADS.get(show, show)
    if under_label or head.split(",")[0] in ("n", "p"):
        return head
    return (head[:1].upper() + head[1:]) or "Value"


_PLAIN = {"sd": "SD", "count": "Number", "asked": "Of all asked", "answered": "Of those who answered"}


def plain(name: str) -> str:
    """An id that has no label, in plain words."""
    return _PLAIN.get(name, name[:1].upper() + name[1:].replace("-", " "))


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Markdown:
    """A pipe table: the first column to the left, columns of numbers to the right."""
    numeric = [bool(rows) and all(_is_numeric(row[i]) for row in rows) for i in range(len(header))]
    rule = [":---" if i == 0 or not numeric[i] else "---:" for i in range(len(header))]
    lines = [header, rule, *[[cell.replace("|", "\\|") for cell in row] for row in rows]]
    return Markdown("\n".join("| " + " | ".join(line) + " |" for line in lines))


def _is_numeric(text: str) -> bool:
    """A number with what belongs to it; a sentence may begin with a number too."""
    return text in ("–", WITHHELD, "") or (len(text) <= 40 and text.lstrip("+−<> (")[:1].isdigit())
