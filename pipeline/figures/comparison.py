"""One answer of one survey over services, as the figures that compare services take it.

How it is drawn belongs in ``services.py`` (services with names) and ``funnel.py`` (more than there is room to name).
"""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from pipeline.figures.labels import Labels
from pipeline.figures.rows import drawable, ranged, records, select
from pipeline.figures.words import percent

LIMITS = ("0.998", "0.95")
"""Levels of the limits, in the order in which they are drawn: the wider band first."""


class Comparison(NamedTuple):
    """Shares and limits, and the items and services drawn."""

    shares: pd.DataFrame
    limits: pd.DataFrame
    items: list[str]
    services: list[str]
    instrument: str
    category: str
    wave: str

    def rows(self) -> pd.DataFrame:
        """All estimates that the figure rests on."""
        return pd.concat([self.shares, self.limits])

    def of_items(self, items: list[str]) -> Comparison:
        """The same for some of the items."""
        shares, limits = (select(rows, item=items) for rows in (self.shares, self.limits))
        return self._replace(shares=shares, limits=limits, items=items)


def beyond(one: Comparison, at: str) -> pd.DataFrame:
    """The rows of the shares that are beyond the limits at one level."""
    shares = one.shares[drawable(one.shares)]
    limits = select(one.limits, at=at)
    both = shares.merge(limits[ranged(limits)], on=["service", "item"], suffixes=("", "_limit"))
    return both[(both["value"] < both["low_limit"]) | (both["value"] > both["high_limit"])]


def outside(one: Comparison, labels: Labels, at: str) -> dict[str, list[str]]:
    """Names of the services, with items and shares, whose share is beyond the limits at one level."""
    found: dict[str, list[str]] = {}
    for row in records(beyond(one, at)):
        words = f"{labels.label('item', row['item'], one.instrument)} {percent(row['value'])}"
        found.setdefault(labels.label("service", row["service"]), []).append(words)
    return found
