"""Factors and success: the order, how sure it is, and services beside each other."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection, PathCollection

from pipeline.figures.catalogue import figures
from pipeline.methods.results import Context, Ledger

WEIGHTS = {"clear": 0.06, "backed": 0.2, "paid": 0.11, "load": 0.02}
BY_SERVICE = {"a": {"clear": 0.3, "backed": 0.6}, "b": {"clear": -0.1, "backed": 0.5}}


def make_drivers(
    weights: Mapping[str, float | None],
    by_service: Mapping[str, Mapping[str, float | None]] | None = None,
    places: str = "3",
    chance: float | None = 0.03,
) -> pd.DataFrame:
    """Estimates of drivers: weights and shares for all, correlations for all and by service."""
    ledger = Ledger(Context("s", "demonstration"))
    keys = {"instrument": "survey", "wave": "w1", "term": "success", "model": "drivers", "level": 0.95}
    for item, weight in weights.items():
        known = {} if weight is None else {"low": 0.5 * weight, "high": weight + 0.1}
        reason = "no variation" if weight is None else "reverse item, turned round" if item == "load" else ""
        base = {**keys, "item": item, "n": 60, "reason": reason}
        ledger.estimate("relative_weight", weight, service="all", unit="proportion", **base, **known)
        share = None if weight is None else 2 * weight
        ledger.estimate("top_rank_share", share, service="all", at=places, unit="proportion", **base)
        ledger.estimate("correlation", weight, service="all", **base)
    ledger.estimate(
        "chance_weight", chance, service="all", at="0.95", reason="" if chance else "too few rows", **keys
    )
    for service, values in (by_service or {}).items():
        for item, value in values.items():
            ends = {} if value is None else {"low": value - 0.25, "high": value + 0.25}
            row = {**keys, "item": item, "n": 30, "reason": "" if value is not None else "too few rows", **ends}
            ledger.estimate("correlation", value, service=service, **row)
    return ledger.results().estimates


@pytest.fixture
def names(labels):
    return labels(
        service={"a": "Alpha", "b": "Beta"},
        item_survey={"clear": "Role is clear", "backed": "Managers back it", "paid": "Paid", "load": "Heavy load"},
    )


def dots(ax) -> list[np.ndarray]:
    return [one.get_offsets() for one in ax.collections if isinstance(one, PathCollection)]


def test_factors_stand_by_weight_with_interval_and_share(names):
    [spec] = figures(make_drivers(WEIGHTS), names)
    figure = spec.draw()
    [ax] = figure.axes
    assert spec.name == "drivers-survey"
    assert [tick.get_text() for tick in ax.get_yticklabels()] == [
        "Managers back it",
        "Paid",
        "Role is clear",
        "Heavy load",
    ]
    assert dots(ax)[0][:, 0].tolist() == [0.2, 0.11, 0.06, 0.02]
    lines = next(one for one in ax.collections if isinstance(one, LineCollection)).get_segments()
    assert lines[0][:, 0].tolist() == pytest.approx([0.1, 0.3])
    texts = [text.get_text() for text in ax.texts]
    assert "Among first three" in texts
    assert "40%" in texts
    assert ax.lines[0].get_xdata() == [0.03, 0.03]


def test_words_say_that_it_is_no_cause_and_how_sure_the_order_is(names):
    [spec] = figures(make_drivers(WEIGHTS), names)
    assert "What goes together need not be cause and effect." in spec.caption
    assert "turned round" in spec.caption
    assert spec.alt.startswith(
        "Part of the variation in success that goes with each of 4 factors: most Managers back it 20%, Paid 11%"
    )
    assert "40%, 22% and 12% of the time" in spec.alt


def test_a_factor_without_a_weight_comes_last_with_a_word(names):
    [spec] = figures(make_drivers(WEIGHTS | {"backed": None}), names)
    figure = spec.draw()
    assert figure.axes[0].get_yticklabels()[-1].get_text() == "Managers back it"
    assert "no variation" in [text.get_text() for text in figure.axes[0].texts]


def test_few_factors_are_asked_for_the_first_place_and_chance_may_be_unknown(names):
    [spec] = figures(make_drivers({"clear": 0.1, "paid": 0.2}, places="1", chance=None), names)
    figure = spec.draw()
    assert "First" in [text.get_text() for text in figure.axes[0].texts]
    assert "random" not in spec.caption
    assert not figure.axes[0].lines


def test_services_stand_beside_each_other(names):
    weights, services = figures(make_drivers(WEIGHTS, BY_SERVICE), names)
    assert (weights.name, services.name) == ("drivers-survey", "drivers-survey-services")
    [ax] = services.draw().axes
    alpha, beta = dots(ax)
    assert alpha[:, 0].tolist() == [0.6, 0.3]
    assert beta[:, 0].tolist() == [0.5, -0.1]
    assert (alpha[:, 1] < beta[:, 1]).all()
    assert "Alpha: correlations with success 0.30 to 0.60, 2 of 2 intervals above 0." in services.alt
    assert "success −0.10 to 0.50, 1 of 2 intervals above 0." in services.alt


def test_what_is_withheld_at_one_service_or_at_all_is_said_once(names):
    frame = make_drivers(WEIGHTS, {"a": WEIGHTS, "b": WEIGHTS})
    hidden = (frame["service"].eq("a") & frame["item"].eq("clear")) | (
        frame["service"].ne("all") & frame["item"].eq("backed")
    )
    frame.loc[hidden, ["value", "low", "high"]] = np.nan
    frame["suppressed"] = hidden
    services = figures(frame, names)[1]
    texts = [text.get_text() for text in services.draw().axes[0].texts]
    assert sorted(text for text in texts if "withheld" in text) == ["withheld", "withheld for 1 of 2"]
    assert "3 values not shown." in services.alt


def test_one_service_is_not_compared(names):
    assert len(figures(make_drivers(WEIGHTS, {"a": {"clear": 0.2}}), names)) == 1


def test_eighteen_factors_and_five_services_fit_on_a_page(names):
    weights = {f"f{place}": 0.01 * (place + 1) for place in range(18)}
    by_service = {f"s{place}": dict.fromkeys(weights, 0.3) for place in range(5)}
    for spec in figures(make_drivers(weights, by_service), names):
        assert spec.draw().get_figheight() < 8.7


def test_an_item_as_outcome_is_quoted(names):
    frame = make_drivers(WEIGHTS).assign(term="stay")
    frame["estimate_id"] = frame["estimate_id"].str.replace("term=success", "term=stay")
    [spec] = figures(frame, pd.concat([names, names.iloc[[-1]].assign(id="stay", label="Peers stay in post")]))
    assert "“Peers stay in post”" in spec.alt
