"""What every method returns: estimates, the cells underneath, their links, and the sums among the cells.

How a number is computed belongs in the method; this module only gives it the one shape.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from schemas.vocabulary import (
    CELL_KEYS,
    ESTIMATE_COLUMNS,
    ESTIMATE_KEYS,
    ESTIMATE_NUMBERS,
    cell_id,
    estimate_id,
)

CELL_COLUMNS = ("cell_id", *CELL_KEYS, "value", "unit", "contributors", "largest")
CELL_NUMBERS = ("value", "contributors", "largest")
LINK_COLUMNS = ("estimate_id", "cell_id", "role")
RELATION_COLUMNS = ("relation", "total", "part")


@dataclass(frozen=True)
class Context:
    """What a method needs to know of the study it works for; ``interval`` is that of the shares of survey answers."""

    study: str
    data_status: str
    services: tuple[str, ...] = ()
    produced_by: str = ""
    level: float = 0.95
    power: float = 0.8
    interval: str = "wilson"


@dataclass(frozen=True)
class Results:
    """Estimates (columns ``ESTIMATE_COLUMNS``), cells, links and relations; each a pandas frame."""

    estimates: pd.DataFrame
    cells: pd.DataFrame
    links: pd.DataFrame
    relations: pd.DataFrame

    @staticmethod
    def concat(parts: Iterable[Results]) -> Results:
        """All parts as one; the same cell, link or relation in two parts is kept once."""
        parts = list(parts) or [Ledger(Context("none", "observed")).results()]
        frames = [
            pd.concat([getattr(part, name) for part in parts], ignore_index=True)
            for name in ("estimates", "cells", "links", "relations")
        ]
        return Results(frames[0], *(frame.drop_duplicates(ignore_index=True) for frame in frames[1:]))

    def with_estimates(self, estimates: pd.DataFrame) -> Results:
        """The same cells under other estimates."""
        return replace(self, estimates=estimates)


@dataclass
class Ledger:
    """Collects a method's rows and turns them into ``Results``.

    >>> ledger = Ledger(Context("demo", "demonstration", produced_by="demo/feedback"))
    >>> asked = ledger.cell(53, service="all", item="hope", category="asked", unit="respondent")
    >>> yes = ledger.cell(27, service="all", item="hope", category="yes", unit="respondent")
    >>> ledger.sum_of(asked, [yes], "category")
    >>> row = ledger.estimate("share", 27 / 53, cells=[(yes, "numerator"), (asked, "denominator")],
    ...                       service="all", item="hope", category="yes", denominator="asked", n=53)
    """

    context: Context
    _estimates: list[dict[str, object]] = field(default_factory=list)
    _cells: dict[str, dict[str, object]] = field(default_factory=dict)
    _links: list[tuple[str, str, str]] = field(default_factory=list)
    _relations: list[tuple[str, str, str]] = field(default_factory=list)

    def cell(
        self,
        value: float,
        *,
        service: str,
        unit: str,
        quantity: str = "count",
        contributors: float | None = None,
        largest: float | None = None,
        **keys: str,
    ) -> str:
        """Add one cell (once) and return its id. ``contributors`` is the value itself for a count."""
        row = {"study": self.context.study, "service": service, "quantity": quantity} | keys
        key = cell_id(row)
        persons = contributors if contributors is not None else value
        numbers = {"value": value, "unit": unit, "contributors": persons, "largest": largest}
        self._cells[key] = {name: str(row.get(name) or "") for name in CELL_KEYS} | numbers | {"cell_id": key}
        return key

    def sum_of(self, total: str, parts: Sequence[str], dimension: str) -> None:
        """Declare that cell ``total`` is the sum of the cells ``parts`` along ``dimension``."""
        self._relations += [(f"{total}|{dimension}", total, part) for part in parts]

    def estimate(
        self,
        statistic: str,
        value: float | None,
        *,
        service: str,
        cells: Iterable[tuple[str, str]] = (),
        **row: object,
    ) -> str:
        """Add one estimate and return its id.

        ``row`` takes any other key, number or description of the estimates schema (``item=``, ``low=``,
        ``method=``, ``reason=`` ...). A value that is ``None`` or NaN needs a ``reason``. ``cells`` are
        (cell id, role) pairs with role numerator, denominator or input.
        """
        unknown = set(row) - set(ESTIMATE_COLUMNS)
        if unknown:
            raise TypeError(f"not a column of estimates: {', '.join(sorted(unknown))}")
        full = self._defaults() | row | {"service": service, "statistic": statistic, "value": value}
        full["estimate_id"] = key = estimate_id(full)
        self._estimates.append(full)
        self._links += [(key, one, role) for one, role in cells]
        return key

    def results(self) -> Results:
        """All that was collected; ids are checked by the schemas where the results are written."""
        links = list(dict.fromkeys(self._links))
        relations = list(dict.fromkeys(self._relations))
        return Results(
            _frame(self._estimates, ESTIMATE_COLUMNS, ESTIMATE_NUMBERS),
            _frame(list(self._cells.values()), CELL_COLUMNS, CELL_NUMBERS),
            _frame([dict(zip(LINK_COLUMNS, link, strict=True)) for link in links], LINK_COLUMNS),
            _frame([dict(zip(RELATION_COLUMNS, one, strict=True)) for one in relations], RELATION_COLUMNS),
        )

    def _defaults(self) -> dict[str, object]:
        texts = dict.fromkeys((*ESTIMATE_KEYS, "family", "unit", "method", "reason"), "")
        identified = "no" if self.context.data_status == "reconstructed" else "not_applicable"
        return texts | {
            "study": self.context.study,
            "scale": "natural",
            "data_status": self.context.data_status,
            "identified": identified,
            "suppressed": False,
            "produced_by": self.context.produced_by,
        }


def _frame(rows: Sequence[Mapping[str, object]], columns: Sequence[str], numbers: Sequence[str] = ()) -> pd.DataFrame:
    """Rows as a frame: floats, truth values and texts, built a column at a time."""
    return pd.DataFrame({name: _column([row.get(name) for row in rows], name, name in numbers) for name in columns})


def _column(values: list[Any], name: str, number: bool) -> Any:
    if number:
        return np.array([np.nan if value is None else value for value in values], dtype="float64")
    return np.array(values, dtype=bool) if name == "suppressed" else pd.array(values, dtype="str")
