"""Tables that reports share: comparisons of rounds, the scorecard of claims, what is not identified, findings.

Each takes a ``Release`` and gives Markdown. Like the reader, nothing here computes a statistic.
"""

from __future__ import annotations

import pandas as pd

from pipeline.reporting.formats import Markdown, as_text, markdown_table, number
from pipeline.reporting.reader import Release
from schemas.vocabulary import OUTCOMES


def claims_count(release: Release, outcome: str = "") -> str:
    """How many claims there are, or came out so."""
    card = release.scorecard
    return str(int(card.loc[card["outcome"] == outcome, "claims"].sum() if outcome else card["claims"].sum()))


def scorecard(release: Release) -> Markdown:
    """Claims by outcome, with what the outcome means."""
    card = release.scorecard[release.scorecard["claims"] > 0]
    return markdown_table(
        ["Outcome", "Figures", "What it means"],
        [[row.outcome, str(row.claims), OUTCOMES[row.outcome]] for row in card.itertuples()],
    )


def questions(release: Release) -> Markdown:
    """The evaluation questions of the study, and what answers each."""
    rows = [[row.question, row.answered_by] for row in release.questions.itertuples()]
    return markdown_table(["Question", "What answers it"], rows)


def comparison(release: Release, family: str, first: str = "Item", service: str = "all") -> Markdown:
    """Two rounds compared: difference in points, tests, and the smallest difference that would be found."""
    differences = release.select("difference", family=family, service=service)
    same = {key: list(differences[key].unique()) for key in ("instrument", "wave", "reference", "category", "model")}
    detectable = release.select("minimum_detectable_difference", service=service, **same).set_index("item")
    linked = bool((differences["model"] == "linked").any())
    sizes = ["Pairs"] if linked else ["n before", "n after"]
    test = "p (McNemar)" if linked else "p (Fisher)"
    header = [first, *sizes, "Difference in points (95 % interval)", test, "p, adjusted", "Would be found"]
    return markdown_table(header, [_compared(release, row, detectable, linked) for _, row in differences.iterrows()])


def _compared(release: Release, row: pd.Series, detectable: pd.DataFrame, linked: bool) -> list[str]:
    sizes = [as_text(row, "n")] if linked else [as_text(row, "n_reference"), as_text(row, "n")]
    tests = [as_text(row, "p"), as_text(row, "p_adjusted")]
    found = as_text(detectable.loc[row["item"]], "points") if row["item"] in detectable.index else "–"
    return [
        release.label("item", row["item"], row["instrument"]),
        *sizes,
        as_text(row, "points with interval"),
        *tests,
        found,
    ]


def impossible_figures(release: Release) -> Markdown:
    """Published figures that do not come from the stated n, with the nearest n that works."""
    table = release.granularity
    wrong = table[~table["possible_at_n"]]
    claims = release.claims.set_index("claim")
    rows = [[*_figure(release, claims.loc[row.claim]), f"{row.n:.0f}", _nearest(row)] for row in wrong.itertuples()]
    return markdown_table(["Figure", "Round", "Published", "Stated n", "Nearest that works"], rows)


def _figure(release: Release, claim: pd.Series) -> list[str]:
    item = release.label("item", claim["item"], claim["instrument"])
    return [item, release.label("wave", claim["wave"]), f"{claim['published']:.{int(claim['decimals'])}f} %"]


def _nearest(row: object) -> str:
    n, rule = getattr(row, "nearest_n", None), getattr(row, "nearest_rule", "")
    return "none" if pd.isna(n) else f"n = {n:.0f}, {rule}"


_SHAPES = {"median": "median", "share": "share of clients", "alpha": "Cronbach's alpha", "correlation": "correlation"}


def unidentified(release: Release, most: int = 12) -> Markdown:
    """Estimates that reconstructed rows do not determine, with their range."""
    found = release.estimates[release.estimates["identified"] == "no"]
    wanted = (
        found[found["statistic"].isin(["median", "alpha", "share", "quantile"])].groupby("statistic").head(most // 3)
    )
    rows = [[_subject(release, row), str(row["statistic"]), _range(row)] for _, row in wanted.head(most).iterrows()]
    return markdown_table(["What", "Statistic", "Range over reconstructions"], rows)


def _subject(release: Release, row: pd.Series) -> str:
    names = [release.label("service", row["service"])] if row["service"] != "all" else []
    names += [release.label("instrument", row["instrument"])] if row["instrument"] else []
    names += [release.label("item", row["item"], row["instrument"])] if row["item"] else []
    names += [{"one": "one session only"}.get(row["category"], row["category"])] if row["category"] else []
    return ", ".join(names) + (f" at {row['at']}" if row["at"] else "")


def _range(row: pd.Series) -> str:
    factor, sign = (100, " %") if row["unit"] == "proportion" else (1, "")
    digits = 0 if factor == 100 else 2
    return f"{number(factor * row['low'], digits)} to {number(factor * row['high'], digits)}{sign}"


def findings(release: Release) -> Markdown:
    """Findings in words, and whether a named person has signed them."""
    rows = [
        [f.statement, f"{f.status}" + (f": {f.judged_by}, {f.role}" if f.judged_by else "")]
        for f in release.findings.itertuples()
    ]
    return markdown_table(["Finding", "Status"], rows)


def pooled(release: Release, **keys: str) -> Markdown:
    """One answer pooled over services: average, prediction interval and heterogeneity, an item a row."""
    shares = release.select("pooled_share", **keys)
    ranges = release.select("prediction_interval", **keys).set_index("item")
    spread = release.select("heterogeneity_i2", **keys).set_index("item")
    rows = []
    for item in release.ordered(shares, "item"):
        one = shares[shares["item"] == item].iloc[0]
        numbers = as_text(one, "value with interval"), as_text(ranges.loc[item], "interval")
        rows.append([release.label("item", item, one["instrument"]), *numbers, as_text(spread.loc[item], "value")])
    return markdown_table(["Item", "Average (95 % interval)", "Expected of a new service (%)", "I²"], rows)


def withheld(release: Release) -> Markdown:
    """What the disclosure gate withheld, as counts by reason."""
    rows = [[str(row.reason), str(row.cells), str(row.estimates)] for row in release.disclosure.itertuples()]
    return markdown_table(["Reason", "Cells", "Estimates"], rows)
