"""The metadata of a report for one format: the project's `_quarto.yml`, the front matter, the format's options.

Later wins, as in Quarto; paths come out absolute and dates written out. What an engine does with the result
is not decided here.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

PROJECT = "_quarto.yml"
# Format names of ours in Quarto's words.
QUARTO_FORMAT = {"html": "html", "docx": "docx", "pdf": "typst", "slides": "revealjs"}
IMAGE_EXTENSION = {"html": "svg", "docx": "png", "pdf": "svg", "slides": "svg"}
FILES = ("bibliography", "csl")
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def metadata(front_matter: dict[str, Any], folder: Path, target: str) -> dict[str, Any]:
    """Merged metadata of a report in `folder` for a target: html, docx, pdf or slides."""
    project_file = find_project(folder)
    project: dict[str, Any] = {}
    if project_file:
        project = yaml.safe_load(project_file.read_text(encoding="utf-8")) or {}
    merged: dict[str, Any] = {}
    if project_file:
        _merge(merged, project, project_file.parent, target)
    _merge(merged, front_matter, folder, target)
    merged.setdefault("lang", "en")
    return _tidy(merged)


def find_project(folder: Path) -> Path | None:
    """The nearest `_quarto.yml` at or above a folder."""
    folder = folder.resolve()
    return next((path / PROJECT for path in (folder, *folder.parents) if (path / PROJECT).is_file()), None)


def as_list(value: Any) -> list[Any]:
    """A YAML value that may be one thing or a list of things, as a list."""
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def _merge(into: dict[str, Any], layer: dict[str, Any], folder: Path, target: str) -> None:
    """Lay one file's options over what is there: first its general ones, then those of the format."""
    formats = layer.get("format")
    special = formats.get(QUARTO_FORMAT[target]) if isinstance(formats, dict) else None
    for options in (layer, special if isinstance(special, dict) else {}):
        for key, value in options.items():
            if key in ("format", "project"):
                continue
            if key == "execute" and isinstance(value, dict):
                into[key] = {**into.get(key, {}), **value}
            else:
                into[key] = _absolute(as_list(value), folder) if key in FILES else value


def _absolute(names: Iterable[Any], folder: Path) -> list[str]:
    return [(folder / str(name)).resolve().as_posix() for name in names]


def _tidy(merged: dict[str, Any]) -> dict[str, Any]:
    merged["author"] = [_author(author) for author in as_list(merged.get("author"))]
    if "csl" in merged:
        merged["csl"] = merged["csl"][0]
    if "date" in merged:
        merged["date"] = written_date(merged["date"], str(merged["lang"]))
    return merged


def _author(author: Any) -> str:
    if not isinstance(author, dict):
        return str(author)
    name, affiliation = str(author.get("name", "")), author.get("affiliation")
    return f"{name} ({affiliation})" if affiliation else name


def written_date(value: Any, lang: str) -> str:
    """A date as readers write it, "7 March 2026", where the language is English; else as it is given."""
    try:
        date = value if isinstance(value, datetime.date) else datetime.date.fromisoformat(str(value))
    except ValueError:
        return str(value)
    if not lang.startswith("en"):
        return date.isoformat()[:10]
    return f"{date.day} {MONTHS[date.month - 1]} {date.year}"
