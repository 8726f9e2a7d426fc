"""The pandoc engine: Markdown of an executed report to HTML, Word, PDF (through typst) and slides.

The filters and templates in `templates/` decide how a report looks; here is only how pandoc and typst are
called. Nothing here touches the network.
"""

from __future__ import annotations

import functools
import json
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.reporting.bridge import to_markdown
from pipeline.reporting.errors import ConversionError
from pipeline.reporting.metadata import IMAGE_EXTENSION, metadata
from pipeline.reporting.source import read

if TYPE_CHECKING:
    from nbformat import NotebookNode

TEMPLATES = Path(__file__).parent / "templates"
FILTERS = TEMPLATES / "filters"
REFERENCE_DOC = TEMPLATES / "reference.docx"
WRITER = {"html": "html5", "docx": "docx", "pdf": "typst", "slides": "slidy"}
LAST_FILTER = {"html": "html.lua", "docx": "docx.lua", "pdf": "typst.lua", "slides": "html.lua"}
# One fixed time stamp, so that the same report gives the same bytes.
FIXED_TIME = "946684800"
LUA_MESSAGE = re.compile(r"peerscope: (.*)")
# What pandoc makes of an image's alternative text when it embeds the image.
EMBEDDED_IMAGE = re.compile(r'<img role="img" aria-label=')
# Options of Quarto's own that pandoc would take for something else or print.
NOT_FOR_PANDOC = ("format", "execute", "params", "jupyter", "theme", "css", "reference-doc", "toc", "slide-level")


@functools.cache
def pandoc_path() -> str:
    """The pandoc of the wheel, not an older one that the system may have."""
    import pypandoc

    return str(pypandoc.get_pandoc_path())


def convert(notebook: NotebookNode, qmd: Path, target: str, output: Path, scratch: Path) -> None:
    """Write one format of an executed report.

    Parameters
    ----------
    notebook
        As `execute.execute` returns it.
    target
        html, docx, pdf or slides.
    output
        File to write.
    scratch
        An empty folder to work in; the caller removes it.

    Raises
    ------
    ConversionError
        Pandoc or typst refused, or warned: a missing image or citation is not something to print around.
    """
    data = metadata(read(qmd).metadata, qmd.parent, target)
    drawn = scratch / "drawn"
    drawn.mkdir()
    text = to_markdown(notebook, target, data.get("execute", {}), drawn)
    (scratch / "report.md").write_text(text, encoding="utf-8")
    (scratch / "metadata.json").write_text(json.dumps(_for_pandoc(data, target), default=str), encoding="utf-8")
    written = scratch / "report.typ" if target == "pdf" else output
    _run(_arguments(data, qmd, target, written), qmd, scratch)
    if target == "pdf":
        _compile(written, qmd, output)
    elif target in ("html", "slides"):
        text = output.read_text(encoding="utf-8")
        output.write_text(EMBEDDED_IMAGE.sub("<img alt=", text), encoding="utf-8")


def _for_pandoc(data: Mapping[str, Any], target: str) -> dict[str, Any]:
    kept = {key: value for key, value in data.items() if key not in NOT_FOR_PANDOC}
    toc = bool(data.get("toc")) and target != "slides"
    defaults = {
        "toc-title": "Contents",
        "toc-depth": 3,
        "abstract-title": "Summary",
        "reference-section-title": "References",
        "link-citations": True,
        "number-sections": False,
    }
    derived = {"byline": bool(data.get("author") or data.get("date")), "peerscope-toc": toc}
    return {**defaults, **kept, **derived}


def _arguments(data: Mapping[str, Any], qmd: Path, target: str, output: Path) -> list[str]:
    last = LAST_FILTER[target]
    arguments = ["report.md", "--from=markdown", f"--to={WRITER[target]}", f"--output={output.resolve()}"]
    arguments += ["--standalone", "--metadata-file=metadata.json", "--fail-if-warnings", "--wrap=preserve"]
    # Images stand next to the .qmd; those that cells have drawn, in the scratch folder, where pandoc runs.
    arguments += [
        f"--resource-path={qmd.parent.resolve()}{os.pathsep}.",
        f"--default-image-extension={IMAGE_EXTENSION[target]}",
    ]
    arguments += [f"--lua-filter={FILTERS / name}" for name in ("structure.lua", "crossref.lua")]
    arguments += ["--citeproc"] if data.get("bibliography") else []
    arguments += [f"--lua-filter={FILTERS / name}" for name in ("alt.lua", last)]
    return arguments + _FORMAT_ARGUMENTS[target](data)


def _html_arguments(data: Mapping[str, Any]) -> list[str]:
    depth = int(data.get("toc-depth", 3)) + 1  # the filter moves headings below the title, which is <h1>
    toc = ["--toc", f"--toc-depth={depth}"] if data.get("toc") else []
    return [f"--template={TEMPLATES / 'report.html'}", "--embed-resources", "--syntax-highlighting=none", *toc]


def _slides_arguments(data: Mapping[str, Any]) -> list[str]:
    level = f"--slide-level={int(data.get('slide-level', 2))}"
    notes = "--reference-location=section"
    return [
        f"--template={TEMPLATES / 'slides.html'}",
        "--embed-resources",
        "--syntax-highlighting=none",
        level,
        notes,
    ]


def _docx_arguments(data: Mapping[str, Any]) -> list[str]:
    return [f"--reference-doc={REFERENCE_DOC}", "--syntax-highlighting=none"]


def _pdf_arguments(data: Mapping[str, Any]) -> list[str]:
    language, _, region = str(data["lang"]).partition("-")
    authors = ", ".join(json.dumps(name, ensure_ascii=False) for name in data["author"])
    variables = {"typst-lang": language, "typst-region": region, "typst-authors": authors}
    return [
        f"--template={TEMPLATES / 'report.typ'}",
        "--syntax-highlighting=none",
        *(f"--variable={name}:{value}" for name, value in variables.items() if value),
    ]


_FORMAT_ARGUMENTS = {
    "html": _html_arguments,
    "slides": _slides_arguments,
    "docx": _docx_arguments,
    "pdf": _pdf_arguments,
}


def _run(arguments: list[str], qmd: Path, folder: Path) -> None:
    environment = {**os.environ, "SOURCE_DATE_EPOCH": FIXED_TIME}
    result = subprocess.run(
        [pandoc_path(), *arguments],
        cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    if result.returncode:
        told = LUA_MESSAGE.search(result.stderr)
        raise ConversionError(f"{qmd}: {told[1] if told else result.stderr.strip()}")


def _compile(source: Path, qmd: Path, output: Path) -> None:
    import typst

    try:
        pdf = typst.compile(
            source,
            root=source.parent,
            format="pdf",
            ignore_system_fonts=True,
            pdf_standards=["ua-1"],
            timestamp=int(FIXED_TIME),
        )
    except typst.TypstError as error:
        hints = "".join(f" ({hint})" for hint in error.hints)
        raise ConversionError(f"{qmd}: the PDF could not be set: {error.message}{hints}") from None
    output.write_bytes(pdf)
