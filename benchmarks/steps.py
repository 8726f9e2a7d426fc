"""The same graph three times: ten chains of five trivial steps, and one that puts them together.

``Chains`` are what snakemake makes of it, ``SmallStudies`` what ours does: ten studies of one tiny table, each with
five assets. A contender can be emptied, touched (a source gets a new time and no new content), and changed.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

import yaml

CHAINS, LENGTH = 10, 5

SNAKEFILE = """\
rule all:
    input: "out/all.txt"

rule together:
    input: expand("out/c{{chain}}-{last}.txt", chain=range({chains}))
    output: "out/all.txt"
    shell: "cat {{input}} > {{output}}"
"""

RULE = """
rule chain{chain}step{step}:
    input: "{source}"
    output: "out/c{chain}-{step}.txt"
    shell: "cat {{input}} > {{output}}"
"""


class Contender(Protocol):
    """What is measured: a command, and what may happen to its files between two runs of it."""

    folder: Path
    command: list[str]

    def env(self) -> dict[str, str]: ...
    def empty(self) -> None: ...
    def touch(self) -> None: ...
    def change(self, turn: int) -> None: ...


@dataclass(frozen=True)
class Chains:
    """Fifty-one rules of snakemake; the shortest it could be."""

    folder: Path
    python: str

    @property
    def command(self) -> list[str]:
        return [str(Path(self.python).with_name("snakemake")), "--cores", "all", "--quiet", "all"]

    def env(self) -> dict[str, str]:
        return os.environ | {"XDG_CACHE_HOME": str(self.folder / "cache")}

    def write(self) -> Chains:
        """The Snakefile and its sources."""
        (self.folder / "in").mkdir(parents=True)
        text = SNAKEFILE.format(chains=CHAINS, last=LENGTH - 1)
        for chain in range(CHAINS):
            self._source(chain).write_text("0\n")
            source = f"in/c{chain}.txt"
            for step in range(LENGTH):
                text += RULE.format(chain=chain, step=step, source=source)
                source = f"out/c{chain}-{step}.txt"
        (self.folder / "Snakefile").write_text(text)
        return self

    def _source(self, chain: int) -> Path:
        return self.folder / "in" / f"c{chain}.txt"

    def empty(self) -> None:
        for name in ("out", ".snakemake"):
            shutil.rmtree(self.folder / name, ignore_errors=True)

    def touch(self) -> None:
        self._source(0).touch()

    def change(self, turn: int) -> None:
        self._source(0).write_text(f"{turn + 1}\n")


@dataclass(frozen=True)
class SmallStudies:
    """A project of ten studies with one tiny table each; no reports."""

    folder: Path
    command: list[str]

    def env(self) -> dict[str, str]:
        return os.environ | {"PEERSCOPE_PROJECT": str(self.folder), "PEERSCOPE_OUTPUTS": str(self.folder / "outputs")}

    def write(self) -> SmallStudies:
        """The study folders."""
        for number in range(CHAINS):
            folder = self.folder / "raw" / f"demo-{number}"
            folder.mkdir(parents=True)
            content = {
                "study": folder.name,
                "title": f"Fictional study {number}",
                "country": "ZZ",
                "period": {"start": date(2025, 1, 1), "end": date(2025, 12, 31)},
                "source_family": folder.name,
                "fictional": True,
                "summary": "Made up, to measure how long things take.",
                "services": [{"id": "one", "name": "One"}],
                "tables": {"headcount": [{"file": "headcount.csv", "data_status": "demonstration"}]},
            }
            (folder / "study.yml").write_text(yaml.safe_dump(content, sort_keys=False))
            self._posts(number, 5)
        (self.folder / "pyproject.toml").touch()
        return self

    def _posts(self, study: int, posts: int) -> Path:
        path = self.folder / "raw" / f"demo-{study}" / "headcount.csv"
        path.write_text(f"service,date,posts\none,2025-01-01,4\none,2025-12-31,{posts}\n")
        return path

    def empty(self) -> None:
        shutil.rmtree(self.folder / "outputs", ignore_errors=True)

    def touch(self) -> None:
        (self.folder / "raw" / "demo-0" / "headcount.csv").touch()

    def change(self, turn: int) -> None:
        self._posts(0, 6 + turn)
