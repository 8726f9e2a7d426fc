"""What may be pooled over services, the pooled numbers, and each reason why not."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipeline.evaluation import Evaluation
from pipeline.families import FAMILIES
from pipeline.methods.labels import indicators as indicators_of
from pipeline.methods.labels import labels as labels_of
from pipeline.methods.pooling import (
    COLUMNS,
    NO_FIGURES,
    NO_VARIATION,
    NOT_BY_SERVICE,
    PUBLISHED_ONLY,
    TOO_FEW,
    pooling,
)
from pipeline.methods.random_effects import expit, logit_share, pool
from pipeline.methods.results import Context, Ledger
from pipeline.studies import instruments, load_study
from pipeline.validation import read_codebook, read_table
from tests.unit.methods.synthesis_frames import CODEBOOK, STUDIES

DEMONSTRATION = Path(__file__).parents[3] / "raw" / "demo-riverbend"
KEYS = {"instrument": "survey", "item": "hopeful", "category": "yes", "denominator": "answered"}
FOUR = {"north": (12, 30), "east": (25, 40), "south": (5, 22), "west": (0, 9)}
INDICATOR = ("hope", "survey", "hopeful", "yes", "")
WAVES = ("spring", "autumn", "winter")

Counts = dict[str, tuple[float, float]]


def shares(counts: Counts, study: str = "quay", wave: str = "spring", **keys: Any) -> pd.DataFrame:
    """Shares of services from events and n."""
    ledger = Ledger(Context(study, "observed"))
    for service, (events, n) in counts.items():
        ledger.estimate("share", events / n, service=service, wave=wave, events=events, n=n, **(KEYS | keys))
    return ledger.results().estimates.assign(suppressed=False)


def labels(*waves: str) -> pd.DataFrame:
    """The waves of all studies, in this order; and something else called like one of them."""
    rows = [(study, "wave", wave, order) for study in STUDIES["study"] for order, wave in enumerate(waves or WAVES)]
    rows += [(study, "service", "spring", 9) for study in STUDIES["study"]]
    return pd.DataFrame(rows, columns=["study", "kind", "id", "order"])


def indicators(*rows: tuple[str, ...], studies: tuple[str, ...] = ("quay",)) -> pd.DataFrame:
    frame = pd.DataFrame(
        [(study, *row) for study in studies for row in rows],
        columns=["study", "code", "instrument", "item", "headline", "pattern"],
    )
    return frame.astype(object)


def pooled(estimates: pd.DataFrame, asked: pd.DataFrame, known: pd.DataFrame | None = None) -> pd.DataFrame:
    """The rows on hope."""
    found = pooling(estimates, asked, STUDIES, CODEBOOK, labels() if known is None else known)
    assert list(found.columns) == list(COLUMNS)
    return found[found["code"] == "hope"].reset_index(drop=True)


def numbers(counts: Counts) -> list[float]:
    """Average, interval and prediction interval of the pooling model itself."""
    effects, variances = zip(*(logit_share(*pair) for pair in counts.values()), strict=True)
    found = pool(effects, variances)
    return [expit(x) for x in (found.effect, found.low, found.high, found.predicted_low, found.predicted_high)]


def told(row: pd.Series) -> list[float]:
    return [row[name] for name in ("value", "low", "high", "predicted_low", "predicted_high")]


def test_services_are_pooled_as_the_random_effects_model_says() -> None:
    (row,) = [row for _, row in pooled(shares(FOUR), indicators(INDICATOR)).iterrows()]
    assert told(row) == pytest.approx(numbers(FOUR))
    assert (row["decision"], row["reason"]) == ("pooled", "")
    assert (row["services"], row["studies"], row["n"]) == (4, 1, 101)
    assert row["low"] < row["value"] < row["high"]


def test_all_services_together_and_those_not_named_are_not_pooled_again() -> None:
    frame = shares(FOUR | {"all": (42, 101), "unknown": (3, 9)})
    (row,) = [row for _, row in pooled(frame, indicators(INDICATOR)).iterrows()]
    assert row["services"] == 4
    assert row["value"] == pytest.approx(numbers(FOUR)[0])


def test_only_shares_of_that_answer_by_those_who_answered() -> None:
    others = [
        shares(FOUR, item="calm"),
        shares(FOUR, category="no"),
        shares(FOUR, denominator="asked"),
        shares(FOUR, instrument="other"),
        shares(dict.fromkeys(FOUR, (1, 4)), group="women"),
    ]
    frame = pd.concat([shares(FOUR), *others], ignore_index=True)
    assert pooled(frame, indicators(INDICATOR))["value"].tolist() == pytest.approx([numbers(FOUR)[0]])
    (row,) = pooled(pd.concat(others), indicators(INDICATOR)).to_dict("records")
    assert row["reason"] == NOT_BY_SERVICE


def test_several_studies_that_ask_the_same_are_pooled_together_and_other_instruments_are_not() -> None:
    two = {"one": (3, 10), "two": (6, 10)}
    frame = pd.concat([shares(FOUR), shares(two, study="mill"), shares(FOUR, study="wharf", instrument="other")])
    elsewhere = indicators(("hope", "other", "hopeful", "yes", ""), studies=("wharf",))
    asked = pd.concat([indicators(INDICATOR, studies=("quay", "mill")), elsewhere])
    found = pooled(frame, asked).set_index("instrument")
    assert (found.loc["survey", "studies"], found.loc["survey", "services"]) == (2, 6)
    assert found.loc["survey", "value"] == pytest.approx(numbers(FOUR | two)[0])
    assert found.loc["other", "value"] == pytest.approx(numbers(FOUR)[0])


EARLIER = {"north": (20, 30), "east": (30, 40), "south": (15, 22), "west": (6, 9)}


@pytest.mark.parametrize("order", [("spring", "autumn"), ("autumn", "spring")])
def test_the_last_wave_is_used_wherever_it_stands(order: tuple[str, str]) -> None:
    of = {"spring": shares(EARLIER, wave="spring"), "autumn": shares(FOUR, wave="autumn")}
    frame = pd.concat([of[wave] for wave in order], ignore_index=True)
    (row,) = pooled(frame, indicators(INDICATOR)).to_dict("records")
    assert (row["value"], row["services"], row["n"]) == (pytest.approx(numbers(FOUR)[0]), 4, 101)


def test_a_service_without_answers_at_the_last_wave_does_not_come_in_with_an_earlier_one() -> None:
    later = {name: FOUR[name] for name in ("north", "east", "south")}
    frame = pd.concat([shares(EARLIER, wave="spring"), shares(later, wave="autumn")], ignore_index=True)
    (row,) = pooled(frame, indicators(INDICATOR)).to_dict("records")
    assert (row["services"], row["value"]) == (3, pytest.approx(numbers(later)[0]))


def test_a_withheld_share_is_not_taken_from_an_earlier_wave() -> None:
    later = shares(FOUR, wave="autumn")
    later.loc[later["service"] == "west", ["value", "events", "n"]] = None
    frame = pd.concat([shares(EARLIER, wave="spring"), later], ignore_index=True)
    (row,) = pooled(frame, indicators(INDICATOR)).to_dict("records")
    left = {name: pair for name, pair in FOUR.items() if name != "west"}
    assert (row["services"], row["value"]) == (3, pytest.approx(numbers(left)[0]))


@pytest.mark.parametrize(
    ("counts", "reason", "services"),
    [
        ({"all": (5, 9)}, NOT_BY_SERVICE, 0),
        ({"unknown": (5, 9)}, NOT_BY_SERVICE, 0),
        ({"north": (5, 9), "east": (4, 9)}, TOO_FEW, 2),
        ({"north": (0, 9), "east": (0, 9), "south": (0, 2)}, NO_VARIATION, 3),
        ({"north": (9, 9), "east": (8, 8), "south": (2, 2)}, NO_VARIATION, 3),
    ],
)
def test_what_is_not_pooled_says_why(counts: Counts, reason: str, services: int) -> None:
    (row,) = pooled(shares(counts), indicators(INDICATOR)).to_dict("records")
    assert (row["decision"], row["reason"], row["services"]) == ("refused", reason, services)
    assert pd.isna(row["value"])


def test_what_rows_do_not_determine_is_not_pooled() -> None:
    frame = shares(FOUR).assign(identified="no")
    assert pooled(frame, indicators(INDICATOR))["decision"].tolist() == ["refused"]


def test_a_figure_as_published_has_no_counts_behind_it() -> None:
    (row,) = pooled(shares(FOUR), indicators(("hope", "", "", "", "quay/*"))).to_dict("records")
    assert (row["decision"], row["reason"]) == ("refused", PUBLISHED_ONLY)


def test_a_pattern_that_finds_no_figure_is_none() -> None:
    (row,) = pooled(shares(FOUR), indicators(("hope", "", "", "", "quay/all/retention/*"))).to_dict("records")
    assert (row["decision"], row["reason"]) == ("refused", NO_FIGURES)
    in_words = shares(FOUR).assign(value=None)
    (row,) = pooled(in_words, indicators(("hope", "", "", "", "quay/*"))).to_dict("records")
    assert row["reason"] == NO_FIGURES
    both = indicators(INDICATOR, ("hope", "", "", "", "quay/all/retention/*"))
    assert pooled(shares(FOUR), both)["decision"].tolist() == ["pooled"]


def test_an_outcome_without_figures_is_a_row_and_a_factor_is_none() -> None:
    found = pooling(shares(FOUR), indicators(INDICATOR), STUDIES, CODEBOOK, labels())
    assert found[["code", "reason"]].to_numpy().tolist() == [["hope", ""], ["work", NO_FIGURES]]


def test_without_any_indicator_no_outcome_has_figures() -> None:
    found = pooling(shares(FOUR), indicators(), STUDIES, CODEBOOK, labels())
    assert found["reason"].tolist() == [NO_FIGURES, NO_FIGURES]


def test_fictional_studies_are_pooled_apart_and_are_no_figures() -> None:
    fictional = shares(FOUR, study="made-up")
    found = pooled(fictional, indicators(INDICATOR, studies=("made-up",)))
    assert found[["fictional", "decision", "reason"]].to_numpy().tolist() == [
        [False, "refused", NO_FIGURES],
        [True, "pooled", ""],
    ]
    both = pd.concat([shares(EARLIER), fictional], ignore_index=True)
    found = pooled(both, indicators(INDICATOR, studies=("quay", "made-up"))).set_index("fictional")
    assert found.loc[False, "value"] == pytest.approx(numbers(EARLIER)[0])
    assert found.loc[True, "value"] == pytest.approx(numbers(FOUR)[0])


def test_the_demonstration_study_pools_to_its_own_pooled_shares() -> None:
    study = load_study(DEMONSTRATION)
    known = instruments()
    evaluation = Evaluation(study, known, {"surveys": read_table(DEMONSTRATION, study, "surveys")})
    estimates = pd.concat([FAMILIES[name](evaluation).estimates for name in ("feedback", "services")])
    about = pd.DataFrame({"study": [study.study], "fictional": [True]})
    book = read_codebook(DEMONSTRATION.parent).to_pandas()
    found = pooling(estimates, indicators_of(study, known), about, book, labels_of(study, known))
    found = found[found["decision"] == "pooled"].set_index(["instrument", "item", "category"])
    whole = (estimates["contrast"] == "") & (estimates["group"] == "")
    own = estimates[(estimates["statistic"] == "pooled_share") & (estimates["wave"] == "autumn") & whole]
    ahead = estimates[(estimates["statistic"] == "prediction_interval") & (estimates["wave"] == "autumn")]
    keys = ["instrument", "item", "category"]
    joined = own.merge(ahead, on=keys, suffixes=("", "_ahead")).set_index(keys)
    both = found.index.intersection(joined.index)
    assert len(both) >= 5
    for key in both:
        row, theirs = found.loc[key], joined.loc[key]
        expected = [theirs[name] for name in ("value", "low", "high", "low_ahead", "high_ahead", "n")]
        assert [*told(row), row["n"]] == pytest.approx(expected), key
