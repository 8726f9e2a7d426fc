"""Passages of source documents, summed up in our own words. Which codes they carry belongs in ``codings.py``."""

from __future__ import annotations

import pandera.polars as pa

from schemas.coding import BASES
from schemas.records import OPTIONAL, Record


class Segments(Record):
    """One coded passage of one document."""

    document: str = pa.Field(description="document id")
    segment: str = pa.Field(unique=True, description="passage id; unique in the study")
    section: str = pa.Field(description="section that it lies in")
    start: int = pa.Field(
        nullable=True, metadata=OPTIONAL, ge=0, description="offset of its first character; empty without a text"
    )
    end: int = pa.Field(nullable=True, metadata=OPTIONAL, ge=1, description="offset after its last character")
    summary: str = pa.Field(description="what it says, in our own words")
    basis: str = pa.Field(isin=list(BASES), description="what it rests on")
    respondent_group: str = pa.Field(description="who speaks or is reported; several joined by `;`")
    service: str = pa.Field(description="service id, or `unattributed`")
    quantifier: str = pa.Field(
        nullable=True, metadata=OPTIONAL, description="the printed quantifier, if there is one"
    )
    figures: bool = pa.Field(
        default=False, description="does it tell printed figures in words? Then it is no second witness beside them"
    )
    releasable: bool = pa.Field(description="may its summary leave the restricted zone?")
