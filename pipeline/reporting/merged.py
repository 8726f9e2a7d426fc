"""The released frames of all studies together, for reports that are about every study.

Look-ups only, as in ``reader.py``, which is for one study. Their tables are in ``audit_tables.py``.
"""

from __future__ import annotations

from functools import cached_property

import pandas as pd

from pipeline.reporting.images import NotReleasedError
from pipeline.store import Project
from schemas.vocabulary import SET_ASIDE

NUMBERS = {
    "claims": ("published", "decimals", "n", "recomputed"),
    "granularity": ("published", "decimals", "n", "nearest_n", "smallest_n"),
    "consistency": ("figures", "n", "printed_sum", "works_n"),
    "scorecard": ("claims", "unexpected"),
    "disclosure": ("cells", "estimates"),
    "labels": ("order",),
    "set_aside": (),
}
"""By released frame: columns in which an empty cell is no number; everywhere else it is an empty text."""


class Merged:
    """What is released of all studies: the files at the top of the release zone.

    >>> release = Merged()
    >>> release.claims[["study", "claim", "outcome"]]
    """

    def __init__(self, project: Project | None = None):
        self.project = project or Project.find()

    @cached_property
    def claims(self) -> pd.DataFrame:
        """Published figures with their outcome (``schemas.claims.ClaimOutcomes``)."""
        return self._read("claims")

    @cached_property
    def scorecard(self) -> pd.DataFrame:
        """How many claims of each study came out how."""
        return self._read("scorecard")

    @cached_property
    def granularity(self) -> pd.DataFrame:
        """Each published figure against arithmetic (``schemas.claims.Granularity``)."""
        return self._read("granularity")

    @cached_property
    def consistency(self) -> pd.DataFrame:
        """Figures that must hold together (``schemas.claims.Consistency``)."""
        return self._read("consistency")

    @cached_property
    def disclosure(self) -> pd.DataFrame:
        """What the gate withheld of each study, as counts by reason."""
        return self._read("disclosure")

    @cached_property
    def set_aside(self) -> pd.DataFrame:
        """Rows set aside as not valid, by study and table; without rows where no study sets any aside."""
        there = (self.project.release / "set_aside.csv").is_file()
        return self._read("set_aside") if there else pd.DataFrame(columns=list(SET_ASIDE))

    @cached_property
    def labels(self) -> pd.DataFrame:
        """What ids are called, by study."""
        return self._read("labels")

    @cached_property
    def estimates(self) -> pd.DataFrame:
        """Released estimates of all studies (``schemas.estimates.Estimates``)."""
        path = self.project.release / "estimates.parquet"
        if not path.is_file():
            raise NotReleasedError("nothing is released yet: run `peerscope run`")
        return pd.read_parquet(path)

    @property
    def studies(self) -> list[str]:
        """Ids of the released studies, in order."""
        return list(dict.fromkeys(self.disclosure["study"]))

    def name(self, study: str) -> str:
        """What a study is called in a table."""
        path = self.project.release / "studies.csv"
        frame = pd.read_csv(path, keep_default_na=False) if path.is_file() else pd.DataFrame(columns=["study"])
        own = frame[frame["study"] == study]
        return str(own["short_title"].iloc[0]) if len(own) else study

    def label(self, study: str, kind: str, name: str) -> str | None:
        """What an id of a study is called; ``None`` where it has no label."""
        labels = self.labels
        fits = (labels["study"] == study) & (labels["kind"] == kind) & (labels["id"] == name)
        return str(labels.loc[fits, "label"].iloc[0]) if fits.any() else None

    def data_status(self, study: str) -> str:
        """Observed, reconstructed or demonstration; several are joined by commas; ``published`` where no rows are."""
        own = self.estimates[(self.estimates["study"] == study) & (self.estimates["method"] != "as published")]
        return ", ".join(sorted(set(own["data_status"]))) or "published"

    def _read(self, name: str) -> pd.DataFrame:
        path = self.project.release / f"{name}.csv"
        if not path.is_file():
            raise NotReleasedError(f"'{name}' is not released yet: run `peerscope run`")
        return pd.read_csv(path, keep_default_na=False, na_values={column: [""] for column in NUMBERS[name]})
