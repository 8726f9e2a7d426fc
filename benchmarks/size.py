"""Cost of records and estimates by number of rows and of services, beside the floor and beside the usual script.

    python benchmarks/size.py           all sizes, then 500 services from raw files to reports; writes RESULTS.md
    python benchmarks/size.py --small   a few thousand rows, once, to try the scripts; writes nothing

Each contender runs in a process of its own, in turns. Data lie in a temporary folder that is removed at the end.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from digest import differences
from measure import Cost, measure
from results import COST_HEADER, cost_row, median, table, write_section
from tools import MissingError, install

HERE = Path(__file__).parent
ROOT = HERE.parent
PEERSCOPE = str(Path(sys.executable).with_name("peerscope"))
DUCKDB = "duckdb==2.0.0"

Size = tuple[int, int]
SIZES: tuple[Size, ...] = ((10_000, 50), (1_000_000, 5), (1_000_000, 50), (1_000_000, 500), (10_000_000, 50))
SMALL: tuple[Size, ...] = ((2_000, 5), (20_000, 5), (20_000, 50))
LARGE = 10_000_000

Survey = tuple[int, int, str, int]
STUDIES: tuple[Survey, ...] = (
    (1_000_000, 500, "client-feedback", 20_000),
    (100_000, 500, "clinician-ratings", 5_000),
)
SMALL_STUDIES: tuple[Survey, ...] = ((20_000, 20, "client-feedback", 400),)
"""Sessions, services, instrument, respondents. With ten respondents a service most cells are to be withheld."""
STUDY_LIMIT = 300.0

FLOORS = ("floor, DuckDB", "floor, Polars")
OURS, USUAL = "ours", "pandas + pandera"
ASSETS = ("study", "sessions", "doses", "support")


@dataclass(frozen=True)
class Place:
    """Where the study of one size lies, and where a contender may write."""

    project: Path

    @property
    def study(self) -> Path:
        return self.project / "raw" / "demo-size"

    def empty(self, name: str) -> Path:
        """A folder without files, in place of what an earlier run left."""
        folder = self.project / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder

    def env(self) -> dict[str, str]:
        return os.environ | {
            "PEERSCOPE_PROJECT": str(self.project),
            "PEERSCOPE_OUTPUTS": str(self.project / "outputs"),
        }


def main() -> None:
    """Measure, print, and write the results."""
    small = "--small" in sys.argv
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        contenders = _contenders(work)
        sizes = SMALL if small else SIZES
        warm = _measure_size(work, (1_000, 5), contenders, 1)  # compiles and caches; not counted
        costs = {size: _measure_size(work, size, contenders, _repeats(size, small)) for size in sizes}
        apart = [f"{size}: {one}" for size, found in {(1_000, 5): warm, **costs}.items() for one in _apart(found)]
        lines = _report(costs, apart)
        whole = [line for study in (SMALL_STUDIES if small else STUDIES) for line in _whole_study(work, *study)]
    if small:
        print("\n".join([*lines, *whole]))
    else:
        print(write_section("Size: rows and services", "size.py", lines))
        print(write_section("500 services, from raw files to reports", "size.py", whole))
    sys.exit(1 if apart else 0)


def _repeats(size: Size, small: bool) -> int:
    return 1 if small else 2 if size[0] >= LARGE else 3


def _contenders(work: Path) -> dict[str, list[str]]:
    """Commands by name; STUDY, KEPT and PROJECT stand for folders."""
    python = sys.executable
    usual = {USUAL: [python, str(HERE / "usual_pandas.py"), "STUDY"]}
    polars = [python, str(HERE / "floor_polars.py"), "STUDY"]
    floors = {"floor, Polars": polars, "floor, Polars + Parquet": [*polars, "KEPT"]}
    try:
        duckdb = [install(work / "duckdb", DUCKDB), str(HERE / "floor_duckdb.py"), "STUDY"]
        floors = {"floor, DuckDB": duckdb, "floor, DuckDB + Parquet": [*duckdb, "KEPT"]} | floors
    except MissingError as missing:
        print(missing)
    select = [word for name in ASSETS for word in ("--select", f"demo_size/{name}")]
    ours = {OURS: [python, str(HERE / "ours.py"), "PROJECT"], "ours, by `peerscope run`": [PEERSCOPE, "run", *select]}
    return floors | usual | ours


def _measure_size(
    work: Path, size: Size, contenders: Mapping[str, Sequence[str]], repeats: int
) -> dict[str, list[Cost]]:
    place = _place(work, size)
    costs: dict[str, list[Cost]] = {name: [] for name in contenders}
    for _ in range(repeats):
        for name, command in contenders.items():
            folders = {"STUDY": place.study, "KEPT": place.empty("kept"), "PROJECT": place.project}
            place.empty("outputs")
            cost = measure([str(folders.get(word, word)) for word in command], place.env(), place.project)
            print(f"{size} {name}: {cost.wall:.2f} s, {cost.cpu:.2f} s CPU, {cost.peak:.0f} MiB", flush=True)
            costs[name].append(_with_digest(cost, place) if name.startswith(OURS) else cost)
    shutil.rmtree(place.project)
    return costs


def _with_digest(cost: Cost, place: Place) -> Cost:
    """What ours wrote, as the others print it."""
    if cost.status:
        return cost
    command = [sys.executable, str(HERE / "digest.py"), str(place.project)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    return Cost(cost.wall, cost.cpu, cost.peak, made.returncode, made.stdout, made.stderr)


def _place(work: Path, size: Size, *survey: str) -> Place:
    """Data are made in another process, so that this one stays small."""
    rows, services = size
    place = Place(work / f"{rows}-{services}")
    made = [sys.executable, str(HERE / "size_data.py"), str(place.project), str(rows), str(services), *survey]
    subprocess.run(made, check=True)
    return place


def _apart(costs: Mapping[str, Sequence[Cost]]) -> list[str]:
    """Contenders that failed, or came to something else than the first one."""
    problems, (first, *_) = [], list(costs)
    expected = costs[first][0]
    for name, runs in costs.items():
        for run in runs:
            if run.status:
                problems.append(f"{name} failed: {(run.errors or run.output).strip()[-300:]}")
            elif not expected.status and (apart := differences(json.loads(expected.output), json.loads(run.output))):
                problems.append(f"{name} is not as {first}: {len(apart)} numbers, such as {apart[0]}")
    return problems


def _report(costs: Mapping[Size, Mapping[str, Sequence[Cost]]], apart: Sequence[str]) -> list[str]:
    lines = [
        "The same checks and aggregates of one session file. The floor is the quicker of two scripts written by hand",
        "for this file (DuckDB, Polars); they keep nothing, unless Parquet is named. `ours` are the real asset",
        "functions, which keep rows, doses and estimates; `peerscope run` adds Dagster and the manifest. A contender",
        "includes the start of Python and its imports. Files were just written, so they come from memory.",
        "",
        "All contenders came to the same numbers."
        if not apart
        else "**Not all contenders came to the same numbers:**",
        *[f"- {one}" for one in dict.fromkeys(apart)],
        "",
        *table(RATIO_HEADER, [_ratios(size, found) for size, found in costs.items()], 0),
        "Growth exponents (1: doubles when the size doubles):",
        "",
        *_growth(costs),
    ]
    for (rows, services), found in costs.items():
        lines += [f"{rows:,} rows, {services} services:", ""]
        lines += table(COST_HEADER, [cost_row(name, runs) for name, runs in found.items()])
    return lines


RATIO_HEADER = (
    "rows", "services", "floor", "ours / floor, wall", "ours / floor, CPU", "ours / floor, memory",
    "ours / pandas, wall", "ours / pandas, memory", "ours, MiB",
)  # fmt: skip


def _ratios(size: Size, costs: Mapping[str, Sequence[Cost]]) -> list[str]:
    present = [name for name in FLOORS if name in costs and not math.isnan(median(costs[name], "wall"))]
    floor = min(present, key=lambda name: median(costs[name], "wall"))

    def ratio(other: str, key: str) -> str:
        return f"{median(costs[OURS], key) / median(costs[other], key):.2f}"

    own = [floor.removeprefix("floor, "), *(ratio(floor, key) for key in ("wall", "cpu", "peak"))]
    memory = f"{median(costs[OURS], 'peak'):.0f}"
    return [f"{size[0]:,}", str(size[1]), *own, *(ratio(USUAL, key) for key in ("wall", "peak")), memory]


def _growth(costs: Mapping[Size, Mapping[str, Sequence[Cost]]]) -> list[str]:
    steps = [*_steps(costs, 0), *_steps(costs, 1)]
    header = ["what", *(f"{name}, {key}" for name, *_ in steps for key in ("wall", "memory"))]
    rows = [
        [name, *(f"{_exponent(costs, name, step, key):.2f}" for step in steps for key in ("wall", "peak"))]
        for name in next(iter(costs.values()))
    ]
    return table(header, rows)


Step = tuple[str, Size, Size]


def _steps(costs: Mapping[Size, object], which: int) -> list[Step]:
    """Pairs of sizes next to each other that differ in rows (0) or in services (1) only."""
    steps = []
    for one in costs:
        larger = [two for two in costs if two[1 - which] == one[1 - which] and two[which] > one[which]]
        if larger:
            two = min(larger, key=lambda size: size[which])
            what = ("rows", "services")[which]
            steps.append((f"{what} {one[which]:,} to {two[which]:,}", one, two))
    return steps


def _exponent(costs: Mapping[Size, Mapping[str, Sequence[Cost]]], name: str, step: Step, key: str) -> float:
    _, one, two = step
    factor = two[0] * two[1] / (one[0] * one[1])
    return math.log(median(costs[two][name], key) / median(costs[one][name], key)) / math.log(factor)


def _whole_study(work: Path, rows: int, services: int, instrument: str, respondents: int) -> list[str]:
    """`peerscope run` on one study with sessions and a survey: gate, figures and report included."""
    place = _place(work, (rows, services), instrument, str(respondents))
    cost = measure([PEERSCOPE, "run"], place.env(), place.project, STUDY_LIMIT)
    print(
        f"whole study: {cost.wall:.1f} s, {cost.cpu:.1f} s CPU, {cost.peak:.0f} MiB, status {cost.status}", flush=True
    )
    again = [] if cost.status else [measure([PEERSCOPE, "run"], place.env(), place.project, STUDY_LIMIT)]
    what = f"{rows:,} sessions at {services} services, {respondents:,} respondents of {instrument}"
    stopped = f"; stopped after {STUDY_LIMIT:.0f} s" if cost.wall > STUDY_LIMIT else ""
    costs = [cost_row("`peerscope run`", [cost]), *([cost_row("again, nothing changed", again)] if again else [])]
    assets = _assets(place, cost)
    shutil.rmtree(place.project)
    longest = "By asset, the longest first:"
    return [f"{what}{stopped}:", "", *table(COST_HEADER, costs), longest, "", *table(("asset", "s"), assets)]


def _assets(place: Place, cost: Cost) -> list[list[str]]:
    entries = [json.loads(path.read_text()) for path in (place.project / "outputs" / "manifest").glob("*.json")]
    seconds = {entry["asset"]: float(entry["seconds"]) for entry in entries}
    longest = sorted(seconds, key=lambda asset: -seconds[asset])
    rest = cost.wall - sum(seconds.values())
    named = [[asset, f"{seconds[asset]:.1f}"] for asset in longest if seconds[asset] >= 0.5]
    return [*named, ["all others, Dagster, imports, start and end", f"{rest:.1f}"]]


if __name__ == "__main__":
    main()
