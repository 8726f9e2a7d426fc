"""Many services beside each other: the share of each against its number of answers, within the limits of chance.

Services outside the outer limits are named where they are a dozen at most: names of some of many would say nothing
but that these come first. Few services, all with names, belong in ``services.py``.
"""

from __future__ import annotations

import textwrap
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter

from pipeline.figures import many, marks
from pipeline.figures.comparison import LIMITS, Comparison, beyond
from pipeline.figures.labels import Labels
from pipeline.figures.rows import drawable, ranged, records, select
from pipeline.figures.spec import FigureSpec, figure_spec
from pipeline.figures.style import BANDS, INK, LINE, MAIN, WIDTH, canvas, key, key_height, sign, styled
from pipeline.figures.words import counted, listed, percent, provenance, span, wrap
from schemas.vocabulary import ALL

Box = tuple[float, float, float, float]
"""Left, bottom, right and top as parts of a panel."""

ACROSS = 3
A_PAGE = 9
"""Panels that fit on a page."""

MOST_NAMED = 12

_PANEL = 2.1  # inches
_LONGEST = 20  # characters of a name inside a panel
_LINE = 0.07  # height of a name, as part of the panel's
_CHARACTER = 0.051  # inches that a character of a name takes
_CORNER: Box = (0.4, 0.0, 1.0, 0.09)  # where the number of those not shown stands
_SKEWED = 10  # times the middle size: larger services make the axis logarithmic


def spec(one: Comparison, labels: Labels, name: str, title: str) -> FigureSpec:
    """The figure of up to ``A_PAGE`` items."""
    caption = [
        f"{title}: each dot is one service, by how many answered.",
        "Shaded: the ranges in which a service with this number of answers falls 95% and 99.8% of the time, if all "
        "services are alike."
        if ranged(one.limits).any()
        else "",
        _outer_words(one),
        "This is not a ranking; the released values are in estimates.csv.",
        provenance(one.rows()),
    ]
    return figure_spec(name, title, caption, partial(draw, one, labels), _alt(one, labels), one.rows())


def _outer(one: Comparison) -> list[str]:
    """Services outside the outer limits on any of the items, in declared order."""
    found = set(beyond(one, LIMITS[0])["service"])
    return [service for service in one.services if service in found]


def _named(one: Comparison) -> list[str]:
    """Services to name: those outside, where they are few."""
    outer = _outer(one)
    return outer if len(outer) <= MOST_NAMED else []


def _outer_words(one: Comparison) -> str:
    if not ranged(one.limits).any():
        return ""
    outer = len(_outer(one))
    head = "About 1 value in 500 is outside the 99.8% limits by chance alone"
    if not outer:
        return f"{head}; none is."
    names = "named" if _named(one) else "too many to name"
    return f"{head}; {counted(outer, 'service')} with at least one, {names}."


