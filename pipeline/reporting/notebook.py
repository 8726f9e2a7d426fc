"""Runs a researcher's notebook as it stands, and keeps it with its results and as a page to read.

Reports (``.qmd``) are run and rendered elsewhere in this package.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.reporting.errors import ReportError
from pipeline.reporting.kernel import client_for, environment
from pipeline.store import write_text

if TYPE_CHECKING:
    from nbformat import NotebookNode

_STYLE = Path(__file__).parent / "templates" / "notebook.css"


def run(source: Path, folder: Path, extra_env: Mapping[str, str]) -> list[Path]:
    """Run ``source`` and write ``<folder>/<name>.ipynb`` and ``.html``.

    Raises
    ------
    ReportError
        When a cell fails; the message names the notebook and the error.
    """
    import nbformat
    from nbclient.exceptions import CellExecutionError

    book = nbformat.read(source, as_version=4)
    with tempfile.TemporaryDirectory(prefix="peerscope-kernel-") as scratch:
        client = client_for(book, source.parent, Path(scratch))
        try:
            client.execute(env=environment(extra_env, scratch))
        except CellExecutionError as error:
            cell = next(i for i, one in enumerate(book.cells, 1) if _failed(one))
            raise ReportError(f"{source.name}, cell {cell}: {error.ename}: {error.evalue}") from None
    kept = write_text(folder / source.name, nbformat.writes(book) + "\n")
    return [kept, write_text(folder / f"{source.stem}.html", _page(kept))]


def _failed(cell: NotebookNode) -> bool:
    return any(output.output_type == "error" for output in cell.get("outputs", []))


def _page(notebook: Path) -> str:
    import pypandoc

    about = [f"--metadata=pagetitle:{notebook.stem}", "--metadata=lang:en", f"--css={_STYLE}"]
    arguments = ["--standalone", "--embed-resources", *about]
    return str(pypandoc.convert_file(str(notebook), "html", format="ipynb", extra_args=arguments))
