"""A survival curve read at a few points: a panel a point, a dot with its interval a service.

What is read, and how it is worded, belongs in ``workforce.py`` and ``continuation.py``.
"""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pipeline.figures import marks
from pipeline.figures.labels import Labels
from pipeline.figures.rows import align, select
from pipeline.figures.style import canvas, row_height, row_labels, sign
from pipeline.figures.words import plain
from schemas.vocabulary import ALL


def points(rows: pd.DataFrame) -> list[str]:
    """Where the curve is read (``at``), in order."""
    return sorted(dict.fromkeys(rows["at"]), key=float)


def curve_points(rows: pd.DataFrame, labels: Labels, title: Callable[[str], str], unit: str, across: int) -> Figure:
    """At most ``across`` panels beside each other, each under the ``title`` of its point; all services last."""
    services, wanted = labels.services(rows["service"]), points(rows)
    names = row_labels([labels.label("service", service) for service in services])
    columns = min(across, len(wanted))
    lines = -(-len(wanted) // columns)
    figure, axes = canvas(0.4 + lines * (0.5 + len(names) * row_height(names, 0.26)), lines, columns, sharey=True)
    rule = len(services) - 1 if services[-1] == ALL and len(services) > 1 else None
    for ax in axes.flat[len(wanted) :]:
        ax.set_axis_off()
    for at, ax in zip(wanted, axes.flat, strict=False):
        _panel(ax, align(select(rows, at=at), "service", services), names, rule)
        marks.share_axis(ax, "", (0, 0.5, 1) if columns > 2 else (0, 0.25, 0.5, 0.75, 1))
        ax.set_title(title(at), loc="left", fontsize=8.5, pad=12)
    sign(figure, rows, unit)
    return figure


def _panel(ax: Axes, rows: pd.DataFrame, names: list[str], rule: int | None) -> None:
    marks.intervals(ax, rows)
    marks.dots(ax, rows)
    marks.absences(ax, rows)
    marks.row_axis(ax, names, rule)
    marks.side(ax, ("n", [plain(n) for n in rows["n"]]))
