"""What runs again after one change, in a copy of the shipped project and of its code.

Each change is made, `peerscope run` is run, what it ran is noted with the reason that the manifests give, and the
change is undone (by a run that is not noted).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from measure import Cost, measure

PEERSCOPE = str(Path(sys.executable).with_name("peerscope"))
COPIED = ("pipeline", "schemas", "raw", "reports", "notebooks", "pyproject.toml", "requirements.lock")

STUDY = "demo-riverbend"
ANSWERS = f"raw/{STUDY}/client_feedback_autumn.csv"
METHOD = "pipeline/methods/support.py"
REPORT = f"reports/{STUDY}.qmd"


@dataclass(frozen=True)
class Ran:
    """What one run did: assets with the reason why each ran, those that wrote other files than before, the
    number that turned out fresh, and what it cost.
    """

    what: str
    why: Mapping[str, str]
    changed: frozenset[str]
    fresh: int
    cost: Cost

    @property
    def assets(self) -> list[str]:
        return list(self.why)


@dataclass(frozen=True)
class Copy:
    """A copy of the project whose code is run in place of the installed one."""

    root: Path

    @staticmethod
    def of(source: Path, root: Path) -> Copy:
        """Copy what a run needs; bytecode is compiled as an installation would."""
        root.mkdir(parents=True)
        for name in COPIED:
            ignored = shutil.ignore_patterns("__pycache__")
            whole = (source / name).is_dir()
            shutil.copytree(source / name, root / name, ignore=ignored) if whole else shutil.copy(source / name, root)
        copy = Copy(root)
        copy.compile()
        return copy

    def compile(self) -> None:
        """Compile what changed, so that a run does not pay for it."""
        folders = [str(self.root / name) for name in ("pipeline", "schemas")]
        subprocess.run([sys.executable, "-m", "compileall", "-q", *folders], check=True)

    def env(self) -> dict[str, str]:
        outputs = str(self.root / "outputs")
        return os.environ | {
            "PEERSCOPE_PROJECT": str(self.root),
            "PEERSCOPE_OUTPUTS": outputs,
            "PYTHONPATH": str(self.root),
        }

    def run(self) -> Cost:
        """`peerscope run`."""
        return measure([PEERSCOPE, "run"], self.env(), self.root)

    def entries(self) -> dict[str, dict[str, Any]]:
        """The manifest entries by asset."""
        found = [json.loads(path.read_text()) for path in (self.root / "outputs" / "manifest").glob("*.json")]
        return {entry["asset"]: entry for entry in found}

    def observed(self, what: str) -> Ran:
        """Run, and say what ran and why."""
        before = self.entries()
        cost = self.run()
        after = self.entries()
        ran = [line.strip() for line in cost.output.splitlines() if line.startswith("  ") and line.strip() in after]
        fresh = re.search(r"(\d+) turned out to be fresh", cost.output)
        why = {asset: _why(before.get(asset, {}), after[asset], self._root_names()) for asset in ran}
        changed = frozenset(name for name in ran if _files(before.get(name, {})) != _files(after[name]))
        return Ran(what, why, changed, int(fresh[1]) if fresh else 0, cost)

    def _root_names(self) -> str:
        return f"{self.root}/"

    @contextmanager
    def edited(self, name: str, edit: Callable[[str], str]) -> Iterator[None]:
        """A file with another content for as long as this lasts."""
        path = self.root / name
        old = path.read_text(encoding="utf-8")
        new = edit(old)
        if new == old:
            raise ValueError(f"nothing was changed in {name}")
        path.write_text(new, encoding="utf-8")
        self.compile()
        yield
        path.write_text(old, encoding="utf-8")
        self.compile()


def _files(entry: Mapping[str, Any]) -> dict[str, str]:
    """Checksums of what an asset wrote."""
    return {name: stamp[0] for name, stamp in entry.get("outputs", {}).items()}


def _why(before: Mapping[str, Any], after: Mapping[str, Any], root: str) -> str:
    """What was recorded otherwise: code, inputs by name, and the assets above whose content changed."""
    if not before:
        return "never made"
    reasons = ["code"] if before["code_version"] != after["code_version"] else []
    reasons += [
        name.replace(root, "")
        for name, stamp in after["inputs"].items()
        if before["inputs"].get(name, [""])[0] != stamp[0]
    ]
    reasons += [name for name, content in after["upstream"].items() if before["upstream"].get(name) != content]
    return ", ".join(reasons) or "no reason found"


def observe(source: Path, folder: Path) -> list[Ran]:
    """Every change in turn, each from the same finished run."""
    copy = Copy.of(source, folder / "project")
    cold = copy.run()
    print(f"cold run of the copy: {cold.wall:.1f} s, status {cold.status}", flush=True)
    found = [copy.observed("nothing")]
    for name in (ANSWERS, METHOD, REPORT):
        (copy.root / name).touch()
    found.append(copy.observed("three files touched (answers, method, report)"))
    for what, name, edit in CHANGES:
        with copy.edited(name, edit):
            found.append(copy.observed(what))
        back = copy.run()
        print(f"{what}: {len(found[-1].assets)} ran; undone in {back.wall:.1f} s", flush=True)
    return found


def _other_answer(text: str) -> str:
    """The first answer of the first respondent who said yes definitely becomes another one."""
    return text.replace('"Yes, definitely"', '"Yes, to some extent"', 1)


def _other_constant(text: str) -> str:
    return re.sub(r'^(METHOD = "[^"]*)"', r'\1; changed"', text, count=1, flags=re.MULTILINE)


def _comment(text: str) -> str:
    return text + "\n# One more comment.\n"


def _sentence(text: str) -> str:
    return text.rstrip() + "\n\nOne more sentence.\n"


def _title(text: str) -> str:
    return re.sub(r'^(title: "[^"]*)"', r'\1, once more"', text, count=1, flags=re.MULTILINE)


CHANGES: Sequence[tuple[str, str, Callable[[str], str]]] = (
    (f"one answer in `{ANSWERS}`", ANSWERS, _other_answer),
    (f"a comment in `{METHOD}`", METHOD, _comment),
    (f"a constant in `{METHOD}` (the text of a method)", METHOD, _other_constant),
    (f"a sentence in `{REPORT}`", REPORT, _sentence),
    ("a sentence in `reports/synthesis.qmd`", "reports/synthesis.qmd", _sentence),
    ("the title in `reports/synthesis.qmd`", "reports/synthesis.qmd", _title),
)
