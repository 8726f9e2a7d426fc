"""What a figure is called, says and rests on, and how it is drawn.

The drawing itself belongs in the module of its family (``support``, ``feedback``, ...).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from pipeline.figures.words import valued
from schemas.vocabulary import ALL

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ALT_LIMIT = 350
"""Longest alternative text, in characters: what a screen reader reads in about half a minute."""

MOST_IDS = 200
"""More estimates than this stand in the index as patterns."""

_WILD = ("service", "item", "category")


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

    def traced(self) -> tuple[str, ...]:
        """What finds the estimates behind the figure: their ids or, where there are very many, patterns of them.

        A pattern has ``*`` in the place of a single service and, if there are still too many, of an item and of a
        category. Rows of `all` keep their service.
        """
        ids = self.estimate_ids
        for key in _WILD if len(ids) > MOST_IDS else ():
            ids = tuple(dict.fromkeys(_any_of(key, one) for one in ids))
            if len(ids) <= MOST_IDS:
                break
        return ids


def _any_of(key: str, identifier: str) -> str:
    """The id with ``*`` for one of its keys."""
    study, service, *others = identifier.split("/")
    if key == "service":
        return "/".join([study, service if service == ALL else "*", *others])
    return "/".join([study, service, *(f"{key}=*" if one.startswith(f"{key}=") else one for one in others)])


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
