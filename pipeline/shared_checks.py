"""Checks across studies that need no run: what findings and the synthesis name, held against the raw files.

``peerscope validate`` calls it; the gate and the synthesis assets check the same on what they are made from.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from pipeline.findings import read_findings, require
from pipeline.problems import Problem, ProblemsFoundError
from pipeline.store import Project
from pipeline.studies import codebook_file, load_study, study_codes, study_folders, synthesis_file
from pipeline.synthesis_file import read_synthesis, require_known
from pipeline.validation import read_codebook, read_table


def shared_problems(project: Project) -> list[Problem]:
    """What is wrong with the codebook, the synthesis file, and what the studies' findings name in them."""
    problems: list[Problem] = []
    if codebook_file(project.raw).is_file():
        problems += _found(lambda: read_codebook(project.raw))
    path = synthesis_file(project.raw)
    if path.is_file():
        problems += _found(lambda: _across(project, path))
    return problems


def findings_problems(folder: Path) -> list[Problem]:
    """What is wrong with the findings of a study whose study file is valid: their form, and passages they name."""
    return _found(lambda: _findings(folder))


def _across(project: Project, path: Path) -> None:
    synthesis = read_synthesis(path)
    segments, findings = [_no_segments()], []
    for folder in study_folders(project.raw):
        try:
            segments.append(_segments(folder))
            findings.append(_findings(folder))
        except ProblemsFoundError:
            continue  # told where the study is checked
    named = pd.concat(findings, ignore_index=True) if findings else pd.DataFrame(columns=["synthesis"])
    require_known(synthesis, named, pd.concat(segments, ignore_index=True), study_codes(project.raw), path.name)


def _findings(folder: Path) -> pd.DataFrame:
    study = load_study(folder)
    if not study.findings:
        return pd.DataFrame(columns=["finding", "study", "synthesis"])
    found = read_findings(folder / study.findings, study.study)
    known = set(_segments(folder)["segment"])
    for column in ("segments", "disconfirming"):
        require(study.findings, found, column, known)
    return found


def _segments(folder: Path) -> pd.DataFrame:
    study = load_study(folder)
    if not study.tables.segments:
        return _no_segments()
    rows = read_table(folder, study, "segments")["segment"].to_list()
    return pd.DataFrame({"study": study.study, "segment": rows}, dtype="str")


def _no_segments() -> pd.DataFrame:
    return pd.DataFrame({"study": [], "segment": []}, dtype="str")


def _found(check: Callable[[], object]) -> list[Problem]:
    try:
        check()
    except ProblemsFoundError as error:
        return list(error.problems)
    return []
