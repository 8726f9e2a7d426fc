"""Figures beside words: which figures speak to an outcome, and when there is anything to judge."""

from typing import Any

import pandas as pd
import pytest

from pipeline.methods.framework import evidence, framework
from pipeline.methods.joint_display import figures, joint_display
from pipeline.methods.results import Context, Ledger
from schemas.coding import BASES, COUNTED
from tests.unit.methods.synthesis_frames import CODEBOOK, STUDIES, codings, passages

KEYS = {"instrument": "survey", "item": "hopeful", "category": "yes", "wave": "w1", "denominator": "answered"}
INDICATOR = ("quay", "hope", "survey", "hopeful", "yes", "")
THREE = "yes ; somewhat ; no"
JUDGED = pd.DataFrame([("hope", "agree", "Both say so.", "proposed, not reviewed")], columns=["code", "judgement", "reason", "status"])  # fmt: skip  # noqa: E501


def estimates(*rows: dict[str, Any], study: str = "quay") -> pd.DataFrame:
    """Estimates of one study; without other keys, a share of 0.6 of those who answered."""
    ledger = Ledger(Context(study, "observed"))
    for one in rows:
        given = {"statistic": "share", "value": 0.6, "service": "all"} | KEYS | one
        ledger.estimate(given.pop("statistic"), given.pop("value"), **given)
    return ledger.results().estimates.assign(suppressed=False)


def indicators(*rows: tuple[str, ...], options: str = "", basis: str = "participant-data") -> pd.DataFrame:
    frame = pd.DataFrame(list(rows), columns=["study", "code", "instrument", "item", "headline", "pattern"])
    return frame.assign(options=options or frame["headline"], basis=basis)


def claims(*ids: str) -> pd.DataFrame:
    return pd.DataFrame({"estimate_id": ["", *ids]})


def shown(frame: pd.DataFrame, *rows: tuple[str, ...], published: tuple[str, ...] = (), **more: str) -> pd.DataFrame:
    return figures(frame, indicators(*(rows or (INDICATOR,)), **more), claims(*published), STUDIES)


def test_an_item_speaks_through_its_headline_answer_by_service_and_round() -> None:
    frame = estimates(
        {},
        {"service": "a"},
        {"wave": "w2"},
        {"statistic": "difference", "wave": "w2", "reference": "w1", "contrast": "waves", "value": 0.1},
        {"category": "no"},
        {"item": "calm"},
        {"statistic": "alpha", "item": "", "category": ""},
    )
    found = shown(frame)
    assert found["estimate_id"].tolist() == frame["estimate_id"].tolist()[:4]
    assert set(found["code"]) == {"hope"}
    assert set(found["headline"]) == {True}


def test_a_comparison_made_in_another_way_is_no_further_figure() -> None:
    difference = {"statistic": "difference", "wave": "w2", "reference": "w1", "contrast": "waves", "value": 0.1}
    frame = estimates(difference, difference | {"model": "within-services"})
    frame["produced_by"] = ["quay/change", "quay/multiverse"]
    assert shown(frame)["estimate_id"].tolist() == frame["estimate_id"].tolist()[:1]


ANSWERS = [{"category": "no", "value": 0.1}, {"category": "somewhat", "value": 0.3}, {}, {"category": "missing"}]


def test_all_answers_to_a_three_point_item_are_shown_highest_first_and_one_is_the_headline() -> None:
    frame = estimates(*ANSWERS)
    found = shown(frame, options=THREE)
    no, somewhat, yes, _ = frame["estimate_id"]
    assert found["estimate_id"].tolist() == [yes, somewhat, no]
    assert found["headline"].tolist() == [True, False, False]


def test_of_a_two_point_item_only_the_headline_answer_is_shown() -> None:
    assert shown(estimates(*ANSWERS))["headline"].tolist() == [True]


