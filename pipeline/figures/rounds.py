"""Two waves of one survey: shares of both waves where persons are not linked, differences where they are.

Dots of two waves are never joined by a line: that would suggest the same persons. One wave alone belongs in
``feedback.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from pipeline.figures import marks
from pipeline.figures.labels import Labels
from pipeline.figures.rows import align, drawable, ranged, select
from pipeline.figures.spec import FigureSpec, figure_spec
from pipeline.figures.style import MAIN, key, key_height, row_height, row_labels, sign, single, styled
from pipeline.figures.words import (
    among,
    counted,
    interval_words,
    listed,
    notes,
    percent,
    plain,
    points,
    provenance,
    span,
)
from schemas.vocabulary import ALL

_PARTLY = "Part of the persons answered both rounds, which the differences take into account."
_DODGE = 0.17
_EARLIER = "#d55e00"


MODELS = ("independent", "linked", "partly-linked")
"""How persons are linked in a declared comparison; differences of other models belong in other figures."""

_KEYS = ("instrument", "category", "wave", "reference", "model")


class Rounds(NamedTuple):
    """One comparison: differences and the shares at both waves, each indexed by item in declared order."""

    differences: pd.DataFrame
    earlier: pd.DataFrame
    later: pd.DataFrame
    instrument: str
    category: str
    reference: str
    wave: str
    name: str

    @property
    def model(self) -> str:
        """How persons are linked."""
        return str(next(iter(self.differences["model"].dropna()), MODELS[0]))

    def rows(self) -> pd.DataFrame:
        """All estimates that the figure rests on."""
        found = pd.concat([self.differences, self.earlier, self.later])
        return found[found["estimate_id"].notna()]


def specs(estimates: pd.DataFrame, labels: Labels) -> list[FigureSpec]:
    """``shares-<family>`` for unlinked and partly linked rounds, ``change-<family>`` for linked ones.

    Where several comparisons share a family of tests, what tells them apart is added to the name.
    """
    differences = select(estimates, statistic="difference", contrast="waves", service=ALL, model=MODELS)
    found = []
    for name, some in _comparisons(differences):
        one = rounds(estimates, some, labels, name)
        if one.model == "linked":
            found += [_change_spec(one, labels)] if drawable(one.differences).any() else []
        elif drawable(one.earlier).any() or drawable(one.later).any():
            found.append(_shares_spec(one, labels))
    return found


def _comparisons(differences: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """The rows of each comparison, with a name of its own."""
    for family in dict.fromkeys(differences["family"]):
        some = select(differences, family=family)
        telling = _telling(some)
        for _, rows in some.groupby(list(_KEYS), sort=False):
            yield "-".join([family, *(str(rows[key].iloc[0]) for key in telling)]), rows


def _telling(differences: pd.DataFrame) -> Sequence[str]:
    """As few keys as tell the comparisons of a family apart: none where there is one only."""
    different = differences.drop_duplicates(list(_KEYS))
    enough = [n for n in range(1, len(_KEYS)) if not different.duplicated(list(_KEYS[:n])).any()]
    return _KEYS[: min(enough, default=len(_KEYS))] if len(different) > 1 else ()


def rounds(estimates: pd.DataFrame, differences: pd.DataFrame, labels: Labels, name: str = "") -> Rounds:
    """One comparison of two waves, from its differences; called by its family of tests where no name is given."""
    head = differences.iloc[0]
    items = labels.ordered("item", differences["item"], head["instrument"])
    same = {"instrument": head["instrument"], "category": head["category"], "denominator": "answered"}
    shares = select(estimates, statistic="share", service=ALL, item=items, **same)
    earlier, later = (select(shares, wave=head[key]) for key in ("reference", "wave"))
    keys = {k: str(head[k]) for k in ("instrument", "category", "reference", "wave")}
    keys["name"] = name or str(head["family"])
    frames = (align(some, "item", items) for some in (differences, earlier, later))
    return Rounds(*frames, **keys)  # type: ignore[arg-type]


def _names(one: Rounds, labels: Labels) -> list[str]:
    return row_labels([labels.label("item", item, one.instrument) for item in one.differences.index])


@styled
def draw_shares(one: Rounds, labels: Labels) -> Figure:
    """Two dots per item with intervals: hollow the earlier wave, filled the later one."""
    names = _names(one, labels)
    waves = [labels.label("wave", wave) for wave in (one.reference, one.wave)]
    figure, ax = single(0.9 + key_height(waves) + len(names) * row_height(names, 0.36))
    for rows, shift, hollow in ((one.earlier, -_DODGE, True), (one.later, _DODGE, False)):
        colour = _EARLIER if hollow else MAIN
        marks.intervals(ax, rows, shift, colour)
        marks.dots(ax, rows, shift, colour, hollow)
        for y in np.flatnonzero(~drawable(rows).to_numpy()):
            marks.absent(ax, y + shift, marks.absence(rows.iloc[y]))
    marks.row_axis(ax, names)
    marks.share_axis(ax, f"“{labels.label('category', one.category, one.instrument)}”, % of those who answered")
    _share_words(ax, one)
    handles = marks.dot_handle(_EARLIER, hollow=True), marks.dot_handle()
    key(figure, list(zip(waves, handles, strict=True)))
    sign(figure, one.rows())
    return figure


def _share_words(ax: marks.Axes, one: Rounds) -> None:
    pairs = zip(one.earlier["n"], one.later["n"], strict=True)
    texts = [" | ".join(plain(n) or "–" for n in pair) for pair in pairs]
    columns = [("n", ["" if text == "– | –" else text for text in texts])]
    if drawable(one.differences).any():
        columns.append(("Difference, points", _in_points(one.differences)))
    marks.side(ax, *columns)


def _in_points(rows: pd.DataFrame) -> list[str]:
    texts = []
    for (_, row), shown, wide in zip(rows.iterrows(), drawable(rows), ranged(rows), strict=True):
        interval = f" ({points(row['low'])} to {points(row['high'])})" if wide else ""
        texts.append(f"{points(row['value'])}{interval}" if shown else marks.absence(row))
    return texts


def _shares_spec(one: Rounds, labels: Labels) -> FigureSpec:
    answer = labels.label("category", one.category, one.instrument)
    earlier, later = (labels.label("wave", wave) for wave in (one.reference, one.wave))
    rows = one.rows()
    title = f"{answer}: {earlier} and {later}"
    caption = [
        f"Share “{answer}” among those who answered, with {interval_words(rows)}.",
        _PARTLY if one.model == "partly-linked" else "The two rounds are not linked by person.",
        "Intervals are not adjusted for the number of items." if len(one.differences) > 1 else "",
        provenance(rows),
        notes(one.differences.dropna(subset=["estimate_id"])),
    ]
    draw = partial(draw_shares, one, labels)
    return figure_spec(f"shares-{one.name}", title, caption, draw, _shares_alt(one, labels), rows)


def _shares_alt(one: Rounds, labels: Labels) -> list[str]:
    answer = labels.label("category", one.category, one.instrument)
    spans = []
    for wave, rows in ((one.reference, one.earlier), (one.wave, one.later)):
        shown = rows["value"][drawable(rows)]
        n = among(rows["n"])
        if len(shown):
            ends = span(percent(shown.min()), percent(shown.max()))
            spans.append(f"{labels.label('wave', wave)}{f' ({n})' if n else ''} {ends}")
    items = counted(len(one.differences), "item")
    linked = "rounds partly linked" if one.model == "partly-linked" else "rounds not linked"
    return [f"Share “{answer}” over {items}, {linked}: {'; '.join(spans)}.", *_beyond(one, labels)]


def _beyond(one: Rounds, labels: Labels) -> list[str]:
    """Range of the differences, and which intervals exclude no difference."""
    rows = one.differences[drawable(one.differences)]
    if rows.empty:
        return []
    clear = rows[ranged(rows) & ((rows["low"] > 0) | (rows["high"] < 0))]
    names = [labels.label("item", item, one.instrument) for item in clear.index]
    ends = span(points(rows["value"].min()), points(rows["value"].max()))
    return [
        f"Differences: {ends} percentage points.",
        f"Interval excludes 0: {listed(names)}." if names else "No interval excludes 0.",
        _after_adjustment(rows),
    ]


def _after_adjustment(rows: pd.DataFrame) -> str:
    """How many differences stand up to the number of items looked at."""
    adjusted = rows["p_adjusted"].dropna()
    clear = int((adjusted < 0.05).sum())
    words = f"p below 0.05 after {_adjustment(rows)} adjustment: {clear or 'none'} of {len(adjusted)}."
    return words if len(adjusted) > 1 else ""


def _adjustment(rows: pd.DataFrame) -> str:
    """By whom p is adjusted."""
    return "Benjamini-Hochberg" if rows["method"].str.contains("Benjamini and Hochberg").any() else "Holm"


@styled
def draw_change(one: Rounds, labels: Labels) -> Figure:
    """A dot per item: the difference between the waves among the same persons, with its interval."""
    names = _names(one, labels)
    figure, ax = single(0.9 + len(names) * row_height(names))
    rows = one.differences
    marks.reference_line(ax, 0.0)
    marks.intervals(ax, rows)
    marks.dots(ax, rows)
    marks.absences(ax, rows)
    marks.row_axis(ax, names)
    ends = pd.concat([rows["value"].where(drawable(rows)), rows["low"], rows["high"]]).abs().max()
    ax.set_xlim(-max(0.1, 1.08 * ends), max(0.1, 1.08 * ends))
    marks.point_ticks(ax, f"Change in “{labels.label('category', one.category, one.instrument)}”, percentage points")
    adjusted = [(f"p ({_adjustment(rows)})", _p_words(rows))] if rows["p_adjusted"].notna().any() else []
    marks.side(ax, ("Pairs", [plain(n) for n in rows["n"]]), *adjusted)
    sign(figure, one.rows())
    return figure


def _p_words(rows: pd.DataFrame) -> list[str]:
    shown = rows["p_adjusted"].where(drawable(rows))
    return [_p_word(p) for p in shown]


def _p_word(p: float) -> str:
    if pd.isna(p):
        return ""
    return "< 0.001" if p < 0.001 else f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def _change_spec(one: Rounds, labels: Labels) -> FigureSpec:
    one = one._replace(earlier=one.earlier.iloc[:0], later=one.later.iloc[:0])
    answer = labels.label("category", one.category, one.instrument)
    earlier, later = (labels.label("wave", wave) for wave in (one.reference, one.wave))
    rows = one.rows()
    words = f" p-values adjusted for the number of items ({_adjustment(rows)})."
    adjusted = words if rows["p_adjusted"].notna().any() else ""
    caption = [
        f"Difference in the share “{answer}” from {earlier} to {later} among the same persons, with "
        f"{interval_words(rows)}; the line marks no difference.{adjusted}",
        "There is no comparison group: a difference over time is not an effect of the service.",
        provenance(rows),
        notes(rows),
    ]
    pairs = f" ({among(rows['n'])} pairs)" if among(rows["n"]) else ""
    head = f"Change in the share “{answer}” from {earlier} to {later}, same persons{pairs}, {len(rows)} items."
    alt = [head if len(rows) > 1 else head.replace("1 items", "1 item"), *_beyond(one, labels)]
    title = f"{answer}: change from {earlier} to {later}"
    return figure_spec(f"change-{one.name}", title, caption, partial(draw_change, one, labels), alt, rows)
