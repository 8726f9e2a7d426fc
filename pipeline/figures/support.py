"""How support was given: group and individual contacts, activities, sessions per client, rate ratios.

Surveys belong in ``feedback.py``, posts in ``workforce.py``.
"""

from __future__ import annotations

from functools import partial

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from pipeline.figures import marks
from pipeline.figures.labels import Labels
from pipeline.figures.many import in_short, many, share_strips, strips
from pipeline.figures.rows import absence, align, drawable, extremes, records, select
from pipeline.figures.spec import FigureSpec, figure_spec
from pipeline.figures.style import CATEGORIES, LINE, key, key_height, row_height, row_labels, sign, single, styled
from pipeline.figures.words import count, counted, listed, percent, provenance
from schemas.vocabulary import ALL

_DENOMINATORS = ("contacts", "not-stated")
_KINDS = {
    "activity": ("activities", "What contacts were about", "activities"),
    "mode": ("modes", "How contacts took place", "ways of contact"),
}
"""Name and title of the figure of a kind of contact, and what several of them are called."""


def specs(estimates: pd.DataFrame, labels: Labels) -> list[FigureSpec]:
    """The figures of the contacts that the estimates can feed."""
    mix = _of_one_denominator(select(estimates, statistic="share", population="support", item="support"))
    found = [_mix_spec(mix, labels)] if not mix.empty else []
    for kind in _KINDS:
        rows = select(estimates, statistic="share", item=kind, denominator="contacts")
        if drawable(select(rows, service=ALL)).any():
            found.append(_kinds_spec(rows, labels, kind))
    return found


def _of_one_denominator(rows: pd.DataFrame) -> pd.DataFrame:
    """Contacts where they were counted, else whatever the document counted; empty where nothing can be drawn."""
    others = [one for one in dict.fromkeys(rows["denominator"]) if one not in _DENOMINATORS]
    for denominator in (*_DENOMINATORS, *others):
        some = select(rows, denominator=denominator)
        if drawable(some).any():
            return some
    return rows.iloc[:0]


@styled
def draw_mix(rows: pd.DataFrame, labels: Labels) -> Figure:
    """A bar per service, all services last: the parts are the kinds of contact."""
    services = labels.services(rows["service"])
    kinds = labels.ordered("category", rows["category"], "support")
    names = row_labels([labels.label("service", service) for service in services])
    kind_names = [labels.label("category", kind, "support") for kind in kinds]
    figure, ax = single(0.75 + key_height(kind_names) + len(names) * row_height(names))
    _mix_bars(ax, rows, services, kinds)
    marks.row_axis(ax, names, rule_before=_rule(services))
    marks.share_axis(ax, _mix_unit(rows))
    marks.side(ax, ("", [count(n) for n in rows.groupby("service")["n"].max().reindex(services)]))
    key(figure, [(n, Patch(facecolor=c)) for n, c in zip(kind_names, CATEGORIES * len(kinds), strict=False)])
    sign(figure, rows)
    return figure


def _mix_bars(ax: marks.Axes, rows: pd.DataFrame, services: list[str], kinds: list[str]) -> None:
    shown = rows.assign(value=rows["value"].where(drawable(rows), -1.0))
    shares = shown.pivot_table("value", "service", "category", aggfunc="first").reindex(services)[kinds]
    shares = shares.fillna(0.0)
    marks.stacked(ax, shares.where(shares >= 0), (CATEGORIES * len(kinds))[: len(kinds)])
    for y, service in enumerate(services):
        closed = select(rows, service=service)
        closed = closed[~drawable(closed)]
        if not closed.empty:
            marks.absent(ax, y, absence(closed.iloc[0]))


def _rule(services: list[str]) -> int | None:
    return len(services) - 1 if services[-1:] == [ALL] and len(services) > 1 else None


def _mix_unit(rows: pd.DataFrame) -> str:
    denominator = rows["denominator"].iloc[0]
    if denominator == "not-stated":
        return "Share of support (%); what was counted is not stated"
    return f"Share of {denominator} (%)"


@styled
def draw_mix_of_many(rows: pd.DataFrame, labels: Labels) -> Figure:
    """A row per kind of contact, a dot per service."""
    kinds = labels.ordered("category", rows["category"], "support")
    names = [labels.label("category", kind, "support") for kind in kinds]
    return strips(rows, share_strips("category", kinds, names, _mix_unit(rows)))


def _mix_spec(rows: pd.DataFrame, labels: Labels) -> FigureSpec:
    kinds = labels.ordered("category", rows["category"], "support")
    names = [labels.label("category", kind, "support") for kind in kinds]
    title = f"{listed([names[0], *(name.lower() for name in names[1:])])} support by service"
    first = select(rows, category=kinds[0])
    form = in_short(rows, "A dot") if many(rows) else ""
    caption = [f"{title}: {_mix_unit(rows)[:1].lower()}{_mix_unit(rows)[1:]}.", form, provenance(rows)]
    alt = _by_service_alt(f"{names[0]} support", _mix_unit(rows).split(" (")[0].lower(), first, labels)
    draw = partial(draw_mix_of_many if many(rows) else draw_mix, rows, labels)
    return figure_spec("support-mix", title, caption, draw, alt, rows)


