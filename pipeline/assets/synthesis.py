"""Synthesis assets: the release of all studies in; framework, joint display, findings and pooling out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.assets.asset import Made
from pipeline.graph import Node
from pipeline.release import read_merged, read_synthesis_frame, write_synthesis
from pipeline.store import Project

if TYPE_CHECKING:
    import pandas as pd

    from schemas.synthesis import Synthesis


def codebook(node: Node, project: Project) -> Made:
    """Check the codebook that all studies share, and release it."""
    from pipeline.validation import read_codebook

    frame = read_codebook(project.raw).to_pandas()
    counts = {f"{theme} codes": int(count) for theme, count in frame["theme"].value_counts().items()}
    return Made([write_synthesis(project, "codebook", frame)], {"codes": len(frame), **counts})


def framework(node: Node, project: Project) -> Made:
    """Count which codes the documents of which studies speak to, which way, and on what basis."""
    from pipeline.methods.framework import evidence, framework, totals

    book = read_synthesis_frame(project, "codebook")
    segments, codings, studies = (read_merged(project, name) for name in ("segments", "codings", "studies"))
    found = evidence(segments, codings, studies)
    matrix = framework(found, book)
    paths = [
        write_synthesis(project, "evidence", found),
        write_synthesis(project, "framework", matrix),
        write_synthesis(project, "totals", totals(matrix)),
    ]
    metadata = {"codes": int(matrix["code"].nunique()), "studies": int(matrix["study"].nunique())}
    return Made(paths, metadata | {"passages that count": int(matrix["segments"].sum())})


def findings(node: Node, project: Project) -> Made:
    """Put each synthesised finding, rubric, recommendation and circle beside its evidence."""
    from pipeline.methods import synthesised
    from pipeline.synthesis_file import read_synthesis, require_known, require_one_way

    synthesis = read_synthesis(node.inputs[0])
    studied, segments, codings, studies = (
        read_merged(project, name) for name in ("findings", "segments", "codings", "studies")
    )
    codes = read_synthesis_frame(project, "codebook")["code"].tolist()
    require_known(synthesis, studied, segments, codes, node.inputs[0].name)
    evidence = synthesised.finding_evidence(synthesis, studied, segments, codings, studies)
    require_one_way(synthesised.both_ways(evidence))
    found = synthesised.findings_table(synthesis, evidence)
    frames = {
        "finding_evidence": evidence,
        "findings": found,
        "judgements": synthesised.judgements_table(synthesis),
        "rubrics": synthesised.rubrics_table(synthesis, found),
        "recommendations": synthesised.recommendations_table(synthesis, found, segments, studies),
        "circles": synthesised.arrows_table(synthesis, segments, studies),
        "steps": synthesised.steps_table(synthesis, segments, studies),
        "cautions": _cautions(synthesis),
        "about": _about(synthesis.title, synthesis.question, synthesis.review.roles),
    }
    paths = [write_synthesis(project, name, frame) for name, frame in frames.items()]
    metadata = {name: len(frame) for name, frame in frames.items() if name != "about"}
    return Made(paths, metadata | {"reviewed": int((found["status"] == "reviewed").sum())})


def _cautions(synthesis: Synthesis) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame([(one.study, one.caution) for one in synthesis.cautions], columns=["study", "caution"])


def _about(title: str, question: str, roles: tuple[str, ...]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame([{"title": title, "question": question, "roles": " ; ".join(roles)}])


def joint_display(node: Node, project: Project) -> Made:
    """Put the figures on each outcome beside what is said in words."""
    from pipeline.methods.joint_display import figures, joint_display

    book, matrix, judged = (read_synthesis_frame(project, name) for name in ("codebook", "framework", "judgements"))
    estimates = read_merged(project, "estimates")
    indicators, claims, studies = (read_merged(project, name) for name in ("indicators", "claims", "studies"))
    shown = figures(estimates, indicators, claims, studies)
    display = joint_display(shown, matrix, book, judged)
    paths = [write_synthesis(project, "joint_figures", shown), write_synthesis(project, "joint_display", display)]
    relations = {str(name): int(count) for name, count in display["relation"].value_counts().items()}
    return Made(paths, {"outcomes and harms": len(display), **relations})


def pooling(node: Node, project: Project) -> Made:
    """Pool what may be pooled over services, and say why the rest may not."""
    from pipeline.methods.pooling import pooling

    names = ("estimates", "indicators", "studies", "labels")
    estimates, indicators, studies, labels = (read_merged(project, name) for name in names)
    pooled = pooling(estimates, indicators, studies, read_synthesis_frame(project, "codebook"), labels)
    decisions = {str(name): int(count) for name, count in pooled["decision"].value_counts().items()}
    return Made([write_synthesis(project, "pooling", pooled)], decisions)


def figures(node: Node, project: Project) -> Made:
    """Draw the framework matrix and the circles."""
    from pipeline.assets.figures import draw
    from pipeline.figures.synthesis import specs

    studies = read_merged(project, "studies")
    frames = {name: read_synthesis_frame(project, name) for name in ("framework", "circles")}
    return draw(specs(frames["framework"], frames["circles"], studies), "synthesis", project)
