"""Cost of a cold run, of a run with nothing to do, and of everything from nothing; written to RESULTS.md.

    python benchmarks/run.py              cold run and no-op, three times each
    python benchmarks/run.py --from-nothing   also `make run` in an empty clone (makes an environment)

Times of a shared machine mean little by themselves: compare ratios within one run.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from measure import Cost, measure

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "RESULTS.md"
PEERSCOPE = str(Path(sys.executable).with_name("peerscope"))
REPEATS = 3

GROUPS = {
    "records": ("sessions", "groups", "doses", "surveys", "response", "workforce", "headcount", "claims", "study"),
    "estimates": (
        "support",
        "feedback",
        "response_rates",
        "change",
        "services",
        "staffing",
        "reliability",
        "aggregates",
    ),
    "identification": ("identification",),
    "gate, audit, release": ("release", "audit", "estimates"),
    "figures": ("figures",),
}


def main() -> None:
    """Measure, print, and write the results."""
    with tempfile.TemporaryDirectory() as folder:
        outputs = Path(folder) / "outputs"
        env = os.environ | {"PEERSCOPE_OUTPUTS": str(outputs), "PEERSCOPE_PROJECT": str(ROOT)}
        colds, stages = [], {}
        for _ in range(REPEATS):
            subprocess.run(["rm", "-rf", str(outputs)], check=True)
            colds.append(measure([PEERSCOPE, "run"], env, ROOT))
            stages = _stages(outputs, colds[-1].wall)
        noops = [measure([PEERSCOPE, "run"], env, ROOT) for _ in range(REPEATS * 2)]
    imports = [measure([sys.executable, "-c", "import dagster"], os.environ, ROOT) for _ in range(REPEATS * 2)]
    rows = [("cold run", colds), ("run with nothing to do", noops), ('`python -c "import dagster"`', imports)]
    if "--from-nothing" in sys.argv:
        rows.append(("`make run` in an empty clone", [_from_nothing()]))
    text = _report(rows, stages)
    print(text)
    RESULTS.write_text(text, encoding="utf-8")


def _from_nothing() -> Cost:
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "peerscope"
        subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
        env = {key: value for key, value in os.environ.items() if not key.startswith("PEERSCOPE")}
        return measure(["make", "run"], env, clone)


def _stages(outputs: Path, wall: float) -> dict[str, float]:
    record = json.loads((outputs / "run.json").read_text(encoding="utf-8"))
    seconds = {label: value or 0.0 for label, value in record["asset_seconds"].items()}
    stages = dict.fromkeys([*GROUPS, "notebooks", "reports"], 0.0)
    for label, value in seconds.items():
        group, name = label.split("/")
        own = group if group in ("reports", "notebooks") else None
        stages[own or next((g for g, names in GROUPS.items() if name in names), "records")] += value
    stages["Dagster, imports outside assets, start and end"] = wall - sum(seconds.values())
    return stages


def _report(rows: Sequence[tuple[str, Sequence[Cost]]], stages: dict[str, float]) -> str:
    lines = [
        "# Results of the benchmarks",
        "",
        f"Made by `python benchmarks/run.py` on {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, "
        f"{platform.system()}, Python {platform.python_version()}; medians. Compare ratios, not seconds.",
        "",
        "| what | runs | wall, s | CPU, s | peak memory, MiB |",
        "|:---|---:|---:|---:|---:|",
        *(_row(name, costs) for name, costs in rows),
        "",
        "The cold run by stage (seconds of the last one; imports fall on the asset that needs them first):",
        "",
        "| stage | s |",
        "|:---|---:|",
        *(f"| {name} | {value:.1f} |" for name, value in stages.items()),
        "",
        f"No-op to `import dagster`, CPU: {_ratio(rows[1][1], rows[2][1]):.2f}",
        "",
    ]
    return "\n".join(lines)


def _row(name: str, costs: Sequence[Cost]) -> str:
    failed = " (FAILED)" if any(cost.status for cost in costs) else ""
    wall, cpu, peak = (statistics.median(getattr(c, key) for c in costs) for key in ("wall", "cpu", "peak"))
    return f"| {name}{failed} | {len(costs)} | {wall:.2f} | {cpu:.2f} | {peak:.0f} |"


def _ratio(one: Sequence[Cost], other: Sequence[Cost]) -> float:
    return statistics.median(c.cpu for c in one) / statistics.median(c.cpu for c in other)


if __name__ == "__main__":
    main()
