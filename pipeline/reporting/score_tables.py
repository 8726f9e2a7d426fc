"""Scores of instruments: means by service and wave, shares in published bands, and how many could not be scored.

Each takes a ``Release`` and looks up; like the reader, nothing here computes a statistic.
"""

from __future__ import annotations

import pandas as pd

from pipeline.reporting.formats import Markdown, as_text
from pipeline.reporting.reader import Release
from schemas.vocabulary import ALL

UNIT = "points"
SCORED = "scored"
_WAYS = {"higher is better": "A higher score is better. ", "lower is better": "A lower score is better. "}


def all_scores(release: Release, level: int = 3) -> Markdown:
    """Every score of the study under a heading of its own; empty where it has none."""
    parts = []
    for instrument, score in _scores(release):
        name = release.label("item", score, instrument)
        tables = [means(release, instrument, score), bands(release, instrument, score)]
        parts += [f"{'#' * level} {name}", _words(release, instrument, score), *(str(one) for one in tables if one)]
    return Markdown("\n\n".join(parts))


def means(release: Release, instrument: str, score: str) -> Markdown:
    """Mean with interval and n: a row a service, columns by wave."""
    keys = {"unit": UNIT, "instrument": instrument, "item": score}
    show = ("value with interval", "n")
    return release.table("mean", rows="service", columns="wave", show=show, first="Mean score", **keys)


def bands(release: Release, instrument: str, score: str) -> Markdown | None:
    """Shares of those scored in each published band over all services, columns by wave; nothing without bands."""
    found = _of(release, instrument, score, "share")
    found = found[(found["denominator"] == SCORED) & (found["service"] == ALL)]
    if found.empty:
        return None
    keys = {"denominator": SCORED, "instrument": instrument, "item": score, "service": ALL}
    show = ("value with interval", "events of n")
    return release.table("share", rows="category", columns="wave", show=show, first="Share of those scored", **keys)


def _scores(release: Release) -> list[tuple[str, str]]:
    found = release.estimates[(release.estimates["statistic"] == "mean") & (release.estimates["unit"] == UNIT)]
    return [
        (instrument, score)
        for instrument in release.ordered(found, "instrument")
        for score in release.ordered(found[found["instrument"] == instrument], "item")
    ]


def _words(release: Release, instrument: str, score: str) -> str:
    """Which way the score points, who could not be scored, and what it is not for."""
    labels = release.labels
    own = labels[(labels["kind"] == "item") & (labels["parent"] == instrument) & (labels["id"] == score)]
    way = _WAYS.get(str(own["direction"].iloc[0]), "") if len(own) else ""
    everyone = _of(release, instrument, score, "mean")
    everyone = everyone[(everyone["service"] == ALL) & (everyone["wave"] != "")]
    left = [
        f"{as_text(everyone[everyone['wave'] == wave].iloc[0], 'missing')} in {release.label('wave', wave)}"
        for wave in release.ordered(everyone, "wave")
    ]
    unscored = f"Not scored, because too few items were answered: {', '.join(left)}. " if left else ""
    return (
        f"{way}{unscored}Means describe those who could be scored. Side by side they are no test of a change, and "
        "no one's score is a diagnosis."
    )


def _of(release: Release, instrument: str, score: str, statistic: str) -> pd.DataFrame:
    found = release.estimates
    fits = (found["instrument"] == instrument) & (found["item"] == score) & (found["statistic"] == statistic)
    return found[fits]
