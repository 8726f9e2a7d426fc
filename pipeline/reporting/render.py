"""Renders a report: lint, run once, then each format from that one execution.

This is the module to call; engines, filters and the reading of `.qmd` files are behind it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.reporting import pandoc, quarto
from pipeline.reporting.crossref import check_references
from pipeline.reporting.engines import Engine
from pipeline.reporting.engines import engine as choose_engine
from pipeline.reporting.errors import ReportError
from pipeline.reporting.execute import execute
from pipeline.reporting.lint import check

if TYPE_CHECKING:
    from nbformat import NotebookNode

FORMATS = ("html", "docx", "pdf", "slides")
SUFFIX = {"html": ".html", "docx": ".docx", "pdf": ".pdf", "slides": ".slides.html"}


def render(
    qmd: Path,
    out_dir: Path,
    formats: Sequence[str] = ("html", "docx", "pdf"),
    parameters: Mapping[str, object] | None = None,
    engine: str | None = None,
    extra_env: Mapping[str, str] | None = None,
    stem: str | None = None,
) -> list[Path]:
    """Render a `.qmd` and return the files written, in the order of `formats`.

    Parameters
    ----------
    qmd
        The report.
    out_dir
        Folder for `<stem>.html`, `.docx`, `.pdf` and `.slides.html`; made if it isn't there. A file is
        replaced only by a whole new one.
    formats
        Any of html, docx, pdf, slides.
    parameters
        Values for the cell tagged `parameters`.
    engine
        quarto or pandoc; default as `engines.engine` says.
    extra_env
        Environment variables for the cells.
    stem
        Name of the files instead of the report's own, for one report rendered with several parameters.

    Raises
    ------
    ReportError
        A `LintError`, `ExecutionError`, `ConversionError` or `EngineError`; each names the file.
    """
    unknown = [name for name in formats if name not in FORMATS]
    if unknown:
        raise ReportError(f"unknown format {', '.join(unknown)}; known: {', '.join(FORMATS)}")
    chosen = choose_engine(engine)
    check(qmd)
    notebook = execute(qmd, parameters, extra_env=extra_env)
    check_references(qmd, notebook)
    out_dir.mkdir(parents=True, exist_ok=True)
    return [
        _write(notebook, qmd, target, out_dir / f"{stem or qmd.stem}{SUFFIX[target]}", chosen) for target in formats
    ]


def _write(notebook: NotebookNode, qmd: Path, target: str, output: Path, chosen: Engine) -> Path:
    with tempfile.TemporaryDirectory(prefix=f".{output.stem}-", dir=output.parent) as folder:
        scratch = Path(folder).resolve()
        part = scratch / output.name
        if chosen.name == "quarto" and target in quarto.TARGETS:
            quarto.convert(notebook, qmd, target, part)
        else:
            pandoc.convert(notebook, qmd, target, part, scratch)
        part.replace(output)
    return output
