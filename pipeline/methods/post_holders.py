"""Post holders and their time in post, the groups they are in, and the cells behind what is said of them.

What is estimated of them belongs in ``retention``, ``retention_compared`` and ``success``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

import polars as pl

from pipeline.methods.results import Context, Ledger
from pipeline.methods.services import addends, breakdown, found_services, known_services
from pipeline.methods.survival import Spell
from pipeline.methods.workforce import POPULATION
from schemas.vocabulary import ALL

FEWEST_POSTS = 5
"""Posts that a group needs to be compared."""

YES_NO = {"mentor": ("without-mentor", "with-mentor"), "trained": ("not-trained", "trained")}
"""What the groups of a characteristic that one has or has not are called, the one without it first."""

SIZE = ("posts", "ended", "held")
"""Cells of every group: its posts, those that ended by the end of observation, and those still held then."""

LEFT = ("ended-by-{}-followed", "ended-by-{}-not-followed")
STAYED = ("in-post-after-{}", "seen-less-than-{}")
"""Cells of those who left by a day, and of those who did not: first those whose start lies so many days back."""


@dataclass(frozen=True)
class Group:
    """Post holders of one service, or of one kind over all services, and the keys of their rows and cells."""

    service: str
    group: str
    posts: pl.DataFrame

    @property
    def name(self) -> str:
        """What the group is called among those beside it."""
        return self.group or self.service

    @property
    def keys(self) -> dict[str, str]:
        """Keys of its estimates."""
        return {"population": POPULATION, "item": "retention", "group": self.group}


@dataclass(frozen=True)
class Observation:
    """Posts observed until a day, and the days in post at which they are read.

    ``posts`` have three columns more than the record: ``days`` in post, whether they ``ended``, and ``follow_up``:
    days from their start to the last day of observation, however long they were held. Posts without an end, or with
    one after that day, are censored on it. Posts that start later are ``late``.
    """

    posts: pl.DataFrame
    late: pl.DataFrame
    days: tuple[int, ...]

    @staticmethod
    def of(workforce: pl.DataFrame, last: date, days: Sequence[int], success: int | None = None) -> Observation:
        """The records as seen by the ``last`` day of observation; ``success`` is one more of the days."""
        ended = (pl.col("end") <= last).fill_null(False)
        until = pl.when(ended).then(pl.col("end")).otherwise(pl.lit(last))
        posts = workforce.filter(pl.col("start") <= last)
        held, follow_up = ((day - pl.col("start")).dt.total_days() for day in (until, pl.lit(last)))
        posts = posts.with_columns(held.alias("days"), ended.alias("ended"), follow_up.alias("follow_up"))
        wanted = sorted({*days, *([] if success is None else [success])})
        return Observation(posts, workforce.filter(pl.col("start") > last), tuple(wanted))

    def group(self, service: str) -> Group:
        """The post holders of a service, or of all."""
        return Group(service, "", of_service(self.posts, service))

    def services(self, context: Context) -> list[str]:
        """All, then each known service, of late posts too."""
        return breakdown([*found_services(self.posts), *found_services(self.late)], context)


def of_service(posts: pl.DataFrame, service: str) -> pl.DataFrame:
    """The posts of a service, or all."""
    return posts if service == ALL else posts.filter(pl.col("service") == service)


def left_by(day: int) -> pl.Expr:
    """Had a post ended by that day? On the day itself: yes, as in the curve."""
    return pl.col("ended") & (pl.col("days") <= day)


def spells(posts: pl.DataFrame) -> list[Spell]:
    """Days in post of each post, and whether it ended then."""
    return list(posts.select("days", "ended").iter_rows())


def groups_by(posts: pl.DataFrame, variable: str, context: Context) -> list[Group]:
    """Groups by service (those known, in the study's order), role (largest first), mentor or training.

    Only groups that have a post.
    """
    if variable == "service":
        names = known_services(found_services(posts), context)
        return [Group(one, "", posts.filter(pl.col("service") == one)) for one in names]
    if variable in YES_NO:
        parts = zip(YES_NO[variable], (posts.filter(~pl.col(variable)), posts.filter(pl.col(variable))), strict=True)
        return [Group(ALL, name, part) for name, part in parts if part.height]
    roles = posts.with_columns(_role().alias("#role"))
    names = [name for name, _ in sorted(roles["#role"].value_counts().iter_rows(), key=lambda one: (-one[1], one[0]))]
    return [Group(ALL, name, roles.filter(pl.col("#role") == name).drop("#role")) for name in names]


def _role() -> pl.Expr:
    """A role as a key may hold it."""
    return pl.lit("role-") + pl.col("role").str.replace_all("[/=]", "-")


class PostCells:
    """Declares the cells of groups of posts, and the sums among them, over the same days each time.

    ``success``, one of the days, parts those who left by then, and those who did not, by whether they were followed
    for so long: only for what rests on it, because each part can be small.
    """

    def __init__(self, ledger: Ledger, seen: Observation, success: int | None = None) -> None:
        self.ledger, self.seen, self.days, self.success = ledger, seen, seen.days, success

    def by(self, variable: str) -> dict[str, dict[str, str]]:
        """Cells of all posts, and of each service or group by a characteristic, which sum to them; by group name."""
        context = self.ledger.context
        if variable == "service":
            groups = [self.seen.group(one) for one in addends(found_services(self.seen.posts), context)]
        else:
            groups = groups_by(self.seen.posts, variable, context)
        everyone = self.of(self.seen.group(ALL))
        cells = {group.name: self.of(group) for group in groups}
        for name, total in everyone.items():
            self.ledger.sum_of(total, [cells[group.name][name] for group in groups], variable)
        return {ALL: everyone} | cells

    def of(self, group: Group) -> dict[str, str]:
        """Cells of one group: posts; ended and not ended by each day; between two days; ended after all; held."""
        values = self._counts(spells(group.posts)) | self._followed(group.posts)
        keys: dict[str, Any] = {"population": POPULATION, "item": "retention", "group": group.group}
        cells = {
            name: self.ledger.cell(n, service=group.service, unit="post holder", category=name, **keys)
            for name, n in values.items()
        }
        for total, parts, dimension in self._sums():
            self.ledger.sum_of(cells[total], [cells[part] for part in parts], dimension)
        return cells

    def _counts(self, of: list[Spell]) -> dict[str, int]:
        ended = {day: sum(over and time <= day for time, over in of) for day in self.days}
        everything = sum(over for _, over in of)
        values = {"posts": len(of), "ended": everything, "held": len(of) - everything}
        values |= {f"ended-by-{day}": n for day, n in ended.items()}
        values |= {f"not-ended-by-{day}": len(of) - n for day, n in ended.items()}
        values |= {f"ended-{a}-to-{b}": ended[b] - ended[a] for a, b in pairwise(self.days)}
        if self.days:
            values[f"ended-after-{self.days[-1]}"] = everything - ended[self.days[-1]]
        return values

    def _followed(self, posts: pl.DataFrame) -> dict[str, int]:
        """Who left, and who did not, of those followed for the days of success and of those who started too late."""
        if not self.success:
            return {}
        left, followed = left_by(self.success), pl.col("follow_up") >= self.success
        parts = (left & followed, left & ~followed, ~left & followed, ~left & ~followed)
        names = (one.format(self.success) for one in (*LEFT, *STAYED))
        return {name: posts.filter(part).height for name, part in zip(names, parts, strict=True)}

    def _sums(self) -> list[tuple[str, list[str], str]]:
        """Which counts are sums of which: total, parts, dimension."""
        sums = [("posts", ["ended", "held"], "ended")]
        sums += [("posts", [f"ended-by-{day}", f"not-ended-by-{day}"], f"by-{day}") for day in self.days]
        sums += [(f"ended-by-{b}", [f"ended-by-{a}", f"ended-{a}-to-{b}"], "days") for a, b in pairwise(self.days)]
        if self.days:
            last = self.days[-1]
            sums.append(("ended", [f"ended-by-{last}", f"ended-after-{last}"], "days"))
        if self.success:
            for total, parts in (("ended-by-{}", LEFT), ("not-ended-by-{}", STAYED)):
                sums.append((total.format(self.success), [one.format(self.success) for one in parts], "followed"))
        return sums
