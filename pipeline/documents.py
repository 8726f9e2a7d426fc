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
    named = os.environ.get(DOCUMENTS_VARIABLE)
    folders = [folder / "documents", *([Path(named)] if named else [])]
    files = [path for one in folders if one.is_dir() for path in sorted(one.iterdir()) if path.is_file()]
    found = next((path for path in files if sha256(path) == document.sha256), None)
    return found.read_bytes().decode("utf-8") if found else None
