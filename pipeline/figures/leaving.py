"""What goes with leaving a post: hazard ratios of a Cox model.

How many stay belongs in ``workforce.py``.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from pipeline.figures import marks
from pipeline.figures.labels import Labels
from pipeline.figures.rows import drawable, ranged, records, select
from pipeline.figures.spec import FigureSpec, figure_spec
from pipeline.figures.style import row_height, row_labels, sign, single, styled
from pipeline.figures.words import counted, interval_words, listed, notes, provenance

_WORDS = {"fte": "Full-time equivalent"}
_MOST = 16
"""Ratios up to which they are drawn."""


def specs(estimates: pd.DataFrame, labels: Labels) -> list[FigureSpec]:
    """``leaving``, where there is a hazard ratio to draw and not very many."""
    ratios = select(estimates, statistic="hazard_ratio")
    return [_spec(ratios, labels)] if drawable(ratios).any() and len(ratios) <= _MOST else []


def _name(row: dict[str, Any], labels: Labels) -> str:
    """``With mentor, against without mentor``; a service by its name."""
    if row["term"] == "service":
        one, other = (labels.label("service", row[key]) for key in ("service", "reference"))
        return f"{one}, against {other}"
    one, other = row["term"].removeprefix("role-"), row["reference"].removeprefix("role-")
    first = _WORDS.get(one) or labels.label("", one)
    return f"{first}, against {other.replace('-', ' ')}" if other else first


@styled
def draw_leaving(rows: pd.DataFrame, labels: Labels) -> Figure:
    """A row per term: its hazard ratio with interval, on a log axis."""
    rows = rows.reset_index(drop=True)
    names = row_labels([_name(row, labels) for row in records(rows)])
    figure, ax = single(0.75 + len(names) * row_height(names))
    ax.set_xscale("log")
    marks.reference_line(ax, 1.0)
    marks.intervals(ax, rows)
    marks.dots(ax, rows)
    marks.row_axis(ax, names)
    reach = _reach(rows)
    ax.set_xlim(1 / reach, reach)
    marks.plain_log_ticks(ax)
    ax.set_xlabel("Ratio of the rates of leaving (log scale)")
    marks.absences(ax, rows)
    marks.side(ax, ("", [_ratio(row) for row in records(rows)]))
    sign(figure, rows)
    return figure


def _reach(rows: pd.DataFrame) -> float:
    """As far to both sides of 1 as the dots go, and the intervals up to 64-fold."""
    ends = pd.concat([rows["low"], rows["high"]]).clip(1 / 64, 64).where(lambda end: end > 0)
    every = pd.concat([rows["value"].where(drawable(rows)), ends]).dropna()
    return float(1.15 * max([2.0, *every, *(1 / every)]))


def _ratio(row: dict[str, Any]) -> str:
    if row["suppressed"] or pd.isna(row["value"]) or row["identified"] == "no":
        return ""
    interval = f" ({row['low']:.2f} to {row['high']:.2f})" if pd.notna(row["low"]) and pd.notna(row["high"]) else ""
    return f"{row['value']:.2f}{interval}"


def _spec(rows: pd.DataFrame, labels: Labels) -> FigureSpec:
    shown = rows[drawable(rows)]
    beyond = shown[ranged(shown) & ((shown["low"] > 1) | (shown["high"] < 1))]
    size = shown.iloc[0]
    caption = [
        f"What goes with leaving a post: ratios of the rates of leaving, the other terms equal, with "
        f"{interval_words(shown)} (Cox model of {size['n']:.0f} posts, {size['events']:.0f} ended).",
        "Below 1: leaving is slower.",
        provenance(rows),
        notes(rows),
    ]
    ratios = [f"{_name(row, labels)} {row['value']:.2f}" for row in records(shown)]
    names = [_name(row, labels) for row in records(beyond)]
    closed = len(rows) - len(shown)
    alt = [
        f"Ratios of the rates of leaving a post: {listed(ratios)}.",
        f"Interval excludes 1: {listed(names)}." if names else "No interval excludes 1.",
        f"{counted(closed, 'ratio')} not shown." if closed else "",
    ]
    draw = partial(draw_leaving, rows, labels)
    return figure_spec("leaving", "What goes with leaving a post", caption, draw, alt, rows)
