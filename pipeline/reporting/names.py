"""What the ids of estimates are called, over all studies: services, waves, surveys, items, answers, statistics.

The words of a study come from its labels; here are only those that every study shares.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from pipeline.reporting.formats import plain

STATISTICS = {
    "sd": "SD",
    "p": "p",
    "rate_ratio": "Ratio of means",
    "heterogeneity_tau2": "Heterogeneity (τ²)",
    "heterogeneity_i2": "Heterogeneity (I²)",
    "heterogeneity_q": "Heterogeneity (Q)",
    "minimum_detectable_difference": "Smallest difference likely to be found",
    "minimum_detectable_correlation": "Smallest correlation likely to be found",
    "alpha": "Cronbach's alpha",
    "alpha_without_item": "Cronbach's alpha without the item",
    "omega": "McDonald's omega",
    "item_rest_correlation": "Correlation with the other items",
    "minimal_detectable_change_of_mean": "Minimal detectable change of the mean",
    "r_squared": "R²",
    "adjusted_r_squared": "Adjusted R²",
    "krippendorff_alpha": "Krippendorff's alpha",
    "kappa": "Cohen's kappa",
    "fleiss_kappa": "Fleiss' kappa",
    "pooled_share": "Pooled share",
    "prediction_interval": "Expected of a new service",
    "funnel_limits": "Range of chance",
    "superiority": "Probability of a higher answer",
    "proportional_odds": "Test of proportional odds (chi-square)",
    "log_rank": "Log-rank chi-square",
    "proportional_hazards": "Proportional hazards (chi-square)",
    "moderator_q": "Test of the moderators (Q)",
    "effective_n": "Answers' worth",
    "answers_for_half_width": "Answers for the width wanted",
}
DENOMINATORS = {
    "asked": "of all asked",
    "answered": "of those who answered",
    "invited": "of those invited",
    "contacts": "of contacts",
    "appointments": "of appointments",
    "days": "by time",
    "clients": "of clients",
    "not-stated": "denominator not stated",
}
MODELS = {
    "gee-service": "GEE, services as clusters",
    "gee-subject": "GEE, persons as clusters",
    "mixed-service": "mixed model, services as clusters",
    "mixed-subject": "mixed model, persons as clusters",
    "wild-bootstrap-service": "wild bootstrap by service",
    "wild-bootstrap-subject": "wild bootstrap by person",
    "cluster-bootstrap-service": "services drawn anew",
    "cluster-bootstrap-subject": "persons drawn anew",
}
TERMS = {
    "exact-test": "exact test",
    "first-of-holm": "first step of Holm's method",
    "clustered": "services as clusters",
    "present-services": "services as clusters, as many as now",
    "unfavourable": "least favourable share",
    "unfavourable-first-of-holm": "least favourable share, first step of Holm's method",
    "fte": "FTE",
}
HEADS = {
    "study": "Study",
    "service": "Service",
    "population": "Who is counted",
    "instrument": "Survey",
    "item": "Item",
    "category": "Answer",
    "group": "Group",
    "wave": "When",
    "contrast": "Comparison",
    "model": "Model",
    "term": "With",
    "reference": "Compared with",
    "at": "At",
    "statistic": "Statistic",
    "denominator": "Share of whom",
}
"""Headings for the keys of estimates."""

_WORDS = {"denominator": DENOMINATORS, "model": MODELS, "term": TERMS}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_LABELLED = {"reference": ("wave", "service"), "term": ("item", "service"), "at": ("wave",), "contrast": ()}
"""Keys whose values are ids of something else."""


class Names:
    """The labels of all studies (columns study, kind, parent, id, label, order) as a look-up."""

    def __init__(self, labels: pd.DataFrame):
        rows = labels.to_dict("records")
        self._labels = {(r["study"], r["kind"], r["parent"], r["id"]): str(r["label"]) for r in rows}
        self._order = {(r["study"], r["kind"], r["parent"], r["id"]): int(r["order"]) for r in rows}

    def of(self, key: str, row: Mapping[str, Any]) -> str:
        """What the ``key`` of an estimate is called; the id in plain words where it has no label."""
        name = str(row[key])
        if key == "statistic":
            return STATISTICS.get(name) or plain(name.replace("_", "-"))
        if key in _WORDS and name in _WORDS[key]:
            return _WORDS[key][name]
        if key == "denominator":
            return plain(name).lower()
        if _DAY.fullmatch(name):
            return name
        for place in self._places(key, row):
            if place in self._labels:
                return self._labels[place]
        return plain(name) if name else ""

    def order(self, key: str, row: Mapping[str, Any]) -> int:
        """Place of a key's value in declared order; what has none comes after what has."""
        if key == "service" and row[key] == "all":
            return -1
        return next((self._order[place] for place in self._places(key, row) if place in self._order), 10**6)

    def study(self, study: str) -> str:
        """The title of a study."""
        return self._labels.get((study, "study", "", study), study)

    @staticmethod
    def _places(key: str, row: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
        kinds = _LABELLED.get(key, (key,))
        return [(row["study"], kind, parent, row[key]) for kind in kinds for parent in (row["instrument"], "")]


def in_words(names: Names, row: Mapping[str, Any]) -> str:
    """What an estimate is about, without study, service and wave: ``Share: Has hope, Yes, definitely``."""
    keys = [key for key in ("item", "term", "category", "group", "model") if row[key]]
    words = [names.of(key, row) for key in keys]
    words += [f"compared with {names.of('reference', row)}"] if row["reference"] else []
    words += [f"at {row['at']}"] if row["at"] else []
    words += [names.of("denominator", row)] if row["denominator"] else []
    return f"{names.of('statistic', row)}: {', '.join(words)}" if words else names.of("statistic", row)
