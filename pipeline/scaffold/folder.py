"""``peerscope new``: a folder for a new evaluation, whose files explain themselves.

What was asked for is checked here and the folder written; what its files say belongs in ``study.py`` (the
study file), ``readme.py`` (the data dictionary) and ``mapping.py`` (guesses about exports).
"""

from __future__ import annotations

import csv
import io
import os
import re
import shlex
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pipeline.corrections import COLUMNS as CORRECTION_COLUMNS
from pipeline.problems import ProblemsFoundError, nearest, summary
from pipeline.scaffold.columns import RECORD_TABLES
from pipeline.scaffold.mapping import Proposal, propose
from pipeline.scaffold.readme import CLAIMS, columns_of, readme, survey_columns
from pipeline.scaffold.services import ID, WrongUseError, parts, services_of
from pipeline.scaffold.study import SERVICES_FILE, NewStudy, findings_text, study_text, survey_file
from pipeline.scaffold.waves import waves_of
from pipeline.scaffold.words import FILL_IN, ids_of
from pipeline.sources import CORRECTIONS
from pipeline.store import Project
from pipeline.studies import instruments, study_folders
from schemas.claims import Claims
from schemas.instrument import Instrument
from schemas.study import RESERVED


@dataclass(frozen=True)
class Wish:
    """What a person types; lists are joined by commas.

    Attributes
    ----------
    study
        Id, and name of the folder.
    services
        Names, or a CSV file with a column ``name``; where empty, those found in an export.
    instruments
        Ids of instruments.
    waves
        Ids or labels of waves.
    tables
        Record tables.
    exports
        Files to guess the columns from, also ``table=file`` or ``instrument=file``.
    today
        Its year is proposed as the period.
    """

    study: str
    services: str = ""
    instruments: str = ""
    waves: str = ""
    tables: str = ""
    exports: tuple[str, ...] = ()
    today: date | None = None


def new_study(project: Project, wish: Wish) -> int:
    """Write the folder of a new study and print what to do next; the exit status."""
    from pipeline.terminal import console

    try:
        new = planned(project.raw, wish)
    except WrongUseError as error:
        console.print(str(error), soft_wrap=True, markup=False)
        return 2
    except ProblemsFoundError as error:
        for line in summary(error.problems):
            console.print(line, soft_wrap=True, markup=False)
        return 1
    texts = texts_of(new)
    folder = write_folder(project.raw / wish.study, texts)
    for line in [*_unreadable(new), *_next_steps(project, folder, texts, bool(wish.exports))]:
        console.print(line, soft_wrap=True, markup=False)
    return 0


def planned(raw: Path, wish: Wish) -> NewStudy:
    """What the new study is to be; an export that can't be read has its place in it all the same.

    Raises
    ------
    WrongUseError
        When a name is not known or not possible, with the nearest that is.
    ProblemsFoundError
        When the file of services can't be read.
    """
    _check_name(raw, wish.study)
    known = instruments()
    asked = _known(parts(wish.instruments), list(known), "instrument")
    tables = _known(parts(wish.tables), [*RECORD_TABLES, "surveys"], "table")
    proposals = [_proposal(one, [known[name] for name in asked]) for one in wish.exports]
    asked = list(dict.fromkeys([*asked, *(one.instrument.instrument for one in proposals if one.instrument)]))
    if "surveys" in tables and not asked:
        raise WrongUseError(f"Surveys have an instrument: --instruments. Known: {', '.join(known)}.")
    tables += [one.table for one in proposals]
    if not wish.tables:
        tables += ["response"] if asked else [] if tables else ["sessions"]
    services, named = services_of(wish.services, proposals)
    start, end = _year(wish)
    waves = waves_of(_wave_labels(wish.waves or ("main" if asked else ""), start.year), start, end)
    new = NewStudy(
        study=wish.study,
        services=services,
        instruments=tuple(known[name] for name in asked),
        waves=waves,
        tables=tuple(table for table in RECORD_TABLES if table in tables),
        start=start,
        end=end,
        proposals=tuple(proposals),
        named_services=named,
    )
    _check_exports(new)
    return new


def _year(wish: Wish) -> tuple[date, date]:
    year = (wish.today or date.today()).year
    return date(year, 1, 1), date(year, 12, 31)


def _wave_labels(waves: str, year: int) -> dict[str, str]:
    """Ids of waves by label."""
    return {_label(wave, year): name for wave, name in ids_of(parts(waves)).items()}


def _check_name(raw: Path, study: str) -> None:
    if not ID.match(study) or study in RESERVED:
        why = "is a reserved name" if study in RESERVED else "is no id: small letters, digits, dashes"
        better = next(iter(ids_of([study]).values()))
        raise WrongUseError(f"'{study}' {why}. Such as: {better if better not in RESERVED else 'my-study'}")
    taken = {folder.name.replace("-", "_"): folder.name for folder in study_folders(raw)}
    if (raw / study).exists() or study.replace("-", "_") in taken:
        there = taken.get(study.replace("-", "_"), study)
        raise WrongUseError(f"There is a study '{there}' in raw/ already; nothing was changed. Take another name.")


