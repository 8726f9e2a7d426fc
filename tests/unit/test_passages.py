"""What of coded documents is released: summaries, never texts; what counts as evidence, and what does not."""

from pathlib import Path

import pandas as pd
import pytest

from pipeline.passages import released_passages
from pipeline.studies import load_study
from pipeline.validation import read_table
from tests.unit.coded_folder import change, write_coded


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_coded(tmp_path / "raw")


def released(folder: Path) -> dict[str, pd.DataFrame]:
    study = load_study(folder)
    return released_passages(study, {t: read_table(folder, study, t) for t in ("sections", "segments", "codings")})


def segments(folder: Path) -> pd.DataFrame:
    return released(folder)["segments"].set_index("segment")


def test_each_frame_says_which_study_it_is_of(folder: Path) -> None:
    frames = released(folder)
    assert set(frames) == {"documents", "sections", "segments", "codings"}
    assert {column for frame in frames.values() for column in frame.columns[:1]} == {"study"}
    assert {study for frame in frames.values() for study in frame["study"]} == {"quay"}


def test_participants_and_evaluators_count_and_a_vignette_illustrates(folder: Path) -> None:
    found = segments(folder)
    assert found["counts"].to_dict() == {"trust-1": True, "trust-2": True, "story-1": False}
    assert found["illustration"].to_dict() == {"trust-1": False, "trust-2": False, "story-1": True}


@pytest.mark.parametrize(
    "basis",
    [
        "author-interpretation",
        "recommendation",
        "literature",
        "promotional",
        "commentary",
        "limitation",
        "description",
    ],
)
def test_every_other_basis_stands_apart(basis: str, folder: Path) -> None:
    change(folder / "segments.csv", "evaluator-finding", basis)
    assert segments(folder)["counts"].to_dict() == {"trust-1": True, "trust-2": False, "story-1": False}


def test_printed_figures_told_in_words_are_no_second_witness(folder: Path) -> None:
    change(folder / "segments.csv", "peer-workers,alder,,no,yes", "peer-workers,alder,,yes,yes")
    found = segments(folder)
    assert not found.loc["trust-1", "counts"]
    assert found.loc["trust-2", "counts"]


def test_the_summary_of_a_passage_that_is_not_releasable_stays(folder: Path) -> None:
    change(folder / "segments.csv", "peer-workers,alder,,no,yes", "peer-workers,alder,,no,no")
    found = segments(folder)
    assert found.loc["trust-1", "summary"] == ""
    assert found.loc["trust-2", "summary"] == "Hardly anybody doubted it."
    assert found.loc["trust-1", "counts"]


def test_sections_have_their_number_of_passages(folder: Path) -> None:
    found = released(folder)["sections"].set_index("section")
    assert found["segments"].to_dict() == {"title": 0, "trust": 2, "story": 1}
    assert found["title"].tolist() == ["Title page", "Trust", "A story"]


def test_documents_are_described_and_no_pseudonym_or_checksum_goes_out(folder: Path) -> None:
    found = released(folder)["documents"]
    assert found["document"].tolist() == ["report", "story"]
    assert found["part_of"].tolist()[1] == "report"
    assert "Robin" not in found.to_csv()
    assert "sha256" not in found


OWN = "analyses:\n  themes: {unit: segment}\n"


@pytest.mark.parametrize(
    ("declared", "stay"),
    [("", False), (OWN, True), (OWN + "disclosure: {minimum_cell: null, reason: all is public}\n", False)],
    ids=["not counted", "counted and protected", "counted and public"],
)
def test_passages_stay_where_they_would_tell_the_counts_that_the_gate_withholds(
    declared: str, stay: bool, folder: Path
) -> None:
    path = folder / "study.yml"
    path.write_text(path.read_text(encoding="utf-8") + declared, encoding="utf-8")
    frames = released(folder)
    assert set(frames) == {"documents", "sections"} | (set() if stay else {"segments", "codings"})
    assert "Trust" in frames["sections"]["title"].tolist()
