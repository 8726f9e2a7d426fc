"""Tables that reports share: comparisons of rounds, the scorecard of claims, what is not identified, findings.

Each takes a ``Release`` and gives Markdown. Like the reader, nothing here computes a statistic.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from pipeline.reporting.formats import Markdown, as_text, markdown_table, number
from pipeline.reporting.reader import Release
from schemas.vocabulary import OUTCOMES


def rows_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """A small frame as a list of rows."""
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


_OUTCOMES = {
    "agrees only with n": "agrees only with a smaller n",
    "agrees only under": "agrees only under another rounding rule",
}


def claims_count(release: Release, *outcomes: str) -> str:
    """How many claims there are, or came out in one of these ways."""
    card = release.scorecard
    return str(int(card.loc[card["outcome"].isin(outcomes or card["outcome"]), "claims"].sum()))


def scorecard(release: Release) -> Markdown:
    """Claims by outcome, with what the outcome means."""
    card = rows_of(release.scorecard[release.scorecard["claims"] > 0])
    rows = [
        [_OUTCOMES.get(row["outcome"], row["outcome"]), str(row["claims"]), OUTCOMES[row["outcome"]]] for row in card
    ]
    return markdown_table(["Outcome", "Number", "What it means"], [*rows, ["All", claims_count(release), ""]])


def questions(release: Release) -> Markdown:
    """The evaluation questions of the study, and what answers each."""
    rows = [[row["question"], row["answered_by"] or "not declared"] for row in rows_of(release.questions)]
    return markdown_table(["Question", "What answers it"], rows)


def comparison(release: Release, family: str, first: str = "Item", service: str = "all") -> Markdown:
    """Two rounds compared: difference in points, tests, and the smallest difference that would be found."""
    differences = release.select("difference", family=family, service=service)
    same = {key: list(differences[key].unique()) for key in ("instrument", "wave", "reference", "category", "model")}
    detectable = release.select("minimum_detectable_difference", service=service, **same)
    linked = bool((differences["model"] == "linked").any())
    sizes = ["Pairs"] if linked else [f"n {release.label('wave', same[key][0])}" for key in ("reference", "wave")]
    test = f"p ({_test(differences, linked)})"
    header = [
        first,
        *sizes,
        "Difference in points (95% interval)",
        test,
        "p, adjusted",
        "Smallest increase likely to be found",
    ]
    body = [_compared(release, row, detectable, linked) for _, row in differences.iterrows()]
    return release.with_response(markdown_table(header, body), differences)


def _test(differences: pd.DataFrame, linked: bool) -> str:
    """Whose test the comparison makes."""
    if (differences["model"] == "partly-linked").any():
        return "z test"
    methods = " ".join(differences["method"].fillna("").unique())
    chosen = next((one for one in ("Boschloo", "Barnard") if one in methods), "Fisher")
    return "McNemar" if linked else chosen


def _compared(release: Release, row: pd.Series, detectable: pd.DataFrame, linked: bool) -> list[str]:
    sizes = [as_text(row, "n")] if linked else [as_text(row, "n_reference"), as_text(row, "n")]
    tests = [as_text(row, "p"), as_text(row, "p_adjusted")]
    name = release.label("item", row["item"], row["instrument"])
    return [
        name,
        *sizes,
        as_text(row, "points with interval"),
        *tests,
        _of_item(detectable, row["item"], "size in points"),
    ]


def _of_item(estimates: pd.DataFrame, item: str, show: str) -> str:
    found = estimates[estimates["item"] == item]
    return as_text(found.iloc[0], show) if len(found) else "–"


def pooled(release: Release, **keys: str) -> Markdown:
    """One answer pooled over services: average, prediction interval and heterogeneity, an item a row."""
    keys = {"contrast": "", "group": "", **keys}
    shares = release.select("pooled_share", **keys)
    ranges, spread = release.select("prediction_interval", **keys), release.select("heterogeneity_i2", **keys)
    instrument = str(shares["instrument"].iloc[0])
    rows = [
        [
            release.label("item", item, instrument),
            _of_item(shares, item, "value with interval"),
            _of_item(ranges, item, "interval"),
            _of_item(spread, item, "value with interval"),
        ]
        for item in release.ordered(shares, "item")
    ]
    heads = ["Item", "Average (95% interval)", "Expected of a new service (%)", "I² (95% interval)"]
    return release.with_response(markdown_table(heads, rows), shares)


def impossible_figures(release: Release) -> Markdown:
    """Published figures that do not come from the stated n, with the nearest n that works."""
    table = release.granularity
    claims = release.claims.set_index("claim")
    rows = [
        [*_figure(release, claims.loc[str(row["claim"])].to_dict()), f"{row['n']:.0f}", _nearest(row)]
        for row in rows_of(table[~table["possible_at_n"]])
    ]
    heads = ["Figure", "Round", "Published", "Stated n", "Nearest that works"]
    recomputed = claims.loc[table.loc[~table["possible_at_n"], "claim"], "estimate_id"]
    shown = release.estimates[release.estimates["estimate_id"].isin(recomputed)]
    return release.with_response(markdown_table(heads, rows), shown)


def _figure(release: Release, claim: dict[Any, Any]) -> list[str]:
    item = release.label("item", claim["item"], claim["instrument"])
    return [item, release.label("wave", claim["wave"]), f"{claim['published']:.{int(claim['decimals'])}f}%"]


def _nearest(row: dict[str, Any]) -> str:
    return "none" if pd.isna(row["nearest_n"]) else f"n = {row['nearest_n']:.0f}, {row['nearest_rule']}"


_SHAPES = {"median": "median", "share": "share of clients", "alpha": "Cronbach's alpha", "correlation": "correlation"}


def unidentified(release: Release, most: int = 4) -> Markdown:
    """Estimates that reconstructed rows do not determine, with their range: a few of each statistic."""
    found = release.estimates[release.estimates["identified"] == "no"]
    shown = found[found["statistic"].isin(_SHAPES)].groupby("statistic", sort=False).head(most)
    rows = [[_subject(release, row), _SHAPES[row["statistic"]], _range(row)] for row in rows_of(shown)]
    table = markdown_table(["What", "Statistic", "Range over reconstructions"], rows)
    return release.with_response(table, shown)


_SUBJECTS = {"sessions": "sessions per client", "one": "exactly one session"}


def _subject(release: Release, row: dict[str, Any]) -> str:
    names = [release.label("service", row["service"])] if row["service"] != "all" else []
    names += [release.label("instrument", row["instrument"])] if row["instrument"] else []
    for item in (row["item"], row["term"], row["category"]):
        names += [_SUBJECTS.get(item) or release.label("item", item, row["instrument"])] if item else []
    text = ", ".join(names)
    return text[:1].upper() + text[1:]


def _range(row: dict[str, Any]) -> str:
    factor, sign = (100, "%") if row["unit"] == "proportion" else (1, "")
    whole = factor == 100 or (float(row["low"]).is_integer() and float(row["high"]).is_integer())
    digits = 0 if whole else 1 if row["statistic"] == "median" else 2
    low, high = (number(factor * row[end], digits) for end in ("low", "high"))
    return f"{low} to {high}{sign}"


def findings(release: Release) -> Markdown:
    """Findings in words, and whether a named person has signed them."""
    rows = []
    for row in rows_of(release.findings):
        signed = f": {row['judged_by']}, {row['role']}" if row["judged_by"] else ""
        rows.append([row["statement"], f"{row['status']}{signed}"])
    return markdown_table(["Finding", "Status"], rows)


def withheld(release: Release) -> Markdown:
    """What the disclosure gate withheld, as counts by reason."""
    rows = [[row["reason"], str(row["cells"]), str(row["estimates"])] for row in rows_of(release.disclosure)]
    return markdown_table(["Reason", "Cells", "Estimates"], rows)
