"""Sessions per client: the mean and, where rows are known well enough, the spread; model-based rate ratios.

Kinds of contact and activities belong in ``support.py``.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from pipeline.figures import marks
from pipeline.figures.labels import Labels
from pipeline.figures.many import caterpillar, in_short, many
from pipeline.figures.rows import absence, align, drawable, ranged, records, select
from pipeline.figures.spec import FigureSpec, figure_spec
from pipeline.figures.style import BANDS, INK, MAIN, key, key_height, row_height, row_labels, sign, single, styled
from pipeline.figures.words import counted, interval_words, listed, notes, number, plain, provenance, rounded, span
from schemas.vocabulary import ALL

_UNIT = "Individual sessions per client"


def specs(estimates: pd.DataFrame, labels: Labels) -> list[FigureSpec]:
    """Sessions per client and rate ratios, as far as the estimates can feed them."""
    sessions = select(estimates, population="clients", item="sessions")
    ratios = select(estimates, statistic="rate_ratio", contrast="services")
    found = []
    if drawable(select(sessions, statistic="mean")).any():
        found.append(_sessions_spec(sessions, labels))
    found += [
        _ratios_spec(some, labels, position)
        for position, (_, some) in enumerate(ratios.groupby(["model", "reference"], sort=False))
        if drawable(some).any()
    ]
    return found


def _aligned(rows: pd.DataFrame, services: list[str], statistic: str, at: str = "") -> pd.DataFrame:
    return align(select(rows, statistic=statistic, at=at), "service", services)


def _shown(rows: pd.DataFrame, services: list[str], statistic: str, at: str = "") -> pd.Series:
    some = _aligned(rows, services, statistic, at)
    return some["value"].where(drawable(some))


@styled
def draw_sessions(rows: pd.DataFrame, labels: Labels) -> Figure:
    """Per service: dot the mean with its interval; tick the median; bar from the 25 to the 90 % quantile.

    Where median and quantiles are not known the standard deviation stands as a number: mean and standard
    deviation alone do not say what shape the distribution has.
    """
    services = _session_services(rows, labels)
    names = row_labels([labels.label("service", service) for service in services])
    entries = _sessions_key(rows, services)
    figure, ax = single(0.85 + key_height([n for n, _ in entries]) + len(names) * row_height(names))
    _spread(ax, rows, services)
    means = _aligned(rows, services, "mean")
    marks.intervals(ax, means)
    marks.dots(ax, means)
    for y in (y for y, shown in enumerate(drawable(means)) if not shown):
        marks.absent(ax, y, _why(rows, services[y]))
    marks.row_axis(ax, names, rule_before=len(services) - 1 if ALL in services and len(services) > 1 else None)
    ax.set_xlim(0, 1.06 * _largest(rows, services))
    ax.set_xlabel(_UNIT)
    _numbers(ax, rows, services)
    if len(entries) > 1:
        key(figure, entries)
    sign(figure, rows)
    return figure


def _spread(ax: marks.Axes, rows: pd.DataFrame, services: list[str]) -> None:
    low, high = (_shown(rows, services, "quantile", at) for at in ("0.25", "0.9"))
    median = _shown(rows, services, "median")
    for y in range(len(services)):
        if low.iloc[y] <= high.iloc[y]:
            ax.barh(y, high.iloc[y] - low.iloc[y], left=low.iloc[y], height=0.5, color=BANDS[1], zorder=1)
        if pd.notna(median.iloc[y]):
            ax.vlines(median.iloc[y], y - 0.25, y + 0.25, color=INK, linewidth=1.6, zorder=2)


def _sessions_key(rows: pd.DataFrame, services: list[str]) -> list[tuple[str, Patch | Line2D]]:
    means = _aligned(rows, services, "mean")
    mean = f"Mean and {interval_words(means)[:-1]}" if ranged(means).any() else "Mean"
    found: list[tuple[str, Patch | Line2D]] = [(mean, marks.dot_handle(line=bool(ranged(means).any())))]
    if _shown(rows, services, "median").notna().any():
        tick = Line2D([], [], color=INK, marker="|", markersize=9, markeredgewidth=1.6, linewidth=0)
        found.append(("Median", tick))
    if (_shown(rows, services, "quantile", "0.25") <= _shown(rows, services, "quantile", "0.9")).any():
        found.append(("25% to 90% of clients", Patch(facecolor=BANDS[1])))
    return found


def _largest(rows: pd.DataFrame, services: list[str]) -> float:
    means = _aligned(rows, services, "mean")
    ends = [means["value"].where(drawable(means)).max(), means["high"].where(ranged(means)).max()]
    ends += [_shown(rows, services, "quantile", "0.9").max(), _shown(rows, services, "median").max()]
    return float(max([one for one in ends if one > 0], default=1.0))


def _numbers(ax: marks.Axes, rows: pd.DataFrame, services: list[str]) -> None:
    columns = [(header, _printed(rows, services, one)) for header, one in (("Mean", "mean"), ("SD", "sd"))]
    clients = _shown(rows, services, "clients").fillna(_aligned(rows, services, "mean")["n"])
    columns.append(("Clients", [plain(n) for n in clients]))
    marks.side(ax, *(column for column in columns if any(column[1])))


def _printed(rows: pd.DataFrame, services: list[str], statistic: str) -> list[str]:
    some = _aligned(rows, services, statistic)
    return [_in_words(row) if shown else "" for row, shown in zip(records(some), drawable(some), strict=True)]


def _in_words(row: dict[str, Any]) -> str:
    """With a decimal, unless the value is known only to the rounding of a printed figure."""
    return rounded(row["value"]) if row["identified"] == "to_rounding" else number(row["value"])


def _session_services(rows: pd.DataFrame, labels: Labels) -> list[str]:
    return labels.services(select(rows, statistic=("mean", "clients"))["service"])


def _why(rows: pd.DataFrame, service: str) -> str:
    """Why a service has no mean: its own reason, or that of its number of clients."""
    known = [select(rows, statistic=one, service=service) for one in ("mean", "clients")]
    return absence(next(some for some in known if len(some)).iloc[0])


@styled
def draw_sessions_of_many(rows: pd.DataFrame) -> Figure:
    """Per service: dot the mean with its interval, over the mean of all services."""
    total = select(rows, service=ALL)
    line = ("All services", float(total["value"].iloc[0])) if drawable(total).any() else None

    def axis(ax: marks.Axes) -> None:
        ax.set_xlim(0, 1.06 * _reach(rows))
        ax.set_xlabel(_UNIT)

    return caterpillar(rows, f"Mean and {interval_words(rows)[:-1]}", line, axis)


def _reach(means: pd.DataFrame) -> float:
    """As far as the means and nearly all of their intervals go: a few clients have very wide ones."""
    shown = means[drawable(means)]
    return float(max(shown["value"].max(), shown["high"].quantile(0.98), 1.0))


def _many_sessions_spec(means: pd.DataFrame) -> FigureSpec:
    caption = [
        f"{_UNIT}: mean with {interval_words(means)}.",
        in_short(means, "A dot"),
        "The order is that of the means: it shows how far they spread, not which service is which.",
        "Intervals that go beyond the axis are cut." if means["high"].max() > 1.06 * _reach(means) else "",
        provenance(means),
        notes(means),
    ]
    shown = means[drawable(means)]
    by_service, total = shown[shown["service"].ne(ALL)], select(shown, service=ALL)
    ends = span(number(by_service["value"].min()), number(by_service["value"].max()))
    alt = [
        f"Mean sessions per client, a dot with interval per service without names, from the least up: {ends} "
        f"({counted(len(by_service), 'service')}).",
        f"All services together: mean {number(total['value'].iloc[0])} sessions per client." if len(total) else "",
        f"{counted(len(means) - len(shown), 'service')} not shown." if len(shown) < len(means) else "",
    ]
    draw = partial(draw_sessions_of_many, means)
    return figure_spec("sessions-per-client", "Sessions per client", caption, draw, alt, means)


def _sessions_spec(rows: pd.DataFrame, labels: Labels) -> FigureSpec:
    if many(rows):
        return _many_sessions_spec(select(rows, statistic="mean"))
    services = _session_services(rows, labels)
    used = select(rows, statistic=("mean", "sd", "median", "clients"), service=services)
    used = pd.concat([used, select(rows, statistic="quantile", at=("0.25", "0.9"), service=services)])
    spread = any("25%" in name for name, _ in _sessions_key(used, services))
    means = _aligned(used, services, "mean")
    caption = [
        f"{_UNIT}, by service: mean{f' with {interval_words(means)}' if ranged(means).any() else ''}.",
        "Tick: median; bar: from the 25% to the 90% quantile of clients."
        if spread
        else "The spread is given as a number (SD): it does not say what shape the distribution has.",
        "Means and SDs are known to the rounding of the published figures."
        if select(used, statistic="mean")["identified"].eq("to_rounding").any()
        else "",
        provenance(used),
        notes(select(used, statistic="mean")),
    ]
    alt = _sessions_alt(means, labels)
    draw = partial(draw_sessions, used, labels)
    return figure_spec("sessions-per-client", "Sessions per client", caption, draw, alt, used)


def _sessions_alt(means: pd.DataFrame, labels: Labels) -> list[str]:
    shown = means[drawable(means)]
    by_service, total = shown[shown["service"].ne(ALL)], shown[shown["service"].eq(ALL)]
    closed = int((~drawable(means[means.index != ALL])).sum())
    words = [f"{_in_words(r)} at {labels.label('service', r['service'])}" for r in records(by_service)]
    order = by_service["value"].to_numpy().argsort(kind="stable")
    sentences = []
    if len(words) > 1:
        sentences.append(f"Mean sessions per client: from {words[order[0]]} to {words[order[-1]]}.")
    elif words:
        sentences.append(f"Mean sessions per client: {words[0]}.")
    if len(total):
        sentences.append(f"All services together: mean {_in_words(records(total)[0])} sessions per client.")
    return [*sentences, f"{counted(closed, 'service')} not shown." if closed else ""]


@styled
def draw_ratios(rows: pd.DataFrame, labels: Labels) -> Figure:
    """Per service: its rate of sessions per client, to the reference, with interval, on a log axis."""
    services = _ratio_services(rows, labels)
    names = row_labels([labels.label("service", service) for service in services])
    figure, ax = single(0.75 + len(names) * row_height(names))
    aligned = align(rows, "service", services)
    ax.set_xscale("log")
    marks.reference_line(ax, 1.0)
    marks.intervals(ax, aligned)
    marks.dots(ax, aligned)
    marks.row_axis(ax, names)
    ax.set_xlim(*_ratio_limits(aligned))
    marks.plain_log_ticks(ax)
    ax.set_xlabel(f"Ratio of {_rated(rows)}, to {labels.label('service', rows['reference'].iloc[0])} (log scale)")
    for y, service in enumerate(services):
        if service == rows["reference"].iloc[0]:
            ax.plot([1.0], [y], marker="D", color="white", markeredgecolor=MAIN, markersize=5, zorder=3)
        elif not drawable(aligned).iloc[y]:
            marks.absent(ax, y, marks.absence(aligned.iloc[y]))
    marks.side(ax, ("", _ratio_words(aligned, rows["reference"].iloc[0])))
    sign(figure, rows)
    return figure


@styled
def draw_ratios_of_many(rows: pd.DataFrame, labels: Labels) -> Figure:
    """Per service: its rate to the reference, on a log axis."""
    reference = labels.label("service", rows["reference"].iloc[0])

    def axis(ax: marks.Axes) -> None:
        ax.set_xscale("log")
        ax.set_xlim(*_ratio_limits(rows))
        marks.plain_log_ticks(ax)
        ax.set_xlabel(f"Ratio of {_rated(rows)}, to {reference} (log scale)")

    return caterpillar(rows, f"Ratio and {interval_words(rows)[:-1]}", (reference, 1.0), axis)


def _ratio_services(rows: pd.DataFrame, labels: Labels) -> list[str]:
    return labels.ordered("service", [rows["reference"].iloc[0], *rows["service"]])


def _ratio_limits(rows: pd.DataFrame) -> tuple[float, float]:
    """Symmetric about 1 on the log scale, so that a half and a double look alike.

    All dots are inside; an interval that reaches beyond 64-fold is cut.
    """
    dots = rows["value"].where(drawable(rows))
    ends = pd.concat([rows["low"], rows["high"]]).where(lambda end: end > 0).clip(1 / 64, 64)
    every = pd.concat([dots[dots > 0], ends]).dropna()
    reach = 1.15 * max([2.0, *every, *(1 / every)])
    return 1 / reach, reach


def _ratio_words(rows: pd.DataFrame, reference: str) -> list[str]:
    words = []
    for (service, row), shown, wide in zip(rows.iterrows(), drawable(rows), ranged(rows), strict=True):
        interval = f" ({row['low']:.2f} to {row['high']:.2f})" if wide else ""
        words.append("reference" if service == reference else f"{row['value']:.2f}{interval}" if shown else "")
    return words


def _rated(rows: pd.DataFrame) -> str:
    """What the rates count: sessions of a client, or of the time that a client came."""
    return "sessions per time in contact" if rows["denominator"].eq("days").all() else "sessions per client"


def _ratios_spec(rows: pd.DataFrame, labels: Labels, position: int) -> FigureSpec:
    reference = labels.label("service", rows["reference"].iloc[0])
    shown = rows[drawable(rows)]
    beyond = shown[ranged(shown) & ((shown["low"] > 1) | (shown["high"] < 1))]
    names = [f"{labels.label('service', r['service'])} {r['value']:.2f}" for r in records(beyond)]
    model = rows["model"].iloc[0]
    caption = [
        f"{_rated(rows).capitalize()} in each service as a ratio to {reference}, with {interval_words(shown)}",
        f"({model}); the line at 1 is {reference}." if model else f"; the line at 1 is {reference}.",
        in_short(rows, "A dot") if many(rows) else "",
        provenance(rows),
        notes(rows),
    ]
    spread = span(f"{shown['value'].min():.2f}", f"{shown['value'].max():.2f}")
    alt = [
        f"Ratio of {_rated(rows)} to {reference}: {spread} over {counted(len(shown), 'service')}.",
        f"Interval excludes 1: {listed(names)}." if names else "No interval excludes 1.",
    ]
    name = "rate-ratios" if position == 0 else f"rate-ratios-{rows['reference'].iloc[0]}"
    if many(rows):
        alt[1:] = [f"A dot with interval per service, without names; {len(names)} intervals exclude 1."]
    draw = partial(draw_ratios_of_many if many(rows) else draw_ratios, rows, labels)
    return figure_spec(name, "Rate ratios of sessions", caption, draw, alt, rows)
