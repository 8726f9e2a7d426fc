"""Families of estimates: which methods a study's records feed. Reads like a table of contents.

Each family takes the study's records and gives ``Results``. Statistics belong in ``pipeline.methods``,
reading and writing in ``pipeline.assets``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from pipeline.evaluation import Evaluation
from pipeline.methods.results import Results


def support(evaluation: Evaluation) -> Results:
    """Support mix, activities, modes, no-shows and hours; sessions per client; the models that are declared."""
    from pipeline.methods.contact_kinds import tied

    records, parts = evaluation.records, []
    context = evaluation.context("support", "doses")
    if "sessions" in records:
        parts += _contacts(evaluation)
    if "doses" in records:
        parts += _doses(evaluation)
    results = Results.concat(parts)
    return results if evaluation.study.tables.doses else tied(results, context)


def _contacts(evaluation: Evaluation) -> list[Results]:
    from pipeline.methods import contact_kinds, contact_model, contacts, support

    sessions, context = evaluation.records["sessions"], evaluation.context("support", "sessions")
    counted, visits = contacts.individual(sessions), contact_kinds.visits(sessions)
    groups = evaluation.records.get("groups")
    also = support.with_groups(groups) if groups is not None else ()
    parts = [contact_kinds.activities(counted, context, also), contact_kinds.modes(counted, context, also)]
    parts += [contact_kinds.attendance(visits, context), contact_kinds.hours(visits, context)]
    parts += [support.mix(counted, groups, context)] if groups is not None else []
    declared = evaluation.study.analyses.contact_models
    return parts + [contact_model.model(sessions, counted, one, context) for one in declared]


def _doses(evaluation: Evaluation) -> list[Results]:
    from pipeline.methods import continuation, dose

    doses, context = evaluation.records["doses"], evaluation.context("support", "doses")
    model, declared = evaluation.study.analyses.dose_model, evaluation.study.analyses.continuation
    parts = [dose.describe(doses, context, evaluation.uncounted())]
    if model:
        parts.append(dose.model(doses, model.reference, context, model.clients, model.exposure))
    if declared:
        end = evaluation.study.period.end if evaluation.study.period else date.max
        parts.append(continuation.continuation(doses, declared.sessions, declared.gap_days, end, context))
    return parts


def feedback(evaluation: Evaluation) -> Results:
    """Shares of each answer to each survey."""
    from pipeline.methods.feedback import shares

    context = evaluation.context("feedback", "surveys")
    return Results.concat(shares(answers, instrument, context) for instrument, answers in evaluation.surveys())


def scores(evaluation: Evaluation) -> Results:
    """Scores of the instruments that declare some."""
    from pipeline.methods.scores import scores

    context = evaluation.context("scores", "surveys")
    return Results.concat(
        scores(answers, instrument, context) for instrument, answers in evaluation.surveys() if instrument.scoring
    )


def response_rates(evaluation: Evaluation) -> Results:
    """Response rates of the surveys."""
    from pipeline.methods.response import rates

    populations = {name: instrument.population for name, instrument in evaluation.instruments.items()}
    context = evaluation.context("response_rates", "response")
    surveys = evaluation.surveys() if "surveys" in evaluation.records else ()
    return rates(evaluation.records["response"], populations, context, surveys)


def change(evaluation: Evaluation) -> Results:
    """Two rounds compared, and what these sizes could have found."""
    from pipeline.methods.change import compare
    from pipeline.methods.power import detectable

    context = evaluation.context("change", "surveys")
    compared = [(*evaluation.asked(one.instrument), one) for one in evaluation.study.analyses.rounds]
    return Results.concat([compare(compared, context), *(detectable(*one, context) for one in compared)])


def ordinal(evaluation: Evaluation) -> Results:
    """Ordered answers compared as ordered."""
    from pipeline.methods.ordinal import compare

    context = evaluation.context("ordinal", "surveys")
    analyses = evaluation.study.analyses
    return Results.concat(
        compare(*evaluation.asked(one.instrument), one, context, analyses.rounds) for one in analyses.ordinal
    )


def clustered(evaluation: Evaluation) -> Results:
    """Two waves compared with services or persons as clusters."""
    from pipeline.methods.clustered import compare

    context = evaluation.context("clustered", "surveys")
    declared = evaluation.study.analyses.clustered
    found = Results.concat(compare(*evaluation.asked(one.instrument), one, context) for one in declared)
    # Two models of the same answers share the raw difference by resampling.
    return found.with_estimates(found.estimates.drop_duplicates("estimate_id", ignore_index=True))


def missing_answers(evaluation: Evaluation) -> Results:
    """How completely surveys were filled in, who answered once, and comparisons with unanswered items imputed."""
    from pipeline.methods.attrition import attrition
    from pipeline.methods.completeness import completeness
    from pipeline.methods.imputation import imputed

    context, analyses = evaluation.context("missing_answers", "surveys"), evaluation.study.analyses
    named = dict.fromkeys(one.instrument for one in analyses.rounds)
    parts = [completeness(*evaluation.asked(name), context) for name in named]
    for rounds in (one for one in analyses.rounds if one.linked):
        parts.append(attrition(*evaluation.asked(rounds.instrument), rounds, context))
    for declared in analyses.imputations:
        rounds = evaluation.rounds(declared.rounds)
        parts.append(imputed(*evaluation.asked(rounds.instrument), rounds, declared, context))
    results = Results.concat(parts)
    # Rounds that differ in the answer compared only have the same persons who left.
    return results.with_estimates(results.estimates.drop_duplicates("estimate_id", ignore_index=True))


def multiverse(evaluation: Evaluation) -> Results:
    """Comparisons under every combination of defensible choices."""
    from pipeline.methods.multiverse import multiverse

    context, parts = evaluation.context("multiverse", "surveys"), []
    for declared in evaluation.study.analyses.multiverse:
        rounds = evaluation.rounds(declared.rounds)
        parts.append(multiverse(*evaluation.asked(rounds.instrument), rounds, declared, context))
    return Results.concat(parts)


def next_study(evaluation: Evaluation) -> Results:
    """What the next evaluation would need."""
    from pipeline.methods.design import needed

    context, parts = evaluation.context("next_study", "surveys"), []
    for declared in evaluation.study.analyses.next_studies:
        rounds = evaluation.rounds(declared.rounds)
        parts.append(needed(*evaluation.asked(rounds.instrument), rounds, declared, context))
    found = Results.concat(parts)  # the same rounds planned for two differences share the rows on clusters
    return found.with_estimates(found.estimates.drop_duplicates("estimate_id", ignore_index=True))


def services(evaluation: Evaluation) -> Results:
    """Services compared and pooled."""
    from pipeline.methods.synthesis import compare

    context = evaluation.context("services", "surveys")
    characteristics = {one.id: one.characteristics for one in evaluation.study.services}
    declared = evaluation.study.analyses.pooling
    return Results.concat(
        compare(*evaluation.asked(one.instrument), one, context, characteristics) for one in declared
    )


def staffing(evaluation: Evaluation) -> Results:
    """Posts at dates, how long post holders stay, and what goes with it."""
    from pipeline.methods import retention, retention_compared, workforce
    from pipeline.methods.post_holders import Observation
    from pipeline.methods.success import success

    records, parts = evaluation.records, []
    if "headcount" in records:
        parts.append(workforce.headcount(records["headcount"], evaluation.context("staffing", "headcount")))
    if "workforce" in records:
        context, analyses = evaluation.context("staffing", "workforce"), evaluation.study.analyses
        declared, end = analyses.retention, evaluation.study.span().end
        days = [*declared.days, *([declared.average.days] if declared.average else [])]
        seen = Observation.of(records["workforce"], end, days, analyses.success.days if analyses.success else None)
        parts.append(retention.retention(seen, context))
        parts += [retention.average(seen, declared.average, context)] if declared.average else []
        parts += [retention_compared.compare(seen, declared.compare, context)] if declared.compare else []
        parts += [retention_compared.hazards(seen, declared.hazards, context)] if declared.hazards else []
        parts += [success(seen, analyses.success, context)] if analyses.success else []
    return Results.concat(parts)


def reliability(evaluation: Evaluation) -> Results:
    """Reliability of the scales named in the study file."""
    from pipeline.methods.reliability import alpha, correlations
    from pipeline.methods.scale_items import scale_items

    context, methods = evaluation.context("reliability", "surveys"), (alpha, correlations, scale_items)
    asked = [evaluation.asked(name) for name in evaluation.study.analyses.alpha]
    return Results.concat(method(*one, context) for one in asked for method in methods)


def aggregates(evaluation: Evaluation) -> Results:
    """Published figures whose rows can't be rebuilt, as published."""
    from pipeline.methods.as_published import aggregates

    context = evaluation.context("aggregates", "claims")
    return aggregates(evaluation.records["claims"], evaluation.study.aggregates, context)


