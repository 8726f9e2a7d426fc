"""More services than a page has room to name: each is still a mark, none has a name.

Shares within limits of chance belong in ``funnel.py``; what is drawn where services have names belongs in the
module of the family.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from pipeline.figures import marks
from pipeline.figures.rows import align, drawable, ranged, select
from pipeline.figures.style import INK, MAIN, MUTED, key, key_height, row_height, row_labels, sign, single
from pipeline.figures.words import counted, percent
from schemas.vocabulary import ALL

NAMED = 40
"""More services than this have no names in a figure."""

FAINT = "#7f93a8"
_CATERPILLAR = 4.4
_SPREAD = 0.62  # of a row, over which the dots of services lie
_TURN = 0.618034  # the golden section: steps of it round a circle fill it evenly
RASTER = 1500
"""More marks than this are a picture inside the SVG."""


def many(rows: pd.DataFrame) -> bool:
    """Whether the rows are of more single services than can be named."""
    return rows.loc[rows["service"].ne(ALL), "service"].nunique() > NAMED


def in_short(rows: pd.DataFrame, form: str) -> str:
    """What a reader has to know of a form without names: ``A dot per service (500), without names.``"""
    n = rows.loc[rows["service"].ne(ALL), "service"].nunique()
    return f"{form} per service ({n}), without names; the released values are in estimates.csv."


def aside(n: int) -> npt.NDArray[np.float64]:
    """How far to move ``n`` marks off a line, between -0.5 and 0.5: evenly, neighbours far apart, always the same."""
    return np.asarray((np.arange(n) * _TURN) % 1 - 0.5, dtype=float)


def dot_key(colour: str = MAIN) -> Line2D:
    """The dot of a service as it stands in a key."""
    return Line2D([], [], color=colour, marker="o", markersize=2.6, linewidth=0)


class Strips(NamedTuple):
    """A row for each of ``ids`` (values of ``column``), and how values stand beside the rows and on the axis."""

    column: str
    ids: Sequence[str]
    names: Sequence[str]
    words: Callable[[float], str]
    axis: Callable[[Axes], None]


def share_strips(column: str, ids: Sequence[str], names: Sequence[str], unit: str) -> Strips:
    """Rows of shares, on an axis from 0."""

    def axis(ax: Axes) -> None:
        ax.set_xlim(0, min(1.0, max(0.1, ax.get_xlim()[1])))
        marks.share_ticks(ax, unit)

    return Strips(column, ids, names, percent, axis)


def strips(rows: pd.DataFrame, form: Strips) -> Figure:
    """A dot per service at its value, a ring for all services together."""
    lines = row_labels(form.names)
    total = align(select(rows, service=ALL), form.column, form.ids)
    entries = [("One service", dot_key())]
    if drawable(total).any():
        entries.append(("All services", marks.dot_handle(INK, hollow=True, line=False)))
    figure, ax = single(0.7 + key_height([name for name, _ in entries]) + len(lines) * row_height(lines, 0.46))
    singles = rows[rows["service"].ne(ALL)]
    _strip_dots(ax, singles[drawable(singles)], form)
    marks.dots(ax, total, colour=INK, hollow=True)
    marks.row_axis(ax, lines)
    _strip_words(ax, singles, total, form)
    form.axis(ax)
    key(figure, entries)
    sign(figure, rows)
    return figure


def _strip_dots(ax: Axes, shown: pd.DataFrame, form: Strips) -> None:
    services = list(dict.fromkeys(shown["service"]))
    apart = shown["service"].map(dict(zip(services, aside(len(services)), strict=True)))
    y = shown[form.column].map({one: row for row, one in enumerate(form.ids)}) + _SPREAD * apart
    ax.scatter(shown["value"], y, s=5, color=MAIN, alpha=0.4, linewidth=0, rasterized=len(shown) > 4 * RASTER)


def _strip_words(ax: Axes, singles: pd.DataFrame, total: pd.DataFrame, form: Strips) -> None:
    shown = drawable(total)
    words = [form.words(v) if s else "" for v, s in zip(total["value"], shown, strict=True)]
    closed = singles[~drawable(singles)].groupby(form.column).size().reindex(list(form.ids), fill_value=0)
    columns = [("All", words)] if shown.any() else []
    if closed.any():
        columns.append(("Not shown", [str(n) for n in closed]))
    marks.side(ax, *columns)


def caterpillar(
    rows: pd.DataFrame, key_words: str, reference: tuple[str, float] | None, axis: Callable[[Axes], None]
) -> Figure:
    """A dot per service with its interval, from the least value up, over a line at ``reference`` (name and value)."""
    shown = rows[drawable(rows) & rows["service"].ne(ALL)].sort_values("value", kind="stable")
    closed = int((~drawable(rows) & rows["service"].ne(ALL)).sum())
    entries = [(key_words, marks.dot_handle())]
    if reference:
        entries.append((reference[0], Line2D([], [], color=INK, linewidth=0.8)))
    figure, ax = single(_CATERPILLAR + key_height([name for name, _ in entries]))
    y = np.arange(len(shown))
    wide = ranged(shown).to_numpy()
    raster = len(shown) > RASTER
    ends = shown["low"][wide], shown["high"][wide]
    ax.hlines(y[wide], *ends, color=FAINT, linewidth=0.6, alpha=0.7, zorder=2, rasterized=raster)
    ax.scatter(shown["value"], y, s=5, color=MAIN, linewidth=0, zorder=3, rasterized=raster)
    if reference:
        marks.reference_line(ax, reference[1])
    ax.set_yticks([])
    ax.set_ylim(-0.02 * len(shown) - 1, 1.02 * len(shown))
    ax.set_ylabel("Services in the order of their value, without names")
    axis(ax)
    not_shown(ax, closed, "service")
    key(figure, entries)
    sign(figure, rows)
    return figure


def not_shown(ax: Axes, closed: int, noun: str) -> None:
    """How many have no mark, in the lower right corner."""
    if closed:
        ax.text(
            0.99, 0.015, f"{counted(closed, noun)} not shown", transform=ax.transAxes, ha="right", va="bottom",
            style="italic", color=MUTED, fontsize=7,
        )  # fmt: skip
