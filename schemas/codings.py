"""Which code a coder gave to which passage. The passages are in ``segments.py``, the codes in the codebook."""

from __future__ import annotations

import pandera.polars as pa

from schemas.coding import POLARITIES
from schemas.records import Record


class Codings(Record):
    """One code that one coder gave to one passage."""

    segment: str = pa.Field(description="passage id")
    coder: str = pa.Field(description="coder id, not a name")
    code: str = pa.Field(description="code of the codebook, or `no-code`: read, and none fits")
    polarity: str = pa.Field(isin=list(POLARITIES), description="which way the passage speaks")

    class Config(Record.Config):
        """Key."""

        unique = ["segment", "coder", "code"]  # noqa: RUF012 (pandera reads a list)
