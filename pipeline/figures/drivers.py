"""Factors and how far they go with success: relative weights in their order, and correlations by service.

An order is drawn with how sure it is. What goes together need not be cause and effect: captions say so.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from pipeline.figures import marks
from pipeline.figures.labels import Labels
from pipeline.figures.many import Strips, in_short, many, strips
from pipeline.figures.rows import absence, align, drawable, ranged, records, select
from pipeline.figures.spec import FigureSpec, figure_spec
from pipeline.figures.style import (
    CATEGORIES,
    INK,
    key,
    key_height,
    row_height,
    row_labels,
    sign,
    single,
    styled,
)
from pipeline.figures.words import MINUS, among, counted, interval_words, listed, percent, plain, provenance, span
from schemas.vocabulary import ALL

MODEL = "drivers"
_CAUTION = "What goes together need not be cause and effect."
_TURNED = "Items marked as reverse are turned round: more is better."


class Ranking(NamedTuple):
    """The estimates of one survey's drivers, and its factors in the order in which they are drawn."""

    rows: pd.DataFrame
    factors: list[str]
    instrument: str
    outcome: str

    def of(self, statistic: str, service: str = ALL) -> pd.DataFrame:
        """One row a factor."""
        return align(select(self.rows, statistic=statistic, service=service), "item", self.factors)

    def names(self, labels: Labels) -> list[str]:
        """Labels of the factors, in lines."""
        return row_labels([labels.label("item", one, self.instrument) for one in self.factors])


def specs(estimates: pd.DataFrame, labels: Labels) -> list[FigureSpec]:
    """``drivers-<instrument>`` and ``drivers-<instrument>-services``, where there is anything to draw."""
    found: list[FigureSpec] = []
    rows = select(estimates, model=MODEL)
    surveys = rows.loc[rows["term"].ne(""), ["instrument", "wave", "term"]].drop_duplicates()
    seen: set[str] = set()
    for instrument, wave, outcome in surveys.itertuples(index=False, name=None):
        suffix = instrument if instrument not in seen else f"{instrument}-{wave}-{outcome}"
        seen.add(instrument)
        one = _ranking(select(rows, instrument=instrument, wave=wave, term=outcome), labels, instrument, outcome)
        found += _weight_specs(one, labels, suffix) + _service_specs(one, labels, suffix)
    return found


def _ranking(rows: pd.DataFrame, labels: Labels, instrument: str, outcome: str) -> Ranking:
    """Factors by weight, the heaviest first; those without one after them, as declared."""
    weights = select(rows, statistic="relative_weight")
    shown = weights[drawable(weights)].set_index("item")["value"]
    declared = labels.ordered("item", select(rows, statistic="correlation")["item"], instrument)
    order = sorted(declared, key=lambda one: -float(shown.get(one, -np.inf)))
    return Ranking(rows, order, instrument, outcome)


def _weight_specs(one: Ranking, labels: Labels, suffix: str) -> list[FigureSpec]:
    weights = one.of("relative_weight")
    if not drawable(weights).any():
        return []
    used = select(one.rows, statistic=("relative_weight", "top_rank_share", "chance_weight"))
    title = f"Factors by their part of the variation in {_word(one, labels)}"
    caption = [
        f"{title}: relative weights with {interval_words(weights)}, {among(weights['n'])}.",
        f"{_first(one)}: how often a factor is, when respondents are drawn anew.",
        "Line: where 95 of 100 factors made of random numbers stay below; a factor beyond it may still owe its "
        "weight to others that it goes with."
        if _chance(one) is not None
        else "",
        _CAUTION,
        _turned(weights),
        provenance(used),
    ]
    drawing = partial(draw_weights, one, labels)
    return [figure_spec(f"drivers-{suffix}", title, caption, drawing, _weights_alt(one, labels), used)]


