"""A demonstration study from declared effects: the raw files of a fictional study, the same on each run.

Reading ``simulate.yml`` and writing the files belong in the command line. The draws of each table are in
``simulate_workforce``, ``simulate_contacts``, ``simulate_surveys``, ``simulate_programs`` and ``simulate_codings``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from pipeline.methods.simulate_codings import coded_frames
from pipeline.methods.simulate_contacts import groups_frame, sessions_frame
from pipeline.methods.simulate_draws import pseudonyms
from pipeline.methods.simulate_programs import program_misfits, program_rounds
from pipeline.methods.simulate_surveys import Client, Round, response_frame, survey_rounds
from pipeline.methods.simulate_workforce import headcount_frame, post_holders, workforce_frame
from schemas.instrument import Instrument
from schemas.simulation import SimulatedSurvey, Simulation
from schemas.study import Study, SurveyTable, Table, Tables

NEEDS = {
    "sessions": ("clients", "sessions_mean", "dispersion", "posts"),
    "groups": ("clients", "sessions_mean", "dispersion", "posts", "group_share"),
    "workforce": ("posts",),
    "headcount": ("posts",),
    "segments": ("diaries",),
    "codings": ("diaries",),
}
"""What each service has to declare for a table."""

BLOCKS = {
    "sessions": ("sessions", "workforce"),
    "groups": ("sessions", "groups", "workforce"),
    "workforce": ("workforce",),
    "headcount": ("workforce",),
    "sections": ("codings",),
    "segments": ("codings",),
    "codings": ("codings",),
}
"""What ``simulate.yml`` has to declare for a table."""

ASKED = {"clients": ("clients",), "clinicians": ("clients", "clinicians"), "staff": ("staff",)}
"""What each service has to declare for a survey of these people."""


def simulate(config: Simulation, study: Study, instruments: Mapping[str, Instrument]) -> dict[str, pl.DataFrame]:
    """The raw frames of a fictional study by file name, as ``study.yml`` names the files.

    Survey frames are wide, as people export them: a label an item, empty where left blank. Each table and
    service draws from a random stream of its own, so that adding one leaves the others as they are.

    Raises
    ------
    ValueError
        When the study is not fictional, or the two files do not fit each other: every misfit, one a line.
    """
    misfits = list(_misfits(config, study, instruments))
    if misfits:
        raise ValueError("\n".join(misfits))
    posts = post_holders(config, study)
    ids = _client_ids(config, study)
    sessions = sessions_frame(config, study, posts, ids)
    rounds = survey_rounds(config, study, instruments, _clients(ids, sessions))
    rounds += program_rounds(config, study, instruments)
    frames = {
        "sessions": sessions,
        "groups": groups_frame(config, study, posts, sessions),
        "response": response_frame(rounds),
        "workforce": workforce_frame(posts),
        "headcount": headcount_frame(posts, study, config.headcount.every_months),
    }
    frames |= coded_frames(config, study)
    files = {table.file: frames[name] for name in frames for table in _tables(study, name)}
    return files | {table.file: _survey_frame(table, rounds) for table in study.tables.surveys}


def to_csv(frame: pl.DataFrame) -> bytes:
    """The frame as CSV: UTF-8, line feeds, an empty field for what is missing, ISO dates."""
    return frame.write_csv(line_terminator="\n", null_value="").encode("utf-8")


def _client_ids(config: Simulation, study: Study) -> dict[str, list[str]]:
    sizes = {service: config.services[service].clients or 0 for service in study.service_ids()}
    ids = iter(pseudonyms(config.seed, "c", sum(sizes.values())))
    return {service: [next(ids) for _ in range(size)] for service, size in sizes.items()}


def _clients(ids: Mapping[str, Sequence[str]], sessions: pl.DataFrame) -> list[Client]:
    """Clients with the day of their first attended contact, where contacts are simulated."""
    first = sessions.filter("attended").group_by("client").agg(pl.col("date").min())
    since = dict(first.iter_rows())
    return [Client(one, service, since.get(one)) for service, some in ids.items() for one in some]


def _survey_frame(table: SurveyTable, rounds: Sequence[Round]) -> pl.DataFrame:
    """One export: without ``subject`` where people answer for themselves, ``service`` as the table says."""
    found = next(one for one in rounds if (one.instrument, one.wave) == (table.instrument, table.wave))
    answers = found.answers
    if table.service not in ("column", "unknown"):
        answers = answers.filter(pl.col("service") == table.service)
    spare = {"service": table.service != "column", "subject": not found.rated}
    return answers.drop([name for name, drop in spare.items() if drop])


def _tables(study: Study, name: str) -> tuple[Table, ...]:
    return getattr(study.tables, name)


def _misfits(config: Simulation, study: Study, instruments: Mapping[str, Instrument]) -> Iterator[str]:
    if not study.fictional:
        yield f"study {study.study} is not fictional: demonstration data belong in fictional studies only"
    if set(config.services) != set(study.service_ids()):
        odd = sorted(set(config.services) ^ set(study.service_ids()))
        yield f"services: in only one of study.yml and simulate.yml: {', '.join(odd)}"
        return
    for name in Tables.model_fields:
        if _tables(study, name) and name != "surveys":
            yield from _table_misfits(config, study, name)
    yield from _survey_misfits(config, study, instruments)
    yield from program_misfits(config, study, instruments)
    if config.codings and config.codings.document not in {document.id for document in study.documents}:
        yield f"codings: no such document: {config.codings.document}"


def _table_misfits(config: Simulation, study: Study, name: str) -> Iterator[str]:
    if name not in (*BLOCKS, "response"):
        yield f"tables.{name}: can't be simulated"
    if len(_tables(study, name)) > 1:
        yield f"tables.{name}: only one file of this table can be simulated"
    for block in BLOCKS.get(name, ()):
        if getattr(config, block) is None:
            yield f"{block}: is missing, and table {name} needs it"
    yield from _gaps(config, NEEDS.get(name, ()), f"table {name}")


def _survey_misfits(config: Simulation, study: Study, instruments: Mapping[str, Instrument]) -> Iterator[str]:
    declared = {survey.instrument: survey for survey in config.surveys}
    rated = {config.programs.instrument} if config.programs else set()
    wanted = {table.instrument for table in study.tables.surveys} - rated
    for odd in sorted(wanted ^ set(declared)):
        yield f"surveys: {odd} is in only one of study.yml and simulate.yml"
    for name in sorted(wanted & set(declared)):
        if name not in instruments:
            yield f"surveys: {name}: no such instrument"
            continue
        yield from _gaps(config, ASKED[declared[name].asked], f"survey {name}")
        yield from _names(declared[name], study, instruments[name])


def _names(survey: SimulatedSurvey, study: Study, instrument: Instrument) -> Iterator[str]:
    """Names in a survey block that the instrument or the study does not have, and thresholds too many or few."""
    here = f"surveys: {survey.instrument}"
    for odd in sorted(set(survey.items) ^ {item.id for item in instrument.items}):
        yield f"{here}: item {odd} is in only one of the instrument and simulate.yml"
    for odd in sorted(set(survey.special) - {one.id for one in instrument.special}):
        yield f"{here}: special answer {odd} is not the instrument's"
    waves = {wave.id for wave in study.waves}
    for item, declared in survey.items.items():
        if len(declared.thresholds) != len(instrument.options) - 1:
            yield f"{here}: item {item} needs {len(instrument.options) - 1} thresholds"
        for odd in sorted(set(declared.shift) - waves):
            yield f"{here}: item {item}: no such wave: {odd}"
    for what in ("invited", "answered", "services"):
        yield from _service_names(here, what, getattr(survey, what), study.service_ids())


def _service_names(here: str, what: str, declared: object, services: Sequence[str]) -> Iterator[str]:
    if not isinstance(declared, dict):
        return
    for odd in sorted(set(declared) - set(services)):
        yield f"{here}: {what}: no such service: {odd}"
    if what != "services" and set(services) - set(declared):
        yield f"{here}: {what}: missing: {', '.join(sorted(set(services) - set(declared)))}"


def _gaps(config: Simulation, fields: Sequence[str], what: str) -> Iterator[str]:
    for service, numbers in config.services.items():
        for field in fields:
            if getattr(numbers, field) is None:
                yield f"services: {service}: {field} is missing, and {what} needs it"
