"""Primary suppression: which cells are sensitive by themselves, why, and how well each has to be protected.

Rules about single cells belong here; what else must be withheld to protect them does not
(``disclosure_complementary``). Rules and names follow Hundepool et al. (2012), Statistical Disclosure Control.

*Counts of persons.* Sensitive: a count below the minimum cell, a category that all but few are in (its
complement is small), a category that everyone is in. An attacker must be left with at least ``minimum_cell``
candidate values (width ``minimum_cell - 1``). The values 1 to ``minimum_cell - 1`` are one fewer, so that
nobody can conclude that the count is small and not zero. Blank items are counted, but a blank is no answer and
tells nothing about who left it: such a count is withheld only where it would give another one away.

*Sums, and counts of events* (contacts, sessions, minutes). Sensitive: few persons behind the value, or one
person who holds more than ``dominance`` of it. An attacker must not come within ``1 - dominance`` of the value on
both sides (width ``2 * (1 - dominance) * value``; the share is taken as at least a tenth, the width as at least
one unit).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.methods.disclosure_table import Bools, Floats, LinkedTable, Pair
from schemas.study import Disclosure

CELL_REASONS = (
    "minimum cell",
    "complement",
    "minimum denominator",
    "dominance",
    "attribute disclosure",
    "complementary",
)

QUESTIONNAIRE = "questionnaire"
"""Unit of response: that one was not sent or not returned says nothing about a person, as an item left blank."""

EVENT_UNITS = frozenset(
    {
        "activity",
        "activities",
        "appointment",
        "call",
        "contact",
        "cost",
        "day",
        "document",
        "episode",
        "hour",
        "interaction",
        "meeting",
        "minute",
        "month",
        "passage",
        "referral",
        "segment",
        "service",
        "session",
        "visit",
        "week",
        "year",
        QUESTIONNAIRE,
    }
)
"""Units of observation that are not persons; any other unit of a count is taken to be persons."""

PUBLIC_UNITS = frozenset({"post"})
"""What an organisation publishes about itself; who holds a post is counted in persons and protected."""

NO_ANSWER = frozenset({"missing"})
"""Categories that say nothing about a person: how many left an item blank is not protected for its own sake."""

_LEAST_MARGIN = 0.1


@dataclass(frozen=True)
class Sensitive:
    """By position in ``table``: the reason (empty where a cell is not sensitive) and the width required."""

    table: LinkedTable
    reason: tuple[str, ...]
    required: Floats

    def primary(self) -> Bools:
        """Which declared cells are withheld for what they are."""
        return np.array([bool(one) for one in self.reason], dtype=bool) & ~self.table.virtual


@dataclass(frozen=True)
class Subsets:
    """Which cells count a part of what another one counts, as (part, total) positions.

    ``categories`` are answers of a population; ``shares`` are numerators and denominators of estimates whose
    order no declared sum implies.
    """

    categories: tuple[Pair, ...]
    shares: tuple[Pair, ...]


def counts_persons(cells: pd.DataFrame) -> Bools:
    """Which cells count persons (respondents, clients ...) by what they said or are, not events or blanks."""
    units = cells["unit"].str.lower()
    no_persons = EVENT_UNITS | PUBLIC_UNITS
    events = units.isin(no_persons) | units.str.removesuffix("s").isin(no_persons)
    answers = ~cells["category"].isin(NO_ANSWER)
    return ((cells["quantity"] == "count") & ~events & answers).to_numpy(dtype=bool)


def subsets(table: LinkedTable, cells: pd.DataFrame, links: pd.DataFrame) -> Subsets:
    """Part and total of all category sums, collapsed categories included, and of all linked shares."""
    categories = _category_pairs(table, _denominators(table, links))
    known = set(categories)
    counts = (cells["quantity"] == "count").to_numpy()
    units = cells["unit"].tolist()
    shares = [
        (part, total)
        for part, total in _linked_pairs(table, links)
        if counts[part] and counts[total] and units[part] == units[total]
        if (part, total) not in known and table.value[part] <= table.value[total]
    ]
    return Subsets(tuple(categories), tuple(shares))


def sensitive(table: LinkedTable, cells: pd.DataFrame, pairs: Subsets, policy: Disclosure) -> Sensitive:
    """Apply the rules of ``policy`` (whose ``minimum_cell`` is set) to ``cells``, in the order of ``table``.

    The table that comes back also holds, as virtual cells, the remainders that need protection and those that
    tell an attacker that a numerator is at most its denominator.
    """
    minimum = policy.minimum_cell or 0
    persons = counts_persons(cells)
    small = [p for p in (*pairs.categories, *pairs.shares) if _small_rest(table, p, persons, minimum)]
    returned = (cells["unit"] == QUESTIONNAIRE).to_numpy()
    everyone = [p for p in pairs.categories if table.value[p[0]] == table.value[p[1]] > 0 and not returned[p[0]]]
    rules = {
        "minimum cell": _small_cells(table, cells, persons, minimum),
        "complement": _mark(table, small),
        "minimum denominator": _small_sums(cells, policy.minimum_denominator or minimum),
        "dominance": _dominated(cells, policy.dominance),
        "attribute disclosure": _mark(table, everyone),
    }
    reason = _first_reason(rules, len(table.ids))
    required = _required(table, persons, rules, policy)
    rests = list(dict.fromkeys([*small, *everyone, *(p for p in pairs.shares if _unordered(table, p))]))
    watched = {*small, *everyone}
    widths = [float(minimum - 1) if pair in watched else 0.0 for pair in rests]
    extra = tuple("complement" if pair in watched else "" for pair in rests)
    return Sensitive(table.with_remainders(rests), (*reason, *extra), np.append(required, widths))


def _category_pairs(table: LinkedTable, populations: set[int]) -> list[Pair]:
    """Each category with the population it is a category of.

    A sum whose parts are only some of those of another category sum, and whose total is the denominator of
    nothing, is a collapsed category: one more category of the other sum's total.
    """
    sums = [r for r, name in enumerate(table.relations) if name.endswith("|category")]
    parts = {r: frozenset(table.members[r][1:]) for r in sums}
    found: dict[Pair, None] = {}
    for r in sums:
        total = table.members[r][0]
        around = [o for o in table.relations_of[table.members[r][1]] if o in parts and parts[r] < parts[o]]
        found.update(dict.fromkeys((total, table.members[o][0]) for o in around))
        if total in populations or not around:
            found.update(dict.fromkeys((part, total) for part in table.members[r][1:]))
    return list(found)


def _denominators(table: LinkedTable, links: pd.DataFrame) -> set[int]:
    used = set(links.loc[links["role"] == "denominator", "cell_id"])
    return {i for i, one in enumerate(table.ids) if one in used}


def _linked_pairs(table: LinkedTable, links: pd.DataFrame) -> list[Pair]:
    position = {one: i for i, one in enumerate(table.ids)}
    over = links[links["role"] == "numerator"].merge(
        links[links["role"] == "denominator"], on="estimate_id", suffixes=("", "_of")
    )
    ids = over[["cell_id", "cell_id_of"]].drop_duplicates().sort_values(["cell_id", "cell_id_of"])
    return [(position[a], position[b]) for a, b in ids.itertuples(index=False) if a != b]


def _unordered(table: LinkedTable, pair: Pair) -> bool:
    """Whether no chain of declared sums leads from the part up to the total."""
    part, total = pair
    queue, met = [part], {part}
    while queue:
        cell = queue.pop()
        above = {table.members[r][0] for r in table.relations_of[cell]} - met
        met |= above
        queue += above
    return total not in met


def _small_rest(table: LinkedTable, pair: Pair, persons: Bools, minimum: int) -> bool:
    part, total = pair
    return bool(persons[part]) and 0 < table.value[total] - table.value[part] < minimum


def _mark(table: LinkedTable, pairs: Iterable[Pair]) -> Bools:
    marked = np.zeros(len(table.ids), dtype=bool)
    marked[[part for part, _ in pairs]] = True
    return marked


def _small_cells(table: LinkedTable, cells: pd.DataFrame, persons: Bools, minimum: int) -> Bools:
    """Counts below the minimum, and counts of events with too few persons behind them."""
    behind = cells["contributors"].to_numpy(dtype=float)
    few = (behind > 0) & (behind < minimum)
    small = (table.value > 0) & (table.value < minimum) & persons
    exempt = cells["category"].isin(NO_ANSWER) | cells["unit"].isin(PUBLIC_UNITS)
    protected = ((cells["quantity"] == "count") & ~exempt).to_numpy()
    return np.asarray((few & protected) | small, dtype=bool)


def _small_sums(cells: pd.DataFrame, minimum: int) -> Bools:
    behind = cells["contributors"].to_numpy(dtype=float)
    return np.asarray((cells["quantity"] == "sum") & (behind > 0) & (behind < minimum), dtype=bool)


def _dominated(cells: pd.DataFrame, dominance: float) -> Bools:
    value = cells["value"].abs().to_numpy(dtype=float)
    largest = cells["largest"].abs().to_numpy(dtype=float)
    return np.asarray((value > 0) & (np.nan_to_num(largest) > dominance * value), dtype=bool)


def _first_reason(rules: dict[str, Bools], size: int) -> tuple[str, ...]:
    reason = [""] * size
    for name, hit in rules.items():
        for cell in np.flatnonzero(hit):
            reason[cell] = reason[cell] or name
    return tuple(reason)


def _required(table: LinkedTable, persons: Bools, rules: dict[str, Bools], policy: Disclosure) -> Floats:
    """Width of the interval that an attacker must be left with; 0 where a cell is not sensitive."""
    candidates = float((policy.minimum_cell or 1) - 1)
    margin = max(1 - policy.dominance, _LEAST_MARGIN)
    relative = np.maximum(1.0, 2 * margin * np.abs(table.value))
    required = np.where(np.any(list(rules.values()), axis=0), np.where(persons, candidates, relative), 0.0)
    everyone = rules["attribute disclosure"]
    return np.asarray(np.where(everyone, np.maximum(required, candidates), required), dtype=float)
