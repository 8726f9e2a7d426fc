"""Our specifications of the comparisons that ``r/multiverse.R`` makes under the same choices."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from pipeline.methods.multiverse import multiverse
from pipeline.methods.results import Context
from schemas.analyses import Multiverse, Rounds
from schemas.instrument import Instrument
from schemas.vocabulary import REASONS

DATA = Path(__file__).parent / "data"
SERVICES = ("east", "west", "north", "south", "hill", "lake")
INSTRUMENT = Instrument.model_validate(
    {
        "instrument": "scale",
        "title": "A scale",
        "population": "clients",
        "source": "none",
        "licence": "MIT",
        "headline": "high",
        "options": [{"code": code, "id": f"o{code}", "label": f"Option {code}"} for code in range(1, 5)],
        "collapse": [
            {"id": "high", "label": "High", "options": ["o3", "o4"]},
            {"id": "some", "label": "Some", "options": ["o2", "o3", "o4"]},
        ],
        "items": [{"id": "hope", "label": "Hope"}, {"id": "choice", "label": "Choice"}],
    }
)


def ours() -> Iterator[tuple[str, str, float]]:
    """Every specification, and what is counted over them, of different and of the same persons."""
    for persons, linked in (("different", False), ("same", True)):
        answers = pl.read_csv(DATA / f"multiverse_{persons}.csv", schema_overrides={"response": pl.Int64})
        answers = answers.with_columns(instrument=pl.lit("scale"), respondent=pl.col("subject"), label=pl.lit(""))
        rounds = Rounds(
            id="r", instrument="scale", reference="w1", wave="w2", category="high", linked=linked, overlap="none"
        )
        declared = Multiverse(rounds="r", categories=("some",), fewest=(1, 5, 8))
        context = Context("golden", "observed", services=SERVICES)
        for row in multiverse(answers, INSTRUMENT, rounds, declared, context).estimates.to_dict("records"):
            if row["reason"] != REASONS["too_few_services"]:
                yield from _quantities(persons, row)


def _quantities(persons: str, row: dict[str, object]) -> Iterator[tuple[str, str, float]]:
    case = f"{persons} {row['item']}"
    if row["statistic"] == "difference":
        case += f" {row['category']} {row['denominator']} {row['model']} {row['at']}"
        names = {"value": "difference", "low": "low", "high": "high"}
        names |= {"se": "se"} if row["model"] != "pooled" else {}
    elif row["statistic"] == "specification_median":
        names = {"value": "specification_median", "low": "least", "high": "largest"}
    else:
        names = {"value": str(row["statistic"])}
    yield from ((case, name, float(row[column])) for column, name in names.items())  # type: ignore[arg-type]
