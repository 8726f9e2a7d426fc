"""What leaves the restricted zone, and how it is laid out in the release zone.

The gate itself is ``methods.disclosure``; this module writes what it lets through, and nothing else does.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from pipeline.problems import Problem, ProblemsFoundError
from pipeline.store import Project, write_csv, write_parquet

ESTIMATED = ("estimates", "labels", "disclosure", "indicators", "set_aside")
EVIDENCE = ("studies", "findings", "documents", "sections", "segments", "codings")
PER_STUDY = (*ESTIMATED, *EVIDENCE)
AUDITED = ("claims", "scorecard", "granularity", "consistency")


def write_release(project: Project, study: str, frames: dict[str, pd.DataFrame]) -> list[Path]:
    """Write the gated frames of one study into the release zone."""
    paths = [write_csv(project.released(study, f"{name}.csv"), frame) for name, frame in frames.items()]
    if "estimates" in frames:
        paths.append(write_parquet(project.released(study, "estimates.parquet"), frames["estimates"]))
    return paths


def read_released(project: Project, study: str, name: str) -> pd.DataFrame:
    """One released frame of one study (texts stay texts; empty is "")."""
    if name == "estimates":
        return pd.read_parquet(project.released(study, "estimates.parquet"))
    return _read(project.released(study, f"{name}.csv"))


def read_merged(project: Project, name: str) -> pd.DataFrame:
    """One released frame of all studies together; without rows where no study has it."""
    path = project.release / f"{name}.csv"
    if name not in EMPTY and not path.is_file():
        rule, remedy = f"'{name}' is not released yet", "Run everything first: peerscope run"
        raise ProblemsFoundError([Problem(project.relative(path), None, "", "", rule, remedy)])
    if name == "estimates":
        return pd.read_parquet(path.with_suffix(".parquet"))
    return _read(path) if path.is_file() else pd.DataFrame(columns=list(EMPTY.get(name, ())))


EMPTY = {
    "claims": ("claim", "study", "estimate_id"),
    "segments": (
        "study",
        "document",
        "segment",
        "section",
        "basis",
        "figures",
        "counts",
        "illustration",
        "respondent_group",
    ),
    "codings": ("study", "segment", "coder", "code", "polarity"),
}
"""Columns of frames that a project may be without."""


def write_synthesis(project: Project, name: str, frame: pd.DataFrame) -> Path:
    """Write one frame of the synthesis into the release zone."""
    return write_csv(project.release / "synthesis" / f"{name}.csv", frame)


def read_synthesis_frame(project: Project, name: str) -> pd.DataFrame:
    """One frame of the synthesis."""
    return _read(project.release / "synthesis" / f"{name}.csv")


def _read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, keep_default_na=False)


def forget(project: Project, present: Sequence[str]) -> None:
    """Take studies whose folder is gone out of the release zone."""
    for folder in (project.release / "studies", project.release / "figures"):
        for path in folder.glob("*"):
            if path.is_dir() and path.name not in (*present, "synthesis"):
                shutil.rmtree(path)


def merge(project: Project, studies: Sequence[str], names: Sequence[str]) -> list[Path]:
    """Put the released frames of all studies together at the top of the release zone."""
    paths = []
    for name in names:
        frames = [
            read_released(project, study, name)
            for study in studies
            if project.released(study, f"{name}.csv").is_file()
        ]
        if not frames:
            (project.release / f"{name}.csv").unlink(missing_ok=True)
        else:
            merged = pd.concat(frames, ignore_index=True)
            paths.append(write_csv(project.release / f"{name}.csv", merged))
            if name == "estimates":
                paths.append(write_parquet(project.release / "estimates.parquet", merged))
    return paths
