"""Survey answers of a simulated study, and how many were eligible, invited and answered.

Clients and their contacts belong in ``simulate_contacts``; which file holds which answers, in ``simulate``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
import polars as pl

from pipeline.methods.simulate_draws import Floats, at_random, logistic, normal, pick, pseudonyms, stream
from schemas.instrument import Instrument
from schemas.simulation import ByService, SimulatedSurvey, Simulation
from schemas.study import Study, Wave

RESPONSE_TYPES = {
    "instrument": pl.String,
    "service": pl.String,
    "wave": pl.String,
    "eligible": pl.Int64,
    "invited": pl.Int64,
    "answered": pl.Int64,
}


@dataclass(frozen=True)
class Client:
    """One client; ``since`` is the day of the first attended contact (None: before the period)."""

    client: str
    service: str
    since: date | None = None


@dataclass(frozen=True)
class Person:
    """One who can be asked: who answers, about whom, where, and from which to which wave (positions)."""

    respondent: str
    subject: str
    service: str
    waves: range


@dataclass(frozen=True)
class Round:
    """One instrument at one wave: the export of all services, and the counts behind it.

    ``answers`` has the columns respondent, subject, service and one text column an item; ``counts`` has those
    of ``response.csv``; ``rated`` says whether respondents answer about others.
    """

    instrument: str
    wave: str
    rated: bool
    answers: pl.DataFrame
    counts: pl.DataFrame


def survey_rounds(
    config: Simulation, study: Study, instruments: Mapping[str, Instrument], clients: Sequence[Client]
) -> list[Round]:
    """Every declared survey at every wave that the study file has a table for.

    Answers follow an ordinal logit (McCullagh, 1980): the answer is above threshold k when the person's
    effect + the service's effect + the item's shift at the wave + logistic noise is.
    """
    return [
        one
        for survey in config.surveys
        for one in _rounds(config, study, survey, instruments[survey.instrument], clients)
    ]


def survey_waves(study: Study, instrument: str) -> list[Wave]:
    """The waves at which the study file has a table of the instrument, by date."""
    named = {table.wave for table in study.tables.surveys if table.instrument == instrument}
    return sorted((wave for wave in study.waves if wave.id in named), key=lambda wave: wave.start)


def response_frame(rounds: Sequence[Round]) -> pl.DataFrame:
    """``response.csv``: one row an instrument, wave and service."""
    return pl.concat([pl.DataFrame(schema=RESPONSE_TYPES), *[one.counts for one in rounds]])


def _rounds(
    config: Simulation, study: Study, survey: SimulatedSurvey, instrument: Instrument, clients: Sequence[Client]
) -> Iterator[Round]:
    waves = survey_waves(study, survey.instrument)
    people = list(_people(config, study, survey, clients, waves))
    lasting = normal(stream(config.seed, "survey", survey.instrument, "persons").random(len(people)))
    for position, wave in enumerate(waves):
        random = stream(config.seed, "survey", survey.instrument, wave.id)
        u_invited, u_answered = random.random(len(people)), random.random(len(people))
        passing = normal(random.random(len(people)))
        effects = survey.person_sd * (
            math.sqrt(survey.stability) * lasting + math.sqrt(1 - survey.stability) * passing
        )
        labels = _labels(survey, instrument, people, wave, effects, random)
        eligible = np.array([position in person.waves for person in people], dtype=bool)
        invited = eligible & (u_invited < _rates(survey.invited, people))
        answered = invited & (u_answered < _rates(survey.answered, people))
        counts = _counts(study, survey.instrument, wave, people, [eligible, invited, answered])
        rated = survey.asked == "clinicians"
        yield Round(survey.instrument, wave.id, rated, _answers(people, labels, answered), counts)


def _people(
    config: Simulation, study: Study, survey: SimulatedSurvey, clients: Sequence[Client], waves: Sequence[Wave]
) -> Iterator[Person]:
    if survey.asked == "staff":
        yield from _staff(config, study, survey, len(waves))
        return
    rated = survey.asked == "clinicians"
    asked = _clinicians(config, study, clients) if rated else _respondents(config, survey, "r", len(clients))
    for respondent, client in zip(asked, clients, strict=True):
        known = [client.since is None or client.since < wave.start for wave in waves]
        first = known.index(True) if any(known) else len(waves)
        subject = client.client if rated else respondent
        yield Person(respondent, subject, client.service, range(first, len(waves)))


def _respondents(config: Simulation, survey: SimulatedSurvey, prefix: str, count: int) -> list[str]:
    """Ids of the survey's own: answers can't be laid beside the session log."""
    seed = int(stream(config.seed, "survey", survey.instrument, "ids").random() * 2**32)
    return pseudonyms(seed, prefix, count)


def _clinicians(config: Simulation, study: Study, clients: Sequence[Client]) -> list[str]:
    """The clinician of each client, the same at every wave and in every survey."""
    sizes = {service: config.services[service].clinicians or 0 for service in study.service_ids()}
    ids = iter(pseudonyms(config.seed, "k", sum(sizes.values())))
    teams = {service: [next(ids) for _ in range(size)] for service, size in sizes.items()}
    streams = {service: stream(config.seed, "clinicians", service) for service in sizes}
    chosen = [(teams[one.service], streams[one.service].random(1)) for one in clients]
    return [team[int(at_random(u, len(team))[0])] for team, u in chosen]


def _staff(config: Simulation, study: Study, survey: SimulatedSurvey, waves: int) -> Iterator[Person]:
    """Each seat's holders in turn: a new person wherever the seat changed hands before a wave."""
    spans: list[tuple[str, range]] = []
    for service in study.service_ids():
        random = stream(config.seed, "staff", survey.instrument, service)
        for _ in range(config.services[service].staff or 0):
            left = (random.random(max(waves - 1, 0)) < survey.turnover).tolist()
            edges = [0, *[wave for wave, gone in enumerate(left, start=1) if gone], waves]
            spans += [(service, range(*edge)) for edge in pairwise(edges)]
    ids = _respondents(config, survey, "m", len(spans))
    for respondent, (service, present) in zip(ids, spans, strict=True):
        yield Person(respondent, respondent, service, present)


