"""Numbers and lists in words: percentages, counts, labels in lines, sentences of captions and alt texts."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Sequence

import pandas as pd

MINUS = "\u2212"
STATUS_MARKS = {
    "demonstration": "Demonstration data: fictional",
    "reconstructed": "Reconstructed from published figures",
}
AS_PUBLISHED = "As published"


def percent(share: float, sign: str = "%") -> str:
    """``0.345`` gives ``35%`` (halves go up, as documents print them)."""
    return f"{_half_up(100 * share):.0f}{sign}".replace("-", MINUS)


def points(difference: float) -> str:
    """A difference of two shares in percentage points, with its sign: ``+6``, ``−12``, ``0``."""
    whole = _half_up(100 * difference)
    return f"{whole:+.0f}".replace("-", MINUS) if whole else "0"


def number(value: float) -> str:
    """One decimal below 100, none above: ``7.9``, ``12.0``, ``140``."""
    return (f"{value:.1f}" if abs(value) < 100 else f"{value:.0f}").replace("-", MINUS)


def rounded(value: float) -> str:
    """As ``number``, without a decimal that is 0: for a figure that is known only as it was printed."""
    return number(value).removesuffix(".0")


def plain(n: float) -> str:
    """A count as it is, or nothing where it is not known."""
    return "" if pd.isna(n) else f"{n:.0f}"


def span(low: str, high: str, between: str = " to ") -> str:
    """``12% to 34%``, or one of them where they are the same."""
    return low if low == high else f"{low}{between}{high}"


def count(n: float, unit: str = "") -> str:
    """``n = 53``, or nothing where n is not known."""
    return "" if pd.isna(n) else " ".join(filter(None, [f"n = {n:.0f}", unit]))


def wrap(label: str, width: int = 28) -> str:
    """The label in lines of about ``width`` characters."""
    return "\n".join(textwrap.wrap(label, width, break_long_words=len(label.split()) == 1)) or label


def listed(names: Sequence[str], most: int = 4) -> str:
    """``A, B and C``; beyond ``most`` names: ``A, B and 5 more``."""
    shown = list(names[:most]) + ([f"{len(names) - most} more"] if len(names) > most else [])
    return " and ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))


def counted(n: int, noun: str) -> str:
    """``1 item``, ``7 items``."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def among(counts: Iterable[float]) -> str:
    """``n = 53`` where all counts are the same, ``n = 47 to 53`` where not; nothing without counts."""
    known = sorted({round(n) for n in counts if not pd.isna(n)})
    if not known:
        return ""
    return f"n = {known[0]}" if len(known) == 1 else f"n = {known[0]} to {known[-1]}"


def marks(rows: pd.DataFrame) -> list[str]:
    """How the data came about, where that must be said in the figure itself: none for observed data."""
    rows = valued(rows)
    printed = rows["method"].eq(AS_PUBLISHED.lower())
    found = [text for status, text in STATUS_MARKS.items() if rows["data_status"][~printed].eq(status).any()]
    return found + ([AS_PUBLISHED] if printed.any() else [])


def valued(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows that have a number; all of them where none has."""
    known = rows[rows["value"].notna() | rows["low"].notna()]
    return rows if known.empty else known


def provenance(rows: pd.DataFrame) -> str:
    """The marks as sentences of a caption."""
    return " ".join(f"{mark}." for mark in marks(rows))


def notes(rows: pd.DataFrame) -> str:
    """What the drawn rows' ``reason`` says must be borne in mind, as sentences; nothing where it is empty."""
    drawn = rows[rows["value"].notna() & rows["reason"].ne("") & rows["identified"].ne("no")]
    return " ".join(f"{reason[:1].upper()}{reason[1:]}." for reason in dict.fromkeys(drawn["reason"]))


def interval_words(rows: pd.DataFrame) -> str:
    """The level of the intervals, such as ``95% intervals``; plain ``intervals`` where levels differ."""
    levels = rows["level"].dropna().unique()
    return f"{100 * levels[0]:g}% intervals" if len(levels) == 1 else "intervals"


def _half_up(value: float) -> float:
    # The small term keeps 0.285 * 100 = 28.499999999999996 on the side where it is on paper.
    return math.floor(value + 0.5 + 1e-9)