def _known(words: Sequence[str], known: Sequence[str], what: str) -> list[str]:
    unknown = [word for word in words if word not in known]
    if unknown:
        raise WrongUseError(f"There is no {what} '{unknown[0]}'. {nearest(unknown[0], known)}")
    return list(dict.fromkeys(words))


def _label(wave: str, year: int) -> str:
    words = wave.replace("-", " ").replace("_", " ")
    return words[:1].upper() + words[1:] + ("" if re.search(r"\d{4}", words) else f" {year}")


def _proposal(export: str, named: Sequence[Instrument]) -> Proposal:
    """What one export seems to hold; ``sessions=file`` says which table or instrument it is."""
    kind, _, file = export.partition("=") if "=" in export and not Path(export).is_file() else ("", "", export)
    path = Path(file).expanduser()
    if not path.is_file():
        raise WrongUseError(f"There is no file '{file}'.")
    known = instruments()
    if kind:
        _known([kind], [*RECORD_TABLES, *known], "table or instrument")
    one = [known[kind]] if kind in known else [] if kind else list(named)
    found = propose(path, one, [kind] if kind in RECORD_TABLES else [] if kind else list(RECORD_TABLES))
    if found is None:
        kinds = ", ".join([*RECORD_TABLES, *(i.instrument for i in named)])
        raise WrongUseError(
            f"{path.name} looks like none of: {kinds}. Say what it holds, such as "
            f"--from {_typed(f'sessions={file}')} or, of a survey, with the id of its instrument: "
            f"--from {_typed(f'who-5={file}')}."
        )
    return found


def _typed(word: str) -> str:
    """A word as it is typed at a prompt; in double quotes, which all systems know, where it needs some."""
    if re.fullmatch(r"[\w@%+=:,./\\~-]+", word) and ("\\" not in word or os.name == "nt"):
        return word
    return shlex.quote(word) if set(word) & set('"$`!\\') and os.name != "nt" else f'"{word}"'


def _check_exports(new: NewStudy) -> None:
    for one in new.instruments:
        files = [p.file for p in new.proposals if p.instrument == one]
        if len(files) > len(new.waves):
            told = f"{', '.join(files)} are {len(files)} files of {one.instrument}, and there are {len(new.waves)} "
            raise WrongUseError(f"{told}wave(s). Name a wave for each, such as --waves spring,autumn.")


def texts_of(new: NewStudy) -> dict[str, str]:
    """The files of the new folder, by name."""
    texts = {"study.yml": study_text(new), "README.md": readme(new), "findings.yml": findings_text(new)}
    if new.in_file:
        texts[SERVICES_FILE] = _rows(
            ["id", "name", "written"], [[one.id, one.name, "; ".join(one.written)] for one in new.services]
        )
    for instrument, wave, proposal in new.surveys():
        if proposal is None:
            texts[survey_file(instrument, wave)] = _rows(survey_columns(instrument))
    for table in new.tables:
        if not new.exports(table):
            texts[f"{table}.csv"] = _rows(columns_of(table))
    texts[CORRECTIONS] = _rows(CORRECTION_COLUMNS)
    texts[CLAIMS] = _rows(list(Claims.to_schema().columns))
    return texts


def _rows(header: Sequence[str], rows: Iterable[Sequence[str]] = ()) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows([header, *rows])
    return stream.getvalue()


def write_folder(folder: Path, texts: dict[str, str]) -> Path:
    """The folder with its files, whole or not at all."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f"_{folder.name}."))
    try:
        for name, text in texts.items():
            (scratch / name).write_text(text, encoding="utf-8", newline="\n")
        scratch.chmod(0o755)
        scratch.rename(folder)
    except BaseException:
        shutil.rmtree(scratch)
        raise
    return folder


def _unreadable(new: NewStudy) -> list[str]:
    found = [one for one in new.proposals if one.unreadable]
    return [f"Could not be read, so fill in its columns yourself: {one.unreadable}" for one in found]


def _next_steps(project: Project, folder: Path, texts: dict[str, str], has_exports: bool) -> list[str]:
    where, study = project.relative(folder), folder.name
    lines = [f"{where}/", *(f"  {name}" for name in texts)]
    if has_exports:
        lines.append(f"No rows were copied. When study.yml fits, put the exports into {where}/ yourself.")
    lines += [_git_line(project, study), "", "Next:"]
    lines += [
        f"  1. Go through {where}/study.yml: {texts['study.yml'].count(FILL_IN)} places are marked FILL IN.",
        f"  2. peerscope plan {study}      the analysis plan, before the data are in",
        f"  3. Put pseudonymised data into the files; {where}/README.md describes every column.",
        f"  4. peerscope validate {study}  after each step: what is wrong, and what is still to do",
    ]
    return lines


def _git_line(project: Project, study: str) -> str:
    """Which line keeps the folder out of the repository."""
    path = project.root / ".gitignore"
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    if "raw/*" in lines and f"!raw/{study}/" not in lines:
        return "The line raw/* of .gitignore keeps the folder out of the repository: participants' data stay here."
    return f"CAUTION: no line of .gitignore keeps raw/{study}/ out of a repository. Add the line: raw/{study}/"
