"""The grid of codes that occur together."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import Rectangle

from pipeline.figures.catalogue import figures
from pipeline.methods.results import Context, Ledger

CODEBOOK = {"instrument": "codebook", "population": "segments"}
SHARES = {"ties": 0.5, "hope": 0.7, "cost": 0.2, "pace": 0.1}
PAIRS = {("hope", "ties"): 0.31, ("cost", "hope"): 0.12, ("hope", "pace"): 0.0, ("cost", "ties"): 0.05,
         ("pace", "ties"): 0.02, ("cost", "pace"): 0.0}  # fmt: skip


def estimates(shares=SHARES, pairs=PAIRS, status="demonstration") -> pd.DataFrame:
    ledger = Ledger(Context("s", status))
    for code, value in shares.items():
        ledger.estimate("share", value, service="all", item=code, category="majority", n=40, **CODEBOOK)
    for (one, other), value in pairs.items():
        ledger.estimate("jaccard", value, service="all", item=one, term=other, category="both", n=30, **CODEBOOK)
    return ledger.results().estimates


@pytest.fixture
def names(labels) -> pd.DataFrame:
    return labels(item_codebook={"hope": "Hope", "ties": "Ties", "cost": "Cost of telling", "pace": "Pace"})


def grid(rows, names):
    return next(one for one in figures(rows, names) if one.name == "codes-together")


def boxes(ax):
    return [patch for patch in ax.patches if isinstance(patch, Rectangle)]


def test_each_pair_is_a_cell_at_its_two_codes(names):
    spec = grid(estimates(), names)
    ax = spec.draw().axes[0]
    printed = {(round(t.get_position()[0], 1), round(t.get_position()[1], 1)): t.get_text() for t in ax.texts}
    # From the code met most often: hope, ties, cost, pace.
    assert {place: printed[place] for place in ((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3))} == {
        (0, 1): "31", (0, 2): "12", (0, 3): "0", (1, 2): "5", (1, 3): "2", (2, 3): "0",
    }  # fmt: skip
    assert [text.get_text() for text in ax.get_yticklabels()] == ["Ties (2)", "Cost of telling (3)", "Pace (4)"]
    assert "Hope (1)" in [text.get_text() for text in ax.texts]
    assert len(boxes(ax)) == 6


def test_words_name_the_closest_pairs_and_the_status(names):
    spec = grid(estimates(), names)
    assert "Hope with Ties 31%, Cost of telling with Hope 12% and Cost of telling with Ties 5%" in spec.alt
    assert "n = 30 passages" in spec.caption
    assert spec.caption.endswith("Demonstration data: fictional.")
    assert len(spec.estimate_ids) == 6


def test_a_withheld_pair_is_hatched_and_has_no_number(names):
    rows = estimates()
    hidden = rows["item"].eq("hope") & rows["term"].eq("ties")
    rows.loc[hidden, "value"] = np.nan
    spec = grid(rows.assign(suppressed=hidden), names)
    ax = spec.draw().axes[0]
    assert "31" not in [text.get_text() for text in ax.texts]
    assert [bool(box.get_hatch()) for box in boxes(ax)].count(True) == 1
    assert "Hatched: withheld." in spec.caption
    assert "1 pair withheld." in spec.alt


def test_only_the_codes_met_most_often_are_in_the_grid(labels):
    codes = [f"c{i:02}" for i in range(20)]
    shares = {code: 0.9 - i / 50 for i, code in enumerate(codes)}
    pairs = {(one, other): 0.1 for i, one in enumerate(codes) for other in codes[i + 1 :]}
    spec = grid(estimates(shares, pairs), labels())
    assert spec.caption.startswith("The 15 codes met most often, of 20.")
    assert len(boxes(spec.draw().axes[0])) == 15 * 14 / 2


@pytest.mark.parametrize("codes", [["hope", "ties"], ["hope"]])
def test_two_codes_need_no_grid(codes, names):
    rows = estimates({code: SHARES[code] for code in codes}, {("hope", "ties"): 0.3} if len(codes) > 1 else {})
    assert "codes-together" not in [one.name for one in figures(rows, names)]


def test_all_withheld_no_figure(names):
    rows = estimates().assign(value=np.nan, suppressed=True)
    assert figures(rows, names) == []
