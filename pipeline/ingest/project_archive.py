"""Opens the archives and XML of project files without harm: nothing unpacked to disk, nothing expanded beyond a size.

What the XML means belongs in ``refi_qda.py``.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.problems import ProblemsFoundError, file_problem

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MOST = 256 << 20
"""Bytes that may be read from one archive, unpacked. Recordings and pictures are not read and do not count."""


def refused(path: Path, rule: str, remedy: str) -> ProblemsFoundError:
    """One problem of the whole file, to be raised."""
    return ProblemsFoundError([file_problem(path, rule, remedy)])


class ProjectArchive:
    """The parts of a zip archive, by name; at most ``MOST`` bytes of them.

    Raises
    ------
    ProblemsFoundError
        When the file is no zip archive, a part is damaged or encrypted, or more would be unpacked than ``MOST``.
    """

    def __init__(self, path: Path):
        self.path = path
        self._left = MOST
        try:
            self._archive = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, NotImplementedError) as error:
            remedy = "Export the project again; don't change the file's ending by hand."
            raise refused(path, "not a project file: it is no zip archive, or a damaged one", remedy) from error
        self._parts = self._archive.infolist()

    def __enter__(self) -> ProjectArchive:
        return self

    def __exit__(self, *_: object) -> None:
        self._archive.close()

    def names(self) -> list[str]:
        """Names of all parts."""
        return [one.filename for one in self._parts]

    def named(self, name: str) -> str | None:
        """The part that has this file name, in whatever folder and in capital or small letters."""
        wanted = _last(name)
        return next((one for one in self.names() if _last(one) == wanted), None)

    def read(self, name: str) -> bytes:
        """The bytes of one part."""
        size = self._archive.getinfo(name).file_size
        if size > self._left:
            rule = f"more than {MOST >> 20} MiB of text when unpacked"
            raise refused(self.path, rule, "Export fewer documents at a time.")
        self._left -= size
        try:
            with self._archive.open(name) as part:
                return part.read(size)  # never more, whatever the packed part would expand to
        except Exception as error:  # of zipfile, zlib and lzma: they have no other ancestor in common
            rule = "a part of the archive is damaged or encrypted"
            raise refused(self.path, rule, "Export it again, with no password.") from error


def _last(name: str) -> str:
    return name.replace("\\", "/").rsplit("/", 1)[-1].casefold()


def parse(path: Path, content: bytes, root: str) -> Element:
    """The root element of an XML text, which has to be called ``root`` in whatever namespace.

    Raises
    ------
    ProblemsFoundError
        When it is no XML, has another root, or declares a document type: entities could expand without end or
        name other files, and no tool for coding texts writes them.
    """
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        found: Element = fromstring(content, forbid_dtd=True)
    except DefusedXmlException as error:
        rule = "the XML declares a document type or entities, which is not safe to read"
        raise refused(path, rule, "Export it again from the tool itself.") from error
    except (ParseError, ValueError, LookupError) as error:
        line = error.position[0] if isinstance(error, ParseError) else None
        rule = "not readable as XML" + (f" (line {line} of it)" if line else "")
        raise refused(path, rule, "Export it again.") from error
    if local(found) != root:
        rule = f"the XML is about something else: its first element is not {root}"
        raise refused(path, rule, "Export a REFI-QDA project (.qdpx) or codebook (.qdc).")
    return found


def local(element: Element) -> str:
    """The name of an element without its namespace: tools write that of several drafts of the standard."""
    return str(element.tag).rsplit("}", 1)[-1]


def children(element: Element | None, *names: str) -> list[Element]:
    """The elements of these names right below, or all."""
    return [] if element is None else [one for one in element if not names or local(one) in names]


def child(element: Element | None, name: str) -> Element | None:
    """The first element of this name right below."""
    return next(iter(children(element, name)), None)


def text_in(element: Element | None, name: str) -> str | None:
    """The text of the first element of this name right below, without space around it; ``None`` if empty."""
    found = child(element, name)
    return ((found.text or "").strip() or None) if found is not None else None
