"""Individual and group contacts of a simulated study.

Who is in post belongs in ``simulate_workforce``; survey answers belong in ``simulate_surveys``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from pipeline.methods.simulate_draws import (
    Floats,
    Ints,
    at_random,
    geometric,
    pick,
    pseudonyms,
    stream,
    triangular,
    zero_truncated,
)
from pipeline.methods.simulate_workforce import Post
from schemas.simulation import SimulatedGroups, SimulatedSessions, Simulation
from schemas.study import Period, Study

SESSION_TYPES = {
    "session": pl.String,
    "client": pl.String,
    "service": pl.String,
    "worker": pl.String,
    "date": pl.Date,
    "minutes": pl.Int64,
    "mode": pl.String,
    "activity": pl.String,
    "attended": pl.Boolean,
}

GROUP_TYPES = {
    "group_session": pl.String,
    "service": pl.String,
    "worker": pl.String,
    "date": pl.Date,
    "minutes": pl.Int64,
    "activity": pl.String,
    "participants": pl.Int64,
}


@dataclass(frozen=True)
class Calendar:
    """The weekdays on which a service has a worker in post, and who that is (workers x days)."""

    days: list[date]
    workers: list[str]
    in_post: np.ndarray

    def worker_at(self, days: Ints, preference: Floats) -> list[str]:
        """The worker in post with the lowest preference number; ``preference`` is workers x days or x 1."""
        ranked = np.where(self.in_post[:, days], preference, np.inf)
        return [self.workers[row] for row in np.argmin(ranked, axis=0)] if len(days) else []


def calendar(posts: Sequence[Post], period: Period, service: str) -> Calendar:
    """The calendar of one service.

    Raises
    ------
    ValueError
        When nobody is in post on any weekday of the period.
    """
    holders = [post for post in posts if post.service == service]
    every = [period.start + timedelta(days=number) for number in range((period.end - period.start).days + 1)]
    weekdays = [day for day in every if day.weekday() < 5]
    in_post = np.array([[post.holds(day) for day in weekdays] for post in holders], dtype=bool)
    staffed = np.asarray(in_post.any(axis=0) if holders else [False])
    if not staffed.any():
        raise ValueError(f"nobody is in post at {service} in the period: no contact can take place there")
    days = [weekdays[number] for number in np.flatnonzero(staffed).tolist()]
    return Calendar(days, [post.worker for post in holders], in_post[:, staffed])


def sessions_frame(
    config: Simulation, study: Study, posts: Sequence[Post], clients: Mapping[str, Sequence[str]]
) -> pl.DataFrame:
    """``sessions.csv`` for the clients of each service, sorted by date, session and client.

    Attended sessions per client are zero-truncated negative binomial; no-shows come on top (0 minutes).
    """
    if config.sessions is None:
        return pl.DataFrame(schema=SESSION_TYPES)
    parts = [
        _service_sessions(config, config.sessions, calendar(posts, study.span(), service), service, clients[service])
        for service in study.service_ids()
        if clients[service]
    ]
    columns = ["contact", *[name for name in SESSION_TYPES if name != "session"]]
    types = SESSION_TYPES | {"contact": pl.String}
    rows = pl.concat([pl.DataFrame(schema={name: types[name] for name in columns}), *parts])
    contacts = rows["contact"].unique(maintain_order=True)
    ids = pl.Series("session", pseudonyms(config.seed, "s", len(contacts)), dtype=pl.String)
    named = rows.join(pl.DataFrame({"contact": contacts, "session": ids}), on="contact", how="left")
    return named.select(list(SESSION_TYPES)).sort("date", "session", "client")


def groups_frame(config: Simulation, study: Study, posts: Sequence[Post], sessions: pl.DataFrame) -> pl.DataFrame:
    """``groups.csv``, sorted by date and id: each contact is a group contact with probability ``group_share``.

    Contacts are drawn until the service has as many individual ones as were attended in ``sessions``.
    """
    if config.groups is None:
        return pl.DataFrame(schema=GROUP_TYPES)
    attended = sessions.filter("attended").group_by("service").agg(pl.col("session").n_unique())
    counts = dict(attended.iter_rows())
    parts = [
        _service_groups(config, config.groups, calendar(posts, study.span(), service), service, counts[service])
        for service in study.service_ids()
        if counts.get(service)
    ]
    unnamed = {name: kind for name, kind in GROUP_TYPES.items() if name != "group_session"}
    rows = pl.concat([pl.DataFrame(schema=unnamed), *parts])
    ids = pl.Series("group_session", pseudonyms(config.seed, "g", rows.height), dtype=pl.String)
    return rows.with_columns(ids).select(list(GROUP_TYPES)).sort("date", "group_session")


def _service_sessions(
    config: Simulation, sessions: SimulatedSessions, open_days: Calendar, service: str, clients: Sequence[str]
) -> pl.DataFrame:
    numbers, random = config.services[service], stream(config.seed, "sessions", service)
    attended = zero_truncated(random.random(len(clients)), numbers.sessions_mean or 0, numbers.dispersion or 0)
    parts = [
        _client_sessions(sessions, open_days, client, int(count), random)
        for client, count in zip(clients, attended, strict=True)
    ]
    columns = {name: [value for part in parts for value in part[name]] for name in parts[0]}
    rows = pl.DataFrame(columns).sort("day", maintain_order=True)
    rows = rows.with_columns(*_what_was_done(sessions, rows.height, random), pl.lit(service).alias("service"))
    return _finish(_join_contacts(rows, sessions.joint, random), open_days, service)


def _client_sessions(
    sessions: SimulatedSessions, open_days: Calendar, client: str, attended: int, random: np.random.Generator
) -> dict[str, list[Any]]:
    """One client's contacts, by day; the first one is attended."""
    missed = int(geometric(random.random(attended), sessions.no_show).sum())
    days = _contact_days(sessions, len(open_days.days), attended + missed, random)
    came = np.array([True] * (attended - 1) + [False] * missed, dtype=bool)
    came = came[np.argsort(random.random(len(came)), kind="stable")]
    preference = random.random((len(open_days.workers), 1))  # the same worker for as long as they are in post
    return {
        "client": [client] * len(days),
        "worker": open_days.worker_at(days, preference),
        "day": days.tolist(),
        "attended": [True, *came.tolist()],
        "first": [True, *[False] * len(came)],
    }


