"""Figure assets: released estimates in; drawings with alternative texts out."""

from __future__ import annotations

import io
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.assets.asset import Made
from pipeline.graph import Node
from pipeline.release import read_released
from pipeline.store import Project, write_csv, write_text

if TYPE_CHECKING:
    from pipeline.figures.spec import FigureSpec


def figures(node: Node, project: Project) -> Made:
    """Draw each figure that the study's estimates can feed, as SVG and PNG with a text."""
    from pipeline.figures.catalogue import figures as catalogue

    assert node.study is not None
    study = node.study.study
    specs = catalogue(read_released(project, study, "estimates"), read_released(project, study, "labels"))
    return draw(specs, study, project)


def draw(specs: Sequence[FigureSpec], study: str, project: Project) -> Made:
    """Draw figures as SVG and PNG, each with its text, and index them; what is no longer among them goes."""
    import dagster as dg
    import pandas as pd

    from pipeline.figures.saving import save

    folder = project.release / "figures" / study
    folder.mkdir(parents=True, exist_ok=True)
    outputs: list[Path] = []
    for spec in specs:
        outputs += save(spec.draw(), folder / spec.name)
        outputs.append(write_text(folder / f"{spec.name}.txt", spec.alt + "\n"))
    index = pd.DataFrame(
        [(study, s.name, s.title, s.caption, s.alt, s.data_status, " ; ".join(s.traced())) for s in specs],
        columns=["study", "name", "title", "caption", "alt", "data_status", "estimates"],
    )
    outputs.append(write_csv(folder / "figures.csv", index))
    for old in set(folder.glob("*.*")) - set(outputs):
        old.unlink()
    previews = {s.name: dg.MetadataValue.md(_preview(folder / f"{s.name}.png", s.alt)) for s in specs}
    return Made(outputs, {"figures": len(specs), **previews})


def _preview(path: Path, alt: str, width: int = 720) -> str:
    """The figure itself, small enough for the event log, as the UI shows it."""
    from PIL import Image

    with Image.open(path) as image:
        small = image.convert("RGB").resize((width, round(image.height * width / image.width)))
    stream = io.BytesIO()
    small.quantize(32).save(stream, "PNG", optimize=True)
    return f"![{alt}](data:image/png;base64,{b64encode(stream.getvalue()).decode()})\n\n{alt}"
