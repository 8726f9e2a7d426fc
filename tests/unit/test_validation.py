"""Raw tables to records, or to problems with file, row, column, value and remedy."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from pipeline.problems import Problem, ProblemsFoundError
from pipeline.studies import load_study, study_folders
from pipeline.validation import RECORD_MODULES, read_table, schema_of
from schemas.study import Study, Tables

REPOSITORY = Path(__file__).parents[2]
DEMONSTRATION = REPOSITORY / "raw" / "demo-riverbend"

FILES = {
    "sessions": (
        "session,client,service,worker,date,minutes,mode,activity,attended\n"
        "s1,c1,alder,w1,2024-05-01,40,in person,walk,true\n"
        "s2,c2,birch,w1,2024-05-02,0,telephone,conversation,false\n"
    ),
    "groups": "group_session,service,worker,date,minutes,activity,participants\ng1,alder,w1,2024-05-01,90,art,12\n",
    "doses": "client,service,sessions,from,to\nc1,alder,3,2024-01-02,\nc2,birch,0,,\n",
    "response": "instrument,service,wave,eligible,invited,answered\nclient-feedback,alder,autumn,50,40,30\n",
    "workforce": (
        "worker,service,role,start,end,end_reason,fte,mentor,trained,absence_days\n"
        "w1,alder,peer worker,2022-05-01,2024-05-01,resigned,0.5,true,true,3\n"
        "w2,birch,peer worker,2023-05-01,,,1.0,false,true,0\n"
    ),
    "headcount": "service,date,posts\nalder,2024-01-01,5\nbirch,2024-01-01,3\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for table, text in FILES.items():
        (tmp_path / f"{table}.csv").write_text(text, encoding="utf-8")
    return tmp_path


def study(*tables: str, **surveys: object) -> Study:
    return Study.model_validate(
        {
            "study": "s",
            "title": "S",
            "period": {"start": "2024-01-01", "end": "2024-12-31"},
            "source_family": "s",
            "services": [{"id": "alder", "name": "A"}, {"id": "birch", "name": "B"}],
            "waves": [{"id": "autumn", "label": "Autumn", "start": "2024-10-01", "end": "2024-11-30"}],
            "tables": {t: [{"file": f"{t}.csv", "data_status": "observed"}] for t in tables} | surveys,
        }
    )


def staff(*files: str, **more: object) -> Study:
    facts = {"instrument": "recovery-practice", "wave": "autumn", "data_status": "observed"}
    return study(surveys=[{"file": file} | facts | more for file in files])


@pytest.mark.parametrize("table", FILES)
def test_a_good_file_becomes_a_record_of_its_schema(table: str, folder: Path) -> None:
    record = read_table(folder, study(table), table)
    assert record.height == FILES[table].count("\n") - 1
    assert record.columns == list(schema_of(table).to_schema().columns)


@pytest.mark.parametrize("table", FILES)
def test_a_header_alone_is_an_empty_record(table: str, folder: Path) -> None:
    path = folder / f"{table}.csv"
    path.write_text(FILES[table].split("\n")[0] + "\n", encoding="utf-8")
    assert read_table(folder, study(table), table).height == 0


def test_every_table_of_the_study_file_has_a_schema() -> None:
    assert set(RECORD_MODULES) == set(Tables.model_fields)


@pytest.mark.parametrize(
    ("table", "old", "new", "row", "column", "value", "rule", "remedy"),
    [
        ("sessions", "c1,alder", "c1,adler", 2, "service", "adler", "unknown service", "'alder'"),
        ("sessions", "c1,alder", "c1,", 2, "service", "", "unknown service", "Known: alder, birch"),
        ("sessions", "s2,c2", "s2,", 3, "client", "", "must not be empty", "Fill it in"),
        ("sessions", ",40,", ",-1,", 2, "minutes", "-1", "must be 0 or more", "Correct"),
        ("sessions", ",40,", ",1441,", 2, "minutes", "1441", "must be 1440 or less", "Correct"),
        ("sessions", ",40,", ",long,", 2, "minutes", "long", "not a whole number", "digits"),
        ("sessions", "in person", "fax", 2, "mode", "fax", "not one of 'in person', 'telephone'", "spelled so"),
        ("sessions", "2024-05-02", "2024-02-30", 3, "date", "2024-02-30", "not a date", "2024-03-31"),
        ("sessions", "2024-05-02", "2025-01-01", 3, "date", "2025-01-01", "outside the study's period", "study.yml"),
        ("sessions", "true", "perhaps", 2, "attended", "perhaps", "neither true nor false", "true or false"),
        ("groups", ",12", ",501", 2, "participants", "501", "must be 500 or less", "Correct"),
        ("doses", "c1,alder,3", "c1,alder,-3", 2, "sessions", "-3", "must be 0 or more", "Correct"),
        ("response", "50,40,30", "50,40,45", 2, "", "", "answered <= invited <= eligible", "Correct the row"),
        ("workforce", "0.5", "0", 2, "fte", "0", "must be more than 0", "Correct"),
        ("workforce", "0.5", "1.5", 2, "fte", "1.5", "must be 1 or less", "Correct"),
        ("workforce", "2024-05-01,res", "2021-05-01,res", 2, "", "", "start <= end", "Correct the row"),
        ("headcount", ",5", ",five", 2, "posts", "five", "not a whole number", "digits"),
    ],
)  # fmt: skip
def test_one_wrong_cell_is_one_problem(
    table: str, old: str, new: str, row: int, column: str, value: str, rule: str, remedy: str, folder: Path
) -> None:
    path = folder / f"{table}.csv"
    assert old in FILES[table]
    path.write_text(FILES[table].replace(old, new, 1), encoding="utf-8")
    (found,) = problems(lambda: read_table(folder, study(table), table))
    assert (found.file, found.row, found.column, found.value) == (path.name, row, column, value)
    assert rule in found.rule
    assert remedy in found.remedy


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("sessions", "session + client"),
        ("groups", "group_session"),
        ("doses", "client"),
        ("response", "instrument + service + wave"),
        ("workforce", "worker"),
        ("headcount", "service + date"),
    ],
)
def test_a_key_used_twice_is_told_for_both_rows(table: str, key: str, folder: Path) -> None:
    path = folder / f"{table}.csv"
    lines = FILES[table].splitlines()
    path.write_text("\n".join([*lines, lines[1]]) + "\n", encoding="utf-8")
    found = problems(lambda: read_table(folder, study(table), table))
    assert [(p.row, p.column) for p in found] == [(2, key), (len(lines) + 1, key)]
    assert {p.rule for p in found} == {"the key is used more than once"}
    assert len({p.value for p in found}) == 1


def test_a_key_in_two_files_of_one_table_is_told_for_both(folder: Path) -> None:
    (folder / "more.csv").write_text(FILES["doses"].replace("c2", "c3"), encoding="utf-8")
    both = study("doses").model_copy(
        update={
            "tables": Tables.model_validate(
                {"doses": [{"file": f, "data_status": "observed"} for f in ("doses.csv", "more.csv")]}
            )
        }
    )
    found = problems(lambda: read_table(folder, both, "doses"))
    assert [(p.file, p.column) for p in found] == [("doses.csv", "client"), ("more.csv", "client")]
    (folder / "more.csv").write_text(FILES["doses"].replace("c2", "c3").replace("c1", "c4"), encoding="utf-8")
    assert read_table(folder, both, "doses")["client"].to_list() == ["c1", "c2", "c4", "c3"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (",mode,", ",mod,", [("mod", "unknown column")]),
        (",mode,", ",mode,", []),
        ("session,client,", "client,session,", []),
    ],
)
def test_columns_by_name_in_any_order(old: str, new: str, expected: list[tuple[str, str]], folder: Path) -> None:
    header, *rows = FILES["sessions"].splitlines()
    if new.startswith("client"):
        rows = [",".join([c, s, *rest]) for s, c, *rest in (row.split(",") for row in rows)]
    (folder / "sessions.csv").write_text("\n".join([header.replace(old, new), *rows]) + "\n", encoding="utf-8")
    if expected:
        found = problems(lambda: read_table(folder, study("sessions"), "sessions"))
        assert [(p.column, p.rule) for p in found] == expected
        assert all("Did you mean" in p.remedy for p in found)
    else:
        assert read_table(folder, study("sessions"), "sessions")["client"].to_list() == ["c1", "c2"]


def test_a_file_without_a_header_is_told_without_its_cells(folder: Path) -> None:
    text = FILES["sessions"].split("\n", 1)[1]
    (folder / "sessions.csv").write_text(text, encoding="utf-8")
    (found,) = problems(lambda: read_table(folder, study("sessions"), "sessions"))
    assert found.rule == "the first row does not name the columns"
    assert "session, client, service" in found.remedy
    assert "c1" not in str(found)


def test_problems_of_all_cells_are_told_in_the_order_of_the_rows(folder: Path) -> None:
    text = FILES["sessions"].replace(",40,", ",-1,").replace("c1,alder", "c1,x").replace("2024-05-02", "?")
    (folder / "sessions.csv").write_text(text, encoding="utf-8")
    found = problems(lambda: read_table(folder, study("sessions"), "sessions"))
    assert [(p.row, p.column) for p in found] == [(2, "minutes"), (2, "service"), (3, "date")]


HEADER = "respondent,service,hope,life-goals,choices,symptoms,aspirations"


def test_a_good_survey(folder: Path) -> None:
    text = f"{HEADER}\nr1,alder,Agree,agree,4,N/A,\nr2,birch,,,,,\n"
    (folder / "a.csv").write_text(text, encoding="utf-8")
    record = read_table(folder, staff("a.csv"), "surveys")
    assert record.height == 10
    first = record.filter(pl.col("respondent") == "autumn:r1").sort("item")
    assert dict(first.select("item", "label").iter_rows()) == {
        "hope": "agree", "life-goals": "agree", "choices": "agree", "symptoms": "not-applicable", "aspirations": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("row", "column", "value", "rule", "remedy"),
    [
        ("r1,alder,Perhaps,,,,", "hope", "Perhaps", "not an answer of recovery-practice", "Agree | Strongly agree"),
        ("r1,alder,6,,,,", "hope", "6", "not an answer of recovery-practice", "or leave it blank"),
        ("r1,aldr,Agree,,,,", "service", "aldr", "unknown service", "'alder'"),
        (",alder,Agree,,,,", "respondent", "", "must not be empty", "Give each respondent an id"),
    ],
)
def test_one_wrong_cell_of_a_survey(row: str, column: str, value: str, rule: str, remedy: str, folder: Path) -> None:
    (folder / "a.csv").write_text(f"{HEADER}\nr0,birch,Agree,,,,\n{row}\n", encoding="utf-8")
    (found,) = problems(lambda: read_table(folder, staff("a.csv"), "surveys"))
    assert (found.file, found.row, found.column, found.value, found.rule) == ("a.csv", 3, column, value, rule)
    assert remedy in found.remedy


def test_a_respondent_may_rate_several_subjects_but_each_once(folder: Path) -> None:
    header = HEADER.replace("respondent,", "respondent,subject,")
    rows = ["k,a,alder,Agree,,,,", "k,b,alder,Agree,,,,", "k,a,alder,Disagree,,,,"]
    (folder / "a.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    found = problems(lambda: read_table(folder, staff("a.csv", link="subject"), "surveys"))
    assert [(p.row, p.column, p.value) for p in found] == [
        (2, "respondent + subject", "k + a"),
        (4, "respondent + subject", "k + a"),
    ]


def test_a_respondent_in_two_files_of_one_wave(folder: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (folder / name).write_text(f"{HEADER}\nr1,alder,Agree,,,,\n", encoding="utf-8")
    found = problems(lambda: read_table(folder, staff("a.csv", "b.csv"), "surveys"))
    assert {p.file for p in found} == {"a.csv", "b.csv"}
    assert {p.rule for p in found} == {"the key stands in two files of this table"}


def test_problems_of_all_files_are_told_together(folder: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (folder / name).write_text(f"{HEADER}\n{name},alder,Perhaps,,,,\n", encoding="utf-8")
    found = problems(lambda: read_table(folder, staff("a.csv", "b.csv"), "surveys"))
    assert [(p.file, p.row) for p in found] == [("a.csv", 2), ("b.csv", 2)]


@pytest.mark.parametrize("data_status", ["observed", "reconstructed"])
def test_only_a_reconstructed_file_may_lack_an_item(data_status: str, folder: Path) -> None:
    (folder / "a.csv").write_text("respondent,hope\nr1,Agree\n", encoding="utf-8")
    one = staff("a.csv", data_status=data_status, service="unknown")
    if data_status == "reconstructed":
        assert set(read_table(folder, one, "surveys")["item"]) == {"hope"}
    else:
        found = problems(lambda: read_table(folder, one, "surveys"))
        assert {p.column for p in found} == {"life-goals", "choices", "symptoms", "aspirations"}


def test_the_tables_of_the_repository_are_valid() -> None:
    for folder in study_folders(REPOSITORY / "raw"):
        loaded = load_study(folder)
        for table in (t for t in Tables.model_fields if getattr(loaded.tables, t)):
            assert read_table(folder, loaded, table).height > 0


def problems(call: Callable[[], object]) -> list[Problem]:
    with pytest.raises(ProblemsFoundError) as caught:
        call()
    return list(caught.value.problems)


def test_a_study_may_have_activities_of_its_own(folder: Path) -> None:
    own = study("sessions").model_copy(update={"activities": ("walk", "housing")})
    (found,) = problems(lambda: read_table(folder, own, "sessions"))
    assert (found.row, found.column, found.rule) == (3, "activity", "not one of 'walk', 'housing'")
    path = folder / "sessions.csv"
    path.write_text(FILES["sessions"].replace("conversation", "housing"), encoding="utf-8")
    assert read_table(folder, own, "sessions")["activity"].to_list() == ["walk", "housing"]
