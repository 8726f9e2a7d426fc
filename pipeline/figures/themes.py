"""Codes: how often they occur, how far coders agree on them, and when new units stop bringing new ones.

Answers to closed questions belong in ``feedback.py``.
"""

from __future__ import annotations

from functools import partial
from itertools import groupby

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from pipeline.figures import marks
from pipeline.figures.labels import Labels
from pipeline.figures.rows import align, drawable, extremes, records, select
from pipeline.figures.spec import FigureSpec, figure_spec
from pipeline.figures.style import (
    BANDS,
    INK,
    MAIN,
    canvas,
    key,
    key_height,
    row_height,
    sign,
    single,
    styled,
)
from pipeline.figures.words import among, counted, interval_words, listed, percent, plain, provenance, wrap
from schemas.vocabulary import ALL

CODEBOOK = "codebook"
ALL_CODES = "all-codes"
_LINE = 38
RELIABLE, TENTATIVE = 0.8, 0.667
"""Customary lower limits of alpha: for conclusions, and for tentative ones (Krippendorff 2018)."""

UNITS = {"segments": "passages", "documents": "documents"}


def specs(estimates: pd.DataFrame, labels: Labels) -> list[FigureSpec]:
    """``themes``, ``agreement`` and ``saturation``, as far as the estimates can feed them."""
    rows = select(estimates, instrument=CODEBOOK, service=ALL)
    shares = select(rows, statistic="share", term="", category=("majority", "any-coder"))
    alphas = select(rows, statistic="krippendorff_alpha", model="")
    curves = select(rows, statistic="codes_seen")
    found = []
    if drawable(shares).any():
        found.append(_themes_spec(shares, labels))
    if drawable(alphas).any():
        found.append(_agreement_spec(alphas, select(shares, category="majority"), labels))
    if drawable(curves).any():
        found.append(_saturation_spec(curves))
    return found


def _units(rows: pd.DataFrame) -> str:
    return UNITS.get(str(rows["population"].iloc[0]), "units")


def _names(codes: list[str], labels: Labels) -> list[str]:
    return [wrap(labels.label("item", code, CODEBOOK), _LINE) for code in codes]


def _by_value(rows: pd.DataFrame, labels: Labels) -> list[str]:
    """Codes from the highest value to the lowest; those that may not be drawn come last."""
    one = align(rows, "item", labels.ordered("item", rows["item"], CODEBOOK))
    value = one["value"].where(drawable(one), -2.0)
    return list(value.sort_values(ascending=False, kind="stable").index)


def _by_theme(shares: pd.DataFrame, labels: Labels) -> list[tuple[str, list[str]]]:
    """Themes in the order of the codebook, each with its codes; one without a name where none is known."""
    ordered = labels.ordered("item", shares["item"], CODEBOOK)
    themes = list(dict.fromkeys(labels.direction("item", code, CODEBOOK) for code in ordered))
    ranked = _by_value(select(shares, category="majority"), labels)
    ranked.sort(key=lambda code: themes.index(labels.direction("item", code, CODEBOOK)))
    grouped = groupby(ranked, key=lambda code: labels.direction("item", code, CODEBOOK))
    return [(theme, list(codes)) for theme, codes in grouped]


@styled
def draw_themes(shares: pd.DataFrame, labels: Labels) -> Figure:
    """A panel per theme: filled dots by the majority of the coders, hollow ones by any coder."""
    themes = _by_theme(shares, labels)
    names = _names([code for _, codes in themes for code in codes], labels)
    row = row_height(names, 0.26)
    entries = [
        ("Given by most coders", marks.dot_handle(line=bool(shares["low"].notna().any()))),
        ("Given by at least one", marks.dot_handle(hollow=True, line=False)),
    ]
    heights = [len(codes) * row for _, codes in themes]
    height = 0.55 + key_height([name for name, _ in entries]) + sum(heights) + 0.32 * len(themes)
    figure, axes = canvas(height, len(themes), 1, sharex=True, height_ratios=heights)
    for ax, (theme, codes) in zip(axes[:, 0], themes, strict=True):
        _theme(ax, shares, codes, labels)
        if theme not in ("", "none"):
            ax.set_title(labels.label("theme", theme, CODEBOOK), loc="left", fontsize=8.5, pad=5)
    key(figure, entries)
    sign(figure, shares, f"Share of {_units(shares)} (%)")
    return figure


