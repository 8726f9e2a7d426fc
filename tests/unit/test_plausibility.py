"""What is valid row by row and yet can't be right together."""

from pathlib import Path

import polars as pl

from pipeline.plausibility import implausible

SURVEYS = pl.DataFrame(
    {
        "respondent": ["a", "a", "b", "c", "d"],
        "subject": ["a", "a", "b", "c", "d"],
        "instrument": "check",
        "wave": "spring",
        "service": ["north", "north", "north", "north", "south"],
        "label": ["yes", "no", "yes", "", "yes"],
    }
)


def kept(folder: Path, **tables: pl.DataFrame) -> dict[str, Path]:
    for name, frame in tables.items():
        frame.write_parquet(folder / f"{name}.parquet")
    return {name: folder / f"{name}.parquet" for name in tables}


def response(north: int, south: int) -> pl.DataFrame:
    keys = {"instrument": "check", "wave": "spring", "service": ["north", "south"]}
    return pl.DataFrame(keys | {"answered": [north, south]})


def test_as_many_answered_as_there_are_answers(tmp_path: Path) -> None:
    assert implausible(kept(tmp_path, surveys=SURVEYS, response=response(2, 1))) == []


def test_who_answered_nothing_did_not_answer(tmp_path: Path) -> None:
    (told,) = implausible(kept(tmp_path, surveys=SURVEYS, response=response(3, 1)))
    assert "3 answered check at north in spring, but its survey rows hold answers of 2" in told


def test_a_contact_on_two_days_is_told(tmp_path: Path) -> None:
    days = pl.Series(["2025-01-01", "2025-01-01", "2025-01-02", "2025-01-02"]).str.to_date()
    log = {"session": ["1", "1", "2", "2"], "service": "north", "attended": True}
    assert implausible(kept(tmp_path, sessions=pl.DataFrame(log | {"date": days}))) == []
    shifted = pl.DataFrame(log | {"date": days.shift(-1, fill_value=days[0])})
    (told,) = implausible(kept(tmp_path, sessions=shifted))
    assert "2 contact id(s)" in told
