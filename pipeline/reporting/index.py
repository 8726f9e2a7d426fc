"""The page that leads to all reports: what there is, in which formats, and on what data.

It shows no result of its own.
"""

from __future__ import annotations

import html
from collections.abc import Sequence

import yaml

from pipeline.graph import Node
from pipeline.store import Project
from schemas.study import CODED, Tables

_STYLE = """
:root { color-scheme: light; }
body { font: 17px/1.55 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; color: #1d2733;
  background: #fff; max-width: 54rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .4rem; color: #12344d; }
h2 { font-size: 1.15rem; margin: 0 0 .3rem; } h2 a { color: #12344d; }
.lead { color: #47566a; margin: 0 0 2rem; } section { border-top: 1px solid #d7dee6; padding: 1.2rem 0; }
p { margin: .3rem 0; } a { color: #0b5c8a; }
.formats a { margin-right: 1.1rem; font-weight: 600; }
.status { display: inline-block; font-size: .82rem; font-weight: 600; padding: .08rem .55rem; border-radius: 1rem;
  background: #e8eef4; color: #2b4257; } .demonstration { background: #fdf0d5; color: #6b4400; }
.reconstructed { background: #e6e9f8; color: #333d80; } footer { color: #5a6879; font-size: .9rem; margin-top: 2rem; }
"""

_NAMES = {"html": "HTML", "docx": "Word", "pdf": "PDF", "ipynb": "Notebook"}


def page(nodes: Sequence[Node], project: Project) -> str:
    """The index as a self-contained HTML page."""
    shared_first = sorted((node for node in nodes if node.kind == "report"), key=_place)
    reports = [section(node, project) for node in shared_first]
    books = [_book(node, project) for node in nodes if node.kind == "notebook"]
    parts = [*reports, *(["<section><h2>Notebooks</h2>", *books, "</section>"] if books else [])]
    lead = "Evaluations of peer-support services, each from its raw files, with every number traceable to its rows."
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>Evaluation reports</title>\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n<h1>Evaluation reports</h1>\n"
        f'<p class="lead">{lead}</p>\n' + "\n".join(parts) + "\n</main>\n"
        "<footer>Data behind the reports: <code>outputs/release/</code>. Made with peerscope.</footer>\n"
        "</body>\n</html>\n"
    )


def _place(node: Node) -> tuple[bool, bool, bool, bool]:
    """The synthesis first, then what else is about all studies; the fictional ones, and what changed, last."""
    fictional = bool(node.study and node.study.fictional)
    return node.name == "changes", node.name != "synthesis", node.study is not None, fictional


def section(node: Node, project: Project) -> str:
    """What the index says of one report: title, summary, status of the data, formats that there are."""
    title, about = (node.study.title, node.study.summary) if node.study else _own_words(node)
    links = _links(node.name, project, ("html", "pdf", "docx"))
    return (
        f'<section>\n<h2><a href="{node.name}.html">{html.escape(title)}</a></h2>\n{_badge(node)}\n'
        f'<p>{html.escape(about)}</p>\n<p class="formats">{links}</p>\n</section>'
    )


def _own_words(node: Node) -> tuple[str, str]:
    """Title and subtitle of a report that is not about one study."""
    _, front, *_ = node.inputs[0].read_text(encoding="utf-8").split("---", 2)
    words = yaml.safe_load(front)
    return str(words.get("title") or node.name), str(words.get("subtitle") or "")


def _badge(node: Node) -> str:
    tables = node.study.tables if node.study else Tables()
    fictional = bool(node.study and node.study.fictional)
    rows = [name for name in Tables.model_fields if name not in CODED or fictional]
    statuses = {table.data_status for name in rows for table in getattr(tables, name)}
    if node.study and not statuses:
        return '<span class="status">coded documents</span>'
    status = next((s for s in ("demonstration", "reconstructed", "observed") if s in statuses), "")
    return f'<span class="status {status}">{status} data</span>' if status else ""


def _book(node: Node, project: Project) -> str:
    links = _links(f"notebooks/{node.name}", project, ("html", "ipynb"))
    title = node.name.lstrip("0123456789-").replace("-", " ").capitalize()
    return f'<p class="formats">{html.escape(title)}: {links}</p>'


def _links(stem: str, project: Project, formats: Sequence[str]) -> str:
    present = [one for one in formats if (project.reports / f"{stem}.{one}").is_file()]
    return "".join(f'<a href="{stem}.{one}">{_NAMES[one]}</a>' for one in present)
