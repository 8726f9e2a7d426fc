"""Builds `reference.docx`, the styles of Word reports, from pandoc's own: run it after a change of the design.

Only styles, page and footer belong here; the content of a report comes from the filters.
"""

from __future__ import annotations

import io
import subprocess
import zipfile
from pathlib import Path
from typing import Any

from pipeline.reporting.pandoc import REFERENCE_DOC, pandoc_path

INK, SOFT, LINE, TINT, BRAND = "1F2933", "52606D", "CBD2D9", "F5F7F9", "0B5563"
ACCENTS = {"Note": "2563A8", "Tip": "18794E", "Warning": "9A5B00", "Important": "8B1E5B", "Caution": "B42318"}
# Every word processor has these or fonts of the same measures (Liberation Sans and Mono).
FONT = "Arial"
MONO = "Courier New"
# name: (points, bold, colour, space before, space after)
HEADINGS = {
    "Heading 1": (17, True, BRAND, 22, 7),
    "Heading 2": (13.5, True, INK, 16, 5),
    "Heading 3": (11.5, True, INK, 13, 4),
    "Heading 4": (11, True, SOFT, 11, 3),
}
TEXTS = {
    "Normal": (10, False, INK, 0, 6),
    "Body Text": (10, False, INK, 0, 7),
    "First Paragraph": (10, False, INK, 0, 7),
    "Compact": (10, False, INK, 0, 3),
    "Title": (24, True, BRAND, 12, 4),
    "Subtitle": (13, False, SOFT, 0, 6),
    "Author": (10, False, SOFT, 2, 0),
    "Date": (10, False, SOFT, 0, 16),
    "Abstract Title": (10.5, True, BRAND, 8, 3),
    "Abstract": (10, False, INK, 0, 12),
    "TOC Heading": (13.5, True, BRAND, 14, 6),
    "Image Caption": (9, False, SOFT, 4, 14),
    "Table Caption": (9, False, SOFT, 12, 4),
    "Footnote Text": (8.5, False, SOFT, 0, 2),
    "Bibliography": (9.5, False, INK, 0, 4),
    "Block Text": (10, False, SOFT, 4, 8),
    "Table Text": (9, False, INK, 2, 2),
    "Table Text Small": (8, False, INK, 2, 2),
    "Table Text Tiny": (7, False, INK, 1.5, 1.5),
    "Table Gap": (6, False, INK, 0, 6),
    "Callout Gap": (4, False, INK, 0, 4),
    "toc 1": (10, True, INK, 4, 1),
    "toc 2": (9.5, False, INK, 0, 1),
    "toc 3": (9, False, SOFT, 0, 1),
}
# A short table is kept on one page: each of its rows keeps with the next.
TEXTS |= {f"{name} Kept": look for name, look in TEXTS.items() if name.startswith("Table Text")}
INDENTED = {"toc 2": 12, "toc 3": 24, "Block Text": 18}
KEEP_WITH_NEXT = ("Table Caption", "Captioned Figure", "Abstract Title", "TOC Heading")


def main(path: Path = REFERENCE_DOC) -> None:
    """Write the reference document."""
    from docx import Document

    command = [pandoc_path(), "--print-default-data-file=reference.docx"]
    plain = subprocess.run(command, check=True, capture_output=True)
    document = Document(io.BytesIO(plain.stdout))
    _page(document)
    for name, look in {**TEXTS, **HEADINGS}.items():
        _paragraph_style(document, name, *look)
    for kind, colour in ACCENTS.items():
        _callout_styles(document, kind, colour)
    _details(document)
    _table_style(document)
    buffer = io.BytesIO()
    document.save(buffer)
    path.write_bytes(_without_times(buffer.getvalue()))


def _page(document: Any) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Mm, Pt, RGBColor

    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(25)
    section.top_margin, section.bottom_margin = Mm(24), Mm(22)
    section.footer_distance = Mm(11)
    paragraph = section.footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    for kind in ("PAGE", " / ", "NUMPAGES"):
        run = paragraph.add_run()
        run.font.size, run.font.name = Pt(8.5), FONT
        run.font.color.rgb = RGBColor.from_string(SOFT)
        _field(run, kind) if kind.isupper() else run.add_text(kind)


def _field(run: Any, instruction: str) -> None:
    for kind in ("begin", "", "separate", "text", "end"):
        if kind == "text":
            run.add_text("1")
        elif kind:
            run._r.append(_element("w:fldChar", fldCharType=kind))
        else:
            element = _element("w:instrText")
            element.text = instruction
            run._r.append(element)


def _element(tag: str, **attributes: object) -> Any:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    element = OxmlElement(tag)
    for name, value in attributes.items():
        element.set(qn(f"w:{name}"), str(value))
    return element


def _style(document: Any, name: str) -> Any:
    from docx.enum.style import WD_STYLE_TYPE

    found = [style for style in document.styles if style.name.lower() == name.lower()]
    if found:
        return found[0]
    style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH, builtin=name.startswith("toc"))
    style.base_style = document.styles["Normal"]
    return style


