"""Where an analysis plan comes from: the version of its study file, and of the software."""

from __future__ import annotations

import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from pipeline.reporting.metadata import written_date


def committed(path: Path) -> str:
    """When the last commit of a file was made, in words; empty where git does not have it as it is."""

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(path.parent), *arguments, "--", path.name]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except OSError:
            return ""
        return done.stdout.strip() if done.returncode == 0 else "?"

    found = git("log", "-1", "--format=%cs %h")
    if " " not in found or git("status", "--porcelain"):
        return ""
    date, commit = found.split()
    return f", committed on {written_date(date, 'en')} ({commit})"


def software() -> str:
    """Version of peerscope."""
    try:
        return version("peerscope")
    except PackageNotFoundError:
        return "(not installed)"
