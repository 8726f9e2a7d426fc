"""The floor, in Polars: the checks and aggregates of ``ours.py`` as one script written by hand for this one file.

    python floor_polars.py STUDY_FOLDER [PARQUET_FOLDER]

It says only that a file is wrong, not where. With a second folder it also keeps the rows and the doses as Parquet.
Prints the aggregates as JSON, in the form that ``digest.py`` describes.
"""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

import polars as pl

MODES = ("in person", "telephone", "video", "text")
ACTIVITIES = ("conversation", "walk", "fitness", "community resource", "finding resources", "other")
START, END = date(2025, 1, 1), date(2025, 12, 31)


def main() -> None:
    """Check the file, aggregate it, and print what came out."""
    folder = Path(sys.argv[1])
    sessions = read(folder / "sessions.csv", (folder / "services.txt").read_text().split())
    doses, seen, weeks = aggregate(sessions)
    if len(sys.argv) > 2:
        sessions.write_parquet(f"{sys.argv[2]}/sessions.parquet")
        doses.write_parquet(f"{sys.argv[2]}/doses.parquet")
    print(json.dumps(digest(len(sessions), doses, seen, weeks)))


def read(path: Path, services: list[str]) -> pl.DataFrame:
    """The file as a frame; a value of the wrong type, or not in a list, stops it."""
    types = {
        "session": pl.String, "client": pl.String, "service": pl.Enum(services), "worker": pl.String,
        "date": pl.Date, "minutes": pl.Int16, "mode": pl.Enum(MODES), "activity": pl.Enum(ACTIVITIES),
        "attended": pl.Boolean,
    }  # fmt: skip
    header = path.open(encoding="utf-8").readline().strip().split(",")
    assert sorted(header) == sorted(types), "columns"
    rows = pl.scan_csv(path, schema={name: types[name] for name in header}).collect(engine="streaming")
    assert not sum(rows.null_count().row(0)), "empty"
    assert rows["minutes"].is_between(0, 1440).all(), "minutes"
    assert rows["date"].is_between(START, END).all(), "date"
    keys = rows.select(pl.struct("session", "client").hash()).to_series()
    if keys.n_unique() < len(rows):  # two keys with one hash, or a key that is there twice
        assert not rows.select(pl.struct("session", "client").is_duplicated().any()).item(), "keys"
    return rows


def aggregate(sessions: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Doses by client; what each client did where; contacts by service, activity and week."""
    attended = sessions.lazy().filter("attended")
    seen = (
        attended.group_by("client", "service", "activity")
        .agg(pl.len().alias("n"), pl.col("date").min().alias("from"), pl.col("date").max().alias("to"))
        .collect(engine="streaming")
    )
    doses = (
        seen.lazy()
        .group_by("client", "service")
        .agg(pl.col("n").sum(), pl.col("from").min(), pl.col("to").max())
        .with_columns(rank=pl.col("n").cast(pl.Int64) * 100_000 - pl.col("service").to_physical())
        .group_by("client")
        .agg(
            pl.col("service").get(pl.col("rank").arg_max()),
            pl.col("n").sum().cast(pl.Int64).alias("sessions"),
            pl.col("from").min(),
            pl.col("to").max(),
        )
        .collect(engine="streaming")
    )
    week = pl.col("date").dt.iso_year() * 100 + pl.col("date").dt.week()
    weeks = (
        attended.unique(["session", "service", "activity", "date"])
        .group_by(pl.col("service", "activity"), week.alias("week"))
        .agg(pl.len().cast(pl.Int64).alias("n"))
        .collect(engine="streaming")
    )
    return doses, seen, weeks


def digest(rows: int, doses: pl.DataFrame, seen: pl.DataFrame, weeks: pl.DataFrame) -> dict[str, object]:
    """The aggregates, `all` included."""
    x = pl.col("sessions")
    summary = (
        with_all(doses.select("service", "sessions"))
        .group_by("service")
        .agg(
            pl.len().alias("clients"), x.sum().alias("total"), x.mean().alias("mean"), x.std().alias("sd"),
            x.median().alias("median"), *(x.quantile(q, "linear").alias(str(q)) for q in (0.25, 0.75, 0.9)),
            (x == 1).sum().alias("one"),
        )
    )  # fmt: skip
    days = [int(doses[name].to_physical().cast(pl.Int64).sum()) for name in ("from", "to")]
    persons = seen.group_by(pl.col("service").cast(pl.String)).agg(pl.col("client").n_unique())
    return {
        "rows": rows,
        "doses": [len(doses), int(doses["sessions"].sum()), *days],
        "summary": {service: numbers for service, *numbers in summary.iter_rows()},
        "activity": {f"{s}|{a}": numbers for s, a, *numbers in shares(seen, weeks).iter_rows()},
        "persons": {"all": len(doses)} | dict(persons.iter_rows()),
    }


def shares(seen: pl.DataFrame, weeks: pl.DataFrame) -> pl.DataFrame:
    """Contacts and persons by service and activity, and the standard error of the share over weeks."""
    n = pl.col("n")
    cells = with_all(weeks).group_by("service", "activity", "week").agg(n.sum())
    totals = cells.group_by("service", "week").agg(n.sum().alias("of_week"))
    whole = totals.group_by("service").agg(
        pl.col("of_week").sum().alias("of_all"),
        (pl.col("of_week") ** 2).sum().alias("of_squares"),
        pl.len().alias("weeks"),
    )
    persons = pl.concat(
        [
            seen.group_by("service", "activity").len("persons").with_columns(pl.col("service").cast(pl.String)),
            seen.group_by("activity")
            .agg(pl.col("client").n_unique().alias("persons"))
            .select(pl.lit("all").alias("service"), "activity", "persons"),
        ]
    )
    share = n / pl.col("of_all")
    squares = pl.col("squares") - 2 * share * pl.col("products") + share**2 * pl.col("of_squares")
    return (
        cells.join(totals, on=["service", "week"])
        .group_by("service", "activity")
        .agg((n**2).sum().alias("squares"), (n * pl.col("of_week")).sum().alias("products"), n.sum())
        .join(whole, on="service")
        .join(persons, on=["service", "activity"])
        .select(
            "service",
            pl.col("activity").cast(pl.String),
            "n",
            "persons",
            (squares.clip(0) * pl.col("weeks") / (pl.col("weeks") - 1)).sqrt() / pl.col("of_all"),
        )
    )


def with_all(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows under their own service and under `all`."""
    own = frame.with_columns(pl.col("service").cast(pl.String))
    return pl.concat([own, own.with_columns(pl.lit("all").alias("service"))])


if __name__ == "__main__":
    main()
