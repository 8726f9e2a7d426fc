"""Claims: the figures and quantitative statements that a source document prints.

One row is one published figure. Derived statements of ours are not claims.
"""

from __future__ import annotations

import pandera.pandas as pa
from pandera.typing.pandas import Series

from schemas.vocabulary import ABOUT, BOUNDS, OUTCOMES

OPERATORS = ("=", *BOUNDS, ABOUT, "direction", "significance")
OUTCOME_PATTERN = "^(" + "|".join(OUTCOMES) + ")"
CLAIM_STATISTICS = ("percent", "count", "mean", "sd", "verdict")
FIGURE_TESTS = ("percent", "GRIM", "GRIMMER", "DEBIT")
SET_TESTS = ("complementary pair", "sum", "sum of part", "table rule")


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
    test: Series[str] = pa.Field(isin=list(FIGURE_TESTS), description="percent, GRIM, GRIMMER, DEBIT")
    published: Series[float] = pa.Field(description="the figure as printed")
    decimals: Series[float] = pa.Field(ge=0, description="decimals printed")
    n: Series[float] = pa.Field(nullable=True, description="stated n; empty where the document states none")
    possible_at_n: Series[bool] = pa.Field(
        description="possible at the stated n (where none is stated: with some n) under some rule"
    )
    rules_at_n: Series[str] = pa.Field(description="rules under which it is possible at the stated n")
    nearest_n: Series[float] = pa.Field(nullable=True, description="largest n, not above the stated one, that works")
    nearest_rule: Series[str] = pa.Field(description="rule used at the nearest n")
    smallest_n: Series[float] = pa.Field(nullable=True, description="smallest n that works")
    smallest_rules: Series[str] = pa.Field(description="rules under which the smallest n works, joined by blanks")
    pairs: Series[str] = pa.Field(
        description="pairs of n and rule that work, as `n:rule`, joined by blanks: all from the stated n down, "
        "or from 1 to 100 (to 1000 with one decimal, and so on) where none is stated"
    )

    class Config:
        """All columns, in this order, no others."""

        strict = True
        ordered = True
        coerce = True


class Consistency(pa.DataFrameModel):
    """Several published figures that must hold together: can they, with which n, under which rules?"""

    set: Series[str] = pa.Field(unique=True, description="id: study, test and what the figures share")
    study: Series[str] = pa.Field(description="study id")
    test: Series[str] = pa.Field(isin=list(SET_TESTS), description=", ".join(SET_TESTS))
    claims: Series[str] = pa.Field(description="claim ids, joined by ` ; `")
    figures: Series[int] = pa.Field(ge=2, description="number of figures")
    n: Series[float] = pa.Field(nullable=True, description="stated n, where it is one for all figures")
    printed_sum: Series[float] = pa.Field(nullable=True, description="sum of the printed percentages of one item")
    possible_sums: Series[str] = pa.Field(description="sums that so many categories can have under each rule")
    possible: Series[bool] = pa.Field(
        description="possible under some one rule, at the stated n (where none is stated: with some n)"
    )
    rules: Series[str] = pa.Field(description="rules under which it is possible so, joined by blanks")
    works_n: Series[float] = pa.Field(
        nullable=True, description="largest n up to the stated one that works; the smallest where none is stated"
    )
    works_rule: Series[str] = pa.Field(description="rule used at that n; of a table, the rule that asks least")
    departures: Series[str] = pa.Field(
        description="table rule: fewest figures that need another n, as `claim: n`, joined by ` ; ` "
        "(`none` where no n works)"
    )
    note: Series[str] = pa.Field(description="the result in words")

    class Config:
        """All columns, in this order, no others."""

        strict = True
        ordered = True
        coerce = True
