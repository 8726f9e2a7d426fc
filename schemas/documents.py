"""The source texts that a study names; the texts themselves are not part of the repository.

Their sections are in ``sections.py``, the coded passages in ``segments.py``.
"""

from __future__ import annotations

import datetime
from typing import Literal

from pydantic import Field, model_validator

from schemas.instrument import Identifier, Strict

DocumentType = Literal[
    "slides",
    "report",
    "paper",
    "web page",
    "news item",
    "interview",
    "diary",
    "notes",
    "comments",
    "composite-vignette",
]
VIGNETTE = "composite-vignette"
"""Put together from several persons: it illustrates and is never counted as evidence."""


class Document(Strict):
    """A source text of known checksum, or a composite vignette in one of its sections."""

    id: Identifier
    title: str
    type: DocumentType
    date: datetime.date | None = Field(default=None, description="empty where the document prints none")
    sha256: str = Field(default="", description="checksum of the text file; empty where the text is not kept")
    publisher: str = ""
    licence: str = ""
    author_role: str = Field(default="", description="who wrote it, by role")
    participants: int | None = Field(default=None, ge=0, description="number of participants that it states")
    part_of: Identifier | None = Field(default=None, description="document that holds a composite vignette")
    section: Identifier | None = Field(default=None, description="its section there")
    pseudonyms: tuple[str, ...] = Field(default=(), description="names in it, all declared as made up")

    @model_validator(mode="after")
    def _vignette_lies_in_a_section(self) -> Document:
        placed = bool(self.part_of and self.section)
        apart = not (self.part_of or self.section or self.pseudonyms)
        if not (placed if self.type == VIGNETTE else apart):
            raise ValueError("a composite-vignette, and nothing else, has part_of, section and pseudonyms")
        return self
