"""Frames to test methods on, and what must hold of every result."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd
import polars as pl

from pipeline.methods.results import Context, Results
from schemas.cells import Cells, Links, Relations
from schemas.estimates import Estimates
from schemas.instrument import Instrument

CONTEXT = Context("demo", "demonstration", services=("east", "west", "north"), produced_by="demo/test")

Answer = tuple[str, str, str, str, str, int | None, str]


def instrument(
    items: Iterable[str] = ("hope", "choice"), reverse: Iterable[str] = (), special: bool = True
) -> Instrument:
    """Four ordered options, the upper two collapsed to `high`, and a special answer."""
    return Instrument.model_validate(
        {
            "instrument": "scale",
            "title": "A scale",
            "population": "clients",
            "source": "none",
            "licence": "MIT",
            "headline": "high",
            "options": [{"code": c, "id": f"o{c}", "label": f"Option {c}"} for c in range(1, 5)],
            "special": [{"id": "n-a", "label": "N/A"}] if special else [],
            "collapse": [{"id": "high", "label": "High", "options": ["o3", "o4"]}],
            "items": [{"id": i, "label": i, "reverse": i in set(reverse)} for i in items],
        }
    )


def surveys(rows: Iterable[Answer]) -> pl.DataFrame:
    """Survey rows from (respondent, subject, wave, service, item, response, label)."""
    columns = ["respondent", "subject", "wave", "service", "item", "response", "label"]
    types = dict.fromkeys(columns, pl.String) | {"response": pl.Int64}
    frame = pl.DataFrame(list(rows), schema=types, orient="row")
    frame = frame.with_columns(instrument=pl.lit("scale"), data_status=pl.lit("demonstration"))
    order = ["respondent", "subject", "wave", "service", "instrument", "item", "response", "label", "data_status"]
    return frame.select(order)


def answers(codes: Mapping[str, list[int | str | None]], wave: str = "w1", service: str = "east", start: int = 0):
    """One row per respondent and item: an int is a code, a text a special answer, None not answered."""
    return [
        (f"r{start + place}", f"r{start + place}", wave, service, item)
        + ((code, f"o{code}") if isinstance(code, int) else (None, code or ""))
        for item, column in codes.items()
        for place, code in enumerate(column)
    ]


def check(results: Results) -> Results:
    """Schemas hold, every link points at a cell and an estimate, every declared sum adds up."""
    Estimates.validate(results.estimates)
    Cells.validate(results.cells)
    Links.validate(results.links)
    Relations.validate(results.relations)
    values = results.cells.set_index("cell_id")["value"]
    assert set(results.links["cell_id"]) <= set(values.index)
    assert set(results.links["estimate_id"]) <= set(results.estimates["estimate_id"])
    assert set(results.relations["total"]) | set(results.relations["part"]) <= set(values.index)
    sums = results.relations.assign(value=results.relations["part"].map(values)).groupby(["relation", "total"])[
        "value"
    ]
    for (relation, total), value in sums.sum().items():
        assert value == values[total], relation
    known = results.estimates[results.estimates["value"].notna() & (results.estimates["n"] > 0)]
    assert set(known["estimate_id"]) <= set(results.links["estimate_id"])
    return results


def pick(results: Results, **keys: str) -> pd.DataFrame:
    """Rows of the estimates with these keys."""
    rows = results.estimates
    for column, value in keys.items():
        rows = rows[rows[column] == value]
    return rows


def one(results: Results, **keys: str) -> pd.Series:
    """The only row with these keys."""
    rows = pick(results, **keys)
    assert len(rows) == 1, f"{len(rows)} rows for {keys}"
    return rows.iloc[0]