@styled
def draw(one: Comparison, labels: Labels) -> Figure:
    """A panel per item: number of answers across, share upwards, limits as bands that narrow with size."""
    columns = min(ACROSS, len(one.items))
    lines = -(-len(one.items) // columns)
    entries = _key(one)
    height = 0.45 + key_height([name for name, _ in entries]) + lines * _PANEL
    figure, axes = canvas(height, lines, columns, sharex=True, sharey=True)
    for position, ax in enumerate(axes.flat):
        if position >= len(one.items):
            ax.set_axis_off()
            continue
        item = one.items[position]
        title = labels.label("item", item, one.instrument)
        ax.set_title(wrap(title, int(WIDTH / columns / 0.072)), loc="left", fontsize=8.5, pad=6)
        _panel(ax, one.of_items([item]))
        ax.tick_params(axis="x", labelbottom=position + columns >= len(one.items))
    _axes(axes[0, 0], one)
    named = _named(one)
    for ax, item in zip(axes.flat, one.items, strict=False):
        outer = beyond(one.of_items([item]), LIMITS[0])
        _names(ax, outer[outer["service"].isin(named)], labels, 0.9 * WIDTH / columns)
    answer = labels.label("category", one.category, one.instrument)
    figure.supylabel(f"“{answer}”, % of those who answered", fontsize=8.5)
    key(figure, entries)
    sign(figure, one.rows(), "Number who answered")
    return figure


def _panel(ax: Axes, one: Comparison) -> None:
    for at, colour in zip(LIMITS, BANDS, strict=True):
        _band(ax, select(one.limits, at=at), colour)
    overall = select(one.shares, service=ALL)
    if drawable(overall).any():
        ax.axhline(float(overall["value"].iloc[0]), color=INK, linewidth=0.8, zorder=1)
    singles = one.shares[one.shares["service"].ne(ALL)]
    shown = singles[drawable(singles)]
    outer = shown["service"].isin(beyond(one, LIMITS[0])["service"])
    for some, size, colour in ((shown[~outer], 5, many.FAINT), (shown[outer], 15, MAIN)):
        ax.scatter(
            some["n"], some["value"], s=size, color=colour, linewidth=0, zorder=3, rasterized=len(some) > many.RASTER
        )
    many.not_shown(ax, len(singles) - len(shown), "service")
    ax.grid(visible=True, axis="both")


def _band(ax: Axes, limits: pd.DataFrame, colour: str) -> None:
    """The limits of the services' own sizes, joined; wider by half an answer, so that a single size shows too."""
    rows = limits[ranged(limits)].drop_duplicates("n").sort_values("n")
    if len(rows):
        n, low, high = (np.pad(rows[column].to_numpy(dtype=float), 1, mode="edge") for column in ("n", "low", "high"))
        n[[0, -1]] += (-0.5, 0.5)
        ax.fill_between(n, low, high, color=colour, linewidth=0, zorder=0.8)


def _axes(ax: Axes, one: Comparison) -> None:
    """Both axes, which all panels share: no wider than what is drawn."""
    shown = one.shares[drawable(one.shares) & one.shares["service"].ne(ALL)]
    limits = one.limits[ranged(one.limits)]
    values = pd.concat([shown["value"], limits["low"], limits["high"]])
    room = 0.05 * max(values.max() - values.min(), 0.1)
    ax.set_ylim(values.min() - room, values.max() + room)
    ax.yaxis.set_major_formatter(FuncFormatter(lambda share, _: percent(share, "")))
    n = shown["n"]
    if n.max() > _SKEWED * n.median():
        ax.set_xscale("log")
        ax.set_xlim(0.8 * n.min(), 1.3 * n.max())
        _log_ticks(ax)
    else:
        ax.set_xlim(0, 1.06 * n.max())


def _log_ticks(ax: Axes) -> None:
    """Powers of ten, which have room in a narrow panel; more where there would be one only."""
    marks.plain_log_ticks(ax)
    tens = [tick for tick in ax.get_xticks() if np.isclose(np.log10(tick) % 1, 0)]
    if len(tens) > 1:
        ax.set_xticks(tens)


def _names(ax: Axes, outer: pd.DataFrame, labels: Labels, width: float) -> None:
    """The names beside their dots, where they meet neither each other nor another such dot."""
    place = ax.transData + ax.transAxes.inverted()
    dots = [tuple(place.transform((row["n"], row["value"]))) for row in records(outer)]
    taken = [_CORNER, *((x - 0.02, y - 0.03, x + 0.02, y + 0.03) for x, y in dots)]
    for row, (x, y) in zip(records(outer), dots, strict=True):
        name = textwrap.shorten(labels.label("service", row["service"]), _LONGEST, placeholder="…")
        boxes = _boxes(x, y, len(name) * _CHARACTER / width)
        free = [box for box in boxes if _inside(box) and not any(_meet(box, other) for other in taken)]
        box = (free or boxes)[0]
        taken.append(box)
        to_right = box[0] > x
        ax.annotate(
            name, (x, y), xytext=(box[0] if to_right else box[2], (box[1] + box[3]) / 2), xycoords="axes fraction",
            textcoords="axes fraction", ha="left" if to_right else "right", va="center", fontsize=6.5, zorder=4,
            arrowprops={"arrowstyle": "-", "color": LINE, "linewidth": 0.5, "shrinkA": 0, "shrinkB": 2},
        )  # fmt: skip


def _boxes(x: float, y: float, width: float) -> list[Box]:
    """Where the name of a dot may stand, best first: level with it towards the middle, the other side, then off."""
    sides = [x + 0.04, x - 0.04 - width]
    sides = sides if x <= 0.5 else sides[::-1]
    half = _LINE / 2
    return [
        (left, y + off * _LINE - half, left + width, y + off * _LINE + half)
        for off in (0, 1, -1, 2, -2)
        for left in sides
    ]


def _inside(box: Box) -> bool:
    return min(box) >= 0 and max(box) <= 1


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _key(one: Comparison) -> list[tuple[str, Any]]:
    entries: list[tuple[str, Any]] = [("One service", many.dot_key(many.FAINT))]
    if _outer(one):
        entries.append(("Outside 99.8% limits", Line2D([], [], color=MAIN, marker="o", ms=4.2, linewidth=0)))
    if drawable(select(one.shares, service=ALL)).any():
        entries.append(("All services", Line2D([], [], color=INK, linewidth=0.8)))
    known = set(one.limits["at"][ranged(one.limits)])
    bands = zip(reversed(LIMITS), reversed(BANDS), strict=True)
    shown = [(at, colour) for at, colour in bands if at in known]
    return entries + [(f"{100 * float(at):g}% limits", Patch(facecolor=colour)) for at, colour in shown]


def _alt(one: Comparison, labels: Labels) -> list[str]:
    answer = labels.label("category", one.category, one.instrument)
    singles = one.shares[one.shares["service"].ne(ALL)]
    shown = singles[drawable(singles)]
    ends = span(percent(shown["value"].min()), percent(shown["value"].max()))
    outer = _outer(one)
    who = listed([labels.label("service", service) for service in _named(one)]) or counted(len(outer), "service")
    size = f"{counted(len(one.services), 'service')} and {counted(len(one.items), 'item')}"
    closed = len(singles) - len(shown)
    return [
        f"Funnel plot of {size}: a dot per service, share “{answer}” ({ends}) against the number who answered, over "
        "bands of chance that narrow with size.",
        f"Outside the 99.8% limits on at least one item: {who}." if outer else "",
        "No share shown is outside the 99.8% limits." if ranged(one.limits).any() and not outer else "",
        f"{counted(closed, 'value')} not shown." if closed else "",
    ]
