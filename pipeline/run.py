"""One run: what is stale is materialised in one Dagster run, and ``outputs/run.json`` says what came of it.

How it looks on a terminal belongs in ``cli.py``; what each asset does belongs in ``assets``.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from pipeline.graph import Key, Node, plan
from pipeline.manifest import Manifest
from pipeline.problems import keep_report
from pipeline.store import Project, write_json, write_text
from schemas.vocabulary import COMPARED

if TYPE_CHECKING:
    import dagster as dg

Listener = Callable[[str, str], None]
"""Called with the number of assets and ``total``; then with an asset's label and start, done, fresh or failed."""

INSTANCE_SETTINGS = """\
telemetry:
  enabled: false
nux:
  enabled: false
compute_logs: # what a library might print is kept in no log, and the progress bar stays whole
  module: dagster._core.storage.noop_compute_log_manager
  class: NoOpComputeLogManager
concurrency:
  runs:
    max_concurrent_runs: 1 # two runs would write the same files
"""


@dataclass
class Outcome:
    """What a run did."""

    stale: Mapping[Key, str]
    done: list[str] = field(default_factory=list)
    fresh: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    estimates: dict[str, list[str]] = field(default_factory=dict)
    from_to: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    unexpected_claims: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def succeeded(self) -> bool:
        """Nothing failed, and every claim came out as expected."""
        return not self.failed and not self.unexpected_claims


def selected(nodes: Sequence[Node], study: str | None, patterns: Sequence[str]) -> list[Node]:
    """Nodes of one study, or whose label (or Dagster name) fits a pattern; all where neither is given."""
    if study:
        nodes = [n for n in nodes if n.folder is not None and n.folder.name == study]
    if patterns:
        nodes = [n for n in nodes if any(fnmatch(n.label, pattern) for pattern in patterns)]
    return list(nodes)


def run(
    project: Project,
    study: str | None = None,
    patterns: Sequence[str] = (),
    force: bool = False,
    listen: Listener | None = None,
) -> Outcome:
    """Materialise what is stale (everything with ``force``) among the selected assets.

    Dagster is imported only if there is something to do.
    """
    started = perf_counter()
    manifest, nodes = Manifest(project), plan(project)
    wanted = selected(nodes, study, patterns)
    stale = dict.fromkeys((n.key for n in wanted), "forced") if force else _stale(manifest, nodes, wanted)
    outcome = Outcome(stale)
    if stale:
        before = {node.key: manifest.files(node.key) for node in nodes}
        estimates = _released_values(project)
        listen = listen or (lambda *_: None)
        listen(str(len(stale)), "total")
        _materialise(project, [n for n in nodes if n.key in stale], force, outcome, listen)
        reached = {*outcome.done, *outcome.fresh, *outcome.failed}
        outcome.skipped = [n.label for n in nodes if n.key in stale and n.label not in reached]
        outcome.changed = [n.label for n in nodes if manifest.files(n.key) != before[n.key]]
        released = _released_values(project)
        outcome.estimates = _compared(estimates, released)
        outcome.from_to = _from_to(estimates, released, outcome.estimates["moved"])
    outcome.unexpected_claims = unexpected_claims(project, study)
    outcome.seconds = perf_counter() - started
    if stale or _failed_last_time(project):
        write_json(project.outputs / "run.json", record(project, nodes, outcome))
    return outcome


