"""The study file ``raw/<study>/study.yml``: all that makes one evaluation differ from another.

Reading the file, and messages with file and line, belong in ``pipeline.studies``.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from schemas.analyses import Analyses
from schemas.coding import Basis
from schemas.documents import VIGNETTE, Document
from schemas.instrument import Identifier, Strict
from schemas.sources import Recode, Source

DataStatus = Literal["observed", "reconstructed", "demonstration"]
Link = Literal["none", "respondent", "subject"]
DATED = ("sessions", "groups", "doses", "surveys", "response", "workforce", "headcount")
"""Tables whose rows are placed in time."""

CODED = ("sections", "segments", "codings")
"""Tables of coded documents; each is checked against those before it."""

RESERVED = ("all", "synthesis", "audit", "release", "notebooks", "reports", "unknown", "unattributed")


class Period(Strict):
    """First and last day."""

    start: date
    end: date

    @model_validator(mode="after")
    def _start_comes_first(self) -> Period:
        if self.end < self.start:
            raise ValueError(f"ends ({self.end}) before it starts ({self.start})")
        return self


class Service(Strict):
    """One service (a programme, a clinic, a team)."""

    id: Identifier
    name: str
    written: tuple[str, ...] = Field(default=(), description="other spellings of the name in exports")
    characteristics: dict[Identifier, str | float] = Field(
        default={}, description="what subgroups and meta-regressions may use: words or numbers by name"
    )


class Wave(Period):
    """One round of data collection."""

    id: Identifier
    label: str


class Table(Source):
    """Raw rows of one record table, and what they are."""

    data_status: DataStatus


class SurveyTable(Table):
    """A survey export: one row a respondent, one column an item."""

    instrument: Identifier
    wave: Identifier
    link: Link = "none"
    service: str = Field(default="column", description="`column`, `unknown`, or the id of the one service")
    answers: Recode = Field(
        default={}, description="cell of any item, and the answer (label, id or code) that it stands for"
    )


class Tables(Strict):
    """The raw files of a study, by record table."""

    sessions: tuple[Table, ...] = ()
    groups: tuple[Table, ...] = ()
    doses: tuple[Table, ...] = ()
    surveys: tuple[SurveyTable, ...] = ()
    response: tuple[Table, ...] = ()
    workforce: tuple[Table, ...] = ()
    headcount: tuple[Table, ...] = ()
    sections: tuple[Table, ...] = ()
    segments: tuple[Table, ...] = ()
    codings: tuple[Table, ...] = ()


class Aggregates(Strict):
    """Published figures whose rows can't be rebuilt: claims that enter estimates as published."""

    claims: tuple[str, ...] = Field(description="claim ids or patterns such as `support-mix-*`")
    reason: str
    exhaustive: bool = Field(
        default=False, description="the claims of one item are all its categories: their counts add up to the n"
    )


class ReconstructedSurvey(Strict):
    """Which claims a reconstructed survey file is made of (by instrument and wave)."""

    file: str
    instrument: Identifier
    wave: Identifier


class ReconstructedDoses(Strict):
    """Doses rebuilt from each service's published number of clients, mean and SD."""

    file: str
    minimum: int = Field(default=1, ge=0, description="fewest sessions a counted client can have had")
    reason: str = Field(description="why that is the minimum")


class Reconstruct(Strict):
    """What ``peerscope reconstruct`` rebuilds."""

    surveys: tuple[ReconstructedSurvey, ...] = ()
    doses: ReconstructedDoses | None = None


class Disclosure(Strict):
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


class Question(Strict):
    """An evaluation question, its indicators and the instruments that answer it."""

    id: Identifier
    question: str
    indicators: tuple[str, ...] = ()
    instruments: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    answered_by: str = Field(default="", description="what in this study answers it, or why nothing does")


class OutcomeIndicator(Strict):
    """Estimates that speak to a code of the codebook, beside those whose item names its code."""

    code: Identifier
    estimates: tuple[str, ...] = Field(min_length=1, description="estimate ids or patterns such as `*/headcount/*`")
    basis: Basis = Field(
        default="evaluator-finding", description="what the figures rest on: promotion and description are shown apart"
    )


class Study(Strict):
    """One evaluation."""

    study: Identifier
    title: str
    short_title: str = Field(default="", description="a name for columns of tables; the study id where empty")
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}(, [A-Z]{2})*$")] = "ZZ"
    period: Period | None = Field(default=None, description="empty where the document prints no dates")
    source_family: Identifier
    fictional: bool = False
    summary: str = ""
    services: tuple[Service, ...] = Field(default=(), description="or name a file of them: services_file")
    services_file: str = Field(default="", description="CSV of services: id, name, written (spellings joined by `;`)")
    waves: tuple[Wave, ...] = ()
    activities: tuple[str, ...] = Field(
        default=(), description="kinds of activity of individual contacts, where they are not the usual ones"
    )
    tables: Tables = Tables()
    aggregates: tuple[Aggregates, ...] = ()
    documents: tuple[Document, ...] = ()
    claims: str = ""
    findings: str = ""
    reconstruct: Reconstruct = Reconstruct()
    analyses: Analyses = Analyses()
    outcomes: tuple[OutcomeIndicator, ...] = ()
    disclosure: Disclosure = Disclosure()
    questions: tuple[Question, ...] = ()

    @field_validator("study")
    @classmethod
    def _name_is_free(cls, study: str) -> str:
        if study in RESERVED:
            raise ValueError(f"reserved name: {study}")
        return study

    @field_validator("services", "waves", "documents")
    @classmethod
    def _names_are_free(cls, named: tuple[Service | Wave | Document, ...]) -> tuple[Service | Wave | Document, ...]:
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

    @model_validator(mode="after")
    def _has_services(self) -> Study:
        if not self.services:
            raise ValueError("a study has at least one service: name them under services, or a file in services_file")
        return self

    @model_validator(mode="after")
    def _a_spelling_means_one_service(self) -> Study:
        meant: dict[str, str] = {}
        for one in self.services:
            for text in {one.id, one.name.lower(), *(spelling.lower() for spelling in one.written)}:
                if meant.setdefault(text, one.id) != one.id:
                    raise ValueError(f"'{text}' stands for two services: {meant[text]} and {one.id}")
        return self

    @model_validator(mode="after")
    def _dated_tables_need_a_period(self) -> Study:
        dated = [name for name in DATED if getattr(self.tables, name)]
        if dated and self.period is None:
            raise ValueError(f"a study with {dated[0]} needs a period")
        return self

    def span(self) -> Period:
        """The period of a study that has one."""
        if self.period is None:
            raise ValueError(f"{self.study} has no period")
        return self.period

    def service_ids(self) -> list[str]:
        """Ids of the services, in declared order."""
        return [service.id for service in self.services]

    def vignettes(self) -> set[tuple[str, str]]:
        """Document and section of each composite vignette."""
        placed = {(one.part_of, one.section) for one in self.documents if one.type == VIGNETTE}
        return {(str(document), str(section)) for document, section in placed}

    def wave_labels(self) -> dict[str, str]:
        """Label of each wave."""
        return {wave.id: wave.label for wave in self.waves}
