"""Corrections: cells that one would otherwise edit in the raw file."""

from pathlib import Path

import polars as pl
import pytest

from pipeline.corrections import COLUMNS, Corrections
from pipeline.problems import Problem, ProblemsFoundError
from tests.unit.raw_studies import (
    ITEMS,
    SESSIONS,
    answers_of,
    problems,
    record,
    recorded,
    sessions,
    study_of,
    survey,
    write,
)

LOG = SESSIONS.replace("\n", ",minutes,mode,worker\n")
ROWS = f"""{LOG}s1,c1,alder,2024-05-01,true,40,video,w1
s1,c2,alder,2024-05-01,true,40,video,w1
s2,c1,birch,2024-05-02,true,400,text,
"""


def correct(folder: Path, *lines: str, table: str = "sessions") -> Path:
    """Each line is ``row|column|from|to``."""
    cells = [f"{table},{','.join(line.split('|'))},typing error,A. Clerk" for line in lines]
    (folder / "corrections.csv").write_text("\n".join([",".join(COLUMNS), *cells]) + "\n", encoding="utf-8")
    return folder


def refused(folder: Path, table: str = "sessions") -> list[Problem]:
    return [one for one in problems(folder, table) if one.file == "corrections.csv"]


@pytest.mark.parametrize(
    ("line", "column", "values"),
    [
        ("session=s2; client=c1|minutes|400|40", "minutes", [40, 40, 40]),
        ("session=s2|minutes|400|40", "minutes", [40, 40, 40]),
        ("file=log.csv; number=4|minutes|400|40", "minutes", [40, 40, 40]),
        ("number=4|minutes|400|40", "minutes", [40, 40, 40]),
        ("number=4; client=c1|minutes|400|40", "minutes", [40, 40, 40]),
        ("session=s2; client=c1|minutes|400|", "minutes", [40, 40, None]),
        ("session=s2; client=c1|worker||w2", "worker", ["w1", "w1", "w2"]),
        ("session=s1; client=c2|client|c2|c3", "client", ["c1", "c3", "c1"]),
        ("minutes=400|mode|text|video", "mode", ["video", "video", "video"]),
    ],
)
def test_one_cell_is_corrected(line: str, column: str, values: list[object], tmp_path: Path) -> None:
    assert record(correct(sessions(tmp_path, "", ROWS), line), "sessions")[column].to_list() == values


@pytest.mark.parametrize(
    ("line", "rule", "remedy"),
    [
        ("session=s2; client=c1|minutes|401|40", "another value than the one expected", "what stands there"),
        ("session=s2; client=c1|minutes||40", "another value than the one expected", "what stands there"),
        ("session=s9; client=c1|minutes|400|40", "finds no such row", "session=s11"),
        ("file=lag.csv; number=4|minutes|400|40", "finds no such row", "session=s11"),
        ("number=5|minutes|400|40", "finds no such row", "session=s11"),
        ("session=s1|minutes|40|41", "fits 2 rows", "whole key"),
        ("session=s2|minuts|400|40", "'minuts' is no column", "'minutes'"),
        ("sesion=s2|minutes|400|40", "'sesion' is no column", "'session'"),
    ],
)
def test_a_correction_that_does_not_find_exactly_one_cell(line: str, rule: str, remedy: str, tmp_path: Path) -> None:
    (found,) = refused(correct(sessions(tmp_path, "", ROWS), line))
    assert (found.row, found.value) == (2, "")
    assert rule in found.rule
    assert remedy in found.remedy


def test_the_order_of_corrections_means_nothing_and_a_cell_is_corrected_once(tmp_path: Path) -> None:
    folder = sessions(tmp_path, "", ROWS)
    key, minutes = "session=s2; client=c1|client|c1|c9", "session=s2; client=c1|minutes|400|40"
    for lines in ((key, minutes), (minutes, key)):
        row = record(correct(folder, *lines), "sessions").row(2, named=True)
        assert (row["client"], row["minutes"]) == ("c9", 40)
    (found,) = refused(correct(folder, minutes, "number=4|minutes|400|60"))
    assert (found.row, found.rule) == (3, "the cell is corrected twice")
    (found,) = refused(correct(folder, minutes, "session=s2; client=c1|minutes|40|60"))
    assert (found.row, found.rule) == (3, "the cell holds another value than the one expected")


