"""What a next evaluation would need, in the words of an analysis plan.

The method is ``pipeline.methods.design``; what may be declared is ``schemas.analyses.NextStudy``. What this study
itself could find is in ``sizes.py``.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.analysis_plan.words import SOURCES, Analysis, level_of, wave_label
from pipeline.reporting.formats import number
from schemas.analyses import Rounds
from schemas.study import Study


def next_study(study: Study) -> Iterator[Analysis]:
    """Each plan of a next study that is declared."""
    rounds = {one.id: one for one in study.analyses.rounds}
    for one in study.analyses.next_studies:
        compared = rounds[one.rounds]
        what = "persons who answer both times" if compared.linked is True else "answers in each wave"
        how = (
            f"From {_waves(study, compared)}: how many {what} would find a difference of "
            f"{number(100 * one.difference, 0)} points with {100 * study.analyses.power:g}% power, for one item and "
            f"for the first of all in Holm's method; how many would know a difference to within "
            f"{number(100 * one.half_width, 0)} points ({level_of(study)} interval); and the power and the width of "
            f"the interval at the present numbers. {_from(compared)} With services as clusters: {_alike(compared)}, "
            "the design effect, how many services of the present size it takes, and how many answers of the services "
            "there are; by t with one degree of freedom fewer than there are services."
        )
        answer = (
            "The largest of the numbers for the items that matter, with services as clusters. The observed "
            "difference plays no part."
        )
        yield Analysis(
            "next_study", compared.instrument, "What the next evaluation needs", how, answer, _sources(compared)
        )


def _waves(study: Study, one: Rounds) -> str:
    return f"{wave_label(study, one.reference)} and {wave_label(study, one.wave)}"


def _from(one: Rounds) -> str:
    if one.linked is True:
        return "Taken from the share of persons who changed their answer, and for half of them changing."
    return "Taken from the share in the earlier wave, and for shares either side of a half, which need most."


def _alike(one: Rounds) -> str:
    if one.linked is True:
        return "how alike the changes of one service are"
    return "how alike the answers of one service are in the earlier wave, services taken as other ones in the later"


def _sources(one: Rounds) -> str:
    return SOURCES["next study, linked" if one.linked is True else "next study, unlinked"]
