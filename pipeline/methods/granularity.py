"""Published figures against arithmetic: with which n, and under which rounding rule, is a figure possible?

Percentages (all figures of one item together), means and SDs. One figure's rounding belongs in ``rounding.py``,
a mean and its SD in ``moments.py``, whether figures hold together in ``consistency.py``; data that meet the
figures are built in ``reconstruct.py``.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import pandas as pd

from pipeline.methods.moments import debit, grim, grimmer
from pipeline.methods.rounding import counts, exact
from schemas.instrument import Instrument
from schemas.vocabulary import ROUNDING_RULES, parse_estimate_id

Pair = tuple[int, str]

EXACT, AT_MOST, FREE = "exact", "at most", "free"
"""How the counts of an item's printed categories add up: to n, to no more than n, or not at all."""

_SHARES = ("", "share", "retention", "response_rate")
_SEARCHED = 100
"""Up to which n a whole percentage without a stated n is tried: every whole percentage is possible of 100."""


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


def granularity(
    claims: pd.DataFrame, study: str, instruments: Sequence[Instrument] = (), exhaustive: Iterable[str] = ()
) -> pd.DataFrame:
    """Test each printed percentage, mean and SD against the stated n and every smaller one.

    Takes ``schemas.claims.Claims`` and gives ``schemas.claims.Granularity``. The percentages of one item are
    tested together: one n and one rule for all of its categories, whose counts add up to no more than n (to n
    itself where an instrument shows that every answer is printed, or where all are among the claims
    ``exhaustive``). A percentage without a stated n is tested by itself, with each n from 1 up. A mean without a
    stated n, an SD without its mean, and a percentage that is no share can't be tested and have no row.

    Sources: Brown and Heathers (2017), GRIM; Anaya (2016), GRIMMER, in the analytic form of Allard (2018);
    Heathers and Brown (2019), DEBIT, for the SD of a share.
    """
    by_id = {one.instrument: one for one in instruments}
    rows = [*_percent_rows(claims, by_id, frozenset(exhaustive)), *_moment_rows(claims)]
    frame = pd.DataFrame([{"study": study} | row for row in rows], columns=list(_COLUMNS)).astype(_COLUMNS)
    order = {claim: i for i, claim in enumerate(claims["claim"])}
    return frame.sort_values("claim", key=lambda ids: ids.map(order), ignore_index=True)


def items(claims: pd.DataFrame) -> list[list[Figure]]:
    """The printed shares of each item: what has the same keys but the category, the same n and the same rules."""
    sets: dict[tuple[object, ...], list[Figure]] = {}
    for one in figures(claims, ["percent"]):
        if one.key("statistic") in _SHARES:
            sets.setdefault(one.apart_from("category"), []).append(one)
    return list(sets.values())


def sums_to(item: Sequence[Figure], instruments: Mapping[str, Instrument], exhaustive: Collection[str]) -> str:
    """As ``total_of``, and ``EXACT`` where all of the item's claims are declared to be all of its categories."""
    if len(item) > 1 and all(one.claim in exhaustive for one in item):
        return EXACT
    return total_of(item, instruments.get(item[0].key("instrument")))


def open_pairs(item: Sequence[Figure], total: str, rule: str) -> Iterator[Pair]:
    """All (n, rule) from 1 up with which the percentages of one item are possible, where no n is stated.

    Ends at 100 for whole percentages, 1000 with one decimal and so on. Of several percentages it goes on to as
    many times that as there are percentages (at least twice, for ties): what no n up to there gives, none gives.
    """
    last = _SEARCHED * 10 ** max(one.decimals for one in item) * (max(2, len(item)) if len(item) > 1 else 1)
    return ((n, rule) for n in range(1, last + 1) if _possible(item, n, rule, total))


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
    "smallest_n": "float64",
    "smallest_rules": "str",
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


def _percent_rows(
    claims: pd.DataFrame, instruments: Mapping[str, Instrument], exhaustive: Collection[str]
) -> list[dict[str, object]]:
    rows = []
    for item in items(claims):
        if item[0].n is None:
            rows += [_open_row(one) for one in item if 0 <= one.published <= 100]
        else:
            pairs = percent_pairs(item, sums_to(item, instruments, exhaustive))
            rows += [_row(one, "percent", pairs) for one in item]
    return rows


def _open_row(figure: Figure) -> dict[str, object]:
    pairs = sorted(pair for rule in figure.rules for pair in open_pairs([figure], FREE, rule))
    order = {rule: i for i, rule in enumerate(figure.rules)}
    pairs.sort(key=lambda pair: (pair[0], order[pair[1]]))
    return _row(figure, "percent", pairs) | {"possible_at_n": bool(pairs), "nearest_n": None, "nearest_rule": ""}


def _moment_rows(claims: pd.DataFrame) -> list[dict[str, object]]:
    printed = [one for one in figures(claims, ["mean"]) if one.n is not None]
    rows = [_row(one, "GRIM", moment_pairs(one)) for one in printed]
    shares = [one for one in figures(claims, ["percent"]) if one.n is not None and one.key("statistic") == "share"]
    centres = {one.apart_from("statistic"): one for one in (*shares, *printed)}
    for sd in figures(claims, ["sd"]):
        centre = centres.get(sd.apart_from("statistic"))
        if centre is not None and sd.keys:
            test = "DEBIT" if centre.key("statistic") == "share" else "GRIMMER"
            rows.append(_row(sd, test, moment_pairs(centre, sd)))
    return rows


def moment_pairs(mean: Figure, sd: Figure | None = None) -> list[Pair]:
    """All (n, rule), from the stated n down, with which a mean (or a share), and its SD if given, are possible."""
    tries = [(n, rule) for n in range(mean.n or 0, 0, -1) for rule in mean.rules]
    centre = (mean.published, mean.decimals)
    if sd is None:
        return [(n, rule) for n, rule in tries if grim(*centre, n, rules=[rule])]
    spread = (sd.published, sd.decimals)
    if mean.key("statistic") == "share":
        centre = _proportion(*centre) if mean.statistic == "percent" else centre
        spread = _proportion(*spread) if spread[0] > 1 else spread
        return [(n, rule) for n, rule in tries if debit(centre, spread, n, rule) is not None]
    return [(n, rule) for n, rule in tries if grimmer(centre, spread, n, rule)]


def _proportion(percentage: Fraction, decimals: int) -> tuple[Fraction, int]:
    return percentage / 100, decimals + 2


def _row(figure: Figure, test: str, pairs: list[Pair]) -> dict[str, object]:
    at_n = [rule for n, rule in pairs if n == figure.n]
    smallest = min((n for n, _ in pairs), default=None)
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
        "smallest_n": smallest,
        "smallest_rules": " ".join(rule for n, rule in pairs if n == smallest),
        "pairs": " ".join(f"{n}:{rule}" for n, rule in pairs),
    }
