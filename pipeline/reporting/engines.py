"""Which report engine is used, and why: Quarto where its command is installed, else pandoc and typst."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from pipeline.reporting.errors import EngineError

VARIABLE = "PEERSCOPE_ENGINE"
NAMES = ("quarto", "pandoc")


@dataclass(frozen=True)
class Engine:
    """A report engine with its version and the reason why it is the one in use."""

    name: str
    version: str
    reason: str


def engine(name: str | None = None) -> Engine:
    """The engine in use.

    Parameters
    ----------
    name
        quarto or pandoc; default: what the environment variable PEERSCOPE_ENGINE says, else what is installed.

    Raises
    ------
    EngineError
        The engine asked for is unknown, or is Quarto and not on the PATH.
    """
    asked = name or os.environ.get(VARIABLE) or ""
    if asked and asked not in NAMES:
        raise EngineError(f"unknown report engine {asked!r}; known: {', '.join(NAMES)}")
    why = ("asked for" if name else f"{VARIABLE}={asked}") if asked else ""
    quarto = quarto_command()
    if asked == "quarto" and not quarto:
        raise EngineError(f"Quarto is {why}, but no `quarto` is on the PATH")
    if quarto and asked != "pandoc":
        return Engine("quarto", _quarto_version(quarto), why or f"found at {quarto}")
    return Engine(
        "pandoc", _pandoc_version(), why or "no `quarto` on the PATH; pandoc and typst are installed with us"
    )


def quarto_command() -> str | None:
    """The `quarto` on the PATH, else the one in this environment (`make quarto`)."""
    beside = str(Path(sys.executable).parent)
    return shutil.which("quarto") or shutil.which("quarto", path=beside)


def _quarto_version(quarto: str) -> str:
    result = subprocess.run([quarto, "--version"], capture_output=True, text=True, check=False)
    return result.stdout.strip() or "unknown"


def _pandoc_version() -> str:
    import pypandoc

    return f"{pypandoc.get_pandoc_version()} with typst {importlib.metadata.version('typst')}"
