"""The simulation file ``raw/<study>/simulate.yml``: the effects that a demonstration study is generated from.

Files, services and waves belong in ``study.yml``; drawing the data belongs in ``pipeline.methods.simulate``.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from schemas.instrument import Identifier
from schemas.study import Period
from schemas.vocabulary import ACTIVITIES, MODES

Probability = Annotated[float, Field(ge=0, le=1)]
BelowOne = Annotated[float, Field(ge=0, lt=1)]
_Key = TypeVar("_Key", str, float)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _adds_up(shares: dict[_Key, float]) -> dict[_Key, float]:
    if abs(sum(shares.values()) - 1) > 1e-9:
        raise ValueError(f"the shares add up to {sum(shares.values()):g}, not to 1")
    return shares


Shares = Annotated[dict[str, Probability], AfterValidator(_adds_up)]
ByService = Probability | dict[Identifier, Probability]


class Spread(_Strict):
    """Whole numbers around a usual one (triangular), rounded to ``step``."""

    low: int = Field(ge=0)
    usual: int
    high: int
    step: int = Field(default=1, ge=1)

    @model_validator(mode="after")
    def _is_in_order(self) -> Spread:
        if not self.low <= self.usual <= self.high:
            raise ValueError(f"not low <= usual <= high: {self.low}, {self.usual}, {self.high}")
        return self


class SimulatedService(_Strict):
    """The size of one service and what is particular about it; only what its tables need has to be given."""

    clients: int | None = Field(default=None, ge=0, description="clients with at least one attended session")
    clinicians: int | None = Field(default=None, ge=1, description="clinicians among whom the clients are divided")
    staff: int | None = Field(default=None, ge=0, description="staff asked at each wave")
    posts: int | None = Field(default=None, ge=0, description="peer worker posts, filled again when left")
    sessions_mean: float | None = Field(default=None, gt=1, description="mean attended sessions of a client")
    dispersion: float | None = Field(default=None, gt=0, description="of the untruncated negative binomial")
    group_share: float | None = Field(default=None, ge=0, lt=1, description="expected share of group contacts")
    leaving: float = Field(default=1, gt=0, description="hazard ratio of leaving a post")
    programs: int | None = Field(default=None, ge=0, description="programmes of a country whose leads are asked")
    diaries: int | None = Field(default=None, ge=0, description="diary entries that are coded")


class TimeInPost(_Strict):
    """Weibull time in post of a worker without a mentor at a service with ``leaving: 1``."""

    median_days: float = Field(gt=0, description="days after which half have left")
    shape: float = Field(default=1, gt=0, description="1: the hazard is constant; above 1: it rises")
    mentor_hazard_ratio: float = Field(default=1, gt=0, description="hazard with a mentor to without")


class SimulatedWorkforce(_Strict):
    """Post holders from before the study period to its last day."""

    opened: Period = Field(description="posts are filled for the first time between these days")
    vacancy_days: Spread = Field(description="days between a leaver and the successor")
    time_in_post: TimeInPost
    mentor: Probability
    trained: Probability
    roles: Shares
    fte: Annotated[dict[float, Probability], AfterValidator(_adds_up)]
    end_reasons: Shares
    absence_days_per_year: float = Field(ge=0, description="mean days of sickness absence in a year in post")


class SimulatedMode(_Strict):
    """One way in which contacts take place."""

    share: Probability
    minutes: Spread
    activities: Shares


class Caseload(_Strict):
    """Clients who were clients before the period: their contacts begin soon after its first day."""

    share: Probability = Field(description="share of all clients")
    within_days: int = Field(ge=1, description="days from the first one within which their contacts begin")


class SimulatedSessions(_Strict):
    """Individual contacts; how many a client has is declared by service."""

    caseload: Caseload
    gap_days: float = Field(gt=0, description="fewest days between a client's contacts, on average")
    no_show: BelowOne = Field(description="share of booked contacts to which the client did not come")
    joint: Probability = Field(description="share of contacts that a second client joins")
    modes: dict[str, SimulatedMode]

    @model_validator(mode="after")
    def _words_are_known(self) -> SimulatedSessions:
        _adds_up({name: mode.share for name, mode in self.modes.items()})
        activities = {name for mode in self.modes.values() for name in mode.activities}
        unknown = sorted(set(self.modes) - set(MODES)) + sorted(activities - set(ACTIVITIES))
        if unknown:
            raise ValueError(f"not a mode or an activity of sessions: {', '.join(unknown)}")
        return self


class SimulatedGroups(_Strict):
    """Group contacts; how many there are follows from each service's ``group_share``."""

    minutes: Spread
    participants: Spread
    activities: Shares


class SimulatedItem(_Strict):
    """One item: an ordinal logit with a threshold between each answer and the next."""

    thresholds: tuple[float, ...] = Field(min_length=1, description="ascending, one fewer than the answers")
    shift: dict[Identifier, float] = Field(default={}, description="latent shift at a wave (0 where not named)")

    @model_validator(mode="after")
    def _ascend(self) -> SimulatedItem:
        pairs = pairwise(self.thresholds)
        if any(low >= high for low, high in pairs):
            raise ValueError(f"thresholds do not ascend: {self.thresholds}")
        return self


