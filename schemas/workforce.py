"""Post holders. Counts of posts at a date belong in ``headcount.py``."""

from __future__ import annotations

import pandera.polars as pa
import polars as pl

from schemas.records import OPTIONAL, Record


class Workforce(Record):
    """One post holder."""

    worker: str = pa.Field(unique=True, description="pseudonymous worker id")
    service: str = pa.Field(description="service id")
    role: str = pa.Field(description="role")
    start: pl.Date = pa.Field(description="first day in post")
    end: pl.Date = pa.Field(nullable=True, description="last day in post; empty while in post")
    end_reason: str = pa.Field(nullable=True, description="why the post ended")
    fte: float = pa.Field(gt=0, le=1, description="full-time equivalent")
    mentor: bool = pa.Field(description="has a practice mentor")
    trained: bool = pa.Field(description="completed peer-support training")
    absence_days: int = pa.Field(ge=0, description="days of sickness absence in the period")
    selection_score: float = pa.Field(
        nullable=True, metadata=OPTIONAL, description="score when selected for the post, on the service's own scale"
    )

    @pa.dataframe_check(error="start <= end")
    def starts_before_it_ends(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """A post can't end before it starts."""
        return data.lazyframe.select(pl.col("end").is_null() | (pl.col("start") <= pl.col("end")))
