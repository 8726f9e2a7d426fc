"""Families of estimates: which methods a study's records feed. Reads like a table of contents.

Each family takes the study's records and gives ``Results``. Statistics belong in ``pipeline.methods``,
reading and writing in ``pipeline.assets``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from pipeline.methods.results import Context, Results
from schemas.analyses import Rounds, Themes
from schemas.instrument import Instrument
from schemas.study import Study


@dataclass(frozen=True)
class Evaluation:
    """What a family needs: the study, its instruments, and its validated records by table."""

    study: Study
    instruments: Mapping[str, Instrument]
    records: Mapping[str, Any]

    def context(self, family: str, table: str) -> Context:
        """Study, data status of the table, declared services, and who produces the rows."""
        analyses = self.study.analyses
        return Context(
            study=self.study.study,
            data_status=self._status(table),
            services=tuple(self.study.service_ids()),
            produced_by=f"{self.study.study.replace('-', '_')}/{family}",
            level=analyses.level,
            power=analyses.power,
        )

    def surveys(self) -> Iterable[tuple[Instrument, pl.DataFrame]]:
        """Answers of each instrument that the study has, in declared order."""
        answers = self.records["surveys"]
        named = dict.fromkeys(table.instrument for table in self.study.tables.surveys)
        return [(self.instruments[name], answers.filter(pl.col("instrument") == name)) for name in named]

    def answers(self, instrument: str) -> tuple[Instrument, pl.DataFrame]:
        """Answers of one instrument."""
        return next(pair for pair in self.surveys() if pair[0].instrument == instrument)

    def asked(self, instrument: str) -> tuple[pl.DataFrame, Instrument]:
        """Answers of one instrument, and the instrument."""
        found, answers = self.answers(instrument)
        return answers, found

    def rounds(self, name: str) -> Rounds:
        """The comparison of two waves that the study file declares by this id."""
        return next(one for one in self.study.analyses.rounds if one.id == name)

    def coded(self, family: str) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, Themes, Context]:
        """Segments, codings, codebook, what is declared of them, and the context; composite vignettes never count."""
        tables = [self.records[name] for name in ("segments", "codings", "codebook")]
        places = [f"{document}/{section}" for document, section in self.study.vignettes()]
        tables[0] = tables[0].filter(~pl.concat_str("document", "section", separator="/").is_in(places))
        declared = self.study.analyses.themes or Themes()
        return tables[0], tables[1], tables[2], declared, self.context(family, "codings")

    def uncounted(self) -> list[str]:
        """Services whose doses are not known: those without a row, where doses are supplied and not counted."""
        supplied = self.study.tables.doses
        present = set(self.records["doses"]["service"]) if supplied else set(self.study.service_ids())
        return [service for service in self.study.service_ids() if service not in present]

    def _status(self, table: str) -> str:
        counted = "sessions" if table == "doses" and not self.study.tables.doses else table
        statuses = {one.data_status for one in getattr(self.study.tables, counted, ())}
        return next((s for s in ("reconstructed", "demonstration") if s in statuses), "observed")


def support(evaluation: Evaluation) -> Results:
    """Support mix, activities, sessions per client and, where declared, the dose model."""
    from pipeline.methods import contacts, dose, support

    records, parts = evaluation.records, []
    if "sessions" in records:
        context = evaluation.context("support", "sessions")
        counted = contacts.individual(records["sessions"])
        parts.append(support.activities(counted, context))
        if "groups" in records:
            parts.append(support.mix(counted, records["groups"], context))
    if "doses" in records:
        context = evaluation.context("support", "doses")
        parts.append(dose.describe(records["doses"], context, evaluation.uncounted()))
        model = evaluation.study.analyses.dose_model
        parts += [dose.model(records["doses"], model.reference, context)] if model else []
    return Results.concat(parts)


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
    from pipeline.methods.change import rounds
    from pipeline.methods.power import detectable

    context = evaluation.context("change", "surveys")
    parts = []
    for declared in evaluation.study.analyses.rounds:
        instrument, answers = evaluation.answers(declared.instrument)
        parts.append(rounds(answers, instrument, declared, context))
        parts.append(detectable(answers, instrument, declared, context))
    return Results.concat(parts)


def ordinal(evaluation: Evaluation) -> Results:
    """Ordered answers compared as ordered."""
    from pipeline.methods.ordinal import compare

    context = evaluation.context("ordinal", "surveys")
    declared = evaluation.study.analyses.ordinal
    return Results.concat(compare(*evaluation.asked(one.instrument), one, context) for one in declared)


def clustered(evaluation: Evaluation) -> Results:
    """Two waves compared with services or persons as clusters."""
    from pipeline.methods.clustered import compare

    context = evaluation.context("clustered", "surveys")
    declared = evaluation.study.analyses.clustered
    return Results.concat(compare(*evaluation.asked(one.instrument), one, context) for one in declared)


def missing_answers(evaluation: Evaluation) -> Results:
    """Who answered only once, and declared comparisons with unanswered items imputed."""
    from pipeline.methods.attrition import attrition
    from pipeline.methods.imputation import imputed

    context, analyses, parts = evaluation.context("missing_answers", "surveys"), evaluation.study.analyses, []
    for rounds in (one for one in analyses.rounds if one.linked):
        parts.append(attrition(*evaluation.asked(rounds.instrument), rounds, context))
    for declared in analyses.imputations:
        rounds = evaluation.rounds(declared.rounds)
        parts.append(imputed(*evaluation.asked(rounds.instrument), rounds, declared, context))
    return Results.concat(parts)


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
    return Results.concat(parts)


def services(evaluation: Evaluation) -> Results:
    """Services compared and pooled."""
    from pipeline.methods.synthesis import compare

    context = evaluation.context("services", "surveys")
    parts = []
    for declared in evaluation.study.analyses.pooling:
        instrument, answers = evaluation.answers(declared.instrument)
        parts.append(compare(answers, instrument, declared, context))
    return Results.concat(parts)


def staffing(evaluation: Evaluation) -> Results:
    """Posts at dates, and retention of the post holders."""
    from pipeline.methods import workforce

    records, parts = evaluation.records, []
    if "headcount" in records:
        parts.append(workforce.headcount(records["headcount"], evaluation.context("staffing", "headcount")))
    if "workforce" in records:
        days = evaluation.study.analyses.retention.days
        end: date = evaluation.study.span().end
        context = evaluation.context("staffing", "workforce")
        parts.append(workforce.retention(records["workforce"], days, end, context))
    return Results.concat(parts)


def reliability(evaluation: Evaluation) -> Results:
    """Reliability of the scales named in the study file."""
    from pipeline.methods.reliability import alpha, correlations

    context = evaluation.context("reliability", "surveys")
    parts = []
    for name in evaluation.study.analyses.alpha:
        instrument, answers = evaluation.answers(name)
        parts += [alpha(answers, instrument, context), correlations(answers, instrument, context)]
    return Results.concat(parts)


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

    return agreement(*evaluation.coded("agreement"))


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
