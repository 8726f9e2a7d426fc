"""Codings to test methods on, from what each coder gave to each unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from pipeline.methods.results import Context
from schemas.analyses import Themes
from schemas.coding import NO_CODE

Given = Mapping[str, Sequence[str | None]]
Arguments = tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, Themes, Context]

CONTEXT = Context("demo", "demonstration", services=("east", "west"), produced_by="demo/themes")
BOOK = pl.DataFrame({"code": ["hope", "ties", "pace", "cost"]})


def coded(
    given: Given, services: Sequence[str] = (), documents: Sequence[str] = (), themes: Themes | None = None
) -> Arguments:
    """Arguments of a method: per coder a text of codes for each unit, "" for none, ``None`` where not read."""
    units = max((len(texts) for texts in given.values()), default=0)
    names = [f"u{i}" for i in range(1, units + 1)]
    segments = pl.DataFrame(
        {
            "document": list(documents) or ["diaries"] * units,
            "segment": names,
            "service": list(services) or ["unattributed"] * units,
        },
        schema={"document": pl.String, "segment": pl.String, "service": pl.String},
    )
    rows = [
        (name, coder, code, "describes")
        for coder, texts in given.items()
        for name, text in zip(names, texts, strict=False)
        if text is not None
        for code in text.split() or [NO_CODE]
    ]
    types = dict.fromkeys(("segment", "coder", "code", "polarity"), pl.String)
    return segments, pl.DataFrame(rows, schema=types, orient="row"), BOOK, themes or Themes(unit="segment"), CONTEXT
