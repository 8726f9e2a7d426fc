"""What will be estimated of a study and how, in the words of an analysis plan, from the study file alone.

The methods themselves are in ``pipeline.methods`` and described in docs/methods.md, whose sources stand here too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.analysis_plan.words import DESCRIBED, SOURCES, Analysis, label_of, level_of, surveyed, wave_label, where
from pipeline.family_tables import FAMILY_TABLES
from pipeline.graph import FAMILY_CODE, families_of, tables_of
from pipeline.studies import instruments
from schemas.analyses import Rounds
from schemas.instrument import Instrument, Score
from schemas.study import Question, Study


def analyses_of(study: Study) -> list[Analysis]:
    """All that will be estimated of a study once its data are in, by family, in the order of the graph."""
    makers = {
        "support": _support,
        "feedback": _feedback,
        "scores": _scores,
        "response_rates": _response,
        "change": _change,
        "services": _services,
        "staffing": _staffing,
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


def _feedback(study: Study) -> Iterator[Analysis]:
    for one in surveyed(study):
        how = (
            f"The share of each answer to each of the {len(one.items)} items, at each wave, "
            f"{where(study, one.instrument)}, with Wilson's {level_of(study)} interval. Shares are given of all who "
            f"were asked and of those who answered. Reported first: *{label_of(one, one.headline)}*."
        )
        yield Analysis("feedback", one.instrument, "Shares of answers", how, DESCRIBED, SOURCES["shares"])


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


def _change(study: Study) -> Iterator[Analysis]:
    for one in study.analyses.rounds:
        instrument = instruments()[one.instrument]
        title = f"Change from {wave_label(study, one.reference)} to {wave_label(study, one.wave)}"
        sources = SOURCES["linked" if one.linked else "unlinked"]
        yield Analysis("change", one.instrument, title, _compared(study, one, instrument), _shown(study), sources)


def _compared(study: Study, one: Rounds, instrument: Instrument) -> str:
    what = (
        f"The difference in the share answering *{label_of(instrument, one.category)}*, item by item, "
        f"{where(study, one.instrument)}"
    )
    tests = f"p-values are adjusted by Holm's method over the {len(instrument.items)} items, for each service apart"
    if one.linked:
        return (
            f"{what}, among those who answered both times, matched "
            "by id: Newcombe's paired interval and the exact McNemar test. Beside it the net change: the share who "
            f"moved up the scale less the share who moved down, with Tango's interval and the exact sign test. "
            f"{tests} and each of the two tests apart. Who answered only once is left out and counted."
        )
    overlap = (
        "Nobody is in both groups, as the study file declares."
        if one.overlap == "none"
        else "Some persons may be in both groups and can't be recognised; each result says that it assumes otherwise."
    )
    return (
        f"{what}, the two waves taken as different persons: "
        f"Newcombe's hybrid score interval and Fisher's exact test. {tests}. {overlap}"
    )


def _shown(study: Study) -> str:
    alpha = f"{1 - study.analyses.level:.3g}"
    return (
        f"A difference is called shown for an item where its adjusted p-value, all services together, is below "
        f"{alpha}. Any other is called not shown, with its interval and the smallest difference that could have been "
        "found; it is never called no change."
    )


def _services(study: Study) -> Iterator[Analysis]:
    for one in study.analyses.pooling:
        instrument = instruments()[one.instrument]
        how = (
            f"The share answering *{label_of(instrument, one.category)}* in {wave_label(study, one.wave)}, pooled "
            "over services by a random-effects model (Paule and Mandel; interval of Knapp and Hartung), what to "
            "expect of a new, similar service, and which services lie outside the limits of chance. It needs three "
            "services."
        )
        answer = (
            "The pooled share and the range for a new service. A service outside the limits is a reason to ask, not "
            "a verdict: nothing is adjusted for whom it serves. Services are not ranked."
        )
        yield Analysis("services", one.instrument, "Services beside each other", how, answer, SOURCES["services"])


def _support(study: Study) -> Iterator[Analysis]:
    tables = tables_of(study)
    shares = ["the share of each activity in individual contacts that took place"] if _tells_activity(study) else []
    shares += ["the share of contacts in groups"] if {"sessions", "groups"} <= set(tables) else []
    if shares:
        what = ", and ".join(shares)
        how = (
            f"{what[:1].upper()}{what[1:]}, with intervals that take weeks as clusters, because contacts of one week "
            "resemble each other."
        )
        yield Analysis("support", "sessions", "What support consists of", how, DESCRIBED, SOURCES["support"])
    how = (
        "Clients, sessions, mean, standard deviation, median and quantiles of sessions per client, and the share "
        "with one session only, for all services and each. A client seen at several services counts where most "
        "sessions were."
    )
    yield Analysis("support", "doses", "Sessions per client", how, DESCRIBED, SOURCES["doses"])
    if study.analyses.dose_model:
        names = {one.id: one.name for one in study.services}
        how = (
            "Sessions per client by service, in a negative binomial model cut off at zero, each service compared "
            f"with {names[study.analyses.dose_model.reference]}. Service is the only term: whom it serves is not "
            "taken into account."
        )
        answer = "The ratio to the reference service with its interval; an interval that holds 1 leaves it open."
        yield Analysis("support", "doses", "Sessions by service", how, answer, SOURCES["dose model"])


def _tells_activity(study: Study) -> bool:
    """Does a table of sessions tell what was done? One with the record's own columns may; one that is mapped says so.

    Where it does not, a column that happens to be called ``activity`` would still be read: more than was planned.
    """
    return any(
        not one.columns or "activity" in one.columns or (one.stack is not None and one.stack.into == "activity")
        for one in study.tables.sessions
    )


def _staffing(study: Study) -> Iterator[Analysis]:
    if study.tables.headcount:
        how = "Posts filled at each date that was counted; a total only at dates when every service was counted."
        yield Analysis("staffing", "headcount", "Posts", how, "The figures are the answer.")
    if study.tables.workforce:
        days = " and ".join(str(one) for one in study.analyses.retention.days)
        how = (
            f"The share of post holders still in post after {days} days (Kaplan and Meier), with log-log intervals. "
            "Posts still held at the end of the period are taken as not yet ended."
        )
        yield Analysis("staffing", "workforce", "Staying in post", how, DESCRIBED, SOURCES["retention"])


def _reliability(study: Study) -> Iterator[Analysis]:
    for name in study.analyses.alpha:
        how = "Cronbach's alpha over all items and Spearman's correlation of each pair, all services together."
        answer = "It describes the scale in this study; it does not prove that the scale measures one thing."
        yield Analysis("reliability", name, "Internal consistency", how, answer, SOURCES["reliability"])


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
        "together, and whether more material would bring new codes."
        + (f" Intervals rest on the sampling design: {design}." if design else " No sampling design, no intervals.")
    )
    yield Analysis("themes", "codings", "Themes", how, DESCRIBED, SOURCES["themes"])


def _agreement(study: Study) -> Iterator[Analysis]:
    how = "How alike coders give codes: percent agreement, Krippendorff's alpha and Cohen's kappa, code by code."
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
