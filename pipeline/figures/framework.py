"""The framework matrix: which studies speak to which code, which way, and what stands beside the evidence.

Shades say which way, never how much: numbers of passages are not sizes of effects. Circles of steps that feed each
other belong in ``circles.py``.
"""

from __future__ import annotations

from functools import partial

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from pipeline.figures.spec import FigureSpec, shorten
from pipeline.figures.style import INK, LINE, MUTED, key, single, styled
from pipeline.figures.words import counted, listed, wrap

HELPS, HINDERS, OTHER = "#bcd6ea", "#f3cfa3", "#ececec"
_ROW, _HEAD = 0.225, 0.95
THEMES = {
    "factor": ("framework-factors", "Factors that help or hinder peer work"),
    "mechanism": ("framework-mechanisms", "How peer support works"),
    "harm": ("framework-harms", "What peer work can cost"),
}
_WORDS = {
    "factor": ("helps where it is there", "hinders, or is missing"),
    "mechanism": ("is at work", "is missing"),
    "harm": ("occurs", "is countered"),
}
_APART = "passages that are no evidence (advice, interpretation, literature, promotion, comment, limits, description)"


def specs(framework: pd.DataFrame, studies: pd.DataFrame) -> list[FigureSpec]:
    """One matrix a theme, where a study speaks to one of its codes; studies of one source stand side by side."""
    by_source = studies.sort_values("source_family", kind="stable")
    return [_spec(framework[framework["theme"] == theme], theme, by_source) for theme in THEMES if
            (framework["theme"] == theme).any()]  # fmt: skip


def _spec(matrix: pd.DataFrame, theme: str, studies: pd.DataFrame) -> FigureSpec:
    name, title = THEMES[theme]
    yes, no = _WORDS[theme]
    caption = (
        f"{title}: numbers of passages by study that rest on participants or evaluators. Blue: {yes}; orange: {no}; "
        f"grey: both ways, or no direction. In brackets: {_APART}. Numbers say how much was written, not how strong "
        "an effect is."
    )
    with_evidence = matrix[matrix["segments"] > 0]
    widest = with_evidence.groupby("label", sort=False)["source_family"].nunique()
    top = [str(label) for label in widest[widest == widest.max()].index] if len(widest) else []
    alt = [
        f"Matrix of {counted(matrix['code'].nunique(), 'code')}; studies: {listed(_named(matrix, studies), 6)}.",
        f"Spoken to by most source families ({widest.max()}): {listed(top)}." if top else "",
        "The tables of the report hold every number.",
    ]  # fmt: skip
    return FigureSpec(name, title, caption, partial(draw, matrix, theme, studies), shorten(alt), "observed", ())


@styled
def draw(matrix: pd.DataFrame, theme: str, studies: pd.DataFrame) -> Figure:
    """Codes in rows, studies in columns; each cell holds passages that help, hinder, and the rest."""
    codes = list(dict.fromkeys(zip(matrix["code"], matrix["label"], strict=True)))
    named = [study for study in studies["study"] if study in set(matrix["study"])]
    titles = dict(zip(studies["study"], studies["short_title"], strict=True))
    figure, ax = single(_HEAD + _ROW * len(codes))
    ax.set_xlim(0, len(named))
    ax.set_ylim(len(codes), 0)
    for column, study in enumerate(named):
        for row, (code, _) in enumerate(codes):
            own = matrix[(matrix["code"] == code) & (matrix["study"] == study)]
            _cell(ax, column, row, own.iloc[0] if len(own) else None)
    _axes(ax, [label for _, label in codes], [titles[study] for study in named])
    yes, no = _WORDS[theme]
    entries = [
        (text, colour)
        for text, colour, ways in (
            (yes.capitalize(), HELPS, ["supports"]),
            (no.capitalize(), HINDERS, ["hinders"]),
            ("Both ways, or no direction", OTHER, ["mixed", "describes"]),
        )
        if matrix[ways].to_numpy().any()
    ]
    key(figure, [(text, Patch(facecolor=colour, edgecolor="none")) for text, colour in entries])
    return figure


def _named(matrix: pd.DataFrame, studies: pd.DataFrame) -> list[str]:
    return [str(name) for name in studies.loc[studies["study"].isin(matrix["study"]), "short_title"]]


def _axes(ax: Axes, labels: list[str], studies: list[str]) -> None:
    ax.set_yticks([row + 0.5 for row in range(len(labels))], labels)
    ax.set_xticks([column + 0.5 for column in range(len(studies))], [wrap(one, 14) for one in studies])
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.grid(visible=False)
    for spine in ax.spines.values():
        spine.set_visible(False)
    for row in range(len(labels) + 1):
        ax.axhline(row, color=LINE, linewidth=0.4)


def _cell(ax: Axes, column: int, row: int, own: pd.Series | None) -> None:
    if own is None:
        return
    numbers = [(own["supports"], HELPS), (own["hinders"], HINDERS), (own["mixed"] + own["describes"], OTHER)]
    shown = [(int(number), colour) for number, colour in numbers if number]
    apart = int(sum(own[name] for name in APART_COLUMNS))
    width = 0.66 / max(len(shown), 1)
    for place, (number, colour) in enumerate(shown):
        left = column + 0.04 + place * width
        ax.add_patch(Rectangle((left, row + 0.08), width - 0.02, 0.84, facecolor=colour, edgecolor="none"))
        ax.text(left + width / 2, row + 0.52, str(number), ha="center", va="center", fontsize=7.5, color=INK)
    if apart:
        ax.text(column + 0.97, row + 0.52, f"({apart})", ha="right", va="center", fontsize=7, color=MUTED)


APART_COLUMNS = (
    "author_interpretation", "recommendation", "literature", "promotional", "commentary", "limitation", "description",
)  # fmt: skip
"""Columns of the framework that are shown beside the evidence."""