def test_all_answers_to_an_item_are_shares_of_the_same_people() -> None:
    asked = estimates(*(one | {"denominator": "asked"} for one in ANSWERS))
    frame = pd.concat([asked, estimates(*ANSWERS)], ignore_index=True)
    printed = asked["estimate_id"][2]
    found = shown(frame, options=THREE, published=(printed,))
    assert found["published"].tolist() == [True, False, False]
    assert set(found["estimate_id"]) < set(asked["estimate_id"])


def test_what_figures_rest_on_goes_with_them() -> None:
    posts = estimates({"statistic": "headcount", "value": 9, "item": "", "category": "", "instrument": ""})
    pattern = ("quay", "work", "", "", "", "quay/all/headcount/*")
    found = shown(posts, pattern, basis="promotional")
    assert found[["basis", "headline"]].to_numpy().tolist() == [["promotional", True]]
    assert shown(estimates({}))["basis"].tolist() == ["participant-data"]


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_denominators_those_who_answered_unless_the_document_used_the_other(order: int) -> None:
    frame = estimates({"denominator": "asked", "value": 0.5}, {})
    asked, answered = frame["estimate_id"]
    frame = frame[::order].reset_index(drop=True)
    assert shown(frame)["estimate_id"].tolist() == [answered]
    found = shown(frame, published=(asked,))
    assert found[["estimate_id", "published"]].to_numpy().tolist() == [[asked, True]]
    assert shown(frame, published=(asked, answered))["estimate_id"].tolist() == [answered]


@pytest.mark.parametrize("change", [{"suppressed": True}, {"identified": "no"}])
def test_what_is_withheld_or_not_determined_is_no_figure(change: dict[str, Any]) -> None:
    frame = estimates({}, {"service": "a"}).assign(identified="exact")
    for name, value in change.items():
        frame.loc[0, name] = value
    assert shown(frame)["service"].tolist() == ["a"]


def test_a_figure_without_a_value_is_one_only_where_the_document_prints_it() -> None:
    frame = estimates({"value": None, "reason": "published in words only"})
    assert shown(frame).empty
    assert len(shown(frame, published=tuple(frame["estimate_id"]))) == 1


def test_figures_of_fictional_studies_are_left_out() -> None:
    frame = pd.concat([estimates({}), estimates({}, study="made-up")], ignore_index=True)
    found = shown(frame, INDICATOR, ("made-up", *INDICATOR[1:]))
    assert found["study"].tolist() == ["quay"]
    assert shown(frame, ("made-up", *INDICATOR[1:])).empty


def test_an_indicator_speaks_for_its_own_study_only() -> None:
    frame = pd.concat([estimates({}), estimates({}, study="mill")], ignore_index=True)
    assert shown(frame)["study"].tolist() == ["quay"]


def test_figures_named_by_a_pattern_count_once() -> None:
    posts = {"statistic": "headcount", "value": 9, "item": "", "category": "", "instrument": "", "denominator": ""}
    frame = estimates(posts, posts | {"wave": "w2"})
    rows = [("quay", "work", "", "", "", pattern) for pattern in ("quay/all/headcount/*", "*/wave=w2")]
    assert len(shown(frame, *rows)) == 2


def test_a_pattern_of_a_study_without_figures_finds_none() -> None:
    frame = estimates({}).assign(suppressed=True)
    assert shown(frame, ("quay", "work", "", "", "", "quay/*")).empty
    assert list(shown(frame, ("quay", "work", "", "", "", "quay/*")).columns)[:2] == ["code", "study"]


def words(*rows: tuple[str, str, str]) -> pd.DataFrame:
    """The framework of one passage for each (study, code, basis)."""
    segments = passages(*((study, f"s{i}", basis) for i, (study, _, basis) in enumerate(rows)))
    coded = codings(*((study, f"s{i}", code, "supports") for i, (study, code, _) in enumerate(rows)))
    return framework(evidence(segments, coded, STUDIES), CODEBOOK)


