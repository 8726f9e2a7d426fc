"""Checks an executed report before an engine sees it: references that lead nowhere, ids used twice, output
that only a browser can show.

Both engines would print a question mark or drop the output in silence. Numbering and linking are the engines'
own work.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.reporting.errors import LintError, Problem
from pipeline.reporting.execute import LINE
from pipeline.reporting.features import REFERENCE_PREFIXES
from pipeline.reporting.source import is_fenced, options

if TYPE_CHECKING:
    from nbformat import NotebookNode

PREFIXES = "|".join(sorted(REFERENCE_PREFIXES))
REFERENCE = re.compile(rf"(?<![\w@.\\])@(?P<id>(?:{PREFIXES})-[\w-]+)")
DEFINITION = re.compile(rf"\{{(?:[^{{}}\"]|\"[^\"]*\")*?#(?P<id>(?:{PREFIXES})-[\w-]+)")


def check_references(qmd: Path, notebook: NotebookNode) -> None:
    """Raise a `LintError` that names each unresolved reference, double id and HTML-only output."""
    texts = list(_texts(notebook))
    defined = Counter(match["id"] for _, text in texts for match in DEFINITION.finditer(text))
    defined.update(str(options(cell.source).get("label", "")) for cell in _shown(notebook))
    problems = [Problem(qmd, line, f"@{name}", "refers to nothing") for line, name in _dangling(texts, defined)]
    problems += [
        Problem(qmd, 1, f"#{name}", f"is defined {count} times")
        for name, count in defined.items()
        if name and count > 1
    ]
    problems += [Problem(qmd, line, *what) for line, *what in _unfit_output(notebook)]
    if problems:
        raise LintError(sorted(problems, key=lambda problem: problem.line))


def _shown(notebook: NotebookNode) -> Iterator[NotebookNode]:
    for cell in notebook.cells:
        if cell.cell_type == "code" and options(cell.source).get("include", True):
            yield cell


def _texts(notebook: NotebookNode) -> Iterator[tuple[int, str]]:
    """Each line of Markdown that readers will see, prose and output of cells, with its line in the `.qmd`."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            lines = cell.source.splitlines()
            for at, (text, fenced) in enumerate(zip(lines, is_fenced(lines), strict=True)):
                if not fenced:
                    yield cell.metadata[LINE] + at, text
    for cell in _shown(notebook):
        given = options(cell.source)
        for name in ("fig-cap", "tbl-cap"):
            yield cell.metadata[LINE], str(given.get(name, ""))
        for output in cell.outputs:
            for text in _markdown(output, given).splitlines():
                yield cell.metadata[LINE], text


def _markdown(output: NotebookNode, given: dict[str, Any]) -> str:
    if output.output_type == "stream":
        return str(output.text) if given.get("output") == "asis" else ""
    return str(output.get("data", {}).get("text/markdown", ""))


def _dangling(texts: list[tuple[int, str]], defined: Counter[str]) -> Iterator[tuple[int, str]]:
    for line, text in texts:
        for match in REFERENCE.finditer(text):
            if match["id"] not in defined:
                yield line, match["id"]


def _unfit_output(notebook: NotebookNode) -> Iterator[tuple[int, str, str]]:
    for cell in _shown(notebook):
        given = options(cell.source)
        if given.get("output") is False:
            continue
        for output in cell.outputs:
            data: dict[str, Any] = output.get("data", {})
            if "text/markdown" in data:
                continue
            if "text/html" in data:
                yield cell.metadata[LINE], "HTML output", "Word and PDF can't show it; let the cell return Markdown"
            if any(mime.startswith("image/") for mime in data) and not given.get("fig-alt"):
                yield (
                    cell.metadata[LINE],
                    "fig-alt",
                    "is missing: the cell draws a figure, say in words what it shows",
                )
