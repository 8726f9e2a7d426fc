"""One asset as the graph knows it, without Dagster. Which assets there are belongs in ``graph.py``."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from schemas.study import Study

Key = tuple[str, ...]


@dataclass(frozen=True)
class Node:
    """One asset: its key, its group, what it is made from, and the code that makes it."""

    key: Key
    group: str
    kind: str
    description: str
    deps: tuple[Key, ...] = ()
    inputs: tuple[Path, ...] = ()
    code: tuple[str, ...] = ()
    study: Study | None = field(default=None, repr=False, compare=False)
    folder: Path | None = None
    name: str = ""

    @property
    def label(self) -> str:
        """The key as people write it."""
        return "/".join(self.key)


def asset_name(study: str) -> str:
    """A study's name in asset keys and groups (Dagster groups take no dashes)."""
    return study.replace("-", "_")
