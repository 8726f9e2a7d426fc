"""Figures beside words in the synthesis report, on a small synthesis as the assets release it."""

import shutil
from pathlib import Path

import pytest

from pipeline.reporting import joint_tables
from pipeline.reporting.synthesis import Synthesis
from pipeline.store import Project
from tests.unit.reporting.synthesis_release import released_synthesis


@pytest.fixture(scope="module")
def synthesis(tmp_path_factory: pytest.TempPathFactory) -> Synthesis:
    return Synthesis(released_synthesis(tmp_path_factory.mktemp("synthesis")))


def rows(table: object) -> list[list[str]]:
    """Cells of a pipe table, without its header."""
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in str(table).splitlines()[2:]]


def test_figures_stand_in_one_line_beside_the_words_and_the_judgement(synthesis: Synthesis) -> None:
    assert rows(joint_tables.joint_display(synthesis)) == [
        [
            "Hope",
            "Quay (Survey): More hopeful: 40% (Round 1, n = 50), 51% (Round 2, n = 50)",
            "1 passage (1 for; 1 source: Mill)",
            "Agree in part: Words say more.",
        ],
        [
            "Calm",
            "Quay (Survey): Calmer: 60% yes, 30% to some extent, 10% no (n = 50)",
            "none that count",
            "No words",
        ],
        ["Work", "Mill: 12; apart (promotion): Mill: more than 90%", "none that count", "No words"],
    ]


def test_harms_have_a_table_of_their_own(synthesis: Synthesis) -> None:
    assert rows(joint_tables.joint_display(synthesis, "harm")) == [
        ["Strain", "none", "1 passage (1 for; 1 source: Mill)", "No figures"]
    ]
    assert rows(joint_tables.figures(synthesis, "harm")) == []


def test_a_promotional_figure_is_no_figure_of_the_display(synthesis: Synthesis) -> None:
    work = synthesis.joint_display.set_index("code").loc["work"]
    assert (work["figures"], work["apart"]) == (1, 1)


def test_figures_in_a_sentence_of_all_studies_or_one(synthesis: Synthesis) -> None:
    calm = "Quay (Survey): Calmer: 60% yes, 30% to some extent, 10% no (n = 50)"
    assert joint_tables.in_figures(synthesis, "calm") == calm
    assert joint_tables.in_figures(synthesis, "calm", "quay") == calm
    assert joint_tables.in_figures(synthesis, "calm", "mill") == "none"
    assert joint_tables.in_figures(synthesis, "work") == "Mill: 12; apart (promotion): Mill: more than 90%"


def test_every_figure_as_printed_beside_what_was_recomputed(synthesis: Synthesis) -> None:
    table = joint_tables.figures(synthesis)
    assert "| Printed | Value (95% interval) | n | p, adjusted |" in str(table)
    assert rows(table) == [
        ["Hope", "Quay, More hopeful, Round 1: Yes", "–", "40% (30 to 50)", "50", "–"],
        ["", "Quay, More hopeful, Round 2: Yes", "51%", "50% (40 to 60)", "50", "–"],
        ["", "Quay, More hopeful, Round 2, difference from Round 1 in points", "–", "+10 (−2 to 22)", "–", "0.040"],
        ["Calm", "Quay, Calmer, Round 1: Yes", "–", "60%", "50", "–"],
        ["", "Quay, Calmer, Round 1: To some extent", "–", "30%", "50", "–"],
        ["", "Quay, Calmer, Round 1: No", "–", "10%", "50", "–"],
        ["Work", "Mill, Round 1", "12", "as printed", "–", "–"],
        ["", "Mill (promotion)", "more than 90%", "as printed", "–", "–"],
    ]


def test_a_project_whose_studies_state_no_figures_has_none_as_printed(synthesis: Synthesis, tmp_path: Path) -> None:
    shutil.copytree(synthesis.project.release, tmp_path / "outputs" / "release")
    project = Project(tmp_path, tmp_path / "outputs")
    (project.release / "claims.csv").unlink()
    assert {row[2] for row in rows(joint_tables.figures(Synthesis(project)))} == {"–"}


def test_decisions_are_told_by_reason_and_of_real_studies_only(synthesis: Synthesis) -> None:
    assert rows(joint_tables.decisions(synthesis)) == [
        ["Not pooled: given for all services together only", "Hope, Calm"],
        ["Not pooled: a figure as published, without the counts behind it", "Work"],
        ["Not pooled: no figures", "Home"],
    ]
