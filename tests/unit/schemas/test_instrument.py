"""Instrument files: what is valid."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from pipeline.ingest.surveys import answers
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


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_answer_can_be_read_by_label_id_and_code(path: Path) -> None:
    instrument = Instrument.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    known = answers(instrument)
    for option in instrument.options:
        for text in (option.label.lower(), option.id, str(option.code)):
            assert known[text] == (option.code, option.id), text
    for special in instrument.special:
        assert known[special.label.lower()] == (None, special.id)


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


@pytest.fixture
def scale() -> dict[str, Any]:
    """Three items of 0 to 3, the third reversed, with a subscale of the first two."""
    return {
        "instrument": "x",
        "title": "X",
        "population": "clients",
        "source": "ours",
        "licence": "MIT",
        "headline": "o3",
        "options": [{"code": code, "id": f"o{code}", "label": str(code)} for code in range(4)],
        "special": [{"id": "na", "label": "N/A"}],
        "items": [
            {"id": "a", "label": "A"},
            {"id": "b", "label": "B"},
            {"id": "c", "label": "C", "reverse": True},
        ],
        "subscales": {"two": ["a", "b"]},
    }


def score(**more: Any) -> dict[str, Any]:
    return {"id": "total", "label": "T", "method": "sum", "range": {"low": 0, "high": 9}} | more


def band(name: str, low: float, high: float, **more: Any) -> dict[str, Any]:
    return {"id": name, "label": name, "low": low, "high": high} | more


def scoring(content: dict[str, Any], *scores: dict[str, Any]) -> Instrument:
    return Instrument.model_validate(content | {"scoring": list(scores)})


def test_a_score_is_of_all_items_a_subscale_or_those_named(scale: dict[str, Any]) -> None:
    half = score(id="half", subscale="two", range={"low": 0, "high": 6})
    named = score(id="named", items=["a", "c"], method="mean", range={"low": 0, "high": 3})
    instrument = scoring(scale, score(), half, named)
    assert [instrument.items_of(one) for one in instrument.scoring] == [("a", "b", "c"), ("a", "b"), ("a", "c")]
    assert [instrument.needed(one) for one in instrument.scoring] == [3, 2, 2]
    assert instrument.values(instrument.scoring[2]) == [0, 0.5, 1, 1.5, 2, 2.5, 3]
    assert instrument.turn() == 3


def test_scoring_in_words_still_counts_as_notes(content: dict[str, Any]) -> None:
    instrument = Instrument.model_validate(content | {"scoring": "Add them up."})
    assert (instrument.scoring, instrument.scoring_notes) == ((), "Add them up.")
    with pytest.raises(ValidationError, match="put all text in scoring_notes"):
        Instrument.model_validate(content | {"scoring": "Add them up.", "scoring_notes": "Or not."})


LOW_HIGH = [band("low", 0, 4), band("high", 5, 9)]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"items": ["a", "z"]}, "score 'total' names the unknown item 'z'"),
        ({"items": ["a", "a"]}, "score 'total' names the item 'a' twice"),
        ({"subscale": "three"}, "score 'total' names the unknown subscale 'three'"),
        ({"subscale": "two", "items": ["a"]}, "items and a subscale; name one of the two"),
        ({"id": "a"}, "score id 'a' is also an item"),
        ({"range": {"low": 0, "high": 27}}, "is 0 to 27, but its items and answers give 0 to 9"),
        ({"multiply": 4}, "range of score 'total' is 0 to 9, but its items and answers give 0 to 36"),
        ({"minimum_answered": 2}, "needs 2 of 3 items; missing: prorate must say"),
        ({"missing": "prorate"}, "minimum_answered must say how many"),
        ({"minimum_answered": 4, "missing": "prorate"}, "asks for 4 answered items and has 3"),
        ({"does_not_apply": ["na"], "minimum_answered": 1}, "can't be compared: method: mean"),
        ({"does_not_apply": ["o1"], "method": "mean", "minimum_answered": 1}, "'o1', which is no special answer"),
        ({"does_not_apply": ["na"], "method": "mean"}, "minimum_answered must say how many"),
        ({"does_not_apply": ["na"], "method": "mean", "minimum_answered": 4}, "asks for 4 answered items"),
        ({"bands": LOW_HIGH, "bands_source": ""}, "bands_source must say who published them"),
        ({"bands": [band("low", 0, 5), LOW_HIGH[1]]}, "bands 'low' and 'high' of score 'total' overlap"),
        ({"bands": [band("low", 0, 3), LOW_HIGH[1]]}, "the bands of score 'total' leave out 4"),
        ({"bands": [LOW_HIGH[0], band("high", 5, 10)]}, "band 'high' of score 'total' goes beyond"),
        ({"bands": [band("low", 4, 0), LOW_HIGH[1]]}, "band 'low' of score 'total' ends before"),
        ({"bands": [band("o1", 0, 4), LOW_HIGH[1]]}, "band id 'o1' is also an answer"),
        ({"bands": [band("missing", 0, 4), LOW_HIGH[1]]}, "band id 'missing' is also an answer"),
        ({"bands": [band("low", 0, 4), band("low", 5, 9)]}, "band id 'low' is used twice"),
        ({"convert": {total: total / 2 for total in range(9)}}, "convert of score 'total' leaves out the sum 9"),
        ({"convert": dict.fromkeys(range(11), 1.0)}, "has the sum 10, which no answers give"),
        ({"convert": dict.fromkeys(range(10), 1.0), "multiply": 2}, "converted from a plain sum"),
        ({"method": "product"}, "Input should be 'sum' or 'mean'"),
    ],
)
def test_scores_that_can_not_be_had(wrong: dict[str, Any], message: str, scale: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=message):
        scoring(scale, score(bands_source="us") | wrong)


def test_ids_of_scores_and_bands_mean_one_thing(scale: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="score id 'total' is used twice"):
        scoring(scale, score(), score())
    mine = score(bands=LOW_HIGH, bands_source="us")
    other = score(id="other", bands=[band("low", 0, 4, label="Lower"), LOW_HIGH[1]], bands_source="us")
    with pytest.raises(ValidationError, match="band id 'low' has two labels"):
        scoring(scale, mine, other)
    assert len(scoring(scale, mine, other | {"bands": LOW_HIGH}).scoring) == 2


def test_what_is_wrong_is_told_all_at_once(scale: dict[str, Any]) -> None:
    with pytest.raises(
        ValidationError, match=r"subscale 'two' names the unknown item 'z'.*; score 'total' asks for 5"
    ):
        scoring(scale | {"subscales": {"two": ["a", "z"]}}, score(minimum_answered=5, missing="prorate"))
    options = [{"code": 1, "id": "x", "label": "X"}, {"code": 1, "id": "y", "label": "Y"}]
    with pytest.raises(ValidationError, match="code 1 stands for two answers"):
        Instrument.model_validate(scale | {"options": options, "headline": "x"})
