"""Which measures may be pooled over services, the pooled result of those, and the reason why others may not.

A measure is one item of one instrument, answered one way, by service. Different instruments are different measures,
whatever they are called. The random-effects model itself is in
``random_effects.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

import pandas as pd

from pipeline.methods.random_effects import expit, logit_share, pool
from pipeline.methods.synthesis import FEWEST_SERVICES
from schemas.vocabulary import ALL, UNKNOWN

COLUMNS = (
    "code", "label", "instrument", "item", "category", "fictional", "studies", "services", "decision", "reason",
    "value", "low", "high", "predicted_low", "predicted_high", "i2", "n",
)  # fmt: skip

PUBLISHED_ONLY = "a figure as published, without the counts behind it"
NOT_BY_SERVICE = "given for all services together only"
TOO_FEW = "given by fewer than three services"
NO_VARIATION = "nobody or everybody, in all services"
NO_FIGURES = "no figures"

Row = Mapping[Any, Any]


def pooling(
    estimates: pd.DataFrame,
    indicators: pd.DataFrame,
    studies: pd.DataFrame,
    codebook: pd.DataFrame,
    labels: pd.DataFrame,
    level: float = 0.95,
) -> pd.DataFrame:
    """One row a measure of an outcome (``COLUMNS``), pooled or refused with the reason; fictional studies apart.

    Shares of those who answered at a study's last wave (``labels`` order the waves), as logits; Paule and Mandel
    (1982) with the interval of Knapp and Hartung (2003) and a prediction interval (Higgins et al. 2009). An outcome
    that no study has figures on is a row too.
    """
    fictional = dict(zip(studies["study"], studies["fictional"].astype(bool), strict=True))
    found = [bool(one["instrument"]) or _is_printed(estimates, one) for one in indicators.to_dict("records")]
    known = indicators.assign(fictional=indicators["study"].map(fictional))
    asked = known[pd.Series(found, index=known.index, dtype=bool)]
    placed = estimates.assign(place=_places(estimates, labels))
    rows = []
    for one in codebook[codebook["theme"] == "outcome"].to_dict("records"):
        own = asked[asked["code"] == one["code"]]
        if own.empty or own["fictional"].all():
            rows.append(_refused(one, {}, NO_FIGURES))
        measures = own.groupby(["fictional", "instrument", "item", "headline"], sort=False)
        for keys, part in measures:
            measure = dict(zip(("fictional", "instrument", "item", "category"), keys, strict=True))
            rows.append(_measure(one, measure, placed[placed["study"].isin(part["study"])], level))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _is_printed(estimates: pd.DataFrame, indicator: Row) -> bool:
    """Does a pattern of estimate ids find a figure of its study?"""
    figures = estimates[(estimates["study"] == indicator["study"]) & estimates[["value", "low"]].notna().any(axis=1)]
    return any(fnmatchcase(one, indicator["pattern"]) for one in figures["estimate_id"])


def _places(estimates: pd.DataFrame, labels: pd.DataFrame) -> list[int]:
    """Of each estimate, which of its study's waves it is from."""
    waves = labels[labels["kind"] == "wave"]
    places = dict(zip(zip(waves["study"], waves["id"], strict=True), waves["order"].astype(int), strict=True))
    return [places.get(pair, -1) for pair in zip(estimates["study"], estimates["wave"], strict=True)]


def _measure(code: Row, measure: dict[str, Any], estimates: pd.DataFrame, level: float) -> dict[str, Any]:
    if not measure["instrument"]:
        return _refused(code, measure, PUBLISHED_ONLY)
    counts = _by_service(estimates, measure)
    sizes = {"studies": counts["study"].nunique(), "services": len(counts)}
    if counts.empty:
        return _refused(code, measure, NOT_BY_SERVICE) | sizes
    if len(counts) < FEWEST_SERVICES:
        return _refused(code, measure, TOO_FEW) | sizes
    if counts["events"].sum() in (0, counts["n"].sum()):
        return _refused(code, measure, NO_VARIATION) | sizes
    return _named(code, measure) | sizes | _pooled(counts, level) | {"decision": "pooled", "reason": ""}


def _by_service(estimates: pd.DataFrame, measure: Row) -> pd.DataFrame:
    """Events and n by service at each study's last wave, where both are released and determined by the data."""
    same = (estimates["instrument"] == measure["instrument"]) & (estimates["item"] == measure["item"])
    shares = estimates[
        same
        & (estimates["category"] == measure["category"])
        & (estimates["statistic"] == "share")
        & (estimates["denominator"] == "answered")
        & ~estimates["service"].isin([ALL, UNKNOWN])
        & (estimates["group"] == "")
    ]
    last = shares[shares["place"] == shares.groupby("study")["place"].transform("max")]
    usable = (last["identified"] != "no") & last[["value", "events", "n"]].notna().all(axis=1)
    return last.loc[usable, ["study", "service", "events", "n"]]


def _pooled(counts: pd.DataFrame, level: float) -> dict[str, float]:
    logits = [logit_share(row["events"], row["n"]) for row in counts.to_dict("records")]
    found = pool([effect for effect, _ in logits], [variance for _, variance in logits], level)
    numbers = {
        "value": found.effect,
        "low": found.low,
        "high": found.high,
        "predicted_low": found.predicted_low,
        "predicted_high": found.predicted_high,
    }
    return {name: expit(number) for name, number in numbers.items()} | {"i2": found.i2, "n": counts["n"].sum()}


def _refused(code: Row, measure: Row, reason: str) -> dict[str, Any]:
    return _named(code, measure) | {"decision": "refused", "reason": reason}


def _named(code: Row, measure: Row) -> dict[str, Any]:
    names = {name: measure.get(name, "") for name in ("instrument", "item", "category")}
    sizes = {"fictional": bool(measure.get("fictional", False)), "studies": 0, "services": 0}
    return {"code": code["code"], "label": code["label"]} | names | sizes
