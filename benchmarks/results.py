"""The sections of RESULTS.md: each script writes its own anew and leaves the others as they are."""

from __future__ import annotations

import os
import platform
import re
import statistics
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from measure import Cost

RESULTS = Path(__file__).with_name("RESULTS.md")
TITLE = """# Results of the benchmarks

Times of a shared machine mean little by themselves: compare ratios within a section.
"""


def write_section(title: str, script: str, lines: Iterable[str]) -> str:
    """Put a section into RESULTS.md in place of the one with this title, or at the end; returns its text."""
    section = "\n".join([f"## {title}", "", _made_by(script), "", *lines]).rstrip() + "\n"
    old = RESULTS.read_text(encoding="utf-8") if RESULTS.is_file() else ""
    parts = [one for one in re.split(r"^(?=## )", old, flags=re.MULTILINE) if one.startswith("## ")]
    names = [one.splitlines()[0] for one in parts]
    if f"## {title}" in names:
        parts[names.index(f"## {title}")] = section
    else:
        parts.append(section)
    RESULTS.write_text("\n".join([TITLE, *(one.rstrip() + "\n" for one in parts)]), encoding="utf-8")
    return section


def _made_by(script: str) -> str:
    return (
        f"Made by `python benchmarks/{script}` on {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, "
        f"{platform.system()}, Python {platform.python_version()}; medians."
    )


def table(header: Sequence[str], rows: Iterable[Sequence[object]], texts: int = 1) -> list[str]:
    """A Markdown table whose first ``texts`` columns are words and whose others are numbers."""
    align = [":---"] * texts + ["---:"] * (len(header) - texts)
    return [_row(header), "|" + "|".join(align) + "|", *(_row(row) for row in rows), ""]


def _row(cells: Sequence[object]) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def median(costs: Sequence[Cost], key: str) -> float:
    """The median of one number of several costs; NaN where one of them did not come to its end."""
    if not costs or any(cost.status for cost in costs):
        return float("nan")
    return float(statistics.median(getattr(cost, key) for cost in costs))


def cost_row(name: str, costs: Sequence[Cost]) -> list[str]:
    """Name, number of runs, wall, CPU and memory."""
    failed = " (FAILED)" if any(cost.status for cost in costs) else ""
    numbers = [f"{median(costs, 'wall'):.2f}", f"{median(costs, 'cpu'):.2f}", f"{median(costs, 'peak'):.0f}"]
    return [name + failed, str(len(costs)), *numbers]


COST_HEADER = ("what", "runs", "wall, s", "CPU, s", "peak memory, MiB")
