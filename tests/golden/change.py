"""Our comparisons of the waves that ``r/change.R`` makes and compares."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from pipeline.methods.change import MODELS, compare
from pipeline.methods.results import Context
from schemas.analyses import Rounds
from schemas.instrument import Instrument

DATA = Path(__file__).parent / "data"
KINDS = {"independent": False, "linked": True, "partly": "partly"}
METHODS = {"holm": "holm", "BH": "benjamini-hochberg"}
NUMBERS = {"difference": "value", "low": "low", "high": "high", "p": "p", "p_adjusted": "p_adjusted"}


def ours() -> Iterator[tuple[str, str, float]]:
    """Every item of both surveys, persons linked or not, adjusted over both surveys."""
    context = Context("golden", "observed", services=("east", "west", "north"))
    for kind, linked in KINDS.items():
        for method, adjust in METHODS.items():
            keys = {"linked": linked, "adjust": adjust, "test": "mid-p" if linked is True else "exact"}
            found = compare([_declared(name, keys) for name in ("survey", "other")], context).estimates
            services = ["all"] if linked is True else ["all", "east", "west"]
            rows = found[(found["statistic"] == "difference") & found["service"].isin(services)]
            assert set(rows["model"]) == {MODELS[linked]}
            for row in rows.to_dict("records"):
                case = f"{kind} {method} {row['service']} {row['item']}"
                yield from ((case, quantity, row[column]) for quantity, column in NUMBERS.items())


def _declared(name: str, keys: dict[str, object]) -> tuple[pl.DataFrame, Instrument, Rounds]:
    answers = pl.read_csv(DATA / f"change_{name}.csv", schema_overrides={"response": pl.Int64})
    items = [{"id": item, "label": item} for item in answers["item"].unique(maintain_order=True)]
    answers = answers.with_columns(instrument=pl.lit(name), respondent=pl.col("subject"), label=pl.lit(""))
    rounds = Rounds.model_validate(
        {"id": name, "instrument": name, "reference": "w1", "wave": "w2", "category": "high", "family": "both"} | keys
    )
    return answers, Instrument.model_validate(INSTRUMENT | {"instrument": name, "items": items}), rounds


INSTRUMENT: dict[str, object] = {
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
}
