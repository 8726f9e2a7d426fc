"""Services beside each other: each share within the range that chance allows.

Services stand in declared order: a range, not a ranking. Where there are too many to name, the form is that of
``funnel.py``. Shares pooled over services belong in ``pooled.py``, sessions per client in ``dose.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from pipeline.figures import funnel, many, marks, pooled
from pipeline.figures.comparison import LIMITS, Comparison, outside
from pipeline.figures.labels import Labels
from pipeline.figures.rows import align, drawable, ranged, select
from pipeline.figures.spec import FigureSpec, figure_spec
from pipeline.figures.style import (
    BANDS,
    INK,
    MAIN,
    MANY,
    WIDTH,
    canvas,
    key,
    key_height,
    row_height,
    row_labels,
    sign,
    styled,
)
from pipeline.figures.words import counted, listed, percent, plain, provenance, span, wrap
from schemas.vocabulary import ALL

PAGE = 8.2
"""Tallest figure in inches that leaves room for a caption on a page."""

_ACROSS = 3


def specs(estimates: pd.DataFrame, labels: Labels) -> list[FigureSpec]:
    """``services-<instrument>`` (in pages where it is long) and ``pooled-<instrument>``."""
    compared = select(estimates, statistic=("funnel_limits", "pooled_share"))
    surveys = compared[["instrument", "category", "wave"]].drop_duplicates().itertuples(index=False, name=None)
    found: list[FigureSpec] = []
    seen: set[str] = set()
    for instrument, category, wave in surveys:
        suffix = instrument if instrument not in seen else f"{instrument}-{category}-{wave}"
        seen.add(instrument)
        some = select(estimates, instrument=instrument, category=category, wave=wave)
        found += _service_specs(some, labels, suffix)
        found += pooled.specs(some, labels, suffix)
    return found


def _service_specs(some: pd.DataFrame, labels: Labels, suffix: str) -> list[FigureSpec]:
    limits = select(some, statistic="funnel_limits")
    if limits.empty:
        return []
    denominator = limits["denominator"].iloc[0] or "answered"
    shares = select(some, statistic="share", denominator=denominator, item=list(dict.fromkeys(limits["item"])))
    single_services = shares[shares["service"].ne(ALL)]
    if not drawable(single_services).any():
        return []
    instrument, category, wave = (str(limits[key].iloc[0]) for key in ("instrument", "category", "wave"))
    items = labels.ordered("item", limits["item"], instrument)
    services = labels.ordered("service", single_services["service"])
    whole = Comparison(shares, limits, items, services, instrument, category, wave)
    unnamed = many.many(single_services)
    step = funnel.A_PAGE if unnamed else _a_page(_service_labels(services, labels))
    pages = [whole.of_items(items[start : start + step]) for start in range(0, len(items), step)]
    form = funnel.spec if unnamed else _services_spec
    return [
        form(page, labels, _named(suffix, i), _title(page, labels, len(pages), i)) for i, page in enumerate(pages)
    ]


def _named(suffix: str, position: int) -> str:
    return f"services-{suffix}" + (f"-{position + 1}" if position else "")


def _a_page(services: list[str]) -> int:
    """As many panels as fit on a page in whole rows; at least one row."""
    return max(1, int((PAGE - 0.8) // _panel_height(services))) * _ACROSS


def _title(one: Comparison, labels: Labels, pages: int, page: int) -> str:
    answer = labels.label("category", one.category, one.instrument)
    part = f" ({page + 1} of {pages})" if pages > 1 else ""
    wave = labels.label("wave", one.wave)
    return f"{labels.label('instrument', one.instrument)}: “{answer}” by service, {wave}{part}"


def _panel_height(services: list[str]) -> float:
    return 0.62 + len(services) * row_height(services, 0.25)


def _service_labels(services: list[str], labels: Labels) -> list[str]:
    return row_labels([labels.label("service", service) for service in services])


@styled
def draw_services(one: Comparison, labels: Labels) -> Figure:
    """A panel per item: a dot per service over the band in which services of its size fall by chance."""
    columns = min(_ACROSS, len(one.items))
    lines = -(-len(one.items) // columns)
    entries = _services_key(one)
    names = _service_labels(one.services, labels)
    height = 0.3 + key_height([name for name, _ in entries]) + lines * _panel_height(names)
    figure, axes = canvas(height, lines, columns, sharey=True)
    for position, ax in enumerate(axes.flat):
        if position >= len(one.items):
            ax.set_axis_off()
            continue
        _panel(ax, one, one.items[position])
        title = labels.label("item", one.items[position], one.instrument)
        ax.set_title(wrap(title, _title_characters(names, columns)), loc="left", fontsize=8.5, pad=6)
        marks.row_axis(ax, names)
        ax.tick_params(axis="y", labelsize=8 if len(names) <= MANY else 7)
        below = position + columns >= len(one.items)
        marks.share_axis(ax, "", (0, 0.5, 1))
        ax.tick_params(axis="x", labelbottom=below)
    key(figure, entries)
    answer = labels.label("category", one.category, one.instrument)
    sign(figure, one.rows(), f"“{answer}”, % of those who answered")
    return figure


def _panel(ax: marks.Axes, one: Comparison, item: str) -> None:
    shares = select(one.shares, item=item)
    for at, colour in zip(LIMITS, BANDS, strict=True):
        _band(ax, align(select(one.limits, item=item, at=at), "service", one.services), colour)
    overall = select(shares, service=ALL)
    if drawable(overall).any():
        marks.reference_line(ax, float(overall["value"].iloc[0]))
    rows = align(shares, "service", one.services)
    marks.dots(ax, rows)
    marks.absences(ax, rows)
    marks.side(ax, ("n", [plain(n) for n in rows["n"]]))
    ax.set_xlabel("")


def _title_characters(names: Sequence[str], columns: int) -> int:
    """How long a line of a panel's title can be, given how much the service names take of the width."""
    longest = max(len(line) for name in names for line in name.split("\n"))
    return max(12, int((WIDTH - 0.068 * longest) / columns / 0.072))


