"""What numbers of answers could show, worked out before any data are there: tables for the analysis plan.

The formulas are in ``methods.power``, ``methods.proportions`` and ``methods.correlation_size``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.analysis_plan.words import label_of, level_of, wave_label
from pipeline.methods import correlation_size
from pipeline.methods.power import detectable_independent, detectable_linked
from pipeline.methods.proportions import wilson
from pipeline.reporting.formats import Markdown, markdown_table, number
from pipeline.studies import instruments
from schemas.analyses import Drivers, Rounds
from schemas.study import Study

NUMBERS = (25, 50, 100, 200, 400)
"""Numbers of answers that stand for a plan that declares none."""

REFERENCE = 0.5
"""Share before, at which a difference is hardest to find."""

MOVED = 0.3
"""Share of linked pairs that are taken to change their answer either way."""


def sizes(study: Study) -> Markdown:
    """What can be found with how many answers: precision of a share, then each comparison that is declared."""
    parts = [_open(study)] if _open(study) else []
    parts += [_precision(study)] if study.tables.surveys else []
    parts += [_rounds(study, one) for one in study.analyses.rounds]
    parts += [_drivers(study, one) for one in study.analyses.drivers]
    if not parts:
        return Markdown("No survey is declared, so there is no number of answers to plan.")
    return Markdown("\n\n".join([*parts, _note(study)]))


def _open(study: Study) -> str:
    compared: list[Rounds | Drivers] = [*study.analyses.rounds, *study.analyses.drivers]
    if not study.tables.surveys or (compared and all(expected(one) for one in compared)):
        return ""
    return (
        "**The study file does not say how many answers are expected, and a plan needs it.** Choose a line of each "
        "table, write it beside the signature, and say why it is real: how many can be asked, and how many usually "
        "answer."
    )


def _precision(study: Study) -> str:
    level = study.analyses.level
    rows = []
    for n in sorted({*NUMBERS, *_declared(study)}):
        _, high = wilson(n / 2, n, level)
        rows.append([str(n), f"± {number(100 * (high - 0.5), 0)} points"])
    table = markdown_table(["Answers", "A share of 50% is known to within"], rows)
    return f"How exactly a share will be known, at {level_of(study)}:\n\n{table}"


def expected(one: Rounds | Drivers) -> int | None:
    """The number of answers that the study file expects, where it declares one."""
    return one.expected


def _declared(study: Study) -> list[int]:
    declared: list[Rounds | Drivers] = [*study.analyses.rounds, *study.analyses.drivers]
    return [n for one in declared if (n := expected(one))]


def _numbers(one: Rounds | Drivers) -> tuple[Sequence[int], str]:
    declared = expected(one)
    if declared:
        return (declared,), f" {declared} are expected."
    return NUMBERS, ""


def _rounds(study: Study, one: Rounds) -> str:
    instrument = instruments()[one.instrument]
    ns, said = _numbers(one)
    what = f"{instrument.title}, {wave_label(study, one.reference)} to {wave_label(study, one.wave)}"
    who = "persons who answer both times" if one.linked is True else "answers at each wave"
    rows = [[str(n), *_found(study, one, n, len(instrument.items))] for n in ns]
    head = [who.capitalize(), "Smallest increase found, one item", f"The first of {len(instrument.items)} items"]
    before = (
        f"{MOVED:.0%} of the persons change their answer one way or the other"
        if one.linked is True
        else f"{REFERENCE:.0%} answer *{label_of(instrument, one.category)}* before"
    )
    table = markdown_table(head, rows)
    return f"**{what}.**{said} In points of a hundred, if {before}, with {_power(study)} power:\n\n{table}"


def _found(study: Study, one: Rounds, n: int, items: int) -> list[str]:
    level, power = study.analyses.level, study.analyses.power
    levels = (level, correlation_size.of_several(level, items))
    if one.linked is True:
        values = [detectable_linked(MOVED, n, each, power) for each in levels]
    else:
        values = [detectable_independent(REFERENCE, n, n, each, power) for each in levels]
    return ["–" if value is None else number(100 * value, 0) for value in values]


def _drivers(study: Study, one: Drivers) -> str:
    ns, said = _numbers(one)
    level, power = study.analyses.level, study.analyses.power
    levels = (level, correlation_size.of_several(level, len(one.factors)))
    rows = [[str(n), *_correlations(n, levels, power)] for n in ns]
    head = ["Respondents", "Smallest correlation found, one factor", f"The first of {len(one.factors)} factors"]
    title = instruments()[one.instrument].title
    return f"**{title}, factors and outcome.**{said} With {_power(study)} power:\n\n{markdown_table(head, rows)}"


def _correlations(n: int, levels: Sequence[float], power: float) -> list[str]:
    values = [correlation_size.detectable(n, each, power) for each in levels]
    return ["–" if value is None else number(value, 2) for value in values]


def _power(study: Study) -> str:
    return f"{100 * study.analyses.power:g}%"


def _note(study: Study) -> str:
    return " ".join(_notes(study))


def _notes(study: Study) -> Iterator[str]:
    if study.analyses.rounds or study.analyses.drivers:
        yield "*The first of several*: what the strictest step of Holm's method finds."
        yield "–: even the largest difference could be missed."
        yield "The numbers are approximations for one test and a little optimistic for the exact tests that are made."
    if study.analyses.rounds:
        yield "Sources: Fleiss, Levin and Paik (2003); Connor (1987) for linked answers."
    if study.analyses.drivers:
        yield "Source: Bonett and Wright (2000)."
    yield "A single service has fewer answers than all together: read its line, not that of the whole."
