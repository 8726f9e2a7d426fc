"""The specifications of one comparison, and the words that every figure of them shares.

How they are drawn belongs in ``specification_curve`` (one item) and ``specification_overview`` (many).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import pandas as pd

from pipeline.figures.labels import Labels
from pipeline.figures.rows import ranged
from pipeline.figures.words import notes, provenance

SUMMARIES = (
    "specifications",
    "specifications_distinct",
    "specifications_same_sign",
    "specifications_clear",
    "specification_median",
)
MODELS = {
    "pooled": "all answers together",
    "within-services": "within services",
    "clustered": "services as clusters",
}
DENOMINATORS = {"answered": "of those who answered", "asked": "of all asked"}
CHOICES = ("category", "denominator", "model", "at")
QUESTIONS = {
    "category": "which answer counts",
    "denominator": "of whom",
    "model": "how services enter",
    "at": "which services are left out",
}
OPEN = "#8fa3b8"
"""Colour of what leaves it open whether there is a difference, and of specifications beside the declared one."""


class Multiverse(NamedTuple):
    """The specifications of one comparison (``rows``) and its summaries; ``declared`` says which is the declared."""

    rows: pd.DataFrame
    summaries: pd.DataFrame
    instrument: str
    category: str
    reference: str
    wave: str
    name: str

    def declared(self, rows: pd.DataFrame) -> pd.Series:
        """Which rows are the comparison as declared: its answer, of those who answered, every service, pooled."""
        return (
            rows["at"].eq("1")
            & rows["category"].eq(self.category)
            & rows["denominator"].eq("answered")
            & rows["model"].eq("pooled")
        )

    def used(self) -> pd.DataFrame:
        """All estimates that a figure of it rests on."""
        return pd.concat([self.rows, self.summaries])


def clear_of_zero(rows: pd.DataFrame) -> Any:
    """Which intervals exclude no difference."""
    return (ranged(rows) & ((rows["low"] > 0) | (rows["high"] < 0))).to_numpy()


def different(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows whose difference is another number than those before it with the same answer of the same persons.

    Some models change the interval only: services as clusters, and where everybody is in both waves within services.
    """
    same = ["item", "category", "denominator", "value"]
    return rows.assign(value=rows["value"].round(9)).drop_duplicates(same)


def varied(one: Multiverse) -> str:
    """The choices that are not the same in all specifications, in words; empty where none varies."""
    return ", ".join(words for choice, words in QUESTIONS.items() if one.rows[choice].nunique() > 1)


def compared(one: Multiverse, labels: Labels) -> str:
    """The beginning of a caption."""
    answer = labels.label("category", one.category, one.instrument)
    earlier, later = (labels.label("wave", wave) for wave in (one.reference, one.wave))
    return f"Difference in the share “{answer}” from {earlier} to {later} under every combination of choices"


def cautions(one: Multiverse, rows: pd.DataFrame, used: pd.DataFrame) -> list[str]:
    """The end of a caption: choices that are the same in all specifications, and what to bear in mind."""
    constant = [choice for choice in CHOICES if one.rows[choice].nunique() == 1]
    same = {"denominator": "Shares are {}.", "model": "Services: {}."}
    words = [same[c].format({**MODELS, **DENOMINATORS}[one.rows[c].iloc[0]]) for c in constant if c in same]
    return [
        *words,
        "All use the same answers, so how many agree is no test.",
        provenance(used),
        notes(_each_reason(rows[rows["reason"].ne("no variation")])),
    ]


def _each_reason(rows: pd.DataFrame) -> pd.DataFrame:
    """A row for each thing that a reason says, so that none is told twice; of one row it is, of many it is some."""
    each = rows.assign(reason=rows["reason"].str.split("; ")).explode("reason", ignore_index=True)
    return each.assign(reason=each["reason"].str.replace("^narrower", "some intervals are narrower", regex=True))
