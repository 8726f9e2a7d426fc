"""Raw files to one Parquet file: what is kept, what is set aside, what stops the table."""

import json
import random
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from pipeline import validation
from pipeline.ingest import csv
from pipeline.problems import Problem, ProblemsFoundError, summary
from pipeline.recording import record_table
from pipeline.validation import schema_of
from tests.unit.raw_studies import ITEMS, SESSIONS, problems, record, recorded, sessions, study_of, survey, write

GOOD = "s{0},c{0},alder,2024-05-01,true\n"
QUARANTINE = "on_invalid: quarantine"


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches of three rows, by the reader of large files."""
    monkeypatch.setattr(csv, "FAST_FROM", 0)
    monkeypatch.setattr(csv, "BATCH", 3)
    monkeypatch.setattr(csv, "SMALL_BATCH", 2)


def test_a_table_without_rows_keeps_its_columns(tmp_path: Path) -> None:
    told, rows = recorded(sessions(tmp_path, "", SESSIONS), "sessions")
    schema = {name: one.dtype.type for name, one in schema_of("sessions").to_schema().columns.items()}
    assert (told.rows, told.rows_aside, told.files) == (0, 0, ["log.csv"])
    assert dict(rows.schema) == schema


def test_all_rows_set_aside_leaves_a_table_without_rows(tmp_path: Path) -> None:
    text = SESSIONS + GOOD.format(1).replace("alder", "elder") + GOOD.format(2) * 2
    told, rows = recorded(sessions(tmp_path, QUARANTINE, text), "sessions")
    assert (told.rows, told.rows_aside, rows.height) == (0, 3, 0)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    folder = sessions(tmp_path, QUARANTINE, SESSIONS)
    study = study_of(folder)
    (folder / "log.csv").unlink()
    with pytest.raises(ProblemsFoundError) as caught:
        record_table(folder, study, "sessions", tmp_path / "made.parquet")
    assert [(p.file, p.rule) for p in caught.value.problems] == [("log.csv", "the file is not there")]


def test_what_is_wrong_with_a_file_beyond_its_rows_stops_the_table_too(tmp_path: Path) -> None:
    folder = sessions(tmp_path, "", SESSIONS + GOOD.format(1))
    wrong = Problem("log.csv", None, "", "", "not what claims.csv gives", "Rebuild it.")
    with pytest.raises(ProblemsFoundError) as caught:
        record_table(folder, study_of(folder), "sessions", tmp_path / "made.parquet", lambda *_: [wrong])
    assert caught.value.problems == (wrong,)
    assert not (tmp_path / "made.parquet").exists()


def test_what_was_made_before_stays_where_the_table_is_stopped(tmp_path: Path) -> None:
    folder = sessions(tmp_path, "", SESSIONS + GOOD.format(1))
    recorded(folder, "sessions")
    before = (tmp_path / "sessions.parquet").read_bytes()
    (folder / "log.csv").write_text(SESSIONS + GOOD.format(1) * 2, encoding="utf-8")
    with pytest.raises(ProblemsFoundError):
        recorded(folder, "sessions")
    assert (tmp_path / "sessions.parquet").read_bytes() == before
    assert sorted(one.name for one in tmp_path.iterdir()) == ["sessions.parquet", "valley"]


WRONG = [
    GOOD.format(1),
    GOOD.format(2).replace("alder", "elder").replace("2024", "2042"),  # two rules, one row
    GOOD.format(3),
    GOOD.format(3),
    "s4,,alder,2024-05-01,true\n",
    GOOD.format(5).replace("true", "perhaps"),
    GOOD.format(3),
    GOOD.format(5),
]


@pytest.mark.usefixtures("small_batches")
def test_wrong_rows_are_set_aside_once_each_and_counted_by_rule(tmp_path: Path) -> None:
    told, rows = recorded(sessions(tmp_path, QUARANTINE, SESSIONS + "".join(WRONG)), "sessions")
    assert rows["session"].to_list() == ["s1", "s5"]
    assert told.rows_aside == 6
    assert told.rules == {
        "service: unknown service": 1,
        "date: outside the study's period (2024-01-01 to 2025-12-31)": 1,
        "client: must not be empty": 1,
        "attended: neither true nor false": 1,
        "session + client: the key is used more than once": 3,
    }
    assert sorted({p.row for p in told.aside if p.row}) == [3, 4, 5, 6, 7, 8]
    assert told.counts() == {"rows": 2, "rows read": 8, "rows set aside": 6, "rules": told.rules}
    assert "elder" not in json.dumps(told.counts())


def test_without_quarantine_every_problem_is_told_and_nothing_is_made(tmp_path: Path) -> None:
    found = problems(sessions(tmp_path, "", SESSIONS + "".join(WRONG)), "sessions")
    assert [(p.row, p.column) for p in found] == [
        (3, "date"), (3, "service"), (4, "session + client"), (5, "session + client"), (6, "client"),
        (7, "attended"), (7, "session + client"), (8, "session + client"), (9, "session + client"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (SESSIONS.replace("client,", "") + "s1,alder,2024-05-01,true\n", "the column is missing"),
        (SESSIONS + "s1,c1,alder,2024-05-01\n", "the row has 4 cells but the header has 5"),
        ("", "the file is empty"),
    ],
)
def test_what_is_wrong_with_the_file_stops_even_a_table_that_sets_rows_aside(
    text: str, rule: str, tmp_path: Path
) -> None:
    assert [p.rule for p in problems(sessions(tmp_path, QUARANTINE, text), "sessions")] == [rule]


@pytest.mark.usefixtures("small_batches")
def test_a_survey_row_is_set_aside_whole(tmp_path: Path) -> None:
    text = f"respondent,service,{ITEMS}\n" + "".join(
        f"{who},alder,{hope},Agree,Agree,Agree,Agree\n"
        for who, hope in (("r1", "Agree"), ("r2", "Perhaps"), ("r3", ""), ("r4", "Agree"), ("r4", "Disagree"))
    )
    told, rows = recorded(survey(tmp_path, QUARANTINE, text), "surveys")
    assert rows["respondent"].unique(maintain_order=True).to_list() == ["spring:r1", "spring:r3"]
    assert (rows.height, told.rows_aside) == (10, 3)
    assert told.rules == {
        "hope: not an answer of recovery-practice": 1,
        "respondent: the key is used more than once": 2,
    }
    assert [(p.row, p.column, p.value) for p in told.aside if "key" in p.rule] == [
        (5, "respondent", "r4"),
        (6, "respondent", "r4"),
    ]


STACKED = """\
stack: {into: activity, columns: {Walk: walk, Gym: fitness}}
columns: {session: [Nr, activity]}
on_invalid: quarantine
"""


def test_a_stacked_row_is_set_aside_whole_for_its_key(tmp_path: Path) -> None:
    text = "Nr,client,service,date,attended,Walk,Gym\n"
    for ticks in ("1,1", ",1"):
        text += f"s1,c1,alder,2024-05-01,true,{ticks}\n"
    text += "s2,c1,alder,2024-05-01,true,1,1\n"
    told, rows = recorded(sessions(tmp_path, STACKED, text), "sessions")
    assert rows["session"].to_list() == ["s2-walk", "s2-fitness"], "half a row would be a row that nobody wrote"
    assert told.rows_aside == 2
    assert told.aside[0].column == "session + client (from Nr, activity, client)"


def test_a_row_that_gives_one_key_twice(tmp_path: Path) -> None:
    entry = "stack: {into: activity, split: What}\ncolumns: {session: [Nr, activity]}\n"
    text = "Nr,client,service,date,attended,What\ns1,c1,alder,2024-05-01,true,walk;walk\n"
    (found,) = problems(sessions(tmp_path, entry, text), "sessions")
    assert (found.row, found.rule) == (2, "the row gives the same key twice")
    again = "sessions:\n" + "  - {file: log.csv, data_status: observed}\n" * 2
    (found,) = problems(write(tmp_path, again, {"log.csv": SESSIONS + GOOD.format(1)}), "sessions")
    assert "two entries" in found.remedy


MANY = "sessions:\n  - {file: 'logs/*', data_status: observed}\n"


def test_files_of_a_pattern_are_one_table(tmp_path: Path) -> None:
    parts = {"logs/2.csv": GOOD.format(1), "logs/10.csv.gz": GOOD.format(2) + GOOD.format(3), "logs/3.csv": ""}
    folder = write(tmp_path, MANY, {name: SESSIONS + text for name, text in parts.items()})
    told, rows = recorded(folder, "sessions")
    assert told.files == ["10.csv.gz", "2.csv", "3.csv"]
    assert rows["session"].to_list() == ["s2", "s3", "s1"]


def test_keys_are_compared_across_files_of_a_pattern(tmp_path: Path) -> None:
    parts = {"logs/1.csv": GOOD.format(1) + GOOD.format(2), "logs/2.csv.gz": GOOD.format(3) + GOOD.format(1)}
    folder = write(tmp_path, MANY, {name: SESSIONS + text for name, text in parts.items()})
    found = problems(folder, "sessions")
    assert [(p.file, p.row, p.rule) for p in found] == [
        ("logs/1.csv", 2, "the key stands in two files of this table"),
        ("logs/2.csv.gz", 3, "the key stands in two files of this table"),
    ]
    (folder / "study.yml").write_text(
        (folder / "study.yml").read_text(encoding="utf-8").replace("observed}", "observed, on_invalid: quarantine}"),
        encoding="utf-8",
    )
    told, rows = recorded(folder, "sessions")
    assert (rows["session"].to_list(), told.rows_aside) == (["s2", "s3"], 2)


def test_files_of_one_name_in_several_folders(tmp_path: Path) -> None:
    entry = "sessions:\n  - {file: '*/log.csv', data_status: observed}\n"
    files = {f"{year}/log.csv": SESSIONS + GOOD.format(1) for year in (2023, 2024)}
    found = problems(write(tmp_path, entry, files), "sessions")
    assert [p.file for p in found] == ["2023/log.csv", "2024/log.csv"]
    assert {p.rule for p in found} == {"the key stands in two files of this table"}


def test_rows_are_set_aside_only_where_the_study_file_says_so(tmp_path: Path) -> None:
    entry = (
        "sessions:\n  - {file: a.csv, data_status: observed, on_invalid: quarantine}\n"
        "  - {file: b.csv, data_status: observed}\n"
    )
    bad = SESSIONS + GOOD.format(1).replace("alder", "elder")
    folder = write(tmp_path, entry, {"a.csv": bad, "b.csv": SESSIONS + GOOD.format(2)})
    assert recorded(folder, "sessions")[1]["session"].to_list() == ["s2"]
    (folder / "b.csv").write_text(bad, encoding="utf-8")
    assert [p.file for p in problems(folder, "sessions")] == ["b.csv"]


@pytest.mark.parametrize(("text", "count"), [("x", 25), ("key", 25)])
def test_of_many_problems_the_first_are_told_and_the_rest_counted(
    text: str, count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(validation, "MOST", 10)
    row = GOOD.format(1) if text == "key" else GOOD.format("{n}").replace("alder", "elder")
    log = SESSIONS + "".join(row.replace("{n}", str(n)) for n in range(count))
    found = problems(sessions(tmp_path, "", log), "sessions")
    assert len(found) == 11
    assert (found[-1].rule, found[-1].row) == ("15 more problems are not listed", None)
    told, _ = recorded(sessions(tmp_path, QUARANTINE, log), "sessions")
    assert (told.rows_aside, sum(told.rules.values()), len(told.aside)) == (count, count, 11)


def test_values_are_nowhere_but_in_the_value(tmp_path: Path) -> None:
    secret = "Xaver"
    rows = [f"{secret},c1,alder,2024-05-01,true\n"] * 2
    rows += [f"s{n},{secret},alder,2024-05-01,true\n".replace("alder", secret) for n in range(2)]
    rows += [f"s5,c1,alder,{secret},true\n", f"s6,c1,alder,2024-05-01,{secret}\n"]
    found = problems(sessions(tmp_path, "", SESSIONS + "".join(rows)), "sessions")
    assert len(found) == 6
    assert all(secret in one.value for one in found)
    assert secret not in "\n".join(summary(found, most=99))


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("seed", range(3))
def test_at_the_borders_of_batches_as_in_one_piece(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = random.Random(seed)
    rows = [
        f"s{draw.randrange(30)},c{draw.randrange(3)},{service},2024-05-01,true\n"
        for service in draw.choices(["alder", "birch", "birch", "x"], k=40)
    ]
    folder = sessions(tmp_path, QUARANTINE, SESSIONS + "".join(rows))
    told, kept = recorded(folder, "sessions")
    monkeypatch.setattr(csv, "FAST_FROM", 1 << 40)
    monkeypatch.setattr(csv, "SMALL_BATCH", 1000)
    whole, at_once = recorded(folder, "sessions")
    assert kept.equals(at_once)
    assert told == whole
    valid = [tuple(row.split(",")[:2]) for row in rows if ",x," not in row]
    counts = Counter(valid)
    assert kept.select("session", "client").rows() == [key for key in valid if counts[key] == 1]


@pytest.mark.usefixtures("small_batches")
def test_row_numbers_are_those_of_the_spreadsheet_over_batches(tmp_path: Path) -> None:
    text = SESSIONS + "".join(GOOD.format(n) for n in range(7)) + GOOD.format(7).replace("alder", "elder")
    text += GOOD.format(8).replace("c8", '"a client, ""c8"""') + GOOD.format(9).replace("alder", "elder")
    assert [p.row for p in problems(sessions(tmp_path, "", text), "sessions")] == [9, 11]