def _labels(
    survey: SimulatedSurvey,
    instrument: Instrument,
    people: Sequence[Person],
    wave: Wave,
    effects: Floats,
    random: np.random.Generator,
) -> dict[str, np.ndarray]:
    """A label for each person and item (None where left blank); nobody leaves all items blank."""
    places = np.array([survey.services.get(person.service, 0.0) for person in people], dtype=np.float64)
    kept = _not_blank(survey.blank, random.random((len(people), len(instrument.items))))
    labels: dict[str, np.ndarray] = {}
    for column, item in enumerate(instrument.items):
        level = (effects + places) * (-1 if item.reverse else 1)
        labels[item.id] = _item_labels(survey, instrument, item.id, wave, level, random)
        labels[item.id][~kept[:, column]] = None
    return labels


def _item_labels(
    survey: SimulatedSurvey, instrument: Instrument, item: str, wave: Wave, level: Floats, random: np.random.Generator
) -> np.ndarray:
    declared = survey.items[item]
    latent = level + declared.shift.get(wave.id, 0.0) + logistic(random.random(len(level)))
    answer = np.searchsorted(np.array(declared.thresholds), latent, side="left")
    options = [option.label for option in sorted(instrument.options, key=lambda option: option.code)]
    special = {one.id: one.label for one in instrument.special}
    # Rates are shares of all asked, so a special answer is drawn among those who do not leave the item blank.
    rates = [rate / (1 - survey.blank) for rate in survey.special.values()]
    off_scale = pick(random.random(len(level)), [*rates, 1 - sum(rates)])
    labels = [*(special[one] for one in survey.special), *options]
    position = np.where(off_scale < len(rates), off_scale, len(rates) + answer)
    return np.array(labels, dtype=object)[position]


def _not_blank(blank: float, u: Floats) -> np.ndarray:
    kept = u >= blank
    nothing = ~kept.any(axis=1)
    kept[nothing, u[nothing].argmax(axis=1)] = True
    return kept


def _rates(rate: ByService, people: Sequence[Person]) -> Floats:
    values = [rate[person.service] if isinstance(rate, dict) else rate for person in people]
    return np.array(values, dtype=np.float64)


def _answers(people: Sequence[Person], labels: Mapping[str, np.ndarray], answered: np.ndarray) -> pl.DataFrame:
    rows = np.flatnonzero(answered).tolist()
    who = {name: [getattr(people[row], name) for row in rows] for name in ("respondent", "subject", "service")}
    columns = who | {item: values[rows].tolist() for item, values in labels.items()}
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)).sort("respondent", "subject")


def _counts(
    study: Study, instrument: str, wave: Wave, people: Sequence[Person], stages: Sequence[np.ndarray]
) -> pl.DataFrame:
    places = np.array([person.service for person in people], dtype=object)
    rows = [
        (instrument, service, wave.id, *(int(stage[places == service].sum()) for stage in stages))
        for service in study.service_ids()
    ]
    return pl.DataFrame(rows, schema=RESPONSE_TYPES, orient="row")
