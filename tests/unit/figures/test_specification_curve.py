"""The specification curve: what is drawn is what was released, in order, with the choices below."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_hex

from pipeline.figures.catalogue import figures
from pipeline.figures.specifications import OPEN
from pipeline.figures.style import MAIN
from pipeline.methods.results import Context, Ledger

KEYS = {"instrument": "survey", "wave": "w2", "reference": "w1", "contrast": "waves", "term": "r", "service": "all"}


def made(items=("hope",), fewest=("1", "10"), status="observed") -> pd.DataFrame:
    """Differences from -0.02 upwards in steps of a point, intervals of 6 points, and their summary."""
    ledger = Ledger(Context("s", status))
    for item in items:
        values = []
        for category in ("yes", "rather"):
            for denominator in ("answered", "asked"):
                for model in ("pooled", "within-services", "clustered"):
                    for at in fewest:
                        value = -0.02 + 0.01 * len(values)
                        values.append(value)
                        ledger.estimate(
                            "difference", value, item=item, category=category, denominator=denominator, model=model,
                            at=at, low=value - 0.03, high=value + 0.03, level=0.95, n=60, **KEYS,
                        )  # fmt: skip
        clear = sum(abs(value) > 0.03 for value in values)
        same = sum(value < 0 for value in values)
        counts = {"": len(values), "_distinct": len(values) - 4, "_same_sign": same, "_clear": clear}
        for name, number in counts.items():
            ledger.estimate(f"specifications{name}", number, item=item, category="yes", **KEYS)
    return ledger.results().estimates


def curve(frame, labels, name="specifications-r-hope"):
    return next(spec for spec in figures(frame, labels()) if spec.name == name)


def marked(ax) -> np.ndarray:
    found = [c.get_offsets() for c in ax.collections if isinstance(c, PathCollection) and c.get_sizes()[0] > 6]
    return np.vstack([np.asarray(one) for one in found if len(one)])


def test_estimates_stand_in_order_and_are_those_released(labels):
    figure = curve(made(), labels).draw()
    points = marked(figure.axes[0])
    ordered = points[points[:, 0].argsort()]
    assert ordered[:, 0].tolist() == list(range(24))
    assert ordered[:, 1] == pytest.approx(-0.02 + 0.01 * np.arange(24))


def test_intervals_that_exclude_0_have_another_colour(labels):
    above = curve(made(), labels).draw().axes[0]
    lines = {to_hex(c.get_colors()[0]): c.get_segments() for c in above.collections if isinstance(c, LineCollection)}
    assert all(low > 0 or high < 0 for (_, low), (_, high) in lines[MAIN])
    assert all(low <= 0 <= high for (_, low), (_, high) in lines[OPEN])
    assert len(lines[MAIN]) + len(lines[OPEN]) == 24


def test_each_specification_has_a_dot_for_each_choice(labels):
    panel = curve(made(), labels).draw().axes[1]
    places = marked(panel)
    assert [int((places[:, 0] == x).sum()) for x in range(24)] == [4] * 24
    words = [tick.get_text() for tick in panel.get_yticklabels()]
    assert words[0] == "Answer: “Yes”"
    assert "services under 10 answers" in words
    assert len(words) == 9


def test_choices_that_do_not_vary_have_no_row(labels):
    frame = made(fewest=("1",))
    panel = curve(frame, labels).draw().axes[1]
    assert not any("Left out" in tick.get_text() for tick in panel.get_yticklabels())
    only = frame[frame["denominator"].ne("asked")]
    assert "Shares are of those who answered." in curve(only, labels).caption


def test_what_is_withheld_is_counted_and_not_drawn(labels):
    frame = made()
    hidden = frame["model"].eq("clustered")
    frame.loc[hidden, ["value", "low", "high", "n"]] = np.nan
    spec = curve(frame.assign(suppressed=hidden, reason=np.where(hidden, "suppressed", "")), labels)
    above = spec.draw().axes[0]
    assert len(marked(above)) == 16
    assert "8 specifications not shown" in [text.get_text() for text in above.texts]
    assert "8 specifications not shown." in spec.alt


def test_the_declared_comparison_is_marked(labels):
    spec = curve(made(), labels)
    figure = spec.draw()
    entries = [text.get_text() for text in figure.legends[0].get_texts()]
    assert entries == ["Interval excludes 0", "Interval holds 0", "As declared"]
    assert [patch.get_x() for patch in figure.axes[0].patches] == [-0.5]


def test_the_alternative_text_tells_number_range_and_sign(labels):
    alt = curve(made(), labels).alt
    assert "24 specifications: −2 to +21 points" in alt
    assert "Of 24 different values 21 positive, 2 negative. The interval excludes 0 in 19 of 24." in alt
    assert len(alt) <= 350


def test_several_items_have_an_overview_and_many_have_nothing_else(labels):
    few = [spec.name for spec in figures(made(("hope", "choice")), labels())]
    assert few == ["multiverse-r", "specifications-r-hope", "specifications-r-choice"]
    many = [spec.name for spec in figures(made([f"i{n}" for n in range(7)]), labels())]
    assert many == ["multiverse-r"]


def test_the_overview_has_the_declared_value_and_the_counts(labels):
    spec = curve(made(("hope", "choice")), labels, "multiverse-r")
    ax = spec.draw().axes[0]
    texts = [text.get_text() for text in ax.texts]
    assert texts.count("2 of 20") == 2
    assert texts.count("19 of 24") == 2
    large = [c for c in ax.collections if isinstance(c, PathCollection) and c.get_sizes()[0] > 20]
    assert np.vstack([c.get_offsets() for c in large]).tolist() == pytest.approx(np.array([[-0.02, 0], [-0.02, 1]]))
    assert (
        "(24 for each item): which answer counts, of whom, how services enter, which services are left out."
        in spec.caption
    )
    assert "one number by construction count once; Excludes 0: all intervals." in spec.caption


def test_the_overview_names_the_choices_that_vary(labels):
    frame = made(("hope", "choice"), fewest=("1",))
    only = frame[frame["category"].eq("yes") & frame["denominator"].ne("asked")]
    caption = curve(only, labels, "multiverse-r").caption
    assert "(3 for each item): how services enter." in caption
    one = only[only["model"].ne("clustered") & only["model"].ne("within-services")]
    assert "(1 for each item)." in curve(one, labels, "multiverse-r").caption


def test_one_number_under_several_models_counts_once_in_words(labels):
    frame = made(fewest=("1",))
    frame["value"] = frame["value"].where(frame["model"].eq("pooled") | frame["value"].isna())
    frame["value"] = frame["value"].ffill()
    frame.loc[frame["model"].eq("clustered"), "reason"] = "narrower than without clusters; a note"
    frame.loc[frame["model"].eq("pooled"), "reason"] = "a note"
    spec = curve(frame, labels)
    assert "12 specifications: " in spec.alt
    assert "Of 4 different values 3 positive, 1 negative." in spec.alt
    assert spec.caption.count("note.") == 1
    assert "Some intervals are narrower than without clusters." in spec.caption


def test_a_summary_that_is_withheld_is_no_number(labels):
    frame = made(("hope", "choice"))
    hidden = frame["statistic"].str.startswith("specifications") & frame["item"].eq("hope")
    frame.loc[hidden, "value"] = np.nan
    spec = curve(frame.assign(suppressed=hidden), labels, "multiverse-r")
    texts = [text.get_text() for text in spec.draw().axes[0].texts]
    assert texts.count("–") == 2
    assert "–: withheld" in spec.caption


def test_very_many_specifications_can_be_drawn(labels):
    figure = curve(made(fewest=tuple(str(n) for n in range(1, 13))), labels).draw()
    ax = figure.axes[0]
    assert sum(len(c.get_segments()) for c in ax.collections if isinstance(c, LineCollection)) == 144


def test_without_a_value_there_is_no_figure(labels):
    frame = made()
    frame[["value", "low", "high"]] = np.nan
    assert figures(frame.assign(suppressed=True), labels()) == []
    assert not [spec for spec in figures(made(), labels()) if spec.name.startswith("shares")]


def test_fictional_data_are_marked(labels):
    spec = curve(made(status="demonstration"), labels)
    assert "Demonstration data: fictional." in spec.caption
    assert any("Demonstration data" in text.get_text() for text in spec.draw().texts)


def test_without_the_declared_comparison_none_is_marked(labels):
    for name in ("specifications-r-hope", "multiverse-r"):
        figure = curve(made(("hope", "choice"), fewest=("5", "10")), labels, name).draw()
        assert "As declared" not in [text.get_text() for text in figure.legends[0].get_texts()]
        assert not figure.axes[0].patches
