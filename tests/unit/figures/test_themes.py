"""Frequencies of codes, agreement and saturation."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PathCollection

from pipeline.figures.catalogue import figures
from pipeline.methods.results import Context, Ledger

CODEBOOK = {"instrument": "codebook", "population": "segments"}
SHARES = {"ties": (0.5, 0.6), "hope": (0.7, 0.75), "cost": (0.2, 0.4)}
ALPHAS = {"hope": (0.9, 0.8, 1.0), "ties": (0.4, 0.1, 0.6), "cost": (1.0, None, None), "all-codes": (0.7, 0.6, 0.8)}


def shares(found=SHARES, status="demonstration", interval=False) -> pd.DataFrame:
    ledger = Ledger(Context("s", status))
    for code, pair in found.items():
        for category, value in zip(("majority", "any-coder"), pair, strict=True):
            ends = {"low": value - 0.1, "high": value + 0.1, "level": 0.95} if interval else {}
            keys = {"item": code, "category": category, "denominator": "coded"}
            ledger.estimate("share", value, service="all", n=40, unit="proportion", **keys, **ends, **CODEBOOK)
    return ledger.results().estimates


def alphas(found=ALPHAS) -> pd.DataFrame:
    ledger = Ledger(Context("s", "demonstration"))
    for code, (value, low, high) in found.items():
        ends = {"low": low, "high": high, "level": 0.95 if low is not None else None}
        ledger.estimate("krippendorff_alpha", value, service="all", item=code, n=40, unit="ratio", **ends, **CODEBOOK)
    return ledger.results().estimates


def curves(units=8) -> pd.DataFrame:
    ledger = Ledger(Context("s", "demonstration"))
    for k in range(1, units + 1):
        row = {"service": "all", "at": str(k), "n": k, "unit": "codes"} | CODEBOOK
        ledger.estimate("codes_seen", min(k, 5), model="given-order", **row)
        ledger.estimate("codes_seen", min(k, 5) - 0.2, model="random-order", low=k / 2, high=k, level=0.9, **row)
    return ledger.results().estimates


@pytest.fixture
def names(labels) -> pd.DataFrame:
    frame = labels(
        item_codebook={"hope": "Hope", "ties": "Ties", "cost": "Cost of telling"},
        theme_codebook={"outcome": "Outcomes", "harm": "Harms"},
    )
    theme = {"hope": "outcome", "ties": "outcome", "cost": "harm"}
    return frame.assign(direction=frame["id"].map(theme).fillna(""))


def only(specs):
    [spec] = specs
    return spec


def offsets(ax, which):
    return [c for c in ax.collections if isinstance(c, PathCollection)][which].get_offsets()[:, 0].tolist()


def test_a_panel_per_theme_with_the_most_frequent_code_first(names):
    spec = only(figures(shares(), names))
    figure = spec.draw()
    assert spec.name == "themes"
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["Outcomes", "Harms"]
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == ["Hope", "Ties"]
    assert offsets(figure.axes[0], 1) == [0.7, 0.5]
    assert offsets(figure.axes[0], 0) == [0.75, 0.6]
    assert "Most often: Hope 70%, Ties 50% and Cost of telling 20%." in spec.alt


def test_without_themes_there_is_one_panel_without_a_title(labels):
    figure = only(figures(shares(), labels())).draw()
    assert [ax.get_title(loc="left") for ax in figure.axes] == [""]


def test_the_caption_says_whether_there_are_intervals(names):
    assert "are not a declared sample" in only(figures(shares(), names)).caption
    assert "with 95% intervals" in only(figures(shares(interval=True), names)).caption


def test_a_withheld_code_is_a_word_and_has_no_dot(names):
    rows = shares()
    hidden = rows["item"].eq("cost") & rows["category"].eq("majority")
    rows.loc[hidden, "value"] = np.nan
    spec = only(figures(rows.assign(suppressed=hidden), names))
    harms = spec.draw().axes[1]
    assert "withheld" in [text.get_text() for text in harms.texts]
    assert [offsets(harms, 0), len([c for c in harms.collections if isinstance(c, PathCollection)])] == [[0.4], 1]
    assert "1 code withheld." in spec.alt


def test_agreement_from_the_highest_alpha_with_all_codes_last(names):
    spec = figures(pd.concat([shares(), alphas()]), names)[1]
    figure = spec.draw()
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == [
        "Cost of telling", "Hope", "Ties", "All codes",
    ]  # fmt: skip
    assert offsets(figure.axes[0], 0) == [1.0, 0.9, 0.4, 0.7]
    assert [round(bar.get_width(), 2) for bar in figure.axes[1].patches] == [0.2, 0.7, 0.5]
    assert "from 0.40 (Ties) to 1.00 (Cost of telling). All codes together: 0.70. Below 0.667: Ties." in spec.alt
    assert "A dot without a line" in spec.caption


def test_pairs_of_coders_are_not_drawn(names):
    assert only(figures(alphas().assign(group=""), names)).name == "agreement"
    assert figures(alphas().assign(group="a & b"), names) == []


def test_saturation_has_both_curves_and_the_range(names):
    spec = only(figures(curves(), names))
    ax = spec.draw().axes[0]
    assert [line.get_ydata().tolist() for line in ax.lines][1] == [1, 2, 3, 4, 5, 5, 5, 5]
    assert ax.get_ylim()[0] == 0
    assert spec.alt == (
        "Different codes met: 1 after 1 passages, 5 after 8. "
        "In the order of the material the last new code comes by number 5."
    )


def test_the_first_units_may_be_withheld(names):
    rows = curves()
    hidden = rows["n"] < 5
    rows.loc[hidden, ["value", "low", "high"]] = np.nan
    spec = only(figures(rows.assign(suppressed=hidden), names))
    assert spec.draw().axes[0].lines[1].get_xdata().tolist() == [5, 6, 7, 8]
    assert "The first 4 are withheld." in spec.caption


def test_a_withheld_study_has_no_figure(names):
    rows = pd.concat([shares(), alphas(), curves()]).assign(value=np.nan, low=np.nan, high=np.nan, suppressed=True)
    assert figures(rows, names) == []