def test_problems_name_the_column_of_the_export(tmp_path: Path) -> None:
    entry = "columns: {session: Nr, client: Code, service: Site, date: Day, minutes: Length, attended: Came}"
    text = "Nr,Code,Site,Day,Length,Came\n1,c1,x,2024-05-01,-1,yes\n2,c1,alder,x,1,x\n2,c1,alder,2024-05-01,1,no\n"
    found = problems(sessions(tmp_path, entry, text), "sessions")
    assert [(p.row, p.column) for p in found] == [
        (2, "minutes (from Length)"), (2, "service (from Site)"), (3, "attended (from Came)"),
        (3, "date (from Day)"), (3, "session + client (from Nr, Code)"), (4, "session + client (from Nr, Code)"),
    ]  # fmt: skip


def test_two_surveys_in_one_export(tmp_path: Path) -> None:
    entry = """\
    surveys:
      - {file: both.csv, data_status: observed, instrument: recovery-practice, wave: spring, service: unknown,
         columns: {respondent: ID}}
      - {file: both.csv, data_status: observed, instrument: friends-and-family, wave: spring, service: alder,
         columns: {respondent: ID, recommend: FFT}}
    """
    from pipeline.studies import instruments

    (item,) = [one.id for one in instruments()["friends-and-family"].items][:1]
    text = f"ID,FFT,{ITEMS}\nr1,{instruments()['friends-and-family'].options[0].label},Agree,,,,\n"
    folder = write(tmp_path, entry.replace("recommend:", f"{item}:"), {"both.csv": text})
    found = record(folder, "surveys").filter(pl.col("label") != "")
    assert found.select("instrument", "service").rows() == [
        ("recovery-practice", "unknown"),
        ("friends-and-family", "alder"),
    ]
