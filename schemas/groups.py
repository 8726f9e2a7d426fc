"""Group contacts whose clients are not named. Individual contacts belong in ``sessions.py``."""

from __future__ import annotations

import pandera.polars as pa
import polars as pl

from schemas.records import Record


class Groups(Record):
    """One group contact."""

    group_session: str = pa.Field(unique=True, description="group contact id")
    service: str = pa.Field(description="service id")
    worker: str = pa.Field(description="pseudonymous peer worker id")
    date: pl.Date = pa.Field(description="day of the contact")
    minutes: int = pa.Field(ge=0, le=1440, description="length in minutes")
    activity: str = pa.Field(description="kind of group")
    participants: int = pa.Field(ge=0, le=500, description="clients who took part")
