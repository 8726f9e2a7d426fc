"""Krippendorff's alpha: agreement beyond chance of any number of coders, with units that some did not code.

Which units and codes it is computed for belongs in ``agreement``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float64]]
Metric = Literal["nominal", "ordinal", "interval", "ratio"]
Ints = np.ndarray[Any, np.dtype[np.int64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]
Interval = tuple[float, float]

REPLICATES = 2000
_AT_ONCE = 4_000_000  # weights drawn in one go
_FEWEST = 0.95  # of the replicates that must have an alpha


def krippendorff(values: Floats, metric: Metric = "nominal") -> float | None:
    """Alpha of ``values``, coders x units with NaN where a coder has not coded a unit (Krippendorff 2018, ch. 12).

    Units with fewer than two values are left out. ``None`` where nothing is left, or all values are the same:
    alpha is not defined without variation.
    """
    domain = np.unique(values[~np.isnan(values)])
    counts = np.stack([(values == one).sum(axis=0) for one in domain], axis=1) if len(domain) else np.zeros((0, 0))
    counts = counts[counts.sum(axis=1) > 1].astype(float)
    return Pairings.of(counts, distances(domain, counts.sum(axis=0), metric)).alpha()


def distances(domain: Floats, totals: Floats, metric: Metric) -> Floats:
    """Squared distance of each two values; ordinal ones depend on how often each value was given (``totals``)."""
    one, other = domain[:, None], domain[None, :]
    if metric == "nominal":
        return np.asarray(one != other, dtype=np.float64)
    if metric == "interval":
        return np.asarray((one - other) ** 2, dtype=np.float64)
    if metric == "ratio":
        both = np.where(one + other == 0, 1, one + other)
        return np.asarray(((one - other) / both) ** 2, dtype=np.float64)
    middle = totals.cumsum() - totals / 2
    return np.asarray((middle[:, None] - middle[None, :]) ** 2, dtype=np.float64)


def set_distances(sets: Bools, others: Bools, masi: bool = False) -> Floats:
    """Distance of each set of codes (rows of sets x codes) to each other one; 0 for two empty sets.

    1 less Jaccard's index (1901), which MASI (Passonneau 2006) multiplies by 1 (equal sets), 2/3 (one holds the
    other) or 1/3 (overlap).
    """
    one, other = sets.astype(float), others.astype(float)
    shared, size, width = one @ other.T, one.sum(axis=1)[:, None], other.sum(axis=1)[None, :]
    either = size + width - shared
    alike = np.where(either > 0, shared / np.maximum(either, 1), 1.0)
    if masi:
        alike *= np.where(shared == either, 1.0, np.where((shared == size) | (shared == width), 2 / 3, 1 / 3))
    return np.asarray(1 - alike, dtype=np.float64)


@dataclass(frozen=True)
class Pairings:
    """What each unit adds to alpha; alpha of any resample of the units is made of these sums.

    ``disagreement`` (units): summed distance of the values in a unit, each pair weighted by 1 / (values - 1).
    ``counts`` (units x values): how often each value was given. ``distance`` (values x values): mean distance.
    """

    disagreement: Floats
    counts: Floats
    distance: Floats

    @staticmethod
    def of(counts: Floats, distance: Floats) -> Pairings:
        """Pairings of units with two or more values each."""
        within = np.einsum("uv,vw,uw->u", counts, distance, counts, optimize=True)
        return Pairings(within / (counts.sum(axis=1) - 1), counts, distance)

    @staticmethod
    def of_sets(given: Bools, read: Bools, masi: bool = False) -> Pairings:
        """Pairings of units whose values are sets: ``given`` is coders x units x codes, ``read`` coders x units.

        There may be more different sets than units, so that the values of a unit are taken together.
        """
        number = read.sum(axis=0).astype(float)
        summed = np.zeros((len(number), len(number)))
        for one, seen in zip(given, read, strict=True):
            for other, known in zip(given, read, strict=True):
                summed += set_distances(one, other, masi) * (seen[:, None] & known[None, :])
        disagreement = np.diag(summed) / (number - 1)
        return Pairings(disagreement, np.diag(number), summed / np.outer(number, number))

    @staticmethod
    def pooled(parts: Sequence[Pairings]) -> Pairings:
        """The same units with several values each, such as several codes: summed unit by unit."""
        disagreement = np.sum([part.disagreement for part in parts], axis=0)
        return Pairings(disagreement, np.sum([part.counts for part in parts], axis=0), parts[0].distance)

    def alpha(self) -> float | None:
        """Alpha of all units; ``None`` where there is none, or no variation."""
        found = self.alphas(np.ones((1, len(self.disagreement))))[0]
        return None if np.isnan(found) else float(found)

    def alphas(self, weights: Floats) -> Floats:
        """Alpha of each row of ``weights`` (replicates x units); NaN where it has no variation."""
        given = weights @ self.counts
        observed = weights @ self.disagreement
        expected = np.einsum("bv,vw,bw->b", given, self.distance, given, optimize=True)
        number = given.sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(
                np.where(expected > 0, 1 - (number - 1) * observed / expected, np.nan), dtype=np.float64
            )


@dataclass(frozen=True)
class Coincidences:
    """Pairs of values within units; alpha of any resample of the units, with distances of that resample.

    Ordinal distances depend on how often each value was given, so that ``Pairings`` does not do for them.
    ``table`` (units x values x values): pairs of values, each weighted by 1 / (values of the unit - 1).
    """

    domain: Floats
    table: Floats
    metric: Metric

    @staticmethod
    def of(values: Floats, metric: Metric, units: Ints | None = None) -> Coincidences:
        """Coincidences of ``values`` (coders x rows, NaN where not coded); ``units``: number of each row's unit.

        Rows with fewer than two values are left out, and units without another row.
        """
        domain = np.unique(values[~np.isnan(values)])
        counts = (
            np.stack([(values == one).sum(axis=0) for one in domain], axis=1) if len(domain) else np.zeros((0, 0))
        )
        paired = counts.sum(axis=1) > 1
        counts = counts[paired].astype(float)
        pairs = counts[:, :, None] * counts[:, None, :] - np.eye(len(domain)) * counts[:, :, None]
        pairs /= counts.sum(axis=1)[:, None, None] - 1
        own = np.arange(len(paired)) if units is None else units
        names, places = np.unique(own[: len(paired)][paired], return_inverse=True)
        table = np.zeros((len(names), len(domain), len(domain)))
        np.add.at(table, places, pairs)
        return Coincidences(domain, table, metric)

    @property
    def disagreement(self) -> Floats:
        """Pairs of different values of each unit."""
        return np.asarray(self.table.sum(axis=(1, 2)) - np.einsum("uvv->u", self.table), dtype=np.float64)

    def alpha(self) -> float | None:
        """Alpha of all units; ``None`` where there is none, or no variation."""
        found = self.alphas(np.ones((1, len(self.table))))[0]
        return None if np.isnan(found) else float(found)

    def alphas(self, weights: Floats) -> Floats:
        """Alpha of each row of ``weights`` (replicates x units); NaN where it has no variation."""
        pairs = np.einsum("bu,uvw->bvw", weights, self.table, optimize=True)
        given = pairs.sum(axis=2)
        if self.metric == "ordinal":
            middle = given.cumsum(axis=1) - given / 2
            distance = (middle[:, :, None] - middle[:, None, :]) ** 2
        else:
            distance = distances(self.domain, given[:1].sum(axis=0), self.metric)[None]
        observed = (pairs * distance).sum(axis=(1, 2))
        expected = (given[:, :, None] * given[:, None, :] * distance).sum(axis=(1, 2))
        number = given.sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            found = np.where(expected > 0, 1 - (number - 1) * observed / expected, np.nan)
        return np.asarray(found, dtype=np.float64)


class Resampled(Protocol):
    """What can be computed anew for any weights of its units."""

    @property
    def disagreement(self) -> Floats:
        """How far the values within each unit differ."""

    def alphas(self, weights: Floats) -> Floats:
        """The statistic of each row of ``weights`` (replicates x units); NaN where it has no variation."""


def intervals(parts: Sequence[Resampled], random: np.random.Generator, level: float = 0.95) -> list[Interval | None]:
    """Percentile interval of each statistic over 2000 resamples of the units, which all parts have in common.

    ``None`` where nobody disagrees, since no resample can show otherwise, and where more than 5% of the resamples
    have no variation: too few units carry the rarer value.
    """
    units = len(parts[0].disagreement) if parts else 0
    if not units:
        return [None for _ in parts]
    found: list[list[Floats]] = [[] for _ in parts]
    step = max(1, _AT_ONCE // units)
    for done in range(0, REPLICATES, step):
        weights = random.multinomial(units, np.full(units, 1 / units), min(step, REPLICATES - done)).astype(float)
        for part, alphas in zip(parts, found, strict=True):
            alphas.append(part.alphas(weights))
    return [
        _percentiles(np.concatenate(alphas), level) if part.disagreement.any() else None
        for part, alphas in zip(parts, found, strict=True)
    ]


def _percentiles(alphas: Floats, level: float) -> Interval | None:
    if np.isfinite(alphas).mean() < _FEWEST:
        return None
    low, high = np.nanquantile(alphas, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
