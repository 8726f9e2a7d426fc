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

from pipeline.methods.disclosure_table import TOLERANCE, Bools, Floats, Ints, LinkedTable

NODE_LIMIT = 2_000
TIME_LIMIT = 5.0
_CAP, _INFINITE = 200.0, 10.0
_SWEEPS = 25


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


@dataclass
class _System:
    """The unknown cells of the components attacked: ``matrix @ x = right``, ``low <= x <= high``."""

    cells: Ints
    rows: Ints
    columns: Ints
    signs: Floats
    right: Floats
    integer: Bools
    component: Ints
    row_component: Ints
    infinite: Floats
    low: Floats
    high: Floats
    seen_low: Floats
    seen_high: Floats


def attack(table: LinkedTable, unknown: Bools, wanted: Bools, enough: Floats | None = None) -> Bounds:
    """Bounds of the ``wanted`` cells (all of them unknown) when every cell not ``unknown`` is released.

    With ``enough`` (a width for each cell) a cell is done as soon as its interval is known to be as wide as
    that; without it every bound is sought to the end. Components of cells that share no unknown are solved
    side by side in one linear programme; where its solution is not whole, an integer programme follows, with a
    limit of nodes and seconds, after which the bound of the relaxation stands.

    Returns
    -------
    Bounds
        Arrays of the length of ``table.ids``; infinite where nothing bounds a cell.
    """
    system = _system(table, unknown, wanted)
    if not len(system.cells):
        empty = np.full(len(table.ids), np.nan)
        return Bounds(empty, empty.copy(), empty.copy(), empty.copy())
    _propagate(system)
    targets = np.flatnonzero(wanted[system.cells])
    width = np.full(len(system.cells), np.inf) if enough is None else enough[system.cells]
    matrix = _matrix(system)
    _explore(system, matrix, targets, width)
    for batch, sense in _batches(system, targets, width):
        _solve_batch(system, matrix, batch, sense)
    return _bounds(system, len(table.ids))


def _system(table: LinkedTable, unknown: Bools, wanted: Bools) -> _System:
    rows, cells, signs = _reach(table, unknown, wanted)
    hidden = unknown[cells]
    columns, column = np.unique(cells[hidden], return_inverse=True)
    names, row = np.unique(rows, return_inverse=True)
    right = -np.bincount(row[~hidden], (signs * table.value[cells])[~hidden], minlength=len(names))
    lone = np.setdiff1d(np.flatnonzero(wanted), columns)
    columns = np.concatenate([columns, lone]).astype(np.intp)
    component, row_component = _components(row[hidden], column, len(columns), len(names))
    scale = 1.0 + np.bincount(component, np.abs(table.value[columns]), minlength=1 + component.max(initial=0))
    scale = scale + np.bincount(row_component, np.abs(right), minlength=len(scale))
    # A finite cap keeps a cell that nothing bounds from making the programmes of all the others unbounded.
    cap: Floats = np.asarray(_CAP * scale[component], dtype=float)
    true = table.value[columns].astype(float)
    whole = np.abs(right - np.rint(right)) < TOLERANCE
    return _System(
        cells=columns,
        rows=row[hidden],
        columns=column,
        signs=signs[hidden],
        right=np.where(whole, np.rint(right), right),
        integer=table.integer[columns],
        component=component,
        row_component=row_component,
        infinite=np.asarray(_INFINITE * scale[component], dtype=float),
        low=np.where(table.signed[columns], -cap, 0.0),
        high=cap,
        seen_low=true,
        seen_high=true.copy(),
    )


def _reach(table: LinkedTable, unknown: Bools, wanted: Bools) -> tuple[Ints, Ints, Floats]:
    """Entries (relation, cell, sign) of every relation that unknown cells connect to a wanted one."""
    found: dict[int, None] = {}
    queue = np.flatnonzero(wanted).tolist()
    met = set(queue)
    while queue:
        for relation in table.relations_of[queue.pop()]:
            if relation not in found:
                found[relation] = None
                new = [c for c in table.members[relation] if unknown[c] and c not in met]
                met.update(new)
                queue += new
    entries = [
        (relation, cell, 1.0 if place == 0 else -1.0)
        for relation in sorted(found)
        for place, cell in enumerate(table.members[relation])
    ]
    flat = np.array(entries, dtype=float).reshape(-1, 3)
    return flat[:, 0].astype(np.intp), flat[:, 1].astype(np.intp), flat[:, 2]


def _components(rows: Ints, columns: Ints, n_columns: int, n_rows: int) -> tuple[Ints, Ints]:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    size = n_columns + n_rows
    graph = coo_array((np.ones(len(rows)), (columns, rows + n_columns)), shape=(size, size))
    labels = connected_components(graph, directed=False)[1].astype(np.intp)
    return labels[:n_columns], labels[n_columns:]


