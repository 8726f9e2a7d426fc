"""The Quarto engine: the executed notebook goes to `quarto render --no-execute` next to its `.qmd`.

Quarto never runs the cells: the numbers are those of the one execution. PDF is not made here but through typst
in `pandoc`, because Quarto's typst output is not tagged and fetches packages.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from pipeline.reporting.engines import quarto_command
from pipeline.reporting.errors import ConversionError
from pipeline.reporting.metadata import IMAGE_EXTENSION, QUARTO_FORMAT
from pipeline.reporting.source import read

if TYPE_CHECKING:
    from nbformat import NotebookNode

TARGETS = frozenset({"html", "docx", "slides"})
EXTENSION = {"html": "html", "docx": "docx", "slides": "html"}
# Quarto prints these and goes on; in a report they are errors.
WARNINGS = ("Citeproc: citation", "Unable to resolve crossref", "Could not fetch resource")


def convert(notebook: NotebookNode, qmd: Path, target: str, output: Path) -> None:
    """Write one format (html, docx or slides) of an executed report with Quarto.

    The notebook stands beside the `.qmd` while Quarto works, so that relative images, the bibliography and
    `_quarto.yml` are found; it and all that Quarto leaves behind are removed.

    Raises
    ------
    ConversionError
        Quarto failed, wrote nothing, or warned of a missing citation, reference or image.
    """
    # No leading dot or underscore: Quarto skips such files in projects.
    stem = f"{qmd.stem}-rendering-{uuid.uuid4().hex[:8]}"
    source = qmd.parent / f"{stem}.ipynb"
    written = qmd.parent / f"{stem}.{EXTENSION[target]}"
    try:
        _write(notebook, qmd, target, source)
        _run(command(source, target, written.name), qmd)
        if not written.is_file():
            raise ConversionError(f"{qmd}: Quarto reported success but wrote no {written.name}")
        shutil.move(written, output)
    finally:
        source.unlink(missing_ok=True)
        written.unlink(missing_ok=True)
        shutil.rmtree(qmd.parent / f"{stem}_files", ignore_errors=True)


def command(source: Path, target: str, output_name: str) -> list[str]:
    """The command line; `--output` takes a bare file name, which Quarto writes beside the source."""
    quarto = quarto_command() or "quarto"
    return [
        *(quarto, "render", source.name, "--no-execute"),
        *("--to", QUARTO_FORMAT[target], "--output", output_name),
    ]


def _run(arguments: list[str], qmd: Path) -> None:
    environment = {**os.environ, "QUARTO_PYTHON": sys.executable}
    result = subprocess.run(
        arguments, cwd=qmd.parent, env=environment, capture_output=True, text=True, encoding="utf-8", check=False
    )
    said = f"{result.stdout}\n{result.stderr}"
    lines = said.strip().splitlines()
    if result.returncode:
        raise ConversionError(f"{qmd}: Quarto failed: {' '.join(lines[-3:])}")
    missing = [line.strip() for line in lines if any(warning in line for warning in WARNINGS)]
    if missing:
        raise ConversionError(f"{qmd}: {'; '.join(missing)}")


def _write(notebook: NotebookNode, qmd: Path, target: str, path: Path) -> None:
    import nbformat

    copy = nbformat.from_dict(dict(notebook))
    front_matter = nbformat.v4.new_raw_cell(f"---\n{_front_matter(read(qmd).metadata, target)}---", id="cell-1")
    body = [cell for cell in notebook.cells if cell.cell_type != "raw"]
    copy.cells = [front_matter, *body]
    nbformat.write(copy, path)


def _front_matter(data: dict[str, Any], target: str) -> str:
    """The report's own front matter, narrowed to one format, with what every report of ours needs."""
    name = QUARTO_FORMAT[target]
    formats = data.get("format")
    own = formats.get(name) if isinstance(formats, dict) else None
    options = dict(own) if isinstance(own, dict) else {}
    options.setdefault("default-image-extension", IMAGE_EXTENSION[target])
    if target != "docx":
        options["embed-resources"] = True
    return yaml.safe_dump({**data, "format": {name: options}}, sort_keys=False, allow_unicode=True)
