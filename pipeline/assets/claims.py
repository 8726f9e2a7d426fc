"""Audit assets: each published figure beside the recomputed one, against arithmetic, and beside each other."""

from __future__ import annotations

from pipeline.assets.asset import Made
from pipeline.graph import Node
from pipeline.release import read_released, write_release
from pipeline.store import Project
from pipeline.studies import instruments


def audit(node: Node, project: Project) -> Made:
    """Evaluate the claims of one study on its released estimates."""
    import pandas as pd

    from pipeline.methods.as_published import exhaustive
    from pipeline.methods.claims import evaluate, scorecard
    from pipeline.methods.consistency import consistency
    from pipeline.methods.granularity import granularity
    from schemas.claims import ClaimOutcomes, Consistency, Granularity

    assert node.study is not None
    study = node.study.study
    claims = pd.read_parquet(project.records(study, "claims"))
    declared = tuple(instruments().values())
    whole = exhaustive(claims["claim"], node.study.aggregates)
    possible = Granularity.validate(granularity(claims, study, declared, whole))
    together = Consistency.validate(consistency(claims, study, declared, whole))
    estimates = read_released(project, study, "estimates")
    outcomes = ClaimOutcomes.validate(evaluate(claims, estimates, possible, study))
    card = scorecard(outcomes)
    frames = {"claims": outcomes, "scorecard": card, "granularity": possible, "consistency": together}
    paths = write_release(project, study, frames)
    unexpected = outcomes.loc[~outcomes["as_expected"], "claim"].tolist()
    counts = dict(zip(card["outcome"], map(int, card["claims"]), strict=True))
    metadata = {"claims": len(outcomes), **counts, "figures tested": len(possible), "sets tested": len(together)}
    return Made(paths, metadata, not unexpected, {"otherwise than expected": ", ".join(unexpected) or "none"})
