"""The release before this one: what is kept of a release, so that the next can be compared with it.

A kept release is a copy of released files and nothing else, in ``outputs/history/``. What differs between two of
them is told by ``release_changes.py``.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from pipeline.store import Project, sha256, write_bytes, write_json

ESTIMATES = "estimates.parquet"


@dataclass(frozen=True)
class Kept:
    """One release: when it was first seen, its estimates, and what it was made from.

    ``raw`` has the checksum of each raw file by name, ``set_aside`` the rows set aside by study and table.
    """

    seen: str
    estimates: pd.DataFrame
    raw: Mapping[str, str]
    set_aside: Mapping[str, int]


def compared_releases(project: Project, raw: Mapping[str, str]) -> tuple[Kept | None, Kept]:
    """The release before the present one, or ``None`` where there is none yet, and the present one, which is kept.

    The present release takes the place of the last one kept only where it differs: asked twice, the answer is the
    same. What this leaves behind when it is interrupted at any point is put right by the next call.
    """
    now, before = _folder(project, "now"), _folder(project, "before")
    present = _present(project, raw)
    if _last(now) != present:
        if (now / "made_from.json").is_file():
            shutil.rmtree(before, ignore_errors=True)
            now.replace(before)
        _keep(project, now, present)
    kept = _read(now)
    assert kept is not None
    return _read(before), kept


def _folder(project: Project, name: str) -> Path:
    return project.outputs / "history" / name


def _present(project: Project, raw: Mapping[str, str]) -> dict[str, object]:
    """What tells the present release from another one."""
    return {
        "estimates": sha256(project.release / "estimates.csv"),
        "raw": dict(sorted(raw.items())),
        "set_aside": _set_aside(project),
    }


def _set_aside(project: Project) -> dict[str, int]:
    path = project.release / "set_aside.csv"
    if not path.is_file():
        return {}
    frame = pd.read_csv(path, keep_default_na=False)
    names = frame["study"] + "/" + frame["table"]
    return {str(name): int(rows) for name, rows in frame["set_aside"].groupby(names).sum().items()}


def _last(folder: Path) -> dict[str, object] | None:
    made_from = _made_from(folder)
    return {key: value for key, value in made_from.items() if key != "seen"} if made_from else None


def _made_from(folder: Path) -> dict[str, object]:
    try:
        made_from: dict[str, object] = json.loads((folder / "made_from.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return made_from if (folder / ESTIMATES).is_file() else {}


def _keep(project: Project, folder: Path, present: Mapping[str, object]) -> None:
    """The estimates first: a folder without ``made_from.json`` counts as not there."""
    write_bytes(folder / ESTIMATES, (project.release / ESTIMATES).read_bytes())
    write_json(folder / "made_from.json", {"seen": datetime.now(UTC).isoformat(timespec="minutes"), **present})


def _read(folder: Path) -> Kept | None:
    made_from = _made_from(folder)
    if not made_from:
        return None
    estimates = pd.read_parquet(folder / ESTIMATES)
    return Kept(str(made_from["seen"]), estimates, made_from["raw"], made_from["set_aside"])  # type: ignore[arg-type]
