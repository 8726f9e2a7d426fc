"""What is valid row by row and yet can't be right together: told as advice after ``peerscope validate``.

Rules that stop a table belong in the schemas and in ``row_checks.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl

KEYS = ["instrument", "wave", "service"]
MOST_ROWS = 2_000_000
"""Rows of a log up to which contacts are looked at: beyond it this costs more memory than the check itself."""


def implausible(records: Mapping[str, Path]) -> list[str]:
    """Advice in plain words on the records of one study, given by table as Parquet files; counts only."""
    found: list[str] = []
    if {"surveys", "response"} <= set(records):
        found += _response(pl.read_parquet(records["response"]), pl.scan_parquet(records["surveys"]))
    if "sessions" in records:
        found += _contacts(pl.scan_parquet(records["sessions"]))
    return found


def _response(response: pl.DataFrame, surveys: pl.LazyFrame) -> Iterator[str]:
    """Services whose survey file has another number of respondents than are said to have answered."""
    answered = surveys.filter(pl.col("label") != "").group_by(KEYS).agg(pl.struct("respondent", "subject").n_unique())
    counted = answered.rename({"respondent": "there"}).collect()
    for one in response.join(counted, on=KEYS, how="left").sort(KEYS).iter_rows(named=True):
        there = one["there"] or 0
        if there != one["answered"]:
            yield (
                f"response: {one['answered']} answered {one['instrument']} at {one['service']} in {one['wave']}, "
                f"but its survey rows hold answers of {there}"
            )


def _contacts(sessions: pl.LazyFrame) -> Iterator[str]:
    """Contacts of several clients on different days or at different services: they count as one."""
    if sessions.select(pl.len()).collect().item() > MOST_ROWS:
        return
    differ = (pl.col("date").n_unique() > 1) | (pl.col("service").n_unique() > 1)
    contacts = sessions.filter("attended").group_by("session").agg(differ.alias("differ"))
    number = contacts.select(pl.col("differ").sum()).collect().item()
    if number:
        yield (
            f"sessions: {number} contact id(s) stand on several days or at several services and count as one contact "
            "each; if they are contacts of their own, join the id with the day: session: [id, date]"
        )
