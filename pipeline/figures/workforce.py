"""Posts over time and how many post holders stay.

Contacts and clients belong in ``support.py`` and ``dose.py``.
"""

from __future__ import annotations

from functools import partial

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from pipeline.figures import leaving
from pipeline.figures.curve_points import curve_points
from pipeline.figures.labels import Labels
from pipeline.figures.many import aside, in_short, many, not_shown, share_strips, strips
from pipeline.figures.rows import absence, drawable, records, select
from pipeline.figures.spec import FigureSpec, figure_spec
from pipeline.figures.style import MAIN, MANY, MUTED, canvas, sign, styled
from pipeline.figures.words import counted, interval_words, listed, percent, provenance, span, wrap
from schemas.vocabulary import ALL

_ACROSS = 3


def specs(estimates: pd.DataFrame, labels: Labels) -> list[FigureSpec]:
    """``headcount``, ``retention`` and ``leaving``, as far as the estimates can feed them."""
    both = (select(estimates, statistic=one) for one in ("headcount", "retention"))
    posts, stayed = (select(rows, service=_services(rows, labels)) for rows in both)
    posts = posts[posts["at"].ne("")]  # a published number without a day has no place in time
    found = []
    if drawable(posts).any():
        found.append(_headcount_spec(posts, labels))
    if drawable(stayed).any():
        found.append(_retention_spec(stayed, labels))
    return found + leaving.specs(estimates, labels)


def _services(rows: pd.DataFrame, labels: Labels) -> list[str]:
    """All services first, then each in declared order."""
    return sorted(labels.services(rows["service"]), key=lambda one: one != ALL)


