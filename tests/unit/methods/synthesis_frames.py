"""Small released frames of coded studies, to test the synthesis on."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from schemas.coding import COUNTED

STUDIES = pd.DataFrame(
    [
        ("quay", "family-q", False),
        ("wharf", "family-q", False),
        ("mill", "family-m", False),
        ("made-up", "made-up", True),
    ],
    columns=["study", "source_family", "fictional"],
)
"""Two studies on one programme, one on another, and a fictional one."""

CODEBOOK = pd.DataFrame(
    [("trust", "factor"), ("ease", "mechanism"), ("hope", "outcome"), ("work", "outcome"), ("strain", "harm")],
    columns=["code", "theme"],
).assign(label=lambda book: book["code"].str.capitalize())

Passage = tuple[str, str, str]


def passages(
    *rows: Passage, groups: str = "peer-workers", figures: Sequence[str] = (), illustrations: Sequence[str] = ()
) -> pd.DataFrame:
    """Passages (study, segment, basis); ``figures`` and ``illustrations`` name segments."""
    frame = pd.DataFrame(list(rows), columns=["study", "segment", "basis"]).astype(object)
    frame = frame.assign(
        respondent_group=groups,
        figures=frame["segment"].isin(figures),
        illustration=frame["segment"].isin(illustrations),
    )
    counts = frame["basis"].isin(COUNTED) & ~frame["figures"] & ~frame["illustration"]
    return frame.assign(counts=counts)


def codings(*rows: tuple[str, str, str, str], coder: str = "coder-1") -> pd.DataFrame:
    """Codes (study, segment, code, polarity) of one coder."""
    frame = pd.DataFrame(list(rows), columns=["study", "segment", "code", "polarity"])
    return frame.assign(coder=coder)
