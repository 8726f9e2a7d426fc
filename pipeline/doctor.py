"""What ``peerscope doctor`` looks at: versions, the report engine and why, the studies, what is missing.

It changes nothing.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from pipeline.problems import ProblemsFoundError
from pipeline.run import versions
from pipeline.store import Project
from pipeline.studies import load_study, study_folders
from pipeline.terminal import console


def print_examination(project: Project) -> bool:
    """Print what was found; true if the main job can be done."""
    from pipeline.reporting.engines import engine

    used = engine()
    console.print(f"Python       {sys.version.split()[0]} in {Path(sys.prefix).name}")
    console.print(
        "Packages     " + ", ".join(f"{name} {v}" for name, v in versions().items() if name != "python"),
        soft_wrap=True,
    )
    console.print(f"Reports by   [bold]{used.name} {used.version}[/]: {used.reason}", soft_wrap=True)
    fine = _studies(project)
    _optional()
    return fine


def _studies(project: Project) -> bool:
    fine = True
    for folder in study_folders(project.raw):
        try:
            study = load_study(folder)
            console.print(f"Study        {study.study}: {study.title}", soft_wrap=True)
        except ProblemsFoundError as error:
            fine = False
            console.print(f"Study        [red]{folder.name} is broken[/]: peerscope validate {folder.name}")
            console.print(f"             {len(error.problems)} problem(s) in study.yml")
    return fine


def _optional() -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    console.print(f"Browser      {'found' if chromium else 'none'} (only the browser tests need one)")
    if not shutil.which("quarto"):
        console.print(
            "Missing      Quarto CLI: optional; `make quarto` installs it where its host can be reached",
            soft_wrap=True,
        )
