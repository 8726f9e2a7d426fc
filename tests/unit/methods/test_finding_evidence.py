"""Which passages of the studies are evidence for a synthesised finding, and which are brought both ways."""

import pandas as pd

from pipeline.methods.synthesised import both_ways, finding_evidence
from tests.unit.methods.synthesis_content import CODINGS, MILL, QUAY, SEGMENTS, SYNTHESIS, evidence, studied
from tests.unit.methods.synthesis_frames import STUDIES, codings, passages


def test_a_finding_has_the_passages_that_studies_bring_to_it() -> None:
    found = evidence(QUAY, ("quay", "f2", "", "said", ""), ("mill", "f1", "rest ; trust", "said", ""))
    rows = found[["finding", "study", "segment", "direction"]].to_numpy().tolist()
    assert sorted(rows) == [
        ["rest", "mill", "said", "supporting"],
        ["trust", "mill", "said", "supporting"],
        ["trust", "quay", "advice", "supporting"],
        ["trust", "quay", "doubted", "disconfirming"],
        ["trust", "quay", "printed", "supporting"],
        ["trust", "quay", "said", "supporting"],
        ["trust", "quay", "tale", "supporting"],
    ]


def test_a_passage_that_two_findings_of_a_study_bring_is_one() -> None:
    assert len(evidence(MILL, ("mill", "f2", "trust", "said", ""))) == 1


def brought(coded: pd.DataFrame, *rows: tuple[str, str, str, str, str]) -> list[str]:
    """Segments that are evidence for trust, whose codes are trust and ease."""
    found = finding_evidence(SYNTHESIS, studied(*rows), SEGMENTS, coded, STUDIES)
    return found.loc[found["finding"] == "trust", "segment"].tolist()


def test_a_passage_off_the_subject_is_no_evidence() -> None:
    row = ("quay", "f1", "trust", "said ; aside", "doubted")
    assert brought(CODINGS, row) == ["said", "doubted"]
    assert brought(codings(("quay", "said", "hope", "supports")), row) == ["doubted"], "objections are always kept"


def test_one_of_the_codes_of_a_finding_is_enough_whatever_else_a_passage_carries() -> None:
    coded = codings(("quay", "aside", "hope", "supports"), ("quay", "aside", "ease", "describes"))
    both = pd.concat([coded, coded.assign(coder="coder-2"), codings(("quay", "aside", "trust", "hinders"))])
    assert brought(coded, ("quay", "f1", "trust", "aside", "")) == ["aside"]
    assert brought(both, ("quay", "f1", "trust", "aside", "")) == ["aside"]


def test_a_code_of_another_study_brings_nothing() -> None:
    coded = codings(("mill", "said", "trust", "supports"))
    assert brought(coded, ("quay", "f1", "trust", "said", ""), MILL) == ["said"]
    assert brought(coded, ("quay", "f1", "trust", "said", "")) == []


def test_a_finding_that_names_no_code_takes_every_passage() -> None:
    found = evidence(("quay", "f1", "rest ; trust", "said ; aside", ""))
    assert found.loc[found["finding"] == "rest", "segment"].tolist() == ["said", "aside"]
    assert found.loc[found["finding"] == "trust", "segment"].tolist() == ["said"]


def test_a_passage_brought_for_and_against_is_named() -> None:
    assert both_ways(evidence(QUAY, MILL)) == []
    assert both_ways(evidence(("quay", "f1", "trust", "said ; advice", "said"))) == [
        "quay/said is both for and against 'trust'"
    ]
    two_findings = (("quay", "f1", "rest ; trust", "said", ""), ("quay", "f2", "trust", "", "said"))
    assert both_ways(evidence(*two_findings)) == ["quay/said is both for and against 'trust'"]


def test_one_finding_may_take_what_speaks_against_another() -> None:
    assert both_ways(evidence(("quay", "f1", "trust", "said", ""), ("quay", "f2", "rest", "", "said"))) == []
    assert both_ways(evidence(MILL, ("quay", "f1", "trust", "", "said"))) == []  # other studies, same segment name
    assert both_ways(evidence(("quay", "f1", "trust", "aside", "aside"))) == []  # no evidence for trust at all


def test_a_fictional_study_brings_nothing() -> None:
    assert evidence(("made-up", "f1", "trust", "said", "")).empty


def test_no_study_at_all_brings_nothing() -> None:
    nothing = finding_evidence(SYNTHESIS, studied(), passages(), codings(), STUDIES.iloc[:0])
    assert nothing.empty
    assert {"finding", "segment", "direction", "counts"} <= set(nothing.columns)
    assert both_ways(nothing) == []
