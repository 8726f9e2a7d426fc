"""Ordered answers compared as ordered: ours."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

from pipeline.methods import superiority
from pipeline.methods.proportional_odds import Fit, fit
from pipeline.methods.proportional_odds_check import Check, against_saturated, at_cut, likelihood_ratio, wald

DATA = Path(__file__).parent / "data"
Answer = tuple[str, str, float]


def ours() -> Iterator[Answer]:
    """Every answer: case, quantity, value."""
    yield from _fits()
    yield from _robust()
    yield from _checks()
    yield from _superiority()


def _data(name: str) -> pl.DataFrame:
    return pl.read_csv(DATA / f"ordinal_{name}.csv")


def _fit(*arguments: object, **named: object) -> Fit:
    found = fit(*arguments, **named)  # type: ignore[arg-type]
    assert isinstance(found, Fit)
    return found


def _design(rows: pl.DataFrame, *terms: str) -> np.ndarray:
    return rows.select(terms).to_numpy().astype(float)


def _put(case: str, found: Fit) -> Iterator[Answer]:
    errors = np.sqrt(np.diag(found.covariance))
    for i, value in enumerate(found.thresholds):
        yield case, f"threshold{i + 1}", value
        if not len(found.effects):
            yield case, f"threshold{i + 1}_se", errors[i]
    for i, value in enumerate(found.coefficients):
        yield case, f"beta{i + 1}", value
        yield case, f"beta{i + 1}_se", found.se()[i]
    for i, value in enumerate(found.effects[1:]):
        yield case, f"effect{i + 1}", value
        yield case, f"effect{i + 1}_se", math.sqrt(found.effect_variances[i + 1])
    yield case, "log_likelihood", found.log_likelihood


def _fits() -> Iterator[Answer]:
    wine, housing, sparse, services = (_data(name) for name in ("wine", "housing", "sparse", "services"))
    terms = _design(wine, "warm", "contact")
    found = _fit(wine["code"], terms)
    yield from _put("wine", found)
    yield from (("wine", f"beta{i + 1}_published", found.coefficients[i]) for i in range(2))
    yield from _put("wine_judges", _fit(wine["code"], terms, groups=wine["judge"]))
    terms = _design(housing, "medium", "high", "contact")
    found = _fit(housing["code"], terms, groups=housing["type"], weights=housing["weight"])
    yield from _put("housing", found)
    yield from (("housing", f"beta{i + 1}_published", found.coefficients[i]) for i in range(3))
    yield from _put("sparse", _fit(sparse["code"], _design(sparse, "wave", "hours")))
    found = _fit((sparse["code"] >= 4).cast(pl.Int64), _design(sparse, "wave", "hours"))
    yield from (row for row in _put("binary", found) if row[1].startswith("beta"))
    yield from _put(
        "services", _fit(services["code"], _design(services, "wave", "hours"), groups=services["service"])
    )
    nothing = np.zeros((services.height, 0))
    yield from _put("services_only", _fit(services["code"], nothing, groups=services["service"]))


def _robust() -> Iterator[Answer]:
    wine, services, repeated = (_data(name) for name in ("wine", "services", "repeated"))
    terms = _design(wine, "warm", "contact")
    for case, correction in {
        "wine_factor": "factor", "wine_polr": "factor", "wine_none": "none", "wine_jackknife": "jackknife"
    }.items():  # fmt: skip
        yield from _errors(case, _fit(wine["code"], terms, wine["judge"], correction=correction))
    terms = _design(services, "wave", "hours")
    for case, clusters, correction in (
        ("services_factor", "service", "factor"),
        ("services_jackknife", "service", "jackknife"),
        ("persons_jackknife", "person", "jackknife"),
    ):
        found = _fit(services["code"], terms, services[clusters], services["service"], correction=correction)
        yield from _errors(case, found)
    two = (repeated["code"] >= 3).cast(pl.Int64)
    for case, codes in (("repeated", repeated["code"]), ("repeated_two", two)):
        found = _fit(codes, _design(repeated, "wave"), repeated["id"], correction="none")
        yield case, "beta1", found.coefficients[0]
        yield from _errors(case, found)


def _errors(case: str, found: Fit) -> Iterator[Answer]:
    yield from ((case, f"beta{i + 1}_robust", value) for i, value in enumerate(found.se(robust=True)))


def _checks() -> Iterator[Answer]:
    services, housing, repeated = (_data(name) for name in ("services", "housing", "repeated"))
    codes, wave, service = (services[name].to_numpy() for name in ("code", "wave", "service"))
    persons = services["person"].to_numpy()
    counts = services.filter(pl.col("service").is_in([2, 7])).group_by("service", "code").len()
    pair = (counts["code"], (counts["service"] == 7).cast(pl.Int64), counts["len"])
    yield from _put("pair", _fit(*pair[:2], weights=pair[2]))
    weights = housing["weight"].to_numpy()
    found = {
        "nominal_wave": likelihood_ratio(codes, wave),
        "nominal_wave_service": likelihood_ratio(codes, wave, service),
        "nominal_hours_service": likelihood_ratio(codes, services["hours"].to_numpy(), service),
        "nominal_pair": against_saturated(*pair),
        "nominal_service": against_saturated(codes, service),
        "nominal_housing": likelihood_ratio(housing["code"], housing["contact"], housing["type"].to_numpy(), weights),
    }
    for case, check in found.items():
        assert isinstance(check, Check)
        yield case, "statistic", check.statistic
        yield case, "degrees", check.degrees
        yield case, "p", check.p
    again = tuple(repeated[name].to_numpy() for name in ("code", "wave", "id"))
    for case, arguments in {"brant_persons": (codes, wave, persons, service), "brant_repeated": again}.items():
        check = wald(*arguments)
        assert isinstance(check, Check)
        yield case, "statistic", check.statistic
        yield case, "p", check.p
        for i, cut in enumerate(np.unique(arguments[0])[1:]):
            one = at_cut(arguments[0], cut, arguments[1], None, *arguments[3:])
            assert isinstance(one, Fit)
            yield case, f"cut{i + 1}", one.coefficients[0]


def _superiority() -> Iterator[Answer]:
    for case, first, reference, level in (
        ("sup_plain", (3, 8, 12, 20, 9), (6, 11, 15, 10, 4), 0.95),
        ("sup_sparse", (0, 1, 0, 4, 6), (2, 0, 3, 3, 0), 0.95),
        ("sup_unequal", (1, 2, 5), (40, 31, 22), 0.9),
        ("sup_pair", (1, 1, 0), (1, 0, 1), 0.95),
        ("sup_pain", (3, 1, 4, 2, 1), (11, 2, 0, 1, 0), 0.95),
    ):
        found = superiority.independent(first, reference, level)
        for quantity in ("value", "se", "degrees", "low", "high", "p"):
            yield case, quantity, getattr(found, quantity)
        if case == "sup_pain":
            assert found.se is not None
            assert found.degrees is not None
            yield case, "value_published", found.value
            yield case, "t", (found.value - 0.5) / found.se
            yield case, "degrees_published", found.degrees
    for case, first, reference in (
        ("sup_apart", (0, 0, 7), (2, 3, 0)),
        ("sup_below", (4, 0), (0, 9)),
        ("sup_alike", (0, 6), (0, 8)),
        ("sup_single", (0, 1), (0, 1)),
    ):
        found = superiority.independent(first, reference)
        yield from ((case, quantity, getattr(found, quantity)) for quantity in ("value", "low", "high"))
    rows = _data("services")
    counts = [
        [
            [rows.filter(service=service, wave=wave, code=code).height for code in range(1, 6)]
            for service in sorted(rows["service"].unique())
        ]
        for wave in (1, 0)
    ]
    by_services = {
        "sup_services": superiority.clustered(counts[0], counts[1]),
        "pairs_services": superiority.clustered_pairs([(5, 2, 6), (9, 1, 4), (3, 3, 8), (0, 2, 5)]),
    }
    for case, found in by_services.items():
        yield from ((case, quantity, getattr(found, quantity)) for quantity in ("value", "low", "high", "p"))
    for case, moves in {"pairs_plain": (14, 6, 20), "pairs_up": (5, 0, 9), "pairs_none": (0, 0, 12)}.items():
        found = superiority.paired(*moves)
        yield from ((case, quantity, getattr(found, quantity)) for quantity in ("value", "low", "high", "p"))
