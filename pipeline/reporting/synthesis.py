"""What the synthesis report calls: look-ups in the released frames of the synthesis, and nothing else.

Those of one study are in ``reader.py``; tables are in ``synthesis_tables.py`` and ``joint_tables.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import pandas as pd

from pipeline.reporting.formats import Markdown
from pipeline.reporting.images import NotReleasedError, ReleasedFigures
from pipeline.reporting.merged import Merged
from pipeline.store import Project
from schemas.coding import BASES, RESPONDENT_GROUPS

JOIN = " ; "
BASIS_WORDS = {
    "participant-data": "participants",
    "evaluator-finding": "evaluators’ finding",
    "author-interpretation": "authors’ interpretation",
    "recommendation": "advice",
    "literature": "literature",
    "promotional": "promotion",
    "commentary": "comment",
    "limitation": "limitation",
    "description": "description",
}
"""What a passage rests on, in a word; the definitions are in ``schemas.coding.BASES``."""

assert BASIS_WORDS.keys() == BASES.keys()


def basis_of(passage: Mapping[str, Any]) -> str:
    """What a passage rests on, in a word or two."""
    if passage["illustration"]:
        return "composite vignette"
    return "printed figures" if passage["figures"] else BASIS_WORDS[str(passage["basis"])]


class Synthesis:
    """The released synthesis of all studies.

    >>> synthesis = Synthesis()
    >>> synthesis.findings[["finding", "level"]]
    """

    def __init__(self, project: Project | None = None):
        self.project = project or Project.find()
        self.merged = Merged(self.project)

    @cached_property
    def about(self) -> dict[str, str]:
        """Title, question and the roles that have to sign."""
        return {str(key): str(value) for key, value in self._read("about").iloc[0].items()}

    @cached_property
    def studies(self) -> pd.DataFrame:
        """The studies that may enter a synthesis, by source family."""
        found = self._top("studies")
        real = found[~found["fictional"].astype(bool)]
        return real.sort_values("source_family", kind="stable", ignore_index=True)

    @cached_property
    def segments(self) -> pd.DataFrame:
        """Coded passages of all studies, with ``reference`` (study/segment)."""
        found = self._top("segments")
        return found.assign(reference=found["study"] + "/" + found["segment"])

    @cached_property
    def sections(self) -> pd.DataFrame:
        """Sections of all documents."""
        return self._top("sections")

    @cached_property
    def documents(self) -> pd.DataFrame:
        """Source documents of all studies."""
        return self._top("documents")

    @cached_property
    def claims(self) -> pd.DataFrame:
        """Published figures of all studies; without rows where no study states any."""
        released = (self.project.release / "claims.csv").is_file()
        return self.merged.claims if released else pd.DataFrame(columns=["estimate_id"])

    @cached_property
    def codebook(self) -> pd.DataFrame:
        """The codes."""
        return self._read("codebook")

    @cached_property
    def totals(self) -> pd.DataFrame:
        """The framework matrix, one row a code."""
        return self._read("totals")

    @cached_property
    def findings(self) -> pd.DataFrame:
        """Synthesised findings with confidence and review."""
        return self._read("findings")

    @cached_property
    def evidence(self) -> pd.DataFrame:
        """Passages behind the synthesised findings."""
        return self._read("finding_evidence")

    @cached_property
    def joint_display(self) -> pd.DataFrame:
        """Outcomes: how many figures and passages, and how they relate."""
        return self._read("joint_display")

    @cached_property
    def joint_figures(self) -> pd.DataFrame:
        """Estimates that speak to a code."""
        return self._read("joint_figures")

    @cached_property
    def pooling(self) -> pd.DataFrame:
        """Measures pooled or refused."""
        return self._read("pooling")

    @cached_property
    def rubrics(self) -> pd.DataFrame:
        """Criteria with standards and judgement."""
        return self._read("rubrics")

    @cached_property
    def recommendations(self) -> pd.DataFrame:
        """Recommendations with the findings behind them."""
        return self._read("recommendations")

    @cached_property
    def steps(self) -> pd.DataFrame:
        """Steps of the circles with the passages that tell of them."""
        return self._read("steps")

    @cached_property
    def cautions(self) -> dict[str, str]:
        """What to bear in mind of each source, by study."""
        frame = self._read("cautions")
        return dict(zip(frame["study"], frame["caution"], strict=True))

    @cached_property
    def circles(self) -> pd.DataFrame:
        """Arrows of the circles."""
        return self._read("circles")

    def figure(self, name: str) -> Markdown:
        """A figure of the synthesis, as a Markdown image."""
        return ReleasedFigures(self.project.release / "figures" / "synthesis").image(name)

    def name(self, study: str) -> str:
        """What a study is called in a table."""
        return dict(zip(self.studies["study"], self.studies["short_title"], strict=True)).get(study, study)

    def names(self, studies: str) -> str:
        """Joined study ids as names."""
        return ", ".join(self.name(one) for one in studies.split(JOIN) if one) or "none"

    def title(self, finding: str) -> str:
        """What a synthesised finding is called."""
        return dict(zip(self.findings["finding"], self.findings["title"], strict=True)).get(finding, finding)

    def code(self, code: str) -> str:
        """What a code is called."""
        return dict(zip(self.codebook["code"], self.codebook["label"], strict=True)).get(code, code)

    def groups(self, joined: str) -> str:
        """Respondent groups in words."""
        ids = [one.strip() for one in joined.split(";") if one.strip()]
        named = [RESPONDENT_GROUPS.get(one, one) for one in ids]
        return ", ".join(dict.fromkeys(one.lower() for one in named if one != RESPONDENT_GROUPS["none"]))

    def passages(self, references: str) -> list[dict[str, Any]]:
        """Passages as rows, in the order of their joined references."""
        known = {row["reference"]: row for row in self.segments.to_dict("records")}
        return [{str(k): v for k, v in known[one].items()} for one in references.split(JOIN) if one in known]

    def _read(self, name: str) -> pd.DataFrame:
        return self._frame(self.project.release / "synthesis" / f"{name}.csv")

    def _top(self, name: str) -> pd.DataFrame:
        return self._frame(self.project.release / f"{name}.csv")

    @staticmethod
    def _frame(path: Any) -> pd.DataFrame:
        if not path.is_file():
            raise NotReleasedError(f"'{path.stem}' is not released yet: run `peerscope run`")
        return pd.read_csv(path, keep_default_na=False)