class SimulatedSurvey(_Strict):
    """One instrument at all its waves."""

    instrument: Identifier
    asked: Literal["clients", "clinicians", "staff"] = Field(
        description="clients and staff answer for themselves; clinicians rate each of their clients"
    )
    invited: ByService = Field(description="share of those eligible who are invited")
    answered: ByService = Field(description="share of those invited who answer")
    blank: BelowOne = Field(description="share of items left blank by those who answer")
    special: dict[Identifier, Probability] = Field(default={}, description="share of each answer off the scale")
    person_sd: float = Field(ge=0, description="SD of the persons' own effect (logits); makes items correlate")
    stability: Probability = Field(default=1, description="correlation of a person's effect between waves")
    turnover: Probability = Field(default=0, description="share of staff replaced between waves")
    services: dict[Identifier, float] = Field(default={}, description="service effect (logits) on all items")
    items: dict[Identifier, SimulatedItem]

    @model_validator(mode="after")
    def _special_leaves_room(self) -> SimulatedSurvey:
        if self.blank + sum(self.special.values()) >= 1:
            raise ValueError("blank and special answers leave no room for others")
        return self


class SimulatedRating(_Strict):
    """One item of a programme survey: the answer is above threshold k when the rated quality (SD 1) is."""

    thresholds: tuple[float, ...] = Field(min_length=1, description="ascending, one fewer than the answers")
    special: dict[Identifier, Probability] = Field(default={}, description="share of each answer off the scale")

    @model_validator(mode="after")
    def _ascend(self) -> SimulatedRating:
        if any(low >= high for low, high in pairwise(self.thresholds)):
            raise ValueError(f"thresholds do not ascend: {self.thresholds}")
        return self


class SimulatedFactor(SimulatedRating):
    """A factor that each programme has to some degree, and that may have an effect on its success."""

    effect: float = Field(default=0, description="of one SD of the factor on success")
    services: dict[Identifier, float] = Field(default={}, description="effect at a service, where it is another")
    shift: dict[Identifier, float] = Field(default={}, description="how much more of it a service has, in SDs")


class SimulatedPrograms(_Strict):
    """A survey in which the lead of each programme rates its factors and its success."""

    instrument: Identifier
    invited: ByService = Field(description="share of the programmes whose leads are invited")
    answered: ByService = Field(description="share of those invited who answer")
    blank: BelowOne = Field(description="share of items left blank by those who answer")
    common: Probability = Field(description="share of the variance of each factor that is common to all of them")
    tone: float = Field(ge=0, description="SD of a lead's tone, which is in all ratings and raises them together")
    error: float = Field(ge=0, description="SD of the error of a single rating")
    unexplained: float = Field(ge=0, description="SD of success that no factor has an effect on")
    factors: dict[Identifier, SimulatedFactor] = Field(min_length=1)
    success: dict[Identifier, SimulatedRating] = Field(min_length=1, description="items that rate the one success")

    @model_validator(mode="after")
    def _special_leaves_room(self) -> SimulatedPrograms:
        full = [name for name, one in self.items().items() if self.blank + sum(one.special.values()) >= 1]
        if full:
            raise ValueError(f"blank and special answers leave no room for others: {', '.join(full)}")
        return self

    def items(self) -> dict[str, SimulatedRating]:
        """All rated items, factors first."""
        return {**self.factors, **self.success}


class SimulatedHeadcount(_Strict):
    """Dates at which posts are counted: from the first day of the period, and on its last."""

    every_months: int = Field(default=3, ge=1)


class Reading(_Strict):
    """How well a coder finds a code."""

    sensitivity: Probability = Field(description="share of the units with the code that are given it")
    specificity: Probability = Field(description="share of the units without the code that are not given it")


class SimulatedCoder(_Strict):
    """One coder: which units are read, and what is read otherwise than ``difficulties`` says."""

    reads: int | None = Field(default=None, ge=0, description="units drawn at random; all where empty")
    differs: dict[Identifier, Reading] = Field(default={}, description="by difficulty")


class SimulatedCode(_Strict):
    """One code of the codebook: how often it is in a unit, and how hard it is to tell."""

    prevalence: Probability
    difficulty: Identifier
    polarity: str = "supports"


class SimulatedCodings(_Strict):
    """Units (segments of one document without a kept text) and the codes that coders give them."""

    document: Identifier
    section: Identifier
    title: str = Field(description="title of the one section")
    together: BelowOne = Field(default=0, description="correlation of the codes' latent presence in a unit")
    difficulties: dict[Identifier, Reading] = Field(min_length=1)
    coders: dict[Identifier, SimulatedCoder] = Field(min_length=1)
    codes: dict[Identifier, SimulatedCode] = Field(min_length=1)

    @model_validator(mode="after")
    def _difficulties_are_declared(self) -> SimulatedCodings:
        named = {code.difficulty for code in self.codes.values()}
        named |= {name for coder in self.coders.values() for name in coder.differs}
        unknown = sorted(named - set(self.difficulties))
        if unknown:
            raise ValueError(f"no such difficulty: {', '.join(unknown)}")
        return self

    @model_validator(mode="after")
    def _polarities_are_known(self) -> SimulatedCodings:
        from schemas.codings import POLARITIES  # brings pandera, which not every reader needs

        unknown = sorted({code.polarity for code in self.codes.values()} - set(POLARITIES))
        if unknown:
            raise ValueError(f"not a polarity: {', '.join(unknown)}")
        return self


class Simulation(_Strict):
    """What a demonstration study is generated from."""

    seed: int = Field(ge=0)
    services: dict[Identifier, SimulatedService] = Field(min_length=1)
    workforce: SimulatedWorkforce | None = None
    headcount: SimulatedHeadcount = SimulatedHeadcount()
    sessions: SimulatedSessions | None = None
    groups: SimulatedGroups | None = None
    surveys: tuple[SimulatedSurvey, ...] = ()
    codings: SimulatedCodings | None = None
    programs: SimulatedPrograms | None = None

    @model_validator(mode="after")
    def _one_survey_an_instrument(self) -> Simulation:
        names = [survey.instrument for survey in self.surveys]
        names += [self.programs.instrument] if self.programs else []
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"survey declared twice: {', '.join(twice)}")
        return self
