"""How many people were eligible for a survey, invited to it, and answered it."""

from __future__ import annotations

import pandera.polars as pa
import polars as pl

from schemas.records import Record


class Response(Record):
    """One survey at one service and wave."""

    instrument: str = pa.Field(description="instrument id")
    service: str = pa.Field(description="service id")
    wave: str = pa.Field(description="wave id")
    eligible: int = pa.Field(ge=0, description="persons who could have been invited")
    invited: int = pa.Field(ge=0, description="persons invited")
    answered: int = pa.Field(ge=0, description="persons who answered at least one item")

    class Config(Record.Config):
        """Key."""

        unique = ["instrument", "service", "wave"]  # noqa: RUF012 (pandera reads a list)

    @pa.dataframe_check(error="answered <= invited <= eligible")
    def no_more_answers_than_invitations(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """Nobody answers uninvited or is invited without being eligible."""
        fits = (pl.col("answered") <= pl.col("invited")) & (pl.col("invited") <= pl.col("eligible"))
        return data.lazyframe.select(fits)
