"""A comparison under every combination of choices, in the words of an analysis plan.

The comparison as declared is in ``change``; the method is ``pipeline.methods.multiverse``.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from pipeline.analysis_plan.words import SOURCES, Analysis, label_of, wave_label
from pipeline.studies import instruments
from schemas.analyses import Multiverse, Rounds
from schemas.instrument import Instrument
from schemas.study import Study

DENOMINATORS = {"answered": "of those who answered", "asked": "of all who were asked"}
MODELS = {
    "pooled": "all answers together, as the comparison is declared",
    "within-services": "within services, averaged by Mantel and Haenszel's weights",
    "clustered": "services as clusters, with bias-corrected errors and t with few degrees of freedom",
}


def multiverse(study: Study) -> Iterator[Analysis]:
    """Each comparison that the study file wants to see under other choices."""
    declared = {one.id: one for one in study.analyses.rounds}
    for one in (one for one in study.analyses.multiverse if one.rounds in declared):
        rounds = declared[one.rounds]
        instrument = instruments()[rounds.instrument]
        waves = f"{wave_label(study, rounds.reference)} to {wave_label(study, rounds.wave)}"
        choices = _choices(one, rounds, instrument)
        items = len(one.items or instrument.items)
        number = prod(len(options) for _, options in choices)
        listed = "; ".join(f"{what} ({', or '.join(options)})" for what, options in choices)
        how = (
            f"The comparison from {waves} once more for each of {items} item{'s' * (items > 1)}, all "
            f"services together, under all {number} combinations of these choices: {listed}. Reported with it: how "
            "many of the differences have the sign of the comparison as declared, their median and their range, with "
            "those that are one number by construction (models that change the interval only) counted once; and how "
            "many of all specifications have an interval without 0."
        )
        yield Analysis(
            "multiverse", rounds.instrument, "The same under other choices", how, _ANSWER, SOURCES["multiverse"]
        )


_ANSWER = (
    "It shows whether the comparison depends on a choice that could have been made otherwise. It is no test: all "
    "specifications use the same answers. A difference that changes its sign is called dependent on that choice."
)


def _choices(one: Multiverse, rounds: Rounds, instrument: Instrument) -> list[tuple[str, list[str]]]:
    """Each choice with its options; one with a single option is told all the same."""
    answers = [f"*{label_of(instrument, name)}*" for name in dict.fromkeys([rounds.category, *one.categories])]
    left_out = ["none" if n == 1 else f"those with fewer than {n} at a wave" for n in dict.fromkeys(one.fewest)]
    return [
        ("which answer counts", answers),
        ("of whom", [DENOMINATORS[name] for name in dict.fromkeys(one.denominators)]),
        ("how services enter", [MODELS[name] for name in dict.fromkeys(one.models)]),
        ("which services are left out for few answers", left_out),
    ]
