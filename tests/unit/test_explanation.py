"""The table raw to record: where each column comes from, with counts, and no cell of a participant."""

from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from pipeline.explanation import Explanation, explain
from pipeline.problems import ProblemsFoundError
from tests.unit.raw_studies import ITEMS, sessions, study_of, survey, write

ENTRY = """\
format: {dates: day/month/year}
where: {status: done}
missing: NA
columns:
  session: [Client, Nr]
  client: Client
  service: {from: Site, recode: {n: alder, "": unknown}, otherwise: birch}
  date: Day
  minutes: {from: Length, unit: hours, missing: 99}
  worker: {value: w1}
  attended: Came
"""
TEXT = "Nr,Client,Site,Day,Length,Came,status,Notes\n" + "".join(
    f"{n},c{n},{site},01/05/2024,{length},yes,{status},Secret\n"
    for n, (site, length, status) in enumerate(
        [("N", "1", "done"), ("n", "99", "Done"), ("", "NA", "done"), ("x", "1", "done"), ("n", "99", "draft")]
    )
)


def explained(folder: Path, table: str) -> list[Explanation]:
    return list(explain(folder, study_of(folder), table))


def test_each_column_of_a_record(tmp_path: Path) -> None:
    (found,) = explained(sessions(tmp_path, ENTRY, TEXT), "sessions")
    assert (found.file, found.table, found.read, found.meant) == ("log.csv", "sessions", 5, 4)
    lines = {name: rest for name, *rest in found.lines}
    assert lines["session"] == ["Client, Nr", "joined by '-'", "4", "0"]
    assert lines["client"] == ["Client", "", "4", "0"]
    assert lines["service"] == ["Site", "n → alder (2); empty → unknown (1); anything else → birch", "4", "0"]
    assert lines["date"] == ["Day", "dates as day/month/year", "4", "0"]
    assert lines["minutes"] == ["Length", "NA → empty (1); 99 → empty (1); read as hours", "2", "2"]
    assert lines["worker"] == ["always w1", "", "4", "0"]
    assert lines["mode"] == ["", "not in this export", "", ""]
    assert list(found.not_used) == ["Notes"]
    assert "Secret" not in str(found)
    assert "c1" not in str(found)


def test_a_table_without_rows_and_several_files(tmp_path: Path) -> None:
    entry = "sessions:\n  - {file: 'logs/*.csv', data_status: observed, where: {status: done},\n"
    entry += "     columns: {session: Nr, client: Client, service: Site, date: Day, attended: Came}}\n"
    files = {"logs/a.csv": TEXT.split("\n")[0] + "\n", "logs/b.csv": TEXT}
    found = explained(write(tmp_path, entry, files), "sessions")
    assert [(one.file, one.read, one.meant) for one in found] == [("logs/a.csv", 0, 0), ("logs/b.csv", 5, 4)]


def test_stacked_rows_are_counted_once_and_their_cells_each(tmp_path: Path) -> None:
    entry = """\
    stack: {into: activity, columns: {Walk: walk, Gym: fitness}}
    columns: {client: [client, activity]}
    """
    text = "session,client,service,date,attended,Walk,Gym\n"
    text += "s1,c,alder,2024-05-01,true,1,1\ns2,c,alder,2024-05-01,true,,\n"
    (found,) = explained(sessions(tmp_path, entry, text), "sessions")
    lines = {name: rest for name, *rest in found.lines}
    assert (found.read, found.meant) == (2, 1)
    assert lines["activity"] == ["activity", "one row for each of 2 columns that is ticked", "2", "0"]
    assert list(found.not_used) == []


def test_labels_and_codes_that_the_file_declares_missing(tmp_path: Path) -> None:
    entry = (
        "service: unknown\nanswers: {Don't know: D/K}\nmissing: Refused\ncolumns: {respondent: id, life-goals: goals}"
    )
    folder = survey(tmp_path, entry, b"x", "wave.sav")
    items = ["hope", "goals", *ITEMS.split(",")[2:]]
    labels = {name: {1.0: "Agree", 7.0: "Refused", 8.0: "Don't know", 9.0: "Skipped"} for name in items}
    cells = {"id": ["r1", "r2", "r3", "r4"]} | {name: [1.0, 7.0, 8.0, 9.0] for name in items}
    pyreadstat.write_sav(
        pd.DataFrame(cells), folder / "wave.sav", variable_value_labels=labels, missing_ranges={"hope": [8.0, 9.0]}
    )
    (found,) = explained(folder, "surveys")
    lines = {name: rest for name, *rest in found.lines}
    how = "Refused → empty (1); Don't know → D/K (1); labels of the file"
    assert lines["hope"] == ["hope", f"9 → empty (1); {how}", "2", "2"]
    assert lines["life-goals"] == ["goals", how, "3", "1"], "9 is no answer, and the check will say so"


def test_a_file_that_lacks_a_column(tmp_path: Path) -> None:
    with pytest.raises(ProblemsFoundError):
        explained(sessions(tmp_path, ENTRY, TEXT.replace("Length", "Long")), "sessions")
