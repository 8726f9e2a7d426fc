"""Wall time, CPU time and peak memory of a command and all its children."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import psutil


@dataclass(frozen=True)
class Cost:
    """What a command took: seconds, seconds of CPU, and the highest memory of the process tree in MiB.

    ``status`` is 0 where it came to its end, ``output`` and ``errors`` are what it printed.
    """

    wall: float
    cpu: float
    peak: float
    status: int
    output: str = ""
    errors: str = ""


def measure(command: Sequence[str], env: Mapping[str, str], cwd: Path, limit: float | None = None) -> Cost:
    """Run a command to its end, or for ``limit`` seconds, and measure it.

    Memory is what the kernel says of the process itself, or the sum over the tree where that was seen higher. The
    kernel counts what the caller held when it started the process: who calls this keeps itself small.
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        process = subprocess.Popen(command, env=dict(env), cwd=cwd, stdout=output, stderr=errors)
        watch = _Watch(process, limit)
        watch.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        watch.done.set()
        watch.join()
        peak = max(watch.peak, usage.ru_maxrss * 1024) / 2**20
        texts = [_text(stream) for stream in (output, errors)]
        return Cost(wall, usage.ru_utime + usage.ru_stime, peak, process.returncode, *texts)


def idle(cost: Cost) -> Cost:
    """The cost of a `peerscope run` that was to do nothing; a failed one if it found something to do after all.

    It does where somebody edits the code while this is measured.
    """
    return cost if "Nothing to do" in cost.output else replace(cost, status=cost.status or 1)


def _text(stream: tempfile._TemporaryFileWrapper[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode(errors="replace")


class _Watch(threading.Thread):
    """Samples the memory of a process tree (shared pages counted once a process, so an upper bound)."""

    def __init__(self, process: subprocess.Popen[bytes], limit: float | None) -> None:
        super().__init__(daemon=True)
        self.process, self.limit, self.started = process, limit, time.perf_counter()
        self.root, self.peak, self.done = psutil.Process(process.pid), 0, threading.Event()

    def run(self) -> None:
        while not self.done.wait(0.05):
            self.peak = max(self.peak, self._now())
            if self.limit is not None and time.perf_counter() - self.started > self.limit:
                self._end()

    def _now(self) -> int:
        total = 0
        with suppress(psutil.Error):
            for process in (self.root, *self.root.children(recursive=True)):
                with suppress(psutil.Error):
                    total += process.memory_info().rss
        return total

    def _end(self) -> None:
        with suppress(psutil.Error):
            for process in (*self.root.children(recursive=True), self.root):
                with suppress(psutil.Error):
                    process.kill()