def _theme(ax: Axes, shares: pd.DataFrame, codes: list[str], labels: Labels) -> None:
    most, some = (align(select(shares, category=one), "item", codes) for one in ("majority", "any-coder"))
    marks.intervals(ax, most)
    both = drawable(most) & drawable(some)
    y = [i for i, shown in enumerate(both) if shown]
    ax.hlines(y, most["value"][both], some["value"][both], color=BANDS[1], linewidth=1.4, zorder=1)
    marks.dots(ax, some, hollow=True)
    marks.dots(ax, most)
    marks.absences(ax, most)
    marks.row_axis(ax, _names(codes, labels))
    marks.share_axis(ax, "")


def _themes_spec(shares: pd.DataFrame, labels: Labels) -> FigureSpec:
    units, most = _units(shares), select(shares, category="majority")
    interval = f", with {interval_words(most)}" if most["low"].notna().any() else ""
    caption = [
        f"Share of the {units} that have a code: by the majority of those who read them{interval}, and by at least "
        f"one coder; {among(shares['n'])} {units}.",
        "" if interval else f"No intervals: the {units} are not a declared sample.",
        provenance(shares),
    ]
    draw = partial(draw_themes, shares, labels)
    return figure_spec("themes", "How often each code occurs", caption, draw, _themes_alt(most, labels), shares)


def _themes_alt(most: pd.DataFrame, labels: Labels) -> list[str]:
    shown = most[drawable(most)]
    if shown.empty:
        return ["How often each code occurs, by at least one coder."]
    ranked = shown.sort_values("value", ascending=False, kind="stable")
    words = [f"{_name(row, labels)} {percent(row['value'])}" for row in records(ranked)]
    closed = len(most) - len(shown)
    return [
        f"Share of {_units(most)} with each of {counted(len(most), 'code')}, by the majority of the coders.",
        f"Most often: {listed(words[:3])}.",
        f"Least often of those shown: {words[-1]}." if len(words) > 3 else "",
        f"{counted(closed, 'code')} withheld." if closed else "",
    ]


def _name(row: dict[str, object], labels: Labels) -> str:
    return labels.label("item", str(row["item"]), CODEBOOK)


@styled
def draw_agreement(alphas: pd.DataFrame, shares: pd.DataFrame, labels: Labels) -> Figure:
    """Alpha of each code with its interval, highest first, beside how often the code occurs."""
    codes = [code for code in _by_value(alphas, labels) if code != ALL_CODES]
    pooled = [ALL_CODES] if alphas["item"].eq(ALL_CODES).any() else []
    items = [*codes, *pooled]
    names = _names(items, labels)
    entries: list[tuple[str, Patch | Line2D]] = [
        ("Alpha with interval", marks.dot_handle()),
        (f"Enough for conclusions ({RELIABLE:g})", Line2D([], [], color=INK, linewidth=0.8)),
        (f"Enough for tentative ones ({TENTATIVE:g})", Line2D([], [], color=INK, linewidth=0.8, linestyle="--")),
        ("Share with the code", Patch(color=BANDS[1])),
    ]
    height = 0.65 + key_height([name for name, _ in entries]) + len(items) * row_height(names, 0.26)
    figure, axes = canvas(height, 1, 2, sharey=True, width_ratios=[3, 1])
    rows = align(alphas, "item", items)
    _alpha_panel(axes[0, 0], rows)
    _share_panel(axes[0, 1], align(shares, "item", items))
    for ax in axes[0]:
        marks.row_axis(ax, names, len(codes) if pooled and codes else None)
    key(figure, entries)
    sign(figure, pd.concat([alphas, shares]))
    return figure


def _alpha_panel(ax: Axes, rows: pd.DataFrame) -> None:
    shown = rows[drawable(rows)]
    least = min([0.0, *shown["value"], *shown["low"].dropna()])
    ax.set_xlim(least - 0.03, 1.02)
    marks.reference_line(ax, RELIABLE)
    ax.axvline(TENTATIVE, color=INK, linewidth=0.8, linestyle="--", zorder=1)
    marks.intervals(ax, rows)
    marks.dots(ax, rows)
    marks.absences(ax, rows)
    ax.set_xlabel("Krippendorff's alpha")


def _share_panel(ax: Axes, rows: pd.DataFrame) -> None:
    shown = drawable(rows).to_numpy()
    places = [i for i, one in enumerate(shown) if one]
    ax.barh(places, rows["value"][shown], height=marks.BAR, color=BANDS[1])
    top = max([0.1, *rows["value"][shown]])
    ax.set_xlim(0, 1.35 * top)
    for place, value in zip(places, rows["value"][shown], strict=True):
        ax.text(value, place, f" {percent(value)}", va="center", fontsize=7.5)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=3))
    marks.share_ticks(ax, f"% of {_units(rows[shown]) if places else 'units'}")


