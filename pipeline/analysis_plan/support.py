"""Contacts and sessions per client, in the words of an analysis plan.

The methods are in ``pipeline.methods``: ``support``, ``contact_kinds``, ``contact_model``, ``dose``, ``dose_model``
and ``continuation``.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.analysis_plan.words import DESCRIBED, SOURCES, Analysis, level_of
from pipeline.graph import tables_of
from schemas.analyses import ContactModel, Continuation, DoseModel
from schemas.study import Study

_UNADJUSTED = "Service is the only term: whom it serves is not taken into account."
_OPEN = "The ratio to the reference service with its interval; an interval that holds 1 leaves it open."
_MODELS = {
    "seen": "Sessions per client by service, in a negative binomial model cut off at zero",
    "all": "Sessions per client by service, in a negative binomial model, clients without a session included",
    "days": "Sessions after the first one, for the days from a client's first to last session, by service, in a "
    "negative binomial model with that time as exposure (clients seen on one day only are left out and counted)",
}


def support(study: Study) -> Iterator[Analysis]:
    """What is estimated of contacts, of sessions per client, and of who goes on."""
    if study.tables.sessions:
        yield from _contacts(study)
    how = (
        "Clients, sessions, mean, standard deviation, median and quantiles of sessions per client, and the share "
        "with one session only, for all services and each. A client seen at several services counts where most "
        "sessions were."
    )
    yield Analysis("support", "doses", "Sessions per client", how, DESCRIBED, SOURCES["doses"])
    if study.analyses.dose_model:
        yield _dose_model(study, study.analyses.dose_model)
    if study.analyses.continuation:
        yield _continuation(study, study.analyses.continuation)
    for one in study.analyses.contact_models:
        yield _contact_model(study, one)


def _contacts(study: Study) -> Iterator[Analysis]:
    kinds = [kind for kind in ("activity", "mode") if _tells(study, kind)]
    shares = [f"the share of each {' and each '.join(kinds)} in individual contacts that took place"] if kinds else []
    shares += ["the share of contacts in groups"] if "groups" in tables_of(study) else []
    if shares:
        what = ", and ".join(shares)
        how = (
            f"{what[:1].upper()}{what[1:]}, with intervals that take weeks as clusters, because contacts of one week "
            "resemble each other."
        )
        yield Analysis("support", "sessions", "What support consists of", how, DESCRIBED, SOURCES["support"])
    how = (
        "The share of appointments to which the client did not come, with intervals that take weeks as clusters, for "
        "all services and each with at least five clients."
    )
    yield Analysis("support", "sessions", "Missed appointments", how, DESCRIBED, SOURCES["support"])
    if _tells(study, "minutes"):
        how = (
            "Hours of individual contact, altogether and per client (t interval), from the minutes recorded; "
            "contacts without minutes are counted. For all services and each with at least five clients."
        )
        yield Analysis("support", "sessions", "Hours of contact", how, DESCRIBED)


def _dose_model(study: Study, declared: DoseModel) -> Analysis:
    model = _MODELS["days" if declared.exposure == "days" else declared.clients]
    how = f"{model}; each service compared with {_name(study, declared.reference)}. {_UNADJUSTED}"
    seen = declared.exposure == "none" and declared.clients == "seen"
    sources = SOURCES["dose model" if seen else "dose model, all"]
    return Analysis("support", "doses", "Sessions by service", how, _OPEN, sources)


def _continuation(study: Study, declared: Continuation) -> Analysis:
    numbers = [str(one) for one in sorted(set(declared.sessions))]
    listed = f"{', '.join(numbers[:-1])} and {numbers[-1]}" if len(numbers) > 1 else "".join(numbers)
    how = (
        f"The share of clients who go on to at least {listed} sessions (Kaplan and Meier, with the number of "
        f"sessions as time; log-log {level_of(study)} intervals), and the median, for all services and each with at "
        f"least five clients. Whoever was last seen {declared.gap_days} days or more before the end of the period, "
        "or of the records where these end earlier, has stopped; others may still go on."
    )
    return Analysis("support", "doses", "Going on", how, DESCRIBED, SOURCES["continuation"])


def _contact_model(study: Study, declared: ContactModel) -> Analysis:
    how = (
        f"Contacts of each {declared.outcome} for one of *{declared.baseline}*, in each service compared with "
        f"{_name(study, declared.reference)}, in a multinomial logit model with clients as clusters. Services with "
        f"fewer than five clients are left out; p-values are adjusted by Holm's method over all ratios. {_UNADJUSTED}"
    )
    title = f"{declared.outcome.capitalize()} of contacts by service"
    return Analysis("support", "sessions", title, how, _OPEN, SOURCES["contact model"])


def _name(study: Study, service: str) -> str:
    return {one.id: one.name for one in study.services}.get(service, service)


def _tells(study: Study, column: str) -> bool:
    """Does a table of sessions have this column? One with the record's own columns may; one that is mapped says so.

    Where it does not, a column that happens to be called so would still be read: more than was planned.
    """
    return any(
        not one.columns or column in one.columns or (one.stack is not None and one.stack.into == column)
        for one in study.tables.sessions
    )
