"""Answers to one survey at one wave: a bar per item, in parts that add up to all who were asked.

Two waves compared belong in ``rounds.py``, services compared in ``services.py``.
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from pipeline.figures import marks
from pipeline.figures.labels import Labels
from pipeline.figures.rows import absence, align, drawable, extremes, select
from pipeline.figures.spec import FigureSpec, figure_spec
from pipeline.figures.style import (
    MISSING,
    SPECIAL,
    canvas,
    key,
    key_height,
    ordered_colours,
    row_height,
    row_labels,
    sign,
    styled,
)
from pipeline.figures.words import among, count, counted, percent, provenance
from schemas.vocabulary import ALL

NOT_ANSWERED = "missing"
_TOLERANCE = 1e-6


class Scale(NamedTuple):
    """The parts of a bar: ordered answers, answers off the scale, and the answer reported first."""

    options: list[str]
    special: list[str]
    headline: str


class Answers(NamedTuple):
    """One survey at one wave: its shares (of asked), its scale and its items in the order drawn."""

    rows: pd.DataFrame
    scale: Scale
    items: list[str]
    instrument: str
    wave: str


def specs(estimates: pd.DataFrame, labels: Labels) -> list[FigureSpec]:
    """A figure per instrument and wave with shares of all who were asked."""
    asked = select(estimates, statistic="share", service=ALL, denominator="asked")
    asked = asked[asked["instrument"].ne("")]
    pairs = asked[["instrument", "wave"]].drop_duplicates().itertuples(index=False, name=None)
    surveys = [(i, w) for i, w in pairs if i]
    instruments = labels.ordered("instrument", [i for i, _ in surveys])
    waves = labels.ordered("wave", [w for _, w in surveys])
    surveys.sort(key=lambda pair: (instruments.index(pair[0]), waves.index(pair[1])))
    found = [answers(estimates, labels, *survey) for survey in surveys]
    return [_spec(one, labels) for one in found if _shares(one).notna().any(axis=None)]


def answers(estimates: pd.DataFrame, labels: Labels, instrument: str, wave: str) -> Answers:
    """What a figure of one survey at one wave is drawn from."""
    of_survey = select(estimates, service=ALL, instrument=instrument)
    shares = select(of_survey, statistic="share", wave=wave, denominator=("asked", "answered"))
    scale = find_scale(shares, of_survey, labels, instrument)
    rows = select(shares, denominator="asked")
    items = labels.ordered("item", rows["item"], instrument)
    headline = align(select(rows, category=scale.headline), "item", items)
    value = headline["value"].where(drawable(headline), -1.0)
    items = list(value.sort_values(ascending=False, kind="stable").index)
    parts = [*scale.options, *scale.special, NOT_ANSWERED, scale.headline]
    return Answers(select(rows, category=parts), scale, items, instrument, wave)


def find_scale(shares: pd.DataFrame, of_survey: pd.DataFrame, labels: Labels, instrument: str) -> Scale:
    """Tell the options from the collapsed categories and the answers off the scale.

    A label's ``direction`` may name the role of a category (option, collapsed, special). Where it does not,
    the options are the categories, in declared order, whose shares of the answered first add up to 1; answers
    off the scale are those that have no share of the answered.
    """
    categories = labels.ordered("category", shares["category"][shares["category"].ne(NOT_ANSWERED)], instrument)
    roles = {one: labels.direction("category", one, instrument) for one in categories}
    options = [one for one in categories if roles[one] in ("option", "headline")]
    special = [one for one in categories if roles[one] == "special"]
    if not options:
        answered = select(shares, denominator="answered")
        on_scale = [one for one in categories if answered["category"].eq(one).any()] or categories
        options = _add_up(_wide(answered, on_scale))
        special = [one for one in categories if one not in on_scale]
    return Scale(options, special, _headline(of_survey, labels, instrument, options))


def _headline(of_survey: pd.DataFrame, labels: Labels, instrument: str, options: list[str]) -> str:
    compared = select(of_survey, statistic=("difference", "pooled_share"))["category"]
    chosen = [one for one in compared if one]
    if chosen:
        return str(chosen[0])
    return options[0 if labels.direction("instrument", instrument) == "lower is better" else -1]


def _wide(shares: pd.DataFrame, categories: list[str]) -> pd.DataFrame:
    """Items by categories; 0 where there is no such estimate, NaN where it may not be drawn."""
    open_ = shares.assign(value=shares["value"].where(drawable(shares)), known=1.0)
    table = open_.pivot_table("value", "item", "category", aggfunc="first", dropna=False)
    listed_ = open_.pivot_table("known", "item", "category", aggfunc="first", dropna=False)
    table = table.where(listed_.reindex_like(table).notna(), 0.0)
    return table.reindex(columns=categories, fill_value=0.0)


def _add_up(answered: pd.DataFrame) -> list[str]:
    whole = answered.dropna()
    if whole.empty:
        return list(answered.columns)
    full = (whole.cumsum(axis=1) > 1 - _TOLERANCE).all()
    last = int(full.to_numpy().argmax()) if full.any() else len(full) - 1
    # Answers that nobody gave still belong to the scale.
    while last + 1 < len(full) and whole.iloc[:, last + 1].eq(0).all():
        last += 1
    return list(answered.columns[: last + 1])


def _parts(one: Answers) -> list[str]:
    used = select(one.rows, category=NOT_ANSWERED)
    missing = [NOT_ANSWERED] if used["value"].fillna(1.0).gt(0).any() else []
    return [*one.scale.options, *one.scale.special, *missing]


def _shares(one: Answers) -> pd.DataFrame:
    return _wide(one.rows, _parts(one)).reindex(one.items)


def _whole(one: Answers) -> pd.Series:
    return _shares(one).notna().all(axis=1)


@styled
def draw(one: Answers, labels: Labels) -> Figure:
    """The bars, in the order of the headline answer."""
    names = row_labels([labels.label("item", item, one.instrument) for item in one.items])
    parts = _parts(one)
    colours = _colours(one.scale, parts)
    part_names = [labels.label("category", part, one.instrument) for part in parts]
    figure, axes = canvas(0.75 + key_height([*part_names, *_hidden(one)]) + len(names) * row_height(names))
    ax = axes[0, 0]
    marks.stacked(ax, _shares(one), colours)
    for y in (y for y, known in enumerate(_shares(one).notna().any(axis=1)) if not known):
        marks.absent(ax, y, _why(one, one.items[y]))
    marks.row_axis(ax, names)
    marks.share_axis(ax, f"Share of {_population(one)} (%)")
    marks.side(ax, ("", [count(n) for n in _asked(one)]))
    entries = [(name, Patch(facecolor=c)) for name, c in zip(part_names, colours, strict=True)]
    key(figure, entries + [(word, Patch(**marks.HATCHED)) for word in _hidden(one)])
    sign(figure, one.rows)
    return figure


def _hidden(one: Answers) -> list[str]:
    """The key of the parts that may not be shown, where a bar has some."""
    partly = _shares(one).isna().any(axis=1) & _shares(one).notna().any(axis=1)
    words = {_why(one, item) for item in partly[partly].index}
    return [" or ".join(sorted(words)).capitalize()] if words else []


def _colours(scale: Scale, parts: list[str]) -> list[Any]:
    greys = [SPECIAL[i % len(SPECIAL)] for i in range(len(scale.special))]
    steps: list[Any] = [*ordered_colours(len(scale.options)), *greys]
    return steps + [MISSING] * (len(parts) - len(steps))


def _why(one: Answers, item: str) -> str:
    rows = select(one.rows, item=item, category=_parts(one))
    return absence(rows[~drawable(rows)].iloc[0])


def _population(one: Answers) -> str:
    return str(one.rows["population"].iloc[0] or "people")


def _asked(one: Answers) -> pd.Series:
    return select(one.rows, category=_parts(one)).groupby("item")["n"].max().reindex(one.items)


def _spec(one: Answers, labels: Labels) -> FigureSpec:
    title = f"{labels.label('instrument', one.instrument)}, {labels.label('wave', one.wave)}"
    headline = labels.label("category", one.scale.headline, one.instrument)
    caption = [
        f"{title}: answers as shares of all {_population(one)}, whether they answered or not.",
        "Hatched: parts that are withheld or not known, together." if _hidden(one) else "",
        f"Items in the order of the share “{headline}”." if len(one.items) > 1 else "",
        provenance(one.rows),
    ]
    name = f"feedback-{one.instrument}-{one.wave}"
    return figure_spec(name, title, caption, partial(draw, one, labels), _alt(one, labels), one.rows)


def _alt(one: Answers, labels: Labels) -> list[str]:
    shown = one.rows[drawable(one.rows) & one.rows["category"].eq(one.scale.headline)]
    headline = labels.label("category", one.scale.headline, one.instrument)
    closed = int((~_whole(one)).sum())
    rest = f"{counted(closed, 'item')} of {len(one.items)} not shown in full." if closed else ""
    if shown.empty:
        return [f"Answers to {counted(len(one.items), 'item')} as shares of {_population(one)}.", rest]
    name = {i: labels.label("item", i, one.instrument) for i in shown["item"]}
    least, top = extremes(shown)
    n = f" ({among(_asked(one))})" if among(_asked(one)) else ""
    head = f"Share of all {_population(one)}{n} with the answer “{headline}”: "
    if len(shown) == 1:
        return [f"{head}{percent(top['value'])} for {name[top['item']]}.", rest]
    spread = f"highest {percent(top['value'])} for {name[top['item']]}, lowest {percent(least['value'])} for "
    return [f"{head}{spread}{name[least['item']]}.", f"{counted(len(one.items), 'item')}.", rest]
