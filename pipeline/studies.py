"""Finds and loads the studies and the instruments, with messages that name file, line and nearest spelling.

What a study file may say is declared in ``schemas.study``; reading raw data belongs in ``validation.py``.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from pipeline.analysis_references import Finding, analyses_name_what_exists, unknown
from pipeline.problems import Problem, ProblemsFoundError, nearest
from pipeline.sources import dictionary_of, files_of
from pipeline.yaml_models import Location, lines_of, load, located
from schemas.instrument import Instrument
from schemas.study import Study, SurveyTable, Tables

INSTRUMENTS = Path(__file__).parents[1] / "schemas" / "instruments"


def study_folders(raw: Path) -> list[Path]:
    """Folders with a ``study.yml``, by name; names that start with ``_`` are shared material."""
    return sorted(p.parent for p in raw.glob("*/study.yml") if not p.parent.name.startswith("_"))


@lru_cache
def instruments(folder: Path = INSTRUMENTS) -> dict[str, Instrument]:
    """All instruments by id.

    Raises
    ------
    ProblemsFoundError
        When an instrument file is not valid, or its name is not its id.
    """
    found = {path.stem: load(path, Instrument) for path in sorted(folder.glob("*.yml"))}
    for name, instrument in found.items():
        if instrument.instrument != name:
            rule = f"instrument is '{instrument.instrument}' but the file is named '{name}'"
            raise ProblemsFoundError([Problem(f"{name}.yml", None, "instrument", "", rule, "Rename one of them.")])
    return found


def codebook_file(raw: Path) -> Path:
    """The codebook that all studies share."""
    return raw / "_shared" / "codebook.csv"


def synthesis_file(raw: Path) -> Path:
    """What is concluded across studies."""
    return raw / "_shared" / "synthesis.yml"


def study_codes(raw: Path) -> list[str]:
    """Codes of the shared codebook, in its order; none where there is no codebook."""
    path = codebook_file(raw)
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as stream:
        return [row.get("code") or "" for row in csv.DictReader(stream)]


def load_study(folder: Path, files: bool = True) -> Study:
    """The study of a folder; ``files=False`` before its data files are there (reconstruct, simulate).

    Raises
    ------
    ProblemsFoundError
        When the study file is not valid: each problem with file, line and the nearest valid spelling.
    """
    path = folder / "study.yml"
    study = load(path, Study, _with_services)
    problems = list(_cross_checks(study, folder, files))
    if problems:
        lines = lines_of(path)
        raise ProblemsFoundError([located(path, lines, *problem) for problem in problems])
    return study


def _with_services(path: Path, content: dict[str, Any]) -> dict[str, Any]:
    """The services that a study file keeps in a file of their own."""
    file = path.parent / str(content.get("services_file") or "")
    if "services" in content or not file.is_file():
        return content
    with file.open(encoding="utf-8-sig", newline="") as stream:
        sign = ";" if ";" in stream.readline().partition(",")[0] else ","  # as a European Excel saves it
        stream.seek(0)
        rows = list(csv.DictReader(stream, delimiter=sign))
    if rows and not {"id", "name"} <= set(rows[0]):
        raise ProblemsFoundError([Problem(file.name, 1, "", "", "has no columns id and name", "Add them.")])
    return content | {"services": [_service(row) for row in rows]}


def _service(row: dict[str, str]) -> dict[str, Any]:
    """One line of a file of services; columns of its own are characteristics: numbers where they can be read so."""
    others = {name: row[name] for name in row if name and name not in ("id", "name", "written") and row[name]}
    written = [one.strip() for one in (row.get("written") or "").split(";") if one.strip()]
    characteristics = {_as_id(name): _number_or_words(text.strip()) for name, text in others.items()}
    return {"id": row["id"], "name": row["name"], "written": written, "characteristics": characteristics}


def _as_id(heading: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-")


def _number_or_words(text: str) -> str | float:
    try:
        return float(text)
    except ValueError:
        return text


def _cross_checks(study: Study, folder: Path, files: bool) -> Iterator[Finding]:
    if study.study != folder.name:
        yield ("study",), f"study is '{study.study}' but its folder is '{folder.name}'", "Rename one of them."
    if files:
        yield from _files_exist(study, folder)
    yield from _reconstructed_tables_can_be_rebuilt(study)
    yield from _surveys_name_what_exists(study)
    yield from _waves_of_an_instrument_are_apart(study)
    yield from analyses_name_what_exists(study, instruments())
    yield from _coding_names_what_exists(study, folder)


def _coding_names_what_exists(study: Study, folder: Path) -> Iterator[Finding]:
    documents, codes = [one.id for one in study.documents], study_codes(folder.parent)
    for index, document in enumerate(study.documents):
        if document.part_of:
            yield from unknown(("documents", index, "part_of"), "document", document.part_of, documents)
    for index, outcome in enumerate(study.outcomes):
        yield from unknown(("outcomes", index, "code"), "code", outcome.code, codes)
    above = {"segments": "sections", "codings": "segments"}
    for table, needed in above.items():
        if getattr(study.tables, table) and not getattr(study.tables, needed):
            yield ("tables", table), f"{table} without {needed}", f"Name the file of {needed} under tables."


def _files_exist(study: Study, folder: Path) -> Iterator[Finding]:
    named: list[tuple[Location, str]] = []
    for name in Tables.model_fields:
        for index, table in enumerate(getattr(study.tables, name)):
            at = ("tables", name, index)
            named += [((*at, "file"), table.file)] if table.file else []
            dictionary = dictionary_of(folder, table)
            named += (
                [((*at, "format", "dictionary"), dictionary.relative_to(folder).as_posix())] if dictionary else []
            )
            if table.query and not files_of(folder, table, name, index)[0].is_file():
                yield (*at, "query"), "no snapshot was taken yet", f"Run: peerscope snapshot {study.study}"
    named += [((key,), getattr(study, key)) for key in ("claims", "findings", "services_file") if getattr(study, key)]
    present = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    for place, file in named:
        if "*" in file and not any(folder.glob(file)):
            yield place, f"no file fits '{file}'", f"There are: {', '.join(present[:8])}."
        elif "*" not in file and not (folder / file).is_file():
            yield place, f"file '{file}' is not in the folder", nearest(file, present)


def _reconstructed_tables_can_be_rebuilt(study: Study) -> Iterator[Finding]:
    """What can't be rebuilt can't be drawn again, so that everything estimated from it would pass as identified."""
    declared = {one.file for one in study.reconstruct.surveys}
    declared |= {study.reconstruct.doses.file} if study.reconstruct.doses else set()
    for name in Tables.model_fields:
        for index, table in enumerate(getattr(study.tables, name)):
            if table.data_status == "reconstructed" and not (study.claims and table.file in declared):
                at = ("tables", name, index, "data_status")
                yield at, f"nothing rebuilds '{table.file}'", "Name claims, and the file under reconstruct."


def _surveys_name_what_exists(study: Study) -> Iterator[Finding]:
    waves = [wave.id for wave in study.waves]
    for index, table in enumerate(study.tables.surveys):
        at = ("tables", "surveys", index)
        yield from unknown((*at, "instrument"), "instrument", table.instrument, list(instruments()))
        yield from unknown((*at, "wave"), "wave", table.wave, waves)
        yield from unknown((*at, "service"), "service", table.service, ["column", "unknown", *study.service_ids()])


def _waves_of_an_instrument_are_apart(study: Study) -> Iterator[Finding]:
    waves = {wave.id: wave for wave in study.waves}
    seen: dict[str, list[tuple[int, SurveyTable]]] = {}
    for index, table in enumerate(study.tables.surveys):
        for _, other in seen.setdefault(table.instrument, []):
            one, two = waves.get(table.wave), waves.get(other.wave)
            if one and two and one is not two and one.start <= two.end and two.start <= one.end:
                at = ("tables", "surveys", index, "wave")
                yield at, f"waves '{two.id}' and '{one.id}' of {table.instrument} overlap", "Correct their dates."
        seen[table.instrument].append((index, table))
