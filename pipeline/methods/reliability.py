"""Internal consistency of the scales of an instrument: Cronbach's alpha and the correlations of all items.

What single items do to a scale, omega, and the error of a score are in ``scale_items``; agreement of raters in
``agreement``.
"""

from __future__ import annotations

from itertools import combinations
from math import atanh, sqrt, tanh
from typing import Any

import numpy as np
import polars as pl

from pipeline.methods.answers import ANSWERED, Answers
from pipeline.methods.complete_answers import Complete, complete_answers, item_codes
from pipeline.methods.proportions import normal_quantile
from pipeline.methods.results import Context, Ledger, Results
from schemas.instrument import Instrument
from schemas.vocabulary import ALL, REASONS

Array = np.ndarray[Any, np.dtype[Any]]

ALPHA_METHOD = "Cronbach (1951), interval of Feldt (1965), complete cases"
CORRELATION_METHOD = "Spearman (1904), interval of Bonett and Wright (2000), pairs of complete answers"
FEWEST_PAIRS = 4


def alpha(surveys: pl.DataFrame, instrument: Instrument, context: Context) -> Results:
    """Cronbach's alpha at each wave, over respondents who answered every item (service `all`).

    Of all items together (``item`` empty) and of each subscale or score that is made of other items (``item``: its
    id). Reverse items are turned round. Interval: Feldt (1965). ``n`` are the complete cases, ``missing`` the
    others. No value with one item (`too few items`), fewer than three complete cases (`too few rows`), or where the
    sum score doesn't vary (`no variation`). Without any row of the instrument there is one row a scale, `no rows`,
    without a wave.
    """
    ledger = Ledger(context)
    answers, scales = complete_answers(surveys, instrument, ledger)
    for one in scales:
        _write_alpha(answers, one)
    return ledger.results()


def correlations(surveys: pl.DataFrame, instrument: Instrument, context: Context) -> Results:
    """Spearman's correlation of every pair of items at each wave (service `all`; ``item`` and ``term``).

    Over respondents who answered both, ties by mid-ranks, reverse items turned round; interval by Bonett & Wright
    (2000), p from the t distribution. No value with fewer than four pairs (`too few rows`) or where an item doesn't
    vary (`no variation`).
    """
    ledger = Ledger(context)
    answers = Answers.of(surveys, instrument, ledger)
    for wave in answers.waves():
        answers.declare(wave)
        scores = item_codes(surveys, instrument, wave)
        for one, other in combinations(range(len(instrument.items)), 2):
            _write_correlation(ledger, answers, wave, (one, other), scores[:, [one, other]])
    return ledger.results()


def cronbach(scores: Array) -> float | None:
    """Alpha of complete scores, one row a respondent; ``None`` where the sum score doesn't vary (Cronbach 1951)."""
    items = scores.shape[1]
    total = scores.sum(axis=1).var(ddof=1)
    return None if total <= 0 else float(items / (items - 1) * (1 - scores.var(axis=0, ddof=1).sum() / total))


def feldt(value: float, n: int, items: int, level: float = 0.95) -> tuple[float, float]:
    """Interval of alpha from ``n`` complete cases of ``items`` items (Feldt 1965)."""
    from scipy.special import fdtri

    df = n - 1, (n - 1) * (items - 1)
    low = 1 - (1 - value) * float(fdtri(*df, (1 + level) / 2))
    return low, 1 - (1 - value) * float(fdtri(*df, (1 - level) / 2))


def spearman(pairs: Array, level: float = 0.95) -> tuple[float, float, float, float] | None:
    """Correlation, low, high and p of two columns; ``None`` where one doesn't vary (needs four rows)."""
    from scipy.special import stdtr
    from scipy.stats import rankdata

    ranks = rankdata(pairs, axis=0)
    if not np.ptp(ranks, axis=0).all():
        return None
    n, r = len(pairs), float(np.clip(np.corrcoef(ranks, rowvar=False)[0, 1], -1, 1))
    if abs(r) > 1 - 1e-12:
        return r, r, r, 0.0
    t = r * sqrt((n - 2) / (1 - r * r))
    reach = normal_quantile(level) * sqrt((1 + r * r / 2) / (n - 3))
    return r, tanh(atanh(r) - reach), tanh(atanh(r) + reach), min(1.0, 2 * float(stdtr(n - 2, -abs(t))))


def _write_alpha(answers: Answers, one: Complete) -> None:
    why, level = one.why(), answers.ledger.context.level
    value = None if why else cronbach(one.codes)
    numbers: dict[str, object] = {}
    if value is not None:
        low, high = feldt(value, one.n, len(one.scale.items), level)
        numbers = {"low": low, "high": high, "level": level}
    reason = why or ("" if value is not None else REASONS["no_variation"])
    cells = [(one.cell(answers), "input")] if one.wave else []
    one.write(answers, "alpha", value, cells, method=ALPHA_METHOD, reason=reason, **numbers)


def _write_correlation(ledger: Ledger, answers: Answers, wave: str, places: tuple[int, int], pairs: Array) -> None:
    item, term = (answers.instrument.items[place].id for place in places)
    both = pairs[~np.isnan(pairs).any(axis=1)]
    found = spearman(both, ledger.context.level) if len(both) >= FEWEST_PAIRS else None
    value, low, high, p = found or (None, None, None, None)
    ledger.estimate(
        "correlation",
        value,
        service=ALL,
        cells=[(_both_cell(ledger, answers, wave, item, term, len(both)), "input")],
        population=answers.instrument.population,
        instrument=answers.instrument.instrument,
        item=item,
        term=term,
        wave=wave,
        low=low,
        high=high,
        level=ledger.context.level if found else None,
        p=p,
        n=len(both),
        missing=len(pairs) - len(both),
        unit="",
        method=CORRELATION_METHOD,
        reason="" if found else _why(len(both), len(both) >= FEWEST_PAIRS),
    )


def _both_cell(ledger: Ledger, answers: Answers, wave: str, item: str, term: str, both: int) -> str:
    """Cell of those who answered both items; with those who answered only ``item`` it sums to its answered."""
    alone = answers.n(wave, ALL, item, ANSWERED) - both
    cells = [
        ledger.cell(n, item=item, category=f"{name}-{term}", **_cell_keys(answers, wave))
        for name, n in (("answered-with", both), ("answered-without", alone))
    ]
    ledger.sum_of(answers.cell(wave, ALL, item, ANSWERED), cells, f"with-{term}")
    return cells[0]


def _cell_keys(answers: Answers, wave: str) -> Any:
    instrument = answers.instrument
    keys = {"population": instrument.population, "instrument": instrument.instrument, "wave": wave}
    return {"service": ALL, "unit": instrument.unit} | keys


def _why(n: int, enough: bool) -> str:
    if not n:
        return REASONS["no_rows"]
    return REASONS["no_variation"] if enough else REASONS["too_few"]