def _failed_last_time(project: Project) -> bool:
    """What was mended by undoing a change leaves nothing to run, but the last record still tells of the failure."""
    try:
        last = json.loads((project.outputs / "run.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return False
    return bool(last.get("failed") or last.get("skipped"))


def _stale(manifest: Manifest, nodes: Sequence[Node], wanted: Sequence[Node]) -> dict[Key, str]:
    reasons = manifest.stale(nodes)
    for node in (n for n in nodes if n.folder and n.key not in reasons):
        # What is fresh has nothing left to mend, also where the mend was to undo a change.
        keep_report(manifest.project.restricted(node.folder.name), node.key[-1], ())  # type: ignore[union-attr]
    return {node.key: reasons[node.key] for node in wanted if node.key in reasons}


def _materialise(project: Project, nodes: Sequence[Node], force: bool, outcome: Outcome, listen: Listener) -> None:
    import dagster as dg

    from pipeline.assets.asset import ONLY_STALE
    from pipeline.definitions import definitions, defs

    labels = {"__".join(node.key): node.label for node in nodes}
    with instance(project) as dagster_instance:
        run_id = str(uuid4())
        dagster_instance.add_event_listener(run_id, lambda entry: _note(project, entry, labels, outcome, listen))
        all_assets = defs if project == Project.find() else definitions(project)
        job = all_assets.resolve_implicit_global_asset_job_def()
        job.execute_in_process(
            instance=dagster_instance,
            asset_selection=[dg.AssetKey(list(node.key)) for node in nodes],
            raise_on_error=False,
            run_id=run_id,
            tags={} if force else {ONLY_STALE: "true"},
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )


def instance(project: Project) -> dg.DagsterInstance:
    """The Dagster instance whose state lies in ``outputs/dagster``."""
    import dagster as dg

    home = prepare_home(project)
    return dg.DagsterInstance.from_config(str(home))


def prepare_home(project: Project) -> Path:
    """Write the instance's settings and point Dagster at them."""
    home = project.dagster_home
    settings = home / "dagster.yaml"
    if not settings.is_file() or settings.read_text(encoding="utf-8") != INSTANCE_SETTINGS:
        write_text(settings, INSTANCE_SETTINGS)
    os.environ["DAGSTER_HOME"] = str(home)
    return home


def _note(project: Project, entry: Any, labels: Mapping[str, str], outcome: Outcome, listen: Listener) -> None:
    event = entry.dagster_event
    label = labels.get(event.step_key or "") if event else None
    if event is None or label is None:
        return
    kind = event.event_type_value
    if kind == "STEP_START":
        listen(label, "start")
    elif kind == "ASSET_MATERIALIZATION":
        fresh = "unchanged" in event.event_specific_data.materialization.metadata
        (outcome.fresh if fresh else outcome.done).append(label)
    elif kind == "STEP_SUCCESS":
        listen(label, "fresh" if label in outcome.fresh else "done")
    elif kind == "STEP_FAILURE":
        outcome.failed[label] = project.without_paths(_why(event))
        listen(label, "failed")


def _why(event: Any) -> str:
    data = event.event_specific_data
    told = getattr(data, "user_failure_data", None)
    if told and told.description:
        return str(told.description)
    error = getattr(data, "error", None)
    cause = getattr(error, "cause", None) or error
    return str(cause.message).strip().splitlines()[0] if cause else "failed"


def unexpected_claims(project: Project, study: str | None = None) -> list[str]:
    """Claims, of one study or all, whose outcome was not the expected one when last evaluated."""
    found = []
    for path in sorted(project.release.glob(f"studies/{study or '*'}/claims.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            rows = csv.DictReader(stream)
            found += [f"{r['study']}: {r['claim']}" for r in rows if r["as_expected"].lower() != "true"]
    return found


def _released_values(project: Project) -> dict[str, tuple[str, ...]]:
    values = {}
    for path in sorted(project.release.glob("studies/*/estimates.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                values[row["estimate_id"]] = tuple(row[k] for k in COMPARED)
    return values


def _compared(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[str]]:
    return {
        "moved": [key for key in after if key in before and after[key] != before[key]],
        "appeared": [key for key in after if key not in before],
        "vanished": [key for key in before if key not in after],
    }


def _from_to(before: Mapping[str, Any], after: Mapping[str, Any], moved: Sequence[str]) -> dict[str, Any]:
    """What each estimate that moved was and is, for those with a number in both releases."""
    return {
        name: {k: [a, b] for k, a, b in zip(COMPARED, before[name], after[name], strict=True) if a != b}
        for name in moved
        if before[name][0] and after[name][0]
    }


def record(project: Project, nodes: Iterable[Node], outcome: Outcome) -> dict[str, Any]:
    """What ``run.json`` says: versions, commit, raw checksums, timings, what changed."""
    manifest = Manifest(project)
    entries = {node.label: manifest.entry(node.key) or {} for node in nodes}
    raw = {name: stamp[0] for e in entries.values() for name, stamp in e.get("inputs", {}).items()}
    return {
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(outcome.seconds, 2),
        "commit": commit(project.root),
        "versions": versions(),
        "failed": outcome.failed,
        "skipped": outcome.skipped,
        "changed": outcome.changed,
        "estimates": outcome.estimates,
        "estimates_from_to": outcome.from_to,
        "unexpected_claims": outcome.unexpected_claims,
        "asset_seconds": {label: entry.get("seconds") for label, entry in entries.items()},
        "raw_sha256": dict(sorted(raw.items())),
    }


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that numbers and reports depend on."""
    import platform
    from importlib.metadata import version

    names = ("peerscope", "dagster", "pandas", "pandera", "polars", "scipy", "statsmodels", "seaborn", "typst")
    return {"python": platform.python_version(), **{name: version(name) for name in names}}


def commit(root: Path) -> str:
    """The git commit of the project, with ``+`` if files differ from it; empty where there is no git."""
    import subprocess

    try:
        head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=root, capture_output=True, text=True, check=True)
        dirty = subprocess.run(["git", "status", "--porcelain"], cwd=root, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return head.stdout.strip() + ("+" if dirty.stdout.strip() else "")
