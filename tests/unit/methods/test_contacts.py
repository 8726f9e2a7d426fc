"""Contacts counted in bounded memory are those that a plain count finds."""

from collections import Counter, defaultdict
from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.methods.contacts import NOT_RECORDED, by_client, individual
from schemas.vocabulary import ALL

TYPES = dict.fromkeys(("session", "client", "service", "activity", "mode"), pl.String) | {
    "date": pl.Date,
    "attended": pl.Boolean,
}
Row = tuple[str, str, str, str | None, date, bool]
NO_MODE = date(2024, 5, 6)


def mode_of(row: Row) -> str | None:
    return None if row[4] == NO_MODE else ("in person", "video", None)[row[4].day % 3]


def frame(rows: list[Row]) -> pl.DataFrame:
    return pl.DataFrame([(*row[:4], mode_of(row), *row[4:]) for row in rows], schema=TYPES, orient="row")


def contacts_of(rows: list[Row], kind: str = "activity") -> list[tuple[str, str, date, set[str]]]:
    """Service, kind and day of the first client by id, and all clients, of each contact somebody attended."""
    grouped: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row[5]:
            grouped[row[0]].append(row)
    firsts = [(min(of, key=lambda row: row[1]), {row[1] for row in of}) for of in grouped.values()]
    named = {"activity": lambda row: row[3], "mode": mode_of}[kind]
    return [(first[2], named(first) or NOT_RECORDED, first[4], clients) for first, clients in firsts]


def check(rows: list[Row]) -> None:
    check_kind(rows, "activity")
    some_mode = any(mode_of(row) for row in rows)
    found = individual(frame(rows).lazy())
    if some_mode:
        check_kind(rows, "mode")
    else:
        assert found.names("mode") == []


def check_kind(rows: list[Row], kind: str) -> None:
    found, wanted = individual(frame(rows).lazy()), contacts_of(rows, kind)
    for category in (None, "individual"):
        number, persons = Counter[tuple[str, str]](), defaultdict(set)
        weeks: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
        for service, activity, day, clients in wanted:
            for place in (service, ALL):
                name = category or activity
                number[place, name] += 1
                persons[place, name] |= clients
                weeks[place][day.strftime("%G-W%V")][name] += 1
        assert found.counts(category, kind) == {key: (n, len(persons[key])) for key, n in number.items()}
        made = {place: [of[week] for week in sorted(of)] for place, of in weeks.items()}
        assert found.weeks(category, kind) == made
    assert set(found.services) == {one[0] for one in wanted}
    names = sorted({one[1] for one in wanted})
    assert found.names(kind) == ([] if names == [NOT_RECORDED] else names)
    counted = Counter[tuple[str, str]]()
    for service, _, category, n in by_client(frame(rows).lazy(), kind).iter_rows():
        counted[service, category] += n
    assert counted == Counter((service, name) for service, name, _, _ in wanted)


LOGS = st.lists(
    st.tuples(
        st.sampled_from(["s1", "s2", "s3", "s4", "s5"]),
        st.sampled_from(["a", "b", "c"]),
        st.sampled_from(["east", "west"]),
        st.sampled_from(["walk", "fitness", None]),
        st.integers(0, 20).map(lambda days: date(2024, 12, 23) + timedelta(days=days)),
        st.sampled_from([True, True, True, False]),
    ),
    max_size=12,
    unique_by=lambda row: row[:2],
)


@given(LOGS)
@settings(max_examples=120, deadline=None)
def test_as_a_plain_count_finds_them(rows: list[Row]) -> None:
    check(rows)


DAY = date(2024, 5, 6)


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [("s1", "a", "east", "walk", DAY, False)],
        [("s1", "a", "east", None, DAY, True)],
        [("s1", "b", "west", "walk", DAY, True), ("s1", "a", "east", None, DAY + timedelta(7), True)],
        [("s1", "a", "east", "walk", DAY, False), ("s1", "b", "west", "fitness", DAY, True)],
    ],
)
def test_logs_at_the_edge(rows: list[Row]) -> None:
    check(rows)


def test_a_contact_of_clients_at_two_services_counts_once_at_the_first_clients() -> None:
    found = individual(
        frame(
            [
                ("s1", "b", "west", "walk", DAY, True),
                ("s1", "a", "east", "fitness", DAY, True),
                ("s2", "b", "west", "walk", DAY, True),
            ]
        )
    )
    assert found.counts() == {
        ("east", "fitness"): (1, 2), (ALL, "fitness"): (1, 2), ("west", "walk"): (1, 1), (ALL, "walk"): (1, 1),
    }  # fmt: skip
    assert found.counts("individual")[ALL, "individual"] == (2, 2)


def test_hashes_of_sessions_that_meet_are_sorted_out(monkeypatch: pytest.MonkeyPatch) -> None:
    real = pl.Expr.hash

    def poor(self: pl.Expr, *more: int) -> pl.Expr:
        """All sessions have one hash; clients are told apart by theirs."""
        is_session = self.meta.root_names() == ["session"]
        return real(self, *more) * 0 if is_session else real(self, *more)

    monkeypatch.setattr(pl.Expr, "hash", poor)
    check(
        [(f"s{n}", f"c{n % 4}", "east" if n % 2 else "west", None if n % 3 else "walk", DAY, True) for n in range(20)]
    )
