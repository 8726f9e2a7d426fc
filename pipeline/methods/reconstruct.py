"""Survey rows that meet the percentages a document prints: one definite file, or independent random ones.

Doses are rebuilt in ``reconstruct_doses.py``; whether a figure is possible at all is tested in
``granularity.py``; what the rows can be trusted for is decided in ``identify.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
import pandas as pd
import polars as pl

from pipeline.methods.granularity import EXACT, FREE, Figure, Pair, figures, labels_of, percent_pairs, total_of
from pipeline.methods.rounding import counts
from schemas.instrument import Instrument
from schemas.vocabulary import ALL

MISSING = "missing"


@dataclass(frozen=True)
class ItemCounts:
    """How many gave each printed answer to one item; ``counts`` is None where nothing meets the figures."""

    item: str
    stated: int | None
    base: int | None = None
    rule: str = ""
    counts: dict[str, int] | None = None
    denominator: str = "asked"
    reason: str = ""
    pairs: tuple[Pair, ...] = field(default=(), repr=False)

    @property
    def departure(self) -> int | None:
        """By how much the n used falls short of the stated one."""
        return None if self.stated is None or self.base is None else self.stated - self.base


def item_counts(claims: pd.DataFrame, instrument: Instrument, wave: str) -> list[ItemCounts]:
    """Counts for each item whose percentages the claims print for this wave, in the instrument's order.

    An item's percentages must come from one n and one rule. The stated n is tried first with half-up, half-even
    and truncation, then n - 1, and so on down: the first pair that works is used, so the departure from the
    stated n is as small as it can be. ``pairs`` lists all that work. Where several counts are printed as the
    same figure, the one nearest to the exact percentage is taken (the smaller of two); if these don't add up as
    they must, they are moved by ones where that takes them least far from the exact percentages.

    Denominator ``asked``: the counts add up to no more than the n used, and whoever is left did not answer.
    ``answered``: where every option is printed they add up to the n used; the stated n less the n used did not
    answer. An item for which no pair works has ``counts=None`` and a reason.
    """
    items = _by_item(claims, instrument, wave)
    return [_counts_of(item, printed, instrument) for item, printed in items.items()]


def survey_file(claims: pd.DataFrame, instrument: Instrument, wave: str) -> pl.DataFrame:
    """One definite data set that meets the printed percentages, as people export surveys.

    Columns ``respondent`` and one per item that could be rebuilt (labels of the options, blank where not
    answered); as many rows as respondents are stated. **How answers to different items go together in a row is
    arbitrary**: in each column the highest code stands first and blanks last. Nothing that depends on the
    pairing (correlations, alpha, scores) may be taken from this file; ``draw_survey`` shows what varies.
    """
    return _frame(claims, instrument, wave, None)


def draw_survey(
    claims: pd.DataFrame, instrument: Instrument, wave: str, generator: np.random.Generator
) -> pl.DataFrame:
    """A random data set that meets the same percentages at the same smallest departures from the stated n.

    The rule is drawn among those that work at that n, the counts among those it admits, answers that the document
    doesn't tell apart at random, and each column is permuted on its own. Same columns as ``survey_file``.
    """
    return _frame(claims, instrument, wave, generator)


def csv_bytes(frame: pl.DataFrame) -> bytes:
    """The frame as CSV in UTF-8 with ``\\n``; the same frame gives the same bytes on every machine."""
    return frame.write_csv(line_terminator="\n").encode("utf-8")


def numbered(prefix: str, rows: int) -> list[str]:
    """``prefix-001`` and so on, as wide as the last number needs."""
    width = max(3, len(str(rows)))
    return [f"{prefix}-{i:0{width}d}" for i in range(1, rows + 1)]


def _by_item(claims: pd.DataFrame, instrument: Instrument, wave: str) -> dict[str, list[Figure]]:
    wanted = {"service": ALL, "instrument": instrument.instrument, "wave": wave, "statistic": "share", "group": ""}
    found = [f for f in figures(claims, ["percent"]) if f.keys and all(f.key(k) == v for k, v in wanted.items())]
    by_item = {item.id: [f for f in found if f.key("item") == item.id] for item in instrument.items}
    return {item: printed for item, printed in by_item.items() if printed}


def _counts_of(item: str, printed: Sequence[Figure], instrument: Instrument) -> ItemCounts:
    stated, denominator = printed[0].n, printed[0].key("denominator")
    total = total_of(printed, instrument)
    problem = _problem(printed, instrument, total)
    pairs = () if problem else tuple(percent_pairs(printed, total))
    if not pairs:
        reason = problem or f"no n up to {stated} gives these percentages under any rounding rule"
        return ItemCounts(item, stated, denominator=denominator, reason=reason)
    base, rule = pairs[0]
    chosen = _nearest(printed, base, rule, total)
    return ItemCounts(item, stated, base, rule, chosen, denominator, pairs=pairs)


def _problem(printed: Sequence[Figure], instrument: Instrument, total: str) -> str:
    categories = [one.key("category") for one in printed]
    known = {*instrument.categories(), *(special.id for special in instrument.special), MISSING}
    if set(categories) - known:
        return f"not an answer of this instrument: {', '.join(sorted(set(categories) - known))}"
    if total == FREE or len(categories) > len(set(categories)):
        return "printed categories overlap"
    if len({(one.n, one.rules, one.key("denominator")) for one in printed}) > 1:
        return "the categories of this item do not share one n, rule and denominator"
    return "" if printed[0].n else "no published n"


def _ranges(printed: Sequence[Figure], base: int, rule: str) -> list[range]:
    return [counts(one.published, one.decimals, base, rule) for one in printed]


def _bounds(base: int, total: str) -> tuple[int, int]:
    return (base if total == EXACT else 0), base


def _nearest(printed: Sequence[Figure], base: int, rule: str, total: str) -> dict[str, int]:
    """Nearest counts; moved by ones, cheapest and then first category first, until the sum is right."""
    ranges = _ranges(printed, base, rule)
    targets = [one.published * base / 100 for one in printed]
    chosen = [_closest(ks, target) for ks, target in zip(ranges, targets, strict=True)]
    least, most = _bounds(base, total)
    while not least <= sum(chosen) <= most:
        step = 1 if sum(chosen) < least else -1
        free = [i for i, ks in enumerate(ranges) if chosen[i] + step in ks]
        best = min(free, key=lambda i: (_cost(chosen[i], step, targets[i]), i))
        chosen[best] += step
    return {one.key("category"): k for one, k in zip(printed, chosen, strict=True)}


def _closest(ks: range, target: Fraction) -> int:
    return min(ks, key=lambda k: (abs(k - target), k))


def _cost(k: int, step: int, target: Fraction) -> Fraction:
    return abs(k + step - target) - abs(k - target)


def _drawn(item: ItemCounts, printed: Sequence[Figure], total: str, generator: np.random.Generator) -> dict[str, int]:
    """Counts at random among those admitted by one of the rules that work at the n used."""
    base = item.base or 0
    rules = [rule for n, rule in item.pairs if n == base]
    ranges = _ranges(printed, base, rules[generator.integers(len(rules))])
    least, most = _bounds(base, total)
    chosen: list[int] = []
    for i, ks in enumerate(ranges):
        fewest = sum(chosen) + sum(one[0] for one in ranges[i + 1 :])
        top = sum(chosen) + sum(one[-1] for one in ranges[i + 1 :])
        chosen.append(int(generator.integers(max(ks[0], least - top), min(ks[-1], most - fewest) + 1)))
    return {one.key("category"): k for one, k in zip(printed, chosen, strict=True)}


def _frame(
    claims: pd.DataFrame, instrument: Instrument, wave: str, generator: np.random.Generator | None
) -> pl.DataFrame:
    items = _by_item(claims, instrument, wave)
    rows = _respondents(claims, instrument, wave, [one.n or 0 for printed in items.values() for one in printed])
    data: dict[str, Sequence[str | None]] = {"respondent": numbered("reconstructed", rows)}
    for item, printed in items.items():
        found = _counts_of(item, printed, instrument)
        if found.counts is None:
            continue
        if generator is not None:
            drawn = _drawn(found, printed, total_of(printed, instrument), generator)
            found = ItemCounts(item, found.stated, found.base, found.rule, drawn, found.denominator)
        data[item] = _column(found, instrument, rows, generator)
    return pl.DataFrame(data, schema=dict.fromkeys(data, pl.String))


def _respondents(claims: pd.DataFrame, instrument: Instrument, wave: str, stated: Sequence[int]) -> int:
    wanted = {"service": ALL, "instrument": instrument.instrument, "wave": wave, "statistic": "respondents"}
    found = [f for f in figures(claims, ["count"]) if f.keys and all(f.key(k) == v for k, v in wanted.items())]
    return max([int(one.published) for one in found] + list(stated), default=0)


def _column(
    item: ItemCounts, instrument: Instrument, rows: int, generator: np.random.Generator | None
) -> list[str | None]:
    """Labels of one item for all rows; those that the document doesn't tell apart are first, or random."""
    printed = item.counts or {}
    parts = [(labels_of(category, instrument), k) for category, k in printed.items()]
    parts.append((_fillers(item, instrument), (item.base or 0) - sum(printed.values())))
    ids = [one for labels, k in parts for one in _pick(labels, k, generator)]
    ids += _pick(_no_answers(instrument), rows - len(ids), generator)
    if generator is not None:
        ids = [ids[i] for i in generator.permutation(rows)]
    else:
        ids.sort(key=_order(instrument).index)
    labels = {option.id: option.label for option in instrument.options}
    labels |= {special.id: special.label for special in instrument.special}
    return [labels.get(one) for one in ids]


def _fillers(item: ItemCounts, instrument: Instrument) -> list[str]:
    """What those may have answered whom no printed category counts: nothing (if asked), or another option."""
    taken = {label for category in item.counts or {} for label in labels_of(category, instrument)}
    blank = [one for one in _no_answers(instrument) if item.denominator != "answered" and one not in taken]
    return blank + [option.id for option in instrument.options if option.id not in taken]


def _no_answers(instrument: Instrument) -> list[str]:
    """What those may have done who gave no answer on the scale: left it blank, or answered off the scale."""
    return [MISSING, *(special.id for special in instrument.special)]


def _pick(labels: Sequence[str], k: int, generator: np.random.Generator | None) -> Iterable[str]:
    if k <= 0 or not labels:
        return []
    if generator is None:
        return [labels[0]] * k
    return [labels[i] for i in generator.integers(len(labels), size=k)]


def _order(instrument: Instrument) -> list[str]:
    options = sorted(instrument.options, key=lambda option: -option.code)
    return [*(o.id for o in options), *(s.id for s in instrument.special), MISSING]
