"""Published figures beside the counts that recompute them: what ``Release.claims_table`` puts together.

Single look-ups belong in ``reader.py``, the scorecard of claims in ``tables.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from pipeline.reporting.formats import Markdown, count_behind, markdown_table, printed

if TYPE_CHECKING:
    from pipeline.reporting.reader import Release


def claims_table(release: Release, found: pd.DataFrame, rows: str, columns: str, first: str) -> Markdown:
    """Some claims as a table; where all agree there is no column for the outcome."""
    across = release.ordered(found, columns) if columns else [""]
    heads = []
    for name in across:
        label = release.label_of(columns, name, found) if columns else ""
        heads += [f"{label}: published", f"{label}: recomputed"] if label else ["Published", "Recomputed"]
    body = [
        _cells(release, found[found[rows] == row], rows, row, columns, across) for row in release.ordered(found, rows)
    ]
    heads = [first or rows.capitalize(), *heads, "Outcome"]
    if set(found["outcome"]) == {"agrees"}:
        heads, body = heads[:-1], [cells[:-1] for cells in body]
    recomputed = release.estimates[release.estimates["estimate_id"].isin(found["estimate_id"])]
    return release.with_response(markdown_table(heads, body), recomputed)


def published(release: Release, claim: pd.Series) -> list[str]:
    """A figure as the document prints it, and the counts behind its estimate."""
    rows = release.estimates[release.estimates["estimate_id"] == claim["estimate_id"]]
    return [printed(claim), count_behind(rows.iloc[0]) if len(rows) else "–"]


def _cells(release: Release, found: pd.DataFrame, rows: str, row: str, columns: str, across: list[str]) -> list[str]:
    cells = [release.label_of(rows, row, found)]
    for name in across:
        one = found[found[columns] == name] if columns else found
        cells += published(release, one.iloc[0]) if len(one) else ["–", "–"]
    return [*cells, _outcomes(release, found, columns)]


def _outcomes(release: Release, found: pd.DataFrame, columns: str) -> str:
    """One word where all came out alike, else which came out how."""
    if found["outcome"].nunique() == 1 or not columns:
        return "; ".join(dict.fromkeys(found["outcome"]))
    rows = found.sort_values(columns, key=lambda names: names.map(release.ordered(found, columns).index))
    return "; ".join(
        f"{release.label_of(columns, name, found)}: {outcome}"
        for name, outcome in zip(rows[columns], rows["outcome"], strict=True)
    )
