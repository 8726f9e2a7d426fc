"""What differs between two releases: which estimates moved, appeared or vanished, and which raw files changed.

Two releases side by side can tell what neither tells alone: where one person was added, the difference is that
person's answer. So an earlier number is shown only where enough people changed. How it is printed belongs in
``reporting.change_tables``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipeline.release_history import Kept
from pipeline.reporting.formats import as_text
from pipeline.store import Project, write_csv
from schemas.vocabulary import COMPARED

COUNTS = ("n", "n_reference", "events", "missing")
SURVEY = ("study", "population", "instrument", "wave")
"""Estimates that rest on the same people: what one of them hides another may give away."""

EARLIER = ("value", "low", "high", "p")
COLUMNS = (
    "study", "estimate_id", "change", "beyond_rounding",
    "value_before", "low_before", "high_before", "p_before", "reason_before", "value", "low", "high", "p", "reason",
    "not_shown",
)  # fmt: skip
CHANGES = {
    "moved": "another number than before",
    "interval moved": "the same number with another interval, range or p-value",
    "now a number": "earlier there was a reason and no number",
    "no number now": "now there is a reason and no number",
    "another reason": "no number, for another reason than before",
    "appeared": "not there before",
    "vanished": "no longer there",
}
"""Ways in which an estimate can change."""

TOO_FEW = "a count behind it changed by fewer than {}"
SAME_COUNTS = "corrected without a change of any count"

Frames = dict[str, pd.DataFrame]


def changes(before: Kept | None, now: Kept, minimum_cells: Mapping[str, int | None]) -> Frames:
    """Frames ``about`` (one row), ``estimates`` (``COLUMNS``), ``files`` and ``set_aside``, by name.

    Parameters
    ----------
    before
        The earlier release; ``None`` gives frames without rows.
    minimum_cells
        Smallest number of people that may be seen, by study; ``None`` where every figure is public.
    """
    about = pd.DataFrame([{"earlier": before.seen if before else "", "later": now.seen if before else ""}])
    if before is None:
        before = now
    files = _files(before.raw, now.raw)
    touched = set(files["study"])
    return {
        "about": about,
        "estimates": _estimates(before.estimates, now.estimates, minimum_cells, touched),
        "files": files,
        "set_aside": _set_aside(before.set_aside, now.set_aside),
    }


def write_changes(project: Project, frames: Frames) -> list[Path]:
    """Write the frames into the release zone; returns the files."""
    return [write_csv(project.release / "changes" / f"{name}.csv", frame) for name, frame in frames.items()]


def _files(before: Mapping[str, str], now: Mapping[str, str]) -> pd.DataFrame:
    rows = []
    for name in sorted({*before, *now}):
        if before.get(name) != now.get(name):
            change = "new" if name not in before else "gone" if name not in now else "changed"
            rows.append((name.split("/")[1], name, change))
    return pd.DataFrame(rows, columns=["study", "file", "change"])


def _set_aside(before: Mapping[str, int], now: Mapping[str, int]) -> pd.DataFrame:
    rows = [(*name.split("/"), before.get(name, 0), now.get(name, 0)) for name in sorted({*before, *now})]
    return pd.DataFrame(rows, columns=["study", "table", "rows_before", "rows"])


def _estimates(
    before: pd.DataFrame, now: pd.DataFrame, minimum_cells: Mapping[str, int | None], touched: set[str]
) -> pd.DataFrame:
    both = now.merge(before, how="inner", on="estimate_id", suffixes=("", "_before"))
    hidden = _not_shown(both, minimum_cells, touched)
    differs = np.logical_or.reduce([_differs(both, column) for column in COMPARED])
    rows = both.assign(not_shown=hidden)[differs].to_dict("records")
    moved = [_moved({str(key): value for key, value in row.items()}) for row in rows]
    single = [*_single(now, before, "appeared"), *_single(before, now, "vanished")]
    return pd.DataFrame([*moved, *single], columns=list(COLUMNS))


def _differs(both: pd.DataFrame, column: str) -> Any:
    here, there = both[column], both[f"{column}_before"]
    return ((here != there) & ~(here.isna() & there.isna())).to_numpy()


def _single(these: pd.DataFrame, those: pd.DataFrame, change: str) -> Iterator[dict[str, Any]]:
    """Estimates of one release only, without a number: what vanished may have had to."""
    for study, name in these.loc[
        ~these["estimate_id"].isin(those["estimate_id"]), ["study", "estimate_id"]
    ].to_numpy():
        yield {"study": study, "estimate_id": name, "change": change, "not_shown": ""}


def _moved(row: dict[str, Any]) -> dict[str, Any]:
    """One estimate of both releases, with its earlier number where that may stand beside the present one."""
    change = _change(row)
    earlier = {column: row[f"{column}_before"] for column in EARLIER}
    printed = [as_text(row, "value"), as_text(_as_it_was(row), "value")]  # type: ignore[arg-type]
    shown = change in ("moved", "interval moved") and not row["not_shown"]
    return {
        **{column: row[column] for column in ("study", "estimate_id", *EARLIER, "reason")},
        **{f"{column}_before": value if shown else None for column, value in earlier.items()},
        "reason_before": row["reason_before"],
        "change": change,
        "beyond_rounding": printed[0] != printed[1],
        "not_shown": row["not_shown"] if change in ("moved", "interval moved") else "",
    }


def _as_it_was(row: dict[str, Any]) -> dict[str, Any]:
    return {column: row.get(f"{column}_before", value) for column, value in row.items()}


def _change(row: dict[str, Any]) -> str:
    here, there = pd.notna(row["value"]), pd.notna(row["value_before"])
    if here and there:
        return "moved" if row["value"] != row["value_before"] else "interval moved"
    if here or there:
        return "now a number" if here else "no number now"
    return "another reason" if row["reason"] != row["reason_before"] else "interval moved"


def _not_shown(both: pd.DataFrame, minimum_cells: Mapping[str, int | None], touched: set[str]) -> pd.Series:
    """Why the earlier number may not stand beside the present one, a text a row; empty where it may."""
    known = both[~(both["suppressed"] | both["suppressed_before"])]
    steps = _steps(known).groupby([both[key] for key in SURVEY], sort=False).min()
    why = {group: _why(str(group[0]), step, minimum_cells, touched) for group, step in steps.items()}  # type: ignore[index]
    groups = both[list(SURVEY)].itertuples(index=False, name=None)
    return pd.Series([why.get(group, "") for group in groups], index=both.index, dtype=object)


def _steps(known: pd.DataFrame) -> pd.Series:
    """The smallest number of people by which a count behind each estimate changed; empty where none did.

    Where the denominator changed, a numerator that stayed counts as a step of nobody: it tells that none, or all, of
    those who came are in it.
    """
    steps = {column: (known[column] - known[f"{column}_before"]).abs() for column in COUNTS}
    others = known["n"] - known["events"] - known["n_before"] + known["events_before"]
    came = steps["n"] > 0
    parts = {name: step.where((step > 0) | (came & (name == "events"))) for name, step in steps.items()}
    parts["others"] = others.abs().where((others != 0) | came)
    return pd.DataFrame(parts).min(axis=1)


def _why(study: str, step: float, minimum_cells: Mapping[str, int | None], touched: set[str]) -> str:
    least = minimum_cells.get(study, 5)
    if least is None:
        return ""
    if pd.isna(step):
        return SAME_COUNTS if study in touched else ""
    return TOO_FEW.format(least) if step < least else ""
