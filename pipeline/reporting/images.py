"""Released figures as Markdown images, with caption and alternative text. How they are drawn is in ``figures``."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pipeline.reporting.formats import Markdown
from schemas.vocabulary import ESTIMATE_KEYS, parse_estimate_id


class NotReleasedError(LookupError):
    """What was asked for is not in the release zone."""


@dataclass(frozen=True)
class ReleasedFigures:
    """The figures of one folder of the release zone: those of a study, or of the synthesis."""

    folder: Path

    def image(self, name: str, label: str = "", caption: str = "") -> Markdown:
        """One figure, placed as seen from the working directory.

        Raises
        ------
        NotReleasedError
            When there is no such figure; the message names those that there are.
        """
        index = self._index().set_index("name")
        if name not in index.index:
            raise NotReleasedError(f"no figure '{name}'; there are: {', '.join(index.index)}")
        row = index.loc[name]
        path = Path(os.path.relpath(self.folder / name)).as_posix()
        alt = str(row["alt"]).replace('"', "”")
        return Markdown(f'![{caption or row["caption"]}]({path}){{#{label or "fig-" + name} fig-alt="{alt}"}}')

    def caption(self, name: str) -> str:
        """The figure's own caption; empty where there is no such figure."""
        return str(self._of(name)["caption"].str.cat())

    def estimates(self, name: str) -> pd.DataFrame:
        """Keys of the estimates that a figure shows (``vocabulary.ESTIMATE_KEYS``), ``*`` where it has very many."""
        ids = [one for one in self._of(name)["estimates"].str.cat().split(" ; ") if one]
        return pd.DataFrame([parse_estimate_id(one) for one in ids], columns=list(ESTIMATE_KEYS))

    def _of(self, name: str) -> pd.DataFrame:
        index = self._index()
        return index[index["name"] == name]

    def names(self) -> list[str]:
        """Names of the figures, in order."""
        return [str(name) for name in self._index()["name"]]

    def alt(self, name: str) -> str:
        """What a figure shows, in a sentence or two."""
        return (self.folder / f"{name}.txt").read_text(encoding="utf-8").strip()

    def _index(self) -> pd.DataFrame:
        path = self.folder / "figures.csv"
        if not path.is_file():
            raise NotReleasedError("no figures are released yet: run `peerscope run`")
        return pd.read_csv(path, keep_default_na=False)
