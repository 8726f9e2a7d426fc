"""Individual contacts. Group contacts, whose clients are not named, belong in ``groups.py``."""

from __future__ import annotations

import pandera.polars as pa
import polars as pl

from schemas.records import OPTIONAL, Record
from schemas.vocabulary import ACTIVITIES, MODES


class Sessions(Record):
    """One client at one contact."""

    session: str = pa.Field(description="contact id; unique with client")
    client: str = pa.Field(description="pseudonymous client id")
    service: str = pa.Field(description="service id")
    worker: str = pa.Field(nullable=True, metadata=OPTIONAL, description="pseudonymous peer worker id")
    date: pl.Date = pa.Field(description="day of the contact")
    minutes: int = pa.Field(
        nullable=True,
        metadata=OPTIONAL,
        ge=0,
        le=1440,
        description="minutes without travel; 0 for a no-show",
    )
    mode: str = pa.Field(nullable=True, metadata=OPTIONAL, isin=list(MODES), description="how the contact took place")
    activity: str = pa.Field(
        nullable=True, metadata=OPTIONAL, isin=list(ACTIVITIES), description="what was mainly done"
    )
    attended: bool = pa.Field(description="false for a no-show")

    class Config(Record.Config):
        """Key."""

        unique = ["session", "client"]  # noqa: RUF012 (pandera reads a list)
