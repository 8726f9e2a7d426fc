"""Which estimates from reconstructed rows are the same in every data set that meets the published figures?

An estimate that differs between reconstructions says something about how the rows were made up, not about the
service. This module compares; the independent reconstructions are drawn in ``reconstruct.py`` and
``reconstruct_doses.py``, and the estimates are recomputed on them by the methods themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np
import pandas as pd

from pipeline.methods.granularity import figures
from pipeline.methods.rounding import unit
from schemas.vocabulary import REASONS

FEWEST_REDRAWS = 20
SHARE_PRECISION = 0.01
"""Width of whole-percent rounding (0.005 to either side): the default for a share without a printed figure,
such as the complement of printed ones."""

_COMPARED = ("value", "low", "high", "p")
_COUNTS = ("n", "n_reference", "events", "missing")
_TESTED = ("se", "p", "p_adjusted")
_NUMBERS = (*_COMPARED, *_COUNTS, "se", "p_adjusted")
Draws = dict[str, np.ndarray]


def identify(
    estimates: pd.DataFrame,
    redraws: Sequence[pd.DataFrame],
    precision: Mapping[str, float] | None = None,
    tolerance: float = 1e-9,
) -> pd.DataFrame:
    """Set ``identified`` of each reconstructed estimate by comparing it with the same estimate in each redraw.

    ``estimates`` and each of the ``redraws`` (20 or more) have the columns of ``schemas.estimates.Estimates``.

    * ``exact``: value, low, high and p are equal (within ``tolerance``) in all of them.
    * ``to_rounding``: p is equal, and the value varies by no more than ``precision[estimate_id]`` (see
      ``precision``; by default 0.01 for a share and nothing for any other statistic). low and high become the
      outermost limits over all of them and se the largest.
    * ``no``: anything else, also an estimate that some redraw lacks or has no value for. The row keeps its keys;
      value, se, p, level and whatever counts vary are blank, low and high are the range of the value over all
      reconstructions (the given one included), and the reason is ``not identified``.

    Rows that are not reconstructed, and rows without a number in any reconstruction, stay as they are. An
    adjusted p that varies is blanked wherever it stands. Redraws can show that an estimate varies; that it does
    not is shown only as far as the redraws reach every kind of data set that meets the figures.

    Raises
    ------
    ValueError
        With fewer than 20 redraws, if any row is reconstructed.
    """
    rebuilt = (estimates["data_status"] == "reconstructed").to_numpy()
    if rebuilt.any() and len(redraws) < FEWEST_REDRAWS:
        raise ValueError(f"identification needs {FEWEST_REDRAWS} redraws or more, not {len(redraws)}")
    if not rebuilt.any():
        return estimates.copy()
    draws = _aligned(estimates, redraws)
    empty = np.isnan(np.stack([draws[name] for name in ("value", "low", "high")])).all(axis=(0, 1))
    exact = _exact(draws, tolerance)
    rounding = ~exact & _to_rounding(draws, _widths(estimates, precision or {}), tolerance)
    judged = rebuilt & ~empty
    result = estimates.reset_index(drop=True)
    result.loc[judged & exact, "identified"] = "exact"
    _widen(result, judged & rounding, draws, len(redraws) + 1)
    _withhold(result, judged & ~exact & ~rounding, draws, len(redraws) + 1)
    result.loc[judged & ~_equal(draws["p_adjusted"], tolerance), "p_adjusted"] = np.nan
    return result.set_index(estimates.index)


def precision(claims: pd.DataFrame) -> dict[str, float]:
    """Width of the rounding of each printed percentage, mean and SD, by ``estimate_id``, on its scale.

    One unit of the last decimal printed where the document states its rounding rule. Otherwise one and a half:
    numbers that print alike under any of half-up, half-even and truncation lie up to that far apart.
    """
    found: dict[str, float] = {}
    ids = dict(zip(claims["claim"], claims["estimate_id"], strict=True))
    for one in figures(claims, ["percent", "mean", "sd"]):
        scale = 100 if one.statistic == "percent" else 1
        slack = Fraction(3, 2) if len(one.rules) > 1 else 1
        if ids[one.claim]:
            found[ids[one.claim]] = float(unit(one.decimals) * slack / scale)
    return found


def _aligned(estimates: pd.DataFrame, redraws: Sequence[pd.DataFrame]) -> Draws:
    """Each number as an array, reconstructions (the given one first) by estimates."""
    ids = estimates["estimate_id"]
    tables = [frame.set_index("estimate_id").reindex(ids) for frame in (estimates, *redraws)]
    return {name: np.stack([table[name].to_numpy(dtype=float) for table in tables]) for name in _NUMBERS}


def _equal(numbers: np.ndarray, tolerance: float) -> np.ndarray:
    """Columns that hold the same number, or none, in every row."""
    close = np.isclose(numbers, numbers[0], rtol=0, atol=tolerance, equal_nan=True)
    return np.asarray(close.all(axis=0))


def _exact(draws: Draws, tolerance: float) -> np.ndarray:
    return np.all([_equal(draws[name], tolerance) for name in _COMPARED], axis=0)


def _to_rounding(draws: Draws, widths: np.ndarray, tolerance: float) -> np.ndarray:
    low, high = _range(draws["value"])
    complete = ~np.isnan(draws["value"]).any(axis=0)
    intervals = [np.isnan(draws[end]).all(axis=0) | ~np.isnan(draws[end]).any(axis=0) for end in ("low", "high")]
    within = (widths > 0) & (high - low <= widths + tolerance)
    return np.asarray(complete & intervals[0] & intervals[1] & within & _equal(draws["p"], tolerance))


def _widths(estimates: pd.DataFrame, given: Mapping[str, float]) -> np.ndarray:
    default = np.where(estimates["statistic"] == "share", SHARE_PRECISION, 0.0)
    return (
        estimates["estimate_id"].map(dict(given)).astype(float).fillna(pd.Series(default, estimates.index)).to_numpy()
    )


def _range(*numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Smallest and largest number of each column; NaN where it has none."""
    stacked = np.concatenate(numbers)
    none = np.isnan(stacked).all(axis=0)
    low, high = np.fmin.reduce(stacked), np.fmax.reduce(stacked)
    return np.where(none, np.nan, low), np.where(none, np.nan, high)


def _widen(result: pd.DataFrame, rows: np.ndarray, draws: Draws, number: int) -> None:
    result.loc[rows, "identified"] = "to_rounding"
    result.loc[rows, "low"] = _range(draws["low"])[0][rows]
    result.loc[rows, "high"] = _range(draws["high"])[1][rows]
    result.loc[rows, "se"] = _range(draws["se"])[1][rows]
    limits = rows & result["low"].notna().to_numpy()
    result.loc[limits, "method"] += f"; outermost limits over {number} reconstructions"


def _withhold(result: pd.DataFrame, rows: np.ndarray, draws: Draws, number: int) -> None:
    """Blank what varies, and put the range in its place (of the limits, where the row has no value at all)."""
    low, high = _range(draws["value"])
    limits = _range(draws["low"], draws["high"])
    result.loc[rows, "low"] = np.where(np.isnan(low), limits[0], low)[rows]
    result.loc[rows, "high"] = np.where(np.isnan(high), limits[1], high)[rows]
    result.loc[rows, ["value", "level", *_TESTED]] = np.nan
    for name in _COUNTS:
        result.loc[rows & ~_equal(draws[name], 0), name] = np.nan
    result.loc[rows, "identified"] = "no"
    result.loc[rows, "reason"] = REASONS["not_identified"]
    result.loc[rows, "method"] += f"; range over {number} reconstructions"
