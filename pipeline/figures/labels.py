"""Names and declared order of services, waves, instruments, items and categories.

How a number or a sentence is worded belongs in ``words.py``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import pandas as pd

from schemas.vocabulary import ALL

_FIXED = {("service", ALL): "All services", ("category", "missing"): "Not answered"}


class Labels:
    """A study's labels (columns study, kind, parent, id, label, order, direction), looked up by kind and id.

    What has no label is shown by its id, in words, after all that has one.
    """

    def __init__(self, frame: pd.DataFrame, study: str) -> None:
        own = frame[frame["study"].isin([study, ""])]
        keys = list(zip(own["kind"], own["parent"].fillna(""), own["id"], strict=True))
        self._label = dict(zip(keys, own["label"], strict=True))
        self._order = dict(zip(keys, own["order"], strict=True))
        self._direction = dict(zip(keys, own["direction"].fillna(""), strict=True))

    def label(self, kind: str, identifier: str, parent: str = "") -> str:
        """The label, or the id in words (``ne-clinic`` gives ``Ne clinic``)."""
        found = self._label.get((kind, parent, identifier), self._label.get((kind, "", identifier)))
        plain = identifier.replace("-", " ").replace("_", " ")
        return str(found or _FIXED.get((kind, identifier)) or plain[:1].upper() + plain[1:])

    def direction(self, kind: str, identifier: str, parent: str = "") -> str:
        """The direction of an instrument, or the role of a category; empty where none is declared."""
        return str(self._direction.get((kind, parent, identifier), ""))

    def ordered(self, kind: str, ids: Iterable[str], parent: str = "") -> list[str]:
        """The distinct ids in declared order, ``all`` last, the undeclared ones as they came."""
        return sorted(dict.fromkeys(ids), key=lambda one: self._rank(kind, one, parent))

    def services(self, ids: Iterable[str]) -> list[str]:
        """The distinct services in declared order, ``all`` last; without ``all`` where it pools only one."""
        ordered = self.ordered("service", ids)
        return ordered[:1] if len(ordered) == 2 and ordered[1] == ALL else ordered

    def _rank(self, kind: str, identifier: str, parent: str) -> tuple[bool, float]:
        order = self._order.get((kind, parent, identifier), self._order.get((kind, "", identifier), math.inf))
        return identifier == ALL, float(order)
