"""The codebook that all studies are coded with: ``raw/_shared/codebook.csv``."""

from __future__ import annotations

import pandera.polars as pa

from schemas.coding import THEMES
from schemas.records import Record


class Codebook(Record):
    """One code."""

    code: str = pa.Field(unique=True, description="code id")
    version: int = pa.Field(ge=1, description="version of its definition; raised when the definition changes")
    theme: str = pa.Field(isin=list(THEMES), description="kind of code")
    parent: str = pa.Field(nullable=True, description="broader code, if there is one")
    label: str = pa.Field(description="what it is called in reports")
    definition: str = pa.Field(description="what it means")
    when_to_use: str = pa.Field(description="what to code with it")
    when_not_to_use: str = pa.Field(nullable=True, description="what to code otherwise, and how")
