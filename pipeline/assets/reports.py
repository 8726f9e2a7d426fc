"""Report assets: the release zone in; HTML, Word and PDF out. Reports never compute."""

from __future__ import annotations

from pipeline.assets.asset import Made
from pipeline.graph import Node, plan
from pipeline.store import Project, write_text

FORMATS = ("html", "docx", "pdf")


def report(node: Node, project: Project) -> Made:
    """Render one report in all formats, with Quarto where it is installed."""
    from pipeline.reporting.engines import engine
    from pipeline.reporting.render import render

    paths = render(node.inputs[0], project.reports, FORMATS, extra_env=project.environment())
    return Made(paths, {"engine": engine().name, "files": ", ".join(path.name for path in paths)})


def index(node: Node, project: Project) -> Made:
    """Write the page that leads to all reports."""
    from pipeline.reporting.index import page

    nodes = [n for n in plan(project) if n.kind in ("report", "notebook")]
    return Made([write_text(project.reports / "index.html", page(nodes, project))])
