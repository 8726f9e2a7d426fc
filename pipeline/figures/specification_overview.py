"""Many items of one comparison under every combination of choices: a strip an item.

One item with what each specification chooses belongs in ``specification_curve``.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from pipeline.figures import marks
from pipeline.figures.labels import Labels
from pipeline.figures.many import aside
from pipeline.figures.rows import align, drawable, select
from pipeline.figures.spec import FigureSpec, figure_spec
from pipeline.figures.specifications import CHOICES, OPEN, SUMMARIES, Multiverse, cautions, compared, varied
from pipeline.figures.style import key, key_height, row_height, row_labels, sign, single, styled
from pipeline.figures.words import counted, plain, points, span

_COUNTED = "Same sign: differences that are one number by construction count once; Excludes 0: all intervals."
_SPREAD = 0.5  # of a row, over which the specifications of an item lie


@styled
def draw_overview(one: Multiverse, items: Sequence[str], labels: Labels) -> Figure:
    """A row an item: every specification a small dot, their range a line, the comparison as declared a large dot."""
    names = row_labels([labels.label("item", item, one.instrument) for item in items])
    declared = align(one.rows[one.declared(one.rows)], "item", items)
    entries = [("As declared", marks.dot_handle(line=False))] if drawable(declared).any() else []
    entries.append(("Other choices", _small_handle()))
    figure, ax = single(0.95 + key_height([name for name, _ in entries]) + len(names) * row_height(names, 0.34))
    marks.reference_line(ax, 0.0)
    for y, item in enumerate(items):
        _strip(ax, y, select(one.rows, item=item))
    marks.dots(ax, declared)
    marks.row_axis(ax, names)
    ends = one.rows["value"].where(drawable(one.rows)).abs().max()
    ax.set_xlim(-max(0.05, 1.12 * ends), max(0.05, 1.12 * ends))
    answer = labels.label("category", one.category, one.instrument)
    ax.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10], min_n_ticks=3))
    marks.point_ticks(ax, f"Difference in “{answer}”, percentage points")
    marks.side(ax, *_columns(one, items))
    key(figure, entries)
    sign(figure, one.used())
    return figure


def _small_handle() -> Line2D:
    return Line2D([], [], color=OPEN, marker="o", markersize=3, linewidth=1.2, markeredgewidth=0)


def _strip(ax: Axes, y: int, rows: pd.DataFrame) -> None:
    values = rows["value"][drawable(rows)].to_numpy()
    if not len(values):
        marks.absent(ax, y, marks.absence(rows.iloc[0]))
        return
    ax.hlines(y, values.min(), values.max(), color=OPEN, linewidth=1.2, zorder=1)
    ax.scatter(values, y + _SPREAD * aside(len(values)), s=7, color=OPEN, linewidth=0, zorder=2)


def _columns(one: Multiverse, items: Sequence[str]) -> list[tuple[str, list[str]]]:
    """Of how many differences how many agree, of how many intervals how many exclude 0, as released.

    A word where that is withheld. Differences that are one number by construction count once; intervals all count.
    """
    frames = [align(select(one.summaries, statistic=name), "item", items) for name in SUMMARIES[:4]]
    every, distinct, same, clear = frames
    columns = []
    for head, frame, total in (("Same sign", same, distinct), ("Excludes 0", clear, every)):
        known = drawable(frame) & drawable(total)
        pairs = zip(frame["value"], total["value"], known, strict=True)
        columns.append((head, [f"{plain(k)} of {plain(n)}" if shown else "–" for k, n, shown in pairs]))
    return columns if any(text != "–" for _, texts in columns for text in texts) else []


def overview_spec(one: Multiverse, items: Sequence[str], labels: Labels) -> FigureSpec:
    """``multiverse-<rounds>``: all items of a comparison."""
    answer = labels.label("category", one.category, one.instrument)
    title = f"{answer}: the comparison under other choices"
    each = len(one.rows.drop_duplicates(list(CHOICES)))
    hidden = int((~drawable(one.rows)).sum())
    choices = varied(one)
    caption = [
        f"{compared(one, labels)} ({each} for each item){': ' if choices else ''}{choices}.",
        _COUNTED if _columns(one, items) else "",
        f"{counted(hidden, 'specification')} of {len(one.rows)} not shown." if hidden else "",
        "–: withheld, because a specification that it counts is." if _withheld(one, items) else "",
        *cautions(one, one.rows, one.used()),
    ]
    alt = [f"{compared(one, labels)}, {counted(len(items), 'item')}.", *_held(one, items, labels)]
    draw = partial(draw_overview, one, items, labels)
    return figure_spec(f"multiverse-{one.name}", title, caption, draw, alt, one.used())


def _withheld(one: Multiverse, items: Sequence[str]) -> bool:
    texts = [text for _, column in _columns(one, items) for text in column]
    return "–" in texts


def _held(one: Multiverse, items: Sequence[str], labels: Labels) -> list[str]:
    """Which items keep their sign under all choices that are shown, and the widest range."""
    shown = one.rows[drawable(one.rows)]
    values = {item: select(shown, item=item)["value"] for item in items}
    ends = {item: (float(some.min()), float(some.max())) for item, some in values.items() if len(some)}
    held = [item for item, (low, high) in ends.items() if low > 0 or high < 0]
    widest = max(ends, key=lambda item: ends[item][1] - ends[item][0])
    low, high = ends[widest]
    name = labels.label("item", widest, one.instrument)
    least, largest = min(low for low, _ in ends.values()), max(high for _, high in ends.values())
    return [
        f"The sign is the same under all choices shown for {len(held) or 'none'} of {len(ends)} items.",
        f"Widest range: {name}, {span(points(low), points(high))} percentage points.",
        f"All differences lie between {points(least)} and {points(largest)}.",
    ]
