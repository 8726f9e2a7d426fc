"""Multiple imputation of ordered answers by chained equations: a table of codes in, completed tables out.

Which answers are put in, and what is estimated of the completed tables, belongs in ``imputation``; pooling in
``rubin``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pipeline.methods.ordered_draws import draw_codes, draw_parameters, fit_ordered

Array = np.ndarray[Any, np.dtype[Any]]

FEWEST = 10
"""An item with fewer answers is not filled in."""

CYCLES = 5
MOST_PREDICTORS = 15
ANSWERS_A_PREDICTOR = 5
MOST_GROUPS = 30
_SHRUNK = 10
_CODE_PRECISION = 0.25
_GROUP_PRECISION = 1.0
_NUMBERS_AT_ONCE = 4_000_000


class NoConvergenceError(Exception):
    """A model of one of the items was not fitted."""


def complete(codes: Array, groups: Array, number: int, rng: np.random.Generator) -> Array:
    """``number`` completed copies of ``codes`` (number x persons x items), drawn by chained equations.

    Each item in turn is drawn from a proportional-odds model of all others (the ``MOST_PREDICTORS`` that go with it
    most closely, and no more than one for each ``ANSWERS_A_PREDICTOR`` answers) and of the group, its parameters
    drawn too (van Buuren 2007). The first pass uses only items that are filled already, those with fewest missing
    first; ``CYCLES`` passes follow. Slopes have normal priors around 0, with SD 2 for one SD of a code and SD 1 for a
    group, so that small groups lean on the others. With more than ``MOST_GROUPS`` groups the mean answer of the
    others in the group stands for it, drawn towards 0 as if ten more had given the mean of all.

    Parameters
    ----------
    codes
        Codes of ordered answers, NaN where missing (persons x items).
    groups
        Group of each person, such as the service.

    Returns
    -------
    An item with fewer than ``FEWEST`` answers, or with one and the same answer only, keeps its NaN.

    Raises
    ------
    NoConvergenceError
        When a model of an item is not fitted.
    """
    table = _Table.of(codes, groups)
    if not table.targets:
        return np.tile(codes, (number, 1, 1))
    at_once = max(1, _NUMBERS_AT_ONCE // (len(codes) * (MOST_PREDICTORS + min(table.number_of_groups, MOST_GROUPS))))
    sizes = [min(at_once, number - done) for done in range(0, number, at_once)]
    return np.concatenate([_Chains(table, size, rng).run() for size in sizes])


@dataclass(frozen=True)
class _Table:
    """What all chains share: scaled items, the number of each one's group, what is to be drawn, and from what."""

    codes: Array
    scaled: Array
    groups: Array
    usable: Array
    targets: tuple[int, ...]
    closest: tuple[tuple[int, ...], ...]

    @staticmethod
    def of(codes: Array, groups: Array) -> _Table:
        there = ~np.isnan(codes)
        counts = there.sum(axis=0)
        mean = np.where(there, codes, 0).sum(axis=0) / np.maximum(counts, 1)
        spread = np.sqrt(np.where(there, (codes - mean) ** 2, 0).sum(axis=0) / np.maximum(counts, 1))
        usable = (counts >= FEWEST) & (spread > 0)
        scaled = (codes - mean) / np.where(spread > 0, spread, 1)
        missing = len(codes) - counts
        targets = sorted(np.flatnonzero(usable & (missing > 0)), key=lambda item: (missing[item], item))
        _, places = np.unique(groups, return_inverse=True)
        return _Table(codes, scaled, places, usable, tuple(map(int, targets)), _closest(scaled, usable))

    @property
    def number_of_groups(self) -> int:
        """How many groups there are."""
        return int(self.groups.max(initial=0)) + 1

    def group_columns(self, item: int) -> Array:
        """What stands for the group where an item is drawn: an indicator a group, or one column of means."""
        number = self.number_of_groups
        if number <= MOST_GROUPS:
            return np.eye(number)[self.groups] if number > 1 else np.zeros((len(self.groups), 0))
        own, there = np.nan_to_num(self.scaled[:, item]), ~np.isnan(self.scaled[:, item])
        others = np.bincount(self.groups, own)[self.groups] - own
        return (others / (np.bincount(self.groups, there)[self.groups] - there + _SHRUNK))[:, None]


def _closest(scaled: Array, usable: Array) -> tuple[tuple[int, ...], ...]:
    """For each item the usable others, by correlation over those who answered both (van Buuren et al. 1999)."""
    there = ~np.isnan(scaled)
    filled = np.where(there, scaled, 0.0)
    both = there.T.astype(float) @ there
    norms = (filled**2).T @ there
    close = np.abs(filled.T @ filled) / np.sqrt(np.maximum(norms * norms.T, 1e-12))
    close[both < FEWEST] = 0
    order = np.argsort(-close, axis=1, kind="stable")
    return tuple(tuple(int(one) for one in row if one != item and usable[one]) for item, row in enumerate(order))


@dataclass
class _Chains:
    """Some chains run side by side."""

    table: _Table
    number: int
    rng: np.random.Generator
    _starts: dict[tuple[int, tuple[int, ...]], Array] = field(default_factory=dict)

    def run(self) -> Array:
        """Completed codes of each chain."""
        table = self.table
        scaled, codes = (np.tile(one, (self.number, 1, 1)) for one in (table.scaled, table.codes))
        filled = {int(one) for one in np.flatnonzero(table.usable)} - set(table.targets)
        for _ in range(CYCLES + 1):
            for item in table.targets:
                self._draw(item, self._predictors(item, filled), scaled, codes)
                filled.add(item)
        return codes

    def _predictors(self, item: int, filled: set[int]) -> tuple[int, ...]:
        answers = int((~np.isnan(self.table.codes[:, item])).sum())
        most = min(MOST_PREDICTORS, max(1, answers // ANSWERS_A_PREDICTOR))
        return tuple(one for one in self.table.closest[item] if one in filled)[:most]

    def _draw(self, item: int, predictors: tuple[int, ...], scaled: Array, codes: Array) -> None:
        own = self.table.codes[:, item]
        gaps = np.isnan(own)
        levels, places = np.unique(own[~gaps], return_inverse=True)
        columns = self.table.group_columns(item)
        groups = np.broadcast_to(columns, (self.number, *columns.shape))
        x = np.concatenate([scaled[:, :, list(predictors)], groups], axis=2)
        precision = np.repeat([_CODE_PRECISION, _GROUP_PRECISION], [len(predictors), groups.shape[2]])
        fit = fit_ordered(places, x[:, ~gaps], precision, self._starts.get((item, predictors)))
        if fit is None:
            raise NoConvergenceError(item)
        self._starts[item, predictors] = fit.parameters
        drawn = levels[draw_codes(draw_parameters(fit, self.rng), x[:, gaps], self.rng)]
        codes[:, gaps, item] = drawn
        unit = self.table.codes[~gaps, item], self.table.scaled[~gaps, item]
        slope = np.ptp(unit[1]) / np.ptp(unit[0])
        scaled[:, gaps, item] = unit[1][0] + slope * (drawn - unit[0][0])
