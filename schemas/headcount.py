"""Posts filled at a date. Single post holders belong in ``workforce.py``."""

from __future__ import annotations

import pandera.polars as pa
import polars as pl

from schemas.records import Record


class Headcount(Record):
    """One service at one date."""

    service: str = pa.Field(description="service id")
    date: pl.Date = pa.Field(description="day counted")
    posts: int = pa.Field(ge=0, description="posts filled")

    class Config(Record.Config):
        """Key."""

        unique = ["service", "date"]  # noqa: RUF012 (pandera reads a list)