def _contact_days(sessions: SimulatedSessions, length: int, count: int, random: np.random.Generator) -> Ints:
    """Positions of a client's contacts among the ``length`` open days, ascending; different where they fit."""
    weekdays = 5 / 7
    shortest = min(length, max(count, round(count * sessions.gap_days * weekdays)))
    early, begin, stretch = random.random(3)
    latest = length - shortest
    start = int(begin * (latest + 1))
    if early < sessions.caseload.share:
        start = min(int(begin * sessions.caseload.within_days * weekdays), latest)
    window = shortest + int(math.sqrt(stretch) * (latest - start + 1))  # more often long than short
    if count > window:
        return np.sort(np.append(start, start + at_random(random.random(count - 1), window)))
    later = 1 + np.argsort(random.random(window - 1), kind="stable")[: count - 1]
    return start + np.append(0, np.sort(later))


def _what_was_done(sessions: SimulatedSessions, rows: int, random: np.random.Generator) -> list[pl.Series]:
    """Mode, minutes and activity; a no-show keeps the mode and activity that were planned."""
    names = list(sessions.modes)
    mode = pick(random.random(rows), [one.share for one in sessions.modes.values()])
    for_minutes, for_activity = random.random(rows), random.random(rows)
    minutes, activity = np.zeros(rows, dtype=np.int64), np.empty(rows, dtype=object)
    for number, one in enumerate(sessions.modes.values()):
        here = mode == number
        minutes[here] = triangular(for_minutes[here], one.minutes)
        chosen = pick(for_activity[here], one.activities.values())
        activity[here] = np.array(list(one.activities), dtype=object)[chosen]
    modes = pl.Series("mode", [names[number] for number in mode], dtype=pl.String)
    return [modes, pl.Series("minutes", minutes), pl.Series("activity", activity.tolist(), dtype=pl.String)]


def _join_contacts(rows: pl.DataFrame, joint: float, random: np.random.Generator) -> pl.DataFrame:
    """Some rows move to the next contact, so that it has two clients; a client's first contact stays."""
    height = rows.height
    wanted = random.random(height) < joint
    client, attended, first = (rows[name].to_list() for name in ("client", "attended", "first"))
    source = list(range(height))
    for row, other in zip(range(height - 1), range(1, height), strict=True):
        has_two_already = row > 0 and source[row - 1] == row
        fits = attended[row] and attended[other] and not first[row] and client[row] != client[other]
        if wanted[row] and fits and not has_two_already:
            source[row] = other
    shared = rows.select("worker", "day", "mode", "minutes", "activity").with_row_index("contact")[source]
    return pl.concat([rows.select("client", "attended", "service"), shared], how="horizontal")


def _finish(rows: pl.DataFrame, open_days: Calendar, service: str) -> pl.DataFrame:
    days = pl.Series("date", [open_days.days[number] for number in rows["day"]], dtype=pl.Date)
    contact = pl.format("{}/{}", pl.lit(service), "contact").alias("contact")
    minutes = pl.when("attended").then("minutes").otherwise(0).cast(pl.Int64).alias("minutes")
    named = rows.with_columns(days, contact, minutes)
    return named.select("contact", *[name for name in SESSION_TYPES if name != "session"])


def _service_groups(
    config: Simulation, groups: SimulatedGroups, open_days: Calendar, service: str, individual: int
) -> pl.DataFrame:
    random = stream(config.seed, "groups", service)
    share = config.services[service].group_share or 0.0
    count = int(geometric(random.random(individual), share).sum())
    days = at_random(random.random(count), len(open_days.days))
    workers = open_days.worker_at(days, random.random((len(open_days.workers), count)))
    names = list(groups.activities)
    chosen = pick(random.random(count), groups.activities.values())
    columns = {
        "service": [service] * count,
        "worker": workers,
        "date": [open_days.days[number] for number in days],
        "minutes": triangular(random.random(count), groups.minutes),
        "activity": [names[number] for number in chosen],
        "participants": triangular(random.random(count), groups.participants),
    }
    return pl.DataFrame(columns, schema={name: GROUP_TYPES[name] for name in columns})
