"""The one look of all figures: sizes, type, colours, the canvas, the key and the mark of the data status.

What is drawn for a row of estimates belongs in ``marks.py``.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, ParamSpec

import matplotlib as mpl
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from pipeline.figures.words import marks, wrap

Arguments = ParamSpec("Arguments")

WIDTH = 6.3
"""Width in inches (16 cm): figures are drawn at the size they have in a report, so type sizes hold."""

MANY = 15
"""More rows than this are set closer, so that up to forty still fit on a page."""

INK, MUTED, LINE, GRID = "#222222", "#6b6b6b", "#9a9a9a", "#e7e7e7"
MAIN = "#0b5394"
MISSING = "#e3e3e3"
SPECIAL = ("#c9c9c9", "#b3b3b3", "#9d9d9d", "#878787")
BANDS = ("#e9eef3", "#c3d0dc")
CATEGORIES = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#8a8a8a")
"""Categories without order, told apart by people with any colour vision (Okabe and Ito 2008)."""

_SCALE = "blend:#f2dfa7,#8cc3b0,#3d8fa3,#123f6b"
_CHARACTER = 0.066  # inches that an average character takes at the size of the key
_RC: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 8.5,
    "axes.labelsize": 8.5,
    "axes.labelcolor": INK,
    "axes.titlesize": 8.5,
    "axes.edgecolor": LINE,
    "axes.linewidth": 0.6,
    "axes.grid": True,
    "axes.grid.axis": "x",
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8.5,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.bottom": True,
    "xtick.major.size": 2.5,
    "xtick.major.width": 0.6,
    "ytick.left": False,
    "text.color": INK,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "hatch.linewidth": 0.6,
}


def styled(draw: Callable[Arguments, Figure]) -> Callable[Arguments, Figure]:
    """Run a drawing function under the common style, and leave no trace of it behind."""

    @functools.wraps(draw)
    def under_style(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Figure:
        with mpl.rc_context(dict(sns.axes_style("whitegrid")) | _RC):
            return draw(*args, **kwargs)

    return under_style


def ordered_colours(n: int) -> list[tuple[float, float, float]]:
    """``n`` steps from the lowest answer (light) to the highest (dark)."""
    return list(sns.color_palette(_SCALE, max(n, 2)))[-n:]


def ink_on(colour: Any) -> str:
    """Black or white, whichever is easier to read on the colour (relative luminance, WCAG 2)."""
    channels = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in mpl.colors.to_rgb(colour)]
    luminance = 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]
    return INK if luminance > 0.26 else "white"


def row_labels(names: Sequence[str]) -> list[str]:
    """Labels of the rows in lines; in wider ones where there are many rows."""
    return [wrap(name, 38 if len(names) > MANY else 28) for name in names]


def row_height(names: Sequence[str], least: float = 0.3) -> float:
    """Inches that one row of a chart takes, given its labels in lines; less where there are many rows."""
    lines = max((name.count("\n") + 1 for name in names), default=1)
    if len(names) > MANY:
        return max(0.72 * least, 0.03 + 0.145 * lines)
    return max(least, 0.07 + 0.15 * lines)


def canvas(height: float, rows: int = 1, columns: int = 1, **options: Any) -> tuple[Figure, Any]:
    """A figure of the common width and its axes, as an array of ``rows`` by ``columns``."""
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False, **options)
    _layout(figure, w_pad=0.04, h_pad=0.04, wspace=0.03, hspace=0.02)
    for ax in axes.flat:
        sns.despine(ax=ax, left=True)
    return figure, axes


def single(height: float) -> tuple[Figure, Axes]:
    """A figure with one axes."""
    figure, axes = canvas(height)
    return figure, axes[0, 0]


def sign(figure: Figure, rows: pd.DataFrame, label: str = "") -> None:
    """Write at the bottom right how the data came about, unless they were observed.

    ``label`` is one axis label for all panels; it stands above the mark.
    """
    height, text = figure.get_figheight(), " · ".join(marks(rows))
    mark = 0.2 if text else 0.0
    reserved = (mark + (0.2 if label else 0)) / height
    _layout(figure, rect=(0, reserved, 1, 1 - reserved))
    if text:
        figure.text(0.995, 0.02 / height, text, ha="right", va="bottom", color=MUTED, fontsize=8)
    if label:
        figure.text(0.5, (mark + 0.03) / height, label, ha="center", va="bottom", fontsize=8.5)


def _layout(figure: Figure, **options: Any) -> None:
    engine = figure.get_layout_engine()
    if isinstance(engine, ConstrainedLayoutEngine):
        engine.set(**options)


def key_columns(names: Sequence[str]) -> int:
    """Into how many columns a key fits over the width of the figure."""
    for columns in range(len(names), 1, -1):
        widths = [max(len(name) for name in names[c::columns]) * _CHARACTER + 0.42 for c in range(columns)]
        if sum(widths) <= WIDTH:
            return columns
    return 1


def key_height(names: Sequence[str]) -> float:
    """Inches that the key takes."""
    return 0.1 + 0.18 * -(-len(names) // key_columns(names)) if names else 0.0


def key(figure: Figure, entries: Sequence[tuple[str, Patch | Line2D]]) -> None:
    """A key above the axes that reads from left to right, row by row."""
    names = [name for name, _ in entries]
    columns = key_columns(names)
    by_column = [entries[i] for c in range(columns) for i in range(c, len(entries), columns)]
    figure.legend(
        [handle for _, handle in by_column],
        [name for name, _ in by_column],
        loc="outside upper left",
        ncols=columns,
        handlelength=1.2,
        handleheight=0.9,
        handletextpad=0.5,
        columnspacing=1.2,
        borderaxespad=0.1,
        borderpad=0.1,
    )
