"""Which files an entry of the study file means, and in which format they are."""

from pathlib import Path

import pytest

from pipeline.sources import dictionary_of, files_of, format_of, reader_modules, snapshot_file
from schemas.sources import Format, Source


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (
        "log.csv",
        "logs/2024.csv",
        "logs/2023.csv.gz",
        "logs/notes.docx",
        "logs/old.csv/x.csv",
        "east/log.xlsx",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path


@pytest.mark.parametrize(
    ("file", "names"),
    [
        ("log.csv", ["log.csv"]),
        ("none.csv", ["none.csv"]),
        ("none*.csv", []),
        ("logs/*.csv", ["logs/2024.csv"]),
        ("logs/*.csv*", ["logs/2023.csv.gz", "logs/2024.csv"]),
        ("*/log.*", ["east/log.xlsx"]),
        ("**/*.csv", ["log.csv", "logs/2024.csv", "logs/old.csv/x.csv"]),
    ],
)
def test_files_of_an_entry(file: str, names: list[str], folder: Path) -> None:
    found = files_of(folder, Source(file=file), "sessions", 0)
    assert [path.relative_to(folder).as_posix() for path in found] == names


def test_rows_of_a_query_are_a_snapshot(folder: Path) -> None:
    source = Source(query="SELECT 1", connection="DB")
    assert files_of(folder, source, "sessions", 0) == [snapshot_file(folder, "sessions", 0)]
    assert snapshot_file(folder, "sessions", 0) != snapshot_file(folder, "sessions", 1)


@pytest.mark.parametrize(
    ("name", "declared", "kind"),
    [
        ("a.csv", None, "csv"),
        ("a.CSV", None, "csv"),
        ("a.csv.gz", None, "csv"),
        ("a.tsv", None, "csv"),
        ("a.xlsx", None, "excel"),
        ("a.sav", None, "spss"),
        ("a.dta", None, "stata"),
        ("a.csv", "redcap", "redcap"),
        ("a.dat", "csv", "csv"),
        ("a.dat", None, None),
        ("a", None, None),
    ],
)
def test_the_format_is_as_declared_or_as_the_ending_says(name: str, declared: str | None, kind: str | None) -> None:
    assert format_of(Path(name), Format.model_validate({"type": declared})) == kind


def test_modules_that_read_an_entry_and_the_dictionary_beside_it(folder: Path) -> None:
    source = Source(file="logs/*", format=Format(dictionary="d.csv"))
    assert reader_modules(folder, source, "sessions", 0) == {"pipeline.ingest.csv"}
    assert dictionary_of(folder, source) == folder / "logs" / "d.csv"
    assert dictionary_of(folder, Source(file="log.csv")) is None
