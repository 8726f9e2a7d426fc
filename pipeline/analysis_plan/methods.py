"""What will be estimated of a study and how, in the words of an analysis plan, from the study file alone.

The methods themselves are in ``pipeline.methods`` and described in docs/methods.md, whose sources stand here too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.analysis_plan.change import change
from pipeline.analysis_plan.clustered import clustered
from pipeline.analysis_plan.missing_answers import missing_answers
from pipeline.analysis_plan.multiverse import multiverse
from pipeline.analysis_plan.next_study import next_study
from pipeline.analysis_plan.ordinal import ordinal
from pipeline.analysis_plan.services import services
from pipeline.analysis_plan.staffing import staffing
from pipeline.analysis_plan.support import support
from pipeline.analysis_plan.words import DESCRIBED, SOURCES, Analysis, label_of, level_of, surveyed, wave_label, where
from pipeline.family_tables import FAMILY_TABLES
from pipeline.graph import FAMILY_CODE, families_of
from pipeline.studies import instruments
from schemas.instrument import Instrument, Score
from schemas.study import Question, Study


def analyses_of(study: Study) -> list[Analysis]:
    """All that will be estimated of a study once its data are in, by family, in the order of the graph."""
    makers = {
        "support": support,
        "feedback": _feedback,
        "scores": _scores,
        "response_rates": _response,
        "change": change,
        "ordinal": ordinal,
        "clustered": clustered,
        "missing_answers": missing_answers,
        "multiverse": multiverse,
        "next_study": next_study,
        "services": services,
        "staffing": staffing,
        "reliability": _reliability,
        "drivers": _drivers,
        "themes": _themes,
        "agreement": _agreement,
        "aggregates": _aggregates,
    }
    return [one for family in families_of(study) for one in makers[family](study)]


def answering(study: Study, question: Question) -> list[Analysis]:
    """The analyses that bear on a question.

    Those of its instruments, of the families that its ``methods`` name where they name some; and all others that
    its methods name, as family, as table or by the name of a module of ``pipeline.methods``.
    """
    everything = analyses_of(study)
    of_instruments = [one for one in everything if one.about in question.instruments]
    named = [one for one in everything if _is_named(one, question)]
    if any(one in named for one in of_instruments):
        of_instruments = [one for one in of_instruments if one in named]
    others = [one for one in named if one.about not in instruments()]
    return [one for one in everything if one in of_instruments or one in others]


def _is_named(one: Analysis, question: Question) -> bool:
    words = {word.replace("-", "_").replace(" ", "_") for word in question.methods}
    modules = {module.rpartition(".")[2] for module in FAMILY_CODE[one.family] if ".methods." in module}
    return bool(words & {one.family, *FAMILY_TABLES[one.family], *modules})


_INTERVALS = {
    "wilson": ("Wilson's", SOURCES["shares"]),
    "clopper-pearson": ("Clopper and Pearson's exact", SOURCES["clopper-pearson"]),
    "mid-p": ("the mid-P", SOURCES["mid-p"]),
    "jeffreys": ("Jeffreys'", SOURCES["jeffreys"]),
}


def _feedback(study: Study) -> Iterator[Analysis]:
    for one in surveyed(study):
        how = (
            f"The share of each answer to each of the {len(one.items)} items, at each wave, "
            f"{where(study, one.instrument)}, with {_INTERVALS[study.analyses.interval][0]} {level_of(study)} "
            "interval. Shares are given of all who were asked and of those who answered. "
            f"Reported first: *{label_of(one, one.headline)}*."
        )
        sources = _INTERVALS[study.analyses.interval][1]
        yield Analysis("feedback", one.instrument, "Shares of answers", how, DESCRIBED, sources)


def _scores(study: Study) -> Iterator[Analysis]:
    for one in (one for one in surveyed(study) if one.scoring):
        for score in one.scoring:
            how = (
                f"{_scoring(one, score)} At each wave, {where(study, one.instrument)}: number scored, "
                f"mean with t interval ({level_of(study)}), standard deviation, median (from ten scored on), "
                f"quartiles (from twenty on){_bands(score)}. Two waves or two services are not tested against each "
                "other in their mean scores."
            )
            sources = "; ".join(filter(None, ["Hyndman and Fan (1996)", score.bands_source]))
            yield Analysis("scores", one.instrument, f"Score: {score.label}", how, DESCRIBED, sources)


def _scoring(one: Instrument, score: Score) -> str:
    items, needed = len(one.items_of(score)), one.needed(score)
    turned = sum(item.reverse for item in one.items if item.id in one.items_of(score))
    reverse = f", {turned} of them turned round" if turned else ""
    table = ", turned into the score by the published table" if score.convert else ""
    times = f", times {score.multiply:g}" if score.multiply != 1 else ""
    return (
        f"The {score.method} of {items} items{reverse}{times}{table}: from {score.range.low:g} to "
        f"{score.range.high:g}, {score.direction or one.direction}. "
        + (f"At least {needed} items must be answered." if needed < items else "All items must be answered.")
        + (" Items that a person says do not apply are left out of that person's score." * bool(score.does_not_apply))
    )


def _bands(score: Score) -> str:
    bands = "; ".join(band.label for band in score.bands)
    return f", and the share in each published class ({bands})" if bands else ""


def _response(study: Study) -> Iterator[Analysis]:
    how = (
        "Answered of invited, by survey, wave and service, with Wilson's interval. It is printed beside every result "
        "of that survey."
    )
    yield Analysis("response_rates", "response", "Response rates", how, DESCRIBED, SOURCES["shares"])


def _reliability(study: Study) -> Iterator[Analysis]:
    level = level_of(study)
    for name in study.analyses.alpha:
        instrument = instruments()[name]
        parts = [score.label for score in instrument.scoring] or list(instrument.subscales)
        scales = f"all items and each scale ({'; '.join(parts)})" if parts else "all items"
        how = (
            f"At each wave, all services together, for {scales}: Cronbach's alpha, McDonald's omega of one factor, "
            f"each with its {level} interval, the mean correlation of the items, each item's correlation with the "
            "others, and alpha without it. Spearman's correlation of each pair of items. Only those who answered "
            "every item of a scale count."
        )
        answer = "It describes the scale in this study; it does not prove that the scale measures one thing."
        yield Analysis("reliability", name, "Internal consistency", how, answer, SOURCES["reliability"])
        if instrument.scoring:
            how = (
                "For each score its standard error of measurement, from its standard deviation and alpha, and the "
                f"smallest change that exceeds it at {level}: of one person, and of the mean of all who were scored."
            )
            answer = "A person's change below it can't be told from error; whether a change matters is not said."
            yield Analysis("reliability", name, "Error of the scores", how, answer, SOURCES["error of a score"])


def _drivers(study: Study) -> Iterator[Analysis]:
    for one in study.analyses.drivers:
        instrument = instruments()[one.instrument]
        labels = {item.id: item.label for item in instrument.items}
        factors = "; ".join(labels.get(factor, factor) for factor in one.factors)
        how = (
            f"Which of {len(one.factors)} rated factors go with *{labels.get(one.outcome, one.outcome)}* in "
            f"{wave_label(study, one.wave)}: Spearman's correlation of each, adjusted by Holm's method over all "
            "factors; each service's correlation less that of the first one; relative weights (Johnson) with "
            f"bootstrap intervals. The factors: {factors}."
        )
        answer = (
            "A factor goes with the outcome where its adjusted p-value is below "
            f"{1 - study.analyses.level:.3g}. An order of factors is as sure as the share of resamples in which a "
            "factor is among the first three. Neither says what brings the outcome about."
        )
        yield Analysis("drivers", one.instrument, "Factors and outcome", how, answer, SOURCES["drivers"])


def _themes(study: Study) -> Iterator[Analysis]:
    declared = study.analyses.themes
    design = declared.design if declared else ""
    how = (
        f"In which share of {declared.unit if declared else 'document'}s each code occurs, which codes occur "
        "together (number, share and Jaccard's index), and whether more material would bring new codes: codes met in "
        "the order of the material and over random orders."
        + (f" Intervals rest on the sampling design: {design}." if design else " No sampling design, no intervals.")
    )
    yield Analysis("themes", "codings", "Themes", how, DESCRIBED, SOURCES["themes"])


def _agreement(study: Study) -> Iterator[Analysis]:
    how = (
        "How alike coders give codes: percent agreement, Krippendorff's alpha, Cohen's kappa of each two coders and, "
        "with three or more, Fleiss' kappa, code by code; alpha over all codes and of whole sets of codes. Where two "
        "gave the same code: whether they say that it hinders, is mixed or supports (ordinal alpha, weighted kappa)."
    )
    answer = "By custom alpha from 0.8 on carries a conclusion, from 0.667 on a tentative one."
    yield Analysis("agreement", "codings", "Agreement of coders", how, answer, SOURCES["agreement"])


def _aggregates(study: Study) -> Iterator[Analysis]:
    how = "Printed figures whose rows can't be rebuilt enter as published, with nothing computed from them."
    yield Analysis("aggregates", "claims", "Published figures", how)


def unasked(study: Study) -> list[Analysis]:
    """What will be estimated although no question asks for it; response rates belong to every survey."""
    asked = [one for question in study.questions for one in answering(study, question)]
    return [one for one in analyses_of(study) if one not in asked and one.family != "response_rates"]


def titles(analyses: Sequence[Analysis]) -> list[str]:
    """Title of each analysis with what it is made from."""
    names = {name: one.title for name, one in instruments().items()}
    return [f"{one.title} ({names.get(one.about, one.about)})" for one in analyses]
