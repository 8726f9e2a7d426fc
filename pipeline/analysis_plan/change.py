"""Comparisons of two waves, in the words of an analysis plan.

The methods are in ``pipeline.methods.change``, other ways to make the same comparison in ``multiverse``.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.analysis_plan.words import SOURCES, Analysis, label_of, wave_label, where
from pipeline.studies import instruments
from schemas.analyses import Rounds
from schemas.instrument import Instrument
from schemas.study import Study

INTERVALS = {
    "newcombe": "Newcombe's hybrid score interval",
    "miettinen-nurminen": "Miettinen and Nurminen's score interval",
}
TESTS = {
    "exact": ("Fisher's exact test", "fisher"),
    "boschloo": ("Boschloo's exact test", "boschloo"),
    "barnard": ("Barnard's exact test", "barnard"),
}
PAIRED_TESTS = {
    "exact": ("the exact McNemar test", "the exact sign test", "mcnemar"),
    "mid-p": ("the mid-p McNemar test", "the mid-p sign test", "mcnemar mid-p"),
}
ADJUSTED = {
    "holm": "Holm's method",
    "benjamini-hochberg": "Benjamini and Hochberg's method, which bounds the expected share of false ones among the "
    "differences called shown,",
}


def change(study: Study) -> Iterator[Analysis]:
    """Each comparison of two waves that the study file declares."""
    for one in study.analyses.rounds:
        instrument = instruments()[one.instrument]
        title = f"Change from {wave_label(study, one.reference)} to {wave_label(study, one.wave)}"
        how = f"{_what(study, one, instrument)} {_tests(study, one, instrument)} {_who(one)}"
        yield Analysis("change", one.instrument, title, how, _shown(study), _sources(one))


def _what(study: Study, one: Rounds, instrument: Instrument) -> str:
    what = (
        f"The difference in the share answering *{label_of(instrument, one.category)}*, item by item, "
        f"{where(study, one.instrument)}"
    )
    if one.linked == "partly":
        return (
            f"{what}, among all who answered at either wave; those who answered both times are matched by id, and "
            "interval and test take into account that they are the same persons: hybrid score interval and z test "
            "for partly overlapping samples."
        )
    if one.linked:
        mcnemar, sign, _ = PAIRED_TESTS[one.test]
        return (
            f"{what}, among those who answered both times, matched by id: Newcombe's paired interval and {mcnemar}. "
            "Beside it the net change: the share who moved up the scale less the share who moved down, with Tango's "
            f"interval and {sign}."
        )
    return f"{what}, the two waves taken as different persons: {INTERVALS[one.interval]} and {TESTS[one.test][0]}."


def _tests(study: Study, one: Rounds, instrument: Instrument) -> str:
    family = [other for other in study.analyses.rounds if (other.family or other.id) == (one.family or one.id)]
    over = f"the {len(instrument.items)} items"
    if len(family) > 1:
        tests = sum(len(instruments()[other.instrument].items) for other in family)
        over = f"the {tests} tests of {len(family)} comparisons that are declared as one family"
    apart = " and each of the two tests apart" if one.linked is True else ""
    return f"p-values are adjusted by {ADJUSTED[one.adjust]} over {over}, for each service apart{apart}."


def _who(one: Rounds) -> str:
    if one.linked == "partly":
        return (
            "It assumes that a missing wave is missing completely at random: who answered only once is like the "
            "others. How many answered both times is reported."
        )
    if one.linked:
        return "Who answered only once is left out and counted."
    if one.overlap == "none":
        return "Nobody is in both groups, as the study file declares."
    return "Some persons may be in both groups and can't be recognised; each result says that it assumes otherwise."


def _shown(study: Study) -> str:
    alpha = f"{1 - study.analyses.level:.3g}"
    return (
        f"A difference is called shown for an item where its adjusted p-value, all services together, is below "
        f"{alpha}. Any other is called not shown, with its interval and the smallest difference that could have been "
        "found; it is never called no change."
    )


def _sources(one: Rounds) -> str:
    if one.linked == "partly":
        used = SOURCES["partly linked"]
    elif one.linked:
        used = f"{SOURCES['newcombe']}, {SOURCES[PAIRED_TESTS[one.test][2]]}"
    else:
        used = f"{SOURCES[one.interval]}, {SOURCES[TESTS[one.test][1]]}"
    return f"{used}, {SOURCES[one.adjust]}"
