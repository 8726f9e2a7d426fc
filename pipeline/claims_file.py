"""Reads a study's ``claims.csv``: the figures that its source document prints.

How claims come out belongs in ``methods.claims``.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from pandera.errors import SchemaErrors

from pipeline.ingest.csv import ROW, read_text
from pipeline.problems import Problem, ProblemsFoundError
from schemas.claims import Claims
from schemas.vocabulary import parse_estimate_id

NUMBERS = ("published", "decimals", "n")


def read_claims(path: Path) -> pd.DataFrame:
    """All claims of a file (schema ``Claims``); an empty text is "".

    Raises
    ------
    ProblemsFoundError
        With row and column of each cell that is not valid, or that names no possible estimate.
    """
    texts = read_text(path).to_pandas()
    expected = list(Claims.to_schema().columns)
    absent = [name for name in expected if name not in texts.columns]
    if absent:
        raise ProblemsFoundError([Problem(path.name, 1, absent[0], "", "the column is missing", "Add it.")])
    frame = texts[expected].copy()
    problems = [problem for name in NUMBERS for problem in _not_numbers(path, texts, name)]
    if problems:
        raise ProblemsFoundError(problems)
    frame[list(NUMBERS)] = frame[list(NUMBERS)].apply(pd.to_numeric)
    words = [name for name in expected if name not in NUMBERS]
    frame[words] = frame[words].fillna("")
    problems = [*_schema_problems(path, texts, frame), *_unreadable_ids(path, texts, frame)]
    if problems:
        raise ProblemsFoundError(problems)
    return Claims.validate(frame)


def _not_numbers(path: Path, texts: pd.DataFrame, name: str) -> list[Problem]:
    lost = texts[name].notna() & pd.to_numeric(texts[name], errors="coerce").isna()
    return [
        Problem(path.name, int(row), name, str(value), "not a number", "Write digits and a decimal point.")
        for row, value in texts.loc[lost, [ROW, name]].itertuples(index=False)
    ]


def _schema_problems(path: Path, texts: pd.DataFrame, frame: pd.DataFrame) -> list[Problem]:
    try:
        Claims.validate(frame, lazy=True)
    except SchemaErrors as error:
        cases = error.failure_cases.dropna(subset=["index"])
        return [
            Problem(
                path.name, int(texts[ROW][int(i)]), str(column), str(value), f"does not hold: {check}", "Correct it."
            )
            for i, column, check, value in cases[["index", "column", "check", "failure_case"]].itertuples(index=False)
        ]
    return []


def _unreadable_ids(path: Path, texts: pd.DataFrame, frame: pd.DataFrame) -> list[Problem]:
    problems = []
    for row, text in zip(texts[ROW], frame["estimate_id"], strict=True):
        try:
            _ = text and parse_estimate_id(text)
        except ValueError:
            rule, remedy = "not an estimate id", "Write study/service/statistic/key=value/..., or leave it empty."
            problems.append(Problem(path.name, int(row), "estimate_id", text, rule, remedy))
    return problems
