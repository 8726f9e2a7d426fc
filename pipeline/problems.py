"""Problems that a person has to mend, and how they are told.

Finding them belongs in ``studies.py`` (the study file) and ``validation.py`` (raw data files).
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from difflib import get_close_matches
from pathlib import Path

from pipeline.store import write_text


@dataclass(frozen=True, order=True)
class Problem:
    """One thing to mend. ``value`` may be a participant's answer: it goes into the restricted report only."""

    file: str
    row: int | None
    column: str
    value: str
    rule: str
    remedy: str

    def without_value(self) -> str:
        """One line for terminals, logs and Dagster: everything but the value."""
        word = "line" if self.file.endswith(".yml") else "row"
        row = f", {word} {self.row}" if self.row is not None else ""
        column = f", column {self.column}" if self.column else ""
        return f"{self.file}{row}{column}: {self.rule}. {self.remedy}"


class ProblemsFoundError(Exception):
    """Raw data or a study file that can't be used as it is.

    The message has counts, rules and rows, never values.
    """

    def __init__(self, problems: Sequence[Problem]):
        self.problems = tuple(problems)
        super().__init__("\n".join(summary(self.problems)))


def summary(problems: Sequence[Problem], most: int = 12) -> list[str]:
    """The first problems, a line each, without values, and how many more there are."""
    lines = [problem.without_value() for problem in problems[:most]]
    more = len(problems) - most
    return [*lines, f"... and {more} more"] if more > 0 else lines


def read_report(path: Path) -> list[Problem]:
    """The problems of a report that was kept; none where there is no such file."""
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return [
        Problem(
            row["file"], int(row["row"] or 0) or None, *(row[name] for name in ("column", "value", "rule", "remedy"))
        )
        for row in rows
    ]


NOT_LISTED = "more problems are not listed"


def how_many(problems: Sequence[Problem]) -> int:
    """The number of problems, with those that one line stands for because there are so many."""
    return sum(_stands_for(problem) for problem in problems)


def _stands_for(problem: Problem) -> int:
    number, _, rest = problem.rule.partition(" ")
    return int(number) if rest == NOT_LISTED else 1


def by_rule(problems: Sequence[Problem]) -> dict[str, int]:
    """How many problems each rule has, most first."""
    counts: Counter[str] = Counter()
    for problem in problems:
        number = _stands_for(problem)
        counts[problem.rule if number == 1 else NOT_LISTED] += number
    return dict(counts.most_common())


def report(problems: Sequence[Problem]) -> str:
    """The problem report as CSV; with values, so for the restricted zone only."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, [field.name for field in fields(Problem)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(problem) for problem in problems)
    return stream.getvalue()


def keep_report(folder: Path, name: str, problems: Sequence[Problem]) -> Path:
    """Keep the problems of one table, and ``problems.csv``, which has those of the whole study, up to date.

    ``folder`` is the study's in the restricted zone. Without problems the table's report goes; once no table has
    any, so does ``problems.csv``, whose path is returned.
    """
    own, together = folder / "problems" / f"{name}.csv", folder / "problems.csv"
    if problems:
        write_text(own, report(problems))
    elif own.is_file():
        own.unlink()
    else:
        return together
    parts = [path.read_text(encoding="utf-8").split("\n", 1) for path in sorted(own.parent.glob("*.csv"))]
    if parts:
        write_text(together, parts[0][0] + "\n" + "".join(rows for _, rows in parts))
    else:
        together.unlink(missing_ok=True)
    return together


def nearest(word: str, known: Sequence[str]) -> str:
    """``did you mean 'x'? `` where a known word is near, and what is known otherwise."""
    close = get_close_matches(word.lower(), [k.lower() for k in known], n=1, cutoff=0.6)
    if close:
        return f"Did you mean '{next(k for k in known if k.lower() == close[0])}'?"
    listed = ", ".join(known[:12]) + (", ..." if len(known) > 12 else "")
    return f"Known: {listed}." if known else ""


def file_problem(path: Path, rule: str, remedy: str, row: int | None = None, column: str = "") -> Problem:
    """A problem of a whole file, line or column, without any value."""
    return Problem(path.name, row, column, "", rule, remedy)
