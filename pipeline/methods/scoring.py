"""Scores of single respondents: sums and means of their answers, as the instrument file declares them.

Describing the scores of many respondents belongs in ``scores``; what a valid score is, in ``schemas.instrument``.
"""

from __future__ import annotations

import polars as pl

from pipeline.methods.answers import WHO, on_scale
from schemas.instrument import TOLERANCE, Instrument, Score

UNIT = (*WHO, "wave", "service")


def scored(surveys: pl.DataFrame, instrument: Instrument) -> pl.DataFrame:
    """One row per respondent, subject, wave, service and score of ``instrument``.

    Columns: ``UNIT``, score (its id), value (empty where too few items were answered), answered (how many of the
    score's items were), applicable (how many of them apply to the respondent), points (the codes answered, each less
    the lowest code of the scale, added up), band (id; empty text without a value or without bands). A reverse item
    counts as the lowest plus the highest code of the scale less its code. Answers off the scale (not applicable,
    don't know) count as not answered, but for those that the score's ``does_not_apply`` names: their items are not
    the respondent's, and the mean is over the others. Where ``missing: prorate`` is declared an unanswered item
    counts as the mean of the respondent's answered ones (person mean; Downey and King 1998); else every item that
    applies must be answered. Sorted by these columns, scores as declared.

    Parameters
    ----------
    surveys
        Rows of ``schemas.surveys``, where a respondent has one row an item and wave; other instruments' rows are
        passed over.
    """
    sizes = [(score.id, len(instrument.items_of(score))) for score in instrument.scoring]
    order = pl.DataFrame(sizes, schema={"score": pl.String, "items": pl.Int64}, orient="row")
    rows = surveys.filter(pl.col("instrument") == instrument.instrument)
    every = rows.select(UNIT).unique().join(order.with_row_index("place"), how="cross")
    for counted in (_sums(rows, instrument), _left_out(rows, instrument)):
        every = every.join(counted, on=[*UNIT, "score"], how="left")
    lowest = min(option.code for option in instrument.options)
    found = every.with_columns(
        pl.col("answered").fill_null(0).cast(pl.Int64),
        applicable=pl.col("items") - pl.col("left_out").fill_null(0).cast(pl.Int64),
    )
    found = found.with_columns(
        points=(pl.col("total") - lowest * pl.col("answered")).fill_null(0),
        value=_values(instrument),
    )
    found = found.sort("wave", "service", *WHO, "place")
    return found.select(*UNIT, "score", "value", "answered", "applicable", "points", band=_bands(instrument))


def _sums(rows: pl.DataFrame, instrument: Instrument) -> pl.DataFrame:
    """Sum of the codes, reverse items turned round, and number of the answered items of each score."""
    reverse = pl.col("item").is_in([item.id for item in instrument.items if item.reverse])
    code = pl.when(reverse).then(instrument.turn() - pl.col("response")).otherwise(pl.col("response"))
    answers = rows.filter(on_scale(instrument)).select(*UNIT, "item", code=code)
    by_score = answers.join(_parts(instrument), on="item").group_by(*UNIT, "score")
    return by_score.agg(total=pl.col("code").sum(), answered=pl.len())


def _left_out(rows: pl.DataFrame, instrument: Instrument) -> pl.DataFrame:
    """Number of the items of each score that an answer off the scale takes out of the respondent's score."""
    pairs = [(score.id, label) for score in instrument.scoring for label in score.does_not_apply]
    named = pl.DataFrame(pairs, schema={"score": pl.String, "label": pl.String}, orient="row")
    off = rows.filter(pl.col("response").is_null()).select(*UNIT, "item", "label")
    by_score = off.join(_parts(instrument), on="item").join(named, on=["score", "label"])
    return by_score.group_by(*UNIT, "score").agg(left_out=pl.len())


def _parts(instrument: Instrument) -> pl.DataFrame:
    """Which item belongs to which score."""
    pairs = [(score.id, item) for score in instrument.scoring for item in instrument.items_of(score)]
    return pl.DataFrame(pairs, schema={"score": pl.String, "item": pl.String}, orient="row")


def _values(instrument: Instrument) -> pl.Expr:
    each = [pl.when(_enough(instrument, s)).then(_value(instrument, s)) for s in instrument.scoring]
    return pl.coalesce([*each, pl.lit(None, dtype=pl.Float64)])


def _enough(instrument: Instrument, score: Score) -> pl.Expr:
    enough = (pl.col("score") == score.id) & (pl.col("answered") >= instrument.needed(score))
    return enough if score.missing == "prorate" else enough & (pl.col("answered") == pl.col("applicable"))


def _value(instrument: Instrument, score: Score) -> pl.Expr:
    total = pl.col("total")
    if score.convert:
        return total.replace_strict(score.convert, default=None, return_dtype=pl.Float64)
    shares = len(instrument.items_of(score)) if score.method == "sum" else 1
    return total * shares * score.multiply / pl.col("answered")


def _bands(instrument: Instrument) -> pl.Expr:
    """The highest band whose low end the value reaches."""
    ends = [(s.id, band) for s in instrument.scoring for band in sorted(s.bands, key=lambda one: -one.low)]
    each = [
        pl.when((pl.col("score") == score) & (pl.col("value") >= band.low - TOLERANCE)).then(pl.lit(band.id))
        for score, band in ends
    ]
    return pl.coalesce([*each, pl.lit("")])
