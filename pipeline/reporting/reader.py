"""What reports and notebooks call: look-ups in the release zone, and nothing else.

A guard, not a sandbox: it opens released files only, and it formats but never computes. Numbers are made in
``pipeline.methods``; a report that needs another number needs another estimate.
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatch
from functools import cached_property

import pandas as pd

from pipeline.problems import nearest
from pipeline.reporting.claim_tables import claims_table, published
from pipeline.reporting.formats import Markdown, as_text, markdown_table, plain, shown
from pipeline.reporting.images import NotReleasedError, ReleasedFigures
from pipeline.reporting.notes import data_status_note, reproduce_note
from pipeline.reporting.response_notes import response_note
from pipeline.reporting.service_rows import IN_SHORT, in_short, many
from pipeline.reporting.set_aside_notes import all_set_aside, set_aside_note
from pipeline.store import Project
from schemas.vocabulary import ESTIMATE_KEYS, SET_ASIDE, parse_estimate_id

_NUMBERS = ("published", "decimals", "n", "recomputed", "nearest_n", "claims", "cells", "estimates", "order")


class Release:
    """The released estimates, claims, labels and figures of one study.

    >>> release = Release("demo-riverbend")
    >>> release.value("share", item="hopeful", category="definitely", wave="autumn", denominator="asked")
    """

    def __init__(self, study: str, project: Project | None = None):
        self.study = study
        self.project = project or Project.find()
        if not self.project.released(study).is_dir():
            raise NotReleasedError(f"study '{study}' is not released yet: run `peerscope run --study {study}`")

    @cached_property
    def estimates(self) -> pd.DataFrame:
        """Released estimates of the study, columns as in ``schemas.estimates``."""
        return self._read("estimates")

    @cached_property
    def claims(self) -> pd.DataFrame:
        """Published figures with their outcome, and the keys of the estimate that recomputes each."""
        frame = self._read("claims")
        keys = [parse_estimate_id(e) if e else dict.fromkeys(ESTIMATE_KEYS, "") for e in frame["estimate_id"]]
        own = set(frame.columns)
        return frame.join(pd.DataFrame(keys, index=frame.index)[[k for k in ESTIMATE_KEYS if k not in own]])

    @cached_property
    def granularity(self) -> pd.DataFrame:
        """For each published figure: with which n, and under which rounding rules, it is possible."""
        return self._read("granularity")

    @cached_property
    def scorecard(self) -> pd.DataFrame:
        """How many claims came out how."""
        return self._read("scorecard")

    @cached_property
    def questions(self) -> pd.DataFrame:
        """The evaluation questions, and what answers each."""
        return self._read("questions")

    @cached_property
    def findings(self) -> pd.DataFrame:
        """Findings in words, with who judged them."""
        return self._read("findings")

    @cached_property
    def documents(self) -> pd.DataFrame:
        """Source documents of the study; composite vignettes name the document that they are part of."""
        return self._read("documents")

    @cached_property
    def sections(self) -> pd.DataFrame:
        """Sections of the documents, with the number of their passages or the reason why there are none."""
        return self._read("sections")

    @cached_property
    def segments(self) -> pd.DataFrame:
        """Coded passages in our words; ``counts`` says whether one is evidence, ``illustration`` a vignette."""
        return self._read("segments")

    @cached_property
    def codings(self) -> pd.DataFrame:
        """Codes given to the passages: segment, coder, code, polarity."""
        return self._read("codings")

    @cached_property
    def disclosure(self) -> pd.DataFrame:
        """Counts of what the gate withheld, by reason."""
        return self._read("disclosure")

    @cached_property
    def set_aside(self) -> pd.DataFrame:
        """How many rows of which raw tables were set aside as not valid; no row where the study sets none aside."""
        there = self.project.released(self.study, "set_aside.csv").is_file()
        return self._read("set_aside") if there else pd.DataFrame(columns=list(SET_ASIDE))

    @cached_property
    def labels(self) -> pd.DataFrame:
        """What ids are called, and in which order."""
        return self._read("labels")

    def select(self, statistic: str | None = None, **keys: object) -> pd.DataFrame:
        """Estimates whose keys are as given; a key may be one value or a list of them."""
        wanted = dict(keys) | ({"statistic": statistic} if statistic else {})
        frame = self.estimates
        for key, value in wanted.items():
            values = list(value) if isinstance(value, (list, tuple)) else [value]
            self._require(key, values)
            frame = frame[frame[key].isin(values)]
        return frame

    def _require(self, key: str, values: Sequence[object]) -> None:
        """A key or a value that no estimate has is a slip of the pen, not an empty result."""
        if key not in self.estimates.columns:
            raise NotReleasedError(f"estimates have no key '{key}'. {nearest(key, list(self.estimates.columns))}")
        known = [str(one) for one in self.estimates[key].unique()]
        unknown = [str(one) for one in values if str(one) not in known]
        if len(unknown) == len(values):
            raise NotReleasedError(f"no estimate has {key} '{unknown[0]}'. {nearest(unknown[0], sorted(known))}")

    def one(self, statistic: str, service: str = "all", **keys: object) -> pd.Series:
        """The one estimate with these keys.

        Raises
        ------
        NotReleasedError
            When there is none, or more than one.
        """
        found = self.select(statistic, service=service, **keys)
        if len(found) != 1:
            raise NotReleasedError(f"{len(found)} estimates fit {statistic}, {service}, {keys}; one is needed")
        return found.iloc[0]

    def value(self, statistic: str, service: str = "all", show: str = "value", **keys: object) -> str:
        """One estimate as text for a sentence; ``show`` as in ``table``."""
        return as_text(self.one(statistic, service, **keys), show)

    def span(self, statistic: str, show: str = "value", **keys: object) -> str:
        """The lowest and the highest of some estimates, as text for a sentence."""
        found = self.select(statistic, **keys).dropna(subset="value").sort_values("value")
        if found.empty:
            raise NotReleasedError(f"no estimate with a value fits {statistic}, {keys}")
        ends = list(dict.fromkeys(as_text(found.iloc[i], show) for i in (0, -1)))
        return " to ".join(ends)

    def label(self, kind: str, name: str, parent: str = "") -> str:
        """What an id is called; the id itself where it has no label."""
        labels = self.labels
        found = labels[(labels["kind"] == kind) & (labels["id"] == name)]
        found = found[found["parent"] == parent] if parent and (found["parent"] == parent).any() else found
        return str(found["label"].iloc[0]) if len(found) else plain(name)

    def table(
        self,
        statistic: str | list[str],
        rows: str,
        columns: str = "",
        show: tuple[str, ...] = ("value",),
        first: str = "",
        **keys: object,
    ) -> Markdown:
        """Estimates as a Markdown table: a row for each ``rows`` key, columns by the ``columns`` key.

        ``show`` takes, a table column each: value, percent, interval, percent with interval, n, events,
        events of n, p, p_adjusted, reason. ``first`` heads the first column. Of more services than ``service_rows``
        names there is no row each, but what they range over.
        """
        found = self.select(statistic, **keys)  # type: ignore[arg-type]
        if found.empty:
            raise NotReleasedError(f"no estimate fits {statistic}, {keys}")
        across = self.ordered(found, columns) if columns else [""]
        heads = [self._head(columns, name, one, found) for name in across for one in show]
        heads = [first or rows.capitalize(), *heads]
        if rows == "service" and many(found):
            return self._services_in_short(found, columns, [(name, one) for name in across for one in show], heads)
        body = []
        for row in self.ordered(found, rows):
            part = found[found[rows] == row]
            cells = [self._cell(part, columns, name, one) for name in across for one in show]
            body.append([self.label_of(rows, row, part), *cells])
        return self.with_response(markdown_table(heads, body), found)

    def _services_in_short(
        self, found: pd.DataFrame, columns: str, cells: list[tuple[str, str]], heads: list[str]
    ) -> Markdown:
        parts = [(found[found[columns] == name] if columns else found, show) for name, show in cells]
        for part, _ in parts:
            _require_one(part, ["service"])
        table = markdown_table(heads, in_short(found, parts, self.label("service", "all")))
        return self.with_response(Markdown(f"{table}\n\n{IN_SHORT}"), found)

    def with_response(self, table: Markdown, shown: pd.DataFrame) -> Markdown:
        """A table of the estimates ``shown`` with the response of the surveys behind them, where there are any.

        So too with rows of the raw tables behind them that were set aside. Tables that are not made by ``table`` pass
        through here, so that no author has to remember these notes.
        """
        note = self._notes(shown)
        return Markdown(f"{table}\n\n*{note}*") if note else table

    def _notes(self, shown: pd.DataFrame) -> str:
        """What stands with every table and figure of some estimates."""
        response = response_note(shown, self.estimates, self.label)
        return f"{response} {set_aside_note(shown, self.estimates, self.set_aside)}".strip()

    def published(self, claim: str) -> str:
        """A figure as the source document prints it."""
        found = self.claims[self.claims["claim"] == claim]
        if found.empty:
            raise NotReleasedError(f"there is no claim '{claim}'. {nearest(claim, list(self.claims['claim']))}")
        return published(self, found.iloc[0])[0]

    def claims_table(self, pattern: str, rows: str, columns: str = "", first: str = "", **keys: str) -> Markdown:
        """Published figures beside the counts that recompute them, and how they came out.

        ``pattern`` is a claim id with ``*``; ``keys`` narrow the claims (``statistic="percent"``). Where all agree
        there is no column for the outcome.
        """
        found = self.claims[[fnmatch(claim, pattern) for claim in self.claims["claim"]]]
        for key, value in keys.items():
            found = found[found[key] == value]
        if found.empty:
            raise NotReleasedError(f"no claim fits {pattern}")
        return claims_table(self, found, rows, columns, first)

    def figure(self, name: str, label: str = "", caption: str = "") -> Markdown:
        """A released figure as a Markdown image: caption, with what ``with_response`` adds, and alternative text."""
        note = self._notes(self._figures.estimates(name))
        return self._figures.image(name, label, f"{caption or self._figures.caption(name)} {note}".strip())

    def figure_names(self) -> list[str]:
        """Names of the study's figures."""
        return self._figures.names()

    def alt(self, name: str) -> str:
        """What a figure shows, in a sentence or two."""
        return self._figures.alt(name)

    @property
    def data_status(self) -> str:
        """Observed, reconstructed or demonstration; several are joined by commas."""
        made = self.estimates[self.estimates["method"] != "as published"]
        return ", ".join(sorted(set(made["data_status"]))) or "published"

    def status_note(self) -> Markdown:
        """A callout: are the data observed, reconstructed or demonstration, and what was set aside of them."""
        title = self.label("study", self.study)
        return data_status_note(set(self.estimates["data_status"]), title, all_set_aside(self.set_aside))

    def reproduce(self) -> Markdown:
        """How to make this report again: commands, versions, and checksums of the raw files."""
        return reproduce_note(self.project, self.study)

    @property
    def _figures(self) -> ReleasedFigures:
        return ReleasedFigures(self.project.release / "figures" / self.study)

    def _read(self, name: str) -> pd.DataFrame:
        path = self.project.released(self.study, f"{name}.csv")
        if not path.is_file():
            raise NotReleasedError(f"'{name}' of study '{self.study}' is not released")
        if name == "estimates":
            return pd.read_parquet(path.with_suffix(".parquet"))
        numbers = set(_NUMBERS) - ({"estimates"} if name == "findings" else set())  # there they are ids
        return pd.read_csv(path, keep_default_na=False, na_values={column: [""] for column in numbers})

    def ordered(self, frame: pd.DataFrame, key: str) -> list[str]:
        """Values of a key in declared order; an item's order is that of its instrument."""
        present = list(dict.fromkeys(frame[key]))
        labels = self.labels[self.labels["kind"] == key]
        own = labels[labels["parent"].isin(["", *frame["instrument"].unique()])].drop_duplicates("id")
        order = dict(zip(own["id"], own["order"], strict=True))
        return sorted(present, key=lambda name: (order.get(name, len(present)), present.index(name)))

    def label_of(self, key: str, name: str, frame: pd.DataFrame) -> str:
        """What a value of a key is called in the survey that some estimates are of."""
        return self.label(key, name, str(frame["instrument"].iloc[0]) if len(frame) else "")

    def _head(self, columns: str, name: str, show: str, found: pd.DataFrame) -> str:
        label = self.label_of(columns, name, found) if columns else ""
        return ": ".join(part for part in (label, shown(show, bool(columns))) if part)

    def _cell(self, part: pd.DataFrame, columns: str, name: str, show: str) -> str:
        found = part[part[columns] == name] if columns else part
        _require_one(found, [])
        return as_text(found.iloc[0], show) if len(found) else "–"


def _require_one(found: pd.DataFrame, by: list[str]) -> None:
    """One cell of a table (of each ``by``) shows one estimate."""
    if found.duplicated(by).any() if by else len(found) > 1:
        some = found[found.duplicated(by, keep=False)] if by else found
        differs = [key for key in ESTIMATE_KEYS if key not in by and some[key].nunique() > 1]
        raise NotReleasedError(f"several estimates fit one cell of the table; they differ in {', '.join(differs)}")
