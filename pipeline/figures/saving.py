"""Writes a figure as SVG and PNG: the same figure gives the same bytes, and no half-written file is seen."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

DPI = 200

# Text as paths: the same picture on a machine without the font. The salt fixes the ids of clip paths.
_RC: dict[Any, Any] = {"svg.fonttype": "path", "svg.hashsalt": "peerscope"}
_HASHED = re.compile(r"\b([mp])[0-9a-f]{10}\b")
_METADATA: dict[str, dict[str, str | None]] = {
    "svg": {"Date": None, "Creator": None},
    "png": {"Software": None},
}


def save(figure: Figure, path: Path) -> tuple[Path, Path]:
    """Write ``path`` with ``.svg`` and ``.png`` (200 dpi) added, and close the figure.

    Raises
    ------
    OSError
        When the folder does not exist or can't be written.
    """
    FigureCanvasAgg(figure)
    svg, png = (_write(figure, path, kind) for kind in ("svg", "png"))
    figure.clear()
    return svg, png


def _numbered_ids(svg: str) -> str:
    """Ids of clip paths and markers by their order: they are hashes of coordinates whose last digit may wander."""
    names: dict[str, str] = {}
    return _HASHED.sub(lambda found: names.setdefault(found[0], f"{found[1]}{len(names)}"), svg)


def _write(figure: Figure, path: Path, kind: str) -> Path:
    target = path.with_name(f"{path.name}.{kind}")
    staged = path.with_name(f".{path.name}.{os.getpid()}.{kind}")
    try:
        with mpl.rc_context(_RC):
            figure.savefig(staged, format=kind, dpi=DPI, metadata=_METADATA[kind])
        if kind == "svg":
            staged.write_text(_numbered_ids(staged.read_text(encoding="utf-8")), encoding="utf-8")
        staged.replace(target)
    finally:
        staged.unlink(missing_ok=True)
    return target
