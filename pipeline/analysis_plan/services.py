"""Services compared and pooled in the words of an analysis plan.

The methods are ``pipeline.methods.synthesis`` and ``moderators``; what may be declared is
``schemas.analyses.Pooling``.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.analysis_plan.words import SOURCES, Analysis, label_of, level_of, wave_label
from pipeline.studies import instruments
from schemas.analyses import Pooling
from schemas.study import Study

ESTIMATORS = {
    "paule-mandel": ("Paule and Mandel", "Paule and Mandel (1982)"),
    "reml": ("restricted maximum likelihood", "Viechtbauer (2005)"),
    "dersimonian-laird": ("DerSimonian and Laird", "DerSimonian and Laird (1986)"),
}
"""Estimators of the variance between services: name and source."""


def services(study: Study) -> Iterator[Analysis]:
    """Each declared pooling over services."""
    for one in study.analyses.pooling:
        instrument = instruments()[one.instrument]
        variance, source = ESTIMATORS[one.variance]
        how = (
            f"The share answering *{label_of(instrument, one.category)}* in {wave_label(study, one.wave)}, pooled "
            f"over services by a random-effects model (variance: {variance}; interval of Knapp and Hartung), how far "
            "services differ beyond chance, what to expect of a new, similar service, and which services lie outside "
            "the limits of chance. It needs three services."
            f"{_without_each(one)}{_subgroups(one)}{_moderators(study, one)}"
        )
        answer = (
            "The pooled share and the range for a new service. A service outside the limits is a reason to ask, not "
            f"a verdict: nothing is adjusted for whom it serves. Services are not ranked.{_explained(study, one)}"
        )
        sources = "; ".join(filter(None, [source, SOURCES["services"], _sources(one)]))
        yield Analysis("services", one.instrument, "Services beside each other", how, answer, sources)


def _without_each(one: Pooling) -> str:
    return " The share is pooled again without each service in turn." if one.leave_one_out else ""


def _subgroups(one: Pooling) -> str:
    if not one.subgroups:
        return ""
    return (
        f" Services are also pooled by {_plain(one.subgroups)}, with one variance within all subgroups, and the "
        "subgroups compared by an F test."
    )


def _moderators(study: Study, one: Pooling) -> str:
    if not one.moderators:
        return ""
    names = " and ".join(_plain(name) for name in one.moderators)
    return (
        f" A meta-regression asks whether the share goes with {names}, with t and F of Knapp and Hartung; it needs "
        f"two services more than coefficients, and the study has {len(study.services)}."
    )


def _explained(study: Study, one: Pooling) -> str:
    if not one.subgroups and not one.moderators:
        return ""
    return (
        " A characteristic goes with the share where its p-value, adjusted by Holm's method over the items, is "
        f"below {1 - study.analyses.level:.3g}; else it is open, with its {level_of(study)} interval. It is not "
        "shown to be a cause."
    )


def _sources(one: Pooling) -> str:
    named = ["Borenstein et al. (2009)"] if one.subgroups else []
    named += ["Raudenbush (2009)", "Holm (1979)"] if one.subgroups or one.moderators else []
    return ", ".join(named)


def _plain(name: str) -> str:
    return f"*{name.replace('-', ' ')}*"
