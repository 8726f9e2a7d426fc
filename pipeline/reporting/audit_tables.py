"""Tables of the audit over all studies: outcomes, possible and impossible figures, what was withheld.

Each takes a ``Merged`` and gives Markdown or a number as text. Rows are chosen, counted and put into words
here; no statistic is computed. A new study's rows appear by themselves.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

import pandas as pd

from pipeline.reporting.formats import Markdown, markdown_table, number, plain, printed
from pipeline.reporting.merged import Merged
from pipeline.reporting.set_aside_notes import table_of
from pipeline.reporting.tables import rows_of
from schemas.vocabulary import ROUNDING_RULES, STATISTICS

_GROUPS = {
    "Agree": ("agrees",),
    "Agree with a smaller n or another rule": ("agrees only with n", "agrees only under"),
    "As published": ("as published",),
    "Not computable or withheld": ("not computable", "withheld"),
    "Differ": ("differs",),
}
"""Outcomes as the scorecard over all studies puts them together."""

_PACKAGES = ("peerscope", "dagster", "pandera", "polars", "pandas", "numpy", "scipy", "statsmodels")


def claims_count(release: Merged, *outcomes: str, study: str = "") -> str:
    """How many claims there are, or came out in one of these ways; of one study or all."""
    card = release.scorecard
    chosen = card["outcome"].isin(outcomes or tuple(card["outcome"])) & (not study or card["study"] == study)
    return str(int(card.loc[chosen, "claims"].sum()))


def unexpected_count(release: Merged) -> str:
    """How many claims came out otherwise than expected."""
    return str(int(release.scorecard["unexpected"].sum()))


def figures_count(release: Merged, possible: bool | None = None) -> str:
    """How many single figures were tested, or are possible (or not) as stated."""
    return _count(release.granularity["possible_at_n"], possible)


def sets_count(release: Merged, possible: bool | None = None) -> str:
    """How many sets of figures were tested, or are possible (or not) as stated under some one rule."""
    return _count(release.consistency["possible"], possible)


def without_any_n(release: Merged) -> str:
    """How many single figures are possible with no n up to the stated one."""
    return str(int((release.granularity["pairs"] == "").sum()))


def withheld_count(release: Merged) -> str:
    """How many estimates the disclosure gate withheld."""
    return str(int(release.disclosure["estimates"].sum()))


def unidentified_count(release: Merged) -> str:
    """How many estimates reconstructed rows do not determine."""
    return str(int((release.estimates["identified"] == "no").sum()))


def studies(release: Merged) -> Markdown:
    """The studies: id, title, status of the data, number of claims."""
    rows = []
    for study in release.studies:
        title, status = release.label(study, "study", study) or plain(study), release.data_status(study)
        rows.append([release.name(study), study, title, status, claims_count(release, study=study)])
    return markdown_table(["Study", "Id", "Title", "Data", "Claims"], rows)


def scorecard(release: Merged) -> Markdown:
    """Claims by study and outcome, similar outcomes together."""
    rows = [
        [release.name(study), *(claims_count(release, *kinds, study=study) for kinds in _GROUPS.values())]
        for study in dict.fromkeys(release.scorecard["study"])
    ]
    total = ["All studies", *(claims_count(release, *kinds) for kinds in _GROUPS.values())]
    return markdown_table(["Study", *_GROUPS], [*rows, total])


def tests(release: Merged) -> Markdown:
    """How many figures and sets of figures each test was made on, and how many are possible as stated."""
    rows = []
    for frame, column in ((release.granularity, "possible_at_n"), (release.consistency, "possible")):
        for (study, test), found in frame.groupby(["study", "test"], sort=False):
            fits = int(found[column].sum())
            rows.append([str(study), str(test), str(len(found)), str(fits), str(len(found) - fits)])
    rows.sort(key=lambda row: release.studies.index(row[0]))
    rows = [[release.name(study), *rest] for study, *rest in rows]
    return markdown_table(["Study", "Test", "Tested", "Possible as stated", "Not as stated"], rows)


def impossible_figures(release: Merged) -> Markdown:
    """Single figures that do not come from the stated n, with the nearest n that works."""
    found = release.granularity[~release.granularity["possible_at_n"]]
    rows = [
        [
            release.name(row["study"]),
            *_figure(release, row),
            _whole(row["n"]),
            _works(row["nearest_n"], row["nearest_rule"]),
        ]
        for row in rows_of(found)
    ]
    return _table(["Study", "Figure", "Printed", "Stated n", "Nearest that works"], rows)


def figures_without_n(release: Merged) -> Markdown:
    """Percentages without a stated n, with the smallest n that gives them."""
    found = release.granularity[release.granularity["n"].isna()]
    rows = [
        [
            release.name(row["study"]),
            *_figure(release, row),
            _works(row["smallest_n"], row["smallest_rules"].replace(" ", ", ")),
        ]
        for row in rows_of(found)
    ]
    return _table(["Study", "Figure", "Printed", "Smallest that works"], rows)


def sets(release: Merged) -> Markdown:
    """Sets of figures that ordinary rounding (half-up) does not give as stated."""
    held = release.consistency["rules"].str.split().map(lambda rules: ROUNDING_RULES[0] in rules)
    rows = [
        [release.name(row["study"]), _what(release, row), row["test"], _sum(row), row["note"]]
        for row in rows_of(release.consistency[~held])
    ]
    return _table(["Study", "Figures", "Test", "Printed sum", "Result"], rows)


def disclosure(release: Merged) -> Markdown:
    """What the gate withheld, by study and reason."""
    nothing = (release.disclosure["cells"] == 0) & (release.disclosure["estimates"] == 0)
    policy = release.disclosure["reason"].str.startswith("policy")
    found = release.disclosure[~nothing | policy]
    rows = [
        [release.name(row["study"]), row["reason"], _whole(row["cells"]), _whole(row["estimates"])]
        for row in rows_of(found)
    ]
    return _table(["Study", "Reason", "Cells", "Estimates"], rows)


def set_aside(release: Merged) -> Markdown:
    """Rows that were set aside as not valid, by study and table."""
    return table_of(release.set_aside, release.name)


def set_aside_count(release: Merged) -> str:
    """How many rows were set aside."""
    return f"{int(release.set_aside['set_aside'].sum()):,}"


def identification(release: Merged) -> Markdown:
    """Of which statistics reconstructed rows leave some open, by study."""
    rebuilt = release.estimates[release.estimates["data_status"] == "reconstructed"]
    rows = []
    for (study, statistic), found in rebuilt.groupby(["study", "statistic"], sort=False):
        counts = found["identified"].value_counts()
        if counts.get("no", 0):
            fixed = int(counts.get("exact", 0) + counts.get("to_rounding", 0))
            rows.append([release.name(str(study)), _statistic(str(statistic)), str(int(counts["no"])), str(fixed)])
    return _table(["Study", "Statistic", "Not determined", "Determined"], rows)


def versions() -> Markdown:
    """The versions that this report was made with."""
    return markdown_table(["Package", "Version"], [[name, _version(name)] for name in _PACKAGES])


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _count(possible: pd.Series, wanted: bool | None) -> str:
    return str(len(possible) if wanted is None else int((possible == wanted).sum()))


def _table(header: list[str], rows: list[list[str]]) -> Markdown:
    """A table, or a sentence where there is nothing to list."""
    return markdown_table(header, rows or [["None", *["–"] * (len(header) - 1)]])


def _figure(release: Merged, row: dict[str, Any]) -> list[str]:
    own = (release.claims["study"] == row["study"]) & (release.claims["claim"] == row["claim"])
    claim = release.claims[own].iloc[0]
    return [str(claim["statement"]), printed(claim)]


def _whole(value: float) -> str:
    return "–" if pd.isna(value) else f"{value:.0f}"


def _works(n: float, rule: str) -> str:
    return "none" if pd.isna(n) else f"{n:.0f} ({rule})"


def _sum(row: dict[str, Any]) -> str:
    if pd.isna(row["printed_sum"]):
        return "–"
    return number(row["printed_sum"], 0 if float(row["printed_sum"]).is_integer() else 1) + "%"


def _what(release: Merged, row: dict[str, Any]) -> str:
    """What the figures of a set share, in the words of the study."""
    _, first, *rest = str(row["set"]).split("/")
    named = first not in ("all", row["test"].replace(" ", "-"))
    pairs = [(key, value) for key, _, value in (part.partition("=") for part in rest) if value]
    pairs = [pair for pair in pairs if pair[0] != "denominator"]
    told = [pair for pair in pairs if pair[0] != "population"] or pairs
    keys = [("service", first)] * named + told
    return ", ".join(release.label(row["study"], *one) or plain(one[1]) for one in keys) or row["claims"]


def _statistic(name: str) -> str:
    word, meaning = plain(name.replace("_", "-")), STATISTICS[name]
    return word if word.lower() == meaning else f"{word}: {meaning}"
