"""What one would write otherwise: pandas.read_csv, a Pandera schema, groupby.

    python usual_pandas.py STUDY_FOLDER

The same checks and aggregates as ``ours.py``; prints them as JSON, in the form that ``digest.py`` describes.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pandas as pd
import pandera.pandas as pa

MODES = ["in person", "telephone", "video", "text"]
ACTIVITIES = ["conversation", "walk", "fitness", "community resource", "finding resources", "other"]
START, END = pd.Timestamp("2025-01-01"), pd.Timestamp("2025-12-31")


def main() -> None:
    """Check the file, aggregate it, and print what came out."""
    folder = Path(sys.argv[1])
    services = (folder / "services.txt").read_text().split()
    sessions = schema(services).validate(pd.read_csv(folder / "sessions.csv", parse_dates=["date"]), lazy=True)
    attended = sessions[sessions["attended"]]
    doses = count_doses(attended)
    contacts = (
        attended.sort_values("client")
        .groupby("session")
        .agg({"service": "first", "activity": "first", "date": "first"})
    )
    days = [int((doses[name] - pd.Timestamp("1970-01-01")).dt.days.sum()) for name in ("from", "to")]
    out = {
        "rows": len(sessions),
        "doses": [len(doses), int(doses["sessions"].sum()), *days],
        "summary": summarise(doses),
        "activity": shares(attended, contacts),
        "persons": {"all": int(attended["client"].nunique())}
        | attended.groupby("service")["client"].nunique().to_dict(),
    }
    print(json.dumps(out))


def schema(services: list[str]) -> pa.DataFrameSchema:
    """What a session file may hold."""
    return pa.DataFrameSchema(
        {
            "session": pa.Column(str),
            "client": pa.Column(str),
            "service": pa.Column(str, pa.Check.isin(services)),
            "worker": pa.Column(str),
            "date": pa.Column("datetime64[ns]", pa.Check.in_range(START, END), coerce=True),
            "minutes": pa.Column(int, pa.Check.in_range(0, 1440)),
            "mode": pa.Column(str, pa.Check.isin(MODES)),
            "activity": pa.Column(str, pa.Check.isin(ACTIVITIES)),
            "attended": pa.Column(bool),
        },
        strict=True,
        unique=["session", "client"],
    )


def count_doses(attended: pd.DataFrame) -> pd.DataFrame:
    """Sessions, first and last day by client, and the service with most of the sessions."""
    counts = attended.groupby(["client", "service"]).size().rename("n").reset_index()
    home = counts.sort_values(["client", "n", "service"], ascending=[True, False, True]).drop_duplicates("client")
    days = attended.groupby("client")["date"].agg(["size", "min", "max"])
    days.columns = ["sessions", "from", "to"]
    return home.set_index("client")[["service"]].join(days)


def summarise(doses: pd.DataFrame) -> dict[str, list[float]]:
    """Clients, total, mean, SD, median, quantiles, clients with one session: by service and of all."""
    both = pd.concat([doses, doses.assign(service="all")])
    found = {}
    for service, x in both.groupby("service")["sessions"]:
        quantiles = x.quantile([0.25, 0.75, 0.9]).tolist()
        numbers = [len(x), int(x.sum()), x.mean(), x.std(), x.median(), *quantiles, int((x == 1).sum())]
        found[service] = [float(one) for one in numbers]
    return found


def shares(attended: pd.DataFrame, contacts: pd.DataFrame) -> dict[str, list[float]]:
    """Contacts and persons by service and activity, and the standard error of the share over weeks."""
    iso = contacts["date"].dt.isocalendar()
    contacts = contacts.assign(week=iso["year"] * 100 + iso["week"])
    found = {}
    for rows, people in (
        (contacts.assign(service="all"), attended.assign(service="all")),
        (contacts, attended),
    ):
        weeks = rows.groupby(["service", "week", "activity"]).size().unstack(fill_value=0)
        persons = people.groupby(["service", "activity"])["client"].nunique()
        for service, table in weeks.groupby(level="service"):
            total = table.sum(axis=1)
            share = table.sum() / total.sum()
            squares = ((table - pd.DataFrame({a: share[a] * total for a in table})) ** 2).sum()
            se = (squares * len(table) / (len(table) - 1)) ** 0.5 / total.sum()
            for activity in table:
                key = (service, activity)
                if key in persons:
                    found["|".join(key)] = [int(table[activity].sum()), int(persons[key]), float(se[activity])]
    return found


if __name__ == "__main__":
    main()
