"""Individual contacts counted, in bounded memory: a log of ten million rows is never held at once.

Shares and intervals made of the counts belong in ``support``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from pipeline.methods.services import with_all
from schemas.vocabulary import ALL

NOT_RECORDED = "not recorded"
ACTIVITY, MODE = "activity", "mode"

Counts = Mapping[tuple[str, str], tuple[int, int]]
"""(service, category) → contacts, and the fewest persons that can be behind them."""

Weeks = Mapping[str, list[dict[str, int]]]
"""By service: contacts of each category, a dictionary a week."""


@dataclass(frozen=True)
class Contacts:
    """Contacts of a log: one a session id that somebody attended, with service, day and kind of its first client.

    Attributes
    ----------
    days
        By kind (``activity``; ``mode`` where some contact has one): ``service, category, date, contacts``.
    seen
        ``service, client``, and a Boolean column for each ``kind:category``: has the client had it there? Clients
        are hashes (64 bits): they are counted, never shown.
    """

    days: Mapping[str, pl.DataFrame]
    seen: pl.DataFrame

    def names(self, kind: str) -> list[str]:
        """Activities or modes found, by name, ``not recorded`` among them; none where no contact has one."""
        found = sorted(self.days[kind]["category"].unique()) if kind in self.days else []
        return [] if found == [NOT_RECORDED] else found

    @property
    def services(self) -> Sequence[str]:
        """Services found."""
        return self.days[ACTIVITY]["service"].unique().to_list()

    def counts(self, category: str | None = None, kind: str = ACTIVITY) -> Counts:
        """By service (`all` included) and category of a kind, or all of them as one ``category``."""
        persons = self._persons(category, kind)
        return {key: (n, persons.get(key, 0)) for key, n in self._contacts(category, kind).items()}

    def weeks(self, category: str | None = None, kind: str = ACTIVITY) -> Weeks:
        """By service (`all` included): contacts of each category, or of the one ``category``, week by week."""
        return by_week(self.days[kind].with_columns(_category(category)))

    def _contacts(self, category: str | None, kind: str) -> dict[tuple[str, str], int]:
        rows = with_all(self.days[kind].with_columns(_category(category)))
        table = rows.group_by("service", "category").agg(pl.col("contacts").sum())
        return {(service, name): n for service, name, n in table.iter_rows()}

    def _persons(self, category: str | None, kind: str) -> dict[tuple[str, str], int]:
        columns = [name for name in self.seen.columns if name.startswith(f"{kind}:")]
        seen = self.seen.select("service", "client", *columns)
        whole = seen.drop("service").group_by("client").agg(pl.all().any()).with_columns(service=pl.lit(ALL))
        both = pl.concat([seen, whole.select(seen.columns)])
        if category is not None:
            return {(service, category): n for service, n in both.group_by("service").len().iter_rows()}
        rows = both.group_by("service").agg(pl.col(columns).sum()).iter_rows(named=True)
        return {(str(row["service"]), name.partition(":")[2]): row[name] for row in rows for name in columns}


def _category(category: str | None) -> pl.Expr:
    return pl.col("category") if category is None else pl.lit(category).alias("category")


def by_week(dated: pl.DataFrame) -> Weeks:
    """``service, date, category, contacts`` by ISO week: dictionaries, in the order of the weeks."""
    keys = ["service", "week", "category"]
    weekly = dated.with_columns(pl.col("date").dt.strftime("%G-W%V").alias("week"))
    table = with_all(weekly).group_by(keys).agg(pl.col("contacts").sum()).sort("service", "week")
    weeks: dict[tuple[str, str], dict[str, int]] = {}
    for service, week, category, n in table.iter_rows():
        weeks.setdefault((service, week), {})[category] = n
    services: dict[str, list[dict[str, int]]] = {}
    for (service, _), one in weeks.items():
        services.setdefault(service, []).append(one)
    return services


def individual(sessions: pl.DataFrame | pl.LazyFrame) -> Contacts:
    """The contacts of rows of ``schemas.sessions``.

    A contact that several clients attended counts once, with service, day and kind of the first of them by id; all
    its clients count as persons behind it.
    """
    attended, kinds = _attended(sessions.lazy())
    together = _together(attended, _shared(attended), kinds)
    days = _days(attended, together, kinds)
    found = [(kind, name) for kind in kinds for name in sorted(days[kind]["category"].unique())]
    return Contacts(days, _seen(attended, together, found))


def by_client(sessions: pl.DataFrame | pl.LazyFrame, kind: str) -> pl.DataFrame:
    """``service, client, category, contacts``: contacts of each category, at the first client (by id) of each.

    Clients are hashes. Contacts without a recorded category are `not recorded`; the sums are those of ``Contacts``.
    """
    attended, kinds = _attended(sessions.lazy())
    if kind not in kinds:
        attended, kinds = attended.with_columns(pl.lit(NOT_RECORDED).alias(kind)), [*kinds, kind]
    together = _together(attended, _shared(attended), kinds)
    counted = _counted(attended, together, [kind], {"client": pl.col("client").hash()})[kind]
    return counted.select("service", "client", "category", "contacts")


def _attended(log: pl.LazyFrame) -> tuple[pl.LazyFrame, list[str]]:
    """Rows that took place, and the kinds there are: a mode only where some row has one."""
    columns = log.collect_schema().names()
    some_mode = MODE in columns and log.select(pl.col(MODE).is_not_null().any()).collect(engine="streaming").item()
    kinds = [ACTIVITY, MODE] if some_mode else [ACTIVITY]
    named = [pl.col(kind).fill_null(NOT_RECORDED) for kind in kinds]
    return log.filter("attended").select("session", "client", "service", "date", *named), kinds


def _shared(attended: pl.LazyFrame) -> pl.DataFrame:
    """Hashes of session ids that stand more than once, or meet another's hash (which is sorted out later)."""
    hashes = attended.select(pl.col("session").hash()).collect(engine="streaming").to_series().sort()
    return hashes.filter(hashes == hashes.shift()).unique().to_frame("session")


