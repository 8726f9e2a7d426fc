"""Columns of an export become columns of a record as the study file says, from the study file to the record."""

from pathlib import Path

import polars as pl
import pytest

from pipeline.ingest.export import ROW, Export, of_frame
from pipeline.ingest.mapping import Wanted, to_record
from schemas.study import SurveyTable, Table
from tests.unit.raw_studies import ITEMS, SESSIONS, answers_of, problems, record, sessions, survey

MAPPED = "columns: {session: Nr, client: Code, service: Site, date: Day, attended: Came}"
LOG = "Nr,Code,Site,Day,Came\n"


def test_short_form_joined_columns_and_constants(tmp_path: Path) -> None:
    entry = """\
    columns:
      session: [Code, Nr]
      client: {from: [Site, Code], joined_by: /}
      service: {value: Alder House}
      date: Day
      minutes: Duration
      mode: {value: video}
      attended: {value: true}
    """
    folder = sessions(tmp_path, entry, "Nr,Code,Site,Day,Duration\n1,c1,A,2024-05-01,40\n2,c1,A,2024-05-02,\n")
    rows = record(folder, "sessions").select("session", "client", "service", "minutes", "mode", "attended").rows()
    assert rows == [("c1-1", "A/c1", "alder", 40, "video", True), ("c1-2", "A/c1", "alder", None, "video", True)]


def test_nothing_is_known_of_joined_cells_as_soon_as_one_is_not_known(tmp_path: Path) -> None:
    entry = MAPPED.replace("session: Nr", "session: [Code, Nr]") + "\nmissing: NA"
    folder = sessions(tmp_path, entry, f"{LOG}na,c1,alder,2024-05-01,yes\n,c1,alder,2024-05-01,yes\n")
    found = problems(folder, "sessions")
    assert [(p.row, p.column, p.rule) for p in found] == [
        (2, "session (from Code, Nr)", "must not be empty"),
        (3, "session (from Code, Nr)", "must not be empty"),
    ]


def test_recodes_in_any_case_of_empty_cells_to_nothing_and_of_all_others(tmp_path: Path) -> None:
    entry = """\
    columns:
      mode: {from: How, recode: {1: in person, TEL: telephone, "": text, "?": null}, otherwise: video}
      activity: {from: What, otherwise: other}
    """
    text = SESSIONS.replace("\n", ",How,What\n")
    for number, cell in enumerate(("1", "tel", "", "?", "zoom")):
        text += f"s{number},c1,alder,2024-05-01,true,{cell},{'x' * (number % 2)}\n"
    found = record(sessions(tmp_path, entry, text), "sessions")
    assert found["mode"].to_list() == ["in person", "telephone", "text", None, "video"]
    assert found["activity"].to_list() == [None, "other", None, "other", None]


def test_a_recode_to_an_empty_text_is_nothing(tmp_path: Path) -> None:
    entry = 'columns: {worker: {from: W, recode: {x: ""}}, mode: {value: ""}}'
    folder = sessions(tmp_path, entry, SESSIONS.replace("\n", ",W\n") + "s1,c1,alder,2024-05-01,true,X\n")
    assert record(folder, "sessions").select("worker", "mode").row(0) == (None, None)


@pytest.mark.parametrize("cell", ["alder", "ALDER", "Alder House", "alder house", "ah", "the alders"])
def test_services_by_id_name_or_other_spelling(cell: str, tmp_path: Path) -> None:
    folder = sessions(tmp_path, "", f"{SESSIONS}s1,c1,{cell},2024-05-01,true\n")
    assert record(folder, "sessions")["service"].to_list() == ["alder"]


def test_services_that_are_not_known_and_those_that_a_recode_names(tmp_path: Path) -> None:
    text = f"{LOG}1,c1,North,2024-05-01,yes\n2,c2,Unknown,2024-05-01,yes\n3,c3,alders,2024-05-01,yes\n"
    entry = MAPPED.replace("Site", "{from: Site, recode: {north: Birch Street}}")
    (found,) = problems(sessions(tmp_path, entry, text), "sessions")
    assert (found.row, found.column, found.value) == (4, "service (from Site)", "alders")
    assert found.rule == "unknown service"
    entry = MAPPED.replace("Site", "{from: Site, recode: {north: Birch Street}, otherwise: unknown}")
    assert record(sessions(tmp_path, entry, text), "sessions")["service"].to_list() == ["birch", "unknown", "unknown"]
    text = text.replace("North", "alder")
    assert record(sessions(tmp_path, entry, text), "sessions")["service"][0] == "alder", "ids are no other cells"


def test_services_from_a_file(tmp_path: Path) -> None:
    folder = sessions(tmp_path, "", f"{SESSIONS}s1,c1,Quay 1,2024-05-01,true\n")
    study = (folder / "study.yml").read_text(encoding="utf-8")
    start, end = study.index("services:"), study.index("waves:")
    (folder / "study.yml").write_text(f"{study[:start]}services_file: sites.csv\n{study[end:]}", encoding="utf-8")
    (folder / "sites.csv").write_text("id,name,written\nquay,The Quay,Quay 1; Q1\n", encoding="utf-8")
    assert record(folder, "sessions")["service"].to_list() == ["quay"]


