"""What the next evaluation needs, from the sizes and shares of this one and the smallest difference that matters.

Declared differences only: power at the observed difference says nothing that p does not. The formulas are in
``sample_size``, ``clustered_size``, ``power`` and ``intraclass``, the counts in ``planning_values``; tables made
before there are any data are in ``analysis_plan.sizes``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

import polars as pl

from pipeline.methods.change import check_category, contrast_keys
from pipeline.methods.clustered_size import with_more_services, with_present_services
from pipeline.methods.correlation_size import of_several
from pipeline.methods.intraclass import Intraclass, design_effect, intraclass
from pipeline.methods.planning_values import Links, Seen, seen
from pipeline.methods.results import Context, Ledger, Results
from pipeline.methods.sample_size import Linked, Unlinked, fewest, unfavourable
from schemas.analyses import NextStudy, Rounds
from schemas.instrument import Instrument
from schemas.vocabulary import ALL, REASONS

FEWEST_SERVICES = 3
FIRST = "first-of-holm"
EXACT = "exact-test"
HARDEST = "unfavourable"
CLUSTERED = "clustered"
PRESENT = "present-services"

Z_METHOD = "two-sided z test, pooled variance (Fleiss, Levin and Paik 2003); an exact test needs more"
MCNEMAR_METHOD = "McNemar test (Connor 1987); an exact test needs more"
EXACT_METHOD = "Fisher's exact test (Casagrande, Pike and Smith 1978)"
EXACT_MCNEMAR_METHOD = "exact power of the exact McNemar test (Schork and Williams 1980)"
WIDTH_METHOD = "Newcombe (1998) interval at the counts expected without a difference"
ICC_METHOD = "one-way analysis of variance (Ridout, Demétrio and Firth 1999), interval from F (Searle 1971): rough"
EFFECT_METHOD = "design effect for unequal sizes (Eldridge, Ashby and Kerry 2006)"
T_METHOD = f"{EFFECT_METHOD}; t, services less one degrees of freedom"
MORE_METHOD = f"{T_METHOD}; more services of the present mean size"
PRESENT_METHOD = f"{T_METHOD}; as many services as now, of larger size (Hemming et al. 2011)"


def needed(
    surveys: pl.DataFrame, instrument: Instrument, rounds: Rounds, declared: NextStudy, context: Context
) -> Results:
    """What it takes to find ``declared.difference`` with ``context.power``, or to know it to ``declared.half_width``.

    Rows for all services together, two-sided at ``1 - context.level``; counts are answers in each of two equal
    waves, or pairs. At the share of the reference wave (linked: the shares of both waves and of pairs that changed):

    - `answers_needed` (``at``: the difference), for one test, by an exact test (``term`` `exact-test`), for the
      first of all items in Holm's procedure (`first-of-holm`), and with services as clusters: `clustered`, in
      more services of the present mean size (`services_needed`), or `present-services`, in those there are.
    - `power` to find the difference at the present sizes, also `clustered`; `clustered_detectable_difference`
      (the one without clusters belongs to ``power``).
    - `expected_half_width` of the interval of a difference at the present sizes; `answers_for_half_width`.
    - `intraclass_correlation` of the answers of one service at the reference wave, `design_effect` and
      `effective_n`. Linked: of the changes of one service.

    Ranges of what is made with clusters are what it is at the ends of the interval of the correlation. Sizes and
    power with clusters rest on t with as many degrees of freedom as there are services, less one.

    Rows without an item hold whatever the share is (``term`` `unfavourable`): shares either side of a half; linked,
    half of the pairs changing. For unlinked waves clusters are taken as if the services were other ones at the
    later wave: the same services can only need fewer. Partly linked waves are planned as different persons.

    Rows without a value: `no rows`; `more than can change` (the share can't rise so far, or fewer pairs move); `no
    variation`; `too few rows` (fewer than ten answers or pairs; for clusters, fewer than three services with
    answers, or one answer each); `not with the present services` (too alike within for any number of answers).

    Raises
    ------
    ValueError
        When the instrument has no such category.
    """
    check_category(instrument, rounds)
    ledger = Ledger(context)
    tests = len(instrument.items)
    for item, one in seen(surveys, instrument, rounds, ledger).items():
        keys = contrast_keys(instrument, rounds, item) | {"n": one.n, "n_reference": one.n_reference or None}
        _write(ledger, one, keys, declared, tests)
    _hardest(ledger, contrast_keys(instrument, rounds, ""), declared, tests, linked=rounds.linked is True)
    return ledger.results()


@dataclass(frozen=True)
class _Cost:
    """What services as clusters cost: correlation within services, and the design effect at each wave.

    The design effects are those at the correlation and at both ends of its interval.
    """

    correlation: Intraclass
    then: Sequence[float]
    now: Sequence[float]
    degrees: int

    @property
    def correlations(self) -> Sequence[float]:
        """The correlation and both ends of its interval."""
        return self.correlation.value, self.correlation.low, self.correlation.high


def _cost(one: Seen, level: float) -> tuple[_Cost | None, str]:
    """The design effect, or why it can't be had."""
    if one.planned is None:
        return None, one.reason
    if len(one.sizes) < FEWEST_SERVICES or sum(one.sizes) <= len(one.sizes):
        return None, REASONS["too_few"]
    found = intraclass(one.sizes, one.sums, one.squares, level)
    if found is None:
        return None, REASONS["no_variation"]
    ends = found.value, found.low, found.high
    then, now = ([design_effect(end, sizes or one.sizes) for end in ends] for sizes in (one.sizes, one.later))
    return _Cost(found, then, now, len(one.sizes) - 1), ""


@dataclass(frozen=True)
class _Line:
    """One row of an item."""

    statistic: str
    value: float | None
    cells: Links
    columns: dict[str, object]


def _write(ledger: Ledger, one: Seen, keys: dict[str, object], declared: NextStudy, tests: int) -> None:
    for line in _lines(one, declared, ledger.context, tests):
        columns = keys | line.columns
        ledger.estimate(line.statistic, line.value, service=ALL, cells=line.cells, **columns)


def _lines(one: Seen, declared: NextStudy, context: Context, tests: int) -> Iterator[_Line]:
    cost, no_cost = _cost(one, context.level)
    yield from _to_find(one, cost, no_cost, declared.difference, context, tests)
    yield from _at_present(one, cost, no_cost, declared.difference, context)
    yield from _exactness(one, declared.half_width, context)
    yield from _clusters(one, cost, no_cost, context)


def _to_find(
    one: Seen, cost: _Cost | None, no_cost: str, difference: float, context: Context, tests: int
) -> Iterator[_Line]:
    """Answers and services needed to find the difference."""
    reason = one.reason or ("" if one.planned and one.planned.reaches(difference) else REASONS["out_of_reach"])
    at: dict[str, object] = {"at": f"{difference:g}", "unit": "answers", "level": context.level}
    at |= {"method": _test(one)}
    n = first = exactly = None
    if one.planned and not reason:
        exact = one.planned.needed(difference, context.level, context.power)
        n, exactly = ceil(exact), one.planned.needed_exactly(difference, context.level, context.power)
        first = ceil(one.planned.needed(difference, of_several(context.level, tests), context.power))
    yield _Line("answers_needed", n, one.cells, at | {"reason": reason})
    how = {"term": EXACT, "reason": reason, "method": _exact_test(one)}
    yield _Line("answers_needed", ceil(exactly) if exactly else None, one.cells, at | how)
    yield _Line("answers_needed", first, one.cells, at | {"term": FIRST, "reason": reason})
    at |= {"reason": reason or no_cost or one.note}
    yield from _to_find_clustered(one, None if reason else cost, difference, context, at)


def _to_find_clustered(
    one: Seen, cost: _Cost | None, difference: float, context: Context, at: dict[str, object]
) -> Iterator[_Line]:
    """Answers and services needed with services as clusters; ranges from the ends of the correlation."""
    wanted, more, present = (difference, context.level, context.power), [], []
    if cost and one.planned:
        more = [with_more_services(one.planned, *wanted, each, one.sizes) for each in cost.correlations]
        present = [with_present_services(one.planned, *wanted, each, one.sizes) for each in cost.correlations]
    services = [None if each is None else each[0] for each in more]
    answers = [None if each is None else ceil(each[1]) for each in more]
    grown = [None if each is None else ceil(each) for each in present]
    at |= {"term": CLUSTERED, "method": f"{_test(one)}; {MORE_METHOD}"}
    yield _ranged("answers_needed", answers, one.service_cells, at, REASONS["too_many"])
    whole = at | {"term": "", "unit": "services"}
    yield _ranged("services_needed", services, one.service_cells, whole, REASONS["too_many"])
    at |= {"term": PRESENT, "method": f"{_test(one)}; {PRESENT_METHOD}"}
    yield _ranged("answers_needed", grown, one.service_cells, at, REASONS["services_fixed"])


def _ranged(
    statistic: str, numbers: Sequence[float | None], cells: Links, columns: dict[str, object], why: str
) -> _Line:
    """A number with its two ends; ``why`` says that it, or its upper end, can't be had where it is ``None``."""
    value, low, high = numbers or (None, None, None)
    if value is None:
        return _Line(statistic, None, cells, columns | ({"reason": why} if numbers else {}))
    notes = [str(columns["reason"]), "" if high is not None else f"no upper limit: {why}"]
    reason = "; ".join(note for note in notes if note)
    return _Line(statistic, value, cells, columns | {"low": low, "high": high, "reason": reason})


def _at_present(one: Seen, cost: _Cost | None, no_cost: str, difference: float, context: Context) -> Iterator[_Line]:
    """Power, and the smallest difference found, with the answers there are."""
    sizes = one.n_reference or one.n, one.n
    reason = one.reason or ("" if all(sizes) else REASONS["no_rows"])
    out = reason or ("" if one.planned and one.planned.reaches(difference) else REASONS["out_of_reach"])
    at = {"at": f"{difference:g}", "unit": "probability", "level": context.level, "method": _test(one)}
    value = one.planned.power(difference, *sizes, context.level) if one.planned and not out else None
    yield _Line("power", value, one.cells, at | {"reason": out})
    yield from _clustered_now(one, cost if not reason else None, reason or no_cost, difference, context, out)


def _clustered_now(
    one: Seen, cost: _Cost | None, no_cost: str, difference: float, context: Context, out: str
) -> Iterator[_Line]:
    """Power, and the smallest difference found, with services as clusters; ranges from the correlation's."""
    powers: list[float | None] = []
    found: list[float | None] = []
    level, n_then = context.level, one.n_reference or one.n
    if cost and one.planned:
        sizes = [(n_then / then, one.n / now) for then, now in zip(cost.then, cost.now, strict=True)]
        found = [one.planned.detectable(*each, level, context.power, cost.degrees) for each in sizes]
        sizes = [] if out else [sizes[0], sizes[2], sizes[1]]  # the more alike, the less power
        powers = [one.planned.power(difference, *each, level, cost.degrees) for each in sizes]
    columns: dict[str, object] = {"method": f"{_test(one)}; {T_METHOD}", "level": level}
    at = columns | {"at": f"{difference:g}", "unit": "probability", "term": CLUSTERED}
    yield _ranged("power", powers, one.service_cells, at | {"reason": out or no_cost or one.note}, "")
    at = columns | {"at": f"{context.power:g}", "reason": no_cost or one.note}
    yield _ranged("clustered_detectable_difference", found, one.service_cells, at, REASONS["too_few"])


def _exactness(one: Seen, wanted: float, context: Context) -> Iterator[_Line]:
    """How exactly a difference is known now, and the answers it takes to know it so exactly."""
    sizes = one.n_reference or one.n, one.n
    reason = one.reason or ("" if all(sizes) else REASONS["no_rows"])
    how = {"level": context.level, "method": WIDTH_METHOD}
    value = one.planned.half_width(*sizes, context.level) if one.planned and not reason else None
    yield _Line("expected_half_width", value, one.cells, how | {"reason": reason})
    planned, at = one.planned, {"at": f"{wanted:g}", "unit": "answers", "reason": one.reason}
    n = _answers_for(planned, wanted, context.level) if planned else None
    yield _Line("answers_for_half_width", n, one.cells, how | at)


def _clusters(one: Seen, cost: _Cost | None, reason: str, context: Context) -> Iterator[_Line]:
    """How alike services are within, and what that costs at the reference wave."""
    lines: list[tuple[str, str, str, Sequence[float]]] = [
        ("intraclass_correlation", ICC_METHOD, "", ()),
        ("design_effect", EFFECT_METHOD, "", ()),
        ("effective_n", EFFECT_METHOD, "answers", ()),
    ]
    if cost:
        icc, n = cost.correlation, one.n_reference or one.n
        numbers = [
            (icc.value, icc.low, icc.high),
            cost.then,
            (n / cost.then[0], n / cost.then[2], n / cost.then[1]),
        ]
        lines = [(*line[:3], each) for line, each in zip(lines, numbers, strict=True)]
    for statistic, method, unit, each in lines:
        columns: dict[str, object] = {"method": method, "unit": unit, "reason": reason}
        ends = {"low": each[1], "high": each[2], "level": context.level} if each else {}
        yield _Line(statistic, each[0] if each else None, one.service_cells, columns | ends)


def _hardest(ledger: Ledger, keys: dict[str, object], declared: NextStudy, tests: int, *, linked: bool) -> None:
    """What is needed whatever the shares are; made of no data."""
    context, difference = ledger.context, declared.difference
    planned = unfavourable(linked, difference)
    at = {"at": f"{difference:g}", "method": MCNEMAR_METHOD if linked else Z_METHOD}
    levels = {HARDEST: context.level, f"{HARDEST}-{FIRST}": of_several(context.level, tests)}
    rows: list[tuple[str, int | None, dict[str, str]]] = []
    for term, level in levels.items():
        reachable = planned.reaches(difference)
        n = ceil(planned.needed(difference, level, context.power)) if reachable else None
        rows.append(
            ("answers_needed", n, at | {"term": term, "reason": "" if reachable else REASONS["out_of_reach"]})
        )
    n = _answers_for(unfavourable(linked, 0.0), declared.half_width, context.level)
    at = {"at": f"{declared.half_width:g}", "method": WIDTH_METHOD, "term": HARDEST}
    for statistic, value, row in [*rows, ("answers_for_half_width", n, at)]:
        columns: dict[str, object] = {**keys, "unit": "answers", "level": context.level, **row}
        ledger.estimate(statistic, value, service=ALL, **columns)  # type: ignore[arg-type]


def _answers_for(planned: Unlinked | Linked, wanted: float, level: float) -> int | None:
    return fewest(lambda n: planned.half_width(n, n, level) <= wanted)


def _exact_test(one: Seen) -> str:
    return EXACT_MCNEMAR_METHOD if isinstance(one.planned, Linked) else EXACT_METHOD


def _test(one: Seen) -> str:
    return MCNEMAR_METHOD if isinstance(one.planned, Linked) else Z_METHOD
