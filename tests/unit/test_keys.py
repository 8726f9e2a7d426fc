"""Keys compared by hash, exactly where hashes meet."""

from collections import Counter

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.ingest.export import ROW
from pipeline.keys import Keys

KEY = ("session", "client")
Rows = list[tuple[str | None, str | None]]


@pytest.fixture
def meeting_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every key has the same hash."""
    monkeypatch.setattr(pl.Expr, "hash", lambda self, *_: self.is_null().cast(pl.UInt64) * 0)


def twice(*batches: tuple[str, Rows]) -> tuple[Keys, pl.DataFrame]:
    keys, frames, number = Keys(KEY), [], Counter[str]()
    for file, rows in batches:
        frame = pl.DataFrame(rows, schema=dict.fromkeys(KEY, pl.String), orient="row")
        start = number[file] + 2
        keys.add(frame.with_columns(pl.int_range(start, start + frame.height, dtype=pl.Int64).alias(ROW)), file)
        number[file] += frame.height
        frames.append(frame)
    return keys, keys.twice(pl.concat([pl.DataFrame(schema=dict.fromkeys(KEY, pl.String)), *frames]).lazy())


BATCHES: list[tuple[str, Rows]] = [
    ("a.csv", [("s1", "c1"), ("s1", "c2"), ("s2", "c1")]),
    ("a.csv", []),
    ("a.csv", [("s3", "c1"), (None, "c1"), ("s1", "c1")]),
    ("b.csv", [("s4", "c1"), (None, "c1"), ("s2", "c1"), ("s", "2c1")]),
]


def check_by_hand() -> None:
    _, found = twice(*BATCHES)
    assert found.select("place", "file", ROW, *KEY).rows() == [
        (0, "a.csv", 2, "s1", "c1"),
        (2, "a.csv", 4, "s2", "c1"),
        (5, "a.csv", 7, "s1", "c1"),
        (8, "b.csv", 4, "s2", "c1"),
    ]


def test_keys_that_stand_twice_within_and_across_batches_and_files() -> None:
    check_by_hand()


@pytest.mark.usefixtures("meeting_hashes")
def test_hashes_that_meet_are_compared_exactly() -> None:
    check_by_hand()
    assert twice(("a.csv", [("s1", "c1"), ("s2", "c2")]))[1].is_empty()


def test_no_rows_and_no_batches() -> None:
    assert twice()[1].is_empty()
    assert twice(("a.csv", []))[1].is_empty()
    assert twice(("a.csv", []))[1].columns[:3] == ["place", "file", ROW]


def test_a_key_of_one_column() -> None:
    keys = Keys(["client"])
    frame = pl.DataFrame({"client": ["a", "b", "a"], ROW: [2, 3, 4]})
    keys.add(frame, "a.csv")
    assert keys.twice(frame.lazy())["place"].to_list() == [0, 2]


ROWS = st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("abc")), max_size=6)


@given(st.lists(ROWS, max_size=5))
@settings(max_examples=60, deadline=None)
def test_as_a_plain_count_finds_them(batches: list[Rows]) -> None:
    rows = [row for batch in batches for row in batch]
    counts = Counter(rows)
    _, found = twice(*((f"{n}.csv", batch) for n, batch in enumerate(batches)))
    assert found["place"].to_list() == [n for n, row in enumerate(rows) if counts[row] > 1]
    names = [f"{n}.csv" for n, batch in enumerate(batches) for _ in batch]
    if found.height:
        assert found["file"].to_list() == [names[place] for place in found["place"]]


def test_all_rows_that_one_raw_row_became() -> None:
    keys = Keys(["client"])
    for file in ("a.csv", "b.csv"):
        keys.add(pl.DataFrame({"client": ["a", "b", "c"], ROW: [2, 2, 3]}), file)
    assert keys.of_same_rows(pl.Series([4], dtype=pl.Int64)).to_list() == [3, 4]
    assert keys.of_same_rows(pl.Series([], dtype=pl.Int64)).to_list() == []
