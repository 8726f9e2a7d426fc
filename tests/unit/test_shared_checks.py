"""What ``peerscope validate`` holds across studies before anything runs."""

import shutil
from pathlib import Path

import pytest

from pipeline.shared_checks import findings_problems, shared_problems
from pipeline.store import Project

RAW = Path(__file__).parents[2] / "raw"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Two shipped studies with the shared files."""
    for name in ("_shared", "canada-norway", "habitus-scaling"):
        shutil.copytree(RAW / name, tmp_path / "raw" / name)
    return Project(tmp_path, tmp_path / "outputs")


def told(project: Project) -> str:
    return "\n".join(problem.without_value() for problem in shared_problems(project))


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_shipped_files_are_fine_also_with_studies_away(project: Project) -> None:
    assert shared_problems(project) == []
    assert findings_problems(project.raw / "canada-norway") == []


def test_an_unknown_code_passage_or_finding_in_the_synthesis(project: Project) -> None:
    path = project.raw / "_shared" / "synthesis.yml"
    change(path, "codes: [role-modelled-hope]", "codes: [role-modeled-hope]")
    change(path, "findings: [value, growth-sustainability]", "findings: [valeu, growth-sustainability]")
    assert "role-modelled-hope" in told(project)
    assert "Did you mean 'value'?" in told(project)


def test_a_misspelt_link_from_a_study_to_the_synthesis(project: Project) -> None:
    change(project.raw / "canada-norway" / "findings.yml", "synthesis: [value", "synthesis: [vlaue")
    assert "canada-norway/findings.yml" in told(project)
    assert "Did you mean 'value'?" in told(project)


def test_a_finding_that_rests_on_an_unknown_passage(project: Project) -> None:
    folder = project.raw / "canada-norway"
    change(folder / "findings.yml", "[medical-knowledge]", "[medical-knowlege]")
    (problem, *_) = findings_problems(folder)
    assert "medical-knowlege" in problem.rule
    assert "medical-knowledge" in problem.remedy
