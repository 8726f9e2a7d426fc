"""The withheld cells of a release as equations with bounds: what an attack works on.

Which cells are attacked, and the programmes that bound them, belong in ``disclosure_audit``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.methods.disclosure_seen import SeenTables
from pipeline.methods.disclosure_table import TOLERANCE, Bools, Floats, Ints, LinkedTable

_CAP, _INFINITE = 200.0, 10.0
_SWEEPS = 25


@dataclass
class System:
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
    true: Floats
    tables: SeenTables


def unknown_cells(table: LinkedTable, unknown: Bools, wanted: Bools, seen: SeenTables) -> System:
    """All unknown cells that are tied to a ``wanted`` one by sums, directly or through others, and the wanted ones.

    What nothing bounds is let go up to some hundred times the values of its component.
    """
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
    return System(
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
        true=true.copy(),
        tables=seen,
    )


def recall(system: System, unknown: Bools) -> None:
    """Start from what the tables found before show, as far as they fit the sums of this release too."""
    position = np.full(len(unknown), -1)
    position[system.cells] = np.arange(len(system.cells))
    for cells, difference in system.tables.fitting(unknown):
        at, here = position[cells], position[cells] >= 0
        if _adds_up(system, at[here], difference[here]):
            _widen(system, at[here], difference[here])


def _adds_up(system: System, at: Ints, difference: Floats) -> bool:
    change = np.zeros(len(system.cells))
    change[at] = difference
    moved = np.bincount(system.rows, system.signs * change[system.columns], minlength=len(system.right))
    return bool((np.abs(moved) <= TOLERANCE * (1.0 + np.abs(difference).max(initial=0))).all())


def see(system: System, at: Ints, value: Floats) -> None:
    """Take up values that fit the release, and keep the table of each component in which they show something new."""
    difference = value - system.true[at]
    new = (value < system.seen_low[at]) | (value > system.seen_high[at])
    _widen(system, at, difference)
    order = np.argsort(system.component[at], kind="stable")
    for one in np.split(order, np.flatnonzero(np.diff(system.component[at[order]])) + 1):
        if new[one].any():
            system.tables.add(system.cells[at[one]], difference[one])


def _widen(system: System, at: Ints, difference: Floats) -> None:
    value = system.true[at] + difference
    system.seen_low[at] = np.minimum(system.seen_low[at], value)
    system.seen_high[at] = np.maximum(system.seen_high[at], value)


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


def propagate(system: System) -> None:
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
        round_inwards(system)
        if np.array_equal(before[0], system.low) and np.array_equal(before[1], system.high):
            return


def round_inwards(system: System) -> None:
    """Counts are whole: so are their bounds."""
    low = np.where(system.integer, np.ceil(system.low - TOLERANCE), system.low)
    high = np.where(system.integer, np.floor(system.high + TOLERANCE), system.high)
    # The true table always fits: what floating point takes off it is given back.
    system.low, system.high = np.minimum(low, system.seen_low), np.maximum(high, system.seen_high)
