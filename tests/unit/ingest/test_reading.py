"""Each format finds its reader, and what one reader gives another gives too."""

import datetime as dt
import gzip
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import openpyxl
import pandas as pd
import polars as pl
import pyreadstat
import pytest

from pipeline.ingest.export import ROW
from pipeline.ingest.reading import read
from pipeline.problems import ProblemsFoundError
from pipeline.sources import CODED_TEXT, READERS
from schemas.sources import BY_ENDING, Format
from tests.unit.ingest import platform_files, qda_files
from tests.unit.raw_studies import ITEMS, answers_of, problems, record, survey, write

COLUMNS: dict[str, list[object]] = {
    "session": ["s1", "s2"],
    "client": ["c1", "c2"],
    "service": ["alder", "birch"],
    "date": [dt.date(2024, 5, 1), dt.date(2024, 5, 2)],
    "minutes": [40, 5],
    "attended": ["yes", "no"],
}
FRAME = pd.DataFrame(COLUMNS)


def _csv(path: Path, separator: str = ",") -> None:
    data = FRAME.to_csv(index=False, sep=separator).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)


def _excel(path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(list(COLUMNS))
    for row in zip(*COLUMNS.values(), strict=True):
        book.active.append(row)
    book.save(path)


WRITERS: dict[str, Callable[[Path], object]] = {
    "log.csv": _csv,
    "log.txt": lambda path: _csv(path, ";"),
    "log.tsv": lambda path: _csv(path, "\t"),
    "LOG.CSV": _csv,
    "log.csv.gz": _csv,
    "log.xlsx": _excel,
    "log.sav": lambda path: pyreadstat.write_sav(FRAME, path),
    "log.zsav": lambda path: pyreadstat.write_sav(FRAME, path, compress=True),
    "log.dta": lambda path: pyreadstat.write_dta(FRAME, path),
    "log.parquet": lambda path: pl.from_pandas(FRAME).write_parquet(path),
}


@pytest.mark.parametrize("name", WRITERS)
def test_one_log_in_any_format_is_one_record(name: str, tmp_path: Path) -> None:
    folder = write(tmp_path, f"sessions:\n  - {{file: {name}, data_status: observed}}\n", {name: b"x"})
    WRITERS[name](folder / name)
    found = record(folder, "sessions").select("session", "client", "service", "date", "minutes", "attended")
    days = COLUMNS["date"]
    assert found.rows() == [
        ("s1", "c1", "alder", days[0], 40, True),
        ("s2", "c2", "birch", days[1], 5, False),
    ]


@pytest.mark.parametrize("kind", READERS)
def test_every_format_has_a_reader(kind: str) -> None:
    module = import_module(READERS[kind])
    assert callable(module.read_tables if kind in CODED_TEXT else module.read)


def test_every_ending_stands_for_a_format_that_is_read() -> None:
    assert set(BY_ENDING.values()) <= set(READERS)


PLATFORMS: dict[str, Callable[[Path], Path]] = {
    "redcap": platform_files.redcap_raw,
    "qualtrics": platform_files.qualtrics,
    "limesurvey": platform_files.limesurvey,
    "microsoft-forms": platform_files.microsoft_forms,
    "google-forms": platform_files.google_forms,
}


@pytest.mark.parametrize("kind", PLATFORMS)
def test_platforms_are_read_where_the_study_file_names_them(kind: str, tmp_path: Path) -> None:
    path = PLATFORMS[kind](tmp_path)
    export = read(path, Format.model_validate({"type": kind}))
    assert export.frame.height > 0
    assert export.frame.columns[0] == ROW
    assert set(export.frame.dtypes[1:]) == {pl.String}


@pytest.mark.parametrize("name", ["project.qdpx", "project.sqlite3"])
@pytest.mark.parametrize("table", ["sections", "segments", "codings"])
def test_one_project_of_coded_text_holds_three_tables(name: str, table: str, tmp_path: Path) -> None:
    path = tmp_path / name
    make = qda_files.interview if name.endswith("qdpx") else qda_files.taguette_project
    make(path)
    assert read(path, Format(), table).frame.height > 0


def test_an_ending_that_does_not_tell_the_format(tmp_path: Path) -> None:
    path = tmp_path / "log.dat"
    _csv(path)
    with pytest.raises(ProblemsFoundError) as caught:
        read(path, Format())
    (found,) = caught.value.problems
    assert "format: {type: csv}" in found.remedy
    assert read(path, Format(type="csv")).frame.height == 2


SCALE = dict(enumerate(["Strongly agree", "Agree", "Neither", "Disagree", "Strongly disagree"], start=1))
"""Turned round against the instrument, where strongly agree is 5."""
SITES = {1.0: "Alder House", 2.0: "Birch Street"}
LABELS = {
    item: {float(code): label for code, label in {**SCALE, 8: "D/K", 9: "Refused"}.items()}
    for item in ITEMS.split(",")
}


def statistics_file(
    name: str, missing: dict[str, list[float]], labels: dict[str, dict[float, str]]
) -> Callable[[Path], object]:
    items = [item.replace("-", "_") for item in ITEMS.split(",")]
    cells = {"id": ["r1", "r2"], "site": [1.0, 2.0]} | {item: [1.0, 4.0] for item in items}
    cells[items[1]], cells[items[2]] = [8.0, 9.0], [None, 5.0]
    of = {key.replace("-", "_"): value for key, value in labels.items()} | {"site": SITES}
    how = {"variable_value_labels": of, "column_labels": None}
    if name.endswith(".sav"):
        return lambda path: pyreadstat.write_sav(pd.DataFrame(cells), path, missing_ranges=missing, **how)
    return lambda path: pyreadstat.write_dta(pd.DataFrame(cells), path, **how)


MAPPED = "missing: Refused\ncolumns: {respondent: id, service: site, life-goals: life_goals}\n"


@pytest.mark.parametrize("name", ["wave.sav", "wave.dta"])
def test_labels_of_a_file_whose_codes_are_turned_round_decide(name: str, tmp_path: Path) -> None:
    folder = survey(tmp_path, MAPPED, b"x", name)
    statistics_file(name, {"life_goals": [8.0, 9.0]} if name.endswith("sav") else {}, LABELS)(folder / name)
    assert answers_of(folder, "hope") == {"r1": (5, "strongly-agree"), "r2": (2, "disagree")}
    assert answers_of(folder, "life-goals") == {"r1": (None, "dont-know"), "r2": (None, "")}
    assert answers_of(folder, "choices") == {"r1": (None, ""), "r2": (1, "strongly-disagree")}
    assert record(folder, "surveys")["service"].unique().sort().to_list() == ["alder", "birch"]


def test_codes_without_a_label_are_refused_where_the_labels_are_turned_round(tmp_path: Path) -> None:
    folder = survey(tmp_path, MAPPED, b"x", "wave.sav")
    ends = {item: {code: label for code, label in of.items() if code in (1, 5, 8, 9)} for item, of in LABELS.items()}
    statistics_file("wave.sav", {}, ends)(folder / "wave.sav")
    found = problems(folder, "surveys")
    assert {(p.row, p.value, p.rule) for p in found} == {
        (2, "4 (has no label)", "not an answer of recovery-practice")
    }
    assert [p.column for p in found] == ["aspirations", "hope", "symptoms"]


def test_labels_of_a_redcap_dictionary_decide(tmp_path: Path) -> None:
    header = "Variable / Field Name,Form Name,Section Header,Field Type,Field Label,"
    header += '"Choices, Calculations, OR Slider Labels",Field Note,Text Validation Type OR Show Slider Number,'
    header += "Text Validation Min,Text Validation Max,Identifier?,Branching Logic (Show field only if...),"
    header += "Required Field?,Custom Alignment,Question Number (surveys only),Matrix Group Name,Matrix Ranking?,"
    header += "Field Annotation"
    choices = " | ".join(f"{code}, {label}" for code, label in {**SCALE, 8: "D/K"}.items())
    fields = [("record_id", "text", ""), *((f"q{n}", "radio", choices) for n in range(1, 6))]
    lines = [f'{name},form,,{kind},{name},"{of}"' + "," * 12 for name, kind, of in fields]
    mapped = ", ".join(f"{item}: q{n}" for n, item in enumerate(ITEMS.split(","), start=1))
    entry = "format: {type: redcap, dictionary: d.csv}\nservice: unknown\n"
    entry += f"columns: {{respondent: record_id, {mapped}}}\n"
    text = "record_id,q1,q2,q3,q4,q5\nr1,1,8,5,2,\nr2,2,2,2,2,2\n"
    folder = survey(tmp_path, entry, text)
    (folder / "d.csv").write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    found = [answers_of(folder, item)["r1"][1] for item in ITEMS.split(",")]
    assert found == ["strongly-agree", "dont-know", "strongly-disagree", "agree", ""]
