"""Complementary suppression: which further cells to withhold so that sums do not give sensitive ones away.

Greedy, then checked: a sum with one withheld member gets a second one; then the attack of ``disclosure_audit``
is run, and whatever it still bounds too closely gets one more, until nothing is. Cheapest first: parts before
totals, counts above zero, wide enough, starting no new chain, small. At last the dearest of the further cells are
given back where the attack shows that all others stay protected without them. The order of all this depends on
ids and values only.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from pipeline.methods.disclosure_audit import attack
from pipeline.methods.disclosure_rules import Sensitive
from pipeline.methods.disclosure_seen import SeenTables
from pipeline.methods.disclosure_table import Bools, Ints, LinkedTable

_EFFORT = 20_000
"""Bounds of sensitive cells that may be sought anew while giving cells back; a number, so that it is repeatable."""


@dataclass
class _Choice:
    """The cells withheld so far, with the number of unknown members of each relation kept up to date."""

    what: Sensitive
    unknown: Bools
    seen: SeenTables
    hidden: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.hidden = [sum(bool(self.unknown[c]) for c in cells) for cells in self.what.table.members]

    def set(self, cell: int, *, unknown: bool) -> None:
        self.unknown[cell] = unknown
        for relation in self.what.table.relations_of[cell]:
            self.hidden[relation] += 1 if unknown else -1


def protect(what: Sensitive, seen: SeenTables | None = None) -> Bools:
    """Withhold the sensitive cells of ``what`` and as many others as it takes.

    ``seen`` takes up the tables that the attacks on the way find, for an attack on the outcome.

    Returns
    -------
    numpy.ndarray
        For each cell of the table: withheld (or virtual, which nobody was shown in the first place).
    """
    choice = _Choice(what, what.primary() | what.table.virtual, seen or SeenTables())
    _withhold_further(choice)
    _give_back(choice)
    return choice.unknown


def _withhold_further(choice: _Choice) -> None:
    what = choice.what
    weak = (what.required > 0) & choice.unknown
    while True:
        _no_lone_cells(choice)
        if not weak.any():
            return
        # An interval only grows as more is withheld: what was once protected need not be looked at again.
        bounds = attack(what.table, choice.unknown, weak, what.required, choice.seen)
        weak &= bounds.too_narrow(what.required)
        if not _one_more_each(choice, np.flatnonzero(weak).tolist()):
            return


def _no_lone_cells(choice: _Choice) -> None:
    """Give every sum with exactly one withheld member a second one, which may call for others in turn."""
    table = choice.what.table
    queue = deque(r for r, hidden in enumerate(choice.hidden) if hidden == 1)
    while queue:
        relation = queue.popleft()
        lone = [c for c in table.members[relation] if choice.unknown[c]]
        if len(lone) != 1 or table.virtual[lone[0]]:
            continue
        chosen = _cheapest(choice, relation, lone[0])
        if chosen is not None:
            choice.set(chosen, unknown=True)
            queue.extend(r for r in table.relations_of[chosen] if choice.hidden[r] == 1)


def _one_more_each(choice: _Choice, weak: list[int]) -> bool:
    """Withhold one more cell near each weak one, but one at a time where weak cells are neighbours."""
    table, touched, any_added = choice.what.table, set[int](), False
    for cell in weak:
        near = _nearest_open(choice, cell)
        if not near or touched & {*near, *table.relations_of[cell]}:
            continue
        options = [(relation, _cheapest(choice, relation, cell)) for relation in near]
        _, chosen = min((_cost(choice, relation, cell, one), one) for relation, one in options if one is not None)
        choice.set(chosen, unknown=True)
        touched.update(table.relations_of[chosen])
        any_added = True
    return any_added


def _give_back(choice: _Choice) -> None:
    """Release further cells again, totals and large ones first, one at a time in each group of linked tables."""
    what = choice.what
    group = what.table.groups()
    need = (what.required > 0) & choice.unknown
    further = np.flatnonzero(choice.unknown & ~what.primary() & ~what.table.virtual).tolist()
    queue = sorted(further, key=lambda c: (not _is_total(what.table, c), -abs(what.table.value[c]), c))
    for _ in range(_EFFORT // max(1, int(need.sum()))):
        trial = {int(group[c]): c for c in reversed(queue)}
        if not trial:
            return
        queue = [c for c in queue if trial[int(group[c])] != c]
        _try_without(choice, trial, need & np.isin(group, list(trial)), group)


def _try_without(choice: _Choice, trial: dict[int, int], need: Bools, group: Ints) -> None:
    for cell in trial.values():
        choice.set(cell, unknown=False)
    bounds = attack(choice.what.table, choice.unknown, need, choice.what.required, choice.seen)
    for exposed in np.unique(group[need & ~bounds.reached(choice.what.required)]):
        choice.set(trial[int(exposed)], unknown=True)


def _is_total(table: LinkedTable, cell: int) -> bool:
    return any(table.members[r][0] == cell for r in table.relations_of[cell])


def _nearest_open(choice: _Choice, cell: int) -> list[int]:
    """The nearest relations, by unknown cells, that still have a member to withhold."""
    table = choice.what.table
    met, ring = {cell}, [cell]
    while ring:
        around = sorted({r for c in ring for r in table.relations_of[c]})
        open_ones = [r for r in around if choice.hidden[r] < len(table.members[r])]
        if open_ones:
            return open_ones
        ring = sorted({c for r in around for c in table.members[r]} - met)
        met.update(ring)
    return []


def _cheapest(choice: _Choice, relation: int, protected: int) -> int | None:
    open_ones = [c for c in choice.what.table.members[relation] if not choice.unknown[c]]
    return min(open_ones, key=lambda c: _cost(choice, relation, protected, c), default=None)


def _cost(choice: _Choice, relation: int, protected: int, cell: int) -> tuple[float, ...]:
    """Order of candidates: lower goes first."""
    table: LinkedTable = choice.what.table
    value = float(abs(table.value[cell]))
    is_total = table.members[relation][0] == cell
    hidden_parts = sum(abs(table.value[c]) for c in table.members[relation][1:] if choice.unknown[c])
    too_little = not is_total and value + hidden_parts < choice.what.required[protected]
    new_chains = sum(choice.hidden[r] == 0 for r in table.relations_of[cell])
    return (is_total, value == 0, too_little, -value if too_little else 0.0, new_chains, value, cell)
