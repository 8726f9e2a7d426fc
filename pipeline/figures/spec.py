"""What a figure is called, says and rests on, and how it is drawn.

The drawing itself belongs in the module of its family (``support``, ``feedback``, ...).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from pipeline.figures.words import valued

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ALT_LIMIT = 350
"""Longest alternative text, in characters: what a screen reader reads in about half a minute."""


@dataclass(frozen=True)
class FigureSpec:
    """One figure of a study: ``draw()`` makes a new ``Figure`` each time."""

    name: str
    title: str
    caption: str
    draw: Callable[[], Figure]
    alt: str
    data_status: str
    estimate_ids: tuple[str, ...]


def figure_spec(
    name: str,
    title: str,
    caption: Sequence[str],
    draw: Callable[[], Figure],
    alt: Sequence[str],
    rows: pd.DataFrame,
) -> FigureSpec:
    """A spec whose caption and alternative text are made of sentences, resting on the estimates ``rows``."""
    statuses = sorted(set(valued(rows)["data_status"]))
    ids = tuple(dict.fromkeys(rows["estimate_id"]))
    return FigureSpec(name, title, " ".join(filter(None, caption)), draw, shorten(alt), ", ".join(statuses), ids)


def shorten(sentences: Sequence[str], limit: int = ALT_LIMIT) -> str:
    """As many whole sentences as fit into ``limit`` characters; the first is cut where it is longer."""
    first, *others = [sentence for sentence in sentences if sentence] or [""]
    text = first if len(first) <= limit else first[: limit - 1].rsplit(" ", 1)[0] + "…"
    for sentence in others:
        if len(text) + 1 + len(sentence) <= limit:
            text = f"{text} {sentence}"
    return text
