"""What a study still lacks before it can be run, in plain words and in the order in which a person would do it.

What is wrong with what is there belongs in ``studies.py`` and ``validation.py``. Only the study file and CSV files
that need no mapping are looked into; of other files only whether they are there.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path

from pipeline.problems import ProblemsFoundError, nearest
from pipeline.scaffold.words import FILL_IN
from pipeline.sources import files_of, format_of
from pipeline.studies import instruments, load_study
from schemas.sources import ENCODINGS, SEPARATORS
from schemas.study import CODED, Study, SurveyTable, Table, Tables
from schemas.vocabulary import UNKNOWN

LARGEST = 8 << 20
"""Size in bytes up to which the rows of a file are gone through for what they lack."""

PEOPLE = ("respondent", "subject", "client", "worker")
_NAME = re.compile(r"@|^[^\W\d_]{2,},? [^\W\d_]{2,}$")
"""A cell like an e-mail address, or like a first and a last name."""

_KEY = re.compile(r"^\s*(?:- )?([\w-]+):")


@dataclass(frozen=True)
class MissingPart:
    """One thing that is still to do; ``blocks`` if what is there does not count as valid before it is done."""

    text: str
    blocks: bool = False


@dataclass(frozen=True)
class DataFile:
    """One data file of a study, as far as it can be read at no cost."""

    table: str
    source: Table
    path: Path

    @property
    def is_plain(self) -> bool:
        """Comma-separated text with the record's own column names."""
        declared = self.source.format
        mapped = self.source.columns or self.source.stack or self.source.where or self.source.filled
        return self.path.suffix.lower() == ".csv" and format_of(self.path, declared) == "csv" and not mapped

    @cached_property
    def has_rows(self) -> bool | None:
        """Are there rows below the header? None where that can't be told at no cost, or there is no file."""
        if not self.path.is_file() or self.path.suffix == ".gz" or format_of(self.path, self.source.format) != "csv":
            return None
        return any(islice(self._lines(), self.source.format.header, None))

    def rows(self) -> Iterator[Mapping[str, str]]:
        """Its rows, where it is plain and not large."""
        if self.is_plain and self.path.is_file() and self.path.stat().st_size <= LARGEST:
            lines = self._lines()
            header = next(lines, [])
            yield from (dict(zip(header, row, strict=False)) for row in lines)

    def _lines(self) -> Iterator[list[str]]:
        declared = self.source.format
        separator = SEPARATORS[declared.separator] if declared.separator else ","
        with self.path.open(encoding=ENCODINGS[declared.encoding], errors="replace", newline="") as stream:
            for row in csv.reader(stream, delimiter=separator):
                if any(cell.strip() for cell in row):
                    yield [cell.strip() for cell in row]


def missing_parts(folder: Path) -> list[MissingPart]:
    """What is still to do in a study's folder; nothing where it is ready to be run.

    A study file that can't be read has its problems told by ``peerscope validate``; here only its open places.
    """
    parts = list(_marks(folder))
    try:
        study = load_study(folder, files=False)
    except ProblemsFoundError:
        return parts
    files = data_files(folder, study)
    return [
        *parts,
        *_questions(study),
        *_decisions(study),
        *_rounds(study),
        *_not_there(study, files),
        *_without_rows(files),
        *_names(files),
        *_response(study, files),
        *_services_without_rows(study, files),
        *_no_findings(folder, study, files),
    ]


def print_missing_parts(folder: Path) -> bool:
    """Print what is still to do in a study's folder; true if nothing of it stands in the way of *valid*."""
    from pipeline.terminal import console

    parts = missing_parts(folder)
    if parts:
        console.print(f"[bold]still to do[/]  {folder.name}")
    for number, part in enumerate(parts, start=1):
        console.print(f" {number:>2}. {part.text}", soft_wrap=True, markup=False)
    return not any(part.blocks for part in parts)


