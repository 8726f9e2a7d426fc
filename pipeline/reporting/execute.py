"""Runs a `.qmd` once in a kernel of this Python and resolves its inline values in document order.

What comes out is an ordinary notebook that both engines take: front matter, Markdown without inline code,
and code cells with their `#|` options and outputs. How it is rendered does not belong here.
"""

from __future__ import annotations

import ast
import logging
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.reporting.errors import ExecutionError, ReportError
from pipeline.reporting.kernel import CELL_TIMEOUT, client_for, environment
from pipeline.reporting.source import INLINE, Block, Document, is_fenced, options, read

if TYPE_CHECKING:
    from nbclient import NotebookClient
    from nbformat import NotebookNode

LINE = "qmd_line"
ANSI = re.compile(r"\x1b\[[0-9;]*m")
CELL_LINE = re.compile(r"Cell In\[\d+\], line (\d+)")
MARKDOWN_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#$|~^@])")

log = logging.getLogger(__name__)


def execute(
    qmd: Path,
    parameters: Mapping[str, object] | None = None,
    cwd: Path | None = None,
    extra_env: Mapping[str, str] | None = None,
) -> NotebookNode:
    """Run a `.qmd` and return the executed notebook.

    Parameters
    ----------
    qmd
        The file to run.
    parameters
        Values that override those the cell tagged `parameters` assigns.
    cwd
        Working directory of the cells; default: the folder of the `.qmd`.
    extra_env
        Environment variables for the kernel, on top of this process's own.

    Raises
    ------
    ExecutionError
        A cell or an inline expression raised.
    ReportError
        A parameter is given that the `.qmd` does not declare.
    """
    document = read(qmd)
    notebook = _notebook(document, parameters or {})
    with tempfile.TemporaryDirectory(prefix="peerscope-kernel-") as scratch:
        _run(notebook, document, cwd or qmd.parent, environment(extra_env or {}, scratch), Path(scratch))
    return notebook


def _notebook(document: Document, parameters: Mapping[str, object]) -> NotebookNode:
    from nbformat import v4

    cells = [v4.new_raw_cell(f"---\n{document.front_matter}\n---")] if document.front_matter else []
    left = dict(parameters)
    for block in document.blocks:
        cells.append(_cell(block))
        if left and "parameters" in _tags(block):
            cells.append(_override(document, block, left))
            left = {}
    if left:
        raise ReportError(f"{document.path}: no cell is tagged `parameters`, so {', '.join(left)} can't be set")
    for number, cell in enumerate(cells, start=1):
        # Random ids would make two renderings of the same report differ.
        cell["id"] = f"cell-{number}"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return v4.new_notebook(cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}})


def _cell(block: Block) -> NotebookNode:
    from nbformat import v4

    if block.kind == "markdown":
        return v4.new_markdown_cell(block.text, metadata={LINE: block.line})
    return v4.new_code_cell(block.text, metadata={LINE: block.line, "tags": _tags(block)})


def _tags(block: Block) -> list[str]:
    if block.kind != "code":
        return []
    tags = options(block.text).get("tags", [])
    return [tags] if isinstance(tags, str) else list(tags)


def _override(document: Document, block: Block, parameters: Mapping[str, object]) -> NotebookNode:
    """A hidden cell that assigns the given values after the cell that declares them."""
    from nbformat import v4

    unknown = sorted(set(parameters) - _assigned(block.text))
    if unknown:
        declared = ", ".join(sorted(_assigned(block.text))) or "none"
        raise ReportError(
            f"{document.path}:{block.line}: unknown parameter {', '.join(unknown)}; declared: {declared}"
        )
    lines = [f"{name} = {_literal(name, value)}" for name, value in parameters.items()]
    source = "\n".join(["#| include: false", *lines])
    return v4.new_code_cell(source, metadata={LINE: block.line, "tags": ["injected-parameters"]})


def _assigned(code: str) -> set[str]:
    """Names that a cell assigns at its top level; none where the cell is no valid Python."""
    try:
        body = ast.parse(code).body
    except SyntaxError:
        return set()
    targets = [target for node in body if isinstance(node, ast.Assign) for target in node.targets]
    targets += [node.target for node in body if isinstance(node, ast.AnnAssign)]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _literal(name: str, value: object) -> str:
    text = repr(value)
    try:
        ast.literal_eval(text)
    except (ValueError, SyntaxError):
        raise ReportError(f"parameter {name}: {type(value).__name__} can't be written as a plain value") from None
    return text


