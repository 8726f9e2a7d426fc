"""The codebook and the tables of coded documents, row by row; across tables: ``test_coding.py``."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.problems import Problem, ProblemsFoundError
from pipeline.studies import load_study
from pipeline.validation import read_codebook, read_table
from tests.unit.coded_folder import change, write_coded


def test_the_codebook_is_read_and_may_be_missing(tmp_path: Path) -> None:
    write_coded(tmp_path)
    book = read_codebook(tmp_path)
    assert book["code"].to_list() == ["trust", "hope"]
    (tmp_path / "_shared" / "codebook.csv").unlink()
    none = read_codebook(tmp_path)
    assert none.height == 0
    assert none.schema == book.schema


@pytest.mark.parametrize(
    ("old", "new", "row", "column", "rule"),
    [
        ("hope,1,outcome", "hope,1,outcom", 3, "theme", "not one of"),
        ("hope,1,outcome", "trust,1,outcome", 2, "code", "more than once"),
        ("hope,1,outcome", "hope,0,outcome", 3, "version", "must be 1 or more"),
        (",Hope,", ",,", 3, "label", "must not be empty"),
        ("code,version", "code,versoin", 1, "version", "missing"),
    ],
)
def test_a_slip_in_the_codebook(old: str, new: str, row: int, column: str, rule: str, tmp_path: Path) -> None:
    write_coded(tmp_path)
    change(tmp_path / "_shared" / "codebook.csv", old, new)
    found = problems(lambda: read_codebook(tmp_path))[0]
    assert (found.file, found.row, found.column) == ("codebook.csv", row, column)
    assert rule in found.rule


def test_an_empty_cell_of_a_column_with_a_default_is_the_default(tmp_path: Path) -> None:
    coded = write_coded(tmp_path)
    change(coded / "segments.csv", "alder,,no,yes", "alder,,,yes")
    change(coded / "segments.csv", "no,yes\nreport,story", "yes,yes\nreport,story")
    assert read_table(coded, load_study(coded), "segments")["figures"].to_list() == [False, True, False]


@pytest.mark.parametrize(
    ("table", "old", "new", "row", "column", "rule"),
    [
        ("segments", "evaluator-finding", "evaluators-finding", 3, "basis", "not one of"),
        ("segments", "alder,,no,yes", "alder,,no,perhaps", 2, "releasable", "neither true nor false"),
        ("segments", "trust-2,trust", "trust-1,trust", 2, "segment", "more than once"),
        ("segments", "Hardly anybody doubted it.", "", 3, "summary", "must not be empty"),
        ("segments", "trust,8,20", "trust,eight,20", 2, "start", "not a whole number"),
        ("sections", "report,trust,Trust", "report,title,Trust", 2, "document + section", "more than once"),
        ("sections", "A story,28", "A story,-1", 4, "start", "must be 0 or more"),
        ("codings", "trust,supports", "trust,support", 2, "polarity", "not one of"),
        (
            "codings",
            "trust-2,coder-1,no-code",
            "trust-1,coder-1,trust",
            2,
            "segment + coder + code",
            "more than once",
        ),
    ],
)
def test_a_slip_in_a_coded_table(
    table: str, old: str, new: str, row: int, column: str, rule: str, tmp_path: Path
) -> None:
    coded = write_coded(tmp_path)
    change(coded / f"{table}.csv", old, new)
    found = problems(lambda: read_table(coded, load_study(coded), table))[0]
    assert (found.file, found.row, found.column) == (f"{table}.csv", row, column)
    assert rule in found.rule


def problems(call: Callable[[], object]) -> list[Problem]:
    with pytest.raises(ProblemsFoundError) as caught:
        call()
    return list(caught.value.problems)
