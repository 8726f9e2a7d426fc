"""What of the coded documents leaves the restricted zone: sections, passages in our words, and their codes.

The texts themselves stay where they are; which passages may be shown is declared with each of them.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import polars as pl

from schemas.coding import COUNTED
from schemas.study import Study

_DOCUMENT = ("id", "title", "type", "date", "publisher", "author_role", "participants", "part_of")


def released_passages(study: Study, records: Mapping[str, pl.DataFrame]) -> dict[str, pd.DataFrame]:
    """The released frames of a study that has segments.

    ``segments`` gets ``illustration`` (it lies in a composite vignette) and ``counts`` (it is evidence in words:
    participant data or an evaluator's finding, neither an illustration nor printed figures told in words); the
    summary of a passage that is not releasable is empty. ``sections`` gets the number of its passages.

    Where the study counts codes in material of its own and protects small counts, passages and codes stay behind:
    whoever has them can count what the gate withheld.
    """
    segments, vignettes = records["segments"], study.vignettes()
    illustration = pl.struct("document", "section").map_elements(
        lambda place: (place["document"], place["section"]) in vignettes, return_dtype=pl.Boolean
    )
    shown = segments.with_columns(
        pl.when(pl.col("releasable")).then(pl.col("summary")).otherwise(pl.lit("")).alias("summary"),
        illustration.alias("illustration"),
    ).with_columns((pl.col("basis").is_in(COUNTED) & ~pl.col("illustration") & ~pl.col("figures")).alias("counts"))
    numbers = segments.group_by("document", "section").agg(pl.len().alias("segments"))
    sections = records["sections"].join(numbers, on=["document", "section"], how="left", maintain_order="left")
    frames = {
        "documents": _documents(study),
        "sections": sections.with_columns(pl.col("segments").fill_null(0)).to_pandas(),
    }
    if not (study.analyses.themes and study.disclosure.minimum_cell):
        frames |= {"segments": shown.to_pandas(), "codings": records["codings"].to_pandas()}
    return {name: _of(study, frame) for name, frame in frames.items()}


def _documents(study: Study) -> pd.DataFrame:
    rows = [[getattr(one, name) for name in _DOCUMENT] for one in study.documents]
    frame = pd.DataFrame(rows, columns=["document", *_DOCUMENT[1:]])
    return frame.astype({"participants": "Int64"})


def _of(study: Study, frame: pd.DataFrame) -> pd.DataFrame:
    frame.insert(0, "study", study.study)
    return frame
