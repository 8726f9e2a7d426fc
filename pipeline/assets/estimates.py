"""Estimate assets: records in; estimates, cells, links and relations in the restricted zone out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.assets.asset import Made
from pipeline.family_tables import FAMILY_TABLES
from pipeline.graph import Node, families_of, tables_of
from pipeline.store import Project, write_parquet
from pipeline.studies import instruments

if TYPE_CHECKING:
    from pipeline.evaluation import Evaluation
    from pipeline.methods.results import Results
    from schemas.study import Study

PARTS = ("estimates", "cells", "links", "relations")


def family(node: Node, project: Project) -> Made:
    """Estimate one family and keep its results, validated."""
    from pipeline.families import FAMILIES

    assert node.study is not None
    results = FAMILIES[node.name](evaluation(node.study, project, FAMILY_TABLES[node.name]))
    _validate(results)
    paths = write_results(project, node.study.study, node.name, results)
    numbers = results.estimates
    metadata = {
        "estimates": len(numbers),
        "without a value": int(numbers["value"].isna().sum()),
        "cells": len(results.cells),
        "statistics": ", ".join(sorted(set(numbers["statistic"]))),
    }
    return Made(paths, metadata)


def identification(node: Node, project: Project) -> Made:
    """Recompute all families on independent reconstructions and mark what they don't determine."""
    import pandas as pd

    from pipeline.identification import redraw
    from pipeline.methods.identify import identify, precision

    assert node.study is not None
    study = node.study
    found = pd.concat([r.estimates for r in read_families(project, study)], ignore_index=True)
    claims = pd.read_parquet(project.records(study.study, "claims"))
    redraws = redraw(evaluation(study, project, tables_of(study)), claims)
    marked = identify(found, redraws, precision(claims))
    path = write_parquet(project.restricted(study.study, "identification.parquet"), marked)
    counts = {str(k): int(v) for k, v in marked["identified"].value_counts().items()}
    return Made([path], {"reconstructions": len(redraws), **counts})


def evaluation(study: Study, project: Project, tables: Sequence[str]) -> Evaluation:
    """The study with those of its records that are asked for, as the families take it."""
    import pandas as pd
    import polars as pl

    from pipeline.evaluation import Evaluation
    from pipeline.validation import read_codebook

    records: dict[str, Any] = {}
    for table in (one for one in tables_of(study) if one in tables):
        path = project.records(study.study, table)
        readers: dict[str, Any] = {"claims": pd.read_parquet, "sessions": pl.scan_parquet}
        read = readers.get(table, pl.read_parquet)
        records[table] = read(path)
    if "codings" in records:
        records["codebook"] = read_codebook(project.raw)
    return Evaluation(study, instruments(), records)


def write_results(project: Project, study: str, name: str, results: Results) -> list[Path]:
    """Keep the four frames of a family in the restricted zone."""
    return [
        write_parquet(project.restricted(study, part, f"{name}.parquet"), getattr(results, part)) for part in PARTS
    ]


def read_families(project: Project, study: Study) -> Sequence[Results]:
    """The results of all families of a study."""
    import pandas as pd

    from pipeline.methods.results import Results

    return [
        Results(*(pd.read_parquet(project.restricted(study.study, part, f"{name}.parquet")) for part in PARTS))
        for name in families_of(study)
    ]


def _validate(results: Results) -> None:
    from schemas.cells import Cells, Links, Relations
    from schemas.estimates import Estimates

    Estimates.validate(results.estimates)
    Cells.validate(results.cells)
    Links.validate(results.links)
    Relations.validate(results.relations)
