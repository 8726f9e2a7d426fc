"""The synthesis file ``raw/_shared/synthesis.yml``: what is concluded across studies, and who judged it.

A study says in its own ``findings.yml`` what it contributes to which synthesised finding. Reading the file and
cross-checks belong in ``pipeline.synthesis_file``.
"""

from __future__ import annotations

import datetime
from typing import Literal

from pydantic import Field, model_validator

from schemas.instrument import Identifier, Strict

CONCERNS = ("none or very minor", "minor", "moderate", "serious")
LEVELS = ("high", "moderate", "low", "very low")
COMPONENTS = ("methodological_limitations", "coherence", "adequacy", "relevance")
"""The four components of GRADE-CERQual (Lewin et al. 2018)."""


class Signature(Strict):
    """A named person who stands for a judgement."""

    name: str = Field(min_length=1)
    role: str = Field(min_length=1)
    on: datetime.date


class Component(Strict):
    """One component of confidence: how much concern, and why."""

    concern: Literal["none or very minor", "minor", "moderate", "serious"]
    reason: str = Field(min_length=1)


class Confidence(Strict):
    """Confidence in one synthesised finding (GRADE-CERQual), judged by people; counts inform it only."""

    methodological_limitations: Component
    coherence: Component
    adequacy: Component
    relevance: Component
    level: Literal["high", "moderate", "low", "very low"]
    reason: str = Field(min_length=1)
    considered: tuple[Identifier, ...] = Field(min_length=1, description="studies whose evidence was judged")
    signatures: tuple[Signature, ...] = ()


class SynthesisedFinding(Strict):
    """One finding across studies; passages of the studies' findings that name it are its evidence, by its codes."""

    finding: Identifier
    title: str = Field(min_length=1, description="a few words for headings and tables")
    statement: str = Field(min_length=1)
    codes: tuple[Identifier, ...] = Field(
        default=(), description="codes that it is about: only passages with one of them are evidence; all if empty"
    )
    confidence: Confidence | None = None


class Judgement(Strict):
    """Whether the figures on an outcome agree with what is said in words."""

    code: Identifier
    judgement: Literal["agree", "differ", "agree in part"]
    reason: str = Field(min_length=1)
    signatures: tuple[Signature, ...] = ()


class Criterion(Strict):
    """One criterion of a rubric: what each standard would look like, and what is judged of it."""

    criterion: Identifier
    label: str
    standards: dict[str, str] = Field(min_length=2, description="best first: standard and what it looks like")
    findings: tuple[Identifier, ...] = Field(default=(), description="synthesised findings that bear on it")
    judgement: str = Field(default="", description="one of the standards; empty where it can't be judged")
    reason: str = Field(min_length=1)
    signatures: tuple[Signature, ...] = ()

    @model_validator(mode="after")
    def _judged_by_a_standard(self) -> Criterion:
        if self.judgement and self.judgement not in self.standards:
            raise ValueError(f"'{self.judgement}' is not one of its standards: {', '.join(self.standards)}")
        return self


class Rubric(Strict):
    """An evaluative rubric: criteria, standards, evidence, judgement (King et al. 2013)."""

    rubric: Identifier
    question: str
    answer: str = Field(default="", description="what the judgements come to, in a sentence or two")
    criteria: tuple[Criterion, ...] = Field(min_length=1)


class Recommendation(Strict):
    """What follows for whom, traced to findings."""

    recommendation: Identifier
    statement: str = Field(min_length=1)
    findings: tuple[Identifier, ...] = Field(min_length=1)
    segments: tuple[str, ...] = Field(default=(), description="advice in the documents, as study/segment")
    owner: str
    priority: Literal["first", "next", "later"]
    signatures: tuple[Signature, ...] = ()


class Step(Strict):
    """One state in a circle."""

    step: Identifier
    label: str
    segments: tuple[str, ...] = Field(default=(), description="passages that tell of it, as study/segment")


class Arrow(Strict):
    """One step leading to another, with the passages that state the link."""

    start: Identifier
    end: Identifier
    segments: tuple[str, ...] = Field(default=(), description="passages that state the link, as study/segment")
    ours: bool = Field(default=False, description="true where no document draws this arrow")


class Circle(Strict):
    """A circle of steps that feed each other."""

    circle: Identifier
    title: str
    kind: Literal["virtuous", "vicious"]
    steps: tuple[Step, ...] = Field(min_length=3)
    arrows: tuple[Arrow, ...] = Field(min_length=3)

    @model_validator(mode="after")
    def _arrows_join_steps(self) -> Circle:
        known = {one.step for one in self.steps}
        wrong = [end for arrow in self.arrows for end in (arrow.start, arrow.end) if end not in known]
        if wrong:
            raise ValueError(f"no step '{wrong[0]}' in circle '{self.circle}'")
        return self


class Caution(Strict):
    """What to bear in mind of one source: who made it, for whom, and what it leaves out."""

    study: Identifier
    caution: str = Field(min_length=1)


class Review(Strict):
    """Who has to sign before a judgement counts as reviewed."""

    roles: tuple[str, ...] = Field(min_length=1)


class Synthesis(Strict):
    """All that is concluded across studies."""

    title: str
    question: str
    review: Review
    cautions: tuple[Caution, ...] = ()
    findings: tuple[SynthesisedFinding, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    rubrics: tuple[Rubric, ...] = ()
    recommendations: tuple[Recommendation, ...] = ()
    circles: tuple[Circle, ...] = ()

    @model_validator(mode="after")
    def _ids_are_used_once(self) -> Synthesis:
        named = {
            "finding": [one.finding for one in self.findings],
            "judgement on": [one.code for one in self.judgements],
            "rubric": [one.rubric for one in self.rubrics],
            "recommendation": [one.recommendation for one in self.recommendations],
            "circle": [one.circle for one in self.circles],
        }
        twice = [f"{what} '{one}'" for what, ids in named.items() for one in ids if ids.count(one) > 1]
        if twice:
            raise ValueError(f"used twice: {twice[0]}")
        return self
