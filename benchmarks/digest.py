"""What all contenders have to come to, as JSON, so that none of them is quick by doing less.

    python digest.py PROJECT        the digest of what ours wrote in a project

``rows``; ``doses`` (clients, sessions, sums of the first and of the last days since 1970); ``summary`` by service
(clients, sessions, mean, SD, median, quantiles .25 .75 .9, clients with one session); ``activity`` by
``service|activity`` (contacts, persons, standard error of the share with ISO weeks as clusters); ``persons`` with an
individual contact, by service. `all` is a service. How a number is come to is each contender's own affair.
"""

from __future__ import annotations

import json
import sys
from math import isclose
from pathlib import Path
from typing import Any

Digest = dict[str, Any]
STATISTICS = ("clients", "total", "mean", "sd", "median", "0.25", "0.75", "0.9")


def differences(one: Any, other: Any, at: str = "") -> list[str]:
    """Where two digests are not the same; numbers may differ by a billionth."""
    if isinstance(one, dict) and isinstance(other, dict):
        apart = [f"{at}/{key}: only in one" for key in one.keys() ^ other.keys()]
        return apart + [
            d for key in one.keys() & other.keys() for d in differences(one[key], other[key], f"{at}/{key}")
        ]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [d for i, pair in enumerate(zip(one, other, strict=True)) for d in differences(*pair, f"{at}[{i}]")]
    same = isinstance(one, (int, float)) and isinstance(other, (int, float)) and isclose(one, other, rel_tol=1e-9)
    return [] if same or one == other else [f"{at}: {one} and {other}"]


def of_project(root: Path) -> Digest:
    """The digest of the records and estimates in a project's outputs."""
    import polars as pl

    (restricted,) = (root / "outputs" / "restricted").iterdir()
    rows = pl.scan_parquet(restricted / "records" / "sessions.parquet").select(pl.len()).collect().item()
    doses = pl.read_parquet(restricted / "records" / "doses.parquet")
    estimates = pl.read_parquet(restricted / "estimates" / "support.parquet")
    cells = pl.read_parquet(restricted / "cells" / "support.parquet")
    days = [int(doses[name].to_physical().cast(pl.Int64).sum()) for name in ("from", "to")]
    return {
        "rows": rows,
        "doses": [len(doses), int(doses["sessions"].sum()), *days],
        "summary": _summary(estimates),
        "activity": _activity(estimates, cells),
        "persons": dict(_persons(cells, "support", "individual").select("service", "contributors").iter_rows()),
    }


def _summary(estimates: Any) -> dict[str, list[float]]:
    import polars as pl

    found: dict[str, dict[str, float]] = {}
    of_sessions = estimates.filter((pl.col("population") == "clients") & (pl.col("item") == "sessions"))
    for row in of_sessions.iter_rows(named=True):
        name = row["at"] if row["statistic"] == "quantile" else row["statistic"]
        found.setdefault(row["service"], {})[name] = row["events"] if name == "share" else row["value"]
    return {service: [numbers[name] for name in (*STATISTICS, "share")] for service, numbers in found.items()}


def _activity(estimates: Any, cells: Any) -> dict[str, list[float]]:
    import polars as pl

    shares = estimates.filter((pl.col("item") == "activity") & (pl.col("events") > 0))
    persons = _persons(cells, "activity").select("service", "category", "contributors")
    joined = shares.join(persons, on=["service", "category"]).select(
        "service", "category", "events", "contributors", "se"
    )
    return {f"{service}|{activity}": numbers for service, activity, *numbers in joined.iter_rows()}


def _persons(cells: Any, item: str, category: str = "") -> Any:
    import polars as pl

    some = cells.filter(pl.col("item") == item)
    return some.filter(pl.col("category") == category) if category else some


if __name__ == "__main__":
    print(json.dumps(of_project(Path(sys.argv[1]))))
