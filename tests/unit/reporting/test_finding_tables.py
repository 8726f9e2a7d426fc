"""Tables of synthesised findings and their evidence, on a small synthesis as the assets release it."""

from pathlib import Path

import pytest
import yaml

from pipeline.assets import synthesis as assets
from pipeline.graph import Node
from pipeline.problems import ProblemsFoundError
from pipeline.reporting import finding_tables as tables
from pipeline.reporting.images import NotReleasedError
from pipeline.reporting.synthesis import Synthesis
from pipeline.store import Project
from tests.unit.reporting.synthesis_declared import SYNTHESIS
from tests.unit.reporting.synthesis_release import released_synthesis


@pytest.fixture(scope="module")
def synthesis(tmp_path_factory: pytest.TempPathFactory) -> Synthesis:
    return Synthesis(released_synthesis(tmp_path_factory.mktemp("synthesis")))


def rows(table: object) -> list[list[str]]:
    """Cells of a pipe table, without its header."""
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in str(table).splitlines()[2:]]


def test_a_finding_in_words_with_its_level_of_confidence(synthesis: Synthesis) -> None:
    assert tables.statement(synthesis, "trusted") == "Trust helps."
    assert tables.confidence(synthesis, "trusted") == "moderate; judged before mill was added"
    assert tables.confidence(synthesis, "rested") == "not judged"


@pytest.mark.parametrize("ask", [tables.statement, tables.confidence, tables.reasons])
def test_a_finding_that_is_not_there_names_those_that_are(synthesis: Synthesis, ask) -> None:
    with pytest.raises(LookupError, match="no synthesised finding 'trused'; there are: trusted, rested"):
        ask(synthesis, "trused")


def test_findings_with_the_weight_of_their_evidence(synthesis: Synthesis) -> None:
    trusted, rested = rows(tables.findings(synthesis))
    # For: heard, said; against: doubt; printed; apart: advice, tale. That peers were tired is another subject.
    assert trusted == [
        "**Being trusted.** Trust helps.",
        "Moderate; judged before mill was added",
        "2 independent sources: 2 passages for, 1 against, 1 figure for, 2 apart",
    ]
    assert rested == ["**Rest.** Rest helps.", "Not judged", "no independent sources: no passages for"]
    assert rows(tables.findings(synthesis, "moderate", "high")) == [trusted]


def test_the_profile_has_a_column_for_each_component_and_the_reason(synthesis: Synthesis) -> None:
    table = tables.profiles(synthesis)
    assert str(table).startswith("| Finding | Methods | Coherence | Adequacy | Relevance | Confidence |")
    assert rows(table) == [
        [
            "Being trusted", "serious", "none", "minor", "minor",
            "Moderate; judged before mill was added. Two say so.",
        ],
        ["Rest", "–", "–", "–", "–", "Not judged."],
    ]  # fmt: skip


def test_each_concern_has_its_reason(synthesis: Synthesis) -> None:
    assert tables.reasons(synthesis, "trusted") == (
        "*Methods: serious.* No method is told. *Coherence: none or very minor.* Nobody differs. "
        "*Adequacy: minor.* Little is known. *Relevance: minor.* Little is known."
    )
    assert tables.reasons(synthesis, "rested") == ""


def test_passages_for_against_and_apart_say_who_is_heard_and_name_their_id(synthesis: Synthesis) -> None:
    text = str(tables.evidence(synthesis, "trusted"))
    parts = [part.strip() for part in text.replace("Against:", "Apart:").split("Apart:")]
    assert parts[0].splitlines() == [
        "For:",
        "",
        "- *Quay; peer support workers (participants):* Peers felt trusted. (`heard`)",
        "- *Quay; service users (printed figures):* Half were hopeful. (`print`)",
        "- *Mill; service users (participants):* Users found hope. (`said`)",
    ]
    assert parts[1] == (
        "- *Quay; programme staff, peer support workers (evaluators’ finding):* Some staff had doubts. (`doubt`)"
    )
    assert parts[2].splitlines() == [
        "- *Quay; advice:* Trust peers. (`advice`)",
        "- *Quay; composite vignette:* Robin made tea. (`tale`)",
    ]


def test_what_is_off_the_subject_or_fictional_is_no_evidence(synthesis: Synthesis) -> None:
    text = str(tables.evidence(synthesis, "trusted"))
    assert "Peers were tired" not in text  # the mill's finding rests on it too, and it is about strain
    assert "All is well" not in text


def test_the_appendix_has_a_heading_for_each_finding_with_evidence(synthesis: Synthesis) -> None:
    text = str(tables.all_evidence(synthesis))
    head, _, level, *_ = text.split("\n\n")
    assert head.startswith("### Being trusted {.unnumbered")
    assert level.startswith("Confidence: moderate; judged before mill was added. Two say so. *Methods: serious.* No")
    assert str(tables.evidence(synthesis, "trusted")) in text
    assert [line for line in text.splitlines() if line.startswith("#")] == [head]
    assert "Rest helps" not in text


def test_codes_that_no_finding_is_about_are_told(synthesis: Synthesis) -> None:
    assert str(tables.unjudged(synthesis)) == "Told, and not judged here: ease (1 passage), strain (1 passage)."


def findings_of(project: Project, declared: dict[str, object]) -> None:
    """Make the findings anew from another synthesis file."""
    path = project.raw / "_shared" / "synthesis.yml"
    path.write_text(yaml.safe_dump(declared, sort_keys=False), encoding="utf-8")
    assets.findings(Node(("synthesis", "findings"), "synthesis", "", "", inputs=(path,)), project)


def test_where_every_code_has_a_finding_nothing_is_left(tmp_path: Path) -> None:
    project = released_synthesis(tmp_path)
    first, second = SYNTHESIS["findings"]
    findings_of(project, SYNTHESIS | {"findings": [first, second | {"codes": ["ease", "strain", "rest"]}]})
    assert str(tables.unjudged(Synthesis(project))).startswith("Every factor, mechanism, outcome and harm")


def test_a_passage_for_and_against_a_finding_stops_with_its_name(tmp_path: Path) -> None:
    project = released_synthesis(tmp_path)
    path = project.release / "findings.csv"
    text = path.read_text(encoding="utf-8")
    assert text.count(",doubt\n") == 1
    path.write_text(text.replace(",doubt\n", ",doubt ; heard\n"), encoding="utf-8")
    with pytest.raises(ProblemsFoundError, match="quay/heard is both for and against 'trusted'"):
        findings_of(project, SYNTHESIS)


def test_what_is_not_released_yet_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotReleasedError, match="'findings' is not released yet: run `peerscope run`"):
        tables.findings(Synthesis(Project(tmp_path, tmp_path / "outputs")))
