"""Who gave which code to which unit, and the cells and sums that this becomes; shared by all methods on codings.

The estimates made of it belong in ``themes``, ``saturation`` and ``agreement``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl

from pipeline.methods.results import Context, Ledger
from pipeline.methods.services import known_services
from schemas.analyses import Themes
from schemas.coding import UNATTRIBUTED
from schemas.vocabulary import ALL

Bools = np.ndarray[Any, np.dtype[np.bool_]]

INSTRUMENT = "codebook"
"""The instrument of every estimate about a code; the code is its item."""

CODED = "coded"
MAJORITY = "majority"
ANY_CODER = "any-coder"
GIVEN = "given"
BOTH = "both"


@dataclass(frozen=True)
class Coded:
    """Codes by coder and unit.

    ``given`` is coders x units x codes, ``read`` coders x units: a coder has read a unit if he has a row for it,
    be it only ``no-code``. Units stand in the order of the segments, codes in that of the codebook; codes that
    nobody gave are left out.
    """

    units: tuple[str, ...]
    services: tuple[str, ...]
    coders: tuple[str, ...]
    codes: tuple[str, ...]
    given: Bools
    read: Bools

    @staticmethod
    def of(segments: pl.DataFrame, codings: pl.DataFrame, codebook: pl.DataFrame, unit: str) -> Coded:
        """Arrays of ``codings`` (rows of ``schemas.codings``), a ``unit`` being a segment or a whole document."""
        frame = segments.select("segment", "service", unit=pl.col(unit))
        units = frame.group_by("unit", maintain_order=True).agg(pl.col("service").unique())
        rows = codings.join(frame.select("segment", "unit"), on="segment")
        named = set(rows["code"])
        codes = [code for code in codebook["code"] if code in named]
        coders = sorted(set(rows["coder"]))
        given = np.zeros((len(coders), units.height, len(codes) + 1), dtype=bool)
        where = [{one: i for i, one in enumerate(names)} for names in (coders, units["unit"], codes)]
        for coder, one, code in rows.select("coder", "unit", "code").iter_rows():
            given[where[0][coder], where[1][one], where[2].get(code, len(codes))] = True
        services = tuple(one[0] if len(one) == 1 else UNATTRIBUTED for one in units["service"])
        every = (tuple(units["unit"]), services, tuple(coders), tuple(codes))
        return Coded(*every, given[:, :, :-1], np.asarray(given.any(axis=2), dtype=bool))

    def coded(self) -> Bools:
        """Units that at least one coder has read."""
        return np.asarray(self.read.any(axis=0), dtype=bool)

    def majority(self) -> Bools:
        """Units x codes: more than half of those who read the unit gave the code; in a tie it does not count."""
        return np.asarray(2 * self.given.sum(axis=0) > self.read.sum(axis=0)[:, None], dtype=bool)

    def by_any(self) -> Bools:
        """Units x codes: at least one coder gave the code."""
        return np.asarray(self.given.any(axis=0), dtype=bool)

    def pairs(self) -> list[tuple[int, int]]:
        """Positions of each two coders."""
        return list(combinations(range(len(self.coders)), 2))

    def pair_name(self, pair: tuple[int, int]) -> str:
        """The two coders, as the ``group`` of an estimate."""
        return f"{self.coders[pair[0]]} & {self.coders[pair[1]]}"


@dataclass
class CodedCells:
    """The cells of codings, added to the ledger when first asked for, and the sums that hold among them.

    A unit is protected as if it were one person (``coded segment``, ``coded document``): a diary or an answer in
    words is one person's. Coders are not protected.
    """

    coded: Coded
    ledger: Ledger
    declared: Themes
    _ids: dict[tuple[str, str, str, str], str] = field(default_factory=dict)
    _within: dict[str, Bools] = field(default_factory=dict)

    @staticmethod
    def of(
        segments: pl.DataFrame, codings: pl.DataFrame, codebook: pl.DataFrame, declared: Themes, context: Context
    ) -> CodedCells:
        """The cells of a study's codings, with a ledger of their own."""
        return CodedCells(Coded.of(segments, codings, codebook, declared.unit), Ledger(context), declared)

    @property
    def population(self) -> str:
        """Who is counted: segments or documents."""
        return f"{self.declared.unit}s"

    def services(self) -> list[str]:
        """`all`, and the services that units are attributed to; none of these where there is only one."""
        found = set(self.coded.services) - {UNATTRIBUTED}
        known = known_services(found, self.ledger.context)
        return [ALL, *known] if len(set(self.coded.services)) > 1 else [ALL]

    def parts(self) -> list[str]:
        """What `all` is made of: the services of the units, `unattributed` included; empty where there is one."""
        found = list(dict.fromkeys(self.coded.services))
        return found if len(found) > 1 else []

    def within(self, service: str) -> Bools:
        """Units of a service that somebody has read."""
        if service not in self._within:
            own = np.array([service in (ALL, one) for one in self.coded.services], dtype=bool)
            self._within[service] = self.coded.coded() & own
        return self._within[service]

    def units(self, service: str = ALL, group: str = "", mask: Bools | None = None) -> str:
        """Cell of the units read: by anybody, or (``group``, ``mask``) by these coders."""
        return self._cell(self.within(service) if mask is None else mask, service, "", CODED, group)

    def of_code(self, code: int, category: str, had: Bools, among: Bools, service: str = ALL, group: str = "") -> str:
        """Cell of the units that have a code in the sense of ``category``; with the rest it sums to ``among``."""
        item = self.coded.codes[code]
        one = self._cell(had & among, service, item, category, group)
        rest = self._cell(~had & among, service, item, f"not-{category}", group)
        total = self.units(service, group, among)
        self.ledger.sum_of(total, [one, rest], f"{item}|{category}|category")
        return one

    def with_both(self, one: int, other: int, had: Bools) -> str:
        """Cell of the units with both codes; with those that have only one of them it sums to that code's."""
        among, names = self.within(ALL), [self.coded.codes[i] for i in (one, other)]
        both = self._cell(had[:, one] & had[:, other] & among, ALL, names[0], f"with-{names[1]}", "")
        for own, rest in ((one, other), (other, one)):
            item, absent = self.coded.codes[own], self.coded.codes[rest]
            alone = self._cell(had[:, own] & ~had[:, rest] & among, ALL, item, f"without-{absent}", "")
            total = self.of_code(own, MAJORITY, had[:, own], among)
            self.ledger.sum_of(total, [both, alone], f"with-{absent}")
        return both

    def add_up(self) -> None:
        """Declare that the services' cells sum to those of `all`, where each of them has its cell."""
        services = self.parts()
        for service, item, category, group in [key for key in self._ids if key[0] == ALL and not key[3]]:
            parts = [self._ids.get((one, item, category, group), "") for one in services]
            if parts and all(parts):
                self.ledger.sum_of(self._ids[service, item, category, group], parts, "service")

    def _cell(self, mask: Bools, service: str, item: str, category: str, group: str) -> str:
        key = (service, item, category, group)
        if key not in self._ids:
            self._ids[key] = self.ledger.cell(
                float(mask.sum()),
                service=service,
                unit=f"coded {self.declared.unit}",
                population=self.population,
                instrument=INSTRUMENT,
                item=item,
                category=category,
                group=group,
            )
        return self._ids[key]


def seeded(names: Sequence[str]) -> np.random.Generator:
    """A random stream that depends on the names only, so that the same study gives the same numbers."""
    return np.random.default_rng([ord(letter) for letter in "|".join(names)])
