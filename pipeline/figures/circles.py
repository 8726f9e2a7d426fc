"""Circles of steps that feed each other, drawn so that each arrow shows what it rests on.

Which passages those are stands in the table that the arrows' numbers lead to.
"""

from __future__ import annotations

from functools import partial
from math import atan2, cos, hypot, pi, sin
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch
from matplotlib.text import Text

from pipeline.figures.spec import FigureSpec, shorten
from pipeline.figures.style import INK, LINE, key, single, styled
from pipeline.figures.words import wrap

COLOURS = {"virtuous": "#1b6e6a", "vicious": "#a3431f"}
_STYLES: dict[str, Any] = {"evidence": "solid", "apart": (0, (4, 2)), "none": (0, (1, 2))}
_NAMES = {
    "evidence": "Participants or evaluators state the link",
    "apart": "The link is the authors’ argument, or advice",
    "none": "No document draws it, or none that is present",
}
_HEIGHT, _WIDE = 3.9, 1.75

Row = dict[str, Any]


def specs(circles: pd.DataFrame) -> list[FigureSpec]:
    """``circle-<id>`` for each circle."""
    return [_spec(str(name), own) for name, own in circles.groupby("circle", sort=False)]


def _spec(name: str, arrows: pd.DataFrame) -> FigureSpec:
    title = str(arrows["title"].iloc[0])
    caption = (
        f"{title}. Numbers lead to the passages that state each link. No link is measured: the circle is an "
        "argument, not a result."
    )
    steps = [str(label) for label in arrows["start_label"].unique()]
    solid = sum(ground(row) == "evidence" for row in _rows(arrows))
    alt = [
        f"{title}: {' → '.join(steps)}.",
        f"Participants or evaluators state {solid} of {len(arrows)} links.",
    ]
    return FigureSpec(f"circle-{name}", title, caption, partial(draw, arrows), shorten(alt), "observed", ())


def _rows(arrows: pd.DataFrame) -> list[Row]:
    return [{str(key): value for key, value in row.items()} for row in arrows.to_dict("records")]


def ground(arrow: Row) -> str:
    """What an arrow rests on: ``evidence``, ``apart`` (no passage that counts) or ``none``."""
    return "evidence" if arrow["counted"] else "apart" if arrow["segments"] else "none"


@styled
def draw(arrows: pd.DataFrame) -> Figure:
    """Steps clockwise from the top, numbered arrows between them."""
    rows = _rows(arrows)
    colour = COLOURS[rows[0]["kind"]]
    figure, ax = single(_HEIGHT)
    ax.set_xlim(-_WIDE, _WIDE)
    ax.set_ylim(-1.2, 1.2)
    ax.axis("off")
    boxes = _boxes(ax, rows, colour)
    for row in rows:
        _arrow(ax, boxes[row["start"]], boxes[row["end"]], row, colour)
    present = {ground(row) for row in rows}
    grounds = [one for one in _STYLES if one in present]
    key(figure, [(_NAMES[one], Line2D([], [], color=colour, linestyle=_STYLES[one])) for one in grounds])
    return figure


def _places(rows: list[Row]) -> dict[str, tuple[float, float]]:
    steps = list(dict.fromkeys(end for row in rows for end in (row["start"], row["end"])))
    turns = [pi / 2 - 2 * pi * number / len(steps) for number in range(len(steps))]
    return {step: (1.28 * cos(turn), sin(turn)) for step, turn in zip(steps, turns, strict=True)}


def _boxes(ax: Axes, rows: list[Row], colour: str) -> dict[str, Text]:
    """A box with its words for each step."""
    labels = {row[end]: row[f"{end}_label"] for row in rows for end in ("start", "end")}
    box = {"boxstyle": "round,pad=0.45", "facecolor": "white", "edgecolor": colour, "linewidth": 1}
    return {
        step: ax.text(
            x, y, wrap(labels[step], 22), ha="center", va="center", fontsize=8.5, color=INK, bbox=dict(box), zorder=3
        )
        for step, (x, y) in _places(rows).items()
    }


def _arrow(ax: Axes, start: Text, end: Text, row: Row, colour: str) -> None:
    """An arrow from box to box, drawn after them, so that it begins and ends at their edges."""
    one, other = start.get_position(), end.get_position()
    arrow = FancyArrowPatch(
        one, other, arrowstyle="-|>", mutation_scale=11, color=colour, linestyle=_STYLES[ground(row)], linewidth=1.2,
        patchA=start.get_bbox_patch(), patchB=end.get_bbox_patch(), shrinkA=3, shrinkB=3,
        connectionstyle="arc3,rad=-0.12", zorder=4,
    )  # fmt: skip
    ax.add_patch(arrow)
    x, y = (one[0] + other[0]) / 2, (one[1] + other[1]) / 2
    out, turn = hypot(x, y) or 1, atan2(y, x)
    badge = {"boxstyle": "circle,pad=0.22", "facecolor": "white", "edgecolor": LINE, "linewidth": 0.7}
    place = ((out + 0.07) * cos(turn), (out + 0.07) * sin(turn))
    ax.text(*place, str(row["number"]), ha="center", va="center", fontsize=7.5, color=colour, bbox=badge, zorder=5)
