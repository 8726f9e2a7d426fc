"""Sessions per client compared between services, by a zero-truncated negative binomial regression.

The likelihood is in ``zero_truncated``; describing the sessions belongs in ``dose``.
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp, sqrt
from typing import Any

import polars as pl

from pipeline.methods.dose_counts import EMPTY, KEYS, Row, declare, summaries
from pipeline.methods.proportions import normal_quantile
from pipeline.methods.results import Context, Ledger, Results
from pipeline.methods.services import addends, found_services, known_services
from pipeline.methods.zero_truncated import Fit, fit
from schemas.vocabulary import ALL, REASONS

MODEL = "zero-truncated negative binomial"
_FITTED = "zero-truncated negative binomial regression (Grogger and Carson 1991)"
METHODS = {
    "rate": f"{_FITTED}: mean per counted client, delta-method interval on the log scale",
    "rate_ratio": f"{_FITTED}: ratio of the untruncated means, Wald interval on the log scale",
    "dispersion": f"{_FITTED}: Wald interval on the log scale",
}
POISSON_NOTE = "at the boundary: no more variation than a Poisson distribution has"
FEWEST_CLIENTS = 5
"""Clients that a service needs to enter the model."""


def model(doses: pl.DataFrame, reference: str, context: Context) -> Results:
    """Zero-truncated negative binomial regression of sessions on service (Grogger & Carson 1991).

    `rate` is the model's mean number of sessions per counted client of a service (the truncated mean); `rate_ratio`
    the ratio of the untruncated means, service to ``reference``: the exponential of the coefficient; `dispersion` is
    shared by all services. Wald intervals on the log scale. Clients without sessions are left out and counted in
    ``missing``. Services with fewer than five clients, or whose clients all had one session, are left out with a
    reason. A model that didn't converge prints no number.
    """
    ledger = Ledger(context)
    counted = doses.filter(pl.col("sessions") > 0)
    counts = summaries(doses)
    cells = declare(ledger, counts, addends(found_services(doses), context))
    services = _compared(doses, reference, context)
    reasons = {service: _unfit(counted.filter(pl.col("service") == service)) for service in services}
    fitted = [service for service in services if not reasons[service]]
    found = _fit(counted, fitted)
    if fitted and found is None:
        reasons = {service: reason or REASONS["no_convergence"] for service, reason in reasons.items()}
    writer = _Model(ledger, found, fitted, reasons, cells, counts)
    for service in services:
        writer.rate(service)
        writer.rate_ratio(service, reference)
    writer.dispersion()
    return ledger.results()


def _compared(doses: pl.DataFrame, reference: str, context: Context) -> list[str]:
    """Services that get a row: the known and the declared ones, and the reference."""
    return known_services({*found_services(doses), *context.services, reference}, context)


def _unfit(rows: pl.DataFrame) -> str:
    """Why a service can't enter the model; empty where it can."""
    if rows.is_empty():
        return REASONS["no_rows"]
    if rows.height < FEWEST_CLIENTS:
        return REASONS["too_few"]
    return REASONS["no_variation"] if rows["sessions"].max() == 1 else ""


def _fit(counted: pl.DataFrame, fitted: list[str]) -> Fit | None:
    rows = counted.filter(pl.col("service").is_in(fitted))
    if not fitted:
        return None
    places = {service: place for place, service in enumerate(fitted)}
    return fit([places[service] for service in rows["service"]], rows["sessions"].to_list(), len(fitted))


class _Model:
    """Writes the rows of one fit."""

    def __init__(
        self,
        ledger: Ledger,
        found: Fit | None,
        fitted: list[str],
        reasons: dict[str, str],
        cells: dict[str, dict[str, str]],
        counts: dict[str, Row],
    ) -> None:
        self.ledger, self.found, self.fitted, self.reasons = ledger, found, fitted, reasons
        self.cells, self.counts = cells, counts

    def rate(self, service: str) -> None:
        numbers = self._numbers(lambda fit: fit.log_mean(self.fitted.index(service)), self.reasons[service])
        self._write("rate", service, [service], numbers, unit="sessions")

    def rate_ratio(self, service: str, reference: str) -> None:
        if service == reference:
            return

        def log_ratio(fit: Fit) -> tuple[float, Any]:
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

    def _numbers(self, log_value: Callable[[Fit], tuple[float, Any]], reason: str) -> Row:
        if reason or self.found is None:
            return {"value": None, "reason": reason}
        level = self.ledger.context.level
        value, gradient = log_value(self.found)
        se = sqrt(float(gradient @ self.found.covariance @ gradient))
        reach = normal_quantile(level) * se
        ends = {"low": exp(value - reach), "high": exp(value + reach), "level": level}
        return {"value": exp(value), "se": exp(value) * se} | ends

    def _write(self, statistic: str, service: str, behind: list[str], numbers: Row, **keys: str) -> None:
        cells = [
            (self.cells[one][name], "input") for one in behind if one in self.cells for name in ("clients", "total")
        ]
        row = self.counts.get(service, EMPTY)
        size = {"n": (row["clients"] or 0) - (row["none"] or 0), "missing": row["none"]}
        value = numbers.pop("value")
        columns = {"model": MODEL, "method": METHODS[statistic]} | KEYS | size | numbers | keys
        self.ledger.estimate(statistic, value, service=service, cells=cells, **columns)


def _log_dispersion(fit: Fit) -> tuple[float, Any]:
    import numpy as np

    return float(fit.parameters[-1]), np.eye(len(fit.parameters))[-1]
