"""Stops a `.qmd` that uses a Quarto feature outside the agreed set, with its name, file and line.

Here: front matter and cells. The Markdown between them is `prose`; the lists are `features`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from pipeline.reporting import features
from pipeline.reporting.errors import LintError, Problem
from pipeline.reporting.prose import prose_problems
from pipeline.reporting.source import Block, Document, read

Found = tuple[int, str, str]
Pair = tuple[str, int, yaml.Node]
NOT_IN_USE = "is not among the features of these reports"


def lint(qmd: Path) -> list[Problem]:
    """All uses of features outside the set, in order of lines; empty where the file is fine."""
    document = read(qmd)
    found = [*_front_matter(document), *_cells(document), *prose_problems(document.blocks)]
    return [Problem(qmd, line, feature, message) for line, feature, message in sorted(set(found))]


def check(qmd: Path) -> None:
    """Raise a `LintError` with all problems of the file, if it has any."""
    problems = lint(qmd)
    if problems:
        raise LintError(problems)


def _front_matter(document: Document) -> Iterator[Found]:
    try:
        root = yaml.compose(document.front_matter)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        yield line, "front matter", f"is not valid YAML: {error.problem}"
        return
    pairs = list(_pairs(root, 2))
    if "title" not in {key for key, _, _ in pairs}:
        yield 1, "front matter", "has no title"
    for key, line, node in pairs:
        if key not in features.FRONT_MATTER:
            yield line, f"front matter option {key}", NOT_IN_USE
        yield from _front_matter_value(key, line, node)


def _front_matter_value(key: str, line: int, node: yaml.Node) -> Iterator[Found]:
    if key == "format":
        yield from _formats(line, node)
    elif key == "execute":
        yield from _unknown(node, features.EXECUTE_OPTIONS, "execute option")
    elif key == "author":
        for author in node.value if isinstance(node, yaml.SequenceNode) else [node]:
            yield from _unknown(author, features.AUTHOR_KEYS, "author option")
    elif key == "date" and str(node.value).strip() in features.MOVING_DATES:
        yield line, f"date: {node.value}", "makes each rendering differ; write the date"
    if isinstance(node, yaml.ScalarNode) and re.search(r"`\{\w+\}", node.value):
        yield line, "inline code in front matter", "is not run by Quarto; put it into the text"


def _formats(line: int, node: yaml.Node) -> Iterator[Found]:
    if isinstance(node, yaml.ScalarNode):
        if node.value not in features.FORMATS:
            yield line, f"format {node.value}", NOT_IN_USE
        return
    for name, at, options in _pairs(node, 2):
        if name not in features.FORMATS:
            yield at, f"format {name}", NOT_IN_USE
        yield from _unknown(options, features.FORMAT_OPTIONS, f"{name} option")


def _unknown(node: yaml.Node, known: frozenset[str], what: str) -> Iterator[Found]:
    for key, line, _ in _pairs(node, 2):
        if key not in known:
            yield line, f"{what} {key}", NOT_IN_USE


def _pairs(node: yaml.Node | None, first: int) -> Iterator[Pair]:
    """Key, line in the file and value of a YAML mapping whose text starts at line `first`."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield str(key.value), key.start_mark.line + first, value


def _cells(document: Document) -> Iterator[Found]:
    labels: set[str] = set()
    parameters = 0
    for block in (block for block in document.blocks if block.kind == "code"):
        yield from _fence(block)
        if block.language not in features.LANGUAGES:
            continue
        pairs, problem = _cell_pairs(block)
        yield from problem
        yield from _cell_options(block, pairs, labels)
        parameters += any("parameters" in str(yaml.serialize(node)) for key, _, node in pairs if key == "tags")
        if parameters > 1:
            yield block.line, "tags: parameters", "stands on more than one cell"
            parameters = 1


def _fence(block: Block) -> Iterator[Found]:
    line = block.line - 1
    if block.language not in features.LANGUAGES:
        yield line, f"executable language {block.language}", NOT_IN_USE
    elif block.rest:
        yield line, f"cell options in braces ({block.rest})", "write them as #| lines"
    if block.indented:
        yield line, "indented cell", "start the cell at the beginning of the line"


def _cell_pairs(block: Block) -> tuple[list[Pair], list[Found]]:
    text = "\n".join(block.option_lines)
    try:
        root = yaml.compose(text)
    except yaml.MarkedYAMLError as error:
        line = block.line + (error.problem_mark.line if error.problem_mark else 0)
        return [], [(line, "#| options", f"are not valid YAML: {error.problem}")]
    if root is not None and not isinstance(root, yaml.MappingNode):
        return [], [(block.line, "#| options", "must read `name: value`")]
    return list(_pairs(root, block.line)), []


def _cell_options(block: Block, pairs: list[Pair], labels: set[str]) -> Iterator[Found]:
    for key, line, node in pairs:
        if key not in features.CELL_OPTIONS:
            yield line, f"cell option {key}", NOT_IN_USE
            continue
        message = _wrong_value(key, yaml.safe_load(yaml.serialize(node)))
        if message:
            yield line, f"cell option {key}", message
    names = {key: str(node.value) for key, _, node in pairs}
    yield from _label(block, names, labels)


def _wrong_value(key: str, value: Any) -> str:
    if key in ("echo", "include") and not isinstance(value, bool):
        return "must be true or false"
    if key == "output" and not (isinstance(value, bool) or value == "asis"):
        return "must be true, false or asis"
    if key in ("label", "fig-cap", "tbl-cap", "fig-alt") and not isinstance(value, str):
        return "must be one text"
    tags = [value] if isinstance(value, str) else value
    if key == "tags" and tags != ["parameters"]:
        return "only the tag parameters means something"
    return ""


def _label(block: Block, names: dict[str, str], labels: set[str]) -> Iterator[Found]:
    label = names.get("label", "")
    prefix = label.partition("-")[0]
    if label and label in labels:
        yield block.line, f"label {label}", "is used twice"
    labels.add(label)
    if prefix in features.OTHER_REFERENCE_PREFIXES:
        yield block.line, f"label {label}", NOT_IN_USE
    for kind in ("fig", "tbl"):
        if f"{kind}-cap" in names and prefix != kind:
            yield block.line, f"{kind}-cap", f"needs a label that starts with {kind}-"
        if prefix == kind and "-" in label and f"{kind}-cap" not in names:
            yield block.line, f"label {label}", f"needs {kind}-cap"
    if "fig-cap" in names and "fig-alt" not in names:
        yield block.line, "fig-alt", "is missing: say in words what the figure shows"