def _agreement_spec(alphas: pd.DataFrame, shares: pd.DataFrame, labels: Labels) -> FigureSpec:
    units = _units(alphas)
    caption = [
        f"Agreement of all coders on each code, with {interval_words(alphas)} over resampled {units}; "
        f"{among(alphas['n'])} {units} read by two or more. Lines: customary limits. Right: how often the code "
        "occurs, by the majority.",
        "A dot without a line: no interval can be had (no disagreement, or too few units)." if _bare(alphas) else "",
        provenance(alphas),
    ]
    draw = partial(draw_agreement, alphas, shares, labels)
    rows = pd.concat([alphas, shares])
    return figure_spec("agreement", "How far coders agree", caption, draw, _agreement_alt(alphas, labels), rows)


def _bare(alphas: pd.DataFrame) -> bool:
    return bool((drawable(alphas) & alphas["low"].isna()).any())


def _agreement_alt(alphas: pd.DataFrame, labels: Labels) -> list[str]:
    codes = alphas[alphas["item"].ne(ALL_CODES)]
    shown, pooled = codes[drawable(codes)], alphas[alphas["item"].eq(ALL_CODES) & drawable(alphas)]
    overall = f"All codes together: {pooled['value'].iloc[0]:.2f}." if len(pooled) else ""
    if shown.empty:
        return ["Krippendorff's alpha.", overall]
    lowest, highest = extremes(shown)
    low = [labels.label("item", one, CODEBOOK) for one in shown["item"][shown["value"] < TENTATIVE]]
    closed = len(codes) - len(shown)
    return [
        f"Krippendorff's alpha of {counted(len(shown), 'code')}: from {lowest['value']:.2f} "
        f"({_name(lowest, labels)}) to {highest['value']:.2f} ({_name(highest, labels)}).",
        overall,
        f"Below {TENTATIVE}: {listed(low)}." if low else f"None is below {TENTATIVE}.",
        f"{counted(closed, 'code')} not shown." if closed else "",
    ]


@styled
def draw_saturation(curves: pd.DataFrame) -> Figure:
    """Different codes after each number of units: in the given order, and over random orders with their range."""
    given, random = (_curve(curves, model) for model in ("given-order", "random-order"))
    entries: list[tuple[str, Patch | Line2D]] = [
        ("In the order of the material", Line2D([], [], color=MAIN, linewidth=1.6)),
        ("Mean of random orders", Line2D([], [], color=INK, linewidth=1.0, linestyle="--")),
        ("Nine in ten random orders", Patch(color=BANDS[0])),
    ]
    figure, ax = single(2.6 + key_height([name for name, _ in entries]))
    ax.fill_between(random["units"], random["low"], random["high"], color=BANDS[0], linewidth=0)
    ax.plot(random["units"], random["value"], color=INK, linewidth=1.0, linestyle="--")
    ax.plot(given["units"], given["value"], color=MAIN, linewidth=1.6, drawstyle="steps-post")
    ax.set_xlim(0, float(curves["at"].astype(float).max()) * 1.01)
    ax.set_ylim(0, 1.08 * float(curves["value"].where(drawable(curves)).max()))
    ax.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
    ax.grid(visible=True, axis="y")
    ax.set_ylabel("Different codes")
    ax.set_xlabel(wrap(f"Number of {_units(curves)}", 60))
    key(figure, entries)
    sign(figure, curves)
    return figure


def _curve(curves: pd.DataFrame, model: str) -> pd.DataFrame:
    rows = select(curves, model=model)
    rows = rows.assign(units=pd.to_numeric(rows["at"]))
    return rows[drawable(rows)].sort_values("units")


def _saturation_spec(curves: pd.DataFrame) -> FigureSpec:
    units = _units(curves)
    hidden = sorted(pd.to_numeric(curves["at"][~drawable(curves)]).unique())
    caption = [
        f"Different codes met after each number of {units}: in the order of the material, and the mean of random "
        "orders with the range of nine in ten of them.",
        f"The first {plain(hidden[-1])} are withheld." if hidden else "",
        provenance(curves),
    ]
    draw = partial(draw_saturation, curves)
    title = f"Codes met as more {units} are read"
    return figure_spec("saturation", title, caption, draw, _saturation_alt(curves), curves)


def _saturation_alt(curves: pd.DataFrame) -> list[str]:
    units, given = _units(curves), _curve(curves, "given-order")
    if given.empty:
        return [f"Different codes met after each number of {units}, over random orders."]
    first, last = given.iloc[0], given.iloc[-1]
    full = given[given["value"] == last["value"]].iloc[0]
    return [
        f"Different codes met: {first['value']:g} after {first['units']} {units}, {last['value']:g} after "
        f"{last['units']}.",
        f"In the order of the material the last new code comes by number {full['units']}.",
    ]
