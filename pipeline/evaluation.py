"""What a family of estimates needs to know: the study, its instruments and its records, and what is asked of them.

Which methods these feed is in ``families.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipeline.methods.results import Context
from schemas.analyses import Rounds, Themes
from schemas.instrument import Instrument
from schemas.study import Study


@dataclass(frozen=True)
class Evaluation:
    """What a family needs: the study, its instruments, and its validated records by table."""

    study: Study
    instruments: Mapping[str, Instrument]
    records: Mapping[str, Any]

    def context(self, family: str, table: str) -> Context:
        """Study, data status of the table, declared services, and who produces the rows."""
        analyses = self.study.analyses
        return Context(
            study=self.study.study,
            data_status=self._status(table),
            services=tuple(self.study.service_ids()),
            produced_by=f"{self.study.study.replace('-', '_')}/{family}",
            level=analyses.level,
            power=analyses.power,
            interval=analyses.interval,
        )

    def surveys(self) -> Iterable[tuple[Instrument, pl.DataFrame]]:
        """Answers of each instrument that the study has, in declared order."""
        answers = self.records["surveys"]
        named = dict.fromkeys(table.instrument for table in self.study.tables.surveys)
        return [(self.instruments[name], answers.filter(pl.col("instrument") == name)) for name in named]

    def answers(self, instrument: str) -> tuple[Instrument, pl.DataFrame]:
        """Answers of one instrument."""
        return next(pair for pair in self.surveys() if pair[0].instrument == instrument)

    def asked(self, instrument: str) -> tuple[pl.DataFrame, Instrument]:
        """Answers of one instrument, and the instrument."""
        found, answers = self.answers(instrument)
        return answers, found

    def rounds(self, name: str) -> Rounds:
        """The comparison of two waves that the study file declares by this id."""
        return next(one for one in self.study.analyses.rounds if one.id == name)

    def coded(self, family: str) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, Themes, Context]:
        """Segments, codings, codebook, what is declared of them, and the context; composite vignettes never count."""
        tables = [self.records[name] for name in ("segments", "codings", "codebook")]
        places = [f"{document}/{section}" for document, section in self.study.vignettes()]
        tables[0] = tables[0].filter(~pl.concat_str("document", "section", separator="/").is_in(places))
        declared = self.study.analyses.themes or Themes()
        return tables[0], tables[1], tables[2], declared, self.context(family, "codings")

    def uncounted(self) -> list[str]:
        """Services whose doses are not known: those without a row, where doses are supplied and not counted."""
        supplied = self.study.tables.doses
        present = set(self.records["doses"]["service"]) if supplied else set(self.study.service_ids())
        return [service for service in self.study.service_ids() if service not in present]

    def _status(self, table: str) -> str:
        counted = "sessions" if table == "doses" and not self.study.tables.doses else table
        statuses = {one.data_status for one in getattr(self.study.tables, counted, ())}
        return next((s for s in ("reconstructed", "demonstration") if s in statuses), "observed")
