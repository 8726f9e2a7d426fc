"""Which figures a study has: those that its estimates can feed, and no others.

How a figure is drawn and worded belongs in the module of its family.
"""

from __future__ import annotations

import pandas as pd

from pipeline.figures import (
    continuation,
    dose,
    drivers,
    feedback,
    rounds,
    scores,
    services,
    specification_curve,
    support,
    themes,
    together,
    workforce,
)
from pipeline.figures.labels import Labels
from pipeline.figures.saving import save
from pipeline.figures.spec import FigureSpec
from schemas.vocabulary import ESTIMATE_HOW, ESTIMATE_KEYS

__all__ = ["FigureSpec", "figures", "save"]

_FAMILIES = (
    support,
    dose,
    continuation,
    feedback,
    scores,
    rounds,
    specification_curve,
    services,
    workforce,
    drivers,
    themes,
    together,
)
_TEXTS = [*ESTIMATE_KEYS, *(one for one in ESTIMATE_HOW if one != "suppressed")]


def figures(estimates: pd.DataFrame, labels: pd.DataFrame) -> list[FigureSpec]:
    """The figures of one study, in the order of a report; none where no estimate may be drawn.

    Parameters
    ----------
    estimates
        Estimates of one study that passed the gate (columns ``ESTIMATE_COLUMNS``). Suppressed rows and rows
        without a value are shown as words; rows with ``identified`` "no" are never marks.
    labels
        Columns study, kind, parent, id, label, order, direction; other studies' rows are ignored. The
        ``direction`` of a category may say its role: option, collapsed or special.

    Raises
    ------
    ValueError
        When the estimates are of more than one study.
    """
    studies = estimates["study"].unique()
    if len(studies) > 1:
        raise ValueError(f"figures are drawn for one study at a time, not {', '.join(sorted(studies))}")
    if estimates.empty:
        return []
    rows = estimates.assign(**{column: estimates[column].fillna("") for column in _TEXTS})
    rows = rows[rows["group"].eq("")]
    names = Labels(labels, str(studies[0]))
    return [spec for family in _FAMILIES for spec in family.specs(rows, names)]