MAPPED = """\
format: {decimal: comma, dates: day/month/year}
columns:
  session: [Client, Nr]
  client: Client
  service: Site
  date: Day
  minutes: {from: Hours, unit: hours}
  mode: {from: How, recode: {1: in person, 2: video}}
  worker: {value: w1}
  attended: Came
"""
WRITTEN = "Nr;Client;Site;Day;Hours;How;Came\n1;c1;Alder House;01/05/2024;1,5;1;yes\n2;c1;Birch;02/05/2024;2;7;yes\n"


def test_a_correction_says_what_one_would_edit_in_the_raw_file(tmp_path: Path) -> None:
    lines = [
        "session=c1-2|service|Birch|Birch Street",
        "session=c1-2|How|7|2",
        "Nr=1|mode|1|2",
        "session=c1-1; client=c1|minutes|\"1,5\"|\"0,5\"",
        "number=3|date|02/05/2024|03/06/2024",
        "session=c1-2|Nr|2|3",
    ]  # fmt: skip
    found = record(correct(sessions(tmp_path, MAPPED, WRITTEN), *lines), "sessions")
    wanted = ["session", "service", "date", "minutes", "mode"]
    assert [tuple(map(str, row)) for row in found.select(wanted).rows()] == [
        ("c1-1", "alder", "2024-05-01", "30", "video"),
        ("c1-3", "birch", "2024-06-03", "120", "video"),
    ]


@pytest.mark.parametrize(
    ("line", "rule", "remedy"),
    [
        ("session=c1-1|session|c1-1|c1-2", "not made of one column", "Client or Nr"),
        ("session=c1-1|worker|w1|w2", "not made of one column", "study file"),
        ("session=c1-1|minutes|90|30", "another value than the one expected", "before anything is recoded"),
    ],
)
def test_what_the_record_holds_is_not_what_is_corrected(line: str, rule: str, remedy: str, tmp_path: Path) -> None:
    folder = sessions(tmp_path, MAPPED, WRITTEN.replace("Birch", "birch").replace(";7;", ";2;"))
    (found,) = refused(correct(folder, line))
    assert rule in found.rule
    assert remedy in found.remedy


def test_a_stacked_row_is_corrected_by_the_column_that_is_ticked(tmp_path: Path) -> None:
    entry = "stack: {into: activity, columns: {Walk: walk, Gym: fitness}}\ncolumns: {client: [client, activity]}"
    text = SESSIONS.replace("\n", ",Walk,Gym\n") + "s1,c1,alder,2024-05-01,true,1,1\ns2,c1,alder,2024-05-01,true,,1\n"
    folder = sessions(tmp_path, entry, text)
    found = record(correct(folder, "session=s1|Gym|1|"), "sessions")
    assert found.select("session", "activity").rows() == [("s1", "walk"), ("s2", "fitness")]
    (refusal,) = refused(correct(folder, "session=s2|activity|fitness|walk"))
    assert "Walk or Gym" in refusal.remedy


def test_a_wrong_row_becomes_valid_and_is_not_set_aside(tmp_path: Path) -> None:
    text = ROWS.replace("2024-05-02", "2042-05-02").replace(",400,", ",fourty,")
    folder = correct(
        sessions(tmp_path, "on_invalid: quarantine", text),
        "session=s2; client=c1|date|2042-05-02|2024-05-02",
        "session=s2; client=c1|minutes|fourty|40",
    )
    told, rows = recorded(folder, "sessions")
    assert (told.rows_aside, rows.height) == (0, 3)


def test_an_unmet_correction_stops_a_table_that_sets_rows_aside(tmp_path: Path) -> None:
    folder = correct(sessions(tmp_path, "on_invalid: quarantine", ROWS), "session=s9|minutes|1|2")
    assert [one.file for one in problems(folder, "sessions")] == ["corrections.csv"]


def test_a_correction_may_make_a_row_one_that_is_meant(tmp_path: Path) -> None:
    text = SESSIONS.replace("\n", ",status\n") + "s1,c1,alder,2024-05-01,true,draft\n"
    folder = correct(sessions(tmp_path, "where: {status: done}", text), "number=2|status|draft|done")
    assert record(folder, "sessions").height == 1


WIDE = f"respondent,service,{ITEMS}\nr1,alder,Agree,4,,,\nr2,alder,Agree,Agree,Agre,,\n"


@pytest.mark.parametrize(
    "row", ["respondent=r2", "respondent=r2; wave=spring", "number=3; instrument=recovery-practice"]
)
def test_answers_are_corrected_as_they_stand_in_the_export(row: str, tmp_path: Path) -> None:
    lines = [f"{row}|choices|Agre|Agree", f"{row}|hope|Agree|Strongly agree", f"{row}|life-goals|Agree|"]
    folder = correct(survey(tmp_path, "", WIDE), *lines, "respondent=r1|life-goals|4|D/K", table="surveys")
    assert answers_of(folder, "choices")["r2"] == (4, "agree")
    assert answers_of(folder, "hope") == {"r1": (4, "agree"), "r2": (5, "strongly-agree")}
    assert answers_of(folder, "life-goals") == {"r1": (None, "dont-know"), "r2": (None, "")}


