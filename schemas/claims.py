"""Claims: the figures and quantitative statements that a source document prints.

One row is one published figure. Derived statements of ours are not claims.
"""

from __future__ import annotations

import pandera.pandas as pa
from pandera.typing.pandas import Series

from schemas.vocabulary import OUTCOMES

OPERATORS = ("=", "<", ">", "≤", "≥", "direction", "significance")
OUTCOME_PATTERN = "^(" + "|".join(OUTCOMES) + ")"
CLAIM_STATISTICS = ("percent", "count", "mean", "sd", "verdict")


class Claims(pa.DataFrameModel):
    """A study's ``claims.csv``."""

    claim: Series[str] = pa.Field(unique=True, description="claim id")
    document: Series[str] = pa.Field(description="document id")
    locator: Series[str] = pa.Field(str_length={"min_value": 1}, description="slide, page or table")
    statement: Series[str] = pa.Field(str_length={"min_value": 1}, description="what is claimed, in our words")
    statistic: Series[str] = pa.Field(isin=list(CLAIM_STATISTICS), description="what the figure is, as printed")
    operator: Series[str] = pa.Field(isin=list(OPERATORS), description="how the figure binds")
    published: Series[float] = pa.Field(nullable=True, description="the figure as printed")
    value_text: Series[str] = pa.Field(description="the words as printed, where no number is")
    decimals: Series[float] = pa.Field(nullable=True, ge=0, description="decimals printed")
    rounding: Series[str] = pa.Field(description="rounding rule: `unknown` unless the document states one")
    n: Series[float] = pa.Field(nullable=True, ge=0, description="n that the document states")
    estimate_id: Series[str] = pa.Field(description="the estimate that recomputes it; may be empty")
    expected: Series[str] = pa.Field(str_matches=OUTCOME_PATTERN, description="outcome that is expected")
    reason: Series[str] = pa.Field(str_length={"min_value": 1}, description="why that outcome is expected")

    class Config:
        """All columns, in this order, no others."""

        strict = True
        ordered = True
        coerce = True


class ClaimOutcomes(Claims):
    """A claim with what the pipeline made of it (``outputs/release/claims.csv``)."""

    study: Series[str] = pa.Field(description="study id")
    recomputed: Series[float] = pa.Field(nullable=True, description="recomputed, on the printed scale")
    outcome: Series[str] = pa.Field(str_matches=OUTCOME_PATTERN, description="how it came out")
    as_expected: Series[bool] = pa.Field(description="outcome is the expected one")
    note: Series[str] = pa.Field(description="n and rule that work, or why it can't be computed")

    class Config:
        """All columns, in this order, no others."""

        strict = True
        ordered = False
        coerce = True


class Granularity(pa.DataFrameModel):
    """One published figure against arithmetic: with which n, under which rules, is it possible?"""

    claim: Series[str] = pa.Field(unique=True, description="claim id")
    study: Series[str] = pa.Field(description="study id")
    test: Series[str] = pa.Field(description="percent, GRIM, GRIMMER")
    published: Series[float] = pa.Field(description="the figure as printed")
    decimals: Series[float] = pa.Field(ge=0, description="decimals printed")
    n: Series[float] = pa.Field(nullable=True, description="stated n")
    possible_at_n: Series[bool] = pa.Field(description="possible at the stated n under some rule")
    rules_at_n: Series[str] = pa.Field(description="rules under which it is possible at the stated n")
    nearest_n: Series[float] = pa.Field(nullable=True, description="largest n, not above the stated one, that works")
    nearest_rule: Series[str] = pa.Field(description="rule used at the nearest n")
    pairs: Series[str] = pa.Field(description="all pairs of n and rule that work, as `n:rule`, joined by blanks")

    class Config:
        """All columns, in this order, no others."""

        strict = True
        ordered = True
        coerce = True
