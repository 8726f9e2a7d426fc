"""A report with every feature, rendered by pandoc and typst, read back in each format."""

import re
import shutil
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import docx
import pypdf
import pytest

from pipeline.reporting.errors import ConversionError
from pipeline.reporting.pandoc import REFERENCE_DOC
from pipeline.reporting.render import render
from pipeline.reporting.templates.make_reference import main as make_reference

QMD = Path(__file__).parent / "qmd"
NUMBERS = ("Of 68 clients who answered, 54 (79%)", "service act", "70–93 %", "withheld")


class Page(HTMLParser):
    """Tags with their attributes, ids, and text."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def all(self, name: str) -> Iterator[dict[str, str | None]]:
        return (attributes for tag, attributes in self.tags if tag == name)

    @property
    def text(self) -> str:
        return plain("".join(self.words))


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("\u00a0", " "))


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reports")
    render(QMD / "rich.qmd", folder, ["html", "docx", "pdf"], {"service": "act"}, engine="pandoc")
    render(QMD / "deck.qmd", folder, ["slides"], engine="pandoc")
    return folder


@pytest.fixture(scope="module")
def page(out: Path) -> Page:
    return Page(out / "rich.html")


@pytest.fixture(scope="module")
def word(out: Path) -> "docx.document.Document":
    return docx.Document(str(out / "rich.docx"))


@pytest.fixture(scope="module")
def pdf(out: Path) -> pypdf.PdfReader:
    return pypdf.PdfReader(out / "rich.pdf")


def test_only_finished_files_are_in_the_folder(out: Path) -> None:
    assert sorted(path.name for path in out.iterdir()) == ["deck.slides.html", "rich.docx", "rich.html", "rich.pdf"]


def test_the_same_numbers_in_all_formats(page: Page, word: "docx.document.Document", pdf: pypdf.PdfReader) -> None:
    cells = [cell.text for table in word.tables for row in table.rows for cell in row.cells]
    in_word = plain("\n".join([*(paragraph.text for paragraph in word.paragraphs), *cells]))
    in_pdf = plain(" ".join(part.extract_text() for part in pdf.pages))
    for number in NUMBERS:
        assert number in page.text
        assert number in in_word
        assert number in in_pdf


@pytest.mark.parametrize("name", ["rich.html", "deck.slides.html"])
def test_html_fetches_nothing(out: Path, name: str) -> None:
    found = Page(out / name)
    for tag, attributes in found.tags:
        if tag != "a":
            for attribute in ("src", "href", "srcset", "data", "poster"):
                assert (attributes.get(attribute) or "data:").startswith(("data:", "#")), (tag, attribute)
    styles = "".join(re.findall(r"<style>(.*?)</style>", (out / name).read_text(encoding="utf-8"), re.DOTALL))
    assert "@import" not in styles
    assert not re.search(r"url\((?!['\"]?data:)", styles)


def test_html_is_accessible(page: Page) -> None:
    assert next(page.all("html"))["lang"] == "en-GB"
    assert "Peer support in five community services" in page.text
    alts = [image["alt"] or "" for image in page.all("img")]
    assert alts[0].startswith("Bar chart: the share")
    assert alts[1] == 'Line chart that rises from 1 to 3 over three waves, called "rise" & drawn by a cell.'
    identifiers = [attributes["id"] for _, attributes in page.tags if attributes.get("id")]
    assert len(identifiers) == len(set(identifiers))
    targets = [str(link["href"])[1:] for link in page.all("a") if str(link.get("href")).startswith("#")]
    assert "content" in targets
    assert set(targets) <= set(identifiers)
    headings = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert headings.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(headings))
    for table in page.all("table"):
        assert table["aria-labelledby"] in identifiers


def test_html_numbers_captions_and_references(page: Page) -> None:
    for text in (
        "see Table 1 and Figure 1. How it was done is in Section 2",
        "Table 1. Answers of clients to nine items",
        "Figure 1. Share of clients who agree, by service.",
        "Figure 2. A figure that a cell has drawn, with “quotes”",
        "Table 4. Steps and their checks",
        "1.1 What clients answered",
        "see Section 1.1, Section 2",
        "(Wilson 1927, 212; see also Newcombe 1998)",
        "7 March 2026",
    ):
        assert text in page.text
    assert "@" not in re.sub(r"@(media|page)", "", page.text)


def test_html_has_tabs_callouts_and_its_own_content(page: Page) -> None:
    classes = " ".join(attributes.get("class") or "" for _, attributes in page.tags).split()
    assert classes.count("tab-panel") == 2
    assert {f"callout-{kind}" for kind in ("note", "tip", "warning", "important", "caution")} <= set(classes)
    for text in ("How to read the shares", "No comparison group", "This paragraph is only for HTML."):
        assert text in page.text
    assert "for Word and PDF" not in page.text


def test_word_has_real_headings_tables_and_alternative_texts(word: "docx.document.Document") -> None:
    headings = [(part.style.name, part.text) for part in word.paragraphs if part.style.name.startswith("Heading")]
    assert headings[:3] == [
        ("Heading 1", "1 What we found"),
        ("Heading 2", "1.1 What clients answered"),
        ("Heading 2", "1.2 Each service"),
    ]
    assert ("Heading 3", "By wave") in headings
    assert [(len(table.rows), len(table.columns)) for table in word.tables] == [(10, 6), (6, 10), (3, 2), (3, 2)]
    for table in word.tables:
        assert table.rows[0]._tr.xpath("./w:trPr/w:tblHeader")
    described = [part.get("descr") for part in word.element.xpath("//wp:docPr")]
    assert described[0].startswith("Bar chart")
    assert described[1].startswith("Line chart")
    captions = [part.text for part in word.paragraphs if part.style.name == "Table Caption"]
    assert [plain(caption)[:8] for caption in captions] == ["Table 1.", "Table 2.", "Table 3.", "Table 4."]


def test_word_has_a_filled_contents_list_links_and_page_numbers(word: "docx.document.Document") -> None:
    entries = word.element.xpath("//w:sdtContent/w:p[w:pPr/w:pStyle[starts-with(@w:val, 'toc')]]")
    texts = ["".join(part.text for part in entry.xpath(".//w:t")) for entry in entries]
    assert texts == ["1 What we found", "1.1 What clients answered", "1.2 Each service", "2 Methods", "References"]
    bookmarks = {part.get(docx.oxml.ns.qn("w:name")) for part in word.element.xpath("//w:bookmarkStart")}
    anchors = {part.get(docx.oxml.ns.qn("w:anchor")) for part in word.element.xpath("//w:hyperlink[@w:anchor]")}
    assert {"tbl-answers", "fig-shares", "fig-drawn", "sec-methods", "tbl-steps"} <= anchors
    assert anchors <= bookmarks
    section = word.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    assert "PAGE" in section.footer._element.xml


def test_word_tells_nothing_of_the_machine(out: Path) -> None:
    with zipfile.ZipFile(out / "rich.docx") as archive:
        text = archive.read("word/document.xml").decode()
    assert str(QMD) not in text
    assert str(out) not in text
    assert "figures/shares" not in text


def test_pdf_is_tagged_and_titled(pdf: pypdf.PdfReader) -> None:
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en-GB"
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data()
    assert pdf.metadata is not None
    assert pdf.metadata.title == "Peer support in five community services"
    assert [item["/Title"] for item in pdf.outline if isinstance(item, dict)][-2:] == ["2 Methods", "References"]
    width, height = (round(float(side) / 72 * 25.4) for side in pdf.pages[0].mediabox[2:])
    assert (width, height) == (210, 297)


def test_pdf_has_alternative_texts_and_table_headers(pdf: pypdf.PdfReader) -> None:
    roles, alts = [], []

    def visit(node: object) -> None:
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, list):
            for child in node:
                visit(child)
        elif isinstance(node, dict):
            roles.append(str(node.get("/S")))
            if "/Alt" in node:
                alts.append(str(node["/Alt"]))
            if "/K" in node:
                visit(node["/K"])

    visit(pdf.trailer["/Root"]["/StructTreeRoot"])
    assert roles.count("/Table") == 4
    assert roles.count("/TH") == 6 + 10 + 2 + 2
    assert any(alt.startswith("Bar chart") for alt in alts)
    assert any(alt.startswith("Line chart") for alt in alts)


def test_long_tables_break_across_pages_with_their_header(tmp_path: Path) -> None:
    rows = "\n".join(f"| row {number} | {number} |" for number in range(120))
    text = f"---\ntitle: Long\n---\n\n| Name | Count |\n|:--|--:|\n{rows}\n\n: Long. {{#tbl-long}}\n\n@tbl-long\n"
    (tmp_path / "long.qmd").write_text(text, encoding="utf-8")
    written = render(tmp_path / "long.qmd", tmp_path / "out", ["pdf"], engine="pandoc", stem="long-table")
    assert written == [tmp_path / "out" / "long-table.pdf"]
    pages = [part.extract_text() for part in pypdf.PdfReader(written[0]).pages]
    assert len(pages) >= 2
    assert all("Count" in text for text in pages)
    assert "row 119" in pages[-1]


def test_pictures_do_not_leave_their_section(tmp_path: Path) -> None:
    """Alone with their heading they stay below it; beside text they may move, but not past the end of the section."""
    shutil.copytree(QMD / "figures", tmp_path / "figures")
    picture = '![Picture {0}](figures/shares){{#fig-p{0} fig-alt="Bars {0}"}}\n\n'
    prose = "Words that fill the page. " * 60
    pictures = "".join(picture.format(number) for number in range(1, 5))
    text = f"---\ntitle: Pictures\n---\n\n## Before\n\n{prose}\n\n## Alone\n\n{pictures}## Between\n\n{prose}\n\n"
    text += f"{picture.format(5)}{prose}\n\n{picture.format(6)}## After\n\nThe end.\n"
    (tmp_path / "pictures.qmd").write_text(text, encoding="utf-8")
    (written,) = render(tmp_path / "pictures.qmd", tmp_path / "out", ["pdf"], engine="pandoc")
    pages = [plain(part.extract_text()) for part in pypdf.PdfReader(written).pages]

    def page_of(words: str) -> int:
        return next(number for number, text in enumerate(pages) if words in text)

    assert page_of("Alone") == page_of("Figure 1.")
    assert page_of("Figure 4.") <= page_of("Between")
    assert page_of("Figure 5.") <= page_of("After")
    assert page_of("Figure 6.") <= page_of("After")


def test_slides_are_one_page_each(out: Path) -> None:
    deck = Page(out / "deck.slides.html")
    slides = [attributes for tag, attributes in deck.tags if tag in ("div", "section")]
    titles = [slide["id"] for slide in slides if "level2" in (slide.get("class") or "")]
    assert titles == ["who-answered", "what-they-said", "in-numbers"]
    assert "Table 1 and Figure 1 say the same." in deck.text
    assert next(image["alt"] for image in deck.all("img"))


def test_rendering_twice_gives_the_same_bytes(out: Path, tmp_path: Path) -> None:
    again = render(QMD / "rich.qmd", tmp_path, ["html", "docx", "pdf"], {"service": "act"}, engine="pandoc")
    for path in again:
        assert path.read_bytes() == (out / path.name).read_bytes(), path.name


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("![A](missing.png)", "missing.png"),
        ("As @nobody2020 says.\n\n## References\n", "nobody2020"),
    ],
)
def test_missing_images_and_citations_stop_the_report(tmp_path: Path, body: str, told: str) -> None:
    (tmp_path / "r.bib").write_text("@misc{a, title = {A}}", encoding="utf-8")
    qmd = tmp_path / "report.qmd"
    qmd.write_text(f"---\ntitle: T\nbibliography: r.bib\n---\n\n{body}\n", encoding="utf-8")
    out = tmp_path / "out"
    out.mkdir()
    (out / "report.html").write_text("the last good one", encoding="utf-8")
    for target in ("html", "docx", "pdf"):
        with pytest.raises(ConversionError, match=told):
            render(qmd, out, [target], engine="pandoc")
    assert [path.name for path in out.iterdir()] == ["report.html"]
    assert (out / "report.html").read_text(encoding="utf-8") == "the last good one"


def test_reference_document_is_what_its_script_builds(tmp_path: Path) -> None:
    make_reference(tmp_path / "reference.docx")
    with zipfile.ZipFile(tmp_path / "reference.docx") as built, zipfile.ZipFile(REFERENCE_DOC) as committed:
        assert built.namelist() == committed.namelist()
        for name in built.namelist():
            assert built.read(name) == committed.read(name), name
