"""What a study file may ask for beyond the descriptive estimates that follow from its tables.

The study file itself is ``study.py``; the methods are in ``pipeline.methods``.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from schemas.instrument import Identifier, Strict


class Rounds(Strict):
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
    expected: int | None = Field(
        default=None,
        ge=1,
        description="answers expected (at each wave; linked: persons who answer both times), for the analysis plan",
    )


class Pooling(Strict):
    """One answer compared and pooled over services."""

    instrument: Identifier
    category: Identifier
    wave: Identifier
    items: tuple[Identifier, ...] = Field(default=(), description="all items where empty")


class DoseModel(Strict):
    """Sessions per client by service."""

    reference: Identifier = Field(description="service that the others are compared with")


class Retention(Strict):
    """Retention of the post holders."""

    days: tuple[int, ...] = (182, 365)


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
    pooling: tuple[Pooling, ...] = ()
    dose_model: DoseModel | None = None
    retention: Retention = Retention()
    alpha: tuple[Identifier, ...] = Field(default=(), description="instruments whose alpha is wanted")
    themes: Themes | None = None
    drivers: tuple[Drivers, ...] = ()
    power: float = Field(default=0.8, gt=0, lt=1)
    level: float = Field(default=0.95, gt=0, lt=1)
