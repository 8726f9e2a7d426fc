"""The closed lists and the keys that every result shares, and how an ``estimate_id`` is made.

Light on purpose: no pandas, no Pandera, so that a report or a start-up check can import it at no cost.
Column checks belong in ``estimates.py``, ``cells.py``, ``claims.py`` and ``findings.py``.
"""

from __future__ import annotations

from collections.abc import Mapping

ALL = "all"
"""The service, or wave, of a row that pools all of them."""

UNKNOWN = "unknown"
"""The service of rows whose document names none: no by-service result is made of them."""

DATA_STATUSES = {
    "observed": "collected data, or a document's own text",
    "reconstructed": "rows made to match published aggregates",
    "demonstration": "generated; only in studies about fictional services",
}

IDENTIFIED = {
    "not_applicable": "the rows are not reconstructed, so there is nothing to identify",
    "exact": "the same in every reconstruction that meets the published figures",
    "to_rounding": "the same in every reconstruction once rounded as the published figure is",
    "no": "differs between reconstructions that meet the same published figures: never a finding",
}

STATISTICS = {
    "count": "number of units of observation in the category",
    "respondents": "number of respondents (or of clients rated) in the stated denominator",
    "clients": "number of clients",
    "share": "proportion (0 to 1) of the denominator that is in the category",
    "mean": "arithmetic mean",
    "sd": "standard deviation (n - 1)",
    "median": "median",
    "quantile": "quantile at the probability in `at`",
    "total": "sum over the units of observation",
    "difference": "value in `wave` (or `service`) minus value in `reference`",
    "net_change": "share that moved up minus share that moved down, same persons at two waves",
    "specifications": "combinations of defensible choices (`term`: of which comparison) that give a difference",
    "specifications_distinct": "differences that `specifications` give; one by construction counts once",
    "specifications_same_sign": "of `specifications_distinct`: the sign is that of the comparison as declared",
    "specifications_clear": "`specifications` whose interval excludes no difference",
    "specification_median": "median of `specifications_distinct`; `low` and `high` are the least and the largest",
    "missing_information": "fraction of the information about an imputed estimate that the missing answers took",
    "standardised_difference": "difference of two shares in units of their standard deviation",
    "rate": "model-based mean number of contacts per client; per 30 days where `denominator` is `days`",
    "rate_ratio": "ratio of the means, `service` to `reference`; of a model cut off at zero the means before "
    "truncation, so not the ratio of two `rate` rows",
    "relative_risk_ratio": "ratio of contacts in `category` to those in `term`, `service` to `reference`",
    "continuation": "share of clients who go on to at least as many sessions as `at` says (Kaplan-Meier)",
    "superiority": "probability that an answer in `wave` (or `service`) is higher than one in `reference`, ties half",
    "proportional_odds": "chi-square that an odds ratio is the same at every cut of the scale, with its p-value",
    "odds_ratio": "ratio of the odds, `term` (or `wave`, `service`) to `reference`, the other terms equal",
    "dispersion": "negative binomial dispersion (variance = mean + dispersion * mean squared)",
    "pooled_share": "share pooled over services by a random-effects model",
    "prediction_interval": "range in which the share of a new, similar service is expected",
    "heterogeneity_tau2": "between-service variance on the model's scale",
    "heterogeneity_i2": "share of the variation between services beyond chance (0 to 1)",
    "heterogeneity_q": "Cochran's Q, with its p-value; of what a model with moderators leaves, where there is one",
    "heterogeneity_explained": "part of the between-service variance that goes with the moderators (0 to 1)",
    "moderator_coefficient": "change of the logit share with one unit of `term`, or from `reference` to `term`",
    "moderator_q": "Wald's Q that pooled shares do not differ with the moderators (`term`), with its p-value",
    "funnel_limits": "range in which a service of this size falls by chance if all are alike, at `level`",
    "minimum_detectable_difference": "smallest difference found with the power in `at`",
    "clustered_detectable_difference": "smallest difference found with the power in `at`, with services as clusters",
    "answers_needed": "answers in each wave (same persons: pairs) with which the difference in `at` is found",
    "answers_for_half_width": "answers in each wave (same persons: pairs) with which the interval of a difference "
    "reaches as far as `at` says to each side",
    "services_needed": "services, of the present mean size, with which the difference in `at` is found",
    "expected_half_width": "half the width of the interval of a difference, expected with the present numbers",
    "power": "probability that a test finds the difference in `at`, with the present numbers",
    "intraclass_correlation": "how alike the answers of one service (or person: `model`) are (0 not at all, "
    "1 fully); same persons: changes",
    "design_effect": "by how much services as clusters widen the variance: as many times the answers are needed",
    "effective_n": "independent answers that would tell as much as the answers there are",
    "response_rate": "answered divided by invited",
    "invitation_rate": "invited divided by eligible",
    "alpha": "Cronbach's alpha",
    "alpha_without_item": "Cronbach's alpha of the scale (`term`) without the item",
    "omega": "McDonald's omega total: share of the variance of a sum of items that one factor accounts for",
    "item_rest_correlation": "Pearson correlation of an item with the sum of the other items of its scale (`term`)",
    "mean_correlation": "mean of the Pearson correlations of each two items of a scale",
    "standard_error_of_measurement": "standard deviation of one person's score over repeated measurements, by alpha",
    "minimal_detectable_change": "smallest change of one person's score that exceeds its error of measurement",
    "minimal_detectable_change_of_mean": "smallest change of the mean score of `n` persons that exceeds its error of "
    "measurement",
    "correlation": "Spearman rank correlation of two items, or of an item and a subscale (`item`, `term`)",
    "relative_weight": "part of `r_squared` that goes to a factor (`item`), which may share it with others",
    "standardised_coefficient": "change of the outcome's rank, in SDs, with one SD of a factor's, the others equal",
    "top_rank_share": "share of resamples in which a factor is among the first by relative weight; how many: `at`",
    "r_squared": "share of the variance of the outcome's ranks (`term`) that goes with all factors together",
    "adjusted_r_squared": "`r_squared` less what as many factors would reach by chance",
    "chance_weight": "relative weight that a factor of random numbers stays below, at the probability in `at`",
    "minimum_detectable_correlation": "smallest correlation found with the power in `at`",
    "respondents_needed": "respondents with whom a correlation as in `at` is found (in each service: to differ from "
    "one as in `reference`)",
    "krippendorff_alpha": "Krippendorff's alpha: agreement of all coders beyond chance (1 full, 0 as by chance)",
    "kappa": "Cohen's kappa of two coders (`group`): agreement beyond chance (1 full, 0 as by chance)",
    "weighted_kappa": "weighted kappa of two coders (`group`) and ordered values; the weights are in `model`",
    "fleiss_kappa": "Fleiss' kappa of three or more coders who all read the same units",
    "percent_agreement": "share of the pairs of coders, within units, that agree whether a code applies",
    "jaccard": "what two sets share, as part of all that is in either: units of two codes, or codes of two coders",
    "codes_seen": "number of different codes met in the first units, as many as `at` says",
    "late_codes": "share of the codes that are first met in the last quarter of the units, from unit `at` on",
    "saturation_ratio": "new codes in a run of two units (the last is `at`) divided by the codes of the first four",
    "saturation_point": "units after which a run of two adds at most 5% of the codes of the first four",
    "headcount": "posts filled at a date",
    "growth": "posts at the date in `at` minus posts at the date in `reference`",
    "growth_ratio": "posts at the date in `at` divided by posts at the date in `reference`",
    "growth_per_year": "`growth` divided by the years between its two dates",
    "growth_ratio_per_year": "ratio by which posts grew each year, had it been the same every year (geometric)",
    "retention": "share of post holders still in post after the days in `at` (Kaplan-Meier)",
    "retention_by_group": "`retention` of the post holders in a group (`group`)",
    "log_rank": "chi-square that posts of all groups (`contrast`) end alike, with its p-value",
    "expected_ends": "posts of a group that would have ended, had those of all groups ended alike; `events` did",
    "hazard_ratio": "ratio of the rates of leaving, `term` to `reference`, the other terms equal (Cox)",
    "proportional_hazards": "chi-square that a hazard ratio (`term`) is the same at all times, with its p-value",
}

