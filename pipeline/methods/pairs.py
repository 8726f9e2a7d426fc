"""The same subject's answers at two waves, counted; and the cells they become.

The estimates made of the pairs belong in ``change`` and ``power``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from pipeline.methods.answers import ANSWERED, on_scale
from pipeline.methods.results import Ledger
from pipeline.methods.services import addends, breakdown, with_all
from schemas.analyses import Clustered, Rounds
from schemas.instrument import Instrument
from schemas.vocabulary import ALL, UNKNOWN

TABLE = ("kept", "gained", "lost", "never")
MOVES = ("up", "down", "same")
COUNTED = ("pairs", *TABLE, *MOVES)
KEY = ("subject", "item")


@dataclass(frozen=True)
class Pairs:
    """Pairs of one item at one service: ``gained`` were in the category at the later wave only, and so on."""

    pairs: int = 0
    kept: int = 0
    gained: int = 0
    lost: int = 0
    never: int = 0
    up: int = 0
    down: int = 0
    same: int = 0
    unpaired: int = 0


def count_pairs(
    surveys: pl.DataFrame, instrument: Instrument, rounds: Rounds, denominator: str = ANSWERED
) -> dict[tuple[str, str], Pairs]:
    """``Pairs`` by (service, item), `all` included; of those who answered both times or, `asked`, were asked.

    Answers are matched on ``subject``: the client who is rated, whoever rates; staff are their own subject. A
    subject with several answers to an item at one wave can't be matched without a choice and stays unpaired.
    Unpaired are all subjects asked at either wave that don't form a pair. A pair counts at the service of the later
    wave (of the earlier one where the later is unknown).
    """
    rows = surveys.filter(pl.col("instrument") == instrument.instrument)
    before, after = (rows.filter(pl.col("wave") == wave) for wave in (rounds.reference, rounds.wave))
    paired = _classified(_matched(before, after, instrument, denominator), instrument.codes(rounds.category))
    counts = with_all(paired).group_by("service", "item").agg(pl.len().alias("pairs"), *map(_number, TABLE + MOVES))
    asked = with_all(_everyone(before, after)).group_by("service", "item").agg(pl.len().alias("asked"))
    table = asked.join(counts, on=["service", "item"], how="left").fill_null(0)
    table = table.with_columns(unpaired=pl.col("asked") - pl.col("pairs")).drop("asked")
    return {(row.pop("service"), row.pop("item")): Pairs(**row) for row in table.to_dicts()}


def pair_services(counts: dict[tuple[str, str], Pairs], ledger: Ledger) -> list[str]:
    """`all` and the known services that pairs can be broken down by."""
    return breakdown({service for service, _ in counts}, ledger.context)


def pair_cells(
    ledger: Ledger, instrument: Instrument, rounds: Rounds, counts: dict[tuple[str, str], Pairs]
) -> dict[tuple[str, str], dict[str, str]]:
    """Add the cells of all pairs and the sums among them; ids by (service, item) and name of the count."""
    parts = addends({service for service, _ in counts}, ledger.context)
    cells: dict[tuple[str, str], dict[str, str]] = {}
    for item in (item.id for item in instrument.items):
        for service in [ALL, *parts]:
            one = _cells(ledger, instrument, rounds, service, item, counts.get((service, item), Pairs()))
            cells[service, item] = one
        for name in COUNTED:
            ledger.sum_of(cells[ALL, item][name], [cells[service, item][name] for service in parts], "service")
    return cells


def pair_group(rounds: Rounds | Clustered, category: str = "", denominator: str = ANSWERED) -> str:
    """Group of the cells that count pairs: named by what is counted, so that all analyses of it share the cells."""
    asked = denominator if denominator != ANSWERED else ""
    return "-".join(filter(None, ["linked", rounds.reference, rounds.wave, category, asked]))


def _cells(
    ledger: Ledger, instrument: Instrument, rounds: Rounds, service: str, item: str, counts: Pairs
) -> dict[str, str]:
    cells = {
        name: ledger.cell(
            getattr(counts, name),
            service=service,
            unit=instrument.unit,
            population=instrument.population,
            instrument=instrument.instrument,
            item=item,
            category=name,
            group=pair_group(rounds, rounds.category if name in TABLE else ""),
            wave=rounds.wave,
        )
        for name in COUNTED
    }
    ledger.sum_of(cells["pairs"], [cells[name] for name in TABLE], f"{rounds.category}|category")
    ledger.sum_of(cells["pairs"], [cells[name] for name in MOVES], "direction|category")
    return cells


def _matched(before: pl.DataFrame, after: pl.DataFrame, instrument: Instrument, denominator: str) -> pl.DataFrame:
    """One row a pair: item, subject, service, and the codes at both waves."""
    columns = [*KEY, "service", "response"]
    later, earlier = (counted_once(rows, instrument, denominator).select(columns) for rows in (after, before))
    pairs = later.join(earlier, on=KEY, suffix="_before")
    return pairs.with_columns(service=_service(pl.col("service"), pl.col("service_before")))


def counted_once(rows: pl.DataFrame, instrument: Instrument, denominator: str) -> pl.DataFrame:
    """One row a subject and item at one wave: the answer of those with a single one and, `asked`, of those with none.

    Whoever has a single answer is counted by it over either denominator, whatever else was left unanswered.
    """
    answered = rows.filter(on_scale(instrument))
    single = answered.filter(pl.len().over(KEY) == 1)
    if denominator == ANSWERED:
        return single
    silent = rows.join(answered, on=KEY, how="anti").unique(KEY, keep="first", maintain_order=True)
    return pl.concat([single, silent])


def _everyone(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Each subject asked an item at either wave, once, under the service that a pair would count at."""
    key = ["subject", "item"]
    later, earlier = (rows.unique(key, keep="first", maintain_order=True) for rows in (after, before))
    both = later.select(*key, "service").join(
        earlier.select(*key, "service"), on=key, how="full", coalesce=True, suffix="_before"
    )
    return both.select(*key, service=_service(pl.col("service"), pl.col("service_before")))


def _service(later: pl.Expr, earlier: pl.Expr) -> pl.Expr:
    known = [pl.when(service != UNKNOWN).then(service) for service in (later, earlier)]
    return pl.coalesce(*known, pl.lit(UNKNOWN))


def _classified(pairs: pl.DataFrame, codes: Sequence[int]) -> pl.DataFrame:
    now, then = (pl.col(name).is_in(list(codes)).fill_null(False) for name in ("response", "response_before"))
    return pairs.with_columns(
        kept=now & then,
        gained=now & ~then,
        lost=~now & then,
        never=~now & ~then,
        up=pl.col("response") > pl.col("response_before"),
        down=pl.col("response") < pl.col("response_before"),
        same=pl.col("response") == pl.col("response_before"),
    )


def _number(name: str) -> pl.Expr:
    return pl.col(name).sum()
