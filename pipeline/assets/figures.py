"""Figure assets: released estimates in; drawings with alternative texts out."""

from __future__ import annotations

from pathlib import Path

from pipeline.assets.asset import Made
from pipeline.graph import Node
from pipeline.release import read_released
from pipeline.store import Project, write_csv, write_text


def figures(node: Node, project: Project) -> Made:
    """Draw each figure that the study's estimates can feed, as SVG and PNG with a text."""
    import dagster as dg
    import pandas as pd

    from pipeline.figures.catalogue import figures as catalogue
    from pipeline.figures.catalogue import save

    assert node.study is not None
    study = node.study.study
    specs = catalogue(read_released(project, study, "estimates"), read_released(project, study, "labels"))
    folder = project.release / "figures" / study
    folder.mkdir(parents=True, exist_ok=True)
    outputs: list[Path] = []
    for spec in specs:
        outputs += save(spec.draw(), folder / spec.name)
        outputs.append(write_text(folder / f"{spec.name}.txt", spec.alt + "\n"))
    index = pd.DataFrame(
        [(study, s.name, s.title, s.caption, s.alt, s.data_status, " ; ".join(s.estimate_ids)) for s in specs],
        columns=["study", "name", "title", "caption", "alt", "data_status", "estimates"],
    )
    outputs.append(write_csv(folder / "figures.csv", index))
    for old in set(folder.glob("*.*")) - set(outputs):
        old.unlink()
    listed = "\n".join(f"- **{s.name}**: {s.alt}" for s in specs)
    return Made(outputs, {"figures": len(specs), "what they show": dg.MetadataValue.md(listed or "none")})
