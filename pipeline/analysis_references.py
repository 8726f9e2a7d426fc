"""Do the analyses of a study file name what exists: instruments, waves, answers, items, services, other analyses?

What an analysis may say is declared in ``schemas.analyses``; all else that a study file names is in ``studies.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pipeline.problems import nearest
from pipeline.yaml_models import Location
from schemas.analyses import Clustered, ContactModel, Drivers, Multiverse, Ordinal, Pooling, Rounds
from schemas.instrument import Instrument
from schemas.study import Study
from schemas.vocabulary import ACTIVITIES, MODES

Finding = tuple[Location, str, str]
Known = Mapping[str, Instrument]


def unknown(at: Location, what: str, word: str, known: Sequence[str]) -> Iterator[Finding]:
    """A finding where ``word`` is not among the ``known``, with the nearest of them."""
    if word not in known:
        yield at, f"unknown {what} '{word}'", nearest(word, known)


def analyses_name_what_exists(study: Study, known: Known) -> Iterator[Finding]:
    """What the analyses name and the study, or the instruments ``known``, do not have."""
    pairs = {(table.instrument, table.wave) for table in study.tables.surveys}
    checks = {
        "rounds": lambda at, one: _compared(at, one, pairs, known),
        "pooling": lambda at, one: _pooling(at, one, study, pairs, known),
        "drivers": lambda at, one: _drivers(at, one, pairs, known),
        "ordinal": lambda at, one: _ordinal(at, one, study, pairs, known),
        "clustered": lambda at, one: _clustered(at, one, pairs, known),
        "contact_models": lambda at, one: _contacts(at, one, study),
        "multiverse": lambda at, one: _multiverse(at, one, study, known),
        "imputations": lambda at, one: _of_rounds(at, one.rounds, study),
        "next_studies": lambda at, one: _of_rounds(at, one.rounds, study),
        "alpha": lambda at, one: unknown(at, "instrument", one, sorted({i for i, _ in pairs})),
    }
    for name, check in checks.items():
        for index, one in enumerate(getattr(study.analyses, name)):
            yield from check(("analyses", name, index), one)
    yield from _families(study)
    yield from _repeated(study)
    if study.analyses.dose_model:
        at = ("analyses", "dose_model", "reference")
        yield from unknown(at, "service", study.analyses.dose_model.reference, study.service_ids())


Pairs = set[tuple[str, str]]


def _asked(
    at: Location, one: Rounds | Pooling | Ordinal | Clustered, keys: Sequence[str], pairs: Pairs
) -> Iterator[Finding]:
    """Is the instrument among the surveys, and asked at the waves that these keys name?"""
    yield from unknown((*at, "instrument"), "instrument", one.instrument, sorted({i for i, _ in pairs}))
    waves = sorted({wave for instrument, wave in pairs if instrument == one.instrument})
    for key in keys:
        yield from unknown((*at, key), "wave", getattr(one, key), waves)


def _answers(at: Location, one: Rounds | Pooling | Clustered, known: Known) -> Iterator[Finding]:
    if one.category is not None and one.instrument in known:
        yield from unknown((*at, "category"), "answer", one.category, known[one.instrument].categories())


def _items(at: Location, instrument: str, items: Sequence[str], known: Known) -> Iterator[Finding]:
    for index, item in enumerate(items if instrument in known else ()):
        yield from unknown((*at, "items", index), "item", item, [one.id for one in known[instrument].items])


def _compared(at: Location, one: Rounds, pairs: Pairs, known: Known) -> Iterator[Finding]:
    yield from _asked(at, one, ("reference", "wave"), pairs)
    yield from _answers(at, one, known)
    if one.linked == "partly" and one.test != "exact":
        yield (*at, "test"), "partly linked rounds have a test of their own", "Leave test out: a z test is made."
    if one.linked is True and one.test in ("boschloo", "barnard"):
        yield (*at, "test"), f"{one.test} compares different persons", "For linked rounds: exact or mid-p."
    if one.linked and one.interval != "newcombe":
        yield (*at, "interval"), f"{one.interval} compares different persons", "Leave interval out: linked rounds."
    if not one.linked and one.test == "mid-p":
        yield (*at, "test"), "mid-p is McNemar's test of the same persons", "Unlinked: exact, boschloo or barnard."


def _families(study: Study) -> Iterator[Finding]:
    """Do the rounds of one family of tests agree in how p is adjusted, and does none take another one's id?"""
    ids = {one.id: one for one in study.analyses.rounds}
    adjusts: dict[str, str] = {}
    for index, one in enumerate(study.analyses.rounds):
        at: Location = ("analyses", "rounds", index)
        if adjusts.setdefault(one.family or one.id, one.adjust) != one.adjust:
            rule = f"family '{one.family}' is adjusted by {adjusts[one.family or one.id]} in another comparison"
            yield (*at, "adjust"), rule, "All comparisons of a family need the same adjust."
        if one.family in ids and one.family != one.id and ids[one.family].family != one.family:
            rule = f"family '{one.family}' is the id of another comparison"
            yield (*at, "family"), rule, "Give both the same family, or this one another name."


