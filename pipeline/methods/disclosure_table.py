"""Cells and the sums among them as index arrays: what the disclosure rules, the choice of further cells and the
attack all work on.

Building and checking these arrays belongs here. What is sensitive is decided in ``disclosure_rules``, what else
is withheld in ``disclosure_complementary``, what an attacker can find out in ``disclosure_audit``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from schemas.cells import HIDDEN

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.intp]
Floats = npt.NDArray[np.float64]
Pair = tuple[int, int]


TOLERANCE = 1e-6
REST = "|rest of|"


@dataclass(frozen=True)
class LinkedTable:
    """Linked tables: cells (by position, in the order of their ids) and the sums that connect them.

    ``members`` has one tuple a relation: the position of the total, then those of its parts. ``virtual`` cells
    are shown by no estimate: remainders (a total less one part), and what a method declared as hidden.
    """

    ids: tuple[str, ...]
    value: Floats
    integer: Bools
    signed: Bools
    virtual: Bools
    relations: tuple[str, ...]
    members: tuple[tuple[int, ...], ...]
    relations_of: tuple[tuple[int, ...], ...]

    def groups(self) -> Ints:
        """Number of the group of linked tables that each cell is in: cells of two groups share no sum."""
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        size = len(self.ids)
        edges = [(cells[0], part) for cells in self.members for part in cells[1:]]
        ends = np.array(edges, dtype=np.intp).reshape(-1, 2)
        graph = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(size, size))
        return np.asarray(connected_components(graph, directed=False)[1], dtype=np.intp)

    def with_remainders(self, pairs: Sequence[Pair]) -> LinkedTable:
        """The same table with a virtual cell ``total - part`` for each (part, total) of ``pairs``."""
        first, extra = len(self.ids), len(pairs)
        rests = [self.value[total] - self.value[part] for part, total in pairs]
        members = (*self.members, *((total, part, first + i) for i, (part, total) in enumerate(pairs)))
        names = tuple(f"{self.ids[part]}{REST}{self.ids[total]}" for part, total in pairs)
        return replace(
            self,
            ids=(*self.ids, *names),
            value=np.append(self.value, rests),
            integer=np.append(self.integer, np.ones(extra, dtype=bool)),
            signed=np.append(self.signed, np.zeros(extra, dtype=bool)),
            virtual=np.append(self.virtual, np.ones(extra, dtype=bool)),
            relations=(*self.relations, *names),
            members=members,
            relations_of=_relations_of(members, first + extra),
        )


def linked_table(cells: pd.DataFrame, relations: pd.DataFrame) -> LinkedTable:
    """Index arrays of ``cells`` (columns of ``schemas.cells.Cells``, sorted by id) and ``relations``.

    Raises
    ------
    ValueError
        When a cell is there twice or has no value, a relation names a cell that is not there or has two
        totals, or a declared sum does not hold: nothing can be proved of such tables.
    """
    ids = cells["cell_id"].tolist()
    _check_cells(cells)
    names, members = _members(relations, {one: i for i, one in enumerate(ids)})
    value = cells["value"].to_numpy(dtype=float)
    for name, (total, *parts) in zip(names, members, strict=True):
        if abs(value[total] - value[parts].sum()) > TOLERANCE * max(1.0, abs(value[total])):
            raise ValueError(f"declared sum does not hold: {name}")
    return LinkedTable(
        ids=tuple(ids),
        value=value,
        integer=_integer(cells),
        signed=_signed(cells),
        virtual=(cells["quantity"] == HIDDEN).to_numpy(dtype=bool),
        relations=names,
        members=members,
        relations_of=_relations_of(members, len(ids)),
    )


def _check_cells(cells: pd.DataFrame) -> None:
    twice = cells.loc[cells["cell_id"].duplicated(), "cell_id"]
    if len(twice):
        raise ValueError(f"cell is there twice with different content: {twice.iloc[0]}")
    empty = cells.loc[~np.isfinite(cells["value"].astype(float)), "cell_id"]
    if len(empty):
        raise ValueError(f"cell has no value: {empty.iloc[0]}")


def _members(
    relations: pd.DataFrame, position: dict[str, int]
) -> tuple[tuple[str, ...], tuple[tuple[int, ...], ...]]:
    found: dict[str, list[int]] = {}
    ordered = relations.drop_duplicates().sort_values(["relation", "part"])
    for name, total, part in ordered[["relation", "total", "part"]].itertuples(index=False):
        if total not in position or part not in position:
            raise ValueError(f"relation names a cell that is not there: {name}")
        one = found.setdefault(name, [position[total]])
        if one[0] != position[total]:
            raise ValueError(f"relation has two totals: {name}")
        one.append(position[part])
    return tuple(found), tuple(tuple(one) for one in found.values())


def _relations_of(members: Sequence[tuple[int, ...]], size: int) -> tuple[tuple[int, ...], ...]:
    found: list[list[int]] = [[] for _ in range(size)]
    for relation, cells in enumerate(members):
        for cell in cells:
            found[cell].append(relation)
    return tuple(tuple(one) for one in found)


def _integer(cells: pd.DataFrame) -> Bools:
    """Counts, and sums of a unit whose every sum is whole: an attacker knows that sessions are not halved."""
    whole = (cells["value"] % 1 == 0).groupby(cells["unit"]).transform("all")
    return np.asarray((cells["quantity"] == "count") | whole, dtype=bool)


def _signed(cells: pd.DataFrame) -> Bools:
    """Sums of a unit with a negative sum somewhere: only of these can an attacker not assume zero or more."""
    negative = (cells["value"] < 0).groupby(cells["unit"]).transform("any")
    return np.asarray(negative, dtype=bool)