def _paragraph_style(
    document: Any, name: str, size: float, bold: bool, colour: str, before: float, after: float
) -> Any:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt, RGBColor

    style = _style(document, name)
    _font(style, FONT)
    style.font.size, style.font.bold, style.font.italic = Pt(size), bold, False
    _plain_spacing(style)
    style.font.color.rgb = RGBColor.from_string(colour)
    form = style.paragraph_format
    form.space_before, form.space_after = Pt(before), Pt(after)
    form.line_spacing = 1.0 if name.startswith(("Table", "Title", "Heading", "TOC", "toc")) else 1.15
    form.alignment = None if name.startswith("Table Text") else WD_ALIGN_PARAGRAPH.LEFT
    form.left_indent = Pt(INDENTED.get(name, 0))
    form.keep_with_next = name in KEEP_WITH_NEXT or name in HEADINGS or name.endswith("Kept")
    return style


def _plain_spacing(style: Any) -> None:
    """Take out the letter spacing that pandoc's titles have."""
    from docx.oxml.ns import qn

    for tag in ("w:spacing", "w:kern"):
        for child in style.element.get_or_add_rPr().findall(qn(tag)):
            child.getparent().remove(child)


def _font(style: Any, name: str) -> None:
    """Set all four script fonts, or Word keeps the theme's for some."""
    from docx.oxml.ns import qn

    style.font.name = name
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for key in list(fonts.attrib):
        del fonts.attrib[key]
    for script in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(qn(f"w:{script}"), name)


def _callout_styles(document: Any, kind: str, colour: str) -> None:
    """Title and body of a callout: one tinted box, because borders and indents of both are the same."""
    from docx.shared import Pt

    for name, bold in ((f"Callout {kind} Title", True), (f"Callout {kind}", False)):
        style = _paragraph_style(document, name, 10, bold, colour if bold else INK, 0, 0)
        style.paragraph_format.keep_with_next = bold
        properties = style.element.get_or_add_pPr()
        borders = _element("w:pBdr")
        for side, width, tone, space in (("top", 4, TINT, 5), ("left", 24, colour, 8), ("bottom", 4, TINT, 5)):
            borders.append(_element(f"w:{side}", val="single", sz=width, space=space, color=tone))
        _insert(properties, borders, _element("w:shd", val="clear", color="auto", fill=TINT))
        style.paragraph_format.left_indent = Pt(12)
        style.paragraph_format.line_spacing = 1.3


def _insert(properties: Any, *elements: Any) -> None:
    """Add borders and shading where the schema of `pPr` wants them: before spacing and indents."""
    from docx.oxml.ns import qn

    later = [child for child in properties if child.tag in (qn("w:spacing"), qn("w:ind"), qn("w:jc"), qn("w:tabs"))]
    for element in elements:
        later[0].addprevious(element) if later else properties.append(element)


def _details(document: Any) -> None:
    from docx.shared import Pt, RGBColor

    abstract = _style(document, "Abstract").element.get_or_add_pPr()
    _insert(abstract, _element("w:shd", val="clear", color="auto", fill=TINT))
    bibliography = _style(document, "Bibliography").paragraph_format
    bibliography.left_indent, bibliography.first_line_indent = Pt(18), Pt(-18)
    link = document.styles["Hyperlink"]
    _font(link, FONT)
    link.font.color.rgb = RGBColor.from_string(BRAND)
    verbatim = document.styles["Verbatim Char"]
    _font(verbatim, MONO)
    verbatim.font.size = Pt(9)
    figure = _style(document, "Captioned Figure").paragraph_format
    figure.keep_with_next, figure.space_before = True, Pt(10)


def _table_style(document: Any) -> None:
    """Booktabs: rules above and below the header and at the end, hairlines between rows, bold header."""
    from docx.oxml.ns import qn

    style = document.styles["Table"].element
    for tag in ("w:tblPr", "w:tblStylePr", "w:rPr", "w:pPr"):
        for child in style.findall(qn(tag)):
            style.remove(child)
    properties = _element("w:tblPr")
    properties.append(_element("w:tblInd", w=0, type="dxa"))
    borders = _element("w:tblBorders")
    for side, width, colour in (("top", 10, INK), ("bottom", 10, INK), ("insideH", 4, LINE)):
        borders.append(_element(f"w:{side}", val="single", sz=width, space=0, color=colour))
    properties.append(borders)
    margins = _element("w:tblCellMar")
    for side in ("left", "right"):
        margins.append(_element(f"w:{side}", w=80, type="dxa"))
    properties.append(margins)
    style.append(properties)
    style.append(_header_row())


def _header_row() -> Any:
    first = _element("w:tblStylePr", type="firstRow")
    text = _element("w:rPr")
    text.append(_element("w:b"))
    text.append(_element("w:bCs"))
    first.append(text)
    row = _element("w:trPr")
    row.append(_element("w:tblHeader"))
    first.append(row)
    cell = _element("w:tcPr")
    borders = _element("w:tcBorders")
    borders.append(_element("w:bottom", val="single", sz=6, space=0, color=INK))
    cell.append(borders)
    cell.append(_element("w:vAlign", val="bottom"))
    first.append(cell)
    return first


def _without_times(content: bytes) -> bytes:
    """The same archive with one fixed time for every member, so that building it twice gives the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            new.writestr(zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0)), old.read(name), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


if __name__ == "__main__":
    main()
