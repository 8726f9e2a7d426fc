"""Two waves: dots that are not joined, and differences of linked persons."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PathCollection

from pipeline.figures.catalogue import figures

SHARES = {"hope": (0.3, 0.5), "skills": (0.45, 0.4)}


def dots(figure) -> list[tuple[float, float]]:
    found = [c for c in figure.axes[0].collections if isinstance(c, PathCollection)]
    return [tuple(np.round(point, 6)) for c in found for point in c.get_offsets()]


def texts(figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts if text.get_text()]


def named(specs, name):
    return next(spec for spec in specs if spec.name == name)


def test_each_item_has_two_dots_at_its_shares_and_no_line_joins_them(two_rounds, labels):
    figure = named(figures(two_rounds(SHARES), labels()), "shares-two-rounds").draw()
    assert sorted(x for x, _ in dots(figure)) == [0.3, 0.4, 0.45, 0.5]
    assert len({y for _, y in dots(figure)}) == 4
    assert not [line for line in figure.axes[0].lines if len(set(line.get_ydata())) > 1]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["W1", "W2"]


def test_intervals_come_from_low_and_high(two_rounds, labels):
    frame = two_rounds({"hope": (0.3, 0.5)})
    frame.loc[frame["wave"].eq("w1") & frame["statistic"].eq("share"), ["low", "high"]] = [0.21, 0.44]
    figure = named(figures(frame, labels()), "shares-two-rounds").draw()
    lines = [c for c in figure.axes[0].collections if not isinstance(c, PathCollection)]
    assert lines[0].get_segments()[0][:, 0].tolist() == [0.21, 0.44]


def test_differences_and_counts_stand_beside_the_rows(two_rounds, labels):
    printed = texts(named(figures(two_rounds(SHARES), labels()), "shares-two-rounds").draw())
    assert "+20 (0 to +40)" in printed
    assert "−5 (−25 to +15)" in printed
    assert printed.count("40 | 40") == 2


def test_a_withheld_wave_is_a_word_and_no_dot(two_rounds, labels):
    frame = two_rounds(SHARES)
    hidden = frame["item"].eq("hope") & frame["wave"].eq("w1")
    hidden |= frame["item"].eq("hope") & frame["statistic"].eq("difference")
    frame.loc[hidden, ["value", "low", "high"]] = np.nan
    figure = named(figures(frame.assign(suppressed=hidden), labels()), "shares-two-rounds").draw()
    assert len(dots(figure)) == 3
    assert texts(figure).count("withheld") == 2


def test_the_caption_says_what_the_rows_assume(two_rounds, labels):
    spec = named(figures(two_rounds(SHARES), labels()), "shares-two-rounds")
    assert "Sensitivity: assumes that nobody is in both groups." in spec.caption
    assert "not linked by person" in spec.caption


def test_linked_rounds_are_differences_around_zero(two_rounds, labels):
    specs = figures(two_rounds(SHARES, linked=True), labels())
    assert not [spec for spec in specs if spec.name.startswith("shares-")]
    figure = named(specs, "change-two-rounds").draw()
    assert dots(figure) == [(0.2, 0.0), (-0.05, 1.0)]
    low, high = figure.axes[0].get_xlim()
    assert low == pytest.approx(-high)
    assert "0.044" in texts(figure)


def test_the_alt_text_has_the_ranges_and_what_excludes_zero(two_rounds, labels):
    frame = two_rounds({"hope": (0.2, 0.6), "skills": (0.45, 0.4)})
    alt = named(figures(frame, labels()), "shares-two-rounds").alt
    assert "W1 (n = 40) 20% to 45%; W2 (n = 40) 40% to 60%" in alt
    assert "Differences: −5 to +40 percentage points." in alt
    assert "Interval excludes 0: Hope." in alt
    assert "p below 0.05 after Holm adjustment: 2 of 2." in alt
    spread = frame.assign(p_adjusted=frame["p_adjusted"] * 2)
    assert "Holm adjustment: none of 2." in named(figures(spread, labels()), "shares-two-rounds").alt


def test_unidentified_shares_feed_no_figure(two_rounds, labels):
    frame = two_rounds(SHARES, status="reconstructed").assign(identified="no")
    assert figures(frame, labels()) == []


def test_comparisons_of_one_family_have_a_figure_each(two_rounds, labels):
    frame = two_rounds(SHARES)
    other = frame.assign(instrument="other", estimate_id=frame["estimate_id"].str.replace("survey", "other"))
    names = [spec.name for spec in figures(pd.concat([frame, other]), labels()) if spec.name.startswith("shares")]
    assert names == ["shares-two-rounds-survey", "shares-two-rounds-other"]


def test_partly_linked_rounds_show_shares_and_say_so(two_rounds, labels):
    frame = two_rounds(SHARES)
    frame.loc[frame["statistic"].eq("difference"), "model"] = "partly-linked"
    spec = named(figures(frame, labels()), "shares-two-rounds")
    assert "Part of the persons answered both rounds" in spec.caption
    assert "rounds partly linked" in spec.alt


def test_the_adjustment_is_named_as_the_method_names_it(two_rounds, labels):
    frame = two_rounds(SHARES, linked=True)
    for source, words in (("Holm (1979)", "p (Holm)"), ("Benjamini and Hochberg (1995)", "p (Benjamini-Hochberg)")):
        spec = named(figures(frame.assign(method=source), labels()), "change-two-rounds")
        assert words in texts(spec.draw())


def test_differences_of_other_models_make_no_figure(two_rounds, labels):
    frame = two_rounds(SHARES)
    frame.loc[frame["statistic"].eq("difference"), "model"] = "gee"
    assert not [spec for spec in figures(frame, labels()) if spec.name.startswith(("shares", "change"))]
