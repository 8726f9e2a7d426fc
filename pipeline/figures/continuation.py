"""Who goes on: the share of clients with at least so many sessions to come to, by service.

Sessions of clients as they stand belong in ``dose.py``.
"""

from __future__ import annotations

from functools import partial

import pandas as pd
from matplotlib.figure import Figure

from pipeline.figures import marks
from pipeline.figures.labels import Labels
from pipeline.figures.many import in_short, many, share_strips, strips
from pipeline.figures.rows import align, drawable, records, select
from pipeline.figures.spec import FigureSpec, figure_spec
from pipeline.figures.style import canvas, row_height, row_labels, sign, styled
from pipeline.figures.words import counted, interval_words, listed, percent, plain, provenance, span
from schemas.vocabulary import ALL

_ACROSS = 2
_TITLE = "Clients who go on"
_UNIT = "Clients who go on (%)"


def specs(estimates: pd.DataFrame, labels: Labels) -> list[FigureSpec]:
    """``continuation``, where all services together have a share to draw."""
    rows = select(estimates, statistic="continuation")
    return [_spec(rows, labels)] if drawable(select(rows, service=ALL)).any() else []


def _numbers(rows: pd.DataFrame) -> list[str]:
    return sorted(dict.fromkeys(rows["at"]), key=int)


@styled
def draw(rows: pd.DataFrame, labels: Labels) -> Figure:
    """A panel per number of sessions: a dot per service with its interval, all services last."""
    services, numbers = labels.services(rows["service"]), _numbers(rows)
    names = row_labels([labels.label("service", service) for service in services])
    columns = min(_ACROSS, len(numbers))
    lines = -(-len(numbers) // columns)
    figure, axes = canvas(0.4 + lines * (0.5 + len(names) * row_height(names, 0.26)), lines, columns, sharey=True)
    rule = len(services) - 1 if services[-1] == ALL and len(services) > 1 else None
    for position, ax in enumerate(axes.flat):
        if position >= len(numbers):
            ax.set_axis_off()
            continue
        some = align(select(rows, at=numbers[position]), "service", services)
        marks.intervals(ax, some)
        marks.dots(ax, some)
        marks.absences(ax, some)
        marks.row_axis(ax, names, rule)
        marks.share_axis(ax, "", (0, 0.25, 0.5, 0.75, 1))
        marks.side(ax, ("n", [plain(n) for n in some["n"]]))
        ax.set_title(f"To at least {numbers[position]} sessions", loc="left", fontsize=8.5, pad=12)
    sign(figure, rows, _UNIT)
    return figure


@styled
def draw_many(rows: pd.DataFrame) -> Figure:
    """A row per number of sessions, a dot per service."""
    numbers = _numbers(rows)
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
        for at in _numbers(rows)
        if len(some := select(others, at=at))
    ]
    closed = len(rows) - len(shown)
    return [
        f"Clients who go on, all services together: {listed(words)}.",
        f"Single services shown: {listed(spread)}." if spread else "",
        f"{counted(closed, 'value')} not shown." if closed else "",
    ]
