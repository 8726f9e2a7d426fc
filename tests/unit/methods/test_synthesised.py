"""Synthesised findings beside their evidence: what a study brings, what its going away changes, who has signed."""

from typing import Any

import pandas as pd
import pytest

from pipeline.methods.synthesised import (
    NO_EVIDENCE,
    arrows_table,
    findings_table,
    judgements_table,
    recommendations_table,
    review_status,
    rubrics_table,
    steps_table,
)
from schemas.findings import NOT_REVIEWED
from schemas.synthesis import COMPONENTS, Signature, Synthesis
from tests.unit.methods.synthesis_content import (
    CONFIDENCE,
    CONTENT,
    MILL,
    QUAY,
    ROLES,
    SEGMENTS,
    SIGNED,
    SYNTHESIS,
    WHARF,
    evidence,
)
from tests.unit.methods.synthesis_frames import STUDIES, passages


def finding(
    *rows: tuple[str, str, str, str, str], name: str = "trust", synthesis: Synthesis = SYNTHESIS
) -> pd.Series:
    table = findings_table(synthesis, evidence(*rows))
    return table.set_index("finding").loc[name]


def changed(**more: Any) -> Synthesis:
    return Synthesis.model_validate(CONTENT | more)


def test_a_study_whose_passages_are_all_off_the_subject_brings_nothing_to_a_finding() -> None:
    row = finding(MILL, ("quay", "f1", "trust", "aside", ""))
    assert (row["studies"], row["changed"]) == ("mill", "judged with quay, which no longer contributes")


def test_a_finding_keeps_its_title() -> None:
    assert findings_table(SYNTHESIS, evidence(QUAY))["title"].tolist() == ["Trust", "Rest"]


def test_what_is_counted_of_a_finding() -> None:
    row = finding(QUAY, MILL, WHARF)
    assert (row["supporting"], row["disconfirming"]) == (3, 1)  # said three times; doubted
    assert (row["figures"], row["apart"]) == (1, 2)  # printed; advice and the tale
    assert row["studies"] == "mill ; quay ; wharf"
    assert (row["counted_studies"], row["families"]) == (3, 2)  # quay and wharf are of one family
    assert row["codes"] == "trust ; ease"


def test_advice_alone_makes_no_source() -> None:
    row = finding(MILL, ("quay", "f1", "trust", "advice", ""))
    assert (row["studies"], row["counted_studies"], row["families"]) == ("mill ; quay", 1, 1)


def test_only_figures_on_participants_outside_of_vignettes_are_figures() -> None:
    row = finding(("quay", "f1", "trust", "printed ; tale-figure ; cited-figure", ""))
    assert (row["supporting"], row["figures"], row["apart"]) == (0, 1, 2)


def test_a_judgement_stands_with_its_reasons() -> None:
    row = finding(QUAY, MILL)
    assert (row["level"], row["reason"], row["changed"]) == ("moderate", "All in all.", "")
    assert [row[f"{name}_concern"] for name in COMPONENTS] == ["minor"] * 4
    assert row["coherence_reason"] == "on coherence"
    assert row.notna().all()


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ((QUAY, MILL), ""),
        ((QUAY, MILL, WHARF), "judged before wharf was added"),
        ((MILL,), "judged with quay, which no longer contributes"),
        ((WHARF,), "judged before wharf was added; judged with mill, quay, which no longer contributes"),
    ],
)
def test_a_study_that_comes_or_goes_is_told(rows: tuple[tuple[str, str, str, str, str], ...], told: str) -> None:
    row = finding(*rows)
    assert row["changed"] == told
    assert row["level"] == "moderate"


def test_a_finding_without_evidence_keeps_no_level() -> None:
    row = finding(("quay", "f1", "rest", "said", ""))
    assert (row["level"], row["studies"], row["supporting"]) == (NO_EVIDENCE, "", 0)


def test_a_finding_that_nobody_judged() -> None:
    row = finding(QUAY, name="rest")
    assert (row["level"], row["status"], row["coherence_concern"]) == ("not judged", NOT_REVIEWED, "")


def test_no_study_at_all() -> None:
    assert findings_table(SYNTHESIS, evidence())["level"].tolist() == [NO_EVIDENCE, "not judged"]


@pytest.mark.parametrize(
    ("signatures", "status", "to_sign"),
    [
        ([], NOT_REVIEWED, " ; ".join(ROLES)),
        (SIGNED[:1], NOT_REVIEWED, ROLES[1]),
        ([SIGNED[0], SIGNED[0]], NOT_REVIEWED, ROLES[1]),
        ([{**SIGNED[0], "role": "friend"}, SIGNED[1]], NOT_REVIEWED, ROLES[0]),
        (SIGNED, "reviewed", ""),
        (SIGNED[::-1], "reviewed", ""),
    ],
)
def test_reviewed_once_every_role_has_signed(signatures: list[dict[str, str]], status: str, to_sign: str) -> None:
    found = review_status([Signature.model_validate(one) for one in signatures], ROLES)
    assert (found["status"], found["to_sign"]) == (status, to_sign)


