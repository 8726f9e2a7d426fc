"""What all record schemas share: how a column is declared valid, with what a person should do if it is not.

The tables themselves are in ``sessions.py``, ``groups.py``, ``doses.py``, ``surveys.py``, ...
"""

from __future__ import annotations

import pandera.polars as pa

OPTIONAL = {"optional": True}
"""Metadata of a column that not every service records: a file may lack it, and its cells may be empty."""


class Record(pa.DataFrameModel):
    """Rows about people, contacts or posts: all columns, no others, in this order."""

    class Config:
        """Shared by all record tables."""

        strict = True
        ordered = True