def test_where_and_filled_take_the_rows_that_are_meant(tmp_path: Path) -> None:
    entry = """\
    where: {status: [done, 1, ""], wave: 2024-03-31}
    filled: [client]
    """
    text = SESSIONS.replace("\n", ",status,wave\n")
    for number, (client, status, wave) in enumerate(
        [("c", "DONE", "2024-03-31"), ("c", "1", "2024-03-31"), ("c", "", "2024-03-31"), ("", "done", "2024-03-31"),
         ("c", "draft", "2024-03-31"), ("c", "done", "2024-04-01")]
    ):  # fmt: skip
        text += f"s{number},{client},alder,2024-05-01,true,{status},{wave}\n"
    assert record(sessions(tmp_path, entry, text), "sessions")["session"].to_list() == ["s0", "s1", "s2"]


def test_columns_that_are_named_nowhere_are_refused_where_nothing_is_mapped(tmp_path: Path) -> None:
    text = SESSIONS.replace("\n", ",status,note\n") + "s1,c1,alder,2024-05-01,true,done,x\n"
    (found,) = problems(sessions(tmp_path, "where: {status: done}", text), "sessions")
    assert (found.column, found.rule) == ("note", "unknown column")


TICKS = """\
stack: {into: activity, columns: {Walked: walk, Gym: fitness, "Other?": other}}
columns: {session: Nr}
"""


def test_ticked_columns_become_rows(tmp_path: Path) -> None:
    text = "Nr,client,service,date,attended,Walked,Gym,Other?,activity\n"
    for number, ticks in enumerate(("1,,", "Yes,checked,X", "0,,no", ",TRUE,")):
        text += f"s{number},c{number},alder,2024-05-01,true,{ticks},as told\n"
    entry = TICKS.replace("session: Nr", "session: Nr, client: [client, activity]")
    found = record(sessions(tmp_path, entry, text), "sessions")
    assert found.select("session", "activity").rows() == [
        ("s0", "walk"), ("s1", "walk"), ("s1", "fitness"), ("s1", "other"), ("s3", "fitness"),
    ]  # fmt: skip
    assert found["client"][0] == "c0-walk"


def test_rows_without_a_tick_become_what_none_says(tmp_path: Path) -> None:
    text = "Nr,client,service,date,attended,Walked,Gym,Other?\n"
    text += "s0,c,alder,2024-05-01,true,,,\ns1,c,alder,2024-05-01,true,,1,\n"
    entry = TICKS.replace("into: activity,", "into: activity, none: conversation,")
    found = record(sessions(tmp_path, entry, text), "sessions")
    assert found.select("session", "activity").rows() == [("s0", "conversation"), ("s1", "fitness")]


def test_a_column_of_joined_answers_becomes_rows(tmp_path: Path) -> None:
    entry = """\
    stack: {into: What, split: What, by: ",", none: nothing}
    columns: {client: [client, What], activity: {from: What, recode: {"walk, or run": walk, nothing: null}}}
    """
    text = SESSIONS.replace("\n", ",What\n")
    text += 's1,c,alder,2024-05-01,true,"fitness, walk,"\ns2,c,alder,2024-05-01,true,\n'
    found = record(sessions(tmp_path, entry, text), "sessions")
    assert found.select("session", "activity").rows() == [("s1", "fitness"), ("s1", "walk"), ("s2", None)]
    entry = entry.replace("none:", 'answers: ["walk, or run"], none:')
    text = text.replace("fitness, walk,", "fitness, walk, or run")
    found = record(sessions(tmp_path, entry, text), "sessions")
    assert found["client"].to_list() == ["c-fitness", "c-walk, or run", "c-nothing"]


@pytest.mark.parametrize(
    ("entry", "column", "rule"),
    [
        ("columns: {session: Number}", "Number", "named in the study file, but no column of the export"),
        ("where: {Statos: done}", "Statos", "named in the study file, but no column of the export"),
        ("filled: Nrr", "Nrr", "named in the study file, but no column of the export"),
        ("stack: {into: mode, columns: {Fax: text}}", "Fax", "named in the study file, but no column of the export"),
        ("columns: {sesion: Nr}", "sesion", "not a column of sessions"),
        ("columns: {session: Nr}", "client", "nothing is said to become 'client' of sessions"),
    ],
)
def test_columns_that_the_study_file_names_wrongly(entry: str, column: str, rule: str, tmp_path: Path) -> None:
    found = problems(sessions(tmp_path, entry, f"{LOG}1,c1,alder,2024-05-01,yes\n"), "sessions")
    assert (column, rule) in [(p.column, p.rule) for p in found]


def test_a_mapped_file_without_a_header_is_told_without_its_cells(tmp_path: Path) -> None:
    found = problems(sessions(tmp_path, MAPPED, "1,c1,alder,2024-05-01,yes\n2,c2,birch,2024-05-02,no\n"), "sessions")
    assert all("c1" not in p.without_value() and "alder" not in p.without_value() for p in found)
    assert "which row names the columns" in found[0].remedy


