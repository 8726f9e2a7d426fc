"""Synthesised findings with their evidence, and what is concluded from them: confidence, rubrics, advice, circles.

Judgements are people's, declared in ``raw/_shared/synthesis.yml``; this module puts each beside its evidence and says
whether it is signed and whether the evidence has changed since. Counting codes belongs in ``framework.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from schemas.coding import COUNTED
from schemas.findings import NOT_REVIEWED
from schemas.synthesis import COMPONENTS, Circle, Criterion, Signature, Synthesis, SynthesisedFinding

JOIN = " ; "
EVIDENCE_COLUMNS = (
    "finding", "study", "source_family", "study_finding", "segment", "direction", "basis", "counts", "figures",
)  # fmt: skip
FINDING_COLUMNS = (
    "finding", "title", "statement", "codes", "studies", "counted_studies", "families", "supporting", "disconfirming",
    "figures", "figures_against", "limits", "apart",
    *(f"{part}_{what}" for part in COMPONENTS for what in ("concern", "reason")),
    "level", "reason", "changed", "status", "signed_by", "to_sign",
)  # fmt: skip
NO_EVIDENCE = "no evidence in the studies present"


def finding_evidence(
    synthesis: Synthesis, findings: pd.DataFrame, segments: pd.DataFrame, codings: pd.DataFrame, studies: pd.DataFrame
) -> pd.DataFrame:
    """One row a passage that a study's finding brings to a synthesised finding (``EVIDENCE_COLUMNS``).

    Takes the released findings, segments, codings and studies of all studies; fictional studies bring nothing. Of
    the supporting passages of a study's finding those are evidence that carry one of the synthesised finding's codes
    (all, where it names no code): a finding of a study may be about more. What speaks against or limits it is always
    kept. A passage that two findings of a study bring the same way is one row.
    """
    real = studies.loc[~studies["fictional"].astype(bool), ["study", "source_family"]]
    rows = [
        (finding, one["study"], one["finding"], segment, direction)
        for one in findings[findings["study"].isin(real["study"])].to_dict("records")
        for finding in split(one["synthesis"])
        for direction, column in (("supporting", "segments"), ("disconfirming", "disconfirming"))
        for segment in split(one[column])
    ]
    found = pd.DataFrame(rows, columns=["finding", "study", "study_finding", "segment", "direction"])
    found = _on_the_subject(synthesis, found.drop_duplicates(["finding", "study", "segment", "direction"]), codings)
    known = segments[["study", "segment", "basis", "counts", "figures", "illustration"]]
    known = known.assign(
        figures=known["figures"].astype(bool) & known["basis"].isin(COUNTED) & ~known["illustration"]
    )
    return found.merge(known, on=["study", "segment"]).merge(real, on="study")[list(EVIDENCE_COLUMNS)]


def _on_the_subject(synthesis: Synthesis, found: pd.DataFrame, codings: pd.DataFrame) -> pd.DataFrame:
    wanted = [(one.finding, code) for one in synthesis.findings for code in one.codes]
    given = pd.DataFrame(wanted, columns=["finding", "code"]).merge(codings, on="code")
    about = set(given[["finding", "study", "segment"]].itertuples(index=False, name=None))
    without = {one.finding for one in synthesis.findings if not one.codes}
    rows = found[["finding", "study", "segment"]].itertuples(index=False, name=None)
    on_it = pd.Series([row in about or row[0] in without for row in rows], index=found.index, dtype=bool)
    return found[on_it | (found["direction"] == "disconfirming")]


def both_ways(evidence: pd.DataFrame) -> list[str]:
    """Passages that a study brings for and against the same synthesised finding, in words."""
    ways = evidence.groupby(["finding", "study", "segment"])["direction"].nunique()
    return [
        f"{study}/{segment} is both for and against '{finding}'" for finding, study, segment in ways[ways > 1].index
    ]


def split(text: object) -> list[str]:
    """The parts of a joined list."""
    return [part for part in str(text).split(JOIN) if part]


def findings_table(synthesis: Synthesis, evidence: pd.DataFrame) -> pd.DataFrame:
    """One row a synthesised finding: evidence, the four components and level of confidence, and who has to sign."""
    rows = [_finding(one, evidence[evidence["finding"] == one.finding], synthesis) for one in synthesis.findings]
    return pd.DataFrame(rows, columns=list(FINDING_COLUMNS))


def _finding(one: SynthesisedFinding, evidence: pd.DataFrame, synthesis: Synthesis) -> dict[str, object]:
    figures = evidence["figures"].astype(bool)
    counted = evidence[evidence["counts"].astype(bool) | figures]
    ways = evidence.loc[evidence["counts"].astype(bool), "direction"].value_counts()
    present = sorted(set(evidence["study"]))
    row: dict[str, object] = {
        "finding": one.finding,
        "title": one.title,
        "statement": one.statement,
        "codes": JOIN.join(one.codes),
        "studies": JOIN.join(present),
        "counted_studies": counted["study"].nunique(),
        "families": counted["source_family"].nunique(),
        "supporting": int(ways.get("supporting", 0)),
        "disconfirming": int(ways.get("disconfirming", 0)),
        "figures": int((figures & (evidence["direction"] == "supporting")).sum()),
        "figures_against": int((figures & (evidence["direction"] == "disconfirming")).sum()),
        "limits": int(
            (~evidence["counts"].astype(bool) & ~figures & (evidence["direction"] == "disconfirming")).sum()
        ),
        "apart": int((~evidence["counts"].astype(bool) & ~figures & (evidence["direction"] == "supporting")).sum()),
    }
    return row | _confidence(one, present, synthesis.review.roles)


def _confidence(one: SynthesisedFinding, present: Sequence[str], roles: Sequence[str]) -> dict[str, object]:
    judged = one.confidence
    if judged is None:
        blank = {f"{part}_{what}": "" for part in COMPONENTS for what in ("concern", "reason")}
        return blank | {"level": "not judged", "reason": "", "changed": ""} | review_status((), roles)
    parts: dict[str, object] = {}
    for name in COMPONENTS:
        component = getattr(judged, name)
        parts |= {f"{name}_concern": component.concern, f"{name}_reason": component.reason}
    level = judged.level if present else NO_EVIDENCE
    changed = _changed(judged.considered, present)
    return (
        parts
        | {"level": level, "reason": judged.reason, "changed": changed}
        | review_status(judged.signatures, roles)
    )


def _changed(considered: Sequence[str], present: Sequence[str]) -> str:
    """What the judgement did not know of, in words; empty where the evidence is from the studies it considered."""
    new, gone = sorted(set(present) - set(considered)), sorted(set(considered) - set(present))
    parts = [f"judged before {', '.join(new)} was added"] if new else []
    parts += [f"judged with {', '.join(gone)}, which no longer contributes"] if gone else []
    return "; ".join(parts)


def review_status(signatures: Iterable[Signature], roles: Sequence[str]) -> dict[str, object]:
    """Reviewed once a person has signed for each role that has to; who signed, and which roles are open."""
    signed = list(signatures)
    open_roles = [role for role in roles if role not in {one.role for one in signed}]
    return {
        "status": NOT_REVIEWED if open_roles else "reviewed",
        "signed_by": JOIN.join(f"{one.name}, {one.role}, {one.on.isoformat()}" for one in signed),
        "to_sign": JOIN.join(open_roles),
    }


def judgements_table(synthesis: Synthesis) -> pd.DataFrame:
    """Judgements of the joint display: code, judgement, reason, and who has to sign."""
    rows = [
        {"code": one.code, "judgement": one.judgement, "reason": one.reason}
        | review_status(one.signatures, synthesis.review.roles)
        for one in synthesis.judgements
    ]
    return pd.DataFrame(rows, columns=["code", "judgement", "reason", "status", "signed_by", "to_sign"])


def rubrics_table(synthesis: Synthesis, findings: pd.DataFrame) -> pd.DataFrame:
    """One row a criterion: standards, the evidence it is judged by, the judgement, and who has to sign."""
    rows = [
        {"rubric": rubric.rubric, "question": rubric.question, "answer": rubric.answer}
        | _criterion(one, findings, synthesis.review.roles)
        for rubric in synthesis.rubrics
        for one in rubric.criteria
    ]
    columns = ["rubric", "question", "answer", "criterion", "label", "standards", "findings", "judgement", "reason"]
    return pd.DataFrame(rows, columns=[*columns, "status", "signed_by", "to_sign"])


def _criterion(one: Criterion, findings: pd.DataFrame, roles: Sequence[str]) -> dict[str, object]:
    with_evidence = set(findings.loc[findings["studies"] != "", "finding"])
    bare = bool(one.findings) and not with_evidence & set(one.findings)
    return {
        "criterion": one.criterion,
        "label": one.label,
        "standards": JOIN.join(f"{name}: {text}" for name, text in one.standards.items()),
        "findings": JOIN.join(one.findings),
        "judgement": NO_EVIDENCE if bare else one.judgement or "can't be judged",
        "reason": one.reason,
    } | review_status(one.signatures, roles)


def recommendations_table(
    synthesis: Synthesis, findings: pd.DataFrame, segments: pd.DataFrame, studies: pd.DataFrame
) -> pd.DataFrame:
    """One row a recommendation: the findings it follows from, the advice in documents, owner, priority, signatures.

    One whose findings all lost their evidence says so in ``basis``. Fictional studies advise nothing.
    """
    with_evidence = set(findings.loc[findings["studies"] != "", "finding"])
    known = references(segments, studies)
    rows = [
        {
            "recommendation": one.recommendation,
            "statement": one.statement,
            "findings": JOIN.join(one.findings),
            "segments": JOIN.join(ref for ref in one.segments if ref in known),
            "owner": one.owner,
            "priority": one.priority,
            "basis": "" if with_evidence & set(one.findings) else NO_EVIDENCE,
        }
        | review_status(one.signatures, synthesis.review.roles)
        for one in synthesis.recommendations
    ]
    columns = ["recommendation", "statement", "findings", "segments", "owner", "priority", "basis"]
    return pd.DataFrame(rows, columns=[*columns, "status", "signed_by", "to_sign"])


def references(segments: pd.DataFrame, studies: pd.DataFrame) -> set[str]:
    """Passages of the studies that are not fictional, as ``study/segment``."""
    own = segments[segments["study"].isin(studies.loc[~studies["fictional"].astype(bool), "study"])]
    return set(own["study"] + "/" + own["segment"])


def arrows_table(synthesis: Synthesis, segments: pd.DataFrame, studies: pd.DataFrame) -> pd.DataFrame:
    """One row an arrow of a circle, numbered within it, with the passages that state the link, and their bases.

    ``counted`` passages are evidence, from ``families`` independent sources. ``ours`` says that no document draws the
    arrow. One that rests on nothing in the studies present is kept, and has no passages.
    """
    real = studies.loc[~studies["fictional"].astype(bool), ["study", "source_family"]]
    known = segments.merge(real, on="study")
    known = known.assign(reference=known["study"] + "/" + known["segment"]).set_index("reference")
    rows = [row for circle in synthesis.circles for row in _arrows(circle, known)]
    columns = ["circle", "title", "kind", "number", "start", "start_label", "end", "end_label", "ours"]
    return pd.DataFrame(rows, columns=[*columns, "segments", "bases", "families", "counted"])


def steps_table(synthesis: Synthesis, segments: pd.DataFrame, studies: pd.DataFrame) -> pd.DataFrame:
    """One row a step of a circle with the passages that tell of it; fictional studies tell of none."""
    known = references(segments, studies)
    rows = [
        (circle.circle, step.step, step.label, JOIN.join(ref for ref in step.segments if ref in known))
        for circle in synthesis.circles
        for step in circle.steps
    ]
    return pd.DataFrame(rows, columns=["circle", "step", "label", "segments"])


def _arrows(circle: Circle, known: pd.DataFrame) -> list[dict[str, object]]:
    labels = {one.step: one.label for one in circle.steps}
    rows = []
    for number, arrow in enumerate(circle.arrows, 1):
        own = known.loc[[reference for reference in arrow.segments if reference in known.index]]
        rows.append(
            {
                "circle": circle.circle,
                "title": circle.title,
                "kind": circle.kind,
                "number": number,
                "start": arrow.start,
                "start_label": labels[arrow.start],
                "end": arrow.end,
                "end_label": labels[arrow.end],
                "ours": arrow.ours,
                "segments": JOIN.join(own.index),
                "bases": JOIN.join(sorted(set(own["basis"]))),
                "families": own.loc[own["counts"].astype(bool), "source_family"].nunique(),
                "counted": int(own["counts"].astype(bool).sum()),
            }
        )
    return rows
