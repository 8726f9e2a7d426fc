"""Ratings of a simulated programme survey: factors that hang together, and a success that some of them act on.

Each programme's lead rates its factors and its success. Surveys of people about themselves or their clients belong
in ``simulate_surveys``; which file holds which answers, in ``simulate``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import polars as pl

from pipeline.methods.simulate_draws import Floats, normal, pick, pseudonyms, stream
from pipeline.methods.simulate_surveys import RESPONSE_TYPES, Round, survey_waves
from schemas.instrument import Instrument, Item
from schemas.simulation import ByService, SimulatedPrograms, SimulatedRating, Simulation
from schemas.study import Study

_SEED_RANGE = 2**32


def program_rounds(config: Simulation, study: Study, instruments: Mapping[str, Instrument]) -> list[Round]:
    """The one round of the programme survey, where one is declared; no round else.

    A factor (SD 1) is made of a part that all factors of a programme have in common and a part of its own. Success
    (SD 1) is the sum of the declared effects of the factors and an unexplained part. A rating is above threshold k
    when the factor or the success + the lead's tone + an error of its own is; reverse items are turned round.
    """
    if config.programs is None:
        return []
    instrument, [wave] = instruments[config.programs.instrument], survey_waves(study, config.programs.instrument)
    frames, counts = [], []
    ids = iter(pseudonyms(_own_seed(config), "p", sum(_size(config, one) for one in study.service_ids())))
    for service in study.service_ids():
        respondents = [next(ids) for _ in range(_size(config, service))]
        invited, answered = _stages(config, config.programs, service)
        labels = _labels(config, config.programs, instrument, service)
        frames.append(_answers(service, respondents, labels, answered))
        sizes = (len(respondents), int(invited.sum()), int(answered.sum()))
        counts.append((instrument.instrument, service, wave.id, *sizes))
    answers = pl.concat(frames).sort("respondent")
    return [Round(instrument.instrument, wave.id, False, answers, pl.DataFrame(counts, RESPONSE_TYPES, orient="row"))]


def program_misfits(config: Simulation, study: Study, instruments: Mapping[str, Instrument]) -> Iterator[str]:
    """What the programme survey of ``simulate.yml`` names that the study or the instrument does not have."""
    programs = config.programs
    if programs is None:
        return
    here = f"programs: {programs.instrument}"
    if programs.instrument not in instruments:
        yield f"{here}: no such instrument"
        return
    if len(survey_waves(study, programs.instrument)) != 1:
        yield f"{here}: study.yml needs one table of it, at one wave"
    yield from _item_misfits(here, programs, instruments[programs.instrument])
    yield from _service_misfits(here, config, programs)


def quality(config: Simulation, programs: SimulatedPrograms, service: str) -> dict[str, Floats]:
    """Each factor and, under the empty name, the success of every programme of a service, before they are rated."""
    common = _draws(config, service, "common")
    factors = {
        name: math.sqrt(programs.common) * common
        + math.sqrt(1 - programs.common) * _draws(config, service, "factor", name)
        + one.shift.get(service, 0.0)
        for name, one in programs.factors.items()
    }
    effects = {name: one.services.get(service, one.effect) for name, one in programs.factors.items()}
    success = programs.unexplained * _draws(config, service, "success")
    success = success + sum(effects[name] * factors[name] for name in factors)
    return factors | {"": success / _success_sd(programs, list(effects.values()))}


def _success_sd(programs: SimulatedPrograms, effects: Sequence[float]) -> float:
    together = programs.common * sum(effects) ** 2 + (1 - programs.common) * sum(one**2 for one in effects)
    return math.sqrt(together + programs.unexplained**2) or 1.0


def _labels(
    config: Simulation, programs: SimulatedPrograms, instrument: Instrument, service: str
) -> dict[str, np.ndarray]:
    qualities, tone = quality(config, programs, service), programs.tone * _draws(config, service, "tone")
    labels = {}
    for item in instrument.items:
        error = programs.error * _draws(config, service, "error", item.id)
        level = qualities.get(item.id, qualities[""]) + tone + error
        labels[item.id] = _item_labels(config, programs, instrument, item, service, -level if item.reverse else level)
    return labels


def _item_labels(
    config: Simulation, programs: SimulatedPrograms, instrument: Instrument, item: Item, service: str, level: Floats
) -> np.ndarray:
    """A label a programme; None where the item was left blank."""
    declared = programs.items()[item.id]
    options = [option.label for option in sorted(instrument.options, key=lambda option: option.code)]
    special = {one.id: one.label for one in instrument.special}
    rates = [programs.blank, *declared.special.values()]
    kind = pick(_uniform(config, service, "kind", item.id), [*rates, 1 - sum(rates)])
    answer = np.searchsorted(np.array(declared.thresholds), level, side="left")
    labels = [None, *(special[one] for one in declared.special), *options]
    return np.array(labels, dtype=object)[np.where(kind < len(rates), kind, len(rates) + answer)]


def _stages(config: Simulation, programs: SimulatedPrograms, service: str) -> tuple[np.ndarray, np.ndarray]:
    """Which programmes are invited, and which of them answer."""
    invited = _uniform(config, service, "invited") < _rate(programs.invited, service)
    return invited, invited & (_uniform(config, service, "answered") < _rate(programs.answered, service))


def _answers(
    service: str, respondents: Sequence[str], labels: Mapping[str, np.ndarray], answered: np.ndarray
) -> pl.DataFrame:
    rows = np.flatnonzero(answered).tolist()
    who = [respondents[row] for row in rows]
    columns: dict[str, list[str]] = {"respondent": who, "subject": who, "service": [service] * len(rows)}
    columns |= {item: values[rows].tolist() for item, values in labels.items()}
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))


def _uniform(config: Simulation, service: str, *names: str) -> Floats:
    return stream(config.seed, "programs", service, *names).random(_size(config, service))


def _draws(config: Simulation, service: str, *names: str) -> Floats:
    return normal(_uniform(config, service, *names))


def _own_seed(config: Simulation) -> int:
    return int(stream(config.seed, "programs", "ids").random() * _SEED_RANGE)


def _size(config: Simulation, service: str) -> int:
    return config.services[service].programs or 0


def _rate(rate: ByService, service: str) -> float:
    return rate[service] if isinstance(rate, dict) else rate


def _item_misfits(here: str, programs: SimulatedPrograms, instrument: Instrument) -> Iterator[str]:
    for twice in sorted(set(programs.factors) & set(programs.success)):
        yield f"{here}: {twice} is a factor and success at once"
    for odd in sorted(set(programs.items()) ^ {item.id for item in instrument.items}):
        yield f"{here}: item {odd} is in only one of the instrument and simulate.yml"
    for name, declared in programs.items().items():
        yield from _rating_misfits(f"{here}: item {name}", declared, instrument)


def _rating_misfits(here: str, declared: SimulatedRating, instrument: Instrument) -> Iterator[str]:
    if len(declared.thresholds) != len(instrument.options) - 1:
        yield f"{here} needs {len(instrument.options) - 1} thresholds"
    for odd in sorted(set(declared.special) - {one.id for one in instrument.special}):
        yield f"{here}: special answer {odd} is not the instrument's"


def _service_misfits(here: str, config: Simulation, programs: SimulatedPrograms) -> Iterator[str]:
    services = set(config.services)
    for name, numbers in config.services.items():
        if numbers.programs is None:
            yield f"services: {name}: programs is missing, and survey {programs.instrument} needs it"
    for name, factor in programs.factors.items():
        for odd in sorted((set(factor.services) | set(factor.shift)) - services):
            yield f"{here}: item {name}: no such service: {odd}"
    for what in ("invited", "answered"):
        rate = getattr(programs, what)
        for odd in sorted(set(rate) ^ services) if isinstance(rate, dict) else ():
            yield f"{here}: {what}: {odd} is in only one of services and this"
