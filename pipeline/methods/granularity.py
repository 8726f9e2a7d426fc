"""Published figures against arithmetic: with which n, and under which rounding rule, is a figure possible?

Percentages (all figures of one item together), GRIM (means of whole numbers) and GRIMMER (their SD). One
figure's rounding belongs in ``rounding.py``; data that meet the figures are built in ``reconstruct.py``.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import pandas as pd

from pipeline.methods.rounding import counts, exact, printed_as
from schemas.instrument import Instrument
from schemas.vocabulary import ROUNDING_RULES, parse_estimate_id

Pair = tuple[int, str]

EXACT, AT_MOST, FREE = "exact", "at most", "free"
"""How the counts of an item's printed categories add up: to n, to no more than n, or not at all."""


@dataclass(frozen=True)
class Figure:
    """One printed number with what the document states about it and the estimate that recomputes it."""

    claim: str
    statistic: str
    published: Fraction
    decimals: int
    n: int | None
    rules: tuple[str, ...]
    keys: tuple[tuple[str, str], ...]

    def key(self, name: str) -> str:
        """One key of the estimate; empty where the claim names none."""
        return dict(self.keys).get(name, "")

    def apart_from(self, *names: str) -> tuple[object, ...]:
        """What the figures of one set share: n, rules and every key but the named; alone without keys."""
        shared = tuple(pair for pair in self.keys if pair[0] not in names)
        return (self.n, self.rules, shared or self.claim)


def figures(claims: pd.DataFrame, statistics: Iterable[str]) -> list[Figure]:
    """The claims (``schemas.claims.Claims``) that print a number of one of these claim statistics with ``=``.

    Raises
    ------
    ValueError
        When a figure has more decimals than its claim says.
    """
    wanted = claims["statistic"].isin(list(statistics)) & (claims["operator"] == "=")
    rows = claims[wanted & claims["published"].notna()]
    return [_figure(row) for row in rows.to_dict("records")]


def granularity(claims: pd.DataFrame, study: str, instruments: Sequence[Instrument] = ()) -> pd.DataFrame:
    """Test each printed percentage, mean and SD against the stated n and every smaller one.

    Takes ``schemas.claims.Claims`` and gives ``schemas.claims.Granularity``. The percentages of one item are
    tested together: one n and one rule for all of its categories, whose counts add up to no more than n (to n
    itself where an instrument shows that every answer is printed). Figures without a stated n, and an SD without
    its mean, can't be tested and have no row.

    Sources: Brown and Heathers (2017), GRIM; Anaya (2016), GRIMMER, in the analytic form of Allard (2018).
    """
    by_id = {one.instrument: one for one in instruments}
    rows = [*_percent_rows(claims, by_id), *_moment_rows(claims)]
    frame = pd.DataFrame([{"study": study} | row for row in rows], columns=list(_COLUMNS)).astype(_COLUMNS)
    order = {claim: i for i, claim in enumerate(claims["claim"])}
    return frame.sort_values("claim", key=lambda ids: ids.map(order), ignore_index=True)


def percent_pairs(item: Sequence[Figure], total: str = AT_MOST) -> list[Pair]:
    """All (n, rule), from the stated n down, with which every percentage of one item is possible at once.

    The smallest departure from the stated n comes first; at the same n, rules in the order half-up, half-even,
    truncation. ``total`` is ``EXACT``, ``AT_MOST`` or ``FREE``. Empty where nothing works or no n is stated.
    """
    return list(_percent_pairs(tuple(item), total))


def total_of(item: Sequence[Figure], instrument: Instrument | None) -> str:
    """How the counts of an item's printed categories must add up (``EXACT``, ``AT_MOST`` or ``FREE``)."""
    if instrument is None:
        return AT_MOST
    categories = dict.fromkeys(one.key("category") for one in item)
    printed = [label for category in categories for label in labels_of(category, instrument)]
    if len(printed) > len(set(printed)):
        return FREE
    answers = {option.id for option in instrument.options}
    if item[0].key("denominator") != "answered":
        answers |= {special.id for special in instrument.special} | {"missing"}
    return EXACT if answers <= set(printed) else AT_MOST


def labels_of(category: str, instrument: Instrument) -> list[str]:
    """The answers that a category stands for: itself, or the options of a collapsed one."""
    collapsed = {one.id: list(one.options) for one in instrument.collapse}
    return collapsed.get(category, [category])


def totals(mean: float | Fraction, decimals: float, n: int, rule: str, items: int = 1) -> range:
    """All sums of ``n * items`` whole numbers whose mean is printed as ``mean`` (GRIM)."""
    return printed_as(mean, decimals, rule).scaled(n * items).integers()


def grim(
    mean: float | Fraction, decimals: float, n: int, items: int = 1, rules: Sequence[str] = ROUNDING_RULES
) -> bool:
    """Whether a mean of whole numbers (or of ``items`` of them each) is possible with n (Brown, Heathers 2017)."""
    return n > 0 and any(len(totals(mean, decimals, n, rule, items)) for rule in rules)


