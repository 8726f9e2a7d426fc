"""Tables of the synthesis report, on a small synthesis as the assets release it."""

import shutil
from pathlib import Path

import pytest

from pipeline.reporting import synthesis_tables as tables
from pipeline.reporting.images import NotReleasedError
from pipeline.reporting.synthesis import Synthesis
from pipeline.store import Project
from tests.unit.reporting.synthesis_release import released_synthesis


@pytest.fixture(scope="module")
def synthesis(tmp_path_factory: pytest.TempPathFactory) -> Synthesis:
    return Synthesis(released_synthesis(tmp_path_factory.mktemp("synthesis")))


def rows(table: object) -> list[list[str]]:
    """Cells of a pipe table, without its header."""
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in str(table).splitlines()[2:]]


def test_studies_that_enter_and_what_they_bring(synthesis: Synthesis) -> None:
    assert rows(tables.studies(synthesis)) == [
        ["Mill (CA, NO)", "Our page (web page by unknown, no date)", "The provider's own page.", "2 of 3"],
        ["Quay (NZ)", "The report (report by evaluators, 2014)", "–", "2 of 5"],
    ]
    assert tables.studies_count(synthesis) == "2"
    assert tables.families_count(synthesis) == "2"
    assert tables.passages_count(synthesis) == "8"
    assert tables.passages_count(synthesis, counting=True) == "4"


def test_studies_of_one_source_are_named_as_such_in_words(synthesis: Synthesis, tmp_path: Path) -> None:
    assert tables.families(synthesis) == ""
    shutil.copytree(synthesis.project.release, tmp_path / "outputs" / "release")
    project = Project(tmp_path, tmp_path / "outputs")
    path = project.release / "studies.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("family-m", "family-q"), encoding="utf-8")
    assert tables.families(Synthesis(project)) == "Quay and Mill count as one source"
    assert tables.families_count(Synthesis(project)) == "1"


def test_what_is_reviewed_and_who_has_to_sign(synthesis: Synthesis) -> None:
    assert tables.reviewed_count(synthesis) == "0"
    assert tables.to_sign(synthesis) == "one evaluator and one reviewer with lived experience"


def test_the_framework_counts_sources_and_what_stands_apart(synthesis: Synthesis) -> None:
    trust, ease = rows(tables.framework(synthesis, "factor", "mechanism"))
    # For: heard; against: doubt; the advice and the promotion stand apart, the vignette nowhere.
    assert trust == ["Trust", "1", "1", "1", "0", "2", "peer support workers, programme staff"]
    assert ease == ["Ease", "1", "0", "0", "1", "0", "service users"]


def test_a_rubric_with_its_standards(synthesis: Synthesis) -> None:
    assert rows(tables.rubric(synthesis, "enough")) == [
        ["What is known", "Weak", "Few were asked.", "Being trusted"],
        ["Cost", "No evidence in the studies present", "Nobody asked.", "Rest"],
    ]
    assert tables.rubric_answer(synthesis, "enough") == "Not yet: few were asked."
    assert [row[:2] for row in rows(tables.standards(synthesis, "enough"))] == [
        ["What is known", "Good"], ["", "Weak"], ["Cost", "Good"], ["", "Weak"],
    ]  # fmt: skip
    assert rows(tables.standards(synthesis, "enough"))[1][2] == "Little is known"


def test_recommendations_say_who_advises_the_same_and_what_lost_its_evidence(synthesis: Synthesis) -> None:
    assert rows(tables.recommendations(synthesis)) == [
        ["Trust them.", "managers", "first", "Being trusted", "Quay"],
        ["Let them rest. (no evidence in the studies present)", "funders", "later", "Rest", "none: our own"],
    ]
    assert len(rows(tables.recommendations(synthesis, ("first", "next")))) == 1


def test_links_of_a_circle_with_what_states_them(synthesis: Synthesis) -> None:
    assert rows(tables.arrows(synthesis, "good")) == [
        [
            "1. Step a → Step b",
            "Peers felt trusted. (Quay; participants) Users found hope. (Mill; participants)",
        ],
        ["2. Step b → Step c", "Trust peers. (Quay; advice)"],
        ["3. Step c → Step a", "nothing in the studies present"],
        ["4. Step c → Step b", "nothing: our own link, drawn in no document"],
    ]


def test_steps_of_a_circle_with_what_tells_of_them(synthesis: Synthesis) -> None:
    assert rows(tables.steps(synthesis, "good")) == [
        ["Step a", "Peers felt trusted. (Quay; participants) Our work is grand. (Mill; promotion)"],
        ["Step b", "nothing"],  # told of by a fictional study only
        ["Step c", "Robin made tea. (Quay; composite vignette) Half were hopeful. (Quay; printed figures)"],
    ]


def test_sections_that_are_not_coded_have_a_reason(synthesis: Synthesis) -> None:
    assert rows(tables.sections(synthesis)) == [
        ["Quay", "1", "5", "Cover (nothing but a title)"],
        ["Mill", "1", "3", "none"],
    ]


def test_what_is_not_released_yet_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotReleasedError, match="'rubrics' is not released yet: run `peerscope run`"):
        tables.rubric(Synthesis(Project(tmp_path, tmp_path / "outputs")), "enough")


def test_a_figure_of_the_synthesis_is_found_by_its_name(synthesis: Synthesis) -> None:
    text = str(synthesis.figure("circle-good"))
    assert text.startswith("![The good circle. Numbers lead to the passages that state each link")
    alt = "The good circle: Step a → Step b → Step c. Participants or evaluators state 1 of 4 links."
    assert f'fig-alt="{alt}"' in text
