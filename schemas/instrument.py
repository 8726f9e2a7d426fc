"""The instrument file: items, response scale, direction, subscales, scoring and source of one survey.

The files are ``schemas/instruments/*.yml``; reading them belongs in ``pipeline.studies``, scoring answers in
``pipeline.methods.scoring``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
Direction = Literal["higher is better", "lower is better", "none"]

COUNTED = ("asked", "answered", "missing", "scored")
"""Categories that the methods count themselves; no answer and no band may be called so."""

TOLERANCE = 1e-9


class Strict(BaseModel):
    """A part of a YAML file: no unknown keys, never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Option(Strict):
    """One answer of the scale; ``code`` gives its order."""

    code: int
    id: Identifier
    label: str


class Special(Strict):
    """An answer off the scale (not applicable, don't know), kept apart from a missing one."""

    id: Identifier
    label: str


class Collapse(Strict):
    """A category made of several options, such as the top two boxes."""

    id: Identifier
    label: str
    options: tuple[Identifier, ...]


class Item(Strict):
    """One item; the label is short and ours."""

    id: Identifier
    label: str
    reverse: bool = False
    code: Identifier | None = Field(default=None, description="code of the codebook that the item speaks to")


class Range(Strict):
    """The lowest and the highest score that can be had."""

    low: float
    high: float


class Band(Strict):
    """A published class of scores, both ends included.

    A score between two bands, which only filling in can give, counts in the lower one: the next is not reached.
    """

    id: Identifier
    label: str
    low: float
    high: float


class Score(Strict):
    """A number made of the answers of one respondent: the sum or the mean of items, reverse items turned round."""

    id: Identifier = Field(description="id; stands for the score as an item's id does, so no item may have it")
    label: str
    items: tuple[Identifier, ...] = ()
    subscale: Identifier | None = None
    method: Literal["sum", "mean"]
    minimum_answered: int | None = Field(default=None, ge=1)
    missing: Literal["none", "prorate"] = "none"
    does_not_apply: tuple[Identifier, ...] = Field(
        default=(),
        description="answers off the scale that take an item out of the person's own score: the mean is over the "
        "items that apply to the person",
    )
    multiply: float = Field(default=1.0, gt=0)
    convert: dict[int, float] = {}
    range: Range
    direction: Direction | None = None
    bands: tuple[Band, ...] = ()
    bands_source: str = ""


class Instrument(Strict):
    """One survey instrument."""

    instrument: Identifier
    title: str
    population: str = Field(description="who answers or is rated: clients, staff")
    unit: str = Field(default="respondent", description="unit of observation of one row")
    source: str
    licence: str
    direction: Direction = "higher is better"
    headline: Identifier = Field(description="category reported first (an option or a collapsed category)")
    options: tuple[Option, ...] = Field(min_length=2)
    special: tuple[Special, ...] = ()
    collapse: tuple[Collapse, ...] = ()
    items: tuple[Item, ...] = Field(min_length=1)
    subscales: dict[Identifier, tuple[Identifier, ...]] = {}
    scoring: tuple[Score, ...] = ()
    scoring_notes: str = ""

    @model_validator(mode="before")
    @classmethod
    def _words_about_scoring_are_notes(cls, content: Any) -> Any:
        """``scoring`` was free text once; text there still counts, as notes."""
        if isinstance(content, dict) and isinstance(content.get("scoring"), str):
            if content.get("scoring_notes"):
                raise ValueError("scoring is text, and there are scoring_notes too: put all text in scoring_notes")
            return {**content, "scoring": (), "scoring_notes": content["scoring"]}
        return content

    @model_validator(mode="after")
    def _names_are_known_and_unique(self) -> Instrument:
        for what, ids in (("item", [i.id for i in self.items]), ("answer", self.categories())):
            twice = {one for one in ids if ids.count(one) > 1}
            if twice:
                raise ValueError(f"{what} id used twice: {', '.join(sorted(twice))}")
        options = {option.id for option in self.options}
        unknown = {o for c in self.collapse for o in c.options} - options
        if unknown or self.headline not in self.categories():
            raise ValueError(f"not an answer of this scale: {', '.join(sorted(unknown)) or self.headline}")
        return self

    @model_validator(mode="after")
    def _scores_can_be_had(self) -> Instrument:
        if problems := list(_scoring_problems(self)):
            raise ValueError("; ".join(problems))
        return self

    def categories(self) -> list[str]:
        """Ids of the options, then of the collapsed categories."""
        return [o.id for o in self.options] + [c.id for c in self.collapse]

    def codes(self, category: str) -> list[int]:
        """Codes that an option or a collapsed category stands for."""
        collapsed = {c.id: c.options for c in self.collapse}
        wanted = collapsed.get(category, (category,))
        return [o.code for o in self.options if o.id in wanted]

    def items_of(self, score: Score) -> tuple[str, ...]:
        """Ids of the items that a score is made of."""
        if score.subscale is not None:
            return self.subscales.get(score.subscale, ())
        return score.items or tuple(item.id for item in self.items)

    def needed(self, score: Score) -> int:
        """How many of its items must be answered for a score."""
        return score.minimum_answered or len(self.items_of(score))

    def denominators(self, score: Score) -> range:
        """How many items a mean can be over: those that apply to the person; all, unless answers take some out."""
        items = len(self.items_of(score))
        return range(min(self.needed(score), items) if score.does_not_apply else items, items + 1)

    def turn(self) -> int:
        """What a reverse item's code is taken from to turn it round: the lowest and the highest code together."""
        codes = [option.code for option in self.options]
        return min(codes) + max(codes)

    def values(self, score: Score) -> list[float]:
        """All scores that complete answers can give, in order."""
        if score.convert:
            return [score.convert[total] for total in sorted(score.convert)]
        codes = [option.code for option in self.options]
        found = {
            total / (items if score.method == "mean" else 1) * score.multiply
            for items in self.denominators(score)
            for total in range(items * min(codes), items * max(codes) + 1)
        }
        return sorted(found)


