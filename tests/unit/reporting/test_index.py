"""The page that leads to all reports."""

from html.parser import HTMLParser

from pipeline.graph import plan
from pipeline.reporting.index import page
from pipeline.store import Project, write_text


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


def test_titles_are_text_not_markup(bare: Project) -> None:
    study = bare.raw / "mini-river" / "study.yml"
    study.write_text(study.read_text(encoding="utf-8").replace("title: Mini", "title: <b>A & B</b> Mini"))
    write_text(bare.root / "reports" / "mini-river.qmd", "# Report\n")
    text = page(plan(bare), bare)
    assert "&lt;b&gt;A &amp; B&lt;/b&gt; Mini River" in text
    assert "<b>" not in text


def test_a_project_without_reports(bare: Project) -> None:
    assert Links(page(plan(bare), bare)).targets == []
