"""Mean scores of an instrument by service and wave, with their intervals.

Answers to single items belong in ``feedback.py``; shares in bands stand in the tables of a report.
"""

from __future__ import annotations

from functools import partial

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pipeline.figures import marks
from pipeline.figures.labels import Labels
from pipeline.figures.many import Strips, in_short, many, strips
from pipeline.figures.rows import absence, align, drawable, records, select
from pipeline.figures.spec import FigureSpec, figure_spec
from pipeline.figures.style import (
    CATEGORIES,
    MAIN,
    key,
    key_height,
    row_height,
    row_labels,
    sign,
    single,
    styled,
)
from pipeline.figures.words import counted, interval_words, listed, number, plain, provenance, span
from schemas.vocabulary import ALL

UNIT = "points"
_ROW = 0.15
"""Inches from the dot of one wave to that of the next, within the row of a service."""


def specs(estimates: pd.DataFrame, labels: Labels) -> list[FigureSpec]:
    """``scores-<score>`` for each score with a mean that may be drawn; with the instrument where two share an id."""
    means = select(estimates, statistic="mean", unit=UNIT)
    means = means[means["instrument"].ne("") & means["wave"].ne("")]
    found = []
    for instrument in labels.ordered("instrument", means["instrument"]):
        of_survey = select(means, instrument=instrument)
        for score in labels.ordered("item", of_survey["item"], instrument):
            rows = select(of_survey, item=score)
            alone = means.loc[means["item"].eq(score), "instrument"].nunique() == 1
            if drawable(rows).any():
                found.append(_spec(rows, labels, score if alone else f"{instrument}-{score}"))
    return found


@styled
def draw(rows: pd.DataFrame, labels: Labels) -> Figure:
    """A row per service, all services last: a dot with its interval for each wave."""
    services, waves = labels.services(rows["service"]), labels.ordered("wave", rows["wave"])
    names = row_labels([labels.label("service", service) for service in services])
    entries = [labels.label("wave", wave) for wave in waves] if len(waves) > 1 else []
    tall = row_height(names, max(0.3, 0.12 + _ROW * len(waves)))
    figure, ax = single(0.75 + key_height(entries) + len(names) * tall)
    colours = [MAIN, *(one for one in CATEGORIES[1:] * len(waves))]
    for place, wave in enumerate(waves):
        some = align(select(rows, wave=wave), "service", services)
        shift = (place - (len(waves) - 1) / 2) * _ROW / tall
        marks.intervals(ax, some, shift, colours[place])
        marks.dots(ax, some, shift, colours[place], hollow=place % 2 == 0 and len(waves) > 1)
    marks.row_axis(ax, names, len(services) - 1 if len(services) > 1 and services[-1] == ALL else None)
    _axis(ax, rows, labels)
    _absences(ax, rows, services)
    marks.side(ax, ("n", _sizes(rows, services, waves)))
    if entries:
        handles = [marks.dot_handle(colours[i], hollow=i % 2 == 0) for i in range(len(waves))]
        key(figure, list(zip(entries, handles, strict=True)))
    sign(figure, rows)
    return figure


def _axis(ax: Axes, rows: pd.DataFrame, labels: Labels) -> None:
    """From the least to the greatest of what is drawn, with some room."""
    shown = rows[drawable(rows)]
    ends = pd.concat([shown["value"], shown["low"], shown["high"]]).dropna()
    room = 0.06 * (ends.max() - ends.min()) or 1.0
    ax.set_xlim(ends.min() - room, ends.max() + room)
    ax.set_xlabel(f"Mean of {_name(rows, labels)}")


def _absences(ax: Axes, rows: pd.DataFrame, services: list[str]) -> None:
    """A word for each service of which no wave may be drawn."""
    for y, service in enumerate(services):
        some = select(rows, service=service)
        if not drawable(some).any():
            marks.absent(ax, y, " or ".join(dict.fromkeys(absence(row) for _, row in some.iterrows())))


def _sizes(rows: pd.DataFrame, services: list[str], waves: list[str]) -> list[str]:
    """How many were scored at each wave, in a row; a dash where the mean may not be drawn."""
    texts = []
    for service in services:
        some = align(select(rows, service=service), "wave", waves)
        sizes = zip(some["n"], drawable(some), strict=True)
        texts.append(", ".join(plain(n) if shown else "–" for n, shown in sizes))
    return texts


@styled
def draw_many(rows: pd.DataFrame, labels: Labels) -> Figure:
    """A row per wave, a dot per service."""
    waves = labels.ordered("wave", rows["wave"])

    def axis(ax: Axes) -> None:
        ax.set_xlabel(f"Mean of {_name(rows, labels)}")

    return strips(rows, Strips("wave", waves, [labels.label("wave", wave) for wave in waves], number, axis))


def _name(rows: pd.DataFrame, labels: Labels) -> str:
    return labels.label("item", str(rows["item"].iloc[0]), str(rows["instrument"].iloc[0]))


_WAYS = {"higher is better": "A higher score is better.", "lower is better": "A lower score is better."}


def _spec(rows: pd.DataFrame, labels: Labels, suffix: str) -> FigureSpec:
    name, waves = _name(rows, labels), labels.ordered("wave", rows["wave"])
    instrument, score = str(rows["instrument"].iloc[0]), str(rows["item"].iloc[0])
    title = f"{name}: mean by service"
    several = rows["service"].nunique() > 1
    if many(rows):
        form = in_short(rows, "Ring: all services; a dot")
    else:
        by = ", wave by wave" if len(waves) > 1 else ""
        form = f"Dots: means; lines: {interval_words(rows)}; n: those who could be scored{by}."
    caption = [
        f"{labels.label('instrument', instrument)}: mean score{' by service' if several else ''}. {form}",
        _WAYS.get(labels.direction("item", score, instrument), ""),
        "The waves are shown side by side; whether they differ by more than chance is not tested here."
        if len(waves) > 1
        else "",
        "Services in their declared order: this is not a ranking." if several and not many(rows) else "",
        provenance(rows),
    ]
    draw_it = partial(draw_many if many(rows) else draw, rows, labels)
    return figure_spec(f"scores-{suffix}", title, caption, draw_it, _alt(rows, labels), rows)


def _alt(rows: pd.DataFrame, labels: Labels) -> list[str]:
    """Each wave: all services together, then the range of single ones."""
    sentences = [f"Mean of {_name(rows, labels)} by service."]
    for wave in labels.ordered("wave", rows["wave"]):
        some = select(rows, wave=wave)
        shown, parts = some[drawable(some)], []
        parts += [_all(row) for row in records(select(shown, service=ALL))]
        own = shown.loc[shown["service"].ne(ALL), "value"]
        if len(own):
            ends = span(number(own.min()), number(own.max()))
            parts.append(f"{counted(len(own), 'service')} {ends}")
        if parts:
            sentences.append(f"{labels.label('wave', wave)}: {listed(parts)}.")
    closed = int((~drawable(rows)).sum())
    return [*sentences, f"{counted(closed, 'value')} not shown." if closed else ""]


def _all(row: dict[str, object]) -> str:
    known = pd.notna(row["low"]) and pd.notna(row["high"])  # type: ignore[call-overload]
    ends = f" (interval {number(row['low'])} to {number(row['high'])})" if known else ""  # type: ignore[arg-type]
    return f"all services {number(row['value'])}{ends}"  # type: ignore[arg-type]
