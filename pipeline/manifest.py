"""What each asset was made from: the content manifest that tells fresh from stale.

One small JSON file an asset, written by whoever materialised it (the Dagster UI or the command line).
Light on purpose: deciding that nothing has to be done may not cost more than a moment.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from pipeline.graph import Key, Node
from pipeline.store import Project, sha256, write_json

OURS = ("pipeline", "schemas")
_IMPORT = re.compile(
    r"^\s*(?:from\s+((?:pipeline|schemas)[\w.]*)\s+import\s+(\([^)]*\)|[^\n#]*)|import\s+((?:pipeline|schemas)[\w.]+))",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Manifest:
    """The manifest files of one project."""

    project: Project

    def path(self, key: Key) -> Path:
        """Where the entry of an asset lies."""
        return self.project.outputs / "manifest" / ("__".join(key) + ".json")

    def entry(self, key: Key) -> dict[str, Any] | None:
        """What was recorded when the asset was last materialised, or ``None``."""
        try:
            entry: dict[str, Any] = json.loads(self.path(key).read_text(encoding="utf-8"))
            return entry
        except (FileNotFoundError, json.JSONDecodeError):
            return None

    def content(self, key: Key) -> str:
        """Content hash of an asset's outputs when last materialised; empty if never."""
        return str((self.entry(key) or {}).get("content", ""))

    def files(self, key: Key) -> dict[str, str]:
        """Checksums of an asset's outputs when last materialised, by name."""
        return {name: stamp[0] for name, stamp in (self.entry(key) or {}).get("outputs", {}).items()}

    def sources(self, node: Node) -> dict[str, Any]:
        """What an asset is about to be made from: code, inputs and upstream content, as they are now."""
        return {
            "code_version": code_version(node.code, self.project.root),
            "inputs": {self.project.relative(p): _stamp(p) for p in node.inputs if p.is_file()},
            "upstream": {"/".join(dep): self.content(dep) for dep in node.deps},
        }

    def record(
        self,
        node: Node,
        sources: Mapping[str, Any],
        outputs: Iterable[Path],
        seconds: float,
        check: bool = True,
        passes_on: str | None = None,
    ) -> str:
        """Write the entry of an asset that was just materialised, and how its check came out.

        ``sources`` are those taken before it ran: a file edited meanwhile is not what the asset was made from.
        Returns the content hash of its outputs, or of what it passes on where that is less.
        """
        made = {self.project.relative(path): _stamp(path) for path in sorted(outputs)}
        parts = [f"{name} {stamp[0]}" for name, stamp in made.items()] if passes_on is None else [passes_on]
        content = _digest(parts)
        write_json(
            self.path(node.key),
            {
                "asset": "/".join(node.key),
                **sources,
                "outputs": made,
                "content": content,
                "check": check,
                "seconds": round(seconds, 3),
            },
        )
        return content

    def why_stale(self, node: Node) -> str:
        """Why an asset has to run, in plain words; empty if it is fresh."""
        entry = self.entry(node.key)
        if entry is None:
            return "never materialised"
        if entry["code_version"] != code_version(node.code, self.project.root):
            return "code changed"
        if not self._unchanged(entry["inputs"], node.inputs):
            return "input changed"
        if entry["upstream"] != {"/".join(dep): self.content(dep) for dep in node.deps}:
            return "upstream changed"
        paths = [self._resolve(name) for name in entry["outputs"]]
        return "" if self._unchanged(entry["outputs"], paths) else "output missing or changed"

    def stale(self, nodes: Iterable[Node]) -> dict[Key, str]:
        """The assets that have to run, with why; an asset below a stale one is stale."""
        reasons: dict[Key, str] = {}
        for node in nodes:
            above = [dep for dep in node.deps if dep in reasons]
            why = self.why_stale(node) or (f"{'/'.join(above[0])} is stale" if above else "")
            if why:
                reasons[node.key] = why
        return reasons

    def _resolve(self, name: str) -> Path:
        if name.startswith("outputs/"):
            return self.project.outputs / name.removeprefix("outputs/")
        return self.project.root / name

    def _unchanged(self, recorded: Mapping[str, list[Any]], paths: Iterable[Path]) -> bool:
        present = {self.project.relative(path): path for path in paths if path.is_file()}
        return set(present) == set(recorded) and all(_same(path, recorded[name]) for name, path in present.items())


def _stamp(path: Path) -> list[Any]:
    facts = path.stat()
    return [sha256(path), facts.st_size, facts.st_mtime_ns]


def _same(path: Path, stamp: list[Any]) -> bool:
    """Size and time first, content only if they differ: touching a file changes nothing."""
    facts = path.stat()
    return [facts.st_size, facts.st_mtime_ns] == stamp[1:] or (facts.st_size == stamp[1] and sha256(path) == stamp[0])


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


GLUE = ("pipeline.assets", "pipeline.families", "pipeline.identification")
"""Modules that only put others together: a node names those that it uses, so their imports are not followed."""


@lru_cache
def code_version(modules: tuple[str, ...], root: Path) -> str:
    """Hash of the source of ``modules``, of all of ours that they import, and of the lock."""
    seen: dict[str, str] = {}
    waiting = list(modules)
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen[name], imported = _read_module(name)
            waiting += [] if name.startswith(GLUE) else imported
    lock = root / "requirements.lock"
    lock_hash = sha256(lock) if lock.is_file() else ""
    return _digest([lock_hash, *(f"{name} {seen[name]}" for name in sorted(seen))])


@lru_cache
def _read_module(name: str) -> tuple[str, list[str]]:
    """Source hash of one module of ours, and the names that it may import from us."""
    path = _modules().get(name)
    if path is None:
        return "", []
    source = Path(path).read_bytes()
    imported = []
    for module, names, plain in _IMPORT.findall(source.decode()):
        imported += [plain or module]
        imported += [f"{module}.{one.strip()}" for one in names.strip("()").split(",") if module and one.strip()]
    return hashlib.sha256(source).hexdigest(), [i.split(" as ")[0] for i in imported]


@lru_cache
def _modules() -> dict[str, str]:
    """Files of our modules by name: names that modules import are asked for in thousands, and most are functions."""
    root = Path(__file__).parents[1]
    found: dict[str, str] = {}
    for package in OURS:
        for folder, _, files in os.walk(root / package):
            at = ".".join(Path(folder).relative_to(root).parts)
            names = {file: at if file == "__init__.py" else f"{at}.{file.removesuffix('.py')}" for file in files}
            found |= {name: f"{folder}/{file}" for file, name in names.items() if file.endswith(".py")}
    return found
