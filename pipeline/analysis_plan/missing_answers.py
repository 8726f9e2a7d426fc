"""Unanswered items, persons who answer once, and imputation, in the words of an analysis plan.

The methods are in ``pipeline.methods.completeness``, ``attrition`` and ``imputation``.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.analysis_plan.words import DESCRIBED, SOURCES, Analysis, label_of, level_of, wave_label, where
from pipeline.studies import instruments
from schemas.analyses import Imputation, Rounds
from schemas.study import Study

ADJUSTED = {"holm": ("Holm's method", "Holm (1979)")} | {
    "benjamini-hochberg": ("Benjamini and Hochberg's method", "Benjamini and Hochberg (1995)")
}


def missing_answers(study: Study) -> Iterator[Analysis]:
    """How completely surveys are filled in, who answers once, and each comparison that is imputed."""
    for name in dict.fromkeys(one.instrument for one in study.analyses.rounds):
        how = (
            f"At each wave, {where(study, name)}: the share of those asked who answered every item on the scale, "
            f"with Wilson's {level_of(study)} interval, and the mean number of items left blank."
        )
        yield Analysis("missing_answers", name, "Unanswered items", how, DESCRIBED, SOURCES["shares"])
    for one in study.analyses.rounds:
        if one.linked:
            yield _attrition(study, one)
    for declared in study.analyses.imputations:
        rounds = next(one for one in study.analyses.rounds if one.id == declared.rounds)
        yield _imputed(study, rounds, declared)


def _attrition(study: Study, one: Rounds) -> Analysis:
    earlier, later = wave_label(study, one.reference), wave_label(study, one.wave)
    category = label_of(instruments()[one.instrument], one.category)
    how = (
        f"The share of those who answered in {earlier} that did not answer in {later}, and the share of those who "
        f"answered in {later} that are new, {where(study, one.instrument)}, with Wilson's interval. For every item, "
        f"all services together: how many more or fewer of those who left had answered *{category}* in {earlier} "
        "than of those who stayed, with Newcombe's interval and as a standardised difference; and the same in "
        f"{later}, of newcomers beside those who had answered before. Nothing is tested."
    )
    answer = (
        "It describes. Where those who left had answered otherwise, or newcomers do, the comparison of those who "
        "stayed may not hold for all."
    )
    title = f"Who answered once: {earlier} and {later}"
    return Analysis("missing_answers", one.instrument, title, how, answer, "Newcombe (1998), Austin (2009)")


def _imputed(study: Study, one: Rounds, declared: Imputation) -> Analysis:
    from pipeline.methods.chained_equations import CYCLES, FEWEST

    earlier, later = wave_label(study, one.reference), wave_label(study, one.wave)
    method, source = ADJUSTED[one.adjust]
    who = (
        "Everybody who answered at either wave enters; the other wave of those who answered once is imputed too"
        if one.linked
        else "Each wave is imputed by itself"
    )
    how = (
        f"The comparison of {earlier} and {later} once more, with unanswered items imputed {declared.imputations} "
        f"times by chained equations ({CYCLES} cycles after a first pass): each item from the others and the "
        f"service, by a proportional-odds model whose parameters are drawn. {who}. Answers off the scale "
        "are not imputed. "
        "Estimates are pooled by Rubin's rules with the degrees of freedom of Barnard and Rubin, the fraction of "
        f"missing information beside them; p-values are adjusted by {method} over the items, for each service apart. "
        f"An item needs {FEWEST} answers at each wave{' and as many pairs' if one.linked else ''} in a service."
    )
    answer = (
        "A sensitivity analysis: the declared comparison decides. Where the two differ in what they show, the report "
        "says so and calls the result dependent on who did not answer."
    )
    title = f"Sensitivity to missing answers: {earlier} and {later}"
    sources = f"van Buuren (2007), Rubin (1987), Barnard and Rubin (1999), {source}"
    return Analysis("missing_answers", one.instrument, title, how, answer, sources)