@styled
def draw_weights(one: Ranking, labels: Labels) -> Figure:
    """A row a factor, the heaviest first: weight with interval, and how often it is among the first."""
    names, weights, chance = one.names(labels), one.of("relative_weight"), _chance(one)
    entries = _weights_key(weights, chance)
    figure, ax = single(0.85 + key_height([name for name, _ in entries]) + len(names) * row_height(names))
    if chance is not None:
        ax.axvline(chance, color=INK, linewidth=0.8, linestyle=(0, (4, 2)), zorder=1)
    marks.intervals(ax, weights)
    marks.dots(ax, weights)
    marks.absences(ax, weights)
    marks.row_axis(ax, names)
    ax.set_xlim(left=0)
    marks.share_ticks(ax, f"% of the variation in {_word(one, labels)} that goes with the factor")
    first = one.of("top_rank_share")
    marks.side(ax, ("Weight", _percents(weights)), (_first(one), _percents(first)))
    key(figure, entries)
    sign(figure, one.rows)
    return figure


def _weights_key(weights: pd.DataFrame, chance: float | None) -> list[tuple[str, Any]]:
    interval = interval_words(weights).removesuffix("s")
    entries: list[tuple[str, Any]] = [(f"Weight and {interval}", marks.dot_handle())]
    if chance is not None:
        dashed = Line2D([], [], color=INK, linewidth=0.8, linestyle=(0, (4, 2)))
        entries.append(("95 of 100 random factors stay below", dashed))
    return entries


def _chance(one: Ranking) -> float | None:
    rows = select(one.rows, statistic="chance_weight", at="0.95")
    rows = rows[drawable(rows)]
    return None if rows.empty else float(rows["value"].iloc[0])


def _first(one: Ranking) -> str:
    shares = select(one.rows, statistic="top_rank_share")
    return "Among first three" if shares["at"].eq("3").any() else "First"


def _percents(rows: pd.DataFrame) -> list[str]:
    return [percent(value) if shown else "" for value, shown in zip(rows["value"], drawable(rows), strict=True)]


def _weights_alt(one: Ranking, labels: Labels) -> list[str]:
    weights, first = one.of("relative_weight"), one.of("top_rank_share")
    shown = weights[drawable(weights)]
    names = [f"{labels.label('item', row['item'], one.instrument)} {percent(row['value'])}" for row in records(shown)]
    often = [percent(value) for value in first.loc[shown.index[:3], "value"].dropna()]
    return [
        f"Part of the variation in {_word(one, labels)} that goes with each of {counted(len(shown), 'factor')}: "
        f"most {listed(names[:3])}; least {names[-1]}.",
        f"{_first(one)} when respondents are drawn anew: {listed(often)} of the time." if often else "",
    ]


def _service_specs(one: Ranking, labels: Labels, suffix: str) -> list[FigureSpec]:
    rows = select(one.rows, statistic="correlation")
    rows = rows[rows["service"].ne(ALL)]
    services = labels.ordered("service", rows["service"])
    if len(services) < 2 or not drawable(rows).any():
        return []
    title = f"Correlation of each factor with {_word(one, labels)}, by service"
    caption = [
        f"{title}: Spearman's{_sizes(rows, services, labels)}.",
        in_short(rows, "A dot") if many(rows) else "",
        "Factors in the order of their weights over all services.",
        _CAUTION,
        _turned(rows),
        provenance(rows),
    ]
    drawing = partial(draw_many_services if many(rows) else draw_services, one, labels)
    alt = _many_alt(rows, one, labels) if many(rows) else _services_alt(one, services, labels)
    return [figure_spec(f"drivers-{suffix}-services", title, caption, drawing, alt, rows)]


def _sizes(rows: pd.DataFrame, services: Sequence[str], labels: Labels) -> str:
    if many(rows):
        return f" ({among(rows['n'])})" if among(rows["n"]) else ""
    sizes = [f"{labels.label('service', s)} {among(rows.loc[rows['service'] == s, 'n'])}" for s in services]
    return f", with {interval_words(rows)} ({'; '.join(sizes)})"


@styled
def draw_many_services(one: Ranking, labels: Labels) -> Figure:
    """A row a factor, a dot a service."""

    def axis(ax: Axes) -> None:
        marks.reference_line(ax, 0.0)
        ax.xaxis.set_major_formatter(lambda value, _: f"{value:.1f}".replace("-", MINUS))
        ax.set_xlabel(f"Correlation with {_word(one, labels)}")

    names = [labels.label("item", factor, one.instrument) for factor in one.factors]
    rows = select(one.rows, statistic="correlation", item=one.factors)
    return strips(rows, Strips("item", one.factors, names, _signed, axis))


