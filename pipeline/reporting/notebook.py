"""Runs a researcher's notebook as it stands, and keeps it with its results and as a page to read.

Reports (``.qmd``) are run and rendered elsewhere in this package.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from pipeline.store import write_text


class NotebookError(RuntimeError):
    """A cell of a notebook failed; the message names the notebook, the cell and the error."""


def run(source: Path, folder: Path, environment: Mapping[str, str]) -> list[Path]:
    """Run ``source`` and write ``<folder>/<name>.ipynb`` and ``.html``.

    Raises
    ------
    NotebookError
        When a cell fails.
    """
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    book = nbformat.read(source, as_version=4)
    client = NotebookClient(
        book,
        kernel_name="python3",
        timeout=300,
        record_timing=False,
        resources={"metadata": {"path": str(source.parent)}},
    )
    try:
        client.execute(env=dict(os.environ) | dict(environment))
    except CellExecutionError as error:
        raise NotebookError(f"{source.name}: {error.ename}: {error.evalue}") from None
    kept = write_text(folder / source.name, nbformat.writes(book))
    return [kept, write_text(folder / f"{source.stem}.html", _page(kept, source.stem))]


def _page(notebook: Path, title: str) -> str:
    import pypandoc

    style = Path(__file__).parent / "templates" / "html" / "report.css"
    arguments = ["--standalone", "--embed-resources", f"--metadata=title:{title}", "--metadata=lang:en"]
    arguments += [f"--css={style}"] if style.is_file() else []
    return str(pypandoc.convert_file(str(notebook), "html", format="ipynb", extra_args=arguments))
