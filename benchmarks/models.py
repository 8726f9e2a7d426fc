"""Models with clusters beside R's packages, and the cluster bootstrap beside a pandas loop.

    python benchmarks/models.py           100,000 rows, 200 services; writes RESULTS.md
    python benchmarks/models.py --small   5,000 rows, 20 services, once each; writes nothing

Both sides read the same file, and only fits are timed. R needs geepack, lme4 and ordinal; what is missing is said.
"""

from __future__ import annotations

import csv
import gc
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))
from results import table, write_section

from pipeline.methods import gee, mixed_logistic, mixed_model, proportional_odds
from pipeline.methods.cluster_bootstrap import cluster_bootstrap, difference_of_means
from pipeline.methods.cluster_sums import Clusters

SCRIPT = Path(__file__).with_name("models.R")
RESAMPLES = 2000
LOOPED = 20
WORDS = {
    "gee, yes or no": "GEE, logit, exchangeable: geepack::geeglm",
    "gee, score": "GEE, identity, exchangeable: geepack::geeglm",
    "linear mixed": "linear mixed model, REML: lme4::lmer",
    "logistic mixed": "logistic mixed model, 25 points: lme4::glmer",
    "proportional odds": "proportional odds: ordinal::clm",
}


@dataclass(frozen=True)
class Fits:
    """Seconds of each fit, and what was found."""

    seconds: list[float]
    estimate: np.ndarray[Any, Any]
    se: np.ndarray[Any, Any]


@dataclass
class Found:
    """Fits by model, and what could not be had."""

    fits: dict[str, Fits] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)


def main() -> None:
    """Measure, print, and write the results."""
    small = "--small" in sys.argv
    rows, services, repeats = (5_000, 20, 1) if small else (100_000, 200, 7)
    data = simulated(rows, services)
    lines = [*_bootstrap(data, repeats), *_models(data, repeats), *_load()]
    if small:
        print("\n".join(lines))
    else:
        print(write_section("Models with clusters, beside R", "models.py", lines))


def simulated(rows: int, services: int) -> pd.DataFrame:
    """Answers of ``rows`` persons at two waves, sorted by service (as geeglm wants it), services of unequal size."""
    random = np.random.default_rng(20261122)
    service = np.sort(random.choice(services, rows, p=random.dirichlet(np.full(services, 8.0))))
    wave, z = random.integers(0, 2, rows), random.normal(size=rows).round(6)
    linear = 0.3 * wave + 0.2 * z + random.normal(scale=0.5, size=services)[service]
    latent = linear + random.logistic(size=rows)
    return pd.DataFrame(
        {
            "service": service,
            "wave": wave,
            "z": z,
            "yes": (latent > 0.4).astype(int),
            "score": (linear + random.normal(size=rows)).round(6),
            "answer": np.searchsorted([-1.5, -0.3, 0.8, 1.9], latent),
        }
    )


def _timed(call: Callable[[], Any], repeats: int) -> tuple[list[float], Any]:
    seconds, found = [], call()
    for _ in range(repeats):
        gc.collect()
        started = time.perf_counter()
        found = call()
        seconds.append(time.perf_counter() - started)
    return seconds, found


def _bootstrap(data: pd.DataFrame, repeats: int) -> list[str]:
    ours, samples = _timed(lambda: _from_sums(data), repeats)
    pandas, check = _looped(data)
    scaled = pandas / LOOPED * RESAMPLES
    ratio = scaled / statistics.median(ours)
    return [
        f"Cluster bootstrap of a difference of two means: {RESAMPLES:,} resamples of {len(data):,} rows and",
        f"{data['service'].nunique()} services, sums by service included. The loop draws services with pandas, one",
        f"resample after the other; it was timed for {LOOPED} and scaled up. Largest difference of a resample's",
        f"result where both draw the same services: {check:.0e}.",
        "",
        *table(
            ("what", "s", "times as fast"),
            [
                ("pandas loop, scaled", f"{scaled:.1f}", ""),
                ("ours", f"{statistics.median(ours):.3f}", f"{ratio:.0f}"),
            ],
        ),
        f"Standard error by ours: {np.std(samples, ddof=1):.5f}.",
        "",
    ]


def _sums(data: pd.DataFrame) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    clusters = Clusters.of(data["service"].to_numpy())
    later = data["wave"].to_numpy(dtype=float)
    sides = np.vstack([later, 1 - later])[:, clusters.order]
    return clusters.sums(sides * data["score"].to_numpy()[clusters.order]).T, clusters.sums(sides).T


def _from_sums(data: pd.DataFrame) -> np.ndarray[Any, Any]:
    return cluster_bootstrap(*_sums(data), RESAMPLES, np.random.default_rng(1), difference_of_means)


def _looped(data: pd.DataFrame) -> tuple[float, float]:
    """Seconds of the loop, and how far its results are from ours with the same services drawn."""
    random, parts = np.random.default_rng(2), dict(list(data.groupby("service")))
    names, (sums, counts), furthest, seconds = list(parts), _sums(data), 0.0, 0.0
    for _ in range(LOOPED):
        drawn = random.choice(len(names), len(names))
        started = time.perf_counter()
        means = pd.concat([parts[names[one]] for one in drawn]).groupby("wave")["score"].mean()
        value = means[1] - means[0]
        seconds += time.perf_counter() - started
        times = np.bincount(drawn, minlength=len(names)).astype(float)
        furthest = max(furthest, abs(value - float(difference_of_means(times @ sums, times @ counts))))
    return seconds, furthest


