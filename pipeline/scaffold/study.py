"""Writes the study file of a new study: what was asked for, what exports seem to hold, and FILL IN for the rest.

Its prose stands in ``templates/study.yml``; guesses about exports are made in ``mapping.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations
from pathlib import Path
from string import Template

from pipeline.graph import TABLES
from pipeline.scaffold.columns import RECORD_TABLES, rates_others
from pipeline.scaffold.mapping import Guess, Proposal
from pipeline.scaffold.waves import by_wave, wave_in_name
from pipeline.scaffold.words import FILL_IN, flow, listed, scalar
from schemas.instrument import Instrument
from schemas.study import Service, Wave

TEMPLATES = Path(__file__).parent / "templates"
MOST_SERVICES = 10
"""More services than these stand in a file of their own."""

SERVICES_FILE = "services.csv"
_LINK = "FILL IN: link: respondent, if the same id is the same person in every wave; else leave it so"
_LINK_SUBJECT = "FILL IN: link: subject, if the same subject is the same person in every wave; else leave it so"
_ACTIVITIES = "what is done in contacts"
_ASKED: dict[str, tuple[str, Sequence[str], str]] = {
    "sessions": ("reach", ("clients reached", "sessions per client", _ACTIVITIES), "support"),
    "groups": ("reach", ("support in groups and in person",), "support"),
    "doses": ("reach", ("sessions per client",), "support"),
    "workforce": ("posts", ("post holders still in post after half a year and a year",), "staffing"),
    "headcount": ("posts", ("posts filled",), "staffing"),
}
"""The question that a table answers, its indicators, and the family of methods."""


@dataclass(frozen=True)
class NewStudy:
    """What is known of a new study; ``tables`` are those besides surveys."""

    study: str
    services: tuple[Service, ...]
    instruments: tuple[Instrument, ...]
    waves: tuple[Wave, ...]
    tables: tuple[str, ...]
    start: date
    end: date
    proposals: tuple[Proposal, ...] = ()
    named_services: bool = field(default=True, kw_only=True)

    @property
    def in_file(self) -> bool:
        """Do the services stand in a file of their own?"""
        return len(self.services) > MOST_SERVICES

    def surveys(self) -> list[tuple[Instrument, Wave, Proposal | None]]:
        """Each survey and wave, with the export that was given for it.

        An export takes the wave that its name holds; the others take those that are left, in order.
        """
        found = []
        for instrument in self.instruments:
            own = [one for one in self.proposals if one.instrument == instrument]
            exports = by_wave(own, self.waves)
            found += [(instrument, wave, exports.get(wave.id)) for wave in self.waves]
        return found

    def exports(self, table: str) -> list[Proposal]:
        """The exports that were given for a table."""
        return [one for one in self.proposals if one.table == table]


def survey_file(instrument: Instrument, wave: Wave) -> str:
    """Name of the CSV template of one survey at one wave."""
    return f"{instrument.instrument}_{wave.id}.csv".replace("-", "_")


def study_text(new: NewStudy) -> str:
    """The study file."""
    return _filled(
        "study.yml",
        study=new.study,
        start=new.start,
        end=new.end,
        services=_services(new),
        waves=_waves(new),
        tables="\n".join(_tables(new)),
        analyses="\n".join(_analyses(new)),
        questions="\n".join(_questions(new)),
    )


def findings_text(new: NewStudy) -> str:
    """The file of findings: one example, behind marks."""
    estimate = f"{new.study}/all/clients/population=clients/item=sessions"
    for one, wave in ((one, wave) for one in new.instruments[:1] for wave in new.waves[:1]):
        keys = f"population={one.population}/instrument={one.instrument}/item={one.items[0].id}"
        estimate = f"{new.study}/all/share/{keys}/category={one.headline}/wave={wave.id}/denominator=answered"
    question = next(iter(_asked(new)), "main")
    return _filled("findings.yml", study=new.study, question=question, estimate=estimate)


def _filled(name: str, **words: object) -> str:
    return Template((TEMPLATES / name).read_text(encoding="utf-8")).substitute(words)


def _services(new: NewStudy) -> str:
    if new.in_file:
        mark = "" if new.named_services else "  # FILL IN: found in the export; merge spellings, correct the ids"
        return f"services_file: {SERVICES_FILE}{mark}"
    mark = "" if new.named_services else "  # FILL IN: right?"
    rows = [_service(one) + mark for one in new.services]
    return "\n".join(["services:", *(f"  - {row}" for row in rows)])


def _service(one: Service) -> str:
    return flow({"id": one.id, "name": one.name} | ({"written": list(one.written)} if one.written else {}))


def _waves(new: NewStudy) -> str:
    if not new.waves:
        return "#waves:\n  #- {id: spring, label: Spring, start: " + f"{new.start}, end: {new.end}" + "}"
    rows = [flow({"id": w.id, "label": w.label}).rstrip("}") + f", start: {w.start}, end: {w.end}" for w in new.waves]
    return "\n".join(["waves:", *(f"  - {row}}}  # FILL IN: first and last day, and the label" for row in rows)])


def _tables(new: NewStudy) -> Iterator[str]:
    if new.instruments:
        yield "  surveys:"
        for instrument, wave, proposal in new.surveys():
            yield f"    # {instrument.title}, {wave.label}."
            yield from _survey_entry(new, instrument, wave, proposal)
    for table in new.tables:
        yield f"  # {TABLES[table]}."
        yield f"  {table}:"
        exports: Sequence[Proposal | None] = new.exports(table) or [None]
        for proposal in exports:
            yield from _entry(proposal, f"{table}.csv")
    for table in (one for one in RECORD_TABLES if one not in new.tables):
        yield f"  # {TABLES[table]}. The columns are in README.md."
        yield f"  #{table}:"
        yield f"    #- {{file: {table}.csv, data_status: observed}}"


def _survey_entry(new: NewStudy, instrument: Instrument, wave: Wave, proposal: Proposal | None) -> Iterator[str]:
    yield from _entry(proposal, survey_file(instrument, wave))
    yield f"      instrument: {instrument.instrument}"
    is_guess = proposal and len(new.waves) > 1 and wave_in_name(proposal.file, new.waves) != wave.id
    yield f"      wave: {wave.id}" + (
        "  # FILL IN: is it this one? The name of the file does not tell" if is_guess else ""
    )
    if len(new.waves) > 1:
        yield f"      link: none  # {_LINK_SUBJECT if rates_others(instrument) else _LINK}"
    if proposal and proposal.answers:
        yield "      # What the export writes, and the answer that it stands for."
        yield "      answers:  # FILL IN: is each of them right?"
        for cell, answer in proposal.answers.items():
            yield f"        {scalar(cell)}: {'null' if answer is None else scalar(answer)}"


def _entry(proposal: Proposal | None, file: str) -> Iterator[str]:
    yield f"    - file: {scalar(proposal.file if proposal else file)}"
    yield "      data_status: observed"
    if proposal is None:
        return
    if proposal.unreadable:
        yield f"      # {FILL_IN}: it could not be read. {proposal.unreadable}"
    if proposal.format:
        found = {"sheet", "header"} & set(proposal.format)
        note = "  # the sheet, and the row that names the columns, that fit best" if found else ""
        yield f"      format: {flow(dict(proposal.format))}{note}"
    if proposal.unreadable and not proposal.is_sure:
        yield f"      # {FILL_IN}: is this what it holds? Only its name was looked at"
    yield "      # Guessed from names: column of the record, then column of the export. Read each line."
    yield "      columns:"
    for name, guess in proposal.columns.items():
        yield f"        {scalar(name)}: {_origin(guess)}"
    if proposal.unused:
        yield from _wrapped(f"Not used: {', '.join(proposal.unused)}")
    yield "      # Cells that mean that nothing is known."
    yield f"      missing: {listed(proposal.missing)}" if proposal.missing else "      #missing: [NA]"
    yield "      # Sets wrong rows aside and counts them, instead of stopping."
    yield "      #on_invalid: quarantine"


def _wrapped(text: str) -> Iterator[str]:
    import textwrap

    text = text if len(text) < 900 else text[:900].rpartition(",")[0] + ", ..."
    yield from (f"      # {line}" for line in textwrap.wrap(text, 108, break_long_words=False))


def _origin(guess: Guess) -> str:
    """One entry of ``columns``, and what to look at."""
    said = {key: value for key, value in guess.said.items() if key != "#"}
    if "value" in said:
        return f"{flow(said)}  # FILL IN: no column tells. Is every row a contact that took place?"
    from_ = guess.from_[0] if len(guess.from_) == 1 else list(guess.from_)
    if from_ == FILL_IN:
        return f"{FILL_IN}  # which column is it?"
    text = flow({"from": from_, **said}) if said else listed([from_])[1:-1]
    if "#" in guess.said:
        return f"{text}  # FILL IN: {guess.said['#']}"
    if "recode" in said:
        return f"{text}  # FILL IN: does each word stand for that?"
    return text if guess.is_sure else f"{text}  # FILL IN: right?"


def _analyses(new: NewStudy) -> Iterator[str]:
    if len(new.waves) > 1 and new.instruments:
        yield "  # Two waves compared: the share of one answer, item by item. linked: true goes with a link above."
        yield "  # overlap: none only where nobody can be in both groups."
        yield "  rounds:"
        for one in new.instruments:
            for before, after in combinations(new.waves, 2):
                if before == new.waves[0]:
                    yield from _round(one, before, after)
    yield from _optional_analyses(new)


def _round(one: Instrument, before: Wave, after: Wave) -> Iterator[str]:
    yield f"    - id: {one.instrument}-{after.id}"
    yield f"      instrument: {one.instrument}"
    yield f"      reference: {before.id}"
    yield f"      wave: {after.id}"
    yield f"      category: {scalar(one.headline)}  # one of: {', '.join(one.categories())}"
    yield "      linked: false  # FILL IN: true, if the same persons are asked and their ids are linked"
    yield "      #overlap: none"


def _optional_analyses(new: NewStudy) -> Iterator[str]:
    if "sessions" in new.tables or "doses" in new.tables:
        yield "  # Sessions per client as a model, each service compared with this one."
        yield f"  #dose_model: {{reference: {new.services[0].id}}}"
    if "workforce" in new.tables:
        yield "  # Days after which it is counted who is still in post."
        yield "  #retention: {days: [182, 365]}"
    if not (new.instruments and new.waves):
        return
    one, wave = new.instruments[0], new.waves[0].id
    if len(new.services) >= 3:
        yield "  # One answer compared and pooled over the services."
        yield "  #pooling:"
        yield f"    #- {flow({'instrument': one.instrument, 'category': one.headline, 'wave': wave})}"
    yield "  # Instruments whose internal consistency (Cronbach's alpha) is wanted."
    yield f"  #alpha: {listed([instrument.instrument for instrument in new.instruments])}"
    rated = _drivers(one)
    if rated:
        yield "  # Which rated factors go with a rated outcome. Name few factors: each one more costs power."
        yield "  #drivers:"
        yield f"    #- {flow({'instrument': one.instrument, 'wave': wave} | rated)}"


def _drivers(one: Instrument) -> dict[str, object]:
    """An outcome and its factors: subscales of these names, else an item and two others."""
    ids = [item.id for item in one.items]
    if {"success", "factors"} <= set(one.subscales):
        return {"outcome": "success", "factors": list(one.subscales["factors"])}
    return {"outcome": ids[-1], "factors": ids[:2]} if len(ids) > 2 else {}


def _asked(new: NewStudy) -> dict[str, dict[str, list[str]]]:
    """Questions by id, with indicators and what measures them, as far as surveys and tables tell."""
    found: dict[str, dict[str, list[str]]] = {}
    for one in new.instruments:
        labels = {o.id: o.label for o in one.options} | {c.id: c.label for c in one.collapse}
        indicators = [score.label for score in one.scoring] + [f"share answering: {labels[one.headline]}"]
        found[one.instrument] = {"indicators": indicators, "instruments": [one.instrument]}
    for table in new.tables:
        if table in _ASKED:
            name, shown, method = _ASKED[table]
            entry = found.setdefault(name, {"indicators": [], "methods": [method]})
            shown = [one for one in shown if one != _ACTIVITIES or _tells_activity(new)]
            entry["indicators"] += [one for one in shown if one not in entry["indicators"]]
    return found or {"main": {"indicators": [FILL_IN]}}


def _tells_activity(new: NewStudy) -> bool:
    exports = new.exports("sessions")
    return not exports or any("activity" in one.columns for one in exports)


def _questions(new: NewStudy) -> Iterator[str]:
    for name, entry in _asked(new).items():
        yield f"  - id: {name}"
        yield "    question: FILL IN"
        for key, values in entry.items():
            yield f"    {key}: {listed(values)}"
    yield "  # A question that no data of this study answer: say what does, or why nothing does."
    yield "  #- {id: meaning, question: What does peer support mean to them?, answered_by: interviews told elsewhere}"