NOTHING = shown(estimates({"item": "calm"}))
SAID = ("mill", "hope", "participant-data")


def display(found: pd.DataFrame, matrix: pd.DataFrame, judged: pd.DataFrame = JUDGED) -> pd.DataFrame:
    return joint_display(found, matrix, CODEBOOK, judged)


def test_silence_is_computed_and_no_judgement_overrides_it() -> None:
    assert display(shown(estimates({})), words())["relation"].tolist() == ["no words"]
    assert display(NOTHING, words(SAID))["relation"].tolist() == ["no figures"]
    advised = ("mill", "hope", "recommendation")
    assert display(NOTHING, words(advised))["relation"].tolist() == ["neither figures nor counted words"]
    assert display(shown(estimates({})), words(advised))["relation"].tolist() == ["no words"]


@pytest.mark.parametrize("basis", [basis for basis in BASES if basis not in COUNTED])
def test_a_figure_that_is_promotion_or_description_is_no_figure_and_stands_apart(basis: str) -> None:
    found = shown(estimates({}), basis=basis)
    (row,) = display(found, words()).to_dict("records")
    assert (row["figures"], row["apart"], row["figure_studies"]) == (0, 1, "")
    assert row["relation"] == "neither figures nor counted words"
    assert display(found, words(SAID))["relation"].tolist() == ["no figures"]


@pytest.mark.parametrize("basis", COUNTED)
def test_figures_of_participants_and_evaluators_are_figures(basis: str) -> None:
    (row,) = display(shown(estimates({}), basis=basis), words()).to_dict("records")
    assert (row["figures"], row["apart"], row["relation"]) == (1, 0, "no words")


def test_the_other_answers_to_an_item_are_no_further_figures() -> None:
    (row,) = display(shown(estimates(*ANSWERS), options=THREE), words()).to_dict("records")
    assert (row["figures"], row["apart"]) == (1, 0)


def test_an_item_without_its_headline_answer_is_no_figure() -> None:
    (row,) = display(shown(estimates(*ANSWERS[:2]), options=THREE), words()).to_dict("records")
    assert (row["figures"], row["relation"]) == (0, "neither figures nor counted words")


def test_where_both_speak_it_is_what_was_judged() -> None:
    (row,) = display(shown(estimates({})), words(SAID)).to_dict("records")
    assert (row["relation"], row["reason"], row["status"]) == ("agree", "Both say so.", "proposed, not reviewed")
    assert (row["figures"], row["segments"], row["supports"], row["families"]) == (1, 1, 1, 1)
    assert (row["figure_studies"], row["word_studies"]) == ("quay", "mill")
    (row,) = display(shown(estimates({})), words(SAID), JUDGED.iloc[:0]).to_dict("records")
    assert (row["relation"], row["reason"]) == ("not judged", "")


def test_a_study_that_only_advises_is_not_among_the_words() -> None:
    (row,) = display(NOTHING, words(SAID, ("quay", "hope", "recommendation"))).to_dict("records")
    assert (row["word_studies"], row["families"], row["segments"]) == ("mill", 1, 1)


def test_outcomes_and_harms_stand_in_the_order_of_the_codebook_and_factors_do_not() -> None:
    said = [("mill", code, "participant-data") for code in ("strain", "trust", "hope")]
    assert display(NOTHING, words(*said))["code"].tolist() == ["hope", "strain"]


def test_printed_figures_told_in_words_do_not_confirm_themselves() -> None:
    segments = passages(("quay", "a", "participant-data"), figures=["a"])
    coded = codings(("quay", "a", "hope", "supports"))
    matrix = framework(evidence(segments, coded, STUDIES), CODEBOOK)
    assert display(shown(estimates({})), matrix)["relation"].tolist() == ["no words"]


def test_nothing_said_and_nothing_counted() -> None:
    found = display(NOTHING, words())
    assert found.empty
    assert {"code", "relation", "status"} <= set(found.columns)
