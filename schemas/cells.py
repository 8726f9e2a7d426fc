"""The counts and sums underneath the estimates, and how they hang together.

Cells are what the disclosure gate protects. Numbers derived from them are in ``estimates.py``.
"""

from __future__ import annotations

import pandera.pandas as pa
from pandera.typing.pandas import Series

HIDDEN = "hidden"
QUANTITIES = ("count", "sum", HIDDEN)


class Cells(pa.DataFrameModel):
    """One count of units, or one sum over units."""

    cell_id: Series[str] = pa.Field(unique=True, description="readable join of the keys")
    study: Series[str] = pa.Field(description="study id")
    service: Series[str] = pa.Field(description="service id or `all`")
    population: Series[str] = pa.Field(description="who is counted")
    instrument: Series[str] = pa.Field(description="instrument id, where a survey answers")
    item: Series[str] = pa.Field(description="item, or the measured quantity")
    category: Series[str] = pa.Field(description="answer; `answered`, `missing`, `asked` for the margins")
    group: Series[str] = pa.Field(description="subgroup; empty for everyone")
    wave: Series[str] = pa.Field(description="wave id")
    quantity: Series[str] = pa.Field(
        isin=list(QUANTITIES),
        description="count, sum, or hidden: a count that no estimate shows and that ties others together",
    )
    value: Series[float] = pa.Field(description="the count or the sum")
    unit: Series[str] = pa.Field(description="unit of observation: respondent, client, session, post, minute")
    contributors: Series[float] = pa.Field(ge=0, description="persons behind the value")
    largest: Series[float] = pa.Field(
        nullable=True, description="largest single person's part of a sum (dominance); empty for counts"
    )

    class Config:
        """All columns, in this order, no others."""

        strict = True
        ordered = True
        coerce = True


class Links(pa.DataFrameModel):
    """Which cells an estimate was computed from."""

    estimate_id: Series[str] = pa.Field(description="the estimate")
    cell_id: Series[str] = pa.Field(description="a cell it was computed from")
    role: Series[str] = pa.Field(
        isin=["numerator", "denominator", "input"],
        description="numerator and denominator of a share; `input` for anything else",
    )

    class Config:
        """All columns, in this order, no others."""

        strict = True
        ordered = True
        coerce = True
        unique = ["estimate_id", "cell_id", "role"]  # noqa: RUF012 (pandera reads a list)


class Relations(pa.DataFrameModel):
    """Declared sums: the cell `total` is the sum of all `part` cells of one `relation`."""

    relation: Series[str] = pa.Field(description="readable id of the sum: total's id and the dimension")
    total: Series[str] = pa.Field(description="cell_id of the total")
    part: Series[str] = pa.Field(description="cell_id of one part")

    class Config:
        """All columns, in this order, no others."""

        strict = True
        ordered = True
        coerce = True
        unique = ["relation", "part"]  # noqa: RUF012 (pandera reads a list)
