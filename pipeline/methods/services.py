"""Which services a table can be broken down by, and the `all` that pools them.

How a service's rows are counted or modelled belongs in the methods.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from pipeline.methods.results import Context
from schemas.vocabulary import ALL, UNKNOWN


def known_services(found: Iterable[str], context: Context) -> list[str]:
    """The services among ``found``, in the study's order; services the study does not declare come last."""
    present = set(found) - {UNKNOWN, ALL}
    declared = [service for service in context.services if service in present]
    return declared + sorted(present - set(declared))


def breakdown(found: Iterable[str], context: Context) -> list[str]:
    """`all`, then each known service: the rows that are made of a table."""
    return [ALL, *known_services(found, context)]


def addends(found: Iterable[str], context: Context) -> list[str]:
    """Services whose cells sum to `all`: the known ones, and `unknown` where only part of the rows has a service.

    Empty where no row has a service.
    """
    found = set(found)
    known = known_services(found, context)
    return [*known, UNKNOWN] if known and UNKNOWN in found else known


def with_all(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows twice: under their own service and under `all` (column ``service``)."""
    return pl.concat([frame.with_columns(service=pl.lit(ALL)), frame.with_columns(pl.col("service"))])


def found_services(frame: pl.DataFrame) -> Sequence[str]:
    """Service ids in a frame, `unknown` included."""
    return list(frame["service"].unique())
