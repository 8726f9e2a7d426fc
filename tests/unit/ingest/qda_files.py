"""Project files as tools for coding texts write them: NVivo, ATLAS.ti, MAXQDA, QualCoder (.qdpx) and Taguette.

Places are counted here from the words that are marked, each tool in its own way.
"""

from __future__ import annotations

import csv
import sqlite3
import zipfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5
from xml.sax.saxutils import escape, quoteattr

PROJECT = 'xmlns="urn:QDA-XML:project:1.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
BOM = b"\xef\xbb\xbf"

INTERVIEW = (
    "I: How did it begin? 😀\n"
    "R: A friend told me. Nobody had written down what I was to do.\n"
    "\n"
    "I: And the team? 🏠🏠\n"
    "R: They were kind. My manager asked every week how it went.\n"
    "R: After a year I knew my way about; «ça va», I said.\n"
)
"""With characters beyond the first 65,536, which some tools count as two."""


def guid(name: str) -> str:
    """The same id for the same name."""
    return str(uuid5(NAMESPACE_URL, name))


@dataclass(frozen=True)
class Marked:
    """Words of a text that a user marked with codes."""

    words: str
    codes: Sequence[str]
    user: str = "Rosa"
    comment: str | None = None


@dataclass(frozen=True)
class Tool:
    """How a tool writes its files."""

    origin: str
    count: Callable[[str], int] = len
    line_end: str = "\n"
    bom: bool = False
    folder: str = "sources"
    project: str = "project.qde"
    capitals: bool = False
    end_included: bool = False
    title: Callable[[str], str] = lambda words: ""

    def id(self, name: str) -> str:
        """A guid as the tool writes it."""
        return guid(name).upper() if self.capitals else guid(name)

    def selection(self, text: str, one: Marked) -> str:
        """One ``PlainTextSelection``."""
        before = text[: text.index(one.words)]
        start, end = self.count(before), self.count(before + one.words) - self.end_included
        codings = "".join(self.coding(code, one.user) for code in one.codes)
        comment = "" if one.comment is None else f"<Description>{escape(one.comment)}</Description>"
        return (
            f'<PlainTextSelection guid="{self.id(one.words + one.user)}" name={quoteattr(self.title(one.words))} '
            f'startPosition="{start}" endPosition="{end}" creatingUser="{self.id(one.user)}">'
            f"{comment}{codings}</PlainTextSelection>"
        )

    def coding(self, code: str, user: str) -> str:
        """One ``Coding``."""
        ref = f'<CodeRef targetGUID="{self.id(code)}"/>'
        return f'<Coding guid="{self.id(code + user)}" creatingUser="{self.id(user)}">{ref}</Coding>'


def _utf16(text: str) -> int:
    return len(text.replace("\n", "\r\n").encode("utf-16-le")) // 2


NVIVO = Tool("NVivo for Windows 12.6", _utf16, "\r\n", bom=True, folder="Sources")
ATLAS = Tool(
    "ATLAS.ti Win 24.1.0", len, "\r\n", project="Peers 2024.qde", capitals=True, title=lambda words: words[:20]
)
MAXQDA = Tool("MAXQDA 24 (Release 24.7.0)", capitals=True, title=lambda words: f"0,{len(words)}")
QUALCODER = Tool("QualCoder", bom=True, title=lambda words: words)
TOOLS = {"NVivo": NVIVO, "ATLAS.ti": ATLAS, "MAXQDA": MAXQDA, "QualCoder": QUALCODER}

CODES = {"Role": {"Role clarity": {}, "Support": {}}, "Team": {"Support": {}, "Warmth": {}}}
"""Two codes have one name, in different folders; the second is ``Team/Support`` where it is given."""
MARKED = (
    Marked("Nobody had written down what I was to do.", ["Role clarity"]),
    Marked("Nobody had written down what I was to do.", ["Role clarity", "Support"], user="Ben"),
    Marked("They were kind.", ["Warmth"], comment="The team was friendly."),
    Marked("asked every week how it went", ["Team/Support"]),
    Marked("After a year I knew my way about", ["Role clarity"]),
    Marked("ça va", ["Warmth"], user="Ben"),
)


def codebook_xml(tool: Tool, codes: Mapping[str, Mapping], above: str = "") -> str:
    """Nested ``Code`` elements."""
    made = []
    for name, below in codes.items():
        key = f"{above}/{name}" if (above, name) == ("Team", "Support") else name
        facts = f'guid="{tool.id(key)}" name={quoteattr(name)} isCodable="{"false" if below else "true"}"'
        made.append(
            f"<Code {facts}><Description>What {name} is</Description>{codebook_xml(tool, below, name)}</Code>"
        )
    return "".join(made)


def text_source(tool: Tool, name: str, text: str, marked: Sequence[Marked], more: str = "") -> str:
    """One ``TextSource`` whose text is a part of the archive."""
    selections = "".join(tool.selection(text, one) for one in marked)
    place = f'plainTextPath="internal://{tool.id(name)}.txt" richTextPath="internal://{tool.id(name)}.docx"'
    return f'<TextSource guid="{tool.id(name)}" name={quoteattr(name)} {place}>{selections}{more}</TextSource>'


def project_xml(tool: Tool, sources: str, codes: Mapping[str, Mapping] = CODES, more: str = "") -> str:
    """The project file, its elements in the order of the standard."""
    users = "".join(f'<User guid="{tool.id(name)}" name="{name}"/>' for name in ("Rosa", "Ben"))
    book = f"<CodeBook><Codes>{codebook_xml(tool, codes)}</Codes></CodeBook>"
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<Project {PROJECT} name="Peers" origin="{tool.origin}">'
        f"<Users>{users}</Users>{book}<Sources>{sources}</Sources>{more}</Project>"
    )


