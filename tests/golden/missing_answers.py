"""Ours: Rubin's rules, the model that answers are drawn from, and a whole imputation; ``r/missing_answers.R``."""

from __future__ import annotations

from collections.abc import Iterator
from math import cos, inf, sin, sqrt
from pathlib import Path

import numpy as np
import polars as pl

from pipeline.methods.chained_equations import complete
from pipeline.methods.ordered_draws import fit_ordered
from pipeline.methods.rubin import Pooled, pool

DATA = Path(__file__).parent / "data"
FIVE = ([0.12, 0.15, 0.09, 0.17, 0.11], [0.0040, 0.0042, 0.0039, 0.0041, 0.0043])
THREE = ([0.1, 0.2, 0.15], [0.02, 0.03, 0.025])
LISTS = {
    "usual": (*FIVE, 119),
    "two": ([0.20, 0.40], [0.010, 0.030], 50),
    "infinite": (*FIVE, inf),
    "two-infinite": ([-0.3, 0.1], [0.02, 0.02], inf),
    "much": ([-0.5, 0.4, 0.9, -0.8, 0.1, 0.6], [0.01] * 6, 39),
    "little": ([0.3000, 0.3010, 0.2990, 0.3005], [0.004] * 4, 999),
    "few-degrees": (*THREE, 3),
    "one": (*THREE, 1),
    "large": ([1200, 1250, 1190, 1300, 1225, 1240, 1210, 1260, 1195, 1280], [900] * 10, 299),
    "twenty": ([sin(i) / 10 for i in range(1, 21)], [0.002 + cos(i) / 2000 for i in range(1, 21)], 84),
}
QUANTITIES = ("value", "within", "between", "total", "df", "increase", "missing_information")


def ours() -> Iterator[tuple[str, str, float]]:
    """Case, quantity and our value."""
    for case, (values, variances, df) in LISTS.items():
        yield from _of(case, pool(values, variances, df))
    same = pool([0.3] * 5, [0.02] * 5, 59)
    yield from (("no-between", name, getattr(same, name)) for name in ("value", "total", "increase", "df"))
    same = pool([0.3] * 5, [0.02] * 5)
    yield from (("no-between-infinite", name, getattr(same, name)) for name in ("total", "missing_information"))
    yield from _models()
    yield from _imputed()


def _of(case: str, pooled: Pooled) -> Iterator[tuple[str, str, float]]:
    yield from ((case, name, getattr(pooled, name)) for name in QUANTITIES)
    low, high = pooled.interval()
    yield from ((case, "low", low), (case, "high", high), (case, "p", pooled.p()))


def _models() -> Iterator[tuple[str, str, float]]:
    frame = pl.read_csv(DATA / "missing_answers_model.csv")
    x = frame.select("x1", "x2").to_numpy()[None, :, :]
    codes = frame["y"].to_numpy() - 1
    for case, outcome in (("polr", codes), ("logit", (codes > 1).astype(int))):
        fit = fit_ordered(outcome, x, np.full(2, 1e-12))
        assert fit is not None
        errors = np.sqrt(np.diag(np.linalg.inv(fit.information[0])))
        for place, (one, error) in enumerate(zip(fit.parameters[0], errors, strict=True), 1):
            yield case, f"parameter-{place}", float(one)
            yield case, f"se-{place}", float(error)


def _imputed() -> Iterator[tuple[str, str, float]]:
    codes = pl.read_csv(DATA / "missing_answers_two_waves.csv", null_values="NA").to_numpy().astype(float)
    n = len(codes)
    inside = complete(codes, np.zeros(n), 200, np.random.default_rng(11)) >= 3
    for item in range(2):
        change = inside[:, :, item + 2].astype(float) - inside[:, :, item]
        pooled = pool(change.mean(axis=1).tolist(), (change.var(axis=1, ddof=1) / n).tolist(), n - 1)
        yield f"two-waves-{'ab'[item]}", "difference", pooled.value
        yield f"two-waves-{'ab'[item]}", "se", sqrt(pooled.total)
    yield "two-waves-a", "complete", float((~np.isnan(codes).any(axis=1)).mean())