def test_signatures_reach_every_kind_of_judgement() -> None:
    signed = {"signatures": SIGNED}
    criteria = [one | signed for one in CONTENT["rubrics"][0]["criteria"]]
    synthesis = changed(
        findings=[{**CONTENT["findings"][0], "confidence": CONFIDENCE | signed}],
        judgements=[CONTENT["judgements"][0] | signed],
        rubrics=[CONTENT["rubrics"][0] | {"criteria": criteria}],
        recommendations=[CONTENT["recommendations"][0] | signed | {"findings": ["trust"]}],
    )
    for one, status in ((SYNTHESIS, NOT_REVIEWED), (synthesis, "reviewed")):
        found = findings_table(one, evidence(QUAY))
        tables = [
            found[found["finding"] == "trust"],
            judgements_table(one),
            rubrics_table(one, found),
            recommendations_table(one, found, SEGMENTS, STUDIES),
        ]
        assert {text for table in tables for text in table["status"]} == {status}
    assert tables[1]["signed_by"].tolist() == [
        "A. Person, evaluator, 2026-01-31 ; A. Person, reviewer with lived experience, 2026-01-31"
    ]


def test_a_recommendation_that_lost_all_of_its_evidence_says_so() -> None:
    def basis(*rows: tuple[str, str, str, str, str]) -> str:
        found = findings_table(SYNTHESIS, evidence(*rows))
        return str(recommendations_table(SYNTHESIS, found, SEGMENTS, STUDIES)["basis"].iloc[0])

    assert basis(QUAY) == ""
    assert basis(("quay", "f1", "rest", "said", "")) == ""
    assert basis(("quay", "f1", "", "said", "")) == NO_EVIDENCE
    more = {**CONTENT["recommendations"][0], "recommendation": "rest", "findings": ["rest"]}
    synthesis = changed(recommendations=[*CONTENT["recommendations"], more])
    found = findings_table(synthesis, evidence(QUAY))
    assert recommendations_table(synthesis, found, SEGMENTS, STUDIES)["basis"].tolist() == ["", NO_EVIDENCE]


def test_a_recommendation_names_the_advice_that_is_present_and_not_made_up() -> None:
    found = findings_table(SYNTHESIS, evidence(QUAY))
    assert recommendations_table(SYNTHESIS, found, SEGMENTS, STUDIES)["segments"].tolist() == ["quay/advice"]


def test_a_criterion_is_judged_only_while_a_finding_has_evidence() -> None:
    def judged(*rows: tuple[str, str, str, str, str]) -> list[str]:
        return rubrics_table(SYNTHESIS, findings_table(SYNTHESIS, evidence(*rows)))["judgement"].tolist()

    assert judged(QUAY) == ["good", "can't be judged"]
    assert judged() == [NO_EVIDENCE, "can't be judged"]


def test_a_criterion_shows_its_standards_best_first() -> None:
    row = rubrics_table(SYNTHESIS, findings_table(SYNTHESIS, evidence(QUAY))).iloc[0]
    assert row["standards"] == "good: all know ; bad: nobody knows"
    assert (row["rubric"], row["question"], row["findings"]) == ("enough", "Is it enough?", "trust ; rest")
    assert row["answer"] == "Nearly."


def test_arrows_show_what_they_rest_on_and_keep_without_it() -> None:
    table = arrows_table(SYNTHESIS, SEGMENTS, STUDIES)
    assert table["number"].tolist() == [1, 2, 3, 4]
    assert table["segments"].tolist() == ["quay/said ; wharf/said", "quay/advice", "", ""]
    assert table["counted"].tolist() == [2, 0, 0, 0]
    assert table["bases"].tolist() == ["participant-data", "recommendation", "", ""]
    assert table["end_label"].tolist() == ["B", "C", "A", "C"]


def test_sources_of_an_arrow_are_those_of_its_evidence() -> None:
    assert arrows_table(SYNTHESIS, SEGMENTS, STUDIES)["families"].tolist() == [1, 0, 0, 0]  # quay, wharf; advice only


def test_an_arrow_that_no_document_draws_is_ours_and_one_whose_study_is_away_is_not() -> None:
    assert arrows_table(SYNTHESIS, SEGMENTS, STUDIES)["ours"].tolist() == [False, False, False, True]


def test_steps_name_the_passages_that_tell_of_them() -> None:
    table = steps_table(SYNTHESIS, SEGMENTS, STUDIES)
    assert table[["circle", "step", "label"]].to_numpy().tolist() == [["v", s, s.upper()] for s in "abc"]
    assert table["segments"].tolist() == ["quay/said ; quay/advice", "", ""]  # neither gone nor made up


def test_arrows_of_absent_studies_all_keep() -> None:
    table = arrows_table(SYNTHESIS, passages(), STUDIES.iloc[:0])
    assert table["counted"].tolist() == [0, 0, 0, 0]
    assert table["segments"].tolist() == ["", "", "", ""]
    assert steps_table(SYNTHESIS, passages(), STUDIES.iloc[:0])["segments"].tolist() == ["", "", ""]


def test_what_is_not_declared_has_columns_and_no_rows() -> None:
    bare = changed(findings=[], judgements=[], rubrics=[], recommendations=[], circles=[])
    found = findings_table(bare, evidence(QUAY))
    assert judgements_table(bare).empty
    assert "judgement" in judgements_table(bare)
    assert "level" in findings_table(bare, evidence(QUAY))
    assert rubrics_table(bare, found).empty
    assert recommendations_table(bare, found, SEGMENTS, STUDIES).empty
    assert "ours" in arrows_table(bare, SEGMENTS, STUDIES)
    assert "step" in steps_table(bare, SEGMENTS, STUDIES)
