"""Ordered answers compared as ordered, in the words of an analysis plan.

The methods are in ``pipeline.methods.ordinal``; what may be declared is ``schemas.analyses.Ordinal``.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.analysis_plan.words import Analysis, level_of, wave_label
from pipeline.studies import instruments
from schemas.analyses import Ordinal
from schemas.instrument import Instrument
from schemas.study import Study

MODEL = "McCullagh (1980)"
ERRORS = "Liang and Zeger (1986), Mancl and DeRouen (2001)"
DIFFERENT_PERSONS = "Brunner and Munzel (2000), Newcombe (2006)"


def ordinal(study: Study) -> Iterator[Analysis]:
    """Each declared comparison of ordered answers."""
    for one in study.analyses.ordinal:
        instrument = instruments()[one.instrument]
        words = _waves if one.contrast == "waves" else _services
        title, how, sources = words(study, one, instrument)
        yield Analysis("ordinal", one.instrument, title, how, _answer(one), sources)


def _waves(study: Study, one: Ordinal, instrument: Instrument) -> tuple[str, str, str]:
    before, after = wave_label(study, one.reference), wave_label(study, one.wave)
    superior = (
        "the share of those who answered both times, matched by id, that moved up the scale, and half of those who "
        "stayed (Tango's interval, exact sign test)"
        if one.linked
        else "the probability that an answer of the later wave is higher than one of the earlier, ties half (Brunner "
        "and Munzel, t on the logit scale), as if nobody were in both groups"
    )
    clusters = (
        "the persons are the clusters, so that all their answers count"
        if one.linked
        else "the services are the clusters, and as they are few, t has as many degrees of freedom as there are "
        "services less one"
    )
    how = (
        f"{_items(one, instrument)}, for all services together and for each: {superior}; for all services together "
        "once more with the services as clusters (jackknife, t). For all services together "
        "the odds ratio of higher answers in the later wave by a proportional-odds model, once with a level of its "
        f"own for each service and once of all services pooled; {clusters}. Intervals are {level_of(study)}. Whether "
        f"the odds are proportional is tested ({_test(one)}), and the odds ratio at each cut of the scale is printed "
        f"beside it. {_adjusted('each kind of number apart')}"
    )
    first = "Tango (1998)" if one.linked else DIFFERENT_PERSONS
    test = "Brant (1990)" if one.linked else "Peterson and Harrell (1990)"
    title = f"Ordered answers, {before} to {after}"
    return title, how, f"{first}, Arvesen (1969), {MODEL}, {ERRORS}, {test}, Holm (1979)"


def _services(study: Study, one: Ordinal, instrument: Instrument) -> tuple[str, str, str]:
    names = {service.id: service.name for service in study.services}
    reference = names.get(one.reference, one.reference)
    how = (
        f"{_items(one, instrument)}, in {wave_label(study, one.wave)}: each service beside {reference}, by the "
        "probability that its answer is the higher one, ties half (Brunner and Munzel, t on the logit scale), and by "
        f"the odds ratio of a proportional-odds model of the two ({level_of(study)} Wald interval), where both have "
        "five answers or more. Whether the odds are proportional is tested against a distribution of its own for "
        f"each service. {_adjusted('over the services too, each kind of number apart')}"
    )
    return f"Ordered answers beside {reference}", how, f"{DIFFERENT_PERSONS}, {MODEL}, Holm (1979)"


def _items(one: Ordinal, instrument: Instrument) -> str:
    labels = {item.id: item.label for item in instrument.items}
    if not one.items:
        return f"The whole scale of each of the {len(labels)} items"
    return f"The whole scale of {', '.join(f'*{labels.get(item, item)}*' for item in one.items)}"


def _test(one: Ordinal) -> str:
    return "Wald, persons as clusters" if one.linked else "likelihood ratio, answers of a service as independent"


def _adjusted(over: str) -> str:
    return f"p-values are adjusted by Holm's method over the items, {over}."


def _answer(one: Ordinal) -> str:
    if one.contrast == "services":
        return (
            "Higher answers in a service are shown where the adjusted p is below 0.05. It is a reason to ask, not a "
            "verdict: nothing is adjusted for whom a service serves."
        )
    return (
        "Higher answers in the later wave are shown where the adjusted p of the probability is below 0.05; how much "
        "is read from the interval. Where the odds are not proportional, the one odds ratio is an average, and the "
        "cuts are read."
    )
