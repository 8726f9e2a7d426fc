"""Sessions per client that meet a service's printed number of clients, mean and SD.

One definite file, or independent random ones. Percentages of survey answers are rebuilt in ``reconstruct.py``.
All counting is in whole numbers, so a result is exact and the same on every machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd
import polars as pl

from pipeline.methods.granularity import Figure, figures
from pipeline.methods.moments import squares, totals
from pipeline.methods.reconstruct import numbered

_COLUMNS = ("client", "service", "sessions", "from", "to")
_STATISTICS = {"count": "clients", "mean": "mean", "sd": "sd"}


@dataclass(frozen=True)
class ServiceDoses:
    """One service's doses in ascending order; None with a reason where nothing meets the figures."""

    service: str
    n: int | None
    rule: str = ""
    doses: tuple[int, ...] | None = None
    reason: str = ""


def service_doses(claims: pd.DataFrame, services: Sequence[str], minimum: int) -> list[ServiceDoses]:
    """Whole doses, ``minimum`` or more each, for each service whose clients, mean and SD the claims print.

    One rule holds for mean and SD: half-up, else half-even, else truncation. Of the totals that print as the mean
    the one nearest to mean times n is used, then of the sums of squares that print as the SD the one nearest to
    the exact one (the smaller of two), each with the next as fallback. Among the distributions with these two
    sums the one with the smallest maximum is taken, and of those the one with most clients at the lowest dose,
    then at the next, and so on: there is exactly one.

    Method: sample reconstruction from summary figures, as in SPRITE (Heathers, Anaya, van der Zee and Brown
    2018) and CORVIDS (Wilner, Wood and Simons 2018), here by counting with bounds.
    """
    return [_first(service, _printed(claims, service), minimum) for service in services]


def doses_file(claims: pd.DataFrame, services: Sequence[str], minimum: int) -> pl.DataFrame:
    """One definite data set: columns client, service, sessions, from, to (both blank: no dates are printed).

    See ``service_doses`` for how it is chosen. Its shape is arbitrary beyond n, mean and SD: no median, quantile,
    maximum or model may be taken from it. A service without all three figures, or whose figures no data set
    meets, has no rows.
    """
    return _frame({one.service: one.doses or () for one in service_doses(claims, services, minimum)})


def draw_doses(
    claims: pd.DataFrame, services: Sequence[str], minimum: int, generator: np.random.Generator
) -> pl.DataFrame:
    """A random data set with the same printed figures: rule, total, sum of squares and shape are all drawn.

    Same columns, and the same services, as ``doses_file``.
    """
    drawn = {s: _drawn(_printed(claims, s), minimum, generator) for s in services}
    return _frame({service: tuple(sorted(doses)) for service, doses in drawn.items()})


def distributions(n: int, total: int, square: int, low: int, high: int) -> Iterator[dict[int, int]]:
    """Every way to give n units a whole value from low to high with this sum and sum of squares.

    Yields ``{value: units}``; those with most units at the lowest value first, then at the next, and so on.
    """
    if n > 0 or (total == 0 and square == 0):
        yield from _search(low, n, total, square, high, set())


