"""Tables and phrases on drivers: factors and success, how sure their order is, services, and numbers needed.

Each takes a ``Release`` and looks up; like the reader, nothing here computes a statistic.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from pipeline.reporting.formats import Markdown, as_text, markdown_table, number
from pipeline.reporting.reader import Release

MODEL = "drivers"
_ALPHA = 0.05


def correlations(release: Release) -> Markdown:
    """Each factor by itself: its correlation with success over all services, the strongest first."""
    rows = _drivers(release, "correlation").sort_values("value", ascending=False, kind="stable")
    body = [
        [_name(release, row), as_text(row, "value with interval"), as_text(row, "p_adjusted"), as_text(row, "n")]
        for _, row in rows.iterrows()
    ]
    heads = ["Factor", "Correlation (95% interval)", "p, adjusted", "n"]
    return release.with_response(markdown_table(heads, body), rows)


def together(release: Release) -> Markdown:
    """All factors in one regression, the heaviest first: weight, how often among the first, coefficient."""
    weights = _by_weight(release)
    first, beside = (_drivers(release, name) for name in ("top_rank_share", "standardised_coefficient"))
    places = "Among first three" if first["at"].eq("3").any() else "First"
    head = ["Factor", "Part in % (95% interval)", places, "Coefficient (95% interval)"]
    body = [
        [
            _name(release, row),
            as_text(row, "value with interval").replace("%", ""),
            _of(first, row["item"], "value"),
            _of(beside, row["item"], "value with interval"),
        ]
        for _, row in weights.iterrows()
    ]
    return release.with_response(markdown_table(head, body), weights)


def by_service(release: Release) -> Markdown:
    """Each factor's correlation at each service, and the difference to the first one, in the order of the weights."""
    rows = release.select("correlation", model=MODEL)
    services = [one for one in release.ordered(rows, "service") if one != "all"]
    differences = release.select("difference", contrast="services", model=MODEL)
    names = {one: release.label("service", one) for one in services}
    head = ["Factor", *names.values(), *(f"{names[one]} minus {names[services[0]]}" for one in services[1:])]
    body = []
    for _, factor in _by_weight(release).iterrows():
        own = [_of(rows[rows["service"] == one], factor["item"]) for one in services]
        apart = [_of(differences[differences["service"] == one], factor["item"]) for one in services[1:]]
        body.append([_name(release, factor), *own, *apart])
    return release.with_response(markdown_table(head, body), rows)


def needed(release: Release) -> Markdown:
    """How many respondents correlations of several sizes need, for one test and for the first of all."""
    rows = release.select("respondents_needed")
    single = rows[rows["contrast"] == ""]
    body = [[f"A correlation of {at}", *_sizes(single[single["at"] == at])] for at in dict.fromkeys(single["at"])]
    pairs = rows[rows["contrast"] != ""]
    for low, high in pairs[["reference", "at"]].drop_duplicates().itertuples(index=False):
        two = pairs[(pairs["reference"] == low) & (pairs["at"] == high)]
        body.append([f"Correlations of {low} and {high} told apart, each of two groups", *_sizes(two)])
    return markdown_table(["To be found", *_models(rows)], body)


def detectable(release: Release) -> Markdown:
    """The smallest correlation that the survey would have found, by service."""
    rows = release.select("minimum_detectable_correlation")
    body = []
    for service in release.ordered(rows, "service"):
        own = rows[rows["service"] == service]
        values = [as_text(row, "value") for _, row in own.iterrows()]
        body.append([release.label("service", service), as_text(own.iloc[0], "n"), *values])
    return release.with_response(markdown_table(["Service", "n", *_models(rows)], body), rows)


def first_factors(release: Release, most: int = 3) -> str:
    """The factors with the largest weights, as a list in words."""
    heaviest = _by_weight(release).dropna(subset="value").head(most)
    names = [f"“{_name(release, row)}”" for _, row in heaviest.iterrows()]
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def first_share(release: Release) -> str:
    """How often the factor with the largest weight is among the first."""
    return _of(_drivers(release, "top_rank_share"), str(_by_weight(release)["item"].iloc[0]), "value")


def needed_for(release: Release, correlation: str, several: bool = False) -> str:
    """Respondents that a correlation needs where one factor is tested, or where it is the first of several."""
    rows = release.select("respondents_needed", at=correlation, contrast="")
    return _sizes(rows[(rows["model"] != "one-test") == several])[0]


def significant(release: Release) -> str:
    """How many factors' correlations are told from 0 after adjustment: ``16 of the 18``."""
    rows = _drivers(release, "correlation").dropna(subset="value")
    return f"{int((rows['p_adjusted'] < _ALPHA).sum())} of the {len(rows)}"


def clear_coefficients(release: Release) -> str:
    """How many factors keep a coefficient whose interval leaves out 0, beside all others: ``3 of 18``."""
    return _leaving_out_0(_drivers(release, "standardised_coefficient"))


def clear_differences(release: Release) -> str:
    """How many differences between services have an interval that leaves out 0: ``2 of 15``."""
    return _leaving_out_0(release.select("difference", contrast="services", model=MODEL))


def _leaving_out_0(rows: pd.DataFrame) -> str:
    rows = rows.dropna(subset="value")
    return f"{int(((rows['low'] > 0) | (rows['high'] < 0)).sum())} of {len(rows)}"


def _drivers(release: Release, statistic: str) -> pd.DataFrame:
    return release.select(statistic, model=MODEL, service="all")


def _by_weight(release: Release) -> pd.DataFrame:
    """The weights, the heaviest first; what has none comes last."""
    return _drivers(release, "relative_weight").sort_values("value", ascending=False, kind="stable")


def _name(release: Release, row: Any) -> str:
    return release.label("item", str(row["item"]), str(row["instrument"]))


def _of(rows: pd.DataFrame, item: str, show: str = "value with interval") -> str:
    found = rows[rows["item"] == item]
    return as_text(found.iloc[0], show) if len(found) else "–"


def _models(rows: pd.DataFrame) -> list[str]:
    return [model.replace("-", " ").capitalize() for model in dict.fromkeys(rows["model"])]


def _sizes(rows: pd.DataFrame) -> list[str]:
    return [number(value, 0) for value in rows["value"]]
