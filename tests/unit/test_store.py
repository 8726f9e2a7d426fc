"""Where things lie, and writes that are all or nothing."""

import os
from pathlib import Path

import pandas as pd
import polars as pl
import pytest

from pipeline.store import (
    OUTPUTS_VARIABLE,
    PROJECT_VARIABLE,
    Project,
    sha256,
    write_bytes,
    write_csv,
    write_json,
    write_parquet,
)


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PROJECT_VARIABLE, raising=False)
    monkeypatch.delenv(OUTPUTS_VARIABLE, raising=False)


def test_the_project_around_a_folder_is_found(tmp_path: Path) -> None:
    (tmp_path / "raw" / "deep").mkdir(parents=True)
    (tmp_path / "pyproject.toml").touch()
    found = Project.find(tmp_path / "raw" / "deep")
    assert found == Project(tmp_path.resolve(), tmp_path.resolve() / "outputs")


def test_the_environment_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PROJECT_VARIABLE, str(tmp_path / "p"))
    monkeypatch.setenv(OUTPUTS_VARIABLE, str(tmp_path / "elsewhere"))
    assert Project.find() == Project(tmp_path / "p", tmp_path / "elsewhere")


def test_names_are_the_projects_never_the_machines(tmp_path: Path) -> None:
    project = Project(tmp_path / "p", tmp_path / "elsewhere")
    assert project.relative(project.raw / "s" / "study.yml") == "raw/s/study.yml"
    assert project.relative(project.restricted("s", "problems.csv")) == "outputs/restricted/s/problems.csv"
    assert project.relative(Path("/somewhere/else/file.txt")) == "file.txt"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_the_restricted_zone_is_for_its_owner_only(tmp_path: Path) -> None:
    project = Project(tmp_path, tmp_path / "outputs")
    write_bytes(project.restricted("s", "problems.csv"), b"x")
    assert (tmp_path / "outputs" / "restricted").stat().st_mode & 0o777 == 0o700


def test_a_failed_write_leaves_what_was_there_and_no_litter(tmp_path: Path) -> None:
    path = write_bytes(tmp_path / "a" / "file", b"old")
    with pytest.raises(TypeError):
        write_bytes(path, "not bytes")  # type: ignore[arg-type]
    assert path.read_bytes() == b"old"
    assert list(path.parent.iterdir()) == [path]


def test_frames_come_back_as_they_were(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [1.5, None], "b": ["x, y", "ü"]})
    path = write_parquet(tmp_path / "f.parquet", frame)
    pd.testing.assert_frame_equal(pd.read_parquet(path), frame)
    assert pl.read_parquet(write_parquet(path, pl.from_pandas(frame))).equals(pl.from_pandas(frame))
    assert write_csv(tmp_path / "f.csv", frame).read_text(encoding="utf-8") == 'a,b\n1.5,"x, y"\n,ü\n'


def test_json_and_checksums_do_not_depend_on_the_run(tmp_path: Path) -> None:
    one = write_json(tmp_path / "1.json", {"b": 1, "a": "ü"})
    two = write_json(tmp_path / "2.json", {"b": 1, "a": "ü"})
    assert sha256(one) == sha256(two)
    assert one.read_text(encoding="utf-8") == '{\n "b": 1,\n "a": "ü"\n}\n'
    assert sha256(write_bytes(tmp_path / "e", b"abc")) == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    ), "FIPS 180-2, appendix B.1"