def _search(
    low: int, n: int, total: int, square: int, high: int, dead: set[tuple[int, ...]]
) -> Iterator[dict[int, int]]:
    if n == 0:
        yield {}
        return
    state, found = (low, n, total, square), False
    if state in dead:
        return
    for value in range(low, high + 1):
        if not _bounded(value, n, total, square, high):
            break
        for units in range(min(n, total // value if value > 0 else n), 0, -1):
            rest = (n - units, total - units * value, square - units * value**2)
            if _bounded(value + 1, *rest, high):
                for more in _search(value + 1, *rest, high, dead):
                    found = True
                    yield {value: units} | more
    if not found:
        dead.add(state)


def _bounded(low: int, n: int, total: int, square: int, high: int) -> bool:
    """Whether the sum and the sum of squares lie between what n equal and n extreme values would give."""
    if n == 0:
        return total == 0 and square == 0
    above, width = total - n * low, high - low
    if (total - square) % 2 or not 0 <= above <= n * width:
        return False
    shifted = square - 2 * low * total + n * low**2
    even, rest = divmod(above, n)
    return n * even**2 + rest * (2 * even + 1) <= shifted <= _most(above, width)


def _most(above: int, width: int) -> int:
    """Largest sum of squares of values from 0 to width with this sum: all at the ends but one."""
    if width == 0:
        return 0
    at_top, rest = divmod(above, width)
    return at_top * width**2 + rest**2


def _printed(claims: pd.DataFrame, service: str) -> dict[str, Figure]:
    wanted = {"service": service, "population": "clients", "item": "sessions", "group": "", "category": ""}
    found = [f for f in figures(claims, _STATISTICS) if f.keys and all(f.key(k) == v for k, v in wanted.items())]
    return {f.statistic: f for f in found if f.key("statistic") == _STATISTICS[f.statistic]}


def _first(service: str, printed: dict[str, Figure], minimum: int) -> ServiceDoses:
    if len(printed) < len(_STATISTICS):
        return ServiceDoses(service, None, reason="number of clients, mean and SD are not all printed")
    n = int(printed["count"].published)
    for rule in printed["mean"].rules:
        for total, square in _sums(printed, n, rule):
            doses = _smallest_maximum(n, total, square, minimum)
            if doses is not None:
                return ServiceDoses(service, n, rule, doses)
    return ServiceDoses(service, n, reason=f"no {n} doses of {minimum} or more have this mean and SD")


def _sums(printed: dict[str, Figure], n: int, rule: str) -> Iterator[tuple[int, int]]:
    """Totals and sums of squares that print as the figures, those nearest to the exact ones first."""
    mean, sd = printed["mean"], printed["sd"]
    centre = mean.published * n
    for total in sorted(totals(mean.published, mean.decimals, n, rule), key=lambda t: (abs(t - centre), t)):
        target = (n - 1) * sd.published**2 + Fraction(total**2, n)
        fits = squares(sd.published, sd.decimals, n, total, rule)
        yield from ((total, one) for one in sorted(fits, key=lambda q: (abs(q - target), q)))


def _smallest_maximum(n: int, total: int, square: int, minimum: int) -> tuple[int, ...] | None:
    largest = total - (n - 1) * minimum
    if not _bounded(minimum, n, total, square, largest):
        return None
    for high in range(_least_high(n, total, square, minimum, largest), largest + 1):
        for counted in distributions(n, total, square, minimum, high):
            return tuple(value for value, units in counted.items() for _ in range(units))
    return None


def _least_high(n: int, total: int, square: int, minimum: int, largest: int) -> int:
    """Smallest maximum that the bounds don't rule out (by bisection: a higher one never rules out more)."""
    low, high = minimum, largest
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if _bounded(minimum, n, total, square, middle) else (middle + 1, high)
    return low


def _frame(doses: dict[str, Sequence[int]]) -> pl.DataFrame:
    rows = [
        (client, service, sessions, None, None)
        for service, given in doses.items()
        for client, sessions in zip(numbered(f"reconstructed-{service}", len(given)), given, strict=True)
    ]
    schema = dict.fromkeys(_COLUMNS, pl.String) | {"sessions": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _drawn(printed: dict[str, Figure], minimum: int, generator: np.random.Generator) -> Sequence[int]:
    """Doses of random shape whose total and sum of squares are drawn from those that print as the figures."""
    if len(printed) < len(_STATISTICS):
        return ()
    n = int(printed["count"].published)
    for total, square in _random_sums(printed, n, generator):
        if _bounded(minimum, n, total, square, total - (n - 1) * minimum):
            doses = _shaped(n, total, square, minimum, generator)
            if doses is not None:
                return doses
    return ()


def _random_sums(printed: dict[str, Figure], n: int, generator: np.random.Generator) -> Iterator[tuple[int, int]]:
    """All totals and sums of squares that print as the figures under any rule, in random order."""
    mean, sd = printed["mean"], printed["sd"]
    admitted = [(total, rule) for rule in mean.rules for total in totals(mean.published, mean.decimals, n, rule)]
    for i in generator.permutation(len(admitted)):
        total, rule = admitted[i]
        fits = squares(sd.published, sd.decimals, n, total, rule)
        yield from ((total, fits[j]) for j in generator.permutation(len(fits)))


def _shaped(
    n: int, total: int, square: int, minimum: int, generator: np.random.Generator, tries: int = 5
) -> Sequence[int] | None:
    for _ in range(tries):
        doses = _start(n, total, square, minimum, generator)
        _meet_total(doses, total, minimum, generator)
        if _meet_square(doses, square, minimum, generator):
            return [int(one) for one in doses]
    return _smallest_maximum(n, total, square, minimum)


def _start(n: int, total: int, square: int, minimum: int, generator: np.random.Generator) -> np.ndarray:
    """A sample of about the right mean and spread from a family drawn at random."""
    mean = max(total / n - minimum, 1e-9)
    spread = max(square / n - (total / n) ** 2, 1e-9) / mean**2
    families = (
        lambda: generator.gamma(1 / spread, spread, n),
        lambda: generator.lognormal(0, np.sqrt(np.log1p(spread)), n),
        lambda: generator.exponential(spread + 0.5, n) * (generator.random(n) < 1 / (spread + 0.5)),
        lambda: np.abs(generator.normal(1, np.sqrt(spread), n)),
    )
    shape = families[generator.integers(len(families))]()
    return minimum + np.rint(shape * mean / max(shape.mean(), 1e-9)).astype(np.int64)


def _meet_total(doses: np.ndarray, total: int, minimum: int, generator: np.random.Generator) -> None:
    """Change doses by ones, at random, until they add up to the total."""
    short = total - int(doses.sum())
    if short > 0:
        np.add.at(doses, generator.integers(len(doses), size=short), 1)
        return
    spare = np.repeat(np.arange(len(doses)), doses - minimum)
    np.subtract.at(doses, generator.permutation(spare)[: abs(short)], 1)


def _meet_square(
    doses: np.ndarray, square: int, minimum: int, generator: np.random.Generator, steps: int = 2000
) -> bool:
    """Shift sessions from one client to another, which keeps the total, until the sum of squares is met."""
    for _ in range(steps):
        short = square - int((doses**2).sum())
        if short == 0:
            return True
        taker, shift = int(generator.integers(len(doses))), int(generator.geometric(0.5))
        gains = 2 * shift * (doses[taker] - doses + shift)
        gap = np.abs(short - gains).astype(float)
        gap[(doses - shift < minimum)] = np.inf
        gap[taker] = np.inf
        giver = int(gap.argmin())
        if gap[giver] < abs(short):
            doses[taker] += shift
            doses[giver] -= shift
    return False
