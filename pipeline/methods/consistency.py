"""Published figures that must hold together: complementary pairs, the categories of an item, whole tables.

Single figures are tested in ``granularity.py``, whose search over n and rules is used here. Everything is exact.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import pandas as pd

from pipeline.methods.granularity import (
    AT_MOST,
    FREE,
    Figure,
    Pair,
    figures,
    items,
    moment_pairs,
    open_pairs,
    percent_pairs,
    sums_to,
)
from pipeline.methods.rounding import HALF_EVEN, HALF_UP, TRUNCATION, unit
from schemas.instrument import Instrument
from schemas.vocabulary import ROUNDING_RULES

_COLUMNS = {
    "set": "str",
    "study": "str",
    "test": "str",
    "claims": "str",
    "figures": "int64",
    "n": "float64",
    "printed_sum": "float64",
    "possible_sums": "str",
    "possible": "bool",
    "rules": "str",
    "works_n": "float64",
    "works_rule": "str",
    "departures": "str",
    "note": "str",
}
_ACROSS = ("study", "service", "item", "category", "statistic")
"""Keys in which the figures of one table differ (the study is the same anyway)."""


@dataclass(frozen=True)
class Line:
    """One line of a table: figures that share an n, and the n that works under each rule (none where none does)."""

    figures: tuple[Figure, ...]
    fits: Mapping[str, int | None]

    def departs(self, rule: str) -> bool:
        """Whether the line needs another n than the stated one under this rule, or fits with none."""
        n = self.fits[rule]
        return n is None or (self.figures[0].n is not None and n != self.figures[0].n)


def consistency(
    claims: pd.DataFrame, study: str, instruments: Sequence[Instrument] = (), exhaustive: Collection[str] = ()
) -> pd.DataFrame:
    """Test the printed figures that must hold together (``schemas.claims.Consistency``).

    The percentages of one item's categories (``complementary pair`` or ``sum`` where they are all categories
    there are, by the instrument or by the claims ``exhaustive``; else ``sum of part``): can whole counts that add
    up to one n be printed so? A ``table rule`` covers the percentages, means and SDs of one instrument and wave,
    or of the same keys but service, item and category: does one rounding rule give every figure, each with its
    stated n? If not, the rule is named that leaves the fewest figures without any n, and then the fewest with
    another n. Figures whose categories overlap have no row.
    """
    by_id = {one.instrument: one for one in instruments}
    sets = items(claims)
    rows = [row for item in sets if (row := _sum(item, sums_to(item, by_id, exhaustive)))]
    rows += _tables(claims, sets, by_id, exhaustive)
    seen: dict[object, int] = {}
    for row in rows:
        seen[row["set"]] = again = seen.get(row["set"], 0) + 1
        row["set"] = f"{study}/{row['set']}" + (f"/{again}" if again > 1 else "")
    return pd.DataFrame([{"study": study} | row for row in rows], columns=list(_COLUMNS)).astype(_COLUMNS)


def sums(categories: int, decimals: int, rule: str) -> tuple[Fraction, Fraction]:
    """Smallest and largest sum that the rounded percentages of so many exhaustive categories can have.

    All steps of the last decimal between them are possible too. Half-up, each percentage lies up to half a step
    below the printed one, the end included (12.5 and 87.5 are 13 and 88), but less than half above: two
    categories can print as 101 and never as 99. Half-even, ties go both ways, so that the ends need half as many
    even digits as there are categories to add up to an even number.

    Raises
    ------
    ValueError
        When the rule is none of ``ROUNDING_RULES``.
    """
    step, half = unit(decimals), Fraction(categories, 2)
    below, above = math.floor(half), math.floor(half)
    if rule == HALF_UP:
        below = math.ceil(half) - 1
    elif rule == HALF_EVEN:
        below = above = math.floor(half) - (categories % 4 == 2)
    elif rule == TRUNCATION:
        below, above = categories - 1, 0
    else:
        raise ValueError(f"not a rounding rule: {rule!r} ({', '.join(ROUNDING_RULES)})")
    return 100 - below * step, 100 + above * step


def _sum(item: Sequence[Figure], total: str) -> dict[str, object] | None:
    if len(item) < 2 or total == FREE:
        return None
    stated, rules = item[0].n, item[0].rules
    pairs = _first_pairs(item, total)
    at_n = [rule for n, rule in pairs if stated is None or n == stated]
    works = pairs[0] if pairs else (None, "")
    decimals = max(one.decimals for one in item)
    test = "sum of part" if total == AT_MOST else "complementary pair" if len(item) == 2 else "sum"
    return {
        "set": _name(item, test, ("study", "statistic", "category")),
        "test": test,
        "claims": " ; ".join(one.claim for one in item),
        "figures": len(item),
        "n": stated,
        "printed_sum": float(sum(one.published for one in item)),
        "possible_sums": _possible_sums(len(item), decimals, rules, total),
        "possible": bool(at_n),
        "rules": " ".join(at_n),
        "works_n": works[0],
        "works_rule": works[1],
        "departures": "",
        "note": _sum_note(at_n, rules, stated, works),
    }


def _first_pairs(item: Sequence[Figure], total: str) -> list[Pair]:
    """All pairs up to a stated n; the smallest n of each rule where none is stated, smallest first."""
    if item[0].n is not None:
        return percent_pairs(item, total)
    found = [next(open_pairs(item, total, rule), None) for rule in item[0].rules]
    return sorted((pair for pair in found if pair), key=lambda pair: pair[0])


def _possible_sums(categories: int, decimals: int, rules: Sequence[str], total: str) -> str:
    texts = []
    for rule in rules:
        low, high = (f"{float(end):.{decimals}f}" for end in sums(categories, decimals, rule))
        span = f"up to {high}" if total == AT_MOST else low if low == high else f"{low} to {high}"
        texts.append(f"{rule}: {span}")
    return "; ".join(texts)


def _sum_note(at_n: Sequence[str], rules: Sequence[str], stated: int | None, works: tuple[int | None, str]) -> str:
    where = "" if stated is None else " at the stated n"
    if len(at_n) == len(rules):
        return f"possible{where} under every rule tried"
    if at_n:
        return f"possible{where} only under {' or '.join(at_n)}"
    if works[0] is None:
        return f"not possible under any rule, with any n{'' if stated is None else ' up to the stated one'}"
    return f"not possible at the stated n; possible with n = {works[0]}, {works[1]}"


def _name(item: Sequence[Figure], test: str, apart: Collection[str]) -> str:
    keys = {key: value for key, value in item[0].keys if value and key not in apart}
    head = [keys.pop("service")] if "service" in keys else []
    tail = [f"{key}={value}" for key, value in keys.items()] or [item[0].claim]
    return "/".join([*head, test.replace(" ", "-"), *tail])


def _tables(
    claims: pd.DataFrame,
    sets: Sequence[Sequence[Figure]],
    instruments: Mapping[str, Instrument],
    exhaustive: Collection[str],
) -> list[dict[str, object]]:
    lines = [_percent_line(item, sums_to(item, instruments, exhaustive)) for item in sets if item[0].keys]
    lines += _moment_lines(claims)
    tables: dict[tuple[object, ...], list[Line]] = {}
    for line in lines:
        tables.setdefault(_table_of(line.figures[0]), []).append(line)
    return [_table(table) for table in tables.values() if len(table) > 1]


def _apart(figure: Figure) -> tuple[str, ...]:
    return (*_ACROSS, "denominator") if figure.key("instrument") else _ACROSS


def _table_of(figure: Figure) -> tuple[object, ...]:
    apart = _apart(figure)
    return (figure.rules, *(pair for pair in figure.keys if pair[0] not in apart))


def _percent_line(item: Sequence[Figure], total: str) -> Line:
    nearest: dict[str, int] = {}
    for n, rule in _first_pairs(item, total):
        nearest.setdefault(rule, n)
    return Line(tuple(item), {rule: nearest.get(rule) for rule in item[0].rules})


def _moment_lines(claims: pd.DataFrame) -> Iterator[Line]:
    """A mean with its SD where one is printed, of those with a stated n."""
    spreads = {one.apart_from("statistic"): one for one in figures(claims, ["sd"])}
    for mean in figures(claims, ["mean"]):
        if mean.n is not None and mean.keys:
            spread = spreads.get(mean.apart_from("statistic"))
            nearest: dict[str, int] = {}
            for n, rule in moment_pairs(mean, spread):
                nearest.setdefault(rule, n)
            printed = (mean,) if spread is None else (mean, spread)
            yield Line(printed, {rule: nearest.get(rule) for rule in mean.rules})


def _table(lines: Sequence[Line]) -> dict[str, object]:
    every = [one for line in lines for one in line.figures]
    rules, stated = every[0].rules, {one.n for one in every}
    whole = [rule for rule in rules if not any(line.departs(rule) for line in lines)]
    best = min(rules, key=lambda rule: (_without(lines, rule), _departing(lines, rule)))
    left = [(one.claim, line.fits[best]) for line in lines if line.departs(best) for one in line.figures]
    return {
        "set": _name(every, "table rule", _apart(every[0])),
        "test": "table rule",
        "claims": " ; ".join(one.claim for one in every),
        "figures": len(every),
        "n": stated.pop() if len(stated) == 1 else None,
        "printed_sum": None,
        "possible_sums": "",
        "possible": bool(whole),
        "rules": " ".join(whole),
        "works_n": None,
        "works_rule": best,
        "departures": " ; ".join(f"{claim}: {'none' if n is None else n}" for claim, n in left),
        "note": _table_note(lines, rules, whole),
    }


def _without(lines: Sequence[Line], rule: str) -> int:
    return sum(line.fits[rule] is None for line in lines)


def _departing(lines: Sequence[Line], rule: str) -> int:
    return sum(line.departs(rule) for line in lines)


def _table_note(lines: Sequence[Line], rules: Sequence[str], whole: Sequence[str]) -> str:
    if len(whole) == len(rules):
        return "every rule tried gives every figure"
    if whole:
        head = f"{' and '.join(whole)} {'gives' if len(whole) == 1 else 'give'} every figure; no other rule does"
        return head + _smallest(lines, whole[0])
    parts: dict[str, list[str]] = {}
    for rule in rules:
        parts.setdefault(_asked(lines, rule), []).append(rule)
    texts = [f"{' and '.join(named)}: {asked}" for asked, named in parts.items()]
    return "no rule gives every figure at its stated n; " + "; ".join(texts)


def _asked(lines: Sequence[Line], rule: str) -> str:
    """How many lines a rule gives with a smaller n only, and how many not at all."""
    never = _without(lines, rule)
    smaller = _departing(lines, rule) - never
    texts = [f"{smaller} of {len(lines)} lines with a smaller n"] * bool(smaller)
    texts += [f"{never} of {len(lines)} with none"] * bool(never)
    return ", ".join(texts)


def _smallest(lines: Sequence[Line], rule: str) -> str:
    """The smallest n of each line without a stated one: a large one is much to ask."""
    smallest = [str(line.fits[rule]) for line in lines if line.figures[0].n is None]
    return f" (smallest n of each line: {', '.join(smallest)})" if smallest else ""
