"""Audit by attack: the closest bounds that anybody can put on withheld cells, from what is released.

The attacker knows every released cell, every declared sum, that counts are whole and not negative, and that a
part is at most its total; nothing of the records, of the rule by which a cell was withheld, or of what single
respondents know of themselves. The bounds are optima of integer programmes (Fischetti and Salazar, 2001,
Management Science 47(7)). Which cells to withhold is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.methods.disclosure_seen import SeenTables
from pipeline.methods.disclosure_system import System, propagate, recall, round_inwards, see, unknown_cells
from pipeline.methods.disclosure_table import TOLERANCE, Bools, Floats, Ints, LinkedTable

NODE_LIMIT = 2_000
TIME_LIMIT = 5.0


@dataclass(frozen=True)
class Bounds:
    """What an attack found, by position of the cell (NaN where a cell was not attacked).

    ``low`` and ``high`` hold the cell in every table that fits the release. ``seen_low`` and ``seen_high`` are
    reached by tables that do fit. Where the two agree the bounds are exact.
    """

    low: Floats
    high: Floats
    seen_low: Floats
    seen_high: Floats

    def reached(self, required: Floats) -> Bools:
        """Whether tables that fit the release lie at least ``required`` apart: proof of protection."""
        return np.asarray(self.seen_high - self.seen_low >= required - TOLERANCE, dtype=bool)

    def too_narrow(self, required: Floats) -> Bools:
        """Whether no two tables that fit the release lie ``required`` apart: proof of disclosure."""
        return np.asarray(self.high - self.low < required - TOLERANCE, dtype=bool)


def attack(
    table: LinkedTable, unknown: Bools, wanted: Bools, enough: Floats | None = None, seen: SeenTables | None = None
) -> Bounds:
    """Bounds of the ``wanted`` cells (all of them unknown) when every cell not ``unknown`` is released.

    With ``enough`` (a width for each cell) a cell is done as soon as its interval is known to be as wide as
    that; without it every bound is sought to the end. Components of cells that share no unknown are solved
    side by side in one linear programme; where its solution is not whole, an integer programme follows, with a
    limit of nodes and seconds, after which the bound of the relaxation stands. ``seen`` are the tables found by
    earlier attacks on the same ``table``; those found by this one are added.

    Returns
    -------
    Bounds
        Arrays of the length of ``table.ids``; infinite where nothing bounds a cell.
    """
    system = unknown_cells(table, unknown, wanted, seen or SeenTables())
    if not len(system.cells):
        empty = np.full(len(table.ids), np.nan)
        return Bounds(empty, empty.copy(), empty.copy(), empty.copy())
    recall(system, unknown)
    propagate(system)
    targets = np.flatnonzero(wanted[system.cells])
    width = np.full(len(system.cells), np.inf) if enough is None else enough[system.cells]
    matrix = _matrix(system)
    _explore(system, matrix, targets, width)
    for batch, sense in _batches(system, targets, width):
        _solve_batch(system, matrix, batch, sense)
    return _bounds(system, len(table.ids))


def _explore(system: System, matrix: Any, targets: Ints, width: Floats) -> None:
    """Push all open targets at once, as long as that settles a tenth of them: many reach their bound so."""
    for sense in (1, -1):
        left = targets[_open(system, width, sense)[targets]]
        before = np.inf
        while 0 < len(left) < 0.9 * before:
            before = len(left)
            x, _ = _optimum(system, matrix, left, sense, whole=False)
            if x is None:
                break
            _see_whole_ones(system, left, x)
            left = targets[_open(system, width, sense)[targets]]


def _batches(system: System, targets: Ints, width: Floats) -> Iterator[tuple[Ints, int]]:
    """One open target of each component at a time: (targets, 1 for the largest value or -1 for the least)."""
    tried: dict[int, set[int]] = {1: set(), -1: set()}
    more = True
    while more:
        more = False
        for sense, done in tried.items():
            left = [t for t in targets[_open(system, width, sense)[targets]].tolist() if t not in done]
            batch = sorted({int(system.component[t]): t for t in reversed(left)}.values())
            done.update(batch)
            if batch:
                more = True
                yield np.array(batch, dtype=np.intp), sense


def _open(system: System, width: Floats, sense: int) -> Bools:
    """Which cells may still reach further in this direction, and need to."""
    gap = system.high - system.seen_high if sense > 0 else system.seen_low - system.low
    narrow = system.seen_high - system.seen_low < width - TOLERANCE
    return np.asarray((gap > TOLERANCE) & narrow, dtype=bool)


def _matrix(system: System) -> Any:
    from scipy.sparse import csr_array

    shape = (len(system.right), len(system.cells))
    return csr_array((system.signs, (system.rows, system.columns)), shape=shape)


def _solve_batch(system: System, matrix: Any, batch: Ints, sense: int) -> None:
    """Push each target of ``batch`` as far as it goes and keep what that shows about all cells."""
    x, reached = _optimum(system, matrix, batch, sense, whole=False)
    if x is None:
        return
    _tighten(system, batch, reached, sense)
    fractional = _see_whole_ones(system, batch, x)
    for target in batch[np.isin(system.component[batch], fractional)]:
        if _open(system, np.full(len(system.cells), np.inf), sense)[target]:
            _solve_whole(system, matrix, int(target), sense)


def _solve_whole(system: System, matrix: Any, target: int, sense: int) -> None:
    """The integer programme of one target in its component."""
    one = np.array([target], dtype=np.intp)
    x, reached = _optimum(system, matrix, one, sense, whole=True)
    _tighten(system, one, reached, sense)
    if x is not None:
        _see_whole_ones(system, one, x)


def _beside(system: System, batch: Ints) -> Ints:
    """All unknown cells in the components of ``batch``."""
    return np.flatnonzero(np.isin(system.component, system.component[batch]))


def _optimum(system: System, matrix: Any, batch: Ints, sense: int, *, whole: bool) -> tuple[Floats | None, Floats]:
    """The table with the best sum over ``batch``; and bounds of its members if each has its own component."""
    from scipy.optimize import Bounds as Box
    from scipy.optimize import LinearConstraint, milp

    columns = _beside(system, batch)
    rows = np.flatnonzero(np.isin(system.row_component, system.component[batch]))
    right = system.right[rows]
    result = milp(
        -sense * np.isin(columns, batch).astype(float),
        constraints=LinearConstraint(matrix[rows][:, columns], right, right) if len(rows) else None,
        bounds=Box(system.low[columns], system.high[columns]),
        integrality=system.integer[columns].astype(int) if whole else None,
        options={"node_limit": NODE_LIMIT, "time_limit": TIME_LIMIT, "mip_rel_gap": 0.0},
    )
    if whole:
        bound = result.mip_dual_bound
        known = bound is not None and np.isfinite(bound)
        return result.x, np.array([-sense * bound if known else sense * np.inf])
    x = result.x if result.status == 0 else None
    return x, np.array([]) if x is None else x[np.searchsorted(columns, batch)]


def _tighten(system: System, batch: Ints, reached: Floats, sense: int) -> None:
    if sense > 0:
        system.high[batch] = np.minimum(system.high[batch], reached)
    else:
        system.low[batch] = np.maximum(system.low[batch], reached)
    round_inwards(system)


def _see_whole_ones(system: System, batch: Ints, x: Floats) -> Ints:
    """Keep the values of the components whose counts are all whole; the numbers of the other components."""
    columns = _beside(system, batch)
    broken = system.integer[columns] & (np.abs(x - np.rint(x)) > TOLERANCE)
    fractional = np.unique(system.component[columns[broken]])
    fits = ~np.isin(system.component[columns], fractional)
    at = columns[fits]
    see(system, at, np.where(system.integer[at], np.rint(x[fits]), x[fits]))
    return fractional


def _bounds(system: System, size: int) -> Bounds:
    def spread(values: Floats) -> Floats:
        full = np.full(size, np.nan)
        full[system.cells] = np.where(np.abs(values) > system.infinite, np.copysign(np.inf, values), values)
        return full

    return Bounds(spread(system.low), spread(system.high), spread(system.seen_low), spread(system.seen_high))