SURVEY = "columns: {respondent: ID, service: {from: Site}}\n"
WIDE = f"ID,Site,{ITEMS}\n"


def test_answers_hold_for_all_items_and_a_recode_for_one(tmp_path: Path) -> None:
    entry = (
        'answers: {ja: Strongly agree, nein: 1, weiss nicht: D/K, "": N/A, -9: null}\n'
        "columns: {respondent: ID, service: Site, choices: {from: choices, recode: {Ja: agree, vielleicht: 3}}}"
    )
    text = f"{WIDE}r1,alder,Ja,NEIN,ja,Weiss nicht,\nr2,alder,-9,4,vielleicht,5.0,D/K\n"
    folder = survey(tmp_path, entry, text)
    found = [answers_of(folder, item) for item in ITEMS.split(",")]
    assert [one["r1"] for one in found] == [
        (5, "strongly-agree"), (1, "strongly-disagree"), (4, "agree"), (None, "dont-know"), (None, "not-applicable"),
    ]  # fmt: skip
    assert [one["r2"] for one in found] == [
        (None, ""), (4, "agree"), (3, "neither"), (5, "strongly-agree"), (None, "dont-know"),
    ]  # fmt: skip


def test_special_answers_are_kept_apart_from_skip_codes(tmp_path: Path) -> None:
    entry = (
        "missing: [-9, 99, Refused]\ncolumns: {respondent: ID, service: Site, choices: {from: choices, missing: N/A}}"
    )
    folder = survey(tmp_path, entry, f"{WIDE}r1,alder,-9,99,N/A,N/A,refused\n")
    assert [answers_of(folder, item)["r1"][1] for item in ITEMS.split(",")] == ["", "", "", "not-applicable", ""]


def export_of(cells: dict[str, list[str | None]], **about: object) -> Export:
    rows = len(next(iter(cells.values())))
    frame = pl.DataFrame({ROW: range(1, rows + 1), **cells}, schema_overrides=dict.fromkeys(cells, pl.String))
    return of_frame(frame, **about)  # type: ignore[arg-type]


AGREED = {"agree": "agree", "disagree": "disagree", "d/k": "dk", "1": "disagree", "2": "agree"}
"""Answers of an instrument: agree is 2."""


def answered(export: Export, **entry: object) -> list[str | None]:
    facts = {"file": "x.sav", "data_status": "observed", "instrument": "i", "wave": "w"}
    wanted = Wanted(("q",), answers=("q",), recodes={"q": AGREED})
    return to_record(export.frame, wanted, SurveyTable.model_validate(facts | entry), export)["q"].to_list()


def test_labels_decide_over_codes() -> None:
    export = export_of({"q": ["1", "2", "8", "9", None]}, answers={"q": {"1": "Agree", "2": "Disagree", "8": "D/K"}})
    assert answered(export) == ["agree", "disagree", "dk", "9", None]


def test_codes_without_a_label_are_not_read_where_the_labels_say_otherwise() -> None:
    turned = export_of({"q": ["1", "2"]}, answers={"q": {"1": "Agree"}})
    assert answered(turned) == ["agree", "2 (has no label)"], "no answer of any instrument, so the check refuses it"
    alike = export_of({"q": ["1", "2"]}, answers={"q": {"1": "Disagree"}})
    assert answered(alike) == ["disagree", "agree"]
    assert answered(turned, columns={"q": {"from": "q", "recode": {2: "disagree"}}}) == ["agree", "disagree"]


def test_labels_may_be_recoded_and_skipped_as_if_they_stood_in_the_cell() -> None:
    labels = {"1": "Yes", "2": "No", "3": "Refused", "4": "Not sure"}
    export = export_of({"q": ["1", "2", "3", "4"]}, answers={"q": labels})
    entry = {"answers": {"yes": "agree", "No": 1, "not sure": "D/K"}, "missing": ["Refused"]}
    assert answered(export, **entry) == ["agree", "disagree", None, "dk"]
    assert answered(export, **entry, columns={"q": {"from": "q", "recode": {"4": None}}})[3] is None


def test_codes_that_the_file_declares_missing_but_for_answers_of_the_instrument() -> None:
    about = {"answers": {"q": {"8": "D/K", "9": "Refused"}}, "missing": {"q": frozenset({"8", "9", "99"})}}
    export = export_of({"q": ["2", "8", "9", "99"]}, **about)
    assert answered(export) == ["agree", "dk", None, None]
    assert answered(export, missing="8") == ["agree", None, None, None], "the study file decides"


def test_labels_of_other_columns_are_their_cells() -> None:
    export = export_of({"site": ["1", "2"]}, answers={"site": {"1": "Alder House", "2": ""}})
    source = Table.model_validate({"file": "x.sav", "data_status": "observed", "columns": {"service": "site"}})
    wanted = Wanted(("service",), recodes={"service": {"alder house": "alder"}})
    assert to_record(export.frame, wanted, source, export)["service"].to_list() == ["alder", "2"]
