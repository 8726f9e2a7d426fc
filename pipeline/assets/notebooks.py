"""Notebook assets: each notebook run as it stands, kept with its results, and as a page to read."""

from __future__ import annotations

from pipeline.assets.asset import Made
from pipeline.graph import Node
from pipeline.store import Project


def notebook(node: Node, project: Project) -> Made:
    """Run one notebook on the release zone."""
    from pipeline.reporting.notebook import run

    paths = run(node.inputs[0], project.reports / "notebooks", project.environment())
    return Made(paths, {"files": ", ".join(path.name for path in paths)})