def drivers(evaluation: Evaluation) -> Results:
    """Which rated factors go with a rated success."""
    from pipeline.methods.drivers import drivers

    context = evaluation.context("drivers", "surveys")
    parts = []
    for declared in evaluation.study.analyses.drivers:
        instrument, answers = evaluation.answers(declared.instrument)
        parts.append(drivers(answers, instrument, declared, context))
    return Results.concat(parts)


def themes(evaluation: Evaluation) -> Results:
    """How often codes occur in the study's own material, and whether more of it would bring new ones."""
    from pipeline.methods.themes import frequencies, saturation

    given = evaluation.coded("themes")
    return Results.concat([frequencies(*given), saturation(*given)])


def agreement(evaluation: Evaluation) -> Results:
    """How far coders agree."""
    from pipeline.methods.agreement import agreement
    from pipeline.methods.polarity import polarity

    given = evaluation.coded("agreement")
    return Results.concat([agreement(*given), polarity(*given)])


FAMILIES: dict[str, Callable[[Evaluation], Results]] = {
    "support": support,
    "feedback": feedback,
    "scores": scores,
    "response_rates": response_rates,
    "change": change,
    "ordinal": ordinal,
    "clustered": clustered,
    "missing_answers": missing_answers,
    "multiverse": multiverse,
    "next_study": next_study,
    "services": services,
    "staffing": staffing,
    "reliability": reliability,
    "drivers": drivers,
    "themes": themes,
    "agreement": agreement,
    "aggregates": aggregates,
}
