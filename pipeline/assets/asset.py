"""How a node of the graph becomes a Dagster asset: freshness, checks, problem reports, the manifest.

What an asset reads and writes belongs in the other modules of this package.
"""

import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

import dagster as dg

from pipeline import checks
from pipeline.graph import Node
from pipeline.manifest import Manifest, code_version
from pipeline.problems import ProblemsFoundError, keep_report
from pipeline.store import Project, write_text

ONLY_STALE = "peerscope/only_stale"
"""Run tag: an asset whose content turns out to be fresh by the time it is reached does not run again."""

SENSITIVE = ("study", "record", "family", "identification", "gate")
"""Kinds that touch participants' rows: what goes wrong there is told without the exception's own words."""

Metadata = dict[str, Any]


@dataclass(frozen=True)
class Made:
    """What an asset wrote, what the UI shows of it, and how its check came out.

    ``passes_on`` is all that assets below take from it, where that is less than its files: they are stale only
    when that changes.
    """

    outputs: list[Path]
    metadata: Metadata = field(default_factory=dict)
    check: bool = True
    check_metadata: Mapping[str, Any] = field(default_factory=dict)
    passes_on: str | None = None


Make = Callable[[Node, Project], Made]
Event = dg.MaterializeResult | dg.AssetCheckResult


def build(node: Node, make: Make, project: Project) -> dg.AssetsDefinition:
    """The Dagster asset of one node."""

    @dg.asset(
        key=dg.AssetKey(list(node.key)),
        deps=[dg.AssetKey(list(dep)) for dep in node.deps],
        group_name=node.group,
        description=node.description,
        check_specs=checks.spec(node),
        code_version=code_version(node.code, project.root)[:12],
        kinds={"polars" if node.kind == "record" else "pandas"} if node.kind in ("record", "family") else None,
        output_required=False,
    )
    def asset(context: dg.AssetExecutionContext) -> Iterator[Event]:
        manifest = Manifest(project)
        if ONLY_STALE in context.run.tags and not manifest.why_stale(node):
            yield from _unchanged(node, manifest)
            return
        started, sources = perf_counter(), manifest.sources(node)
        try:
            made = make(node, project)
        except ProblemsFoundError as error:
            yield from _stopped(node, project, error)
        except Exception as error:
            raise _without_values(node, project, error) from None
        else:
            _problem_report(node, project, None)
            _error_report(node, project).unlink(missing_ok=True)
            seconds = perf_counter() - started
            content = manifest.record(node, sources, made.outputs, seconds, made.check, made.passes_on)
            yield _materialised(node, made.metadata, content)
            yield from (checks.passed if made.check else checks.failed)(node, made.check_metadata)

    return asset


def _materialised(node: Node, metadata: Metadata, content: str) -> dg.MaterializeResult:
    key = dg.AssetKey(list(node.key))
    return dg.MaterializeResult(asset_key=key, metadata=metadata, data_version=dg.DataVersion(content[:16]))


def _unchanged(node: Node, manifest: Manifest) -> Iterator[Event]:
    yield _materialised(node, {"unchanged": True}, manifest.content(node.key))
    came_out = (manifest.entry(node.key) or {}).get("check", True)
    yield from (checks.passed if came_out else checks.failed)(node, {"unchanged": True})


def _stopped(node: Node, project: Project, error: ProblemsFoundError) -> Iterator[Event]:
    """The failed check, then a failure: nothing is materialised, and nothing below it runs."""
    path = _problem_report(node, project, error)
    metadata = checks.problem_metadata(error) | {"problem report": project.relative(path)}
    yield from checks.failed(node, metadata)
    raise dg.Failure(
        description=f"{len(error.problems)} problem(s) to mend; see {project.relative(path)}",
        metadata=metadata,
        allow_retries=False,
    )


def _problem_report(node: Node, project: Project, error: ProblemsFoundError | None) -> Path:
    """Keep one problem report an asset, and one a study that puts them together."""
    study = node.folder.name if node.folder else "project"
    return keep_report(project.restricted(study), node.key[-1], error.problems if error else ())


def _error_report(node: Node, project: Project) -> Path:
    study = node.folder.name if node.folder else "project"
    return project.restricted(study, "errors", f"{node.key[-1]}.txt")


def _without_values(node: Node, project: Project, error: Exception) -> Exception:
    """An unexpected error of a sensitive asset, told without its message, which might quote a row."""
    if node.kind not in SENSITIVE:
        return error
    path = _error_report(node, project)
    write_text(path, "".join(traceback.format_exception(error)))
    frame = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(frame.filename).name}, line {frame.lineno}"
    return dg.Failure(
        description=f"{type(error).__name__} in {where}; the details are in {project.relative(path)}",
        metadata={"error report": project.relative(path)},
        allow_retries=False,
    )
