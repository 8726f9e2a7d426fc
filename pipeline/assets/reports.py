"""Report assets: the release zone in; HTML, Word and PDF out. Reports never compute."""

from __future__ import annotations

import json

from pipeline.assets.asset import Made
from pipeline.graph import Node, plan
from pipeline.store import Project, write_text

FORMATS = ("html", "docx", "pdf")


def report(node: Node, project: Project) -> Made:
    """Render one report in all formats, with Quarto where it is installed."""
    from pipeline.reporting.engines import engine
    from pipeline.reporting.index import section
    from pipeline.reporting.render import render

    source = node.inputs[0]
    parameters = {} if source.stem == node.name else {"study": node.name}
    paths = render(source, project.reports, FORMATS, parameters, extra_env=project.environment(), stem=node.name)
    shown = {"engine": engine().name, "files": ", ".join(path.name for path in paths)}
    return Made(paths, shown, passes_on=section(node, project))


def index(node: Node, project: Project) -> Made:
    """Write the page that leads to all reports."""
    from pipeline.reporting.index import page

    nodes = [n for n in plan(project) if n.kind in ("report", "notebook")]
    _forget(project, {"__".join(n.key) for n in nodes if n.kind == "report"})
    return Made([write_text(project.reports / "index.html", page(nodes, project))])


def _forget(project: Project, present: set[str]) -> None:
    """Take away rendered reports that nothing makes any more: those of studies that are gone."""
    for entry in (project.outputs / "manifest").glob("reports__*.json"):
        if entry.stem not in (*present, "reports__index"):
            for name in json.loads(entry.read_text(encoding="utf-8"))["outputs"]:
                (project.outputs / name.removeprefix("outputs/")).unlink(missing_ok=True)
            entry.unlink()
