"""Posts and post holders, in the words of an analysis plan.

The methods are in ``pipeline.methods``: ``workforce``, ``retention``, ``retention_compared`` and ``success``.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.analysis_plan.words import DESCRIBED, SOURCES, Analysis, level_of
from schemas.analyses import Average, Retention, Success
from schemas.study import Study

NAMES = {
    "service": "service",
    "role": "role",
    "mentor": "having a mentor",
    "trained": "having completed the training",
    "fte": "hours of the post (full-time equivalents, for each 0.2)",
    "absence_days": "days of sickness absence (for each 10)",
    "selection_score": "the score at selection (for each point)",
}
"""What characteristics of post holders are called."""

_HELD = "Posts still held at the end of the period are taken as not yet ended."
_FEW = "Groups of fewer than five posts are left out."


def staffing(study: Study) -> Iterator[Analysis]:
    """What is estimated of posts at dates and of post holders."""
    if study.tables.headcount:
        how = (
            "Posts filled at each date that was counted; a total only at dates when every service was counted. "
            "Growth from the first to the last such date: difference and ratio, altogether and per year."
        )
        yield Analysis("staffing", "headcount", "Posts", how, "The figures are the answer.")
    if study.tables.workforce:
        yield from _holders(study)


def _holders(study: Study) -> Iterator[Analysis]:
    declared = study.analyses.retention
    yield _retention(study, declared)
    if declared.average:
        yield _average(study, declared.average)
    if declared.compare:
        yield _compared(study, declared)
    if declared.hazards:
        yield _hazards(study, declared)
    if study.analyses.success:
        yield _success(study, study.analyses.success)


def _retention(study: Study, declared: Retention) -> Analysis:
    days = [*declared.days, *([declared.average.days] if declared.average else [])]
    days += [study.analyses.success.days] if study.analyses.success else []
    how = (
        f"The share of post holders still in post after {_listed([str(day) for day in sorted(set(days))])} days "
        f"(Kaplan and Meier), with log-log {level_of(study)} intervals, for all services together and for each; and "
        f"the median time in post, where at least five posts ended by then and five were seen for longer. {_HELD}"
    )
    return Analysis("staffing", "workforce", "Staying in post", how, DESCRIBED, SOURCES["retention"])


def _average(study: Study, average: Average) -> Analysis:
    behind = f"of {average.n} posts" if average.n else "taken as exact, because the posts behind it are not known"
    how = (
        f"The share still in post after {average.days} days less {average.value:g}: {average.of} ({average.source}), "
        f"{behind}. With an interval; and, all services together, a z test on the scale of log(-log)."
    )
    answer = (
        f"The difference with its interval; called shown where p is below {_alpha(study)}. It says nothing about "
        "why: the posts of that average may be other posts."
    )
    return Analysis("staffing", "workforce", "Staying in post, against an average", how, answer, SOURCES["average"])


def _compared(study: Study, declared: Retention) -> Analysis:
    groups = _listed([NAMES[one] for one in dict.fromkeys(declared.compare)])
    how = (
        f"Whether posts end alike, by {groups}: a log-rank test each, all services together, with the ends observed "
        f"and expected in each group; p-values are adjusted by Holm's method over these tests. {_FEW} {_HELD}"
    )
    answer = (
        f"A difference is called shown where the adjusted p-value is below {_alpha(study)}. Groups are as they came "
        "about: who has a mentor, say, may differ in other ways."
    )
    return Analysis("staffing", "workforce", "Groups of post holders", how, answer, SOURCES["log-rank"])


def _hazards(study: Study, declared: Retention) -> Analysis:
    terms = _listed([NAMES[one] for one in dict.fromkeys(declared.hazards)])
    how = (
        f"A Cox model of leaving, with {terms} together, all services together: ratios of the rates of leaving, and "
        f"a test for each that its ratio is the same at all times. {_FEW} Fewer than ten ends a term are pointed "
        "out. Where nobody of a group left there is no estimate."
    )
    answer = f"The ratio with its {level_of(study)} interval; an interval that holds 1 leaves it open."
    return Analysis("staffing", "workforce", "What goes with leaving", how, answer, SOURCES["leaving"])


def _success(study: Study, success: Success) -> Analysis:
    terms = _listed([NAMES[one] for one in dict.fromkeys(success.predictors)])
    how = (
        f"Who is still in post after {success.days} days, by {terms} together, in a logistic model with Firth's "
        "penalty, for small numbers: odds ratios with profile likelihood intervals and likelihood ratio tests. Posts "
        f"that started fewer than {success.days} days before the end of the period are left out and counted, ended "
        "or not."
    )
    answer = f"The ratio with its {level_of(study)} interval; an interval that holds 1 leaves it open."
    return Analysis("staffing", "workforce", "What goes with success in post", how, answer, SOURCES["success"])


def _alpha(study: Study) -> str:
    return f"{1 - study.analyses.level:.3g}"


def _listed(words: list[str]) -> str:
    return " and ".join(part for part in (", ".join(words[:-1]), words[-1] if words else "") if part)