OUTCOMES = {
    "agrees": "the recomputed number, rounded, is the published one",
    "agrees only with n": "agrees with a smaller number of answers than the document states",
    "agrees only under": "agrees at the stated n, but only under another rounding rule",
    "as published": "no rows can be rebuilt; the figure is carried as printed",
    "differs": "no data set meets the figure, or the recomputed number is another one",
    "withheld": "suppressed by the disclosure gate",
    "not computable": "the document does not state what would be needed to compute it",
}

BOUNDS = {">": "more than", "≥": "at least", "<": "less than", "≤": "at most"}
"""Operators of claims that say where a figure lies, and not what it is."""

ABOUT = "≈"
"""Operator of a figure stated roughly ("a quarter", "approximately 20"), with no bound."""

ROUNDING_RULES = ("half-up", "half-even", "truncation")

REASONS = {
    "not_identified": "not identified",
    "no_n": "no published n",
    "as_uncertain": "published as uncertain",
    "as_bound": "published as a bound",
    "as_approximate": "published as approximate",
    "in_words": "published in words only",
    "too_few": "too few rows",
    "not_scored": "too few items answered",
    "no_rows": "no rows",
    "no_convergence": "no convergence",
    "too_few_clusters": "too few clusters",
    "all_or_none": "everybody or nobody at one wave",
    "no_variation": "no variation",
    "zero_cells": "a count of zero leaves no ratio",
    "collinear": "follows from other terms",
    "separated": "perfect separation",
    "two_answers": "fewer than three answers occur",
    "no_posts": "no posts at the first date",
    "too_few_items": "too few items",
    "improper": "improper solution",
    "alpha_below_zero": "alpha below 0",
    "too_many": "too many services",
    "out_of_reach": "more than can change",
    "services_fixed": "not with the present services",
    "too_few_services": "too few services",
    "suppressed": "suppressed",
}

