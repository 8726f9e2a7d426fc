"""Instrument files: what is valid."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from schemas.instrument import Instrument

FILES = sorted((Path(__file__).parents[3] / "schemas" / "instruments").glob("*.yml"))


@pytest.fixture
def content() -> dict[str, Any]:
    return {
        "instrument": "x",
        "title": "X",
        "population": "clients",
        "source": "ours",
        "licence": "MIT",
        "headline": "top",
        "options": [{"code": 1, "id": "a", "label": "A"}, {"code": 2, "id": "b", "label": "B"}],
        "special": [{"id": "na", "label": "N/A"}],
        "collapse": [{"id": "top", "label": "Top", "options": ["b"]}],
        "items": [{"id": "i", "label": "I"}],
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_instruments_of_the_repository(path: Path) -> None:
    instrument = Instrument.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    assert instrument.instrument == path.stem
    assert instrument.codes(instrument.headline)


def test_codes_of_options_and_collapsed_answers(content: dict[str, Any]) -> None:
    instrument = Instrument.model_validate(content)
    assert instrument.categories() == ["a", "b", "top"]
    assert instrument.codes("a") == [1]
    assert instrument.codes("top") == [2]
    assert instrument.codes("na") == []


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("headline", "none", "not an answer of this scale: none"),
        ("collapse", [{"id": "top", "label": "T", "options": ["c"]}], "not an answer of this scale: c"),
        ("collapse", [{"id": "a", "label": "T", "options": ["b"]}], "answer id used twice: a"),
        ("items", [{"id": "i", "label": "I"}, {"id": "i", "label": "J"}], "item id used twice: i"),
        ("items", [], "at least 1"),
        ("options", [{"code": 1, "id": "a", "label": "A"}], "at least 2"),
        ("instrument", "With Blanks", "match pattern"),
        ("colour", "red", "not permitted"),
    ],
)
def test_what_is_not_valid(key: str, value: object, message: str, content: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=message):
        Instrument.model_validate(content | {key: value})