def _scoring_problems(instrument: Instrument) -> Iterator[str]:
    """What is wrong with the subscales and scores, in words."""
    known = {item.id for item in instrument.items}
    yield from (f"code {code} stands for two answers" for code in _twice([o.code for o in instrument.options]))
    for name, items in instrument.subscales.items():
        yield from (f"subscale '{name}' names the unknown item '{one}'" for one in items if one not in known)
    ids = [score.id for score in instrument.scoring]
    yield from (f"score id '{one}' is used twice" for one in _twice(ids))
    yield from (f"score id '{one}' is also an item; call it something else" for one in ids if one in known)
    for score in instrument.scoring:
        yield from (_item_problems(instrument, score, known) or _number_problems(instrument, score))
    yield from _band_names(instrument)


def _twice(ids: Sequence[Any]) -> list[Any]:
    return sorted({one for one in ids if ids.count(one) > 1})


def _item_problems(instrument: Instrument, score: Score, known: set[str]) -> list[str]:
    named = f"score '{score.id}'"
    if score.items and score.subscale is not None:
        return [f"{named} names items and a subscale; name one of the two"]
    if score.subscale is not None and score.subscale not in instrument.subscales:
        return [f"{named} names the unknown subscale '{score.subscale}'"]
    items = instrument.items_of(score)
    found = [f"{named} names the unknown item '{one}'" for one in items if one not in known]
    return found + [f"{named} names the item '{one}' twice" for one in _twice(items)]


def _number_problems(instrument: Instrument, score: Score) -> Iterator[str]:
    named, items, least = f"score '{score.id}'", len(instrument.items_of(score)), instrument.needed(score)
    if least > items:
        yield f"{named} asks for {least} answered items and has {items}"
    if score.missing == "prorate" and score.minimum_answered is None:
        yield f"{named} fills in missing items; minimum_answered must say how many have to be answered"
    yield from _applicable_problems(instrument, score)
    if score.missing == "none" and least < items and not score.does_not_apply:
        yield f"{named} needs {least} of {items} items; missing: prorate must say that the others are filled in"
    if found := list(_conversion_problems(instrument, score)):
        yield from found
        return
    values = instrument.values(score)
    if abs(min(values) - score.range.low) > TOLERANCE or abs(max(values) - score.range.high) > TOLERANCE:
        had = f"{min(values):g} to {max(values):g}"
        given = f"{score.range.low:g} to {score.range.high:g}"
        yield f"the range of {named} is {given}, but its items and answers give {had}"
    yield from _band_problems(score, values)


def _applicable_problems(instrument: Instrument, score: Score) -> Iterator[str]:
    """What is wrong with a score over the items that apply to a person."""
    if not score.does_not_apply:
        return
    named, special = f"score '{score.id}'", {one.id for one in instrument.special}
    unknown = [one for one in score.does_not_apply if one not in special]
    yield from (f"{named}: does_not_apply names '{one}', which is no special answer" for one in unknown)
    if score.method != "mean":
        yield f"{named} leaves out items that do not apply; sums of different items can't be compared: method: mean"
    if score.minimum_answered is None:
        yield f"{named} leaves out items that do not apply; minimum_answered must say how many have to be answered"


def _conversion_problems(instrument: Instrument, score: Score) -> Iterator[str]:
    if not score.convert:
        return
    if score.method != "sum" or score.missing != "none" or abs(score.multiply - 1) > TOLERANCE:
        yield f"score '{score.id}' is converted from a plain sum of all items: no mean, prorate or multiply"
    codes, items = [option.code for option in instrument.options], len(instrument.items_of(score))
    sums = range(items * min(codes), items * max(codes) + 1)
    lacking, beyond = sorted(set(sums) - set(score.convert)), sorted(set(score.convert) - set(sums))
    if lacking:
        yield f"convert of score '{score.id}' leaves out the sum {lacking[0]}"
    if beyond:
        yield f"convert of score '{score.id}' has the sum {beyond[0]}, which no answers give"


def _band_problems(score: Score, values: Sequence[float]) -> Iterator[str]:
    named, bands = f"score '{score.id}'", sorted(score.bands, key=lambda band: band.low)
    if bands and not score.bands_source:
        yield f"{named} has bands; bands_source must say who published them"
    for band in bands:
        if band.low > band.high:
            yield f"band '{band.id}' of {named} ends before it begins"
        if band.low < score.range.low - TOLERANCE or band.high > score.range.high + TOLERANCE:
            yield f"band '{band.id}' of {named} goes beyond the range"
    for lower, upper in pairwise(bands):
        if upper.low <= lower.high:
            yield f"bands '{lower.id}' and '{upper.id}' of {named} overlap"
    outside = [one for one in values if not any(b.low - TOLERANCE <= one <= b.high + TOLERANCE for b in bands)]
    if bands and outside:
        yield f"the bands of {named} leave out {outside[0]:g}"


def _band_names(instrument: Instrument) -> Iterator[str]:
    bands = [band for score in instrument.scoring for band in score.bands]
    answers = {*instrument.categories(), *(special.id for special in instrument.special), *COUNTED}
    both = sorted(answers & {band.id for band in bands})
    yield from (f"band id '{one}' is also an answer; call it something else" for one in both)
    for score in instrument.scoring:
        yield from (f"band id '{one}' is used twice" for one in _twice([band.id for band in score.bands]))
    labels = {(band.id, band.label) for band in bands}
    yield from (f"band id '{one}' has two labels" for one in _twice([name for name, _ in labels]))