MODES = ("in person", "telephone", "video", "text")
"""How a contact can take place."""

ACTIVITIES = ("conversation", "walk", "fitness", "community resource", "finding resources", "other")
"""What can be done in a contact, where a study declares no ``activities`` of its own."""

ESTIMATE_KEYS = (
    "study",
    "service",
    "population",
    "instrument",
    "item",
    "category",
    "group",
    "wave",
    "contrast",
    "model",
    "term",
    "reference",
    "at",
    "statistic",
    "denominator",
)

COMPARED = ("value", "low", "high", "p", "reason")
"""What makes a released estimate another one than before."""

SET_ASIDE = ("study", "table", "set_aside", "percent", "reasons")
"""Columns of the counts of rows that were set aside."""

ESTIMATE_NUMBERS = (
    "value",
    "se",
    "low",
    "high",
    "level",
    "n",
    "n_reference",
    "events",
    "missing",
    "p",
    "p_adjusted",
)

ESTIMATE_HOW = (
    "family",
    "unit",
    "scale",
    "method",
    "data_status",
    "identified",
    "reason",
    "suppressed",
    "produced_by",
)

ESTIMATE_COLUMNS = ("estimate_id", *ESTIMATE_KEYS, *ESTIMATE_NUMBERS, *ESTIMATE_HOW)

CELL_KEYS = ("study", "service", "population", "instrument", "item", "category", "group", "wave", "quantity")

_ID_HEAD = ("study", "service", "statistic")


def estimate_id(keys: Mapping[str, object]) -> str:
    """Readable, unambiguous join of an estimate's keys.

    ``{"study": "s", "service": "all", "statistic": "share", "item": "hope"}`` gives
    ``s/all/share/item=hope``; empty keys are left out, the others stand in the order of ``ESTIMATE_KEYS``.

    Raises
    ------
    ValueError
        When study, service or statistic is empty, or a value has a ``/`` or ``=`` in it.
    """
    return _join(keys, _ID_HEAD, ESTIMATE_KEYS)


def cell_id(keys: Mapping[str, object]) -> str:
    """Readable join of a cell's keys, as ``estimate_id`` (head: study, service, quantity)."""
    return _join(keys, ("study", "service", "quantity"), CELL_KEYS)


def parse_estimate_id(text: str) -> dict[str, str]:
    """The keys that an ``estimate_id`` was made of (empty ones included, as ``""``).

    Raises
    ------
    ValueError
        When the text is not an estimate id.
    """
    parts = text.split("/")
    pairs = [part.split("=", 1) for part in parts[3:]]
    if len(parts) < 3 or any(len(pair) != 2 or pair[0] not in ESTIMATE_KEYS for pair in pairs):
        raise ValueError(f"not an estimate id: {text!r} (study/service/statistic/key=value/...)")
    return dict.fromkeys(ESTIMATE_KEYS, "") | dict(zip(_ID_HEAD, parts, strict=False)) | dict(pairs)


def _join(keys: Mapping[str, object], head: tuple[str, ...], order: tuple[str, ...]) -> str:
    texts = {key: str(keys.get(key) or "") for key in order}
    empty = [key for key in head if not texts[key]]
    if empty:
        raise ValueError(f"an id needs {', '.join(empty)}: {texts}")
    unsafe = [text for text in texts.values() if "/" in text or "=" in text]
    if unsafe:
        raise ValueError(f"a key may not contain '/' or '=': {unsafe[0]!r}")
    tail = [f"{key}={texts[key]}" for key in order if key not in head and texts[key]]
    return "/".join([*(texts[key] for key in head), *tail])