def _together(attended: pl.LazyFrame, shared: pl.DataFrame, kinds: Sequence[str]) -> pl.DataFrame:
    """The rows of contacts that may have several clients, with service, day and kinds of each contact's first.

    ``first`` marks one row of each contact; ``own_service`` and the like are the row's own.
    """
    keyed = attended.with_columns(pl.col("session").hash().alias("hash"))
    rows = keyed.join(shared.lazy(), left_on="hash", right_on="session", how="semi").collect(engine="streaming")
    rows, names = rows.sort("session", "client"), ("service", "date", *kinds)
    taken = [pl.col(name).first().over("session") for name in names]
    own = [pl.col(name).alias(f"own_{name}") for name in names]
    return rows.with_columns(*own).with_columns(*taken, first=pl.col("session").is_first_distinct())


def _days(attended: pl.LazyFrame, together: pl.DataFrame, kinds: Sequence[str]) -> dict[str, pl.DataFrame]:
    return _counted(attended, together, kinds, {"date": pl.col("date")})


def _counted(
    attended: pl.LazyFrame, together: pl.DataFrame, kinds: Sequence[str], by: Mapping[str, pl.Expr]
) -> dict[str, pl.DataFrame]:
    """Contacts by service, category and ``by``: every row is one, but of those that stand together only the first."""
    keyed = [attended.select("service", pl.col(kind).alias("category"), **by) for kind in kinds]
    keys = ["service", "category", *by]
    counted = [rows.group_by(keys).agg(pl.len().cast(pl.Int64).alias("contacts")) for rows in keyed]
    found = {}
    for kind, rows in zip(kinds, pl.collect_all(counted, engine="streaming"), strict=True):
        own = together.with_columns(pl.col(f"own_{name}").alias(name) for name in ("service", "date", kind))
        of = [(own, -1), (together.filter("first"), 1)]
        corrections = [
            one.select("service", pl.col(kind).alias("category"), **by, contacts=pl.lit(n, pl.Int64)) for one, n in of
        ]
        summed = pl.concat([rows, *corrections]).group_by(keys).agg(pl.col("contacts").sum())
        found[kind] = summed.filter(pl.col("contacts") > 0)
    return found


def _seen(attended: pl.LazyFrame, together: pl.DataFrame, found: Sequence[tuple[str, str]]) -> pl.DataFrame:
    """Clients by service and kind of their contacts, which for rows that stand together are the first's."""
    client, keys, kinds = pl.col("client").hash(), ["service", "client"], list(dict.fromkeys(k for k, _ in found))
    had = [(pl.col(kind) == name).sum().cast(pl.Int32).alias(f"{kind}:{name}") for kind, name in found]
    rows = attended.select("service", client, *kinds).group_by(keys).agg(had).collect(engine="streaming")
    names = [name for name in rows.columns if name not in keys]
    changed = [pl.col(f"own_{name}") != pl.col(name) for name in ("service", *kinds)]
    together = together.filter(pl.any_horizontal(changed))
    own = together.select(*(pl.col(f"own_{name}").alias(name) for name in ("service", *kinds)), client)
    taken = together.select("service", client, *kinds)
    if len(together):
        parts = [rows, own.group_by(keys).agg(-one for one in had), taken.group_by(keys).agg(had)]
        rows = pl.concat(parts).group_by(keys).agg(pl.col(names).sum())
    there = [name for name in names if name.startswith(f"{ACTIVITY}:")]
    return rows.with_columns(pl.col(names) > 0).filter(pl.any_horizontal(there)) if there else rows
