"""A `.qmd` file as front matter, Markdown and code cells, each with its line in the file.

The linter, the executor and the messages of both share this one reading, so that they agree about where a
cell starts. What a feature means, and whether it is allowed, is not decided here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

FENCE = re.compile(r"^(?P<indent>[ \t]*)(?P<fence>`{3,}|~{3,})(?P<info>[^`]*)$")
EXECUTABLE = re.compile(r"^\{\s*(?P<language>[A-Za-z][\w+-]*)(?P<rest>[^}]*)\}$")
INLINE = re.compile(r"(?<!`)`\{(?P<language>[A-Za-z]\w*)\}[ \t]+(?P<expression>[^`]+?)[ \t]*`(?!`)")
OPTION = re.compile(r"^#\|\s?(?P<yaml>.*)$")


@dataclass(frozen=True)
class Block:
    """A stretch of the file; `line` is the line (from 1) of the first line of `text`."""

    kind: Literal["markdown", "code"]
    text: str
    line: int
    language: str = ""
    rest: str = ""
    indented: bool = False

    @property
    def option_lines(self) -> list[str]:
        """The leading `#|` lines of a cell without their mark."""
        lines = []
        for line in self.text.splitlines():
            match = OPTION.match(line)
            if not match:
                break
            lines.append(match["yaml"])
        return lines


@dataclass(frozen=True)
class Document:
    """A parsed `.qmd`: the YAML text of the front matter (its first line is line 2) and the blocks after it."""

    path: Path
    front_matter: str
    blocks: tuple[Block, ...]

    @property
    def metadata(self) -> dict[str, Any]:
        """The front matter as a mapping; empty where there is none or it is not a mapping."""
        data = yaml.safe_load(self.front_matter) if self.front_matter else None
        return data if isinstance(data, dict) else {}


def read(path: Path) -> Document:
    """Read a `.qmd`.

    Raises
    ------
    OSError
        The file can't be opened.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    end = _front_matter_end(lines)
    front_matter = "\n".join(lines[1 : end - 1]) if end else ""
    return Document(path, front_matter, tuple(_blocks(lines, end)))


def options(text: str) -> dict[str, Any]:
    """The `#|` options at the top of a cell's source as a mapping (empty where they are no mapping)."""
    data = yaml.safe_load("\n".join(Block("code", text, 1).option_lines))
    return data if isinstance(data, dict) else {}


def without_options(text: str) -> str:
    """A cell's source without its leading `#|` lines."""
    lines = text.splitlines()
    return "\n".join(lines[len(Block("code", text, 1).option_lines) :]).strip("\n")


def is_fenced(lines: list[str]) -> Iterator[bool]:
    """For each line of a Markdown block: does it belong to a fenced (not executable) block of code?"""
    closing: re.Pattern[str] | None = None
    for line in lines:
        if closing:
            yield True
            closing = None if closing.match(line) else closing
        else:
            match = FENCE.match(line)
            closing = _closing(match) if match else None
            yield bool(match)


def _closing(match: re.Match[str]) -> re.Pattern[str]:
    fence = match["fence"]
    return re.compile(rf"^[ \t]*{re.escape(fence[0])}{{{len(fence)},}}[ \t]*$")


def _front_matter_end(lines: list[str]) -> int:
    """Number of lines that the front matter takes, both marks included; 0 where there is none."""
    if not lines or lines[0].rstrip() != "---":
        return 0
    for number, line in enumerate(lines[1:], start=2):
        if line.rstrip() in ("---", "..."):
            return number
    return 0


def _blocks(lines: list[str], start: int) -> Iterator[Block]:
    prose, at = start, start
    while at < len(lines):
        match = FENCE.match(lines[at])
        if not match:
            at += 1
            continue
        end = _fence_end(lines, at, match)
        cell = EXECUTABLE.match(match["info"].strip())
        if cell:
            yield from _markdown(lines, prose, at)
            text = "\n".join(lines[at + 1 : end])
            yield Block("code", text, at + 2, cell["language"], cell["rest"].strip(), bool(match["indent"]))
            prose = end + 1
        at = end + 1
    yield from _markdown(lines, prose, len(lines))


def _fence_end(lines: list[str], start: int, match: re.Match[str]) -> int:
    """Index of the closing fence, or one past the last line where it is missing."""
    closing = _closing(match)
    for at in range(start + 1, len(lines)):
        if closing.match(lines[at]):
            return at
    return len(lines)


def _markdown(lines: list[str], start: int, end: int) -> Iterator[Block]:
    if any(line.strip() for line in lines[start:end]):
        yield Block("markdown", "\n".join(lines[start:end]), start + 1)
