"""Our answers on counts, contacts and continuation; data in ``data/support_*.csv``."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import gammaln

from pipeline.methods import negative_binomial, zero_truncated
from pipeline.methods.multinomial import log_ratio
from pipeline.methods.support import ratio_interval
from pipeline.methods.survival import Curve, log_log

Answer = tuple[str, str, float]
Fit = negative_binomial.Fit | zero_truncated.Fit
SERVICES = ("east", "west", "north")
NOT_COMPARED = {
    (case, f"{maker} se {service}")
    for case, maker in (("zero-truncated", "VGAM"), ("by time", "MASS"))
    for service in SERVICES
} | {("Poisson boundary", "log likelihood")}
"""Errors of expected information, where it differs from the observed one."""
DATA = Path(__file__).parent / "data"


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / f"support_{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def ours() -> Iterator[Answer]:
    """Each answer that ``support.csv`` has from elsewhere."""
    yield from (one for one in _counts() if one[:2] not in NOT_COMPARED)
    yield from _weeks()
    yield from _contacts()
    yield from _continuation()


def _counts() -> Iterator[Answer]:
    rows = _rows("counts")
    groups = [SERVICES.index(row["service"]) for row in rows]
    days = [float(row["days"]) for row in rows]
    sessions, further, regular = ([int(row[name]) for row in rows] for name in ("sessions", "further", "regular"))
    seen = [(g, n) for g, n in zip(groups, sessions, strict=True) if n > 0]
    truncated = zero_truncated.fit([g for g, _ in seen], [n for _, n in seen], 3)
    constant = -float(gammaln(np.array([n for _, n in seen]) + 1).sum())  # ours leaves it out
    yield from _fit("zero-truncated", truncated, ("", "VGAM "), constant)
    limit = zero_truncated.fit(groups, regular, 3)
    constant = -float(gammaln(np.array(regular) + 1).sum())
    yield from _fit("zero-truncated Poisson", limit, ("", "VGAM "), constant)
    yield from _fit("all clients", negative_binomial.fit(groups, sessions, 3), ("", "MASS "))
    yield from _fit("by time", negative_binomial.fit(groups, further, 3, days), ("", "MASS "))
    yield from _fit("Poisson boundary", negative_binomial.fit(groups, regular, 3), ("",))


def _fit(case: str, found: Fit | None, makers: tuple[str, ...], constant: float = 0.0) -> Iterator[Answer]:
    """Coefficients against the first service, as the others give them."""
    assert found is not None
    for maker in makers:
        for place, service in enumerate(SERVICES):
            contrast = np.zeros(len(found.parameters))
            contrast[place] = 1.0
            contrast[0] -= 1.0 if place else 0.0
            yield case, f"{maker}coefficient {service}", float(contrast @ found.parameters)
            yield case, f"{maker}se {service}", float(contrast @ found.covariance @ contrast) ** 0.5
        if not found.poisson:
            yield case, f"{maker}dispersion", found.dispersion
    if not found.poisson:
        yield case, "se log dispersion", float(found.covariance[-1, -1]) ** 0.5
    yield case, "log likelihood", found.log_likelihood + constant


def _weeks() -> Iterator[Answer]:
    found = ratio_interval([(int(row["events"]), int(row["contacts"])) for row in _rows("weeks")], 0.95)
    assert found is not None
    yield from (("weeks", name, value) for name, value in zip(("se", "low", "high"), found, strict=True))


def _contacts() -> Iterator[Answer]:
    rows = _rows("contacts")
    for mode in ("telephone", "video"):
        sides, clients = [], []
        for service in ("west", "east"):
            there = [row for row in rows if row["service"] == service]
            names = sorted({row["client"] for row in there})
            counts = [[_number(there, name, one) for one in (mode, "in person")] for name in names]
            sides.append(np.array(counts))
            clients.append(np.array(names))
        shared: Any = np.intersect1d(*clients, return_indices=True)[1:]
        found = log_ratio(sides[0], sides[1], np.column_stack(shared))
        assert found is not None
        yield "contacts", f"log ratio {mode}", found.value
        yield "contacts", f"model se {mode}", found.model_se
        yield "contacts", f"cluster se {mode}", found.se
        yield "contacts", f"df {mode}", found.df


def _number(rows: list[dict[str, str]], client: str, mode: str) -> int:
    return sum(row["client"] == client and row["mode"] == mode for row in rows)


def _continuation() -> Iterator[Answer]:
    curve = Curve.of([(int(row["sessions"]), row["stopped"] == "1") for row in _rows("followed")])
    for at in (2, 4, 8, 12, 21):
        found = curve.at(at - 1)
        assert found is not None
        low, high = log_log(*found, 0.95)
        yield "continuation", f"surv {at}", found[0]
        yield "continuation", f"lower {at}", low
        yield "continuation", f"upper {at}", high
    median = curve.median(0.95)
    for name, value in (("median", median.value), ("median low", median.low), ("median high", median.high)):
        yield "continuation", name, float("nan") if value is None else value
