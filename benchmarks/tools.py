"""Other people's tools that ours is measured beside: each in an environment of its own, made for the occasion."""

from __future__ import annotations

import subprocess
from pathlib import Path

UV = Path(__file__).parents[1] / ".venv" / ".uv" / "bin" / "uv"


class MissingError(Exception):
    """A tool can't be installed here; the message says which and why."""


def install(folder: Path, *packages: str) -> str:
    """An environment with these packages; the path of its Python.

    Raises
    ------
    MissingError
        When a package can't be had.
    """
    python = folder / "bin" / "python"
    if not UV.is_file():
        raise MissingError(f"{packages[0]} is not measured: there is no uv in .venv (make dev puts it there)")
    for command in (
        [str(UV), "venv", "-q", str(folder)],
        [str(UV), "pip", "install", "-q", "--compile-bytecode", "--python", str(python), *packages],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise MissingError(f"{packages[0]} is not measured, it can't be installed: {done.stderr.strip()[-200:]}")
    return str(python)
