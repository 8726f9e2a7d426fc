"""Shares pooled over services: a forest of items with intervals and prediction intervals.

The single services belong in ``services.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from pipeline.figures import marks
from pipeline.figures.labels import Labels
from pipeline.figures.rows import align, drawable, extremes, ranged, select
from pipeline.figures.spec import FigureSpec, figure_spec
from pipeline.figures.style import key, key_height, row_height, row_labels, sign, single, styled
from pipeline.figures.words import interval_words, percent, provenance, span

_FAINT = "#7f93a8"

LEFT_OUT = "leave-one-out"
"""Contrast of the pooled shares without one of the services."""


def specs(some: pd.DataFrame, labels: Labels, suffix: str) -> list[FigureSpec]:
    """``pooled-<suffix>`` from the estimates of one answer at one wave, where a pooled share may be drawn."""
    every = select(some, statistic="pooled_share", group="")
    pooled = select(every, contrast="")
    if not drawable(pooled).any():
        return []
    head = pooled.iloc[0]
    used = pd.concat([every, select(some, statistic=("prediction_interval", "heterogeneity_i2"))])
    answer = labels.label("category", head["category"], head["instrument"])
    title = f"“{answer}” pooled over services, {labels.label('wave', head['wave'])}"
    future = ranged(select(used, statistic="prediction_interval")).any()
    caption = [
        f"{title}: random-effects mean with {interval_words(pooled)}.",
        "Thin line: the range in which a new, similar service is expected." if future else "",
        "I²: share of the variation between services beyond chance.",
        "One left out: the pooled share without each service in turn."
        if any(_left_out(used, list(pooled["item"])))
        else "",
        provenance(used),
    ]
    drawing = partial(draw, used, labels)
    return [figure_spec(f"pooled-{suffix}", title, caption, drawing, _alt(pooled, answer, labels), used)]


@styled
def draw(rows: pd.DataFrame, labels: Labels) -> Figure:
    """A forest of items: pooled share with interval (thick) and prediction interval (thin)."""
    pooled = select(rows, statistic="pooled_share", contrast="")
    instrument, category = pooled["instrument"].iloc[0], pooled["category"].iloc[0]
    items = labels.ordered("item", pooled["item"], instrument)
    names = row_labels([labels.label("item", item, instrument) for item in items])
    entries = _key(rows)
    figure, ax = single(0.85 + key_height([name for name, _ in entries]) + len(names) * row_height(names))
    aligned = align(pooled, "item", items)
    marks.intervals(ax, align(select(rows, statistic="prediction_interval"), "item", items), colour=_FAINT, width=1.1)
    marks.intervals(ax, aligned, width=2.6)
    marks.dots(ax, aligned)
    marks.absences(ax, aligned)
    marks.row_axis(ax, names)
    marks.share_axis(ax, f"“{labels.label('category', category, instrument)}”, % of those who answered")
    _numbers(ax, rows, aligned, items)
    key(figure, entries)
    sign(figure, rows)
    return figure


def _key(rows: pd.DataFrame) -> list[tuple[str, Any]]:
    interval = interval_words(select(rows, statistic="pooled_share", contrast="")).removesuffix("s")
    entries: list[tuple[str, Any]] = [(f"Pooled share and {interval}", marks.dot_handle())]
    if ranged(select(rows, statistic="prediction_interval")).any():
        entries.append(("Prediction interval for a new service", Line2D([], [], color=_FAINT, linewidth=1.1)))
    return entries


def _numbers(ax: marks.Axes, rows: pd.DataFrame, pooled: pd.DataFrame, items: Sequence[str]) -> None:
    shown = drawable(pooled)
    columns = [("Share", [percent(v) if s else "" for v, s in zip(pooled["value"], shown, strict=True)])]
    squared = align(select(rows, statistic="heterogeneity_i2"), "item", items)
    if drawable(squared).any():
        values = squared["value"].where(drawable(squared))
        columns.append(("I²", ["" if pd.isna(v) else percent(v) for v in values]))
    ranges = _left_out(rows, items)
    columns += [("One left out", ranges)] if any(ranges) else []
    marks.side(ax, *columns)


def _left_out(rows: pd.DataFrame, items: Sequence[str]) -> list[str]:
    """Least and largest share of each item without one service; empty where one of them may not be shown."""
    without = select(rows, statistic="pooled_share", contrast=LEFT_OUT)
    told = []
    for item in items:
        values = select(without, item=item)
        whole = len(values) > 1 and bool(drawable(values).all())
        told.append(span(percent(values["value"].min()), percent(values["value"].max())) if whole else "")
    return told


def _alt(pooled: pd.DataFrame, answer: str, labels: Labels) -> list[str]:
    shown = pooled[drawable(pooled)]
    least, top = extremes(shown)
    words = [f"{percent(r['value'])} for {labels.label('item', r['item'], r['instrument'])}" for r in (least, top)]
    if len(shown) == 1:
        return [f"Share “{answer}” pooled over services: {words[0]}."]
    return [f"Share “{answer}” pooled over services: from {words[0]} to {words[1]} ({len(shown)} items)."]
