"""Independent reconstructions of a study's rows, and its estimates recomputed on each of them.

Drawing belongs in ``methods.reconstruct``; comparing the estimates belongs in ``methods.identify``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
import polars as pl

from pipeline.evaluation import Evaluation
from pipeline.families import FAMILIES
from pipeline.graph import families_of
from pipeline.ingest.export import ROW
from pipeline.ingest.surveys import to_long
from schemas.study import Study

DRAWS = 24
"""How many independent reconstructions; DESIGN asks for at least 20."""

SEED = 20170101


def redraw(evaluation: Evaluation, claims: pd.DataFrame, draws: int = DRAWS) -> Sequence[pd.DataFrame]:
    """The estimates of the study on ``draws`` independent reconstructions of its rows."""
    generators = np.random.default_rng(SEED).spawn(draws)
    return [_estimates(_redrawn(evaluation, claims, generator)) for generator in generators]


def _estimates(evaluation: Evaluation) -> pd.DataFrame:
    names = families_of(evaluation.study)
    return pd.concat([FAMILIES[name](evaluation).estimates for name in names], ignore_index=True)


def _redrawn(evaluation: Evaluation, claims: pd.DataFrame, generator: np.random.Generator) -> Evaluation:
    study, records = evaluation.study, dict(evaluation.records)
    kept = records["surveys"].filter(pl.col("data_status") != "reconstructed") if "surveys" in records else None
    drawn = list(_drawn_surveys(evaluation, claims, generator))
    if kept is not None and drawn:
        records["surveys"] = pl.concat([kept, *drawn])
    if study.reconstruct.doses:
        records["doses"] = _drawn_doses(study, claims, generator).cast(dict(records["doses"].schema))
    return Evaluation(study, evaluation.instruments, records)


def _drawn_surveys(
    evaluation: Evaluation, claims: pd.DataFrame, generator: np.random.Generator
) -> Iterator[pl.DataFrame]:
    from pipeline.methods.reconstruct import draw_survey

    tables = {table.file: table for table in evaluation.study.tables.surveys}
    for declared in evaluation.study.reconstruct.surveys:
        instrument = evaluation.instruments[declared.instrument]
        wide = draw_survey(claims, instrument, declared.wave, generator)
        rows = wide.with_row_index(ROW, offset=2).with_columns(pl.col(ROW).cast(pl.Int64))
        yield to_long(rows, tables[declared.file], instrument).drop(ROW)


def _drawn_doses(study: Study, claims: pd.DataFrame, generator: np.random.Generator) -> pl.DataFrame:
    from pipeline.methods.reconstruct_doses import draw_doses

    declared = study.reconstruct.doses
    assert declared is not None
    return draw_doses(claims, study.service_ids(), declared.minimum, generator)
