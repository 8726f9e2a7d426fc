"""Audit assets: each published figure beside the recomputed one, and against arithmetic."""

from __future__ import annotations

from pipeline.assets.asset import Made
from pipeline.graph import Node
from pipeline.release import read_released, write_release
from pipeline.store import Project
from pipeline.studies import instruments


def audit(node: Node, project: Project) -> Made:
    """Evaluate the claims of one study on its released estimates."""
    import pandas as pd

    from pipeline.methods.claims import evaluate, scorecard
    from pipeline.methods.granularity import granularity

    assert node.study is not None
    study = node.study.study
    claims = pd.read_parquet(project.records(study, "claims"))
    possible = granularity(claims, study, tuple(instruments().values()))
    outcomes = evaluate(claims, read_released(project, study, "estimates"), possible, study)
    card = scorecard(outcomes)
    paths = write_release(project, study, {"claims": outcomes, "granularity": possible, "scorecard": card})
    unexpected = outcomes.loc[~outcomes["as_expected"], "claim"].tolist()
    counts = dict(zip(card["outcome"], map(int, card["claims"]), strict=True))
    metadata = {"claims": len(outcomes), **counts}
    return Made(paths, metadata, not unexpected, {"otherwise than expected": ", ".join(unexpected) or "none"})
