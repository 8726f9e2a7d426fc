"""What the page on changes shows: which estimates moved, appeared or vanished, and which raw files changed.

It opens the release zone only, and it formats but never compares: that is done in ``pipeline.release_changes``.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from functools import cached_property
from typing import Any

import pandas as pd

from pipeline.reporting.formats import Markdown, as_text, markdown_table, number
from pipeline.reporting.images import NotReleasedError
from pipeline.reporting.merged import Merged
from pipeline.reporting.metadata import written_date
from pipeline.reporting.names import Names, in_words
from pipeline.store import Project
from schemas.vocabulary import parse_estimate_id

MOST = 40
"""Rows of a list; the rest is counted."""

FIRST = "First run: there is nothing to compare with yet."
_WITH_NUMBER = ("moved", "interval moved")
_NUMBERS = ("value", "low", "high", "p")
_REST = "The full list is `outputs/release/changes/estimates.csv`."


class Changes:
    """The released comparison of the last two releases.

    >>> changes = Changes()
    >>> changes.is_first
    """

    def __init__(self, project: Project | None = None):
        self.project = project or Project.find()
        self.merged = Merged(self.project)

    @cached_property
    def about(self) -> pd.Series:
        """When the two releases were first seen; empty texts where there is one only."""
        return self._read("about").iloc[0]

    @cached_property
    def estimates(self) -> pd.DataFrame:
        """Estimates that changed (``release_changes.COLUMNS``), with the keys of each."""
        frame = self._read("estimates", *_NUMBERS, *(f"{name}_before" for name in _NUMBERS))
        frame["beyond_rounding"] = frame["beyond_rounding"].astype(str) == "True"
        keys = pd.DataFrame([parse_estimate_id(name) for name in frame["estimate_id"]], index=frame.index)
        return frame.join(keys.drop(columns="study")) if len(frame) else frame

    @cached_property
    def files(self) -> pd.DataFrame:
        """Raw files that are new, gone or changed."""
        return self._read("files")

    @cached_property
    def set_aside(self) -> pd.DataFrame:
        """Rows set aside for being wrong, by study and table, before and now."""
        return self._read("set_aside")

    @cached_property
    def names(self) -> Names:
        """What ids are called."""
        return Names(self.merged.labels)

    @property
    def is_first(self) -> bool:
        """Is there no earlier release?"""
        return not self.about["earlier"]

    def of(self, *kinds: str) -> pd.DataFrame:
        """Estimates that changed in one of these ways."""
        return self.estimates[self.estimates["change"].isin(kinds)]

    def _read(self, name: str, *numbers: str) -> pd.DataFrame:
        path = self.project.release / "changes" / f"{name}.csv"
        if not path.is_file():
            raise NotReleasedError("nothing has been compared yet: run `peerscope run`")
        return pd.read_csv(path, keep_default_na=False, na_values={column: [""] for column in numbers})


def summary(changes: Changes) -> Markdown:
    """What changed, in a few sentences."""
    if changes.is_first:
        return Markdown(f"**{FIRST}** After the next run that changes a number, this page says which.")
    earlier, later = (_when(changes.about[name]) for name in ("earlier", "later"))
    lines = [f"The release first seen on {later} is compared with the one before it, first seen on {earlier}."]
    moved = changes.of("moved")
    beyond = int(moved["beyond_rounding"].sum())
    lines += [f"- {_many(moved, 'estimate')} moved, {beyond} of them beyond rounding, as reports print them."]
    for kinds, words in _KINDS:
        found = changes.of(*kinds)
        lines += [f"- {_many(found, 'estimate')} {words}."] if len(found) else []
    lines += [f"- {_many(changes.files, 'raw file')} changed, came or went."]
    return Markdown("\n".join([lines[0], "", *lines[1:]]))


_KINDS = (
    (("interval moved",), "kept the number and got another interval or p-value"),
    (("now a number",), "had no number before and have one now"),
    (("no number now", "another reason"), "have no number now, or none for another reason"),
    (("appeared",), "appeared"),
    (("vanished",), "vanished"),
)


def _many(found: pd.DataFrame, what: str) -> str:
    return f"{len(found) or 'No'} {what}{'s' * (len(found) != 1)}"


def _when(stamp: str) -> str:
    then = datetime.fromisoformat(stamp)
    return f"{written_date(then.date(), 'en')}, {then:%H:%M} UTC"


def by_study(changes: Changes) -> Markdown:
    """How many estimates of each study changed, in which way."""
    if changes.is_first or changes.estimates.empty:
        return _nothing(changes, "No released number changed.")
    heads = ("moved", "interval moved", "now a number", "no number now", "another reason", "appeared", "vanished")
    counts = Counter(zip(changes.estimates["study"], changes.estimates["change"], strict=True))
    present = [head for head in heads if any(counts[study, head] for study, _ in counts)]
    rows = [
        [changes.merged.name(study), *(str(counts[study, head]) for head in present)]
        for study in dict.fromkeys(changes.estimates["study"])
    ]
    return markdown_table(["Study", *(head[:1].upper() + head[1:] for head in present)], rows)


def files(changes: Changes) -> Markdown:
    """The raw files that changed."""
    if changes.is_first or changes.files.empty:
        return _nothing(changes, "No raw file changed.")
    rows = [[changes.merged.name(row["study"]), f"`{row['file']}`", row["change"]] for row in _rows(changes.files)]
    rest = f"\n\nAnd {len(rows) - MOST} more: `outputs/release/changes/files.csv`." * (len(rows) > MOST)
    return Markdown(f"{markdown_table(['Study', 'File', 'What happened'], rows[:MOST])}{rest}")


def set_aside(changes: Changes) -> Markdown:
    """Rows set aside because they were wrong, before and now."""
    if changes.is_first or changes.set_aside.empty:
        return _nothing(changes, "No study sets wrong rows aside.")
    rows = [
        [changes.merged.name(row["study"]), row["table"], str(row["rows_before"]), str(row["rows"])]
        for row in _rows(changes.set_aside)
    ]
    return markdown_table(["Study", "Table", "Rows before", "Rows now"], rows)


def moved(changes: Changes) -> Markdown:
    """Estimates with another number than before: from, to, by how much; those that print otherwise first."""
    found = changes.of(*_WITH_NUMBER)
    if changes.is_first or found.empty:
        return _nothing(changes, "No estimate moved.")
    found = found.assign(slight=~found["beyond_rounding"], part=found["service"] != "all")
    found = found.sort_values(["slight", "part"], kind="stable")
    now = changes.merged.estimates.set_index("estimate_id")
    shown, hidden = found[found["not_shown"] == ""], found[found["not_shown"] != ""]
    return Markdown("\n\n".join([*_shown(changes, shown, now), *_hidden(changes, hidden, now)]))


def _shown(changes: Changes, found: pd.DataFrame, now: pd.DataFrame) -> list[str]:
    rows = []
    for row in _rows(found.head(MOST)):
        present = _present(row, now)
        earlier = present | {name: row[f"{name}_before"] for name in _NUMBERS}
        texts = [as_text(one, "value with interval") for one in (earlier, present)]  # type: ignore[arg-type]
        rows.append([*_subject(changes, row), *texts, _difference(present, earlier)])
    heads = ["Study", "What", "Where and when", "Before", "Now", "Difference"]
    return [str(markdown_table(heads, rows)), *_more(found)] if rows else []


def _hidden(changes: Changes, found: pd.DataFrame, now: pd.DataFrame) -> list[str]:
    """Estimates whose earlier number may not stand beside the present one, and why."""
    if found.empty:
        return []
    why = (
        f"Of {len(found)} estimates the earlier number is not shown: {' or '.join(found['not_shown'].unique())}. "
        "Side by side the two numbers would tell what these people answered, though neither does so alone. Whoever "
        "works with the raw files finds both in `outputs/run.json`, which is not for handing out, until the next run "
        "that changes something."
    )
    rows = [
        [*_subject(changes, row), as_text(_present(row, now), "value with interval")]  # type: ignore[arg-type]
        for row in _rows(found.head(MOST))
    ]
    return [why, str(markdown_table(["Study", "What", "Where and when", "Now"], rows)), *_more(found)]


def _present(row: dict[str, Any], now: pd.DataFrame) -> dict[str, Any]:
    return {str(key): value for key, value in now.loc[row["estimate_id"]].to_dict().items()}


def _subject(changes: Changes, row: dict[str, Any]) -> list[str]:
    place = [changes.names.of(key, row) for key in ("service", "instrument", "wave") if row[key]]
    return [changes.merged.name(row["study"]), in_words(changes.names, row), ", ".join(place)]


def _more(found: pd.DataFrame) -> list[str]:
    return [f"{len(found) - MOST} more moved. {_REST}"] if len(found) > MOST else []


def _difference(now: dict[str, Any], earlier: dict[str, Any]) -> str:
    if now["value"] == earlier["value"]:
        return "interval only"
    share = now["unit"] == "proportion"
    by = (now["value"] - earlier["value"]) * (100 if share else 1)
    size = number(by, 1 if share or abs(by) >= 1 else 3)
    text = size if by < 0 else f"+{size}"
    return f"{text} points" if share else text


def appeared(changes: Changes) -> Markdown:
    """Estimates that were not there before, counted by what they are about."""
    return _counted(changes, ("appeared", "now a number"), "No estimate appeared.")


def vanished(changes: Changes) -> Markdown:
    """Estimates that are gone or have no number any more, counted by what they are about."""
    return _counted(changes, ("vanished", "no number now", "another reason"), "No estimate vanished.")


def _counted(changes: Changes, kinds: tuple[str, ...], otherwise: str) -> Markdown:
    found = changes.of(*kinds)
    if changes.is_first or found.empty:
        return _nothing(changes, otherwise)
    groups: Counter[tuple[str, ...]] = Counter(_about(changes, row) for row in _rows(found))
    rows = [[*about, str(count)] for about, count in groups.items()]
    table = markdown_table(["Study", "Survey and time", "Statistic", "Change", "Estimates"], rows[:MOST])
    rest = f"\n\nAnd {len(rows) - MOST} more kinds. {_REST}" if len(rows) > MOST else ""
    return Markdown(f"{table}{rest}")


def _about(changes: Changes, row: dict[str, Any]) -> tuple[str, ...]:
    place = [changes.names.of(key, row) for key in ("instrument", "wave") if row[key]]
    reason = f": {row['reason']}" if row["change"] in ("no number now", "another reason") else ""
    statistic = changes.names.of("statistic", row)
    return changes.merged.name(row["study"]), ", ".join(place) or "–", statistic, f"{row['change']}{reason}"


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def _nothing(changes: Changes, otherwise: str) -> Markdown:
    return Markdown(FIRST if changes.is_first else otherwise)
