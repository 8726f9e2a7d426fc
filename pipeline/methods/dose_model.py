"""Sessions per client compared between services, by a negative binomial regression.

The likelihoods are in ``zero_truncated`` and ``negative_binomial``; describing the sessions belongs in ``dose``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, log, sqrt
from typing import Any

import polars as pl

from pipeline.methods import negative_binomial, zero_truncated
from pipeline.methods.count_fit import CountFit
from pipeline.methods.dose_counts import FEWEST_CLIENTS, KEYS, Row, declare, declare_further, further, summaries
from pipeline.methods.proportions import normal_quantile
from pipeline.methods.results import Context, Ledger, Results
from pipeline.methods.services import addends, found_services, known_services
from schemas.vocabulary import ALL, REASONS

POISSON_NOTE = "at the boundary: no more variation than a Poisson distribution has"
DAYS = 30
"""Days that a rate by exposure is given for."""


@dataclass(frozen=True)
class Kind:
    """One model: its name, how its numbers come about, what it counts and in which unit."""

    name: str
    how: str
    rate: str
    ratio: str
    unit: str
    denominator: str = ""
    days: int = 0

    def method(self, statistic: str) -> str:
        """Method of a statistic of this model."""
        told = {"rate": self.rate, "rate_ratio": self.ratio, "dispersion": "Wald interval on the log scale"}
        return f"{self.how}: {told[statistic]}"


SEEN = Kind(
    "zero-truncated negative binomial",
    "zero-truncated negative binomial regression (Grogger and Carson 1991)",
    "mean per counted client, delta-method interval on the log scale",
    "ratio of the untruncated means, Wald interval on the log scale",
    "sessions",
)
EVERYBODY = Kind(
    "negative binomial",
    "negative binomial regression (Cameron and Trivedi 2013)",
    "mean per client, those without a session included, Wald interval on the log scale",
    "ratio of the means, Wald interval on the log scale",
    "sessions",
)
BY_TIME = Kind(
    "negative binomial, by time",
    "negative binomial regression of the sessions after the first, with the days from a client's first to last "
    "session as exposure (Cameron and Trivedi 2013)",
    f"per {DAYS} days, Wald interval on the log scale",
    "ratio of the rates, Wald interval on the log scale",
    f"sessions per {DAYS} days",
    "days",
    DAYS,
)


def model(
    doses: pl.DataFrame, reference: str, context: Context, clients: str = "seen", exposure: str = "none"
) -> Results:
    """Negative binomial regression of sessions on service.

    `rate` is the model's mean number of sessions per client of a service; `rate_ratio` the ratio, service to
    ``reference``: the exponential of the coefficient; `dispersion` is shared by all services. Intervals on the log
    scale, from the observed information. Services with fewer than five clients, or without variation, are left out
    with a reason. A model that didn't converge prints no number.

    Parameters
    ----------
    doses
        Rows of ``schemas.doses``.
    clients
        ``seen``: zero-truncated (Grogger & Carson 1991), as clients without a session are not in the data; any
        that are there are left out and counted in ``missing``. `rate` is then the truncated mean, `rate_ratio` the
        ratio of the untruncated means. ``all``: the doses hold everybody, those without a session too.
    exposure
        ``days``: rates of the sessions after the first over the days from a client's first to last session
        (`rate` per 30 days). Who was seen on one day only, or whose days are not known, has no time at risk: left
        out, whatever ``clients`` says, and counted in ``missing``. So a rate says how often clients came as long
        as they came, and nothing about for how long.
    """
    ledger = Ledger(context)
    kind = BY_TIME if exposure == "days" else EVERYBODY if clients == "all" else SEEN
    rows, counts = _counted(doses, kind), summaries(doses)
    cells = declare(ledger, counts, addends(found_services(doses), context))
    if kind is BY_TIME:
        timed = declare_further(ledger, rows, counts, cells)
        cells = {one: {"clients": cells[one]["clients"]} | timed.get(one, {}) for one in cells}
    else:
        cells = {one: {name: cells[one][name] for name in ("clients", "total")} for one in cells}
    services = _compared(doses, reference, context)
    reasons = {service: _unfit(rows.filter(pl.col("service") == service), kind) for service in services}
    fitted = [service for service in services if not reasons[service]]
    found = _fit(rows, fitted, kind)
    if fitted and found is None:
        reasons = {service: reason or REASONS["no_convergence"] for service, reason in reasons.items()}
    writer = _Model(ledger, kind, found, fitted, reasons, cells, _sizes(rows, counts))
    for service in services:
        writer.rate(service)
        writer.rate_ratio(service, reference)
    writer.dispersion()
    return ledger.results()


def _counted(doses: pl.DataFrame, kind: Kind) -> pl.DataFrame:
    """``service, count, exposure`` of the clients that a model is about."""
    if kind is BY_TIME:
        return further(doses)
    there = doses.filter(pl.col("sessions") > 0) if kind is SEEN else doses
    return there.select("service", count="sessions", exposure=pl.lit(1))


def _sizes(rows: pl.DataFrame, counts: dict[str, Row]) -> dict[str, Row]:
    """By service, `all` included: clients in the model, and those that are not."""
    inside = dict(rows.group_by("service").len().iter_rows()) | {ALL: rows.height}
    everybody = {service: row["clients"] or 0 for service, row in counts.items()}
    return {one: {"n": inside.get(one, 0), "missing": n - inside.get(one, 0)} for one, n in everybody.items()}


def _compared(doses: pl.DataFrame, reference: str, context: Context) -> list[str]:
    """Services that get a row: the known and the declared ones, and the reference."""
    return known_services({*found_services(doses), *context.services, reference}, context)


def _unfit(rows: pl.DataFrame, kind: Kind) -> str:
    """Why a service can't enter the model; empty where it can."""
    if rows.is_empty():
        return REASONS["no_rows"]
    if rows.height < FEWEST_CLIENTS:
        return REASONS["too_few"]
    least = 1 if kind is SEEN else 0
    return REASONS["no_variation"] if rows["count"].max() == least else ""


