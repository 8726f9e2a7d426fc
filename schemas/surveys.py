"""Survey answers, long. The wide exports they come from are turned in ``pipeline.ingest``."""

from __future__ import annotations

import pandera.polars as pa
import polars as pl

from schemas.records import Record


class Surveys(Record):
    """One answer of one respondent (about one subject) to one item at one wave.

    ``response`` is the ordered code of the scale; it is empty for an answer off the scale (not applicable,
    don't know: the label says which) and for an item that was asked and not answered (empty label).
    """

    respondent: str = pa.Field(description="pseudonymous respondent id, prefixed by wave unless linked")
    subject: str = pa.Field(description="whom the answer is about; the respondent where it is themselves")
    wave: str = pa.Field(description="wave id")
    service: str = pa.Field(description="service id or `unknown`")
    instrument: str = pa.Field(description="instrument id")
    item: str = pa.Field(description="item id")
    response: pl.Int64 = pa.Field(nullable=True, description="ordered code")
    label: str = pa.Field(description="id of the answer; empty where not answered")
    data_status: str = pa.Field(description="observed, reconstructed or demonstration")

    class Config(Record.Config):
        """Key."""

        unique = ["respondent", "subject", "instrument", "wave", "item"]  # noqa: RUF012 (pandera reads a list)
