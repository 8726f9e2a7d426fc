"""Which codes occur together: a grid of the codes met most often, a cell for each two of them.

How often each code occurs is in ``themes.py``.
"""

from __future__ import annotations

from functools import partial
from math import ceil

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from pipeline.figures.labels import Labels
from pipeline.figures.marks import HATCHED
from pipeline.figures.rows import drawable, records, select
from pipeline.figures.spec import FigureSpec, figure_spec
from pipeline.figures.style import ink_on, key, key_height, ordered_colours, sign, single, styled
from pipeline.figures.words import among, counted, listed, provenance, wrap
from schemas.vocabulary import ALL

CODEBOOK = "codebook"
MOST = 15
"""Codes of the grid: more can't be read in the width of a page."""

_STEPS, _ROW, _LINE = 5, 0.3, 30
_UNITS = {"segments": "passages", "documents": "documents"}
Pair = tuple[str, str]


def specs(estimates: pd.DataFrame, labels: Labels) -> list[FigureSpec]:
    """``codes-together``, where two codes or more have a pair that may be drawn."""
    rows = select(estimates, instrument=CODEBOOK, service=ALL)
    shares = select(rows, statistic="share", term="", category="majority")
    codes = _codes(shares)
    pairs = select(rows, statistic="jaccard", item=codes, term=codes)
    if len(codes) < 3 or not drawable(pairs).any():
        return []
    return [_spec(pairs, codes, shares["item"].nunique(), labels)]


def _codes(shares: pd.DataFrame) -> list[str]:
    """The codes met most often, from the first on; withheld ones are not among them."""
    shown = shares[drawable(shares)].sort_values("value", ascending=False, kind="stable")
    return list(shown["item"][:MOST])


def _spec(pairs: pd.DataFrame, codes: list[str], every: int, labels: Labels) -> FigureSpec:
    units = _UNITS.get(str(pairs["population"].iloc[0]), "units")
    some = f"The {len(codes)} codes met most often, of {every}. " if every > len(codes) else ""
    caption = [
        f"{some}Number in a cell: {units} with both codes, in percent of those with one or both (Jaccard's index, by "
        f"the majority of the coders); {among(pairs['n'])} {units} with one or both. Columns are the codes of these "
        "numbers.",
        "Hatched: withheld." if not drawable(pairs).all() else "",
        provenance(pairs),
    ]
    draw = partial(draw_together, pairs, codes, labels)
    return figure_spec("codes-together", "Which codes occur together", caption, draw, _alt(pairs, labels), pairs)


@styled
def draw_together(pairs: pd.DataFrame, codes: list[str], labels: Labels) -> Figure:
    """The lower half of a grid of ``codes``; a darker cell is a pair that occurs together more often."""
    names = [wrap(labels.label("item", code, CODEBOOK), _LINE) for code in codes]
    lines = [1 + name.count("\n") for name in names]
    top = max([0.01, *pairs["value"][drawable(pairs)]])
    colours = [to_hex(colour) for colour in ordered_colours(_STEPS)]
    width = max(1, ceil(100 * top / _STEPS - 1e-9))
    used = colours[: 1 + min(int(100 * top / width), _STEPS - 1)]
    entries = [(f"{i * width} to {(i + 1) * width}%", Patch(color=colour)) for i, colour in enumerate(used)]
    if not drawable(pairs).all():
        entries.append(("withheld", Patch(**HATCHED)))
    rows = sum(max(_ROW, 0.06 + 0.15 * many) for many in lines[1:])
    figure, ax = single(rows + 0.5 + key_height([name for name, _ in entries]))
    _cells(ax, pairs, codes, width, colours)
    _axes(ax, names)
    key(figure, entries)
    sign(figure, pairs)
    return figure


def _cells(ax: Axes, pairs: pd.DataFrame, codes: list[str], width: int, colours: list[str]) -> None:
    shown = drawable(pairs)
    for row, can in zip(records(pairs), shown, strict=True):
        x, y = sorted((codes.index(str(row["item"])), codes.index(str(row["term"]))))
        if not can:
            ax.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, **HATCHED))
            continue
        colour = colours[min(int(100 * row["value"] / width), _STEPS - 1)]
        ax.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, facecolor=colour, edgecolor="white", linewidth=0.8))
        ax.text(x, y, f"{100 * row['value']:.0f}", ha="center", va="center", fontsize=7, color=ink_on(colour))


def _axes(ax: Axes, names: list[str]) -> None:
    """Names of the rows at the left; each column is the code whose name stands at the top of its stair."""
    ax.set_xlim(-0.5, len(names) - 1.5)
    ax.set_ylim(len(names) - 0.5, 0.5)
    ax.set_yticks(np.arange(1, len(names)), [f"{name} ({place})" for place, name in enumerate(names[1:], 2)])
    ax.set_xticks(np.arange(len(names) - 1), [str(place) for place in range(1, len(names))])
    ax.tick_params(length=0)
    ax.grid(visible=False)
    ax.text(-0.4, 0.48, f"{names[0]} (1)".replace("\n", " "), ha="left", va="bottom", fontsize=8.5)
    ax.spines["bottom"].set_visible(False)


def _alt(pairs: pd.DataFrame, labels: Labels) -> list[str]:
    shown = pairs[drawable(pairs)].sort_values("value", ascending=False, kind="stable")
    words = [
        f"{labels.label('item', str(row['item']), CODEBOOK)} with {labels.label('item', str(row['term']), CODEBOOK)} "
        f"{100 * row['value']:.0f}%"
        for row in records(shown[shown["value"] > 0].head(3))
    ]
    closed = len(pairs) - len(shown)
    return [
        f"A grid of {counted(len(pairs), 'pair')} of codes by how often they occur together.",
        f"Most often: {listed(words)} of those with one or both." if words else "None of them do.",
        f"{counted(closed, 'pair')} withheld." if closed else "",
    ]
