"""One comparison under every combination of choices: a specification curve for an item, an overview of many items.

The comparison as declared belongs in ``rounds.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from pipeline.figures.labels import Labels
from pipeline.figures.many import not_shown
from pipeline.figures.rows import drawable, ranged, select
from pipeline.figures.spec import FigureSpec, figure_spec
from pipeline.figures.specification_overview import overview_spec
from pipeline.figures.specifications import (
    CHOICES,
    DENOMINATORS,
    MODELS,
    OPEN,
    SUMMARIES,
    Multiverse,
    cautions,
    clear_of_zero,
    compared,
    different,
)
from pipeline.figures.style import INK, LINE, MAIN, canvas, key, key_height, sign, styled
from pipeline.figures.words import counted, interval_words, points, span
from schemas.vocabulary import ALL

MOST_CURVES = 4
"""More items than this have an overview only."""

_HEADS = {"category": "Answer", "denominator": "Share", "model": "Services", "at": "Left out"}
_BAND = "#f6e3c8"
_ROW = 0.19


def specs(estimates: pd.DataFrame, labels: Labels) -> Iterator[FigureSpec]:
    """``multiverse-<rounds>`` over several items; ``specifications-<rounds>-<item>`` for each of a few items."""
    rows = select(estimates, statistic="difference", contrast="waves", service=ALL, model=tuple(MODELS))
    rows = rows[rows["term"].ne("") & rows["at"].ne("")]
    for name in dict.fromkeys(rows["term"]):
        some = select(rows, term=name)
        if not drawable(some).any():
            continue
        head = some.iloc[0]
        summaries = select(estimates, statistic=SUMMARIES, term=name, contrast="waves")
        category = head["category"] if summaries.empty else summaries.iloc[0]["category"]
        one = Multiverse(some, summaries, head["instrument"], category, head["reference"], head["wave"], name)
        items = labels.ordered("item", some["item"], one.instrument)
        if len(items) > 1:
            yield overview_spec(one, items, labels)
        for item in items if len(items) <= MOST_CURVES else ():
            if drawable(select(some, item=item)).any():
                yield _curve_spec(one, item, labels)


@styled
def draw_curve(one: Multiverse, item: str, labels: Labels) -> Figure:
    """Above, each specification's difference with its interval, in order; below, a dot for each choice it makes."""
    rows = select(one.rows, item=item)
    shown = rows[drawable(rows)].sort_values(["value", "estimate_id"], kind="stable", ignore_index=True)
    choices = _choices(one.rows, one, labels)
    below = _ROW * sum(len(options) for _, options in choices) + 0.1 * len(choices)
    entries = _curve_key(shown, one)
    names = [name for name, _ in entries]
    figure, axes = canvas(
        2.35 + key_height(names) + below, rows=2, sharex=True, gridspec_kw={"height_ratios": [2.1, max(below, 0.1)]}
    )
    above, panel = axes[:, 0]
    _estimates(above, shown)
    _matrix(panel, shown, choices)
    for place in np.flatnonzero(one.declared(shown).to_numpy()):
        for ax in (above, panel):
            ax.axvspan(place - 0.5, place + 0.5, color=_BAND, linewidth=0, zorder=0)
    not_shown(above, len(rows) - len(shown), "specification")
    key(figure, entries)
    sign(figure, rows)
    return figure


def _estimates(ax: Axes, shown: pd.DataFrame) -> None:
    x, clear, wide = np.arange(len(shown)), clear_of_zero(shown), ranged(shown).to_numpy()
    size = 30 if len(shown) <= 40 else 12 if len(shown) <= 120 else 5
    for some, colour in ((clear, MAIN), (~clear, OPEN)):
        both = some & wide
        ax.vlines(
            x[both], shown["low"][both], shown["high"][both], color=colour, linewidth=1.4 if len(x) <= 60 else 0.7,
            zorder=2,
        )  # fmt: skip
        ax.scatter(x[some], shown["value"][some], s=size, color=colour, linewidth=0, zorder=3)
    ax.axhline(0, color=INK, linewidth=0.8, zorder=1)
    ax.set_xlim(-0.7, len(shown) - 0.3)
    ax.margins(y=0.12)
    ax.grid(visible=False, axis="x")
    ax.grid(visible=True, axis="y")
    ax.tick_params(axis="x", length=0, labelbottom=False)
    ax.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda difference, _: points(difference)))
    ax.set_ylabel("Difference, percentage points")


