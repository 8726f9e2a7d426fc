"""Cost of a cold run, of a run with nothing to do, and of everything from nothing; written to RESULTS.md.

    python benchmarks/run.py              cold run and no-op, three times each
    python benchmarks/run.py --from-nothing   also `make run` in an empty clone (makes an environment)

Times of a shared machine mean little by themselves: compare ratios within one run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from measure import Cost, idle, measure
from results import COST_HEADER, cost_row, median, table, write_section

ROOT = Path(__file__).parents[1]
PEERSCOPE = str(Path(sys.executable).with_name("peerscope"))
REPEATS = 3

STAGES = {
    "records": ("study", "record"),
    "estimates": ("family",),
    "identification": ("identification",),
    "gate, audit, release": ("gate", "audit", "merged", "merged_audit", "changes", "tables"),
    "figures": ("figures", "synthesis_figures"),
    "synthesis": ("codebook", "framework", "synthesised", "joint_display", "pooling"),
    "notebooks": ("notebook",),
    "reports": ("report", "index"),
}
"""Kinds of assets by stage; a kind that stands nowhere is shown by its name."""


def main() -> None:
    """Measure, print, and write the results."""
    with tempfile.TemporaryDirectory() as folder:
        outputs = Path(folder) / "outputs"
        env = os.environ | {"PEERSCOPE_OUTPUTS": str(outputs), "PEERSCOPE_PROJECT": str(ROOT)}
        colds = []
        for _ in range(REPEATS):
            subprocess.run(["rm", "-rf", str(outputs)], check=True)
            colds.append(measure([PEERSCOPE, "run"], env, ROOT))
        stages = _stages(outputs, colds[-1].wall)
        noops, imports = [], []
        for _ in range(REPEATS * 2):
            noops.append(idle(measure([PEERSCOPE, "run"], env, ROOT)))
            imports.append(measure([sys.executable, "-c", "import dagster"], os.environ, ROOT))
    rows = [("cold run", colds), ("run with nothing to do", noops), ('`python -c "import dagster"`', imports)]
    if "--from-nothing" in sys.argv:
        rows.append(("`make run` in an empty clone", [_from_nothing()]))
    print(write_section("The shipped project", "run.py", _report(rows, stages)))


def _from_nothing() -> Cost:
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "peerscope"
        subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
        env = {key: value for key, value in os.environ.items() if not key.startswith("PEERSCOPE")}
        return measure(["make", "run"], env, clone)


def _stages(outputs: Path, wall: float) -> dict[str, float]:
    """Seconds by stage, of the run that was the last to write to ``outputs``."""
    from pipeline.graph import plan
    from pipeline.store import Project

    record = json.loads((outputs / "run.json").read_text(encoding="utf-8"))
    seconds = {label: value or 0.0 for label, value in record["asset_seconds"].items()}
    stages = dict.fromkeys(STAGES, 0.0)
    for node in plan(Project(ROOT, outputs)):
        stage = next((name for name, kinds in STAGES.items() if node.kind in kinds), node.kind)
        stages[stage] = stages.get(stage, 0.0) + seconds.get(node.label, 0.0)
    return stages | {"Dagster, imports outside assets, start and end": wall - sum(seconds.values())}


def _report(rows: Sequence[tuple[str, Sequence[Cost]]], stages: dict[str, float]) -> list[str]:
    ratio = median(rows[1][1], "cpu") / median(rows[2][1], "cpu")
    wall = sum(stages.values())
    statistics = [100 * seconds / wall for seconds in (stages["estimates"], stages["identification"])]
    return [
        f"No-op to `import dagster`, CPU: {ratio:.2f}",
        "",
        *table(COST_HEADER, [cost_row(name, costs) for name, costs in rows]),
        "The cold run by stage (seconds of the last one; imports fall on the asset that needs them first):",
        "",
        *table(("stage", "s"), [(name, f"{value:.1f}") for name, value in stages.items()]),
        f"Statistics take {statistics[0]:.1f} % of that run (estimates); making them again on reconstructions, "
        f"{statistics[1]:.1f} %.",
    ]


if __name__ == "__main__":
    main()