def _band(ax: marks.Axes, limits: pd.DataFrame, colour: str) -> None:
    shown = ranged(limits).to_numpy()
    low, high = limits["low"][shown], limits["high"][shown]
    ax.barh(np.flatnonzero(shown), high - low, left=low, height=0.8, color=colour, linewidth=0, zorder=0.8)


def _services_key(one: Comparison) -> list[tuple[str, Any]]:
    entries: list[tuple[str, Any]] = [("One service", marks.dot_handle(MAIN, line=False))]
    if drawable(select(one.shares, service=ALL)).any():
        entries.append(("All services", Line2D([], [], color=INK, linewidth=0.8)))
    known = set(select(one.limits, at=LIMITS)["at"][ranged(one.limits)])
    for at, colour in zip(reversed(LIMITS), reversed(BANDS), strict=True):
        if at in known:
            entries.append((f"{100 * float(at):g}% limits", Patch(facecolor=colour)))
    return entries


def _services_spec(one: Comparison, labels: Labels, name: str, title: str) -> FigureSpec:
    caption = [
        f"{title}.",
        "Shaded: the ranges in which a service with this number of answers falls 95% and 99.8% of the time, if all "
        "services are alike."
        if ranged(one.limits).any()
        else "",
        "Services in their declared order: this is not a ranking." if len(one.services) > 1 else "",
        provenance(one.rows()),
    ]
    return figure_spec(
        name, title, caption, partial(draw_services, one, labels), _services_alt(one, labels), one.rows()
    )


def _services_alt(one: Comparison, labels: Labels) -> list[str]:
    answer = labels.label("category", one.category, one.instrument)
    shown = one.shares[drawable(one.shares) & one.shares["service"].ne(ALL)]
    closed = int((~drawable(one.shares[one.shares["service"].ne(ALL)])).sum())
    size = f"{counted(shown['service'].nunique(), 'service')} and {counted(shown['item'].nunique(), 'item')}"
    wide, narrow = (outside(one, labels, at) for at in LIMITS)
    beyond = [f"{service} ({', '.join(items)})" for service, items in wide.items()]
    near = {s: [i for i in items if i not in wide.get(s, [])] for s, items in narrow.items()}
    between = [f"{service} ({', '.join(items)})" for service, items in near.items() if items]
    ends = span(percent(shown["value"].min()), percent(shown["value"].max()))
    return [
        f"Share “{answer}” by service: {ends} over {size}.",
        _fitting("Outside the 99.8% limits", beyond, list(wide)),
        _fitting("Outside the 95% limits only", between, [s for s, items in near.items() if items]),
        "No share shown is outside the limits." if ranged(one.limits).any() and not beyond and not between else "",
        f"{counted(closed, 'value')} not shown." if closed else "",
    ]


def _fitting(head: str, details: Sequence[str], services: Sequence[str]) -> str:
    """The services with items and shares where that is short enough to be read out, else the services alone."""
    full = f"{head}: {listed(details)}." if details else ""
    return full if len(full) <= 110 else f"{head} on at least one item: {listed(services)}."