def data_files(folder: Path, study: Study) -> list[DataFile]:
    """The data files that the study file names, by table."""
    return [
        DataFile(table, source, path)
        for table in Tables.model_fields
        for index, source in enumerate(getattr(study.tables, table))
        for path in files_of(folder, source, table, index)
    ]


def _marks(folder: Path) -> Iterator[MissingPart]:
    """Places of the study file that are marked, by line."""
    path = folder / "study.yml"
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else []
    for place, line in enumerate(lines):
        comment = line.lstrip().startswith("# ")
        if FILL_IN in line and (not comment or line.lstrip().startswith(f"# {FILL_IN}")):
            note = line.partition(f"# {FILL_IN}")[2].strip(" :,.")
            said = f" ({note})" if note else ""
            what = _key_at(lines, place + 1 if comment else place)
            yield MissingPart(f"study.yml, line {place + 1}: {FILL_IN} {what}{said}", blocks=True)


def _key_at(lines: Sequence[str], place: int) -> str:
    """The key that a line, or the next one that is no comment, is about; of an entry in braces the list's."""
    line = next((one for one in lines[place:] if one.strip() and not one.lstrip().startswith("# ")), "")
    if not line.lstrip().startswith("- {"):
        key = _KEY.match(line)
        return key[1] if key else ""
    above = [one for one in lines[:place] if len(one) - len(one.lstrip()) < len(line) - len(line.lstrip())]
    return next((key[1] for one in reversed(above) if (key := _KEY.match(one))), "")


def _questions(study: Study) -> Iterator[MissingPart]:
    measured = [table.instrument for table in study.tables.surveys]
    if not study.questions:
        yield MissingPart("study.yml has no questions: say what the evaluation is to answer.")
    for one in study.questions:
        if not (one.indicators or one.instruments or one.methods or one.answered_by):
            yield MissingPart(
                f"Question '{one.id}' has no indicators, no instruments and no answered_by: say what would answer it."
            )
        for name in (name for name in one.instruments if name not in measured and study.tables.surveys):
            known = f"no table under surveys has its answers. {nearest(name, measured)}"
            unknown = f"there is no such instrument. {nearest(name, list(instruments()))}"
            why = known if name in instruments() else unknown
            yield MissingPart(f"Question '{one.id}' names the instrument '{name}', but {why}")


def _decisions(study: Study) -> Iterator[MissingPart]:
    """No decision on disclosure: the default holds, but somebody should have taken it."""
    if "disclosure" not in study.model_fields_set and not study.fictional:
        yield MissingPart("study.yml says nothing under disclosure: decide on the smallest count that may be shown.")


def _rounds(study: Study) -> Iterator[MissingPart]:
    asked = {table.wave for table in study.tables.surveys}
    for wave in study.waves if study.tables.surveys and not study.claims else ():
        if wave.id not in asked:
            yield MissingPart(f"Wave '{wave.id}' has no survey under tables.")
    compared = {one.instrument for one in study.analyses.rounds}
    for name in dict.fromkeys(table.instrument for table in study.tables.surveys):
        waves = {table.wave for table in study.tables.surveys if table.instrument == name}
        if len(waves) > 1 and name not in compared:
            yield MissingPart(f"{name} has {len(waves)} waves, and nothing under analyses.rounds compares them.")
    for one in study.analyses.rounds:
        links = {t.link for t in study.tables.surveys if t.instrument == one.instrument}
        if one.linked and "none" in links:
            yield MissingPart(
                f"Comparison '{one.id}' says linked: {str(one.linked).lower()}, but a survey of "
                f"{one.instrument} says link: none."
            )
        if not one.linked and links and "none" not in links:
            yield MissingPart(
                f"The ids of {one.instrument} are linked, but comparison '{one.id}' takes them for different "
                "persons: linked: true is more precise, and partly keeps who answered only once."
            )