@styled
def draw_headcount(rows: pd.DataFrame, labels: Labels) -> Figure:
    """A panel per service: steps from date to date; all services first, on a scale of its own."""
    services = _services(rows, labels)
    columns = min(_ACROSS if len(services) <= MANY else _ACROSS + 1, len(services))
    lines = -(-len(services) // columns)
    titles = [wrap(labels.label("service", service), 72 // columns) for service in services]
    panel = (0.78 if len(services) <= MANY else 0.5) + 0.14 * max(title.count("\n") + 1 for title in titles)
    figure, axes = canvas(0.45 + lines * panel, lines, columns, sharex=True)
    top = _top(rows[rows["service"].ne(ALL)])
    for position, ax in enumerate(axes.flat):
        if position >= len(services):
            ax.set_axis_off()
            continue
        some = select(rows, service=services[position])
        _steps(ax, some, _top(some) if services[position] == ALL else top, 4 if len(services) <= MANY else 2)
        ax.set_title(titles[position], loc="left", fontsize=8.5 if len(services) <= MANY else 7.5, pad=4)
        if position + columns >= len(services):
            ax.tick_params(axis="x", labelbottom=True)
    _date_axis(axes[0, 0], rows)
    figure.supylabel("Posts filled", fontsize=8.5)
    sign(figure, rows)
    return figure


@styled
def draw_headcount_of_many(rows: pd.DataFrame, labels: Labels) -> Figure:
    """A panel for all services, and one with a thin line per service."""
    single, total = rows[rows["service"].ne(ALL)], select(rows, service=ALL)
    panels = [(labels.label("service", ALL), total)] if len(total) else []
    panels.append((f"Each of {counted(single['service'].nunique(), 'service')}, without names", single))
    figure, axes = canvas(0.45 + 1.9 * len(panels), len(panels), 1, sharex=True)
    for ax, (title, some) in zip(axes[:, 0], panels, strict=True):
        if some is total:
            _steps(ax, some, _top(some), 4)
        else:
            _thin_steps(ax, some)
        ax.set_title(title, loc="left", fontsize=8.5, pad=4)
    _date_axis(axes[0, 0], rows)
    figure.supylabel("Posts filled", fontsize=8.5)
    sign(figure, rows)
    return figure


def _thin_steps(ax: Axes, rows: pd.DataFrame) -> None:
    shown = rows.assign(day=pd.to_datetime(rows["at"]), value=rows["value"].where(drawable(rows)))
    # A date that may not be shown stays as a gap in the line.
    lines = shown.pivot_table("value", "day", "service", aggfunc="first", dropna=False).sort_index()
    apart = 0.5 * aside(lines.shape[1])
    ax.plot(lines.index, lines.to_numpy() + apart, drawstyle="steps-post", color=MAIN, linewidth=0.5, alpha=0.3)
    ax.set_ylim(0, 1.1 * _top(rows))
    ax.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True, min_n_ticks=2))
    ax.grid(visible=True, axis="y")
    ax.grid(visible=False, axis="x")
    not_shown(ax, int((~drawable(rows)).sum()), "value")


def _top(rows: pd.DataFrame) -> float:
    highest = rows["value"].where(drawable(rows)).max()
    return 1.0 if pd.isna(highest) else max(1.0, highest)


def _steps(ax: Axes, rows: pd.DataFrame, top: float, ticks: int) -> None:
    rows = rows.assign(day=pd.to_datetime(rows["at"])).sort_values("day")
    # A date that may not be shown stays as a gap in the line.
    value = rows["value"].where(drawable(rows))
    ax.plot(rows["day"], value, drawstyle="steps-post", color=MAIN, linewidth=1.4)
    ax.plot(rows["day"], value, color=MAIN, marker="o", markersize=3, linewidth=0)
    ax.set_ylim(0, 1.3 * top)
    ax.yaxis.set_major_locator(MaxNLocator(nbins=ticks, integer=True, min_n_ticks=2))
    ax.grid(visible=True, axis="y")
    ax.grid(visible=False, axis="x")
    if value.notna().any():
        last = value.last_valid_index()
        ax.annotate(
            f"{value[last]:g}", (rows["day"][last], value[last]), xytext=(3, 2), textcoords="offset points",
            ha="left", va="bottom", fontsize=8,
        )  # fmt: skip
    closed = rows[value.isna()]
    if len(closed):
        word = f"{absence(closed.iloc[0])} at {counted(len(closed), 'date')}" if len(closed) < len(rows) else ""
        text = word or absence(closed.iloc[0])
        ax.text(0.02, 0.04, text, transform=ax.transAxes, style="italic", color=MUTED, fontsize=7.5, va="bottom")


def _date_axis(ax: Axes, rows: pd.DataFrame) -> None:
    days = pd.to_datetime(rows["at"])
    reach = max(days.max() - days.min(), pd.Timedelta(days=30))
    first, last = days.min() - 0.06 * reach, days.max() + 0.14 * reach
    ax.set_xlim(mdates.date2num(first), mdates.date2num(last))
    ends = sorted({days.min(), days.max()})
    ax.set_xticks(mdates.date2num(ends), [f"{day:%b %Y}" for day in ends])


def _headcount_spec(rows: pd.DataFrame, labels: Labels) -> FigureSpec:
    several = ALL in set(rows["service"]) and rows["service"].nunique() > 1
    caption = [
        "Posts filled at each date.",
        "All services have a scale of their own; the single services share one." if several else "",
        in_short(rows, "A line, a little off its whole number where others lie,") if many(rows) else "",
        provenance(rows),
    ]
    draw = partial(draw_headcount_of_many if many(rows) else draw_headcount, rows, labels)
    return figure_spec("headcount", "Posts filled over time", caption, draw, _headcount_alt(rows, labels), rows)


def _headcount_alt(rows: pd.DataFrame, labels: Labels) -> list[str]:
    shown = rows[drawable(rows)].sort_values("at", kind="stable")
    ends = {s: (some.iloc[0], some.iloc[-1]) for s, some in shown.groupby("service", sort=False)}
    words = []
    for service in (one for one in _services(rows, labels) if one in ends):
        first, last = ends[service]
        posts = span(f"{first['value']:g}", f"{last['value']:g}")
        words.append(f"{labels.label('service', service)} {posts}")
    closed = int((~drawable(rows)).sum())
    period = span(shown["at"].iloc[0], shown["at"].iloc[-1])
    return [
        f"Posts filled, {period}: {words[0]}.",
        _single_posts(words[1:], shown[shown["service"].ne(ALL)]),
        f"{counted(closed, 'value')} not shown." if closed else "",
    ]


def _single_posts(words: list[str], shown: pd.DataFrame) -> str:
    if not words:
        return ""
    if len(words) <= 8:
        return f"By service: {'; '.join(words)}."
    posts = span(f"{shown['value'].min():g}", f"{shown['value'].max():g}")
    return f"{len(words)} single services: {posts} posts."


@styled
def draw_retention(rows: pd.DataFrame, labels: Labels) -> Figure:
    """A panel per number of days: a dot per service with its interval, all services last."""
    unit = "Post holders still in post (%)"
    return curve_points(rows, labels, lambda at: f"After {float(at):g} days", unit, _ACROSS)


@styled
def draw_retention_of_many(rows: pd.DataFrame) -> Figure:
    """A row per number of days, a dot per service."""
    days = sorted(dict.fromkeys(rows["at"]), key=float)
    names = [f"After {float(one):g} days" for one in days]
    return strips(rows, share_strips("at", days, names, "Post holders still in post (%)"))


def _retention_spec(rows: pd.DataFrame, labels: Labels) -> FigureSpec:
    if many(rows):
        words = f"Share of post holders still in post (Kaplan–Meier). {in_short(rows, 'Ring: all services; a dot')}"
    else:
        words = (
            f"Share of post holders still in post (Kaplan–Meier), with {interval_words(rows)}; n: all post holders."
        )
    caption = [words, provenance(rows)]
    draw = partial(draw_retention_of_many, rows) if many(rows) else partial(draw_retention, rows, labels)
    return figure_spec("retention", "Post holders still in post", caption, draw, _retention_alt(rows, labels), rows)


def _retention_alt(rows: pd.DataFrame, labels: Labels) -> list[str]:
    overall = _services(rows, labels)[0]
    shown = rows[drawable(rows)]
    total = shown[shown["service"].eq(overall)].sort_values("at", key=lambda at: at.astype(float))
    words = [f"{percent(row['value'])} after {float(row['at']):g} days" for row in records(total)]
    others = shown[shown["service"].ne(overall)]
    closed = int((~drawable(rows)).sum())
    spread = [
        f"{span(percent(some['value'].min()), percent(some['value'].max()))} after {days:g} days"
        for days, some in others.groupby(others["at"].astype(float))
    ]
    return [
        f"Post holders still in post, {labels.label('service', overall)}: {listed(words)}." if words else "",
        f"Single services shown: {listed(spread)}." if spread else "",
        f"{counted(closed, 'value')} not shown." if closed else "",
    ]
