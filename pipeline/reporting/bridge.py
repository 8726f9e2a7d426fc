"""Writes an executed notebook as Pandoc Markdown, applying the `#|` options of each cell.

A captioned cell becomes a div `.cell-float` with its label, content and caption, from which the filters make a
figure or a table; nothing here depends on how that looks in a format.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.reporting.source import options, without_options

if TYPE_CHECKING:
    from nbformat import NotebookNode

FLOAT = "::::::::::"
EXTENSIONS = {"image/svg+xml": "svg", "image/png": "png", "image/jpeg": "jpg"}
# Word shows SVG only in recent versions, the others draw it sharper than pixels.
IMAGES = {"docx": ("image/png", "image/jpeg")}
ANY_IMAGE = ("image/svg+xml", "image/png", "image/jpeg")


def to_markdown(notebook: NotebookNode, target: str, defaults: Mapping[str, Any], media: Path) -> str:
    """Markdown of an executed notebook for one target (html, docx, pdf, slides), without the front matter.

    Parameters
    ----------
    notebook
        As `execute.execute` returns it.
    defaults
        `execute` options of the document, such as `echo`, for cells that say nothing.
    media
        Folder for images that cells have drawn; must exist. The Markdown names them relative to its parent.
    """
    parts = []
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            parts.append(cell.source)
        elif cell.cell_type == "code":
            parts.append(_cell(cell, target, defaults, media / f"cell-{number}"))
    return "\n\n".join(part for part in parts if part.strip()) + "\n"


def _cell(cell: NotebookNode, target: str, defaults: Mapping[str, Any], stem: Path) -> str:
    chosen = {"echo": True, "include": True, "output": True, **defaults, **options(cell.source)}
    if not chosen["include"]:
        return ""
    code = without_options(cell.source)
    parts = [_fenced(code, "python")] if chosen["echo"] and code else []
    if chosen["output"] is not False:
        alt = str(chosen.get("fig-alt", ""))
        shown = [
            _output(output, target, alt, chosen["output"] == "asis", Path(f"{stem}-{at}"))
            for at, output in enumerate(cell.outputs)
        ]
        body = "\n\n".join(part for part in shown if part.strip())
        parts.append(_float(body, chosen) if body else "")
    return "\n\n".join(parts)


def _float(body: str, chosen: Mapping[str, Any]) -> str:
    caption = chosen.get("fig-cap") or chosen.get("tbl-cap")
    if not caption and not chosen.get("label"):
        return body
    attributes = [f"#{chosen['label']}"] if chosen.get("label") else []
    attributes.append(".cell-float")
    if chosen.get("fig-alt"):
        attributes.append(f'fig-alt="{_attribute(str(chosen["fig-alt"]))}"')
    opening = f"{FLOAT} {{{' '.join(attributes)}}}"
    below = f"\n\n::: {{.cell-caption}}\n{_one_line(str(caption))}\n:::" if caption else ""
    return f"{opening}\n{body}{below}\n{FLOAT}"


def _output(output: NotebookNode, target: str, alt: str, asis: bool, stem: Path) -> str:
    if output.output_type == "stream":
        return output.text if asis else _fenced(output.text.rstrip("\n"), "")
    data = output.get("data", {})
    if "text/markdown" in data:
        return str(data["text/markdown"])
    for mime in IMAGES.get(target, ANY_IMAGE):
        if mime in data:
            return _image(data[mime], mime, alt, stem)
    return _fenced(str(data["text/plain"]), "") if "text/plain" in data else ""


def _image(content: str, mime: str, alt: str, stem: Path) -> str:
    path = stem.with_name(f"{stem.name}.{EXTENSIONS[mime]}")
    if mime == "image/svg+xml":
        path.write_text(content, encoding="utf-8")
    else:
        path.write_bytes(base64.b64decode(content))
    return f'![]({path.parent.name}/{path.name}){{fig-alt="{_attribute(alt)}"}}'


def _fenced(text: str, language: str) -> str:
    if not text:
        return ""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text}\n{fence}"


def _attribute(text: str) -> str:
    return html.escape(_one_line(text), quote=True)


def _one_line(text: str) -> str:
    return " ".join(text.split())
