"""The instrument file: items, response scale, direction, subscales, scoring and source of one survey.

The files are ``schemas/instruments/*.yml``; reading them belongs in ``pipeline.studies``.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")]


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


class Instrument(Strict):
    """One survey instrument."""

    instrument: Identifier
    title: str
    population: str = Field(description="who answers or is rated: clients, staff")
    unit: str = Field(default="respondent", description="unit of observation of one row")
    source: str
    licence: str
    direction: Literal["higher is better", "lower is better", "none"] = "higher is better"
    headline: Identifier = Field(description="category reported first (an option or a collapsed category)")
    options: tuple[Option, ...] = Field(min_length=2)
    special: tuple[Special, ...] = ()
    collapse: tuple[Collapse, ...] = ()
    items: tuple[Item, ...] = Field(min_length=1)
    subscales: dict[Identifier, tuple[Identifier, ...]] = {}
    scoring: str = ""

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

    def categories(self) -> list[str]:
        """Ids of the options, then of the collapsed categories."""
        return [o.id for o in self.options] + [c.id for c in self.collapse]

    def codes(self, category: str) -> list[int]:
        """Codes that an option or a collapsed category stands for."""
        collapsed = {c.id: c.options for c in self.collapse}
        wanted = collapsed.get(category, (category,))
        return [o.code for o in self.options if o.id in wanted]