def _fit(rows: pl.DataFrame, fitted: list[str], kind: Kind) -> CountFit | None:
    if not fitted:
        return None
    rows, places = rows.filter(pl.col("service").is_in(fitted)), {one: place for place, one in enumerate(fitted)}
    groups, counts = [places[service] for service in rows["service"]], rows["count"].to_list()
    if kind is SEEN:
        return zero_truncated.fit(groups, counts, len(fitted))
    return negative_binomial.fit(groups, counts, len(fitted), rows["exposure"].to_list())


class _Model:
    """Writes the rows of one fit."""

    def __init__(
        self,
        ledger: Ledger,
        kind: Kind,
        found: CountFit | None,
        fitted: list[str],
        reasons: dict[str, str],
        cells: dict[str, dict[str, str]],
        sizes: dict[str, Row],
    ) -> None:
        self.ledger, self.kind, self.found, self.fitted, self.reasons = ledger, kind, found, fitted, reasons
        self.cells, self.sizes = cells, sizes

    def rate(self, service: str) -> None:
        def log_rate(fit: CountFit) -> tuple[float, Any]:
            value, gradient = fit.log_mean(self.fitted.index(service))
            return value + log(self.kind.days or 1), gradient

        self._write("rate", service, [service], self._numbers(log_rate, self.reasons[service]), unit=self.kind.unit)

    def rate_ratio(self, service: str, reference: str) -> None:
        if service == reference:
            return

        def log_ratio(fit: CountFit) -> tuple[float, Any]:
            import numpy as np

            gradient = np.zeros(len(fit.parameters))
            gradient[self.fitted.index(service)], gradient[self.fitted.index(reference)] = 1, -1
            return float(gradient @ fit.parameters), gradient

        numbers = self._numbers(log_ratio, self.reasons[service] or self.reasons[reference])
        keys = {"contrast": "services", "reference": reference, "unit": "ratio"}
        self._write("rate_ratio", service, [service, reference], numbers, **keys)

    def dispersion(self) -> None:
        reason = "" if self.found else self._why_nothing_was_fitted()
        if self.found and self.found.poisson:
            numbers: Row = {"value": 0.0, "reason": POISSON_NOTE}
        else:
            numbers = self._numbers(_log_dispersion, reason)
        self._write("dispersion", ALL, [ALL], numbers, unit="")

    def _why_nothing_was_fitted(self) -> str:
        found = set(self.reasons.values()) - {REASONS["no_rows"]}
        for name in ("no_convergence", "no_variation", "too_few"):
            if REASONS[name] in found:
                return REASONS[name]
        return REASONS["no_rows"]

    def _numbers(self, log_value: Callable[[CountFit], tuple[float, Any]], reason: str) -> Row:
        if reason or self.found is None:
            return {"value": None, "reason": reason}
        level = self.ledger.context.level
        value, gradient = log_value(self.found)
        se = sqrt(float(gradient @ self.found.covariance @ gradient))
        reach = normal_quantile(level) * se
        ends = {"low": exp(value - reach), "high": exp(value + reach), "level": level}
        return {"value": exp(value), "se": exp(value) * se} | ends

    def _write(self, statistic: str, service: str, behind: list[str], numbers: Row, **keys: str) -> None:
        cells = [(cell, "input") for one in behind for cell in self.cells.get(one, {}).values()]
        size = self.sizes.get(service, {"n": 0, "missing": 0})
        value = numbers.pop("value")
        how = {"model": self.kind.name, "method": self.kind.method(statistic), "denominator": self.kind.denominator}
        self.ledger.estimate(statistic, value, service=service, cells=cells, **how | KEYS | size | numbers | keys)


def _log_dispersion(fit: CountFit) -> tuple[float, Any]:
    import numpy as np

    return float(fit.parameters[-1]), np.eye(len(fit.parameters))[-1]
