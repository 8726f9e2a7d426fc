"""Individual contacts counted, in bounded memory: a log of ten million rows is never held at once.

Shares and intervals made of the counts belong in ``support``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from pipeline.methods.services import with_all
from schemas.vocabulary import ALL

NOT_RECORDED = "not recorded"

Counts = Mapping[tuple[str, str], tuple[int, int]]
"""(service, category) → contacts, and the fewest persons that can be behind them."""

Weeks = Mapping[str, list[dict[str, int]]]
"""By service: contacts of each category, a dictionary a week."""


@dataclass(frozen=True)
class Contacts:
    """Contacts of a log: one a session id that somebody attended, with service, day and activity of its first client.

    Attributes
    ----------
    days
        ``service, activity, date, contacts``.
    seen
        ``service, client``, and a Boolean column for each activity: has the client had it there? Clients are
        hashes (64 bits): they are counted, never shown.
    """

    days: pl.DataFrame
    seen: pl.DataFrame

    @cached_property
    def activities(self) -> list[str]:
        """Activities found, by name; none where no contact has one."""
        found = sorted(self.days["activity"].unique())
        return [] if found == [NOT_RECORDED] else found

    @property
    def services(self) -> Sequence[str]:
        """Services found."""
        return self.days["service"].unique().to_list()

    def counts(self, category: str | None = None) -> Counts:
        """By service (`all` included) and activity, or all of them as one ``category``."""
        contacts = self._contacts(category)
        persons = self._persons(category)
        return {key: (n, persons.get(key, 0)) for key, n in contacts.items()}

    def weeks(self, category: str | None = None) -> Weeks:
        """By service (`all` included): contacts of each activity, or of the one ``category``, week by week."""
        kind = pl.col("activity") if category is None else pl.lit(category)
        dated = self.days.with_columns(pl.col("date").dt.strftime("%G-W%V").alias("week"), kind.alias("category"))
        return by_week(dated)

    def _contacts(self, category: str | None) -> dict[tuple[str, str], int]:
        kind = pl.col("activity") if category is None else pl.lit(category)
        table = with_all(self.days).group_by("service", kind.alias("category")).agg(pl.col("contacts").sum())
        return {(service, name): n for service, name, n in table.iter_rows()}

    def _persons(self, category: str | None) -> dict[tuple[str, str], int]:
        names = [name for name in self.seen.columns if name not in ("service", "client")]
        whole = self.seen.drop("service").group_by("client").agg(pl.all().any()).with_columns(service=pl.lit(ALL))
        both = pl.concat([self.seen, whole.select(self.seen.columns)])
        if category is not None:
            return {(service, category): n for service, n in both.group_by("service").len().iter_rows()}
        table = both.group_by("service").agg(pl.col(names).sum())
        return {(str(row["service"]), name): row[name] for row in table.iter_rows(named=True) for name in names}


def by_week(dated: pl.DataFrame) -> Weeks:
    """``service, week, category, contacts`` as dictionaries, in the order of the weeks."""
    keys = ["service", "week", "category"]
    table = with_all(dated).group_by(keys).agg(pl.col("contacts").sum()).sort("service", "week")
    weeks: dict[tuple[str, str], dict[str, int]] = {}
    for service, week, category, n in table.iter_rows():
        weeks.setdefault((service, week), {})[category] = n
    services: dict[str, list[dict[str, int]]] = {}
    for (service, _), one in weeks.items():
        services.setdefault(service, []).append(one)
    return services


def individual(sessions: pl.DataFrame | pl.LazyFrame) -> Contacts:
    """The contacts of rows of ``schemas.sessions``.

    A contact that several clients attended counts once, with service, day and activity of the first of them by id;
    all its clients count as persons behind it.
    """
    attended = (
        sessions.lazy()
        .filter("attended")
        .select("session", "client", "service", "date", pl.col("activity").fill_null(NOT_RECORDED))
    )
    together = _together(attended, _shared(attended))
    days = _days(attended, together)
    names = sorted(days["activity"].unique())
    return Contacts(days, _seen(attended, together, names))


def _shared(attended: pl.LazyFrame) -> pl.DataFrame:
    """Hashes of session ids that stand more than once, or meet another's hash (which is sorted out later)."""
    hashes = attended.select(pl.col("session").hash()).collect(engine="streaming").to_series().sort()
    return hashes.filter(hashes == hashes.shift()).unique().to_frame("session")


def _together(attended: pl.LazyFrame, shared: pl.DataFrame) -> pl.DataFrame:
    """The rows of contacts that may have several clients, with service, day and activity of each contact's first.

    ``first`` marks one row of each contact; ``own_service`` and ``own_activity`` are the row's own.
    """
    keyed = attended.with_columns(pl.col("session").hash().alias("hash"))
    rows = keyed.join(shared.lazy(), left_on="hash", right_on="session", how="semi").collect(engine="streaming")
    rows = rows.sort("session", "client")
    taken = [pl.col(name).first().over("session") for name in ("service", "date", "activity")]
    own = [pl.col(name).alias(f"own_{name}") for name in ("service", "date", "activity")]
    return rows.with_columns(*own).with_columns(*taken, first=pl.col("session").is_first_distinct())


def _days(attended: pl.LazyFrame, together: pl.DataFrame) -> pl.DataFrame:
    """Every row counted as a contact, but for those that stand together: each contact once."""
    keys = ["service", "activity", "date"]
    rows = attended.group_by(keys).agg(pl.len().cast(pl.Int64).alias("contacts")).collect(engine="streaming")
    own = together.select(*(pl.col(f"own_{name}").alias(name) for name in keys), contacts=pl.lit(-1, pl.Int64))
    once = together.filter("first").select(*keys, contacts=pl.lit(1, pl.Int64))
    summed = pl.concat([rows, own, once]).group_by(keys).agg(pl.col("contacts").sum())
    return summed.filter(pl.col("contacts") > 0)


def _seen(attended: pl.LazyFrame, together: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Clients by service and activity of their contacts, which for rows that stand together are the first's."""
    client, keys = pl.col("client").hash(), ["service", "client"]
    had = [(pl.col("activity") == name).sum().cast(pl.Int64).alias(name) for name in names]
    rows = attended.select("service", client, "activity").group_by(keys).agg(had).collect(engine="streaming")
    differs = (pl.col("own_service") != pl.col("service")) | (pl.col("own_activity") != pl.col("activity"))
    together = together.filter(differs)
    own = together.select(pl.col("own_service").alias("service"), client, pl.col("own_activity").alias("activity"))
    taken = together.select("service", client, "activity")
    minus = own.group_by(keys).agg(-one for one in had)
    counts = rows
    if len(together):
        counts = pl.concat([rows, minus, taken.group_by(keys).agg(had)]).group_by(keys).agg(pl.col(names).sum())
    return counts.with_columns(pl.col(names) > 0).filter(pl.any_horizontal(names)) if names else counts
