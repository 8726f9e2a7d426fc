"""Raw files that are made: written only where they differ."""

import shutil
from pathlib import Path

import pytest

from pipeline.generate import reconstruct_files, simulate_files
from pipeline.problems import ProblemsFoundError
from pipeline.store import Project

RAW = Path(__file__).parents[2] / "raw"


@pytest.fixture
def pilot(tmp_path: Path) -> Project:
    """The pilot without its data files: only what they are made from."""
    folder = tmp_path / "raw" / "ahs-pilot"
    folder.mkdir(parents=True)
    for name in ("study.yml", "claims.csv"):
        shutil.copy(RAW / "ahs-pilot" / name, folder)
    return Project(tmp_path, tmp_path / "outputs")


def test_reconstructed_files_are_made_from_the_claims_alone(pilot: Project) -> None:
    written = reconstruct_files(pilot, "ahs-pilot")
    assert all(written.values())
    assert {path.name for path in written} == {p.name for p in (RAW / "ahs-pilot").glob("*.reconstructed.csv")}
    for path in written:
        assert path.read_bytes() == (RAW / "ahs-pilot" / path.name).read_bytes()
    times = {path: path.stat().st_mtime_ns for path in written}
    assert not any(reconstruct_files(pilot, "ahs-pilot").values())
    assert {path: path.stat().st_mtime_ns for path in written} == times


def test_another_claim_makes_another_file(pilot: Project) -> None:
    reconstruct_files(pilot, "ahs-pilot")
    claims = pilot.raw / "ahs-pilot" / "claims.csv"
    lines = claims.read_text(encoding="utf-8").splitlines(keepends=True)
    place = next(i for i, line in enumerate(lines) if line.startswith("dose-act-clients"))
    lines[place] = lines[place].replace(",=,39,", ",=,38,")
    claims.write_text("".join(lines), encoding="utf-8")
    assert [path.name for path, new in reconstruct_files(pilot, "ahs-pilot").items() if new] == [
        "doses.reconstructed.csv"
    ]


@pytest.mark.parametrize("make", [reconstruct_files, simulate_files])
def test_a_study_of_collected_data_is_never_made(make, bare: Project) -> None:
    with pytest.raises(ProblemsFoundError, match="nothing to"):
        make(bare, "harbour")


def test_a_broken_simulation_file_is_told_with_its_line(tmp_path: Path) -> None:
    folder = tmp_path / "raw" / "demo-riverbend"
    folder.mkdir(parents=True)
    shutil.copy(RAW / "demo-riverbend" / "study.yml", folder)
    text = (RAW / "demo-riverbend" / "simulate.yml").read_text(encoding="utf-8")
    (folder / "simulate.yml").write_text(text.replace("seed:", "sed:", 1), encoding="utf-8")
    with pytest.raises(ProblemsFoundError) as caught:
        simulate_files(Project(tmp_path, tmp_path / "outputs"), "demo-riverbend")
    unknown = next(p for p in caught.value.problems if p.rule == "unknown key 'sed'")
    assert unknown.file == "demo-riverbend/simulate.yml"
    assert unknown.row == 1 + text.splitlines().index(next(x for x in text.splitlines() if x.startswith("seed:")))
    assert not list(folder.glob("*.csv"))
