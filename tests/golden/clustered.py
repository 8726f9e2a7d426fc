"""Ours for ``clustered.csv``: GEE, mixed models and the wild cluster bootstrap."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
from scipy.stats import t as student

from pipeline.methods import gee, mixed_logistic, mixed_model
from pipeline.methods.wild_bootstrap import wild_cluster

DATA = Path(__file__).parent / "data"
TERMS = ("intercept", "wave", "z", "place")

Answer = tuple[str, str, float]


def ours() -> Iterator[Answer]:
    """All our answers."""
    for correlation in ("independence", "exchangeable"):
        yield from _gee(f"gee gaussian {correlation}", _rows(), "score", 3, correlation)
        yield from _gee(f"gee binomial {correlation}", _rows(), "yes", 3, correlation)
        yield from _gee(f"gee persons gaussian {correlation}", _read("persons"), "score", 2, correlation)
        yield from _gee(f"gee persons binomial {correlation}", _read("persons"), "yes", 2, correlation)
        yield from _gee(f"gee rare binomial {correlation}", _read("rare"), "yes", 2, correlation)
        for name in ("rows", "persons", "rare"):
            yield from _share(f"share {name} {correlation}", _read(name), correlation)
    yield from _gee("gee place gaussian exchangeable", _rows(), "score", 4, "exchangeable")
    yield from _gee("gee few binomial exchangeable", _few(), "yes", 2, "exchangeable")
    yield from _club()
    yield from _linear()
    yield from _logistic()
    yield from _wild()


def _read(name: str) -> pl.DataFrame:
    return pl.read_csv(DATA / f"clustered_{name}.csv").with_columns(intercept=1.0)


def _rows() -> pl.DataFrame:
    return _read("rows")


def _few() -> pl.DataFrame:
    return _rows().filter(pl.col("cluster") > 7)


def _arrays(data: pl.DataFrame, outcome: str, terms: int):
    design = data.select(TERMS[:terms]).cast(pl.Float64).to_numpy()
    return data[outcome].cast(pl.Float64).to_numpy(), design, data["cluster"].to_numpy()


def _each(case: str, names, values, suffix: str = "") -> Iterator[Answer]:
    for name, value in zip(names, values, strict=True):
        yield case, f"{name}{suffix}", float(value)


def _errors(covariance) -> np.ndarray:
    return np.sqrt(np.diag(covariance))


def _gee(case: str, data: pl.DataFrame, outcome: str, terms: int, correlation) -> Iterator[Answer]:
    family = "binomial" if outcome == "yes" else "gaussian"
    fit = gee.fit(*_arrays(data, outcome, terms), family, correlation)
    yield from _each(case, TERMS[:terms], fit.coefficients)
    for errors in ("robust", "model", "mancl-derouen", "kauermann-carroll"):
        yield from _each(case, TERMS[:terms], _errors(fit.covariance(errors)), f" {errors} se")
    yield case, "dispersion", fit.dispersion
    if correlation == "exchangeable":
        yield case, "correlation", fit.correlation
    yield case, "wave df", fit.degrees_of_freedom(np.eye(terms)[1])


def _share(case: str, data: pl.DataFrame, correlation) -> Iterator[Answer]:
    fit = gee.fit(*_arrays(data, "yes", 2), "binomial", correlation)
    shares = 1 / (1 + np.exp(-np.cumsum(fit.coefficients)))
    slopes = shares * (1 - shares)
    contrast = np.array([slopes[1] - slopes[0], slopes[1]])
    yield case, "difference", float(shares[1] - shares[0])
    for errors in ("robust", "kauermann-carroll"):
        yield case, f"difference {errors} se", fit.error(contrast, errors)
    yield case, "difference df", fit.degrees_of_freedom(contrast)


def _club() -> Iterator[Answer]:
    types = {"CR0": "robust", "CR2": "kauermann-carroll", "CR3": "mancl-derouen"}
    fit = gee.fit(*_arrays(_rows(), "score", 3), "gaussian", "independence")
    for name, errors in types.items():
        yield from _each("club linear", TERMS[:3], _errors(fit.covariance(errors)), f" {name}")
    frequencies = np.array([fit.degrees_of_freedom(one) for one in np.eye(3)])
    yield from _each("club linear", TERMS[:3], frequencies, " df")
    sizes = np.abs(fit.coefficients / _errors(fit.covariance()))
    yield from _each("club linear", TERMS[:3], 2 * student.sf(sizes, frequencies), " p")
    fit = gee.fit(*_arrays(_rows(), "yes", 3), "binomial", "independence")
    for name in ("CR0", "CR3"):
        yield from _each("club logit", TERMS[:3], _errors(fit.covariance(types[name])), f" {name}")


def _linear() -> Iterator[Answer]:
    cases = {"rows": (_rows(), "score", 4), "few": (_few(), "score", 2), "persons": (_read("persons"), "score", 2)}
    cases |= {"singular": (_read("flat"), "score", 2), "yes": (_rows(), "yes", 2)}
    for name, (data, outcome, terms) in cases.items():
        for kind in ("reml", "ml"):
            case = f"lmm {name} {kind}"
            fit = mixed_model.fit(*_arrays(data, outcome, terms), restricted=kind == "reml")
            yield from _each(case, TERMS[:terms], fit.coefficients)
            yield from _each(case, TERMS[:terms], _errors(fit.covariance), " se")
            yield from (
                (case, "between", fit.between),
                (case, "within", fit.within),
                (case, "deviance", fit.deviance),
            )
            low, high = fit.correlation_interval(0.95)
            yield from ((case, "correlation low", low), (case, "correlation high", high))
            if case == "lmm rows reml":
                yield from _each(case, TERMS[1:], fit.degrees_of_freedom[1:], " df")


def _logistic() -> Iterator[Answer]:
    cases = {"rows": (_rows(), 3, 25), "rows, nine points": (_rows(), 3, 9), "waves": (_rows(), 2, 25)}
    cases |= {
        "persons": (_read("persons"), 2, 25),
        "rare": (_read("rare"), 2, 25),
        "singular": (_read("flat"), 2, 25),
    }
    for name, (data, terms, points) in cases.items():
        outcome, design, labels = _arrays(data, "yes", terms)
        fit = mixed_logistic.fit(outcome, np.ones(len(outcome)), design, labels, points)
        case, names = f"glmm {name}", ("sd", *TERMS[:terms])
        values = [fit.sd, *fit.coefficients]
        errors = _errors(fit.covariance)
        yield from _each(case, names, values)
        if name == "singular":
            yield from _each(case, TERMS[:terms], errors, " se")
            continue
        yield from _each(f"{case} as it comes", names, values)
        yield from _each(case, names, [errors[-1], *errors[:-1]], " se")
        if terms == 2:
            difference = fit.marginal_difference(np.array([1.0, 1.0]), np.array([1.0, 0.0]))
            yield from _each(case, ("marginal difference", "marginal difference se"), difference)


def _wild() -> Iterator[Answer]:
    cluster, rows = pl.col("cluster"), _rows()
    cases = {
        "wild four, yes": (cluster > 8, "yes", 2),
        "wild five, score": (cluster.is_between(2, 6), "score", 2),
        "wild seven, score": (cluster.is_between(3, 9), "score", 2),
        "wild eight, yes": (cluster > 4, "yes", 3),
        "wild eleven, score": (cluster > 1, "score", 3),
        "wild twelve, yes": (cluster > 0, "yes", 2),
    }
    for case, (chosen, outcome, terms) in cases.items():
        found = wild_cluster(*_arrays(rows.filter(chosen), outcome, terms), 1, np.random.default_rng(1))
        yield from ((case, "t", found.t), (case, "p", found.p))
        if found.weights.startswith("all "):
            yield case, "draws", found.draws
