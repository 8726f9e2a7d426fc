"""Post holders of a simulated study, who is in post at a date, and the counts of posts.

The random streams belong in ``simulate_draws``; contacts of the workers belong in ``simulate_contacts``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from itertools import count, takewhile
from typing import Any

import numpy as np
import polars as pl

from pipeline.methods.simulate_draws import geometric, pick, pseudonyms, stream, triangular
from schemas.simulation import SimulatedWorkforce, Simulation
from schemas.study import Period, Study


@dataclass(frozen=True)
class Post:
    """One post holder; the fields are the columns of ``workforce.csv``."""

    worker: str
    service: str
    role: str
    start: date
    end: date | None
    end_reason: str | None
    fte: float
    mentor: bool
    trained: bool
    absence_days: int

    def holds(self, day: date) -> bool:
        """Is the post held on that day? ``end`` is the last day in post."""
        return self.start <= day and (self.end is None or day <= self.end)


def post_holders(config: Simulation, study: Study) -> list[Post]:
    """All who held a post from the first opening to the last day of the period, by service and post.

    Time in post is Weibull with the declared hazard ratios; who is still in post at the end has no ``end``.
    """
    if config.workforce is None:
        return []
    posts = [
        post
        for service in study.service_ids()
        for number in range(config.services[service].posts or 0)
        for post in _holders(config, config.workforce, study.span(), service, number)
    ]
    ids = pseudonyms(config.seed, "w", len(posts))
    return [replace(post, worker=worker) for worker, post in zip(ids, posts, strict=True)]


def workforce_frame(posts: Sequence[Post]) -> pl.DataFrame:
    """``workforce.csv``, sorted by worker."""
    types: dict[str, Any] = {"start": pl.Date, "end": pl.Date, "end_reason": pl.String, "absence_days": pl.Int64}
    types |= dict.fromkeys(("worker", "service", "role"), pl.String)
    types |= {"fte": pl.Float64, "mentor": pl.Boolean, "trained": pl.Boolean}
    schema = {name: types[name] for name in Post.__dataclass_fields__}
    return pl.DataFrame([asdict(post) for post in posts], schema=schema, orient="row").sort("worker")


def headcount_frame(posts: Sequence[Post], study: Study, every_months: int) -> pl.DataFrame:
    """``headcount.csv``: posts held at each service on the first day of each interval and the last of the period."""
    rows = [
        (service, day, sum(post.service == service and post.holds(day) for post in posts))
        for service in study.service_ids()
        for day in _counting_days(study.span(), every_months)
    ]
    return pl.DataFrame(rows, schema={"service": pl.String, "date": pl.Date, "posts": pl.Int64}, orient="row")


def _holders(
    config: Simulation, workforce: SimulatedWorkforce, period: Period, service: str, number: int
) -> Iterator[Post]:
    """One post from its opening: holder, vacancy, successor, until the period ends."""
    random = stream(config.seed, "workforce", service, str(number))
    opened = workforce.opened
    start = opened.start + timedelta(days=int(random.random() * ((opened.end - opened.start).days + 1)))
    while (start := _weekday(start)) <= period.end:
        post = _holder(config, workforce, period, service, start, random.random(8))
        yield post
        if post.end is None:
            return
        vacant = int(triangular(random.random(1), workforce.vacancy_days)[0])
        start = post.end + timedelta(days=1 + vacant)


def _holder(
    config: Simulation, workforce: SimulatedWorkforce, period: Period, service: str, start: date, u: np.ndarray
) -> Post:
    mentor = bool(u[0] < workforce.mentor)
    days = _days_in_post(config, workforce, service, mentor, float(u[1]))
    left = days <= (period.end - start).days
    end = start + timedelta(days=days) if left else None
    return Post(
        worker="",
        service=service,
        role=_one_of(workforce.roles, u[2:3]),
        start=start,
        end=end,
        end_reason=_one_of(workforce.end_reasons, u[3:4]) if left else None,
        fte=_one_of(workforce.fte, u[4:5]),
        mentor=mentor,
        trained=bool(u[5] < workforce.trained),
        absence_days=_absence(workforce, period, start, end, u[6:7]),
    )


def _days_in_post(config: Simulation, workforce: SimulatedWorkforce, service: str, mentor: bool, u: float) -> int:
    time = workforce.time_in_post
    ratio = config.services[service].leaving * (time.mentor_hazard_ratio if mentor else 1)
    halvings = -math.log2(1 - u) / ratio  # survival is 2 to the power of -(t / median) ** shape * ratio
    return math.ceil(min(time.median_days * halvings ** (1 / time.shape), 1e6))


def _absence(workforce: SimulatedWorkforce, period: Period, start: date, end: date | None, u: np.ndarray) -> int:
    first, last = max(start, period.start), min(end or period.end, period.end)
    days = max((last - first).days + 1, 0)
    mean = workforce.absence_days_per_year * days / 365
    return min(int(geometric(u, mean / (1 + mean))[0]), days)


def _one_of(shares: dict[Any, float], u: np.ndarray) -> Any:
    return list(shares)[int(pick(u, shares.values())[0])]


def _weekday(day: date) -> date:
    return day + timedelta(days=7 - day.weekday() if day.weekday() >= 5 else 0)


def _counting_days(period: Period, months: int) -> list[date]:
    steps = (_months_later(period.start, months * step) for step in count())
    return [*takewhile(lambda day: day < period.end, steps), period.end]


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.month - 1 + months, 12)
    first = date(day.year + year, month + 1, 1)
    last = (date(first.year + month // 11, (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return first.replace(day=min(day.day, last))
