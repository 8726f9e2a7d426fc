"""What is drawn for a row of estimates: a dot, an interval, a stacked bar, or a word where there is none.

Sizes and colours belong in ``style.py``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter

from pipeline.figures.rows import absence, drawable, ranged
from pipeline.figures.style import INK, LINE, MAIN, MUTED, ink_on
from pipeline.figures.words import percent, points

_MARGIN, _CHARACTER = 0.016, 0.0145  # of the whole bar: what a printed percentage needs to fit into a part
_POINTS = 5.0  # width of an average character beside the rows
_NUMBER = re.compile(r"[\d.%]*")
BAR = 0.66
HIDDEN = "hidden"
HATCHED: dict[str, Any] = {"facecolor": "white", "edgecolor": "#c4c4c4", "hatch": "////", "linewidth": 0.6}
"""The part of a bar that may not be shown."""


def row_axis(ax: Axes, names: Sequence[str], rule_before: int | None = None) -> None:
    """One row per name from the top down; a thin rule above row ``rule_before``."""
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.set_yticks(range(len(names)), names)
    ax.tick_params(axis="y", length=0)
    ax.grid(visible=False, axis="y")
    if rule_before:
        ax.axhline(rule_before - 0.5, color=LINE, linewidth=0.6)


def share_axis(ax: Axes, label: str, ticks: Sequence[float] = (0, 0.25, 0.5, 0.75, 1)) -> None:
    """Horizontal axis from 0 to 100 %."""
    ax.set_xlim(0, 1)
    ax.set_xticks(list(ticks))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda share, _: percent(share, "")))
    ax.set_xlabel(label)


def side(ax: Axes, *columns: tuple[str, Sequence[str]]) -> None:
    """Columns of words to the right of the rows, each a header and a text per row; numbers end flush."""
    offset = 7.0
    for header, texts in columns:
        width = _POINTS * max(len(text) for text in (header, *texts))
        flush = all(_NUMBER.fullmatch(text) for text in texts)
        for y, text in enumerate(texts):
            _beside(ax, y, text, offset + (width if flush else 0), "right" if flush else "left", "center")
        _beside(ax, -0.55, header, offset + (width if flush else 0), "right" if flush else "left", "bottom")
        offset += width + 9


def _beside(ax: Axes, y: float, text: str, offset: float, ha: str, va: str) -> None:
    if text:
        ax.annotate(
            text, (1, y), xycoords=ax.get_yaxis_transform(), xytext=(offset, 0), textcoords="offset points",
            ha=ha, va=va, color=MUTED, fontsize=8, annotation_clip=False,
        )  # fmt: skip


def absent(ax: Axes, y: float, text: str) -> None:
    """A word where no mark may stand."""
    place = ax.get_yaxis_transform()
    ground = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}
    ax.text(0.016, y, text, transform=place, va="center", style="italic", color=MUTED, fontsize=8, bbox=ground)


def absences(ax: Axes, rows: pd.DataFrame) -> None:
    """The word for each row that may not be drawn; row i is at y = i."""
    for y in np.flatnonzero(~drawable(rows).to_numpy()):
        absent(ax, float(y), absence(rows.iloc[y]))


def intervals(ax: Axes, rows: pd.DataFrame, shift: float = 0.0, colour: str = MAIN, width: float = 1.4) -> None:
    """A line from low to high for each row that has them; row i is at y = i + shift."""
    shown = ranged(rows).to_numpy()
    y = np.arange(len(rows))[shown] + shift
    ax.hlines(y, rows["low"][shown], rows["high"][shown], color=colour, linewidth=width, zorder=2)


def dots(
    ax: Axes, rows: pd.DataFrame, shift: float = 0.0, colour: str = MAIN, hollow: bool = False, marker: str = "o"
) -> None:
    """A dot at the value of each row that may be drawn; row i is at y = i + shift."""
    shown = drawable(rows).to_numpy()
    frame = pd.DataFrame({"x": rows["value"][shown].to_numpy(), "y": np.arange(len(rows))[shown] + shift})
    face = "white" if hollow else colour
    sns.scatterplot(
        frame, x="x", y="y", ax=ax, s=34, marker=marker, facecolor=face, edgecolor=colour, linewidth=1.3,
        zorder=3, legend=False, clip_on=False,
    )  # fmt: skip
    ax.set_ylabel("")


def dot_handle(colour: str = MAIN, hollow: bool = False, line: bool = True) -> Line2D:
    """The dot as it stands in a key."""
    return Line2D(
        [], [], color=colour, marker="o", markersize=5.5, markeredgewidth=1.3, linewidth=1.4 if line else 0,
        markerfacecolor="white" if hollow else colour,
    )  # fmt: skip


def stacked(ax: Axes, shares: pd.DataFrame, colours: Sequence[Any]) -> None:
    """A bar per row in parts (columns), with the percentage in each part that is wide enough.

    ``shares`` has proportions. Parts that are missing stand together, hatched, at the end of their bar: the rest
    of the whole. A row in which all are missing has no bar.
    """
    rows = np.flatnonzero(shares.notna().any(axis=1).to_numpy())
    left = np.zeros(len(rows))
    for category, colour in zip(shares.columns, colours, strict=True):
        width = shares[category].to_numpy(dtype=float)[rows]
        shown = ~np.isnan(width)
        ax.barh(
            rows[shown], width[shown], left=left[shown], height=BAR, color=colour, edgecolor="white", linewidth=0.8,
            label=category,
        )  # fmt: skip
        for y, start, part in zip(rows[shown], left[shown], width[shown], strict=True):
            _print_percent(ax, y, start, part, ink_on(colour))
        left = left + np.nan_to_num(width)
    rest = shares.isna().any(axis=1).to_numpy()[rows]
    ax.barh(rows[rest], 1 - left[rest], left=left[rest], height=BAR, label=HIDDEN, **HATCHED)


def _print_percent(ax: Axes, y: float, left: float, part: float, ink: str) -> None:
    text = percent(part)
    if part >= _MARGIN + _CHARACTER * len(text):
        ax.text(left + part / 2, y, text, ha="center", va="center", fontsize=7.5, color=ink)


def reference_line(ax: Axes, x: float) -> None:
    """A vertical line that dots are read against."""
    ax.axvline(x, color=INK, linewidth=0.8, zorder=1)


def share_ticks(ax: Axes, label: str) -> None:
    """Horizontal axis in percent, over whatever range it has."""
    ax.xaxis.set_major_formatter(FuncFormatter(lambda share, _: percent(share, "")))
    ax.set_xlabel(label)


def plain_log_ticks(ax: Axes) -> None:
    """Ticks of a log axis at 1, 2, 5, 10 ..., written as plain numbers."""
    low, high = ax.get_xlim()
    steps = [one for k in range(-3, 4) for one in (1 * 10.0**k, 2 * 10.0**k, 5 * 10.0**k)]
    ax.set_xticks([one for one in steps if low <= one <= high])
    ax.set_xticks([], minor=True)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def point_ticks(ax: Axes, label: str) -> None:
    """Horizontal axis in percentage points, with signs."""
    ax.xaxis.set_major_formatter(FuncFormatter(lambda difference, _: points(difference)))
    ax.set_xlabel(label)
