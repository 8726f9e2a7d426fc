"""Who goes on: the share of clients with at least so many sessions to come to, by service.

Sessions of clients as they stand belong in ``dose.py``.
"""

from __future__ import annotations

from functools import partial

import pandas as pd
from matplotlib.figure import Figure

from pipeline.figures.curve_points import curve_points, points
from pipeline.figures.labels import Labels
from pipeline.figures.many import in_short, many, share_strips, strips
from pipeline.figures.rows import drawable, records, select
from pipeline.figures.spec import FigureSpec, figure_spec
from pipeline.figures.style import styled
from pipeline.figures.words import counted, interval_words, listed, percent, provenance, span
from schemas.vocabulary import ALL

_ACROSS = 2
_TITLE = "Clients who go on"
_UNIT = "Clients who go on (%)"


def specs(estimates: pd.DataFrame, labels: Labels) -> list[FigureSpec]:
    """``continuation``, where all services together have a share to draw."""
    rows = select(estimates, statistic="continuation")
    return [_spec(rows, labels)] if drawable(select(rows, service=ALL)).any() else []


@styled
def draw(rows: pd.DataFrame, labels: Labels) -> Figure:
    """A panel per number of sessions: a dot per service with its interval, all services last."""
    return curve_points(rows, labels, lambda at: f"To at least {at} sessions", _UNIT, _ACROSS)


@styled
def draw_many(rows: pd.DataFrame) -> Figure:
    """A row per number of sessions, a dot per service."""
    numbers = points(rows)
    return strips(rows, share_strips("at", numbers, [f"To at least {one} sessions" for one in numbers], _UNIT))


def _spec(rows: pd.DataFrame, labels: Labels) -> FigureSpec:
    first = "Share of clients who go on to at least so many sessions (Kaplan–Meier"
    caption = [
        f"{first}). {in_short(rows, 'Ring: all services; a dot')}"
        if many(rows)
        else f"{first}), with {interval_words(rows)}; n: clients.",
        "Clients seen until shortly before the end may still go on.",
        provenance(rows),
    ]
    form = partial(draw_many, rows) if many(rows) else partial(draw, rows, labels)
    return figure_spec("continuation", _TITLE, caption, form, _alt(rows), rows)


def _alt(rows: pd.DataFrame) -> list[str]:
    shown = rows[drawable(rows)]
    total, others = select(shown, service=ALL), shown[shown["service"].ne(ALL)]
    words = [f"{percent(row['value'])} to at least {row['at']} sessions" for row in records(total)]
    spread = [
        f"{span(percent(some['value'].min()), percent(some['value'].max()))} to at least {at}"
        for at in points(rows)
        if len(some := select(others, at=at))
    ]
    closed = len(rows) - len(shown)
    return [
        f"Clients who go on, all services together: {listed(words)}.",
        f"Single services shown: {listed(spread)}." if spread else "",
        f"{counted(closed, 'value')} not shown." if closed else "",
    ]
