"""What a reader gives: the cells of an export as texts with row numbers, and what the file itself says about them.

Every reader module has ``read(path, declared)``, which returns an ``Export``. Which columns mean what belongs in
``mapping.py``; types and allowed values in ``pipeline.validation``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import polars as pl

ROW = "#row"
"""Column that numbers the rows as a spreadsheet does: the header is row 1. No raw column is named so."""


@dataclass(frozen=True)
class Export:
    """One raw file.

    Attributes
    ----------
    batches
        Gives the rows anew each time it is called: frames with ``ROW`` (Int64) and the columns of the export as
        texts, stripped, an empty cell null. Numbers have no needless decimals (``3``, not ``3.0``), dates are
        ``2025-03-31`` (with a time: ``2025-03-31 14:05:00``), truth values ``true`` and ``false``.
    questions
        Wording or label of a column, where the file has one.
    answers
        By column: label of each cell that the file labels (``{"1": "Strongly agree"}``).
    missing
        By column: cells that the file itself declares missing.
    """

    batches: Callable[[], Iterator[pl.DataFrame]]
    questions: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    missing: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def frame(self) -> pl.DataFrame:
        """All rows at once."""
        return pl.concat(list(self.batches()))


def of_frame(texts: pl.DataFrame, **about: Mapping[str, object]) -> Export:
    """The export of a file that was read whole."""
    return Export(lambda: iter([texts]), **about)  # type: ignore[arg-type]
