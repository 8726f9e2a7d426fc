"""How many sessions each client had, counted from ``sessions.py`` or supplied as such."""

from __future__ import annotations

import pandera.polars as pa
import polars as pl

from schemas.records import OPTIONAL, Record


class Doses(Record):
    """One client's number of individual sessions."""

    client: str = pa.Field(unique=True, description="pseudonymous client id")
    service: str = pa.Field(description="service id")
    sessions: int = pa.Field(ge=0, description="individual sessions attended")
    from_: pl.Date = pa.Field(alias="from", nullable=True, metadata=OPTIONAL, description="first day counted")
    to: pl.Date = pa.Field(nullable=True, metadata=OPTIONAL, description="last day counted")