_SAME: dict[str, tuple[tuple[str, ...], ...]] = {
    "rounds": (("id",), ("instrument", "reference", "wave", "category")),
    "ordinal": (("id",),),
    "clustered": (("id",), ("instrument", "reference", "wave", "category", "score", "model", "cluster")),
    "imputations": (("rounds",),),
    "contact_models": (("outcome", "baseline", "reference"),),
    "pooling": (("instrument", "wave", "category"),),
}
"""By analysis: keys of which no two may be alike, or their results could not be told apart."""


def _repeated(study: Study) -> Iterator[Finding]:
    for name, alike in _SAME.items():
        declared = getattr(study.analyses, name)
        for keys in alike:
            values = [tuple(getattr(one, key) for key in keys) for one in declared]
            for index, value in enumerate(values):
                if values.index(value) != index:
                    told = ", ".join(str(one) for one in value if one is not None)
                    yield ("analyses", name, index), f"'{told}' stands twice", "Leave one of them out, or change it."


def _pooling(at: Location, one: Pooling, study: Study, pairs: Pairs, known: Known) -> Iterator[Finding]:
    yield from _asked(at, one, ("wave",), pairs)
    yield from _answers(at, one, known)
    yield from _items(at, one.instrument, one.items, known)
    characteristics = sorted({name for service in study.services for name in service.characteristics})
    for key, names in (("subgroups", (one.subgroups,)), ("moderators", one.moderators)):
        for name in names:
            if name:
                yield from unknown((*at, key), "characteristic of a service", name, characteristics)


def _ordinal(at: Location, one: Ordinal, study: Study, pairs: Pairs, known: Known) -> Iterator[Finding]:
    waves = one.contrast == "waves"
    yield from _asked(at, one, ("reference", "wave") if waves else ("wave",), pairs)
    yield from _items(at, one.instrument, one.items, known)
    if not waves:
        yield from unknown((*at, "reference"), "service", one.reference, study.service_ids())
    same = [(each.instrument, each.contrast, each.reference, each.wave) for each in study.analyses.ordinal]
    if same.index((one.instrument, one.contrast, one.reference, one.wave)) != at[-1]:
        yield at, f"'{one.id}' compares what another one under ordinal does", "Put all items into one of them."


def _clustered(at: Location, one: Clustered, pairs: Pairs, known: Known) -> Iterator[Finding]:
    yield from _asked(at, one, ("reference", "wave"), pairs)
    yield from _answers(at, one, known)
    yield from _items(at, one.instrument, one.items, known)
    if one.score is not None and one.instrument in known:
        yield from unknown((*at, "score"), "score", one.score, [score.id for score in known[one.instrument].scoring])


def _contacts(at: Location, one: ContactModel, study: Study) -> Iterator[Finding]:
    kinds = MODES if one.outcome == "mode" else (*ACTIVITIES, *study.activities)
    yield from unknown((*at, "baseline"), one.outcome, one.baseline, kinds)
    yield from unknown((*at, "reference"), "service", one.reference, study.service_ids())


def _multiverse(at: Location, one: Multiverse, study: Study, known: Known) -> Iterator[Finding]:
    yield from _of_rounds(at, one.rounds, study)
    if [other.rounds for other in study.analyses.multiverse].index(one.rounds) != at[-1]:
        yield (*at, "rounds"), f"'{one.rounds}' has another multiverse", "Put all choices into one of them."
    for rounds in study.analyses.rounds:
        if rounds.id == one.rounds and rounds.instrument in known:
            yield from _items(at, rounds.instrument, one.items, known)
            for index, category in enumerate(one.categories):
                answers = known[rounds.instrument].categories()
                yield from unknown((*at, "categories", index), "answer", category, answers)


def _of_rounds(at: Location, name: str, study: Study) -> Iterator[Finding]:
    yield from unknown((*at, "rounds"), "comparison under rounds", name, [one.id for one in study.analyses.rounds])


def _drivers(at: Location, drivers: Drivers, pairs: Pairs, known: Known) -> Iterator[Finding]:
    yield from unknown((*at, "instrument"), "instrument", drivers.instrument, sorted({i for i, _ in pairs}))
    waves = sorted({w for i, w in pairs if i == drivers.instrument})
    yield from unknown((*at, "wave"), "wave", drivers.wave, waves)
    if drivers.instrument in known:
        instrument = known[drivers.instrument]
        items = [item.id for item in instrument.items]
        yield from unknown((*at, "outcome"), "item or subscale", drivers.outcome, [*instrument.subscales, *items])
        measured = instrument.subscales.get(drivers.outcome, (drivers.outcome,))
        for index, factor in enumerate(drivers.factors):
            yield from unknown((*at, "factors", index), "item", factor, items)
            if factor in measured:
                rule = f"'{factor}' is part of the outcome '{drivers.outcome}'"
                yield (*at, "factors", index), rule, "Take it out of the factors."
