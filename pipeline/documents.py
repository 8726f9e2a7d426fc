"""Finds the texts of source documents, which are not part of the repository, by their checksum.

What is coded in them is checked in ``coding.py``.
"""

from __future__ import annotations

import os
from pathlib import Path

from pipeline.store import sha256
from schemas.documents import Document

DOCUMENTS_VARIABLE = "PEERSCOPE_DOCUMENTS"


def text_of(document: Document, folder: Path) -> str | None:
    """The text of a document, or ``None`` where it is not supplied.

    Looked for in ``documents/`` beside the study file and in the folder that ``PEERSCOPE_DOCUMENTS`` names; a file is
    the document if its checksum is the declared one, whatever its name.
    """
    if not document.sha256:
        return None
    found = next((path for path in _supplied(folder) if sha256(path) == document.sha256), None)
    return found.read_bytes().decode("utf-8") if found else None


def where_looked(folder: Path) -> str:
    """In plain words, where texts were looked for and how many files are there."""
    places = [f"{one} ({_many(one)})" for one in _folders(folder)]
    return "Looked for the declared checksum in " + " and in ".join(places) + "."


def _many(folder: Path) -> str:
    if not folder.is_dir():
        return "no such folder"
    files = sum(path.is_file() for path in folder.iterdir())
    return f"{files} file{'' if files == 1 else 's'}, none of that checksum"


def _folders(folder: Path) -> list[Path]:
    named = os.environ.get(DOCUMENTS_VARIABLE)
    return [folder / "documents", *([Path(named)] if named else [])]


def _supplied(folder: Path) -> list[Path]:
    there = [one for one in _folders(folder) if one.is_dir()]
    return [path for one in there for path in sorted(one.iterdir()) if path.is_file()]