@styled
def draw_services(one: Ranking, labels: Labels) -> Figure:
    """A row a factor, a dot with interval a service, beside a line at no correlation."""
    rows = select(one.rows, statistic="correlation")
    services = labels.ordered("service", rows.loc[rows["service"].ne(ALL), "service"])
    names = one.names(labels)
    entries = [(labels.label("service", s), _handle(place)) for place, s in enumerate(services)]
    height = len(names) * max(row_height(names), min(0.12 * len(services) + 0.1, 0.4))
    figure, ax = single(0.85 + key_height([name for name, _ in entries]) + height)
    marks.reference_line(ax, 0.0)
    for place, service in enumerate(services):
        shift = 0.5 * ((place + 0.5) / len(services) - 0.5)
        marks.intervals(ax, one.of("correlation", service), shift, _colour(place))
        marks.dots(ax, one.of("correlation", service), shift, _colour(place), hollow=place % 2 == 1)
    _absences(ax, one, services)
    marks.row_axis(ax, names)
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:.1f}".replace("-", MINUS))
    ax.set_xlabel(f"Correlation with {_word(one, labels)}")
    key(figure, entries)
    sign(figure, rows)
    return figure


def _absences(ax: Axes, one: Ranking, services: Sequence[str]) -> None:
    """One word a factor that lacks a value somewhere; it says where, unless that is everywhere."""
    by_service = [one.of("correlation", service) for service in services]
    for y in range(len(one.factors)):
        words = [absence(rows.iloc[y]) for rows in by_service if not drawable(rows).iloc[y]]
        if words:
            some = "" if len(words) == len(services) else f" for {len(words)} of {len(services)}"
            marks.absent(ax, float(y), " or ".join(dict.fromkeys(words)) + some)


def _handle(place: int) -> Line2D:
    return marks.dot_handle(_colour(place), hollow=place % 2 == 1)


def _colour(place: int) -> str:
    return (CATEGORIES[0], CATEGORIES[5], *CATEGORIES[2:5])[place % 5]


def _many_alt(rows: pd.DataFrame, one: Ranking, labels: Labels) -> list[str]:
    shown = rows[drawable(rows)]
    ends = span(_signed(shown["value"].min()), _signed(shown["value"].max()))
    closed = len(rows) - len(shown)
    return [
        f"Correlations with {_word(one, labels)}, a dot per service without names: {ends} over "
        f"{counted(rows['service'].nunique(), 'service')} and {counted(len(one.factors), 'factor')}.",
        f"{counted(closed, 'value')} not shown." if closed else "",
    ]


def _signed(value: float) -> str:
    return f"{value:.2f}".replace("-", MINUS)


def _services_alt(one: Ranking, services: Sequence[str], labels: Labels) -> list[str]:
    found = []
    for service in services:
        rows = one.of("correlation", service)
        shown, clear = rows[drawable(rows)], rows[ranged(rows) & (rows["low"] > 0)]
        if shown.empty:
            continue
        ends = [_signed(value) for value in (shown["value"].min(), shown["value"].max())]
        found.append(
            f"{labels.label('service', service)}: correlations with {_word(one, labels)} {span(*ends)}, "
            f"{plain(len(clear))} of {counted(len(shown), 'interval')} above 0."
        )
    closed = sum(int((~drawable(one.of("correlation", service))).sum()) for service in services)
    return [*found, f"{counted(closed, 'value')} not shown." if closed else ""]


def _turned(rows: pd.DataFrame) -> str:
    return _TURNED if rows["reason"].fillna("").str.startswith("reverse item").any() else ""


def _word(one: Ranking, labels: Labels) -> str:
    """The outcome as it stands in a sentence: the subscale's name, or an item's label in quotation marks."""
    label = labels.label("item", one.outcome, one.instrument)
    return label.lower() if label.lower() == one.outcome.replace("-", " ") else f"“{label}”"