TWO_WAVES = """\
surveys:
  - {file: both.csv, data_status: observed, instrument: recovery-practice, wave: spring, where: {round: 1}}
  - {file: both.csv, data_status: observed, instrument: recovery-practice, wave: autumn, where: {round: 2}}
"""


def test_two_waves_in_one_export(tmp_path: Path) -> None:
    text = f"round,respondent,service,{ITEMS}\n1,r1,alder,Agree,,,,\n2,r1,alder,Agree,,,,\n"
    folder = write(tmp_path, TWO_WAVES, {"both.csv": text})
    hope = pl.col("item") == "hope"
    assert record(folder, "surveys").filter(hope)["respondent"].to_list() == ["spring:r1", "autumn:r1"]
    for row in ("respondent=r1; wave=autumn", "number=3", "respondent=r1; round=2"):
        correct(folder, f"{row}|hope|Agree|Disagree", table="surveys")
        assert record(folder, "surveys").filter(hope)["label"].to_list() == ["agree", "disagree"]
    (found,) = refused(correct(folder, "respondent=r1|hope|Agree|Disagree", table="surveys"), "surveys")
    assert found.rule == "fits 2 rows"
    (found,) = refused(correct(folder, "respondent=r1; wave=winter|hope|Agree|", table="surveys"), "surveys")
    assert found.rule == "finds no such row"


def test_files_of_a_pattern_are_told_apart(tmp_path: Path) -> None:
    entry = "sessions:\n  - {file: logs/*.csv, data_status: observed}\n"
    text = f"{LOG}s1,{{}},alder,2024-05-01,true,40,video,w1\n"
    folder = write(tmp_path, entry, {f"logs/{name}.csv": text.format(name) for name in ("a", "b")})
    for name in ("b.csv", "logs/b.csv"):
        assert record(correct(folder, f"file={name}; number=2|minutes|40|50"), "sessions")["minutes"].to_list() == [
            40,
            50,
        ]
    assert refused(correct(folder, "number=2|minutes|40|50"))[0].rule == "fits 2 rows"


@pytest.mark.parametrize(
    ("text", "column", "rule"),
    [
        ("table,row,column,from,to,reason\n", "by", "the column is missing"),
        (f"{','.join(COLUMNS)}\nsessions,number=2,minutes,1,2,,me\n", "reason", "must not be empty"),
        (f"{','.join(COLUMNS)}\nsesions,number=2,minutes,1,2,why,me\n", "table", "unknown table"),
        (
            f"{','.join(COLUMNS)}\ngroups,number=2,minutes,1,2,why,me\n",
            "table",
            "a table that the study does not have",
        ),
        (f"{','.join(COLUMNS)}\nsessions,s1,minutes,1,2,why,me\n", "row", "does not name a row"),
        (f"{','.join(COLUMNS)}\nsessions,number=two,minutes,1,2,why,me\n", "row", "does not name a row"),
        (f"{','.join(COLUMNS)}\nsessions,number=²,minutes,1,2,why,me\n", "row", "does not name a row"),
        (f"{','.join(COLUMNS)}\nsessions,session=,minutes,1,2,why,me\n", "row", "does not name a row"),
    ],
)
def test_a_file_of_corrections_that_is_not_complete(text: str, column: str, rule: str, tmp_path: Path) -> None:
    folder = sessions(tmp_path, "", ROWS)
    (folder / "corrections.csv").write_text(text, encoding="utf-8")
    with pytest.raises(ProblemsFoundError) as caught:
        Corrections.of(folder, study_of(folder), "sessions")
    assert [(one.column, one.rule) for one in caught.value.problems] == [(column, rule)]


def test_many_corrections_over_many_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.ingest.csv.FAST_FROM", 0)
    monkeypatch.setattr("pipeline.ingest.csv.BATCH", 3)
    text = LOG + "".join(f"s{n},c1,alder,2024-05-01,true,{n},video,w1\n" for n in range(20))
    folder = correct(sessions(tmp_path, "", text), *(f"session=s{n}|minutes|{n}|{n + 100}" for n in range(0, 20, 2)))
    assert record(folder, "sessions")["minutes"].to_list() == [n if n % 2 else n + 100 for n in range(20)]