def squares(sd: float | Fraction, decimals: float, n: int, total: int, rule: str) -> range:
    """All sums of squares of n whole numbers with this total whose SD (n - 1) is printed as ``sd``.

    A sum of squares is as even or odd as the sum itself, so the range runs in steps of two.
    """
    if n < 2 or sd < 0:
        return range(0)
    variance = printed_as(sd, decimals, rule).squared()
    found = variance.scaled(Fraction(n - 1), Fraction(total**2, n)).integers()
    start = found.start + (found.start - total) % 2
    return range(start, max(found.stop, start), 2)


def grimmer(
    mean: tuple[float | Fraction, float], sd: tuple[float | Fraction, float], n: int, rule: str
) -> tuple[int, int] | None:
    """The first total and sum of squares that print as this mean and SD, each given with its decimals.

    ``None`` where no whole numbers can have them (Anaya 2016; Allard 2018). The test is necessary, not
    sufficient: it doesn't look for the numbers themselves.
    """
    for total in totals(*mean, n, rule):
        fits = squares(*sd, n, total, rule)
        if fits:
            return total, fits[0]
    return None


_COLUMNS = {
    "claim": "str",
    "study": "str",
    "test": "str",
    "published": "float64",
    "decimals": "float64",
    "n": "float64",
    "possible_at_n": "bool",
    "rules_at_n": "str",
    "nearest_n": "float64",
    "nearest_rule": "str",
    "pairs": "str",
}


def _figure(row: Mapping[Hashable, object]) -> Figure:
    number = {name: float(str(row[name])) for name in ("published", "decimals", "n")}
    decimals = 0 if math.isnan(number["decimals"]) else int(number["decimals"])
    n = None if math.isnan(number["n"]) else int(number["n"])
    stated = str(row["rounding"])
    rules = (stated,) if stated in ROUNDING_RULES else ROUNDING_RULES
    published = exact(number["published"], decimals)
    keys = _keys(str(row["estimate_id"]))
    return Figure(str(row["claim"]), str(row["statistic"]), published, decimals, n, rules, keys)


@cache
def _keys(estimate: str) -> tuple[tuple[str, str], ...]:
    try:
        return tuple(parse_estimate_id(estimate).items())
    except ValueError:
        return ()


@cache
def _percent_pairs(item: tuple[Figure, ...], total: str) -> tuple[Pair, ...]:
    stated = item[0].n or 0
    tries = ((n, rule) for n in range(stated, 0, -1) for rule in item[0].rules)
    return tuple((n, rule) for n, rule in tries if _possible(item, n, rule, total))


def _possible(item: Sequence[Figure], n: int, rule: str, total: str) -> bool:
    ranges = [counts(one.published, one.decimals, n, rule) for one in item]
    if not all(ranges):
        return False
    fewest, most = sum(one[0] for one in ranges), sum(one[-1] for one in ranges)
    return total == FREE or (fewest <= n and (total == AT_MOST or most >= n))


def _percent_rows(claims: pd.DataFrame, instruments: dict[str, Instrument]) -> list[dict[str, object]]:
    sets: dict[tuple[object, ...], list[Figure]] = {}
    for one in figures(claims, ["percent"]):
        if one.n is not None:
            sets.setdefault(one.apart_from("category"), []).append(one)
    rows = []
    for item in sets.values():
        pairs = percent_pairs(item, total_of(item, instruments.get(item[0].key("instrument"))))
        rows += [_row(one, "percent", pairs) for one in item]
    return rows


def _moment_rows(claims: pd.DataFrame) -> list[dict[str, object]]:
    printed = [one for one in figures(claims, ["mean"]) if one.n is not None]
    rows = [_row(one, "GRIM", _pairs(one, None)) for one in printed]
    means = {one.apart_from("statistic"): one for one in printed}
    for sd in figures(claims, ["sd"]):
        mean = means.get(sd.apart_from("statistic"))
        if mean is not None and sd.keys:
            rows.append(_row(sd, "GRIMMER", _pairs(mean, sd)))
    return rows


def _pairs(mean: Figure, sd: Figure | None) -> list[Pair]:
    tries = ((n, rule) for n in range(mean.n or 0, 0, -1) for rule in mean.rules)
    centre = (mean.published, mean.decimals)
    if sd is None:
        return [(n, rule) for n, rule in tries if grim(*centre, n, rules=[rule])]
    spread = (sd.published, sd.decimals)
    return [(n, rule) for n, rule in tries if grimmer(centre, spread, n, rule)]


def _row(figure: Figure, test: str, pairs: list[Pair]) -> dict[str, object]:
    at_n = [rule for n, rule in pairs if n == figure.n]
    return {
        "claim": figure.claim,
        "test": test,
        "published": float(figure.published),
        "decimals": figure.decimals,
        "n": figure.n,
        "possible_at_n": bool(at_n),
        "rules_at_n": " ".join(at_n),
        "nearest_n": pairs[0][0] if pairs else None,
        "nearest_rule": pairs[0][1] if pairs else "",
        "pairs": " ".join(f"{n}:{rule}" for n, rule in pairs),
    }