def _choices(rows: pd.DataFrame, one: Multiverse, labels: Labels) -> list[tuple[str, list[tuple[str, str]]]]:
    """The choices that vary, each with its options: id and words."""
    found = []
    for choice in CHOICES:
        options = list(dict.fromkeys(rows[choice]))
        if len(options) > 1:
            found.append((choice, [(option, _option(choice, option, one, labels)) for option in options]))
    return found


def _option(choice: str, option: str, one: Multiverse, labels: Labels) -> str:
    if choice == "category":
        return f"“{labels.label('category', option, one.instrument)}”"
    if choice == "at":
        return "no service" if option == "1" else f"services under {option} answers"
    return {**MODELS, **DENOMINATORS}.get(option, option)


def _matrix(ax: Axes, shown: pd.DataFrame, choices: Sequence[tuple[str, list[tuple[str, str]]]]) -> None:
    y, ticks, names, gap = 0.0, [], [], 0.5
    clear, x = clear_of_zero(shown), np.arange(len(shown))
    size = 17 if len(shown) <= 40 else 8 if len(shown) <= 120 else 3
    for choice, options in choices:
        for place, (option, words) in enumerate(options):
            chosen = shown[choice].eq(option).to_numpy()
            ax.scatter(x, np.full(len(x), y), s=size / 4, color="#d5d5d5", linewidth=0, zorder=1)
            colours = np.where(clear[chosen], MAIN, OPEN)
            ax.scatter(x[chosen], np.full(chosen.sum(), y), s=size, c=colours, linewidth=0, zorder=3)
            ticks.append(y)
            names.append(f"{_HEADS[choice]}: {words}" if place == 0 else words)
            y += 1
        ax.axhline(y - 0.5 + gap / 2, color=LINE, linewidth=0.5)
        y += gap
    ax.set_ylim(y - gap - 0.5, -0.6)
    ax.set_yticks(ticks, names)
    ax.tick_params(axis="both", length=0, labelbottom=False)
    ax.grid(visible=False)
    ax.set_xlabel(f"{counted(len(shown), 'specification')}, in the order of the difference")


def _curve_key(shown: pd.DataFrame, one: Multiverse) -> list[tuple[str, Any]]:
    entries: list[tuple[str, Any]] = []
    clear = clear_of_zero(shown)
    if clear.any():
        entries.append(("Interval excludes 0", _handle(MAIN)))
    if not clear.all():
        entries.append(("Interval holds 0", _handle(OPEN)))
    if one.declared(shown).any():
        entries.append(("As declared", Patch(facecolor=_BAND)))
    return entries


def _handle(colour: str) -> Line2D:
    return Line2D([], [], color=colour, marker="o", markersize=5, linewidth=1.4, markeredgewidth=0)


def _curve_spec(one: Multiverse, item: str, labels: Labels) -> FigureSpec:
    what = labels.label("item", item, one.instrument)
    rows, used = select(one.rows, item=item), select(one.used(), item=item)
    title = f"{what}: the comparison under other choices"
    caption = [f"{compared(one, labels)}: “{what}”, with {interval_words(rows)}.", *cautions(one, rows, used)]
    alt = [f"Specification curve. {caption[0]}", *_told(rows)]
    draw = partial(draw_curve, one, item, labels)
    return figure_spec(f"specifications-{one.name}-{item}", title, caption, draw, alt, used)


def _told(rows: pd.DataFrame) -> list[str]:
    """What is drawn, in words: how many, the range, and what they agree on."""
    shown = rows[drawable(rows)]
    ends = span(points(shown["value"].min()), points(shown["value"].max()))
    clear = int(clear_of_zero(shown).sum())
    hidden = len(rows) - len(shown)
    values = different(shown)["value"]
    up, down = int((values > 0).sum()), int((values < 0).sum())
    return [
        f"{counted(len(shown), 'specification')}: {ends} points, median {points(values.median())}.",
        f"Of {counted(len(values), 'different value')} {up} positive, {down} negative.",
        f"The interval excludes 0 in {clear or 'none'} of {len(shown)}.",
        f"{counted(hidden, 'specification')} not shown." if hidden else "",
    ]
