"""The synthesis file: what it names exists, unless its study was taken away."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from pipeline.findings import read_findings, require
from pipeline.methods.synthesised import both_ways, finding_evidence
from pipeline.passages import released_passages
from pipeline.problems import Problem, ProblemsFoundError
from pipeline.studies import load_study, study_codes, study_folders, synthesis_file
from pipeline.synthesis_file import read_synthesis, require_known, require_one_way
from pipeline.validation import read_codebook, read_table
from schemas.study import CODED
from schemas.synthesis import COMPONENTS, LEVELS, Synthesis

RAW = Path(__file__).parents[2] / "raw"

CONTENT: dict[str, Any] = {
    "title": "T",
    "question": "Q?",
    "review": {"roles": ["evaluator"]},
    "findings": [{"finding": "trust-helps", "title": "Trust", "statement": "Trust helps.", "codes": ["trust"]}],
    "judgements": [{"code": "hope", "judgement": "agree", "reason": "Both say so."}],
    "rubrics": [
        {
            "rubric": "r",
            "question": "Enough?",
            "criteria": [
                {
                    "criterion": "c",
                    "label": "C",
                    "standards": {"good": "g", "bad": "b"},
                    "findings": ["trust-helps"],
                    "reason": "So it is.",
                }
            ],
        }
    ],
    "recommendations": [
        {
            "recommendation": "give-trust",
            "statement": "Trust peers.",
            "findings": ["trust-helps"],
            "segments": ["quay/trust-1"],
            "owner": "managers",
            "priority": "first",
        }
    ],
    "circles": [
        {
            "circle": "v",
            "title": "V",
            "kind": "virtuous",
            "steps": [{"step": s, "label": s, "segments": ["quay/trust-3"]} for s in "abc"],
            "arrows": [
                {"start": a, "end": b, "segments": ["quay/trust-2"]} for a, b in (("a", "b"), ("b", "c"), ("c", "a"))
            ],
        }
    ],
}
FINDINGS = pd.DataFrame([{"study": "quay", "finding": "f", "synthesis": "trust-helps"}])
SEGMENTS = pd.DataFrame(
    [("quay", "trust-1"), ("quay", "trust-2"), ("quay", "trust-3"), ("harbour", "hope-1")],
    columns=["study", "segment"],
)
CODES = ["trust", "hope"]


def synthesis(old: str = "", new: str = "") -> Synthesis:
    text = yaml.safe_dump(CONTENT)
    assert old in text
    return Synthesis.model_validate(yaml.safe_load(text.replace(old, new, 1) if old else text))


def problems(call: Callable[[], object]) -> list[Problem]:
    with pytest.raises(ProblemsFoundError) as caught:
        call()
    return list(caught.value.problems)


def test_what_is_known_passes() -> None:
    require_known(synthesis(), FINDINGS, SEGMENTS, CODES, "synthesis.yml")


@pytest.mark.parametrize(
    ("old", "new", "rule", "remedy"),
    [
        (
            "findings:\n  - trust-helps\n  owner",
            "findings: [trust-hlps]\n  owner",
            "recommendation 'give-trust' names no known synthesised finding: trust-hlps",
            "'trust-helps'",
        ),
        (
            "findings:\n    - trust-helps\n    label",
            "findings: [trust-hlps]\n    label",
            "criterion 'c' names no known synthesised finding: trust-hlps",
            "'trust-helps'",
        ),
        ("- trust\n", "- turst\n", "finding 'trust-helps' names no known code: turst", "'trust'"),
        ("code: hope", "code: hpoe", "judgement on 'hpoe' names no known code: hpoe", "'hope'"),
        ("- quay/trust-1", "- quay/trust-11", "recommendation 'give-trust' names no known passage", "'quay/trust-1'"),
        ("- quay/trust-2", "- quay/turst-2", "circle 'v' names no known passage", "'quay/trust-2'"),
        ("- quay/trust-3", "- quay/turst-3", "circle 'v' names no known passage", "'quay/trust-3'"),
    ],
)
def test_what_is_unknown_stops_with_the_nearest(old: str, new: str, rule: str, remedy: str) -> None:
    changed = synthesis(old, new)
    (found,) = problems(lambda: require_known(changed, FINDINGS, SEGMENTS, CODES, "synthesis.yml"))
    assert rule in found.rule
    assert remedy in found.remedy
    assert found.file == "synthesis.yml"


def test_a_finding_of_a_study_that_names_no_synthesised_finding_is_told_in_its_own_file() -> None:
    wrong = FINDINGS.assign(synthesis="trust-helps ; trust-helsp")
    (found,) = problems(lambda: require_known(synthesis(), wrong, SEGMENTS, CODES, "synthesis.yml"))
    assert found.file == "quay/findings.yml"
    assert found.rule == "finding 'f' names no known synthesised finding: trust-helsp"
    assert "'trust-helps'" in found.remedy


def test_a_finding_that_contributes_to_nothing_is_no_mistake() -> None:
    require_known(synthesis(), FINDINGS.assign(synthesis=""), SEGMENTS, CODES, "synthesis.yml")


def test_an_absent_study_is_no_mistake() -> None:
    left = SEGMENTS[SEGMENTS["study"] != "quay"]
    require_known(synthesis(), FINDINGS.iloc[:0], left, CODES, "synthesis.yml")


def test_a_passage_for_and_against_one_finding_stops_with_the_passage_named() -> None:
    require_one_way([])
    told = ["quay/trust-1 is both for and against 'trust-helps'", "quay/trust-2 is both for and against 'hope'"]
    found = problems(lambda: require_one_way(told))
    assert [one.rule for one in found] == told
    assert {one.file for one in found} == {"findings.yml"}
    assert all("one side" in one.remedy for one in found)


def test_all_problems_are_told_at_once() -> None:
    changed = synthesis("code: hope", "code: hpoe")
    wrong = FINDINGS.assign(synthesis="none-such")
    assert len(problems(lambda: require_known(changed, wrong, SEGMENTS, ["hope"], "synthesis.yml"))) == 3


def test_a_slip_in_the_file_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "synthesis.yml"
    path.write_text(yaml.safe_dump(CONTENT).replace("priority: first", "priorty: first"), encoding="utf-8")
    found = problems(lambda: read_synthesis(path))
    (unknown,) = [p for p in found if p.rule == "unknown key 'priorty'"]
    assert "'priority'" in unknown.remedy
    assert unknown.row is not None
    assert "priorty" in path.read_text(encoding="utf-8").splitlines()[unknown.row - 1]


# The file of the repository.


@pytest.fixture(scope="module")
def shipped() -> Synthesis:
    return read_synthesis(synthesis_file(RAW))


@pytest.fixture(scope="module")
def studied() -> pd.DataFrame:
    """The findings of all studies, with whether they are fictional."""
    frames = []
    for folder in study_folders(RAW):
        study = load_study(folder)
        if study.findings:
            frames.append(read_findings(folder / study.findings, study.study).assign(fictional=study.fictional))
    return pd.concat(frames, ignore_index=True)


@pytest.fixture(scope="module")
def coded() -> dict[str, pd.DataFrame]:
    """Segments and codings of all studies, as they are released."""
    parts = []
    for folder in study_folders(RAW):
        study = load_study(folder)
        if study.tables.segments:
            records = {name: read_table(folder, study, name) for name in CODED}
            parts.append(released_passages(study, records))
    names = ("segments", "codings")
    return {name: pd.concat([part[name] for part in parts if name in part], ignore_index=True) for name in names}


@pytest.fixture(scope="module")
def evidence(shipped: Synthesis, studied: pd.DataFrame, coded: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """What the studies bring to the findings of the shipped file."""
    every = [load_study(folder) for folder in study_folders(RAW)]
    studies = pd.DataFrame(
        [(one.study, one.source_family, one.fictional) for one in every],
        columns=["study", "source_family", "fictional"],
    )
    return finding_evidence(shipped, studied, coded["segments"], coded["codings"], studies)


def test_every_id_of_the_shipped_file_is_known(
    shipped: Synthesis, studied: pd.DataFrame, coded: dict[str, pd.DataFrame]
) -> None:
    segments = coded["segments"]
    require_known(shipped, studied, segments, study_codes(RAW), "synthesis.yml")
    named = [s for r in shipped.recommendations for s in r.segments]
    named += [s for c in shipped.circles for one in (*c.arrows, *c.steps) for s in one.segments]
    real = {folder.name for folder in study_folders(RAW) if not load_study(folder).fictional}
    assert {one.partition("/")[0] for one in named} <= set(segments["study"]) & real
    assert {one.study for one in shipped.cautions} <= real


def test_an_arrow_of_the_shipped_file_is_ours_where_no_passage_states_it_and_only_there(shipped: Synthesis) -> None:
    for circle in shipped.circles:
        for arrow in circle.arrows:
            assert arrow.ours is not bool(arrow.segments), (circle.circle, arrow.start, arrow.end)


def test_ids_of_the_shipped_file_are_used_once(shipped: Synthesis) -> None:
    for ids in (
        [one.finding for one in shipped.findings],
        [one.code for one in shipped.judgements],
        [one.recommendation for one in shipped.recommendations],
        [one.circle for one in shipped.circles],
    ):
        assert len(ids) == len(set(ids))


def test_confidence_was_judged_on_the_studies_that_bring_passages_on_the_subject(
    shipped: Synthesis, evidence: pd.DataFrame
) -> None:
    contributing = {
        one.finding: sorted(set(evidence.loc[evidence["finding"] == one.finding, "study"]))
        for one in shipped.findings
    }
    judged = {one.finding: sorted(one.confidence.considered) for one in shipped.findings if one.confidence}
    assert judged == contributing


def test_no_passage_is_for_and_against_one_finding(evidence: pd.DataFrame) -> None:
    require_one_way(both_ways(evidence))


def test_a_study_finding_brings_a_passage_to_each_finding_that_it_names(
    studied: pd.DataFrame, evidence: pd.DataFrame
) -> None:
    by_study = set(evidence[["study", "finding"]].itertuples(index=False, name=None))
    named = {
        (row["study"], finding)
        for row in studied[~studied["fictional"]].to_dict("records")
        for finding in row["synthesis"].split(" ; ")
        if finding
    }
    assert named <= by_study


def test_fictional_studies_contribute_to_no_finding(studied: pd.DataFrame) -> None:
    assert set(studied.loc[studied["fictional"], "synthesis"]) <= {""}


def test_signatures_are_of_the_roles_that_have_to_sign(shipped: Synthesis) -> None:
    signed = [one.confidence.signatures for one in shipped.findings if one.confidence]
    signed += [one.signatures for one in (*shipped.judgements, *shipped.recommendations)]
    signed += [one.signatures for rubric in shipped.rubrics for one in rubric.criteria]
    assert {one.role for signatures in signed for one in signatures} <= set(shipped.review.roles)


def test_findings_of_coded_studies_rest_on_passages_that_exist(studied: pd.DataFrame) -> None:
    for study, own in studied.groupby("study"):
        folder = RAW / str(study)
        loaded = load_study(folder)
        known = read_table(folder, loaded, "segments")["segment"].to_list() if loaded.tables.segments else []
        for column in ("segments", "disconfirming"):
            require(f"{study}/findings.yml", own, column, known)
    contributing = studied[studied["synthesis"] != ""]
    assert (contributing["segments"] + contributing["disconfirming"] != "").all()


def test_findings_are_about_codes_that_can_be_evidence_and_judgements_about_outcomes(
    shipped: Synthesis,
) -> None:
    themes = dict(read_codebook(RAW).select("code", "theme").iter_rows())
    assert "setting" not in {themes[code] for one in shipped.findings for code in one.codes}
    assert {themes[one.code] for one in shipped.judgements} <= {"outcome", "harm"}


POINTS = {"none or very minor": 0, "minor": 1, "moderate": 2, "serious": 3}


def test_findings_with_the_same_concerns_have_the_same_level() -> None:
    """The shipped confidence is judged, and comparable: no more concern goes with a higher level."""
    shipped = read_synthesis(synthesis_file(Path(__file__).parents[2] / "raw"))
    judged = [one.confidence for one in shipped.findings if one.confidence]
    weights = [sum(POINTS[getattr(one, part).concern] for part in COMPONENTS) for one in judged]
    ranks = [LEVELS.index(one.level) for one in judged]
    for weight, rank in zip(weights, ranks, strict=True):
        assert {r for w, r in zip(weights, ranks, strict=True) if w == weight} == {rank}
        assert all(r <= rank for w, r in zip(weights, ranks, strict=True) if w < weight)
