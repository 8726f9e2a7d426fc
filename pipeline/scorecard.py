"""What ``peerscope claims`` prints: how every published figure came out.

How a claim comes out is decided in ``methods.claims``.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from pipeline.run import unexpected_claims
from pipeline.store import Project
from pipeline.studies import load_study
from pipeline.terminal import console
from schemas.vocabulary import ABOUT, BOUNDS, OUTCOMES

COLOURS = {"agrees": "green", "as published": "cyan", "not computable": "yellow", "withheld": "yellow"}
CARRIED = ("agrees", "as published", "not computable")
"""Outcomes that need no second look; the summary of all studies counts them only."""


def print_claims(project: Project, study: str | None) -> int:
    """Print the claims of one study with their outcomes, or the scorecard of all studies; the exit status."""
    if study and not load_study(project.raw / study).claims:
        console.print(f"'{study}' has no claims: its study file names no claims.csv.")
        return 0
    paths = sorted(project.release.glob(f"studies/{study or '*'}/claims.csv"))
    if not paths:
        console.print("No claims have been evaluated yet: peerscope run")
        return 1
    rows = [row for path in paths for row in _rows(path)]
    if study:
        _print_outcomes(rows)
        _print_scorecard(rows)
    else:
        _print_summary(rows)
    return 1 if unexpected_claims(project, study) else 0


def _print_outcomes(rows: Sequence[dict[str, str]]) -> None:
    table = Table("claim", "published", "recomputed", "outcome", "note", show_edge=False, pad_edge=False)
    table.columns[0].overflow = "fold"
    for row in rows:
        table.add_row(*_claim_row(row))
    console.print(table)


def _print_summary(rows: Sequence[dict[str, str]]) -> None:
    """Outcomes by study, then each study's claims that agree under a condition, differ, or surprise."""
    studies = list(dict.fromkeys(row["study"] for row in rows))
    kinds = [kind for kind in OUTCOMES if any(_kind(row) == kind for row in rows)]
    table = Table("study", *kinds, "claims", "unexpected", show_edge=False, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    for name in [*studies, *["all"] * (len(studies) > 1)]:
        table.add_row(name, *_counts([row for row in rows if name in (row["study"], "all")], kinds))
    console.print(table)
    for name in studies:
        second = [row for row in rows if row["study"] == name and (row["outcome"] not in CARRIED or _surprises(row))]
        if second:
            console.print(f"\n[bold]{name}[/]: {len(second)} with a condition, a difference or a surprise")
            _print_outcomes(second)
    console.print("\nEvery claim of a study: peerscope claims <study>", markup=False)


def _counts(rows: Sequence[dict[str, str]], kinds: Sequence[str]) -> list[str]:
    """Number of claims with each kind of outcome, of all, and of the unexpected ones."""
    found = [_kind(row) for row in rows]
    return [str(n) for n in (*(found.count(kind) for kind in kinds), len(rows), sum(map(_surprises, rows)))]


def _kind(row: dict[str, str]) -> str:
    return max((kind for kind in OUTCOMES if row["outcome"].startswith(kind)), key=len)


def _surprises(row: dict[str, str]) -> bool:
    return row["as_expected"].lower() != "true"


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _claim_row(row: dict[str, str]) -> tuple[str, ...]:
    number = _printed(row["published"], row["decimals"]) if row["published"] else row["value_text"]
    published = (f"{row['operator']} " if row["operator"] in (*BOUNDS, ABOUT) else "") + number
    recomputed = f"{float(row['recomputed']):.2f}" if row["recomputed"] else ""
    colour = COLOURS.get(row["outcome"], "magenta" if row["outcome"].startswith("agrees") else "red")
    expected = f" (expected: {row['expected']})" if _surprises(row) else ""
    outcome = f"[{colour}]{row['outcome']}[/]{escape(expected)}"
    return row["claim"], escape(published), recomputed, outcome, escape(row["note"])


def _printed(text: str, decimals: str) -> str:
    return f"{float(text):.{int(float(decimals or 0))}f}"


def _print_scorecard(rows: Sequence[dict[str, str]]) -> None:
    outcomes = [row["outcome"] for row in rows]
    counts = sorted({one: outcomes.count(one) for one in outcomes}.items(), key=lambda pair: -pair[1])
    console.print()
    for outcome, count in counts:
        console.print(f"{count:5d}  {outcome}")
    unexpected = sum(map(_surprises, rows))
    console.print(f"{len(rows):5d}  claims, {unexpected} otherwise than expected")
