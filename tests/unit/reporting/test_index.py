"""The page that leads to all reports."""

from html.parser import HTMLParser

import pytest
import yaml

from pipeline.graph import plan
from pipeline.reporting.index import page
from pipeline.store import Project, write_text
from schemas.study import CODED


class Links(HTMLParser):
    """Targets of the links of a page, and what it loads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.loaded: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "a":
            self.targets.append(values["href"] or "")
        self.loaded += [v for k, v in values.items() if k == "src" and v] + (
            [tag] if tag in ("link", "script") else []
        )


def test_each_report_and_notebook_with_what_was_rendered(bare: Project) -> None:
    write_text(bare.root / "reports" / "mini-river.qmd", "# Report\n")
    write_text(bare.root / "notebooks" / "first-look.ipynb", "{}")
    for name in ("mini-river.html", "mini-river.docx", "notebooks/first-look.html"):
        write_text(bare.reports / name, "x")
    text = page(plan(bare), bare)
    links = Links(text)
    assert links.targets == ["mini-river.html", "mini-river.html", "mini-river.docx", "notebooks/first-look.html"]
    assert links.loaded == [], "self-contained"
    assert "Mini River (fictional)" in text
    assert "demonstration data" in text
    assert text.startswith('<!doctype html>\n<html lang="en">')


def test_what_changed_comes_last(bare: Project) -> None:
    for name in ("changes", "mini-river", "harbour", "about"):
        reads = {"changes": "Changes()", "about": "Merged()"}.get(name, "")
        write_text(bare.root / "reports" / f"{name}.qmd", f"---\ntitle: {name}\n---\n\n```{{python}}\n{reads}\n```\n")
        write_text(bare.reports / f"{name}.html", "x")
    links = Links(page(plan(bare), bare))
    assert links.targets[::2] == ["about.html", "harbour.html", "mini-river.html", "changes.html"]


def test_titles_are_text_not_markup(bare: Project) -> None:
    study = bare.raw / "mini-river" / "study.yml"
    study.write_text(study.read_text(encoding="utf-8").replace("title: Mini", "title: <b>A & B</b> Mini"))
    write_text(bare.root / "reports" / "mini-river.qmd", "# Report\n")
    text = page(plan(bare), bare)
    assert "&lt;b&gt;A &amp; B&lt;/b&gt; Mini River" in text
    assert "<b>" not in text


@pytest.mark.parametrize(
    ("fictional", "badge"),
    [
        (True, '<span class="status demonstration">demonstration data</span>'),
        (False, '<span class="status">coded documents</span>'),
    ],
)
def test_a_study_of_coded_documents_is_demonstration_only_where_it_is_fictional(
    bare: Project, fictional: bool, badge: str
) -> None:
    study = bare.raw / "mini-river" / "study.yml"
    head = study.read_text(encoding="utf-8").partition("tables:")[0]
    status = "demonstration" if fictional else "observed"
    tables = {"tables": {name: [{"file": f"{name}.csv", "data_status": status}] for name in CODED}}
    text = head.replace("fictional: true", f"fictional: {fictional}") + yaml.safe_dump(tables)
    study.write_text(text, encoding="utf-8")
    for name in CODED:
        write_text(study.with_name(f"{name}.csv"), "")
    write_text(bare.root / "reports" / "mini-river.qmd", "# Report\n")
    found = page(plan(bare), bare)
    assert badge in found
    assert found.count('class="status') == 1


def test_a_project_without_reports(bare: Project) -> None:
    assert Links(page(plan(bare), bare)).targets == []
