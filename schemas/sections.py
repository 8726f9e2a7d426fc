"""Sections of a source document: together they are the whole text. What they say is in ``segments.py``."""

from __future__ import annotations

import pandera.polars as pa

from schemas.records import OPTIONAL, Record


class Sections(Record):
    """One section of one document; it has segments, or a reason why it has none."""

    document: str = pa.Field(description="document id")
    section: str = pa.Field(description="section id; unique in its document")
    title: str = pa.Field(description="short label")
    start: int = pa.Field(
        nullable=True, metadata=OPTIONAL, ge=0, description="offset of its first character; empty without a text"
    )
    end: int = pa.Field(nullable=True, metadata=OPTIONAL, ge=1, description="offset after its last character")
    not_coded: str = pa.Field(
        nullable=True, metadata=OPTIONAL, description="why it has no segments; empty where it has some"
    )

    class Config(Record.Config):
        """Key."""

        unique = ["document", "section"]  # noqa: RUF012 (pandera reads a list)
