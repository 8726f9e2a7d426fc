"""What a study file may ask for beyond the descriptive estimates that follow from its tables.

The study file itself is ``study.py``; the methods are in ``pipeline.methods``.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, PositiveInt, model_validator

from schemas.instrument import Identifier, Strict


class Rounds(Strict):
    """Two waves of one instrument compared."""

    id: Identifier
    instrument: Identifier
    reference: Identifier = Field(description="earlier wave")
    wave: Identifier = Field(description="later wave")
    category: Identifier = Field(description="answer whose share is compared")
    linked: bool | Literal["partly"] = Field(
        default=False,
        description="the same persons, by id, at both waves; `partly`: those who answered only once count too",
    )
    overlap: Literal["none", "possible"] = Field(
        default="possible", description="may the same persons be in both unlinked groups?"
    )
    label: str = ""
    interval: Literal["newcombe", "miettinen-nurminen"] = Field(
        default="newcombe", description="interval of a difference between different persons"
    )
    test: Literal["exact", "mid-p", "boschloo", "barnard"] = Field(
        default="exact",
        description="Fisher's test, or McNemar's where linked (exact, mid-p); or Boschloo's or Barnard's, unlinked; "
        "partly linked rounds have a z test",
    )
    adjust: Literal["holm", "benjamini-hochberg"] = Field(
        default="holm", description="how p is adjusted within the family of tests"
    )
    family: Identifier | None = Field(
        default=None, description="rounds whose tests are adjusted together share a family; the id where empty"
    )
    expected: int | None = Field(
        default=None,
        ge=1,
        description="answers expected (at each wave; linked: persons who answer both times), for the analysis plan",
    )


class Ordinal(Strict):
    """Ordered answers of two waves, or of the services, compared as ordered."""

    id: Identifier
    instrument: Identifier
    wave: Identifier = Field(description="later wave; with `contrast: services` the one wave")
    reference: Identifier = Field(description="earlier wave; with `contrast: services` the service compared with")
    contrast: Literal["waves", "services"] = "waves"
    items: tuple[Identifier, ...] = Field(default=(), description="all items where empty")
    linked: bool = Field(default=False, description="the same persons, by id, at both waves: repeated answers")


class Clustered(Strict):
    """A share or a mean score at two waves compared, with services or persons as clusters."""

    id: Identifier
    instrument: Identifier
    wave: Identifier = Field(description="later wave")
    reference: Identifier = Field(description="earlier wave")
    category: Identifier | None = Field(default=None, description="answer whose share is compared")
    score: Identifier | None = Field(default=None, description="score whose mean is compared")
    items: tuple[Identifier, ...] = Field(default=(), description="items of a share; all where empty")
    model: Literal["gee", "mixed"] = "gee"
    cluster: Literal["service", "subject"] = "service"

    @model_validator(mode="after")
    def _one_outcome(self) -> Self:
        if (self.category is None) == (self.score is None):
            raise ValueError("give either category or score")
        return self


class Imputation(Strict):
    """One declared comparison of rounds once more, with unanswered items imputed: a sensitivity analysis."""

    rounds: Identifier = Field(description="id of the comparison under rounds")
    imputations: int = Field(
        default=50,
        ge=5,
        le=200,
        description="how many completed data sets; no fewer than the missing information in percent is a good rule",
    )


class Pooling(Strict):
    """One answer compared and pooled over services."""

    instrument: Identifier
    category: Identifier
    wave: Identifier
    items: tuple[Identifier, ...] = Field(default=(), description="all items where empty")
    variance: Literal["paule-mandel", "reml", "dersimonian-laird"] = Field(
        default="paule-mandel", description="estimator of the variance between services"
    )
    leave_one_out: bool = Field(default=False, description="pool again without each service in turn")
    subgroups: Identifier | None = Field(
        default=None, description="characteristic of the services (words) by which they are pooled apart"
    )
    moderators: tuple[Identifier, ...] = Field(
        default=(), description="characteristics of the services that enter a meta-regression"
    )


class DoseModel(Strict):
    """Sessions per client by service."""

    reference: Identifier = Field(description="service that the others are compared with")
    clients: Literal["seen", "all"] = Field(
        default="seen",
        description="`seen`: those with a session (zero-truncated); `all`: the doses hold clients without one too",
    )
    exposure: Literal["none", "days"] = Field(
        default="none",
        description="`days`: sessions after the first, by the time between a client's first and last day counted",
    )


class ContactModel(Strict):
    """Mode or activity of individual contacts by service, with clients as clusters."""

    outcome: Literal["mode", "activity"]
    baseline: str = Field(description="mode or activity that the others are compared with")
    reference: Identifier = Field(description="service that the others are compared with")


class Continuation(Strict):
    """How many sessions clients go on to have."""

    sessions: tuple[Annotated[int, Field(ge=2)], ...] = Field(
        default=(2, 4, 8, 12), min_length=1, description="numbers of sessions to read the curve at"
    )
    gap_days: int = Field(
        default=90,
        ge=1,
        description="a client whose last contact is so many days before the end of the period has stopped; "
        "a later one may still go on",
    )


class Average(Strict):
    """A figure from elsewhere that retention is compared with."""

    value: float = Field(gt=0, lt=1, description="share still in post")
    days: int = Field(ge=1, description="after so many days")
    of: str = Field(min_length=1, description="whose average it is")
    source: str = Field(min_length=1, description="where it is published")
    n: int | None = Field(default=None, ge=1, description="posts behind it, where known")


class Retention(Strict):
    """Retention of the post holders."""

    days: tuple[int, ...] = (182, 365)
    compare: tuple[Literal["service", "role", "mentor", "trained"], ...] = Field(
        default=(), description="groups of post holders compared by a log-rank test"
    )
    hazards: tuple[Literal["service", "role", "mentor", "trained", "fte"], ...] = Field(
        default=(), description="what enters a Cox model of leaving"
    )
    average: Average | None = Field(default=None, description="figure from elsewhere to compare with")


class Success(Strict):
    """What goes with success in post, by a penalised logistic model."""

    days: int = Field(default=365, ge=1, description="success: still in post after so many days")
    predictors: tuple[Literal["mentor", "trained", "fte", "absence_days", "selection_score"], ...] = Field(
        min_length=1, description="columns of the workforce table"
    )


class NextStudy(Strict):
    """What the next evaluation needs, to find a difference or to be as precise as wanted."""

    rounds: Identifier = Field(description="id of the comparison under rounds that is repeated")
    difference: float = Field(default=0.1, gt=0, lt=1, description="smallest difference of a share that matters")
    half_width: float = Field(
        default=0.1, gt=0, lt=0.5, description="half the width wanted of the interval of that difference"
    )


class Multiverse(Strict):
    """One comparison of rounds under every combination of defensible choices."""

    rounds: Identifier = Field(description="id of the comparison under rounds")
    items: tuple[Identifier, ...] = Field(default=(), description="all items where empty")
    denominators: tuple[Literal["answered", "asked"], ...] = Field(
        default=("answered", "asked"), min_length=1, description="of whom shares are taken"
    )
    categories: tuple[Identifier, ...] = Field(
        default=(), description="other answers that could count as the same (such as one with the middle answer)"
    )
    models: tuple[Literal["pooled", "within-services", "clustered"], ...] = Field(
        default=("pooled", "within-services", "clustered"),
        min_length=1,
        description="how services enter the difference",
    )
    fewest: tuple[PositiveInt, ...] = Field(
        default=(1,),
        min_length=1,
        description="services with fewer answers at a wave are left out: thresholds tried; 1 leaves none out",
    )


class Themes(Strict):
    """How often codes occur in material that the study itself collected."""

    unit: Literal["document", "segment"] = Field(default="document", description="what is counted")
    design: str = Field(default="", description="sampling design; intervals are given only where there is one")


class Drivers(Strict):
    """Which rated factors go with a rated success, over the respondents of one survey."""

    instrument: Identifier
    wave: Identifier
    outcome: Identifier = Field(description="subscale or item that measures success")
    factors: tuple[Identifier, ...] = Field(min_length=2, description="items that rate the factors")
    expected: int | None = Field(
        default=None,
        ge=1,
        description="answers expected (at each wave; linked: persons who answer both times), for the analysis plan",
    )


class Analyses(Strict):
    """What is estimated beyond the descriptive estimates that follow from the tables."""

    rounds: tuple[Rounds, ...] = ()
    interval: Literal["wilson", "clopper-pearson", "mid-p", "jeffreys"] = Field(
        default="wilson", description="interval of the shares of survey answers"
    )
    ordinal: tuple[Ordinal, ...] = ()
    clustered: tuple[Clustered, ...] = ()
    imputations: tuple[Imputation, ...] = ()
    pooling: tuple[Pooling, ...] = ()
    dose_model: DoseModel | None = None
    contact_models: tuple[ContactModel, ...] = ()
    continuation: Continuation | None = None
    retention: Retention = Retention()
    success: Success | None = None
    next_studies: tuple[NextStudy, ...] = ()
    multiverse: tuple[Multiverse, ...] = Field(
        default=(), description="comparisons under every combination of defensible choices"
    )
    alpha: tuple[Identifier, ...] = Field(
        default=(), description="instruments whose reliability is wanted: scales, items, scores"
    )
    themes: Themes | None = None
    drivers: tuple[Drivers, ...] = ()
    power: float = Field(default=0.8, gt=0, lt=1)
    level: float = Field(default=0.95, gt=0, lt=1)
