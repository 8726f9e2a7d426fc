"""Turns schemas, the gate and claims into Dagster check specs and results.

Check metadata has counts, rules and rows, never a participant's value.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dagster as dg

from pipeline.graph import Node
from pipeline.problems import ProblemsFoundError, by_rule, summary

CHECKS = {
    "study": ("study_file", "The study file is valid, and names only what exists"),
    "record": ("schema", "Every row meets the schema: columns, types, values, keys"),
    "gate": ("disclosure_audit", "No suppressed cell can be pinned more closely than the policy allows"),
    "codebook": ("schema", "Every code has a definition and says when to use it"),
    "synthesised": ("references", "The synthesis names only findings, codes and passages that exist"),
    "audit": ("claims_as_expected", "Every published figure comes out as expected"),
}
"""The check of each kind of asset: name and what it says."""


def spec(node: Node) -> list[dg.AssetCheckSpec]:
    """The check that an asset of this kind carries, if any."""
    if node.kind not in CHECKS:
        return []
    name, about = CHECKS[node.kind]
    stops = node.kind != "audit"  # reports say how claims came out, also where it is otherwise than expected
    return [dg.AssetCheckSpec(name=name, asset=dg.AssetKey(list(node.key)), description=about, blocking=stops)]


def passed(node: Node, metadata: Mapping[str, Any]) -> list[dg.AssetCheckResult]:
    """The passed check of an asset, if it carries one."""
    return _result(node, True, metadata)


def failed(node: Node, metadata: Mapping[str, Any]) -> list[dg.AssetCheckResult]:
    """The failed check of an asset, if it carries one."""
    return _result(node, False, metadata)


def problem_metadata(error: ProblemsFoundError) -> dict[str, Any]:
    """What a problem report comes to: counts, rules and rows, without values."""
    lines = "\n".join(f"- {line}" for line in summary(error.problems, 20))
    return {
        "first problem": error.problems[0].without_value(),
        "problems": len(error.problems),
        "rules": dg.MetadataValue.json(by_rule(error.problems)),
        "what to mend": dg.MetadataValue.md(lines),
    }


def _result(node: Node, outcome: bool, metadata: Mapping[str, Any]) -> list[dg.AssetCheckResult]:
    key = dg.AssetKey(list(node.key))
    return [
        dg.AssetCheckResult(asset_key=key, check_name=CHECKS[node.kind][0], passed=outcome, metadata=dict(metadata))
        for _ in spec(node)
    ]
