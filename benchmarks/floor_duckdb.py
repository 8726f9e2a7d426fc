"""The floor, in DuckDB: the checks and aggregates of ``ours.py`` as one script written by hand for this one file.

    python floor_duckdb.py STUDY_FOLDER [PARQUET_FOLDER]

It says only that a file is wrong, not where. With a second folder it also keeps the rows and the doses as Parquet.
Prints the aggregates as JSON, in the form that ``digest.py`` describes.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import duckdb

MODES = ("in person", "telephone", "video", "text")
ACTIVITIES = ("conversation", "walk", "fitness", "community resource", "finding resources", "other")
START, END = "2025-01-01", "2025-12-31"


def main() -> None:
    """Check the file, aggregate it, and print what came out."""
    folder = Path(sys.argv[1])
    services = tuple((folder / "services.txt").read_text().split())
    db = duckdb.connect(config={"preserve_insertion_order": "false"})
    for name, values in (("mode", MODES), ("activity", ACTIVITIES), ("service", services)):
        db.execute(f"create type {name}_type as enum {values!r}")
    rows = read(db, folder / "sessions.csv")
    aggregate(db)
    if len(sys.argv) > 2:
        for table in ("sessions", "doses"):
            db.execute(f"copy {table} to '{sys.argv[2]}/{table}.parquet' (compression zstd)")
    print(json.dumps(digest(db, rows)))


def read(db: duckdb.DuckDBPyConnection, path: Path) -> int:
    """The file as a table; a value of the wrong type, or not in a list, stops it."""
    types = {
        "session": "varchar", "client": "varchar", "service": "service_type", "worker": "varchar", "date": "date",
        "minutes": "smallint", "mode": "mode_type", "activity": "activity_type", "attended": "boolean",
    }  # fmt: skip
    header = path.open(encoding="utf-8").readline().strip().split(",")
    assert sorted(header) == sorted(types), "columns"
    columns = {name: types[name] for name in header}
    db.execute(f"create table sessions as from read_csv('{path}', header=true, auto_detect=false, columns={columns})")
    empty = " or ".join(f"{name} is null" for name in types)
    rows, wrong = db.execute(
        f"""
        select count(*), count(*) filter ({empty} or minutes not between 0 and 1440
                                          or date not between date '{START}' and date '{END}')
        from sessions
        """
    ).fetchone()
    assert not wrong, "values"
    (keys,) = db.execute("select count(*) from (select distinct session, client from sessions)").fetchone()
    assert keys == rows, "keys"
    return rows


def aggregate(db: duckdb.DuckDBPyConnection) -> None:
    """Doses by client; contacts by service, week and activity; persons behind services and activities."""
    db.execute(
        """
        create table seen as
        select client, service, activity, count(*) as n, min(date) as first, max(date) as last
        from sessions where attended group by all
        """
    )
    db.execute(
        """
        create table doses as
        with parts as (
            select client, service, sum(n) as n, min(first) as first, max(last) as last from seen group by all
        )
        select client, arg_max(service, n * 100_000 - enum_code(service)::int) as service, sum(n)::bigint as sessions,
               min(first) as "from", max(last) as "to"
        from parts group by client
        """
    )
    db.execute(
        """
        create table weeks as
        select service, activity, yearweek(date) as week, count(*) as n from (
            select any_value(service) as service, any_value(activity) as activity, any_value(date) as date
            from sessions where attended group by session
        ) group by all
        """
    )
    db.execute(
        """
        create table persons as
        select service::varchar as service, activity::varchar as activity, count(*) as persons from seen group by all
        union all
        select service::varchar, 'individual', count(distinct client) from seen group by all
        union all
        select 'all', activity::varchar, count(*) from (select distinct activity, client from seen) group by all
        union all
        select 'all', 'individual', count(*) from doses
        """
    )


def digest(db: duckdb.DuckDBPyConnection, rows: int) -> dict[str, object]:
    """The aggregates, `all` included."""
    doses = db.execute(
        """select count(*), sum(sessions)::bigint, sum("from" - date '1970-01-01')::bigint,
                  sum("to" - date '1970-01-01')::bigint from doses"""
    ).fetchone()
    summary = db.execute(
        """
        select coalesce(service::varchar, 'all'), count(*), sum(sessions)::bigint, avg(sessions), stddev(sessions),
               median(sessions), quantile_cont(sessions, 0.25), quantile_cont(sessions, 0.75),
               quantile_cont(sessions, 0.9), count(*) filter (sessions = 1)
        from doses group by grouping sets ((service), ())
        """
    ).fetchall()
    shares = db.execute(
        """
        with cells as (
            select coalesce(service::varchar, 'all') as service, activity::varchar as activity, week, sum(n) as n
            from weeks group by grouping sets ((service, activity, week), (activity, week))
        ),
        totals as (select service, week, sum(n) as n from cells group by all),
        whole as (select service, sum(n) as n, count(*) as weeks, sum(n * n) as squares from totals group by all),
        parts as (
            select service, activity, sum(c.n) as n, sum(c.n * c.n) as squares, sum(c.n * t.n) as products
            from cells c join totals t using (service, week) group by all
        )
        select p.service, p.activity, p.n::bigint, persons,
               sqrt(greatest(p.squares - 2 * p.n / w.n * p.products + (p.n / w.n) ** 2 * w.squares, 0)
                    * weeks / (weeks - 1)) / w.n
        from parts p join whole w using (service) join persons using (service, activity)
        """
    ).fetchall()
    totals = db.execute("select service, persons from persons where activity = 'individual'").fetchall()
    return {
        "rows": rows,
        "doses": doses,
        "summary": {service: numbers for service, *numbers in summary},
        "activity": {f"{service}|{activity}": numbers for service, activity, *numbers in shares},
        "persons": dict(totals),
    }


if __name__ == "__main__":
    main()