def _run(notebook: NotebookNode, document: Document, cwd: Path, env: dict[str, str], scratch: Path) -> None:
    from nbclient.exceptions import DeadKernelError

    client = client_for(notebook, cwd, scratch)
    try:
        with client.setup_kernel(env=env, cwd=str(cwd)):
            for index, cell in enumerate(notebook.cells):
                _run_cell(client, document, index, cell)
    except DeadKernelError:
        raise ReportError(f"{document.path}: the Python kernel died while running the report") from None


def _run_cell(client: NotebookClient, document: Document, index: int, cell: NotebookNode) -> None:
    from nbclient.exceptions import CellExecutionError, CellTimeoutError

    if cell.cell_type == "markdown":
        _resolve_inline(client, document, cell)
    if cell.cell_type != "code":
        return
    try:
        client.execute_cell(cell, index)
    except CellExecutionError as error:
        line = _error_line(cell, error.traceback)
        raise ExecutionError(document.path, line, error.ename, ANSI.sub("", error.evalue)) from None
    except CellTimeoutError:
        message = f"the cell ran for more than {CELL_TIMEOUT} seconds"
        raise ExecutionError(document.path, cell.metadata[LINE], "TimeoutError", message) from None
    cell.metadata.pop("execution", None)
    _drop_standard_error(document, cell)


def _error_line(cell: NotebookNode, traceback: str) -> int:
    """Line of the `.qmd` where the cell failed: its own frame in the traceback, else its first line of code."""
    match = CELL_LINE.search(ANSI.sub("", traceback))
    if match:
        return int(cell.metadata[LINE]) + int(match[1]) - 1
    return int(cell.metadata[LINE]) + len(Block("code", cell.source, 1).option_lines)


def _drop_standard_error(document: Document, cell: NotebookNode) -> None:
    """Warnings are for whoever renders the report, not for who reads it."""
    kept = []
    for output in cell.outputs:
        if output.output_type == "stream" and output.name == "stderr":
            log.warning("%s:%s: %s", document.path, cell.metadata[LINE], output.text.strip())
        else:
            kept.append(output)
    cell.outputs = kept


def _resolve_inline(client: NotebookClient, document: Document, cell: NotebookNode) -> None:
    lines = cell.source.splitlines()
    fenced = list(is_fenced(lines))
    found = [
        (number, match["expression"])
        for number, line in enumerate(lines)
        if not fenced[number]
        for match in INLINE.finditer(line)
    ]
    if not found:
        return
    values = iter(_evaluate(client, document, int(cell.metadata[LINE]), found))
    resolved = [line if fenced[at] else INLINE.sub(lambda _: next(values), line) for at, line in enumerate(lines)]
    cell.source = "\n".join(resolved)


def _evaluate(client: NotebookClient, document: Document, first: int, found: list[tuple[int, str]]) -> list[str]:
    """Values of inline expressions as Markdown, in order; the kernel is in the state of this place."""
    expressions = {str(number): expression for number, (_, expression) in enumerate(found)}
    kernel: Any = client.kc
    message = kernel.execute("", silent=True, store_history=False, user_expressions=expressions)
    reply: Any = client.wait_for_reply(message)
    results = reply["content"]["user_expressions"]
    values = []
    for key, (at, _) in enumerate(found):
        result = results[str(key)]
        if result["status"] != "ok":
            raise ExecutionError(document.path, first + at, result["ename"], ANSI.sub("", result["evalue"]))
        values.append(_inline_markdown(result["data"]))
    return values


def _inline_markdown(data: Mapping[str, Any]) -> str:
    """Markdown as it is; anything else as text in which no character is taken for markup."""
    if "text/markdown" in data:
        return str(data["text/markdown"]).strip()
    text = str(data.get("text/plain", ""))
    if text[:1] in "'\"" and text[:1] == text[-1:]:
        text = ast.literal_eval(text)
    return MARKDOWN_SPECIAL.sub(r"\\\1", text)