def text_bytes(tool: Tool, text: str) -> bytes:
    """A text file as the tool puts it into the archive."""
    return (BOM if tool.bom else b"") + text.replace("\n", tool.line_end).encode()


def archive(path: Path, parts: Mapping[str, str | bytes]) -> Path:
    """A zip archive of parts."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return path


def qdpx(path: Path, tool: Tool, texts: Mapping[str, tuple[str, Sequence[Marked]]], more: str = "") -> Path:
    """A project of texts with what is marked in them."""
    sources = "".join(text_source(tool, name, text, marked) for name, (text, marked) in texts.items())
    parts: dict[str, str | bytes] = {tool.project: project_xml(tool, sources + more)}
    for name, (text, _) in texts.items():
        parts[f"{tool.folder}/{tool.id(name)}.txt"] = text_bytes(tool, text)
        parts[f"{tool.folder}/{tool.id(name)}.docx"] = b"not read"
    return archive(path, parts)


def interview(path: Path, tool: Tool = MAXQDA) -> Path:
    """The interview as two persons coded it."""
    return qdpx(path, tool, {"Interview 1.docx": (INTERVIEW, MARKED)})


TAGUETTE_TABLES = """
CREATE TABLE projects (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, name VARCHAR(200) NOT NULL);
CREATE TABLE documents (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, name VARCHAR(200) NOT NULL,
    description TEXT NOT NULL, filename VARCHAR(200) NOT NULL, project_id INTEGER NOT NULL, contents TEXT NOT NULL);
CREATE TABLE tags (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, project_id INTEGER NOT NULL,
    path VARCHAR(200) NOT NULL, description TEXT NOT NULL);
CREATE TABLE highlights (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, document_id INTEGER NOT NULL,
    start_offset INTEGER NOT NULL, end_offset INTEGER NOT NULL, snippet TEXT NOT NULL);
CREATE TABLE highlight_tags (highlight_id INTEGER NOT NULL, tag_id INTEGER NOT NULL);
"""
"""The columns that matter of Taguette 1.5 (it has more tables: users, members, commands)."""

TAGS = {"role.clarity": "How clear the role is", "warmth": "", "unused": ""}
DOCUMENT = (
    "<h1>Interview &amp; notes</h1>\n<p>R: «Ça va» 😀. <b>Nobody</b> had written<br>down what I was to do.</p>"
    "<ul><li>They were kind.</li></ul>"
)
WORDS = "Interview & notes\nR: «Ça va» 😀. Nobody had writtendown what I was to do.They were kind."
"""The text of ``DOCUMENT`` on which Taguette counts bytes."""
HIGHLIGHTS = (
    ("Nobody had written", "<b>Nobody</b> had written", (1,)),
    ("were kind", "were kind", (1, 2)),
    ("Ça", "Ça", ()),
)


def taguette_project(path: Path, shift: int = 0, projects: int = 1) -> Path:
    """A project as Taguette exports it; with ``shift``, the highlights are not where their words are."""
    with closing(sqlite3.connect(path)) as database:
        database.executescript(TAGUETTE_TABLES)
        database.executemany("INSERT INTO projects (name) VALUES (?)", [("Peers",)] * projects)
        document = ("Interview Á.html", "", "a.html", 1, DOCUMENT)
        insert = "INSERT INTO documents (name, description, filename, project_id, contents) VALUES (?, ?, ?, ?, ?)"
        database.execute(insert, document)
        database.executemany("INSERT INTO tags (project_id, path, description) VALUES (1, ?, ?)", TAGS.items())
        for key, (words, snippet, tags) in enumerate(HIGHLIGHTS, start=1):
            start = len(WORDS[: WORDS.index(words)].encode()) + shift
            row = (key, start, start + len(words.encode()), snippet)
            database.execute("INSERT INTO highlights VALUES (?, 1, ?, ?, ?)", row)
            database.executemany("INSERT INTO highlight_tags VALUES (?, ?)", [(key, tag) for tag in tags])
        database.commit()
    return path


TAGUETTE_ROWS = {
    "highlights": [
        ("id", "document", "tag", "content"),
        ("7", "Interview Á.html", "role.clarity", "Nobody had written"),
        ("9", "Interview Á.html", "role.clarity", "were kind"),
        ("9", "Interview Á.html", "warmth", "were kind"),
        ("2", "Interview B", "warmth", "so warm, a \"welcome\""),
    ],
    "codebook": [
        ("tag", "description", "number of highlights", "number of documents"),
        *((tag, description, 1, 1) for tag, description in TAGS.items()),
    ],
}  # fmt: skip


def taguette_table(path: Path, what: str) -> Path:
    """Highlights or codebook, as CSV or Excel."""
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows(TAGUETTE_ROWS[what])
        return path
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = what
    for row in TAGUETTE_ROWS[what]:
        sheet.append(row)
    book.save(path)
    return path


TAGUETTE_CODEBOOK = (
    '<?xml version="1.0" encoding="utf-8"?>\n'
    '<CodeBook xmlns="urn:QDA-XML:codebook:1.0" origin="Taguette 1.5.2"><Codes>'
    + "".join(f'<Code guid="{guid(tag).upper()}" name="{tag}" isCodable="true"/>' for tag in TAGS)
    + "</Codes><Sets/></CodeBook>"
)
NVIVO_CODEBOOK = (
    '<?xml version="1.0" encoding="UTF-8" standalone="no" ?><CodeBook origin="NVivo 12 For Mac" '
    'xmlns="urn:QDA-XML:codebook:1:0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xsi:schemaLocation="urn:QDA-XML:codebook:1:0 Codebook.xsd">'
    f"<Codes>{codebook_xml(NVIVO, CODES)}</Codes></CodeBook>"
)
