"""A project of its own for the tests, and the Dagster UI that serves it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from pipeline.store import OUTPUTS_VARIABLE, PROJECT_VARIABLE, Project

ROOT = Path(__file__).parents[2]
PARTS = ("raw", "reports", "notebooks", "pyproject.toml", "requirements.lock")
PEERSCOPE = (sys.executable, "-m", "pipeline.cli")


def copy_project(folder: Path) -> Project:
    """The parts of this project that a run reads, with outputs of their own."""
    root = folder / "project"
    root.mkdir(parents=True)
    for name in PARTS:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, root / name)
        elif (ROOT / name).is_file():
            shutil.copy2(ROOT / name, root / name)
    return Project(root, folder / "outputs")


def environment(project: Project) -> dict[str, str]:
    """The environment in which the commands find a project."""
    path = os.pathsep.join(part for part in (str(ROOT), os.environ.get("PYTHONPATH", "")) if part)
    own = {PROJECT_VARIABLE: str(project.root), OUTPUTS_VARIABLE: str(project.outputs), "PYTHONPATH": path}
    return os.environ | own


@dataclass(frozen=True)
class Served:
    """A running Dagster UI and the project that it shows."""

    url: str
    project: Project


def free_port() -> int:
    """A port on 127.0.0.1 that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def ui(project: Project) -> Iterator[Served]:
    """``peerscope ui`` in a session of its own; at the end Ctrl+C has to stop it and all its children."""
    port = free_port()
    log = project.outputs.parent / "ui.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [*PEERSCOPE, "ui", "--port", str(port)],
            env=environment(project),
            cwd=project.root,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_until(lambda: _answers(f"http://127.0.0.1:{port}/server_info"), 90, process, log)
        yield Served(f"http://127.0.0.1:{port}", project)
    finally:
        _stop(process, log)


def _wait_until(true: Callable[[], bool], seconds: float, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Wait for something to be true, as long as the process that is to make it so lives."""
    end = time.monotonic() + seconds
    while not true():
        dead = process.poll() is not None
        if dead or time.monotonic() > end:
            why = "the UI ended" if dead else f"the UI does not answer after {seconds:.0f} s"
            pytest.fail(f"{why}\n{log.read_text(encoding='utf-8', errors='replace')}", pytrace=False)
        time.sleep(0.1)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _stop(process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Ctrl+C as a terminal sends it: to the whole group. What survives is killed, and is an error."""
    family = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    try:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
        process.wait(30)
        left = [child for child in psutil.wait_procs(family, timeout=15)[1] if child.status() != psutil.STATUS_ZOMBIE]
        assert not left, f"children of the UI survived Ctrl+C: {left}\n{log.read_text(errors='replace')}"
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
