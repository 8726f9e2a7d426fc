"""Cost of finding out that there is nothing to do, beside other tools; and what runs again after one change.

python benchmarks/staleness.py           all; writes RESULTS.md
python benchmarks/staleness.py --small   once each, without the copy of the shipped project; writes nothing
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from measure import Cost, idle, measure
from reran import COPIED, Ran, observe
from results import cost_row, median, table, write_section
from steps import CHAINS, LENGTH, Chains, Contender, SmallStudies
from tools import MissingError, install

ROOT = Path(__file__).parents[1]
PEERSCOPE = str(Path(sys.executable).with_name("peerscope"))
SNAKEMAKE = "snakemake==9.27.1"
IMPORT = '`python -c "import dagster"`'
NO_TARGETS = (
    "R targets is not measured: Debian 12 has no package of it, and CRAN could not be reached where this was written."
)

Costs = dict[str, list[Cost]]


def main() -> None:
    """Measure, print, and write the results."""
    small = "--small" in sys.argv
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        contenders, missing = _contenders(folder)
        shipped = None if small else _shipped(folder)
        lines = _timed(contenders, shipped, 1 if small else 5)
        ran = [] if small else observe(ROOT, folder)
    lines = [*lines, *(f"{one}." for one in missing), NO_TARGETS]
    if small:
        print("\n".join(lines))
    else:
        print(write_section("Staleness: nothing to do, and one change", "staleness.py", lines))
        print(write_section("What runs again", "staleness.py", _told(ran)))


@dataclass(frozen=True)
class Shipped:
    """The shipped project after a finished run: only the run with nothing to do is measured."""

    folder: Path
    command: list[str]

    def env(self) -> dict[str, str]:
        return os.environ | {"PEERSCOPE_PROJECT": str(self.folder), "PEERSCOPE_OUTPUTS": str(self.folder / "outputs")}


def _contenders(folder: Path) -> tuple[dict[str, Contender], list[str]]:
    studies = SmallStudies(folder / "studies", [PEERSCOPE, "run"]).write()
    found: dict[str, Contender] = {f"ours, {_assets(studies.env())} assets": studies}
    try:
        python = install(folder / "snakemake", SNAKEMAKE)
    except MissingError as error:
        return found, [str(error)]
    return found | {f"snakemake, {CHAINS * LENGTH + 1} steps": Chains(folder / "chains", python).write()}, []


def _assets(env: Mapping[str, str]) -> int:
    """How many assets a project has, asked in another process."""
    code = "from pipeline.graph import plan; from pipeline.store import Project; print(len(plan(Project.find())))"
    asked = subprocess.run([sys.executable, "-c", code], env=dict(env), capture_output=True, text=True, check=True)
    return int(asked.stdout)


def _shipped(folder: Path) -> Shipped:
    copy = Shipped(folder / "shipped", [PEERSCOPE, "run"])
    copy.folder.mkdir()
    for name in COPIED[2:]:
        source = ROOT / name
        shutil.copytree(source, copy.folder / name) if source.is_dir() else shutil.copy(source, copy.folder)
    measure(copy.command, copy.env(), copy.folder)
    return copy


def _timed(contenders: Mapping[str, Contender], shipped: Shipped | None, repeats: int) -> list[str]:
    cold, nothing, touched, changed = (_costs(contenders) for _ in range(4))
    for turn in range(repeats):
        _each(contenders, cold, lambda one: one.empty())
        for _ in range(2):
            _each(contenders, nothing, lambda one: None, is_idle=True)
            if shipped:
                name = f"ours, the shipped project, {_assets(shipped.env())} assets"
                nothing.setdefault(name, []).append(idle(measure(shipped.command, shipped.env(), shipped.folder)))
            nothing.setdefault(IMPORT, []).append(measure([sys.executable, "-c", "import dagster"], os.environ, ROOT))
        _each(contenders, touched, lambda one: one.touch(), is_idle=True)
        _each(contenders, changed, lambda one, turn=turn: one.change(turn))
    parts = {
        "cold": cold,
        "nothing to do": nothing,
        "a source touched, not changed": touched,
        "a source changed": changed,
    }
    return _tables(parts)


def _costs(contenders: Mapping[str, Contender]) -> Costs:
    return {name: [] for name in contenders}


def _each(
    contenders: Mapping[str, Contender], costs: Costs, before: Callable[[Contender], None], *, is_idle: bool = False
) -> None:
    for name, one in contenders.items():
        before(one)
        cost = measure(one.command, one.env(), one.folder)
        costs[name].append(idle(cost) if is_idle and name.startswith("ours") else cost)
        print(f"{name}: {cost.wall:.2f} s, status {costs[name][-1].status}", flush=True)


def _tables(parts: Mapping[str, Costs]) -> list[str]:
    nothing = parts["nothing to do"]
    ours = [name for name in nothing if name.startswith("ours")]
    others = [name for name in nothing if name not in ours]
    rows = [
        [mine, other, *(f"{median(nothing[mine], key) / median(nothing[other], key):.2f}" for key in ("wall", "cpu"))]
        for mine in ours
        for other in others
    ]
    lines = [
        "Ten chains of five trivial steps and one that puts them together; ours are ten studies of one tiny table",
        "each. A step of snakemake is `cat`, one of ours validates, estimates, guards or draws: only the runs with",
        "nothing to do compare.",
        "",
        "Nothing to do, as ratios:",
        "",
        *table(("ours", "beside", "wall", "CPU"), rows, 2),
    ]
    header = ("state", "what", "runs", "wall, s", "CPU, s", "peak memory, MiB")
    return lines + table(
        header, [[state, *cost_row(name, c)] for state, costs in parts.items() for name, c in costs.items()], 2
    )


def _told(ran: Sequence[Ran]) -> list[str]:
    """One table of what ran, and one of why."""
    lines = [
        "In a copy of the shipped project and of its code, each change by itself after a finished run. What came out",
        "fresh are assets below a change that did not run: what they are made from had come out the same.",
        "",
        *table(
            ("changed", "assets run", "came out fresh", "wall, s"),
            [[one.what, len(one.assets), one.fresh, f"{one.cost.wall:.1f}"] for one in ran],
        ),
    ]
    for one in (one for one in ran if one.assets):
        rows = [(name, why, "yes" if name in one.changed else "no") for name, why in one.why.items()]
        lines += [f"After {one.what}:", "", *table(("asset run", "because of", "its files differ"), rows, 3)]
    return lines


if __name__ == "__main__":
    main()
