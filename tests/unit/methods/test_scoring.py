"""Scores of single respondents: by hand, at the published ends, with items missing, and computed another way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
import pytest

from pipeline.methods.scoring import UNIT, scored
from pipeline.studies import instruments
from schemas.instrument import Instrument
from tests.unit.methods.result_checks import answers, instrument, surveys

SCORES = sorted(name for name, one in instruments().items() if one.scoring)
PUBLISHED = {
    "barc-10": (10, 60), "gad-7": (0, 21), "k10": (10, 50), "phq-9": (0, 27), "qpr-15": (0, 60),
    "rosenberg": (0, 30), "swemwbs": (7, 35), "ucla-3": (3, 9), "who-5": (0, 100), "wsas": (0, 40),
}  # fmt: skip


def export(name: str, *people: list[int | str | None]) -> pl.DataFrame:
    """Survey rows of one wave, a list of answers a person: a code, the id of an answer off the scale, or nothing."""
    items = instruments()[name].items
    codes = {item.id: [row[place] for row in people] for place, item in enumerate(items)}
    return surveys(answers(codes, service="unknown")).with_columns(instrument=pl.lit(name))


def value(name: str, codes: list[Any]) -> float | None:
    """The only score of one person."""
    return scored(export(name, codes), instruments()[name])["value"].item()


def declared(
    *scores: Mapping[str, Any], items: tuple[str, ...] = ("a", "b", "c"), reverse: tuple[str, ...] = ()
) -> Instrument:
    """Items of 1 to 4 with these scores."""
    content = instrument(items, reverse).model_dump() | {"scoring": list(scores)}
    return Instrument.model_validate(content)


def test_every_shipped_score_is_tested_here() -> None:
    assert set(PUBLISHED) == set(SCORES)


@pytest.mark.parametrize("name", SCORES)
def test_the_best_and_the_worst_answers_give_the_published_ends(name: str) -> None:
    scale = instruments()[name]
    codes = [option.code for option in scale.options]
    least = [max(codes) if item.reverse else min(codes) for item in scale.items]
    most = [min(codes) if item.reverse else max(codes) for item in scale.items]
    assert (value(name, least), value(name, most)) == PUBLISHED[name]


@pytest.mark.parametrize(
    ("name", "codes", "wanted", "band"),
    [
        ("who-5", [3, 2, 4, 1, 3], 52, "above-50"),
        ("who-5", [3, 2, 3, 1, 3], 48, "at-most-50"),
        ("phq-9", [1, 1, 2, 1, 0, 2, 1, 1, 0], 9, "mild"),
        ("phq-9", [2, 2, 2, 2, 2, 2, 1, 1, 0], 14, "moderate"),
        ("phq-9", [2, 2, 2, 2, 2, 2, 2, 1, 0], 15, "moderately-severe"),
        ("gad-7", [1, 1, 1, 1, 0, 0, 0], 4, "minimal"),
        ("gad-7", [3, 3, 3, 3, 1, 1, 1], 15, "severe"),
        ("k10", [2, 2, 2, 2, 2, 2, 2, 2, 3, 3], 22, "high"),
        ("swemwbs", [3, 3, 3, 3, 3, 3, 3], 19.25, ""),
        ("swemwbs", [4, 4, 4, 4, 3, 3, 3], 22.35, ""),
        ("qpr-15", [3] * 10 + [2] * 5, 40, ""),
        ("barc-10", [5] * 7 + [4] * 3, 47, "from-47"),
        ("barc-10", [5] * 6 + [4] * 4, 46, "below-47"),
        # Positive items 3, 2, 2, 3, 2 and reverse items answered 1, 0, 1, 2, 0, which count 2, 3, 2, 1, 3.
        ("rosenberg", [3, 1, 2, 2, 0, 1, 3, 2, 0, 2], 23, ""),
        ("ucla-3", [2, 2, 1], 5, "from-3-to-5"),
        ("ucla-3", [2, 2, 2], 6, "from-6-to-9"),
        ("wsas", [4, 4, 4, 4, 4], 20, "from-10-to-20"),
        ("wsas", [4, 4, 4, 4, 5], 21, "above-20"),
    ],
)  # fmt: skip
def test_scores_worked_out_by_hand(name: str, codes: list[int], wanted: float, band: str) -> None:
    row = scored(export(name, codes), instruments()[name]).row(0, named=True)
    assert (row["value"], row["band"], row["answered"]) == (wanted, band, len(codes))


@pytest.mark.parametrize("name", SCORES)
def test_one_item_left_blank_gives_no_score(name: str) -> None:
    scale = instruments()[name]
    codes: list[int | None] = [scale.options[0].code] * len(scale.items)
    codes[1] = None
    row = scored(export(name, codes), scale).row(0, named=True)
    assert (row["value"], row["band"], row["answered"]) == (None, "", len(codes) - 1)


def test_an_answer_off_the_scale_is_not_answered() -> None:
    row = scored(export("wsas", ["not-applicable", 4, 4, 4, 4]), instruments()["wsas"]).row(0, named=True)
    assert (row["value"], row["answered"]) == (None, 4)


SUM = {
    "id": "sum",
    "label": "S",
    "method": "sum",
    "range": {"low": 3, "high": 12},
    "minimum_answered": 2,
    "missing": "prorate",
}
MEAN = {
    "id": "mean",
    "label": "M",
    "method": "mean",
    "range": {"low": 1, "high": 4},
    "minimum_answered": 1,
    "missing": "prorate",
}


def rows(**codes: list[int | str | None]) -> pl.DataFrame:
    return surveys(answers(codes))


def found(frame: pl.DataFrame, scale: Instrument, score: str) -> list[float | None]:
    return scored(frame, scale).filter(pl.col("score") == score)["value"].to_list()


def test_missing_items_count_as_the_mean_of_the_answered_ones() -> None:
    frame = rows(a=[1, 1, 4, None], b=[2, 4, None, None], c=[3, None, "n-a", None])
    scale = declared(SUM, MEAN)
    assert found(frame, scale, "sum") == [6, 7.5, None, None]
    assert found(frame, scale, "mean") == [2, 2.5, 4, None]


def test_a_reverse_item_is_turned_round_before_it_is_filled_in() -> None:
    frame = rows(a=[1, None], b=[1, None], c=[1, 1])
    scale = declared(SUM | {"minimum_answered": 1}, reverse=("c",))
    assert found(frame, scale, "sum") == [1 + 1 + 4, 12]


def test_a_score_takes_its_own_items_only() -> None:
    parts = declared(
        {"id": "ab", "label": "AB", "method": "sum", "items": ["a", "b"], "range": {"low": 2, "high": 8}},
        {
            "id": "c-times",
            "label": "C",
            "method": "mean",
            "items": ["c"],
            "multiply": 25,
            "range": {"low": 25, "high": 100},
        },
    )
    frame = rows(a=[1, 2], b=[4, 2], c=[3, None])
    assert found(frame, parts, "ab") == [5, 4]
    assert found(frame, parts, "c-times") == [75, None]


OWN = {
    "id": "own", "label": "Own items", "method": "mean", "minimum_answered": 1, "does_not_apply": ["n-a"],
    "range": {"low": 1, "high": 4},
}  # fmt: skip


def test_items_that_do_not_apply_leave_the_person_s_own_denominator() -> None:
    frame = rows(
        a=[1, 4, 2, 4, "n-a", None], b=[4, "n-a", "n-a", "n-a", "n-a", 4], c=[4, 3, "n-a", None, "n-a", "n-a"]
    )
    table = scored(frame, declared(OWN))
    assert table["value"].to_list() == [3, 3.5, 2, None, None, None]
    assert table["applicable"].to_list() == [3, 2, 1, 2, 0, 2]
    least = scored(frame, declared(OWN | {"minimum_answered": 2}))["value"].to_list()
    assert least == [3, 3.5, None, None, None, None]


def test_unanswered_items_that_apply_are_filled_in_where_declared() -> None:
    frame = rows(a=[1, 4, None], b=[None, "n-a", "n-a"], c=[4, None, "n-a"])
    assert scored(frame, declared(OWN | {"missing": "prorate"}))["value"].to_list() == [2.5, 4, None]


def test_only_the_named_answers_take_an_item_out() -> None:
    scale = declared(OWN).model_dump() | {
        "special": [{"id": "n-a", "label": "N/A"}, {"id": "dont-know", "label": "Don't know"}]
    }
    frame = rows(a=[1, 1], b=["n-a", "dont-know"], c=[4, 4])
    assert scored(frame, Instrument.model_validate(scale))["value"].to_list() == [2.5, None]


def test_importance_asked_first_takes_support_items_out_of_one_score_alone() -> None:
    """As in measures that ask for support only where it matters: two scores of the same items."""
    strict = {"id": "all-items", "label": "All", "method": "mean", "range": {"low": 1, "high": 4}}
    both = declared(OWN, strict)
    frame = rows(a=[4, 2], b=["n-a", 2], c=[2, 2])
    table = scored(frame, both).sort("score", "respondent")
    assert table.select("score", "value").rows() == [
        ("all-items", None), ("all-items", 2), ("own", 3), ("own", 2),
    ]  # fmt: skip


def test_a_score_between_two_bands_has_not_reached_the_upper_one() -> None:
    bands = [
        {"id": "low", "label": "Low", "low": 3, "high": 7},
        {"id": "upper", "label": "High", "low": 8, "high": 12},
    ]
    scale = declared(SUM | {"bands": bands, "bands_source": "us"})
    frame = rows(a=[1, 2], b=[4, 4], c=[None, 2])
    assert scored(frame, scale).select("value", "band").rows() == [(7.5, "low"), (8.0, "upper")]


def test_people_services_and_waves_are_scored_apart() -> None:
    frame = pl.concat(
        [
            surveys(answers({"a": [1], "b": [1], "c": [1]}, service="east")),
            surveys(answers({"a": [4], "b": [4], "c": [4]}, service="west", start=1)),
            surveys(answers({"a": [2], "b": [2], "c": [2]}, wave="w2", service="east")),
            surveys([("staff", f"r{i}", "w3", "east", item, i + 1, "") for i in (0, 1) for item in "abc"]),
        ]
    )
    table = scored(frame, declared(SUM))
    assert table.columns == [*UNIT, "score", "value", "answered", "applicable", "points", "band"]
    assert table.select("wave", "service", "subject", "value").rows() == [
        ("w1", "east", "r0", 3), ("w1", "west", "r1", 12), ("w2", "east", "r0", 6), ("w3", "east", "r0", 3),
        ("w3", "east", "r1", 6),
    ]  # fmt: skip


def test_no_rows_no_scores_and_other_instruments() -> None:
    frame = rows(a=[1], b=[1], c=[1])
    assert scored(frame.clear(), declared(SUM)).is_empty()
    assert scored(frame, declared()).is_empty()
    assert scored(frame.with_columns(instrument=pl.lit("another")), declared(SUM)).is_empty()


def test_agrees_with_a_table_of_numbers() -> None:
    """The same by NumPy, one row a person: turn round, mean of what is there, times the items."""
    rng = np.random.default_rng(7)
    matrix = rng.integers(1, 5, (300, 8)).astype(float)
    matrix[rng.random(matrix.shape) < 0.2] = np.nan
    names = [f"i{i}" for i in range(8)]
    turned = np.where(np.isin(np.arange(8), [1, 5]), 5 - matrix, matrix)
    there = (~np.isnan(turned)).sum(axis=1)
    wanted = np.where(there >= 5, np.nansum(turned, axis=1) / np.maximum(there, 1) * 8 * 2.5, np.nan)
    scale = declared(
        SUM | {"minimum_answered": 5, "multiply": 2.5, "range": {"low": 20, "high": 80}},
        items=tuple(names), reverse=("i1", "i5"),
    )  # fmt: skip
    codes = {n: [None if np.isnan(c) else int(c) for c in matrix[:, i]] for i, n in enumerate(names)}
    table = scored(surveys(answers(codes)), scale).sort(pl.col("respondent").str.slice(1).cast(pl.Int64))
    assert table["answered"].to_list() == there.tolist()
    np.testing.assert_allclose(table["value"].cast(pl.Float64).to_numpy(), wanted, rtol=1e-12)
    assert 0 < np.isnan(wanted).sum() < 300
