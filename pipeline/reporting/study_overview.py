"""What the report of a study shows that has no ``.qmd`` of its own: all that is released of it, in a fixed order.

Each part is Markdown, or a sentence that says that the study has none of it. Tables come from ``tables.py`` and
``coded_tables.py``.
"""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from pipeline.reporting import coded_notes, coded_tables, tables
from pipeline.reporting.formats import Markdown, as_text, markdown_table
from pipeline.reporting.images import NotReleasedError
from pipeline.reporting.reader import Release
from pipeline.reporting.result_tables import analyses
from pipeline.reporting.score_tables import SCORED, all_scores
from schemas.vocabulary import ALL

SHARE = "share"
_SESSIONS = ("clients", "total", "mean", "median")
ANY_CODER = "any-coder"
MOST_SHARES = 80
"""More shares of one survey than this are in the workbook only."""

NAMED = 20
"""More services than this are counted and not named."""


def title(release: Release) -> str:
    """The study's title."""
    return release.label("study", release.study)


def summary(release: Release) -> Markdown:
    """What the study file says of the study, its services and period."""
    row = _about(release)
    period = f" It covers {row['start']} to {row['end']}." if row["start"] else ""
    services = [release.label("service", one) for one in _services(release)]
    named = ", ".join(services) if len(services) <= NAMED else f"{len(services)}, named in labels.csv"
    return Markdown(f"{row['summary'] or title(release) + '.'}{period} Services: {named.rstrip('.')}.")


def _about(release: Release) -> pd.Series:
    path = release.project.released(release.study, "studies.csv")
    return pd.read_csv(path, keep_default_na=False).iloc[0]


def _services(release: Release) -> list[str]:
    own = release.labels[(release.labels["kind"] == "service") & (release.labels["id"] != "all")]
    return [str(one) for one in own["id"]]


def status(release: Release) -> Markdown:
    """The callout on the status of the data."""
    return release.status_note() if len(release.estimates) else coded_notes.status(release)


def questions(release: Release) -> Markdown:
    """Evaluation questions and what answers them."""
    return _or(len(release.questions), lambda: tables.questions(release), "The study file names no questions.")


def figures(release: Release) -> Markdown:
    """All figures of the study."""
    names = release.figure_names()
    images = [str(release.figure(name)) for name in names]
    return _or(len(names), lambda: Markdown("\n\n".join(images)), "The study has no figures.")


def shares(release: Release) -> Markdown:
    """Shares over all services, a table a survey; those of single services are in the figures and the release."""
    found = release.estimates[release.estimates["statistic"] == SHARE]
    found = found[(found["service"] == ALL) & ~found["denominator"].isin(["asked", SCORED]) & (found["group"] == "")]
    found = found[(found["term"] == "") & (found["category"] != ANY_CODER)]  # pairs of codes have a figure
    if found.empty:
        return Markdown("The study has no shares over all services.")
    return Markdown("\n\n".join(_shares(release, found, one) for one in release.ordered(found, "instrument")))


def _shares(release: Release, found: pd.DataFrame, instrument: str) -> str:
    """One survey, its waves beside each other; what belongs to no survey is one table."""
    own = found[found["instrument"] == instrument]
    waves = release.ordered(own, "wave")
    names = [release.label("wave", wave) if len(waves) > 1 else "" for wave in waves]
    heads = [
        f"{name}: {head}" if name else head for name in names for head in ((HEAD, "n") if name else (ALONE, "n"))
    ]
    body = [
        [_name(release, part.iloc[0]), *(cell for wave in waves for cell in _cells(part[part["wave"] == wave]))]
        for _, part in own.groupby(list(_ROW), sort=False)
    ]
    more = f"\n\n*The first {MOST_SHARES} of {len(body)} rows; all are in tables.xlsx.*" * (len(body) > MOST_SHARES)
    table = release.with_response(Markdown(f"{markdown_table(['What', *heads], body[:MOST_SHARES])}{more}"), own)
    one = f", {release.label('wave', waves[0])}" if len(waves) == 1 and waves[0] else ""
    return f"### {release.label('instrument', instrument)}{one}\n\n{table}" if instrument else str(table)


HEAD, ALONE = "share (95% interval)", "Share (95% interval)"
_ROW = ("population", "item", "category", "term", "model", "at", "denominator")


def _cells(part: pd.DataFrame) -> list[str]:
    return [as_text(part.iloc[0], show) for show in ("value with interval", "n")] if len(part) else ["–", "–"]


def _name(release: Release, row: pd.Series) -> str:
    keys = ("item", "term", "category")
    parts = [release.label(key, str(row[key]), str(row["instrument"])) for key in keys if row[key]]
    known = _SHARES.get((str(row["item"]), str(row["category"])))
    return known or ": ".join(parts) or str(row["population"])


_SHARES = {
    ("sessions", "one"): "Clients with one session only",
    ("attendance", "missed"): "Appointments that were missed",
    ("support", "group"): "Contacts in groups",
    ("support", "individual"): "Individual contacts",
}
"""Shares of what no survey asks, in words."""


def sessions(release: Release) -> Markdown:
    """Sessions per client by service: clients, sessions in all, mean, median."""
    found = release.estimates[(release.estimates["item"] == "sessions") & (release.estimates["wave"] == "")]
    found = found[found["statistic"].isin(_SESSIONS) & (found["method"] != "as published")]
    if found.empty:
        return Markdown("The study has no record of sessions.")
    table = release.table(list(_SESSIONS), rows="service", columns="statistic", item="sessions", wave="")
    return Markdown(f"Clients, all their sessions, and the mean and median of sessions per client.\n\n{table}")


def scores(release: Release) -> Markdown:
    """Means of scores by service and wave, and shares in bands."""
    found = all_scores(release)
    return found if found.text else Markdown("No instrument of the study has a score.")


def comparisons(release: Release) -> Markdown:
    """Results of all methods beyond description."""
    found = analyses(release)
    return found if found.text else Markdown("The study file asks for nothing beyond description.")


def findings(release: Release) -> Markdown:
    """Findings with what they rest on and whether they are signed."""
    show = coded_tables.findings if _coded(release) else tables.findings
    return _or(len(release.findings), lambda: show(release), "No findings are declared.")


def documents(release: Release) -> Markdown:
    """Documents and how they were coded."""
    if not _coded(release):
        return Markdown("No documents were coded.")
    return Markdown(f"{coded_tables.documents(release)}\n\n{coded_notes.how_coded(release)}")


def passages(release: Release) -> Markdown:
    """All passages by section."""
    return coded_tables.by_section(release, level=3) if _coded(release) else Markdown("No documents were coded.")


def claims(release: Release) -> Markdown:
    """How published figures came out."""
    try:
        return tables.scorecard(release)
    except NotReleasedError:
        return Markdown("The study has no published figures to compare with.")


def withheld(release: Release) -> Markdown:
    """What the disclosure gate withheld."""
    return tables.withheld(release)


def _coded(release: Release) -> bool:
    return release.project.released(release.study, "segments.csv").is_file()


def _or(there: int, show: Callable[[], Markdown], otherwise: str) -> Markdown:
    return show() if there else Markdown(otherwise)
