"""One raw file as a record's rows: which columns are wanted, used, missing or nobody's."""

from pathlib import Path

import pytest

from pipeline.corrections import Corrections
from pipeline.problems import ProblemsFoundError
from pipeline.row_reader import RowReader
from pipeline.studies import load_study
from pipeline.validation import schema_of
from tests.unit.raw_studies import ITEMS, SESSIONS, problems, record, sessions, survey, write

LOG = SESSIONS + "s1,c1,alder,2024-05-01,true\n"


def reader(folder: Path, table: str, file: str) -> RowReader:
    study = load_study(folder)
    return RowReader(folder / file, schema_of(table), getattr(study.tables, table)[0], study, table)


def test_columns_of_the_export_that_nothing_is_made_of(tmp_path: Path) -> None:
    entry = """\
    where: {status: done}
    filled: sent
    stack: {into: activity, columns: {Walk: walk}}
    columns: {client: [client, Walk]}
    """
    text = LOG.replace("attended\n", "attended,status,sent,Walk,Comment,phone\n").replace(
        "true\n", "true,done,x,1,hello,1\n"
    )
    one = reader(sessions(tmp_path, entry, text), "sessions", "log.csv")
    assert [frame.height for frame in one.batches()] == [1]
    assert one.not_used == ["Comment", "phone"]


def test_columns_that_a_file_may_lack(tmp_path: Path) -> None:
    one = reader(sessions(tmp_path, "", LOG), "sessions", "log.csv")
    (texts,) = one.batches()
    typed, found = one.check(texts)
    assert found == []
    assert typed.select("worker", "minutes", "mode", "activity").row(0) == (None, None, None, None)


def test_a_cell_that_may_be_empty_and_one_that_may_not(tmp_path: Path) -> None:
    text = SESSIONS.replace("\n", ",minutes\n") + "s1,c1,alder,2024-05-01,true,\ns2,c1,alder,,true,5\n"
    found = problems(sessions(tmp_path, "", text), "sessions")
    assert [(p.row, p.column, p.rule) for p in found] == [(3, "date", "must not be empty")]


@pytest.mark.parametrize(
    ("entry", "text", "services"),
    [
        ("service: unknown\n", f"respondent,{ITEMS}\nr1,Agree,,,,\n", {"unknown"}),
        ("service: birch\n", f"respondent,{ITEMS}\nr1,Agree,,,,\n", {"birch"}),
        ("service: column\n", f"respondent,service,{ITEMS}\nr1,Birch Street,Agree,,,,\n", {"birch"}),
        ("service: column\n", f"respondent,service,{ITEMS}\nr1,unknown,Agree,,,,\n", {"unknown"}),
    ],
)
def test_the_service_of_a_survey(entry: str, text: str, services: set[str], tmp_path: Path) -> None:
    assert set(record(survey(tmp_path, entry, text), "surveys")["service"]) == services


def test_a_survey_without_the_column_of_services_says_so(tmp_path: Path) -> None:
    (found,) = problems(survey(tmp_path, "", f"respondent,{ITEMS}\nr1,Agree,,,,\n"), "surveys")
    assert (found.column, found.rule) == ("service", "the column is missing")
    entry = "columns: {respondent: ID}"
    (found,) = problems(survey(tmp_path, entry, f"ID,{ITEMS}\nr1,Agree,,,,\n"), "surveys")
    assert (found.column, found.rule) == ("service", "nothing is said to become 'service' of surveys")


def test_a_file_in_a_folder_is_told_with_it(tmp_path: Path) -> None:
    folder = write(
        tmp_path, "sessions:\n  - {file: 'logs/*.csv', data_status: observed}\n", {"logs/a.csv": "x,y\n1,2\n"}
    )
    assert {p.file for p in problems(folder, "sessions")} == {"logs/a.csv"}
    (folder / "logs" / "a.csv").write_text(LOG.replace("alder", "elder"), encoding="utf-8")
    assert {p.file for p in problems(folder, "sessions")} == {"logs/a.csv"}
    assert reader(folder, "sessions", "logs/a.csv").name == "logs/a.csv"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    folder = sessions(tmp_path, "", LOG)
    with pytest.raises(ProblemsFoundError, match="the file is not there"):
        list(reader(folder, "sessions", "lag.csv").batches(Corrections()))


def test_a_wrong_cell_is_told_once_with_the_first_thing_that_is_wrong(tmp_path: Path) -> None:
    found = problems(sessions(tmp_path, "", LOG.replace("2024-05-01", "soon")), "sessions")
    assert [(p.column, p.rule) for p in found] == [("date", "not a date of the calendar")]


def test_a_file_that_belongs_to_no_study(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(LOG.replace("alder", "anywhere"), encoding="utf-8")
    one = RowReader(tmp_path / "log.csv", schema_of("sessions"))
    (texts,) = one.batches()
    assert one.check(texts)[1] == []