def _not_there(study: Study, files: Sequence[DataFile]) -> Iterator[MissingPart]:
    if not files and not study.claims and not any(getattr(study.tables, name) for name in Tables.model_fields):
        yield MissingPart("study.yml names no data under tables.", blocks=True)
    for name in dict.fromkeys(one.path.name for one in files if not one.source.query and not one.path.is_file()):
        yield MissingPart(f"{name} is not in the folder yet: put it there, or correct its name.", blocks=True)


def _without_rows(files: Sequence[DataFile]) -> Iterator[MissingPart]:
    empty = [one.path.name for one in files if one.has_rows is False]
    for name in empty:
        yield MissingPart(f"{name} has a header and no rows yet.", blocks=True)
    if empty:
        yield MissingPart(
            "Before rows go in: ids of people are pseudonyms made elsewhere; no names, addresses, dates of birth or "
            "free text."
        )


def _names(files: Sequence[DataFile]) -> Iterator[MissingPart]:
    """Ids that look like names or addresses; the cells themselves are not told."""
    for one in files:
        rows = list(islice(one.rows(), 50))
        for column in PEOPLE:
            telling = sum(bool(_NAME.search(row.get(column, ""))) for row in rows)
            if telling > len(rows) / 2:
                yield MissingPart(
                    f"{one.path.name}: {column} looks like names or addresses. Put pseudonyms in their place before "
                    "anything else.",
                    blocks=True,
                )


def _response(study: Study, files: Sequence[DataFile]) -> Iterator[MissingPart]:
    surveys = [table for table in study.tables.surveys if table.data_status != "reconstructed"]
    if surveys and not study.tables.response:
        yield MissingPart(
            "No table says how many were asked: name a file under tables.response (eligible, invited, answered), so "
            "that the response rate stands beside the results."
        )
    supplied = [one for one in files if one.table == "response"]
    if not supplied or not all(one.is_plain and one.has_rows for one in supplied):
        return
    asked = {(row.get("instrument", ""), row.get("wave", "")) for one in supplied for row in one.rows()}
    for table in surveys:
        if (table.instrument, table.wave) not in asked and _has_rows(files, table):
            yield MissingPart(f"{supplied[0].path.name} has no row for {table.instrument}, wave '{table.wave}'.")


def _has_rows(files: Sequence[DataFile], table: SurveyTable) -> bool:
    return any(one.has_rows is not False for one in files if one.source is table)


def _services_without_rows(study: Study, files: Sequence[DataFile]) -> Iterator[MissingPart]:
    """Told only where all rows can be gone through: a service may stand in any of them."""
    counted = [one for one in files if one.table not in CODED]
    holding = [one for one in counted if not (isinstance(one.source, SurveyTable) and one.source.service != "column")]
    fixed = {one.source.service for one in files if isinstance(one.source, SurveyTable)}
    readable = all(one.is_plain and one.path.is_file() and one.path.stat().st_size <= LARGEST for one in holding)
    if not holding or not readable or any(one.has_rows is False for one in holding) or UNKNOWN in fixed:
        return
    found = {row["service"].lower() for one in holding for row in one.rows() if row.get("service")}
    spellings = {s.id: {s.id, s.name.lower(), *(one.lower() for one in s.written)} for s in study.services}
    absent = [name for name, known in spellings.items() if not known & found and name not in fixed]
    if found and absent:
        more = f" and {len(absent) - 5} more" if len(absent) > 5 else ""
        yield MissingPart(f"No row of any file names the service {', '.join(absent[:5])}{more}.")


def _no_findings(folder: Path, study: Study, files: Sequence[DataFile]) -> Iterator[MissingPart]:
    path = folder / study.findings
    if not study.findings or not path.is_file() or not all(one.path.is_file() for one in files):
        return
    if any(one.has_rows is False for one in files):
        return
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    if not any(line.strip() and not line.lstrip().startswith("#") for line in lines):
        yield MissingPart(f"{path.name} has no finding yet: write what the study concludes, once it has been run.")