def _models(data: pd.DataFrame, repeats: int) -> list[str]:
    ours = _with_ours(data, repeats)
    theirs = _with_r(data, repeats)
    lines = [
        f"Models of {len(data):,} rows and {data['service'].nunique()} services on two columns, one of them a number",
        "that hardly repeats.",
        "Seconds of the fit with its standard errors, without start, imports and reading; R with its defaults.",
        "Differences are the largest relative ones, of estimates (variances and correlation too) and of standard",
        "errors; lmer and clm are compared at tighter tolerances than they are timed with. geeglm and glmer take",
        "minutes and are fitted once, and compared as they come: glmer's errors are from finite differences.",
        "",
    ]
    header = ("model", "R, s", "ours, s", "times as fast", "estimates differ by", "errors differ by")
    lines += table(header, [_row(name, ours[name], theirs.fits[name]) for name in ours if name in theirs.fits])
    return [*lines, *(f"**Not measured: {one}.**" for one in theirs.missing), ""]


def _row(name: str, ours: Fits, theirs: Fits) -> tuple[str, ...]:
    seconds = statistics.median(theirs.seconds), statistics.median(ours.seconds)
    differences = (_furthest(ours.estimate, theirs.estimate), _furthest(ours.se, theirs.se))
    times = (f"{seconds[0]:.3f}", f"{seconds[1]:.3f}", f"{seconds[0] / seconds[1]:.1f}")
    return (WORDS[name], *times, *(f"{one:.0e}" for one in differences))


def _furthest(one: np.ndarray[Any, Any], other: np.ndarray[Any, Any]) -> float:
    return float(np.max(np.abs(one / other - 1)))


def _with_ours(data: pd.DataFrame, repeats: int) -> dict[str, Fits]:
    arrays = {name: data[name].to_numpy(dtype=float) for name in ("yes", "score")}
    columns = data[["wave", "z"]].to_numpy(dtype=float)
    design, service = np.column_stack([np.ones(len(data)), columns]), data["service"].to_numpy()
    codes, ones = data["answer"].to_numpy(), np.ones(len(data))
    calls: Mapping[str, Callable[[], tuple[Any, Any]]] = {
        "gee, yes or no": lambda: _of_gee(gee.fit(arrays["yes"], design, service, "binomial")),
        "gee, score": lambda: _of_gee(gee.fit(arrays["score"], design, service)),
        "linear mixed": lambda: _of_linear(mixed_model.fit(arrays["score"], design, service)),
        "logistic mixed": lambda: _of_logistic(mixed_logistic.fit(arrays["yes"], ones, design, service)),
        "proportional odds": lambda: _of_ordered(proportional_odds.fit(codes, columns)),
    }
    fits = {}
    for name, call in calls.items():
        seconds, found = _timed(call, repeats)
        fits[name] = Fits(seconds, *found)
    return fits


def _errors(covariance: Any) -> Any:
    return np.sqrt(np.diag(covariance))


def _of_gee(found: Any) -> tuple[Any, Any]:
    return np.append(found.coefficients, found.correlation), _errors(found.covariance("robust"))


def _of_linear(found: Any) -> tuple[Any, Any]:
    return np.append(found.coefficients, [found.between, found.within]), _errors(found.covariance)


def _of_logistic(found: Any) -> tuple[Any, Any]:
    return np.append(found.coefficients, found.sd), _errors(found.covariance)[:-1]


def _of_ordered(found: Any) -> tuple[Any, Any]:
    return found.coefficients, found.se()


def _with_r(data: pd.DataFrame, repeats: int) -> Found:
    if shutil.which("Rscript") is None:
        return Found(missing=["R is not here (Debian: r-base-core, r-cran-geepack, r-cran-lme4, r-cran-ordinal)"])
    with tempfile.TemporaryDirectory() as name:
        source, found = Path(name) / "data.csv", Path(name) / "found.csv"
        data.to_csv(source, index=False)
        command = ["Rscript", str(SCRIPT), str(source), str(found), str(repeats)]
        done = subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
        if done.returncode:
            return Found(missing=["R came to no end, see its messages above"])
        return _read(found)


def _read(path: Path) -> Found:
    values: dict[str, dict[str, list[float]]] = {}
    found = Found()
    with path.open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            if row["quantity"] == "missing package":
                found.missing.append(f"{WORDS[row['model']]} (the package is not installed)")
                continue
            values.setdefault(row["model"], {}).setdefault(row["quantity"], []).append(float(row["value"]))
    for name, one in values.items():
        found.fits[name] = Fits(one["seconds"], np.array(one["estimate"]), np.array(one["se"]))
    return found


def _load() -> list[str]:
    return [f"Load of the machine at the end: {os.getloadavg()[0]:.1f} (over one minute)."]


if __name__ == "__main__":
    main()
