"""Rebuilds the raw files that are made, not collected: reconstructed and simulated ones, to the same bytes.

What is in them is decided by ``methods.reconstruct`` and ``methods.simulate``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipeline.problems import Problem, ProblemsFoundError
from pipeline.store import Project, write_bytes
from pipeline.studies import instruments, load_study
from schemas.study import Study

Written = dict[Path, bool]


def reconstruct_files(project: Project, study: str) -> Written:
    """Rebuild a study's reconstructed files from its claims; which were written anew, by path.

    Raises
    ------
    ProblemsFoundError
        When the study file or the claims are not valid, or nothing is to be reconstructed.
    """
    folder = project.raw / study
    loaded = load_study(folder, files=False)
    if not loaded.claims or not (loaded.reconstruct.surveys or loaded.reconstruct.doses):
        raise _nothing_to_do(study, "reconstruct", "claims and reconstruct")
    return _write(folder, _reconstructed(folder, loaded))


def outdated(folder: Path, study: Study, table: str) -> list[Problem]:
    """Reconstructed files of a table that are not what the claims give: edited by hand, or left behind by them.

    Raises
    ------
    ProblemsFoundError
        When the claims are not valid.
    """
    named = {one.file for one in getattr(study.tables, table, ()) if one.data_status == "reconstructed"}
    if not named or not study.claims:
        return []
    rebuilt = dict(_reconstructed(folder, study))
    wrong = [name for name in sorted(named) if (folder / name).read_bytes() != rebuilt.get(name)]
    rule, remedy = "not what claims.csv gives", f"Rebuild it: peerscope reconstruct {study.study}"
    return [Problem(name, None, "", "", rule, remedy) for name in wrong]


def _reconstructed(folder: Path, study: Study) -> Iterator[tuple[str, bytes]]:
    from pipeline.claims_file import read_claims
    from pipeline.methods.reconstruct import csv_bytes, survey_file
    from pipeline.methods.reconstruct_doses import doses_file

    claims = read_claims(folder / study.claims)
    for declared in study.reconstruct.surveys:
        frame = survey_file(claims, instruments()[declared.instrument], declared.wave)
        yield declared.file, csv_bytes(frame)
    doses = study.reconstruct.doses
    if doses:
        yield doses.file, csv_bytes(doses_file(claims, study.service_ids(), doses.minimum))


def simulate_files(project: Project, study: str) -> Written:
    """Rebuild a demonstration study from its ``simulate.yml``; which were written anew, by path.

    Raises
    ------
    ProblemsFoundError
        When the study is not fictional, or its files are not valid.
    """
    from pipeline.methods.simulate import simulate, to_csv
    from pipeline.yaml_models import load
    from schemas.simulation import Simulation

    folder = project.raw / study
    loaded = load_study(folder, files=False)
    if not loaded.fictional or not (folder / "simulate.yml").is_file():
        raise _nothing_to_do(study, "simulate", "fictional: true, and a simulate.yml beside study.yml")
    frames = simulate(load(folder / "simulate.yml", Simulation), loaded, instruments())
    return _write(folder, ((name, to_csv(frame)) for name, frame in frames.items()))


def _write(folder: Path, files: Iterator[tuple[str, bytes]]) -> Written:
    written = {}
    for name, content in list(files):
        path = folder / name
        written[path] = not path.is_file() or path.read_bytes() != content
        if written[path]:
            write_bytes(path, content)
    return written


def _nothing_to_do(study: str, what: str, needs: str) -> ProblemsFoundError:
    rule, remedy = f"nothing to {what}", f"The study file needs: {needs}."
    return ProblemsFoundError([Problem(f"{study}/study.yml", None, "", "", rule, remedy)])
