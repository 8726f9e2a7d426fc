"""The Word and PDF files: the numbers of the release, the same in all three formats, and accessible."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import docx
import pandas as pd
import pypdf
import pytest
from docx.oxml.ns import qn
from lxml import html

from pipeline.store import Project
from tests.e2e.serving import ROOT

REPORTS = sorted(path.stem for path in (ROOT / "reports").glob("[!_]*.qmd") if path.stem != "changes")
"""All but the page of changes: the first release has nothing to compare, and its page no table."""

Rows = list[list[str]]


def plain(text: str) -> str:
    """Text with single ordinary spaces."""
    return re.sub(r"\s+", " ", text.replace("\u00a0", " ")).strip()


def dense(text: str) -> str:
    """Text without spaces and hyphens, which line breaks of a PDF may add or take."""
    return re.sub(r"[\s\u00a0\u00ad\u2010-]+", "", text)


def numbers(text: str) -> Counter[str]:
    """How often each number stands in a text."""
    return Counter(re.findall(r"\d+(?:\.\d+)?", text))


@dataclass(frozen=True)
class Report:
    """One report in its three formats, and the release that it was made from."""

    name: str
    project: Project

    def path(self, kind: str) -> Path:
        return self.project.reports / f"{self.name}.{kind}"

    @cached_property
    def page(self) -> Any:
        return html.fromstring(self.path("html").read_bytes())

    @cached_property
    def word(self) -> Any:
        return docx.Document(str(self.path("docx")))

    @cached_property
    def pdf(self) -> pypdf.PdfReader:
        return pypdf.PdfReader(self.path("pdf"))

    @cached_property
    def pdf_text(self) -> str:
        return plain(" ".join(page.extract_text() for page in self.pdf.pages))

    @cached_property
    def page_tables(self) -> list[Rows]:
        return [
            [[plain(cell.text_content()) for cell in row.xpath("./th|./td")] for row in table.iter("tr")]
            for table in self.page.iter("table")
        ]

    @cached_property
    def word_tables(self) -> list[Rows]:
        return [[[plain(cell.text) for cell in row.cells] for row in table.rows] for table in self.word.tables]

    @cached_property
    def page_headings(self) -> list[tuple[int, str]]:
        main = self.page.xpath("//body//*[self::h1 or self::h2 or self::h3 or self::h4][not(ancestor::header)]")
        inside = [
            h for h in main if "toc-title" not in (h.get("id") or "") and "title" not in h.get("class", "").split()
        ]
        return [(int(h.tag[1]), plain(h.text_content())) for h in inside]

    @cached_property
    def word_headings(self) -> list[tuple[int, str]]:
        found = [(re.fullmatch(r"Heading (\d)", p.style.name), p.text) for p in self.word.paragraphs]
        return [(int(match[1]), plain(text)) for match, text in found if match]

    @cached_property
    def pdf_headings(self) -> list[tuple[int, str]]:
        return list(outline(self.pdf.outline, 1))

    def estimates(self, study: str) -> pd.DataFrame:
        return pd.read_parquet(self.project.released(study, "estimates.parquet"))


def outline(entries: list[Any], level: int) -> Iterator[tuple[int, str]]:
    """Bookmarks of a PDF with their level."""
    for entry in entries:
        if isinstance(entry, list):
            yield from outline(entry, level + 1)
        else:
            yield level, plain(entry.title)


def tagged(node: Any) -> Iterator[Any]:
    """The structure elements of a tagged PDF, in reading order."""
    node = node.get_object()
    if isinstance(node, list):
        for child in node:
            yield from tagged(child)
    elif isinstance(node, dict):
        if "/S" in node:
            yield node
        if "/K" in node:
            yield from tagged(node["/K"])


def elements(report: Report, kind: str) -> list[Any]:
    return [node for node in tagged(report.pdf.trailer["/Root"]["/StructTreeRoot"]) if node.get("/S") == kind]


@pytest.fixture(scope="session", params=REPORTS)
def report(request: pytest.FixtureRequest, evaluated: Project) -> Report:
    return Report(request.param, evaluated)


@pytest.fixture(scope="session")
def pilot(evaluated: Project) -> Report:
    return Report("ahs-pilot", evaluated)


@pytest.fixture(scope="session")
def demonstration(evaluated: Project) -> Report:
    return Report("demo-riverbend", evaluated)


# --- the same in all three formats ---


def test_tables_are_the_same_in_html_and_word(report: Report) -> None:
    assert report.page_tables
    assert report.word_tables == report.page_tables


def test_every_number_of_every_table_is_in_the_pdf(report: Report) -> None:
    wanted = numbers(" ".join(cell for table in report.page_tables for row in table for cell in row))
    assert sum(wanted.values()) > 20
    assert wanted - numbers(report.pdf_text) == Counter()


def test_headings_are_the_same_in_all_formats(report: Report) -> None:
    top = min(level for level, _ in report.page_headings)
    shifted = [(level - top + 1, text) for level, text in report.page_headings]
    assert len(shifted) > 5
    assert report.word_headings == shifted
    tabs = {plain(title.text_content()) for title in report.page.xpath("//*[contains(@class, 'tab-title')]")}
    unlisted = {plain(title.text_content()) for title in report.page.xpath("//*[contains(@class, 'unlisted')]")}
    assert report.pdf_headings == [heading for heading in shifted if heading[1] not in tabs | unlisted]
    assert all(title in report.pdf_text for title in tabs)


def test_headings_do_not_skip_a_level(report: Report) -> None:
    levels = [level for level, _ in report.word_headings]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_captions_are_numbered_and_the_same_in_all_formats(report: Report) -> None:
    styles = ("Table Caption", "Image Caption")
    captions = [plain(p.text) for p in report.word.paragraphs if p.style.name in styles and p.text.strip()]
    for kind in ("Table", "Figure"):
        counted = [int(found[1]) for text in captions if (found := re.match(rf"{kind} (\d+)\b", text))]
        assert counted == list(range(1, len(counted) + 1))
        assert counted or (kind == "Figure" and not drawn(report))
    page = dense(report.page.text_content())
    text = dense(report.pdf_text)
    for caption in captions:
        assert dense(caption) in page
        assert dense(caption) in text


def test_images_have_the_same_text_in_all_formats(report: Report) -> None:
    released = {
        plain(path.read_text(encoding="utf-8"))
        for path in report.project.release.glob(f"figures/{report.name}/*.txt")
    }
    in_page = [plain(image.get("alt", "")) for image in report.page.iter("img")]
    drawings = report.word.element.body.iter(qn("wp:docPr"))
    in_word = [plain(drawing.get("descr", "")) for drawing in drawings]
    in_pdf = [plain(str(figure.get("/Alt", ""))) for figure in elements(report, "/Figure")]
    assert bool(in_page) == drawn(report)
    assert all(in_page)
    assert set(in_page) <= released
    assert in_word == in_page
    assert in_pdf == in_page


def drawn(report: Report) -> bool:
    """Does the release have a figure for this report?"""
    return any(report.project.release.glob(f"figures/{report.name}/*.svg"))


# --- the numbers are those of the release ---


def in_all(report: Report, number: str) -> bool:
    """Does a number stand in the plain-language summary of each format?"""
    return all(number in text for text in summaries(report))


def summaries(report: Report) -> tuple[str, str, str]:
    """The text from the first heading to the second one, in HTML, Word and PDF."""
    first, second = (text for _, text in report.word_headings[:2])
    paragraphs = [plain(p.text) for p in report.word.paragraphs]
    in_word = " ".join(paragraphs[paragraphs.index(first) : paragraphs.index(second)])
    page = plain(report.page.text_content())
    return between(page, first, second), in_word, between(report.pdf_text, first, second)


def between(text: str, first: str, second: str) -> str:
    """What stands between the last occurrences of two headings (the table of contents comes before)."""
    start = text.rindex(first)
    return text[start : text.index(second, start)]


def one(estimates: pd.DataFrame, **keys: str) -> pd.Series:
    for key, value in keys.items():
        estimates = estimates[estimates[key] == value]
    assert len(estimates) == 1, keys
    return estimates.iloc[0]


def test_the_summary_of_the_pilot_says_what_is_released(pilot: Report) -> None:
    estimates = pilot.estimates("ahs-pilot")
    keys = {"statistic": "share", "category": "definitely", "denominator": "asked", "service": "all"}
    for item in ("supported", "community"):
        share = one(estimates, item=item, instrument="client-feedback", **keys)
        assert in_all(pilot, f"{100 * share['value']:.0f}%")
    assert in_all(pilot, f"{share['n']:.0f} clients")
    claims = pd.read_csv(pilot.project.released("ahs-pilot", "claims.csv"), keep_default_na=False)
    assert in_all(pilot, f"{len(claims)} figures")
    assert in_all(pilot, f"{(claims['outcome'] == 'agrees').sum()} agree")


def test_the_scorecard_counts_the_claims(pilot: Report) -> None:
    claims = pd.read_csv(pilot.project.released("ahs-pilot", "claims.csv"), keep_default_na=False)
    # "agrees only with n = 31" and "agrees only with n = 32" count as one kind of outcome
    kinds = Counter(re.sub(r" (n =|truncation|half).*", "", outcome) for outcome in claims["outcome"])
    for tables in (pilot.page_tables, pilot.word_tables):
        (card,) = [table for table in tables if table[0][:2] == ["Outcome", "Number"]]
        counts = {row[0]: int(row[1]) for row in card[1:]}
        assert counts.pop("All") == len(claims)
        words = {"agrees only with a smaller n": "agrees only with"}
        words["agrees only under another rounding rule"] = "agrees only under"
        assert {words.get(outcome, outcome): count for outcome, count in counts.items()} == kinds
    text = dense(pilot.pdf_text)
    exact = {kind: count for kind, count in kinds.items() if not kind.startswith("agrees only")}
    assert all(f"{dense(kind)}{count}" in text for kind, count in exact.items())


def test_the_table_of_shares_has_the_released_shares_and_intervals(pilot: Report) -> None:
    estimates = pilot.estimates("ahs-pilot")
    keys = {"instrument": "client-feedback", "statistic": "share", "category": "definitely", "service": "all"}
    shares = estimates[(estimates[list(keys)] == pd.Series(keys)).all(axis=1)]
    assert len(shares) == 18
    for tables in (pilot.page_tables, pilot.word_tables, [[[pilot.pdf_text]]]):
        cells = [cell for table in tables for row in table for cell in row]
        for row in shares.itertuples():
            written = f"{100 * row.value:.0f}% ({100 * row.low:.0f} to {100 * row.high:.0f})"
            assert any(written in cell for cell in cells), row.estimate_id


def test_the_demonstration_says_so_and_says_what_is_released(demonstration: Report) -> None:
    estimates = demonstration.estimates("demo-riverbend")
    keys = {"category": "definitely", "denominator": "answered", "service": "all", "wave": "autumn"}
    share = one(estimates, statistic="share", item="supported", instrument="client-feedback", **keys)
    assert in_all(demonstration, f"{100 * share['value']:.0f}%")
    clients = one(estimates, statistic="clients", item="sessions", service="all")
    assert in_all(demonstration, f"{clients['value']:.0f} clients")
    for text in (demonstration.page.text_content(), demonstration.pdf_text):
        assert "Demonstration data" in plain(text)
    assert "Demonstration data" in " ".join(p.text for p in demonstration.word.paragraphs)


def test_the_data_status_of_the_pilot_is_in_all_formats(pilot: Report) -> None:
    words = " ".join(p.text for p in pilot.word.paragraphs)
    assert all("Reconstructed data" in plain(text) for text in (pilot.page.text_content(), words, pilot.pdf_text))


# --- accessible ---


def test_the_pdf_is_tagged_and_declares_pdf_ua(report: Report) -> None:
    root = report.pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"].startswith("en")
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    about = root["/Metadata"].get_object().get_data().decode()
    assert "<pdfuaid:part>1</pdfuaid:part>" in about
    assert report.pdf.metadata is not None
    assert report.pdf.metadata.title == report.word.core_properties.title
    assert report.pdf.metadata.title


def test_tables_of_the_pdf_have_header_cells(report: Report) -> None:
    heads = [len(table[0]) for table in report.page_tables]
    assert len(elements(report, "/Table")) >= len(heads)
    assert len(elements(report, "/TH")) >= sum(heads)


def test_tables_of_the_word_file_repeat_their_header_row(report: Report) -> None:
    for table in report.word.tables:
        assert table.rows[0]._tr.xpath("./w:trPr/w:tblHeader"), table.rows[0].cells[0].text


def test_the_word_file_says_its_title_and_language(report: Report) -> None:
    assert report.word.core_properties.title
    assert report.word.core_properties.language.startswith("en")


def test_no_markup_is_left_unresolved(report: Report) -> None:
    words = "\n".join(p.text for p in report.word.paragraphs)
    for text in (words, report.pdf_text):
        left = ("?@", "@fig-", "@tbl-", "@sec-", "`{python}", ":::", "{#", "Traceback")
        assert [mark for mark in left if mark in text] == []


def test_no_path_of_this_machine_is_in_a_report(report: Report) -> None:
    words = report.word.element.xml + " ".join(str(part.partname) for part in report.word.part.package.parts)
    texts = (html.tostring(report.page).decode(), words, report.pdf_text + str(report.pdf.metadata))
    for text in texts:
        for path in (report.project.root, report.project.outputs, ROOT, Path.home()):
            assert f"{path}/" not in text
