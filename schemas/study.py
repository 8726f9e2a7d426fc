"""The study file ``raw/<study>/study.yml``: all that makes one evaluation differ from another.

Reading the file, and messages with file and line, belong in ``pipeline.studies``.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from schemas.instrument import Identifier

DataStatus = Literal["observed", "reconstructed", "demonstration"]
Link = Literal["none", "respondent", "subject"]
RESERVED = ("all", "synthesis", "audit", "release", "notebooks", "reports", "unknown", "unattributed")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Period(_Strict):
    """First and last day."""

    start: date
    end: date

    @model_validator(mode="after")
    def _start_comes_first(self) -> Period:
        if self.end < self.start:
            raise ValueError(f"ends ({self.end}) before it starts ({self.start})")
        return self


class Service(_Strict):
    """One service (a programme, a clinic, a team)."""

    id: Identifier
    name: str


class Wave(Period):
    """One round of data collection."""

    id: Identifier
    label: str


class Table(_Strict):
    """One raw file of one record table."""

    file: str
    data_status: DataStatus


class SurveyTable(Table):
    """A survey export: one row a respondent, one column an item."""

    instrument: Identifier
    wave: Identifier
    link: Link = "none"
    service: str = Field(default="column", description="`column`, `unknown`, or the id of the one service")


class Tables(_Strict):
    """The raw files of a study, by record table."""

    sessions: tuple[Table, ...] = ()
    groups: tuple[Table, ...] = ()
    doses: tuple[Table, ...] = ()
    surveys: tuple[SurveyTable, ...] = ()
    response: tuple[Table, ...] = ()
    workforce: tuple[Table, ...] = ()
    headcount: tuple[Table, ...] = ()


class Aggregates(_Strict):
    """Published figures whose rows can't be rebuilt: claims that enter estimates as published."""

    claims: tuple[str, ...] = Field(description="claim ids or patterns such as `support-mix-*`")
    reason: str


class ReconstructedSurvey(_Strict):
    """Which claims a reconstructed survey file is made of (by instrument and wave)."""

    file: str
    instrument: Identifier
    wave: Identifier


class ReconstructedDoses(_Strict):
    """Doses rebuilt from each service's published number of clients, mean and SD."""

    file: str
    minimum: int = Field(default=1, ge=0, description="fewest sessions a counted client can have had")
    reason: str = Field(description="why that is the minimum")


class Reconstruct(_Strict):
    """What ``peerscope reconstruct`` rebuilds."""

    surveys: tuple[ReconstructedSurvey, ...] = ()
    doses: ReconstructedDoses | None = None


class Rounds(_Strict):
    """Two waves of one instrument compared."""

    id: Identifier
    instrument: Identifier
    reference: Identifier = Field(description="earlier wave")
    wave: Identifier = Field(description="later wave")
    category: Identifier = Field(description="answer whose share is compared")
    linked: bool = Field(default=False, description="the same persons, by id, at both waves")
    overlap: Literal["none", "possible"] = Field(
        default="possible", description="may the same persons be in both unlinked groups?"
    )
    label: str = ""


class Pooling(_Strict):
    """One answer compared and pooled over services."""

    instrument: Identifier
    category: Identifier
    wave: Identifier
    items: tuple[Identifier, ...] = Field(default=(), description="all items where empty")


class DoseModel(_Strict):
    """Sessions per client by service."""

    reference: Identifier = Field(description="service that the others are compared with")


class Retention(_Strict):
    """Retention of the post holders."""

    days: tuple[int, ...] = (182, 365)


class Analyses(_Strict):
    """What is estimated beyond the descriptive estimates that follow from the tables."""

    rounds: tuple[Rounds, ...] = ()
    pooling: tuple[Pooling, ...] = ()
    dose_model: DoseModel | None = None
    retention: Retention = Retention()
    alpha: tuple[Identifier, ...] = Field(default=(), description="instruments whose alpha is wanted")
    power: float = Field(default=0.8, gt=0, lt=1)
    level: float = Field(default=0.95, gt=0, lt=1)


class Disclosure(_Strict):
    """The disclosure policy. ``minimum_cell: null`` needs a reason."""

    minimum_cell: int | None = Field(default=5, ge=2)
    minimum_denominator: int | None = Field(default=None, ge=2, description="minimum_cell where empty")
    dominance: float = Field(default=0.8, gt=0, le=1, description="largest part one person may hold of a sum")
    reason: str = ""

    @model_validator(mode="after")
    def _no_minimum_needs_a_reason(self) -> Disclosure:
        if self.minimum_cell is None and not self.reason:
            raise ValueError("minimum_cell: null needs a reason")
        return self


class Question(_Strict):
    """An evaluation question, its indicators and the instruments that answer it."""

    id: Identifier
    question: str
    indicators: tuple[str, ...] = ()
    instruments: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    answered_by: str = Field(default="", description="what in this study answers it, or why nothing does")


class Document(_Strict):
    """A source text that the study is made of; the text itself is not part of the repository."""

    id: Identifier
    title: str
    type: str
    date: date
    sha256: str
    publisher: str = ""
    licence: str = ""


class Study(_Strict):
    """One evaluation."""

    study: Identifier
    title: str
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] = "ZZ"
    period: Period
    source_family: Identifier
    fictional: bool = False
    summary: str = ""
    services: tuple[Service, ...] = Field(min_length=1)
    waves: tuple[Wave, ...] = ()
    tables: Tables = Tables()
    aggregates: tuple[Aggregates, ...] = ()
    documents: tuple[Document, ...] = ()
    claims: str = ""
    findings: str = ""
    reconstruct: Reconstruct = Reconstruct()
    analyses: Analyses = Analyses()
    disclosure: Disclosure = Disclosure()
    questions: tuple[Question, ...] = ()

    @field_validator("study")
    @classmethod
    def _name_is_free(cls, study: str) -> str:
        if study in RESERVED:
            raise ValueError(f"reserved name: {study}")
        return study

    @field_validator("services", "waves")
    @classmethod
    def _names_are_free(cls, named: tuple[Service | Wave, ...]) -> tuple[Service | Wave, ...]:
        ids = [one.id for one in named]
        taken = {one.id for one in named if isinstance(one, Service)} & set(RESERVED)
        if taken:
            raise ValueError(f"reserved name: {', '.join(sorted(taken))}")
        twice = {one for one in ids if ids.count(one) > 1}
        if twice:
            raise ValueError(f"{type(named[0]).__name__.lower()} id used twice: {', '.join(sorted(twice))}")
        return named

    @field_validator("tables")
    @classmethod
    def _demonstration_is_fictional(cls, tables: Tables, known: ValidationInfo) -> Tables:
        files = [t for name in Tables.model_fields for t in getattr(tables, name)]
        fictional = known.data.get("fictional", False)
        wrong = [t.file for t in files if (t.data_status == "demonstration") != fictional]
        if wrong:
            raise ValueError(f"demonstration data belong in fictional studies only, and no others: {wrong[0]}")
        return tables

    def service_ids(self) -> list[str]:
        """Ids of the services, in declared order."""
        return [service.id for service in self.services]

    def wave_labels(self) -> dict[str, str]:
        """Label of each wave."""
        return {wave.id: wave.label for wave in self.waves}
