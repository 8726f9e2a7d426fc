"""Our answers beside those of independent software: ``python tests/golden/comparison.py`` prints the table.

What is compared is in ``<family>.csv`` (elsewhere) and ``<family>.py`` (ours).
"""

from __future__ import annotations

import csv
import importlib.util
import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Compared:
    """One answer computed twice."""

    family: str
    case: str
    quantity: str
    ours: float
    elsewhere: float
    tolerance: float
    source: str

    @property
    def difference(self) -> float:
        """Ours less the other one, relative to it; absolute where it is below 1 in size."""
        if self.ours == self.elsewhere:
            return 0.0
        return (self.ours - self.elsewhere) / max(1.0, abs(self.elsewhere))

    @property
    def agrees(self) -> bool:
        """Is the difference small enough, and a number?"""
        return abs(self.difference) <= self.tolerance


def families() -> list[str]:
    """Families with answers computed elsewhere."""
    return sorted(path.stem for path in HERE.glob("*.csv"))


def compared(family: str) -> Iterator[Compared]:
    """All answers of a family; one without a counterpart has NaN in its place."""
    ours = {(case, quantity): float(value) for case, quantity, value in _module(family).ours()}
    with (HERE / f"{family}.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            value = ours.pop((row["case"], row["quantity"]), math.nan)
            elsewhere, tolerance = float(row["elsewhere"]), float(row["tolerance"])
            yield Compared(family, row["case"], row["quantity"], value, elsewhere, tolerance, row["source"])
    for (case, quantity), value in ours.items():
        yield Compared(family, case, quantity, value, math.nan, 0.0, "no answer from elsewhere")


def _module(family: str) -> Any:
    """The module that computes ours. The folder is no package: families are named like modules of the product."""
    spec = importlib.util.spec_from_file_location(f"golden_{family}", HERE / f"{family}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def main(wanted: list[str]) -> int:
    """Print the table, of some families or all; 1 where an answer differs."""
    from rich.console import Console
    from rich.table import Table

    table = Table("family", "case", "quantity", *_numbers("ours", "elsewhere", "difference", "allowed"), "source")
    rows = [row for family in wanted or families() for row in compared(family)]
    for row in rows:
        numbers = (f"{row.ours:.10g}", f"{row.elsewhere:.10g}", f"{row.difference:.1e}", f"{row.tolerance:.0e}")
        style = "" if row.agrees else "bold red"
        table.add_row(row.family, row.case, row.quantity, *numbers, row.source, style=style)
    console = Console(width=None if sys.stdout.isatty() else 200)
    console.print(table)
    console.print(_summary(rows))
    differ = [row for row in rows if not row.agrees]
    console.print(f"{len(rows)} answers; {len(rows) - len(differ)} agree, {len(differ)} differ.")
    return 1 if differ else 0


def _summary(rows: list[Compared]) -> Any:
    """A row a family: how many answers, from where, and the largest difference in parts of what is allowed."""
    from rich.table import Table

    table = Table("family", *_numbers("answers", "agree", "largest difference", "of what is allowed"), "from")
    for family in dict.fromkeys(row.family for row in rows):
        own = [row for row in rows if row.family == family]
        worst = max(own, key=lambda row: abs(row.difference) / row.tolerance if row.tolerance else 0.0)
        used = abs(worst.difference) / worst.tolerance if worst.tolerance else 0.0
        sources = sorted({row.source.split("::")[0].split("(")[0].strip() for row in own})
        agree = str(sum(row.agrees for row in own))
        table.add_row(family, str(len(own)), agree, f"{worst.difference:.1e}", f"{used:.2g}", ", ".join(sources))
    return table


def _numbers(*heads: str) -> list[object]:
    from rich.table import Column

    return [Column(head, justify="right") for head in heads]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