def _propagate(system: _System) -> None:
    """Bounds that follow from one sum at a time, until nothing changes: cheap, and often already exact."""
    s, c, r = system.signs, system.columns, system.rows
    for _ in range(_SWEEPS):
        before = (system.low.copy(), system.high.copy())
        least = np.where(s > 0, system.low[c], -system.high[c])
        most = np.where(s > 0, system.high[c], -system.low[c])
        size = len(system.right)
        up = system.right[r] - (np.bincount(r, least, minlength=size)[r] - least)
        down = system.right[r] - (np.bincount(r, most, minlength=size)[r] - most)
        np.minimum.at(system.high, c, np.where(s > 0, up, -down))
        np.maximum.at(system.low, c, np.where(s > 0, down, -up))
        _round_inwards(system)
        if np.array_equal(before[0], system.low) and np.array_equal(before[1], system.high):
            return


def _round_inwards(system: _System) -> None:
    low = np.where(system.integer, np.ceil(system.low - TOLERANCE), system.low)
    high = np.where(system.integer, np.floor(system.high + TOLERANCE), system.high)
    # The true table always fits: what floating point takes off it is given back.
    system.low, system.high = np.minimum(low, system.seen_low), np.maximum(high, system.seen_high)


def _explore(system: _System, matrix: Any, targets: Ints, width: Floats) -> None:
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


def _batches(system: _System, targets: Ints, width: Floats) -> Iterator[tuple[Ints, int]]:
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


def _open(system: _System, width: Floats, sense: int) -> Bools:
    """Which cells may still reach further in this direction, and need to."""
    gap = system.high - system.seen_high if sense > 0 else system.seen_low - system.low
    narrow = system.seen_high - system.seen_low < width - TOLERANCE
    return np.asarray((gap > TOLERANCE) & narrow, dtype=bool)


def _matrix(system: _System) -> Any:
    from scipy.sparse import csr_array

    shape = (len(system.right), len(system.cells))
    return csr_array((system.signs, (system.rows, system.columns)), shape=shape)


def _solve_batch(system: _System, matrix: Any, batch: Ints, sense: int) -> None:
    """Push each target of ``batch`` as far as it goes and keep what that shows about all cells."""
    x, reached = _optimum(system, matrix, batch, sense, whole=False)
    if x is None:
        return
    _tighten(system, batch, reached, sense)
    fractional = _see_whole_ones(system, batch, x)
    for target in batch[np.isin(system.component[batch], fractional)]:
        if _open(system, np.full(len(system.cells), np.inf), sense)[target]:
            _solve_whole(system, matrix, int(target), sense)


def _solve_whole(system: _System, matrix: Any, target: int, sense: int) -> None:
    """The integer programme of one target in its component."""
    one = np.array([target], dtype=np.intp)
    x, reached = _optimum(system, matrix, one, sense, whole=True)
    _tighten(system, one, reached, sense)
    if x is not None:
        _see_whole_ones(system, one, x)


def _beside(system: _System, batch: Ints) -> Ints:
    """All unknown cells in the components of ``batch``."""
    return np.flatnonzero(np.isin(system.component, system.component[batch]))


def _optimum(system: _System, matrix: Any, batch: Ints, sense: int, *, whole: bool) -> tuple[Floats | None, Floats]:
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


def _tighten(system: _System, batch: Ints, reached: Floats, sense: int) -> None:
    if sense > 0:
        system.high[batch] = np.minimum(system.high[batch], reached)
    else:
        system.low[batch] = np.maximum(system.low[batch], reached)
    _round_inwards(system)


def _see_whole_ones(system: _System, batch: Ints, x: Floats) -> Ints:
    """Keep the values of the components whose counts are all whole; the numbers of the other components."""
    columns = _beside(system, batch)
    broken = system.integer[columns] & (np.abs(x - np.rint(x)) > TOLERANCE)
    fractional = np.unique(system.component[columns[broken]])
    fits = ~np.isin(system.component[columns], fractional)
    at = columns[fits]
    value = np.where(system.integer[at], np.rint(x[fits]), x[fits])
    system.seen_low[at] = np.minimum(system.seen_low[at], value)
    system.seen_high[at] = np.maximum(system.seen_high[at], value)
    return fractional


def _bounds(system: _System, size: int) -> Bounds:
    def spread(values: Floats) -> Floats:
        full = np.full(size, np.nan)
        full[system.cells] = np.where(np.abs(values) > system.infinite, np.copysign(np.inf, values), values)
        return full

    return Bounds(spread(system.low), spread(system.high), spread(system.seen_low), spread(system.seen_high))