def _by_service_alt(what: str, of: str, rows: pd.DataFrame, labels: Labels) -> list[str]:
    """Highest and lowest service, and all services together."""
    shown = rows[drawable(rows)]
    by_service, total = shown[shown["service"].ne(ALL)], select(shown, service=ALL)
    closed = int((~drawable(rows)).sum())
    sentences = [f"{what}, {of}, by service."]
    if many(by_service):
        ends = [percent(row["value"]) for row in extremes(by_service)]
        sentences = [f"{what}, {of}: a dot per service without names, {ends[0]} to {ends[1]} ({len(by_service)})."]
    elif len(by_service) > 1:
        ends = [f"{percent(r['value'])} at {labels.label('service', r['service'])}" for r in extremes(by_service)]
        sentences = [f"{what}, {of}: from {ends[0]} to {ends[1]} ({len(by_service)} services)."]
    elif len(by_service) == 1:
        only = by_service.iloc[0]
        sentences = [f"{what}, {of}: {percent(only['value'])} at {labels.label('service', only['service'])}."]
    if len(total):
        sentences.append(f"All services together: {percent(total['value'].iloc[0])}.")
    return [*sentences, f"{counted(closed, 'value')} not shown." if closed else ""]


@styled
def draw_kinds(rows: pd.DataFrame, labels: Labels, kind: str) -> Figure:
    """A bar per activity, or mode, for all services, with a ring per single service."""
    total = select(rows, service=ALL)
    by_size = total.sort_values("value", ascending=False, kind="stable")
    kinds = labels.ordered("category", by_size["category"], kind)
    names = row_labels([labels.label("category", one, kind) for one in kinds])
    by_service = _rings(rows, kinds)
    entries = ["All services", "Each service"] if len(by_service) else []
    figure, ax = single(0.7 + key_height(entries) + len(names) * row_height(names))
    aligned = align(total, "category", kinds)
    value = aligned["value"].where(drawable(aligned))
    ax.barh(range(len(names)), value, height=marks.BAR, color=CATEGORIES[4])
    for service in dict.fromkeys(by_service["service"]):
        marks.dots(ax, align(select(by_service, service=service), "category", kinds), colour=LINE, hollow=True)
    marks.absences(ax, aligned)
    marks.row_axis(ax, names)
    marks.side(ax, ("", ["" if pd.isna(v) else percent(v) for v in value]))
    ax.set_xlim(0, max(0.1, 1.06 * max(value.max(), by_service["value"].max() if len(by_service) else 0)))
    marks.share_ticks(ax, "Share of contacts (%)")
    if entries:
        key(figure, [(entries[0], Patch(facecolor=CATEGORIES[4])), (entries[1], marks.dot_handle(LINE, True, False))])
    sign(figure, rows)
    return figure


@styled
def draw_kinds_of_many(rows: pd.DataFrame, labels: Labels, kind: str) -> Figure:
    """A row per activity, or mode, a dot per service."""
    by_size = select(rows, service=ALL).sort_values("value", ascending=False, kind="stable")
    kinds = labels.ordered("category", by_size["category"], kind)
    names = [labels.label("category", one, kind) for one in kinds]
    form = share_strips("category", kinds, names, "Share of contacts (%)")
    return strips(select(rows, category=kinds), form)


def _rings(rows: pd.DataFrame, kinds: list[str]) -> pd.DataFrame:
    single_services = rows[rows["service"].ne(ALL) & rows["category"].isin(kinds) & drawable(rows)]
    return single_services if single_services["service"].nunique() > 1 else single_services.iloc[:0]


def _kinds_spec(rows: pd.DataFrame, labels: Labels, kind: str) -> FigureSpec:
    total = select(rows, service=ALL)
    shown = total[drawable(total)].sort_values("value", ascending=False, kind="stable")
    names = [f"{labels.label('category', r['category'], kind)} {percent(r['value'])}" for r in records(shown)]
    name, title, several_of_them = _KINDS[kind]
    n = shown["n"].max()
    rings = len(_rings(rows, list(total["category"]))) > 0
    several = "Bars: all services; rings: single services." if rings else ""
    caption = [
        f"Share of individual contacts by {kind}{f' ({count(n)})' if pd.notna(n) else ''}.",
        in_short(rows, "Ring: all services; a dot") if many(rows) else several,
        provenance(rows),
    ]
    ends = [f"Share of contacts by {kind}: most often {names[0]}", f"least often {names[-1]}"]
    alt = [f"{', '.join(ends if len(names) > 1 else ends[:1])}.", ""]
    alt[1] = f"{len(names)} {several_of_them} shown." if len(names) > 1 else ""
    alt.append(f"A dot per service ({rows['service'].nunique() - 1}), without names." if many(rows) else "")
    draw = partial(draw_kinds_of_many if many(rows) else draw_kinds, rows, labels, kind)
    return figure_spec(name, title, caption, draw, alt, rows)
