"""The one table of numbers: every estimate of every method, long, one number a row.

Its counts are in ``cells.py``; words (verdicts, judgements) belong in ``findings.py``.
"""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa
from pandera.typing.pandas import Series

from schemas.vocabulary import DATA_STATUSES, ESTIMATE_KEYS, IDENTIFIED, STATISTICS

_HEAD = ("study", "service", "statistic")  # what an id begins with, without the names of the keys


class Estimates(pa.DataFrameModel):
    """One number about one group, with what is needed to trace, print and audit it."""

    estimate_id: Series[str] = pa.Field(unique=True, description="readable join of the keys")
    study: Series[str] = pa.Field(description="study id")
    service: Series[str] = pa.Field(description="service id; `all` for pooled rows")
    population: Series[str] = pa.Field(description="who is counted: clients, staff, peer workers, sessions")
    instrument: Series[str] = pa.Field(description="instrument id, where a survey answers")
    item: Series[str] = pa.Field(description="item of the instrument, or the measured quantity")
    category: Series[str] = pa.Field(description="answer or class counted")
    group: Series[str] = pa.Field(description="subgroup of the population; empty for everyone")
    wave: Series[str] = pa.Field(description="wave id")
    contrast: Series[str] = pa.Field(description="what is compared: waves, services")
    model: Series[str] = pa.Field(description="statistical model, where one was fitted")
    term: Series[str] = pa.Field(description="term of the model, or the second item of a pair")
    reference: Series[str] = pa.Field(description="what the contrast or term is compared with")
    at: Series[str] = pa.Field(description="point at which a curve, power or quantile is read")
    statistic: Series[str] = pa.Field(isin=list(STATISTICS), description="closed list, see vocabulary")
    denominator: Series[str] = pa.Field(description="asked, answered, ...; empty where none applies")
    value: Series[float] = pa.Field(nullable=True, description="the number; empty where `reason` says why")
    se: Series[float] = pa.Field(nullable=True, description="standard error")
    low: Series[float] = pa.Field(nullable=True, description="lower end of the interval, or of the range")
    high: Series[float] = pa.Field(nullable=True, description="upper end of the interval, or of the range")
    level: Series[float] = pa.Field(nullable=True, gt=0, lt=1, description="confidence level of the interval")
    n: Series[float] = pa.Field(nullable=True, ge=0, description="units in the denominator")
    n_reference: Series[float] = pa.Field(nullable=True, ge=0, description="units in the reference")
    events: Series[float] = pa.Field(nullable=True, description="units counted in the numerator")
    missing: Series[float] = pa.Field(nullable=True, ge=0, description="units asked that did not answer")
    p: Series[float] = pa.Field(nullable=True, ge=0, le=1, description="p-value, two-sided")
    p_adjusted: Series[float] = pa.Field(
        nullable=True, ge=0, le=1, description="p, adjusted within `family`; `method` says how"
    )
    family: Series[str] = pa.Field(description="family of tests within which p is adjusted")
    unit: Series[str] = pa.Field(description="proportion, sessions, persons, days, ...")
    scale: Series[str] = pa.Field(description="natural, logit, log, ...")
    method: Series[str] = pa.Field(description="method with author and year")
    data_status: Series[str] = pa.Field(isin=list(DATA_STATUSES), description="see vocabulary")
    identified: Series[str] = pa.Field(isin=list(IDENTIFIED), description="see vocabulary")
    reason: Series[str] = pa.Field(description="why there is no value, or what to bear in mind")
    suppressed: Series[bool] = pa.Field(description="withheld by the disclosure gate")
    produced_by: Series[str] = pa.Field(description="asset that produced the row")

    class Config:
        """All columns, in this order, no others."""

        strict = True
        ordered = True
        coerce = True

    @pa.dataframe_check(error="estimate_id is not the join of the keys")
    def id_is_the_join_of_the_keys(cls, frame: pd.DataFrame) -> pd.Series:
        """Each id can be parsed back into the row's keys."""
        return (frame["estimate_id"] == _ids(frame)) & _can_be_parsed(frame)

    @pa.dataframe_check(error="a row without a value needs a reason")
    def no_value_has_a_reason(cls, frame: pd.DataFrame) -> pd.Series:
        """What can't be had says why; a row of limits has `low` and `high` only."""
        limits = frame["low"].notna() & frame["high"].notna()
        return frame["value"].notna() | (frame["reason"] != "") | limits

    @pa.dataframe_check(error="the interval does not hold the value")
    def interval_holds_the_value(cls, frame: pd.DataFrame) -> pd.Series:
        """`low <= value <= high` wherever all three are there."""
        tiny = 1e-9
        low_fits = frame["low"].isna() | frame["value"].isna() | (frame["low"] <= frame["value"] + tiny)
        high_fits = frame["high"].isna() | frame["value"].isna() | (frame["high"] >= frame["value"] - tiny)
        return low_fits & high_fits


def _ids(frame: pd.DataFrame) -> pd.Series:
    """``vocabulary.estimate_id`` of every row, a column at a time: row by row takes seconds in a large study."""
    ids = frame["study"] + "/" + frame["service"] + "/" + frame["statistic"]
    for key in (one for one in ESTIMATE_KEYS if one not in _HEAD):
        given = frame[key] != ""
        if given.any():
            ids = ids + (f"/{key}=" + frame[key]).where(given, "")
    return ids


def _can_be_parsed(frame: pd.DataFrame) -> pd.Series:
    """Study, service and statistic are there, and no key holds what separates the keys of an id."""
    whole = (frame[list(_HEAD)] != "").all(axis=1)
    for key in ESTIMATE_KEYS:
        whole &= ~frame[key].str.contains("[/=]")
    return whole
