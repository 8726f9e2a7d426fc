"""Reading ``claims.csv``."""

from pathlib import Path

import pandas as pd
import pytest

from pipeline.claims_file import read_claims
from pipeline.problems import Problem, ProblemsFoundError

HEADER = (
    "claim,document,locator,statement,statistic,operator,published,value_text,decimals,rounding,n,estimate_id,"
    "expected,reason"
)
GOOD = "a,d,p. 1,Half say so,percent,=,50,,0,unknown,20,s/all/share/item=hope,agrees,counted"


def claims(tmp_path: Path, *rows: str, header: str = HEADER) -> Path:
    path = tmp_path / "claims.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def test_numbers_are_numbers_and_empty_texts_empty(tmp_path: Path) -> None:
    words = "b,d,p. 2,It grew,verdict,direction,,grew,,unknown,,,not computable,no n"
    frame = read_claims(claims(tmp_path, GOOD, words))
    assert frame["published"].iloc[0] == 50
    assert frame["n"].iloc[0] == 20
    assert pd.isna(frame["published"].iloc[1])
    assert frame["estimate_id"].tolist() == ["s/all/share/item=hope", ""]
    assert frame["value_text"].tolist() == ["", "grew"]


def test_the_claims_of_the_repository_are_valid() -> None:
    raw = Path(__file__).parents[2] / "raw"
    for path in raw.glob("*/claims.csv"):
        assert len(read_claims(path)) > 0


@pytest.mark.parametrize(
    ("old", "new", "column", "value", "rule"),
    [
        (",50,", ",half,", "published", "half", "not a number"),
        (",20,s/", ",twenty,s/", "n", "twenty", "not a number"),
        ("percent", "procent", "statistic", "procent", "does not hold"),
        (",=,", ",==,", "operator", "==", "does not hold"),
        ("agrees", "correct", "expected", "correct", "does not hold"),
        ("s/all/share/item=hope", "hope", "estimate_id", "hope", "not an estimate id"),
        ("item=hope", "itm=hope", "estimate_id", "s/all/share/itm=hope", "not an estimate id"),
        ("p. 1", "", "locator", "", "does not hold"),
    ],
)
def test_what_is_wrong_is_told_with_row_and_value(
    old: str, new: str, column: str, value: str, rule: str, tmp_path: Path
) -> None:
    path = claims(tmp_path, GOOD.replace("a,d", "b,d", 1), GOOD.replace(old, new, 1))
    found = problems(path)
    assert (found[0].file, found[0].row, found[0].column, found[0].value) == ("claims.csv", 3, column, value)
    assert rule in found[0].rule


def test_a_claim_used_twice(tmp_path: Path) -> None:
    found = problems(claims(tmp_path, GOOD, GOOD))
    assert [(p.row, p.column, p.value) for p in found] == [(2, "claim", "a"), (3, "claim", "a")]


def test_a_missing_column(tmp_path: Path) -> None:
    (found,) = problems(claims(tmp_path, GOOD.replace(",unknown", ""), header=HEADER.replace(",rounding", "")))
    assert (found.row, found.column, found.rule) == (1, "rounding", "the column is missing")


def problems(path: Path) -> list[Problem]:
    with pytest.raises(ProblemsFoundError) as caught:
        read_claims(path)
    return list(caught.value.problems)
